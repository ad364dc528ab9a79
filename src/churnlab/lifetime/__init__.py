"""How long clients stay: the monthly hazard of leaving, counted and regressed. NumPy and SciPy only.

Reading order: :mod:`survival` (the hazard counted: table, Kaplan-Meier, restricted mean),
:mod:`hazard` (the hazard regressed: complementary log-log on person-months), :mod:`firth` (where few left),
:mod:`pooling` (groups drawn together), :mod:`tenure` (a level for every month, for many clients), :mod:`frailty`
(clients who differ unseen), :mod:`remaining` (months that clients will still stay).
"""

from churnlab.lifetime.firth import fit_firth, profile_interval
from churnlab.lifetime.frailty import Frailty, gamma_frailty
from churnlab.lifetime.hazard import HazardFit, fit_hazard
from churnlab.lifetime.pooling import PooledHazard, fit_pooled
from churnlab.lifetime.remaining import RemainingLifetime, remaining_lifetime
from churnlab.lifetime.survival import (
    Estimate,
    HazardTable,
    SurvivalCurve,
    hazard_table,
    kaplan_meier,
    median_lifetime,
    restricted_mean,
)
from churnlab.lifetime.tenure import TenureHazard, fit_tenure_hazard

__all__ = [
    "Estimate",
    "Frailty",
    "HazardFit",
    "HazardTable",
    "PooledHazard",
    "RemainingLifetime",
    "SurvivalCurve",
    "TenureHazard",
    "fit_firth",
    "fit_hazard",
    "fit_pooled",
    "fit_tenure_hazard",
    "gamma_frailty",
    "hazard_table",
    "kaplan_meier",
    "median_lifetime",
    "profile_interval",
    "remaining_lifetime",
    "restricted_mean",
]
