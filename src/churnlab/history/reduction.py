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

DATE = "date"
BIN = "bin"

_NONE, _ONE = nw.lit(0, nw.Int8), nw.lit(1, nw.Int8)
_LOOSE = nw.col("order_id").is_null() | (nw.col("order_id") == "")
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
    days: np.ndarray[tuple[int], np.dtype[np.int64]] = np.asarray(dates, dtype="datetime64[D]").view(np.int64)
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
        Columns of `by`, ``date``, ``numbered`` (orders with a number, on their first day) and ``loose`` (whether there
        are rows without one). Rows of one unit and day are to be added up; where orders have several lines or none a
        number, a database adds them up itself, so that less leaves it.
    """
    if isinstance(orders, pd.DataFrame):  # codes in the place of millions of names
        orders = orders.assign(**{name: orders[name].astype("str").astype("category") for name in by})
    frame = nw.from_native(orders).lazy()
    names = frame.collect_schema().names()
    numbers = [name for name in ("order_id",) if name in names]
    counts = nw.all_horizontal(nw.col("kind") == "sale", *(~nw.col(name).is_null() for name in by), ignore_nulls=False)
    sales = frame.select(*by, *numbers, _known_date(names).alias(DATE), counts=counts).filter("counts")
    if not numbers:
        days = sales.select(*by, DATE, loose=_ONE, numbered=_NONE)
    elif _each_once(sales):  # next to nothing is to be added up
        return _collected(sales.select(*by, DATE, loose=_LOOSE.cast(nw.Int8), numbered=(~_LOOSE).cast(nw.Int8)))
    else:
        days = _on_first_days(sales, by)
    if not isinstance(orders, pd.DataFrame):
        days = days.group_by(*by, DATE).agg(nw.col("numbered").sum(), nw.col("loose").max())
        days = days.with_columns(nw.col("numbered").cast(nw.Int32))
    return _collected(days)


def _on_first_days(sales: nw.LazyFrame[Any], by: Sequence[str]) -> nw.LazyFrame[Any]:
    """Sales, each order once and on its first day."""
    of_order = sales.filter(~_LOOSE).group_by(*by, "order_id").agg(nw.col(DATE).min())
    numbered = of_order.select(*by, DATE, loose=_NONE, numbered=_ONE)
    return nw.concat([numbered, sales.filter(_LOOSE).select(*by, DATE, loose=_ONE, numbered=_NONE)], how="vertical")


def _each_once(sales: nw.LazyFrame[Any]) -> bool:
    """Whether every order is one line."""
    met = _collected(sales.select(nw.len().alias("lines"), nw.col("order_id").n_unique().alias("numbers")))
    return bool((met["lines"] == met["numbers"].fillna(0)).all())  # nothing is counted where there are no rows


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
    return _binned(frame, _known_date(names), keys, columns, edges)


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
        late = promised & (nw.col("delivered_date") > nw.col("promised_date"))
        columns |= {
            "promised": nw.when(promised).then(nw.lit(1)).otherwise(0),
            "late": nw.when(late).then(nw.lit(1)).otherwise(0),
            "late_days": nw.when(late).then(_day("delivered_date") - _day("promised_date")).otherwise(0),
        }
    if "claim" in names:
        columns["claims"] = nw.when(~nw.col("claim").is_null()).then(nw.lit(1)).otherwise(0)
    ordered, delivered = _known_date(names), nw.col("delivered_date")
    known = nw.when(delivered > ordered).then(delivered).otherwise(ordered)
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
    days = _edges(edges, in_memory=frame.implementation.is_pandas())
    recent = frame.with_columns(date.alias(DATE)).filter(nw.col(DATE) >= days[0])
    wide = recent.select(*keys, DATE, **made)
    passed = nw.lit(0, nw.Int64)
    for day in days[1:]:
        passed = passed + (nw.col(DATE) >= day).cast(nw.Int64)
    summed = (
        wide.select(*keys, *made, passed.alias(BIN)).group_by(*keys, BIN).agg(*(nw.col(name).sum() for name in made))
    )
    return _collected(summed.with_columns(*(nw.col(name).cast(nw.Int64) for name in made)))


def _edges(edges: Sequence[int], *, in_memory: bool) -> list[Any]:
    """Days to compare dates with. An engine may turn a time without a zone by a clock of its own; a date stays one."""
    days = [day.to_pydatetime() for day in to_dates(edges)]
    return days if in_memory else [day.date() for day in days]  # pandas compares with times only


def _day(column: str) -> nw.Expr:
    """Days since 1970-01-01, from year and day of the year, which every engine has; 0 where there is no day."""
    year = nw.col(column).dt.year().fill_null(1970).cast(nw.Int64)
    leap_days = (year - 1969) // 4 - (year - 1901) // 100 + (year - 1601) // 400
    return (year - 1970) * 365 + leap_days + nw.col(column).dt.ordinal_day().fill_null(1).cast(nw.Int64) - 1


def _known_date(names: Sequence[str]) -> nw.Expr:
    """The day from which an order counts: its own, or the later one on which it was known."""
    ordered, known = nw.col("order_date"), nw.col("known_on")
    return nw.when(known > ordered).then(known).otherwise(ordered) if "known_on" in names else ordered


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
