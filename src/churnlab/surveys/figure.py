"""A figure with its interval over clients."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import t

Scale = Literal["plain", "positive", "below one"]
"""Where the interval is symmetric: in the figure, in its logarithm, or in the logarithm of what it lacks to 1."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and how sure it is.

    Attributes
    ----------
    value, low, high : float
        The figure and its interval; NaN where it cannot be had.
    error : float
        Standard error in the unit of the figure.
    """

    value: float
    low: float
    high: float
    error: float

    @property
    def known(self) -> bool:
        """Whether there is a figure with an interval."""
        return not np.isnan([self.value, self.low, self.high]).any()

    @property
    def sign(self) -> int:
        """1 or -1 if the interval lies on one side of zero, 0 if that cannot be told."""
        return int(self.low > 0) - int(self.high < 0)


UNKNOWN = Figure(np.nan, np.nan, np.nan, np.nan)
"""What is given where nothing can be said."""


def linearised(
    value: float,
    moves: npt.ArrayLike,
    client: npt.ArrayLike,
    *,
    level: float = 0.95,
    clients: int | None = None,
) -> Figure:
    """Interval of a figure from how far each row moves it.

    Parameters
    ----------
    value : float
        The figure.
    moves : array_like of float, shape (n,)
        First-order effect of each row on the figure, in its unit; they sum to about zero.
    client : array_like, shape (n,)
        Whose row it is.
    level : float
        Coverage of the interval.
    clients : int, optional
        Clients on which the figure rests, if not all.

    Returns
    -------
    Figure
        Without an interval if nothing varies.

    Notes
    -----
    Moves are summed within clients (Liang and Zeger 1986, Biometrika 73, 13-22), times k / (k - 1), on Student's t
    with k - 1 degrees of freedom for k clients.

    Examples
    --------
    >>> scores = np.array([6.0, 7.0, 8.0, 9.0])
    >>> mean = linearised(scores.mean(), (scores - scores.mean()) / 4, range(4))
    >>> [round(figure, 2) for figure in (mean.value, mean.low, mean.high, mean.error)]
    [7.5, 5.45, 9.55, 0.65]
    """
    code = np.unique(np.asarray(client), return_inverse=True)[1]
    sums = np.bincount(code, weights=np.asarray(moves, dtype=np.float64))
    count = len(sums) if clients is None else clients
    if count < 2 or not np.isfinite(value):
        return UNKNOWN
    error = float(np.sqrt(count / (count - 1) * (sums**2).sum()))
    spread = float(t.ppf(0.5 + level / 2, count - 1)) * error
    if not error > 1e-12 * max(1.0, abs(value)):
        return Figure(float(value), np.nan, np.nan, error)
    return Figure(float(value), float(value - spread), float(value + spread), error)


def jackknifed(
    value: float,
    without: npt.ArrayLike,
    *,
    level: float = 0.95,
    scale: Scale = "plain",
    clients: int | None = None,
) -> Figure:
    """Interval of a figure from what it is without each client in turn.

    Parameters
    ----------
    value : float
        The figure.
    without : array_like of float, shape (k,)
        The figure without each client.
    level : float
        Coverage of the interval.
    scale : {"plain", "positive", "below one"}
        Where the interval is symmetric.
    clients : int, optional
        Clients on which the figure rests, if not all k.

    Returns
    -------
    Figure
        Without an interval if nothing varies, or a figure lies outside its scale.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, Chapman and Hall, chapter 11.

    Examples
    --------
    >>> scores = np.array([6.0, 7.0, 8.0, 9.0])
    >>> mean = jackknifed(scores.mean(), (scores.sum() - scores) / 3)
    >>> [round(figure, 2) for figure in (mean.value, mean.low, mean.high, mean.error)]
    [7.5, 5.45, 9.55, 0.65]
    """
    left = np.asarray(without, dtype=np.float64)
    count = len(left) if clients is None else clients
    if count < 2 or not np.isfinite(value):
        return UNKNOWN
    error = _jackknife_error(left)
    inside = {"plain": np.inf, "positive": min(value, left.min()), "below one": 1 - max(value, left.max())}[scale]
    if not (error > 1e-12 * max(1.0, abs(value)) and inside > 0):
        return Figure(float(value), np.nan, np.nan, error)
    times = float(t.ppf(0.5 + level / 2, count - 1))
    if scale == "plain":
        return Figure(float(value), float(value - times * error), float(value + times * error), error)
    if scale == "positive":
        factor = float(np.exp(min(times * _jackknife_error(np.log(left)), 700.0)))
        return Figure(float(value), float(value / factor), float(value * factor), error)
    factor = float(np.exp(min(times * _jackknife_error(np.log(1 - left)), 700.0)))
    return Figure(float(value), float(1 - (1 - value) * factor), float(1 - (1 - value) / factor), error)


def _jackknife_error(left: npt.NDArray[np.float64]) -> float:
    """Standard error from the figures without each client."""
    return float(np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()))
