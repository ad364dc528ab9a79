"""How far forecasts of survival were off, month by month, against a curve that treats all clients alike."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from churnlab.lifetime.counting import Estimate, Floats, Ints, hazard_table
from churnlab.lifetime.watched import Followed, Forecast, forecasts_of, months_of


@dataclass(frozen=True, slots=True)
class BrierScore:
    """Squared distance of forecast survival and outcome.

    Attributes
    ----------
    month : ndarray of int, shape (k,)
        Months since the forecasts.
    score, baseline : ndarray of float, shape (k,)
        Brier score at the end of each month, of the forecasts and of the Kaplan-Meier curve of the same clients;
        lower is better.
    integrated, integrated_baseline : Estimate
        Their means over the months from the first to the last (trapezia), with intervals over clients.
    skill : Estimate
        Share of the baseline's integrated score that the forecasts save: 1 is perfect, 0 no better than one curve for
        all, negative is worse.
    """

    month: Ints
    score: Floats
    baseline: Floats
    integrated: Estimate
    integrated_baseline: Estimate
    skill: Estimate


def integrated_brier(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    survival: npt.ArrayLike,
    *,
    months: npt.ArrayLike,
    client: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> BrierScore:
    """Integrated Brier score of forecasts of survival, and its skill against Kaplan-Meier.

    Time counts from the day of the forecast, on which all clients were there: nobody enters late on it, whatever its
    tenure.

    Parameters
    ----------
    time : array_like of int, shape (n,)
        Whole months for which each forecast was followed.
    event : array_like of bool, shape (n,)
        Whether the client left in month `time`.
    survival : array_like of float, shape (n, k)
        Forecast share still there at the end of each of the months.
    months : array_like of int, shape (k,)
        Months since the forecast at whose ends it is judged.
    client : array_like, shape (n,), optional
        Whose forecast it is; each is of a client of its own if not given.
    level : float
        Coverage of the intervals.

    Returns
    -------
    BrierScore

    Raises
    ------
    ValueError
        If shapes do not agree, a forecast is not finite, or nobody was watched for so long.

    Notes
    -----
    Those whose outcome was seen stand for those whose was not, by the inverse of the chance of having been watched.
    The intervals take that chance, and the baseline's curve, as known.

    References
    ----------
    Graf, Schmoor, Sauerbrei and Schumacher (1999), Assessment and comparison of prognostic classification schemes for
    survival data, Statistics in Medicine 18, 2529-2545.

    Examples
    --------
    >>> found = integrated_brier([1, 2, 3, 3], [True, True, False, False], [[0.1, 0.1]] * 2 + [[0.9, 0.9]] * 2,
    ...     months=[1, 2])
    >>> found.score.round(2).tolist(), round(found.integrated_baseline.value, 3)
    ([0.21, 0.01], 0.219)
    """
    followed = Followed.of(time, event, client)
    judged = months_of(months, followed)
    given = forecasts_of(survival, rows=len(followed.time), months=len(judged))
    table = hazard_table(np.zeros_like(followed.time), followed.time, followed.event)
    curve = np.cumprod(1 - table.hazard)[judged - 1]
    errors, base = _errors(followed, judged, given), _errors(followed, judged, np.tile(curve, (len(given), 1)))
    weights = _trapezia(judged)
    whole, whole_base = errors @ weights, base @ weights
    n, quantile = len(given), float(norm.ppf(0.5 + level / 2))
    mean, mean_base = float(whole.mean()), float(whole_base.mean())
    skill = 1 - mean / mean_base if mean_base > 0 else float("nan")
    moves = -(whole - (1 - skill) * whole_base) / (n * mean_base) if mean_base > 0 else np.full(n, np.nan)
    return BrierScore(
        month=judged,
        score=errors.mean(axis=0),
        baseline=base.mean(axis=0),
        integrated=followed.over_clients(mean, (whole - mean) / n, quantile=quantile),
        integrated_baseline=followed.over_clients(mean_base, (whole_base - mean_base) / n, quantile=quantile),
        skill=followed.over_clients(skill, moves, quantile=quantile),
    )


def _errors(followed: Followed, months: Ints, survival: Forecast) -> Floats:
    """Weighted squared errors by forecast and month; 0 where the outcome was not seen."""
    errors = np.zeros(survival.shape)
    for place, month in enumerate(months.tolist()):
        gone, there = followed.gone(month), followed.there(month)
        errors[gone, place] = survival[gone, place] ** 2 / followed.watched[followed.time[gone]]
        errors[there, place] = (1 - survival[there, place]) ** 2 / followed.watched[month]
    return errors


def _trapezia(months: Ints) -> Floats:
    """Weights of the months in a mean by trapezia."""
    if len(months) == 1:
        return np.ones(1)
    width = np.diff(months) / (months[-1] - months[0])
    return (np.concatenate((width, [0.0])) + np.concatenate(([0.0], width))) / 2
