"""Order lines reduced in the place where they lie: pandas in memory, DuckDB on disk, Spark on a cluster.

Written once, in narwhals. What leaves the database is one row a client and day of purchase, and one row a client,
product line and stretch of time between two cut-offs; all else is computed from these in NumPy. Money, counts and
days are integers here, so that sums do not depend on the order of rows or on who adds them up.
"""

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

MONEY_UNIT: Final = 10_000
"""Money is summed in ten-thousandths."""

NUMBERED = "_order"
DAY = "day"
BIN = "bin"

_EPOCH = np.datetime64("1970-01-01", "D")


def to_days(dates: Any) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Count days since 1970-01-01.

    Parameters
    ----------
    dates : array_like of datetime64, shape (n,)
        Days, all known.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    days: np.ndarray[tuple[int], np.dtype[np.int64]] = np.asarray(dates, dtype="datetime64[D]").astype(np.int64)
    return days


def to_dates(days: Any) -> "pd.Series[pd.Timestamp]":
    """Turn days since 1970-01-01 into dates.

    Parameters
    ----------
    days : array_like of int64, shape (n,)
        Days.

    Returns
    -------
    Series of datetime64[us]
    """
    return pd.Series((_EPOCH + np.asarray(days, dtype="timedelta64[D]")).astype("datetime64[us]"))


def purchase_days(orders: IntoFrame, *, by: Sequence[str]) -> pd.DataFrame:
    """Count purchases by unit and day.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    by : sequence of str
        Columns that make a unit.

    Returns
    -------
    DataFrame
        Columns of `by`, ``day`` (since 1970-01-01) and ``purchases``, in no particular order. An order counts on its
        first day; rows without an order number count once a unit and day.
    """
    frame = nw.from_native(orders).lazy()
    names = frame.collect_schema().names()
    sales = frame.filter(nw.col("kind") == "sale", *(~nw.col(name).is_null() for name in by))
    if "order_id" not in names:
        days = sales.select(*by, _known_day(names).alias(DAY)).unique()
    else:
        number = nw.col("order_id")
        lines = sales.select(
            *by,
            _known_day(names).alias(DAY),
            nw.when(number.is_null()).then(nw.lit("")).otherwise(number.cast(nw.String)).alias(NUMBERED),
        )
        days = lines.select(*by, DAY) if _all_numbers_differ(lines) else _first_days(lines, by)
    return _collected(days.group_by(*by, DAY).agg(nw.len().alias("purchases")))


def _all_numbers_differ(lines: nw.LazyFrame[Any]) -> bool:
    """Whether every line is an order of its own, so that lines need not be gathered into orders."""
    met = _collected(lines.select(nw.len().alias("lines"), nw.col(NUMBERED).n_unique().alias("numbers")))
    return int(met["lines"].iloc[0]) == int(met["numbers"].iloc[0])


def _first_days(lines: nw.LazyFrame[Any], by: Sequence[str]) -> nw.LazyFrame[Any]:
    """One row an order, on its first day; one a unit and day for lines without a number."""
    loose = lines.filter(nw.col(NUMBERED) == "").select(*by, DAY).unique()
    numbered = lines.filter(nw.col(NUMBERED) != "").group_by(*by, NUMBERED).agg(nw.col(DAY).min())
    return nw.concat([numbered.select(*by, DAY), loose], how="vertical")


def line_sums(orders: IntoFrame, *, edges: Sequence[int]) -> pd.DataFrame:
    """Sum order lines by client, product line and stretch of time.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    edges : sequence of int
        Days that part the stretches, rising; what lies before the first is left out.

    Returns
    -------
    DataFrame
        ``client_id``, ``product_line`` (where there are lines), ``bin`` (edges passed after the first) and integer
        sums: ``net``, ``sales``, ``returned`` (ten-thousandths of money), ``sold`` (lines of sales), and ``listed``,
        ``paid`` (list and paid amount of sales with a list amount) where list amounts are there.
    """
    frame = nw.from_native(orders).lazy()
    names = frame.collect_schema().names()
    is_sale = nw.col("kind") == "sale"
    money = _fixed("amount")
    columns = {
        "net": money,
        "sales": nw.when(is_sale).then(money).otherwise(0),
        "returned": nw.when(~is_sale).then(-money).otherwise(0),
        "sold": nw.when(is_sale).then(nw.lit(1)).otherwise(0),
    }
    if "list_amount" in names:
        listed = is_sale & ~_missing("list_amount")
        columns |= {
            "listed": nw.when(listed).then(_fixed("list_amount")).otherwise(0),
            "paid": nw.when(listed).then(money).otherwise(0),
        }
    keys = ["client_id", *(["product_line"] if "product_line" in names else [])]
    return _binned(frame, _known_day(names), keys, columns, edges)


def delivery_sums(orders: IntoFrame, *, edges: Sequence[int]) -> pd.DataFrame | None:
    """Sum deliveries by client and stretch of time, by the day of delivery: nobody knows of them before.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    edges : sequence of int
        Days that part the stretches, rising; what lies before the first is left out.

    Returns
    -------
    DataFrame or None
        ``client_id``, ``bin`` and ``promised`` (delivered lines with a promise), ``late`` (of them), ``late_days``,
        ``delivered``, ``claims``; None where orders hold no day of delivery.
    """
    frame = nw.from_native(orders).lazy()
    names = frame.collect_schema().names()
    if "delivered_date" not in names:
        return None
    given = frame.filter(nw.col("kind") == "sale", ~nw.col("delivered_date").is_null())
    columns = {"delivered": nw.lit(1)}  # counted even where there is nothing else to sum
    if "promised_date" in names:
        promised = ~nw.col("promised_date").is_null()
        behind = _day("delivered_date") - _day("promised_date")
        columns |= {
            "promised": nw.when(promised).then(nw.lit(1)).otherwise(0),
            "late": nw.when(promised & (behind > 0)).then(nw.lit(1)).otherwise(0),
            "late_days": nw.when(promised & (behind > 0)).then(behind).otherwise(0),
        }
    if "claim" in names:
        columns["claims"] = nw.when(~nw.col("claim").is_null()).then(nw.lit(1)).otherwise(0)
    known = nw.max_horizontal(_known_day(names), _day("delivered_date"))
    return _binned(given, known, ["client_id"], columns, edges)


def _binned(
    frame: nw.LazyFrame[Any],
    date: nw.Expr,
    keys: list[str],
    columns: dict[str, nw.Expr],
    edges: Sequence[int],
) -> pd.DataFrame:
    """Sum integer columns by keys and the number of edges that a date has passed."""
    made = {name: column.cast(nw.Int64) for name, column in columns.items()}
    recent = frame.with_columns(date.alias(DAY)).filter(nw.col(DAY) >= int(edges[0]))
    wide = recent.select(*keys, DAY, **made)
    passed = nw.col(DAY) * 0
    for edge in edges[1:]:
        passed = passed + (nw.col(DAY) >= int(edge)).cast(nw.Int64)
    summed = (
        wide.select(*keys, *made, passed.alias(BIN)).group_by(*keys, BIN).agg(*(nw.col(name).sum() for name in made))
    )
    return _collected(summed.with_columns(*(nw.col(name).cast(nw.Int64) for name in made)))


def _day(column: str) -> nw.Expr:
    """Days since 1970-01-01, from year and day of the year, which every engine has; 0 where there is no day."""
    year = nw.col(column).dt.year().fill_null(1970).cast(nw.Int64)
    leap_days = (year - 1969) // 4 - (year - 1901) // 100 + (year - 1601) // 400
    return (year - 1970) * 365 + leap_days + nw.col(column).dt.ordinal_day().fill_null(1).cast(nw.Int64) - 1


def _known_day(names: Sequence[str]) -> nw.Expr:
    """The day from which an order counts: its own, or the later one on which it was known."""
    if "known_on" not in names:
        return _day("order_date")
    later = nw.when(nw.col("known_on") > nw.col("order_date")).then(_day("known_on")).otherwise(_day("order_date"))
    return later.cast(nw.Int64)


def _missing(column: str) -> nw.Expr:
    return nw.col(column).is_null() | nw.col(column).is_nan()


def _fixed(column: str) -> nw.Expr:
    """Money in whole ten-thousandths; nothing where it is not known."""
    known = nw.when(_missing(column)).then(nw.lit(0.0)).otherwise(nw.col(column))
    return (known * MONEY_UNIT + 0.5).floor().cast(nw.Int64)  # engines round halves in ways of their own


def _collected(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Bring a reduced frame into memory."""
    collected = frame.collect()
    native = collected.to_native()
    return native if isinstance(native, pd.DataFrame) else collected.to_pandas()
