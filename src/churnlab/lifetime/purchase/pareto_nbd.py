"""Clients who may leave at any time: the Pareto/NBD model.

A client orders at random at its own rate and leaves at its own rate, whether it orders or not; both are gamma over
clients.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import exprel

from churnlab.lifetime.purchase.fitting import PRIOR_SPREAD, Floats, Height, Prior, climb
from churnlab.lifetime.purchase.nobody_leaves import (
    Rhythm,
    best_without_leaving,
    gamma_part,
    height_without_leaving,
    in_logarithms,
    natural_unit,
    rhythm_of,
)
from churnlab.lifetime.purchase.records import distinct_rows
from churnlab.lifetime.purchase.result import Clients, Future, Parameters, PurchaseFit, summed_up

_DECAY = 37.0
"""Beyond a fall by exp(-37) nothing more is counted."""

_NODES = 32
_FEW_NODES, _MANY_NODES = 8, 64
_EASY_WIDTH, _EASY_FALL = 2.0, 5.0
"""Rows over whose time the integrand changes by no more than this need few nodes only."""

_GAUSS = {
    number: ((place + 1) / 2, weight / 2)
    for number in (_FEW_NODES, _NODES, _MANY_NODES)
    for place, weight in [np.polynomial.legendre.leggauss(number)]
}
"""Places and weights of Gauss-Legendre on (0, 1)."""


@dataclass(frozen=True, slots=True)
class ParetoNBD:
    """The law of the Pareto/NBD model."""

    @property
    def name(self) -> str:
        """Its name in the literature."""
        return "Pareto/NBD"

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters."""
        return ("r", "alpha", "s", "beta")

    def alive(self, parameters: Parameters, clients: Clients) -> Floats:
        """Chance that the client has not left."""
        r, alpha, s, beta = parameters
        m = r + clients.frequency
        here = -m * np.log(alpha + clients.age) - s * np.log(beta + clients.age)
        gone = log_left(m, s, alpha + clients.recency, beta + clients.recency, clients.age - clients.recency)
        return 1 / (1 + np.exp(np.minimum(gone - here, 700.0)))

    def orders(self, parameters: Parameters, clients: Clients, horizon: float) -> Floats:
        """Orders to expect within the horizon."""
        r, alpha, s, beta = parameters
        pace = (r + clients.frequency) / (alpha + clients.age)
        return self.alive(parameters, clients) * pace * _time_there(s, beta + clients.age, horizon)

    def silent(self, parameters: Parameters, clients: Clients, horizon: float) -> Floats:
        """Chance of no order within the horizon."""
        r, alpha, s, beta = parameters
        m, end, leaves = r + clients.frequency, alpha + clients.age, beta + clients.age
        there = self.alive(parameters, clients)
        waits = np.exp(-m * np.log1p(horizon / end) - s * np.log1p(horizon / leaves))
        left = np.exp(log_left(m, s, end, leaves, horizon) + m * np.log(end) + s * np.log(leaves))
        return 1 - there + there * (waits + left)

    def discounted(self, parameters: Parameters, clients: Clients, rate: float) -> Floats:
        """Orders to expect for ever, each discounted by exp(-rate x time)."""
        r, alpha, s, beta = parameters
        leaves = beta + clients.age
        pace = (r + clients.frequency) / (alpha + clients.age)
        width = np.log1p(_DECAY / (rate * leaves))
        total: Floats = np.zeros(())
        for place, weight in _nodes(_MANY_NODES):
            w = place * width
            total = total + weight * np.exp((1 - s) * w - rate * leaves * np.expm1(w))
        return self.alive(parameters, clients) * pace * leaves * width * total

    def mean_life(self, parameters: Parameters, clients: Clients) -> Floats:
        """Mean time until an active client leaves; infinite unless s > 1."""
        _, _, s, beta = parameters
        with np.errstate(divide="ignore"):
            mean = (beta + clients.age) / (s - 1)
        return np.where(np.asarray(s) > 1, mean, np.inf)

    def future(self, parameters: Parameters, clients: Clients, horizon: float, rng: np.random.Generator) -> Future:
        """Draw what happens from now on."""
        r, alpha, s, beta = parameters
        there = self.alive(parameters, clients)
        stays = rng.random(there.shape) < there
        rate = rng.standard_gamma(np.broadcast_to(r + clients.frequency, there.shape)) / (alpha + clients.age)
        with np.errstate(over="ignore"):
            pace = rng.standard_exponential(there.shape) / np.broadcast_to(s, there.shape)
            life = np.where(stays, (beta + clients.age) * np.expm1(pace), 0.0)
        orders = rng.poisson(np.minimum(rate * np.minimum(life, horizon), 1e12)).astype(np.float64)
        return Future(rate, orders, life)


def fit_pareto_nbd(
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    prior_spread: float = PRIOR_SPREAD,
) -> PurchaseFit:
    """Fit the Pareto/NBD model: orders at random, leaving at any time.

    Parameters
    ----------
    frequency, recency, age : array_like of float, shape (n,)
        Orders after the first; time from the first order to the last; to the end of the records.
    weight : array_like of float, shape (n,), optional
        Clients that each row stands for.
    prior_spread : float
        Standard deviation of the logarithms of parameters a priori; ``math.inf`` gives maximum likelihood.

    Returns
    -------
    PurchaseFit
        Parameters r, alpha (a time), s, beta (a time).

    Raises
    ------
    ValueError
        If shapes differ or a row cannot be.

    Notes
    -----
    The integral over the time of leaving is taken by Gauss-Legendre on the logarithm of time, where the integrand has
    no singularity near; the derivatives are those of the integrand, on the same nodes.

    References
    ----------
    Schmittlein, Morrison and Colombo (1987), Counting your customers, Management Science 33, 1-24. Fader and Hardie
    (2005), A note on deriving the Pareto/NBD model and related expressions, note 009 at brucehardie.com.

    Examples
    --------
    >>> fit = fit_pareto_nbd([2, 0, 5], [30.0, 0.0, 35.0], [38.0, 39.0, 36.0], weight=[50, 120, 30])
    >>> fit.law.names
    ('r', 'alpha', 's', 'beta')
    """
    rows = distinct_rows(frequency, recency, age, weight)
    unit = natural_unit(rows)
    rhythm = rhythm_of(rows, unit=unit, steps=1)
    mean_age = float((rhythm.weight * rhythm.age).sum() / rhythm.weight.sum())
    prior = Prior(np.array([0.0, 0.0, 0.0, math.log(mean_age)]), prior_spread)
    calm = best_without_leaving(rhythm, prior)
    start = np.concatenate((calm, [-0.5, math.log(mean_age) - 1]))
    peak = climb(lambda logs: _height(rhythm, logs), prior, start)
    return summed_up(
        ParetoNBD(),
        peak,
        scale=np.array([1.0, unit, 1.0, unit]),
        shift=-float((rows.weight * rows.frequency).sum()) * math.log(unit),
        without_leaving=height_without_leaving(rhythm, calm)[0],
        clients=float(rows.weight.sum()),
        prior_spread=prior_spread,
    )


def log_left(m: Floats, s: Floats, alpha: Floats, beta: Floats, span: Floats | float) -> Floats:
    """Logarithm of the integral of s (alpha + t)^-m (beta + t)^-(s + 1) over t from 0 to a span.

    Parameters
    ----------
    m, s, alpha, beta : ndarray
        Above 0, elementwise with broadcasting.
    span : ndarray or float
        0 or more.

    Returns
    -------
    ndarray
        Relative error of the integral under 1e-9; minus infinity where the span is 0.
    """
    base = np.minimum(alpha, beta)
    width = _width(m, s, alpha, beta, span)
    total: Floats = np.zeros(())
    for place, weight in _nodes(_NODES):
        w = place * width
        t = base * np.expm1(w)
        total = total + weight * np.exp(w - m * np.log1p(t / alpha) - (s + 1) * np.log1p(t / beta))
    with np.errstate(divide="ignore"):
        return np.log(s) + np.log(base * width * total) - m * np.log(alpha) - (s + 1) * np.log(beta)


def _width(m: Floats, s: Floats, alpha: Floats, beta: Floats, span: Floats | float) -> Floats:
    """Length of the span in the logarithm of base + t, cut where the integrand has fallen away."""
    base = np.minimum(alpha, beta)
    with np.errstate(over="ignore"):
        reach = np.minimum(alpha * np.expm1(_DECAY / m), beta * np.expm1(_DECAY / (s + 1)))
    return np.log1p(np.minimum(span, reach) / base)


def _nodes(number: int) -> Iterator[tuple[float, float]]:
    """Places and weights of Gauss-Legendre on (0, 1), one by one."""
    place, weight = _GAUSS[number]
    return zip(place.tolist(), weight.tolist(), strict=True)


def _time_there(s: Floats, beta: Floats, horizon: float) -> Floats:
    """Mean time that an active client is there within the horizon."""
    length = np.log1p(horizon / beta)
    return beta * length * exprel((1 - s) * length)


def _height(rhythm: Rhythm, logs: Floats) -> Height:
    """Log-likelihood, gradient and Hessian in the logarithms of r, alpha, s and beta."""
    parameters = np.exp(logs)
    r, alpha, s, beta = (float(each) for each in parameters)
    total = float(rhythm.weight.sum())
    first = gamma_part(rhythm, r)
    value = first[0] + total * (r * math.log(alpha) + s * math.log(beta))
    slope = np.array([first[1] + total * math.log(alpha), total * r / alpha, total * math.log(beta), total * s / beta])
    bend = np.diag([first[2], -total * r / alpha**2, 0.0, -total * s / beta**2])
    bend[0, 1] = bend[1, 0] = total / alpha
    bend[2, 3] = bend[3, 2] = total / beta
    m = r + rhythm.events
    last, leaves = alpha + rhythm.recency, beta + rhythm.recency
    span = rhythm.age - rhythm.recency
    width = _width(m, np.asarray(s), last, leaves, span)
    fall = m * np.log1p(span / last) + (s + 1) * np.log1p(span / leaves)
    easy = (width < _EASY_WIDTH) & (fall < _EASY_FALL)
    for chosen, number in ((easy, _FEW_NODES), (~easy, _NODES)):
        if chosen.any():
            part = _mixture_part(rhythm, np.flatnonzero(chosen), width[chosen], parameters, number)
            value, slope, bend = value + part[0], slope + part[1], bend + part[2]
    return in_logarithms(value, slope, bend, parameters)


def _mixture_part(
    rhythm: Rhythm, chosen: npt.NDArray[np.intp], width: Floats, parameters: Floats, number: int
) -> Height:
    """ln(A + D) over rows: still there, or gone at some time since the last order, which is a mixture over nodes.

    The nodes of the integral stand in columns, and being there in one more; each has weight, slopes and bends of its
    own.
    """
    r, alpha, s, beta = (float(each) for each in parameters)
    m = (r + rhythm.events[chosen])[:, None]
    recency, end = rhythm.recency[chosen][:, None], rhythm.age[chosen][:, None]
    place, by = _GAUSS[number]
    base = min(alpha, beta) + recency
    w = place * width[:, None]
    t = np.concatenate((recency + base * np.expm1(w), end), axis=1)
    order_log, leave_log = np.log(alpha + t), np.log(beta + t)
    heights = -m * order_log - s * leave_log
    with np.errstate(divide="ignore"):
        heights[:, :-1] += np.log(by * width[:, None] * base * s) + w - leave_log[:, :-1]
    highest = heights.max(axis=1, keepdims=True)
    share = np.exp(heights - highest)
    whole = share.sum(axis=1, keepdims=True)
    weight = rhythm.weight[chosen]
    share *= weight[:, None] / whole
    leaves = np.full(number + 1, s + 1)
    leaves[-1] = s
    alive = np.zeros(number + 1)
    alive[:-1] = 1 / s
    from_start, from_leave = 1 / (alpha + t), 1 / (beta + t)
    slopes = np.empty((4, *share.shape))
    np.negative(order_log, out=slopes[0])
    np.multiply(-m, from_start, out=slopes[1])
    np.subtract(alive, leave_log, out=slopes[2])
    np.multiply(-leaves, from_leave, out=slopes[3])
    shared = slopes * share
    mean = shared.sum(axis=2)
    bend = np.einsum("kn,ln->kl", shared.reshape(4, -1), slopes.reshape(4, -1))
    bend -= np.einsum("kr,lr->kl", mean, mean / np.maximum(weight, 1e-300))
    bend[0, 1] -= (share * from_start).sum()
    bend[1, 1] -= (shared[1] * from_start).sum()
    bend[2, 2] -= (share[:, :-1]).sum() / s**2
    bend[2, 3] -= (share * from_leave).sum()
    bend[3, 3] -= (shared[3] * from_leave).sum()
    bend[1, 0], bend[3, 2] = bend[0, 1], bend[2, 3]
    value = float((weight * (highest + np.log(whole))[:, 0]).sum())
    return value, mean.sum(axis=1), bend
