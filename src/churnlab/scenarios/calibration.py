"""Taking other ways out of the fitted hazard, so that doing nothing leaves its level and slope as the data have them.

A fitted hazard holds all leaving. What is assumed of offers, closures and managers is a part of it: exits over service
are what is left, both of their level and of their slope in satisfaction.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from churnlab.scenarios.book import Book, check_book
from churnlab.scenarios.engine import Month
from churnlab.scenarios.month import (
    above_fair,
    ask,
    cumulative,
    cut_prices,
    draw_month,
    fail,
    grow_loyal,
    offered,
    perceive,
    satisfied,
    watch_prices,
)
from churnlab.scenarios.parameters import AssumptionDraws
from churnlab.scenarios.policies import DO_NOTHING
from churnlab.scenarios.state import Given, State, given_for, opening
from churnlab.scenarios.streams import BLOCK, Streams

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SHIFT: Final = np.array([-0.5, 0.0, 0.5], dtype=np.float32)[:, None, None]
"""Clients who have always been so much less, as, and more satisfied: between them the slope is held, points."""

STEEPEST: Final = 2.0
"""A draw that needs a steeper slope of exits over service than this, log hazard a point, is no explanation."""

_NOTHING_LEFT: Final = -30.0
_EVERY: Final = 3
_MOST_STEPS: Final = 40
_NEAR: Final = 2e-4
_HELD: Final = 3e-3


@dataclass(frozen=True, slots=True)
class Solved:
    """A book whose hazard is that of exits over service alone.

    Attributes
    ----------
    book : Book
        With the level and the slope in satisfaction that are left.
    assumptions : AssumptionDraws
        As given, but for a loyalty that would carry more of the slope than was seen.
    feasible : ndarray of bool, shape (rows,)
        Rows in which something is left; in the others nobody leaves over service.
    level_exceeded, slope_exceeded, loyalty_limited : float
        Shares of rows in which the other ways out alone exceed the leaving that was seen, in which what is left cannot
        hold the slope, and in which loyalty was limited.
    """

    book: Book
    assumptions: AssumptionDraws
    feasible: Bools
    level_exceeded: float
    slope_exceeded: float
    loyalty_limited: float


def calibrate(book: Book, assumptions: AssumptionDraws, *, months: int, seed: int) -> Solved:
    """Find exits over service so that doing nothing has the fitted level of leaving and its slope in satisfaction.

    Parameters
    ----------
    book : Book
        Today's clients; their hazard holds all leaving.
    assumptions : AssumptionDraws
        One set a row.
    months : int
        Horizon over which the level is held.
    seed : int
        Keys the random streams: those of the run, so that chance is common.

    Returns
    -------
    Solved

    Notes
    -----
    Satisfaction, loyalty, vigilance and offers run as they do when nothing is done and nobody leaves, with clients
    half a point less and more satisfied beside them. Two equations are solved for a shift of the level and for the
    slope of exits over service. Clients as they are stay as many months over the horizon as the fitted hazard has it.
    And with H the sum of all cumulative hazards, weighted by who would still be there, the logarithm of H differs by
    the fitted effect of a point between those more and those less satisfied. The second matters: the loyalty stock
    carries satisfaction into exits over price, so that holding the level alone would count satisfaction twice. Where
    the stock alone would carry more of the slope than was seen, its gain is cut in proportion, to what was seen.
    """
    check_book(book, assumptions)
    if not book.whole:
        return Solved(book, assumptions, np.ones(book.rows, dtype=np.bool_), 0.0, 0.0, 0.0)
    shift, slope, carried, level_held, slope_held = _solve_all(book, assumptions, months, seed)
    wanted = np.maximum(-book.service_effect, 0.0)
    limited = level_held & (slope < np.minimum(-book.service_effect, 0.0)) & (carried > wanted)
    if limited.any():
        gain = assumptions["loyalty_gain"] * np.where(limited, wanted / np.where(limited, carried, 1.0), 1.0)
        assumptions = AssumptionDraws(assumptions.values | {"loyalty_gain": gain})
        shift, slope, _, level_held, slope_held = _solve_all(book, assumptions, months, seed)
    feasible = level_held & slope_held
    solved = replace(
        book,
        predictor=book.predictor + np.where(feasible, shift, _NOTHING_LEFT)[:, None],
        service_effect=-np.where(feasible, slope, 0.0),
    )
    return Solved(
        solved, assumptions, feasible, float((~level_held).mean()), float((level_held & ~slope_held).mean()),
        float(limited.mean()),
    )  # fmt: skip


Found = tuple[Floats, Floats, Floats, Bools, Bools]


def _solve_all(book: Book, assumptions: AssumptionDraws, months: int, seed: int) -> Found:
    """Solve all blocks: see :func:`_solve`."""
    parts = [
        _solve(book, assumptions, months, seed, slice(first, min(first + BLOCK, book.rows)))
        for first in range(0, book.rows, BLOCK)
    ]
    shift, slope, carried, level_held, slope_held = (np.concatenate(part) for part in zip(*parts, strict=True))
    return shift, slope, carried, level_held.astype(np.bool_), slope_held.astype(np.bool_)


def _solve(book: Book, assumptions: AssumptionDraws, months: int, seed: int, rows: slice) -> Found:
    """Shift of the level, slope, slope that others carry, and whether level and slope are held, shape (R,) each."""
    streams = Streams(seed, range(rows.start, rows.stop))
    arms = (DO_NOTHING,) * len(SHIFT)
    given = given_for(book, assumptions, arms, prospects=0, streams=streams, rows=rows)
    state = opening(given, streams, shift=SHIFT)
    passing = Month(given, state, streams)
    other, above, fitted, weight = [], [], [], []
    there = np.zeros(given.points.shape)
    part = book.take(rows)
    for month in range(1, months + 1):
        tenure = np.log1p(book.tenure_months + month - 1)
        whole = np.exp(np.minimum(part.predictor + part.tenure_effect[:, None] * tenure, 3.0))
        told = month % _EVERY == 1
        found = _others(state, given, passing, month, told=told)
        if told:
            other.append(found)
            above.append(state.room["served"] - given.points)
            fitted.append(whole)
            weight.append(np.exp(-there))
        there += whole
    single = np.float32
    paths = _Paths(
        np.array(other, single), np.array(above, single), np.array(fitted, single), np.array(weight, single),
        part.service_effect,
    )  # fmt: skip
    return _newton(paths)


def _others(state: State, given: Given, passing: Month, month: int, *, told: bool) -> npt.NDArray[np.float32]:
    """Let a month pass in which nobody leaves: if told, expected cumulative hazard of all but service, (K, R, I)."""
    luck = draw_month(passing.streams, given, month)
    perceive(state, given, luck)
    fail(state, given, luck, month)
    _, _, satisfaction = satisfied(state, given)
    above = above_fair(state, satisfaction)
    grow_loyal(state, given, above)
    watch_prices(state, given, luck, above)
    crowding = passing.next_campaigns()
    found = state.loyalty
    if told:
        taken = offered(state, given, luck, crowding, sure=True)[1].reshape(given.shape)
        p = given.assumed
        follows = p["manager_turnover"] / 12 * p["follow"] * state.loyalty / (state.loyalty + p["follow_loyalty"])
        found = given.exogenous + cumulative(follows) + cumulative(taken)
    places, _, matched = offered(state, given, luck, crowding)
    cut_prices(state, given, places, matched)
    ask(state, given, luck)
    state.told[:] = False
    return found


@dataclass(frozen=True, slots=True)
class _Paths:
    """What clients go through in a block: arrays (months, K, R, I), those of `fitted` and `weight` without K."""

    other: Singles
    above: Singles
    fitted: Singles
    weight: Singles
    effect: Floats

    def take(self, rows: npt.NDArray[np.intp]) -> "_Paths":
        return _Paths(
            self.other[:, :, rows], self.above[:, :, rows], self.fitted[:, rows], self.weight[:, rows],
            self.effect[rows],
        )  # fmt: skip

    def total(self, hazard: Singles) -> Floats:
        """Sum by arm and row, weighted by who is there, shape (K, R)."""
        return (self.weight[:, None] * hazard).sum(axis=(0, 3)).astype(np.float64)


def _newton(paths: _Paths) -> Found:
    """Solve both equations in every row; a row does not depend on its neighbours."""
    seen = paths.total(paths.fitted[:, None])[0]
    others = paths.total(paths.other)
    level_held = others[1] < seen
    shift = np.log(np.where(level_held, 1 - others[1] / seen, 0.5))
    slope = -paths.effect.copy()
    plain = paths.total(paths.fitted[:, None] * np.exp(shift.astype(np.float32))[:, None] * np.ones_like(paths.above))
    carried = -np.log((others[2] + plain[2]) / (others[0] + plain[0]))
    slope_held = np.zeros(len(seen), dtype=np.bool_)
    rows = np.flatnonzero(level_held)
    part, known = paths.take(rows), _known(paths.take(rows))
    for _ in range(_MOST_STEPS):
        if not len(rows):
            break
        moved, miss = _step(part, known, shift[rows], slope[rows])
        shift[rows] -= moved[0]
        slope[rows] -= moved[1]
        slope_held[rows] = (miss < _HELD) & (np.abs(slope[rows]) < STEEPEST)
        open_still = (np.abs(moved).max(axis=0) > _NEAR) & (np.abs(slope[rows]) < 2 * STEEPEST)
        if not open_still.all():
            rows, part = rows[open_still], part.take(np.flatnonzero(open_still))
            known = tuple(each[..., open_still] for each in known)
    return shift, slope, carried, level_held, slope_held


def _known(paths: _Paths) -> tuple[Floats, ...]:
    """What does not change from step to step: others, and months that clients stay with what a hazard does to them."""
    # clients who would leave first are gone first, so the level is held on who is left, month by month
    risen = np.cumsum(paths.fitted, axis=0) * _EVERY
    kept = np.exp(-risen)
    return paths.total(paths.other), kept.sum(axis=(0, 2)), (risen * kept).sum(axis=(0, 2))


def _step(paths: _Paths, known: tuple[Floats, ...], shift: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """One step of Newton, shape (2, R), and how far both equations are missed, shape (R,)."""
    others, staying, response = known
    log = shift.astype(np.float32)[:, None] - slope.astype(np.float32)[:, None] * paths.above
    service = paths.fitted[:, None] * np.exp(np.clip(log, -30, 10))
    exits, tilted = paths.total(service), paths.total(service * paths.above)
    everything = others + exits
    stay = np.exp(-_EVERY * np.cumsum(paths.other[:, 1] + service[:, 1], axis=0)).sum(axis=(0, 2))
    level = ((staying - stay) / response).astype(np.float64)
    tilt = np.log(everything[2] / everything[0]) - paths.effect
    share, lean = exits / everything, -tilted / everything
    jacobian = np.array([[share[1], lean[1]], [share[2] - share[0], lean[2] - lean[0]]])
    determinant = jacobian[0, 0] * jacobian[1, 1] - jacobian[0, 1] * jacobian[1, 0]
    determinant = np.where(np.abs(determinant) < 1e-12, 1e-12, determinant)
    moved = np.stack(
        (
            (jacobian[1, 1] * level - jacobian[0, 1] * tilt) / determinant,
            (jacobian[0, 0] * tilt - jacobian[1, 0] * level) / determinant,
        )
    )
    return np.clip(moved, -0.5, 0.5), np.maximum(np.abs(level), np.abs(tilt))
