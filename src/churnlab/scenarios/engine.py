"""The scenario engine: all policies run inside one month loop on the same random numbers.

Rows are (parameter draw, replication) pairs, one replication a draw: chance and parameter uncertainty share
an axis. Aggregates are kept by row and month, never what each client does.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from churnlab.scenarios.book import Book, check_book
from churnlab.scenarios.leaving import (
    enter,
    follow_managers,
    force_out,
    hazards,
    lose,
    shield_referred,
    survey,
    win_back,
)
from churnlab.scenarios.money import LINES, month_ledger, pass_on
from churnlab.scenarios.month import (
    QUARTER,
    above_fair,
    ask,
    campaigns,
    cross_sell,
    cut_prices,
    draw_month,
    fail,
    grow_loyal,
    offered,
    perceive,
    satisfied,
    share_attention,
    spare,
    watch_prices,
)
from churnlab.scenarios.parameters import AssumptionDraws
from churnlab.scenarios.policies import DO_NOTHING, Policy
from churnlab.scenarios.state import REASONS, Given, State, given_for, opening
from churnlab.scenarios.streams import BLOCK, Streams
from churnlab.value import discount_factor

Floats = npt.NDArray[np.float64]
Watch = Callable[[State, Given, int], None]

COUNTS: Final = ("active", "remaining", *(f"lost: {reason}" for reason in REASONS), "back", "prospects", "gone")
"""What is counted each month: clients, today's who never left, losses by reason, those who came back, slots that were
never a client, and those lost for good."""


@dataclass(frozen=True, slots=True)
class Shock:
    """What is forced on all arms alike in one month.

    Attributes
    ----------
    month : int
        When, from 1.
    client : int, optional
        A client who is lost for good, whatever holds it.
    manager : int, optional
        A manager who leaves; clients may follow.
    """

    month: int
    client: int | None = None
    manager: int | None = None


@dataclass(frozen=True, slots=True)
class Computing:
    """How a run is computed; results depend on none of it.

    Attributes
    ----------
    chunk : int
        Rows computed together; a whole number of blocks of 64.
    workers : int
        Threads.
    watch : callable, optional
        Called at the end of each month with the state, what is given, and the month; the first arm does nothing.
    """

    chunk: int = BLOCK
    workers: int = 1
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class _Course:
    """What a run of a chunk needs beside book and assumptions."""

    arms: tuple[Policy, ...]
    months: int
    seed: int
    prospects: int
    shocks: tuple[Shock, ...]
    watch: Watch | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """What each policy brings, by row.

    Attributes
    ----------
    policies : tuple of str
        Names.
    counts : ndarray of int, shape (policies, rows, months, counts)
        Counts of each month, by :data:`COUNTS`.
    profit : ndarray of float, shape (policies, rows, months)
        Profit of each month, money, not discounted.
    ledger : ndarray of float, shape (lines, policies, rows)
        Discounted sums over the horizon, money, by :data:`churnlab.scenarios.LINES`.
    discounted_sales : ndarray of float, shape (policies, rows)
        Discounted sales at today's prices, money: what a cost in shares of sales is paid on.
    turned_away : ndarray of int, shape (policies, rows)
        Prospects for whom there was no slot.
    clients : int
        Clients of today.
    infeasible : float
        Share of drawn rows left out because the assumed ways out alone exceed the leaving that was seen.
    """

    policies: tuple[str, ...]
    counts: npt.NDArray[np.int32]
    profit: Floats
    ledger: Floats
    discounted_sales: Floats
    turned_away: npt.NDArray[np.intp]
    clients: int
    infeasible: float = 0.0

    @property
    def rows(self) -> int:
        """Rows that were kept."""
        return self.profit.shape[1]

    @property
    def months(self) -> int:
        """Horizon."""
        return self.profit.shape[2]

    @property
    def value(self) -> Floats:
        """Discounted profit over the horizon, money, shape (policies, rows)."""
        return self.ledger[0] - self.ledger[1:].sum(axis=0)

    @property
    def retention(self) -> Floats:
        """Share of today's clients who never left, from 1 at month 0, shape (policies, rows, months + 1)."""
        kept = self.counts[..., COUNTS.index("remaining")] / self.clients
        return np.concatenate((np.ones((*kept.shape[:2], 1)), kept), axis=2)

    @property
    def service_paid(self) -> Floats:
        """What service cost, share of sales at today's prices, shape (policies, rows)."""
        return self.ledger[LINES.index("service")] / np.maximum(self.discounted_sales, 1e-300)

    def place(self, name: str) -> int:
        """Place of a policy.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If it was not simulated.
        """
        if name not in self.policies:
            raise ValueError(f"expected one of {', '.join(self.policies)}, got {name}")
        return self.policies.index(name)


def run(
    book: Book,
    policies: Sequence[Policy],
    assumptions: AssumptionDraws,
    *,
    months: int,
    seed: int,
    prospects: int | None = None,
    shocks: Sequence[Shock] = (),
    computing: Computing | None = None,
) -> Simulation:
    """Run all policies on the same clients, draws and random numbers, the book taken as exits over service alone.

    Parameters
    ----------
    book : Book
        Today's clients.
    policies : sequence of Policy
        Policies; their names must differ. Doing nothing always runs along: what a policy makes of satisfaction is told
        against it.
    assumptions : AssumptionDraws
        One set a row.
    months : int
        Horizon.
    seed : int
        Keys the random streams.
    prospects : int, optional
        Slots for clients to come; half as many as clients if not given.
    shocks : sequence of Shock
        What is forced on all arms alike.
    computing : Computing, optional
        Chunks, threads, and a watch; results depend on none of them.

    Returns
    -------
    Simulation

    Raises
    ------
    ValueError
        If names repeat, shapes do not agree, or chunks are not whole blocks.
    """
    how = computing or Computing()
    _check(policies, months, how.chunk)
    check_book(book, assumptions)
    slots = -(-book.clients // 2) if prospects is None else prospects
    moving = tuple(policy for policy in policies if replace(policy, name=DO_NOTHING.name) != DO_NOTHING)
    course = _Course((DO_NOTHING, *moving), months, seed, slots, tuple(shocks), how.watch)
    chunks = [range(first, min(first + how.chunk, book.rows)) for first in range(0, book.rows, how.chunk)]
    each = partial(_run_chunk, book, assumptions, course)
    if how.workers > 1:
        with ThreadPoolExecutor(how.workers) as pool:
            parts = list(pool.map(each, chunks))
    else:
        parts = [each(rows) for rows in chunks]
    counts, profit, ledger, volume, turned_away = zip(*parts, strict=True)
    arms = [moving.index(policy) + 1 if policy in moving else 0 for policy in policies]
    return Simulation(
        policies=tuple(policy.name for policy in policies),
        counts=np.concatenate(counts, axis=1)[arms],
        profit=np.concatenate(profit, axis=1)[arms],
        ledger=np.concatenate(ledger, axis=2)[:, arms],
        discounted_sales=np.concatenate(volume, axis=1)[arms],
        turned_away=np.concatenate(turned_away, axis=1)[arms],
        clients=book.clients,
    )


def _check(policies: Sequence[Policy], months: int, chunk: int) -> None:
    names = [policy.name for policy in policies]
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"expected policies with different names, got {names}")
    if months < 1:
        raise ValueError(f"expected at least one month, got {months}")
    if chunk < BLOCK or chunk % BLOCK:
        raise ValueError(f"expected chunks of whole blocks of {BLOCK} rows, got {chunk}")


Part = tuple[npt.NDArray[np.int32], Floats, Floats, Floats, npt.NDArray[np.intp]]


def _run_chunk(book: Book, assumptions: AssumptionDraws, course: _Course, rows: range) -> Part:
    """Run one chunk of rows: what it leaves behind."""
    streams = Streams(course.seed, rows)
    part = slice(rows.start, rows.stop)
    arms, months = course.arms, course.months
    given = given_for(book, assumptions, arms, prospects=course.prospects, streams=streams, rows=part)
    state = opening(given, streams)
    month = Month(given, state, streams)
    count = (len(arms), len(rows))
    counts = np.zeros((*count, months, len(COUNTS)), dtype=np.int32)
    profit = np.zeros((*count, months))
    ledger = np.zeros((len(LINES), *count))
    sales = np.zeros(count)
    rate = assumptions["discount_rate"][part]
    for number in range(1, months + 1):
        lines, volume, counted = month.pass_by(number, course.shocks)
        counts[:, :, number - 1] = counted
        profit[:, :, number - 1] = lines[0] - lines[1:].sum(axis=0)
        discount = discount_factor(rate, number)
        ledger += discount * lines
        sales += discount * volume
        if course.watch is not None:
            course.watch(state, given, number)
    return counts, profit, ledger, sales, state.turned_away


class Month:
    """The month loop of one block.

    Parameters
    ----------
    given : Given
        What does not change.
    state : State
        Where clients stand; changed in place.
    streams : Streams
        Random numbers of the block.
    """

    def __init__(self, given: Given, state: State, streams: Streams) -> None:
        self.given, self.state, self.streams = given, state, streams
        self._lines = int(given.line.max()) + 1
        p = given.assumed
        often = p["campaign_start"] / (p["campaign_start"] + p["campaign_end"])
        self._campaign = streams.uniform("start campaign", self._lines) < often
        self._time = spare(state, given)[0]
        self._today = given.size[:, : given.clients].sum(axis=1)

    def pass_by(self, month: int, shocks: tuple[Shock, ...]) -> tuple[Floats, Floats, npt.NDArray[np.int32]]:
        """Let a month pass: its ledger, volume and counts."""
        given, state = self.given, self.state
        luck = draw_month(self.streams, given, month)
        if month % QUARTER == 1:
            share_attention(state, given, self._time)
        perceive(state, given, luck)
        recovery = fail(state, given, luck, month)
        served, priced, satisfaction = satisfied(state, given)
        above = above_fair(state, satisfaction)
        grow_loyal(state, given, above)
        watch_prices(state, given, luck, above)
        places, taken, matched = offered(state, given, luck, self.next_campaigns())
        now = [shock for shock in shocks if shock.month == month]
        for shock in now:
            if shock.client is not None:
                force_out(state, given, shock.client, month)
        shield_referred(state, given)
        managers = [shock.manager for shock in now if shock.manager is not None]
        followers = follow_managers(state, given, luck, managers)
        danger = hazards(state, given, served, priced)
        lost = lose(state, given, luck, danger, (followers, (places, taken)), month)
        cut_prices(state, given, places, matched)
        ask(state, given, luck)
        if month % QUARTER == 1:
            survey(state, given, luck, satisfaction)
        cross_sell(state, given, luck)
        joining = enter(state, given, luck, month)
        returning, back = win_back(state, given, luck, month)
        state.told[:] = False
        lines, volume = month_ledger(state, given, (recovery, joining, returning), self._today, month)
        pass_on(state, given, volume, self._today)
        return lines, volume, self._count(lost, back)

    def next_campaigns(self) -> npt.NDArray[np.float32]:
        """Let campaigns begin and end: offers, times their usual rate, shape (R, 1) or (R, I)."""
        self._campaign = campaigns(self._campaign, self.given, self.streams.uniform("campaign", self._lines))
        times = 1 + (self.given.assumed["campaign_offers"] - 1) * self._campaign
        return times if self._lines == 1 else np.take_along_axis(times, self.given.line, axis=1)

    def _count(self, lost: npt.NDArray[np.intp], back: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
        state = self.state
        arms, rows, slots = self.given.shape
        key = lost // slots * len(REASONS) + state.lost_to.ravel()[lost]
        by_reason = np.bincount(key, minlength=arms * rows * len(REASONS)).reshape(arms, rows, -1)
        prospects = slots - self.given.clients - state.entered
        parts = (state.buyers, state.remaining, *np.moveaxis(by_reason, 2, 0), back, prospects, state.lost_for_good)
        return np.stack(parts, axis=-1).astype(np.int32)
