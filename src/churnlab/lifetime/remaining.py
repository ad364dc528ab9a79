"""How long clients will still stay: a regressed hazard first, then only what tenure and line tell, and no further."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from churnlab.lifetime.counting import MINIMUM_AT_RISK, HazardTable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RemainingLifetime:
    """Months that clients will still stay, of those that the data can speak of.

    Attributes
    ----------
    months, low, high : ndarray of float, shape (n,)
        Expected months within `horizon`, with the interval of this expectation; NaN where the horizon is 0. One client
        may leave tomorrow or stay for all of them: the interval is of the mean of such clients.
    horizon : ndarray of int, shape (n,)
        Months ahead that are counted: up to where enough lives of the client's group were seen, and no more than were
        asked for. 0 where not even the first can be spoken of.
    near : ndarray of int, shape (n,)
        Those of them that rest on the client's own hazard; the rest is by tenure and group alone.
    """

    months: Floats
    low: Floats
    high: Floats
    horizon: Ints
    near: Ints


def remaining_lifetime(
    near: npt.ArrayLike,
    near_error: npt.ArrayLike,
    tenure: npt.ArrayLike,
    group: npt.ArrayLike,
    tables: Sequence[HazardTable],
    *,
    longest: int = 60,
    minimum_at_risk: int = MINIMUM_AT_RISK,
    level: float = 0.95,
) -> RemainingLifetime:
    """Expect the months that each client will still stay, within what was seen of its group.

    Parameters
    ----------
    near : array_like of float, shape (n, h)
        Monthly hazards of each client in its next h months from a regression with columns frozen today. h is the
        horizon over which the regression was held against data; it may be 0.
    near_error : array_like of float, shape (n,)
        Standard error of each client's log hazard in these months, which are taken to err together.
    tenure : array_like of int, shape (n,)
        Whole months of tenure reached.
    group : array_like of int, shape (n,)
        Position in `tables` of each client's group, such as its product line.
    tables : sequence of HazardTable
        Counted hazard by tenure of each group; it speaks from the month ``tenure + h + 1`` on.
    longest : int
        Months ahead that are counted at most.
    minimum_at_risk : int
        Lives that must have been at risk in every month of tenure that is counted.
    level : float
        Coverage of the interval.

    Returns
    -------
    RemainingLifetime

    Raises
    ------
    ValueError
        If shapes do not agree, a hazard lies outside 0 to 1, an error is negative, or a group has no table.

    Notes
    -----
    A month counts for a client that is there when it begins, as in :func:`churnlab.lifetime.restricted_mean`: the sum
    of S(0) to S(horizon - 1). The interval is first-order, on the log odds of the share of the horizon: the near
    part's error moves all near hazards by a common factor, the far part has Greenwood's variance, and the two are taken
    as independent. Where the near hazard is a model's, that it may be wrong is not in the interval.

    References
    ----------
    Klein and Moeschberger (2003), Survival Analysis, 2nd ed., section 4.5.

    Examples
    --------
    >>> from churnlab.lifetime import hazard_table
    >>> table = hazard_table(np.zeros(100), np.repeat([10, 40], 50), np.repeat([True, False], 50))
    >>> found = remaining_lifetime(np.full((2, 3), 0.1), [0.2, 0.2], [0, 30], [0, 0], [table])
    >>> found.horizon.tolist(), found.months.round(1).tolist()  # nothing is said of tenures beyond 40 months
    ([40, 10], [18.7, 7.8])
    """
    rates, error, reached, place = _given(near, near_error, tenure, group, groups=len(tables))
    horizon, months, variance = np.zeros(len(place), dtype=np.int64), np.full(len(place), np.nan), np.zeros(len(place))
    for number, table in enumerate(tables):
        rows = np.flatnonzero(place == number)
        horizon[rows] = _reach(table, reached[rows], longest=longest, minimum_at_risk=minimum_at_risk)
        spoken = rows[horizon[rows] > 0]
        if spoken.size:
            months[spoken], variance[spoken] = _of_group(
                table, rates[spoken], error[spoken], reached[spoken], horizon[spoken]
            )
    share = months / np.maximum(horizon, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(share) - np.log1p(-share)
        spread = norm.ppf(0.5 + level / 2) * np.sqrt(variance) / horizon / (share * (1 - share))
        low, high = (horizon / (1 + np.exp(-(odds + side * spread))) for side in (-1, 1))
    certain = ~(share < 1)  # a horizon of one month, or nobody ever left
    return RemainingLifetime(
        months=months,
        low=np.where(certain, months, low),
        high=np.where(certain, months, high),
        horizon=horizon,
        near=np.minimum(horizon, rates.shape[1]),
    )


def _given(
    near: npt.ArrayLike, near_error: npt.ArrayLike, tenure: npt.ArrayLike, group: npt.ArrayLike, *, groups: int
) -> tuple[Floats, Floats, Ints, Ints]:
    """Check what was given."""
    rates, error = np.asarray(near, dtype=np.float64), np.asarray(near_error, dtype=np.float64)
    reached, place = np.asarray(tenure, dtype=np.int64), np.asarray(group, dtype=np.int64)
    if rates.ndim != 2 or not rates.shape[:1] == error.shape == reached.shape == place.shape:
        message = f"expected hazards of shape (n, h) and n of each, got {rates.shape}, {error.shape}, {reached.shape}"
        raise ValueError(message)
    if not ((rates >= 0) & (rates <= 1)).all() or not (error >= 0).all() or (reached < 0).any():
        message = "expected hazards from 0 to 1, and errors and tenures of at least 0"
        raise ValueError(message)
    if place.size and not 0 <= place.min() <= place.max() < groups:
        message = f"expected groups from 0 to {groups - 1}, got {place.min()} to {place.max()}"
        raise ValueError(message)
    return rates, error, reached, place


def _reach(table: HazardTable, reached: Ints, *, longest: int, minimum_at_risk: int) -> Ints:
    """Months ahead of each tenure in which enough lives were seen without a gap, shape (n,)."""
    short = np.flatnonzero(np.append(table.at_risk < minimum_at_risk, True))
    start = np.minimum(reached, len(table.at_risk))
    ends = short[np.searchsorted(short, start)]
    return np.minimum(ends - start, longest)


def _of_group(table: HazardTable, rates: Floats, error: Floats, reached: Ints, horizon: Ints) -> tuple[Floats, Floats]:
    """Months and the variance of their estimate for clients of one group, shape (n,) each."""
    h = rates.shape[1]
    ahead = np.arange(h)
    counted = ahead[None, :] < horizon[:, None]
    cumulative = np.cumsum(-np.log1p(-np.minimum(rates, 1 - 1e-12)), axis=1)
    before = np.concatenate((np.zeros((len(rates), 1)), cumulative), axis=1)
    there = np.exp(-before)
    near = (there[:, :h] * counted).sum(axis=1)
    moved = (there[:, :h] * before[:, :h] * counted).sum(axis=1)
    after = np.minimum(h, horizon)
    kept, grown = there[np.arange(len(rates)), after], before[np.arange(len(rates)), after]
    key, back = np.unique(np.column_stack((reached + h, np.maximum(horizon - h, 0))), axis=0, return_inverse=True)
    pairs = np.array([_far(table, int(start), int(span)) for start, span in key])
    far, doubt = pairs[back.ravel()].T
    slope = moved + kept * grown * far
    return near + kept * far, (slope * error) ** 2 + kept**2 * doubt


def _far(table: HazardTable, start: int, span: int) -> tuple[float, float]:
    """Restricted mean of a group from a tenure on over so many months, and Greenwood's variance of it."""
    risk, gone = table.at_risk[start : start + span], table.events[start : start + span]
    survival = np.cumprod(1 - gone / np.maximum(risk, 1))
    present = np.concatenate(([1.0], survival[:-1]))[:span]
    right = np.cumsum(present[::-1])[::-1] - present
    terms = np.where(risk > gone, right**2 * gone / np.maximum(risk * (risk - gone), 1), 0.0)
    return float(present.sum()), float(terms.sum())
