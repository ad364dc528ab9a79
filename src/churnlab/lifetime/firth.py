"""The hazard regressed where few left: Firth's penalty, which has an estimate even where columns separate.

The penalty is half the logarithm of the information's determinant (Jeffreys' prior). It takes away the leading bias of
the estimate where the model is nearly one of counts, as monthly hazards of a few per cent are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import chi2

from churnlab.lifetime.hazard import (
    Floats,
    HazardFit,
    cloglog_mean,
    clustered_covariance,
    design_of,
    log_likelihood,
    residual,
    weight_of,
)

_MOST_STEPS = 200
_SMALL = 1e-9
_WIDEST = 60.0
"""An end of a profile interval this many standard errors away is taken to be none."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """Design (n, k), events (n,) and who is free (k,) to move."""

    design: Floats
    event: Floats
    free: npt.NDArray[np.bool_]


def fit_firth(columns: npt.ArrayLike, event: npt.ArrayLike, *, client: npt.ArrayLike | None = None) -> HazardFit:
    """Fit the complementary log-log hazard with Firth's penalty.

    Parameters
    ----------
    columns : array_like of float, shape (n, k - 1)
        One row a person-month; no intercept.
    event : array_like of bool, shape (n,)
        Whether the client left in that month.
    client : array_like, shape (n,), optional
        Whose month it is; the covariance is then clustered as in :func:`churnlab.lifetime.fit_hazard`.

    Returns
    -------
    HazardFit
        ``log_likelihood`` is without the penalty.

    Raises
    ------
    ValueError
        If shapes do not agree, a value is not finite, nobody or everybody left, or columns repeat one another.

    References
    ----------
    Firth (1993), Biometrika 80, 27-38. Heinze and Schemper (2002), Statistics in Medicine 21, 2409-2419. Kosmidis and
    Firth (2021), Biometrika 108, 71-82, on this penalty for other links than the logit.

    Examples
    --------
    >>> group = np.repeat([[0.0], [1.0]], 50, axis=0)  # nobody left the second group
    >>> fit = fit_firth(group, np.arange(100) < 10)
    >>> bool(-4 < fit.coefficients[1] < -2)
    True
    """
    design, outcome = design_of(columns, event)
    problem = _Problem(design, outcome, np.ones(design.shape[1], dtype=bool))
    start = np.zeros(design.shape[1])
    start[0] = np.log(-np.log1p(-outcome.mean()))
    coefficients = _maximise(problem, start)
    slope, weight, _ = _parts(problem, coefficients)
    bread: Floats = np.linalg.inv(design.T @ (design * weight[:, None])).astype(np.float64)
    covariance = bread
    if client is not None:
        covariance = clustered_covariance(bread, design * slope[:, None], design, weight, np.asarray(client))
    likelihood = log_likelihood(design, outcome, coefficients)
    return HazardFit(coefficients, covariance, likelihood, int(outcome.sum()), len(outcome))


def profile_interval(
    columns: npt.ArrayLike, event: npt.ArrayLike, *, place: int, level: float = 0.95
) -> tuple[float, float]:
    """Interval of one coefficient of :func:`fit_firth` by its penalised profile.

    With few events the log-likelihood is skewed, and symmetric intervals are too short on one side. Months of a client
    count as independent given the columns.

    Parameters
    ----------
    columns, event
        As in :func:`fit_firth`.
    place : int
        Position of the coefficient, the intercept being 0.
    level : float
        Coverage.

    Returns
    -------
    low, high : float
        Infinite where the profile does not fall far enough.

    Raises
    ------
    ValueError
        As in :func:`fit_firth`.

    Examples
    --------
    >>> group = np.repeat([[0.0], [1.0]], 50, axis=0)
    >>> low, high = profile_interval(group, np.arange(100) < 10, place=1)
    >>> bool(low < -5 and -2 < high < 0)
    True
    """
    design, outcome = design_of(columns, event)
    whole = _Problem(design, outcome, np.ones(design.shape[1], dtype=bool))
    start = np.zeros(design.shape[1])
    start[0] = np.log(-np.log1p(-outcome.mean()))
    best = _maximise(whole, start)
    top = _height(whole, best)
    weight = _parts(whole, best)[1]
    error = float(np.sqrt(np.linalg.inv(design.T @ (design * weight[:, None]))[place, place]))
    held = _Problem(design, outcome, np.arange(design.shape[1]) != place)
    need = chi2.ppf(level, 1) / 2

    def lacks(value: float) -> float:
        at = best.copy()
        at[place] = value
        return top - _height(held, _maximise(held, at)) - need

    return _end(lacks, float(best[place]), -error), _end(lacks, float(best[place]), error)


def _end(lacks: Callable[[float], float], value: float, step: float) -> float:
    """Where the profile has fallen far enough, searched outwards from the estimate."""
    far = 2.0
    while lacks(value + far * step) < 0:
        far *= 1.6
        if far > _WIDEST:
            return float(np.copysign(np.inf, step))
    return float(brentq(lacks, value, value + far * step, xtol=1e-6, rtol=1e-8))


def _maximise(problem: _Problem, start: Floats) -> Floats:
    """Scoring on the penalised likelihood with step halving, over the free coefficients."""
    at, height = start.copy(), _height(problem, start)
    free = np.flatnonzero(problem.free)
    if not free.size:
        return at
    for _ in range(_MOST_STEPS):
        slope, weight, pull = _parts(problem, at)
        design = problem.design[:, free]
        gradient = design.T @ (slope + pull)
        step = np.zeros(len(at))
        step[free] = np.linalg.solve(design.T @ (design * weight[:, None]), gradient)
        step *= min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        while (new := _height(problem, at + step)) < height and np.abs(step).max() > 1e-12:
            step = step / 2
        at, height = at + step, new
        if np.abs(step).max() < _SMALL:
            return at
    message = "the penalised likelihood has no maximum: drop columns that repeat one another"
    raise ValueError(message)


def _parts(problem: _Problem, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Derivative of each month's log-likelihood, its information, and the penalty's derivative, (n,) each."""
    design = problem.design
    mean = cloglog_mean(design, at)
    weight = weight_of(mean)
    root = np.linalg.cholesky(np.linalg.inv(design.T @ (design * weight[:, None])))
    leverage = weight * ((design @ root) ** 2).sum(axis=1)
    return residual(design, problem.event, at), weight, leverage * (1 - mean / -np.expm1(-mean) / 2)


def _height(problem: _Problem, at: Floats) -> float:
    """The penalised log-likelihood."""
    design = problem.design
    weight = weight_of(cloglog_mean(design, at))
    sign, size = np.linalg.slogdet(design.T @ (design * weight[:, None]))
    return log_likelihood(design, problem.event, at) + size / 2 if sign > 0 else -np.inf
