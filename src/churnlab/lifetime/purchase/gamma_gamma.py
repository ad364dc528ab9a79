"""What an order is worth: the Gamma-Gamma model.

Amounts of a client's orders are gamma about a mean of its own, and these means spread over clients by another gamma
law. How much a client orders is taken to say nothing of how often.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, polygamma, psi

from churnlab.lifetime.purchase.fitting import PRIOR_SPREAD, Floats, Height, Prior, climb
from churnlab.lifetime.purchase.nobody_leaves import in_logarithms
from churnlab.lifetime.purchase.result import Fit, Parameters, doubts, unnamed

_NAMES = ("p", "q", "gamma")
_CENTRE = np.log([2.0, 3.0, 1.0])
"""A priori a mean order is as large as the data's: p gamma / (q - 1) = 1 in units of the mean amount."""


@dataclass(frozen=True, slots=True)
class SpendFit(Fit):
    """A fitted Gamma-Gamma model; gamma is money."""

    @property
    def mean(self) -> float:
        """Mean amount of an order over all clients; infinite unless q > 1."""
        p, q, gamma = self.parameters
        return float(p * gamma / (q - 1)) if q > 1 else math.inf

    @property
    def verdict(self) -> str:
        """What the data do and do not tell, in words."""
        said = doubts(self)
        if not self.parameters[1] > 1:
            said.append(
                "Means of clients spread so widely (q of 1 or less) that the mean over all clients is not finite."
            )
        return " ".join(said) or "The data tell every parameter."


def fit_gamma_gamma(
    frequency: npt.ArrayLike,
    mean_amount: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    prior_spread: float = PRIOR_SPREAD,
) -> SpendFit:
    """Fit the Gamma-Gamma model of the mean amount of an order.

    Parameters
    ----------
    frequency : array_like of float, shape (n,)
        Orders that each mean is of; clients with none are left out.
    mean_amount : array_like of float, shape (n,)
        Mean amount of these orders, above 0.
    weight : array_like of float, shape (n,), optional
        Clients that each row stands for.
    prior_spread : float
        Standard deviation of the logarithms of parameters a priori; ``math.inf`` gives maximum likelihood.

    Returns
    -------
    SpendFit

    Raises
    ------
    ValueError
        If shapes differ, no client has an order, or a mean is not above 0.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV: using iso-value curves for customer base analysis, Journal of Marketing
    Research 42, 415-430. Fader and Hardie (2013), The Gamma-Gamma model of monetary value, note 025 at brucehardie.com.

    Examples
    --------
    >>> fit = fit_gamma_gamma([2, 1, 5, 3], [30.0, 12.0, 18.0, 55.0])
    >>> fit.names
    ('p', 'q', 'gamma')
    """
    x, mean = np.asarray(frequency, dtype=np.float64), np.asarray(mean_amount, dtype=np.float64)
    number = np.ones(x.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if not x.shape == mean.shape == number.shape or x.ndim != 1:
        raise ValueError(
            f"expected one frequency, mean and weight a client, got {x.shape}, {mean.shape}, {number.shape}"
        )
    bought = x > 0
    if not bought.any():
        raise ValueError("expected a client with an order after the first: nothing tells what an order is worth")
    x, mean, number = x[bought], mean[bought], number[bought]
    if not (np.isfinite(mean) & (mean > 0)).all():
        row = int(np.flatnonzero(bought)[np.argmin(np.isfinite(mean) & (mean > 0))])
        raise ValueError(f"expected means above 0, got {np.asarray(mean_amount)[row]} at position {row}: leave it out")
    unit = float((number * x * mean).sum() / (number * x).sum())
    counts, place = np.unique(x, return_inverse=True)
    prior = Prior(_CENTRE, prior_spread)
    peak = climb(lambda logs: _height(counts, place, mean / unit, number, logs), prior)
    return SpendFit(
        names=_NAMES,
        parameters=np.exp(peak.logs) * np.array([1.0, 1.0, unit]),
        log_covariance=peak.covariance,
        log_likelihood=peak.log_likelihood - float(number.sum()) * math.log(unit),
        clients=float(number.sum()),
        prior_spread=prior_spread,
        vague=unnamed(_NAMES, peak),
        reached=peak.reached,
    )


def mean_spend(parameters: Parameters, frequency: Floats, mean_amount: Floats) -> Floats:
    """Mean amount of a client's orders to come, given its orders so far; elementwise, with broadcasting.

    Parameters
    ----------
    parameters : tuple of ndarray
        p, q and gamma.
    frequency, mean_amount : ndarray
        Orders, and their mean amount; where there are none the amount is not read.

    Returns
    -------
    ndarray
        Money; infinite where p frequency + q is 1 or less.
    """
    p, q, gamma = parameters
    sum_of = np.where(frequency > 0, frequency * mean_amount, 0.0)
    with np.errstate(divide="ignore"):
        found = p * (gamma + sum_of) / (p * frequency + q - 1)
    return np.where(p * frequency + q > 1, found, np.inf)


def draw_spend(
    parameters: Parameters, frequency: Floats, mean_amount: Floats, orders: Floats, rng: np.random.Generator
) -> Floats:
    """Draw the amount of so many orders of a client.

    Parameters
    ----------
    parameters : tuple of ndarray
        p, q and gamma.
    frequency, mean_amount : ndarray
        Orders so far, and their mean amount.
    orders : ndarray
        Orders to come, whole numbers.
    rng : Generator
        Source of chance.

    Returns
    -------
    ndarray
        Money, in the shape of `orders`.
    """
    p, q, gamma = parameters
    sum_of = np.where(frequency > 0, frequency * mean_amount, 0.0)
    rate = rng.standard_gamma(np.broadcast_to(p * frequency + q, orders.shape)) / (gamma + sum_of)
    total = rng.standard_gamma(np.where(orders > 0, p * orders, 1.0))
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(orders > 0, total / rate, 0.0)


def _height(counts: Floats, place: npt.NDArray[np.int64], mean: Floats, number: Floats, logs: Floats) -> Height:
    """Log-likelihood of means, gradient and Hessian in the logarithms of p, q and gamma."""
    parameters = np.exp(logs)
    p, q, gamma = (float(each) for each in parameters)
    of_count = np.bincount(place, weights=number, minlength=len(counts))
    x, inner, both = counts[place], p * counts, p * counts + q
    end, total = gamma + x * mean, float(number.sum())
    log_end, log_sum = np.log(end), np.log(x * mean)
    by_x = np.bincount(place, weights=number * (log_sum - log_end), minlength=len(counts))
    log_ends, ends = number * log_end, number / end
    value = (
        float((of_count * (gammaln(both) - gammaln(inner))).sum())
        + total * (q * math.log(gamma) - gammaln(q))
        + float((inner * by_x).sum())
        - q * float(log_ends.sum())
        - float((number * np.log(mean)).sum())
    )
    digamma, trigamma = psi(both), polygamma(1, both)
    slope = np.array(
        [
            (of_count * counts * (digamma - psi(inner)) + counts * by_x).sum(),
            (of_count * digamma).sum() + total * (math.log(gamma) - psi(q)) - log_ends.sum(),
            total * q / gamma - (both[place] * ends).sum(),
        ]
    )
    x_ends = float((x * ends).sum())
    mixed = float((of_count * counts * trigamma).sum())
    bend = np.array(
        [
            [(of_count * counts**2 * (trigamma - polygamma(1, inner))).sum(), mixed, -x_ends],
            [mixed, (of_count * trigamma).sum() - total * polygamma(1, q), total / gamma - ends.sum()],
            [-x_ends, total / gamma - ends.sum(), (both[place] * ends / end).sum() - total * q / gamma**2],
        ]
    )
    return in_logarithms(value, slope, bend, parameters)
