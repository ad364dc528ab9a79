"""Frailty: whether clients differ in ways that no column tells, and what that does to the coefficients.

Where the frail leave first, those who stay are the sturdy: the hazard falls with tenure though no client's does, and
effects look smaller than they are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

from churnlab.lifetime.proportional import Floats, Ints, fit_tenure_hazard

LEAST_EVENTS = 30
"""With fewer departures the question is not asked."""

_VARIANCES = (1e-4, 50.0)
"""Variances that are looked through."""

_STARTS = (0.05, 1.0)
_NOTHING = 1e-5


@dataclass(frozen=True, slots=True)
class Frailty:
    """A hazard with and without gamma frailty.

    Attributes
    ----------
    variance : float
        Of the frailty, a factor on the hazard whose mean is 1 among those who begin.
    low, high : float
        95 % interval of the variance by its profile; `low` is 0 where none is a possible answer, `high` infinite where
        the data set no bound.
    p : float
        Chance of as strong a sign of frailty where there is none.
    coefficients, without : ndarray of float, shape (k,)
        Log hazard per unit of each column, given the frailty and ignoring it.
    level, level_without : ndarray of float, shape (m,)
        Log cumulative hazard a month of each band, likewise.
    events : int
        Departures.
    """

    variance: float
    low: float
    high: float
    p: float
    coefficients: Floats
    without: Floats
    level: Floats
    level_without: Floats
    events: int

    @property
    def seen(self) -> bool:
        """Whether frailty is seen, at 5 %."""
        return self.p < 0.05


@dataclass(frozen=True, slots=True)
class _Lives:
    """Months in each band (n, m) up to entry, to the last month stayed and to the last month; events (n,)."""

    entry: Floats
    stayed: Floats
    ended: Floats
    event: npt.NDArray[np.bool_]
    columns: Floats


def gamma_frailty(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,  # noqa: A002
    event: npt.ArrayLike,
    columns: npt.ArrayLike,
    *,
    bands: npt.ArrayLike = (),
) -> Frailty:
    """Fit a hazard with a gamma factor on each life, and test whether there is one.

    Parameters
    ----------
    entry, exit, event
        Lives, one row each, as in :func:`churnlab.lifetime.fit_tenure_hazard`; those that enter late have survived
        until then, and count for that.
    columns : array_like of float, shape (n, k)
        Constant over a life, from its first month.
    bands : array_like of int
        Months of tenure with which a level ends; one level throughout if not given. Every band needs a departure.

    Returns
    -------
    Frailty

    Raises
    ------
    ValueError
        If there are fewer than ``LEAST_EVENTS`` departures, a band without one, or as for
        :func:`churnlab.lifetime.fit_tenure_hazard`.

    Notes
    -----
    Given a frailty z, a month's hazard is 1 - exp(-z exp(level + x'b)); a gamma z of mean 1 and variance v leaves
    S(t) = (1 + v H(t)) ** (-1 / v) in closed form. The test is the likelihood ratio; no frailty lies on the edge, so
    half of its law is a point at 0 (Self and Liang 1987). As a life ends once at most, frailty is told from a hazard
    that falls for everyone only by the columns and by the shape that bands allow: with a level for every month and no
    column it cannot be told at all.

    References
    ----------
    Self and Liang (1987), Journal of the American Statistical Association 82, 605-610. Vaupel, Manton and Stallard
    (1979), Demography 16, 439-454.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> left_in = np.ceil(rng.exponential(1, 600) / (0.05 * rng.gamma(0.5, 2.0, 600)))
    >>> found = gamma_frailty(np.zeros(600), np.minimum(left_in, 60), left_in <= 60, np.zeros((600, 0)))
    >>> found.seen, bool(found.low < 2 < found.high), bool(found.level[0] > found.level_without[0])
    (True, True, True)
    """
    plain = fit_tenure_hazard(entry, exit, event, columns, bands=bands)
    if plain.events < LEAST_EVENTS or not np.isfinite(plain.level).all():
        message = f"expected {LEAST_EVENTS} departures and one in every band, got {plain.events}: use fewer bands"
        raise ValueError(message)
    lives = _lives(entry, exit, event, columns, plain.band)
    start = np.concatenate((plain.level, plain.coefficients))
    at, height = max((_fit(lives, np.append(start, np.log(v))) for v in _STARTS), key=lambda each: each[1])
    ratio = 2 * (height - plain.log_likelihood)
    if ratio < _NOTHING:
        at, height = np.append(start, np.log(_VARIANCES[0])), plain.log_likelihood
    m = len(plain.level)
    low, high = _ends(lives, at, height)
    return Frailty(
        variance=float(np.exp(at[-1])) if ratio >= _NOTHING else 0.0,
        low=low,
        high=high,
        p=float(chi2.sf(ratio, 1) / 2) if ratio >= _NOTHING else 1.0,
        coefficients=at[m:-1],
        without=plain.coefficients,
        level=at[:m],
        level_without=plain.level,
        events=plain.events,
    )


def _lives(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,  # noqa: A002
    event: npt.ArrayLike,
    columns: npt.ArrayLike,
    band: Ints,
) -> _Lives:
    up_to = np.zeros((len(band) + 1, int(band.max()) + 1))
    up_to[np.arange(1, len(band) + 1), band] = 1.0
    np.cumsum(up_to, axis=0, out=up_to)
    begin, end = np.asarray(entry, dtype=np.int64), np.asarray(exit, dtype=np.int64)
    gone = np.asarray(event, dtype=bool)
    return _Lives(up_to[begin], up_to[end - gone], up_to[end], gone, np.asarray(columns, dtype=np.float64))


def _height(at: Floats, lives: _Lives) -> tuple[float, Floats]:
    """Log-likelihood and its gradient by levels, slope and the logarithm of the variance."""
    m = lives.entry.shape[1]
    base, variance = np.exp(at[:m]), np.exp(at[-1])
    rate = np.exp(lives.columns @ at[m:-1])
    parts = (lives.entry, lives.stayed, lives.ended)
    hazards = [rate * (part @ base) for part in parts]
    began, stayed, ended = (-np.log1p(variance * hazard) / variance for hazard in hazards)
    gone = lives.event
    share = np.where(gone, np.exp(ended - stayed), 0.0)
    with np.errstate(divide="ignore"):
        each = np.where(gone, stayed + np.log1p(-share), ended) - began
    weights = (-np.ones(len(gone)), np.where(gone, 1 / (1 - share), 0.0), np.where(gone, -share / (1 - share), 1.0))
    gradient = np.zeros(len(at))
    for part, hazard, weight in zip(parts, hazards, weights, strict=True):
        grown = 1 + variance * hazard
        slope = -weight / grown
        gradient[:m] += ((slope * rate) @ part) * base
        gradient[m:-1] += (slope * hazard) @ lives.columns
        gradient[-1] += float((weight * (np.log(grown) / variance - hazard / grown)).sum())
    return float(each.sum()), gradient


def _fit(lives: _Lives, start: Floats, *, held: bool = False) -> tuple[Floats, float]:
    """The most likely parameters and their log-likelihood, the variance held where it stands if asked."""
    size = len(lives.event)
    moves = np.ones(len(start))
    moves[-1] = 0.0 if held else 1.0

    def lost(at: Floats) -> tuple[float, Floats]:
        height, gradient = _height(at, lives)
        return -height / size, -gradient * moves / size

    edge = tuple(np.log(_VARIANCES))
    bounds = [(-40.0, 5.0)] * (len(start) - 1) + [(start[-1], start[-1]) if held else edge]
    found = minimize(lost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9})
    return np.asarray(found.x, dtype=np.float64), -float(found.fun) * size


def _ends(lives: _Lives, at: Floats, height: float) -> tuple[float, float]:
    """Where the profile of the variance has fallen by half the 95 % point of chi-square on either side."""
    need = float(chi2.ppf(0.95, 1)) / 2

    def lacks(log_variance: float) -> float:
        start = at.copy()
        start[-1] = log_variance
        return height - _fit(lives, start, held=True)[1] - need

    lowest, highest = np.log(_VARIANCES)
    low = 0.0 if lacks(lowest) <= 0 else float(np.exp(brentq(lacks, lowest, at[-1], xtol=1e-3)))
    high = np.inf if lacks(highest) <= 0 else float(np.exp(brentq(lacks, at[-1], highest, xtol=1e-3)))
    return low, high
