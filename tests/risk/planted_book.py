"""A small book of clients with known hazards."""

import numpy as np
import pandas as pd

from churnlab.history import FixedDays
from churnlab.tables import Tables

START = pd.Timestamp("2019-01-01")
DAYS = 5 * 365
AS_OF = START + pd.Timedelta(days=DAYS)
RULE = FixedDays(days=120)


def tables_of(orders: pd.DataFrame, surveys: pd.DataFrame | None = None) -> Tables:
    nothing = pd.DataFrame()
    return Tables(
        orders=orders,
        clients=None,
        surveys=surveys,
        findings=(),
        finding_counts=nothing,
        reconciliation=nothing,
        notices=(),
        show_names=False,
        fingerprint="",
    )


def book(*, clients: int, seed: int, satisfaction_effect: float = 0.0, noise: float = 0.0, every: int = 91) -> Tables:
    """Draw clients that order about monthly and leave by a constant hazard, 2 % a month of the content one.

    Answers come every so many days, each with noise of its own.
    """
    rng = np.random.default_rng(seed)
    satisfaction = rng.normal(7.0, 1.5, clients)
    hazard = 0.02 * np.exp(-satisfaction_effect * (satisfaction - 7.0))
    begins = np.where(rng.random(clients) < 0.4, 0, rng.integers(0, DAYS - 200, clients))
    ends = np.minimum(begins + rng.exponential(30.4375 / hazard), DAYS)
    orders, surveys = [], []
    for number in range(clients):
        days = begins[number] + np.cumsum(np.concatenate(([0.0], rng.gamma(4, 30 / 4, 80))))
        days = days[days < max(ends[number], begins[number] + 1)].astype(int)
        orders += [(f"c{number:03d}", day, float(rng.integers(100, 900)), "sale") for day in days]
        asked = np.arange(begins[number] + 10, ends[number], every).astype(int)
        surveys += [(f"c{number:03d}", day, *([satisfaction[number]] * 4)) for day in asked]
    frame = pd.DataFrame(orders, columns=["client_id", "order_date", "amount", "kind"])
    frame["order_date"] = START + pd.to_timedelta(frame["order_date"], unit="D")
    if not satisfaction_effect:
        return tables_of(frame)
    answers = pd.DataFrame(surveys, columns=["client_id", "survey_date", "quality", "timing", "attention", "price"])
    answers["survey_date"] = START + pd.to_timedelta(answers["survey_date"], unit="D")
    if noise:
        answers[["quality", "timing", "attention"]] += noise * rng.normal(size=(len(answers), 1))
    answers["price"] = rng.normal(7.0, 1.5, len(answers))  # tells nothing
    return tables_of(frame, answers)
