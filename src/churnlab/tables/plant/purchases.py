"""When clients order: each in its own rhythm, in the pace of the building season, fading before it leaves."""

from dataclasses import dataclass

import numpy as np

from churnlab.tables.plant.clock import END_DAY, HOLIDAYS, NEVER, ORIGIN, RECORDS_DAY, Bools, Floats, Ints
from churnlab.tables.plant.course import Lives
from churnlab.tables.plant.laws import Law
from churnlab.tables.plant.month import SEASON
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import Traits

_REGULARITY = 0.6  # how far clients differ in it (logarithm of the gamma shape over one)
_WEEKDAY: Floats = np.array([1.1, 1.12, 1.06, 1.0, 0.72, 0.0, 0.0])  # orders of a day, from Monday


@dataclass(frozen=True, slots=True)
class Purchases:
    """Orders of the records, k of them, in order of client and day.

    Attributes
    ----------
    client, day : ndarray of int, (k,)
        Position, and day since the origin.
    place : ndarray of int, (k,)
        Position among all orders that might have been, which stays the same when the plant is run again.
    possible : int
        How many might have been.
    number : ndarray of int, (k,)
        Order number, in order of the day; unused ones leave gaps.
    volume : ndarray of float, (k,)
        Factor on the size of a fading client's order.
    fading : ndarray of bool, (k,)
        Whether the client is on its way out.
    """

    client: Ints
    day: Ints
    place: Ints
    possible: int
    number: Ints
    volume: Floats
    fading: Bools


def draw_purchases(streams: Streams, traits: Traits, *, law: Law, lives: Lives) -> Purchases:
    """Draw the days on which clients order.

    Gamma gaps are counted in the season's own time, in which every working day is as long as the orders that
    it brings on average, and laid out from the client's first day on; what falls outside the client's time
    with the plant is dropped, and some of what falls into a fading.

    Parameters
    ----------
    streams : Streams
        Of the plant.
    traits : Traits
        The clients.
    law : Law
        Says how regular rhythms are, and who fades.
    lives : Lives
        When clients are with the plant.

    Returns
    -------
    Purchases
    """
    client, day = _rhythm(streams("rhythm"), traits, law=law)
    fading = streams("fading")
    n = traits.start.size
    fades = fading.random(n) < law.fading_share
    length, depth = fading.uniform(60, 230, n), fading.uniform(0.3, 0.75, n)
    number = np.empty(client.size, dtype=np.int64)
    number[np.lexsort((client, day))] = 200_001 + np.arange(client.size)
    drawn = streams("thinning").random(client.size)
    life = lives.at(client, day)
    kept = np.flatnonzero((life >= 0) & (day < END_DAY))
    client, day, life = client[kept], day[kept], life[kept]
    left = np.where(lives.end[life] < NEVER, (lives.end[life] - day) / length[client], np.inf)
    volume = np.where(fades[client] & (left < 1), 1 - depth[client] * (1 - np.minimum(left, 1)), 1.0)
    on = drawn[kept] < np.sqrt(volume)
    return Purchases(
        client=client[on],
        day=day[on],
        place=kept[on],
        possible=drawn.size,
        number=number[kept[on]],
        volume=volume[on],
        fading=(volume < 1)[on],
    )


def _rhythm(rng: np.random.Generator, traits: Traits, *, law: Law) -> tuple[Ints, Ints]:
    """Lay out gamma gaps from the first day on, for everyone to beyond the end; client and day of each order.

    Some clients are more regular than others; in a Poisson plant none is.
    """
    paces = _paces(seasonal=law.seasonal)
    first_day = np.maximum(traits.start, RECORDS_DAY)
    begins = paces[first_day - RECORDS_DAY]
    room = (paces[-1] - begins) / traits.gap
    shape = 1 + (law.rhythm_shape - 1) * np.exp(_REGULARITY * rng.standard_normal(room.size))
    count = np.ceil(room + 5 * np.sqrt(room / shape) + 8).astype(np.int64)
    client = np.repeat(np.arange(count.size), count)
    steps = rng.gamma(shape[client], 1 / shape[client])
    at = np.cumsum(count) - count
    steps[at] = rng.random(count.size) * np.where(traits.start < RECORDS_DAY, 1.0, 0.4)
    total = np.cumsum(steps)
    marks = total - np.repeat(total[at] - steps[at], count)
    day = np.searchsorted(paces, begins[client] + marks * traits.gap[client], side="left") + RECORDS_DAY - 1
    within = day < END_DAY
    return client[within], day[within]


def _paces(*, seasonal: bool) -> Floats:
    """Count the season's own time until each day's morning, in mean days; one more entry than days."""
    day = ORIGIN + np.arange(RECORDS_DAY, END_DAY)
    month_of_year = day.astype("datetime64[M]").astype(int) % 12
    pace = np.where(np.isin(day, HOLIDAYS), 0.0, _WEEKDAY[(day.astype(np.int64) + 3) % 7])
    weight = pace * (SEASON[month_of_year] if seasonal else 1.0)
    return np.concatenate([[0.0], np.cumsum(weight) / weight.mean()])
