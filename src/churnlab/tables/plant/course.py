"""The course of the plant: all months run one after the other, and what came of them."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from churnlab.tables.plant import month
from churnlab.tables.plant.clock import END, NEVER, RECORDS, Bools, Floats, Ints, month_of
from churnlab.tables.plant.laws import AS_IS, Law, Policy
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import Traits, draw_traits

_Singles: TypeAlias = NDArray[np.float32]
_WIDE = 2**22  # more than any day
_SEED_OF_FUTURES = 1_000_003


@dataclass(frozen=True, slots=True)
class Lives:
    """Times with the plant, one row each, in order of client and day; a client who came back has several.

    Attributes
    ----------
    client : ndarray of int, (k,)
        Position.
    begin, end : ndarray of int, (k,)
        First day, and day of leaving; `NEVER` if still there.
    reason : ndarray of int, (k,)
        Code into `month.REASONS`.
    """

    client: Ints
    begin: Ints
    end: Ints
    reason: Ints

    def at(self, client: Ints, day: Ints) -> Ints:
        """Find the life in which clients are on given days.

        Parameters
        ----------
        client, day : ndarray of int, (q,)
            Positions and days since the origin.

        Returns
        -------
        ndarray of int, (q,)
            Rows of this table; -1 where the client is not with the plant.
        """
        row = np.searchsorted(self.client * _WIDE + self.begin, client * _WIDE + day, side="right") - 1
        inside = (row >= 0) & (self.client[row] == client) & (day < self.end[row])
        return np.where(inside, row, -1)


@dataclass(frozen=True, slots=True)
class Events:
    """Things that happened to clients, one row each, in order of month.

    Attributes
    ----------
    client, month : ndarray of int, (k,)
        Who and when.
    details : dict of ndarray, (k,)
        What more is known.
    """

    client: Ints
    month: Ints
    details: dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Course:
    """What happened, of m months from the records' beginning and n clients.

    Attributes
    ----------
    lives : Lives
        All of them, also those that ended before the records.
    score : ndarray of float32, (m, n, 4)
        Latent quality, timing, attention and price, 0 to 10.
    satisfaction : ndarray of float32, (m, n)
        Weighted mean of the first three.
    hazards : dict of ndarray of float32, (m, n)
        Chance of leaving in the month over "service", over "price", and over "any" cause; 0 for who is not there.
    lines : ndarray of bool, (months, n, 3)
        Whether the client has a need of the line, in each month since 2002.
    discount : ndarray of float32, (m, n)
        Share of the list price.
    volume : ndarray of float32, (m, n)
        Factor on the size of orders.
    failures, offers, calls, visits : Events
        Failures have kind, severity and open; offers competitor, depth, seen and outcome.
    kept, value : ndarray of float, (n,)
        Months with the plant from the policy's first month on, and profit in EUR discounted at 15 % a year.
    """

    lives: Lives
    score: _Singles
    satisfaction: _Singles
    hazards: dict[str, _Singles]
    lines: Bools
    discount: _Singles
    volume: _Singles
    failures: Events
    offers: Events
    calls: Events
    visits: Events
    kept: Floats
    value: Floats


class _Log:
    """Collects events month by month."""

    def __init__(self) -> None:
        self._client: list[Ints] = []
        self._month: list[Ints] = []
        self._values: dict[str, list[NDArray[Any]]] = {}

    def add(self, t: int, happened: month.Happened) -> None:
        """Note what happened in a month."""
        client = np.flatnonzero(happened.who)
        self._client.append(client)
        self._month.append(np.full(client.size, t))
        for name, value in happened.details.items():
            self._values.setdefault(name, []).append(value[client])

    def events(self) -> Events:
        """Put the months together."""
        values = {name: np.concatenate(parts) for name, parts in self._values.items()}
        return Events(np.concatenate(self._client), np.concatenate(self._month), values)


class _Record:
    """Keeps the months, each one row; needs of lines since 2002, the rest since the records begin."""

    def __init__(self, months: int, n: int) -> None:
        self.score: _Singles = np.empty((months, n, 4), dtype=np.float32)
        self.lines: Bools = np.zeros((RECORDS + months, n, 3), dtype=bool)
        self.flat = {name: np.zeros((months, n), dtype=np.float32) for name in ("satisfaction", "discount", "volume")}
        self.hazards = {name: np.zeros((months, n), dtype=np.float32) for name in ("service", "price", "any")}

    def keep(self, k: int, now: month.Now, *, felt: month.Felt, chances: month.Chances) -> None:
        """Keep one month, before anyone leaves."""
        self.score[k] = felt.score
        self.flat["satisfaction"][k], self.flat["discount"][k] = felt.satisfaction, now.discount + felt.cut
        self.flat["volume"][k] = np.exp(now.walk)
        self.hazards["service"][k] = np.where(now.here, chances.service, 0)
        self.hazards["price"][k] = np.where(now.here, chances.price, 0)
        self.hazards["any"][k] = np.where(now.here, chances.any_cause, 0)


def run_course(
    streams: Streams,
    traits: Traits,
    *,
    law: Law,
    policy: Policy = AS_IS,
    policy_from: int = END,
    months: int = END,
) -> Course:
    """Run the plant from January 2002.

    Parameters
    ----------
    streams : Streams
        Fresh ones of the plant's seed.
    traits : Traits
        The clients.
    law : Law
        What drives leaving.
    policy : Policy
        What the plant does from `policy_from` on; before, it does what it does in its records.
    policy_from : int
        A month since the origin.
    months : int
        Months to run.

    Returns
    -------
    Course
    """
    n = traits.start.size
    now, record = month.begin(streams, traits), _Record(months - RECORDS, n)
    logs = {name: _Log() for name in ("failures", "offers", "calls", "visits", "begins", "ends")}
    first_month = month_of(traits.start)
    kept, value = np.zeros(n), np.zeros(n)
    for t in range(months):
        month.turn(now, t, policy=policy if t >= policy_from else AS_IS, traits=traits)
        so_far = _open(streams, now, traits, law=law)
        if t >= policy_from:
            kept += now.here
            years = (t - policy_from) / 12
            value += month.profit(now, traits, felt=so_far.felt, failure=so_far.happened["failures"], years=years)
        if t >= RECORDS:
            record.keep(t - RECORDS, now, felt=so_far.felt, chances=so_far.chances)
        record.lines[t] = now.lines & now.here[:, None]
        ends = month.leave(streams, now, traits, chances=so_far.chances, offer=so_far.happened["offers"])
        begins = month.arrive_or_return(streams, now, traits, arrives=first_month == t)
        record.lines[t] |= now.lines & begins.who[:, None]
        month.change_lines(streams, now, traits)
        for name, one in (so_far.happened | {"begins": begins, "ends": ends}).items():
            logs[name].add(t, one)
    return Course(
        lives=_lives(logs["begins"].events(), logs["ends"].events()),
        score=record.score,
        hazards=record.hazards,
        lines=record.lines,
        satisfaction=record.flat["satisfaction"],
        discount=record.flat["discount"],
        volume=record.flat["volume"],
        failures=logs["failures"].events(),
        offers=logs["offers"].events(),
        calls=logs["calls"].events(),
        visits=logs["visits"].events(),
        kept=kept,
        value=value,
    )


def share_staying(seed: int, *, law: Law, clients: int, months: int, futures: int) -> tuple[Traits, Bools, Floats]:
    """Run a plant to the end of its records, and on from there on many different chances.

    Parameters
    ----------
    seed : int
        Of the plant.
    law : Law
        What drives leaving.
    clients : int
        About how many are there at the end of the records.
    months : int
        To run on.
    futures : int
        How often.

    Returns
    -------
    traits : Traits
        The clients.
    here : ndarray of bool, (n,)
        Who is with the plant at the end of the records.
    staying : ndarray of float, (months, n)
        Share of the futures in which a client has not left by the end of each month.
    """
    streams = Streams(seed)
    traits = draw_traits(streams, law=law, clients=clients)
    now = month.begin(streams, traits)
    first_month = month_of(traits.start)
    for t in range(END):
        _pass(streams, now, traits, t=t, law=law, arrives=first_month == t)
    staying, nobody = np.zeros((months, traits.start.size)), np.zeros(traits.start.size, dtype=bool)
    for future in range(futures):
        chances, on, stays = Streams(_SEED_OF_FUTURES * (seed + 1) + future), deepcopy(now), now.here.copy()
        for k in range(months):
            stays &= ~_pass(chances, on, traits, t=END + k, law=law, arrives=nobody).who
            staying[k] += stays
    return traits, now.here, staying / futures


@dataclass(frozen=True, slots=True)
class _Open:
    """A month before anyone leaves in it."""

    felt: month.Felt
    happened: dict[str, month.Happened]
    chances: month.Chances


def _open(streams: Streams, now: month.Now, traits: Traits, *, law: Law) -> _Open:
    """Let a month happen up to where clients leave."""
    felt = month.feel(streams, now, traits)
    failure = month.fail(streams, now, traits, felt=felt)
    calls, visits = month.look_after(streams, now, traits, felt=felt)
    offer = month.offers(streams, now, traits, law=law, felt=felt)
    chances = month.chances(now, traits, law=law, felt=felt, offer=offer)
    return _Open(felt, {"failures": failure, "offers": offer, "calls": calls, "visits": visits}, chances)


def _pass(streams: Streams, now: month.Now, traits: Traits, *, t: int, law: Law, arrives: Bools) -> month.Happened:
    """Let a month pass as is, unrecorded; who leaves."""
    month.turn(now, t, policy=AS_IS, traits=traits)
    so_far = _open(streams, now, traits, law=law)
    ends = month.leave(streams, now, traits, chances=so_far.chances, offer=so_far.happened["offers"])
    month.arrive_or_return(streams, now, traits, arrives=arrives)
    month.change_lines(streams, now, traits)
    return ends


def _lives(begins: Events, ends: Events) -> Lives:
    """Pair each beginning with the next leaving of the same client."""
    k = begins.client.size
    client = np.concatenate([begins.client, ends.client])
    day = np.concatenate([begins.details["day"], ends.details["day"]])
    reason = np.concatenate([np.zeros(k, dtype=np.int64), ends.details["reason"]])
    is_end = np.arange(client.size) >= k
    order = np.lexsort((is_end, day, client))
    client, day, reason, is_end = client[order], day[order], reason[order], is_end[order]
    at = np.flatnonzero(~is_end)
    after = np.minimum(at + 1, client.size - 1)
    ended = is_end[after] & (after > at)
    return Lives(client[at], day[at], np.where(ended, day[after], NEVER), np.where(ended, reason[after], 0))
