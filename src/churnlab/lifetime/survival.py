"""The hazard counted: risk sets by month of tenure, with late entry, and what follows from them.

The risk set is counted once, in :func:`hazard_table`; Kaplan-Meier and restricted means read it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MINIMUM_AT_RISK = 10
"""A curve is not drawn where fewer are at risk: too few to say anything."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Attributes
    ----------
    value, low, high : float
        The estimate and the ends of its interval, in the same unit; NaN where it cannot be had.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HazardTable:
    """Risk sets by month of tenure.

    Attributes
    ----------
    month : ndarray of int, shape (m,)
        Months of tenure, 1 to m.
    at_risk, events : ndarray of int, shape (m,)
        Lives at risk during each month and departures in it.
    """

    month: Ints
    at_risk: Ints
    events: Ints

    @property
    def hazard(self) -> Floats:
        """Share of those at risk who leave in each month; 0 where nobody is at risk. Shape (m,)."""
        return self.events / np.maximum(self.at_risk, 1)


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Kaplan-Meier estimate, given survival to `start`.

    Attributes
    ----------
    start : int
        Month of tenure at which the curve starts at 1.
    month : ndarray of int, shape (m,)
        Months of tenure after `start` that enough lives reached.
    survival, low, high : ndarray of float, shape (m,)
        Share still there at the end of each month, with a pointwise interval.
    at_risk : ndarray of int, shape (m,)
        Lives at risk during each month.
    """

    start: int
    month: Ints
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Ints


def hazard_table(entry: npt.ArrayLike, exit: npt.ArrayLike, event: npt.ArrayLike) -> HazardTable:  # noqa: A002
    """Count lives at risk and departures by month of tenure, with late entry.

    Parameters
    ----------
    entry, exit : array_like of int, shape (n,)
        Whole months of tenure: a life is at risk in the months ``entry + 1`` to ``exit``.
    event : array_like of bool, shape (n,)
        Whether the life ended by a departure in month ``exit``.

    Returns
    -------
    HazardTable

    Raises
    ------
    ValueError
        If shapes differ, nothing is given, an entry is negative or a life has no month at risk.

    Examples
    --------
    >>> table = hazard_table([0, 0, 2], [1, 3, 3], [True, False, True])
    >>> table.at_risk.tolist(), table.events.tolist()
    ([2, 1, 2], [1, 0, 1])
    """
    begin, end = np.asarray(entry, dtype=np.int64), np.asarray(exit, dtype=np.int64)
    left = np.asarray(event, dtype=bool)
    if not begin.shape == end.shape == left.shape or begin.ndim != 1 or begin.size == 0:
        message = f"expected three arrays of one length above 0, got {begin.shape}, {end.shape}, {left.shape}"
        raise ValueError(message)
    if begin.min() < 0 or (end <= begin).any():
        row = int(np.argmax((begin < 0) | (end <= begin)))
        message = f"expected 0 <= entry < exit, got entry {begin[row]}, exit {end[row]} at position {row}"
        raise ValueError(message)
    last = int(end.max())
    joined = np.bincount(begin, minlength=last + 1)[:last]
    gone = np.bincount(end, minlength=last + 1)
    at_risk = np.cumsum(joined) - np.concatenate(([0], np.cumsum(gone[1:last])))
    events = np.bincount(end[left], minlength=last + 1)[1:]
    return HazardTable(month=np.arange(1, last + 1), at_risk=at_risk, events=events)


def kaplan_meier(
    table: HazardTable, *, start: int = 0, minimum_at_risk: int = MINIMUM_AT_RISK, level: float = 0.95
) -> SurvivalCurve:
    """Kaplan-Meier survival with log-log intervals, where enough lives are at risk.

    The curve starts at the first month from `start` on with at least `minimum_at_risk` lives at risk, and
    ends before the first later month with fewer. Survival is conditional on reaching its start.

    Parameters
    ----------
    table : HazardTable
        Risk sets.
    start : int
        Tenure, in months, that lives are taken to have reached.
    minimum_at_risk : int
        Fewest lives at risk.
    level : float
        Coverage of the pointwise intervals (Greenwood's variance on the log-log scale).

    Returns
    -------
    SurvivalCurve
        Without months if nowhere are enough at risk.

    References
    ----------
    Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2nd ed., section 1.4.
    """
    begin, stop = _span(table, start=start, minimum_at_risk=minimum_at_risk)
    risk, gone = table.at_risk[begin:stop], table.events[begin:stop]
    survival: Floats = np.cumprod(1.0 - table.hazard[begin:stop], dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(gone / (risk * (risk - gone)))
        spread = norm.ppf(0.5 + level / 2) * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(spread), survival ** np.exp(-spread)
    certain = (survival == 1.0) | (survival == 0.0)
    return SurvivalCurve(
        start=begin,
        month=table.month[begin:stop],
        survival=survival,
        low=np.where(certain, survival, low),
        high=np.where(certain, survival, high),
        at_risk=risk,
    )


def restricted_mean(
    table: HazardTable,
    *,
    horizon: int,
    start: int = 0,
    minimum_at_risk: int = MINIMUM_AT_RISK,
    level: float = 0.95,
) -> Estimate:
    """Mean months stayed within a horizon, of those who reached `start`.

    Parameters
    ----------
    table : HazardTable
        Risk sets.
    horizon : int
        Months after `start` that are counted; a life that goes on counts as this long.
    start : int
        Tenure already reached, in months.
    minimum_at_risk : int
        The data must hold this many lives at risk in every month of the horizon.
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Months; NaN throughout where the data do not reach over the horizon: no extrapolation.

    Notes
    -----
    A month counts for a life that is there when it begins: sum of S(0) to S(horizon - 1). The variance is
    Greenwood's, sum of A(t)^2 d / (r (r - d)) with A(t) the area right of t (Klein and Moeschberger,
    Survival Analysis, 2nd ed., section 4.5).
    """
    begin, stop = start, start + horizon
    risk, gone = table.at_risk[begin:stop], table.events[begin:stop]
    if horizon < 1 or len(risk) < horizon or risk.min() < minimum_at_risk:
        return Estimate(np.nan, np.nan, np.nan)
    survival = np.cumprod(1.0 - table.hazard[begin:stop])
    present = np.concatenate(([1.0], survival[:-1]))
    mean = float(present.sum())
    area_right = np.concatenate((np.cumsum(present[::-1])[::-1][1:], [0.0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(risk > gone, area_right**2 * gone / (risk * (risk - gone)), 0.0)
    spread = float(norm.ppf(0.5 + level / 2) * np.sqrt(terms.sum()))
    return Estimate(mean, max(1.0, mean - spread), min(float(horizon), mean + spread))


def median_lifetime(curve: SurvivalCurve) -> Estimate:
    """Month of tenure by which half have left, with an interval from the curve's own.

    Parameters
    ----------
    curve : SurvivalCurve
        Result of :func:`kaplan_meier`.

    Returns
    -------
    Estimate
        Months of tenure; an end that the curve does not reach is NaN.
    """
    return Estimate(
        value=_first_below(curve, curve.survival),
        low=_first_below(curve, curve.low),
        high=_first_below(curve, curve.high),
    )


def _first_below(curve: SurvivalCurve, values: Floats) -> float:
    below = np.flatnonzero(values <= 0.5)
    return float(curve.month[below[0]]) if below.size else float("nan")


def _span(table: HazardTable, *, start: int, minimum_at_risk: int) -> tuple[int, int]:
    """First month's position with enough at risk, and the position after the last."""
    enough = table.at_risk >= minimum_at_risk
    reached = np.flatnonzero(enough[start:])
    if not reached.size:
        return start, start
    begin = start + int(reached[0])
    short = np.flatnonzero(~enough[begin:])
    return begin, begin + int(short[0]) if short.size else len(enough)
