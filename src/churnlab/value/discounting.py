"""What money of a later month counts today. The one place where money is discounted."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_HALVINGS: Final = 60


def discount_factor(yearly_rate: npt.ArrayLike, month: npt.ArrayLike) -> Floats:
    """What one unit of money, paid at the end of a month from today, counts today.

    Parameters
    ----------
    yearly_rate : array_like of float
        Cost of waiting a year, as a share.
    month : array_like of float
        Months from today; shapes broadcast.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> [round(float(factor), 4) for factor in discount_factor(0.15, [0, 12, 24])]
    [1.0, 0.8696, 0.7561]
    """
    return (1.0 + np.asarray(yearly_rate, dtype=np.float64)) ** (-np.asarray(month, dtype=np.float64) / 12)


def discounted_months(months: npt.ArrayLike, *, horizon: int, yearly_rate: float) -> Floats:
    """Discount the months that a client stays of a horizon.

    Parameters
    ----------
    months : array_like of float, shape (n,)
        Mean months stayed of the horizon, 1 to `horizon` (a month counts for a client that is there when it begins);
        NaN where it is not known.
    horizon : int
        Months of the horizon.
    yearly_rate : float
        Cost of waiting a year, as a share.

    Returns
    -------
    ndarray of float, shape (n,)
        Months, each counted at what its end's money counts today; NaN where `months` is.

    Raises
    ------
    ValueError
        If the horizon has no month, the rate is negative or a mean is out of range.

    Notes
    -----
    The mean says how many months, not which. They are spread as under one monthly chance of staying, s, the same in
    every month, with ``1 + s + ... + s**(horizon - 1) = months``; s is found by halving.

    Examples
    --------
    >>> discounted_months([12.0], horizon=12, yearly_rate=0.0).round(6).tolist()
    [12.0]
    >>> discounted_months([9.0], horizon=12, yearly_rate=0.15).round(2).tolist()
    [8.41]
    """
    mean = np.asarray(months, dtype=np.float64)
    known = ~np.isnan(mean)
    if horizon < 1 or yearly_rate < 0:
        raise ValueError(f"expected a horizon of 1 or more and a rate of 0 or more, got {horizon} and {yearly_rate}")
    if (mean[known] < 1).any() or (mean[known] > horizon).any():
        raise ValueError(f"expected means of 1 to {horizon} months, got {np.nanmin(mean):g} to {np.nanmax(mean):g}")
    factors = discount_factor(yearly_rate, np.arange(1, horizon + 1))
    distinct, place = np.unique(mean[known], return_inverse=True)
    result = np.full(mean.shape, np.nan)
    result[known] = (_powers(_stay(distinct, horizon), horizon) @ factors)[place]
    return result


def _stay(mean: Floats, horizon: int) -> Floats:
    """Monthly chance of staying under which the restricted mean is as given."""
    low, high = np.zeros(mean.shape), np.ones(mean.shape)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = _powers(middle, horizon).sum(axis=1) < mean
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return high


def _powers(stay: Floats, horizon: int) -> Floats:
    """Chance of being there when each month begins, shape (n, horizon)."""
    return stay[:, None] ** np.arange(horizon)
