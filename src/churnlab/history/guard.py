"""Guards against knowledge of the future: for our own features, and for those that an analyst makes.

The scramble changes, deletes and adds whatever was not known on a day; a feature that moves has seen it. Its sisters
look at labels and folds, where a leak moves no feature.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from churnlab.tables import CONTRACT, Tables

Features = Callable[[Tables, pd.Timestamp], pd.DataFrame]
"""Makes one row a client (column or index ``client_id``) from tables and a cut-off day."""

_DATED: Final = {
    "orders": "order_date",
    "surveys": "survey_date",
    "touches": "date",
    "failures": "date",
    "offers_seen": "date",
    "losses": "date",
    "changes": "date",
}
_LATER: Final = {"orders": ("delivered_date",), "losses": ("won_back_date",)}
_MAY_COME = 0.5
_IDENTITY: Final = ("client_id", "group_id", "parent_id", "name", "start_date", "closed_date", "known_on")
_KEPT, _REDRAWN = 0.67, 0.5


def find_leaks(
    features: Features, tables: Tables, cut_off: pd.Timestamp, *, draws: int = 3, seed: int = 1
) -> pd.DataFrame:
    """Find columns that move when what was not known on the cut-off day is changed.

    Parameters
    ----------
    features : callable
        Takes tables and the cut-off, returns one row a client with a ``client_id`` column or index.
    tables : Tables
        A loaded dataset with rows on both sides of the cut-off.
    cut_off : Timestamp
        The day.
    draws : int
        How often the future is scrambled; one draw may leave a leak unmoved.
    seed : int
        Seed of the draws.

    Returns
    -------
    DataFrame
        ``column`` and ``draws`` (in how many it moved), worst first; empty if nothing moved. A leak that moves no
        value in any draw is not found.

    Raises
    ------
    ValueError
        If the features have no ``client_id`` or several rows a client, or no row lies on or after the cut-off.
    """
    if not (tables.orders["order_date"] >= cut_off).any():
        message = f"expected orders on or after {cut_off:%Y-%m-%d}, found none: choose an earlier cut-off"
        raise ValueError(message)
    honest = _by_client(features(tables, cut_off))
    moved: dict[str, int] = {}
    for draw in range(draws):
        other = _by_client(features(scrambled(tables, cut_off, np.random.default_rng([seed, draw])), cut_off))
        for name in _moved(honest, other):
            moved[name] = moved.get(name, 0) + 1
    found = pd.DataFrame({"column": list(moved), "draws": list(moved.values())})
    return found.sort_values(["draws", "column"], ascending=[False, True], ignore_index=True)


def scrambled(tables: Tables, cut_off: pd.Timestamp, rng: np.random.Generator) -> Tables:
    """Change all that was not known on a day, and nothing that was.

    Of the rows of orders, surveys, touches, failures, offers, losses and changes that are dated on or after the day, or
    known only then, a third is deleted; the others get values of one another; new ones are added, some on the day
    itself, and where rows say when they were known, some that are dated before it. Losses without such a day count as
    not known. Deliveries, returns of clients and closures that were to come are redrawn, with the claims of the former.
    Attributes of clients that bear no day of being known are redrawn too. Left as they are: merges and rates, which
    are applied while reading; contacts and managers; and what says who a client is: id, name, group, start date.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    cut_off : Timestamp
        The day.
    rng : Generator
        Draws.

    Returns
    -------
    Tables
        The same tables with another future.
    """
    changes: dict[str, Any] = {}
    for name, dated in _DATED.items():
        frame = getattr(tables, name)
        if frame is not None:
            given = frame if name != "losses" or "known_on" in frame else frame.assign(known_on=cut_off)
            changes[name] = _other_future(given, dated, cut_off, rng, later=_LATER.get(name, ()))[list(frame)]
    if tables.clients is not None:
        changes["clients"] = _other_attributes(tables.clients, cut_off, rng)
    return replace(tables, **changes)


def check_labels(training: pd.DataFrame, *, cut_off: pd.Timestamp, horizon_months: int) -> list[str]:
    """Say whether labels of training rows could be known on the day of forecasting.

    Parameters
    ----------
    training : DataFrame
        ``client_id``, ``cut_off``, and ``label_known_on`` if it is to be looked at: the day from which the label could
        be told (the horizon's end and the client's limit behind it for those who stayed; the day on which the departure
        was known for those who left).
    cut_off : Timestamp
        Day of forecasting.
    horizon_months : int
        Months that a label looks ahead; used where ``label_known_on`` is not there.

    Returns
    -------
    list of str
        What is wrong, in sentences; empty if nothing is.
    """
    known = training.get("label_known_on")
    by_window = known is None
    if known is None:
        known = training["cut_off"] + pd.DateOffset(months=horizon_months)
    late = (known > cut_off) if by_window else ~(known < cut_off)  # a day that is not there is not known
    if not late.any():
        return []
    first = training[late].iloc[0]
    return [
        f"{int(late.sum())} of {len(training)} training labels were not known before {cut_off:%Y-%m-%d}; the first is "
        f"that of client {first['client_id']} at {first['cut_off']:%Y-%m-%d}: leave these rows out"
    ]


def check_folds(training: pd.DataFrame, testing: pd.DataFrame, *, by_client: bool = True) -> list[str]:
    """Say whether rows stand on both sides of a split.

    Parameters
    ----------
    training, testing : DataFrame
        ``client_id`` and ``cut_off``.
    by_client : bool
        Whether a client may stand on one side only; else the same client and cut-off may not, and no training row may
        lie on or after the first testing row.

    Returns
    -------
    list of str
        What is wrong, in sentences; empty if nothing is.
    """
    keys = ["client_id"] if by_client else ["client_id", "cut_off"]
    both = training[keys].drop_duplicates().merge(testing[keys].drop_duplicates(), on=keys)
    problems = []
    if len(both):
        problems.append(
            f"{len(both)} {'clients' if by_client else 'rows'} stand in training and testing, the first is client "
            f"{both['client_id'].iloc[0]}: keep each on one side"
        )
    if not by_client and len(testing):
        early = training["cut_off"] >= testing["cut_off"].min()
        if early.any():
            problems.append(
                f"{int(early.sum())} training rows lie on or after the first testing day "
                f"{testing['cut_off'].min():%Y-%m-%d}: train on earlier days only"
            )
    return problems


def _by_client(frame: pd.DataFrame) -> pd.DataFrame:
    table = frame.set_index("client_id") if "client_id" in frame else frame
    if table.index.name != "client_id" or table.index.has_duplicates:
        message = "expected one row a client, with client_id as a column or the index: make features of one cut-off"
        raise ValueError(message)
    return table.sort_index()


def _moved(honest: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """Columns that differ in any bit, in being there, or all of them where other clients came out."""
    if not honest.index.equals(other.index):
        return [str(name) for name in honest.columns] or ["client_id"]
    names = dict.fromkeys([*honest, *other])
    return [str(n) for n in names if n not in honest or n not in other or not honest[n].equals(other[n])]


def _unknown(frame: pd.DataFrame, cut_off: pd.Timestamp, dated: str | None = None) -> "np.ndarray[Any, Any]":
    """Rows that were not known before the day; without any date nothing was."""
    unknown = np.ones(len(frame), dtype=bool) if dated is None else (frame[dated] >= cut_off).to_numpy(dtype=bool)
    if "known_on" in frame:
        late = (frame["known_on"] >= cut_off).to_numpy(dtype=bool)
        unknown = np.where(frame["known_on"].notna(), late if dated is None else unknown | late, unknown)
    return unknown


def _other_future(
    frame: pd.DataFrame, dated: str, cut_off: pd.Timestamp, rng: np.random.Generator, *, later: tuple[str, ...]
) -> pd.DataFrame:
    unknown = _unknown(frame, cut_off, dated)
    past, future = frame[~unknown], frame[unknown]
    for column in later:
        if column in past:
            to_come = ~(past[column] < cut_off).to_numpy(dtype=bool)
            past = _shuffled(_other_days(past, column, cut_off, rng), to_come, rng, only=("claim",))
    kept = _shuffled(future[rng.random(len(future)) < _KEPT], None, rng)
    added = _added(frame, dated, cut_off, rng, count=max(len(future), 20), later=later)
    return pd.concat([kept, added, past], ignore_index=True).astype(frame.dtypes)


def _added(
    frame: pd.DataFrame,
    dated: str,
    cut_off: pd.Timestamp,
    rng: np.random.Generator,
    *,
    count: int,
    later: tuple[str, ...],
) -> pd.DataFrame:
    """Rows that nobody knew of on the day, one in five dated on the day itself; some older where that can be said."""
    added = frame.sample(n=min(len(frame), count), random_state=int(rng.integers(1 << 31)))
    days = cut_off + pd.to_timedelta(rng.integers(0, 400, len(added)) * (rng.random(len(added)) < 0.8), unit="D")
    drawn = pd.Series(days, index=added.index).dt.as_unit("us")
    old = np.zeros(len(added), dtype=bool)
    if "known_on" in added:
        old = rng.random(len(added)) < _MAY_COME
        added = added.assign(known_on=drawn)
    added = added.assign(**{dated: added[dated].where(old & (added[dated] < cut_off), drawn)})
    for column in later:
        if column in added:
            added[column] = added[column].where(added[column].isna(), drawn + pd.Timedelta(days=5))
    if "order_id" in added:
        added["order_id"] = [f"scrambled-{number}" for number in range(len(added))]
    return added


def _other_attributes(clients: pd.DataFrame, cut_off: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Clients with attributes of one another, where these bear no day, and closures that were to come moved."""
    attributes = tuple(str(name) for name in clients if name not in _IDENTITY)
    changed = _shuffled(clients, _unknown(clients, cut_off), rng, only=attributes)
    return _other_days(changed, "closed_date", cut_off, rng)


def _other_days(frame: pd.DataFrame, column: str, cut_off: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Redraw, or take away, the days of a column that were to come, were not known yet, or are not there."""
    if column not in frame:
        return frame
    to_come = ~(frame[column] < cut_off).to_numpy(dtype=bool)
    if "known_on" in frame:
        to_come |= (frame["known_on"] >= cut_off).to_numpy(dtype=bool)
    days = cut_off + pd.to_timedelta(rng.integers(0, 400, len(frame)), unit="D")
    drawn = pd.Series(days, index=frame.index).where(rng.random(len(frame)) < _REDRAWN)
    return frame.assign(**{column: frame[column].where(~to_come, drawn).dt.as_unit("us")})


def _shuffled(
    frame: pd.DataFrame,
    rows: "np.ndarray[Any, Any] | None",
    rng: np.random.Generator,
    *,
    only: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """Exchange values between rows, each column on its own; missing values go round too."""
    where = np.arange(len(frame)) if rows is None else np.flatnonzero(rows)
    changed = frame.copy()
    dates = {column.name for table in CONTRACT.values() for column in table.columns if column.kind == "date"}
    kept = {*dates, "client_id", "kind", "order_id"}
    for name in frame.columns:
        if (name not in kept) if only is None else (name in only):
            values = frame[name].array.copy()
            values[where] = frame[name].array.take(where[rng.permutation(len(where))])
            changed[name] = pd.Series(values, index=frame.index)
    return changed
