"""What the surveys say, and how sure that is. NumPy and SciPy only.

Reading order: :mod:`limits` (ends of an index's interval from counts), :mod:`nps` (the net promoter index),
:mod:`weighting` (the index over answers that come in clients, or count by revenue), :mod:`movement` (how far it
moved), :mod:`comparison` (two means of answers), :mod:`correlation` (rank correlation).
"""

from churnlab.surveys.comparison import Comparison, compare
from churnlab.surveys.correlation import RankCorrelation, rank_correlation
from churnlab.surveys.limits import IndexLimits, index_limits
from churnlab.surveys.movement import IndexChange, index_change, index_change_of_counts
from churnlab.surveys.nps import NetPromoter, nps, promoter_classes, votes
from churnlab.surveys.weighting import clustered_nps, weighted_nps

__all__ = [
    "Comparison",
    "IndexChange",
    "IndexLimits",
    "NetPromoter",
    "RankCorrelation",
    "clustered_nps",
    "compare",
    "index_change",
    "index_change_of_counts",
    "index_limits",
    "nps",
    "promoter_classes",
    "rank_correlation",
    "votes",
    "weighted_nps",
]
