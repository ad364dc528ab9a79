"""Orders as forecasts of demand read them: who ordered, when, how much, and how a week and a year run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAYS_PER_MONTH = 365.2425 / 12
"""Mean length of a month."""

SEASON_MONTHS = 24
"""With fewer months of records a season cannot be told from chance or growth."""

_WEEKDAY_PRIOR = 20.0
_THURSDAY = 3  # 1970-01-01, counted from Monday
_YEAR = 12
_LEAST_DISPERSION = 0.3


@dataclass(frozen=True, slots=True)
class OrderLog:
    """Orders in order of their day.

    Attributes
    ----------
    client : ndarray of int, shape (n,)
        Who ordered, numbered from 0.
    day : ndarray of int, shape (n,)
        Days since 1970-01-01, never falling.
    volume : ndarray of float, shape (n,)
        Of each order, 0 or more.
    """

    client: Ints
    day: Ints
    volume: Floats

    @property
    def clients(self) -> int:
        """How many clients are numbered."""
        return int(self.client.max()) + 1 if len(self.client) else 0


@dataclass(frozen=True, slots=True)
class Season:
    """How much is ordered on a day of each month against a mean day.

    Attributes
    ----------
    index : ndarray of float, shape (12,)
        January first; mean 1. All 1 where no season can be told.
    source : str
        ``"own"``, ``"all lines"`` (too few records of the line's own) or ``"none"``.
    """

    index: Floats
    source: str


def order_log(client: npt.ArrayLike, day: npt.ArrayLike, volume: npt.ArrayLike | None = None) -> OrderLog:
    """Put orders into the order of their day.

    Parameters
    ----------
    client : array_like of int, shape (n,)
        Who ordered, numbered from 0.
    day : array_like of int, shape (n,)
        Days since 1970-01-01.
    volume : array_like of float, shape (n,), optional
        Of each order; 1 if not given.

    Returns
    -------
    OrderLog

    Raises
    ------
    ValueError
        If shapes differ, a client is below 0, or a volume is no figure of 0 or more.
    """
    who, when = np.asarray(client, dtype=np.int64), np.asarray(day, dtype=np.int64)
    size = np.ones(who.shape) if volume is None else np.asarray(volume, dtype=np.float64)
    if not who.shape == when.shape == size.shape or who.ndim != 1:
        raise ValueError(f"expected one client, day and volume an order, got {who.shape}, {when.shape}, {size.shape}")
    if (who < 0).any() or not (np.isfinite(size) & (size >= 0)).all():
        raise ValueError("expected clients numbered from 0 and finite volumes of 0 or more")
    place = np.argsort(when, kind="stable")
    return OrderLog(who[place], when[place], size[place])


def after_first(log: OrderLog) -> OrderLog:
    """Leave out each client's first order: a wave of new clients is no season.

    Parameters
    ----------
    log : OrderLog
        Orders.

    Returns
    -------
    OrderLog
    """
    first = np.full(log.clients, -1, dtype=np.int64)
    place = np.arange(len(log.client))
    first[log.client[::-1]] = place[::-1]
    again = first[log.client] != place
    return OrderLog(log.client[again], log.day[again], log.volume[again])


def no_season() -> Season:
    """Every month is like the mean one."""
    return Season(np.ones(_YEAR), "none")


def season_of(log: OrderLog, *, cut_off: int, towards: Season | None = None) -> Season:
    """Estimate the season from orders before a day, shrunk.

    Parameters
    ----------
    log : OrderLog
        Orders.
    cut_off : int
        Orders on or after this day are not read.
    towards : Season, optional
        Season of all lines, towards which an uncertain month is drawn; a mean month if not given.

    Returns
    -------
    Season
        With fewer than ``SEASON_MONTHS`` months between the first order and `cut_off` that of all lines, or none.

    Notes
    -----
    Orders a working week's day are divided by their mean over the twelve months around; months near an end are divided
    by the nearest such mean. Each month's ratio is then drawn towards the other season by as much as chance explains
    the months' differences from it (method of moments; chance is over-dispersed as the ratios of single years are).
    """
    day = log.day[: np.searchsorted(log.day, cut_off)]
    if not len(day) or (cut_off - day[0]) / DAYS_PER_MONTH < SEASON_MONTHS:
        told = towards is not None and towards.source != "none"
        return Season(towards.index, "all lines") if towards is not None and told else no_season()
    first = int(day[0])
    week = weekday_weights(day)
    days = np.arange(first, cut_off)
    month = month_of(days)
    place = month - month[0]
    work: Floats = np.bincount(place, weights=week[(days + _THURSDAY) % 7]).astype(np.float64)
    seen = np.bincount(month_of(day) - month[0], minlength=len(work)).astype(np.float64)
    level = _level(seen, work)
    of_year = (month[0] + np.arange(len(work))) % _YEAR
    usual = np.bincount(of_year, weights=level * work, minlength=_YEAR)
    ratio = np.bincount(of_year, weights=seen, minlength=_YEAR) / np.maximum(usual, 1e-9)
    fitted = np.maximum(level * work * ratio[of_year], 1e-9)
    dispersion = max(_LEAST_DISPERSION, float(((seen - fitted) ** 2 / fitted).sum() / max(len(seen) - _YEAR, 1)))
    noise = dispersion * np.maximum(ratio, 0.2) / np.maximum(usual, 1e-9)
    aim = np.ones(_YEAR) if towards is None else towards.index
    real = max(0.0, float(((ratio - aim) ** 2 - noise).mean()))
    index = aim + real / (real + noise) * (ratio - aim)
    return Season(index / index.mean(), "own")


def weekday_weights(day: Ints) -> Floats:
    """How much is ordered on each day of the week against a mean day, Monday first.

    Parameters
    ----------
    day : ndarray of int, shape (n,)
        Days of orders, since 1970-01-01.

    Returns
    -------
    ndarray of float, shape (7,)
        Mean 1.
    """
    count = np.bincount((day + _THURSDAY) % 7, minlength=7).astype(np.float64)
    return np.asarray((count + _WEEKDAY_PRIOR / 7) / (len(day) + _WEEKDAY_PRIOR) * 7, dtype=np.float64)


def running_time(day: Ints, *, season: Season, first: int, until: int) -> Floats:
    """Time in which a client's orders come evenly, from a first day on, in months.

    Parameters
    ----------
    day : ndarray of int, shape (n,)
        Days of orders, which say how a week runs.
    season : Season
        How the year runs.
    first, until : int
        Days since 1970-01-01.

    Returns
    -------
    ndarray of float, shape (until - first + 1,)
        Time that has run by the morning of each day.
    """
    days = np.arange(first, until)
    pace = weekday_weights(day)[(days + _THURSDAY) % 7] * season.index[month_of(days) % _YEAR]
    return np.concatenate(([0.0], np.cumsum(pace))) / DAYS_PER_MONTH


def month_of(day: Ints) -> Ints:
    """Calendar months since January 1970 of days since 1970-01-01."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def first_of(month: npt.ArrayLike) -> Ints:
    """First days of calendar months, both counted from January 1970."""
    return np.asarray(month, dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _level(seen: Floats, work: Floats) -> Floats:
    """Orders a working day over the twelve months around each month; the nearest near the ends."""
    weights = np.array([0.5, *np.ones(_YEAR - 1), 0.5])
    inner = np.convolve(seen, weights, "valid") / np.maximum(np.convolve(work, weights, "valid"), 1e-9)
    if not len(inner):
        return np.full(len(seen), seen.sum() / max(float(work.sum()), 1e-9))
    return np.concatenate([np.full(_YEAR // 2, inner[0]), inner, np.full(_YEAR // 2, inner[-1])])
