"""Single clients: intervals for what each will order, and how surprising what it did order was.

The law of one client is rough: it orders more evenly than at random, or it may have left. How far off is rare, and
which places of the law of its volume hold four of five, is therefore read from past clients and periods.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import gamma

from churnlab.demand.log import Floats, Ints
from churnlab.demand.regulars import ClientsAhead

LEAST_PERIODS = 6
"""Fewer past periods say too little about single clients."""

Bools = npt.NDArray[np.bool_]

_CLASSES: Final = np.array([0.5, 1.0, 2.0])
"""Ends of the classes of expected orders within which clients are compared."""

_LEAST = 1e-9
_MOST_STEPS = 400
_SOME = 0.25
"""So much of an order may be expected where the interval ends at none."""


@dataclass(frozen=True, slots=True)
class SingleIntervals:
    """Intervals of single clients, n of them.

    Attributes
    ----------
    orders_low, orders_high, volume_low, volume_high : ndarray of float, shape (n,)
        Ends; those of orders are whole numbers.
    """

    orders_low: Floats
    orders_high: Floats
    volume_low: Floats
    volume_high: Floats


@dataclass(frozen=True, slots=True)
class SingleRecord:
    """How intervals of single clients did, each set on the periods before it.

    Attributes
    ----------
    client : ndarray of int, shape (m,)
        Whose.
    period : ndarray of int, shape (m,)
        Which of the periods given.
    active : ndarray of bool, shape (m,)
        Whether at least half an order had been expected: of the others nearly all intervals hold.
    orders_held, volume_held : ndarray of bool, shape (m,)
        Whether the interval held what came.
    """

    client: Ints
    period: Ints
    active: Bools
    orders_held: Bools
    volume_held: Bools


def single_intervals(past: Sequence[ClientsAhead], coming: ClientsAhead, *, level: float = 0.8) -> SingleIntervals:
    """Give each client's interval for the period to come.

    Parameters
    ----------
    past : sequence of ClientsAhead
        Periods that have ended.
    coming : ClientsAhead
        Clients in the period to come.
    level : float
        Share of clients, in the long run, whose interval holds what comes; at least.

    Returns
    -------
    SingleIntervals

    Raises
    ------
    ValueError
        With fewer than ``LEAST_PERIODS`` past periods.

    Notes
    -----
    Of orders, the shortest run of whole numbers that holds so much of a client's law. Of volumes, the central share of
    the laws that held so many of the past within a class of expected orders: a conformal interval by class (Vovk,
    Gammerman and Shafer, Algorithmic Learning in a Random World, 2nd ed., chapter 4).
    """
    _enough(past)
    share = _shares(past, level)[_class(coming)]
    return SingleIntervals(*_order_ends(coming, level), *_volume_ends(coming, share))


def surprises(past: Sequence[ClientsAhead], ended: ClientsAhead) -> Floats:
    """Tell how rare it is that a client's orders are as far from what was expected.

    Parameters
    ----------
    past : sequence of ClientsAhead
        Earlier periods.
    ended : ClientsAhead
        A later period that has ended.

    Returns
    -------
    ndarray of float, shape (n,)
        Share of past clients of the client's class, itself among them, whose orders were as far off or farther on the
        same side.

    Raises
    ------
    ValueError
        With fewer than ``LEAST_PERIODS`` past periods.
    """
    _enough(past)
    side, need, kind = _pooled(past)
    mine, own, chosen = _side(ended), _order_needs(ended), _class(ended)
    found = np.ones(len(own))
    for number in range(len(_CLASSES) + 1):
        for way in (-1.0, 1.0):
            rows = np.flatnonzero((chosen == number) & (mine == way))
            among = kind == number
            like = np.sort(need[among & (side == way)])
            farther = len(like) - np.searchsorted(like, own[rows] - _LEAST)
            found[rows] = (farther + 1) / (among.sum() + 1)
    return found


def single_record(past: Sequence[ClientsAhead], *, level: float = 0.8) -> SingleRecord | None:
    """Grade intervals in periods that have ended, each period by those before it.

    Parameters
    ----------
    past : sequence of ClientsAhead
        Periods that have ended, in order.
    level : float
        Of the intervals.

    Returns
    -------
    SingleRecord or None
        None where no period has ``LEAST_PERIODS`` before it.
    """
    graded = range(LEAST_PERIODS, len(past))
    if not graded:
        return None
    rows = []
    for place in graded:
        now, ends = past[place], single_intervals(past[:place], past[place], level=level)
        rows.append(
            (
                now.client,
                np.full(len(now.client), place),
                _class(now) > 0,
                (ends.orders_low <= now.seen_orders) & (now.seen_orders <= ends.orders_high),
                (ends.volume_low <= now.seen_volume) & (now.seen_volume <= ends.volume_high),
            )
        )
    client, period, active, orders, volume = (np.concatenate(each) for each in zip(*rows, strict=True))
    return SingleRecord(client, period, active, orders, volume)


def _enough(past: Sequence[ClientsAhead]) -> None:
    if len(past) < LEAST_PERIODS:
        raise ValueError(f"expected {LEAST_PERIODS} past periods or more, got {len(past)}")


def _class(clients: ClientsAhead) -> Ints:
    return np.searchsorted(_CLASSES, clients.orders)


def _side(clients: ClientsAhead) -> Floats:
    return np.where(clients.seen_orders < clients.orders, -1.0, 1.0)


def _pooled(past: Sequence[ClientsAhead]) -> tuple[Floats, Floats, Ints]:
    side, need, kind = ([make(each) for each in past] for make in (_side, _order_needs, _class))
    return np.concatenate(side), np.concatenate(need), np.concatenate(kind)


def _shares(past: Sequence[ClientsAhead], level: float) -> Floats:
    """Central share of the laws of volume that held so many in the past, by class; an empty class takes that of all."""
    need = np.concatenate([_volume_needs(each) for each in past])
    kind = np.concatenate([_class(each) for each in past])
    found = np.array([_share(need[kind == number], level) for number in range(len(_CLASSES) + 1)])
    found = np.where(np.isnan(found), _share(need, level), found)
    found[0] = max(found[0], level)  # most order nothing: that would be the whole interval of everyone
    return found


def _share(need: Floats, level: float) -> float:
    rank = int(np.ceil((len(need) + 1) * level))
    return float(min(np.sort(need)[rank - 1] + _LEAST, 1 - 1e-6)) if 0 < rank <= len(need) else np.nan


def _order_needs(clients: ClientsAhead) -> Floats:
    """Smallest central share of each client's law that holds its orders."""
    law, seen, gone = _law(clients), clients.seen_orders, 1 - clients.there
    below = gone + clients.there * law.cdf(seen + 1)
    above = np.where(seen > 0, clients.there * law.sf(seen), 1.0)
    return np.clip(1 - 2 * np.minimum(below, above), 0.0, 1.0)


def _order_ends(clients: ClientsAhead, level: float) -> tuple[Floats, Floats]:
    """Shortest run of whole numbers that holds so much of each client's law, grown to the likelier side."""
    law, gone = _law(clients), 1 - clients.there

    def chance(number: Floats) -> Floats:
        here = clients.there * (law.cdf(number + 1) - law.cdf(number)) + gone * (number == 0)
        return np.where(number >= 0, here, -1.0)

    low = np.floor(clients.orders)
    low = np.where(chance(low) >= chance(low + 1), low, low + 1)
    low = np.where(chance(np.zeros_like(low)) >= chance(low), 0.0, low)
    high, held = low.copy(), chance(low)
    below, above = chance(low - 1), chance(high + 1)
    for _ in range(_MOST_STEPS):
        short = held < level
        if not short.any():
            break
        down, up = short & (below > above), short & (below <= above)
        held += np.where(down, below, 0.0) + np.where(up, above, 0.0)
        low, high = low - down, high + up
        below, above = chance(low - 1), chance(high + 1)
    least = np.maximum(np.ceil(clients.orders - _SOME), 0.0)
    return np.minimum(low, np.floor(clients.orders)), np.maximum(high, least) + 0.0


def _law(clients: ClientsAhead) -> "gamma":
    """Gamma law that, cut to whole numbers, is that of the orders of a client that is there."""
    mean = np.maximum(clients.orders / clients.there, _LEAST) + 0.5
    wide = np.maximum(clients.order_variance, _LEAST) + 1 / 12
    return gamma(mean**2 / wide, scale=wide / mean)


def _amounts(clients: ClientsAhead) -> tuple[Floats, "gamma"]:
    """Chance of nothing, and the gamma law of the volume of a client that orders something."""
    nothing = np.minimum(1 - clients.there + clients.there * _law(clients).cdf(1.0), 1 - 1e-6)
    mean = np.maximum(clients.volume, _LEAST) / (1 - nothing)
    second = (clients.variance + clients.volume**2) / (1 - nothing)
    wide = np.maximum(second - mean**2, 0.01 * mean**2)
    return nothing, gamma(mean**2 / wide, scale=wide / mean)


def _volume_needs(clients: ClientsAhead) -> Floats:
    nothing, law = _amounts(clients)
    seen = clients.seen_volume
    place = nothing + (1 - nothing) * law.cdf(seen)
    below, above = np.where(seen > 0, place, nothing), np.where(seen > 0, 1 - place, 1.0)
    return np.clip(1 - 2 * np.minimum(below, above), 0.0, 1.0)


def _volume_ends(clients: ClientsAhead, share: Floats) -> tuple[Floats, Floats]:
    nothing, law = _amounts(clients)
    low, high = (
        law.ppf(np.maximum((place - nothing) / (1 - nothing), 0.0)) for place in (0.5 - share / 2, 0.5 + share / 2)
    )
    return np.minimum(low, clients.volume), np.maximum(high, clients.volume)
