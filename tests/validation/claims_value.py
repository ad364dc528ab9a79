"""Claims about value: intervals of one client and of the book against what plants' clients brought."""

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.study import prepare
from churnlab.answers.valuing import ValuedBook, realised, value_book
from churnlab.history import propose_rule
from churnlab.lifetime import hazard_table
from churnlab.risk import HAZARD, ModelSpec
from churnlab.tables import load
from churnlab.tables.plant import LAWS, make_plant, write_tables
from churnlab.value import Money, Staying, by_tenure, fit_growth, side_by_side, terms_cost, worth

HORIZON = 24
RATE = 0.15
CLIENTS, DRAWS = 150, 400
ORIGINS = 6
NAMES = tuple(LAWS)


@dataclass(frozen=True, slots=True)
class Valued:
    """A plant valued two years before its end, and what its clients then brought."""

    book: ValuedBook
    came: np.ndarray


@lru_cache(maxsize=64)  # the short runs of two claims make the same plants
def _plant(seed: int, law: str, *, chosen: bool = False) -> Valued:
    """Value a plant's clients as of two years before its end, by what was known then.

    By the hazard on all columns, or by that which the page on risk would have chosen on that day.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_tables(make_plant(law=law, seed=seed), Path(folder))
        tables = load(Path(folder))
        day = tables.orders["order_date"].max() + pd.Timedelta(days=1) - pd.DateOffset(months=HORIZON)
        spec = _page_choice(Path(folder), day) if chosen else HAZARD
    rule = propose_rule(tables.orders[tables.orders["order_date"] < day])
    book = value_book(tables, day, rule=rule, spec=spec, horizon=HORIZON, seed=seed, yearly_rate=RATE)
    assert book is not None
    came = realised(tables, day, book.frame["client_id"], horizon=HORIZON, costs=book.costs, yearly_rate=RATE)
    return Valued(book, came)


def _page_choice(folder: Path, day: pd.Timestamp) -> ModelSpec | None:
    kept = os.environ.get("CHURNLAB_CACHE")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CHURNLAB_CACHE"] = cache
        try:
            return prepare(folder, as_of=f"{day:%Y-%m-%d}").ask(who_is_at_risk).hazard
        finally:
            os.environ.pop("CHURNLAB_CACHE")
            if kept is not None:
                os.environ["CHURNLAB_CACHE"] = kept


def _client_holds(seed: int) -> bool:
    """One client of a plant, whichever the seed names, the laws in turn."""
    found = _plant(seed, NAMES[seed % len(NAMES)])
    place = seed // len(NAMES) % len(found.came)
    client = found.book.worth.client
    return bool(client.low[place] <= found.came[place] <= client.high[place])


def _book_holds(seed: int) -> bool:
    found = _plant(seed, NAMES[seed % len(NAMES)])
    book = found.book.worth.book
    return bool(book.low <= found.came.sum() <= book.high)


def _on_plants(seed: int, *, law: str) -> dict[str, float]:
    return _figures(_plant(seed, law))


def _as_the_page_chooses(seed: int) -> dict[str, float]:
    return _figures(_plant(seed, NAMES[seed % len(NAMES)], chosen=True))


def _figures(found: Valued) -> dict[str, float]:
    client, book = found.book.worth.client, found.book.worth.book
    inside = (client.low <= found.came) & (found.came <= client.high)
    return {
        "clients within": float(inside.mean()),
        "below": float((found.came < client.low).mean()),
        "book within": float(book.low <= found.came.sum() <= book.high),
        "book within parameters alone": float(book.mean_low <= found.came.sum() <= book.mean_high),
        "expected over came": float(book.value) / float(found.came.sum()),
        "half width of the book over its value": float(book.high - book.low) / 2 / float(book.value),
        "rank correlation": float(pd.Series(client.value).corr(pd.Series(found.came), method="spearman")),
    }


def _own_law(seed: int) -> tuple[object, np.ndarray]:
    """A book by the law that value is reckoned with: hazards, growth and spread are learnt from made-up pasts."""
    rng = np.random.default_rng([seed, 91])
    hazard, market, steady, by_order, carry = 0.02, 0.06, 0.04, 0.3, -0.2
    lives = rng.geometric(hazard, 400)
    seen = np.minimum(lives, rng.integers(12, 110, 400))
    table = hazard_table(np.zeros(400), seen, lives <= seen)
    past = np.repeat(np.arange(ORIGINS), CLIENTS)
    sales, change = rng.lognormal(4, 1, (2, len(past)))
    change, orders = 0.4 * (np.log(change) - 4), 1.0 + rng.poisson(10, len(past))
    befell = market * rng.normal(size=ORIGINS + 1)
    after = sales * _goes_on(rng, change, orders, befell[past], (steady, by_order, carry))
    growth = fit_growth(sales, after, change, orders, past, years=1.0)
    tables, _ = by_tenure(table, draws=DRAWS, rng=rng)
    nothing = np.zeros((CLIENTS, 0))
    reached, one = rng.integers(12, 90, CLIENTS), np.zeros(CLIENTS, dtype=np.int64)
    stays = Staying(nothing, nothing, np.zeros((DRAWS + 1, 0)), 0, side_by_side([tables]), reached, one)
    money = Money(
        sales=rng.lognormal(4, 1, CLIENTS),
        margin=rng.uniform(0.15, 0.4, CLIENTS),
        serve=rng.gamma(2, 1, CLIENTS),
        payment_days=rng.choice([14.0, 30.0, 60.0], CLIENTS),
        change=0.4 * rng.normal(size=CLIENTS),
        orders=1.0 + rng.poisson(10, CLIENTS),
    )
    found = worth(stays, money, horizon=HORIZON, yearly_rate=RATE, growth=growth, rng=rng)
    goes_on = _goes_on(rng, money.change, money.orders, befell[-1], (steady, by_order, carry))
    last = np.minimum(rng.geometric(hazard, CLIENTS), HORIZON + 1)
    there = np.clip(last[:, None] - np.arange(1, HORIZON + 1), 0, 1) + 0.5 * (
        last[:, None] == np.arange(1, HORIZON + 1)
    )
    months = (there * (1 + RATE) ** (-np.arange(1, HORIZON + 1) / 12)).sum(axis=1)
    left = money.margin - terms_cost(money.payment_days, yearly_rate=RATE)
    return found, months * (money.sales * goes_on * left - money.serve)


def _goes_on(
    rng: np.random.Generator,
    change: np.ndarray,
    orders: np.ndarray,
    befell: np.ndarray | float,
    law: tuple[float, float, float],
) -> np.ndarray:
    spread = np.sqrt(law[0] + law[1] / orders)
    return np.exp(0.05 + befell + law[2] * change + spread * rng.normal(size=len(change)) - spread**2 / 2)


def _own_client_holds(seed: int) -> bool:
    found, came = _own_law(seed)
    place = seed % CLIENTS
    return bool(found.client.low[place] <= came[place] <= found.client.high[place])


def _own_book_holds(seed: int) -> bool:
    found, came = _own_law(seed)
    return bool(found.book.low <= came.sum() <= found.book.high)


_MODULES = ("churnlab.value", "churnlab.lifetime")
_ON_PLANTS = ("churnlab.answers.valuing", "churnlab.tables.plant", "churnlab.tables.reading")
_MADE = (
    "A made-up book of 150 clients by the law that value is reckoned with, hazards from 400 lives and growth from six "
    "origins: the 95 % interval of 24 months holds what comes."
)
_VALUED = (
    "A plant, its five laws in turn, valued two years before its end by what was known then and the hazard on all "
    "columns (the page takes the one that its page on risk chose, which is measured on twenty plants): the 95 % "
    "interval of what comes holds the margin after costs that was realised."
)

CLAIMS = (
    Claim(
        "The interval of one client's value covers what comes.", _MADE, "coverage", 0.95, _own_client_holds, _MODULES
    ),
    Claim("The interval of the book's value covers what comes.", _MADE, "coverage", 0.95, _own_book_holds, _MODULES),
    Claim("The interval of a client's value holds on plants.", _VALUED, "coverage", 0.95, _client_holds, _ON_PLANTS),
    Claim("The interval of the book's value holds on plants.", _VALUED, "power", 0.9, _book_holds, _ON_PLANTS),
)

_BY_LAW = tuple(
    Measurement(
        f"Value of clients on plants, law {law}.",
        "A plant valued two years before its end by the hazard on all columns: share of clients whose "
        "interval held what they brought, share that "
        "brought less, whether the book's did, expected over realised, and how wide the book's interval is.",
        partial(_on_plants, law=law),
        _ON_PLANTS,
        runs=40,
    )
    for law in NAMES
)

MEASUREMENTS = (
    *_BY_LAW,
    Measurement(
        "Value of clients on plants, by the hazard of the page on risk.",
        "The same figures on plants of the five laws in turn, each valued by the hazard that the page on risk would "
        "have chosen on that day.",
        _as_the_page_chooses,
        (*_ON_PLANTS, "churnlab.answers.risk"),
        runs=20,
    ),
)
