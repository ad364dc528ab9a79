"""The net promoter index and its interval. The one place where it is computed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.surveys.limits import Method, index_limits

LEAST_ANSWERS = 10
"""Below this many answers no index is given."""

LEAST_SURE_ANSWERS = 30
"""Below this many answers an index is shown in grey."""


@dataclass(frozen=True, slots=True)
class NetPromoter:
    """Net promoter index of a group.

    Attributes
    ----------
    n : int
        Answers.
    value, low, high : float
        Index and interval, in points from -100 to 100.
    variance : float
        Variance of one vote, which is -1, 0 or 1: share of promoters and detractors less the squared index.
    effective : float
        Independent answers of equal weight, out of an unlimited population, that would be as sure: ``n`` unless
        answers come in clients, have weights, or the population is finite; infinite if all clients answered.
    method : str
        Interval that was used, "adjusted" or "score"; empty without answers.
    population : int or None
        Clients that exist, if the interval is for the index of exactly these; None if it is for any such clients.
    """

    n: int
    value: float
    low: float
    high: float
    variance: float
    effective: float
    method: str
    population: int | None = None

    @property
    def standard_error(self) -> float:
        """Standard error of the index, points."""
        return float(100 * np.sqrt(self.variance / self.effective)) if self.n else np.nan

    @property
    def corrected(self) -> bool:
        """Whether the interval is for a finite population."""
        return self.population is not None

    @property
    def too_few(self) -> bool:
        """Whether there are too few answers to speak."""
        return min(self.n, self.effective) < LEAST_ANSWERS

    @property
    def faint(self) -> bool:
        """Whether the answers are so few that the index is shown in grey."""
        return min(self.n, self.effective) < LEAST_SURE_ANSWERS


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
    cast = votes(recommend)
    detractors, passives, promoters = (int((cast == vote).sum()) for vote in (-1, 0, 1))
    return detractors, passives, promoters


def votes(recommend: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Votes that make up the index.

    Parameters
    ----------
    recommend : array_like of float, shape (n,)
        Answers from 0 to 10; NaN are not answers.

    Returns
    -------
    ndarray of float, shape (n,)
        -1 for a detractor, 0 for a passive, 1 for a promoter; NaN where there is no answer.

    Examples
    --------
    >>> votes([0, 6, 7, 8, 9, 10, float("nan")])
    array([-1., -1.,  0.,  0.,  1.,  1., nan])
    """
    given = np.asarray(recommend, dtype=np.float64)
    cast = (given >= 9).astype(np.float64) - (given < 7)
    return np.where(np.isnan(given), np.nan, cast)


def nps(
    detractors: int,
    passives: int,
    promoters: int,
    *,
    level: float = 0.95,
    method: Method = "auto",
    population: int | None = None,
) -> NetPromoter:
    """Net promoter index with its interval.

    Parameters
    ----------
    detractors, passives, promoters : int
        Answers of each class, one of each client.
    level : float
        Coverage of the interval.
    method : {"auto", "adjusted", "score"}
        Adjusted Wald, or score; "auto" takes the score interval below 20 answers and where a class is empty, since
        the adjusted one then covers as little as 88 % (see :func:`index_limits`).
    population : int, optional
        Clients that exist. With it the interval is for the index of exactly these clients now, and vanishes once all
        have answered. It is too narrow for the question whether next year's clients would say the same: leave it out
        there.

    Returns
    -------
    NetPromoter
        In points; all NaN without answers.

    Raises
    ------
    ValueError
        If a count is negative, there are more answers than clients, or the level or method cannot be.

    References
    ----------
    Rocks (2016), Interval estimation for the net promoter score, The American Statistician 70, 365-372.

    Examples
    --------
    >>> index = nps(10, 20, 30)
    >>> [round(figure, 2) for figure in (index.value, index.low, index.high)]
    [33.33, 13.3, 50.19]
    >>> index = nps(10, 20, 30, population=100)
    >>> [round(figure, 2) for figure in (index.low, index.high)]
    [20.79, 44.55]
    """
    counts = np.array([detractors, passives, promoters], dtype=np.float64)
    limits = index_limits(counts, level=level, method=method, population=population)
    total = int(counts.sum())
    if total == 0:
        return NetPromoter(0, np.nan, np.nan, np.nan, np.nan, 0.0, "", population)
    value = 100 * (promoters - detractors) / total
    return NetPromoter(
        n=total,
        value=value,
        low=float(limits.low),
        high=float(limits.high),
        variance=(promoters + detractors) / total - (value / 100) ** 2,
        effective=_effective(total, population),
        method="score" if limits.by_score else "adjusted",
        population=population,
    )


def _effective(total: int, population: int | None) -> float:
    """Answers of an unlimited population that would be as sure."""
    if population is None:
        return float(total)
    return total * (population - 1) / (population - total) if population > total else np.inf
