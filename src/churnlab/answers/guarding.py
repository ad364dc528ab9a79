"""Does any feature see the future? The leak guard, run on this dataset."""

from dataclasses import dataclass
from functools import partial

import pandas as pd

from churnlab.answers.definitions import leaked_recency, what_counts_as_leaving
from churnlab.answers.study import Study
from churnlab.answers.words import count, day
from churnlab.history import Rule, find_leaks, snapshots
from churnlab.tables import Tables

LEAK = "days since the last order, counted at the end of the data"

_MANY_ORDERS = 500_000


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard said of the features.

    Attributes
    ----------
    cut_off : Timestamp or None
        The day; None where the records leave no room for one.
    checked : int
        Columns that were held against a scrambled future.
    flagged : tuple of str
        Those of ours that moved.
    caught : bool
        Whether the deliberate leak beside them moved.
    """

    cut_off: pd.Timestamp | None
    checked: int
    flagged: tuple[str, ...]
    caught: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was checked and what moved."""
        if self.cut_off is None:
            return ("The guard needs rows on both sides of a cut-off, and these records leave no room for one.",)
        ours = f"none of the {count(self.checked)} columns of a snapshot moved"
        if self.flagged:
            ours = f"of the {count(self.checked)} columns of a snapshot these moved: {', '.join(self.flagged)}"
        leak = "the deliberate leak did" if self.caught else "the deliberate leak did not: the guard has missed it"
        return (f"With everything scrambled that was not known on {day(self.cut_off)}, {ours}; {leak}.",)


def does_any_feature_see_the_future(study: Study) -> Guarded:
    """Scramble what was not known on a past day, and see which columns move.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Guarded
    """
    cut_off = study.ask(what_counts_as_leaving).leak.cut_off
    orders = study.tables.orders
    if cut_off is None or not (orders["order_date"] >= cut_off).any():
        return Guarded(None, 0, (), caught=False)
    moved = find_leaks(
        partial(features_and_a_leak, rule=study.rule),
        study.tables,
        cut_off,
        draws=1 if len(orders) > _MANY_ORDERS else 3,
        seed=study.seed,
    )
    columns = snapshots(study.tables, [cut_off], rule=study.rule).columns.drop(["client_id", "cut_off"])
    found = set(moved["column"])
    return Guarded(cut_off, len(columns), tuple(sorted(found - {LEAK})), caught=LEAK in found)


def features_and_a_leak(tables: Tables, cut_off: pd.Timestamp, *, rule: Rule | None = None) -> pd.DataFrame:
    """Make a snapshot with a column that nobody could have known.

    Parameters
    ----------
    tables : Tables
        A dataset.
    cut_off : Timestamp
        The day.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.

    Returns
    -------
    DataFrame
        One row a client at risk.
    """
    frame = snapshots(tables, [cut_off], rule=rule)
    end = tables.orders["order_date"].max() + pd.Timedelta(days=1)
    return frame.assign(**{LEAK: leaked_recency(tables.orders, frame["client_id"], end)})
