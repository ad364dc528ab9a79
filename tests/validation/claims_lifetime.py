"""Claims about lifetimes: intervals cover with late entry, censoring, frailty and returns; tests err rarely.

Books of lives are drawn straight from a law: a client's hazard is constant but for a factor of its own, so that the
hazard of those who remain falls. What the intervals are to cover is what a book of a million clients shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd
from scipy.special import expit
from validation_frame import Claim, Measurement

from churnlab.history import departures, lifetimes
from churnlab.lifetime import (
    Estimate,
    HazardTable,
    a_calibration,
    concordance,
    cumulative_incidence,
    hazard_by_tenure,
    hazard_table,
    integrated_brier,
    kaplan_meier,
    log_rank,
    median_lifetime,
    restricted_mean,
    restricted_mean_difference,
    survival_at,
    time_dependent_auc,
)
from churnlab.tables.plant import make_plant

RECORDS = 108
BEFORE = 60
HAZARD = 0.02
LARGE = 1_000_000
REASONS = (0.5, 0.3, 0.2)
TENURES = (6, 24, 48)
NEXT = 24
FIRST_YEAR = 12


@dataclass(frozen=True, slots=True)
class Book:
    """Lives as records show them."""

    client: np.ndarray
    entry: np.ndarray
    exit: np.ndarray
    event: np.ndarray
    reason: np.ndarray

    @property
    def table(self) -> HazardTable:
        """The count, over clients."""
        return hazard_table(self.entry, self.exit, self.event, client=self.client)


def book(rng: np.random.Generator, clients: int, *, hazard: float | np.ndarray = HAZARD) -> Book:
    """Draw clients who come in over fourteen years, of whom the records show the last nine; two in five come back."""
    factor = np.exp(0.6 * rng.normal(size=clients) - 0.18)
    start = rng.integers(-BEFORE, RECORDS, clients)
    first = _lasting(rng, hazard * factor)
    gap = rng.integers(6, 19, clients)
    again = np.where(rng.random(clients) < 0.4, start + first + gap, RECORDS)
    second = _lasting(rng, hazard * factor)
    reason = rng.choice(len(REASONS), size=(2, clients), p=REASONS) + 1
    begins, lasts = np.concatenate((start, again)), np.concatenate((first, second))
    entry, watched = np.maximum(-begins, 0), RECORDS - begins
    leave, event = np.minimum(lasts, watched), lasts <= watched
    seen = leave > entry
    why = np.where(event, reason.ravel(), 0)
    client = np.tile(np.arange(clients), 2)
    return Book(client[seen], entry[seen], leave[seen], event[seen], why[seen])


def _lasting(rng: np.random.Generator, hazard: np.ndarray) -> np.ndarray:
    return np.ceil(rng.exponential(size=len(hazard)) / hazard).astype(np.int64).clip(1, 100_000)


@cache
def large(hazard: float = HAZARD) -> tuple[np.ndarray, np.ndarray]:
    """Hazards by month in a book so large that chance does not show, and shares leaving by reason."""
    found = book(np.random.default_rng(0), LARGE, hazard=hazard)
    table = hazard_table(found.entry, found.exit, found.event)
    gone = [np.bincount(found.exit[found.reason == one], minlength=200)[1:121] for one in (1, 2, 3)]
    return table.hazard[:120], np.array(gone) / table.at_risk[:120]


def covered(found: Estimate, truth: float) -> bool:
    """Tell whether an interval holds the truth, ends among it."""
    return bool(found.low - 1e-9 <= truth <= found.high + 1e-9)


def true_mean(start: int, horizon: int, hazard: float = HAZARD) -> float:
    """Mean months stayed within a horizon."""
    staying = np.cumprod(1 - large(hazard)[0][start : start + horizon])
    return float(1 + staying[:-1].sum())


def _survival(seed: int, *, month: int) -> bool:
    curve = kaplan_meier(book(np.random.default_rng([71, seed]), 150).table)
    return covered(survival_at(curve, [month])[0], float(np.prod(1 - large()[0][:month])))


def _mean(seed: int) -> bool:
    found = restricted_mean(book(np.random.default_rng([72, seed]), 150).table, horizon=60)
    return covered(found, true_mean(0, 60))


def _remaining(seed: int) -> bool:
    reached = TENURES[seed % 3]
    found = restricted_mean(book(np.random.default_rng([73, seed]), 200).table, start=reached, horizon=NEXT)
    return covered(found, true_mean(reached, NEXT))


def _difference(seed: int) -> bool:
    rng = np.random.default_rng([74, seed])
    one, other = book(rng, 150, hazard=0.5 * HAZARD), book(rng, 150, hazard=HAZARD)
    found = restricted_mean_difference(one.table, other.table, horizon=48)
    return covered(found, true_mean(0, 48, 0.5 * HAZARD) - true_mean(0, 48))


def _reason(seed: int) -> bool:
    drawn, place = book(np.random.default_rng([75, seed]), 150), seed % 3
    found = cumulative_incidence(drawn.entry, drawn.exit, drawn.reason, reasons=3, client=drawn.client)
    hazard, by_reason = large()
    staying = np.concatenate(([1.0], np.cumprod(1 - hazard)[:35]))
    low, high = (ends[place, 36 - found.start - 1] for ends in (found.low, found.high))
    return covered(Estimate(0.0, low, high), float((staying * by_reason[place, :36]).sum()))


def _median(seed: int) -> bool:
    found = median_lifetime(kaplan_meier(book(np.random.default_rng([76, seed]), 200).table))
    truth = int(np.argmax(np.cumprod(1 - large()[0]) <= 0.5)) + 1
    return found.low <= truth and not found.high < truth


def _band(seed: int) -> bool:
    found = hazard_by_tenure(book(np.random.default_rng([77, seed]), 150).table, [12, 24, 36, 48])
    place = seed % 4
    truth = large()[0][12 * place : 12 * place + 12].mean()
    return covered(Estimate(found.hazard[place], found.low[place], found.high[place]), float(truth))


def grouped(seed: int, *, factors: tuple[float, ...], clients: int) -> float:
    """p-value of the log-rank test between groups of different clients."""
    rng = np.random.default_rng([78, seed])
    group = np.resize(np.arange(len(factors)), clients)
    drawn = book(rng, clients, hazard=HAZARD * np.array(factors)[group])
    return log_rank(drawn.entry, drawn.exit, drawn.event, group[drawn.client], client=drawn.client).p_value


def by_line(seed: int, *, factors: tuple[float, ...], clients: int) -> float:
    """p-value of the log-rank test between lines that clients buy side by side, and leave alike."""
    rng = np.random.default_rng([79, seed])
    own = np.exp(0.8 * rng.normal(size=clients) - 0.32)
    parts = [book(rng, clients, hazard=HAZARD * factor * own) for factor in factors]
    entry, leave, event, client = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("entry", "exit", "event", "client")
    )
    line = np.repeat(np.arange(len(parts)), [len(part.exit) for part in parts])
    return log_rank(entry, leave, event, line, client=client).p_value


def _told_apart(seed: int, *, test: Callable[..., float], factors: tuple[float, ...], clients: int) -> bool:
    return test(seed, factors=factors, clients=clients) < 0.05


def followed(rng: np.random.Generator, forecasts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw forecasts that are right (monthly hazards), the months for which they were followed, and who left."""
    hazard = expit(-3.6 + 0.9 * rng.normal(size=forecasts))
    left = rng.geometric(hazard)
    end = rng.integers(3, 25, forecasts)
    return hazard, np.minimum(left, end), left <= end


def _calibration(seed: int, *, factor: float, forecasts: int = 300) -> bool:
    hazard, time, event = followed(np.random.default_rng([80, seed]), forecasts)
    told = 1 - (1 - hazard) ** factor
    forecast = (1 - told[:, None]) ** np.arange(1, 25)
    return bool(a_calibration(time, event, forecast).p_value < 0.05)


@dataclass(frozen=True, slots=True)
class Judged:
    """How good forecasts are in truth, or were in a sample."""

    skill: Estimate
    auc: Estimate
    concordance: Estimate


def judged(rng: np.random.Generator, forecasts: int) -> Judged:
    """Judge forecasts by a noisy score."""
    hazard, time, event = followed(rng, forecasts)
    told = expit(np.log(hazard / (1 - hazard)) + 0.5 * rng.normal(size=forecasts))
    months = np.arange(1, 19)
    found = integrated_brier(time, event, (1 - told[:, None]) ** months, months=months)
    area = time_dependent_auc(time, event, told, months=[12])[0]
    return Judged(found.skill, area, concordance(time, event, told, horizon=12))


@cache
def judged_truly() -> Judged:
    """Judge so many forecasts that chance does not show."""
    return judged(np.random.default_rng(0), 400_000)


def _judged(seed: int, *, name: str) -> bool:
    found, truth = judged(np.random.default_rng([81, seed]), 300), judged_truly()
    return covered(getattr(found, name), getattr(truth, name).value)


def _naively(seed: int, *, clients: int = 300) -> tuple[Estimate, Estimate, float]:
    """Mean months of sixty: by this package, as if all had been watched from the start, and of ended lives."""
    drawn = book(np.random.default_rng([82, seed]), clients)
    ours = restricted_mean(drawn.table, horizon=60)
    nobody_late = hazard_table(np.zeros_like(drawn.entry), drawn.exit, drawn.event, client=drawn.client)
    ended = float(np.minimum(drawn.exit[drawn.event], 60).mean())
    return ours, restricted_mean(nobody_late, horizon=60), ended


def _naive_misses(seed: int) -> bool:
    return not covered(_naively(seed, clients=800)[1], true_mean(0, 60))


def _naive_means(seed: int) -> dict[str, float]:
    ours, nobody_late, ended = _naively(seed)
    truth = true_mean(0, 60)
    return {
        "truth": truth,
        "ours": ours.value,
        "ours covers": float(covered(ours, truth)),
        "without late entry": nobody_late.value,
        "without late entry covers": float(covered(nobody_late, truth)),
        "mean of ended lives": ended,
    }


def plant_means(seed: int, *, law: str) -> dict[str, float]:
    """Mean months that regulars stay of sixty: in truth, with leaving known, and with silence for leaving."""
    plant = make_plant(law=law, seed=seed)
    dated = plant.tables["orders"].assign(order_date=pd.to_datetime(plant.tables["orders"]["order_date"]))
    orders, clients, left = (_plain(frame) for frame in (dated, plant.tables["clients"], plant.truth["departures"]))
    truth = _plant_truth(_plain(plant.truth["satisfaction"]), clients)
    lives = departures(orders, as_of=orders["order_date"].max() + pd.Timedelta(days=1))
    by_silence = _regulars(lifetimes(lives, clients=clients, entry_after_months=FIRST_YEAR))
    known = _regulars(_true_lives(clients, left, begin=lives.records_start, end=lives.as_of))
    return {
        "truth": truth,
        "leaving known": known.value,
        "leaving known covers": float(covered(known, truth)),
        "leaving by silence": by_silence.value,
        "leaving by silence covers": float(covered(by_silence, truth)),
    }


def _regulars(seen: pd.DataFrame) -> Estimate:
    table = hazard_table(seen["entry"], seen["exit"], seen["event"], client=seen["client_id"])
    return restricted_mean(table, start=FIRST_YEAR, horizon=60)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Ids as text and days as such."""
    days = frame.columns.intersection(["start_date", "left_on", "returned_on"])
    ready = {name: pd.to_datetime(frame[name]) for name in days}
    return frame.assign(client_id=frame["client_id"].astype(str), **ready)


def _true_lives(clients: pd.DataFrame, left: pd.DataFrame, *, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Lives of regulars by their true ends, on the scale of tenure."""
    first = clients[["client_id", "start_date"]].rename(columns={"start_date": "start"})
    again = left.dropna(subset="returned_on")[["client_id", "returned_on"]].rename(columns={"returned_on": "start"})
    lives = pd.concat([first, again]).sort_values(["client_id", "start"], ignore_index=True)
    ends = left[["client_id", "left_on"]].sort_values("left_on")
    lives = pd.merge_asof(
        lives.sort_values("start"), ends, left_on="start", right_on="left_on", by="client_id", direction="forward"
    )
    lives["event"] = lives["left_on"].notna()
    month = pd.Timedelta(days=30.4375)
    watched = np.ceil((begin - lives["start"]) / month).clip(lower=FIRST_YEAR)
    until = (lives["left_on"] - lives["start"]) // month + 1
    whole = (end - lives["start"]) // month
    lives["event"] &= until <= whole
    seen = lives.assign(entry=watched.astype(int), exit=until.where(lives["event"], whole).astype(int))
    return seen[seen["exit"] > seen["entry"]]


def _plant_truth(monthly: pd.DataFrame, clients: pd.DataFrame) -> float:
    """Mean months stayed of sixty by the true chances of those who were there at each month of tenure."""
    start = monthly["client_id"].map(clients.set_index("client_id")["start_date"])
    months = (pd.to_datetime(monthly["month"].astype(str)) - start).dt.days // 30.4375 - FIRST_YEAR
    chance = monthly["hazard"].groupby(months).mean().loc[0:59]
    return float((1 - chance).cumprod().shift(fill_value=1.0).sum())


_COUNTED = ("churnlab.lifetime.counting",)
_SURVIVAL = ("churnlab.lifetime.survival",)
_MEAN = ("churnlab.lifetime.restricted",)
_DRAWN = (
    "clients who come in over fourteen years, nine of them on record, with factors of their own on a hazard of 2 % a "
    "month; two in five who leave come back"
)

CLAIMS = (
    *(
        Claim(
            f"The interval of survival to month {month} covers it.",
            f"150 {_DRAWN}.",
            "coverage",
            0.95,
            partial(_survival, month=month),
            _SURVIVAL,
        )
        for month in (12, 36, 60)
    ),
    Claim(
        "The interval of the restricted mean lifetime covers it.",
        "The same clients: mean months stayed of the first sixty.",
        "coverage",
        0.95,
        _mean,
        _MEAN,
    ),
    Claim(
        "The interval of remaining lifetime covers it.",
        "200 such clients: mean months stayed of the next 24, at a tenure of 6, 24 and 48 months in turn.",
        "coverage",
        0.95,
        _remaining,
        _MEAN,
    ),
    Claim(
        "Without late entry the interval of the restricted mean misses.",
        "800 such clients, counted as if all had been watched from their start: the interval does not hold the truth.",
        "power",
        0.9,
        _naive_misses,
        _MEAN,
    ),
    Claim(
        "The interval of the difference between two restricted means covers it.",
        "Two groups of 150 such clients, one with half the hazard: months stayed of 48.",
        "coverage",
        0.95,
        _difference,
        _MEAN,
    ),
    Claim(
        "The interval of the share lost for a reason covers it.",
        "150 such clients, three reasons (50, 30 and 20 %) in turn, at month 36.",
        "coverage",
        0.95,
        _reason,
        ("churnlab.lifetime.reasons",),
    ),
    Claim(
        "The interval of the median lifetime covers it.",
        "200 such clients; an end that the curve does not reach is none.",
        "coverage",
        0.95,
        _median,
        _SURVIVAL,
    ),
    Claim(
        "The interval of the hazard in a year of tenure covers it.",
        "150 such clients, the first four years in turn.",
        "coverage",
        0.95,
        _band,
        ("churnlab.lifetime.tenure",),
    ),
    Claim(
        "Groups are not said to stay differently where they do not.",
        "Three groups of 50 such clients each, one law: log-rank over clients.",
        "size",
        0.05,
        partial(_told_apart, test=grouped, factors=(1.0, 1.0, 1.0), clients=150),
        ("churnlab.lifetime.groups",),
    ),
    Claim(
        "Groups are said to stay differently where they do.",
        "Two groups of 100 such clients each, one with twice the hazard of the other.",
        "power",
        0.9,
        partial(_told_apart, test=grouped, factors=(1.0, 2.0), clients=200),
        ("churnlab.lifetime.groups",),
    ),
    Claim(
        "Lines are not said to keep clients differently where they do not.",
        "100 clients who buy three lines side by side and leave each at a hazard of their own, alike in all.",
        "size",
        0.05,
        partial(_told_apart, test=by_line, factors=(1.0, 1.0, 1.0), clients=100),
        ("churnlab.lifetime.groups",),
    ),
    Claim(
        "Lines are said to keep clients differently where they do.",
        "100 clients who buy two lines side by side and leave one of them at twice the hazard.",
        "power",
        0.75,
        partial(_told_apart, test=by_line, factors=(1.0, 2.0), clients=100),
        ("churnlab.lifetime.groups",),
    ),
    Claim(
        "Right forecasts are not called wrong.",
        "300 forecasts with hazards of their own, right, followed for 3 to 24 months: A-calibration.",
        "size",
        0.05,
        partial(_calibration, factor=1.0),
        ("churnlab.lifetime.calibration",),
    ),
    Claim(
        "Forecasts of half the hazard are called wrong.",
        "The same clients, half the summed hazard forecast.",
        "power",
        0.9,
        partial(_calibration, factor=0.5),
        ("churnlab.lifetime.calibration",),
    ),
    *(
        Claim(
            f"The interval of {told} covers it.",
            "300 forecasts by a noisy score, followed for 3 to 24 months.",
            "coverage",
            0.95,
            partial(_judged, name=name),
            (f"churnlab.lifetime.{module}",),
        )
        for name, told, module in (
            ("skill", "the skill of forecast survival", "brier"),
            ("auc", "the area under the curve at 12 months", "ranking"),
            ("concordance", "Uno's C within 12 months", "ranking"),
        )
    ),
)

_PLANT = ("churnlab.tables.plant", "churnlab.history.departures", *_MEAN)
MEASUREMENTS = (
    Measurement(
        "Lifetimes without late entry, and of those who have left.",
        f"300 {_DRAWN}: mean months stayed of the first sixty, by this package, as if all had been watched from their "
        "start, and of lives that have ended.",
        _naive_means,
        _MEAN,
    ),
    *(
        Measurement(
            f"Months that regulars of a plant stay of sixty, law {law}.",
            "The truth by the chances of those who were there at each month of tenure, and intervals that hold it: "
            "with the days of leaving known, and with a silence by the client's own rhythm for leaving.",
            partial(plant_means, law=law),
            _PLANT,
            runs=100,
        )
        for law in ("service", "poisson")
    ),
)
