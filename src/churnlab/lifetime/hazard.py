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
        Of the coefficients; sandwich by client where clients were given.
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
) -> HazardFit:
    """Fit the complementary log-log hazard on person-months, penalised if asked.

    Parameters
    ----------
    columns : array_like of float, shape (n, k - 1)
        One row a person-month; no intercept.
    event : array_like of bool, shape (n,)
        Whether the client left in that month.
    client : array_like, shape (n,), optional
        Whose month it is; the covariance is then clustered, since months of a client are not new clients.
    penalty : array_like of float, shape (k - 1,), optional
        Ridge penalty of each column: half of it times the squared coefficient is taken from the
        log-likelihood, as a normal prior of variance ``1 / penalty`` would. The intercept is free.

    Returns
    -------
    HazardFit

    Raises
    ------
    ValueError
        If shapes do not agree, a value is not finite, there is no event or nothing but events, or the
        likelihood has no maximum (columns that separate or repeat one another, without a penalty).

    Notes
    -----
    Fisher scoring with step halving. With y the event and m = exp(x'b), the log-likelihood of a month is
    y log(1 - exp(-m)) - (1 - y) m: the discrete form of proportional hazards (Prentice and Gloeckler 1978,
    Biometrics 34, 57-67).

    Examples
    --------
    >>> import numpy as np
    >>> fit = fit_hazard(np.zeros((100, 0)), np.arange(100) < 20)
    >>> round(float(fit.hazard(np.zeros((1, 0)))[0]), 6)
    0.2
    """
    design = _with_intercept(np.asarray(columns, dtype=np.float64))
    outcome = np.asarray(event, dtype=np.float64)
    ridge = np.zeros(design.shape[1])
    if penalty is not None:
        ridge[1:] = np.asarray(penalty, dtype=np.float64)
    _check(design, outcome, ridge)
    coefficients, information = _maximise(design, outcome, ridge)
    score = design * _residual(design, outcome, coefficients)[:, None]
    bread: Floats = np.linalg.inv(information).astype(np.float64)
    covariance: Floats = bread if client is None else bread @ _meat(score, np.asarray(client)) @ bread
    return HazardFit(
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood=_log_likelihood(design, outcome, coefficients),
        events=int(outcome.sum()),
        months=len(outcome),
    )


def _with_intercept(columns: Floats) -> Floats:
    if columns.ndim != 2:
        message = f"expected columns of shape (rows, columns), got {columns.shape}"
        raise ValueError(message)
    return np.column_stack((np.ones(len(columns)), columns))


def _check(design: Floats, outcome: Floats, ridge: Floats) -> None:
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
    if (ridge < 0).any():
        message = f"expected penalties of at least 0, got {ridge.min()}"
        raise ValueError(message)


def _maximise(design: Floats, outcome: Floats, ridge: Floats) -> tuple[Floats, Floats]:
    """Fisher scoring; returns coefficients and the penalised information."""
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(-np.log1p(-outcome.mean()))
    height = _penalised(design, outcome, coefficients, ridge)
    for _ in range(_MOST_STEPS):
        information = _information(design, coefficients, ridge)
        slope = design.T @ _residual(design, outcome, coefficients) - ridge * coefficients
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            break
        while (new := _penalised(design, outcome, coefficients + step, ridge)) < height and np.abs(step).max() > 1e-12:
            step = step / 2
        coefficients, gain, height = coefficients + step, new - height, new
        if abs(gain) < _SMALLEST_GAIN * (1 + abs(height)):
            information = _information(design, coefficients, ridge)
            if _runs_off(design, information):
                break
            return coefficients, information
    message = "the likelihood has no maximum: drop columns that repeat or separate, or set a penalty"
    raise ValueError(message)


def _runs_off(design: Floats, information: Floats) -> bool:
    """Whether the likelihood is flat in some column: a group that all, or none, left."""
    try:
        errors = np.sqrt(np.diag(np.linalg.inv(information)))
    except np.linalg.LinAlgError:
        return True
    return bool((errors * design.std(axis=0) > _LARGEST_ERROR).any())


def _mean_count(design: Floats, coefficients: Floats) -> Floats:
    predictor = np.einsum("nk,k->n", design, coefficients)
    return np.exp(np.clip(predictor, *_PREDICTOR_RANGE))


def _log_likelihood(design: Floats, outcome: Floats, coefficients: Floats) -> float:
    mean = _mean_count(design, coefficients)
    return float(np.where(outcome > 0, np.log(-np.expm1(-mean)), -mean).sum())


def _penalised(design: Floats, outcome: Floats, coefficients: Floats, ridge: Floats) -> float:
    return _log_likelihood(design, outcome, coefficients) - 0.5 * float((ridge * coefficients**2).sum())


def _residual(design: Floats, outcome: Floats, coefficients: Floats) -> Floats:
    """Derivative of each month's log-likelihood with respect to its predictor, shape (n,)."""
    mean = _mean_count(design, coefficients)
    return np.where(outcome > 0, mean / np.expm1(mean), -mean)


def _information(design: Floats, coefficients: Floats, ridge: Floats) -> Floats:
    mean = _mean_count(design, coefficients)
    weight = mean**2 / np.expm1(mean)
    return design.T @ (design * weight[:, None]) + np.diag(ridge)


def _meat(score: Floats, client: npt.NDArray[np.generic]) -> Floats:
    """Outer products of clients' summed scores, with the few-clusters factor G / (G - 1)."""
    _, group = np.unique(client, return_inverse=True)
    clusters = int(group.max()) + 1
    summed = np.zeros((clusters, score.shape[1]))
    np.add.at(summed, group, score)
    return summed.T @ summed * clusters / max(clusters - 1, 1)
