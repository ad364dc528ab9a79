"""The hazard regressed: complementary log-log on person-months.

This is the one place where a hazard is fitted. Prediction and effect specifications differ in the columns
and the penalty that they hand over, never in the engine.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 100
_SMALLEST_GAIN = 1e-10
_LARGEST_ERROR = 50.0
"""A log hazard this uncertain over one standard deviation of a column has no maximum: it runs off for ever."""

_MANY_CLIENTS = 2000
"""From so many clients on leaving one out changes the information by next to nothing."""

_LARGEST_SHARE = 0.9
"""Of the information about a coefficient that one client is taken to bring; without all of it none would be left."""

_PREDICTOR_RANGE = (-40.0, 5.0)
"""Beyond these the monthly hazard is 0 or 1 in double precision; bounds keep exp() finite."""


@dataclass(frozen=True, slots=True)
class HazardFit:
    """A fitted hazard: h = 1 - exp(-exp(intercept + x'b)), a month.

    Attributes
    ----------
    coefficients : ndarray of float, shape (k,)
        Intercept first, then one a column; log hazard per unit of the column.
    covariance : ndarray of float, shape (k, k)
        Of the coefficients; sandwich by client where clients were given, corrected for few clients.
    log_likelihood : float
        At the estimate, without the penalty.
    events : int
        Departures.
    months : int
        Person-months.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    events: int
    months: int

    @property
    def standard_errors(self) -> Floats:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))

    def hazard(self, columns: npt.ArrayLike) -> Floats:
        """Monthly hazard for rows of columns, shape (n, k - 1) to (n,)."""
        design = _with_intercept(np.asarray(columns, dtype=np.float64))
        return cloglog_hazard(np.einsum("nk,k->n", design, self.coefficients))


def cloglog_hazard(predictor: npt.ArrayLike) -> Floats:
    """Monthly hazard from a linear predictor on the complementary log-log scale, any shape."""
    return -np.expm1(-np.exp(np.clip(np.asarray(predictor, dtype=np.float64), *_PREDICTOR_RANGE)))


def fit_hazard(
    columns: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    client: npt.ArrayLike | None = None,
    penalty: npt.ArrayLike | None = None,
    months: npt.ArrayLike | None = None,
) -> HazardFit:
    """Fit the complementary log-log hazard on person-months, penalised if asked.

    Parameters
    ----------
    columns : array_like of float, shape (n, k - 1)
        One row a person-month; no intercept.
    event : array_like of bool, shape (n,)
        Whether the client left in that month.
    client : array_like, shape (n,), optional
        Whose month it is; the covariance is then clustered, since months of a client are not new clients, and
        corrected for few of them.
    penalty : array_like of float, shape (k - 1,), optional
        Ridge penalty of each column: half of it times the squared coefficient is taken from the
        log-likelihood, as a normal prior of variance ``1 / penalty`` would. The intercept is free.
    months : array_like of float, shape (n,), optional
        Months alike, of one client, that a row without an event stands for, one if not given; they cost what one does.

    Returns
    -------
    HazardFit

    Raises
    ------
    ValueError
        If shapes do not agree, a value is not finite, there is no event or nothing but events, an event stands for
        other than one month, or the likelihood has no maximum (columns that separate or repeat one another, without a
        penalty).

    Notes
    -----
    Fisher scoring with step halving. With y the event and m = exp(x'b), the log-likelihood of a month is
    y log(1 - exp(-m)) - (1 - y) m: the discrete form of proportional hazards (Prentice and Gloeckler 1978,
    Biometrics 34, 57-67). The clustered covariance sums squares of what each client moves the estimate when it is left
    out, to first order: the correction of Mancl and DeRouen (2001, Biometrics 57, 126-134), known as CR3. From
    2,000 clients on, where it makes no difference, their number over itself less one stands in its place.

    Examples
    --------
    >>> import numpy as np
    >>> fit = fit_hazard(np.zeros((100, 0)), np.arange(100) < 20)
    >>> round(float(fit.hazard(np.zeros((1, 0)))[0]), 6)
    0.2
    """
    design, outcome = design_of(columns, event)
    ridge = np.zeros(design.shape[1])
    if penalty is not None:
        ridge[1:] = np.asarray(penalty, dtype=np.float64)
    if (ridge < 0).any():
        message = f"expected penalties of at least 0, got {ridge.min()}"
        raise ValueError(message)
    exposure = _exposure(outcome, months)
    coefficients, information = _maximise(design, outcome, exposure, ridge)
    score = design * residual(design, outcome, coefficients, exposure)[:, None]
    bread: Floats = np.linalg.inv(information).astype(np.float64)
    weight = exposure * weight_of(cloglog_mean(design, coefficients))
    covariance = bread if client is None else clustered_covariance(bread, score, design, weight, np.asarray(client))
    return HazardFit(
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood=log_likelihood(design, outcome, coefficients, exposure),
        events=int(outcome.sum()),
        months=int(exposure.sum()),
    )


def design_of(columns: npt.ArrayLike, event: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Columns with an intercept before them, and events as numbers, checked.

    Parameters
    ----------
    columns : array_like of float, shape (n, k - 1)
        One row a person-month.
    event : array_like of bool, shape (n,)
        Whether the client left in it.

    Returns
    -------
    design : ndarray of float, shape (n, k)
    outcome : ndarray of float, shape (n,)

    Raises
    ------
    ValueError
        If shapes do not agree, a value is not finite, or there is no event or nothing but events.
    """
    design = _with_intercept(np.asarray(columns, dtype=np.float64))
    outcome = np.asarray(event, dtype=np.float64)
    _check(design, outcome)
    return design, outcome


def _with_intercept(columns: Floats) -> Floats:
    if columns.ndim != 2:
        message = f"expected columns of shape (rows, columns), got {columns.shape}"
        raise ValueError(message)
    return np.column_stack((np.ones(len(columns)), columns))


def _check(design: Floats, outcome: Floats) -> None:
    if outcome.shape != (len(design),):
        message = f"expected one event for each of {len(design)} rows, got shape {outcome.shape}"
        raise ValueError(message)
    if not np.isfinite(design).all():
        row, column = np.argwhere(~np.isfinite(design))[0]
        message = f"expected finite columns, got {design[row, column]} in row {row}, column {column - 1}"
        raise ValueError(message)
    if not 0 < outcome.sum() < len(outcome):
        message = f"expected some months with and some without a departure, got {outcome.sum():.0f} of {len(outcome)}"
        raise ValueError(message)


def _exposure(outcome: Floats, months: npt.ArrayLike | None) -> Floats:
    if months is None:
        return np.ones(len(outcome))
    exposure = np.asarray(months, dtype=np.float64)
    if exposure.shape != outcome.shape or not (exposure[outcome > 0] == 1).all() or not (exposure >= 1).all():
        message = f"expected months of at least 1 for each of {len(outcome)} rows, and of 1 where somebody left"
        raise ValueError(message)
    return exposure


def _maximise(design: Floats, outcome: Floats, exposure: Floats, ridge: Floats) -> tuple[Floats, Floats]:
    """Fisher scoring; returns coefficients and the penalised information."""
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(-np.log1p(-outcome.sum() / exposure.sum()))
    height = _penalised(design, outcome, coefficients, exposure, ridge)
    for _ in range(_MOST_STEPS):
        information = _information(design, coefficients, exposure, ridge)
        slope = design.T @ residual(design, outcome, coefficients, exposure) - ridge * coefficients
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            break
        while True:
            new = _penalised(design, outcome, coefficients + step, exposure, ridge)
            if new >= height or np.abs(step).max() <= 1e-12:
                break
            step = step / 2
        coefficients, gain, height = coefficients + step, new - height, new
        if abs(gain) < _SMALLEST_GAIN * (1 + abs(height)):
            information = _information(design, coefficients, exposure, ridge)
            if _runs_off(design, information, exposure):
                break
            return coefficients, information
    message = "the likelihood has no maximum: drop columns that repeat or separate, or set a penalty"
    raise ValueError(message)


def _runs_off(design: Floats, information: Floats, exposure: Floats) -> bool:
    """Whether the likelihood is flat in some column: a group that all, or none, left."""
    try:
        errors = np.sqrt(np.diag(np.linalg.inv(information)))
    except np.linalg.LinAlgError:
        return True
    share = exposure / exposure.sum()
    spread = np.sqrt(share @ (design - share @ design) ** 2)
    return bool((errors * spread > _LARGEST_ERROR).any())


def cloglog_mean(design: Floats, coefficients: Floats) -> Floats:
    """Cumulative hazard of each month, exp(x'b), shape (n,)."""
    predictor = np.einsum("nk,k->n", design, coefficients)
    return np.exp(np.clip(predictor, *_PREDICTOR_RANGE))


def log_likelihood(design: Floats, outcome: Floats, coefficients: Floats, exposure: Floats | float = 1.0) -> float:
    """Log-likelihood of rows of so many months each, without a penalty."""
    mean = cloglog_mean(design, coefficients)
    return float(np.where(outcome > 0, np.log(-np.expm1(-mean)), -exposure * mean).sum())


def _penalised(design: Floats, outcome: Floats, coefficients: Floats, exposure: Floats, ridge: Floats) -> float:
    return log_likelihood(design, outcome, coefficients, exposure) - 0.5 * float((ridge * coefficients**2).sum())


def residual(design: Floats, outcome: Floats, coefficients: Floats, exposure: Floats | float = 1.0) -> Floats:
    """Derivative of each row's log-likelihood with respect to its predictor, shape (n,)."""
    mean = cloglog_mean(design, coefficients)
    return np.where(outcome > 0, mean / np.expm1(mean), -exposure * mean)


def _information(design: Floats, coefficients: Floats, exposure: Floats, ridge: Floats) -> Floats:
    weight = exposure * weight_of(cloglog_mean(design, coefficients))
    return design.T @ (design * weight[:, None]) + np.diag(ridge)


def weight_of(mean: Floats) -> Floats:
    """Expected information of a month about its predictor, shape (n,)."""
    return mean**2 / np.expm1(mean)


def clustered_covariance(
    bread: Floats, score: Floats, design: Floats, weight: Floats, client: npt.NDArray[np.generic]
) -> Floats:
    """Sandwich by client, corrected for few of them.

    Parameters
    ----------
    bread : ndarray of float, shape (k, k)
        Inverse of the information, penalties included.
    score : ndarray of float, shape (n, k)
        Derivative of each row's log-likelihood.
    design : ndarray of float, shape (n, k)
        Columns, the intercept among them.
    weight : ndarray of float, shape (n,)
        Information of each row about its predictor.
    client : ndarray, shape (n,)
        Whose row it is.

    Returns
    -------
    ndarray of float, shape (k, k)
    """
    group = np.unique(client, return_inverse=True)[1]
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    summed = np.add.reduceat(score[order], starts, axis=0)
    clusters = len(starts)
    if clusters >= _MANY_CLIENTS:
        moves = summed @ bread
        return moves.T @ moves * clusters / (clusters - 1)
    root = np.linalg.cholesky(bread)
    white = (design * np.sqrt(weight)[:, None])[order] @ root
    share = np.array([part.T @ part for part in np.split(white, starts[1:])])
    values, vectors = np.linalg.eigh(share)
    left = 1 - np.minimum(values, _LARGEST_SHARE)
    turned = np.einsum("gji,gj->gi", vectors, summed @ root) / left
    moves = np.einsum("gij,gj->gi", vectors, turned) @ root.T
    return moves.T @ moves
