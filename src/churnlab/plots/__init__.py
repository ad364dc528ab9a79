"""One result on one Axes, drawn in the house style; nothing is computed here.

Reading order: :mod:`style` (colours, type, blank axes), :mod:`charts` (one function a result).
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
from churnlab.plots.style import PALETTE, blank_axes

__all__ = [
    "PALETTE",
    "blank_axes",
    "break_even_map",
    "calibration",
    "client_risks",
    "differences",
    "net_promoter",
    "purchases_by_month",
    "retention",
    "survival",
]
