"""Who is likely to leave within a horizon, and how far such forecasts can be trusted.

Reading order: :mod:`columns` (what a model sees), :mod:`models` (the naive rules and the hazard's prediction
specification), :mod:`boosting` (trees that rank), :mod:`backtest` (forecasts on rolling origins), :mod:`statistics`,
:mod:`resampling` and :mod:`scores` (how good they were), :mod:`ranking` and :mod:`profit` (what they are good for at
the managers' capacity), :mod:`support` (what a base bears),
:mod:`survey_gain` (whether surveys add to orders), :mod:`random_split` (what would have flattered),
:mod:`reasons` (why a client's risk is what it is), :mod:`grading` (an earlier run against what came), :mod:`effect`
(the hazard's effect specification, which scenarios inherit) on :mod:`panel` (quarters of observed time) and
:mod:`calibration` (what clients think, told from noisy answers), :mod:`care` (why calls and discounts fool),
:mod:`targets` (silence in the own rhythm, and shrinking), :mod:`next_order` (no order within a horizon, from a log of
orders alone).
"""

from churnlab.risk.backtest import Backtest, Fitted, Plan, backtest, fit_known, fit_model
from churnlab.risk.boosting import BOOSTING, BoostedModel, BoostedRisk, fit_boosting
from churnlab.risk.calibration import Calibration
from churnlab.risk.care import CareEffect, care_effect, care_effects
from churnlab.risk.effect import Effect, fit_effect
from churnlab.risk.grading import Grading, grade_earlier
from churnlab.risk.models import BASE_RATE, HAZARD, MODELS, OWN_GAP, RECENCY, ModelSpec, RiskModel, fit_risk
from churnlab.risk.next_order import (
    NEXT_ORDER,
    ORDER_MODELS,
    ORDERS_BASE_RATE,
    ORDERS_OWN_GAP,
    ORDERS_RECENCY,
    OrderHazard,
    fit_next_order,
)
from churnlab.risk.profit import (
    Acting,
    MaximumProfit,
    expected_maximum_profit,
    expected_maximum_profit_by_value,
    profit_of_contact,
)
from churnlab.risk.random_split import Flattery, flattery, random_split
from churnlab.risk.ranking import Capacity, LeadTimes, Stability, lead_times, listed, ranking_stability
from churnlab.risk.reasons import Reasons, reasons, steady_signs, sure_signs, what_changed
from churnlab.risk.scores import Scorecard, calibration_bins, choose, difference, scorecard
from churnlab.risk.support import Need, Support, clients_needed, expected_r_squared, fewer_terms, support
from churnlab.risk.survey_gain import SURVEY_MODELS, SurveyGain, do_surveys_add, survey_gain
from churnlab.risk.targets import Quiet, Shrinking, Target, backtest_target, fit_labelled

__all__ = [
    "BASE_RATE",
    "BOOSTING",
    "HAZARD",
    "MODELS",
    "NEXT_ORDER",
    "ORDERS_BASE_RATE",
    "ORDERS_OWN_GAP",
    "ORDERS_RECENCY",
    "ORDER_MODELS",
    "OWN_GAP",
    "RECENCY",
    "SURVEY_MODELS",
    "Acting",
    "Backtest",
    "BoostedModel",
    "BoostedRisk",
    "Calibration",
    "Capacity",
    "CareEffect",
    "Effect",
    "Fitted",
    "Flattery",
    "Grading",
    "LeadTimes",
    "MaximumProfit",
    "ModelSpec",
    "Need",
    "OrderHazard",
    "Plan",
    "Quiet",
    "Reasons",
    "RiskModel",
    "Scorecard",
    "Shrinking",
    "Stability",
    "Support",
    "SurveyGain",
    "Target",
    "backtest",
    "backtest_target",
    "calibration_bins",
    "care_effect",
    "care_effects",
    "choose",
    "clients_needed",
    "difference",
    "do_surveys_add",
    "expected_maximum_profit",
    "expected_maximum_profit_by_value",
    "expected_r_squared",
    "fewer_terms",
    "fit_boosting",
    "fit_effect",
    "fit_known",
    "fit_labelled",
    "fit_model",
    "fit_next_order",
    "fit_risk",
    "flattery",
    "grade_earlier",
    "lead_times",
    "listed",
    "profit_of_contact",
    "random_split",
    "ranking_stability",
    "reasons",
    "scorecard",
    "steady_signs",
    "support",
    "sure_signs",
    "survey_gain",
    "what_changed",
]
