"""Who is likely to leave within a horizon, and how far such forecasts can be trusted.

Reading order: :mod:`columns` (what a model sees), :mod:`models` (the naive rules and the hazard's prediction
specification), :mod:`backtest` (forecasts on rolling origins), :mod:`scores` (how good they were), :mod:`effect`
(the hazard's effect specification, which scenarios inherit).
"""

from churnlab.risk.backtest import Backtest, backtest
from churnlab.risk.effect import Effect, fit_effect
from churnlab.risk.models import BASE_RATE, HAZARD, MODELS, RECENCY, ModelSpec, RiskModel, fit_risk
from churnlab.risk.scores import Scorecard, calibration_bins, choose, scorecard

__all__ = [
    "BASE_RATE",
    "HAZARD",
    "MODELS",
    "RECENCY",
    "Backtest",
    "Effect",
    "ModelSpec",
    "RiskModel",
    "Scorecard",
    "backtest",
    "calibration_bins",
    "choose",
    "fit_effect",
    "fit_risk",
    "scorecard",
]
