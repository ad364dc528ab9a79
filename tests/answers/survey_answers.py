"""Books of orders and answers whose factors weigh what is asked for."""

from pathlib import Path

import numpy as np
import pandas as pd
from books_by_hand import END, write

from churnlab.answers import Study, prepare

FACTORS = ("quality", "timing", "attention", "price")
SERVICE_FIRST = (0.6, 0.55, 0.5, 0.0)
PRICE_FIRST = (0.05, 0.05, 0.05, 1.0)
WAVES = (("annual", "web", 1100), ("quarterly", "phone", 960), ("annual", "web", 830), ("quarterly", "phone", 700))


def answers(weights: tuple[float, ...], *, clients: int = 80, seed: int = 5, kindness: float = 0.3) -> pd.DataFrame:
    """Four answers a client to four factors; a telephone adds a point to every score."""
    rng, rows = np.random.default_rng(seed), []
    lasting = rng.normal(0, 1.0, (clients, len(FACTORS)))
    for wave, mode, day in WAVES:
        rated = lasting + rng.normal(0, 0.7, lasting.shape)
        recommend = rated @ np.array(weights) + rng.normal(0, 0.6, clients)
        points = (
            6.5 + (mode == "phone") + kindness * rng.normal(size=(clients, 1)) + np.column_stack([recommend, rated])
        )
        scores = np.clip(np.round(points), 0, 10)
        date = END - pd.Timedelta(days=day)
        rows += [(f"k{number:03d}", date, wave, mode, *row) for number, row in enumerate(scores.astype(int))]
    return pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "mode", "recommend", *FACTORS])


def orders(clients: int = 80, *, leaves_after: np.ndarray | None = None) -> pd.DataFrame:
    """Orders every twenty days over four years; some stop so many days before the end."""
    rows = []
    for number in range(clients):
        last = 0 if leaves_after is None else int(leaves_after[number])
        days = np.arange(1460 - number % 20, max(last, 1), -20)
        rows += [(f"k{number:03d}", END - pd.Timedelta(days=int(day)), 100.0) for day in days]
    rows.append(("k000", END - pd.Timedelta(days=1), 100.0))
    return pd.DataFrame(rows, columns=["client_id", "order_date", "amount"])


def study(folder: Path, **tables: pd.DataFrame) -> Study:
    """Prepare a book under its own ids, with orders of everybody until the end if there are no others."""
    return prepare(write(folder, **({"orders": orders()} | tables)), names=True)
