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

WINDOWS: Final = (3, 6, 12, 18, 24)
"""Windows in months; each ends the day before the cut-off."""


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

    def back(self, months: int) -> Integers:
        """Day so many months before each row's cut-off, shape (k,)."""
        return _back(self.cut_offs, months)[self.cut]

    @property
    def edges(self) -> Integers:
        """Cut-offs and starts of windows, rising, each once."""
        starts = [_back(self.cut_offs, months) for months in (0, *WINDOWS)]
        return np.unique(np.concatenate(starts))

    def units_of(self, client_id: pd.Series) -> Integers:
        """Units of clients, shape (n,); -1 for those that never bought."""
        return np.asarray(self.clients.get_indexer(pd.Index(client_id.astype("str"))), dtype=np.int64)


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
    last = Dated.of(bought.unit, bought.day).last(unit, day)
    shut = closures(clients, bought.units, as_of=max(cut_offs))[unit]
    ordered, limit = bought.day[last], pace.limit[last]
    stays = (last >= 0) & (day - ordered <= limit) & ~((ordered <= shut) & (shut < day))
    names = pd.Index(bought.units["client_id"])
    return Grid(names, cut_offs, unit[stays], cut[stays], day[stays], last[stays])


def _back(cut_offs: tuple[pd.Timestamp, ...], months: int) -> npt.NDArray[np.int64]:
    return to_days([day - pd.DateOffset(months=months) for day in cut_offs])
