"""What was known of each client on a cut-off day: features from rows dated strictly before it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from churnlab.history.departures import DAYS_PER_MONTH, departures, tenure_start
from churnlab.history.purchases import purchases
from churnlab.history.rhythm import OwnRhythm, Rule, rhythm
from churnlab.tables import Tables

_SCORE_AGE_DAYS = 730
"""Survey answers older than this are no longer the client's last word."""

FACTORS: Final = ("recommend", "quality", "timing", "attention", "price")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a snapshot.

    Attributes
    ----------
    name : str
        Column name.
    unit : str
        Unit of the values.
    source : str
        Table that it is computed from.
    meaning : str
        What it says.
    """

    name: str
    unit: str
    source: str
    meaning: str


FEATURES: Final = (
    Feature("recency_days", "days", "orders", "since the last purchase"),
    Feature("overdue", "own typical gaps", "orders", "since the last purchase, in the client's own rhythm"),
    Feature("orders_12m", "purchases", "orders", "in the last 365 days"),
    Feature("amount_12m", "money", "orders", "net sales of the last 365 days"),
    Feature("trend", "log ratio", "orders", "purchases of the last 182 days against the 182 before"),
    Feature("amount_trend", "log ratio", "orders", "net sales of the last 182 days against the 182 before"),
    Feature("lines_12m", "lines", "orders", "product lines bought in the last 365 days"),
    Feature("tenure_months", "months", "orders, clients", "since the first order or the start date"),
    Feature("asked_12m", "surveys", "surveys", "invitations of the last 365 days"),
    Feature("answered_12m", "surveys", "surveys", "answers of the last 365 days"),
    *(Feature(name, "0-10", "surveys", f"last {name} score, at most two years old") for name in FACTORS),
)
"""Every feature with unit and source; each is known on the day before the cut-off."""


def snapshots(tables: Tables, cut_offs: list[pd.Timestamp], *, rule: Rule | None = None) -> pd.DataFrame:
    """Features of every client at risk on each cut-off day.

    A client is at risk at a cut-off if it bought before and was not known to have left before.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    cut_offs : list of Timestamp
        Days; only rows dated strictly before a day count for it.
    rule : OwnRhythm or FixedDays, optional
        What counts as too long a silence.

    Returns
    -------
    DataFrame
        ``client_id``, ``cut_off``, ``last_order``, ``limit_days``, ``line`` (the product line with the largest
        sales of the last 365 days) and the columns that :data:`FEATURES` names, sorted by cut-off and client. Survey
        columns are NaN where no answer is known and absent where there is no survey table.

    Raises
    ------
    ValueError
        If no purchase lies before the first cut-off.
    """
    rule = rule or OwnRhythm()
    paced = rhythm(purchases(tables.orders), rule=rule)
    days = [pd.Timestamp(day) for day in cut_offs]
    if not days or not (paced["date"] < min(days)).any():
        said = f"{min(days):%Y-%m-%d}" if days else "a cut-off, but got none"
        raise ValueError(f"expected purchases before {said}: choose later days")
    frames = [_snapshot(tables, paced, day, rule) for day in days]
    return pd.concat(frames, ignore_index=True)


def _snapshot(tables: Tables, paced: pd.DataFrame, cut_off: pd.Timestamp, rule: Rule) -> pd.DataFrame:
    """One cut-off: every table is cut first, so that nothing later can be seen."""
    bought = paced[paced["date"] < cut_off]
    last = bought.groupby("client_id", as_index=False).last()
    silence = (cut_off - last["date"]).dt.days
    last = last.assign(recency_days=silence, overdue=silence / last["typical_gap_days"])
    at_risk = last[silence <= last["limit_days"]]
    frame = at_risk.rename(columns={"date": "last_order"})
    frame = frame[["client_id", "last_order", "limit_days", "recency_days", "overdue"]]
    frame.insert(1, "cut_off", cut_off)
    if frame.empty:
        return frame
    frame = frame.merge(_order_features(tables.orders, bought, cut_off), on="client_id", how="left")
    frame["tenure_months"] = frame["client_id"].map(_tenure(tables, cut_off, rule))
    if tables.surveys is not None:
        frame = frame.merge(_survey_features(tables.surveys, cut_off), on="client_id", how="left")
        frame[["asked_12m", "answered_12m"]] = frame[["asked_12m", "answered_12m"]].fillna(0.0)
    return frame


def _order_features(orders: pd.DataFrame, bought: pd.DataFrame, cut_off: pd.Timestamp) -> pd.DataFrame:
    """Counts, sums and trends over windows that end the day before the cut-off."""
    known = orders[orders["order_date"] < cut_off]
    year = known[known["order_date"] >= cut_off - pd.Timedelta(days=365)]
    frame = pd.DataFrame({"client_id": bought["client_id"].unique()}).set_index("client_id")
    age = (cut_off - bought["date"]).dt.days
    frame["orders_12m"] = _sum(bought, "purchases", age <= 365)
    recent, before = _sum(bought, "purchases", age <= 182), _sum(bought, "purchases", (age > 182) & (age <= 364))
    frame["trend"] = _log_ratio(frame, recent, before, weight=pd.Series(1.0, index=frame.index))
    age = (cut_off - known["order_date"]).dt.days
    frame["amount_12m"] = _sum(known, "amount", age <= 365)
    recent, before = _sum(known, "amount", age <= 182), _sum(known, "amount", (age > 182) & (age <= 364))
    usual = known["amount"].abs().groupby(known["client_id"]).mean()
    frame["amount_trend"] = _log_ratio(frame, recent, before, weight=usual)
    if "product_line" in year:
        frame["lines_12m"] = year[year["kind"] == "sale"].groupby("client_id")["product_line"].nunique()
        frame["line"] = _main_line(year)
    counts = frame.columns.difference(["line"])
    return frame.fillna(dict.fromkeys(counts, 0.0)).astype(dict.fromkeys(counts, "float64")).reset_index()


def _sum(frame: pd.DataFrame, column: str, chosen: "pd.Series[bool]") -> "pd.Series[float]":
    return frame[chosen].groupby("client_id")[column].sum()


def _log_ratio(
    frame: pd.DataFrame, recent: "pd.Series[float]", before: "pd.Series[float]", *, weight: "pd.Series[float]"
) -> "pd.Series[float]":
    """Log ratio of two windows, each with one usual purchase added so that none is empty."""
    usual = weight.reindex(frame.index).clip(lower=1e-9)
    over = recent.reindex(frame.index).fillna(0.0).clip(lower=0.0) + usual
    under = before.reindex(frame.index).fillna(0.0).clip(lower=0.0) + usual
    return pd.Series(np.log(over / under), index=frame.index)


def _main_line(year: pd.DataFrame) -> "pd.Series[str]":
    """Line with the largest sales of each client; the first by name where two are equal."""
    sales = year.groupby(["client_id", "product_line"])["amount"].sum().reset_index()
    sales = sales.sort_values(["client_id", "amount", "product_line"], ascending=[True, False, True])
    return sales.drop_duplicates("client_id").set_index("client_id")["product_line"]


def _tenure(tables: Tables, cut_off: pd.Timestamp, rule: Rule) -> "pd.Series[float]":
    """Months since each client's present life began."""
    lives = departures(tables.orders, as_of=cut_off, rule=rule)
    start = tenure_start(lives, clients=tables.clients)
    last = lives.frame.assign(start=start).groupby("client_id")["start"].last()
    return (cut_off - last).dt.days / DAYS_PER_MONTH


def _survey_features(surveys: pd.DataFrame, cut_off: pd.Timestamp) -> pd.DataFrame:
    """Last answers, and how often a client was asked and answered."""
    known = surveys[surveys["survey_date"] < cut_off]
    if "known_on" in known:
        known = known[known["known_on"].isna() | (known["known_on"] < cut_off)]
    scores = [name for name in FACTORS if name in known]
    age = (cut_off - known["survey_date"]).dt.days
    answered = known[scores].notna().any(axis=1)
    asked = known[age <= 365].groupby("client_id").size().astype(float)
    replied = known[(age <= 365) & answered].groupby("client_id").size().astype(float)
    frame = pd.DataFrame({"asked_12m": asked})
    frame["answered_12m"] = replied.reindex(frame.index).fillna(0.0)
    in_time = known[age <= _SCORE_AGE_DAYS].sort_values(["client_id", "survey_date"], kind="stable")
    last = in_time.groupby("client_id")[scores].last()  # last() skips missing answers
    joined = frame.join(last, how="outer")
    return joined.rename_axis("client_id").reset_index()
