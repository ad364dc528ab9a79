"""Ends of the interval of a net promoter index, from counts: adjusted Wald and score."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Method = Literal["auto", "adjusted", "score"]
Floats = npt.NDArray[np.float64]

LEAST_FOR_ADJUSTED = 20
"""With fewer answers, or an empty class, the automatic choice is the score interval."""

_PSEUDO_ANSWERS = np.array([0.75, 1.5, 0.75])
"""Added to detractors, passives and promoters by the adjusted Wald interval (Rocks 2016)."""

_VOTES = np.array([-1.0, 0.0, 1.0])
_HALVINGS = 50


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """Intervals of indices.

    Attributes
    ----------
    low, high : ndarray of float, shape (...)
        Ends, in points from -100 to 100; NaN without answers.
    by_score : ndarray of bool, shape (...)
        Where the score interval was used rather than the adjusted one.
    """

    low: Floats
    high: Floats
    by_score: npt.NDArray[np.bool_]


def index_limits(
    counts: npt.ArrayLike, *, level: float = 0.95, method: Method = "auto", population: int | None = None
) -> IndexLimits:
    """Intervals of net promoter indices, many at a time.

    Parameters
    ----------
    counts : array_like of float, shape (..., 3)
        Detractors, passives, promoters; effective counts need not be whole.
    level : float
        Coverage of the interval.
    method : {"auto", "adjusted", "score"}
        Adjusted Wald, or score; "auto" takes the score interval below ``LEAST_FOR_ADJUSTED`` answers and where a
        class is empty.
    population : int, optional
        Clients that exist, when the index of exactly these is asked for; unlimited if not given.

    Returns
    -------
    IndexLimits

    Raises
    ------
    ValueError
        If the shape, a count, the level, the method or the population cannot be.

    Notes
    -----
    The adjusted interval adds 3/4, 1 1/2 and 3/4 answers (Rocks 2016). The score interval holds all indices that a
    test would not refuse, its variance being that of the most likely shares that have such an index (Tango 1998).
    With n answers out of N clients the counts are multiplied by (N - 1) / (N - n): so many answers of an unlimited
    population would be as sure. The ends stay within what those who did not answer could still make of the index.

    References
    ----------
    Rocks (2016), Interval estimation for the net promoter score, The American Statistician 70, 365-372.
    Tango (1998), Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design, Statistics in Medicine 17, 891-908.

    Examples
    --------
    >>> found = index_limits([[10, 20, 30], [0, 0, 15]])
    >>> found.low.round(2), found.high.round(2), found.by_score
    (array([13.3 , 59.22]), array([ 50.19, 100.  ]), array([False,  True]))
    """
    given = np.asarray(counts, dtype=np.float64)
    _check(given, level=level, method=method, population=population)
    total = given.sum(axis=-1)
    few = (total < LEAST_FOR_ADJUSTED) | (given == 0).any(axis=-1)
    by_score = few if method == "auto" else np.full(total.shape, method == "score")
    rest = np.inf if population is None else population - total
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 if population is None else np.where(rest > 0, (population - 1) / rest, 1.0)
        effective = given * np.asarray(scale)[..., None]
        z = float(norm.ppf(0.5 + level / 2))
        ends = np.stack(_adjusted(effective, z))
        if by_score.any():
            ends[:, by_score] = _score(effective[by_score], z)
        least, most = _possible(given, population)
    low, high = 100 * np.clip(ends, least, most)
    return IndexLimits(low, high, by_score)


def _check(counts: Floats, *, level: float, method: str, population: int | None) -> None:
    if counts.ndim < 1 or counts.shape[-1] != 3:
        message = f"expected detractors, passives and promoters along the last axis, got shape {counts.shape}"
        raise ValueError(message)
    if not (counts >= 0).all():
        wrong = counts[~(counts >= 0).all(axis=-1)].ravel()[:3]
        message = f"expected counts of at least 0, got {', '.join(f'{count:g}' for count in wrong)}"
        raise ValueError(message)
    check_share(level, "level")
    if method not in ("auto", "adjusted", "score"):
        message = f'expected method "auto", "adjusted" or "score", got {method!r}'
        raise ValueError(message)
    if population is not None and not (counts.sum(axis=-1) <= population).all():
        message = f"expected at most {population} answers, one of each client, got {counts.sum(axis=-1).max():g}"
        raise ValueError(message)


def check_share(share: float, name: str) -> None:
    """Refuse what is not between 0 and 1.

    Parameters
    ----------
    share : float
        What came.
    name : str
        What it is called.

    Raises
    ------
    ValueError
        If it is not.

    Examples
    --------
    >>> check_share(0.95, "level")
    """
    if not 0 < share < 1:
        message = f"expected {name} between 0 and 1, got {share}"
        raise ValueError(message)


def _adjusted(counts: Floats, z: float) -> tuple[Floats, Floats]:
    """Adjusted Wald ends, as shares."""
    adjusted = counts + _PSEUDO_ANSWERS
    total = adjusted.sum(axis=-1)
    index = adjusted @ _VOTES / total
    spread = z * np.sqrt((adjusted @ _VOTES**2 / total - index**2) / total)
    return index - spread, index + spread


def _score(counts: Floats, z: float) -> tuple[Floats, Floats]:
    """Score ends, as shares: between the index, which is not refused, and an end of the scale, by halving."""
    total = counts.sum(axis=-1)
    index = counts @ _VOTES / total
    ends = []
    for end in (-1.0, 1.0):
        inner, outer = index, np.full_like(index, end)
        for _ in range(_HALVINGS):
            middle = (inner + outer) / 2
            kept = total * (index - middle) ** 2 <= z**2 * _variance_at(counts, middle)
            inner, outer = np.where(kept, middle, inner), np.where(kept, outer, middle)
        ends.append(inner)
    return ends[0], ends[1]


def _variance_at(counts: Floats, index: Floats) -> Floats:
    """Variance of one vote under the most likely shares that have an index: a quadratic in the detractors' share."""
    detractors, passives, promoters = np.moveaxis(counts, -1, 0)
    total = counts.sum(axis=-1)
    slope = 2 * (detractors + passives) * index - (detractors + promoters) * (1 - index)
    constant = detractors * index * (1 - index)
    share = (np.sqrt(np.maximum(slope**2 + 8 * total * constant, 0)) - slope) / (4 * total)
    return np.maximum(2 * share + index - index**2, 0)


def _possible(counts: Floats, population: int | None) -> tuple[Floats, Floats]:
    """Least and largest index, as shares, that those who did not answer leave possible."""
    total = counts.sum(axis=-1)
    if population is None:
        return np.full(total.shape, -1.0), np.full(total.shape, 1.0)
    known = counts @ _VOTES
    return (known - (population - total)) / population, (known + (population - total)) / population
