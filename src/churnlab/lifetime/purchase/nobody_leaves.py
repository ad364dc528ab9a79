"""Orders of clients who never leave: gamma rates, and gaps that are exponential or of k steps (NBD and CNBD-k).

The mark against which leaving is judged, and the part that all models with Erlang gaps share.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, polygamma, psi

from churnlab.lifetime.purchase.fitting import Floats, Height, Prior, climb
from churnlab.lifetime.purchase.records import Rows

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Rows prepared for gamma rates and gaps of `steps` steps, in scaled time.

    Attributes
    ----------
    steps : int
        Single events to an order: 1 where orders come at random, more where they come regularly.
    recency, age, weight : ndarray, shape (m,)
        Of the distinct rows.
    events : ndarray, shape (m,)
        Single events: `steps` times the frequency.
    counts, number, of_count : ndarray
        Distinct frequencies, shape (c,); clients at each; and for each row its position among them.
    """

    steps: int
    recency: Floats
    age: Floats
    weight: Floats
    events: Floats
    counts: Floats
    number: Floats
    of_count: Ints


def rhythm_of(rows: Rows, *, unit: float, steps: int) -> Rhythm:
    """Scale the times of rows by a unit, and find the distinct frequencies."""
    counts, place = np.unique(rows.frequency, return_inverse=True)
    number = np.bincount(place, weights=rows.weight, minlength=len(counts)).astype(np.float64)
    return Rhythm(
        steps, rows.recency / unit, rows.age / unit, rows.weight, steps * rows.frequency, counts, number, place
    )


def natural_unit(rows: Rows) -> float:
    """Time for one order a client, over all: what time is counted in, so that no unit matters."""
    return float((rows.weight * rows.age).sum() / max((rows.weight * rows.frequency).sum(), 1.0))


def gamma_part(rhythm: Rhythm, r: float) -> tuple[float, float, float]:
    """Log-likelihood's part ln G(r + events) - ln G(r), with its first and second derivative in r."""
    events = r + rhythm.steps * rhythm.counts
    number = rhythm.number
    value = float((number * (gammaln(events) - gammaln(r))).sum())
    first = float((number * (psi(events) - psi(r))).sum())
    second = float((number * (polygamma(1, events) - polygamma(1, r))).sum())
    return value, first, second


def unfinished(rhythm: Rhythm, r: float, alpha: float) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Logarithm of the chance that the order under way is not finished, and its derivatives.

    Returns
    -------
    tuple of ndarray, shape (m,)
        ln A and its derivatives in r, alpha, then r twice, r and alpha, alpha twice; A is the sum over j < k of
        (s)_j / j! (gap / (alpha + age))^j with s = r + events.
    """
    zero = np.zeros_like(rhythm.age)
    if rhythm.steps == 1:
        return zero, zero, zero, zero, zero, zero
    s, end = r + rhythm.events, 1 / (alpha + rhythm.age)
    u = (rhythm.age - rhythm.recency) * end
    term, slope, bend = np.ones_like(s), zero, zero  # (s)_j / j! u^j, and of its logarithm in s
    sums = [term.copy(), *(zero.copy() for _ in range(5))]
    for j in range(1, rhythm.steps):
        step = s + j - 1
        term, slope, bend = term * step / j * u, slope + 1 / step, bend - 1 / step**2
        parts = (np.ones_like(s), slope, -j * end, slope**2 + bend, -j * slope * end, j * (j + 1) * end**2)
        sums = [old + term * part for old, part in zip(sums, parts, strict=True)]
    whole = sums[0]
    in_r, in_alpha = sums[1] / whole, sums[2] / whole
    return (
        np.log(whole),
        in_r,
        in_alpha,
        sums[3] / whole - in_r**2,
        sums[4] / whole - in_r * in_alpha,
        sums[5] / whole - in_alpha**2,
    )


def in_logarithms(value: float, slope: Floats, bend: Floats, parameters: Floats) -> Height:
    """Turn gradient and Hessian in parameters into those in their logarithms."""
    return value, slope * parameters, bend * np.outer(parameters, parameters) + np.diag(slope * parameters)


def height_without_leaving(rhythm: Rhythm, logs: Floats) -> Height:
    """Log-likelihood of clients who never leave, in the logarithms of r and alpha."""
    r, alpha = (float(each) for each in np.exp(logs))
    value, first, second = gamma_part(rhythm, r)
    log_a, in_r, in_alpha, rr, ra, aa = unfinished(rhythm, r, alpha)
    weight, events, end = rhythm.weight, r + rhythm.events, alpha + rhythm.age
    total = float(weight.sum())
    log_end = np.log(end)
    value += total * r * np.log(alpha) + float((weight * (log_a - events * log_end)).sum())
    slope = np.array(
        [
            first + total * np.log(alpha) + float((weight * (in_r - log_end)).sum()),
            total * r / alpha + float((weight * (in_alpha - events / end)).sum()),
        ]
    )
    mixed = total / alpha + float((weight * (ra - 1 / end)).sum())
    bend = np.array(
        [
            [second + float((weight * rr).sum()), mixed],
            [mixed, -total * r / alpha**2 + float((weight * (aa + events / end**2)).sum())],
        ]
    )
    return in_logarithms(value, slope, bend, np.array([r, alpha]))


def best_without_leaving(rhythm: Rhythm, prior: Prior) -> Floats:
    """Logarithms of r and alpha of clients who never leave, without a prior; the start is the prior's centre."""
    flat = Prior(prior.centre[:2], np.inf)
    return climb(lambda logs: height_without_leaving(rhythm, logs), flat).logs
