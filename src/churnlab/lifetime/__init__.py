"""How long clients stay: the monthly hazard of leaving, counted and regressed. NumPy and SciPy only.

Reading order: :mod:`survival` (the hazard counted: table, Kaplan-Meier, restricted mean), :mod:`hazard` (the hazard
regressed: complementary log-log on person-months), :mod:`purchase` (a second opinion from orders alone:
buy-till-you-die models).
"""

from churnlab.lifetime.hazard import HazardFit, fit_hazard
from churnlab.lifetime.purchase import (
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_cnbd,
    fit_mbg_nbd,
    fit_pareto_nbd,
    fit_sbg,
)
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
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_hazard",
    "fit_mbg_cnbd",
    "fit_mbg_nbd",
    "fit_pareto_nbd",
    "fit_sbg",
    "hazard_table",
    "kaplan_meier",
    "median_lifetime",
    "restricted_mean",
]
