"""Are forecasts of survival right on average, over the whole of what was followed? Two tests."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, norm

from churnlab.lifetime.counting import Estimate, Floats, Ints, Spans
from churnlab.lifetime.watched import Forecast, forecasts_of

LEAST_EXPECTED = 5.0
"""Neighbouring groups are joined until so many departures are expected in each."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Departures seen against departures forecast, in groups of forecast progress through life.

    Attributes
    ----------
    edge : ndarray of float, shape (k + 1,)
        Groups by the forecast share that has left when a month begins.
    observed, expected : ndarray of float, shape (k,)
        Departures seen and forecast.
    level : Estimate
        All seen over all forecast: 1 is right, below 1 too many were forecast.
    statistic : float
        Chi squared; NaN where too few departures were forecast for a test.
    degrees : int
        Its degrees of freedom.
    p_value : float
        Chance of as large a statistic if the forecasts are right.
    """

    edge: Floats
    observed: Floats
    expected: Floats
    level: Estimate
    statistic: float
    degrees: int
    p_value: float


@dataclass(frozen=True, slots=True)
class _Months:
    """Months at risk: whose, the forecast hazard, whether it was one of leaving, and the group."""

    row: Ints
    chance: Floats
    seen: Floats
    group: Ints


def a_calibration(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    survival: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    client: npt.ArrayLike | None = None,
    groups: int = 10,
    level: float = 0.95,
) -> Calibration:
    """Test calibration by Akritas's chi squared: seen and forecast departures while clients are watched.

    Parameters
    ----------
    time : array_like of int, shape (n,)
        Whole months to the end of watching or a departure; months beyond those forecast do not count.
    event : array_like of bool, shape (n,)
        Whether the client left in month `time`.
    survival : array_like of float, shape (n, m)
        Forecast share still there at the end of the months 1 to m.
    entry : array_like of int, shape (n,), optional
        Months before watching began, 0 if not given: late entry.
    client : array_like, shape (n,), optional
        Whose forecast it is; several forecasts of a client overlap, and the variance is then taken over clients.
    groups : int
        Groups of equal width in forecast survival.
    level : float
        Coverage of the interval of `level`.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        If shapes do not agree, or a forecast is not finite, rises, or lies outside 0 to 1.

    Notes
    -----
    Under right forecasts the departures of a group less those forecast are a martingale at the group's end, groups are
    uncorrelated, and months at risk need no model of why watching ended. In whole months the variance of a month is
    h (1 - h). The forecasts must not come from the outcomes that they are held against.

    References
    ----------
    Akritas (1988), Pearson-type goodness-of-fit tests: the univariate case, Journal of the American Statistical
    Association 83, 222-230. Simonsen and Waagepetersen (2025), A-calibration: assessment of prediction models for
    survival data under censoring, BMC Medical Research Methodology 25, 236.

    Examples
    --------
    >>> import numpy as np
    >>> left_in = np.repeat([1, 2, 3], [20, 16, 12])  # a hazard of 1 in 5; 52 of 100 remain
    >>> time, event = np.append(left_in, np.full(52, 3)), np.arange(100) < 48
    >>> found = a_calibration(time, event, np.tile(0.8 ** np.arange(1, 4), (100, 1)), groups=5)
    >>> round(found.level.value, 2), round(found.statistic, 2)
    (0.98, 0.03)
    """
    spans, given = _checked(time, event, survival, entry, client)
    months = _person_months(spans, given, groups)
    expected: Floats = np.bincount(months.group, months.chance, minlength=groups).astype(np.float64)
    join, edge = _joined(expected, groups)
    place, count = join[months.group], len(edge) - 1
    observed, forecast, variance = (
        np.bincount(place, values, minlength=count).astype(np.float64)
        for values in (months.seen, months.chance, months.chance * (1 - months.chance))
    )
    covariance = np.diag(variance)
    if client is not None:
        moves = np.zeros((int(spans.client.max()) + 1, count))
        np.add.at(moves, (spans.client[months.row], place), months.seen - months.chance)
        covariance = moves.T @ moves
    total = float(forecast.sum())
    statistic, degrees = _quadratic(observed - forecast, covariance, enough=total >= LEAST_EXPECTED)
    spread = float(norm.ppf(0.5 + level / 2) * np.sqrt(covariance.sum()))
    return Calibration(
        edge=edge,
        observed=observed,
        expected=forecast,
        level=_level(float(observed.sum()), total, spread),
        statistic=statistic,
        degrees=degrees,
        p_value=float(chi2.sf(statistic, degrees)) if degrees else float("nan"),
    )


def d_calibration(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    survival: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    groups: int = 10,
) -> tuple[Floats, float]:
    """Test calibration by Pearson's chi squared on forecast survival at the end, spread where that was not seen.

    Parameters
    ----------
    time, event, survival, entry, groups
        As for :func:`a_calibration`; forecasts are of clients of their own.

    Returns
    -------
    counts : ndarray of float, shape (groups,)
        Forecasts by the survival at which they ended, lowest first; as many in each if forecasts are right.
    p_value : float
        Chance of as uneven counts if the forecasts are right; on the safe side, the more so the more were not seen to
        leave. :func:`a_calibration` is not, and is the one to use.

    Raises
    ------
    ValueError
        As :func:`a_calibration`.

    References
    ----------
    Haider, Hoehn, Davis and Greiner (2020), Effective ways to build and evaluate individual survival distributions,
    Journal of Machine Learning Research 21 (85), 1-63.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.repeat([1, 2, 3, 4], 25)
    >>> counts, p_value = d_calibration(time, np.ones(100, bool), np.tile([0.75, 0.5, 0.25, 0.0], (100, 1)), groups=4)
    >>> counts.tolist(), round(p_value, 2)
    ([25.0, 25.0, 25.0, 25.0], 1.0)
    """
    spans, given = _checked(time, event, survival, entry, None)
    before = np.column_stack((np.ones(len(given)), given))
    row = np.arange(len(given))
    scale = np.maximum(before[row, np.minimum(spans.entry, given.shape[1])], 1e-300)
    top = before[row, spans.exit - spans.event] / scale
    bottom = np.where(spans.event, before[row, spans.exit] / scale, 0.0)
    edges = np.linspace(0, 1, groups + 1)
    inside = np.clip(np.minimum(top[:, None], edges[1:]) - np.maximum(bottom[:, None], edges[:-1]), 0, None)
    width = (top - bottom)[:, None]
    point = (np.minimum((top * groups).astype(int), groups - 1)[:, None] == np.arange(groups)).astype(np.float64)
    counts = np.where(width > 0, inside / np.where(width > 0, width, 1.0), point).sum(axis=0)
    even = len(given) / groups
    return counts, float(chi2.sf(((counts - even) ** 2).sum() / even, groups - 1))


def _checked(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    survival: npt.ArrayLike,
    entry: npt.ArrayLike | None,
    client: npt.ArrayLike | None,
) -> tuple[Spans, Forecast]:
    """Lives cut at the last month that is forecast, and the forecasts; lives that begin behind it are left out."""
    months = np.asarray(time, dtype=np.int64)
    begin = np.zeros_like(months) if entry is None else np.asarray(entry, dtype=np.int64)
    spans = Spans.of(begin, months, event, client)
    shape = np.shape(survival)
    given = forecasts_of(survival, rows=len(months), months=shape[1] if len(shape) > 1 else 1)
    before = np.column_stack((np.ones(len(given)), given))
    if (np.diff(before, axis=1) > 1e-12).any() or (given < 0).any():
        message = "expected forecasts of survival that never rise, between 0 and 1"
        raise ValueError(message)
    kept = spans.entry < given.shape[1]
    last = np.minimum(spans.exit, given.shape[1])
    event_kept = spans.event & (spans.exit <= given.shape[1])
    if not kept.any():
        raise ValueError("expected lives that begin before the last month that is forecast, got none")
    owner = np.unique(spans.client[kept], return_inverse=True)[1].astype(np.int64)
    return Spans(spans.entry[kept], last[kept], event_kept[kept], owner), given[kept]


def _person_months(spans: Spans, survival: Forecast, groups: int) -> _Months:
    """Lay out the months in which lives were watched, with their forecast hazard and group."""
    before = np.column_stack((np.ones(len(survival)), survival))
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(before[:, :-1] > 0, 1 - before[:, 1:] / before[:, :-1], 1.0)
    month = np.arange(1, survival.shape[1] + 1)
    row, column = np.nonzero((spans.entry[:, None] < month) & (month <= spans.exit[:, None]))
    seen = (spans.event[row] & (spans.exit[row] == column + 1)).astype(np.float64)
    group = np.minimum(((1 - before[row, column]) * groups + 1e-9).astype(np.int64), groups - 1)
    return _Months(row, hazard[row, column], seen, group)


def _level(observed: float, expected: float, spread: float) -> Estimate:
    if not expected > 0:
        return Estimate(np.nan, np.nan, np.nan)
    return Estimate(observed / expected, max(0.0, observed - spread) / expected, (observed + spread) / expected)


def _joined(expected: Floats, groups: int) -> tuple[Ints, Floats]:
    """Number of the joined group of each group, and the edges of the joined ones."""
    join, place, held = np.zeros(groups, dtype=np.int64), 0, 0.0
    for number, amount in enumerate(expected.tolist()):
        join[number], held = place, held + amount
        if held >= LEAST_EXPECTED:
            place, held = place + 1, 0.0
    last = max(place - 1, 0)  # what is left over goes to the last full group
    join = np.minimum(join, last)
    starts = np.searchsorted(join, np.arange(last + 1))
    return join, np.append(starts / groups, 1.0)


def _quadratic(apart: Floats, variance: Floats, *, enough: bool) -> tuple[float, int]:
    if not enough:
        return float("nan"), 0
    rank = int(np.linalg.matrix_rank(variance, hermitian=True))
    return float(apart @ np.linalg.pinv(variance, hermitian=True) @ apart), rank
