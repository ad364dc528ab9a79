"""How long clients stay: the monthly hazard of leaving, counted and regressed. NumPy and SciPy only.

Reading order: :mod:`counting` (the one risk set, with late entry), :mod:`survival` (Kaplan-Meier, Nelson-Aalen,
median), :mod:`restricted` (mean within a horizon, difference of two), :mod:`tenure` (hazard by bands),
:mod:`reasons` (leaving by reason), :mod:`groups` (log-rank), :mod:`tail` (beyond what was seen, where asked);
:mod:`hazard` (the hazard regressed: complementary log-log on person-months), :mod:`firth` (where few left),
:mod:`pooling` (groups drawn together), :mod:`proportional` (a level for every month, for many clients), :mod:`frailty`
(clients who differ unseen), :mod:`remaining` (months that clients will still stay); how forecasts are judged:
:mod:`watched` (weights for outcomes that were seen), :mod:`brier`, :mod:`ranking`, :mod:`calibration`. The second
opinion from orders alone: :mod:`purchase`. What data cannot tell: :mod:`assumed`.
"""

from churnlab.lifetime.brier import BrierScore, integrated_brier
from churnlab.lifetime.calibration import Calibration, a_calibration, d_calibration
from churnlab.lifetime.counting import MINIMUM_AT_RISK, Estimate, HazardTable, Spans, hazard_table
from churnlab.lifetime.firth import fit_firth, profile_interval
from churnlab.lifetime.frailty import Frailty, gamma_frailty
from churnlab.lifetime.groups import LogRank, log_rank
from churnlab.lifetime.hazard import HazardFit, fit_hazard
from churnlab.lifetime.pooling import PooledHazard, fit_pooled, group_spread
from churnlab.lifetime.proportional import TenureHazard, fit_tenure_hazard
from churnlab.lifetime.purchase import (
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_cnbd,
    fit_mbg_nbd,
    fit_pareto_nbd,
    fit_sbg,
)
from churnlab.lifetime.ranking import concordance, time_dependent_auc
from churnlab.lifetime.reasons import Incidence, cumulative_incidence
from churnlab.lifetime.remaining import RemainingLifetime, remaining_lifetime
from churnlab.lifetime.restricted import restricted_mean, restricted_mean_difference
from churnlab.lifetime.survival import (
    CumulativeHazard,
    SurvivalCurve,
    kaplan_meier,
    median_lifetime,
    nelson_aalen,
    survival_at,
)
from churnlab.lifetime.tail import Tail, weibull_tail
from churnlab.lifetime.tenure import TenureBands, hazard_by_tenure

__all__ = [
    "MINIMUM_AT_RISK",
    "BrierScore",
    "Calibration",
    "CumulativeHazard",
    "Estimate",
    "Frailty",
    "HazardFit",
    "HazardTable",
    "Incidence",
    "LogRank",
    "PooledHazard",
    "RemainingLifetime",
    "Spans",
    "SurvivalCurve",
    "Tail",
    "TenureBands",
    "TenureHazard",
    "a_calibration",
    "concordance",
    "cumulative_incidence",
    "d_calibration",
    "fit_bg_nbd",
    "fit_firth",
    "fit_gamma_gamma",
    "fit_hazard",
    "fit_mbg_cnbd",
    "fit_mbg_nbd",
    "fit_pareto_nbd",
    "fit_pooled",
    "fit_sbg",
    "fit_tenure_hazard",
    "gamma_frailty",
    "group_spread",
    "hazard_by_tenure",
    "hazard_table",
    "integrated_brier",
    "kaplan_meier",
    "log_rank",
    "median_lifetime",
    "nelson_aalen",
    "profile_interval",
    "remaining_lifetime",
    "restricted_mean",
    "restricted_mean_difference",
    "survival_at",
    "time_dependent_auc",
    "weibull_tail",
]
