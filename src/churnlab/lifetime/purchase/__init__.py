"""Orders alone: buy-till-you-die models, a second opinion beside the hazard. NumPy and SciPy only.

Reading order: :mod:`records` (frequency, recency, age), :mod:`fitting` (exact slopes, priors), :mod:`result` (what a fit is,
and its verdict), :mod:`nobody_leaves` (the mark), then a model a file: :mod:`beta_geometric`, :mod:`pareto_nbd`,
:mod:`beta_bernoulli`, :mod:`sbg` (contracts), :mod:`gamma_gamma` (amounts).
"""

from churnlab.lifetime.purchase.beta_bernoulli import fit_bg_bb
from churnlab.lifetime.purchase.beta_geometric import fit_bg_nbd, fit_mbg_cnbd, fit_mbg_nbd
from churnlab.lifetime.purchase.fitting import LEAST_GAIN, PRIOR_SPREAD
from churnlab.lifetime.purchase.gamma_gamma import SpendFit, fit_gamma_gamma
from churnlab.lifetime.purchase.pareto_nbd import fit_pareto_nbd
from churnlab.lifetime.purchase.records import PurchaseHistory, purchase_history
from churnlab.lifetime.purchase.result import PurchaseFit
from churnlab.lifetime.purchase.sbg import ContractFit, fit_sbg, residual_periods, survival_of

__all__ = [
    "LEAST_GAIN",
    "PRIOR_SPREAD",
    "ContractFit",
    "PurchaseFit",
    "PurchaseHistory",
    "SpendFit",
    "fit_bg_bb",
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_mbg_cnbd",
    "fit_mbg_nbd",
    "fit_pareto_nbd",
    "fit_sbg",
    "purchase_history",
    "residual_periods",
    "survival_of",
]
