"""Lives of clients: from an order to a silence that lasted too long, or to the end of what is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame

from churnlab.history.purchases import Integers, PurchaseDays, read_purchases
from churnlab.history.reduction import to_dates, to_days
from churnlab.history.rhythm import OwnRhythm, Rule, rhythm

DAYS_PER_MONTH = 30.4375
"""One month of time, in days (365.25 / 12)."""

NEVER = 1 << 21
"""A day beyond the year 7000, in days since 1970-01-01."""

REGULAR_AFTER_MONTHS = 12
"""A client is a regular once it has bought for longer than this."""


@dataclass(frozen=True, slots=True)
class Lives:
    """Lives of units (clients, or clients within a line) as known on a day.

    Attributes
    ----------
    frame : DataFrame
        One row a life: the unit's columns, ``life`` (1, 2 for one who came back, ...), ``first_order``,
        ``last_order``, ``purchases``, ``limit_days`` (at the last order), ``left_on`` (the last order
        of a life that has ended, else NaT), ``known_on`` (the day its end was known), ``closed`` (whether by a
        recorded closure), ``observed_until`` (``left_on``, or for lives that go on the day up to which leaving would
        have been noticed).
    by : tuple of str
        The unit's columns.
    as_of : Timestamp
        Orders on or after this day are not used.
    records_start : Timestamp
        The first order in the records.
    """

    frame: pd.DataFrame
    by: tuple[str, ...]
    as_of: pd.Timestamp
    records_start: pd.Timestamp


def departures(
    orders: IntoFrame,
    *,
    as_of: pd.Timestamp,
    rule: Rule | None = None,
    by: tuple[str, ...] = ("client_id",),
    clients: pd.DataFrame | None = None,
) -> Lives:
    """Say when units left, from orders strictly before a day.

    A life ends at the last purchase before a silence that reached the limit; an order after such a
    silence, or after a recorded closure, starts another life. A unit whose silence has not reached its limit by
    `as_of` has not left: its life is observed until `as_of` less the limit.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    as_of : Timestamp
        Orders on or after this day are not used.
    rule : OwnRhythm or FixedDays, optional
        What counts as too long a silence; :class:`OwnRhythm` with its defaults if not given.
    by : tuple of str
        Columns that make a unit.
    clients : DataFrame, optional
        Canonical clients: a recorded ``closed_date`` ends a life as soon as it is known, before the limit is reached.

    Returns
    -------
    Lives

    Raises
    ------
    ValueError
        If no purchase lies before `as_of`.
    """
    bought = read_purchases(orders, by=by).before(as_of)
    if not len(bought.day):
        message = f"expected purchases before {as_of:%Y-%m-%d}, found none: choose a later day"
        raise ValueError(message)
    frame = _lives(bought, as_of=as_of, rule=rule or OwnRhythm(), clients=clients)
    return Lives(frame=frame, by=by, as_of=as_of, records_start=to_dates(bought.day.min(keepdims=True)).iloc[0])


def new_lives(bought: PurchaseDays, limit: Integers, *, closed: Integers) -> npt.NDArray[np.bool_]:
    """Tell which purchase days begin a life: the first, and each behind a silence past its limit or a closure.

    Parameters
    ----------
    bought : PurchaseDays
        Days of purchase.
    limit : ndarray of int64, shape (n,)
        How long a silence may last from each day.
    closed : ndarray of int64, shape (units,)
        Day on which each unit was recorded as closed (:func:`closures`).

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    before = bought.day - bought.gap
    limit_before = np.concatenate([limit[:1], limit[:-1]])
    shut = closed[bought.unit]
    return bought.is_first | (bought.gap > limit_before) | ((before <= shut) & (shut < bought.day))


def closures(clients: pd.DataFrame | None, units: pd.DataFrame, *, as_of: pd.Timestamp) -> Integers:
    """Days on which units were recorded as closed, as far as that was known before a day.

    Parameters
    ----------
    clients : DataFrame or None
        Canonical clients.
    units : DataFrame
        One row a unit with its ``client_id``.
    as_of : Timestamp
        What was known on or after this day does not count.

    Returns
    -------
    ndarray of int64, shape (units,)
        Days since 1970-01-01; a day beyond all others where no closure was known.
    """
    days = np.full(len(units), NEVER)
    if clients is None or clients.empty or "closed_date" not in clients:
        return days
    known = clients["closed_date"]
    if "known_on" in clients:
        known = known.mask(clients["known_on"] > known, clients["known_on"])  # never where there is no closure
    known = known.where(known < as_of).groupby(clients["client_id"]).min()
    day = units["client_id"].map(known)
    days[day.notna().to_numpy()] = to_days(day.dropna())
    return days


def _lives(bought: PurchaseDays, *, as_of: pd.Timestamp, rule: Rule, clients: pd.DataFrame | None) -> pd.DataFrame:
    """Cut each unit's purchase days into lives."""
    limit = rhythm(bought, rule=rule).limit
    closed = closures(clients, bought.units, as_of=as_of)
    begins = np.flatnonzero(new_lives(bought, limit, closed=closed))
    ends = np.append(begins[1:], len(bought.day)) - 1
    unit, last, today = bought.unit[begins], bought.day[ends], int(to_days(as_of))
    life = np.arange(len(begins)) - np.searchsorted(unit, unit) + 1
    # Known strictly before as_of: an order on the limit's own day would still have been in time.
    reached = last + limit[ends]
    shut = np.where(closed[unit] >= last, closed[unit], NEVER)
    known = np.minimum(reached, shut)
    left = known < today
    frame = (
        bought.units.iloc[unit]
        .reset_index(drop=True)
        .assign(
            life=life,
            first_order=to_dates(bought.day[begins]),
            last_order=to_dates(last),
            purchases=np.add.reduceat(bought.purchases, begins),
            limit_days=limit[ends],
        )
    )
    frame["left_on"] = frame["last_order"].where(left)
    frame["known_on"] = to_dates(np.where(left, known, 0)).where(left)
    frame["closed"] = left & (shut <= reached)
    frame["observed_until"] = frame["left_on"].fillna(to_dates(today - limit[ends]))
    return frame


def lifetimes(lives: Lives, *, clients: pd.DataFrame | None = None, entry_after_months: int = 0) -> pd.DataFrame:
    """Put lives on the scale of tenure, in whole months, with late entry.

    A first life starts at the client's ``start_date`` where the client was there when the records
    began, else at its first order; a later life starts at its own first order. It comes under
    observation when the records begin, or later when `entry_after_months` asks for it, and the departure
    falls in the month after the last order. Months count where leaving would have been noticed in all of them, for
    those who left as for those who stayed.

    Parameters
    ----------
    lives : Lives
        Result of :func:`departures`.
    clients : DataFrame, optional
        Canonical clients; ``start_date`` is used where it is there.
    entry_after_months : int
        Tenure before which a life does not count (12 for lifetimes of regulars).

    Returns
    -------
    DataFrame
        Unit columns, ``life``, ``start`` and integer ``entry``, ``exit`` (months of tenure; at risk in
        the months ``entry + 1`` to ``exit``), ``event`` (bool). Lives without a month at risk are left out.
    """
    frame = lives.frame
    start = frame["first_order"].where(~_older_than_records(lives), _start_dates(frame, clients))
    entered = start.where(start > lives.records_start, lives.records_start)
    event = frame["left_on"].notna()
    months_in = -((start - entered).dt.days // DAYS_PER_MONTH)  # a month watched in part does not count
    noticed = lives.as_of - pd.to_timedelta(frame["limit_days"], unit="D")
    watched = _months(noticed - start)
    left_in = (_months(frame["left_on"] - start) + 1).where(event, np.inf)
    table = frame[[*lives.by, "life"]].assign(
        start=start,
        entry=np.maximum(months_in, entry_after_months).astype(int),
        exit=np.minimum(left_in, watched).astype(int),
        event=left_in <= watched,
    )
    return table[table["exit"] > table["entry"]].reset_index(drop=True)


def tenure_start(lives: Lives, *, clients: pd.DataFrame | None = None) -> "pd.Series[pd.Timestamp]":
    """Day on which each life's tenure starts, aligned with ``lives.frame``."""
    return lives.frame["first_order"].where(~_older_than_records(lives), _start_dates(lives.frame, clients))


def _older_than_records(lives: Lives) -> "pd.Series[bool]":
    """First lives that were under way, by their own rhythm, when the records began.

    Within a line that nobody bought in the records' first month no life is older: the line is younger.
    """
    frame = lives.frame
    waited = (frame["first_order"] - lives.records_start).dt.days
    under_way = (frame["life"] == 1) & (waited < frame["limit_days"])
    lines = list(lives.by[1:])
    if not lines:
        return under_way
    return under_way & (waited.groupby([frame[line] for line in lines]).transform("min") <= DAYS_PER_MONTH)


def _start_dates(frame: pd.DataFrame, clients: pd.DataFrame | None) -> "pd.Series[pd.Timestamp]":
    """Clients' start dates where they are known and earlier, else the first order."""
    if clients is None or "start_date" not in clients:
        return frame["first_order"]
    known = frame["client_id"].map(clients.set_index("client_id")["start_date"])
    return known.fillna(frame["first_order"]).clip(upper=frame["first_order"])


def _months(span: "pd.Series[pd.Timedelta]") -> "pd.Series[float]":
    return span.dt.days // DAYS_PER_MONTH
