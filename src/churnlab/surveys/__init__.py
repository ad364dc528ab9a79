"""What the surveys say, and how sure that is. NumPy and SciPy only.

Reading order: :mod:`nps` (the net promoter index and its interval), :mod:`comparison` (two means of answers),
:mod:`correlation` (rank correlation).
"""

from churnlab.surveys.comparison import Comparison, compare
from churnlab.surveys.correlation import RankCorrelation, rank_correlation
from churnlab.surveys.nps import NetPromoter, nps, promoter_classes

__all__ = [
    "Comparison",
    "NetPromoter",
    "RankCorrelation",
    "compare",
    "nps",
    "promoter_classes",
    "rank_correlation",
]
