"""One result on one Axes, drawn in the house style; nothing is computed here.

Reading order: :mod:`style` (colours, type, blank axes, rows of intervals), :mod:`charts`, :mod:`listening`,
:mod:`factors`, :mod:`risk`, :mod:`lifetime`, :mod:`worth`, :mod:`calls`, :mod:`demand`, :mod:`dependence`,
:mod:`scenario`, :mod:`winback`, :mod:`history` (one function a result).
"""

from churnlab.plots.calls import risk_and_loss
from churnlab.plots.charts import (
    break_even_map,
    calibration,
    client_risks,
    differences,
    net_promoter,
    purchases_by_month,
    retention,
    survival,
)
from churnlab.plots.demand import errors_corrected, expected_and_seen, plan_history
from churnlab.plots.dependence import largest_shares, lorenz, loss_distribution, shares_over_time, shrunk_scores
from churnlab.plots.factors import factor_shares, importance_map, reliabilities
from churnlab.plots.history import client_history
from churnlab.plots.lifetime import brier_by_month, leaving_by_reason, survival_and_tail, tenure_bands
from churnlab.plots.listening import answers_over_time, index_rows, response_shares, weighted_rows
from churnlab.plots.risk import model_skills, score_parts, survey_gains
from churnlab.plots.scenario import tornado, variance_owners, waterfall
from churnlab.plots.style import PALETTE, blank_axes, row_axes
from churnlab.plots.winback import deal_swings, limits, offers_left, return_rates, still_away
from churnlab.plots.worth import client_values, two_values, value_parts

__all__ = [
    "PALETTE",
    "answers_over_time",
    "blank_axes",
    "break_even_map",
    "brier_by_month",
    "calibration",
    "client_history",
    "client_risks",
    "client_values",
    "deal_swings",
    "differences",
    "errors_corrected",
    "expected_and_seen",
    "factor_shares",
    "importance_map",
    "index_rows",
    "largest_shares",
    "leaving_by_reason",
    "limits",
    "lorenz",
    "loss_distribution",
    "model_skills",
    "net_promoter",
    "offers_left",
    "plan_history",
    "purchases_by_month",
    "reliabilities",
    "response_shares",
    "retention",
    "return_rates",
    "risk_and_loss",
    "row_axes",
    "score_parts",
    "shares_over_time",
    "shrunk_scores",
    "still_away",
    "survey_gains",
    "survival",
    "survival_and_tail",
    "tenure_bands",
    "tornado",
    "two_values",
    "value_parts",
    "variance_owners",
    "waterfall",
    "weighted_rows",
]
