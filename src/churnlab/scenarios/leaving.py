"""Leaving, entering and coming back: one draw against a stacked list of hazards, the same list in every arm."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.scenarios.month import Floats, Luck, cumulative, look, poisson, write
from churnlab.scenarios.state import REASONS, Given, Ints, Singles, State
from churnlab.scenarios.streams import exponential

_TINY = np.float32(1e-30)
Rare = tuple[Ints, Singles]
_LARGEST_LOG = np.float32(3.0)


@dataclass(frozen=True, slots=True)
class Hazards:
    """Log hazard of leaving over service: what all arms share, less what an arm's satisfaction takes off it.

    Attributes
    ----------
    shared : ndarray, shape (R, I)
        What today's level and the reference arm's satisfaction give.
    moved : ndarray, shape (K, R, I)
        What an arm's own satisfaction takes off it, by its causal share.
    """

    shared: Singles
    moved: Singles

    def service(self, state: State, given: Given, places: Ints, month: int) -> Singles:
        """Cumulative hazard of leaving over service at flat places, shape (K, n)."""
        log = self.shared.ravel().take(places) + look(state.own, places) - look(self.moved, places)
        if given.tenure_slope.any():
            months = np.log1p(np.maximum(month - 1 - look(state.since, places), 0))
            log += given.tenure_slope.ravel().take(places // given.slots) * months
        return np.exp(np.minimum(log, _LARGEST_LOG))


def hazards(state: State, given: Given, served: Singles, priced: Singles) -> Hazards:
    """(7) Log hazard of leaving over service; what a policy makes of satisfaction acts by its causal share."""
    kept = given.assumed["causal_share"]
    seen = (1 - kept) * (given.service_slope * served[0] + given.price_slope * priced[0])
    moved = np.multiply(kept * given.service_slope, served, out=state.room["moved"])
    moved += np.multiply(kept * given.price_slope, priced, out=state.room["part"])
    return Hazards(shared=given.level - seen, moved=moved)


def follow_managers(state: State, given: Given, luck: Luck, forced: list[int]) -> tuple[Ints, Singles]:
    """(7) Clients of managers who leave, and their cumulative hazard of leaving with them."""
    gone = luck["manager"] < given.assumed["manager_turnover"] / 12
    gone[:, forced] = True
    row, manager = np.nonzero(gone)
    which, slot = np.nonzero(given.manager[row] == manager[:, None])
    places = row[which] * given.slots + slot
    rows = places // given.slots
    loyalty = look(state.loyalty, places)
    chance = given.at("follow", rows) * loyalty / (loyalty + given.at("follow_loyalty", rows))
    return places, cumulative(chance)


def lose(state: State, given: Given, luck: Luck, danger: Hazards, rare: tuple[Rare, Rare], month: int) -> Ints:
    """(7) Who leaves and why: flat places in (K, R, I) of those who are lost, in order.

    `rare` holds places and cumulative hazards of those whose manager left, and places and chances of offers.
    """
    drawn = exponential(luck["leaving"])
    left = drawn - given.exogenous
    over = danger.shared - np.log(np.maximum(left, _TINY))
    bar = np.subtract(danger.moved, state.own, out=state.room["bar"])
    if given.tenure_slope.any():
        bar -= given.tenure_slope * np.log1p(np.maximum(month - 1 - state.since, 0))
    lost = over > bar
    places, reason = _exactly(state, given, drawn, danger, rare, month)
    write(lost, places, reason >= 0)
    lost &= state.active
    found = np.flatnonzero(lost)
    arm, cell = np.divmod(found, given.points.size)
    reasons = np.where(left.ravel()[cell] < 0, 0, 2)
    if len(places):
        at = np.minimum(np.searchsorted(places, cell), len(places) - 1)
        reasons = np.where(places[at] == cell, reason[arm, at], reasons)
    _leave(state, given, found, reasons, month)
    return found


def _exactly(
    state: State, given: Given, drawn: Singles, danger: Hazards, rare: tuple[Rare, Rare], month: int
) -> tuple[Ints, npt.NDArray[np.int8]]:
    """Places with an offer or a manager who left: the whole list of hazards, and the reason or -1."""
    followers, offers = rare
    chosen = np.zeros(given.points.size, dtype=np.bool_)
    chosen[followers[0]] = True
    chosen[offers[0]] = True
    places = np.flatnonzero(chosen)
    arms = given.shape[0]
    personal, price = (np.zeros((arms, len(places)), dtype=np.float32) for _ in range(2))
    write(personal, np.searchsorted(places, followers[0]), followers[1])
    write(price, np.searchsorted(places, offers[0]), cumulative(offers[1]))
    ends = given.exogenous.ravel().take(places)
    drawn = drawn.ravel().take(places)
    reason = np.broadcast_to(drawn >= ends, personal.shape).astype(np.int8)
    for part in (personal, danger.service(state, given, places, month), price):
        ends = ends + part
        reason += drawn >= ends
    reason[reason > 3] = -1
    return places, reason


def _leave(state: State, given: Given, found: Ints, reasons: Ints, month: int) -> None:
    arms, rows, slots = given.shape
    key, slot = np.divmod(found, slots)
    size = arms * rows
    first = (state.lost_to.ravel()[found] < 0) & (slot < given.clients)
    state.remaining -= np.bincount(key[first], minlength=size).reshape(arms, rows)
    state.buyers -= np.bincount(key, minlength=size).reshape(arms, rows)
    state.lost_for_good += np.bincount(key[reasons == 0], minlength=size).reshape(arms, rows)
    cell = found % given.points.size
    np.subtract.at(state.need.ravel(), key * given.managers + given.manager.ravel()[cell], given.load.ravel()[cell])
    for values, new in (
        (state.active, False), (state.promoter, False), (state.gone, reasons == 0), (state.lost_in, month),
        (state.lost_to, reasons), (state.volume, 0.0), (state.net, 0.0),
    ):  # fmt: skip
        values.reshape(-1)[found] = new


def force_out(state: State, given: Given, client: int, month: int) -> None:
    """A client is lost for good, in every arm and row where it is one."""
    places = np.arange(given.shape[0] * given.shape[1]) * given.slots + client
    found = places[state.active.reshape(-1)[places]]
    _leave(state, given, found, np.zeros(len(found), dtype=np.intp), month)


def shield_referred(state: State, given: Given) -> None:
    """Those who were referred are held as long as their referrer is a client."""
    places = state.referred
    by = state.brought_by.reshape(-1)[places].astype(np.intp)
    there = state.active.reshape(-1)[places // given.slots * given.slots + by] & (by >= 0)
    held = np.log(given.at("referred_ratio", places // given.slots % given.shape[1])) * there
    state.own.reshape(-1)[places] = state.fixed.reshape(-1)[places] + held


def enter(state: State, given: Given, luck: Luck, month: int) -> Floats:
    """(9) Promoters refer, newcomers come; what winning these costs, shape (K, R)."""
    p, lever = given.assumed, given.lever
    arms, rows, slots = given.shape
    places = np.flatnonzero(luck["referral"] < p["referrals"] / 12 * p["referrals_done"])
    refers = look(state.promoter, places) & look(state.active, places)
    arm, which = np.nonzero(refers)
    key = arm * rows + places[which] // slots
    by = places[which] % slots
    cold = poisson(np.broadcast_to(luck["newcomers"][:, 0], (arms, rows)), _inflow(state, given)).ravel()
    order = np.argsort(np.concatenate((key, np.repeat(np.arange(arms * rows), cold))), kind="stable")
    keys = np.concatenate((key, np.repeat(np.arange(arms * rows), cold)))[order]
    by = np.concatenate((by, np.full(cold.sum(), -1)))[order]
    rank = np.arange(len(keys)) - np.searchsorted(keys, keys)
    slot = given.clients + state.entered.ravel()[keys] + rank
    fits = slot < slots
    state.turned_away += np.bincount(keys[~fits], minlength=arms * rows).reshape(arms, rows)
    keys, by, slot = keys[fits], by[fits], slot[fits]
    state.entered += np.bincount(keys, minlength=arms * rows).reshape(arms, rows)
    arm, row = np.divmod(keys, rows)
    on_terms = (by < 0) & (given.terms[row, slot] < lever["newcomers_on_discount"][arm, 0, 0])
    discount = lever["newcomer_discount"][arm, 0, 0] * on_terms
    where = (arm, row, slot)
    state.brought_by[where] = by
    state.referred = np.concatenate((state.referred, (keys * slots + slot)[by >= 0]))
    _begin(state, given, where, discount, p["discount_effect"][row, 0] * discount, month)
    cost = p["newcomer_cost"][row, 0] * state.net[where] * (by < 0)
    return np.asarray(np.bincount(keys, weights=cost, minlength=arms * rows), dtype=np.float64).reshape(arms, rows)


def _inflow(state: State, given: Given) -> Floats:
    """Expected newcomers of the month, shape (K, R): as today's, more where clients praise more."""
    p = given.assumed
    usual = p["newcomers"][:, 0].astype(np.float64) / 12 * given.clients
    told = p["praise_effect"][:, 0] * (state.praise - state.praise[0])
    told = told - p["complaint_effect"][:, 0] * (state.complaint - state.complaint[0])
    return usual * np.exp(told)


def survey(state: State, given: Given, luck: Luck, satisfaction: Singles) -> None:
    """Who is a promoter, by an answer as it would be given; shares of promoters and detractors among clients."""
    answer = satisfaction + given.assumed["answer_noise"] * luck["answer"]
    state.promoter = (answer >= 8.5) & state.active
    active = np.maximum(state.buyers, 1)
    state.praise = np.count_nonzero(state.promoter, axis=-1) / active
    state.complaint = np.count_nonzero((answer < 6.5) & state.active, axis=-1) / active


def win_back(state: State, given: Given, luck: Luck, month: int) -> tuple[Floats, Ints]:
    """(10) The lost come back, by why and how long ago they left; what this costs, and how many, both (K, R)."""
    p, lever = given.assumed, given.lever
    monthly = np.stack([np.zeros_like(p["margin"][:, 0])] + [p[f"return_{why}"][:, 0] for why in REASONS[1:]], axis=1)
    effort = lever["winning_back"]
    places = np.flatnonzero(luck["returning"] < monthly.max(axis=1, keepdims=True) * effort.max())
    lost = ~look(state.active, places) & ~look(state.gone, places) & (look(state.lost_to, places) > 0)
    why = np.maximum(look(state.lost_to, places), 0)
    since = month - look(state.lost_in, places).astype(np.float32)
    rows = places // given.slots
    chance = monthly[rows, why] * np.exp(-given.at("return_fading", rows) * (since - 1))
    comes = lost & (since >= 1) & (luck["returning"].take(places) < chance * effort[:, 0])
    arm, which = np.nonzero(comes)
    row, slot = np.divmod(places[which], given.slots)
    discount = lever["return_discount"][arm, 0, 0]
    own = np.log(p["second_life_ratio"][row, 0]) + p["discount_effect"][row, 0] * discount
    where = (arm, row, slot)
    state.brought_by[where] = -1
    _begin(state, given, where, discount, own, month)
    keys = arm * given.shape[1] + row
    cost = p["return_cost"][row, 0] * state.net[where]
    size = given.shape[0] * given.shape[1]
    spent = np.asarray(np.bincount(keys, weights=cost, minlength=size), dtype=np.float64)
    number: Ints = np.bincount(keys, minlength=size)
    return spent.reshape(given.shape[:2]), number.reshape(given.shape[:2])


def _begin(
    state: State, given: Given, where: tuple[Ints, Ints, Ints], discount: Singles, own: Singles, month: int
) -> None:
    """A life begins at slots (arm, row, slot) with a discount and a part of the log hazard of its own."""
    arm, row, slot = where
    state.active[where] = True
    state.discount[where] = discount
    state.fixed[where] = own
    state.own[where] = own
    state.since[where] = month
    state.volume[where] = state.wallet[where]
    state.net[where] = state.wallet[where] * (1 - discount.astype(np.float64))
    np.add.at(state.need, (arm, row, given.manager[row, slot]), given.load[row, slot])
    np.add.at(state.buyers, (arm, row), 1)
