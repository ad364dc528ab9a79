"""Whether several factors tell of one thing: Cronbach's alpha and McDonald's omega."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from churnlab.surveys.figure import UNKNOWN, Figure, linearised
from churnlab.surveys.within import Floats, codes, mean_within

LEAST_CLIENTS = 20
"""With fewer clients no consistency is given."""

_LARGEST_LOADING = 0.995
"""A loading stops here: a factor without any noise of its own is not believed."""


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


@dataclass(frozen=True, slots=True)
class _Moments:
    """Deviations (n, k) over standard deviations (k,), and their correlations (k, k)."""

    z: Floats
    deviation: Floats
    correlation: Floats


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
        NaN with fewer than ``LEAST_CLIENTS`` clients, fewer than two factors, or a factor that does not vary.

    Raises
    ------
    ValueError
        If shapes differ.

    Notes
    -----
    Intervals follow from the first-order effect of each answer on the covariances, whatever the distribution of
    scores, summed within clients; they are symmetric in log(1 - alpha). The one-factor model is fitted to the
    correlations by unweighted least squares (minres). Consistency is not repeatability: a client in a kind mood rates
    every factor kindly, which raises alpha; :func:`~churnlab.surveys.retest` asks what lasts.

    References
    ----------
    Maydeu-Olivares, Coffman and Hartmann (2007), Asymptotically distribution-free interval estimation of coefficient
    alpha, Psychological Methods 12, 157-176. McDonald (1999), Test Theory, Erlbaum. Harman and Jones (1966),
    Psychometrika 31, 351-368 (minres).

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
    moments = _moments(given, place) if clients >= LEAST_CLIENTS and factors > 1 else None
    if moments is None:
        none = np.full(factors, np.nan)
        return Consistency(clients, len(given), factors, UNKNOWN, UNKNOWN, UNKNOWN, none, np.nan)
    alpha, standardised = _alpha(moments), _standardised(moments)
    omega, loadings, misfit = _omega(moments)

    def figure(found: tuple[float, Floats]) -> Figure:
        return linearised(found[0], found[1] / len(given), who, level=level, scale="below one")

    return Consistency(
        clients, len(given), factors, figure(alpha), figure(standardised), figure(omega), loadings, misfit
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
    matrix = np.asarray(covariance, dtype=np.float64)
    k = len(matrix)
    return float(k / (k - 1) * (1 - np.trace(matrix) / matrix.sum()))


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
    deviation = np.sqrt(np.diag(matrix))
    return _omega_of(one_factor(matrix / np.outer(deviation, deviation)), deviation)


def _omega_of(loadings: Floats, deviation: Floats) -> float:
    """Omega of loadings on standardised factors with these standard deviations."""
    shared = float(deviation @ loadings) ** 2
    return shared / (shared + float(deviation**2 @ (1 - loadings**2)))


def _moments(given: Floats, place: npt.NDArray[np.generic]) -> _Moments | None:
    """Second moments of scores about the means of their strata; None where a factor does not vary."""
    at = codes(place)
    apart = given - np.column_stack([mean_within(column, at) for column in given.T])
    rest = len(given) - (int(at.max()) + 1)
    if rest < 2 or (np.ptp(apart, axis=0) == 0).any():
        return None
    deviation = np.sqrt((apart**2).sum(axis=0) / rest)
    z = apart / deviation
    return _Moments(z, deviation, z.T @ z / rest)


def _alpha(moments: _Moments) -> tuple[float, Floats]:
    """Alpha, and n times how far each answer moves it."""
    scores, covariance = moments.z * moments.deviation, np.outer(moments.deviation, moments.deviation)
    covariance = covariance * moments.correlation
    own, total, k = np.trace(covariance), covariance.sum(), len(covariance)
    moves_own, moves_total = (scores**2).sum(axis=1) - own, scores.sum(axis=1) ** 2 - total
    return cronbach_alpha(covariance), k / (k - 1) * (own * moves_total / total - moves_own) / total


def _standardised(moments: _Moments) -> tuple[float, Floats]:
    """Standardised alpha, and n times how far each answer moves it."""
    z, k = moments.z, len(moments.correlation)
    between = moments.correlation - np.eye(k)
    mean = between.sum() / (k * (k - 1))
    moves = (z.sum(axis=1) ** 2 - (z**2).sum(axis=1) - z**2 @ between.sum(axis=1)) / (k * (k - 1))
    return cronbach_alpha(moments.correlation), k * moves / (1 + (k - 1) * mean) ** 2


def _omega(moments: _Moments) -> tuple[tuple[float, Floats], Floats, float]:
    """Omega with n times how far each answer moves it, loadings, and the largest correlation left unexplained."""
    z, s, r = moments.z, moments.deviation, moments.correlation
    k = len(s)
    if k < 3:
        return (np.nan, np.zeros(len(z))), np.full(k, np.nan), np.nan
    loadings = one_factor(r)
    between = r - np.eye(k)
    # each answer's effect on the first-order conditions of the fit, then on the loadings that are free
    effect = z * ((z @ loadings)[:, None] - z * loadings)
    effect -= (z**2 * (between @ loadings) + (z**2 * loadings) @ between) / 2
    curve = 2 * np.outer(loadings, loadings) - r
    np.fill_diagonal(curve, (loadings**2).sum() - loadings**2)
    free = np.abs(loadings) < _LARGEST_LOADING - 1e-6
    by_loading = np.zeros_like(z)
    by_loading[:, free] = np.linalg.lstsq(curve[np.ix_(free, free)], effect[:, free].T)[0].T
    by_deviation = s * (z**2 - 1) / 2
    root, unique = float(s @ loadings), float(s**2 @ (1 - loadings**2))
    shared_moves = 2 * root * (by_deviation @ loadings + by_loading @ s)
    unique_moves = 2 * (by_deviation @ (s * (1 - loadings**2)) - by_loading @ (s**2 * loadings))
    moves = (unique * shared_moves - root**2 * unique_moves) / (root**2 + unique) ** 2
    misfit = np.abs(r - np.outer(loadings, loadings))[~np.eye(k, dtype=bool)].max()
    return (_omega_of(loadings, s), moves), loadings, float(misfit)
