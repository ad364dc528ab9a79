"""How every purchase model is fitted: exact slopes on logarithms, weak priors, and what the data do not tell.

A model hands over its log-likelihood, gradient and Hessian in the logarithms of its parameters. It is climbed by
Newton's steps, damped where the likelihood is not concave and held in a box where it has no top.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

Floats = npt.NDArray[np.float64]
Height = tuple[float, Floats, Floats]
"""Log-likelihood, its gradient, shape (k,), and Hessian, shape (k, k), in logarithms of parameters."""

PRIOR_SPREAD = 2.0
"""Standard deviation of the logarithm of each parameter a priori: 95 % within a factor of 50 either way."""

_FARTHEST = 16.0
"""A logarithm stays within this of its centre: a factor of nine million either way."""

_MOST_STEPS = 300
_LONGEST_STEP = 3.0
_SMALLEST_GAIN = 1e-9
_LARGEST_ERROR = 3.0
"""A parameter whose logarithm is this uncertain by the data alone is not identified."""

LEAST_GAIN = float(chi2.ppf(0.95, 1)) / 2
"""Leaving is shown if it lifts the log-likelihood by more than this over a world where nobody leaves."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Independent normal laws of the logarithms of parameters.

    Attributes
    ----------
    centre : ndarray, shape (k,)
        Means of the logarithms.
    spread : float
        Their standard deviation; infinite where there is no prior.
    """

    centre: Floats
    spread: float

    def __post_init__(self) -> None:
        if not self.spread > 0:
            raise ValueError(f"expected a prior spread above 0 (math.inf switches the prior off), got {self.spread}")

    @property
    def precision(self) -> float:
        """One over the variance; 0 without a prior."""
        return 1 / self.spread**2


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the climb ended.

    Attributes
    ----------
    logs : ndarray, shape (k,)
        Logarithms of the parameters.
    log_likelihood : float
        There, without the prior.
    information, covariance : ndarray, shape (k, k)
        Of the logarithms: minus the Hessian of the log-likelihood; inverse of the same with the prior. Where the data
        and the prior tell nothing of a direction its variance is that of the box.
    reached : bool
        Whether the climb ended because nothing more could be gained.
    """

    logs: Floats
    log_likelihood: float
    information: Floats
    covariance: Floats
    reached: bool


def climb(height: Callable[[Floats], Height], prior: Prior, start: npt.ArrayLike | None = None) -> Peak:
    """Find the highest point of log-likelihood and prior.

    Parameters
    ----------
    height : callable
        Gives log-likelihood, gradient and Hessian for logarithms of shape (k,).
    prior : Prior
        Its centre is the start if none is given, and the middle of the box.
    start : array_like, shape (k,), optional
        Where to begin.

    Returns
    -------
    Peak
    """
    logs = np.array(prior.centre if start is None else start, dtype=np.float64)
    low, high = prior.centre - _FARTHEST, prior.centre + _FARTHEST
    told = height(logs)
    value, slope, bend = _with_prior(told, logs, prior)
    damping, reached = 0.0, False
    for _ in range(_MOST_STEPS):
        step = _step(logs, slope, -bend, damping=damping, low=low, high=high)
        promised = float((slope * step).sum())
        if promised < _SMALLEST_GAIN + 1e-14 * abs(value):
            reached = True
            break
        new = np.clip(logs + step, low, high)
        tried = height(new)
        found = _with_prior(tried, new, prior)
        if np.isfinite(found[0]) and found[0] >= value - 1e-12 * abs(value):
            logs, told, (value, slope, bend) = new, tried, found
            damping = 0.0 if damping < 1e-3 else damping / 10
        else:
            damping = max(4 * damping, 1e-2 * float(np.abs(np.diag(bend)).max()), 1e-6)
    information = -told[2]
    covariance = _inverse(information + prior.precision * np.eye(len(logs)))
    return Peak(logs, float(told[0]), information, covariance, reached)


def vague(information: Floats) -> npt.NDArray[np.bool_]:
    """Tell which logarithms the data alone leave uncertain by more than a factor of 20, shape (k,).

    Parameters
    ----------
    information : ndarray, shape (k, k)
        Minus the Hessian of the log-likelihood in logarithms.

    Returns
    -------
    ndarray of bool, shape (k,)

    Examples
    --------
    >>> vague(np.diag([100.0, 0.01])).tolist()
    [False, True]
    """
    root = np.sqrt(np.diag(_inverse(information)))
    return np.asarray(root > _LARGEST_ERROR)


def _with_prior(told: Height, logs: Floats, prior: Prior) -> Height:
    value, slope, bend = told
    away = logs - prior.centre
    return (
        value - 0.5 * prior.precision * float((away**2).sum()),
        slope - prior.precision * away,
        bend - prior.precision * np.eye(len(logs)),
    )


def _step(logs: Floats, slope: Floats, curvature: Floats, *, damping: float, low: Floats, high: Floats) -> Floats:
    """Newton's step where the surface is concave, up the slope where not; zero where it would leave the box."""
    free = ~(((logs <= low) & (slope < 0)) | ((logs >= high) & (slope > 0)))
    step = np.zeros_like(logs)
    if not free.any() or not np.isfinite(slope).all():
        return step
    roots, vectors = np.linalg.eigh(curvature[np.ix_(free, free)])
    sizes = np.maximum(np.abs(roots), 1e-8 * max(1.0, float(np.abs(roots).max()))) + damping
    inside = vectors @ ((vectors.T @ slope[free]) / sizes)
    longest = float(np.abs(inside).max())
    step[free] = inside if longest <= _LONGEST_STEP else inside * (_LONGEST_STEP / longest)
    return step


def _inverse(information: Floats) -> Floats:
    """Inverse in which a direction that is flat, or bends upwards, has the variance of the box."""
    roots, vectors = np.linalg.eigh(information)
    return (vectors / np.maximum(roots, _FARTHEST**-2)) @ vectors.T
