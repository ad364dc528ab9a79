"""Orders of single clients: each its own rate, held towards those of all clients."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import nbinom

Floats = npt.NDArray[np.float64]

_WIDEST = 12.0
"""Bound on the logarithms of shape and months: clients that hardly differ would run off to infinity."""


@dataclass(frozen=True, slots=True)
class RateSpread:
    """How rates of ordering differ among clients: a gamma law.

    Attributes
    ----------
    shape : float
        Of the gamma law; the larger, the more alike clients are.
    months : float
        How many months of a client's own record the others' weigh as much as.
    """

    shape: float
    months: float


def fit_rates(orders: npt.ArrayLike, months: npt.ArrayLike) -> RateSpread:
    """Fit the spread of rates by maximum likelihood of the negative binomial counts.

    Parameters
    ----------
    orders : array_like of float, shape (n,)
        Orders of each client in its months.
    months : array_like of float, shape (n,)
        Months in which they were counted, above 0.

    Returns
    -------
    RateSpread

    Raises
    ------
    ValueError
        If shapes differ, nothing is given, a count is negative or a time is not above 0.

    References
    ----------
    Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8, 26-41.
    """
    count, span = _checked(orders, months)
    level = np.log(max(float(count.sum()), 0.5) / span.sum())
    start = np.array([0.0, -level])
    found = minimize(
        _cost, start, args=(count, span), method="L-BFGS-B", bounds=[(-_WIDEST, _WIDEST), (-_WIDEST, _WIDEST)]
    )
    shape, weight = np.exp(found.x)
    return RateSpread(float(shape), float(weight))


def expected_orders(
    orders: npt.ArrayLike, months: npt.ArrayLike, *, spread: RateSpread, horizon: float, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Orders to expect of each client if it goes on at its own rate, with a predictive interval.

    Parameters
    ----------
    orders, months : array_like of float, shape (n,)
        Orders of each client and the months in which they were counted.
    spread : RateSpread
        Of all clients.
    horizon : float
        Months to come.
    level : float
        Coverage of the interval, at least, if orders come at random at a rate that stays.

    Returns
    -------
    mean, low, high : ndarray of float, shape (n,)
        Orders; the ends are whole numbers.

    Raises
    ------
    ValueError
        As :func:`fit_rates`.
    """
    count, span = _checked(orders, months)
    shape, own = spread.shape + count, spread.months + span
    chance = own / (own + horizon)
    low, high = (nbinom.ppf(end, shape, chance) for end in (0.5 - level / 2, 0.5 + level / 2))
    return shape * horizon / own, np.maximum(low, 0.0), high


def level_needed(
    seen: npt.ArrayLike, orders: npt.ArrayLike, months: npt.ArrayLike, *, spread: RateSpread, horizon: float
) -> Floats:
    """Smallest level at which each client's interval would have held what came.

    Regular clients order more evenly than at random, and some have left: the level that holds 95 of 100 in the past is
    then not .95, and is better read from here.

    Parameters
    ----------
    seen : array_like of float, shape (n,)
        Orders that came in the horizon.
    orders, months : array_like of float, shape (n,)
        Orders of each client before it, and the months in which they were counted.
    spread : RateSpread
        Of all clients.
    horizon : float
        Months of the horizon.

    Returns
    -------
    ndarray of float, shape (n,)
        Levels for :func:`expected_orders`, 0 to 1.

    Raises
    ------
    ValueError
        As :func:`fit_rates`.
    """
    count, span = _checked(orders, months)
    came = np.asarray(seen, dtype=np.float64)
    shape, own = spread.shape + count, spread.months + span
    chance = own / (own + horizon)
    tail = np.minimum(nbinom.cdf(came, shape, chance), nbinom.sf(came - 1, shape, chance))
    return np.clip(1 - 2 * tail, 0.0, 1.0)


def _cost(logs: Floats, count: Floats, span: Floats) -> float:
    """Negative log likelihood, up to a constant."""
    shape, weight = np.exp(logs)
    mix = gammaln(shape + count) - gammaln(shape)
    return float(-(mix + shape * np.log(weight / (weight + span)) - count * np.log(weight + span)).sum())


def _checked(orders: npt.ArrayLike, months: npt.ArrayLike) -> tuple[Floats, Floats]:
    count, span = np.asarray(orders, dtype=np.float64), np.asarray(months, dtype=np.float64)
    if count.shape != span.shape or count.ndim != 1 or not count.size:
        raise ValueError(f"expected two rows of one length above 0, got {count.shape} and {span.shape}")
    if (count < 0).any() or not (span > 0).all():
        raise ValueError("expected counts of 0 or more and times above 0")
    return count, span
