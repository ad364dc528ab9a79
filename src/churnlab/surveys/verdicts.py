"""Which factor weighs more than which: said only where it can be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

from churnlab.surveys.drivers import Drivers
from churnlab.surveys.resampling import Figures
from churnlab.surveys.studentised import DIFFERENCE, PLAIN, Link, distances, ends, reach

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Order:
    """Which factors can be told apart by their shares.

    Attributes
    ----------
    names : tuple of str
        The p factors.
    difference : ndarray of float, shape (p, p)
        Share of the factor in the row less that of the factor in the column, -1 to 1.
    low, high : ndarray of float, shape (p, p)
        Interval of the difference of the square roots of the two shares, for all pairs at once; NaN on the diagonal. It
        excludes 0 only where the shares differ.
    above : ndarray of bool, shape (p, p)
        Whether the factor in the row is said to weigh more than the one in the column.
    """

    names: tuple[str, ...]
    difference: Floats
    low: Floats
    high: Floats
    above: npt.NDArray[np.bool_]

    @property
    def first(self) -> tuple[str, ...]:
        """Factors above which no other is said to stand; one of them weighs most."""
        return tuple(name for name, over in zip(self.names, self.above.T, strict=True) if not over.any())

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The largest groups of factors none of which can be told from another of its group."""
        told = self.above | self.above.T
        every = range(len(self.names))
        found: list[tuple[int, ...]] = []
        for size in reversed(range(1, len(self.names) + 1)):
            for group in combinations(every, size):
                within = told[np.ix_(group, group)].any()
                if not within and not any(set(group) <= set(larger) for larger in found):
                    found.append(group)
        return tuple(tuple(self.names[place] for place in group) for group in found)


@dataclass(frozen=True, slots=True)
class Against:
    """Whether some factors weigh more than others, each on average.

    Attributes
    ----------
    named, other : tuple of str
        Factors on either side.
    value, low, high : float
        Mean share of the named less mean share of the others, -1 to 1, with its interval.
    """

    named: tuple[str, ...]
    other: tuple[str, ...]
    value: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["yes", "no", "cannot tell"]:
        """Yes if the named weigh more, no if the others do, else cannot tell."""
        if self.low > 0:
            return "yes"
        return "no" if self.high < 0 else "cannot tell"


def order(found: Drivers, *, level: float = 0.95) -> Order:
    """Say which factor weighs more than which, for all pairs at once.

    Parameters
    ----------
    found : Drivers
        Shares of two factors or more.
    level : float
        If no two shares differed, no pair would be told apart with this probability; so at most 5 % of such surveys
        lead to any order that is not there.

    Returns
    -------
    Order
        Nothing above anything where shares are not known.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.

    Notes
    -----
    Roots of shares are compared, since their errors are about the same for large and for small shares. The intervals
    are as many standard errors wide as the largest distance over all pairs in the draws of clients demands (Westfall
    and Young 1993, Resampling-Based Multiple Testing).

    Examples
    --------
    >>> from churnlab.surveys import drivers
    >>> rng = np.random.default_rng(1)
    >>> answers = rng.normal(size=(300, 3))
    >>> target = answers @ [1.0, 1.0, 0.2] + rng.normal(size=300)
    >>> found = drivers(answers, target, np.arange(300), names=["quality", "timing", "price"], rng=2)
    >>> order(found).groups
    (('quality', 'timing'), ('price',))
    """
    size = len(found.names)
    left, right = np.triu_indices(size, 1)
    contrasts = np.eye(size)[left] - np.eye(size)[right]
    low, high = _contrasted(_rooted(found.figures, size), contrasts, link=PLAIN, level=level)
    value = contrasts @ found.share
    difference, lowest, highest = (np.full((size, size), np.nan) for _ in range(3))
    difference[left, right], difference[right, left] = value, -value
    lowest[left, right], lowest[right, left] = low, -high
    highest[left, right], highest[right, left] = high, -low
    np.fill_diagonal(difference, 0.0)
    return Order(found.names, difference, lowest, highest, above=lowest > 0)


def against(found: Drivers, named: str | Sequence[str], other: str | Sequence[str], *, level: float = 0.95) -> Against:
    """Ask whether some factors weigh more than others, each on average.

    Parameters
    ----------
    found : Drivers
        Shares.
    named, other : str or sequence of str
        Factors on either side; none on both.
    level : float
        Coverage of the interval.

    Returns
    -------
    Against
        Mean share of the named less mean share of the others. "Yes" does not say that each of the named weighs more:
        for that, and for one factor against another, see :func:`order`.

    Raises
    ------
    ValueError
        If a name is not known, or on both sides, or a side is empty.

    Notes
    -----
    The interval of the difference on the scale of Fisher's transform. With sixty clients and a share near 0 it covers
    a little less than it promises.

    Examples
    --------
    >>> from churnlab.surveys import drivers
    >>> rng = np.random.default_rng(1)
    >>> answers = rng.normal(size=(300, 3))
    >>> target = answers @ [1.0, 1.0, 0.2] + rng.normal(size=300)
    >>> found = drivers(answers, target, np.arange(300), names=["quality", "timing", "price"], rng=2)
    >>> against(found, ["quality", "timing"], "price").verdict
    'yes'
    """
    sides = [(side,) if isinstance(side, str) else tuple(side) for side in (named, other)]
    if not all(sides) or set(sides[0]) & set(sides[1]) or not set(sides[0]) | set(sides[1]) <= set(found.names):
        message = f"expected two sides of different factors among {found.names}, got {sides[0]} and {sides[1]}"
        raise ValueError(message)
    members = [np.isin(found.names, side) for side in sides]
    contrast = members[0] / members[0].sum() - members[1] / members[1].sum()
    low, high = _contrasted(found.figures, contrast[None], link=DIFFERENCE, level=level)
    return Against(sides[0], sides[1], float(contrast @ found.share), float(low[0]), float(high[0]))


def _rooted(figures: Figures, size: int) -> Figures:
    """Square roots of the shares, and their covariances."""
    found = []
    for value, covariance in ((figures.value, figures.covariance), (figures.drawn, figures.drawn_covariance)):
        root = np.sqrt(np.maximum(value[..., :size], 1e-12))
        found += [root, covariance[..., :size, :size] / (4 * root[..., :, None] * root[..., None, :])]
    return Figures(*found)


def _contrasted(figures: Figures, contrasts: Floats, *, link: Link, level: float) -> tuple[Floats, Floats]:
    """Intervals of contrasts of the first figures, shape (c,), that hold for all of them at once."""
    if not 0 < level < 1:
        message = f"expected level between 0 and 1, got {level}"
        raise ValueError(message)
    size = contrasts.shape[1]
    value, drawn = contrasts @ figures.value[:size], figures.drawn[:, :size] @ contrasts.T
    error, drawn_error = (
        np.sqrt(np.maximum(((contrasts @ spread[..., :size, :size]) * contrasts).sum(axis=-1), 0.0))
        for spread in (figures.covariance, figures.drawn_covariance)
    )
    largest = distances(value, drawn, drawn_error, link=link).max(axis=1)
    return ends(value, error, reach(largest, level=level), link=link)
