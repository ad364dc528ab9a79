"""Claims about purchase models: intervals of orders and of money, for one client and for the book."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.lifetime.purchase import (
    PurchaseFit,
    PurchaseHistory,
    SpendFit,
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_cnbd,
    fit_mbg_nbd,
    fit_pareto_nbd,
    purchase_history,
)
from churnlab.lifetime.purchase.gamma_gamma import draw_spend
from churnlab.lifetime.purchase.result import Clients, parameter_draws
from churnlab.tables.plant import LAWS, make_plant

CLIENTS, FEW, DRAWS, HORIZON = 200, 50, 400, 26.0
_MOST_ORDERS = 150
_P, _Q, _GAMMA = 6.0, 4.0, 15.0


@dataclass(frozen=True, slots=True)
class Book:
    """What was seen of a made-up book, what came of it in the horizon, and its fits."""

    seen: PurchaseHistory
    orders: np.ndarray
    money: np.ndarray
    fit: PurchaseFit
    spend: SpendFit


def _lives(rng: np.random.Generator, model: int, clients: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Rates, time of leaving (or infinity), last order (or infinity) and steps of clients, by one of four models."""
    rate = rng.gamma(1.2, 1 / 8.0, clients)
    never = np.full(clients, np.inf)
    if model == 3:
        return rate, rng.exponential(1 / rng.gamma(1.5, 1 / 90.0, clients)), never, 1
    last = rng.geometric(rng.beta(1.2, 6.0, clients)).astype(float)
    steps = 2 if model == 2 else 1
    return rate * steps, never, last - (model > 0), steps


def _book(seed: int, clients: int) -> Book:
    """Draw a book of one of the four models, by the seed, and fit that model."""
    rng, model = np.random.default_rng([seed, 77]), seed % 4
    rate, until, last, steps = _lives(rng, model, clients)
    age = rng.uniform(26, 104, clients)
    gaps = rng.gamma(steps, 1 / rate[:, None], (clients, _MOST_ORDERS))
    times = np.cumsum(gaps, axis=1)
    happens = (times <= until[:, None]) & (np.arange(1, _MOST_ORDERS + 1) <= last[:, None])
    before, after = happens & (times <= age[:, None]), happens & (times <= age[:, None] + HORIZON)
    seen = before.sum(axis=1).astype(float)
    came = after.sum(axis=1) - seen
    recency = np.where(before, times, 0.0).max(axis=1)
    gap_logs = np.where(before, np.log(gaps), 0.0).sum(axis=1)
    own = rng.gamma(_Q, 1 / _GAMMA, clients)
    mean = np.where(seen > 0, rng.gamma(_P * np.maximum(seen, 1)) / own / np.maximum(seen, 1), np.nan)
    money = np.where(came > 0, rng.gamma(_P * np.maximum(came, 1)) / own, 0.0)
    history = PurchaseHistory(np.arange(clients), seen, recency, age, gap_logs, mean)
    columns = (seen, recency, age)
    fits = (
        lambda: fit_bg_nbd(*columns),
        lambda: fit_mbg_nbd(*columns),
        lambda: fit_mbg_cnbd(*columns, gap_logs, steps=2),
        lambda: fit_pareto_nbd(*columns),
    )
    return Book(history, came, money, fits[model](), fit_gamma_gamma(seen, mean))


def _drawn(book: Book, rng: np.random.Generator, *, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draws of orders and money, each of shape (rows, draws)."""
    seen = book.seen
    clients = Clients(*(each[rows, None] for each in (seen.frequency, seen.recency, seen.age)))
    orders = book.fit.law.future(parameter_draws(book.fit, DRAWS, rng), clients, HORIZON, rng).orders
    given = parameter_draws(book.spend, DRAWS, rng)
    amount = np.nan_to_num(seen.mean_amount[rows, None], nan=1.0)
    return orders, draw_spend(given, clients.frequency, amount, orders, rng)


def _inside(drawn: np.ndarray, came: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whether the randomised probability integral transform of what came lies within the middle 90 %."""
    came = np.atleast_1d(came)[:, None]
    drawn = np.atleast_2d(drawn)
    place = (drawn < came).mean(axis=1) + rng.random(len(came)) * (drawn == came).mean(axis=1)
    return (place > 0.05) & (place < 0.95)


def _one_holds(seed: int, *, money: bool) -> bool:
    book, rng = _book(seed, CLIENTS), np.random.default_rng([seed, 78])
    chosen = np.array([seed // 4 % CLIENTS])
    orders, spent = _drawn(book, rng, rows=chosen)
    came, drawn = (book.money, spent) if money else (book.orders, orders)
    return bool(_inside(drawn, came[chosen], rng)[0])


def _book_holds(seed: int, *, money: bool, clients: int) -> bool:
    book, rng = _book(seed, clients), np.random.default_rng([seed, 79])
    orders, spent = _drawn(book, rng, rows=np.arange(clients))
    came, drawn = (book.money, spent) if money else (book.orders, orders)
    return bool(_inside(drawn.sum(axis=0), came.sum(), rng)[0])


def _on_a_plant(seed: int, *, law: str) -> dict[str, float]:
    """Forecast the last year of a made-up plant from what came before, by regular rhythm and leaving at orders."""
    plant = make_plant(law=law, seed=seed)
    merges = plant.tables["merges"]
    present = dict(zip(merges["old_id"], merges["new_id"], strict=True))
    orders = plant.tables["orders"]
    orders = orders[orders["kind"] == "sale"]
    when = pd.to_datetime(orders["order_date"])
    week = (when - when.max()).dt.days.to_numpy() / 7
    who = orders["client_id"].replace(present).to_numpy(dtype=str)
    seen, after = (purchase_history(who, week, until=end) for end in (-52.0, 0.0))
    came = after.frequency[np.searchsorted(after.client, seen.client)] - seen.frequency
    fit = fit_mbg_cnbd(seen.frequency, seen.recency, seen.age, seen.gap_logs)
    rng = np.random.default_rng([seed, 80])
    clients = Clients(*(each[:, None] for each in (seen.frequency, seen.recency, seen.age)))
    drawn = fit.law.future(parameter_draws(fit, DRAWS, rng), clients, 52.0, rng).orders
    expected = fit.law.orders(tuple(fit.parameters), Clients(seen.frequency, seen.recency, seen.age), 52.0)
    return {
        "clients within": float(_inside(drawn, came, rng).mean()),
        "book within": float(_inside(drawn.sum(axis=0), came.sum(), rng)[0]),
        "expected over came": float(expected.sum() / came.sum()),
        "steps": float(fit.law.name[-1]) if "CNBD" in fit.law.name else 1.0,
    }


_MODULES = (
    "churnlab.lifetime.purchase.beta_geometric",
    "churnlab.lifetime.purchase.gamma_gamma",
    "churnlab.lifetime.purchase.pareto_nbd",
)
_LAWS = (
    "BG/NBD, MBG/NBD, MBG/CNBD-2 or Pareto/NBD in turn, with Gamma-Gamma amounts, "
    "that same model fitted with its priors on"
)
_ASKED = "the randomised place of what came in 26 weeks lies in the middle 90 % of 400 draws"


def _seen_to_leave(seed: int, *, leaves: bool) -> bool:
    """Two hundred clients over two years with 26 orders on average; after an order one in 25 leaves, or none."""
    rng = np.random.default_rng([seed, 81])
    age = rng.uniform(26, 104, CLIENTS)
    gaps = rng.exponential(1 / rng.gamma(1.5, 0.4 / 1.5, CLIENTS)[:, None], (CLIENTS, 4 * _MOST_ORDERS))
    times = np.cumsum(gaps, axis=1)
    last = rng.geometric(np.maximum(rng.beta(1.0, 24.0, CLIENTS), 1e-9)) - 1 if leaves else np.full(CLIENTS, 1 << 30)
    seen = (times <= age[:, None]) & (np.arange(1, times.shape[1] + 1) <= last[:, None])
    fit = (fit_bg_nbd, fit_mbg_nbd, fit_pareto_nbd)[seed % 3]
    return fit(seen.sum(axis=1), np.where(seen, times, 0.0).max(axis=1), age).leaving_shows


_COVERED = tuple(
    Claim(
        f"The 90 % interval of {what} of {whom} covers what comes.",
        f"A made-up book of {clients} clients by {_LAWS}: {_ASKED}.",
        "coverage",
        0.9,
        partial(run, money=money),
        _MODULES,
    )
    for whom, clients, run in (
        ("one client", CLIENTS, _one_holds),
        ("the book", CLIENTS, partial(_book_holds, clients=CLIENTS)),
        ("a book of 50 clients", FEW, partial(_book_holds, clients=FEW)),
    )
    for what, money in (("the orders", False), ("the money", True))
)

CLAIMS = (
    *_COVERED,
    Claim(
        "Leaving is not seen in orders where nobody leaves.",
        "Two hundred clients, 26 orders on average; BG/NBD, MBG/NBD or Pareto/NBD in turn: leaving is said to show.",
        "size",
        0.05,
        partial(_seen_to_leave, leaves=False),
        _MODULES,
    ),
    Claim(
        "Leaving is seen in orders where it is.",
        "The same clients, of whom one in 25 leaves after an order: leaving is said to show.",
        "power",
        0.95,
        partial(_seen_to_leave, leaves=True),
        _MODULES,
    ),
)

MEASUREMENTS = tuple(
    Measurement(
        f"Intervals of orders on plants, law {law}.",
        "MBG/CNBD-k fitted to all but the last year of a plant, which is not its law: share of clients whose orders of "
        "that year lie in the middle 90 % of the draws, share of plants whose total does, expected orders over those "
        "that came, and the regularity that was chosen.",
        partial(_on_a_plant, law=law),
        (*_MODULES, "churnlab.tables.plant"),
        runs=40,
    )
    for law in LAWS
)
