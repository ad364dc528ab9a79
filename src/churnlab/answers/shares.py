"""A share with its interval. The one place where it is computed."""

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, norm, t

from churnlab.lifetime import Estimate


def share(part: int, whole: int) -> Estimate:
    """Share with a 95 % Wilson interval; NaN of nothing.

    Examples
    --------
    >>> found = share(8, 10)
    >>> [round(figure, 4) for figure in (found.value, found.low, found.high)]
    [0.8, 0.4902, 0.9433]
    """
    if not whole:
        return Estimate(np.nan, np.nan, np.nan)
    found = binomtest(part, whole)
    wilson = found.proportion_ci(method="wilson")
    return Estimate(float(found.statistic), float(wilson.low), float(wilson.high))


def ratio(parts: npt.ArrayLike, wholes: npt.ArrayLike) -> Estimate:
    """Ratio of two sums over clients, with a 95 % interval over clients.

    Rows of one client are not several clients: sum them first. A mean over clients' answers is the sum of answers over
    their number.

    Parameters
    ----------
    parts, wholes : array_like of float, shape (clients,)
        What each client adds above and below the line.

    Returns
    -------
    Estimate
        Ratio with a linearised interval on Student's t; NaN ends with fewer than two clients, NaN of nothing.

    Examples
    --------
    >>> found = ratio([9.0, 16.0, 5.0], [1.0, 2.0, 1.0])  # answers of three clients: 9; 8 and 8; 5
    >>> [round(figure, 2) for figure in (found.value, found.low, found.high)]
    [7.5, 3.44, 11.56]
    """
    above, below = np.asarray(parts, dtype=np.float64), np.asarray(wholes, dtype=np.float64)
    count, whole = len(below), float(below.sum())
    if not whole > 0:
        return Estimate(np.nan, np.nan, np.nan)
    value = float(above.sum()) / whole
    if count < 2:
        return Estimate(value, np.nan, np.nan)
    error = np.sqrt(count / (count - 1) * ((above - value * below) ** 2).sum()) / whole
    spread = float(t.ppf(0.975, count - 1) * error)
    return Estimate(value, value - spread, value + spread)


def wilson(value: float, effective: float) -> Estimate:
    """Wilson's 95 % interval around a share that carries as much as so many independent draws.

    Examples
    --------
    >>> found = wilson(0.8, 10)
    >>> [round(figure, 4) for figure in (found.value, found.low, found.high)]
    [0.8, 0.4902, 0.9433]
    """
    if not effective > 0:
        return Estimate(value, np.nan, np.nan)
    pull = float(norm.ppf(0.975)) ** 2 / effective
    centre = (value + pull / 2) / (1 + pull)
    spread = float(np.sqrt(pull * value * (1 - value) + pull**2 / 4)) / (1 + pull)
    return Estimate(value, max(0.0, centre - spread), min(1.0, centre + spread))


def clustered_share(parts: npt.ArrayLike, wholes: npt.ArrayLike) -> Estimate:
    """Share of events that clients have several of, with a 95 % interval over clients.

    Parameters
    ----------
    parts, wholes : array_like of float, shape (clients,)
        Each client's events that count, and all of its events.

    Returns
    -------
    Estimate
        With Wilson's interval on the effective number of events: their number over the design effect, which counts
        as one at least, and the number of clients where nothing varies. NaN of nothing.

    References
    ----------
    Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, Survey Methodology 24, 193-201.

    Examples
    --------
    >>> found = clustered_share([2, 0, 2, 0], [2, 2, 2, 2])  # each client answers always or never
    >>> [round(figure, 2) for figure in (found.value, found.low, found.high)]
    [0.5, 0.15, 0.85]
    """
    above, below = np.asarray(parts, dtype=np.float64), np.asarray(wholes, dtype=np.float64)
    events = float(below.sum())
    if not events > 0:
        return Estimate(np.nan, np.nan, np.nan)
    value = float(above.sum()) / events
    if value in (0.0, 1.0):
        return wilson(value, float((below > 0).sum()))
    design = float(((above - value * below) ** 2).sum()) / (events * value * (1 - value))
    return wilson(value, events / max(1.0, design))
