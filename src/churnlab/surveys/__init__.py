"""What the surveys say, and how sure that is. NumPy and SciPy only.

Reading order: :mod:`limits` (ends of an index's interval from counts), :mod:`nps` (the net promoter index),
:mod:`weighting` (the index over answers that come in clients, or count by revenue), :mod:`movement` (how far it moved),
:mod:`comparison` (two means of answers),
:mod:`correlation` (rank correlation), :mod:`drivers` (which factor goes with recommendation, or with staying),
:mod:`verdicts` (which factor weighs more than which), :mod:`performance` (importance against performance),
:mod:`reliability` (whether factors tell of one thing), :mod:`style` (how clients use the scale), :mod:`retest` (noise
of one answer), :mod:`response` (weights for who did not answer), :mod:`silence` (who did not answer and left, or
tires), :mod:`change` (before and after a day). Under the drivers lie :mod:`importance` (shares of what is explained),
:mod:`latent` (correlations behind answers with steps), :mod:`resampling` (draws of clients) and :mod:`studentised`
(intervals from them); under the others :mod:`figure` (a figure with its interval over clients) and :mod:`within`
(levels of clients, waves and modes).
"""

from churnlab.surveys.change import BeforeAfter, before_after
from churnlab.surveys.comparison import Comparison, compare
from churnlab.surveys.correlation import RankCorrelation, clustered_rank_correlation, rank_correlation
from churnlab.surveys.drivers import Drivers, drivers
from churnlab.surveys.figure import Figure
from churnlab.surveys.importance import explained_by_subsets, lmg, relative_weights
from churnlab.surveys.limits import IndexLimits, index_limits
from churnlab.surveys.movement import IndexChange, index_change, index_change_of_counts
from churnlab.surveys.nps import NetPromoter, nps, promoter_classes, votes
from churnlab.surveys.performance import PerformanceMap, performance_map
from churnlab.surveys.reliability import Consistency, consistency, cronbach_alpha, omega_total, one_factor
from churnlab.surveys.response import Merged, WeightedMean, weighted_mean
from churnlab.surveys.retest import Retest, retest
from churnlab.surveys.silence import Fatigue, SilenceAndLeaving, fatigue, silence_and_leaving
from churnlab.surveys.style import ResponseStyle, centred, response_style
from churnlab.surveys.verdicts import Against, Order, against, order
from churnlab.surveys.weighting import clustered_nps, weighted_nps

__all__ = [
    "Against",
    "BeforeAfter",
    "Comparison",
    "Consistency",
    "Drivers",
    "Fatigue",
    "Figure",
    "IndexChange",
    "IndexLimits",
    "Merged",
    "NetPromoter",
    "Order",
    "PerformanceMap",
    "RankCorrelation",
    "ResponseStyle",
    "Retest",
    "SilenceAndLeaving",
    "WeightedMean",
    "against",
    "before_after",
    "centred",
    "clustered_nps",
    "clustered_rank_correlation",
    "compare",
    "consistency",
    "cronbach_alpha",
    "drivers",
    "explained_by_subsets",
    "fatigue",
    "index_change",
    "index_change_of_counts",
    "index_limits",
    "lmg",
    "nps",
    "omega_total",
    "one_factor",
    "order",
    "performance_map",
    "promoter_classes",
    "rank_correlation",
    "relative_weights",
    "response_style",
    "retest",
    "silence_and_leaving",
    "votes",
    "weighted_mean",
    "weighted_nps",
]
