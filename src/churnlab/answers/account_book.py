"""The book of accounts: who bought what in the last twelve months, in which group, with which manager, since when."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.accounts import NewBusiness, new_business
from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.lifetime import main_lines
from churnlab.answers.study import Study

YEAR = pd.Timedelta(days=365)

ALL_LINES = "all lines"

_LATEST_MONTHS = 60
_LEAST_MONTHS = 12
_MONTH_DAYS = 365 / 12


@dataclass(frozen=True, slots=True)
class Book:
    """Clients that bought in the last 365 days, and the orders behind them.

    Attributes
    ----------
    grouped : bool
        Whether parents are known, so that a group counts as one.
    costed : float
        Share of the year's net sales whose cost is known; 0 where orders name none.
    clients : DataFrame
        ``client_id``, ``group``, ``manager_id`` (missing where not known), ``line`` (bought most), ``sales``,
        ``margin`` (NaN where no cost is known), ``costed_sales`` (of which the cost is known): all that bought or sent
        back in groups with net sales above 0, by falling sales; a member that sent back more than it bought has net
        sales below 0.
    groups : DataFrame
        ``group``, ``members``, ``main`` (client id with the largest sales), ``line``, ``sales``, ``margin``,
        ``costed_sales``, ``since`` (first deal), ``since_records`` (whether it may be older than that): by falling
        sales.
    orders : DataFrame
        All orders, with ``group``.
    """

    grouped: bool
    costed: float
    clients: pd.DataFrame
    groups: pd.DataFrame
    orders: pd.DataFrame


def account_book(study: Study) -> Book:
    """Lay out who bought in the last 365 days.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Book
    """
    clients = study.tables.clients
    grouped = clients is not None and "group_id" in clients
    top = {} if clients is None or not grouped else dict(zip(clients["client_id"], clients["group_id"], strict=True))
    orders = study.tables.orders
    orders = orders.assign(group=[top.get(client, client) for client in orders["client_id"]])
    year = orders[orders["order_date"] >= study.as_of - YEAR]
    frame = _bought(year)
    frame["manager_id"] = frame["client_id"].map(managers_today(study)).astype("str")
    lines = main_lines(year)
    frame["line"] = ALL_LINES if lines.empty else frame["client_id"].map(lines).fillna("no line").astype("str")
    frame = frame[["client_id", "group", "manager_id", "line", "sales", "margin", "costed_sales"]]
    costed = float(year.loc[year["cost"].notna(), "amount"].sum()) if "cost" in year else 0.0
    whole = float(year["amount"].sum())
    return Book(
        grouped=grouped,
        costed=min(max(costed / whole, 0.0), 1.0) if whole > 0 else 0.0,
        clients=frame,
        groups=_groups(frame, orders, clients),
        orders=orders,
    )


def managers_today(study: Study) -> "pd.Series[str]":
    """Manager of each client: as the clients table says, else who took its last order; missing where nothing does."""
    clients, orders = study.tables.clients, study.tables.orders
    if clients is not None and "manager_id" in clients:
        said = clients.dropna(subset="manager_id").set_index("client_id")["manager_id"]
    else:
        said = pd.Series(dtype="str")
    if "manager_id" not in orders:
        return said
    taken = orders.dropna(subset="manager_id").sort_values("order_date", kind="stable")
    return said.combine_first(taken.groupby("client_id")["manager_id"].last())


def past_new_business(book: Book, study: Study) -> NewBusiness | None:
    """Count what clients won in the past brought in their first 365 days; None where new ones cannot be told.

    Clients, or groups, of the records' first year may be older than the records and do not count; nor do those of the
    last year, whose first year is not over. Of longer records the last five years of these count; of shorter ones, and
    where most silences are pauses, who is new cannot be told from who came back.

    Parameters
    ----------
    book : Book
        Of the study.
    study : Study
        A prepared dataset.

    Returns
    -------
    NewBusiness or None
    """
    bought = book.orders[book.orders["kind"] == "sale"]
    end = study.as_of - YEAR
    begin = max(bought["order_date"].min() + YEAR, end - pd.Timedelta(days=_LATEST_MONTHS * _MONTH_DAYS))
    months = round((end - begin).days / _MONTH_DAYS)
    if months < _LEAST_MONTHS or study.ask(when_has_a_client_left).verdict == "pauses":
        return None
    first = _since(bought, study.tables.clients)
    won = first[(first >= begin) & (first < end)]
    if won.empty:
        return new_business([], months=months)
    after = book.orders[book.orders["group"].isin(won.index)]
    passed = after["order_date"] - after["group"].map(won)
    sales = after[(passed >= pd.Timedelta(0)) & (passed < YEAR)].groupby("group")["amount"].sum()
    return new_business(sales.reindex(won.index).fillna(0.0).to_numpy(dtype=np.float64), months=months)


def no_new_business(new: NewBusiness | None) -> str:
    """Say why nothing can be replaced at the past rate of new business; empty where it can."""
    if new is None:
        return "new clients cannot be told in these records"
    return "" if new.a_month.value > 0 else f"no new one brought anything in the {new.months} months watched"


def purchase_counts(orders: pd.DataFrame) -> pd.DataFrame:
    """Purchases by client, and those of them with a claim: ``purchases``, ``claims``; without the latter 0."""
    sold = orders[orders["kind"] == "sale"]
    key = sold["order_id"] if "order_id" in sold else sold["order_date"].astype("str")
    claim = (
        sold["claim"].notna() & (sold["claim"] != "") if "claim" in sold else pd.Series(data=False, index=sold.index)
    )
    each = claim.groupby([sold["client_id"], key]).any()
    return each.groupby(level=0).agg(["size", "sum"]).rename(columns={"size": "purchases", "sum": "claims"})


def _bought(year: pd.DataFrame) -> pd.DataFrame:
    """Net sales and margin of the year by client, of groups with sales above 0, by falling sales."""
    costed = year["amount"] - year["cost"] if "cost" in year else pd.Series(np.nan, index=year.index)
    known = year["amount"].where(costed.notna(), 0.0)
    sums = year.assign(sales=year["amount"], margin=costed, costed_sales=known).groupby(["client_id", "group"])
    frame = sums[["sales", "margin", "costed_sales"]].sum(min_count=1).reset_index()
    frame = frame[frame.groupby("group")["sales"].transform("sum") > 0]
    return frame.sort_values(["sales", "client_id"], ascending=[False, True]).reset_index(drop=True)


def _groups(frame: pd.DataFrame, orders: pd.DataFrame, clients: pd.DataFrame | None) -> pd.DataFrame:
    """Sum by group, with its first deal."""
    groups = frame.groupby("group", as_index=False).agg(
        members=("client_id", "size"),
        main=("client_id", "first"),
        line=("line", "first"),
        sales=("sales", "sum"),
        costed_sales=("costed_sales", "sum"),
    )
    groups["margin"] = groups["group"].map(frame.groupby("group")["margin"].sum(min_count=1)).astype("float64")
    sold = orders[orders["kind"] == "sale"]
    since = _since(sold, clients)
    groups["since"] = groups["group"].map(since)
    groups["since_records"] = groups["since"] <= sold["order_date"].min() + YEAR
    if clients is not None and "start_date" in clients:
        groups["since_records"] &= ~groups["main"].isin(clients.dropna(subset="start_date")["client_id"])
    return groups.sort_values(["sales", "group"], ascending=[False, True]).reset_index(drop=True)


def _since(sold: pd.DataFrame, clients: pd.DataFrame | None) -> "pd.Series[pd.Timestamp]":
    """First deal of each group: its first purchase, or an earlier day that the clients table names."""
    first = sold.groupby("group")["order_date"].min()
    if clients is None or "start_date" not in clients:
        return first
    group = clients["group_id"] if "group_id" in clients else clients["client_id"]
    noted = clients["start_date"].groupby(group).min().reindex(first.index)
    return first.where(noted.isna() | (first <= noted), noted)
