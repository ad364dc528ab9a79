"""How long clients stay: the monthly hazard of leaving, counted and regressed. NumPy and SciPy only.

Reading order: :mod:`survival` (the hazard counted: table, Kaplan-Meier, restricted mean),
:mod:`hazard` (the hazard regressed: complementary log-log on person-months).
"""

from churnlab.lifetime.hazard import HazardFit, fit_hazard
from churnlab.lifetime.survival import (
    Estimate,
    HazardTable,
    SurvivalCurve,
    hazard_table,
    kaplan_meier,
    median_lifetime,
    restricted_mean,
)

__all__ = [
    "Estimate",
    "HazardFit",
    "HazardTable",
    "SurvivalCurve",
    "fit_hazard",
    "hazard_table",
    "kaplan_meier",
    "median_lifetime",
    "restricted_mean",
]
