"""Correlations of what lies behind answers on a scale with steps and a ceiling."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import norm

Floats = npt.NDArray[np.float64]

MOST_CLASSES = 25
"""Different answers that are told apart; where there are more, neighbours are put together."""

_TERMS = 30
_BISECTIONS = 30
_CLOSEST = 0.99
_LEAST_EIGENVALUE = 1e-4


def classes(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Number the answers from the lowest to the highest.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Answers, without NaN.

    Returns
    -------
    ndarray of int, shape (n,)
        0 for the lowest; at most ``MOST_CLASSES`` of them, about equally full where neighbours are put together.

    Examples
    --------
    >>> classes([7, 10, 7.5, 7])
    array([0, 2, 1, 0])
    """
    different, place, count = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True)
    if len(different) > MOST_CLASSES:
        middle = (np.cumsum(count) - count / 2) / count.sum()
        place = np.unique(np.floor(middle * MOST_CLASSES)[place], return_inverse=True)[1]
    return place.astype(np.int64)


def normal_scores(count: npt.ArrayLike) -> Floats:
    """Mean of a normal variable within each class, where it is cut so that the classes have these shares.

    Parameters
    ----------
    count : array_like of float, shape (c,)
        Answers in each class, more than none.

    Returns
    -------
    ndarray of float, shape (c,)
        In standard deviations, rising.

    Examples
    --------
    >>> normal_scores([1, 1]).round(3)
    array([-0.798,  0.798])
    """
    share = np.asarray(count, dtype=np.float64) / np.sum(count)
    height = norm.pdf(ndtri(np.concatenate([[0.0], np.cumsum(share)[:-1], [1.0]])))
    return -np.diff(height) / share


def step_coefficients(count: Floats, scores: Floats) -> Floats:
    """Hermite coefficients of the steps that turn a normal variable into scores.

    Parameters
    ----------
    count : ndarray of float, shape (..., c)
        Answers in each class; some may be empty.
    scores : ndarray of float, shape (c,)
        Score of each class, rising.

    Returns
    -------
    ndarray of float, shape (..., 30)
        Coefficients of the first normalised Hermite polynomials but the constant, for scores of variance 1; NaN where
        only one class is filled.
    """
    share = count / count.sum(axis=-1, keepdims=True)
    cut = np.clip(ndtri(np.clip(np.cumsum(share, axis=-1)[..., :-1], 0.0, 1.0)), -9.0, 9.0)
    mean = share @ scores
    spread = np.sqrt(share @ scores**2 - mean**2)
    before, now = np.zeros_like(cut), norm.pdf(cut) * np.diff(scores)
    found = []
    for term in range(1, _TERMS + 1):
        found.append(now.sum(axis=-1) / np.sqrt(term))
        before, now = now, (cut * now - np.sqrt(term - 1) * before) / np.sqrt(term)
    return np.stack(found, axis=-1) / np.where(spread > 0, spread, np.nan)[..., None]


def behind(correlation: Floats, coefficients: Floats) -> tuple[Floats, Floats]:
    """Correlations of the normal variables behind scores that are correlated so.

    Parameters
    ----------
    correlation : ndarray of float, shape (..., m, m)
        Pearson's correlations of the scores.
    coefficients : ndarray of float, shape (..., m, 30)
        From :func:`step_coefficients`.

    Returns
    -------
    found : ndarray of float, shape (..., m, m)
        A correlation matrix without negative eigenvalues; none beyond .99 either way.
    slope : ndarray of float, shape (..., m, m)
        How much the correlation of the scores rises with that behind them; 1 on the diagonal.

    Notes
    -----
    Scores of two normal variables with correlation r have the covariance sum of a_k b_k r**k, where a and b are their
    Hermite coefficients (Lancaster 1957, Biometrika 44, 289-292). This is solved for r by bisection: the polychoric
    correlation (Olsson 1979, Psychometrika 44, 443-460) by moments in place of likelihood. Pairs are
    solved one by one, so the nearest matrix of the right kind is taken at the end.
    """
    first, second = np.triu_indices(correlation.shape[-1], 1)
    goal = correlation[..., first, second]
    terms = np.moveaxis(coefficients[..., first, :] * coefficients[..., second, :], -1, 0)
    low, high = np.full(goal.shape, -_CLOSEST), np.full(goal.shape, _CLOSEST)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        below = _power_series(terms, middle) < goal
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    solved = np.where(np.isnan(goal), np.nan, (low + high) / 2)
    rising = _power_series(terms * np.arange(1, _TERMS + 1).reshape(-1, *(1,) * goal.ndim), solved) / solved
    found, slope = (np.ones_like(correlation) for _ in range(2))
    for full, half in ((found, solved), (slope, rising)):
        full[..., first, second] = full[..., second, first] = half
    return _without_negative_eigenvalues(found), slope


def _power_series(terms: Floats, at: Floats) -> Floats:
    """Sum of terms[k] * at ** (k + 1)."""
    reached = np.zeros_like(at)
    for term in terms[::-1]:
        reached = (reached + term) * at
    return reached


def _without_negative_eigenvalues(matrix: Floats) -> Floats:
    """Lift negative eigenvalues to a little above 0 and put 1 back on the diagonal."""
    known = ~np.isnan(matrix).any(axis=(-2, -1), keepdims=True)
    values, vectors = np.linalg.eigh(np.where(known, matrix, np.eye(matrix.shape[-1])))
    lifted = (vectors * np.maximum(values, _LEAST_EIGENVALUE)[..., None, :]) @ vectors.swapaxes(-1, -2)
    scale = np.sqrt(np.einsum("...ii->...i", lifted))
    mended = lifted / (scale[..., :, None] * scale[..., None, :])
    return np.where(known, np.where(values[..., :1, None] >= _LEAST_EIGENVALUE, matrix, mended), np.nan)
