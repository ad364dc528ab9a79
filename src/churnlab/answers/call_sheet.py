"""What is each client expected to order next, and how surprising was what it ordered last?"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.numbered import numbered
from churnlab.answers.ordered import ALL, LEVEL, Ordered, as_day, month_later, origins_until, plans, read_orders
from churnlab.answers.shares import clustered_share
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, decimal, interval, percent
from churnlab.demand import (
    LEAST_PERIODS,
    Ahead,
    ClientsAhead,
    Due,
    SingleRecord,
    after_first,
    due,
    paces,
    season_of,
    single_intervals,
    single_record,
    surprises,
)
from churnlab.lifetime import Estimate

RARE = 0.05
"""Of clients like it, so few were as far off on the same side: the client is marked."""

LESS, MORE = "less than expected", "more than expected"

SILENT = "silent past the limit"

_HALF = 0.5
_LEAST_ORDERS = 0.05
_LOOK_AHEAD_DAYS = 365
_COLUMNS = (
    "client_id", "last_order", "due_early", "due", "due_late", "orders", "orders_low", "orders_high", "volume",
    "volume_low", "volume_high", "last_expected", "last_came", "last_volume_expected", "last_volume_came", "tail",
    "surprise", "silent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallSheetAnswer:
    """Clients with what each is expected to order within a month, and how its last month was.

    Attributes
    ----------
    as_of : Timestamp
        Day from which the month to come is counted.
    ends : Timestamp
        First day after it.
    last : Timestamp
        First day of the last month.
    volume : str
        What the volume is: ``"quantity"``, or ``"sales"`` where quantities are not known.
    clients : DataFrame
        ``client_id``, ``last_order``; ``due_early``, ``due``, ``due_late``: days by which one, five and nine in ten
        clients so silent have ordered (NaT where that is not seen within a year); ``orders`` and ``volume`` of the
        month to come with 80 % intervals (``..._low``, ``..._high``); of the last month ``last_expected``,
        ``last_came`` (orders), ``last_volume_expected``, ``last_volume_came``, ``tail`` (share of past clients like it
        that were as far off on the same side) and ``surprise`` (words, empty where that is not rare); ``silent``
        (whether the client counts as having left, by its silence). First those who ordered less than expected, by
        falling missing volume; then by falling expected volume. Clients of whom next to nothing is expected, and was,
        are left out, and those who were recorded as closed.
    graded : int
        Client-months of the past, with half an order or more expected, that were graded.
    orders_held, volume_held : Estimate
        Shares of their intervals that held what came, with 95 % intervals over clients; NaN where none was graded.
    watched : int
        Of these clients, those of whom half an order or more had been expected in the last month.
    """

    as_of: pd.Timestamp
    ends: pd.Timestamp
    last: pd.Timestamp
    volume: str
    clients: pd.DataFrame
    graded: int
    orders_held: Estimate
    volume_held: Estimate
    watched: int

    @property
    def results(self) -> pd.DataFrame:
        """``client_id``, ``horizon_months``, ``orders``, ``low``, ``high``: orders of the month, by falling number."""
        frame = self.clients.rename(columns={"orders_low": "low", "orders_high": "high"}).assign(horizon_months=1)
        frame = frame.sort_values(["orders", "client_id"], ascending=[False, True]).reset_index(drop=True)
        return frame[["client_id", "horizon_months", "orders", "low", "high"]]

    @property
    def headline(self) -> str:
        """Who ordered surprisingly little."""
        if self.clients.empty:
            return "What single clients will order we cannot tell: too few past months could be forecast and graded."
        marked = self.clients[self.clients["surprise"] == LESS]
        missing = float((marked["last_volume_expected"] - marked["last_volume_came"]).clip(lower=0).sum())
        said = (
            f"{numbered(len(marked), 'client')} ordered surprisingly little from {day(self.last)} to "
            f"{day(self.as_of - pd.Timedelta(days=1))}"
        )
        below = f": {count(missing)} less in {self.volume} than was expected of them." if len(marked) else "."
        return f"{said}{below}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if self.clients.empty:
            return (self.headline,)
        total, number = float(self.clients["orders"].sum()), len(self.clients)
        silent = self.clients[self.clients["silent"]]
        said = [
            self.headline,
            *self._chance(),
            f"From {day(self.as_of)} to {day(self.ends - pd.Timedelta(days=1))} {numbered(total, 'order')} of "
            f"{numbered(number, 'client')} of the sheet {'is' if round(total) == 1 else 'are'} expected, "
            f"{decimal(total / number)} of each on average.",
        ]
        if len(silent):
            said.append(f"{numbered(len(silent), 'of them is', 'of them are')} {SILENT}, and may have left.")
        if self.graded:
            said.append(
                f"Of {count(self.graded)} such {percent(LEVEL)} intervals of single clients' orders in past months "
                f"{interval(self.orders_held, percent)} held what came, of those of their {self.volume} "
                f"{interval(self.volume_held, percent)}; only clients with half an order or more expected are counted."
            )
        return tuple(said)

    def _chance(self) -> tuple[str, ...]:
        """Surprises either way beside those that chance makes, over the same clients."""
        expected = self.clients["last_expected"] >= _HALF
        less, more = (self.clients["surprise"] == way for way in (LESS, MORE))
        others = int((more & ~expected).sum())
        said = [
            f"Of {numbered(self.watched, 'client')} of whom half an order or more had been expected, "
            f"{count((less & expected).sum())} ordered surprisingly little and {count((more & expected).sum())} "
            f"surprisingly much; about {count(RARE * self.watched)} either way would be marked so by chance alone."
        ]
        if others:
            said.append(f"{numbered(others, 'client')} of whom less had been expected ordered surprisingly much.")
        return tuple(said)


def what_each_will_order(study: Study) -> CallSheetAnswer:
    """Lay out the call sheet: each client's expected order, and its surprise last month.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    CallSheetAnswer
    """
    ordered = read_orders(study.tables.orders, clients=study.tables.clients, as_of=study.as_of)
    whole = replace(ordered, logs={ALL: ordered.logs[ALL]})
    origins = origins_until(study.as_of, first=study.tables.orders["order_date"].min())
    ahead = Ahead(origins, month_later(origins, on=study.as_of.day))
    (plan,) = next(iter(plans(whole, origins=origins, periods=(ahead,)).values()))
    past = plan.clients[:-1]
    frame, record, watched = pd.DataFrame(columns=list(_COLUMNS)), None, 0
    if len(past) > LEAST_PERIODS and np.isfinite(past[-1].seen_orders).all():
        frame = _frame(whole, past, plan.clients[-1], today=int(origins[-1]), gone=_gone(study))
        record, watched = single_record(past, level=LEVEL), int((frame["last_expected"] >= _HALF).sum())
    held = [_held(record, flag) for flag in ("orders_held", "volume_held")]
    return CallSheetAnswer(
        as_of=study.as_of,
        ends=as_day(ahead.ends[-1]),
        last=as_day(origins[-2]) if len(origins) > 1 else study.as_of,
        volume=ordered.volume,
        clients=frame,
        graded=0 if record is None else int(record.active.sum()),
        orders_held=held[0],
        volume_held=held[1],
        watched=watched,
    )


def _frame(
    ordered: Ordered, past: tuple[ClientsAhead, ...], coming: ClientsAhead, *, today: int, gone: set[str]
) -> pd.DataFrame:
    """One row a client, sorted."""
    (log,) = ordered.logs.values()
    ends, before = single_intervals(past, coming, level=LEVEL), past[-1]
    state = paces(log, cut_off=today, until=today + _LOOK_AHEAD_DAYS, season=season_of(after_first(log), cut_off=today))
    missing = np.full(len(coming.client), np.nan)
    found = Due(missing, missing, missing)
    if state is not None:
        rows, by_all = np.searchsorted(state.client, coming.client), due(log, state, cut_off=today)
        found = Due(by_all.early[rows], by_all.middle[rows], by_all.late[rows])
    last = np.zeros(log.clients, dtype=np.int64)
    last[log.client] = log.day
    frame = pd.DataFrame(
        {
            "client": coming.client,
            "client_id": [ordered.clients[each] for each in coming.client],
            "last_order": _dates(last[coming.client].astype(np.float64)),
            "due_early": _dates(today + found.early),
            "due": _dates(today + found.middle),
            "due_late": _dates(today + found.late),
            "orders": coming.orders,
            "orders_low": ends.orders_low,
            "orders_high": ends.orders_high,
            "volume": coming.volume,
            "volume_low": ends.volume_low,
            "volume_high": ends.volume_high,
        }
    )
    frame = frame.merge(_last(past[:-1], before), on="client", how="left")
    frame["surprise"] = frame["surprise"].fillna("")
    frame["silent"] = frame["client_id"].isin(gone)
    kept = (frame["orders"] >= _LEAST_ORDERS) | (frame["last_expected"] >= _LEAST_ORDERS)
    frame = frame[kept | (frame["surprise"] != "")]
    less = (frame["last_volume_expected"] - frame["last_volume_came"]).where(frame["surprise"] == LESS)
    frame = frame.assign(missing=less).sort_values(
        ["missing", "volume", "client_id"], ascending=[False, False, True], na_position="last", kind="stable"
    )
    return frame[list(_COLUMNS)].reset_index(drop=True)


def _last(past: tuple[ClientsAhead, ...], before: ClientsAhead) -> pd.DataFrame:
    """Say how the last month was, of each client that had ordered before it."""
    tail = surprises(past, before)
    less = before.seen_orders < before.orders
    words = np.where(tail > RARE, "", np.where(less, LESS, MORE))
    return pd.DataFrame(
        {
            "client": before.client,
            "last_expected": before.orders,
            "last_came": before.seen_orders,
            "last_volume_expected": before.volume,
            "last_volume_came": before.seen_volume,
            "tail": tail,
            "surprise": words,
        }
    )


def _gone(study: Study) -> set[str]:
    """Clients whose last life has ended."""
    last = study.lives().frame.sort_values("life").groupby("client_id").tail(1)
    return set(last.loc[last["left_on"].notna(), "client_id"].astype(str))


def _held(record: SingleRecord | None, name: str) -> Estimate:
    if record is None or not record.active.any():
        return Estimate(np.nan, np.nan, np.nan)
    client, held = record.client[record.active], getattr(record, name)[record.active]
    return clustered_share(np.bincount(client, weights=held), np.bincount(client))


def _dates(days: npt.NDArray[np.float64]) -> "pd.Series[pd.Timestamp]":
    known = np.isfinite(days)
    dates: pd.Series[pd.Timestamp] = pd.Series(
        np.where(known, days, 0).astype(np.int64).astype("datetime64[D]").astype("datetime64[us]")
    )
    return dates.where(known)
