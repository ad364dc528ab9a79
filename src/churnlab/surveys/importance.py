"""Shares of what a linear model explains, from a matrix of correlations: one matrix, or a stack of them."""

from math import factorial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_FACTORS = 10
"""All subsets of the factors are fitted: 1,024 with ten."""

_NOTHING_LEFT = 1e-9
"""A factor with less of its variance left than this, given others, adds nothing to them."""


def explained_by_subsets(correlation: npt.ArrayLike) -> Floats:
    """R squared of the target on every subset of the factors.

    Parameters
    ----------
    correlation : array_like of float, shape (..., p + 1, p + 1)
        Correlations of p factors and, last, the target.

    Returns
    -------
    ndarray of float, shape (..., 2**p)
        R squared, 0 to 1; bit j of the place tells whether factor j is in the subset.

    Raises
    ------
    ValueError
        If the matrices are not square, or there is no factor, or more than ``MOST_FACTORS``.

    Notes
    -----
    The factors are swept out one after the other, each from the matrices with and without those before it, so that all
    subsets of all matrices are done in p steps.

    Examples
    --------
    >>> explained_by_subsets([[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]]).round(2)
    array([0.  , 0.36, 0.09, 0.45])
    """
    given = _checked(correlation)
    return np.asarray(1 - _sweep(given)[0])


def lmg(correlation: npt.ArrayLike) -> Floats:
    """What each factor adds to R squared, averaged over all orders in which the factors can enter.

    Parameters
    ----------
    correlation : array_like of float, shape (..., p + 1, p + 1)
        Correlations of p factors and, last, the target.

    Returns
    -------
    ndarray of float, shape (..., p)
        Parts of R squared, none negative; their sum is R squared.

    Raises
    ------
    ValueError
        If the matrices are not square, or there is no factor, or more than ``MOST_FACTORS``.

    References
    ----------
    Lindeman, Merenda and Gold (1980), Introduction to Bivariate and Multivariate Analysis, Scott Foresman. The same is
    Shapley's value (1953) of the game whose worth is R squared.

    Examples
    --------
    >>> lmg([[1.0, 0.5, 0.6], [0.5, 1.0, 0.3], [0.6, 0.3, 1.0]]).round(3)
    array([0.315, 0.045])
    """
    explained = explained_by_subsets(correlation)
    return np.asarray(explained @ _averages(explained.shape[-1].bit_length() - 1))


def relative_weights(correlation: npt.ArrayLike) -> Floats:
    """Johnson's relative weights: R squared shared out by way of the nearest factors that are uncorrelated.

    Parameters
    ----------
    correlation : array_like of float, shape (..., p + 1, p + 1)
        Correlations of p factors and, last, the target.

    Returns
    -------
    ndarray of float, shape (..., p)
        Parts of R squared, none negative; their sum is R squared.

    Raises
    ------
    ValueError
        If the matrices are not square, or there is no factor, or more than ``MOST_FACTORS``.

    References
    ----------
    Johnson (2000), A heuristic method for estimating the relative weight of predictor variables in multiple regression,
    Multivariate Behav. Res. 35, 1-19.

    Examples
    --------
    >>> relative_weights([[1.0, 0.5, 0.6], [0.5, 1.0, 0.3], [0.6, 0.3, 1.0]]).round(3)
    array([0.315, 0.045])
    """
    given = _checked(correlation)
    values, vectors = np.linalg.eigh(given[..., :-1, :-1])
    roots = np.sqrt(np.maximum(values, 0.0))
    kept = roots > np.sqrt(_NOTHING_LEFT)
    inverse = np.where(kept, 1 / np.where(kept, roots, 1.0), 0.0)
    loadings = (vectors * roots[..., None, :]) @ vectors.swapaxes(-1, -2)
    slopes = (vectors * inverse[..., None, :]) @ vectors.swapaxes(-1, -2) @ given[..., :-1, -1:]
    return np.asarray((loadings**2 @ slopes**2)[..., 0])


def shares_and_slopes(correlation: Floats) -> tuple[Floats, Floats]:
    """LMG shares and R squared, and how they change with each correlation.

    Parameters
    ----------
    correlation : ndarray of float, shape (b, p + 1, p + 1)
        Correlations of p factors and, last, the target.

    Returns
    -------
    figures : ndarray of float, shape (b, p + 1)
        Share of each factor, summing to 1, then R squared; NaN where nothing is explained.
    slopes : ndarray of float, shape (b, p + 1, p + 1, p + 1)
        Derivative of each figure by each entry of the matrix, taken as free of the others.

    Examples
    --------
    >>> figures, slopes = shares_and_slopes(np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]]]))
    >>> figures.round(2), slopes[0, 2, 0, 2].round(2)
    (array([[0.8 , 0.2 , 0.45]]), np.float64(0.6))
    """
    averages = _averages(correlation.shape[-1] - 1)
    left, steps = _sweep(correlation)
    explained = left[:, :1] - left[:, -1:]
    explained = np.where(explained > _NOTHING_LEFT, explained, np.nan)
    shares = -left @ averages / explained
    # derivative of each figure by what each subset leaves: shares first, R squared last
    outer = np.zeros((*shares.shape[:1], shares.shape[1] + 1, left.shape[1]))
    outer[:, :-1] = -averages.T / explained[:, :, None]
    outer[:, :-1, 0] -= shares / explained
    outer[:, :-1, -1] += shares / explained
    outer[:, -1, 0] = 1 - explained[:, 0]
    outer[:, -1, -1] = -1.0
    return np.concatenate([shares, explained], axis=1), _swept_back(outer, steps)


def _checked(correlation: npt.ArrayLike) -> Floats:
    """Take square matrices of two variables or more."""
    given = np.asarray(correlation, dtype=np.float64)
    if given.ndim < 2 or given.shape[-1] != given.shape[-2] or not 2 <= given.shape[-1] <= MOST_FACTORS + 1:
        message = f"expected square matrices of 1 to {MOST_FACTORS} factors and a target, got shape {given.shape}"
        raise ValueError(message)
    return given


def _sweep(correlation: Floats) -> tuple[Floats, list[tuple[Floats, Floats]]]:
    """What every subset of the factors leaves of the target's variance, shape (..., 2**p), and the way there."""
    left, steps = correlation[..., None, :, :], []
    for _ in range(correlation.shape[-1] - 1):
        column, rest, pivot = left[..., 1:, 0], left[..., 1:, 1:], left[..., 0, 0]
        apart = pivot > _NOTHING_LEFT
        inverse = np.where(apart, 1 / np.where(apart, pivot, 1.0), 0.0)
        steps.append((column, inverse))
        swept = rest - inverse[..., None, None] * column[..., :, None] * column[..., None, :]
        left = np.concatenate([rest, swept], axis=-3)
    return left[..., 0, 0], steps


def _swept_back(outer: Floats, steps: list[tuple[Floats, Floats]]) -> Floats:
    """Carry derivatives by what the subsets leave, shape (b, f, 2**p), back to the matrix: (b, f, p + 1, p + 1)."""
    found = outer[..., None, None]
    for column, inverse in reversed(steps):
        half = found.shape[2] // 2
        swept = found[:, :, half:]
        along = (swept @ column[:, None, :, :, None])[..., 0]
        wider = np.empty((*found.shape[:2], half, found.shape[-1] + 1, found.shape[-1] + 1))
        wider[..., 1:, 1:] = found[:, :, :half] + swept
        wider[..., 1:, 0] = wider[..., 0, 1:] = -inverse[:, None, :, None] * along
        wider[..., 0, 0] = inverse[:, None] ** 2 * (along * column[:, None]).sum(axis=-1)
        found = wider
    return found[:, :, 0]


def _averages(factors: int) -> Floats:
    """Weights that turn R squared of all subsets into Shapley's values, shape (2**p, p)."""
    member = (np.arange(2**factors)[:, None] >> np.arange(factors)) & 1
    size = member.sum(axis=1, keepdims=True)
    orders = np.array([factorial(s) * factorial(factors - 1 - s) for s in range(factors)]) / factorial(factors)
    with_it, without = orders[np.maximum(size - 1, 0)], orders[np.minimum(size, factors - 1)]
    return np.where(member == 1, with_it, -without)
