"""One result on one Axes, drawn in the house style; nothing is computed here.

Reading order: :mod:`style` (colours, type, blank axes, rows of intervals), :mod:`charts`, :mod:`listening`,
:mod:`factors`, :mod:`worth`, :mod:`dependence`, :mod:`winback` (one function a result).
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
from churnlab.plots.dependence import attention_scores, largest_shares, shares_over_time
from churnlab.plots.factors import factor_shares, importance_map, reasons_given, reliabilities
from churnlab.plots.listening import factor_correlations
from churnlab.plots.style import PALETTE, blank_axes
from churnlab.plots.winback import limits, return_rates, still_away
from churnlab.plots.worth import client_values, demand_record

__all__ = [
    "PALETTE",
    "attention_scores",
    "blank_axes",
    "break_even_map",
    "calibration",
    "client_risks",
    "client_values",
    "demand_record",
    "differences",
    "factor_correlations",
    "factor_shares",
    "importance_map",
    "largest_shares",
    "limits",
    "net_promoter",
    "purchases_by_month",
    "reasons_given",
    "reliabilities",
    "retention",
    "return_rates",
    "shares_over_time",
    "still_away",
    "survival",
]
