"""Scores of forecasts, each for many weightings of the rows at once.

Every function takes outcomes (1 left, 0 stayed) and risks of shape (n,), and how often each row counts, of shape
(..., n); it returns one figure a weighting, of shape (...). NaN is returned where a figure cannot be had.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EDGE = 1e-6
_MOST_STEPS = 25
_SMALLEST_STEP = 1e-9
_SETTLED = 1e-4
_TINY = 1e-300
_MANY, _WIDTH = 20_000, 0.005
_FARTHEST = 1e3
"""A slope beyond this has run off: those who left and those who stayed are separated."""


def log_loss(outcome: Floats, risk: Floats, times: Floats) -> Floats:
    """Mean log loss in nats; lower is better."""
    return _mean(log_losses(outcome, risk), times)


def log_losses(outcome: Floats, risk: Floats) -> Floats:
    """Log loss of each row in nats, shape (n,)."""
    sure = np.clip(risk, _EDGE, 1 - _EDGE)
    return np.asarray(-np.where(outcome > 0, np.log(sure), np.log1p(-sure)))


def brier(outcome: Floats, risk: Floats, times: Floats) -> Floats:
    """Mean squared distance of risk and outcome; lower is better."""
    return _mean((risk - outcome) ** 2, times)


def calibration_level(outcome: Floats, risk: Floats, times: Floats) -> Floats:
    """Departures seen over departures forecast; 1 is right."""
    return np.asarray(_sum(outcome, times) / _sum(risk, times))


def auc(outcome: Floats, risk: Floats, times: Floats) -> Floats:
    """Area under the ROC curve: the chance that one who left ranks above one who stayed, ties by half."""
    left, count, _ = _down_the_ranking(outcome, risk, times)
    stayed = count - left
    below = stayed.sum(axis=-1, keepdims=True) - np.cumsum(stayed, axis=-1) + stayed / 2
    return _ratio((left * below).sum(axis=-1), left.sum(axis=-1) * stayed.sum(axis=-1))


def average_precision(outcome: Floats, risk: Floats, times: Floats) -> Floats:
    """Mean over those who left of the share that left among all who rank as high."""
    left, count, _ = _down_the_ranking(outcome, risk, times)
    precision = _ratio(np.cumsum(left, axis=-1), np.cumsum(count, axis=-1))
    return _ratio((left * np.nan_to_num(precision)).sum(axis=-1), left.sum(axis=-1))


def calibration_slope(outcome: Floats, risk: Floats, times: Floats) -> Floats:
    """Slope of the outcome on the log odds of the risk; 1 is right, below 1 is too sure."""
    if np.ptp(log_odds(risk)) < _EDGE:
        return np.full(times.shape[:-1], np.nan)
    return _logistic(*_down_the_ranking(outcome, risk, times), free_slope=1.0)[1]


def calibration_intercept(outcome: Floats, risk: Floats, times: Floats) -> Floats:
    """Log odds by which what was seen lies above what was forecast, the slope held at 1; 0 is right."""
    return _logistic(*_down_the_ranking(outcome, risk, times), free_slope=0.0)[0]


def calibration_line(outcome: Floats, risk: Floats) -> tuple[float, float]:
    """Intercept and slope of the outcome on the log odds of the risk; 0 and 1 are right."""
    level, slope = _logistic(*_down_the_ranking(outcome, risk, np.ones(len(risk))), free_slope=1.0)
    return float(level), float(slope)


def share_found(outcome: Floats, listed: Floats, times: Floats) -> Floats:
    """Share of those who left that stood on a list, given how much of each row did (0 to 1)."""
    return _ratio(_sum(outcome * listed, times), _sum(outcome, times))


def lift(outcome: Floats, listed: Floats, times: Floats) -> Floats:
    """How much more often those on a list left than all did."""
    on_list = _ratio(_sum(outcome * listed, times), _sum(listed, times))
    return _ratio(on_list, _mean(outcome, times))


def _sum(values: Floats, times: Floats) -> Floats:
    return np.asarray(times @ values)


def _mean(values: Floats, times: Floats) -> Floats:
    return np.asarray(_sum(values, times) / times.sum(axis=-1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Part over whole, NaN where there is no whole."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def log_odds(risk: Floats) -> Floats:
    """Log odds, risks kept off 0 and 1."""
    sure = np.clip(risk, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(sure / (1 - sure)))


def _down_the_ranking(outcome: Floats, risk: Floats, times: Floats) -> tuple[Floats, Floats, Floats]:
    """Those who left and all, from the highest risk down, one place for each risk, and its log odds.

    Where many rows are weighted many times, risks whose log odds lie within a two-hundredth stand on one place.
    """
    odds = log_odds(risk)
    coarse = times.ndim > 1 and len(risk) > _MANY
    heights, place = np.unique(-np.floor(odds / _WIDTH) if coarse else -risk, return_inverse=True)
    level = np.bincount(place, weights=odds) / np.bincount(place)
    if not coarse and len(heights) == len(risk):
        order = np.argsort(place)
        return (times * outcome)[..., order], times[..., order], level
    rows = np.atleast_2d(times)
    left, count = (
        np.array([np.bincount(place, weights=row, minlength=len(heights)) for row in given], dtype=np.float64)
        for given in (rows * outcome, rows)
    )
    return left.reshape(*times.shape[:-1], -1), count.reshape(*times.shape[:-1], -1), level


def _logistic(left: Floats, count: Floats, odds: Floats, *, free_slope: float) -> tuple[Floats, Floats]:
    """Intercept and slope by Newton's steps, all weightings together, each of shape (...).

    With ``free_slope`` 0 the slope stays at 1.
    """
    level, slope = np.zeros(left.shape[:-1]), np.ones(left.shape[:-1])
    rise, step = np.full_like(level, np.inf), np.zeros_like(slope)
    for _ in range(_MOST_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(level[..., None] + slope[..., None] * odds, -30, 30)))
        off, spread = left - count * chance, count * chance * (1 - chance)
        whole, mixed, square = spread.sum(axis=-1), spread @ odds, spread @ odds**2
        uneven = np.maximum(whole * square - mixed**2, _TINY)
        step = free_slope * np.clip((whole * (off @ odds) - mixed * off.sum(axis=-1)) / uneven, -1.0, 1.0)
        rise = np.clip((off.sum(axis=-1) - mixed * step) / np.maximum(whole, _TINY), -2.0, 2.0)
        level, slope = level + rise, slope + step
        if np.abs(rise).max() < _SMALLEST_STEP and np.abs(step).max() < _SMALLEST_STEP:
            break
    share = _ratio(left.sum(axis=-1), count.sum(axis=-1))
    settled = (np.maximum(np.abs(rise), np.abs(step)) < _SETTLED) & (np.abs(slope) < _FARTHEST)
    known = settled & (share > 0) & (share < 1)
    return np.where(known, level, np.nan), np.where(known, slope, np.nan)
