"""Orders alone: buy-till-you-die models, a second opinion beside the hazard. NumPy and SciPy only.

Reading order: :mod:`records` (frequency, recency, age), :mod:`fitting` (exact slopes, priors), :mod:`result` (what a
fit is, and its verdict), :mod:`nobody_leaves` (the mark), then a model a file: :mod:`beta_geometric`,
:mod:`pareto_nbd`, :mod:`beta_bernoulli`, :mod:`sbg` (contracts), :mod:`gamma_gamma` (amounts). Then :mod:`forecast`
(what clients will do, with intervals) and :mod:`scorecard` (forecasts of orders against what came, whoever made
them).
"""

from churnlab.lifetime.purchase.beta_bernoulli import fit_bg_bb
from churnlab.lifetime.purchase.beta_geometric import fit_bg_nbd, fit_mbg_cnbd, fit_mbg_nbd
from churnlab.lifetime.purchase.chances import (
    ClientFigure,
    RemainingLife,
    chance_alive,
    chance_silent,
    discounted_orders,
    remaining_life,
)
from churnlab.lifetime.purchase.fitting import LEAST_GAIN, PRIOR_SPREAD
from churnlab.lifetime.purchase.forecast import Outlook, Total, expected_orders, expected_value
from churnlab.lifetime.purchase.gamma_gamma import SpendFit, fit_gamma_gamma
from churnlab.lifetime.purchase.pareto_nbd import fit_pareto_nbd
from churnlab.lifetime.purchase.records import PurchaseHistory, purchase_history
from churnlab.lifetime.purchase.result import PurchaseFit
from churnlab.lifetime.purchase.sbg import ContractFit, fit_sbg, residual_periods, survival_of
from churnlab.lifetime.purchase.scorecard import (
    MEASURES,
    NAIVE,
    HeldOut,
    Rule,
    Score,
    Scorecard,
    by_model,
    hold_out,
    scorecard,
)

__all__ = [
    "LEAST_GAIN",
    "MEASURES",
    "NAIVE",
    "PRIOR_SPREAD",
    "ClientFigure",
    "ContractFit",
    "HeldOut",
    "Outlook",
    "PurchaseFit",
    "PurchaseHistory",
    "RemainingLife",
    "Rule",
    "Score",
    "Scorecard",
    "SpendFit",
    "Total",
    "by_model",
    "chance_alive",
    "chance_silent",
    "discounted_orders",
    "expected_orders",
    "expected_value",
    "fit_bg_bb",
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_mbg_cnbd",
    "fit_mbg_nbd",
    "fit_pareto_nbd",
    "fit_sbg",
    "hold_out",
    "purchase_history",
    "remaining_life",
    "residual_periods",
    "scorecard",
    "survival_of",
]
