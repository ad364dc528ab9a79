"""Figures of several managers or groups, drawn towards the common one, so that small books are not ranked by luck."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaln, ndtr

Floats = npt.NDArray[np.float64]

LEAST_GROUPS = 3
"""With fewer, how far groups differ cannot be learnt, and nothing is drawn together."""

_STEPS = 300
_HALVINGS = 45
_LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """Figures of groups, drawn together.

    Attributes
    ----------
    value, low, high : ndarray of float, shape (g,)
        Posterior median and 95 % interval of each group.
    common : float
        What they are drawn towards.
    spread : float
        Posterior median of how far groups lie apart (standard deviation, in the unit of the figure or, for rates, of
        the ratio to the common one).
    """

    value: Floats
    low: Floats
    high: Floats
    common: float
    spread: float

    @property
    def apart(self) -> npt.NDArray[np.bool_]:
        """Which intervals leave out the common figure, shape (g,)."""
        return (self.low > self.common) | (self.high < self.common)


def shrunk_means(value: npt.ArrayLike, error: npt.ArrayLike) -> Shrunk:
    """Draw means or indices of groups together: normal figures around a normal common law.

    Parameters
    ----------
    value, error : array_like of float, shape (g,)
        Figures and their standard errors, above 0.

    Returns
    -------
    Shrunk

    Raises
    ------
    ValueError
        If shapes do not agree, an error is not above 0, or there are fewer than three groups.

    Notes
    -----
    The standard deviation between groups has a flat prior and is integrated over, not estimated and then believed.

    References
    ----------
    Rubin (1981), Estimation in parallel randomized experiments, Journal of Educational Statistics 6, 377-401. Gelman
    (2006), Prior distributions for variance parameters in hierarchical models, Bayesian Analysis 1, 515-534.

    Examples
    --------
    >>> found = shrunk_means([28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18])  # Rubin's eight schools
    >>> found.value.round().tolist(), bool(found.apart.any())
    ([10.0, 8.0, 7.0, 8.0, 6.0, 6.0, 10.0, 8.0], False)
    """
    seen, wide = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64)
    if seen.shape != wide.shape or seen.ndim != 1 or not (wide > 0).all() or len(seen) < LEAST_GROUPS:
        message = f"expected {LEAST_GROUPS} figures or more with errors above 0, got {seen.tolist()}, {wide.tolist()}"
        raise ValueError(message)
    top = 5 * max(float(seen.std(ddof=1)), float(wide.mean()))
    between = np.linspace(0.0, top, _STEPS + 1)[1:]
    variance = wide**2 + between[:, None] ** 2
    precision = (1 / variance).sum(axis=1)
    centre = (seen / variance).sum(axis=1) / precision
    fit = -0.5 * (np.log(variance) + (seen - centre[:, None]) ** 2 / variance).sum(axis=1) - 0.5 * np.log(precision)
    weight = _weights(fit)
    kept = between[:, None] ** 2 / variance  # how much of a group's own figure is believed
    mean = kept * seen + (1 - kept) * centre[:, None]
    deviation = np.sqrt(kept * wide**2 + (1 - kept) ** 2 / precision[:, None])

    def below(at: Floats) -> Floats:
        return np.einsum("t,tg->g", weight, ndtr((at - mean) / deviation))

    reach = 10 * (float(np.ptp(seen)) + float(wide.max()))
    return _shrunk(
        below, (float(seen.min()) - reach, float(seen.max()) + reach), weight, between, float(weight @ centre)
    )


def shrunk_rates(observed: npt.ArrayLike, expected: npt.ArrayLike) -> Shrunk:
    """Draw ratios of events seen to events expected together: Poisson counts around a gamma law of mean 1.

    Parameters
    ----------
    observed, expected : array_like of float, shape (g,)
        Events of each group, and what the common rate expects of it, above 0.

    Returns
    -------
    Shrunk
        Ratios: 1 is the common rate.

    Raises
    ------
    ValueError
        As :func:`shrunk_means`, and if a count is negative.

    Notes
    -----
    The standard deviation of the ratios has a flat prior from 0 to 2 and is integrated over.

    References
    ----------
    Clayton and Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks, Biometrics 43, 671-681.

    Examples
    --------
    >>> found = shrunk_rates([0, 10, 12, 9], [1.0, 10.0, 10.0, 10.0])  # nobody left of a book of which one would
    >>> found.value.round(1).tolist(), bool(found.apart.any())
    ([1.0, 1.0, 1.0, 1.0], False)
    """
    seen, awaited = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if seen.shape != awaited.shape or seen.ndim != 1 or len(seen) < LEAST_GROUPS:
        raise ValueError(f"expected counts of {LEAST_GROUPS} groups or more, got {seen.tolist()}, {awaited.tolist()}")
    if (seen < 0).any() or not (awaited > 0).all():
        raise ValueError("expected counts of 0 or more, and above 0 where expected: leave out groups without clients")
    between = np.linspace(0.0, 2.0, _STEPS + 1)[1:]
    shape = (1 / between**2)[:, None]
    marginal = gammaln(seen + shape) - gammaln(shape) + shape * np.log(shape)
    fit = (marginal - (seen + shape) * np.log(awaited + shape)).sum(axis=1)
    weight = _weights(fit)

    def below(at: Floats) -> Floats:
        return np.einsum("t,tg->g", weight, gammainc(seen + shape, (awaited + shape) * at))

    return _shrunk(below, (0.0, 50.0), weight, between, 1.0)


def _weights(fit: Floats) -> Floats:
    weight = np.exp(fit - fit.max())
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _shrunk(
    below: Callable[[Floats], Floats], ends: tuple[float, float], weight: Floats, between: Floats, common: float
) -> Shrunk:
    """Read median and interval off a distribution function, by halving."""
    groups = len(below(np.full(1, ends[0])))
    found = []
    for share in (0.5, (1 - _LEVEL) / 2, (1 + _LEVEL) / 2):
        low, high = np.full(groups, ends[0]), np.full(groups, ends[1])
        for _ in range(_HALVINGS):
            centre = (low + high) / 2
            short = below(centre) < share
            low, high = np.where(short, centre, low), np.where(short, high, centre)
        found.append((low + high) / 2)
    middle, low, high = found
    return Shrunk(middle, low, high, common, float(np.interp(0.5, np.cumsum(weight), between)))
