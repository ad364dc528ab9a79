"""Quarters of observed time, client by client: what effects are estimated on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history import Rule, departures, month_ends, person_months, snapshots
from churnlab.tables import Tables, part

MONTHS_BETWEEN = 3

_MOST_CLIENTS = 20_000
"""Effects are estimated on so many clients at most, evenly chosen: more would not change how an interval is read."""

SCORED = ("quality", "timing", "attention", "price")


@dataclass(frozen=True, slots=True)
class Panel:
    """Person-months behind quarterly snapshots.

    Attributes
    ----------
    quarters : DataFrame
        Snapshot rows, one a client and quarter with a month at risk, from 0 on.
    row : ndarray of int, shape (n,)
        Row of `quarters` of each person-month.
    event : ndarray of bool, shape (n,)
        Whether the client left in it.
    records_start : Timestamp
        First day of the records.
    """

    quarters: pd.DataFrame
    row: npt.NDArray[np.int64]
    event: npt.NDArray[np.bool_]
    records_start: pd.Timestamp

    @property
    def client(self) -> npt.NDArray[np.object_]:
        """Whose month it is, shape (n,)."""
        return self.quarters["client_id"].to_numpy(dtype=object)[self.row]

    @property
    def departures(self) -> int:
        """Departures in it."""
        return int(self.event.sum())


def is_scored(surveys: pd.DataFrame | None) -> bool:
    """Whether surveys hold the scores that effects are estimated of."""
    return surveys is not None and not surveys.empty and set(SCORED) <= set(surveys.columns)


def panel(tables: Tables, *, as_of: pd.Timestamp, rule: Rule | None = None, scored: bool | None = None) -> Panel | None:
    """Lay out quarters: what was known at the start of each, and in which of its months the client left.

    A quarter counts for a client until it leaves or is last observed. Quarters start once surveys have been going for
    a quarter, or at the records' start without scores.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    as_of : Timestamp
        Rows on or after this day are not used.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.
    scored : bool, optional
        Whether scores are looked at; if not given, where surveys have them.

    Returns
    -------
    Panel or None
        None where there is no whole quarter.
    """
    lives = departures(tables.orders, as_of=as_of, rule=rule, clients=tables.clients)
    records_start = start = lives.records_start
    if tables.surveys is not None and (is_scored(tables.surveys) if scored is None else scored):
        start = max(start, tables.surveys["survey_date"].min())
    cut_offs = month_ends(start + pd.DateOffset(months=MONTHS_BETWEEN), as_of, every=MONTHS_BETWEEN)
    if not cut_offs:
        return None
    snapshot = snapshots(part(tables, most=_MOST_CLIENTS), cut_offs, rule=rule)
    months = person_months(snapshot, lives, horizon_months=MONTHS_BETWEEN, begun=False)
    if months.empty:
        return None
    kept, row = np.unique(months["row"].to_numpy(dtype=np.int64), return_inverse=True)
    quarters = snapshot.iloc[kept].reset_index(drop=True)
    return Panel(quarters, row.astype(np.int64), months["event"].to_numpy(dtype=bool), records_start)
