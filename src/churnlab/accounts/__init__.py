"""On whom we depend: how sales lie among clients, who is key, what their leaving would cost. NumPy and SciPy only.

Reading order: :mod:`concentration` (shares, Herfindahl, Lorenz, Gini), :mod:`bands` (what shares are called, and how
far the next line is), :mod:`marks` (key clients), :mod:`dependency` (losses as a distribution), :mod:`replacing` (new
business), :mod:`cascade` (a purchase discount lost), :mod:`shrinkage` (managers' figures drawn together),
:mod:`holding_back` (orders moved over the end of the month), :mod:`assumed` (what data cannot tell).
"""

from churnlab.accounts.assumed import LEDGER
from churnlab.accounts.bands import BANDS, Band, confirmed, reached, to_reach, to_widen
from churnlab.accounts.cascade import Discount, LostDiscount, lost_discount
from churnlab.accounts.concentration import Concentration, concentration
from churnlab.accounts.dependency import (
    LossDistribution,
    error_of,
    independent_spread,
    large_book_quantile,
    loss_distribution,
)
from churnlab.accounts.holding_back import HeldBack, held_back
from churnlab.accounts.marks import Attention, attention, claims_beyond_chance, first_takers, potential
from churnlab.accounts.replacing import NewBusiness, new_business
from churnlab.accounts.shrinkage import Shrunk, shrunk_means, shrunk_rates

__all__ = [
    "BANDS",
    "LEDGER",
    "Attention",
    "Band",
    "Concentration",
    "Discount",
    "HeldBack",
    "LossDistribution",
    "LostDiscount",
    "NewBusiness",
    "Shrunk",
    "attention",
    "claims_beyond_chance",
    "concentration",
    "confirmed",
    "error_of",
    "first_takers",
    "held_back",
    "independent_spread",
    "large_book_quantile",
    "loss_distribution",
    "lost_discount",
    "new_business",
    "potential",
    "reached",
    "shrunk_means",
    "shrunk_rates",
    "to_reach",
    "to_widen",
]
