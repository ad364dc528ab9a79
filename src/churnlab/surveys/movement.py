"""Change of the net promoter index between two waves or years, where clients may have voted in both."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from churnlab.surveys.limits import Floats, check_share
from churnlab.surveys.nps import LEAST_ANSWERS, LEAST_SURE_ANSWERS, votes

_VOTES = np.array([-1.0, 0.0, 1.0])

_PSEUDO_PAIRS = np.array([[0.0, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.0]])
"""Added clients that moved by one class, two in all; as votes of one wave they are the next line."""

_PSEUDO_VOTES = np.array([0.5, 1.0, 0.5])


@dataclass(frozen=True, slots=True)
class IndexChange:
    """How far the index moved.

    Attributes
    ----------
    both, before_only, after_only : int
        Clients that voted both times, the first time only, the second time only.
    before, after : float
        Index of all that voted then, points.
    value, low, high : float
        ``after`` less ``before`` with its interval, points from -200 to 200.
    p_value : float
        Of the test that the index did not move, two-sided; below 1 - level where the interval leaves out 0.
    told : float
        Smallest change that could be told from noise with these counts and their pairing, points.
    seen : float
        Smallest true change that would be told from noise with the power that was asked for, points.
    """

    both: int
    before_only: int
    after_only: int
    before: float
    after: float
    value: float
    low: float
    high: float
    p_value: float
    told: float
    seen: float

    @property
    def n(self) -> int:
        """Votes of the time with fewer."""
        return self.both + min(self.before_only, self.after_only)

    @property
    def too_few(self) -> bool:
        """Whether there are too few votes to speak."""
        return self.n < LEAST_ANSWERS

    @property
    def faint(self) -> bool:
        """Whether the votes are so few that the change is shown in grey."""
        return self.n < LEAST_SURE_ANSWERS


def index_change(
    before: npt.ArrayLike, after: npt.ArrayLike, *, level: float = 0.95, power: float = 0.8
) -> IndexChange:
    """Change of the index between two times, from each client's answers.

    Parameters
    ----------
    before, after : array_like of float, shape (clients,)
        Recommendation from 0 to 10, a client at the same place in both; NaN where it gave none.
    level : float
        Coverage of the interval; the test is at 1 - level.
    power : float
        Chance to see the change given as ``seen``.

    Returns
    -------
    IndexChange
        NaN where either time has no votes.

    Raises
    ------
    ValueError
        If shapes differ, or a share is not between 0 and 1.

    See Also
    --------
    index_change_of_counts : The same from counts, with the method.

    Examples
    --------
    >>> before = [3, 5, 7, 7, 8, 8, 9, 9, 10, 10] * 5
    >>> after = [7, 6, 9, 9, 9, 8, 9, 10, 9, 8] * 5
    >>> change = index_change(before, after)
    >>> [round(figure, 1) for figure in (change.value, change.low, change.high, change.told, change.seen)]
    [30.0, 10.9, 46.8, 17.9, 25.7]
    """
    first, second = votes(before), votes(after)
    if first.shape != second.shape or first.ndim != 1:
        message = f"expected two arrays of one length, got {first.shape} and {second.shape}"
        raise ValueError(message)
    early, late = ~np.isnan(first), ~np.isnan(second)
    both = early & late
    pairs = np.zeros((3, 3))
    np.add.at(pairs, (_place(first[both]), _place(second[both])), 1)
    before_only = np.bincount(_place(first[early & ~late]), minlength=3)
    after_only = np.bincount(_place(second[late & ~early]), minlength=3)
    return index_change_of_counts(pairs, before_only, after_only, level=level, power=power)


def index_change_of_counts(
    both: npt.ArrayLike,
    before_only: npt.ArrayLike = (0, 0, 0),
    after_only: npt.ArrayLike = (0, 0, 0),
    *,
    level: float = 0.95,
    power: float = 0.8,
) -> IndexChange:
    """Change of the index between two times, from counts of clients.

    Parameters
    ----------
    both : array_like of int, shape (3, 3)
        Clients that voted both times: rows detractors, passives, promoters then, columns the same now.
    before_only, after_only : array_like of int, shape (3,)
        Detractors, passives and promoters that voted at one time only.
    level : float
        Coverage of the interval; the test is at 1 - level.
    power : float
        Chance to see the change given as ``seen``.

    Returns
    -------
    IndexChange
        NaN where either time has no votes.

    Raises
    ------
    ValueError
        If a shape or a count cannot be, or a share is not between 0 and 1.

    Notes
    -----
    The change is the index of all votes now less that of all votes then; its variance takes off what the clients that
    voted both times share. As in the adjusted intervals of Agresti and Caffo (2000) and of Agresti and Min (2005),
    two clients are added to either time, as pairs that moved by one class up or down to the extent that votes are
    paired. The test is that of the interval: with pairs that move by one class it is McNemar's, with the added
    clients. ``told`` is the interval's half width, and ``seen`` adds the quantile of the power; both take the noise
    of the votes given.

    References
    ----------
    Agresti and Caffo (2000), Simple and effective confidence intervals for proportions and differences of proportions
    result from adding two successes and two failures, The American Statistician 54, 280-288.
    Agresti and Min (2005), Simple improved confidence intervals for comparing matched proportions, Statistics in
    Medicine 24, 729-740.

    Examples
    --------
    Fifty votes at either time, of other clients, or of the same clients:

    >>> apart = index_change_of_counts([[0] * 3] * 3, [8, 17, 25], [8, 17, 25])
    >>> paired = index_change_of_counts([[5, 3, 0], [3, 10, 4], [0, 4, 21]])
    >>> [round(figure) for figure in (apart.told, apart.seen, paired.told, paired.seen)]
    [28, 41, 15, 22]
    """
    tables = tuple(np.asarray(table, dtype=np.float64) for table in (both, before_only, after_only))
    _check(tables)
    check_share(level, "level")
    check_share(power, "power")
    pairs, first, second = tables
    counts = (int(pairs.sum()), int(first.sum()), int(second.sum()))
    then, now = pairs.sum(axis=1) + first, pairs.sum(axis=0) + second
    if not (then.sum() and now.sum()):
        return IndexChange(*counts, _index(then), _index(now), *[np.nan] * 6)
    centre, error = (100 * float(figure) for figure in _moved(pairs, first, second))
    quantile, more = norm.ppf([0.5 + level / 2, power])
    return IndexChange(
        *counts,
        before=_index(then),
        after=_index(now),
        value=_index(now) - _index(then),
        low=max(-200.0, float(centre - quantile * error)),
        high=min(200.0, float(centre + quantile * error)),
        p_value=float(2 * norm.sf(abs(centre) / error)),
        told=float(quantile * error),
        seen=float((quantile + more) * error),
    )


def _check(tables: tuple[Floats, ...]) -> None:
    shapes = tuple(table.shape for table in tables)
    if shapes != ((3, 3), (3,), (3,)):
        message = f"expected counts of shapes (3, 3), (3,) and (3,), got {', '.join(map(str, shapes))}"
        raise ValueError(message)
    least = min(float(table.min()) for table in tables)
    if not least >= 0:
        message = f"expected counts of at least 0, got {least:g}"
        raise ValueError(message)


def _place(cast: Floats) -> npt.NDArray[np.int64]:
    """Class of a vote: 0, 1 or 2."""
    return cast.astype(np.int64) + 1


def _index(counts: Floats) -> float:
    """Index in points; NaN without votes."""
    total = counts.sum()
    return float(100 * (counts[2] - counts[0]) / total) if total else np.nan


def _moved(pairs: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Centre of the interval and its standard error, as shares; tables of shapes (..., 3, 3), (..., 3), (..., 3)."""
    paired = pairs.sum(axis=(-2, -1))
    share = np.asarray(2 * paired / (2 * paired + first.sum(axis=-1) + second.sum(axis=-1)))
    pairs = pairs + share[..., None, None] * _PSEUDO_PAIRS
    then = pairs.sum(axis=-1) + first + (1 - share)[..., None] * _PSEUDO_VOTES
    now = pairs.sum(axis=-2) + second + (1 - share)[..., None] * _PSEUDO_VOTES
    (n_then, index_then, spread_then), (n_now, index_now, spread_now) = _moments(then), _moments(now)
    apart_then, apart_now = _VOTES - index_then[..., None], _VOTES - index_now[..., None]
    common = np.einsum("...ij,...i,...j->...", pairs, apart_then, apart_now)
    variance = spread_then / n_then + spread_now / n_now - 2 * common / (n_then * n_now)
    return index_now - index_then, np.sqrt(np.maximum(variance, 0))


def _moments(counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Votes, their mean and their variance."""
    total = counts.sum(axis=-1)
    index = counts @ _VOTES / total
    return total, index, counts @ _VOTES**2 / total - index**2
