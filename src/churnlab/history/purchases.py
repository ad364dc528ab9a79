"""What counts as a purchase."""

import pandas as pd


def purchases(orders: pd.DataFrame, *, by: tuple[str, ...] = ("client_id",)) -> pd.DataFrame:
    """Count purchases per unit and day.

    A row of orders is an order line. A purchase is a distinct ``order_id``, or a client's day for rows
    without an order number. Returns and credits are never purchases.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders (``churnlab.tables``).
    by : tuple of str
        What makes a unit: ``("client_id",)``, or ``("client_id", "product_line")`` for a client's
        life within a line.

    Returns
    -------
    DataFrame
        Columns of `by`, ``date`` (a day with at least one purchase) and ``purchases`` (how many
        that day), sorted by unit and date.
    """
    keys = list(by)
    sales = orders[orders["kind"] == "sale"]
    numbered = sales["order_id"].notna() if "order_id" in sales else pd.Series(data=False, index=sales.index)
    by_day = sales.loc[~numbered, [*keys, "order_date"]].drop_duplicates()
    if numbered.any():
        by_number = sales[numbered].groupby([*keys, "order_id"], sort=False, as_index=False)["order_date"].min()
        by_day = pd.concat([pd.DataFrame(by_number)[[*keys, "order_date"]], by_day], ignore_index=True)
    counted = by_day.groupby([*keys, "order_date"], as_index=False).size()
    return counted.rename(columns={"order_date": "date", "size": "purchases"})
