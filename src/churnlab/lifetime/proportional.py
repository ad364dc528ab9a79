"""The hazard regressed with a level of its own for every month of tenure, fast enough for 100,000 clients.

The same complementary log-log law as in :mod:`churnlab.lifetime.hazard`, for spells over which columns do not change.
Person-months are never laid out: a spell's cumulative hazard is a difference of two running sums.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MOST_STEPS = 60
_SMALLEST_GAIN = 1e-11
_LARGEST_STEP = 3.0
_CHUNK = 4096
_LARGEST_ERROR = 50.0


@dataclass(frozen=True, slots=True)
class TenureHazard:
    """A fitted hazard by tenure: h = 1 - exp(-exp(level of the month + x'b)).

    Attributes
    ----------
    band : ndarray of int, shape (last,)
        Position in `level` of the months of tenure 1 to `last`.
    level : ndarray of float, shape (m,)
        Log cumulative hazard a month at columns of 0; minus infinity in bands that nobody left in.
    coefficients : ndarray of float, shape (k,)
        Log hazard per unit of each column.
    covariance : ndarray of float, shape (m + k, m + k)
        Of levels and coefficients, in this order; sandwich by client where clients were given. NaN for levels of minus
        infinity.
    log_likelihood : float
        At the estimate.
    events, months : int
        Departures and person-months.
    """

    band: Ints
    level: Floats
    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    events: int
    months: int

    @property
    def standard_errors(self) -> Floats:
        """Standard errors of the coefficients, shape (k,)."""
        return np.sqrt(np.diag(self.covariance)[len(self.level) :])

    def hazard(self, columns: npt.ArrayLike, month: npt.ArrayLike) -> Floats:
        """Hazard of rows of columns, shape (n, k), in a month of tenure each, 1 to the last seen; shape (n,)."""
        level = self.level[self.band[np.asarray(month, dtype=np.int64) - 1]]
        return -np.expm1(-np.exp(level + np.asarray(columns, dtype=np.float64) @ self.coefficients))


@dataclass(frozen=True, slots=True)
class _Spells:
    """Spells: months (entry, stop] without a departure, and one in month stop + 1 for those who left.

    Columns (n, k); entry, stop, event (n,); the departures' positions, months from 0 and bands; band of each month.
    """

    columns: Floats
    entry: Ints
    stop: Ints
    left: Ints
    band: Ints
    bands: int

    @property
    def left_band(self) -> Ints:
        return self.band[self.stop[self.left]]


def fit_tenure_hazard(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,  # noqa: A002
    event: npt.ArrayLike,
    columns: npt.ArrayLike,
    *,
    client: npt.ArrayLike | None = None,
    bands: npt.ArrayLike | None = None,
) -> TenureHazard:
    """Fit the complementary log-log hazard with a free baseline by tenure, on spells with late entry.

    Parameters
    ----------
    entry, exit : array_like of int, shape (n,)
        Whole months of tenure: a spell is at risk in the months ``entry + 1`` to ``exit``.
    event : array_like of bool, shape (n,)
        Whether the spell ended by a departure in month ``exit``.
    columns : array_like of float, shape (n, k)
        Constant over each spell; where they change, the life is cut into several spells.
    client : array_like, shape (n,), optional
        Whose spell it is; the covariance is then clustered, with the factor G / (G - 1) for G clients.
    bands : array_like of int, optional
        Months of tenure with which a level ends, rising; a last one holds the rest. Each month its own if not given.

    Returns
    -------
    TenureHazard

    Raises
    ------
    ValueError
        If shapes do not agree, a value is not finite, a spell has no month at risk, there is no event, or the
        likelihood has no maximum.

    Notes
    -----
    With r = exp(x'b) and A(t) the running sum of the baseline, a spell that ends without a departure adds
    -r (A(exit) - A(entry)); a departure adds log(1 - exp(-r a)) for its month's own a. Sums over risk sets are running
    sums by month, the information of levels among themselves is diagonal, and a Newton step costs n k^2 whatever the
    tenures.

    References
    ----------
    Prentice and Gloeckler (1978), Biometrics 34, 57-67. Lin and Wei (1989), Journal of the American Statistical
    Association 84, 1074-1078, on the clustered covariance with a free baseline.

    Examples
    --------
    >>> fit = fit_tenure_hazard([0, 0, 0, 1], [1, 2, 2, 2], [True, True, False, False], np.zeros((4, 0)))
    >>> fit.hazard(np.zeros((2, 0)), [1, 2]).round(3).tolist()
    [0.333, 0.333]
    """
    spells, clusters = _spells(entry, exit, event, columns, client, bands)
    level, slope = _maximise(spells)
    seen = np.isfinite(level)
    covariance = np.full((len(level) + len(slope),) * 2, np.nan)
    keep = np.concatenate((seen, np.ones(len(slope), dtype=bool)))
    covariance[np.ix_(keep, keep)] = _covariance(spells, level, slope, clusters)[np.ix_(keep, keep)]
    lengths = spells.stop - spells.entry
    return TenureHazard(
        band=spells.band,
        level=level,
        coefficients=slope,
        covariance=covariance,
        log_likelihood=_likelihood(spells, level, slope),
        events=len(spells.left),
        months=int(lengths.sum()) + len(spells.left),
    )


def _spells(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,  # noqa: A002
    event: npt.ArrayLike,
    columns: npt.ArrayLike,
    client: npt.ArrayLike | None,
    bands: npt.ArrayLike | None,
) -> tuple[_Spells, Ints | None]:
    """Check what was given and lay it out."""
    begin, end = np.asarray(entry, dtype=np.int64), np.asarray(exit, dtype=np.int64)
    gone, values = np.asarray(event, dtype=bool), np.asarray(columns, dtype=np.float64)
    if values.ndim != 2 or not begin.shape == end.shape == gone.shape == values.shape[:1]:
        message = f"expected columns of shape (n, k) and n of each, got {values.shape}, {begin.shape}, {end.shape}"
        raise ValueError(message)
    if not np.isfinite(values).all():
        message = f"expected finite columns, got {values[~np.isfinite(values)][0]}"
        raise ValueError(message)
    if not gone.any():
        message = "expected at least one departure, got none"
        raise ValueError(message)
    if begin.min() < 0 or (end <= begin).any():
        message = "expected 0 <= entry < exit for every spell: leave out those without a month at risk"
        raise ValueError(message)
    months = int(end.max())
    ends = np.arange(1, months) if bands is None else np.asarray(bands, dtype=np.int64)
    band = np.searchsorted(ends, np.arange(1, months + 1), side="left").astype(np.int64)
    clusters = None if client is None else np.unique(np.asarray(client), return_inverse=True)[1].astype(np.int64)
    spells = _Spells(values, begin, end - gone, np.flatnonzero(gone), band, int(band.max()) + 1)
    return spells, clusters


def _running(spells: _Spells, by_band: Floats) -> Floats:
    """Sum of a figure of the bands over the months up to each, shape (months + 1, ...)."""
    running = np.zeros((len(spells.band) + 1, *by_band.shape[1:]))
    np.cumsum(by_band[spells.band], axis=0, out=running[1:])
    return running


def _at_risk(spells: _Spells, values: Floats) -> Floats:
    """Sum of a figure of the spells over the person-months of each band without a departure, shape (bands,)."""
    months = len(spells.band)
    joined = np.bincount(spells.entry, weights=values, minlength=months + 1)
    gone = np.bincount(spells.stop, weights=values, minlength=months + 1)
    by_month = np.cumsum(joined - gone)[:months]
    return np.bincount(spells.band, weights=by_month, minlength=spells.bands).astype(np.float64)


def _rates(spells: _Spells, level: Floats, slope: Floats) -> tuple[Floats, Floats, Floats]:
    """Relative rate (n,), cumulative hazard of the months stayed (n,), and that of the month left (events,)."""
    rate = np.exp(np.clip(spells.columns @ slope, -40.0, 40.0))
    base = np.exp(level)
    running = _running(spells, base)
    stayed = rate * (running[spells.stop] - running[spells.entry])
    return rate, stayed, rate[spells.left] * base[spells.left_band]


def _likelihood(spells: _Spells, level: Floats, slope: Floats) -> float:
    _, stayed, leaving = _rates(spells, level, slope)
    return float(np.log(-np.expm1(-leaving)).sum() - stayed.sum())


def _maximise(spells: _Spells) -> tuple[Floats, Floats]:
    """Newton with step halving; levels of bands without a departure are minus infinity throughout."""
    k = spells.columns.shape[1]
    left = np.bincount(spells.left_band, minlength=spells.bands).astype(np.float64)
    exposed = _at_risk(spells, np.ones(len(spells.entry))) + left
    share = np.where(left > 0, (left - (left == exposed) * 0.5) / np.maximum(exposed, 1.0), 0.0)
    with np.errstate(divide="ignore"):
        level = np.log(-np.log1p(-share))
    slope, height = np.zeros(k), -np.inf
    height = _likelihood(spells, level, slope)
    seen = left > 0
    for _ in range(_MOST_STEPS):
        gradient, cross, diagonal, inner = _derivatives(spells, level, slope)
        ratio = np.where(seen, 1 / np.where(seen, diagonal, 1.0), 0.0)
        try:
            step = np.linalg.solve(inner - (cross * ratio) @ cross.T, gradient[1] - cross @ (ratio * gradient[0]))
        except np.linalg.LinAlgError:
            break
        move = ratio * (gradient[0] - cross.T @ step)
        size = min(1.0, _LARGEST_STEP / max(np.abs(move).max(), 1e-12))
        while (new := _likelihood(spells, level + size * move, slope + size * step)) < height and size > 1e-12:
            size /= 2
        level, slope, gain, height = level + size * move, slope + size * step, new - height, new
        if abs(gain) < _SMALLEST_GAIN * (1 + abs(height)):
            return level, slope
    message = "the likelihood has no maximum: drop columns that repeat or separate"
    raise ValueError(message)


def _derivatives(spells: _Spells, level: Floats, slope: Floats) -> tuple[tuple[Floats, Floats], Floats, Floats, Floats]:
    """Gradient by levels and slope, and the observed information: cross (k, m), levels' diagonal (m,), slope (k, k)."""
    rate, stayed, leaving = _rates(spells, level, slope)
    base, k = np.exp(level), spells.columns.shape[1]
    pull, weight = _of_leaving(leaving)
    at_risk = base * _at_risk(spells, rate)
    residual = -stayed
    residual[spells.left] += pull
    mass = stayed.copy()
    mass[spells.left] += weight
    gone = spells.columns[spells.left]
    cross = np.empty((k, spells.bands))
    for column in range(k):
        cross[column] = base * _at_risk(spells, rate * spells.columns[:, column])
        cross[column] += np.bincount(spells.left_band, weights=weight * gone[:, column], minlength=spells.bands)
    by_level = np.bincount(spells.left_band, weights=pull, minlength=spells.bands) - at_risk
    diagonal = at_risk + np.bincount(spells.left_band, weights=weight, minlength=spells.bands)
    inner = spells.columns.T @ (spells.columns * mass[:, None])
    return (by_level, spells.columns.T @ residual), cross, diagonal, inner


def _of_leaving(leaving: Floats) -> tuple[Floats, Floats]:
    """First derivative and observed information of log(1 - exp(-m)) about log m, shape (events,) each."""
    pull = leaving / np.expm1(leaving)
    return pull, pull * (pull - 1 + leaving)


def _covariance(spells: _Spells, level: Floats, slope: Floats, clusters: Ints | None) -> Floats:
    """Inverse information, or the sandwich by client, of levels and slope; rows of unseen levels are of no use."""
    _, cross, diagonal, inner = _derivatives(spells, level, slope)
    seen, m, k = np.isfinite(level), len(level), len(slope)
    information = np.diag(np.concatenate((np.where(seen, diagonal, 1.0), np.zeros(k))))
    information[m:, :m], information[:m, m:], information[m:, m:] = cross, cross.T, inner
    bread: Floats = np.linalg.inv(information)
    if k and (np.sqrt(np.abs(np.diag(bread)[m:])) * spells.columns.std(axis=0) > _LARGEST_ERROR).any():
        message = "the likelihood has no maximum: drop columns that repeat or separate"
        raise ValueError(message)
    if clusters is None:
        return bread
    many = int(clusters.max()) + 1
    order = np.argsort(clusters, kind="stable")
    meat = np.zeros_like(bread)
    bounds = np.searchsorted(clusters[order], np.arange(0, many, _CHUNK))
    for begin, end in zip(bounds, np.append(bounds[1:], len(order)), strict=True):
        rows = order[begin:end]
        score = _scores(spells, level, slope, rows)
        starts = np.flatnonzero(np.diff(clusters[rows], prepend=-1))
        summed = score if len(starts) == len(rows) else np.add.reduceat(score, starts, axis=0)
        meat += summed.T @ summed
    return bread @ meat @ bread * many / max(many - 1, 1)


def _scores(spells: _Spells, level: Floats, slope: Floats, rows: Ints) -> Floats:
    """Derivative of some spells' log-likelihoods by levels and slope, shape (rows, m + k)."""
    rate = np.exp(np.clip(spells.columns[rows] @ slope, -40.0, 40.0))
    m, base, months = len(level), np.exp(level), len(spells.band)
    entry, stop = spells.entry[rows], spells.stop[rows]
    # months of a spell in each band: those up to its end less those up to its entry
    up_to = np.zeros((months + 1, m))
    up_to[np.arange(1, months + 1), spells.band] = 1.0
    np.cumsum(up_to, axis=0, out=up_to)
    score = np.empty((len(rows), m + len(slope)))
    score[:, :m] = (up_to[stop] - up_to[entry]) * -base
    score[:, :m] *= rate[:, None]
    left = np.isin(rows, spells.left, assume_unique=True)
    band = spells.band[np.minimum(stop, months - 1)][left]
    score[np.flatnonzero(left), band] += _of_leaving(rate[left] * base[band])[0]
    score[:, m:] = spells.columns[rows] * score[:, :m].sum(axis=1)[:, None]
    return score
