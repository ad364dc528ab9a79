"""Were those who left ranked before those who stayed? Time-dependent areas under the curve, and Uno's C."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from scipy.stats import norm

from churnlab.lifetime.counting import Estimate, Floats
from churnlab.lifetime.watched import Followed, forecasts_of, months_of

_LEAST_EACH = 2


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of one who left and one who was still there: how many were ranked rightly, a tie as half.

    Attributes
    ----------
    won : ndarray of float, shape (cases,)
        For each who left, over those still there.
    won_weight : ndarray of float, shape (controls,)
        For each still there, the weights of those who left and were ranked before it.
    """

    won: Floats
    won_weight: Floats


def time_dependent_auc(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    risk: npt.ArrayLike,
    *,
    months: npt.ArrayLike,
    client: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[Estimate, ...]:
    """Chance that one who leaves within so many months was ranked above one who stays beyond them.

    Time counts from the day of the forecast: nobody enters late on it.

    Parameters
    ----------
    time : array_like of int, shape (n,)
        Whole months for which each forecast was followed.
    event : array_like of bool, shape (n,)
        Whether the client left in month `time`.
    risk : array_like of float, shape (n,) or (n, k)
        What clients are ranked by, higher for those more likely to leave; a column a month if it differs.
    months : array_like of int, shape (k,)
        Months since the forecast.
    client : array_like, shape (n,), optional
        Whose forecast it is; each is of a client of its own if not given.
    level : float
        Coverage of the intervals.

    Returns
    -------
    tuple of Estimate, length k
        NaN where fewer than two left or stayed.

    Raises
    ------
    ValueError
        If shapes do not agree, a risk is not finite, or nobody was watched for so long.

    Notes
    -----
    Cumulative cases, dynamic controls, weighted by the inverse of the chance of having been watched. The interval is
    that of a ratio of sums over pairs, symmetric in its log odds, with the weights taken as known; there is none where
    all pairs or none are ranked rightly.

    References
    ----------
    Hung and Chiang (2010), Estimation methods for time-dependent AUC models with survival data, Canadian Journal of
    Statistics 38, 8-26.

    Examples
    --------
    >>> found = time_dependent_auc([1, 2, 3, 4, 5, 5], [True] * 4 + [False] * 2, [6, 3, 5, 4, 2, 1], months=[2])
    >>> round(found[0].value, 3)
    0.75
    """
    followed = Followed.of(time, event, client)
    judged = months_of(months, followed)
    given = forecasts_of(risk, rows=len(followed.time), months=len(judged))
    quantile = float(norm.ppf(0.5 + level / 2))
    return tuple(
        _area(followed, given[:, place], month, quantile=quantile) for place, month in enumerate(judged.tolist())
    )


def concordance(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    risk: npt.ArrayLike,
    *,
    horizon: int,
    client: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Uno's C: chance that of two clients the one who leaves first, within a horizon, was ranked higher.

    Parameters
    ----------
    time, event
        As for :func:`time_dependent_auc`.
    risk : array_like of float, shape (n,)
        What clients are ranked by, higher for those more likely to leave.
    horizon : int
        Months; departures after it do not count. State it with the figure, which hangs on it.
    client, level
        As for :func:`time_dependent_auc`.

    Returns
    -------
    Estimate
        NaN where fewer than two left within the horizon.

    Raises
    ------
    ValueError
        If shapes do not agree, a risk is not finite, or nobody was watched for so long.

    References
    ----------
    Uno, Cai, Pencina, D'Agostino and Wei (2011), On the C-statistics for evaluating overall adequacy of risk prediction
    procedures with censored survival data, Statistics in Medicine 30, 1105-1117.

    Examples
    --------
    >>> found = concordance([1, 2, 3, 4, 5, 5], [True] * 4 + [False] * 2, [6, 3, 5, 4, 2, 1], horizon=4)
    >>> round(found.value, 3)  # 12 of 14 pairs
    0.857
    """
    followed = Followed.of(time, event, client)
    months_of([horizon], followed)
    given = forecasts_of(risk, rows=len(followed.time), months=1)[:, 0]
    won, pairs = np.zeros(len(given)), np.zeros(len(given))
    for month in np.unique(followed.time[followed.gone(horizon)]).tolist():
        cases = np.flatnonzero(followed.event & (followed.time == month))
        controls = followed.there(month)
        weight = np.full(len(cases), followed.watched[month] ** -2.0)
        found = _pairs(given[cases], given[controls], weight)
        won[cases] += weight * found.won
        won[controls] += found.won_weight
        pairs[cases] += weight * len(controls)
        pairs[controls] += weight.sum()
    enough = len(followed.gone(horizon)) >= _LEAST_EACH
    return _ratio(followed, won, pairs, enough=enough, quantile=float(norm.ppf(0.5 + level / 2)))


def _area(followed: Followed, risk: Floats, month: int, *, quantile: float) -> Estimate:
    cases, controls = followed.gone(month), followed.there(month)
    weight = 1 / followed.watched[followed.time[cases]]
    found = _pairs(risk[cases], risk[controls], weight)
    won, pairs = np.zeros(len(risk)), np.zeros(len(risk))
    won[cases], won[controls] = weight * found.won, found.won_weight
    pairs[cases], pairs[controls] = weight * len(controls), weight.sum()
    enough = min(len(cases), len(controls)) >= _LEAST_EACH
    return _ratio(followed, won, pairs, enough=enough, quantile=quantile)


def _pairs(case: Floats, control: Floats, weight: Floats) -> _Pairs:
    return _Pairs(_below(case, control, np.ones(len(control))), weight.sum() - _below(control, case, weight))


def _below(values: Floats, others: Floats, weight: Floats) -> Floats:
    """Weight of the others that lie below each value, a tie as half."""
    order = np.argsort(others, kind="stable")
    summed = np.concatenate(([0.0], np.cumsum(weight[order])))
    left, right = (summed[np.searchsorted(others[order], values, side=side)] for side in ("left", "right"))
    return (left + right) / 2


def _ratio(followed: Followed, won: Floats, pairs: Floats, *, enough: bool, quantile: float) -> Estimate:
    """Share of weighted pairs; each pair stands with both of its forecasts."""
    total = float(pairs.sum()) / 2
    if not enough or total <= 0:
        return Estimate(np.nan, np.nan, np.nan)
    value = float(won.sum()) / 2 / total
    if value in (0.0, 1.0):
        return Estimate(value, np.nan, np.nan)
    slope = value * (1 - value)
    odds = followed.over_clients(float(logit(value)), (won - value * pairs) / total / slope, quantile=quantile)
    return Estimate(value, float(expit(odds.low)), float(expit(odds.high)))
