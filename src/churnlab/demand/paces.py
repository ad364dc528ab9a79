"""How often and how much each client orders, as known on a day; how long it has been silent in its own measure."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from churnlab.demand.log import DAYS_PER_MONTH, Floats, Ints, OrderLog, Season, running_time
from churnlab.demand.rates import RateSpread, fit_rates

HALF_LIFE_MONTHS = 18.0
"""An order so long ago counts half."""

REGULAR_DAYS = 365
"""A client is a regular once its first and last order lie so far apart."""

_MOST_SHAPE = 1e4
_MOST_FITTED = 5_000
"""The law of rates is fitted to so many clients at most, evenly chosen; every client's own rate is drawn towards it."""

_BY_CLIENT = ("client", "rate", "shape", "repeats", "silence", "size", "size_doubt", "regular")


@dataclass(frozen=True, slots=True)
class Paces:
    """Clients as known on a day, n of them.

    Attributes
    ----------
    client : ndarray of int, shape (n,)
        Who had ordered before that day.
    rate : ndarray of float, shape (n,)
        Orders a mean month while the client stays, held towards those of all.
    shape : ndarray of float, shape (n,)
        Of the gamma law of what the rate may be: its relative variance is 1 / shape.
    repeats : ndarray of float, shape (n,)
        Orders after the first.
    silence : ndarray of float, shape (n,)
        Orders that the client would have made since its last one, at its rate.
    size : ndarray of float, shape (n,)
        Volume of an order to expect, held towards that of all.
    size_doubt : ndarray of float, shape (n,)
        Relative variance of `size`.
    regular : ndarray of bool, shape (n,)
        Whether it has bought for longer than a year.
    spread : float
        Relative variance of the volumes of one client's orders.
    first : int
        Day of the first order of all.
    time : ndarray of float
        Months that have run by the morning of each day from `first` on (:func:`running_time`).
    """

    client: Ints
    rate: Floats
    shape: Floats
    repeats: Floats
    silence: Floats
    size: Floats
    size_doubt: Floats
    regular: npt.NDArray[np.bool_]
    spread: float
    first: int
    time: Floats

    def months(self, begin: int, end: int) -> float:
        """Mean months that a period is worth, by its season and its working days."""
        return float(self.time[end - self.first] - self.time[begin - self.first])


def paces(log: OrderLog, *, cut_off: int, until: int, season: Season) -> Paces | None:
    """Estimate clients' paces from orders before a day.

    Parameters
    ----------
    log : OrderLog
        Orders.
    cut_off : int
        Orders on or after this day are not read.
    until : int
        Last day that will be asked for.
    season : Season
        How the year runs, as known then.

    Returns
    -------
    Paces or None
        None where nobody had ordered.

    Notes
    -----
    A client's own record weighs less the older it is. Its silence counts as time without orders up to one mean gap of
    its own; what longer silences mean is learnt elsewhere.
    """
    known = int(np.searchsorted(log.day, cut_off))
    if not known:
        return None
    who, day, volume = log.client[:known], log.day[:known], log.volume[:known]
    begin = int(day[0])
    time = running_time(day, season=season, first=begin, until=until)
    fade = 2.0 ** ((np.arange(begin, cut_off + 1) - cut_off) / (HALF_LIFE_MONTHS * DAYS_PER_MONTH))
    faded = np.concatenate(([0.0], np.cumsum(np.diff(time[: len(fade)]) * fade[:-1])))
    first, last = np.zeros(log.clients, dtype=np.int64), np.zeros(log.clients, dtype=np.int64)
    first[who[::-1]], last[who] = day[::-1], day
    weight, number = fade[day - begin], np.bincount(who, minlength=log.clients)
    orders = np.bincount(who, weights=weight, minlength=log.clients)
    client = np.flatnonzero(number)
    first, last = first[client] - begin, last[client] - begin
    repeats: Floats = number[client] - np.float64(1.0)
    counted = np.maximum(orders[client] - fade[first], 0.0)
    active, since = faded[last] - faded[first], faded[-1] - faded[last]
    gap = np.where(counted > 0, active / np.maximum(counted, 1e-9), np.inf)
    span = np.maximum(active + np.minimum(since, np.maximum(gap, 1e-3)), 0.03)
    every = -(-len(client) // _MOST_FITTED)
    law = fit_rates(counted[::every], span[::every])
    law = RateSpread(min(law.shape, _MOST_SHAPE), law.months * min(1.0, _MOST_SHAPE / law.shape))
    rate = (law.shape + counted) / (law.months + span)
    size, doubt, spread = _sizes(who, volume, weight, client)
    return Paces(
        client=client,
        rate=rate,
        shape=law.shape + counted,
        repeats=repeats,
        silence=rate * (time[cut_off - begin] - time[last]),
        size=size,
        size_doubt=doubt,
        regular=last - first > REGULAR_DAYS,
        spread=spread,
        first=begin,
        time=time,
    )


def without_closed(state: Paces, log: OrderLog, *, closed: Ints, cut_off: int) -> Paces | None:
    """Leave out clients that were known to have closed before a day, and did not order after it.

    Parameters
    ----------
    state : Paces
        Clients as known on the day.
    log : OrderLog
        Orders.
    closed : ndarray of int, shape (all clients,)
        Day on which each was recorded as closed; a day beyond all others where it was not.
    cut_off : int
        The day.

    Returns
    -------
    Paces or None
        None where nobody is left.
    """
    known = int(np.searchsorted(log.day, cut_off))
    last = np.zeros(log.clients, dtype=np.int64)
    last[log.client[:known]] = log.day[:known]
    shut = closed[state.client]
    there = (shut >= cut_off) | (last[state.client] > shut)
    return replace(state, **{name: getattr(state, name)[there] for name in _BY_CLIENT}) if there.any() else None


def _sizes(who: Ints, volume: Floats, weight: Floats, client: Ints) -> tuple[Floats, Floats, float]:
    """Volume of an order of each client, its relative variance, and that of single orders (credibility)."""
    length = int(client[-1]) + 1
    total, heavy = (np.bincount(who, weights=each, minlength=length)[client] for each in (weight * volume, weight))
    heavy = np.maximum(heavy, 1e-12)
    own = total / heavy
    mean = float(total.sum() / heavy.sum())
    if mean <= 0:
        return np.zeros(len(client)), np.zeros(len(client)), 0.0
    rows = np.searchsorted(client, who)
    number = np.bincount(rows)
    several = number > 1
    off = (volume / np.maximum(own, 1e-9 * mean)[rows] - 1) ** 2
    within = np.bincount(rows, weights=off)[several].sum() / max(float((number[several] - 1).sum()), 1.0)
    spread = float(min(within, 4.0)) if several.any() else 1.0
    between = max(float(np.average((own / mean - 1) ** 2, weights=np.minimum(heavy, 1.0))) - spread / 3, 0.05)
    pull = spread / between
    size = np.asarray((pull * mean + total) / (pull + heavy), dtype=np.float64)
    return size, np.asarray(spread / (pull + heavy), dtype=np.float64), spread
