"""How the rates at which clients order differ."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

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
