"""One result on one Axes, drawn in the house style; nothing is computed here.

Reading order: :mod:`style` (colours, type, blank axes, rows of intervals), :mod:`charts`, :mod:`listening`,
:mod:`factors`, :mod:`risk`, :mod:`lifetime`, :mod:`worth`, :mod:`demand`, :mod:`dependence`, :mod:`scenario`,
:mod:`winback` (one function a result).
"""

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
from churnlab.plots.dependence import attention_scores, largest_shares, shares_over_time
from churnlab.plots.factors import factor_shares, importance_map, reliabilities
from churnlab.plots.lifetime import brier_by_month, leaving_by_reason, survival_and_tail, tenure_bands
from churnlab.plots.listening import answers_over_time, index_rows, response_shares, weighted_rows
from churnlab.plots.risk import model_skills, score_parts, survey_gains
from churnlab.plots.scenario import variance_owners, waterfall
from churnlab.plots.style import PALETTE, blank_axes, row_axes
from churnlab.plots.winback import limits, return_rates, still_away
from churnlab.plots.worth import client_values, demand_record, two_values, value_parts

__all__ = [
    "PALETTE",
    "answers_over_time",
    "attention_scores",
    "blank_axes",
    "break_even_map",
    "brier_by_month",
    "calibration",
    "client_risks",
    "client_values",
    "demand_record",
    "differences",
    "errors_corrected",
    "expected_and_seen",
    "factor_shares",
    "importance_map",
    "index_rows",
    "largest_shares",
    "leaving_by_reason",
    "limits",
    "model_skills",
    "net_promoter",
    "plan_history",
    "purchases_by_month",
    "reliabilities",
    "response_shares",
    "retention",
    "return_rates",
    "row_axes",
    "score_parts",
    "shares_over_time",
    "still_away",
    "survey_gains",
    "survival",
    "survival_and_tail",
    "tenure_bands",
    "two_values",
    "value_parts",
    "variance_owners",
    "waterfall",
    "weighted_rows",
]
