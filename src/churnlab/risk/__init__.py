"""Who is likely to leave within a horizon, and how far such forecasts can be trusted.

Reading order: :mod:`columns` (what a model sees), :mod:`models` (the naive rules and the hazard's prediction
specification), :mod:`backtest` (forecasts on rolling origins), :mod:`scores` (how good they were), :mod:`effect`
(the hazard's effect specification, which scenarios inherit) on :mod:`panel` (quarters of observed time) and
:mod:`calibration` (what clients think, told from noisy answers), :mod:`care` (why calls and discounts fool).
"""

from churnlab.risk.backtest import Backtest, backtest
from churnlab.risk.calibration import Calibration
from churnlab.risk.care import CareEffect, care_effect, care_effects
from churnlab.risk.effect import Effect, fit_effect
from churnlab.risk.models import BASE_RATE, HAZARD, MODELS, RECENCY, ModelSpec, RiskModel, fit_risk
from churnlab.risk.scores import Scorecard, calibration_bins, choose, scorecard

__all__ = [
    "BASE_RATE",
    "HAZARD",
    "MODELS",
    "RECENCY",
    "Backtest",
    "Calibration",
    "CareEffect",
    "Effect",
    "ModelSpec",
    "RiskModel",
    "Scorecard",
    "backtest",
    "calibration_bins",
    "care_effect",
    "care_effects",
    "choose",
    "fit_effect",
    "fit_risk",
    "scorecard",
]
