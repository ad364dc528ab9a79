"""Where a client stood at a time: its manager, its sales, its main line, how long it had been with us."""

import numpy as np
import pandas as pd

from churnlab.history import Lives
from churnlab.history.departures import tenure_start
from churnlab.tables import Tables

NO_LINE = "no line"
"""What sales are called that no line is named for."""

_YEAR = pd.Timedelta(days=365)


def manager_of_the_time(surveys: pd.DataFrame, tables: Tables) -> "pd.Series[str] | None":
    """Who looked after each survey row's client then: by its last order, else by the clients table.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys, or some of their rows.
    tables : Tables
        The dataset.

    Returns
    -------
    Series of str or None
        Managers, aligned with the surveys, missing where not known; None where nothing names a manager.
    """
    orders, clients = tables.orders, tables.clients
    now = clients.set_index("client_id")["manager_id"] if clients is not None and "manager_id" in clients else None
    today = None if now is None else surveys["client_id"].map(now)
    if "manager_id" not in orders:
        return today
    named = orders.dropna(subset="manager_id").sort_values("order_date", kind="stable")
    asked = surveys[["client_id", "survey_date"]].sort_values("survey_date", kind="stable")
    then = pd.merge_asof(
        asked,
        named[["client_id", "order_date", "manager_id"]],
        left_on="survey_date",
        right_on="order_date",
        by="client_id",
    )
    found = pd.Series(then["manager_id"].to_numpy(), index=asked.index).reindex(surveys.index)
    return found if today is None else found.fillna(today)


def bought_before(orders: pd.DataFrame, client: "pd.Series[str]", day: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    """Net sales of the 365 days before a day, and the line with the most of them.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders.
    client : Series of str, shape (n,)
        Whose.
    day : Series of Timestamp, shape (n,)
        Before which; orders of the day itself do not count.

    Returns
    -------
    DataFrame
        ``sales`` (money, 0 where nothing was bought) and ``line`` (missing where nothing was bought, or lines are not
        known), aligned with `client`.
    """
    rows = pd.DataFrame({"client_id": client.to_numpy(), "day": day.to_numpy(), "row": np.arange(len(client))})
    near = orders[(orders["order_date"] >= day.min() - _YEAR) & (orders["order_date"] < day.max())]
    held = [name for name in ("client_id", "order_date", "amount", "product_line") if name in near]
    pairs = near[held].merge(rows, on="client_id")
    pairs = pairs[(pairs["order_date"] < pairs["day"]) & (pairs["order_date"] >= pairs["day"] - _YEAR)]
    found = pd.DataFrame({"sales": 0.0, "line": pd.Series(None, index=client.index, dtype="str")})
    sales = pairs.groupby("row")["amount"].sum()
    found["sales"] = sales.reindex(rows["row"], fill_value=0.0).to_numpy()
    if "product_line" in pairs:
        named = pairs.assign(line=pairs["product_line"].fillna(NO_LINE))
        by_line = named.groupby(["row", "line"], as_index=False)["amount"].sum()
        most = by_line[by_line["amount"] > 0].sort_values(["amount", "line"], ascending=[False, True])
        found["line"] = most.drop_duplicates("row").set_index("row")["line"].reindex(rows["row"]).to_numpy()
    return found


def days_with_us(
    lives: Lives, clients: pd.DataFrame | None, client: "pd.Series[str]", day: "pd.Series[pd.Timestamp]"
) -> "pd.Series[float]":
    """Days since a client's first deal; 0 before it, or where the client is not known.

    Parameters
    ----------
    lives : Lives
        Lives of clients.
    clients : DataFrame or None
        Canonical clients.
    client : Series of str, shape (n,)
        Whose.
    day : Series of Timestamp, shape (n,)
        Up to which.

    Returns
    -------
    Series of float, shape (n,)
        Aligned with `client`.
    """
    started = tenure_start(lives, clients=clients).groupby(lives.frame["client_id"]).min()
    return (day - client.map(started)).dt.days.clip(lower=0).fillna(0).astype("float64")
