"""What was known of each client on a cut-off day: features from rows dated strictly before it."""

import numpy as np
import pandas as pd

from churnlab.history import care_features, order_features
from churnlab.history.features import FEATURES
from churnlab.history.grid import Grid, at_risk
from churnlab.history.purchases import read_purchases
from churnlab.history.reduction import to_dates, to_days
from churnlab.history.rhythm import OwnRhythm, Rule, rhythm
from churnlab.tables import Tables


def snapshots(tables: Tables, cut_offs: list[pd.Timestamp], *, rule: Rule | None = None) -> pd.DataFrame:
    """Features of every client at risk on each cut-off day.

    A client is at risk at a cut-off if it bought before and was not known to have left before.

    Parameters
    ----------
    tables : Tables
        A loaded dataset. Its orders may also be a DuckDB relation or a Spark frame with the same columns: these are
        reduced where they lie, and the result is the same, bit for bit.
    cut_offs : list of Timestamp
        Days; only rows dated strictly before a day count for it.
    rule : OwnRhythm or FixedDays, optional
        What counts as too long a silence.

    Returns
    -------
    DataFrame
        ``client_id``, ``cut_off``, ``last_order``, ``limit_days``, ``line`` (the product line with the largest
        sales of the last 12 months) and the columns that :data:`FEATURES` names, sorted by cut-off and client; further
        rated factors of the surveys stand last. Columns of a table that is not there are absent; values are NaN where
        nothing is known.

    Raises
    ------
    ValueError
        If no purchase lies before the first cut-off.
    """
    bought = read_purchases(tables.orders)
    days = tuple(pd.Timestamp(day) for day in cut_offs)
    if not days or not (bought.day < int(to_days(min(days)))).any():
        said = f"{min(days):%Y-%m-%d}" if days else "a cut-off, but got none"
        raise ValueError(f"expected purchases before {said}: choose later days")
    pace = rhythm(bought, rule=rule or OwnRhythm())
    grid = at_risk(bought, pace, days, clients=tables.clients)
    money, line = order_features.money_features(tables.orders, bought, grid)
    columns = {
        **order_features.purchase_features(bought, pace, grid),
        **money,
        **order_features.delivery_features(tables.orders, grid),
        "tenure_months": order_features.tenure(bought, pace, grid, tables.clients),
        "month": np.array([day.month for day in days], dtype=np.float64)[grid.cut],
        **_further(tables, grid),
    }
    if tables.clients is not None and "group_id" in tables.clients:
        columns["group_orders_12m"] = order_features.group_orders(bought, grid, tables.clients)
    frame = pd.DataFrame(
        {
            "client_id": pd.Series(grid.clients.to_numpy()[grid.unit], dtype="str"),
            "cut_off": pd.Series(pd.DatetimeIndex(days).as_unit("us")[grid.cut]),
            "last_order": to_dates(bought.day[grid.last]),
            "limit_days": pace.limit[grid.last],
        }
    )
    if line is not None:
        frame["line"] = line
    listed = [feature.name for feature in FEATURES if feature.name in columns]
    ordered = [*listed, *(name for name in columns if name not in listed)]
    return frame.assign(**{name: columns.pop(name) for name in ordered})


def _further(tables: Tables, grid: Grid) -> order_features.Columns:
    """Features of the tables beside orders, as far as they are there."""
    columns: order_features.Columns = {}
    if tables.surveys is not None:
        factors = care_features.score_columns(tables.surveys)
        columns |= care_features.survey_features(tables.surveys, grid, factors=factors)
    if tables.touches is not None:
        columns |= care_features.touch_features(tables.touches, grid)
    if tables.failures is not None:
        columns |= care_features.failure_features(tables.failures, grid)
    if tables.offers_seen is not None:
        columns |= care_features.offer_features(tables.offers_seen, grid)
    if tables.clients is not None:
        columns |= care_features.attribute_features(tables.clients, grid)
    return columns
