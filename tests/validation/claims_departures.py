"""Claims about rules of leaving: own rhythm against fixed days, on plants whose true departures are known."""

from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.history import FixedDays, OwnRhythm, Rule
from churnlab.history.purchases import PurchaseDays, read_purchases
from churnlab.history.reduction import to_days
from churnlab.history.rhythm import rhythm
from churnlab.tables.plant import LAWS, make_plant

FALSE_A_YEAR = 0.05
FIXED = range(40, 800, 5)
MULTIPLES = np.arange(1.5, 20.0, 0.25)
NOTICED_WITHIN = 180
LONGEST = 365
_NEVER = 1 << 21


@dataclass(frozen=True, slots=True)
class Truth:
    """A plant's days of purchase, and the day on which each client first truly left."""

    bought: PurchaseDays
    gone: np.ndarray
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule makes of a plant: false alarms a client-year, mean delay in days, share noticed in time."""

    false_a_year: float
    delay: float
    noticed: float


def truth_of(law: str, seed: int) -> Truth:
    """Make a plant and take its first departures."""
    plant = make_plant(law=law, seed=seed)
    merges = plant.tables["merges"]
    present = dict(zip(merges["old_id"], merges["new_id"], strict=True))
    orders, left = (
        frame.assign(client_id=frame["client_id"].replace(present))
        for frame in (plant.tables["orders"], plant.truth["departures"])
    )
    bought = read_purchases(orders.assign(order_date=pd.to_datetime(orders["order_date"])))
    first = pd.to_datetime(left["left_on"]).groupby(left["client_id"]).min()
    day = bought.units["client_id"].map(first)
    gone = np.full(len(day), _NEVER)
    gone[day.notna().to_numpy()] = to_days(day.dropna())
    return Truth(bought, gone, int(bought.day.max()) + 1)


def judge(truth: Truth, rule: Rule) -> Found:
    """Hold a rule against the truth; departures of the last year do not count, for nobody could have noticed them."""
    bought, gone = truth.bought, truth.gone[truth.bought.unit]
    limit = rhythm(bought, rule=rule).limit
    last = np.append(bought.is_first[1:], [True])
    following = np.where(last, truth.end, np.append(bought.day[1:], 0))
    told = bought.day + limit
    alarm = following > told
    false = alarm & (told < gone)
    watched = np.minimum(np.minimum(following, told), gone).clip(bought.day) - bought.day
    delay = pd.Series((told - gone)[alarm & ~false]).groupby(bought.unit[alarm & ~false]).min()
    delay = delay.reindex(np.flatnonzero(truth.gone < truth.end - LONGEST)).fillna(LONGEST).clip(upper=LONGEST)
    rate = float(false.sum() / (watched.sum() / 365.25))
    return Found(rate, float(delay.mean()), float((delay <= NOTICED_WITHIN).mean()))


def quickest(truth: Truth, rules: list[Rule], *, false_a_year: float) -> tuple[Rule, Found]:
    """Take the first rule that is wrong rarely enough; the last one where none is."""
    for rule in rules:
        found = judge(truth, rule)
        if found.false_a_year <= false_a_year:
            break
    return rule, found


@cache
def compared(law: str, seed: int) -> tuple[Found, Found]:
    """Judge own rhythm and fixed days on a plant, at one rate of false alarms.

    The ceiling of own rhythm is the number of fixed days at half that rate: a client that orders seldom is not given
    more time than that.
    """
    truth = truth_of(law, seed)
    days: list[Rule] = [FixedDays(days=days) for days in FIXED]
    fixed = quickest(truth, days, false_a_year=FALSE_A_YEAR)[1]
    ceiling = quickest(truth, days, false_a_year=FALSE_A_YEAR / 2)[0]
    assert isinstance(ceiling, FixedDays)
    base = OwnRhythm(floor_days=30, ceiling_days=ceiling.days)
    own = [replace(base, multiple=float(multiple)) for multiple in MULTIPLES]
    return quickest(truth, list(own), false_a_year=FALSE_A_YEAR)[1], fixed


_MODULES = ("churnlab.tables.plant", "churnlab.history.rhythm", "churnlab.history.purchases")
_REGULAR = tuple(law for law in LAWS if law != "poisson")


def _own_is_quicker(seed: int) -> bool:
    own, fixed = compared(_REGULAR[(seed - 1) % len(_REGULAR)], 1 + (seed - 1) // len(_REGULAR))
    return own.delay < fixed.delay


def _own_is_slower(seed: int) -> bool:
    own, fixed = compared("poisson", seed)
    return own.delay > fixed.delay


def _figures(seed: int, *, law: str) -> dict[str, float]:
    own, fixed = compared(law, seed)
    return {
        "delay own": own.delay,
        "delay fixed": fixed.delay,
        "difference": own.delay - fixed.delay,
        "noticed own": own.noticed,
        "noticed fixed": fixed.noticed,
        "false alarms own": own.false_a_year,
        "false alarms fixed": fixed.false_a_year,
    }


CLAIMS = (
    Claim(
        "Own rhythm is quicker where rhythms are regular.",
        "Four laws with regular rhythms in turn: at 0.05 false alarms a client-year at most, the mean delay until a "
        "departure is known is shorter than by the best fixed number of days.",
        "power",
        0.8,
        _own_is_quicker,
        _MODULES,
        runs=800,
    ),
    Claim(
        "Own rhythm is slower where there is no rhythm.",
        "Law poisson, the same comparison: the mean delay is longer than by the best fixed number of days.",
        "power",
        0.5,
        _own_is_slower,
        _MODULES,
        runs=200,
    ),
)

MEASUREMENTS = tuple(
    Measurement(
        f"Rules of leaving, law {law}.",
        "At 0.05 false alarms a client-year at most: mean delay (days, a departure that stays unnoticed for a year "
        "counts as 365), share noticed within 180 days, and the rate reached.",
        partial(_figures, law=law),
        _MODULES,
    )
    for law in LAWS
)
