"""What stays the same about each client, and who is planted: the key client, the group, the overload, the merge."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from churnlab.tables.plant.clock import END, FIRST, RECORDS, Bools, Floats, Ints, Texts, month_of
from churnlab.tables.plant.laws import SEGMENTS, Law
from churnlab.tables.plant.names import firm_names, labelled
from churnlab.tables.plant.streams import Streams

LEAST_CLIENTS = 20
"""Fewer would not hold what is planted."""
LINES: Texts = np.array(["particleboard", "cement-bonded", "house-building"])
LAUNCH: Ints = np.array([0, 183, 264])
"""Month in which each line begins: from the start, April 2017, January 2024."""
REGIONS: Texts = np.array(["north", "east", "south", "west", "coast", "lakes"])
ACQUIRED: Texts = np.array(["price", "service", "referral"])
ON_PRICE, _ON_SERVICE, BY_REFERRAL = range(3)
RETAIL = 4
"""The segment of the collective account of private house builders."""
HANDOVER = 242
"""March 2022: the last manager leaves, and a successor takes over the clients."""
OLD_NUMBER = "0417"
"""Of the merged client, before its number changed."""
MERGED_ON = 232
"""May 2021: the month in which one client's number changes."""

_WANTS: Floats = np.array(  # chance that a client of the segment buys the line at times
    [[0.97, 0.50, 0.00], [0.70, 0.78, 0.33], [0.95, 0.66, 0.04], [0.97, 0.34, 0.00], [0.0, 0.0, 1.0]]
)
_GAP, _GAP_SD = 33.0, 0.45  # median days between orders, and standard deviation of their logarithm
_SIZE, _SIZE_SD = 6500.0, 0.85  # median EUR an order, and standard deviation of its logarithm
_CLIENTS_A_MANAGER = 34
_KEY_CLIENT = 72  # the months in which the planted clients begin
_GROUP = (100, 112, 124, 136)
_MERGED = 90
_KEY_ACCOUNTS = (140, 150, 160, 196, 205)
_ORDINARY = 0.50  # share of sales left to the clients that are not planted
_KEY_SHARE, _GROUP_SHARE, _ACCOUNT_SHARE = 0.215, 0.030, 0.033  # each one's share of sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What stays the same about n clients, in order of their first day.

    Attributes
    ----------
    start : ndarray of int, (n,)
        First day, since the origin.
    client_id : ndarray of str, (n,)
        Numbers in order of the first day.
    name : list of str
        Of the firms; each is used once.
    segment, region, acquired : ndarray of int, (n,)
        Codes into `SEGMENTS`, `REGIONS` and `ACQUIRED`.
    manager : ndarray of int, (n,)
        Who looks after the client; the successor of the last manager has the code `managers`.
    managers : int
        How many there are at a time.
    main : ndarray of int, (n,)
        Line with which the client begins.
    wants : ndarray of bool, (n, 3)
        Lines that the client buys at times.
    discount : ndarray of float, (n,)
        At the first deal, share of the list price.
    gap : ndarray of float, (n,)
        Mean days between orders.
    size : ndarray of float, (n,)
        EUR an order of particleboard, at the list prices of 2017.
    wander : ndarray of float, (n,)
        Standard deviation of the logarithm of the volume's slow moves.
    frailty : ndarray of float, (n,)
        Factor on the rates of leaving over service and of taking offers.
    settled : ndarray of bool, (n,)
        Planted clients, who do not leave within the records.
    level : ndarray of float, (n, 4)
        Mean latent quality, timing, attention and price, 0 to 10.
    bias : ndarray of float, (n,)
        Points that the client adds to every score.
    answers : ndarray of float, (n,)
        Added to the log-odds of answering.
    parent : ndarray of int, (n,)
        Position of the client above in a group; -1 for none.
    referrer : ndarray of int, (n,)
        Position of the client that recommended the plant; -1 for none.
    key, merged, counter : int
        Positions of the key client, of the one whose number changes, and of the collective retail account.
    accounts : ndarray of int
        Positions of the large clients that one manager has beside his small ones.
    overloaded : int
        That manager.
    """

    start: Ints
    client_id: Texts
    name: list[str]
    segment: Ints
    region: Ints
    acquired: Ints
    manager: Ints
    managers: int
    main: Ints
    wants: Bools
    discount: Floats
    gap: Floats
    size: Floats
    wander: Floats
    frailty: Floats
    settled: Bools
    level: Floats
    bias: Floats
    answers: Floats
    parent: Ints
    referrer: Ints
    key: int
    merged: int
    counter: int
    accounts: Ints
    overloaded: int

    def manager_at(self, client: Ints, month: Ints) -> Ints:
        """Tell who looks after clients in given months.

        Parameters
        ----------
        client : ndarray of int
            Positions.
        month : ndarray of int
            Months since the origin, of the same shape.

        Returns
        -------
        ndarray of int
            Codes of managers.
        """
        manager = self.manager[client]
        return np.where((manager == self.managers) & (month < HANDOVER), self.managers - 1, manager)

    def labels(self, client: Ints, day: Ints | None = None) -> "pd.Categorical[str]":
        """Write clients as they stand in the tables: the merged one under its old number until it changes.

        Parameters
        ----------
        client : ndarray of int
            Positions.
        day : ndarray of int, optional
            Days since the origin, of the same shape; the end of the records if not given.

        Returns
        -------
        pandas.Categorical
        """
        old = self.start.size
        codes = client if day is None else np.where((client == self.merged) & (day < FIRST[MERGED_ON]), old, client)
        return labelled(codes, [*self.client_id.tolist(), OLD_NUMBER])

    def manager_labels(self, manager: Ints) -> "pd.Categorical[str]":
        """Write managers as they stand in the tables.

        Parameters
        ----------
        manager : ndarray of int
            Codes; -1 is missing.

        Returns
        -------
        pandas.Categorical
        """
        return labelled(manager, [f"M{code + 1}" for code in range(self.managers + 1)])


def draw_traits(streams: Streams, *, law: Law, clients: int) -> Traits:
    """Draw the clients of a plant.

    Parameters
    ----------
    streams : Streams
        Of the plant.
    law : Law
        Says how different the clients' frailties are.
    clients : int
        About how many are there at the end of the records.

    Returns
    -------
    Traits

    Raises
    ------
    ValueError
        If there are fewer than 20 clients.
    """
    if clients < LEAST_CLIENTS:
        raise ValueError(f"clients: expected {LEAST_CLIENTS} or more, came {clients}; a smaller plant holds no group")
    rng = streams("traits")
    start, counter = _starts(streams("arrivals"), clients)
    n = start.size
    segment = rng.choice(4, n, p=[0.38, 0.27, 0.25, 0.10])
    segment[counter] = RETAIL
    acquired = rng.choice(3, n, p=[0.30, 0.45, 0.25])
    managers = max(4, round(clients / _CLIENTS_A_MANAGER))
    weight = np.linspace(1.4, 0.7, managers)
    traits = Traits(
        start=start,
        client_id=(1001 + np.arange(n)).astype(str),
        name=[],
        segment=segment,
        region=rng.integers(0, REGIONS.size, n),
        acquired=acquired,
        manager=rng.choice(managers, n, p=weight / weight.sum()),
        managers=managers,
        main=_main_line(rng.random(n), segment=segment, month=month_of(start)),
        wants=_spread(rng, (n, 3)) < _WANTS[segment],
        discount=np.where(acquired == ON_PRICE, rng.uniform(0.03, 0.12, n), rng.uniform(0, 0.03, n)).round(3),
        gap=np.clip(_GAP * np.exp(_GAP_SD * rng.standard_normal(n)), 10, 92),
        size=_SIZE * np.exp(_SIZE_SD * rng.standard_normal(n)),
        wander=np.full(n, 0.35 if law.seasonal else 0.0),
        frailty=np.exp(law.frailty_sd * rng.standard_normal(n)),
        settled=np.zeros(n, dtype=bool),
        level=_levels(rng, acquired=acquired),
        bias=0.6 * rng.standard_normal(n),
        answers=0.6 * rng.standard_normal(n),
        parent=np.full(n, -1),
        referrer=np.where(acquired == BY_REFERRAL, (rng.random(n) * np.arange(n)).astype(np.int64) - 1, -1),
        key=0,
        merged=0,
        counter=counter,
        accounts=np.empty(0, dtype=np.int64),
        overloaded=min(2, managers - 2),
    )
    traits = _with_managers(streams("managers"), _planted(traits, clients))
    return replace(traits, name=firm_names(streams("names"), SEGMENTS[traits.segment]))


def _starts(rng: np.random.Generator, clients: int) -> tuple[Ints, int]:
    """Draw the first days, in order, and put the retail counter among them: its line's first day."""
    scale = clients / 200
    yearly = np.where(np.arange(END) < RECORDS, np.linspace(4.5, 25, END), 26.5) * scale
    month = np.repeat(np.arange(END), rng.poisson(yearly / 12))
    start = np.sort(FIRST[month] + rng.integers(0, 28, month.size))
    counter = int(np.searchsorted(start, FIRST[LAUNCH[2]]))
    return np.insert(start, counter, FIRST[LAUNCH[2]]), counter


def _spread(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Draw uniforms that fill each column evenly, as a quota sample does, in random order."""
    n = shape[0]
    ranks = rng.permuted(np.tile(np.arange(n), (shape[1], 1)), axis=1).T
    return (ranks + rng.random(shape)) / n


def _main_line(draw: Floats, *, segment: Ints, month: Ints) -> Ints:
    """Choose the line with which each client begins: the traditional one, unless a builder comes for another."""
    by_cement = np.array([0.0, 0.32, 0.12, 0.0, 0.0])[segment]
    main = np.where((month > LAUNCH[1]) & (draw < by_cement), 1, 0)
    builds = (segment == 1) & (month > LAUNCH[2]) & (draw > 0.85)
    return np.where(builds | (segment == RETAIL), 2, main)


def _levels(rng: np.random.Generator, *, acquired: Ints) -> Floats:
    """Draw each client's mean scores: one common part and one of each factor."""
    n = acquired.size
    level = np.array([7.8, 7.4, 7.6, 6.8]) + 0.95 * rng.standard_normal((n, 1)) * [1, 1, 1, 0.3]
    level += 0.55 * rng.standard_normal((n, 4))
    level[:, 3] -= 0.5 * (acquired == ON_PRICE)
    return level


def _planted(traits: Traits, clients: int) -> Traits:
    """Choose the planted clients by the month in which they begin, and give them their sizes."""
    taken = {traits.counter}
    key, *group = [_free(traits.start, month, taken) for month in (_KEY_CLIENT, *_GROUP)]
    merged, *accounts = [_free(traits.start, month, taken) for month in (_MERGED, *_KEY_ACCOUNTS)]
    large = {key: _KEY_SHARE} | dict.fromkeys(group, _GROUP_SHARE) | dict.fromkeys(accounts, _ACCOUNT_SHARE)
    yearly = _SIZE * np.exp(_SIZE_SD**2 / 2) * 365 / _GAP * np.exp(_GAP_SD**2 / 2) * clients
    copies = ("gap", "size", "settled", "wander", "parent", "manager", "segment", "main", "wants")
    new = replace(
        traits, key=key, merged=merged, accounts=np.array(accounts), **{c: getattr(traits, c).copy() for c in copies}
    )
    for position, share in large.items():  # often, and about as much as they are given, by what was drawn for them
        new.gap[position] = (10.0 if position == key else 18.0) * np.sqrt(traits.gap[position] / _GAP)
        about = 1.0 if position == key else np.clip(traits.size[position] / _SIZE, 0.5, 2.0) ** 0.3
        new.size[position] = share * about / _ORDINARY * yearly * new.gap[position] / 365
        new.wander[position] *= 0.3
    new.main[list(large)] = 0
    new.wants[list(large), :2] = True
    new.settled[[*large, merged, new.counter]] = True
    new.parent[group[1:]] = [group[0], group[0], group[2]]  # the last hangs below another: a chain
    new.manager[accounts] = new.overloaded
    new.manager[[key, *group]] = [0, 1, 1, 1, 1]
    new.segment[[key, *group]] = [0, 2, 2, 1, 2]
    new.gap[new.counter], new.size[new.counter], new.manager[new.counter] = 6.0, 55_000.0, new.managers - 2
    return new


def _free(start: Ints, month: int, taken: set[int]) -> int:
    """Take the first client from a month on who is not taken."""
    position = int(np.searchsorted(start, FIRST[month]))
    while position in taken or position >= start.size:
        position = (position + 1) % start.size
    taken.add(position)
    return position


def _with_managers(rng: np.random.Generator, traits: Traits) -> Traits:
    """Let managers differ, the overloaded one neglect his clients, and the successor take over."""
    effect = rng.normal(0, 0.25, traits.managers)
    effect[traits.overloaded] = -0.9
    level = traits.level.copy()
    level[:, 2] += effect[traits.manager]
    leaves = traits.manager == traits.managers - 1
    return replace(traits, level=level, manager=np.where(leaves, traits.managers, traits.manager))
