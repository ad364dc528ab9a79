"""One month of the plant: what clients feel, what happens to them, who leaves, who comes, who comes back.

Every function draws its chances for every client, whatever its state, so that a run under another policy
meets the same ones. :func:`churnlab.tables.plant.course.run_course` calls them in the order in which they stand.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from churnlab.tables.plant.clock import END, FIRST, Bools, Floats, Ints
from churnlab.tables.plant.laws import AS_IS, SEGMENTS, Law, Policy
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import BY_REFERRAL, HANDOVER, LAUNCH, ON_PRICE, RETAIL, Traits

REASONS = np.array(["", "closed", "personal", "service", "price", "need"])
"""Why a client left, by code."""
CLOSED, PERSONAL, SERVICE, PRICE, NEED = range(1, 6)
WEIGHT: Floats = np.array([0.40, 0.35, 0.25])
"""Weights of quality, timing and attention in satisfaction."""
FAILURES = np.array(["late", "damaged", "wrong goods", "documents"])
LATE = 0
_SHARES_OF_FAILURES = np.array([0.44, 0.23, 0.19, 0.14])
COMPETITORS = np.array(["Nordpan", "Brettex", "Ligna East", "Fibra"])
SEASON: Floats = np.array([0.62, 0.85, 1.05, 1.18, 1.20, 1.12, 0.72, 1.08, 1.18, 1.10, 0.95, 0.80])
"""Orders in each month of the year against the mean."""
UNIT_COST = 0.72
"""What goods cost the plant, share of the list price."""
RECOVERY_COST = 0.12
"""What covering a failure openly costs, share of an order for each unit of severity."""

LINE_ENDS: Floats = 1 - np.exp(-1 / np.array([560.0, 60.0, 23.0]))  # chance a month that the need of a line ends
_LINE_BEGINS: Floats = np.array([0.10, 0.14, 0.22])
_MEMORY = 0.93  # of the slow moves of the scores, a month
_HIT = 1.6  # points of timing that a failure of severity 1 costs
_UNDONE = 0.8  # share of it that telling openly undoes; there is no bonus on top
_INTEREST = 0.15  # a year, by which values are discounted
_SPREAD = 0.85  # standard deviation of those moves, points
_MOST_DISCOUNT = 0.15  # what the rules allow
_LESS_LOYAL = 1.2  # factor on the rates of who came back once
_COMES_BACK: Floats = np.array([0.0, 0.0, 0.0008, 0.008, 0.022, 0.0])  # chance in the first month it can, by reason
_AWAY_AT_LEAST = 8  # months


@dataclass(slots=True)
class Now:
    """The state of n clients; the functions of a month change it in place.

    Attributes
    ----------
    month : int
        Since the origin.
    policy : Policy
        What the plant does for the clients in `touched`; for the others it does what it does as is.
    touched : ndarray of bool, (n,)
        Whom the policy is for.
    here : ndarray of bool, (n,)
        Who is with the plant.
    lines, ended : ndarray of bool, (n, 3)
        Who has a need of which line, and whose need of it has ended in this month.
    mood, common : ndarray of float, (n, 4), (4,)
        Slow moves of the scores about their levels: each client's own, and all clients'.
    hit : ndarray of float, (n,)
        Points of timing that failures have cost and time has not healed.
    called : ndarray of float, (n,)
        Calls and visits that are remembered.
    gain : ndarray of float, (n,)
        Points that a policy has added to timing and attention.
    discount : ndarray of float, (n,)
        Share of the list price.
    walk : ndarray of float, (n,)
        Logarithm of the slow moves of the volume.
    campaign : bool
        Whether a competitor runs a campaign.
    reason, gone_for : ndarray, (n,)
        Why a lost client left, and for how many months it has been gone.
    again : ndarray of bool, (n,)
        Who is there for a second time or later.
    """

    month: int
    policy: Policy
    touched: Bools
    here: Bools
    lines: Bools
    ended: Bools
    mood: Floats
    common: Floats
    hit: Floats
    called: Floats
    gain: Floats
    discount: Floats
    walk: Floats
    campaign: bool
    reason: Ints
    gone_for: Ints
    again: Bools


@dataclass(frozen=True, slots=True)
class Felt:
    """Latent scores (n, 4), satisfaction (n,), and the policy's price cut (n,) of a month."""

    score: Floats
    satisfaction: Floats
    cut: Floats


@dataclass(frozen=True, slots=True)
class Happened:
    """Who (n,) something happened to, and what is known of it, (n,) each."""

    who: Bools
    details: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chances:
    """Chances of leaving in a month, (n,) each; the causes in order of precedence, and all of them together."""

    need: Floats
    closed: Floats
    personal: Floats
    service: Floats
    price: Floats

    @property
    def any_cause(self) -> Floats:
        """The chance that at least one cause strikes."""
        stays = (1 - self.need) * (1 - self.closed) * (1 - self.personal) * (1 - self.service) * (1 - self.price)
        return 1 - stays


def begin(streams: Streams, traits: Traits) -> Now:
    """Start with an empty book in January 2002.

    Parameters
    ----------
    streams : Streams
        Of the plant.
    traits : Traits
        The clients.

    Returns
    -------
    Now
    """
    n = traits.start.size
    rng = streams("moods")
    nobody, zero = np.zeros(n, dtype=bool), np.zeros(n)
    return Now(
        month=0,
        policy=AS_IS,
        touched=nobody,
        here=nobody.copy(),
        lines=np.zeros((n, 3), dtype=bool),
        ended=np.zeros((n, 3), dtype=bool),
        mood=_SPREAD * rng.standard_normal((n, 4)),
        common=np.zeros(4),
        hit=zero.copy(),
        called=zero.copy(),
        gain=zero.copy(),
        discount=traits.discount.copy(),
        walk=traits.wander * rng.standard_normal(n),
        campaign=False,
        reason=np.zeros(n, dtype=np.int64),
        gone_for=np.zeros(n, dtype=np.int64),
        again=nobody.copy(),
    )


def turn(now: Now, t: int, *, policy: Policy, traits: Traits) -> None:
    """Turn to a month.

    Parameters
    ----------
    now : Now
        Changed in place.
    t : int
        The month.
    policy : Policy
        In force in it.
    traits : Traits
        Say whom the policy is for.
    """
    now.month = t
    if policy is not now.policy:
        now.policy = policy
        wanted = [not policy.segment or policy.segment == segment for segment in SEGMENTS]
        now.touched = np.array(wanted)[traits.segment]


def feel(streams: Streams, now: Now, traits: Traits) -> Felt:
    """Move moods and volumes, and compute what clients feel.

    Parameters
    ----------
    streams, now, traits
        As above; moods, common moves, gains and volumes are changed in place.

    Returns
    -------
    Felt
    """
    rng = streams("moods")
    fresh = np.sqrt(1 - _MEMORY**2)
    now.mood = _MEMORY * now.mood + _SPREAD * fresh * rng.standard_normal(now.mood.shape)
    now.common = 0.9 * now.common + 0.08 * rng.standard_normal(4)
    now.walk = 0.94 * now.walk + traits.wander * np.sqrt(1 - 0.94**2) * streams("volumes").standard_normal(now.hit.size)
    now.gain += (now.policy.service_gain * now.touched - now.gain) / 6
    now.hit *= 0.85
    now.called *= 0.7
    cut: Floats = now.policy.price_cut * now.touched.astype(np.float64)
    score = traits.level + now.mood + now.common
    score[:, 1] += np.interp(now.month, [232, 237, 243, 252], [0.0, -0.8, -0.8, 0.0]) + now.gain - now.hit
    score[:, 2] += now.gain + 0.15 * (now.called - 1.4)
    score[:, 3] += 10 * cut
    score = np.clip(score, 0, 10)
    return Felt(score, score[:, :3] @ WEIGHT, cut)


def fail(streams: Streams, now: Now, traits: Traits, *, felt: Felt) -> Happened:
    """Let the plant fail some clients; told openly, most of the harm is undone and nothing is gained.

    Parameters
    ----------
    streams, now, traits
        As above; `now.hit` is changed in place.
    felt : Felt
        Of this month; the harm shows from the next one on.

    Returns
    -------
    Happened
        kind (code into `FAILURES`), severity, open (whether it was told openly), when (share of the month).
    """
    rng, n = streams("failures"), now.hit.size
    u, severity, told = rng.random(n), rng.exponential(1, n), rng.random(n)
    kind = rng.choice(FAILURES.size, n, p=_SHARES_OF_FAILURES)
    rate = 0.03 * np.where(now.touched, now.policy.failure_factor, 1)
    who = now.here & (u < rate)
    large = np.log(traits.size / 6500)
    openness = np.where(now.touched, now.policy.openness, 0)
    is_open = told < _logistic(-0.3 + 0.5 * large + 0.3 * (felt.score[:, 2] - 7.6) + openness)
    now.hit += who * _HIT * severity * (1 - _UNDONE * is_open)
    return Happened(who, {"kind": kind, "severity": severity, "open": is_open, "when": rng.random(n)})


def look_after(streams: Streams, now: Now, traits: Traits, *, felt: Felt) -> tuple[Happened, Happened]:
    """Call, visit and give way on prices: more so where the manager senses discontent.

    Parameters
    ----------
    streams, now, traits, felt
        As above; `now.called` and `now.discount` are changed in place.

    Returns
    -------
    calls, visits : Happened
        when (share of the month).
    """
    rng, n = streams("attention"), now.hit.size
    worried = felt.satisfaction + 0.8 * rng.standard_normal(n) < 6.4
    keen = np.where(worried, 4.0, 1.0) * np.exp(0.1 * (felt.score[:, 2] - 7.6))
    calls = now.here & (rng.random(n) < np.minimum(0.22 * keen, 0.95))
    visits = now.here & (rng.random(n) < np.minimum(0.06 * keen, 0.95))
    now.called += calls + 1.5 * visits
    soothed = worried & (rng.random(n) < 0.15)
    won_on_price = traits.acquired == ON_PRICE
    asked = streams("asks").random(n) < np.where(won_on_price, 0.03, 0.006)
    grant = np.where(now.touched, now.policy.grant, AS_IS.grant)
    granted = asked & (streams("grants").random(n) < grant)
    step = now.here * (0.015 * soothed + 0.01 * granted)
    now.discount = np.minimum(now.discount + step, _MOST_DISCOUNT)
    firm = traits.segment != RETAIL
    return Happened(calls & firm, {"when": rng.random(n)}), Happened(visits & firm, {"when": rng.random(n)})


def offers(streams: Streams, now: Now, traits: Traits, *, law: Law, felt: Felt) -> Happened:
    """Let competitors make offers; the plant sees some and meets a few halfway.

    Parameters
    ----------
    streams, now, traits, felt
        As above; `now.campaign` and `now.discount` are changed in place.
    law : Law
        Says how many offers there are and how readily they are taken.

    Returns
    -------
    Happened
        competitor (code), depth (share of price), seen, matched, taken (the chance that it is), when
        (share of the month).
    """
    rng, n = streams("offers"), now.hit.size
    now.campaign = bool(rng.random() < (0.75 if now.campaign else 0.02))
    u, depth, competitor = rng.random(n), rng.exponential(0.05, n), rng.integers(0, COMPETITORS.size, n)
    seen, meets = rng.random(n) < 0.5, rng.random(n)
    matched = seen & (meets < np.where(now.touched, now.policy.match, AS_IS.match))
    earned = now.discount - traits.discount + felt.cut
    odds = law.offer_odds + 1.9 * (traits.acquired == ON_PRICE) + 18 * (depth - 0.05 - earned)
    odds += 0.25 * (6.8 - felt.score[:, 3]) - law.offer_slope * (felt.satisfaction - 7.5)
    ready = traits.frailty * np.where(matched, 0.4, 1) * np.where(now.again, _LESS_LOYAL, 1)
    taken = np.minimum(_logistic(odds) * ready, 0.95) * ~_stays(now, traits)
    made = now.here & (u < _offer_rate(now, law))
    given = now.discount + 0.5 * depth * (made & matched)
    now.discount = np.where(made & matched, np.minimum(given, _MOST_DISCOUNT), now.discount)
    values = {"competitor": competitor, "depth": depth, "seen": seen, "matched": matched, "taken": taken}
    return Happened(made, values | {"when": rng.random(n)})


def chances(now: Now, traits: Traits, *, law: Law, felt: Felt, offer: Happened) -> Chances:
    """Compute the chances of leaving in this month, given all that has happened so far.

    Parameters
    ----------
    now, traits, law, felt
        As above.
    offer : Happened
        Offers made in this month; before they are made, the chance of one enters.

    Returns
    -------
    Chances
    """
    service = law.service_rate * traits.frailty * np.exp(-law.service_slope * (felt.satisfaction - 7.5))
    service *= np.where(traits.acquired == BY_REFERRAL, 0.82, 1) * np.where(now.again, _LESS_LOYAL, 1)
    loose = (~_stays(now, traits)).astype(np.float64)
    new_manager = (traits.manager == traits.managers) & (now.month >= HANDOVER) & (now.month < HANDOVER + 4)
    personal = 0.0006 * np.exp(law.personal_slope * (7.6 - felt.score[:, 2])) * np.where(new_manager, 8, 1) * loose
    ends = np.where(now.lines, LINE_ENDS, 1).prod(axis=1)
    return Chances(
        need=ends * loose,
        closed=0.0010 * loose,
        personal=1 - np.exp(-personal),
        service=(1 - np.exp(-service)) * loose,
        price=_offer_rate(now, law) * offer.details["taken"],
    )


def profit(now: Now, traits: Traits, *, felt: Felt, failure: Happened, years: float) -> Floats:
    """Compute each client's expected profit of this month.

    Parameters
    ----------
    now, traits, felt
        As above.
    failure : Happened
        Of this month; those told openly cost.
    years : float
        By which it is discounted.

    Returns
    -------
    ndarray of float, (n,)
        EUR at the list prices of 2017.
    """
    volume = traits.size * (365 / 12 / traits.gap) * np.exp(now.walk)
    sales = volume * (1 - now.discount - felt.cut)
    service = now.touched * now.policy.service_cost * sales
    covered = failure.who & failure.details["open"]
    recovery = covered * RECOVERY_COST * failure.details["severity"] * traits.size
    earned: Floats = now.here * (sales - UNIT_COST * volume - service - recovery) * (1 + _INTEREST) ** -years
    return earned


def leave(streams: Streams, now: Now, traits: Traits, *, chances: Chances, offer: Happened) -> Happened:
    """Let clients leave; whose need of every line has ended goes first, who takes an offer last.

    Parameters
    ----------
    streams, now, traits
        As above; who is here, with what need, and why the others left is changed in place.
    chances : Chances
        Of this month.
    offer : Happened
        Offers made in this month.

    Returns
    -------
    Happened
        day and reason.
    """
    n = now.here.size
    ending = now.lines & (streams("lines end").random((n, 3)) < LINE_ENDS) & ~_stays(now, traits)[:, None]
    without = (ending | ~now.lines).all(axis=1) & (chances.need > 0)
    now.ended = ending & ~without[:, None]
    now.lines &= ~now.ended
    draws = streams("leaving").random((4, n))
    causes = (chances.closed, chances.personal, chances.service)
    hits = [without, *(u < chance for u, chance in zip(draws[:3], causes, strict=True))]
    hits.append(offer.who & (draws[3] < offer.details["taken"]))
    reason = np.select(hits, [NEED, CLOSED, PERSONAL, SERVICE, PRICE], 0)
    leaves = now.here & (reason > 0)
    now.reason = np.where(leaves, reason, now.reason)
    now.gone_for = np.where(leaves, 0, now.gone_for + 1)
    now.here &= ~leaves
    return Happened(leaves, {"day": _day(streams, now, "day of leaving"), "reason": reason})


def arrive_or_return(streams: Streams, now: Now, traits: Traits, *, arrives: Bools) -> Happened:
    """Let new clients come and some lost ones come back, by the reason for which they left.

    Parameters
    ----------
    streams, now, traits
        As above; who is here, with what need, is changed in place.
    arrives : ndarray of bool, (n,)
        Whose first month it is.

    Returns
    -------
    Happened
        day.
    """
    chance = _COMES_BACK[now.reason] * np.exp(-0.06 * (now.gone_for - _AWAY_AT_LEAST))
    lost = ~now.here & (now.reason > 0) & (now.gone_for >= _AWAY_AT_LEAST)
    returns = lost & (streams("returns").random(now.here.size) < chance)
    comes = arrives | returns
    day = np.where(arrives, traits.start, _day(streams, now, "day of return"))
    now.again |= returns
    now.here |= comes
    bare = arrives | (returns & ~now.lines.any(axis=1))
    now.lines[bare] = traits.main[bare, None] == np.arange(3)
    return Happened(comes, {"day": day})


def change_lines(streams: Streams, now: Now, traits: Traits) -> None:
    """Let clients take up lines beside the ones they buy.

    Parameters
    ----------
    streams, now, traits
        As above; the need of lines is changed in place.
    """
    u = streams("lines begin").random(now.lines.shape)
    may = traits.wants & (now.month >= LAUNCH) & now.here[:, None] & ~now.ended
    now.lines |= may & (u < _LINE_BEGINS)


def _offer_rate(now: Now, law: Law) -> float:
    """Give the chance of an offer in this month; campaigns treble it."""
    return law.offer_rate * (3 if now.campaign else 1)


def _stays(now: Now, traits: Traits) -> Bools:
    """Mark who does not leave this month, whatever happens: planted clients within the records, the counter ever."""
    return (traits.settled & (now.month < END)) | (traits.segment == RETAIL)


def _day(streams: Streams, now: Now, purpose: str) -> Ints:
    """Draw a day of this month for each client."""
    day: Ints = FIRST[now.month] + streams(purpose).integers(0, 28, now.here.size)
    return day


def _logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))
