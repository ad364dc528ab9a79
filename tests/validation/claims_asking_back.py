"""Claims about asking back: a return's chance and worth, held against books whose law of coming back is known."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.answers.asking_back import AHEAD, ALIKE, OFFER, SECOND_YEARS, worth_asking
from churnlab.answers.losses import lost_clients
from churnlab.answers.study import prepare
from churnlab.answers.valuing import YEARLY_RATE

END = pd.Timestamp("2025-01-01")
DAYS, MONTH, GAP, LIMIT = 9 * 365, 365.25 / 12, 10, 90
CLIENTS = 150
LEAVES = 0.02
SPANS = (0.0, 12.0, 36.0, np.inf)
RATES = (0.03, 0.01, 0.003)
REASONS = ("price", "quality", "timing")
RETURNING = {"price": 0.22, "quality": 0.09, "personal": 0.01}
FADING = 0.15
_UNNOTED = ""

Law = Callable[[str, float], float]
"""Share of those lost over a reason who have not come back so many months after they counted as lost."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Clients who may be asked back, with what is told of each and what is true.

    Attributes
    ----------
    reason : ndarray of str, shape (n,)
        Noted reason; empty where none was.
    chance, worth : ndarray of float, shape (n, 3)
        As told, with the ends of the intervals.
    true_chance, true_worth : ndarray of float, shape (n,)
    """

    reason: np.ndarray
    chance: np.ndarray
    worth: np.ndarray
    true_chance: np.ndarray
    true_worth: np.ndarray


def _ask(rng: np.random.Generator, *, reasons: dict[str, float], away: Law) -> Asked:
    """Make a book of clients that order every ten days, leave, and come back by a law, and ask whom to ask back."""
    names, shares = list(reasons), list(reasons.values())
    rows, noted, sizes = [], [], rng.lognormal(4, 1, CLIENTS)
    for number in range(CLIENTS):
        day = rng.uniform(0, 0.9 * DAYS)
        while day < DAYS:
            ends = day + max(GAP, MONTH * rng.exponential(1 / LEAVES))
            orders = np.arange(day, min(ends, DAYS), GAP).astype(int)
            rows += [(f"k{number:03d}", int(one), sizes[number]) for one in orders]
            why = str(rng.choice(names, p=shares))
            if why != _UNNOTED and orders[-1] + 40 < DAYS:
                noted.append((f"k{number:03d}", int(orders[-1]) + 40, why))
            day = orders[-1] + LIMIT + 1 + MONTH * _months_until(away, why, rng.random())
    rows.append(("k000", DAYS - 1, sizes[0]))  # so that the study stands on the last day
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder) / "orders.csv", rows, ["client_id", "order_date", "amount"])
        _write(Path(folder) / "losses.csv", noted, ["client_id", "date", "reason"])
        study = prepare(folder, names=True)
        told, lost = worth_asking(study).frame, lost_clients(study)
    lost = lost[~lost["back"]].drop_duplicates("client_id", keep="last").set_index("client_id")
    lost = lost.loc[told["client_id"]]
    since = (END - lost["left_on"]).dt.days.to_numpy() / MONTH - LIMIT / MONTH
    reason = lost["coded"].to_numpy(dtype=str)
    pairs = list(zip(reason, since, strict=True))
    chance = np.array([1 - away(why, one + AHEAD) / away(why, max(one, 0.0)) for why, one in pairs])
    ends = LEAVES + np.log1p(YEARLY_RATE) / 12
    years = -np.expm1(-12 * SECOND_YEARS * ends) / ends / 12
    cost = rng.triangular(OFFER.low, OFFER.value, OFFER.high)
    return Asked(
        reason=reason,
        chance=told[["chance", "chance_low", "chance_high"]].to_numpy(np.float64),
        worth=told[["worth", "low", "high"]].to_numpy(np.float64),
        true_chance=chance,
        true_worth=chance * (years - cost) * lost["amount"].to_numpy(np.float64),
    )


def _write(path: Path, rows: list[tuple[object, ...]], columns: list[str]) -> None:
    """Write rows as a table, their second column a day of the records."""
    frame = pd.DataFrame(rows, columns=columns)
    frame[columns[1]] = END - pd.to_timedelta(DAYS - frame[columns[1]], unit="D")
    frame.to_csv(path, index=False)


def _months_until(away: Law, why: str, share: float) -> float:
    """Months until the share of those still away has fallen to a share; infinite where it never does."""
    low, high = 0.0, 1e4
    if away(why, high) > share:
        return np.inf
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if away(why, middle) > share else (low, middle)
    return high


@lru_cache(maxsize=64)  # two claims ask the same books
def _as_the_prior_says(seed: int) -> Asked:
    """Noted losses return at a third of the rate of other silences, each reason at its own, drawn from the prior."""
    rng = np.random.default_rng([97, seed])
    times = {why: rng.gamma(ALIKE, 1 / ALIKE) / 3 for why in REASONS} | {_UNNOTED: 1.0}

    def away(why: str, months: float) -> float:
        inside = (min(max(months, low), high) - low for low, high in pairwise(SPANS))
        return float(np.exp(-times[why] * sum(rate * part for rate, part in zip(RATES, inside, strict=True))))

    return _ask(rng, reasons=dict.fromkeys(REASONS, 0.25) | {_UNNOTED: 0.25}, away=away)


def _holds(told: np.ndarray, true: np.ndarray, seed: int) -> bool:
    """Whether one client's interval, whichever the seed names, holds the truth."""
    place = seed % len(true)
    return bool(told[place, 1] <= true[place] <= told[place, 2])


def _chance_is_covered(seed: int) -> bool:
    found = _as_the_prior_says(seed)
    return _holds(found.chance, found.true_chance, seed)


def _worth_is_covered(seed: int) -> bool:
    found = _as_the_prior_says(seed)
    return _holds(found.worth, found.true_worth, seed)


def _as_the_scenarios_assume(seed: int) -> dict[str, float]:
    """Reasons that differ more than the prior says, and chances that fade as they do in the scenarios."""
    ever = RETURNING | {_UNNOTED: 0.6}

    def away(why: str, months: float) -> float:
        return float(1 - ever[why] * -np.expm1(-FADING * months))

    shares = {"price": 0.225, "quality": 0.4125, "personal": 0.1125, _UNNOTED: 0.25}
    found = _ask(np.random.default_rng([98, seed]), reasons=shares, away=away)
    inside = (found.chance[:, 1] <= found.true_chance) & (found.true_chance <= found.chance[:, 2])
    figures = {}
    for why in RETURNING:
        some = found.reason == why
        some_are = bool(some.any())
        figures[f"{why}, chance covered"] = float(inside[some].mean()) if some_are else np.nan
        figures[f"{why}, told"] = float(found.chance[some, 0].mean()) if some_are else np.nan
        figures[f"{why}, true"] = float(found.true_chance[some].mean()) if some_are else np.nan
    return figures


_MODULES = ("churnlab.answers.asking_back",)

CLAIMS = (
    Claim(
        "The interval of a lost client's chance to come back covers it.",
        "Books of 150 clients over nine years; reasons return at rates drawn from the prior, silences that nobody "
        "noted at three times as much: one client who may be asked, whichever the seed names.",
        "coverage",
        0.95,
        _chance_is_covered,
        _MODULES,
    ),
    Claim(
        "The interval of what a lost client's return is worth covers it.",
        "The same clients; second lives end at one rate, and an offer costs what its assumed range says.",
        "coverage",
        0.95,
        _worth_is_covered,
        _MODULES,
    ),
)

MEASUREMENTS = (
    Measurement(
        "What is told of a return where reasons differ as the scenarios assume.",
        "Of 22, 9 and 1 % lost over price, service and a person who ever return, sooner rather than later: how often "
        "intervals of the chance within a year cover it, and the mean chance told and true, of clients who may be "
        "asked.",
        _as_the_scenarios_assume,
        _MODULES,
    ),
)
