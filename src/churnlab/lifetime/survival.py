"""The hazard summed: how many are still there after so many months, and by when half have left."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, norm

from churnlab.lifetime.counting import MINIMUM_AT_RISK, Estimate, Floats, HazardTable, Ints, Spans, enough_at_risk

_HALF = 0.5 + 1e-12
"""Half, and what rounding adds to it."""


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Kaplan-Meier estimate, given survival to `start`.

    Attributes
    ----------
    start : int
        Month of tenure at which the curve starts at 1.
    month : ndarray of int, shape (m,)
        Months of tenure after `start` that enough lives reached.
    survival, low, high : ndarray of float, shape (m,)
        Share still there at the end of each month, with a pointwise interval.
    at_risk : ndarray of int, shape (m,)
        Lives at risk during each month.
    """

    start: int
    month: Ints
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Ints


@dataclass(frozen=True, slots=True)
class CumulativeHazard:
    """Nelson-Aalen estimate from `start` on.

    Attributes
    ----------
    start : int
        Month of tenure at which it starts at 0.
    month : ndarray of int, shape (m,)
        Months of tenure after `start` that enough lives reached.
    hazard, low, high : ndarray of float, shape (m,)
        Sum of the monthly hazards to the end of each month, with a pointwise interval.
    at_risk : ndarray of int, shape (m,)
        Lives at risk during each month.
    """

    start: int
    month: Ints
    hazard: Floats
    low: Floats
    high: Floats
    at_risk: Ints


def kaplan_meier(
    table: HazardTable, *, start: int = 0, minimum_at_risk: int = MINIMUM_AT_RISK, level: float = 0.95
) -> SurvivalCurve:
    """Kaplan-Meier survival with log-log intervals, where enough lives are at risk.

    The curve starts at the first month from `start` on with at least `minimum_at_risk` lives at risk, and
    ends before the first later month with fewer. Survival is conditional on reaching its start.

    Parameters
    ----------
    table : HazardTable
        Risk sets.
    start : int
        Tenure, in months, that lives are taken to have reached.
    minimum_at_risk : int
        Fewest lives at risk.
    level : float
        Coverage of the pointwise intervals.

    Returns
    -------
    SurvivalCurve
        Without months if nowhere are enough at risk.

    Notes
    -----
    The variance of log survival is Greenwood's, sum of d / (r (r - d)), or, where clients have several lives, the
    infinitesimal jackknife over clients; the interval is symmetric in log(-log(survival)). While nobody has left, or
    when all have, there is no such interval: Wilson's for a share of 1 or 0 of the fewest at risk so far stands in.

    References
    ----------
    Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2nd ed., section 1.4.

    Examples
    --------
    >>> from churnlab.lifetime import hazard_table
    >>> table = hazard_table([0] * 20, [3] * 5 + [12] * 15, [True] * 5 + [False] * 15)
    >>> curve = kaplan_meier(table)
    >>> [round(float(ends[2]), 3) for ends in (curve.survival, curve.low, curve.high)]
    [0.75, 0.5, 0.887]
    """
    begin, stop = enough_at_risk(table.at_risk, start=start, minimum=minimum_at_risk)
    risk, hazard = table.at_risk[begin:stop], table.hazard[begin:stop]
    survival: Floats = np.cumprod(1.0 - hazard, dtype=np.float64)
    quantile = float(norm.ppf(0.5 + level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(_log_variance(table, begin, stop))
        spread = quantile * error / np.abs(np.log(survival))
        low, high = survival ** np.exp(spread), survival ** np.exp(-spread)
    fewest = np.minimum.accumulate(risk) if len(risk) else risk
    low = np.where(survival == 1.0, fewest / (fewest + quantile**2), np.where(survival == 0.0, 0.0, low))
    high = np.where(survival == 0.0, quantile**2 / (fewest + quantile**2), np.where(survival == 1.0, 1.0, high))
    return SurvivalCurve(begin, table.month[begin:stop], survival, low, high, risk)


def nelson_aalen(
    table: HazardTable, *, start: int = 0, minimum_at_risk: int = MINIMUM_AT_RISK, level: float = 0.95
) -> CumulativeHazard:
    """Sum the monthly hazards, with intervals symmetric in the logarithm.

    Parameters
    ----------
    table : HazardTable
        Risk sets.
    start : int
        Tenure, in months, from which on hazards are summed.
    minimum_at_risk : int
        Fewest lives at risk.
    level : float
        Coverage of the pointwise intervals.

    Returns
    -------
    CumulativeHazard
        Over the same months as :func:`kaplan_meier`.

    Notes
    -----
    The variance is Aalen's, sum of d / r^2, or over clients where they have several lives. While nobody has left the
    upper end is that of a count of 0 (Poisson) over the fewest at risk so far.

    References
    ----------
    Andersen, Borgan, Gill and Keiding, Statistical Models Based on Counting Processes, section IV.1.

    Examples
    --------
    >>> from churnlab.lifetime import hazard_table
    >>> table = hazard_table([0] * 20, [3] * 5 + [12] * 15, [True] * 5 + [False] * 15)
    >>> [round(float(ends[2]), 3) for ends in (nelson_aalen(table).hazard, nelson_aalen(table).high)]
    [0.25, 0.601]
    """
    begin, stop = enough_at_risk(table.at_risk, start=start, minimum=minimum_at_risk)
    risk, gone = table.at_risk[begin:stop], table.events[begin:stop]
    summed: Floats = np.cumsum(table.hazard[begin:stop], dtype=np.float64)
    variance = np.cumsum(gone / risk**2)
    if table.spans is not None:
        variance = _over_clients(table, table.spans, begin=begin, weight=1.0 / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(norm.ppf(0.5 + level / 2) * np.sqrt(variance) / summed)
        low, high = summed / factor, summed * factor
    fewest = np.minimum.accumulate(risk) if len(risk) else risk
    none = summed == 0.0
    most = chi2.ppf(0.5 + level / 2, 2) / 2
    return CumulativeHazard(
        begin, table.month[begin:stop], summed, np.where(none, 0.0, low), np.where(none, most / fewest, high), risk
    )


def survival_at(curve: SurvivalCurve, months: npt.ArrayLike) -> tuple[Estimate, ...]:
    """Share still there at the end of given months of tenure.

    Parameters
    ----------
    curve : SurvivalCurve
        Result of :func:`kaplan_meier`.
    months : array_like of int, shape (k,)
        Months of tenure.

    Returns
    -------
    tuple of Estimate
        NaN throughout where the curve does not reach: no extrapolation; 1 at its start.
    """
    return tuple(_at(curve, int(month)) for month in np.atleast_1d(np.asarray(months)))


def median_lifetime(curve: SurvivalCurve) -> Estimate:
    """Month of tenure by which half have left, with an interval from the curve's own.

    Parameters
    ----------
    curve : SurvivalCurve
        Result of :func:`kaplan_meier`.

    Returns
    -------
    Estimate
        Months of tenure; an end that the curve does not reach is NaN.

    References
    ----------
    Brookmeyer and Crowley (1982), A confidence interval for the median survival time, Biometrics 38, 29-41.
    """
    return Estimate(
        value=_first_below(curve, curve.survival),
        low=_first_below(curve, curve.low),
        high=_first_below(curve, curve.high),
    )


def _first_below(curve: SurvivalCurve, values: Floats) -> float:
    below = np.flatnonzero(values <= _HALF)
    return float(curve.month[below[0]]) if below.size else float("nan")


def _at(curve: SurvivalCurve, month: int) -> Estimate:
    place = month - curve.start - 1
    if place == -1:
        return Estimate(1.0, 1.0, 1.0)
    if not 0 <= place < len(curve.month):
        return Estimate(np.nan, np.nan, np.nan)
    return Estimate(float(curve.survival[place]), float(curve.low[place]), float(curve.high[place]))


def _log_variance(table: HazardTable, begin: int, stop: int) -> Floats:
    """Variance of the logarithm of survival by month."""
    risk, gone = table.at_risk[begin:stop], table.events[begin:stop]
    if table.spans is None:
        return np.cumsum(gone / (risk * (risk - gone)))
    return _over_clients(table, table.spans, begin=begin, weight=1.0 / (risk - gone))


def _over_clients(table: HazardTable, spans: Spans, *, begin: int, weight: Floats) -> Floats:
    """Variance over clients of sums of weighted departures beyond those expected, by month, as `weight`."""
    clients = int(spans.client.max()) + 1
    summed, variance = np.zeros(clients), np.zeros(len(weight))
    hazard = table.hazard
    for place, month in enumerate(range(begin + 1, begin + len(weight) + 1)):
        here = np.flatnonzero((spans.entry < month) & (month <= spans.exit))
        beyond = (spans.event[here] & (spans.exit[here] == month)) - hazard[month - 1]
        summed += np.bincount(spans.client[here], weight[place] * beyond, minlength=clients)
        variance[place] = np.einsum("c,c->", summed, summed)
    return variance
