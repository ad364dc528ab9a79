"""What clients cost: goods, serving, and waiting for their money, read from tables as of a day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.tables import Tables

_NOTHING = pd.DataFrame(
    {
        "client_id": pd.Series(dtype="str"),
        "date": pd.Series(dtype="datetime64[us]"),
        "cost": pd.Series(dtype=np.float64),
    }
)
LEAST_COSTED = 0.5
"""Share of the last year's sales whose cost has to be known, so that the margin of the others may be taken from it."""

_YEAR_DAYS = 365
_YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Costs:
    """What is known of costs on a day, by client.

    Attributes
    ----------
    margin : Series of float
        Part of sales left after the cost of goods; empty where orders name no cost.
    serve : Series of float
        Cost of serving, a year; empty where nobody's is known.
    payment_days : Series of float
        Days until sales are paid; empty where no terms are known.
    costed : float
        Share of the last year's net sales whose cost is known.
    whole_margin, usual_days : float
        Of all sales together, for clients of whom nothing is known; NaN where nothing is.
    """

    margin: "pd.Series[float]"
    serve: "pd.Series[float]"
    payment_days: "pd.Series[float]"
    costed: float
    whole_margin: float
    usual_days: float

    @property
    def known(self) -> bool:
        """Whether value can be counted in margin."""
        return self.costed >= LEAST_COSTED


def costs_on(
    tables: Tables, day: pd.Timestamp, *, months: int = _YEAR_MONTHS, until: "pd.Series[pd.Timestamp] | None" = None
) -> Costs:
    """Read what clients cost over the last months before a day.

    Parameters
    ----------
    tables : Tables
        A dataset.
    day : Timestamp
        The day.
    months : int
        Months before it that are read; `serve` is their cost a year.
    until : Series of Timestamp, optional
        By client, the day after which serving it is not counted; clients without one are not counted.

    Returns
    -------
    Costs
    """
    begin = day - pd.DateOffset(months=months)
    orders = tables.orders
    year = orders[(orders["order_date"] >= begin) & (orders["order_date"] < day)]
    costed = year.dropna(subset="cost") if "cost" in year else year.iloc[:0]
    sales, all_sales = float(costed["amount"].sum()), float(year["amount"].sum())
    nothing: pd.Series[float] = pd.Series(dtype=np.float64)
    margin, whole, share = nothing, np.nan, 0.0
    if sales > 0 and all_sales > 0:
        sums = costed.groupby("client_id")[["amount", "cost"]].sum()
        margin = (1 - sums["cost"] / sums["amount"])[sums["amount"] > 0]
        whole, share = 1 - float(costed["cost"].sum()) / sales, min(sales / all_sales, 1.0)
    days, usual = _terms(tables.clients, year)
    return Costs(margin, _serving(tables, begin, day, until) * (_YEAR_MONTHS / months), days, share, whole, usual)


def _terms(clients: pd.DataFrame | None, year: pd.DataFrame) -> tuple["pd.Series[float]", float]:
    """Payment days by client, and the mean over sales."""
    if clients is None or "payment_days" not in clients or not clients["payment_days"].notna().any():
        return pd.Series(dtype=np.float64), np.nan
    days = clients.dropna(subset="payment_days").set_index("client_id")["payment_days"].clip(lower=0.0)
    weight = year.groupby("client_id")["amount"].sum().reindex(days.index).fillna(0.0).clip(lower=0.0)
    usual = float((days * weight).sum() / weight.sum()) if weight.sum() > 0 else float(days.mean())
    return days, usual


def _serving(
    tables: Tables, begin: pd.Timestamp, day: pd.Timestamp, until: "pd.Series[pd.Timestamp] | None"
) -> "pd.Series[float]":
    """Cost of managers, shared by their contacts, and of failures, by client over a time."""
    total: pd.Series[float] = pd.Series(dtype=np.float64)
    for part in (_managers_cost(tables, begin, day), _failures_cost(tables, begin, day)):
        if until is not None:
            part = part[part["date"] <= part["client_id"].map(until)]  # noqa: PLW2901 -- less of the same
        each = part.groupby("client_id")["cost"].sum()
        total = each if total.empty else total.add(each, fill_value=0.0)
    return total


def _managers_cost(tables: Tables, begin: pd.Timestamp, day: pd.Timestamp) -> pd.DataFrame:
    """What each contact costs: ``client_id``, ``date``, ``cost``."""
    managers, touches = tables.managers, tables.touches
    if managers is None or touches is None or "monthly_cost" not in managers or "manager_id" not in touches:
        return _NOTHING
    made = touches[(touches["date"] >= begin) & (touches["date"] < day)].dropna(subset="manager_id")
    if made.empty:
        return _NOTHING
    start = managers["start_date"] if "start_date" in managers else pd.Series(pd.NaT, index=managers.index)
    from_day = start.where(start > begin, begin)
    months = (day - from_day).dt.days.clip(lower=0) / (_YEAR_DAYS / _YEAR_MONTHS)
    cost = (managers["monthly_cost"].fillna(0.0).clip(lower=0.0) * months).groupby(managers["manager_id"]).sum()
    per_touch = made["manager_id"].map(cost).fillna(0.0) / made.groupby("manager_id")["date"].transform("size")
    return made[["client_id", "date"]].assign(cost=per_touch.astype(np.float64))


def _failures_cost(tables: Tables, begin: pd.Timestamp, day: pd.Timestamp) -> pd.DataFrame:
    """What each failure costs: ``client_id``, ``date``, ``cost``."""
    failures = tables.failures
    if failures is None or "cost" not in failures:
        return _NOTHING
    seen = failures[(failures["date"] >= begin) & (failures["date"] < day)].dropna(subset="cost")
    return seen[["client_id", "date", "cost"]]
