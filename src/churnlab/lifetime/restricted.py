"""The mean of what was seen: months stayed within a horizon, and by how much two groups differ in it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import chi2, norm

from churnlab.lifetime.counting import MINIMUM_AT_RISK, Estimate, Floats, HazardTable, moved

FEW_DEPARTURES = 10
"""With fewer departures within the horizon an interval from the variance alone is too short."""

_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class _Mean:
    """A restricted mean, its standard error, and how far each month's hazard moves it."""

    value: float
    error: float
    per_month: Floats


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
    Survival Analysis, 2nd ed., section 4.5), or, where clients have several lives, the infinitesimal jackknife over
    clients. With few departures the mean is skewed, and an interval of equal arms misses on one side: the arms
    are equal in the log odds of the share of the horizon that is stayed. With fewer than ``FEW_DEPARTURES`` the lower
    end is not above that of a sum of weighted counts (Fay and Feuer 1997, Statistics in Medicine 16, 791-801, with
    the mean weight of Tiwari, Clegg and Zou 2006, Statistical Methods in Medical Research 15, 547-569), which is there
    even where nobody left.

    Examples
    --------
    >>> from churnlab.lifetime import hazard_table
    >>> table = hazard_table([0] * 20, [3] * 5 + [12] * 15, [True] * 5 + [False] * 15)
    >>> mean = restricted_mean(table, horizon=12)  # 15 stay for 12 months, 5 for 3
    >>> [round(figure, 2) for figure in (mean.value, mean.low, mean.high)]
    [9.75, 7.56, 11.0]
    """
    found = _mean(table, horizon=horizon, start=start, minimum_at_risk=minimum_at_risk)
    if found is None:
        return _UNKNOWN
    return _interval(table, found, start=start, horizon=horizon, level=level)


def restricted_mean_difference(
    first: HazardTable,
    second: HazardTable,
    *,
    horizon: int,
    start: int = 0,
    minimum_at_risk: int = MINIMUM_AT_RISK,
    level: float = 0.95,
) -> Estimate:
    """Mean months that one group stays longer than another within a horizon.

    Parameters
    ----------
    first, second : HazardTable
        Risk sets of two groups without a client in common.
    horizon, start, minimum_at_risk, level
        As for :func:`restricted_mean`.

    Returns
    -------
    Estimate
        Months that the first stays longer; NaN where either is not known.

    Notes
    -----
    The two intervals are joined by squares and add up (MOVER): their unequal arms are kept.

    References
    ----------
    Zou and Donner (2008), Construction of confidence limits about effect measures, Statistics in Medicine 27,
    1693-1702.

    Examples
    --------
    >>> from churnlab.lifetime import hazard_table
    >>> stays = hazard_table([0] * 20, [3] * 5 + [12] * 15, [True] * 5 + [False] * 15)
    >>> goes = hazard_table([0] * 20, [3] * 10 + [12] * 10, [True] * 10 + [False] * 10)
    >>> gap = restricted_mean_difference(stays, goes, horizon=12)
    >>> [round(figure, 2) for figure in (gap.value, gap.low, gap.high)]
    [2.25, -0.55, 4.67]
    """
    ask = {"horizon": horizon, "start": start, "minimum_at_risk": minimum_at_risk}
    one, other = restricted_mean(first, level=level, **ask), restricted_mean(second, level=level, **ask)
    gap = one.value - other.value
    return Estimate(
        gap,
        gap - float(np.hypot(one.value - one.low, other.high - other.value)),
        gap + float(np.hypot(one.high - one.value, other.value - other.low)),
    )


def _mean(table: HazardTable, *, horizon: int, start: int, minimum_at_risk: int) -> _Mean | None:
    stop = start + horizon
    risk, gone = table.at_risk[start:stop], table.events[start:stop]
    if horizon < 1 or start < 0 or len(risk) < horizon or risk.min() < minimum_at_risk:
        return None
    survival = np.cumprod(1.0 - table.hazard[start:stop])
    present = np.concatenate(([1.0], survival[:-1]))
    right = np.concatenate((np.cumsum(present[::-1])[::-1][1:], [0.0]))  # area right of each month
    per_month = np.zeros(len(table.month))
    with np.errstate(divide="ignore", invalid="ignore"):
        per_month[start:stop] = np.where(risk > gone, -right * risk / (risk - gone), 0.0)
        greenwood = np.where(risk > gone, right**2 * gone / (risk * (risk - gone)), 0.0).sum()
    if table.spans is None:
        return _Mean(float(present.sum()), float(np.sqrt(greenwood)), per_month)
    moves = moved(table.spans, table.at_risk, table.hazard, per_month=per_month)
    return _Mean(float(present.sum()), float(np.sqrt((moves**2).sum())), per_month)


def _interval(table: HazardTable, found: _Mean, *, start: int, horizon: int, level: float) -> Estimate:
    if horizon == 1:
        return Estimate(1.0, 1.0, 1.0)  # who is there when the month begins stays for it
    share, low, high = found.value / horizon, np.inf, float(horizon)
    if share < 1.0:
        spread = float(norm.ppf(0.5 + level / 2)) * found.error / horizon / (share * (1 - share))
        low, high = (float(horizon * expit(logit(share) + arm)) for arm in (-spread, spread))
    if table.events[start : start + horizon - 1].sum() < FEW_DEPARTURES:
        low = min(low, horizon - _most_lost(table, start=start, horizon=horizon, level=level))
    return Estimate(found.value, max(1.0, low), high)


def _most_lost(table: HazardTable, *, start: int, horizon: int, level: float) -> float:
    """Upper end of the mean months lost, a weighted sum of counts.

    A gamma law with the mean and the variance of the sum and of one more departure of mean weight.
    """
    risk, gone = table.at_risk[start : start + horizon], table.events[start : start + horizon]
    present = np.concatenate(([1.0], np.cumprod(1.0 - gone / risk)[:-1]))
    weight = (present.sum() - np.cumsum(present)) / risk
    lost, variance = horizon - float(present.sum()), float((weight**2 * gone).sum())
    one, square = float((weight * risk).sum() / risk.sum()), float((weight**2 * risk).sum() / risk.sum())
    mean, spread = lost + one, variance + square
    return float(spread / (2 * mean) * chi2.ppf(0.5 + level / 2, 2 * mean**2 / spread))
