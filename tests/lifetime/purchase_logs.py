"""Real logs of orders, where they are at hand, and made-up books of clients."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from churnlab.lifetime.purchase import PurchaseHistory, purchase_history

REAL = Path(os.environ.get("CHURNLAB_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))


def columns(file: str) -> dict[str, np.ndarray]:
    """Columns of a real file as text, by name; skips where the file is not at hand."""
    if not (REAL / file).is_file():
        pytest.skip(f"the real data are not here: set CHURNLAB_REAL_DATA to the folder that holds {file}")
    with (REAL / file).open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def weeks(days: np.ndarray | str) -> np.ndarray:
    """Days as weeks since 1970."""
    return np.asarray(days).astype("datetime64[D]").astype(np.int64) / 7


def cdnow(until: str = "1997-09-30") -> PurchaseHistory:
    """A tenth of the cohort of a CD shop, in weeks; calibrated on 39 of 78."""
    log = columns("cdnow_sample_orders.csv")
    money = log["dollar_value"].astype(float)
    return purchase_history(log["master_id"], weeks(log["date"]), until=float(weeks(until)), amount=money)


def grocery(until: str = "2006-12-31") -> PurchaseHistory:
    """Customers of an online grocer, in weeks; calibrated on 52 of 104."""
    log = columns("grocery_orders.csv")
    return purchase_history(log["cust"], weeks(log["date"]), until=float(weeks(until)))


def apparel(until: str = "2006-12-31") -> PurchaseHistory:
    """Made-up orders of an apparel shop, in weeks; calibrated on 104."""
    log = columns("apparel_orders.csv")
    return purchase_history(log["Id"], weeks(log["Date"]), until=float(weeks(until)))


def came(before: PurchaseHistory, after: PurchaseHistory) -> np.ndarray:
    """Orders of the clients of the first history that the second has and the first has not."""
    place = np.searchsorted(after.client, before.client)
    return after.frequency[place] - before.frequency


def book(clients: int, repeats: float, seed: int, *, leaves: float = 0.03) -> PurchaseHistory:
    """Business clients over three years, in weeks: each with its own rate, rhythm and chance of leaving."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(40, 156, clients)
    rate = rng.gamma(1.5, repeats / 1.5 / 100, clients)
    chance = rng.beta(1.0, 1 / leaves - 1, clients) if leaves else np.zeros(clients)
    steps = 1 + np.arange(clients)[:, None] % 3
    gaps = rng.gamma(steps, 1 / (steps * rate[:, None]), (clients, int(12 * repeats)))
    stays = np.cumprod(rng.random(gaps.shape) >= chance[:, None], axis=1).astype(bool)
    times = np.cumsum(gaps, axis=1) + (156 - age)[:, None]
    who, place = np.nonzero(stays & (times <= 156))
    first = np.arange(clients)
    return purchase_history(np.concatenate((first, who)), np.concatenate((156 - age, times[who, place])), until=156.0)
