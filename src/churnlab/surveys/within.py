"""Deviations from the levels of clients, waves and modes."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack
from scipy.sparse.linalg import lsqr

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def codes(names: npt.ArrayLike) -> Ints:
    """Number groups from 0.

    Parameters
    ----------
    names : array_like, shape (n,)
        Names of groups.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions among the sorted names.

    Examples
    --------
    >>> codes(["web", "phone", "web"]).tolist()
    [1, 0, 1]
    """
    return np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)


def levels(values: Floats, *groups: Ints) -> list[Floats]:
    """Least squares of values on the levels of several groupings at once.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        What is explained.
    *groups : ndarray of int64, shape (n,)
        Codes of groups, such as clients and waves.

    Returns
    -------
    list of ndarray, each of shape (n,)
        What every grouping adds to a value; only their sum, and differences within connected groups, are unique.

    Examples
    --------
    >>> client, wave = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> by_client, by_wave = levels(np.array([1.0, 3.0, 4.0, 6.0]), client, wave)
    >>> round(float(by_wave[1] - by_wave[0]), 6), round(float(by_client[2] - by_client[0]), 6)
    (2.0, 3.0)
    """
    rows = np.arange(values.size)
    sizes = [int(group.max()) + 1 for group in groups]
    design = hstack(
        [
            csr_array((np.ones(values.size), (rows, group)), (values.size, k))
            for group, k in zip(groups, sizes, strict=True)
        ]
    ).tocsr()
    found = lsqr(design, values, atol=1e-12, btol=1e-12, iter_lim=20 * values.size)[0]
    parts = np.split(found, np.cumsum(sizes)[:-1])
    return [part[group] for part, group in zip(parts, groups, strict=True)]


def left_over(values: Floats, *groups: Ints) -> Floats:
    """What the levels of groupings leave of values, at once.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        What is explained.
    *groups : ndarray of int64, shape (n,)
        Codes of groups.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> left_over(np.array([1.0, 3.0, 4.0, 6.0]), np.array([0, 0, 1, 1])).tolist()
    [-1.0, 1.0, -1.0, 1.0]
    """
    if len(groups) == 1:
        return values - mean_within(values, groups[0])
    return values - np.sum(levels(values, *groups), axis=0)


def mean_within(values: Floats, group: Ints) -> Floats:
    """Mean of each value's group.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Values.
    group : ndarray of int64, shape (n,)
        Codes of groups.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> mean_within(np.array([1.0, 3.0, 6.0]), np.array([0, 0, 1])).tolist()
    [2.0, 2.0, 6.0]
    """
    return (np.bincount(group, weights=values) / np.maximum(np.bincount(group), 1))[group]
