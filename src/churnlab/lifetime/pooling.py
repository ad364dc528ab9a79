"""The hazard regressed with groups partly pooled: how far they may differ is told by the data."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from churnlab.lifetime.hazard import Floats, HazardFit, cloglog_mean, design_of, fit_hazard, weight_of

_SPREADS = (1e-3, 3.0)
"""Standard deviations of groups' log hazards that are looked through: none at all, to a factor of 20 up or down."""

_NO_GAIN = 1e-3
"""Gain in log-likelihood below which groups that differ are no better than groups that do not."""


@dataclass(frozen=True, slots=True)
class PooledHazard:
    """A hazard with a level of each group, drawn towards the common one.

    Attributes
    ----------
    groups : ndarray, shape (g,)
        Names, sorted.
    spread : float
        Standard deviation between groups of the log hazard, as estimated; near 0 where groups are not told apart.
    fit : HazardFit
        Coefficients: intercept, one a group (against the intercept), then one a column.
    """

    groups: npt.NDArray[np.generic]
    spread: float
    fit: HazardFit

    @property
    def effects(self) -> Floats:
        """Log hazard of each group against the common one, shape (g,)."""
        return self.fit.coefficients[1 : 1 + len(self.groups)]

    def hazard(self, columns: npt.ArrayLike, group: npt.ArrayLike) -> Floats:
        """Monthly hazard of rows, shape (n, k) and (n,) to (n,); a group that was not seen has the common level."""
        given = np.asarray(group)
        belongs = (given[:, None] == self.groups[None, :]).astype(np.float64)
        return self.fit.hazard(np.column_stack((belongs, np.asarray(columns, dtype=np.float64))))


def fit_pooled(
    columns: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    client: npt.ArrayLike | None = None,
    penalty: npt.ArrayLike | None = None,
) -> PooledHazard:
    """Fit the complementary log-log hazard with a normal level for each group, its spread estimated.

    Parameters
    ----------
    columns : array_like of float, shape (n, k)
        One row a person-month; no intercept.
    event : array_like of bool, shape (n,)
        Whether the client left in that month.
    group : array_like, shape (n,)
        The row's group, such as its product line.
    client : array_like, shape (n,), optional
        Whose month it is, for the covariance.
    penalty : array_like of float, shape (k,), optional
        Ridge penalty of each column (:func:`churnlab.lifetime.fit_hazard`).

    Returns
    -------
    PooledHazard

    Raises
    ------
    ValueError
        If shapes do not agree, there is one group only, or as for :func:`churnlab.lifetime.fit_hazard`.

    Notes
    -----
    The spread maximises the likelihood with the groups' levels integrated out by Laplace's method; the levels are then
    the most likely ones, which is a ridge penalty of ``1 / spread ** 2``. With three or four groups the spread itself
    is rough, and its uncertainty is not in the covariance.

    References
    ----------
    Breslow and Clayton (1993), Journal of the American Statistical Association 88, 9-25. Gelman and Hill (2007), Data
    Analysis Using Regression and Multilevel Models, Cambridge, chapter 12.

    Examples
    --------
    >>> event = np.concatenate([np.arange(200) < 20, np.arange(40) < 1])  # 10 and 2.5 %
    >>> pooled = fit_pooled(np.zeros((240, 0)), event, np.repeat(["a", "b"], [200, 40]))
    >>> apart = pooled.hazard(np.zeros((2, 0)), ["a", "b"])
    >>> bool(0.025 < apart[1] < apart[0] < 0.101)
    True
    """
    given, outcome = design_of(columns, event)
    values = given[:, 1:]
    names, code = np.unique(np.asarray(group), return_inverse=True)
    if len(names) < 2 or len(code) != len(outcome):
        message = f"expected a group for each of {len(outcome)} rows, and two or more, got {len(code)} and {len(names)}"
        raise ValueError(message)
    ridge = np.zeros(values.shape[1]) if penalty is None else np.asarray(penalty, dtype=np.float64)
    laid = np.column_stack((np.eye(len(names))[code], values))

    def fitted(log_spread: float, whose: npt.ArrayLike | None = None) -> HazardFit:
        held = np.full(len(names), np.exp(-2 * log_spread))
        return fit_hazard(laid, outcome, client=whose, penalty=np.concatenate((held, ridge)))

    found = minimize_scalar(
        lambda log_spread: -_marginal(fitted(log_spread), laid, ridge, len(names), log_spread),
        bounds=tuple(np.log(_SPREADS)),
        method="bounded",
        options={"xatol": 1e-3},
    )
    return PooledHazard(names, float(np.exp(found.x)), fitted(float(found.x), client))


def group_spread(observed: npt.ArrayLike, expected: npt.ArrayLike) -> float:
    """Estimate how far groups' log hazards lie apart, from departures seen and expected without regard to groups.

    Parameters
    ----------
    observed : array_like of float, shape (g,)
        Departures of each group.
    expected : array_like of float, shape (g,)
        Departures that a fit without groups expects of it: its hazards summed over the group's person-months.

    Returns
    -------
    float
        Standard deviation between groups of the log hazard, 0 where they are not told apart.

    Raises
    ------
    ValueError
        If shapes do not agree, a number is negative, or a group is not expected to lose anybody.

    Notes
    -----
    Departures are taken as Poisson with a normal level for each group, integrated out by Laplace's method as in
    :func:`fit_pooled`, which regresses at the same time and takes some fifteen fits for it.

    References
    ----------
    Breslow and Clayton (1993), Journal of the American Statistical Association 88, 9-25.

    Examples
    --------
    >>> group_spread([10, 11, 9], [10, 10, 10]), round(group_spread([40, 10, 2], [20, 16, 16]), 1)
    (0.0, 1.1)
    """
    seen, awaited = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if seen.shape != awaited.shape or seen.ndim != 1 or (seen < 0).any() or not (awaited > 0).all():
        message = f"expected departures of at least 0, and above 0 where expected, one a group, got {seen}, {awaited}"
        raise ValueError(message)

    def lost(log_spread: float) -> float:
        held = np.exp(-2 * log_spread)
        level = np.zeros_like(seen)
        for _ in range(50):
            rate = awaited * np.exp(level)
            level += np.clip((seen - rate - held * level) / (rate + held), -1, 1)
        rate = awaited * np.exp(level)
        fitted = seen * level - rate - 0.5 * held * level**2 - 0.5 * np.log1p(rate / held)
        return -float(fitted.sum())

    found = minimize_scalar(lost, bounds=tuple(np.log(_SPREADS)), method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x)) if lost(found.x) < lost(np.log(_SPREADS[0])) - _NO_GAIN else 0.0


def _marginal(fit: HazardFit, laid: Floats, ridge: Floats, groups: int, log_spread: float) -> float:
    """Log-likelihood with the groups' levels integrated out, up to a constant."""
    design = np.column_stack((np.ones(len(laid)), laid))
    weight = weight_of(cloglog_mean(design, fit.coefficients))
    part = design[:, 1 : 1 + groups]
    held = np.exp(-2 * log_spread)
    determinant = np.linalg.slogdet(part.T @ (part * weight[:, None]) + held * np.eye(groups))[1]
    levels, others = fit.coefficients[1 : 1 + groups], fit.coefficients[1 + groups :]
    prior = -0.5 * held * float(levels @ levels) - 0.5 * float((ridge * others**2).sum())
    return fit.log_likelihood + prior - 0.5 * float(determinant) - groups * log_spread
