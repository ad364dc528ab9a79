"""Features from orders: how recent, how often, how much, in which rhythm, how well delivered."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame

from churnlab.history.dated import Dated
from churnlab.history.departures import DAYS_PER_MONTH, NEVER, closures, new_lives
from churnlab.history.grid import WINDOWS, Grid, Windows
from churnlab.history.purchases import Integers, PurchaseDays
from churnlab.history.reduction import BIN, MONEY_UNIT, delivery_sums, line_sums, to_days
from churnlab.history.rhythm import LOG_UNIT, Rhythm, log_gaps

Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[np.float64]]


def purchase_features(bought: PurchaseDays, pace: Rhythm, grid: Grid) -> Columns:
    """Recency, frequency, rhythm and their trends.

    Parameters
    ----------
    bought : PurchaseDays
        Days of purchase, by client.
    pace : Rhythm
        Typical gaps.
    grid : Grid
        Rows asked for.

    Returns
    -------
    dict of str to ndarray of float, shape (k,)
        By feature.
    """
    rows = bought.rows
    windows = grid.windows(rows)
    counted = rows.sums(bought.purchases)
    recency = (grid.day - bought.day[grid.last]).astype(np.float64)
    typical = pace.typical[grid.last]
    return {
        "recency_days": recency,
        "typical_gap_days": typical,
        "overdue": recency / typical,
        **_gap_features(bought, windows),
        **{f"orders_{months}m": windows.sum(counted, months).astype(np.float64) for months in (3, 12, 24)},
        "trend": log_ratio(windows.sum(counted, 6), windows.sum(counted, 12, 6), usual=np.ones(len(recency))),
    }


def money_features(orders: IntoFrame, bought: PurchaseDays, grid: Grid) -> tuple[Columns, pd.Series | None]:
    """Net sales, their trend, discounts, returns and breadth.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    bought : PurchaseDays
        Days of purchase, by client.
    grid : Grid
        Rows asked for.

    Returns
    -------
    columns : dict of str to ndarray of float, shape (k,)
        By feature.
    line : Series of str, shape (k,), or None
        Line with the largest net sales of the last 12 months, the first by name where two are equal; None where
        orders have no lines.
    """
    lines, day = _known_lines(orders, grid)
    rows = Dated.of(lines["unit"], day)
    sums = {name: rows.sums(lines[name]) for name in _SUMMED if name in lines}

    windows = grid.windows(rows)

    def total(name: str, start: int, stop: int = 0) -> Integers:
        return windows.sum(sums[name], start, stop)

    times = bought.rows.sums(bought.purchases)
    usual = np.maximum(total("net", 24), 1) / np.maximum(grid.windows(bought.rows).sum(times, 24), 1)
    columns = {f"amount_{months}m": total("net", months) / MONEY_UNIT for months in (3, 12, 24)}
    halves = (np.maximum(total("net", 6), 0), np.maximum(total("net", 12, 6), 0))
    columns["amount_trend"] = log_ratio(*halves, usual=usual)
    columns["returned_12m"] = share(total("returned", 12), total("sales", 12))
    if "listed" in sums:
        columns["discount_12m"] = 1.0 - share(total("paid", 12), total("listed", 12))
    if "product_line" not in lines:
        return columns, None
    columns["lines_12m"], line = _by_line(lines, day, grid)
    return columns, line


def money_before(orders: IntoFrame, grid: Grid, windows: tuple[tuple[int, int], ...]) -> list[Integers]:
    """Net sales in windows of months before each row's cut-off, never below nothing.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    grid : Grid
        Rows asked for.
    windows : tuple of (int, int)
        Months back at which a window starts and ends.

    Returns
    -------
    list of ndarray of int64, shape (k,)
        Ten-thousandths of money, one a window.
    """
    lines, day = _known_lines(orders, grid, tuple(sorted({months for window in windows for months in window})))
    rows = Dated.of(lines["unit"], day)
    net = rows.sums(lines["net"])
    return [np.maximum(rows.between(net, grid.unit, grid.back(a), grid.back(b)), 0) for a, b in windows]


def delivery_features(orders: IntoFrame, grid: Grid) -> Columns:
    """Lateness and claims of deliveries, each known on the day of delivery; empty where orders hold none."""
    edges = grid.edges()
    found = delivery_sums(orders, edges=edges.tolist())
    if found is None:
        return {}
    found["unit"] = grid.units_of(found["client_id"])
    found = found[found["unit"] >= 0]
    rows = Dated.of(found["unit"], _bin_days(found[BIN], edges))
    windows = grid.windows(rows)

    def total(name: str) -> Integers:
        return windows.sum(rows.sums(found[name]), 12)

    columns: Columns = {}
    if "promised" in found:
        columns["late_12m"] = share(total("late"), total("promised"))
        columns["days_late_12m"] = share(total("late_days"), total("promised"))
    if "claims" in found:
        columns["claims_12m"] = total("claims").astype(np.float64)
    return columns


def tenure(bought: PurchaseDays, pace: Rhythm, grid: Grid, clients: pd.DataFrame | None) -> Floats:
    """Months since each client's present life began, shape (k,).

    A first life that was under way, by the client's own rhythm, when the records began starts at its ``start_date``.
    """
    closed = closures(clients, bought.units, as_of=max(grid.cut_offs))
    begins = np.flatnonzero(new_lives(bought, pace.limit, closed=closed))
    place = Dated.of(bought.unit[begins], bought.day[begins]).last(grid.unit, grid.day)
    first = bought.day[begins][place]
    waited = first - bought.day.min()
    under_way = bought.is_first[begins][place] & (waited < pace.limit[grid.last])
    if clients is not None and "start_date" in clients:
        given = bought.units["client_id"].map(clients.set_index("client_id")["start_date"])
        known = given.notna().to_numpy()
        start = np.full(len(given), NEVER)
        start[known] = to_days(given[known])
        first = np.where(under_way, np.minimum(start[grid.unit], first), first)
    return (grid.day - first) / DAYS_PER_MONTH


def group_orders(bought: PurchaseDays, grid: Grid, clients: pd.DataFrame) -> Floats:
    """Purchases of the other clients of each client's group in the last 12 months, shape (k,)."""
    group = bought.units["client_id"].map(clients.set_index("client_id")["group_id"])
    codes = pd.factorize(group.fillna(bought.units["client_id"]))[0].astype(np.int64)
    own = bought.rows
    whole = Dated.of(codes[bought.unit], bought.day)
    start = grid.back(12)
    others = whole.between(whole.sums(bought.purchases), codes[grid.unit], start, grid.day)
    return (others - own.between(own.sums(bought.purchases), grid.unit, start, grid.day)).astype(np.float64)


def log_ratio(recent: npt.ArrayLike, before: npt.ArrayLike, *, usual: npt.ArrayLike) -> Floats:
    """Log ratio of two windows, each with one usual purchase added so that none is empty, shape (k,)."""
    added = np.asarray(usual, dtype=np.float64)
    over, under = np.asarray(recent, dtype=np.float64), np.asarray(before, dtype=np.float64)
    return np.asarray(np.log((over + added) / (under + added)))


def share(part: Integers, whole: Integers) -> Floats:
    """Part of a whole, NaN where there is no whole, shape (k,)."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


_SUMMED = ("net", "sales", "returned", "listed", "paid")


def _gap_features(bought: PurchaseDays, windows: Windows) -> Columns:
    """Spread of the log gaps, and how they changed."""
    log_gap = log_gaps(bought.gap)
    spans = ((None, 0), (12, 0), (None, 12))

    def over_spans(values: npt.ArrayLike) -> list[Integers]:
        running = windows.rows.sums(values)
        return [windows.sum(running, *span) for span in spans]

    count, count_now, count_before = over_spans(bought.gap > 0)
    total, total_now, total_before = over_spans(log_gap)
    squares = over_spans(log_gap * log_gap)[0]
    mean = total / np.maximum(count, 1)
    # sums of squares over all units may wrap around; their differences do not
    variance = np.maximum(squares - count * mean**2, 0.0) / np.maximum(count - 1, 1)
    fading = share(total_now, count_now) - share(total_before, count_before)
    return {"gap_spread": np.where(count > 1, np.sqrt(variance) / LOG_UNIT, np.nan), "fading": fading / LOG_UNIT}


def _known_lines(orders: IntoFrame, grid: Grid, months: tuple[int, ...] = WINDOWS) -> tuple[pd.DataFrame, Integers]:
    """Sums of order lines with the unit of each, and the day at which each stretch of time begins."""
    edges = grid.edges(months)
    lines = line_sums(orders, edges=edges.tolist())
    lines["unit"] = grid.units_of(lines["client_id"])
    lines = lines[lines["unit"] >= 0]
    return lines, _bin_days(lines[BIN], edges)


def _bin_days(bins: "pd.Series[int]", edges: Integers) -> Integers:
    """Give each stretch of time the day of the edge that it begins at."""
    return edges[bins.to_numpy(dtype=np.int64)]


def _by_line(lines: pd.DataFrame, day: Integers, grid: Grid) -> tuple[Floats, "pd.Series[str]"]:
    """Product lines bought in the last 12 months, and the largest, for each row."""
    named = lines["product_line"].notna().to_numpy()
    lines, day = lines[named], day[named]
    code, words = pd.factorize(lines["product_line"], sort=True)
    width = max(len(words), 1)
    pairs, pair = np.unique(lines["unit"].to_numpy(dtype=np.int64) * width + code, return_inverse=True)
    rows = Dated.of(pair, day)
    sold, net = rows.sums(lines["sold"]), rows.sums(lines["net"])
    breadth = np.zeros(len(grid.unit))
    best = np.full(len(grid.unit), np.iinfo(np.int64).min)
    line = np.full(len(grid.unit), -1)
    start, known = grid.back(12), np.append(pairs, -1)
    for number in range(len(words)):
        asked = np.searchsorted(pairs, grid.unit * width + number)
        there = known[asked] == grid.unit * width + number
        first, end = rows.before(asked, start), rows.before(asked, grid.day)
        amount = net[end] - net[first]
        breadth += there & (sold[end] > sold[first])
        better = there & (end > first) & (amount > best)
        best, line = np.where(better, amount, best), np.where(better, number, line)
    chosen = pd.Series(np.append(words, "")[line], dtype="str")
    return breadth, chosen.mask(line < 0)
