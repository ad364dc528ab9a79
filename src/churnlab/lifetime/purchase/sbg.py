"""Contracts that are renewed or not: the shifted beta-geometric model.

Every client has its own chance of not renewing, the same at each renewal; over clients it is beta. That is why those
who have renewed often renew more often: the others have left, nobody has changed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, polygamma, psi

from churnlab.lifetime.purchase.fitting import PRIOR_SPREAD, Floats, Height, Prior, climb
from churnlab.lifetime.purchase.nobody_leaves import in_logarithms
from churnlab.lifetime.purchase.result import Fit, Parameters, unnamed

_NAMES = ("alpha", "beta")
_NOTHING_LEFT = 1e-14
_MOST_PERIODS = 100_000


@dataclass(frozen=True, slots=True)
class ContractFit(Fit):
    """A fitted shifted beta-geometric model; mean chance of not renewing alpha / (alpha + beta)."""


def fit_sbg(
    periods: npt.ArrayLike,
    left: npt.ArrayLike,
    *,
    entered: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    prior_spread: float = PRIOR_SPREAD,
) -> ContractFit:
    """Fit the shifted beta-geometric model of renewals.

    Parameters
    ----------
    periods : array_like of int, shape (n,)
        Contract periods, 1 or more: the one that was the last if the client left, those completed and renewed if not.
    left : array_like of bool, shape (n,)
        Whether the client did not renew after it.
    entered : array_like of int, shape (n,), optional
        Renewals before the records begin; 0 if not given. Who left before is in no records, and is allowed for.
    weight : array_like of float, shape (n,), optional
        Clients that each row stands for.
    prior_spread : float
        Standard deviation of the logarithms of parameters a priori; ``math.inf`` gives maximum likelihood.

    Returns
    -------
    ContractFit

    Raises
    ------
    ValueError
        If shapes differ, nothing is given, or a row cannot be.

    References
    ----------
    Fader and Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21, 76-90.

    Examples
    --------
    >>> fit = fit_sbg([1, 2, 3, 3], [True, True, True, False], weight=[131, 126, 90, 653])
    >>> survival_of(fit, 3).round(2).tolist()
    [1.0, 0.86, 0.75, 0.65]
    """
    last, gone = np.asarray(periods, dtype=np.float64), np.asarray(left, dtype=bool)
    begin = np.zeros(last.shape) if entered is None else np.asarray(entered, dtype=np.float64)
    number = np.ones(last.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if not last.shape == gone.shape == begin.shape == number.shape or last.ndim != 1 or not last.size:
        raise ValueError(f"expected four rows of one length above 0, got {last.shape}, {gone.shape}, {begin.shape}")
    fine = (last >= 1) & (last == np.floor(last)) & (begin >= 0) & (begin + gone <= last) & (number >= 0)
    if not fine.all():
        row = int(np.argmin(fine))
        came = f"periods {last[row]:g}, left {bool(gone[row])}, entered {begin[row]:g}, weight {number[row]:g}"
        raise ValueError(f"expected whole periods of 1 or more, not before entry, got {came} at position {row}")
    rows, place = np.unique(np.column_stack((last, gone, begin)), axis=0, return_inverse=True)
    weights = np.bincount(place.reshape(-1), weights=number).astype(np.float64)
    peak = climb(lambda logs: _height(rows.T, weights, logs), Prior(np.zeros(2), prior_spread))
    return ContractFit(
        names=_NAMES,
        parameters=np.exp(peak.logs),
        log_covariance=peak.covariance,
        log_likelihood=peak.log_likelihood,
        clients=float(number.sum()),
        prior_spread=prior_spread,
        vague=unnamed(_NAMES, peak),
        reached=peak.reached,
    )


def survival_of(fit: ContractFit, periods: int) -> Floats:
    """Share of new clients still there after 0, 1, ... periods.

    Parameters
    ----------
    fit : ContractFit
        A fitted model.
    periods : int
        How far, 0 or more.

    Returns
    -------
    ndarray, shape (periods + 1,)
        Starts at 1.
    """
    alpha, beta = fit.parameters
    return survival_curve((alpha, beta), np.arange(periods + 1))


def survival_curve(parameters: Parameters, periods: npt.ArrayLike) -> Floats:
    """Share still there after so many periods, for given alpha and beta; elementwise, with broadcasting."""
    alpha, beta = parameters
    return np.exp(betaln(alpha, beta + np.asarray(periods)) - betaln(alpha, beta))


def residual_periods(parameters: Parameters, renewals: npt.ArrayLike, *, discount: float) -> Floats:
    """Discounted contract periods to expect of a client that is about to decide on its next renewal.

    Parameters
    ----------
    parameters : tuple of ndarray
        alpha and beta.
    renewals : array_like of int
        Periods that the client has completed, with the decision on the next one still to come.
    discount : float
        Rate a period, above 0: the period that would begin now counts in full, each later one by 1 / (1 + rate) more.

    Returns
    -------
    ndarray
        Periods, with the shapes broadcast.

    Raises
    ------
    ValueError
        If the rate is not above 0: without discounting the sum need not be finite.

    References
    ----------
    Fader and Hardie (2010), Customer-base valuation in a contractual setting: the perils of ignoring heterogeneity,
    Marketing Science 29, 85-93.
    """
    if not discount > 0:
        raise ValueError(f"expected a discount rate above 0, got {discount}: without it the sum need not be finite")
    alpha, beta = (np.asarray(each, dtype=np.float64) for each in parameters)
    done = np.asarray(renewals, dtype=np.float64)
    stays = np.ones(np.broadcast_shapes(alpha.shape, done.shape))
    total, factor = np.zeros_like(stays), 1.0
    for step in range(_MOST_PERIODS):
        stays = stays * (beta + done + step) / (alpha + beta + done + step)
        total = total + factor * stays
        factor /= 1 + discount
        if factor < _NOTHING_LEFT:
            break
    return total


def _height(rows: Floats, number: Floats, logs: Floats) -> Height:
    """Log-likelihood, gradient and Hessian in the logarithms of alpha and beta."""
    parameters = np.exp(logs)
    alpha, beta = (float(each) for each in parameters)
    last, gone, begin = rows
    value, slope, bend = 0.0, np.zeros(2), np.zeros((2, 2))
    for sign, more, stays in ((1.0, gone, last - gone), (-1.0, np.zeros_like(begin), begin)):
        a, b = alpha + more, beta + stays
        weight = sign * number
        both, curve = psi(a + b), polygamma(1, a + b)
        value += float((weight * betaln(a, b)).sum())
        slope += np.array([(weight * (psi(a) - both)).sum(), (weight * (psi(b) - both)).sum()])
        crossed = float((weight * curve).sum())
        bend -= crossed
        bend += np.diag([(weight * polygamma(1, a)).sum(), (weight * polygamma(1, b)).sum()])
    return in_logarithms(value, slope, bend, parameters)
