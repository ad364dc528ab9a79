"""Clients with one chance to order a period, who may leave between them: the BG/BB model.

Time is a count of occasions: years, catalogues, monthly plans. Frequency is the occasions with an order, recency the
last one of these, age the occasions so far; unlike in the other models there is no first order that is left out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, polygamma, psi

from churnlab.lifetime.purchase.fitting import PRIOR_SPREAD, Floats, Height, Prior, climb
from churnlab.lifetime.purchase.nobody_leaves import in_logarithms
from churnlab.lifetime.purchase.records import Rows, distinct_rows
from churnlab.lifetime.purchase.result import Clients, Future, Parameters, PurchaseFit, summed_up

_NOTHING_LEFT = 1e-13
_MOST_OCCASIONS = 100_000


@dataclass(frozen=True, slots=True)
class BetaBernoulli:
    """The law of the BG/BB model."""

    @property
    def name(self) -> str:
        """Its name in the literature."""
        return "BG/BB"

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters."""
        return ("alpha", "beta", "gamma", "delta")

    def alive(self, parameters: Parameters, clients: Clients) -> Floats:
        """Chance that the client had not left at its last occasion."""
        alpha, beta, gamma, delta = parameters
        x, n = clients.frequency, clients.age
        here = betaln(alpha + x, beta + n - x) + betaln(gamma, delta + n)
        gone: Floats = np.zeros(())
        for i in range(int((n - clients.recency).max())):
            seen = clients.recency + i
            height = betaln(alpha + x, beta + seen - x) + betaln(gamma + 1, delta + seen) - here
            gone = gone + np.where(seen < n, np.exp(np.minimum(height, 700.0)), 0.0)
        return np.asarray(1 / (1 + gone) + np.zeros(np.shape(here)))

    def orders(self, parameters: Parameters, clients: Clients, horizon: float) -> Floats:
        """Orders to expect on so many occasions to come."""
        return self._summed(parameters, clients, occasions=int(horizon), factor=1.0)

    def discounted(self, parameters: Parameters, clients: Clients, rate: float) -> Floats:
        """Orders to expect for ever, each discounted by exp(-rate x occasions)."""
        return self._summed(parameters, clients, occasions=_MOST_OCCASIONS, factor=float(np.exp(-rate)))

    def silent(self, parameters: Parameters, clients: Clients, horizon: float) -> Floats:
        """Chance of no order on so many occasions to come."""
        alpha, beta, gamma, delta = parameters
        x, n = clients.frequency, clients.age
        there = self.alive(parameters, clients)
        silent, quiet, stays = np.zeros_like(there), np.ones_like(there), np.ones_like(there)
        for step in range(int(horizon)):
            leaves = gamma / (gamma + delta + n + step)
            silent = silent + stays * leaves * quiet
            stays = stays * (1 - leaves)
            quiet = quiet * (beta + n - x + step) / (alpha + beta + n + step)
        return 1 - there + there * (silent + stays * quiet)

    def mean_life(self, parameters: Parameters, clients: Clients) -> Floats:
        """Mean occasions until an active client leaves; infinite unless gamma > 1."""
        _, _, gamma, delta = parameters
        with np.errstate(divide="ignore"):
            mean = (delta + clients.age) / (gamma - 1)
        return np.where(np.asarray(gamma) > 1, mean, np.inf)

    def future(self, parameters: Parameters, clients: Clients, horizon: float, rng: np.random.Generator) -> Future:
        """Draw what happens from now on."""
        alpha, beta, gamma, delta = parameters
        x, n = clients.frequency, clients.age
        there = self.alive(parameters, clients)
        stays = rng.random(there.shape) < there
        rate = rng.beta(alpha + x, beta + n - x, size=there.shape)
        leaves = np.clip(rng.beta(gamma, delta + n, size=there.shape), 1e-12, 1.0)
        life = np.where(stays, rng.geometric(leaves) - 1.0, 0.0)
        occasions = np.minimum(life, np.floor(horizon)).astype(np.int64)
        return Future(rate, rng.binomial(occasions, rate).astype(np.float64), life)

    def _summed(self, parameters: Parameters, clients: Clients, *, occasions: int, factor: float) -> Floats:
        alpha, beta, gamma, delta = parameters
        x, n = clients.frequency, clients.age
        there = self.alive(parameters, clients)
        total, stays = np.zeros_like(there), np.ones_like(there)
        for step in range(occasions):
            stays = stays * factor * (delta + n + step) / (gamma + delta + n + step)
            total = total + stays
            if not (stays > _NOTHING_LEFT * total).any():
                break
        return there * (alpha + x) / (alpha + beta + n) * total


def fit_bg_bb(
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    prior_spread: float = PRIOR_SPREAD,
) -> PurchaseFit:
    """Fit the BG/BB model: one chance to order an occasion, leaving between occasions.

    Parameters
    ----------
    frequency, recency, age : array_like of int, shape (n,)
        Occasions with an order; the last of them; all occasions so far.
    weight : array_like of float, shape (n,), optional
        Clients that each row stands for.
    prior_spread : float
        Standard deviation of the logarithms of parameters a priori; ``math.inf`` gives maximum likelihood.

    Returns
    -------
    PurchaseFit
        Parameters alpha, beta (of ordering), gamma, delta (of leaving).

    Raises
    ------
    ValueError
        If shapes differ, a row cannot be, or occasions are not whole.

    References
    ----------
    Fader, Hardie and Shang (2010), Customer-base analysis in a discrete-time noncontractual setting, Marketing
    Science 29, 1086-1108.

    Examples
    --------
    >>> fit = fit_bg_bb([0, 2, 5], [0, 3, 6], [6, 6, 6], weight=[60, 25, 15])
    >>> fit.law.name
    'BG/BB'
    """
    rows = distinct_rows(frequency, recency, age, weight)
    whole = (
        (rows.recency == np.floor(rows.recency)) & (rows.age == np.floor(rows.age)) & (rows.frequency <= rows.recency)
    )
    if not whole.all():
        row = int(np.argmin(whole))
        came = f"frequency {rows.frequency[row]:g}, recency {rows.recency[row]:g}, age {rows.age[row]:g}"
        raise ValueError(f"expected whole occasions and no more orders than occasions, got {came}")
    prior = Prior(np.zeros(4), prior_spread)
    calm = climb(lambda logs: _height_without_leaving(rows, logs), Prior(np.zeros(2), np.inf))
    peak = climb(lambda logs: _height(rows, logs), prior, np.concatenate((calm.logs, [-0.5, 1.0])))
    return summed_up(
        BetaBernoulli(),
        peak,
        scale=np.ones(4),
        shift=0.0,
        without_leaving=calm.log_likelihood,
        clients=float(rows.weight.sum()),
        prior_spread=prior_spread,
    )


def _height_without_leaving(rows: Rows, logs: Floats) -> Height:
    """Log-likelihood where nobody leaves, in the logarithms of alpha and beta: beta-binomial, order by order."""
    alpha, beta = (float(each) for each in np.exp(logs))
    value, slope, bend = _beta_part(alpha, beta, rows.frequency, rows.age - rows.frequency)
    w = rows.weight
    return in_logarithms(
        float((w * value).sum()), (w * slope).sum(axis=-1), (w * bend).sum(axis=-1), np.array([alpha, beta])
    )


def _height(rows: Rows, logs: Floats) -> Height:
    """Log-likelihood, gradient and Hessian: a mixture over the occasion after which the client left, or none."""
    parameters = np.exp(logs)
    alpha, beta, gamma, delta = (float(each) for each in parameters)
    x, n = rows.frequency[:, None], rows.age[:, None]
    step = np.arange(int((n[:, 0] - rows.recency).max()) + 1)
    seen = np.minimum(rows.recency[:, None] + step, n)
    possible = rows.recency[:, None] + step <= n
    leaves = (seen < n).astype(np.float64)
    buys = _beta_part(alpha, beta, x, seen - x)
    goes = _beta_part(gamma, delta, leaves, seen)
    heights = np.where(possible, buys[0] + goes[0], -np.inf)
    highest = heights.max(axis=1, keepdims=True)
    share = np.exp(heights - highest)
    whole = share.sum(axis=1, keepdims=True)
    weight = rows.weight[:, None]
    share = share / whole * weight
    slopes = np.concatenate((buys[1], goes[1]))
    mean = (slopes * share).sum(axis=2)
    bend = np.einsum("krn,lrn->kl", slopes * share, slopes) - np.einsum(
        "kr,lr->kl", mean, mean / np.maximum(weight.T, 1e-300)
    )
    bend[:2, :2] += (buys[2] * share).sum(axis=(2, 3))
    bend[2:, 2:] += (goes[2] * share).sum(axis=(2, 3))
    value = float((weight * (highest + np.log(whole))).sum())
    return in_logarithms(value, mean.sum(axis=1), bend, parameters)


def _beta_part(first: float, second: float, hits: Floats, misses: Floats) -> tuple[Floats, Floats, Floats]:
    """Ln B(first + hits, second + misses) - ln B(first, second), its gradient (2, ...) and Hessian (2, 2, ...)."""
    a, b = first + hits, second + misses
    value = betaln(a, b) - betaln(first, second)
    both = psi(a + b) - psi(first + second)
    slope = np.stack((psi(a) - psi(first) - both, psi(b) - psi(second) - both))
    crossed = polygamma(1, first + second) - polygamma(1, a + b)
    own = (polygamma(1, a) - polygamma(1, first), polygamma(1, b) - polygamma(1, second))
    bend = np.stack((np.stack((own[0] + crossed, crossed)), np.stack((crossed, own[1] + crossed))))
    return value, slope, bend
