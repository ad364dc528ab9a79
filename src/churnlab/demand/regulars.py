"""Demand from the clients themselves: each at its own pace, as far as clients so silent went on in the past.

Every forecast is made from what was known at its origin: paces, season, how many of the silent went on, how much new
clients brought, and how surprised earlier forecasts were, all from periods that had ended by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from churnlab.demand.log import DAYS_PER_MONTH, Floats, Ints, OrderLog, Season
from churnlab.demand.paces import Paces, paces, without_closed
from churnlab.demand.spread import amount_ends, amount_score, common, count_ends, count_score, leaning, surprise
from churnlab.demand.staying import Learnt, orders_of_clients

LEARN_PERIODS = 3
"""Past periods from which a forecast has to have learnt."""

_GRADED_PERIODS = 36
_SINGLE_PERIODS = 25
_LEAST_MEAN = 1e-6
_LEAST_MONTHS = 1e-3


@dataclass(frozen=True, slots=True)
class Ahead:
    """A period that is forecast at each of several origins.

    Attributes
    ----------
    begins, ends : ndarray of int, shape (j,)
        First day of the period, and the first after it; none begins before its origin.
    """

    begins: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class Expected:
    """Forecasts of one measure at each origin; NaN where there was too little to learn from.

    Attributes
    ----------
    regular, newer, unknown : ndarray of float, shape (j,)
        Expected of clients who had bought for longer than a year, of other clients, and of those who had not bought
        yet.
    low, high : ndarray of float, shape (j,)
        Ends of the interval of all of it.
    seen : ndarray of float, shape (j,)
        What came; NaN where the period has not ended.
    score : ndarray of float, shape (j,)
        Normal score of what came under the law before past forecasts widened it.
    """

    regular: Floats
    newer: Floats
    unknown: Floats
    low: Floats
    high: Floats
    seen: Floats
    score: Floats

    @property
    def value(self) -> Floats:
        """Expected in all, shape (j,)."""
        return self.regular + self.newer + self.unknown


@dataclass(frozen=True, slots=True)
class ClientsAhead:
    """What each client was expected to order in one period, and what it did; n clients who had ordered before.

    Attributes
    ----------
    client : ndarray of int, shape (n,)
        Who.
    orders, volume : ndarray of float, shape (n,)
        Expected.
    there : ndarray of float, shape (n,)
        Chance that it orders on at its pace at all.
    order_variance : ndarray of float, shape (n,)
        Of its orders while it does.
    variance : ndarray of float, shape (n,)
        Of its volume.
    seen_orders, seen_volume : ndarray of float, shape (n,)
        What came; NaN where the period has not ended.
    """

    client: Ints
    orders: Floats
    volume: Floats
    there: Floats
    order_variance: Floats
    variance: Floats
    seen_orders: Floats
    seen_volume: Floats


@dataclass(frozen=True, slots=True)
class Plan:
    """Demand of one line in one kind of period, at each origin; the last is the one to come.

    Attributes
    ----------
    origins : ndarray of int, shape (j,)
        Days on which the forecasts were made.
    ahead : Ahead
        Periods.
    orders, volume : Expected
        Forecasts.
    clients : tuple of ClientsAhead
        Single clients at the last origins, 25 at most, of which the last is the one to come; none where that has no
        forecast.
    season : str
        Where the season of the last origin is from (:class:`Season`).
    """

    origins: Ints
    ahead: Ahead
    orders: Expected
    volume: Expected
    clients: tuple[ClientsAhead, ...]
    season: str


@dataclass(frozen=True, slots=True)
class _Sum:
    """Parts of a total, and its variance."""

    parts: tuple[float, float, float]
    variance: float

    @property
    def mean(self) -> float:
        return max(sum(self.parts), _LEAST_MEAN)

    def times(self, factor: float) -> "_Sum":
        regular, newer, unknown = self.parts
        return _Sum((factor * regular, factor * newer, factor * unknown), factor**2 * self.variance)


def plan(
    log: OrderLog,
    *,
    origins: Ints,
    periods: Sequence[Ahead],
    seasons: Sequence[Season],
    level: float = 0.8,
    newcomers: bool = True,
    closed: Ints | None = None,
) -> tuple[Plan, ...]:
    """Forecast periods at rolling origins, each from what was known then.

    Parameters
    ----------
    log : OrderLog
        Orders of one line, or of all.
    origins : ndarray of int, shape (j,)
        Days, rising, about a month apart; orders on or after the last are not read.
    periods : sequence of Ahead
        Kinds of periods, such as a month and a quarter.
    seasons : sequence of Season
        Season as known at each origin.
    level : float
        Coverage of the intervals.
    newcomers : bool
        Whether clients who have not ordered by an origin belong to what is forecast from it.
    closed : ndarray of int, shape (all clients,), optional
        Day on which each client was recorded as closed: from a later origin nothing is expected of it.

    Returns
    -------
    tuple of Plan
        One a kind of period.

    Raises
    ------
    ValueError
        If origins do not rise, a period begins before its origin or is empty, or their numbers differ.
    """
    days = np.asarray(origins, dtype=np.int64)
    _check(days, periods, seasons, level)
    known = int(np.searchsorted(log.day, days[-1]))
    log = OrderLog(log.client[:known], log.day[:known], log.volume[:known])
    until = max(int(each.ends.max()) for each in periods)
    states = [
        paces(log, cut_off=int(day), until=until, season=season) for day, season in zip(days, seasons, strict=True)
    ]
    if closed is not None:
        states = [
            None if state is None else without_closed(state, log, closed=closed, cut_off=int(day))
            for day, state in zip(days, states, strict=True)
        ]
    source = seasons[-1].source
    return tuple(_roll(log, states, days, ahead, level=level, newcomers=newcomers, season=source) for ahead in periods)


def _roll(
    log: OrderLog,
    states: list[Paces | None],
    origins: Ints,
    ahead: Ahead,
    *,
    level: float,
    newcomers: bool,
    season: str,
) -> Plan:
    """Walk through the origins: learn from what has ended, forecast, and later grade."""
    learnt, done, single = Learnt(), 0, []
    found = np.full((2, 8, len(origins)), np.nan)
    overlap = max(1.0, float(np.mean(ahead.ends - ahead.begins)) / DAYS_PER_MONTH)
    for j, state in enumerate(states):
        while done < j and ahead.ends[done] <= origins[j]:
            _learn(learnt, states[done], log, ahead, done)
            done += 1
        if ahead.ends[j] <= origins[-1]:
            among = slice(None) if newcomers or state is None else state.client
            found[:, 5, j] = [each[among].sum() for each in _came(log, ahead, j)]
        if state is None or learnt.periods < LEARN_PERIODS:
            continue
        past = found[:, :, max(0, done - _GRADED_PERIODS) : done]
        past = past[:, :, np.isfinite(past[0, 6])]
        level_of = [leaning(each[5], each[7], overlap=overlap) for each in past]
        each, orders, volume = _forecast(
            state, learnt, _months(state, ahead, j), newcomers=newcomers, together=common(past.shape[2] / overlap)
        )
        found[:, 7, j] = orders.mean, volume.mean
        orders, volume = orders.times(level_of[0]), volume.times(level_of[1])
        if j >= len(states) - _SINGLE_PERIODS:
            ended = ahead.ends[j] <= origins[-1]
            came = [
                row[state.client] if ended else np.full(len(row[state.client]), np.nan) for row in _came(log, ahead, j)
            ]
            single.append(_levelled(each, level_of, came))
        _write(found[:, :, j], orders, volume)
        places = [surprise(each[6], overlap=overlap).places(level) for each in past]
        found[0, 3:5, j] = _around(orders.mean, count_ends(orders.mean, orders.variance, places[0]), whole=True)
        ends = amount_ends(volume.mean, volume.variance, _nothing(orders), places[1])
        found[1, 3:5, j] = _around(volume.mean, ends, whole=False)
    last = () if states[-1] is None else tuple(single)
    return Plan(origins, ahead, Expected(*found[0, :7]), Expected(*found[1, :7]), last, season)


def _learn(learnt: Learnt, state: Paces | None, log: OrderLog, ahead: Ahead, j: int) -> None:
    """Take in a period that has ended."""
    if state is not None:
        orders, volume = _came(log, ahead, j)
        learnt.add(state, orders=orders, volume=volume, months=_months(state, ahead, j))


def _forecast(
    state: Paces, learnt: Learnt, months: float, *, newcomers: bool, together: float
) -> tuple[ClientsAhead, _Sum, _Sum]:
    """Forecast each client, and the sums over clients with new ones."""
    stays = learnt.stays(state)
    size = state.size * learnt.sizes(float(state.size.mean()))
    orders, variance = orders_of_clients(state, stays=stays, months=months)
    variance *= learnt.evenness()
    doubt = state.size_doubt
    of_volume = size**2 * (orders * state.spread + variance + (variance + orders**2) * doubt)
    new_orders, new_volume = learnt.unknown(months) if newcomers else ((0.0, 0.0), (0.0, 0.0))
    missing = np.full(len(orders), np.nan)
    there = np.minimum(stays, 1.0)
    if_there = orders / there
    while_there = learnt.evenness() * (if_there + if_there**2 / state.shape)
    single = ClientsAhead(state.client, orders, orders * size, there, while_there, of_volume, missing, missing)
    totals = [
        _Sum(
            (*_split(each, state), new[0]),
            float(spread.sum()) + new[1] + (together * (float(each.sum()) + new[0])) ** 2,
        )
        for each, spread, new in ((orders, variance, new_orders), (single.volume, of_volume, new_volume))
    ]
    return single, totals[0], totals[1]


def _levelled(single: ClientsAhead, factors: list[float], came: list[Floats]) -> ClientsAhead:
    """Move single clients with the level of all, and note what came."""
    return replace(
        single,
        orders=factors[0] * single.orders,
        volume=factors[1] * single.volume,
        variance=factors[1] ** 2 * single.variance,
        seen_orders=came[0],
        seen_volume=came[1],
    )


def _split(each: Floats, state: Paces) -> tuple[float, float]:
    return float(each[state.regular].sum()), float(each[~state.regular].sum())


def _write(column: Floats, orders: _Sum, volume: _Sum) -> None:
    """Note a forecast, and grade it where its period has ended."""
    column[0, :3], column[1, :3] = orders.parts, volume.parts
    seen = column[:, 5]
    if np.isfinite(seen[0]):
        column[0, 6] = count_score(seen[0], mean=orders.mean, variance=orders.variance)
        column[1, 6] = amount_score(seen[1], mean=volume.mean, variance=volume.variance, nothing=_nothing(orders))


def _around(value: float, ends: tuple[float, float], *, whole: bool) -> tuple[float, float]:
    """Let an interval hold the value that is said."""
    least, most = (np.floor(value), np.ceil(value)) if whole else (value, value)
    return min(ends[0], float(least)), max(ends[1], float(most))


def _nothing(orders: _Sum) -> float:
    """Chance that no order comes, about."""
    shape = orders.mean**2 / max(orders.variance - orders.mean, 1e-9 * orders.mean**2)
    return float(min(np.exp(-shape * np.log1p(orders.mean / shape)), 0.99))


def _months(state: Paces, ahead: Ahead, j: int) -> float:
    return max(state.months(int(ahead.begins[j]), int(ahead.ends[j])), _LEAST_MONTHS)


def _came(log: OrderLog, ahead: Ahead, j: int) -> tuple[Floats, Floats]:
    """Orders and volume of each client in a period."""
    chosen = slice(*np.searchsorted(log.day, (ahead.begins[j], ahead.ends[j])))
    who, clients = log.client[chosen], log.clients
    orders: Floats = np.bincount(who, minlength=clients).astype(np.float64)
    return orders, np.bincount(who, weights=log.volume[chosen], minlength=clients).astype(np.float64)


def _check(origins: Ints, periods: Sequence[Ahead], seasons: Sequence[Season], level: float) -> None:
    if origins.ndim != 1 or not len(origins) or (np.diff(origins) <= 0).any():
        raise ValueError("expected days of origins that rise, one at least")
    if len(seasons) != len(origins) or not periods:
        raise ValueError(f"expected a kind of period, and a season for each of {len(origins)} origins")
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, got {level}")
    for ahead in periods:
        shapes = ahead.begins.shape == ahead.ends.shape == origins.shape
        if not shapes or (ahead.begins < origins).any() or (ahead.ends <= ahead.begins).any():
            raise ValueError("expected one period an origin, begun on it or later, a day at least")
