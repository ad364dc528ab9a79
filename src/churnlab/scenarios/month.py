"""The steps of a month, in the order of the specification (``docs/odd.md``); the first arm is the reference.

Steps that concern every slot work on whole arrays (K, R, I); rare events on lists of flat places in (R, I). The rule
for these: which places are looked at may be more than needed, never less, so that it cannot change a result.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from churnlab.scenarios.state import FAIR, MOST_POINTS, PATTERN_MONTHS, PERCEPTIONS, Given, Ints, Singles, State
from churnlab.scenarios.streams import Streams, exponential

Floats = npt.NDArray[np.float64]
Luck = dict[str, Singles]

QUARTER: Final = 3
"""Months between surveys, and between reviews of managers' load."""

_UNIFORM: Final = (
    "failure", "severity", "handled", "vigilance", "offer", "depth", "seen", "leaving", "asking", "crossing",
    "referral", "returning",
)  # fmt: skip
_LARGEST_CHANCE: Final = np.float32(1 - 1e-6)


def draw_month(streams: Streams, given: Given, month: int) -> Luck:
    """Draw all random numbers of a month, for every slot whatever its state; shared by all arms."""
    slots = given.slots
    luck = {name: streams.uniform(name, slots) for name in _UNIFORM}
    luck |= {part: streams.normal(part, slots) for part in PERCEPTIONS}
    if month % QUARTER == 1:
        luck["answer"] = streams.normal("answer", slots)
    luck["manager"] = streams.uniform("manager", given.managers)
    luck["newcomers"] = streams.uniform("newcomers", 1)
    return luck


def look(values: Any, places: Ints) -> Any:
    """Values at flat places, shape (K, n)."""
    return values.reshape(len(values), -1).take(places, axis=1)


def write(values: Any, places: Ints, new: Any) -> None:
    """Set values at flat places, each once."""
    for arm, given in zip(values.reshape(len(values), -1), new, strict=True):
        arm[places] = given


def by_row(amounts: Any, rows: Ints, given: Given) -> Floats:
    """Sum amounts (K, n) by arm and row, shape (K, R)."""
    return np.stack([np.bincount(rows, weights=each, minlength=given.shape[1]) for each in amounts])


def perceive(state: State, given: Given, luck: Luck) -> None:
    """(1) Perceptions move toward their targets, with noise."""
    keep = 1 - given.assumed["perception_memory"]
    for place, part in enumerate(PERCEPTIONS):
        points = state.perception[place]
        np.multiply(points, keep, out=points)
        np.add(points, state.drive[place], out=points)
        np.add(points, np.multiply(given.assumed["perception_noise"], luck[part], out=luck[part]), out=points)
        np.clip(points, 0, MOST_POINTS, out=points)


def share_attention(state: State, given: Given, today: Singles) -> None:
    """(1) What attention aims at, by the time that managers have against `today`'s, shape (R, managers)."""
    p, lever = given.assumed, given.lever
    time = spare(state, given)
    gain = p["attention_gain"] * (time - today)
    aimed = lever["attention_points"] * p["service_reach"] * time
    pull = p["perception_memory"] * (gain + aimed)
    if (pull == pull[:, :, :1]).all():
        np.add(state.steady, pull[:, :, :1], out=state.drive[2])
    else:
        by_client = np.take_along_axis(pull, np.broadcast_to(given.manager, given.shape), axis=2)
        np.add(state.steady, by_client, out=state.drive[2])


def spare(state: State, given: Given) -> Singles:
    """Share of the time that a client needs which its manager has, at most 1, shape (K, R, managers)."""
    capacity = given.assumed["manager_capacity"] * (1 + given.lever["managers"] / given.managers)
    return np.minimum(1, capacity / np.maximum(state.need, 1e-6)).astype(np.float32)


def fail(state: State, given: Given, luck: Luck, month: int) -> Floats:
    """(2) Failures hit timing; those told openly are made good and cost money, shape (K, R)."""
    p, lever = given.assumed, given.lever
    rate = p["failures"]
    places = np.flatnonzero(luck["failure"] < rate * lever["failures"].max())
    rows = places // given.slots
    hit = luck["failure"].take(places) < given.at("failures", rows) * lever["failures"][:, 0]
    told = hit & (luck["handled"].take(places) < lever["recovery"][:, 0])
    silent = hit & ~told
    severity = exponential(luck["severity"].take(places))
    last = look(state.last_silence, places)
    pattern = silent & (month - last <= PATTERN_MONTHS)
    worse = 1 + (given.at("failure_pattern", rows) - 1) * pattern
    taken = given.at("failure_hit", rows) * severity * worse
    taken = hit * taken * (1 - given.at("recovery_share", rows) * told)
    write(state.perception[1], places, np.maximum(look(state.perception[1], places) - taken, 0))
    bonus = given.at("recovery_bonus", rows) * told
    write(state.loyalty, places, np.maximum(look(state.loyalty, places) + bonus, 0))
    write(state.last_silence, places, np.where(silent, month, last))
    write(state.told, places, told)
    spent = given.at("recovery_cost", rows) * severity * told * look(state.net, places)
    return by_row(spent, rows, given)


def satisfied(state: State, given: Given) -> tuple[Singles, Singles, Singles]:
    """(3) Satisfaction with service, price points (what the own price does to it), and both, all (K, R, I)."""
    p, served, priced, part = given.assumed, state.room["served"], state.room["priced"], state.room["part"]
    np.multiply(p["weight_quality"], state.perception[0], out=served)
    served += np.multiply(p["weight_timing"], state.perception[1], out=part)
    served += np.multiply(p["weight_attention"], state.perception[2], out=part)
    own = state.index[:, :, None] * (1 - given.lever["price_cut"].astype(np.float64))
    felt = (given.points_of_price * own / p["reference_price"]).astype(np.float32)
    np.multiply(state.discount, felt, out=priced)
    priced += given.points_of_price - felt
    both = np.add(served, priced, out=state.room["satisfaction"])
    return served, priced, np.clip(both, 0, MOST_POINTS, out=both)


def above_fair(state: State, satisfaction: Singles) -> Singles:
    """(4) Satisfaction above what is fair, at least 0."""
    above = np.clip(satisfaction, FAIR, MOST_POINTS, out=state.room["above"])
    above -= FAIR
    return above


def grow_loyal(state: State, given: Given, above: Singles) -> None:
    """(4) The loyalty stock fades and grows with satisfaction above what is fair."""
    p = given.assumed
    state.loyalty *= 1 - p["loyalty_fading"]
    state.loyalty += np.multiply(p["loyalty_gain"], above, out=state.room["part"])
    np.minimum(state.loyalty, p["loyalty_most"], out=state.loyalty)


def watch_prices(state: State, given: Given, luck: Luck, above: Singles) -> None:
    """(5) Clients become vigilant of prices, and relax."""
    p = given.assumed
    risen = 100 * np.maximum(state.rise, 0.0)[:, :, None]
    wakes = (p["vigilance_on"] + p["vigilance_by_rise"] * risen).astype(np.float32)
    most = np.maximum(wakes.max(axis=0), p["vigilance_off"] + p["vigilance_off_by_point"] * (MOST_POINTS - FAIR))
    places = np.flatnonzero(luck["vigilance"] < most)
    rows = places // given.slots
    drawn, vigilant = luck["vigilance"].take(places), look(state.vigilant, places)
    relaxes = drawn < given.at("vigilance_off", rows) + given.at("vigilance_off_by_point", rows) * look(above, places)
    turned = (vigilant & relaxes) | (~vigilant & (drawn < wakes[:, :, 0].take(rows, axis=1)))
    before = [(each, look(state.vigilant, each[0])) for each in state.granted]
    write(state.vigilant, places, vigilant ^ turned)
    for (places, cut), was in before:
        rows = places // given.slots
        chance = wakes[:, :, 0].take(rows, axis=1) + given.at("vigilance_by_grant", rows) * cut
        taught = ~was & (luck["vigilance"].take(places) < chance)
        write(state.vigilant, places, look(state.vigilant, places) | taught)
    state.granted = []


def offered(
    state: State, given: Given, luck: Luck, campaign: Singles, *, sure: bool = False
) -> tuple[Ints, Singles, Singles]:
    """(6) Offers of competitors: places, the chance that each takes the client, and by how much it is matched.

    With `sure` every slot is looked at, and the chance is that of an offer and of taking it together.
    """
    p, lever = given.assumed, given.lever
    rate = given.offers * campaign
    most = (1 + p["vigilant_offers"]) * p["recovery_exposure"]
    places = np.arange(rate.size) if sure else np.flatnonzero(luck["offer"] < rate * most)
    rows = places // given.slots
    vigilant = look(state.vigilant, places)
    rate = rate.ravel().take(places) * (1 + given.at("vigilant_offers", rows) * vigilant)
    rate *= 1 + (given.at("recovery_exposure", rows) - 1) * look(state.told, places)
    depth = exponential(luck["depth"].take(places)) * given.at("offer_depth", rows)
    depth = np.minimum(depth, given.at("offer_deepest", rows))
    counted = (p["implicit_counted"] * p["implicit_cost"]).ravel()
    dearer = (state.index * (1 - lever["price_cut"][:, :, 0]) - 1).astype(np.float32)
    gain = (dearer - counted).take(rows, axis=1) + depth
    gain -= given.at("switching_cost", rows) * (1 - given.at("vigilance_relief", rows) * vigilant)
    gain -= look(state.loyalty, places)
    gain -= look(state.discount, places)
    taken = expit(gain / given.at("switching_spread", rows))
    seen = luck["seen"].take(places) < given.at("match_chance", rows) * lever["matching"][:, 0]
    taken *= 1 - given.at("match_power", rows) * seen
    if sure:
        return places, np.minimum(rate, 1) * taken, np.zeros_like(taken)
    comes = luck["offer"].take(places) < rate
    return places, taken * comes, depth / 2 * (seen & comes)


def cut_prices(state: State, given: Given, places: Ints, cut: Singles) -> None:
    """Raise the own discounts of active clients, at most to the cap, and remember the cuts granted."""
    rows = places // given.slots
    before = look(state.discount, places)
    after = np.minimum(before + cut * look(state.active, places), given.at("discount_most", rows))
    after = np.maximum(after, before)
    write(state.discount, places, after)
    state.granted.append((places, after - before))
    reprice(state, places)


def reprice(state: State, places: Ints) -> None:
    """What clients buy and pay, from what they are."""
    volume = look(state.wallet, places) * look(state.active, places)
    write(state.volume, places, volume)
    write(state.net, places, volume * (1 - look(state.discount, places).astype(np.float64)))


def ask(state: State, given: Given, luck: Luck) -> None:
    """(8) The vigilant ask for a lower price; it is granted as the policy has it."""
    places = np.flatnonzero(luck["asking"] < given.assumed["asking"])
    rows = places // given.slots
    granted = luck["asking"].take(places) < given.at("asking", rows) * given.lever["grant"][:, 0]
    granted = granted & look(state.vigilant, places)
    cut_prices(state, given, places, given.at("ask_step", rows) * granted)


def cross_sell(state: State, given: Given, luck: Luck) -> None:
    """(8) Promoters buy more."""
    places = np.flatnonzero(luck["crossing"] < given.assumed["cross_selling"])
    rows = places // given.slots
    buys = look(state.promoter, places) & look(state.active, places)
    more = given.at("cross_sold", rows) * given.size.ravel().take(places) * buys
    write(state.wallet, places, look(state.wallet, places) + more)
    reprice(state, places)


def poisson(uniform: Floats, mean: Floats) -> Ints:
    """Poisson counts of given means, by inversion of one uniform each: never fewer where the mean is larger."""
    term = np.exp(-mean)
    below = term.copy()
    count = np.zeros(mean.shape, dtype=np.intp)
    more = uniform >= below
    while more.any() and count.max() < 1000:
        count += more
        term = term * mean / np.maximum(count, 1)
        below = np.where(more, below + term, below)
        more = more & (uniform >= below)
    return count


def campaigns(on: npt.NDArray[np.bool_], given: Given, uniform: Singles) -> npt.NDArray[np.bool_]:
    """Which lines competitors have a campaign for, shape (R, lines)."""
    p = given.assumed
    return np.where(on, uniform >= p["campaign_end"], uniform < p["campaign_start"])


def cumulative(taken: Singles) -> Singles:
    """Cumulative hazard of a chance."""
    return -np.log1p(-np.minimum(taken, _LARGEST_CHANCE))
