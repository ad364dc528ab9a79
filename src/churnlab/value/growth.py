"""How the sales of clients who stay go on: all together, each from its own last change, and by chance.

Learnt from the past: the mean sales of a horizon over those of the year before it, of clients who stayed through it,
at origins a year apart. What a client has just gained or lost is carried on in part, or fades.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]

LARGEST_CHANGE = 2.0
"""Changes of a client's sales are counted up to this on the log scale, a factor of seven either way."""

DEEPEST_FALL = 4.0
"""What is left of a client's sales is counted down to this on the log scale, two hundredths."""

LEAST_SHAPED = 200
"""With fewer clients times origins the spread is taken to be normal on the log scale."""

_PLACES = (np.arange(100) + 0.5) / 100

LEAST_CLIENTS = 10
"""With fewer clients who stayed at an origin it tells nothing."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Sales of a horizon over those of the year before, of clients who stay.

    Attributes
    ----------
    level : float
        Log of the growth of all together, at a client that had not changed.
    level_error : float
        Its standard error.
    market : float
        Standard deviation of that growth from one origin to the next: what befalls all clients at once.
    carry : float
        Part of a client's last change, on the log scale, that goes on; negative where it fades.
    carry_error : float
        Its standard error.
    steady, by_order : float
        Variance of a client's log growth about that: what even very frequent buyers have, and what comes on top,
        divided by the orders of its last year.
    shape : tuple of float
        Hundredths of the law of that spread, of mean 0 and standard deviation 1: normal, or as the past has it, where
        falls may reach deeper than rises.
    origins, clients : int
        Origins learnt from, and clients times origins; with fewer than two origins nothing is known of the future, and
        `market` is NaN.
    """

    level: float
    level_error: float
    market: float
    carry: float
    carry_error: float
    steady: float
    by_order: float
    shape: tuple[float, ...]
    origins: int
    clients: int

    @property
    def known(self) -> bool:
        """Whether the past tells how sales go on."""
        return self.origins > 1

    def spread(self, orders: npt.ArrayLike) -> Floats:
        """Standard deviation of the log growth of clients, by the orders of their last year."""
        return np.sqrt(self.steady + self.by_order / np.maximum(np.asarray(orders, dtype=np.float64), 1.0))

    def drawn(self, spread: Floats, chance: Floats) -> Floats:
        """Factors on clients' sales for uniform numbers, of mean 1.

        Parameters
        ----------
        spread : ndarray of float, shape (n,)
            As :meth:`spread` gives it.
        chance : ndarray of float, shape (n, draws)
            Uniform numbers.

        Returns
        -------
        ndarray of float, shape (n, draws)
        """
        law = np.asarray(self.shape)
        mean = np.exp(spread[:, None] * law).mean(axis=1)
        return np.exp(spread[:, None] * np.interp(chance, _PLACES, law)) / mean[:, None]


NORMAL = tuple(float(place) for place in norm.ppf(_PLACES))
"""Hundredths of the normal law."""

NO_GROWTH = Growth(0.0, 0.0, np.nan, 0.0, 0.0, 0.0, 0.0, NORMAL, 0, 0)
"""Sales stay as they were, and nothing is known of how far they may not."""


def last_change(now: npt.ArrayLike, before: npt.ArrayLike) -> Floats:
    """Log of a year's sales over those of the year before; 0 where either is not above 0.

    Parameters
    ----------
    now, before : array_like of float, shape (n,)
        Sales of two years.

    Returns
    -------
    ndarray of float, shape (n,)
        Held within ``LARGEST_CHANGE``.

    Examples
    --------
    >>> last_change([200.0, 50.0, 10.0], [100.0, 100.0, 0.0]).round(2).tolist()
    [0.69, -0.69, 0.0]
    """
    one, other = np.asarray(now, dtype=np.float64), np.asarray(before, dtype=np.float64)
    both = (one > 0) & (other > 0)
    ratio = np.log(np.where(both, one, 1.0) / np.where(both, other, 1.0))
    return np.clip(ratio, -LARGEST_CHANGE, LARGEST_CHANGE)


def fit_growth(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    change: npt.ArrayLike,
    orders: npt.ArrayLike,
    origin: npt.ArrayLike,
    *,
    years: float = 2.0,
) -> Growth:
    """Learn from clients who stayed how their sales went on.

    Parameters
    ----------
    before : array_like of float, shape (n,)
        Sales of the year before an origin; only clients above 0 are learnt from.
    after : array_like of float, shape (n,)
        Sales a year over the horizon after it.
    change : array_like of float, shape (n,)
        As :func:`last_change` gives it for the two years before the origin.
    orders : array_like of float, shape (n,)
        Orders of the year before.
    origin : array_like of int, shape (n,)
        Which origin; origins are a year apart.
    years : float
        Length of the horizon: neighbouring origins share so much of it, and count for less.

    Returns
    -------
    Growth

    Raises
    ------
    ValueError
        If shapes differ.

    Notes
    -----
    The level of an origin is that at which expected sales of all clients sum to what came, so that large clients
    count by their size; the spread is that of single clients.
    """
    old, new, moved, number = (np.asarray(each, dtype=np.float64) for each in (before, after, change, orders))
    when = np.asarray(origin, dtype=np.int64)
    if not old.shape == new.shape == moved.shape == number.shape == when.shape or old.ndim != 1:
        raise ValueError(f"expected one row of each a client, got {old.shape}, {new.shape}, {moved.shape}")
    kept = old > 0
    old, new, moved, number, when = old[kept], new[kept], moved[kept], number[kept], when[kept]
    codes, place, count = np.unique(when, return_inverse=True, return_counts=True)
    enough = count[place] >= LEAST_CLIENTS
    if not enough.any():
        return NO_GROWTH
    old, new, moved, number = old[enough], new[enough], moved[enough], number[enough]
    codes, place = np.unique(when[enough], return_inverse=True)
    log_growth = np.clip(np.log(np.maximum(new, 1e-12 * old) / old), -DEEPEST_FALL, LARGEST_CHANGE)
    carry, carry_error, left = _carried(log_growth, moved, place)
    forecast = old * np.exp(carry * moved)
    levels = np.log(
        np.maximum(np.bincount(place, weights=np.maximum(new, 0.0)), 1e-9) / np.bincount(place, weights=forecast)
    )
    free = max(len(codes) / max(years, 1.0), 1.0)
    market = float(levels.std(ddof=1)) if len(codes) > 1 else np.nan
    steady, by_order = _spread(left, number)
    usual = np.sqrt(steady + by_order / np.maximum(number, 1.0))
    return Growth(
        level=float(levels.mean()),
        level_error=market / np.sqrt(free) if len(codes) > 1 else 0.0,
        market=market,
        carry=carry,
        carry_error=carry_error,
        steady=steady,
        by_order=by_order,
        shape=_shape(left / np.maximum(usual, 1e-9)),
        origins=len(codes),
        clients=len(old),
    )


def _carried(growth: Floats, moved: Floats, place: npt.NDArray[np.int64]) -> tuple[float, float, Floats]:
    """Slope of growth on the last change within origins, its error, and what is left."""
    number = np.bincount(place)
    y, x = (each - (np.bincount(place, weights=each) / number)[place] for each in (growth, moved))
    square = float((x * x).sum())
    if square <= 1e-9:
        return 0.0, 0.0, y
    slope = float((x * y).sum()) / square
    left = y - slope * x
    error = float(np.sqrt(((x * left) ** 2).sum())) / square
    return slope, error, left


def _shape(standard: Floats) -> tuple[float, ...]:
    """Hundredths of what is left, in standard deviations."""
    if len(standard) < LEAST_SHAPED or not standard.std() > 0:
        return NORMAL
    return tuple(float(place) for place in np.quantile((standard - standard.mean()) / standard.std(), _PLACES))


def _spread(left: Floats, orders: Floats) -> tuple[float, float]:
    """Variance as a constant and one over orders, neither below 0."""
    inverse, square = 1.0 / np.maximum(orders, 1.0), left**2
    away = inverse - inverse.mean()
    bend = float((away**2).sum())
    by_order = max(float((away * square).sum()) / bend, 0.0) if bend > 1e-12 else 0.0
    steady = float(square.mean()) - by_order * float(inverse.mean())
    if steady < 0:
        return 0.0, float(square.sum() / inverse.sum())
    return steady, by_order
