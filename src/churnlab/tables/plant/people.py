"""What the sales department writes down: calls and visits, failures, offers, losses, and whom it knows."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.tables.plant.clock import (
    END,
    END_DAY,
    FIRST,
    NEVER,
    ORIGIN,
    RECORDS,
    RECORDS_DAY,
    Ints,
    dates,
    month_of,
    working_day,
)
from churnlab.tables.plant.course import Course, Events
from churnlab.tables.plant.deliveries import Deliveries
from churnlab.tables.plant.month import COMPETITORS, FAILURES, PRICE, REASONS, RECOVERY_COST, SERVICE
from churnlab.tables.plant.names import person_names
from churnlab.tables.plant.purchases import Purchases
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.surveys import USUAL
from churnlab.tables.plant.traits import HANDOVER, MERGED_ON, OLD_NUMBER, RETAIL, Traits

_UNNOTICED = 120  # days after leaving for which a client is still greeted and invited
_YEARS = (END - RECORDS) // 12
_CONFERENCE = 9  # the month of the partners' conference, from 0
_NO_CONFERENCE = (2017, 2020, 2021)
_INVITED = 0.3  # share of the clients, by size
_CODES = {"": "unknown", "need": "no_need"}  # of reasons that the table calls otherwise
_COUNTERS = np.array(["", "", "", "discount", "delivery on the day", "longer payment"])


def touches(
    streams: Streams, traits: Traits, *, course: Course, purchases: Purchases, born: Ints, closed: Ints
) -> pd.DataFrame:
    """Lay out calls, visits, greetings and conferences; fading clients are called more, which does not keep them.

    Whoever has left silently is greeted, invited and called until it is noticed, and some are asked to come back.

    Parameters
    ----------
    streams, traits, course, purchases
        Of the plant.
    born : ndarray of int, (n, 3)
        Birthdays, see `birthdays`.
    closed : ndarray of int, (n,)
        Days from which on a client is left alone, see `closures`.

    Returns
    -------
    pandas.DataFrame
        Columns of the contract, in order of date.
    """
    after = streams("calls of concern").random((purchases.possible, 2))[purchases.place]
    concerned = purchases.fading & (after[:, 0] < 0.5)
    parts = [
        ("call", course.calls.client, working_day(_days(course.calls, course))),
        ("visit", course.visits.client, working_day(_days(course.visits, course))),
        (
            "call",
            purchases.client[concerned],
            working_day(purchases.day + 3 + (9 * after[:, 1]).astype(int))[concerned],
        ),
        ("greeting", *_greetings(streams("greetings"), traits, born[:, 0])),
        ("event", *_conferences(streams("conferences"), traits)),
        *_calls_to_the_lost(streams("calls to the lost"), course, traits),
    ]
    client, day = (np.concatenate([part[k] for part in parts]) for k in (1, 2))
    kind = np.repeat([part[0] for part in parts], [part[1].size for part in parts])
    noticed = (course.lives.at(client, day) < 0) & (course.lives.at(client, day - _UNNOTICED) < 0)
    within = (day >= RECORDS_DAY) & (day < np.minimum(END_DAY, closed[client]))
    keep = np.flatnonzero(within & ~(noticed & np.isin(kind, ["greeting", "event"])))
    keep = keep[np.lexsort((kind[keep], client[keep], day[keep]))]
    client, day = client[keep], day[keep]
    return pd.DataFrame(
        {
            "client_id": traits.labels(client, day),
            "date": dates(day),
            "kind": pd.Categorical(kind[keep]),
            "manager_id": traits.manager_labels(traits.manager_at(client, month_of(day))),
        }
    )


def failures(traits: Traits, *, course: Course, deliveries: Deliveries) -> pd.DataFrame:
    """Lay out what went wrong with an order, whether it was told openly, and what covering it cost.

    Parameters
    ----------
    traits, course, deliveries
        Of the plant.

    Returns
    -------
    pandas.DataFrame
        Columns of the contract, in order of date.
    """
    events, day = course.failures, deliveries.failed_on
    keep = _in_records(events, day)
    keep = keep[(deliveries.order[keep] >= 0) & (day[keep] < END_DAY)]
    client, values = events.client[keep], {name: value[keep] for name, value in events.details.items()}
    cost = values["open"] * RECOVERY_COST * values["severity"] * traits.size[client]
    return pd.DataFrame(
        {
            "client_id": traits.labels(client, day[keep]),
            "date": dates(day[keep]),
            "kind": FAILURES[values["kind"]],
            "severity": np.maximum(0.1, values["severity"].round(1)),
            "handling": np.where(values["open"], "open", "silent"),
            "cost": cost.round(2),
        }
    )


def offers_seen(traits: Traits, *, course: Course) -> pd.DataFrame:
    """Lay out the competitors' offers that the plant heard of.

    Parameters
    ----------
    traits, course
        Of the plant.

    Returns
    -------
    pandas.DataFrame
        Columns of the contract, in order of date.
    """
    events, day = course.offers, working_day(_days(course.offers, course))
    heard = events.details["seen"]
    keep = _in_records(events, day)
    keep = keep[heard[keep] & (day[keep] < END_DAY)]
    client, values = events.client[keep], {name: value[keep] for name, value in events.details.items()}
    life = course.lives.at(client, _days(events, course)[keep])
    ended = (month_of(course.lives.end[life]) == events.month[keep]) & (course.lives.reason[life] == PRICE)
    return pd.DataFrame(
        {
            "client_id": traits.labels(client, day[keep]),
            "date": dates(day[keep]),
            "competitor": COMPETITORS[values["competitor"]],
            "depth": np.maximum(0.005, (200 * values["depth"]).round() / 200),
            "outcome": np.select([ended, values["matched"]], ["lost", "matched"], "declined"),
        }
    )


def losses(streams: Streams, traits: Traits, *, course: Course, purchases: Purchases) -> pd.DataFrame:
    """Lay out the losses that were noted, with the reason as the sales department coded it.

    A part of those lost over service is put down to price, and some are coded unknown.

    Parameters
    ----------
    streams, traits, course, purchases
        Of the plant.

    Returns
    -------
    pandas.DataFrame
        Columns of the contract, in order of date.
    """
    lives, rng, n = course.lives, streams("losses"), traits.start.size
    delay, u, counter = rng.integers(20, 150, n), rng.random((4, n)), rng.integers(0, _COUNTERS.size, n)
    over = working_day(np.minimum(lives.end, NEVER))
    noted = working_day(over + delay[np.minimum(lives.client, n - 1)])
    first = np.full(n, NEVER)
    np.minimum.at(first, purchases.client, purchases.day)
    bought = (traits.start[lives.client] < RECORDS_DAY) | (first[lives.client] < lives.end)
    row = np.flatnonzero((over >= RECORDS_DAY) & (noted < END_DAY) & (u[0][lives.client] < 0.93) & bought)
    row = row[np.lexsort((lives.client[row], lives.end[row]))]
    client, left, reason = lives.client[row], lives.end[row], lives.reason[row]
    by_price = (reason == PRICE) | ((reason == SERVICE) & (u[1][client] < 0.15))
    known = u[2][client] >= 0.15
    code = np.where(reason == SERVICE, _worst(course, client, left), _coded(reason))
    code = np.where(known, np.where(by_price, "price", code), "unknown")
    again = np.minimum(row + 1, lives.client.size - 1)
    back = np.where((lives.client[again] == client) & (again > row), lives.begin[again], NEVER)
    named = known & (u[3][client] < np.where(by_price, 0.7, np.where(reason == SERVICE, 0.3, 0.0)))
    rival = COMPETITORS[(u[3][client] * 1e6).astype(np.int64) % COMPETITORS.size]
    return pd.DataFrame(
        {
            "client_id": traits.labels(client, left),
            "date": dates(over[row]),
            "known_on": dates(noted[row]),
            "reason": code,
            "competitor": np.where(named, rival, ""),
            "won_back_date": dates(working_day(back)),
            "counter_offer": _COUNTERS[counter[client]],
        }
    )


def contacts(streams: Streams, traits: Traits, known: Ints, *, born: Ints) -> pd.DataFrame:
    """Lay out the people whom the plant knows at its clients.

    Parameters
    ----------
    streams, traits
        Of the plant.
    known : ndarray of int
        Positions of the clients in the tables.
    born : ndarray of int, (n, 3)
        Birthdays, see `birthdays`.

    Returns
    -------
    pandas.DataFrame
        Columns of the contract, in order of client.
    """
    rng, n = streams("contacts"), traits.start.size
    count = rng.integers(1, 4, n)[known]
    client = np.repeat(known, count)
    rank = np.arange(client.size) - np.repeat(np.cumsum(count) - count, count)
    roles = np.array(["buyer", "director", "accounts"])
    return pd.DataFrame(
        {
            "client_id": traits.labels(client),
            "name": person_names(rng, client.size),
            "role": roles[rank],
            "birthday": dates(born[client, rank]),
        }
    )


def managers(streams: Streams, traits: Traits) -> pd.DataFrame:
    """Lay out the account managers, the successor last.

    Parameters
    ----------
    streams, traits
        Of the plant.

    Returns
    -------
    pandas.DataFrame
        Columns of the contract.
    """
    rng, n = streams("manager table"), traits.managers + 1
    start = FIRST[rng.integers(60, RECORDS, n)]
    start[-1] = FIRST[HANDOVER]
    return pd.DataFrame(
        {
            "manager_id": traits.manager_labels(np.arange(n)),
            "name": person_names(rng, n),
            "monthly_cost": (rng.integers(26, 45, n) * 100).astype(np.float64),
            "start_date": dates(start),
            "hours_per_month": rng.integers(11, 15, n) * 10.0,
        }
    )


def merges(traits: Traits) -> pd.DataFrame:
    """Lay out the one change of a client's number.

    Parameters
    ----------
    traits : Traits
        Of the plant.

    Returns
    -------
    pandas.DataFrame
        Columns of the contract.
    """
    new = traits.client_id[traits.merged]
    return pd.DataFrame({"old_id": [OLD_NUMBER], "new_id": [new], "date": dates(FIRST[[MERGED_ON]])})


def _days(events: Events, course: Course) -> Ints:
    """Lay events out within their month, before the client leaves in it."""
    begin = FIRST[events.month]
    life = course.lives.at(events.client, begin)
    until = np.minimum(np.where(life >= 0, course.lives.end[life], NEVER), FIRST[events.month + 1])
    day: Ints = begin + (events.details["when"] * (until - begin)).astype(np.int64)
    return day


def _in_records(events: Events, day: Ints) -> Ints:
    """Give the rows within the records, in order of date."""
    keep = np.flatnonzero((events.month >= RECORDS) & (events.month < END))
    return keep[np.lexsort((events.client[keep], day[keep]))]


def _worst(course: Course, client: Ints, left: Ints) -> NDArray[np.str_]:
    """Name the factor that was worst against the usual when a client left."""
    state = course.score[month_of(left) - RECORDS, client, :3]
    return np.array(["quality", "timing", "attention"])[(state - USUAL[:3]).argmin(axis=1)]


def _coded(reason: Ints) -> NDArray[np.str_]:
    """Give the contract's word for a true reason."""
    return np.array([_CODES.get(word, word) for word in REASONS.tolist()])[reason]


def birthdays(rng: np.random.Generator, traits: Traits) -> Ints:
    """Draw when the contacts of each client were born: 24 to 60 years before its first deal.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws them.
    traits : Traits
        Of the plant.

    Returns
    -------
    ndarray of int, (n, 3)
        Days since the origin, before it.
    """
    return traits.start[:, None] - (365.25 * rng.uniform(24, 60, (traits.start.size, 3))).astype(np.int64)


def closures(rng: np.random.Generator, course: Course, n: int) -> Ints:
    """Draw when accounts were closed: of a third of those who left, some months after.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws them.
    course : Course
        Says who left.
    n : int
        How many clients there are.

    Returns
    -------
    ndarray of int, (n,)
        Days since the origin; `NEVER` for accounts that stay open.
    """
    u, lives = rng.random((2, n)), course.lives
    last = np.searchsorted(lives.client, np.arange(n), side="right") - 1
    asked = (lives.end[last] < END_DAY) & (u[0] < 0.35)
    after = working_day(np.minimum(lives.end[last], END_DAY) + 30 + (90 * u[1]).astype(np.int64))
    return np.where(asked, after, NEVER)


def _greetings(rng: np.random.Generator, traits: Traits, born: Ints) -> tuple[Ints, Ints]:
    """Draw who is greeted on the first contact's birthday, in each year of the records."""
    n = traits.start.size
    birthday = ORIGIN + born
    into_year = (birthday - birthday.astype("datetime64[Y]")).astype(np.int64)
    year, client = np.nonzero((rng.random((_YEARS, n)) < 0.6) & (traits.segment != RETAIL))
    return client, FIRST[RECORDS + 12 * year] + np.minimum(into_year[client], 364)


def _calls_to_the_lost(rng: np.random.Generator, course: Course, traits: Traits) -> list[tuple[str, Ints, Ints]]:
    """Draw calls and visits after a client has left: some before it is noticed, some to win it back."""
    lives, n = course.lives, traits.start.size
    ended = np.flatnonzero(lives.end < NEVER)
    client, end = lives.client[ended], lives.end[ended]
    parts = []
    for kind, chance, first, within in (("call", 0.6, 20, 70), ("call", 0.4, 60, 120), ("visit", 0.2, 80, 240)):
        u, when = rng.random((2, n))
        tried = (u < chance)[client]
        parts.append((kind, client[tried], working_day(end + first + (within * when[client]).astype(np.int64))[tried]))
    return parts


def _conferences(rng: np.random.Generator, traits: Traits) -> tuple[Ints, Ints]:
    """Draw who comes to the yearly conference: most of the large clients."""
    n = traits.start.size
    invited = (traits.size >= np.quantile(traits.size, 1 - _INVITED)) & (traits.segment != RETAIL)
    held = ~np.isin(2017 + np.arange(_YEARS), _NO_CONFERENCE)
    year, client = np.nonzero((rng.random((_YEARS, n)) < 0.75) & invited & held[:, None])
    return client, working_day(FIRST[RECORDS + 12 * year + _CONFERENCE] + 7 + (5 * year) % 12)
