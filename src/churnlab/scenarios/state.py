"""What is given for a block of rows, and where its clients stand: arrays over arms, rows and slots.

Slots are today's clients first, then prospects. Perceptions, loyalty and hazards are single precision; money is double.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from churnlab.scenarios.book import Book
from churnlab.scenarios.parameters import AssumptionDraws
from churnlab.scenarios.policies import Policy
from churnlab.scenarios.streams import Streams

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

PERCEPTIONS: Final = ("quality", "timing", "attention")
REASONS: Final = ("exogenous", "personal", "service", "price")
"""Ways out, in the order in which they are tried."""

FAIR: Final = np.float32(7.0)
"""Satisfaction above which loyalty grows, points."""

MOST_POINTS: Final = np.float32(10.0)

PATTERN_MONTHS: Final = 6
"""A failure passed over so soon after another is a pattern."""

_LEVERS: Final = tuple(name for name in Policy.__dataclass_fields__ if name != "name")
_ROOM: Final = ("served", "priced", "satisfaction", "above", "moved", "bar", "part")
_CLIENTS_A_MANAGER: Final = 50


@dataclass(frozen=True, slots=True)
class Given:
    """What does not change while a block runs: K arms, R rows, I slots, of which N are today's clients.

    Attributes
    ----------
    assumed : dict of str to ndarray, shape (R, 1)
        Assumptions.
    money : dict of str to ndarray of float64, shape (R,)
        The same, in double precision.
    lever : dict of str to ndarray, shape (K, 1, 1)
        Levers of the policies; the first arm is what effects of policies are told against.
    clients, slots, managers : int
        N, I and how many managers there are.
    level : ndarray, shape (R, I)
        Log hazard of leaving over service at tenure 0, were all points 0.
    service_slope, price_slope : ndarray, shape (R, 1)
        What a point lost adds to it.
    tenure_slope : ndarray, shape (R, 1)
        What log(1 + months of tenure) adds to it.
    points : ndarray, shape (R, I)
        Today's level of quality, timing and attention.
    exogenous, offers : ndarray, shape (R, I)
        Cumulative hazard of exogenous exits, and offers a month.
    size : ndarray of float64, shape (R, I)
        Sales a month today, money; what prospects would buy.
    manager, line : ndarray of int, shape (R, I)
        Whose client it is, and which line it buys.
    load : ndarray, shape (R, I)
        What a client takes of its manager, in usual clients.
    tenure : ndarray, shape (R, I)
        Months of tenure today; 0 for prospects.
    terms : ndarray, shape (R, I)
        Uniforms that tell which newcomers want a discount.
    """

    assumed: dict[str, Singles]
    money: dict[str, Floats]
    lever: dict[str, Singles]
    clients: int
    slots: int
    managers: int
    level: Singles
    service_slope: Singles
    price_slope: Singles
    tenure_slope: Singles
    points: Singles
    exogenous: Singles
    offers: Singles
    size: Floats
    manager: Ints
    line: Ints
    load: Singles
    tenure: Singles
    terms: Singles

    @property
    def shape(self) -> tuple[int, int, int]:
        """Arms, rows and slots."""
        return (len(self.lever["grant"]), *self.points.shape)

    @property
    def points_of_price(self) -> Singles:
        """Price points felt per unit of price, shape (R, 1)."""
        return 100 * self.assumed["price_points"]

    def at(self, name: str, rows: Ints) -> Singles:
        """An assumption of given rows, shape (n,)."""
        return self.assumed[name].ravel().take(rows)


@dataclass(slots=True)
class State:
    """Where clients stand; arrays of shape (K, R, I) unless told otherwise.

    Attributes
    ----------
    perception : list of ndarray
        Quality, timing and attention, points.
    drive : list of ndarray
        What pulls each of them a month: memory times its target.
    steady : ndarray
        The same of attention, were managers' time as today.
    loyalty, discount, own : ndarray
        Loyalty stock and own discount, shares of price; own part of the log hazard.
    vigilant, active, promoter, gone, told : ndarray of bool
        Vigilance; client; promoter as of the last survey; lost for good; told of a failure openly this month.
    last_silence : ndarray of int16
        Month of the last failure that was passed over.
    lost_in, lost_to : ndarray of int16, int8
        Month and reason of the last loss; reason -1 before any.
    since : ndarray
        Month in which tenure began.
    brought_by : ndarray of int16
        Slot of the referrer, -1 without one.
    fixed : ndarray
        Own part of the log hazard without the referrer's.
    volume, net : ndarray of float64
        What clients buy a month at today's list price, and after their own discount; 0 for others.
    wallet : ndarray of float64
        Volume when active.
    need : ndarray, shape (K, R, managers)
        Load of each manager.
    index, rise, unit_cost : ndarray of float64, shape (K, R)
        List price, today 1; its last relative rise; purchase cost of what sells for 1 today.
    entered, turned_away, remaining : ndarray of int, shape (K, R)
        Prospects who became clients, who found no slot, and today's clients who never left.
    praise, complaint : ndarray, shape (K, R)
        Shares of promoters and detractors among clients, as of the last survey.
    referred : ndarray of int
        Flat places in (K, R, I) of those who were referred.
    buyers, lost_for_good : ndarray of int, shape (K, R)
        How many are active and gone.
    room : dict of str to ndarray
        Arrays of a month's making, kept from month to month: memory is touched once, which is most of its cost.
    granted : list of tuple
        Slots and sizes of the cuts granted last month.
    """

    perception: list[Singles]
    drive: list[Singles]
    steady: Singles
    loyalty: Singles
    discount: Singles
    own: Singles
    vigilant: Bools
    active: Bools
    promoter: Bools
    gone: Bools
    told: Bools
    last_silence: npt.NDArray[np.int16]
    lost_in: npt.NDArray[np.int16]
    lost_to: npt.NDArray[np.int8]
    since: Singles
    brought_by: npt.NDArray[np.int16]
    fixed: Singles
    volume: Floats
    net: Floats
    wallet: Floats
    need: Singles
    index: Floats
    rise: Floats
    unit_cost: Floats
    entered: Ints
    turned_away: Ints
    remaining: Ints
    praise: Floats
    complaint: Floats
    referred: Ints
    buyers: Ints
    lost_for_good: Ints
    room: dict[str, Singles]
    granted: list[tuple[Ints, Singles]]


def given_for(
    book: Book, assumed: AssumptionDraws, arms: Sequence[Policy], *, prospects: int, streams: Streams, rows: slice
) -> Given:
    """Lay out what is given for a block.

    Parameters
    ----------
    book : Book
        Today's clients.
    assumed : AssumptionDraws
        One set a row.
    arms : sequence of Policy
        The first is what effects of policies are told against.
    prospects : int
        Slots for clients to come.
    streams : Streams
        Random numbers of the block.
    rows : slice
        Rows of the block.

    Returns
    -------
    Given
    """
    part, drawn = book.take(rows), assumed.take(rows)
    columns = {name: values[:, None].astype(np.float32) for name, values in drawn.values.items()}
    count, clients = part.predictor.shape
    like = (streams.uniform("prospects", prospects) * clients).astype(np.intp)  # each is like one of today's clients
    slots = np.concatenate((np.broadcast_to(np.arange(clients), (count, clients)), like), axis=1)
    newcomer = np.arange(slots.shape[1]) >= clients
    managers = book.manager if book.manager is not None else np.arange(clients) % -(-clients // _CLIENTS_A_MANAGER)
    keys = np.zeros(clients, dtype=np.bool_) if book.key is None else book.key
    lines = np.zeros(clients, dtype=np.intp) if book.line is None else book.line
    predictor = np.take_along_axis(part.predictor, slots, axis=1)
    points = np.take_along_axis(_points(book, columns), slots, axis=1)
    gap = 100 * columns["price_points"] * (1 - 1 / columns["reference_price"])
    exposure = np.take_along_axis(_exposure(part), slots, axis=1).astype(np.float32)
    return Given(
        assumed=columns,
        money=drawn.values,
        lever={
            name: np.array([getattr(arm, name) for arm in arms], dtype=np.float32)[:, None, None] for name in _LEVERS
        },
        clients=clients,
        slots=slots.shape[1],
        managers=int(managers.max()) + 1,
        level=(predictor - part.service_effect[:, None] * points - part.price_effect[:, None] * gap).astype(np.float32),
        service_slope=-part.service_effect[:, None].astype(np.float32),
        price_slope=-part.price_effect[:, None].astype(np.float32),
        tenure_slope=part.tenure_effect[:, None].astype(np.float32),
        points=points,
        exogenous=(-np.log1p(-columns["exogenous_hazard"]) * exposure).astype(np.float32),
        offers=(columns["offers_per_year"] / 12 * exposure).astype(np.float32),
        size=np.where(newcomer, drawn["newcomer_size"][:, None] * book.monthly_sales[slots], book.monthly_sales[slots]),
        manager=managers[slots],
        line=lines[slots],
        load=np.where(keys[slots] & ~newcomer, columns["key_load"] * columns["manager_capacity"], np.float32(1)),
        tenure=np.where(newcomer, 0, book.tenure_months[slots]).astype(np.float32),
        terms=streams.uniform("terms", slots.shape[1]),
    )


def _points(book: Book, assumed: dict[str, Singles]) -> Singles:
    """Today's satisfaction of each client, shape (rows, clients)."""
    if book.satisfaction is None:
        weighted = np.sum([assumed[f"weight_{part}"] * assumed[f"start_{part}"] for part in PERCEPTIONS], axis=0)
        return np.broadcast_to(weighted, (len(weighted), book.clients))
    return np.broadcast_to(book.satisfaction.astype(np.float32), (len(assumed["margin"]), book.clients))


def _exposure(book: Book) -> Floats:
    """How much each client is exposed to each way out, mean 1: as the whole hazard says, where it is whole."""
    if not book.whole:
        return np.ones(book.predictor.shape)
    log_hazard = book.predictor + book.tenure_effect[:, None] * np.log1p(book.tenure_months)
    relative = np.exp(log_hazard - log_hazard.max(axis=1, keepdims=True))
    return relative / relative.mean(axis=1, keepdims=True)


def opening(given: Given, streams: Streams, *, shift: Singles | None = None) -> State:
    """Clients as they stand today: each about its own level, loyalty and vigilance where they would settle there.

    Parameters
    ----------
    given : Given
        What is given for the block.
    streams : Streams
        Random numbers of the block.
    shift : ndarray, shape (K, 1, 1), optional
        Points by which an arm's clients have always been more satisfied.

    Returns
    -------
    State
    """
    p, shape = given.assumed, given.shape
    moved = np.zeros((shape[0], 1, 1), dtype=np.float32) if shift is None else shift
    memory, sigma = p["perception_memory"], p["perception_noise"]
    settled = sigma / np.sqrt(1 - (1 - memory) ** 2)
    levels = np.clip(given.points + moved, 0, 10)
    perception = [
        np.clip(levels + settled * streams.normal(f"start {part}", given.slots), 0, 10).astype(np.float32)
        for part in PERCEPTIONS
    ]
    spread = settled * np.sqrt(np.sum([p[f"weight_{part}"] ** 2 for part in PERCEPTIONS], axis=0))
    above = excess(levels - FAIR + given.points_of_price * (1 - 1 / p["reference_price"]), spread)
    on, off = p["vigilance_on"], p["vigilance_off"] + p["vigilance_off_by_point"] * above
    loyalty = np.minimum(p["loyalty_gain"] * above / p["loyalty_fading"], p["loyalty_most"])
    active = np.broadcast_to(np.arange(given.slots) < given.clients, shape).copy()
    volume = np.where(active, given.size, 0.0)
    need = np.zeros((*shape[:2], given.managers), dtype=np.float32)
    rows = np.arange(shape[1])[:, None]
    for arm in need:
        np.add.at(arm, (rows, given.manager[:, : given.clients]), given.load[:, : given.clients])
    nothing = np.zeros(shape, dtype=np.float32)
    state = State(
        perception=perception,
        drive=[np.empty(shape, dtype=np.float32) for _ in PERCEPTIONS],
        steady=nothing.copy(),
        loyalty=np.broadcast_to(loyalty, shape).astype(np.float32),
        discount=nothing.copy(),
        own=nothing.copy(),
        vigilant=np.broadcast_to(streams.uniform("start vigilant", given.slots) < on / (on + off), shape).copy(),
        active=active,
        promoter=np.zeros(shape, dtype=np.bool_),
        gone=np.zeros(shape, dtype=np.bool_),
        told=np.zeros(shape, dtype=np.bool_),
        last_silence=np.full(shape, -100, dtype=np.int16),
        lost_in=np.zeros(shape, dtype=np.int16),
        lost_to=np.full(shape, -1, dtype=np.int8),
        since=np.broadcast_to(-given.tenure, shape).copy(),
        brought_by=np.full(shape, -1, dtype=np.int16),
        fixed=nothing.copy(),
        volume=volume,
        net=volume.copy(),
        wallet=np.broadcast_to(given.size, shape).copy(),
        need=need,
        index=np.ones(shape[:2]),
        rise=np.zeros(shape[:2]),
        unit_cost=np.broadcast_to(1 - given.assumed["margin"].astype(np.float64)[:, 0], shape[:2]).copy(),
        entered=np.zeros(shape[:2], dtype=np.intp),
        turned_away=np.zeros(shape[:2], dtype=np.intp),
        remaining=np.full(shape[:2], given.clients, dtype=np.intp),
        praise=np.zeros(shape[:2]),
        complaint=np.zeros(shape[:2]),
        referred=np.empty(0, dtype=np.intp),
        buyers=np.full(shape[:2], given.clients, dtype=np.intp),
        lost_for_good=np.zeros(shape[:2], dtype=np.intp),
        room={name: np.empty(shape, dtype=np.float32) for name in _ROOM},
        granted=[],
    )
    _set_drive(state, given, levels)
    return state


def excess(mean: npt.NDArray[np.floating], spread: npt.NDArray[np.floating]) -> Singles:
    """Mean of what a normal variable exceeds 0 by."""
    standard = mean / np.maximum(spread, 1e-6)
    density = np.exp(-0.5 * standard**2) / np.sqrt(2 * np.pi)
    return (mean * ndtr(standard) + spread * density).astype(np.float32)


def _set_drive(state: State, given: Given, levels: Singles) -> None:
    """Targets of the perceptions: today's level, what policies add, and what failures take back on the average."""
    p, lever = given.assumed, given.lever
    memory = p["perception_memory"]
    gained = lever["service_points"] * p["service_reach"]
    # today's level has today's failures in it: the target lies above it by what they take
    told, rate = lever["recovery"][0], p["failures"] * lever["failures"][0]
    again = 1 - (1 - rate * (1 - told)) ** PATTERN_MONTHS
    silent = (1 - told) * (1 + (p["failure_pattern"] - 1) * again)
    taken = rate * p["failure_hit"] * (told * (1 - p["recovery_share"]) + silent)
    for place, part in enumerate(PERCEPTIONS):
        state.drive[place][:] = memory * (levels + gained) + (taken if part == "timing" else 0)
    state.steady[:] = state.drive[2]
