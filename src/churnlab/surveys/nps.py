"""The net promoter index and its interval. The one place where it is computed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

LEAST_ANSWERS = 10
"""Below this many answers no index is given."""

_PSEUDO_ANSWERS = np.array([0.75, 1.5, 0.75])
"""Added to detractors, passives and promoters by the adjusted Wald interval (Rocks 2016)."""


@dataclass(frozen=True, slots=True)
class NetPromoter:
    """Net promoter index of a group.

    Attributes
    ----------
    n : int
        Answers.
    value, low, high : float
        Index and interval, in points from -100 to 100.
    """

    n: int
    value: float
    low: float
    high: float

    @property
    def too_few(self) -> bool:
        """Whether there are too few answers to speak."""
        return self.n < LEAST_ANSWERS


def promoter_classes(recommend: npt.ArrayLike) -> tuple[int, int, int]:
    """Count detractors (0-6), passives (7-8) and promoters (9-10).

    Parameters
    ----------
    recommend : array_like of float, shape (n,)
        Answers from 0 to 10; NaN are not answers. A rescaled answer between classes counts in the lower.

    Returns
    -------
    tuple of int
        Detractors, passives, promoters.

    Examples
    --------
    >>> promoter_classes([0, 6, 7, 8, 9, 10, float("nan")])
    (2, 2, 2)
    """
    given = np.asarray(recommend, dtype=np.float64)
    given = given[~np.isnan(given)]
    promoters, detractors = int((given >= 9).sum()), int((given < 7).sum())
    return detractors, len(given) - detractors - promoters, promoters


def nps(detractors: int, passives: int, promoters: int, *, level: float = 0.95) -> NetPromoter:
    """Net promoter index with the adjusted Wald interval.

    Parameters
    ----------
    detractors, passives, promoters : int
        Answers of each class.
    level : float
        Coverage of the interval.

    Returns
    -------
    NetPromoter
        In points; all NaN without answers.

    Raises
    ------
    ValueError
        If a count is negative.

    References
    ----------
    Rocks (2016), Interval estimation for the net promoter score, The American Statistician 70, 365-372.

    Examples
    --------
    >>> index = nps(10, 20, 30)
    >>> [round(figure, 2) for figure in (index.value, index.low, index.high)]
    [33.33, 13.3, 50.19]
    """
    counts = np.array([detractors, passives, promoters], dtype=np.float64)
    if (counts < 0).any():
        message = f"expected counts of at least 0, got {detractors}, {passives}, {promoters}"
        raise ValueError(message)
    total = counts.sum()
    if total == 0:
        return NetPromoter(0, np.nan, np.nan, np.nan)
    adjusted = counts + _PSEUDO_ANSWERS
    lost, _, won = adjusted / adjusted.sum()
    spread = norm.ppf(0.5 + level / 2) * np.sqrt((won + lost - (won - lost) ** 2) / adjusted.sum())
    return NetPromoter(
        n=int(total),
        value=float(100 * (promoters - detractors) / total),
        low=float(max(-100.0, 100 * (won - lost - spread))),
        high=float(min(100.0, 100 * (won - lost + spread))),
    )
