"""Whether several factors tell of one thing: Cronbach's alpha and McDonald's omega."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from churnlab.surveys.figure import UNKNOWN, Figure, jackknifed
from churnlab.surveys.within import Floats, Ints, codes, mean_within

LEAST_CLIENTS = 20
"""With fewer clients no consistency is given."""

_LARGEST_LOADING = 0.995
"""A loading stops here: a factor without any noise of its own is not believed."""

_STEPS = 3
"""Newton's steps from the loadings of all clients to those without one: each doubles the digits."""


@dataclass(frozen=True, slots=True)
class Consistency:
    """How far the rated factors tell of one thing.

    Attributes
    ----------
    clients, answers, factors : int
        Clients and answers with every factor rated, and the factors.
    alpha, standardised : Figure
        Cronbach's alpha of the scores, and of the scores over their standard deviations.
    omega : Figure
        McDonald's omega total of the scores; NaN with fewer than three factors.
    loadings : ndarray, shape (factors,)
        Correlation of each factor with the one thing behind them; NaN with fewer than three.
    misfit : float
        Largest correlation of two factors, in absolute value, that the one thing leaves unexplained.
    """

    clients: int
    answers: int
    factors: int
    alpha: Figure
    standardised: Figure
    omega: Figure
    loadings: Floats
    misfit: float


def consistency(
    scores: npt.ArrayLike, client: npt.ArrayLike, *, stratum: npt.ArrayLike | None = None, level: float = 0.95
) -> Consistency:
    """Alpha and omega of answers that rate several factors, with intervals over clients.

    Parameters
    ----------
    scores : array_like of float, shape (n, factors)
        One row an answer, all factors in one direction; rows with a NaN are left out.
    client : array_like, shape (n,)
        Who gave it.
    stratum : array_like, shape (n,), optional
        Wave and mode, whose differences in mean are no agreement between factors.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Consistency
        NaN with fewer than ``LEAST_CLIENTS`` clients, fewer than two factors, or where a factor or the sum of all
        does not vary.

    Raises
    ------
    ValueError
        If shapes differ.

    Notes
    -----
    Intervals leave out one client in turn, with all its answers (jackknife), whatever the distribution of scores; they
    are symmetric in log(1 - alpha). The one-factor model is fitted to the correlations by unweighted least squares
    (minres). Consistency is not repeatability: a client in a kind mood rates every factor kindly, which raises alpha;
    :func:`~churnlab.surveys.retest` asks what lasts.

    References
    ----------
    Cronbach (1951), Psychometrika 16, 297-334. McDonald (1999), Test Theory, Erlbaum. Harman and Jones (1966),
    Psychometrika 31, 351-368 (minres). Bonett and Wright (2015), Cronbach's alpha reliability: interval estimation,
    hypothesis testing, and sample size planning, doi:10.1002/job.1960 (the logarithm).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> scores = 7 + rng.normal(size=(200, 1)) + rng.normal(size=(200, 4))
    >>> found = consistency(scores, range(200))
    >>> round(found.alpha.value, 2), round(found.omega.value, 2)
    (0.78, 0.78)
    """
    given, who = np.asarray(scores, dtype=np.float64), np.asarray(client)
    place = np.zeros(who.shape, dtype=np.int64) if stratum is None else np.asarray(stratum)
    if given.ndim != 2 or not len(given) == len(who) == len(place):
        message = f"expected scores (n, factors) and n clients, got {given.shape}, {who.shape}, {place.shape}"
        raise ValueError(message)
    whole = ~np.isnan(given).any(axis=1)
    given, who, place = given[whole], who[whole], place[whole]
    clients, factors = len(np.unique(who)), given.shape[1]
    none = np.full(factors, np.nan)
    apart = _apart(given, codes(place)) if clients >= LEAST_CLIENTS and factors > 1 else None
    if apart is None:
        return Consistency(clients, len(given), factors, UNKNOWN, UNKNOWN, UNKNOWN, none, np.nan)
    covariance, left = _covariances(apart, codes(who), strata=len(np.unique(place)))
    correlation, left_correlation = _correlations(covariance), _correlations(left)
    loadings = one_factor(correlation) if factors > 2 else none
    loads = _refitted(left_correlation, loadings)
    rest = np.abs(correlation - np.outer(loadings, loadings))[~np.eye(factors, dtype=bool)]

    def figure(value: Floats, without: Floats) -> Figure:
        return jackknifed(float(value), without, level=level, scale="below one")

    return Consistency(
        clients=clients,
        answers=len(given),
        factors=factors,
        alpha=figure(_alpha(covariance), _alpha(left)),
        standardised=figure(_alpha(correlation), _alpha(left_correlation)),
        omega=figure(_omega(covariance, loadings), _omega(left, loads)),
        loadings=loadings,
        misfit=float(rest.max()),
    )


def cronbach_alpha(covariance: npt.ArrayLike) -> float:
    """Cronbach's alpha: the sum of covariances over the variance of the total, times k / (k - 1).

    Parameters
    ----------
    covariance : array_like of float, shape (k, k)
        Covariances of two factors or more; correlations give the standardised alpha.

    Returns
    -------
    float
        At most 1; negative if factors go against one another.

    References
    ----------
    Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16, 297-334.

    Examples
    --------
    >>> round(cronbach_alpha([[1.0, 0.5], [0.5, 1.0]]), 4)
    0.6667
    """
    return float(_alpha(np.asarray(covariance, dtype=np.float64)))


def one_factor(correlation: npt.ArrayLike) -> Floats:
    """Loadings of the one-factor model by least squares on the correlations off the diagonal.

    Parameters
    ----------
    correlation : array_like of float, shape (k, k)
        Correlations of three factors or more.

    Returns
    -------
    ndarray, shape (k,)
        Loadings, their sum not negative, none beyond .995.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> one_factor(np.outer(loadings, loadings) + np.diag(1 - loadings**2)).round(6).tolist()
    [0.8, 0.7, 0.6, 0.5]
    """
    matrix = np.asarray(correlation, dtype=np.float64)
    above = np.triu_indices(len(matrix), 1)
    wanted = matrix[above]
    rows = np.arange(wanted.size)

    def gaps(loadings: Floats) -> Floats:
        return loadings[above[0]] * loadings[above[1]] - wanted

    def slopes(loadings: Floats) -> Floats:
        found = np.zeros((wanted.size, len(matrix)))
        found[rows, above[0]], found[rows, above[1]] = loadings[above[1]], loadings[above[0]]
        return found

    roots, vectors = np.linalg.eigh(matrix)
    start = np.clip(vectors[:, -1] * np.sqrt(max(roots[-1], 0.0)), -0.9, 0.9)
    limits = (-_LARGEST_LOADING, _LARGEST_LOADING)
    found = least_squares(gaps, start, jac=slopes, bounds=limits, xtol=1e-12, ftol=1e-14, gtol=1e-12).x
    return found if found.sum() >= 0 else -found


def omega_total(covariance: npt.ArrayLike) -> float:
    """McDonald's omega total: the part of the total's variance that comes from the one thing behind the factors.

    Parameters
    ----------
    covariance : array_like of float, shape (k, k)
        Covariances of three factors or more.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> round(omega_total(np.outer(loadings, loadings) + np.diag(1 - loadings**2)), 4)
    0.7494
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    return float(_omega(matrix, one_factor(_correlations(matrix))))


def _alpha(covariance: Floats) -> Floats:
    """Alpha of covariances (..., k, k)."""
    k = covariance.shape[-1]
    return k / (k - 1) * (1 - np.trace(covariance, axis1=-2, axis2=-1) / covariance.sum(axis=(-2, -1)))


def _omega(covariance: Floats, loadings: Floats) -> Floats:
    """Omega of covariances (..., k, k) with loadings (..., k) of their correlations."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    shared = (np.sqrt(variance) * loadings).sum(axis=-1) ** 2
    return shared / (shared + (variance * (1 - loadings**2)).sum(axis=-1))


def _correlations(covariance: Floats) -> Floats:
    """Correlations of covariances (..., k, k)."""
    deviation = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    return covariance / (deviation[..., :, None] * deviation[..., None, :])


def _apart(given: Floats, at: Ints) -> Floats | None:
    """Scores less the means of their strata; None where a factor, or the sum of all, does not vary."""
    apart = np.column_stack([column - mean_within(column, at) for column in given.T])
    flat = (np.ptp(apart, axis=0) < 1e-9).any() or np.ptp(apart.sum(axis=1)) < 1e-9
    return None if flat else apart


def _covariances(apart: Floats, who: Ints, *, strata: int) -> tuple[Floats, Floats]:
    """Covariances (k, k) of deviations, and those without each client in turn, (clients, k, k)."""
    order = np.argsort(who, kind="stable")
    first = np.flatnonzero(np.diff(who[order], prepend=-1))
    sums = np.add.reduceat(apart[order], first)
    products = np.add.reduceat(apart[order, :, None] * apart[order, None, :], first)
    left = len(apart) - np.bincount(who)[:, None, None]
    around = sums[:, :, None] * sums[:, None, :] / left  # the rest sum to less than nothing by as much
    own, others = products.sum(axis=0), products.sum(axis=0) - products - around
    # where a factor varies for one client only, or strata are all that is left, nothing is known without it
    known = (np.diagonal(others, axis1=1, axis2=2) > 1e-9).all(axis=1) & (left[:, 0, 0] > strata)
    others[~known] = np.nan
    return own / (len(apart) - strata), others / np.where(known[:, None, None], left - strata, 1)


def _refitted(correlation: Floats, loadings: Floats) -> Floats:
    """Loadings (..., k) of correlations (..., k, k) near those of which the loadings are known, by Newton's steps."""
    k = len(loadings)
    if np.isnan(loadings).any() or np.isnan(correlation).any():
        return np.full(correlation.shape[:-1], np.nan)
    diagonal, free = np.eye(k, dtype=bool), np.abs(loadings) < _LARGEST_LOADING - 1e-6
    found = np.broadcast_to(loadings, correlation.shape[:-1])
    for _ in range(_STEPS):
        squares = (found**2).sum(axis=-1, keepdims=True) - found**2
        slope = found * squares - (np.where(diagonal, 0.0, correlation) @ found[..., None])[..., 0]
        curve = 2 * found[..., :, None] * found[..., None, :] - correlation
        curve = np.where(diagonal, squares[..., None, :], curve)
        curve = np.where(free[:, None] & free, curve, diagonal) + 1e-10 * diagonal
        step = np.linalg.solve(curve, np.where(free, slope, 0.0)[..., None])[..., 0]
        found = np.clip(found - step, -_LARGEST_LOADING, _LARGEST_LOADING)
    return found
