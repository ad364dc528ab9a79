"""Orders by hand: clients with the days on which they bought."""

import pandas as pd

DAY_0 = pd.Timestamp("2020-01-01")


def on(days: int) -> pd.Timestamp:
    """Return the day so many days after the first."""
    return DAY_0 + pd.Timedelta(days=days)


def orders_of(days: dict[str, list[int]], line: str | None = None) -> pd.DataFrame:
    """Build orders from days by client, one order of 100 a day."""
    rows = [(client, on(day), 100.0, "sale") for client, given in days.items() for day in given]
    orders = pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "kind"])
    orders = orders.astype({"client_id": "str", "order_date": "datetime64[us]", "kind": "str"})
    return orders if line is None else orders.assign(product_line=line)
