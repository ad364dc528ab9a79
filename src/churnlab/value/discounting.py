"""What money of a later month counts today. The one place where money is discounted."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


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
