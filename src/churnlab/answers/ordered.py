"""Orders by line as forecasts read them, and the days on which plans are made."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.demand import Ahead, OrderLog, Plan, Season, after_first, first_of, month_of, order_log, plan, season_of
from churnlab.history.departures import closures

ALL = "all lines"
OTHER_LINES = "other lines"
NO_LINE = "no line noted"

PLAN_DAY = 16
"""Day on which the month's plan is corrected."""

MONTHS_BACK = 48
"""Past plans that are made again, at most."""

LEVEL = 0.8
"""Coverage of the intervals of plans."""

_MOST_LINES = 6
_KNOWN_QUANTITIES = 0.95
"""Share of sales that has to have a quantity."""

_SMALL_SHARE = 0.005
_YEAR_DAYS = 365

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Orders by line.

    Attributes
    ----------
    logs : dict of str to OrderLog
        All lines first, then lines by falling volume; clients have one number in all of them.
    clients : tuple of str
        Ids in order of their numbers.
    volume : str
        What the volume is: ``"quantity"``, or ``"sales"`` where quantities are not known.
    filled : int
        Rows without a quantity, whose money stands for one as it does in the others of their line.
    closed : ndarray of int, shape (clients,), optional
        Day on which each client was recorded as closed.
    """

    logs: dict[str, OrderLog]
    clients: tuple[str, ...]
    volume: str
    filled: int = 0
    closed: Ints | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines, without all lines together."""
        return tuple(self.logs)[1:]


def read_orders(
    orders: pd.DataFrame, *, clients: pd.DataFrame | None = None, as_of: pd.Timestamp | None = None
) -> Ordered:
    """Read orders by line: returns and credits do not count, a plan is of what is ordered.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders.
    clients : DataFrame, optional
        Canonical clients, for closures.
    as_of : Timestamp, optional
        Closures that became known on or after this day do not count; needed with `clients`.

    Returns
    -------
    Ordered
    """
    sold = orders[orders["kind"] == "sale"]
    quantity = _quantities(sold)
    money = sold["amount"].fillna(0.0).clip(lower=0.0)
    volume = money if quantity is None else quantity
    number = sold["order_id"] if "order_id" in sold else pd.Series(pd.NA, index=sold.index, dtype="str")
    codes, ids = pd.factorize(sold["client_id"], sort=True)
    frame = pd.DataFrame(
        {
            "client": codes,
            "day": sold["order_date"].to_numpy("datetime64[D]").astype(np.int64),
            "number": number.fillna("").to_numpy(),
            "line": _lines(sold, volume).to_numpy(),
            "volume": volume.to_numpy(dtype=np.float64),
        }
    )
    by_line = frame.groupby("line")["volume"].sum().sort_values(ascending=False, kind="stable")
    logs = {ALL: _log(frame)}
    if len(by_line) > 1:
        logs |= {str(line): _log(frame[frame["line"] == line]) for line in by_line.index}
    names = tuple(str(each) for each in ids)
    closed = None if as_of is None else closures(clients, pd.DataFrame({"client_id": names}), as_of=as_of)
    if quantity is None:
        return Ordered(logs, names, "sales", closed=closed)
    return Ordered(logs, names, "quantity", int((~(sold["quantity"] > 0)).sum()), closed)


def origins_until(day: pd.Timestamp, *, first: pd.Timestamp, on: int | None = None) -> Ints:
    """Days a month apart on which plans are made, the last one on or before a day.

    A month that lacks the day gives its last one, so that the months between such days follow upon one another.

    Parameters
    ----------
    day : Timestamp
        Today; the last origin is today where `on` is not given.
    first : Timestamp
        First order in the records.
    on : int, optional
        Day of the month on which the plans are made.

    Returns
    -------
    ndarray of int
        Days since 1970-01-01; never empty where `on` is not given.
    """
    today = _number(day)
    month = int(month_of(np.array([today]))[0])
    begin = int(month_of(np.array([_number(first)]))[0])
    found = _in_months(np.arange(max(begin, month - MONTHS_BACK), month + 1), day.day if on is None else on)
    found = found[(found <= today) & (found > _number(first))]
    return np.append(found[found < today], today) if on is None else found


def month_later(origins: Ints, *, on: int) -> Ints:
    """First day after the month from each origin on, where origins fall on a day of the month."""
    return _in_months(month_of(origins) + 1, on)


def plans(
    ordered: Ordered, *, origins: Ints, periods: tuple[Ahead, ...], newcomers: bool = True
) -> dict[str, tuple[Plan, ...]]:
    """Make the plan of every line at every origin.

    Parameters
    ----------
    ordered : Ordered
        Orders.
    origins : ndarray of int
        Result of :func:`origins_until`, not empty.
    periods : tuple of Ahead
        Kinds of periods.
    newcomers : bool
        Whether clients who have not ordered by an origin belong to what is forecast from it.

    Returns
    -------
    dict of str to tuple of Plan
        By line, all lines first.
    """
    seasons: list[Season] = []
    found = {}
    for line, log in ordered.logs.items():
        again = after_first(log)
        if line == ALL:
            mine = seasons = [season_of(again, cut_off=int(day)) for day in origins]
        else:
            mine = [
                season_of(again, cut_off=int(day), towards=base) for day, base in zip(origins, seasons, strict=True)
            ]
        found[line] = plan(
            log, origins=origins, periods=periods, seasons=mine, level=LEVEL, newcomers=newcomers, closed=ordered.closed
        )
    return found


def year_before(log: OrderLog, ahead: Ahead) -> npt.NDArray[np.float64]:
    """Sum orders and volume of the same periods a year before.

    Parameters
    ----------
    log : OrderLog
        Orders.
    ahead : Ahead
        Periods.

    Returns
    -------
    ndarray of float, shape (2, j)
        NaN where the records do not reach so far back.
    """
    begins, ends = (_year_earlier(each) for each in (ahead.begins, ahead.ends))
    known = begins >= log.day[0] if len(log.day) else np.zeros(len(begins), dtype=bool)
    return np.where(known, ordered_between(log, begins, ends), np.nan)


def mean_of_year(log: OrderLog, plan: Plan) -> npt.NDArray[np.float64]:
    """Orders and volume of the year before each origin, in the share that the period is of it, shape (2, j).

    NaN where the records do not reach so far back.
    """
    begins = plan.origins - _YEAR_DAYS
    known = begins >= log.day[0] if len(log.day) else np.zeros(len(begins), dtype=bool)
    share = (plan.ahead.ends - plan.ahead.begins) / _YEAR_DAYS
    return np.where(known, ordered_between(log, begins, plan.origins) * share, np.nan)


def ordered_between(log: OrderLog, begins: Ints, ends: Ints) -> npt.NDArray[np.float64]:
    """Orders and volume between days, shape (2, j)."""
    places = np.searchsorted(log.day, begins), np.searchsorted(log.day, ends)
    running = np.concatenate(([0.0], np.cumsum(log.volume)))
    return np.array([places[1] - places[0], running[places[1]] - running[places[0]]], dtype=np.float64)


def as_day(number: int) -> pd.Timestamp:
    """Timestamp of a day since 1970-01-01."""
    return pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(number))


def _number(day: pd.Timestamp) -> int:
    return int((day.normalize() - pd.Timestamp("1970-01-01")).days)


def _in_months(months: Ints, on: int) -> Ints:
    """Place a day of the month in calendar months, the last day where a month lacks it."""
    begins = first_of(months)
    return begins + np.minimum(on, first_of(months + 1) - begins) - 1


def _year_earlier(days: Ints) -> Ints:
    """Place the same days of the month a year earlier."""
    month = month_of(days)
    return first_of(month - 12) + (days - first_of(month))


def _log(frame: pd.DataFrame) -> OrderLog:
    """One row a purchase: an order number, or a client's day where there is none."""
    bought = frame.groupby(["client", "day", "number"], sort=True)["volume"].sum().reset_index()
    return order_log(bought["client"], bought["day"], bought["volume"])


def _quantities(sold: pd.DataFrame) -> "pd.Series[float] | None":
    """Quantities, by their line's quantity for the money where none is noted; None where too few sales have one."""
    if "quantity" not in sold:
        return None
    known = sold["quantity"] > 0
    money = sold["amount"].fillna(0.0).clip(lower=0.0)
    weight = money if money.sum() > 0 else money + 1.0
    if not weight[known].sum() >= _KNOWN_QUANTITIES * weight.sum() or not known.any():
        return None
    line = sold["product_line"].fillna(NO_LINE) if "product_line" in sold else pd.Series(NO_LINE, index=sold.index)
    sums = pd.DataFrame({"quantity": sold["quantity"][known], "money": money[known]}).groupby(line[known]).sum()
    whole = sums.sum()
    of_all = float(whole["quantity"] / whole["money"]) if whole["money"] > 0 else 0.0
    per_money = (sums["quantity"] / sums["money"])[sums["money"] > 0]
    return sold["quantity"].where(known, money * line.map(per_money).fillna(of_all)).astype(np.float64)


def _lines(sold: pd.DataFrame, volume: "pd.Series[float]") -> "pd.Series[str]":
    """Name of each row's line; small lines, and those behind the first six, are put together."""
    if "product_line" not in sold:
        return pd.Series(NO_LINE, index=sold.index)
    line = sold["product_line"].fillna(NO_LINE).astype("str")
    line = line.where(line != ALL, f"{ALL} (a line's name)")
    total = volume.groupby(line).sum().sort_values(ascending=False, kind="stable")
    share = total / max(float(total.sum()), 1e-9)
    kept = total.index[:_MOST_LINES][share.iloc[:_MOST_LINES] >= _SMALL_SHARE]
    rest = [name for name in total.index if name not in set(kept)]
    return line if len(rest) < 2 else line.where(line.isin(kept), OTHER_LINES)
