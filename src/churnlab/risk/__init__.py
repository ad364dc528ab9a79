"""Who is likely to leave within a horizon, and how far such forecasts can be trusted.

Reading order: :mod:`columns` (what a model sees), :mod:`models` (the naive rules and the hazard's prediction
specification), :mod:`backtest` (forecasts on rolling origins), :mod:`scores` (how good they were), :mod:`effect`
(the hazard's effect specification, which scenarios inherit).
"""

from churnlab.risk.backtest import Backtest, backtest
from churnlab.risk.effect import Effect, fit_effect
from churnlab.risk.models import BASE_RATE, HAZARD, MODELS, RECENCY, ModelSpec, RiskModel, fit_risk
from churnlab.risk.profit import (
    Acting,
    MaximumProfit,
    expected_maximum_profit,
    expected_maximum_profit_by_value,
    profit_of_contact,
    profit_of_list,
)
from churnlab.risk.scores import Scorecard, calibration_bins, choose, scorecard
from churnlab.risk.support import Need, Support, clients_needed, expected_r_squared, fewer_terms, support

__all__ = [
    "BASE_RATE",
    "HAZARD",
    "MODELS",
    "RECENCY",
    "Acting",
    "Backtest",
    "Effect",
    "MaximumProfit",
    "ModelSpec",
    "Need",
    "RiskModel",
    "Scorecard",
    "Support",
    "backtest",
    "calibration_bins",
    "choose",
    "clients_needed",
    "expected_maximum_profit",
    "expected_maximum_profit_by_value",
    "expected_r_squared",
    "fewer_terms",
    "fit_effect",
    "fit_risk",
    "profit_of_contact",
    "profit_of_list",
    "scorecard",
    "support",
]
