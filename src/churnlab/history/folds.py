"""Rolling origins: cut-off days, labels that time allows, and person-months behind a cut-off."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history.departures import DAYS_PER_MONTH, Lives, departures
from churnlab.history.rhythm import Rule
from churnlab.tables import Tables

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Fold:
    """A day of forecasting: what may be learnt from, and what is to be forecast.

    Attributes
    ----------
    cut_off : Timestamp
        The day.
    lives : Lives
        Lives as known on that day.
    earlier : ndarray of int, shape (n,)
        Snapshot rows of learning days before it; for person-months, which count confirmed months only.
    labelled : ndarray of int, shape (m,)
        Those of them whose label could be told before the day, whichever it was.
    labels : ndarray of float, shape (m,)
        1 left within the horizon, 0 stayed.
    testing : ndarray of int, shape (k,)
        Snapshot rows of the day itself.
    """

    cut_off: pd.Timestamp
    lives: Lives
    earlier: Places
    labelled: Places
    labels: npt.NDArray[np.float64]
    testing: Places


def rolling_origins(
    snapshot: pd.DataFrame,
    tables: Tables,
    *,
    testing: tuple[pd.Timestamp, ...],
    learning: tuple[pd.Timestamp, ...],
    horizon_months: int,
    rule: Rule | None = None,
) -> Iterator[Fold]:
    """Split a snapshot by days of forecasting.

    Parameters
    ----------
    snapshot : DataFrame
        :func:`churnlab.history.snapshots` on all the days.
    tables : Tables
        The dataset behind it.
    testing, learning : tuple of Timestamp
        Days of forecasting, and days whose rows may be learnt from.
    horizon_months : int
        Months that a label looks ahead.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.

    Yields
    ------
    Fold
        One a testing day, in their order.
    """
    known_on = label_known_on(snapshot, horizon_months=horizon_months)
    learnt = snapshot["cut_off"].isin(learning)
    for day in testing:
        lives = departures(tables.orders, as_of=day, rule=rule, clients=tables.clients)
        earlier = np.flatnonzero(learnt & (snapshot["cut_off"] < day))
        label = outcomes(snapshot.iloc[earlier], lives, horizon_months=horizon_months).to_numpy()
        told = (known_on.iloc[earlier] < day).to_numpy(dtype=bool) & ~np.isnan(label)
        testing_rows = np.flatnonzero(snapshot["cut_off"] == day)
        yield Fold(day, lives, earlier, earlier[told], np.asarray(label[told]), testing_rows)


def label_known_on(snapshot: pd.DataFrame, *, horizon_months: int) -> "pd.Series[pd.Timestamp]":
    """Day on which a row's label can be told: the horizon's end and behind it the client's limit as of the cut-off.

    Where later orders lengthen the limit, a client that left may take longer; its label is not known then.

    An embargo of the horizon alone would leak: who had left by its end was not known yet.

    Parameters
    ----------
    snapshot : DataFrame
        ``cut_off`` and ``limit_days``.
    horizon_months : int
        Months that a label looks ahead.

    Returns
    -------
    Series of Timestamp
        Aligned with `snapshot`.
    """
    end = snapshot["cut_off"] + pd.DateOffset(months=horizon_months)
    return end + pd.to_timedelta(snapshot["limit_days"], unit="D")


def client_folds(client_id: "pd.Series[str]", folds: int, *, seed: int = 1) -> npt.NDArray[np.int64]:
    """Share clients out into folds, all rows of a client into one: its slices are not new clients.

    Parameters
    ----------
    client_id : Series of str, shape (n,)
        Clients of rows.
    folds : int
        How many.
    seed : int
        Seed of the draw.

    Returns
    -------
    ndarray of int64, shape (n,)
        Fold of each row, from 0 on; sizes differ by one client at most.
    """
    codes, clients = pd.factorize(client_id, sort=True)
    share = np.arange(len(clients), dtype=np.int64) % folds
    return np.random.default_rng(seed).permutation(share)[codes]


def month_ends(first: pd.Timestamp, last: pd.Timestamp, *, every: int = 3) -> list[pd.Timestamp]:
    """Cut-off days, counted backwards from the last one.

    Parameters
    ----------
    first, last : Timestamp
        No cut-off lies before `first`; the latest is `last` itself.
    every : int
        Months between cut-offs.

    Returns
    -------
    list of Timestamp
        In order of time; empty if `last` lies before `first`.

    Examples
    --------
    >>> import pandas as pd
    >>> days = month_ends(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-15"), every=6)
    >>> [f"{day:%Y-%m-%d}" for day in days]
    ['2024-06-15', '2024-12-15']
    """
    span = max(0, (last.year - first.year) * 12 + last.month - first.month)
    days = [last - pd.DateOffset(months=step) for step in range(0, span + 1, every)]
    return [day for day in reversed(days) if day >= first]


def outcomes(snapshot: pd.DataFrame, lives: Lives, *, horizon_months: int) -> "pd.Series[float]":
    """Label each snapshot row: 1 left within the horizon, 0 stayed, NaN not known on ``lives.as_of``.

    A client left if its last purchase before too long a silence lies before the horizon's end; it stayed
    if it bought within its limit on or after that end.

    Parameters
    ----------
    snapshot : DataFrame
        ``client_id``, ``cut_off``, ``last_order`` (:func:`churnlab.history.snapshots`).
    lives : Lives
        What is known on the day of grading, by client.
    horizon_months : int
        Length of the horizon.

    Returns
    -------
    Series of float
        Aligned with `snapshot`.
    """
    joined = _with_life(snapshot, lives)
    end = snapshot["cut_off"] + pd.DateOffset(months=horizon_months)
    left = joined["left_on"].notna() & (joined["left_on"] < end)
    stayed = joined["last_order"] >= end
    label = np.select([left.to_numpy(), stayed.to_numpy()], [1.0, 0.0], default=np.nan)
    return pd.Series(label, index=snapshot.index, name="outcome")


def person_months(snapshot: pd.DataFrame, lives: Lives, *, horizon_months: int, begun: bool = True) -> pd.DataFrame:
    """Months at risk behind each cut-off, as far as they were known on ``lives.as_of``.

    A departure that had begun but was not known at the cut-off falls in the first month. Months count as far as
    leaving would have been noticed in them, for those who left as for those who stayed: counting a departure where
    staying could not have been confirmed yet would overstate the risk.

    Parameters
    ----------
    snapshot : DataFrame
        Snapshot rows.
    lives : Lives
        What is known on the day of training, by client.
    horizon_months : int
        Months after each cut-off, at most.
    begun : bool
        Whether a departure that had begun before the cut-off counts (prediction: nobody could know it then) or its
        row is left out (effects: the client was no longer at risk).

    Returns
    -------
    DataFrame
        ``row`` (position in `snapshot`), ``month`` (1 to `horizon_months`), ``event`` (bool).
    """
    joined = _with_life(snapshot, lives)
    event = joined["left_on"].notna().to_numpy()
    noticed = lives.as_of - pd.to_timedelta(joined["limit_days"], unit="D")
    observed = _whole_months(noticed - snapshot["cut_off"])
    left_in = np.maximum(_whole_months(joined["left_on"] - snapshot["cut_off"]), 0.0) + 1.0
    last_month = np.where(event, left_in, np.inf)
    counted = np.clip(np.minimum(last_month, observed), 0, horizon_months).astype(int)
    if not begun:
        counted[(joined["left_on"] < snapshot["cut_off"]).to_numpy()] = 0
    row = np.repeat(np.arange(len(snapshot)), counted)
    month = np.arange(len(row)) - np.repeat(np.cumsum(counted) - counted, counted) + 1
    ends = event[row] & (month == last_month[row])
    return pd.DataFrame({"row": row, "month": month, "event": ends})


def _whole_months(span: "pd.Series[pd.Timedelta]") -> npt.NDArray[np.float64]:
    """Completed months, negative before the start; -1 where there is no date."""
    return np.floor(span.dt.days.fillna(-1.0).to_numpy(dtype=np.float64) / DAYS_PER_MONTH)


def _with_life(snapshot: pd.DataFrame, lives: Lives) -> pd.DataFrame:
    """Find the life that holds each row's last order."""
    frame = lives.frame[["client_id", "first_order", "last_order", "left_on", "limit_days"]]
    keyed = snapshot[["client_id", "last_order"]].rename(columns={"last_order": "day"})
    keyed = keyed.assign(position=np.arange(len(keyed))).sort_values("day", kind="stable")
    found = pd.merge_asof(
        keyed,
        frame.sort_values("first_order"),
        left_on="day",
        right_on="first_order",
        by="client_id",
    )
    return found.sort_values("position").set_index(snapshot.index)
