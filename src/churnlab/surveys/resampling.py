"""Importance and means of factors with their covariance over clients: as they are, and drawn again."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.surveys.importance import shares_and_slopes
from churnlab.surveys.latent import behind, classes, normal_scores, step_coefficients

Floats = npt.NDArray[np.float64]

_AT_ONCE = 4_000_000
"""Numbers held at once, about: client drawings times clients times figures."""

_ROUNDING = 1e-9
"""A variance that is a smaller part of the mean square is left from rounding."""


@dataclass(frozen=True, slots=True)
class ClientSums:
    """Sums of each client's answers, from which every correlation is had.

    Attributes
    ----------
    answers : ndarray of float, shape (k,)
        Answers of each of the k clients.
    totals : ndarray of float, shape (k, m)
        Sums of the m variables.
    scores : ndarray of float, shape (k, m)
        Sums of scores: the answers themselves less their mean, or what stands for them on the ordinal scale.
    products : ndarray of float, shape (k, m * m)
        Sums of products of scores.
    counts : tuple of ndarray of float, shape (k, c)
        Answers by class, for each variable; empty on the interval scale.
    steps : tuple of ndarray of float, shape (c,)
        Score of each class, for each variable; empty on the interval scale.
    """

    answers: Floats
    totals: Floats
    scores: Floats
    products: Floats
    counts: tuple[Floats, ...]
    steps: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Correlations:
    """Correlations of m variables in b draws of clients.

    Attributes
    ----------
    seen : ndarray of float, shape (b, m, m)
        Of the scores.
    spread : ndarray of float, shape (b, m)
        Standard deviations of the scores.
    behind : ndarray of float, shape (b, m, m)
        Of what lies behind the answers; the same as `seen` on the interval scale.
    slope : ndarray of float, shape (b, m, m)
        How much `seen` rises with `behind`.
    """

    seen: Floats
    spread: Floats
    behind: Floats
    slope: Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of the factors and their covariance, as estimated and in every draw of clients.

    The 2 p + 1 figures are the share of each factor, R squared, and the mean answer to each factor.

    Attributes
    ----------
    value : ndarray of float, shape (q,)
        The figures.
    covariance : ndarray of float, shape (q, q)
        Their covariance over clients.
    drawn : ndarray of float, shape (b, q)
        The figures in each draw of clients.
    drawn_covariance : ndarray of float, shape (b, q, q)
        Their covariance as each draw would estimate it.
    """

    value: Floats
    covariance: Floats
    drawn: Floats
    drawn_covariance: Floats


def client_sums(values: Floats, client: npt.NDArray[np.generic], *, ordinal: bool) -> ClientSums:
    """Add up the answers of each client.

    Parameters
    ----------
    values : ndarray of float, shape (n, m)
        Answers, without NaN.
    client : ndarray, shape (n,)
        Who gave them.
    ordinal : bool
        Whether only the order of answers counts; else their distances do.

    Returns
    -------
    ClientSums
    """
    code = np.unique(client, return_inverse=True)[1]
    place = [classes(column) for column in values.T] if ordinal else []
    steps = tuple(normal_scores(np.bincount(column)) for column in place)
    scored = np.column_stack([step[column] for step, column in zip(steps, place, strict=True)]) if ordinal else values
    scored = scored - scored.mean(axis=0)
    return ClientSums(
        answers=np.bincount(code).astype(np.float64),
        totals=_sums(values, code),
        scores=_sums(scored, code),
        products=_sums((scored[:, :, None] * scored[:, None, :]).reshape(len(values), -1), code),
        counts=tuple(_sums(np.eye(len(step))[column], code) for step, column in zip(steps, place, strict=True)),
        steps=steps,
    )


def bootstrap(sums: ClientSums, *, draws: int, rng: np.random.Generator) -> Figures:
    """Estimate the figures, and again in draws of as many clients with replacement.

    Parameters
    ----------
    sums : ClientSums
        Sums of each client's answers, of the factors and, last, of the target.
    draws : int
        How many draws.
    rng : Generator
        For the draws.

    Returns
    -------
    Figures
        NaN where a variable does not vary or nothing is explained.
    """
    clients = len(sums.answers)
    value, covariance = estimate(sums, np.ones((1, clients)))
    at_once = max(1, _AT_ONCE // (clients * value.shape[1]))
    found = []
    for start in range(0, draws, at_once):
        times = rng.multinomial(clients, np.full(clients, 1 / clients), size=min(at_once, draws - start))
        found.append(estimate(sums, times.astype(np.float64)))
    drawn, spread = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Figures(value[0], covariance[0], drawn, spread)


def estimate(sums: ClientSums, times: Floats) -> tuple[Floats, Floats]:
    """Figures and their covariance, with each client taken so many times.

    Parameters
    ----------
    sums : ClientSums
        Sums of each client's answers.
    times : ndarray of float, shape (b, k)
        How many times each client is taken.

    Returns
    -------
    value : ndarray of float, shape (b, q)
        As in :class:`Figures`.
    covariance : ndarray of float, shape (b, q, q)
        Over clients, by the sum of squares of what each client moves the figures.

    Notes
    -----
    On the ordinal scale the covariance takes the places at which answers are cut as given. It scales the intervals,
    whose width is found from the draws.
    """
    answers = (times @ sums.answers)[:, None]
    mean = times @ sums.scores / answers
    found = correlations(sums, times)
    figures, slopes = shares_and_slopes(found.behind)
    moved = _moved_by_products(slopes / found.slope[:, None], found)
    linear = -2 * (moved @ mean[:, None, :, None])[..., 0]
    constant = -(linear @ mean[:, :, None]) / 2  # the products' own part is 0, since no figure minds the units
    moves = np.concatenate([moved.reshape(*linear.shape[:2], -1), linear, constant], axis=2)
    each = np.concatenate([sums.products, sums.scores, sums.answers[:, None]], axis=1)
    average = (times @ sums.totals / answers)[:, :-1]
    shifts = sums.totals[:, :-1].T - average[:, :, None] * sums.answers
    influence = np.concatenate([moves @ each.T, shifts], axis=1) / answers[:, :, None]
    clients = times.sum(axis=1)[:, None, None]
    covariance = (influence * times[:, None, :]) @ influence.swapaxes(1, 2) * clients / (clients - 1)
    return np.concatenate([figures, average], axis=1), covariance


def correlations(sums: ClientSums, times: Floats) -> Correlations:
    """Correlations of the answers, with each client taken so many times.

    Parameters
    ----------
    sums : ClientSums
        Sums of each client's answers.
    times : ndarray of float, shape (b, k)
        How many times each client is taken.

    Returns
    -------
    Correlations
        NaN where a variable does not vary.
    """
    answers = (times @ sums.answers)[:, None]
    mean = times @ sums.scores / answers
    size = mean.shape[1]
    products = (times @ sums.products / answers).reshape(-1, size, size)
    covariance = products - mean[:, :, None] * mean[:, None, :]
    variance, square = np.einsum("bii->bi", covariance), np.einsum("bii->bi", products)
    spread = np.sqrt(np.where(variance > _ROUNDING * square, variance, np.nan))
    seen = covariance / (spread[:, :, None] * spread[:, None, :])
    if not sums.steps:
        return Correlations(seen, spread, seen, np.ones_like(seen))
    steps = [step_coefficients(times @ count, step) for count, step in zip(sums.counts, sums.steps, strict=True)]
    return Correlations(seen, spread, *behind(seen, np.stack(steps, axis=1)))


def _moved_by_products(slopes: Floats, found: Correlations) -> Floats:
    """Derivatives by covariances from those by correlations, shape (b, f, m, m)."""
    ones = np.eye(slopes.shape[-1])
    between = slopes * (1 - ones)
    own = -(between * found.seen[:, None]).sum(axis=-1)
    return (between + own[..., None] * ones) / (found.spread[:, None, :, None] * found.spread[:, None, None, :])


def _sums(values: Floats, code: npt.NDArray[np.int64]) -> Floats:
    """Sums of rows by code, shape (k, ...)."""
    found = np.zeros((int(code.max()) + 1, values.shape[1]))
    np.add.at(found, code, values)
    return found
