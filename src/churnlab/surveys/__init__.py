"""What the surveys say, and how sure that is. NumPy and SciPy only.

Reading order: :mod:`nps` (the net promoter index and its interval), :mod:`comparison` (two means of answers),
:mod:`correlation` (rank correlation), :mod:`drivers` (which factor goes with recommendation, or with staying),
:mod:`verdicts` (which factor weighs more than which), :mod:`performance` (importance against performance). Under the
drivers lie :mod:`importance` (shares of what is explained), :mod:`latent` (correlations behind answers with steps),
:mod:`resampling` (draws of clients) and :mod:`studentised` (intervals from them).
"""

from churnlab.surveys.comparison import Comparison, compare
from churnlab.surveys.correlation import RankCorrelation, clustered_rank_correlation, rank_correlation
from churnlab.surveys.drivers import Drivers, drivers
from churnlab.surveys.importance import explained_by_subsets, lmg, relative_weights
from churnlab.surveys.nps import NetPromoter, nps, promoter_classes
from churnlab.surveys.performance import PerformanceMap, performance_map
from churnlab.surveys.verdicts import Against, Order, against, order

__all__ = [
    "Against",
    "Comparison",
    "Drivers",
    "NetPromoter",
    "Order",
    "PerformanceMap",
    "RankCorrelation",
    "against",
    "clustered_rank_correlation",
    "compare",
    "drivers",
    "explained_by_subsets",
    "lmg",
    "nps",
    "order",
    "performance_map",
    "promoter_classes",
    "rank_correlation",
    "relative_weights",
]
