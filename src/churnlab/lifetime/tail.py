"""Beyond what was seen, only where asked for: a Weibull tail, which is an extrapolation and nothing else."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm

from churnlab.lifetime.counting import MINIMUM_AT_RISK, Floats, HazardTable, Ints, enough_at_risk
from churnlab.lifetime.survival import SurvivalCurve

LEAST_DEPARTURES = 20
"""With fewer departures there is no tail."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Extrapolated survival behind the end of a curve.

    Attributes
    ----------
    month : ndarray of int, shape (m,)
        Months of tenure behind the curve's last.
    survival, low, high : ndarray of float, shape (m,)
        Share still there if the law goes on, from the curve's last value on; the interval is the curve's end and the
        law's parameters, not whether the law holds.
    shape : float
        Power of tenure in the summed hazard: below 1 the hazard falls.
    """

    month: Ints
    survival: Floats
    low: Floats
    high: Floats
    shape: float


def weibull_tail(
    table: HazardTable,
    curve: SurvivalCurve,
    *,
    months: int,
    minimum_at_risk: int = MINIMUM_AT_RISK,
    level: float = 0.95,
) -> Tail:
    """Carry a survival curve on by the Weibull law that fits its months best.

    Parameters
    ----------
    table : HazardTable
        Risk sets.
    curve : SurvivalCurve
        Of the same table.
    months : int
        How far to carry it on; never further than as many months again as the curve has.
    minimum_at_risk : int
        As for the curve.
    level : float
        Coverage of the interval, if the law holds.

    Returns
    -------
    Tail
        Without months where the curve saw fewer than ``LEAST_DEPARTURES`` departures, or none are asked for.

    Raises
    ------
    ValueError
        If `months` is negative.

    Notes
    -----
    Departures of a month are binomial with the chance 1 - exp(-(H(t) - H(t - 1))), H(t) = exp(a) t^k. The variance
    is that of the two parameters at the end of the tail joined with the curve's own; clients with several lives are
    not accounted for in the first.

    Examples
    --------
    >>> import numpy as np
    >>> from churnlab.lifetime import kaplan_meier
    >>> table = HazardTable(np.arange(1, 25), np.full(24, 500), np.full(24, 10))
    >>> tail = weibull_tail(table, kaplan_meier(table), months=12)
    >>> round(tail.shape, 2), round(float(tail.survival[-1]), 2)
    (1.0, 0.48)
    """
    if months < 0:
        message = f"expected a number of months of at least 0, got {months}"
        raise ValueError(message)
    begin, stop = enough_at_risk(table.at_risk, start=curve.start, minimum=minimum_at_risk)
    gone, risk = table.events[begin:stop], table.at_risk[begin:stop]
    ahead = min(months, stop - begin)
    if not ahead or gone.sum() < LEAST_DEPARTURES or curve.survival[-1] in (0.0, 1.0):
        nothing = np.zeros(0)
        return Tail(nothing.astype(np.int64), nothing, nothing, nothing, float("nan"))
    parameters, covariance = _fit(np.arange(begin, stop + 1, dtype=np.float64), risk, gone)
    end, month = stop, np.arange(stop + 1, stop + ahead + 1)
    more, slope = _summed(parameters, float(end), month.astype(np.float64))
    law_variance = np.einsum("mi,ij,mj->m", slope, covariance, slope)
    quantile = float(norm.ppf(0.5 + level / 2))
    total = more - np.log(curve.survival[-1])
    own = (np.log(-np.log(curve.low[-1])) - np.log(-np.log(curve.high[-1]))) / (2 * quantile)
    error = np.sqrt(law_variance + (own * np.log(curve.survival[-1])) ** 2) / total
    low, high = (np.exp(-total * np.exp(arm * quantile * error)) for arm in (1, -1))
    return Tail(month, np.exp(-total), low, high, float(np.exp(parameters[1])))


def _summed(parameters: Floats, start: float, end: Floats) -> tuple[Floats, Floats]:
    """Hazard summed from a month to later ones, and its derivatives by the two parameters, shape (m, 2)."""
    scale, shape = np.exp(parameters[0]), np.exp(parameters[1])
    early, late = _power(np.array([start]), shape), _power(end, shape)
    grown = late * np.log(end) - early * (np.log(start) if start > 0 else 0.0)
    return scale * (late - early), np.column_stack((scale * (late - early), scale * shape * grown))


def _power(time: Floats, shape: float) -> Floats:
    return np.asarray(time**shape, dtype=np.float64)


def _fit(edges: Floats, risk: Ints, gone: Ints) -> tuple[Floats, Floats]:
    """Logarithms of scale and shape, and their covariance (the information expected at the estimate)."""

    def loss(parameters: Floats) -> float:
        step = np.maximum(np.exp(parameters[0]) * np.diff(edges ** np.exp(parameters[1])), 1e-300)
        return float((risk - gone) @ step - gone @ np.log(-np.expm1(-step)))

    mean = float(gone.sum() / risk.sum())
    found = minimize(loss, np.array([np.log(mean), 0.0]), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    best = np.asarray(found.x, dtype=np.float64)
    scale, shape = np.exp(best[0]), np.exp(best[1])
    powers = edges**shape
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(edges > 0, powers * np.log(edges), 0.0)
    step = scale * np.diff(powers)
    slope = np.column_stack((step, scale * shape * np.diff(logs)))
    information = (slope * (risk / np.expm1(step))[:, None]).T @ slope
    return best, np.linalg.inv(information)
