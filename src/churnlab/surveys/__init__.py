"""What the surveys say, and how sure that is. NumPy and SciPy only.

Reading order: :mod:`nps` (the net promoter index and its interval), :mod:`comparison` (two means of answers),
:mod:`correlation` (rank correlation), :mod:`reliability` (whether factors tell of one thing), :mod:`style` (how clients
use the scale), :mod:`retest` (noise of one answer), :mod:`response` (weights for who did not answer), :mod:`silence`
(who did not answer and left, or tires), :mod:`change` (before and after a day). Under the last five lie :mod:`figure`
(a figure with its interval over clients) and :mod:`within` (levels of clients, waves and modes).
"""

from churnlab.surveys.change import BeforeAfter, before_after
from churnlab.surveys.comparison import Comparison, compare
from churnlab.surveys.correlation import RankCorrelation, rank_correlation
from churnlab.surveys.figure import Figure
from churnlab.surveys.nps import NetPromoter, nps, promoter_classes
from churnlab.surveys.reliability import Consistency, consistency, cronbach_alpha, omega_total, one_factor
from churnlab.surveys.response import Merged, WeightedMean, weighted_mean
from churnlab.surveys.retest import Retest, retest
from churnlab.surveys.silence import Fatigue, SilenceAndLeaving, fatigue, silence_and_leaving
from churnlab.surveys.style import ResponseStyle, centred, response_style

__all__ = [
    "BeforeAfter",
    "Comparison",
    "Consistency",
    "Fatigue",
    "Figure",
    "Merged",
    "NetPromoter",
    "RankCorrelation",
    "ResponseStyle",
    "Retest",
    "SilenceAndLeaving",
    "WeightedMean",
    "before_after",
    "centred",
    "compare",
    "consistency",
    "cronbach_alpha",
    "fatigue",
    "nps",
    "omega_total",
    "one_factor",
    "promoter_classes",
    "rank_correlation",
    "response_style",
    "retest",
    "silence_and_leaving",
    "weighted_mean",
]
