"""Difference of two means of answers, where a client gives several."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

LEAST_CLIENTS = 10
"""With fewer clients no difference is given."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much higher some answers are than others.

    Attributes
    ----------
    clients : int
        Clients behind the answers that are compared.
    chosen, others : int
        Answers on either side.
    value, low, high : float
        Mean of the chosen less mean of the others, in the unit of the answers, with its interval over clients; NaN
        where it cannot be had.
    """

    clients: int
    chosen: int
    others: int
    value: float
    low: float
    high: float


def compare(
    scores: npt.ArrayLike,
    chosen: npt.ArrayLike,
    client: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Comparison:
    """Difference of means within strata, with an interval over clients.

    Answers are compared with answers of their own stratum only; a stratum with answers on one side adds nothing.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Answers without NaN.
    chosen : array_like of bool, shape (n,)
        Which of the answers are on the first side.
    client : array_like, shape (n,)
        Who gave them.
    stratum : array_like, shape (n,), optional
        Answers that may be compared, such as those of one wave and mode; all if not given.
    level : float
        Coverage of the interval.

    Returns
    -------
    Comparison
        NaN with fewer than ``LEAST_CLIENTS`` clients or nothing to compare.

    Raises
    ------
    ValueError
        If shapes differ.

    Notes
    -----
    Least squares on the side and the strata. The variance sums residuals within clients (Liang and Zeger 1986,
    Biometrika 73, 13-22), times k / (k - 1), on Student's t with k - 1 degrees of freedom for k clients.

    Examples
    --------
    >>> client = list(range(12)) * 2
    >>> found = compare([7.0] * 12 + [8.0, 9.0] * 6, [False] * 12 + [True] * 12, client)
    >>> [round(figure, 2) for figure in (found.value, found.low, found.high)]
    [1.5, 1.17, 1.83]
    """
    given, side = np.asarray(scores, dtype=np.float64), np.asarray(chosen, dtype=bool)
    who = np.asarray(client)
    place = np.zeros(given.shape, dtype=np.int64) if stratum is None else np.asarray(stratum)
    if not given.shape == side.shape == who.shape == place.shape or given.ndim != 1:
        message = f"expected arrays of one length, got {given.shape}, {side.shape}, {who.shape}, {place.shape}"
        raise ValueError(message)
    if not given.size:
        return Comparison(0, 0, 0, np.nan, np.nan, np.nan)
    at = np.unique(place, return_inverse=True)[1]
    share = _mean_within(side.astype(np.float64), at)
    both = (share > 0) & (share < 1)
    clients = np.unique(who[both])
    counts = (len(clients), int((side & both).sum()), int((~side & both).sum()))
    if len(clients) < LEAST_CLIENTS:
        return Comparison(*counts, np.nan, np.nan, np.nan)
    return Comparison(*counts, *_difference(given[both], side[both], who[both], at[both], level=level))


def _difference(
    given: npt.NDArray[np.float64],
    side: npt.NDArray[np.bool_],
    who: npt.NDArray[np.generic],
    at: npt.NDArray[np.int64],
    *,
    level: float,
) -> tuple[float, float, float]:
    """Difference and interval from deviations within strata."""
    tilt = side - _mean_within(side.astype(np.float64), at)
    apart = given - _mean_within(given, at)
    weight = float((tilt**2).sum())
    value = float((tilt * apart).sum()) / weight
    names, code = np.unique(who, return_inverse=True)
    sums = np.bincount(code, weights=tilt * (apart - value * tilt))
    count = len(names)
    error = np.sqrt(count / (count - 1) * (sums**2).sum()) / weight
    if not error > 0:  # nothing varies that an interval could rest on
        return value, np.nan, np.nan
    spread = float(t.ppf(0.5 + level / 2, count - 1) * error)
    return value, value - spread, value + spread


def _mean_within(values: npt.NDArray[np.float64], at: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Mean of each value's stratum, shape (n,)."""
    return (np.bincount(at, weights=values) / np.maximum(np.bincount(at), 1))[at]
