"""Who is at risk on which cut-off day, and the windows that end there."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history.dated import Dated
from churnlab.history.departures import closures
from churnlab.history.purchases import Integers, PurchaseDays
from churnlab.history.reduction import to_days
from churnlab.history.rhythm import Rhythm

WINDOWS: Final = (3, 6, 12, 24)
"""Windows in months; each ends the day before the cut-off."""

EVER: Final = -(1 << 21)
"""A day before all others, in days since 1970-01-01."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a snapshot.

    Attributes
    ----------
    clients : Index
        Clients by unit.
    cut_offs : tuple of Timestamp
        Days, in the order asked for.
    unit, cut : ndarray of int64, shape (k,)
        Client and place of the cut-off in `cut_offs`.
    day : ndarray of int64, shape (k,)
        The cut-off, days since 1970-01-01.
    last : ndarray of int64, shape (k,)
        Place of the latest purchase day before it.
    """

    clients: pd.Index
    cut_offs: tuple[pd.Timestamp, ...]
    unit: Integers
    cut: Integers
    day: Integers
    last: Integers

    def windows(self, rows: Dated) -> "Windows":
        """Rows of one table, to be summed over windows that end at or before the cut-offs."""
        return Windows(rows, self, {}, {})

    def back(self, months: int) -> Integers:
        """Day so many months before each row's cut-off, shape (k,)."""
        return _back(self.cut_offs, months)[self.cut]

    def edges(self, windows: tuple[int, ...] = WINDOWS) -> Integers:
        """Cut-offs and starts of windows, rising, each once."""
        return np.unique(np.concatenate([_back(self.cut_offs, months) for months in (0, *windows)]))

    def units_of(self, client_id: pd.Series) -> Integers:
        """Units of clients, shape (n,); -1 for those that never bought."""
        return np.asarray(self.clients.get_indexer(pd.Index(client_id.astype("str"))), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Windows:
    """Rows of one table, summed over windows before each row of a grid.

    Attributes
    ----------
    rows : Dated
        The table's rows by unit and day.
    grid : Grid
        Rows asked for.
    places : dict of int to ndarray of int64, shape (k,)
        Rows that lie before a day so many months back, as far as they were asked for.
    by_day : dict of int to ndarray of int64, shape (units,)
        Rows that lie before a day, of every unit: cut-offs a month apart share their days.
    """

    rows: Dated
    grid: Grid
    places: dict[int | None, Integers]
    by_day: dict[int, Integers]

    def sum(self, sums: Integers, start: int | None, stop: int = 0) -> Integers:
        """Sum from so many months back (None: ever) to so many months back.

        Parameters
        ----------
        sums : ndarray of int64, shape (n + 1,)
            Result of :meth:`churnlab.history.dated.Dated.sums`.
        start, stop : int
            Months before the cut-off; the last day does not count.

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        return sums[self._place(stop)] - sums[self._place(start)]

    def _place(self, months: int | None) -> Integers:
        if months not in self.places:
            days = [EVER] * len(self.grid.cut_offs) if months is None else _back(self.grid.cut_offs, months).tolist()
            places = np.stack([self._of_all(day) for day in days])
            self.places[months] = places[self.grid.cut, self.grid.unit]
        return self.places[months]

    def _of_all(self, day: int) -> Integers:
        if day not in self.by_day:
            units = np.arange(len(self.grid.clients), dtype=np.int64)
            self.by_day[day] = self.rows.before(units, np.full(len(units), day))
        return self.by_day[day]


def at_risk(
    bought: PurchaseDays, pace: Rhythm, cut_offs: tuple[pd.Timestamp, ...], *, clients: pd.DataFrame | None
) -> Grid:
    """Find the clients at risk on each day: bought before, and neither silent past the limit nor closed by then.

    Parameters
    ----------
    bought : PurchaseDays
        Days of purchase, by client.
    pace : Rhythm
        Their limits.
    cut_offs : tuple of Timestamp
        Days.
    clients : DataFrame or None
        Canonical clients, for closures.

    Returns
    -------
    Grid
        Sorted by cut-off and client.
    """
    units = len(bought.units)
    unit = np.tile(np.arange(units, dtype=np.int64), len(cut_offs))
    cut = np.repeat(np.arange(len(cut_offs), dtype=np.int64), units)
    day = _back(cut_offs, 0)[cut]
    last = bought.rows.last(unit, day)
    shut = closures(clients, bought.units, as_of=max(cut_offs))[unit]
    ordered, limit = bought.day[last], pace.limit[last]
    stays = (last >= 0) & (day - ordered <= limit) & ~((ordered <= shut) & (shut < day))
    names = pd.Index(bought.units["client_id"])
    return Grid(names, cut_offs, unit[stays], cut[stays], day[stays], last[stays])


def _back(cut_offs: tuple[pd.Timestamp, ...], months: int) -> npt.NDArray[np.int64]:
    return to_days([day - pd.DateOffset(months=months) for day in cut_offs])
