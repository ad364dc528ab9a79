"""Small books of orders that tests of answers are made from."""

from pathlib import Path

import numpy as np
import pandas as pd

START = pd.Timestamp("2018-01-01")
END = pd.Timestamp("2025-01-01")


def orders_of(clients: int = 70, *, seed: int = 11) -> pd.DataFrame:
    """Seven years of orders about every three weeks, one client in four older than the records, some leaving."""
    rng, rows = np.random.default_rng(seed), []
    span = (END - START).days
    for number in range(clients):
        begin = rng.uniform(0, 15) if number % 4 == 0 else rng.uniform(0, 0.97 * span)
        end = min(span - 1, begin + rng.exponential(2200))
        days = begin + np.cumsum(rng.gamma(5, 4.4, 130))
        size = rng.lognormal(5, 0.8)
        amounts = size * rng.lognormal(0, 0.3, days.size)
        kept = days < end
        rows += [
            (f"k{number:02d}", START + pd.Timedelta(days=int(day)), round(amount, 2))
            for day, amount in zip(days[kept], amounts[kept], strict=True)
        ]
    last = (
        f"k{clients - 1:02d}",
        END - pd.Timedelta(days=1),
        100.0,
    )  # so that the study stands on the first of a month
    return pd.DataFrame([*rows, last], columns=["client_id", "order_date", "amount"])


def write(folder: Path, **tables: pd.DataFrame) -> Path:
    """Write tables as a dataset."""
    folder.mkdir(parents=True)
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def even_orders(clients: int = 60, *, until: dict[str, pd.Timestamp] | None = None, years: int = 3) -> pd.DataFrame:
    """Clients that all buy for 100 at the end of every month: even ones of line A by M1, odd ones of line B by M2.

    Those named in `until` stop then.
    """
    days = pd.date_range(END - pd.DateOffset(years=years), END, freq="ME")
    ends = until or {}
    rows = [
        (f"k{number:02d}", day, 100.0, "AB"[number % 2], f"M{1 + number % 2}")
        for number in range(clients)
        for day in days
        if day < ends.get(f"k{number:02d}", END)
    ]
    return pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "product_line", "manager_id"])
