"""What counts as a purchase: an order, or a unit's day where orders have no number."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame

from churnlab.history.dated import Dated
from churnlab.history.reduction import DATE, purchase_days, to_dates, to_days

Integers = npt.NDArray[np.int64]
SmallIntegers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class PurchaseDays:
    """Days of purchase, sorted by unit and day.

    Attributes
    ----------
    units : DataFrame
        One row a unit, sorted: the columns that make it.
    unit : ndarray of int64, shape (n,)
        Row of `units`.
    day : ndarray of int32, shape (n,)
        Days since 1970-01-01, each once a unit.
    purchases : ndarray of int32, shape (n,)
        How many that day.
    """

    units: pd.DataFrame
    unit: Integers
    day: SmallIntegers
    purchases: SmallIntegers

    @cached_property
    def is_first(self) -> npt.NDArray[np.bool_]:
        """Whether a day is the first of its unit, shape (n,)."""
        return _changes(self.unit)

    @cached_property
    def gap(self) -> SmallIntegers:
        """Days since the unit's purchase day before, 0 for its first, shape (n,)."""
        return np.where(self.is_first, 0, np.diff(self.day, prepend=self.day[:1]))

    @cached_property
    def rows(self) -> Dated:
        """The same days, to be asked what lies before a day."""
        return Dated.of(self.unit, self.day)

    def before(self, day: pd.Timestamp) -> "PurchaseDays":
        """Only what lies strictly before a day; units without any drop out."""
        kept = self.day < int(to_days(day))
        present, unit = np.unique(self.unit[kept], return_inverse=True)
        units = self.units.iloc[present].reset_index(drop=True)
        return PurchaseDays(units, unit.astype(np.int64), self.day[kept], self.purchases[kept])

    def frame(self) -> pd.DataFrame:
        """One row a unit and day: the unit's columns, ``date`` and ``purchases``."""
        named = self.units.iloc[self.unit].reset_index(drop=True)
        return named.assign(date=to_dates(self.day), purchases=self.purchases)


def read_purchases(orders: IntoFrame, *, by: Sequence[str] = ("client_id",)) -> PurchaseDays:
    """Find the days on which units bought.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders (:mod:`churnlab.tables`).
    by : sequence of str
        What makes a unit: ``("client_id",)``, or ``("client_id", "product_line")`` for a client's life within a line.

    Returns
    -------
    PurchaseDays
    """
    found = purchase_days(orders, by=by)
    unit, units = _units(found[list(by)])
    day = to_days(found[DATE])
    found = found[["numbered", "loose"]]  # millions of names need no room any more
    rows = Dated.of(unit, day)
    is_new = _changes(rows.key)
    counts = _counted(rows.sorted(found["numbered"]), rows.sorted(found["loose"]), is_new)
    return PurchaseDays(units, rows.sorted(unit)[is_new], rows.sorted(day).astype(np.int32)[is_new], counts)


def purchases(orders: IntoFrame, *, by: Sequence[str] = ("client_id",)) -> pd.DataFrame:
    """Count purchases per unit and day.

    A row of orders is an order line. A purchase is a distinct ``order_id``, or a unit's day for rows without an
    order number. Returns and credits are never purchases.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    by : sequence of str
        What makes a unit.

    Returns
    -------
    DataFrame
        Columns of `by`, ``date`` (a day with at least one purchase) and ``purchases`` (how many that day), sorted by
        unit and date.
    """
    return read_purchases(orders, by=by).frame()


def _counted(numbered: npt.NDArray[Any], loose: npt.NDArray[Any], is_new: npt.NDArray[np.bool_]) -> SmallIntegers:
    """Purchases of each unit and day: its orders, and one more where lines have no number."""
    begins = np.flatnonzero(is_new)
    counts = np.add.reduceat(numbered, begins, dtype=np.int32)
    counts += np.maximum.reduceat(loose, begins)
    return counts


def _changes(values: Integers) -> npt.NDArray[np.bool_]:
    """Whether a value differs from the one before it, shape (n,); true for the first."""
    return np.concatenate([np.ones(min(len(values), 1), dtype=bool), values[1:] != values[:-1]])


def _units(keys: pd.DataFrame) -> tuple[Integers, pd.DataFrame]:
    """Number units in the order of their names."""
    columns: list[Any] = [pd.factorize(keys[name], sort=True) for name in keys]
    codes = columns[0][0].astype(np.int64)
    if len(columns) == 1:
        return codes, pd.DataFrame({keys.columns[0]: pd.Series(columns[0][1], dtype="str")})
    for position, words in columns[1:]:
        codes = codes * max(len(words), 1) + position
    present, unit = np.unique(codes, return_inverse=True)
    first = pd.Series(np.arange(len(unit))).groupby(unit).first().to_numpy()
    units = keys.iloc[first].astype("str").reset_index(drop=True)
    return unit.astype(np.int64).reshape(len(codes)), units if len(present) else keys.iloc[:0]
