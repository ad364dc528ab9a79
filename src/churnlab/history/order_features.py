"""Features from orders: how recent, how often, how much, in which rhythm, how well delivered."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame

from churnlab.history.dated import Dated
from churnlab.history.departures import DAYS_PER_MONTH, NEVER, closures, new_lives
from churnlab.history.grid import Grid
from churnlab.history.purchases import Integers, PurchaseDays
from churnlab.history.reduction import BIN, MONEY_UNIT, delivery_sums, line_sums, to_days
from churnlab.history.rhythm import LOG_UNIT, Rhythm, log_gaps

Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[np.float64]]

_EVER = -(1 << 21)


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
    rows = Dated.of(bought.unit, bought.day)
    counted = rows.sums(bought.purchases)

    def orders(start: int, stop: int = 0) -> Integers:
        return rows.between(counted, grid.unit, grid.back(start), grid.back(stop))

    recency = (grid.day - bought.day[grid.last]).astype(np.float64)
    typical = pace.typical[grid.last]
    return {
        "recency_days": recency,
        "typical_gap_days": typical,
        "overdue": recency / typical,
        **_gap_features(bought, rows, grid),
        **{f"orders_{months}m": orders(months).astype(np.float64) for months in (3, 12, 24)},
        "trend": log_ratio(orders(6), orders(12, 6), usual=np.ones(len(recency))),
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
    edges = grid.edges
    lines = line_sums(orders, edges=edges.tolist())
    lines["unit"] = grid.units_of(lines["client_id"])
    lines = lines[lines["unit"] >= 0]
    day = _bin_days(lines[BIN], edges)
    rows = Dated.of(lines["unit"], day)
    sums = {name: rows.sums(lines[name]) for name in _SUMMED if name in lines}

    def total(name: str, start: int, stop: int = 0) -> Integers:
        return rows.between(sums[name], grid.unit, grid.back(start), grid.back(stop))

    before = rows.between(sums["net"], grid.unit, np.full(len(grid.unit), _EVER), grid.day)
    dated = Dated.of(bought.unit, bought.day)
    times = dated.between(dated.sums(bought.purchases), grid.unit, np.full(len(grid.unit), _EVER), grid.day)
    columns = {f"amount_{months}m": total("net", months) / MONEY_UNIT for months in (3, 12, 24)}
    columns["amount_trend"] = log_ratio(
        np.maximum(total("net", 6), 0), np.maximum(total("net", 12, 6), 0), usual=np.maximum(before, 1) / times
    )
    columns["returned_12m"] = share(total("returned", 12), total("sales", 12))
    if "listed" in sums:
        columns["discount_12m"] = 1.0 - share(total("paid", 12), total("listed", 12))
    if "product_line" not in lines:
        return columns, None
    columns["lines_12m"], line = _by_line(lines, day, grid)
    return columns, line


def delivery_features(orders: IntoFrame, grid: Grid) -> Columns:
    """Lateness and claims of deliveries, each known on the day of delivery; empty where orders hold none."""
    edges = grid.edges
    found = delivery_sums(orders, edges=edges.tolist())
    if found is None:
        return {}
    found["unit"] = grid.units_of(found["client_id"])
    found = found[found["unit"] >= 0]
    rows = Dated.of(found["unit"], _bin_days(found[BIN], edges))

    def total(name: str) -> Integers:
        return rows.between(rows.sums(found[name]), grid.unit, grid.back(12), grid.day)

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
    own = Dated.of(bought.unit, bought.day)
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


def _gap_features(bought: PurchaseDays, rows: Dated, grid: Grid) -> Columns:
    """Spread of the log gaps, and how they changed."""
    gap = bought.gap
    log_gap, closed = log_gaps(gap), (gap > 0).astype(np.int64)
    rough = log_gap // 100_000  # squares of billionths would not fit
    ever = np.full(len(grid.unit), _EVER)
    sums = [rows.sums(values) for values in (closed, log_gap, rough, rough * rough)]
    count, _, first, second = (rows.between(values, grid.unit, ever, grid.day) for values in sums)
    mean = first / np.maximum(count, 1)
    variance = np.maximum(second - count * mean**2, 0.0) / np.maximum(count - 1, 1) * (100_000 / LOG_UNIT) ** 2
    windows = ((grid.back(12), grid.day), (ever, grid.back(12)))
    means = [
        share(*(rows.between(values, grid.unit, start, stop) for values in (sums[1], sums[0])))
        for start, stop in windows
    ]
    return {"gap_spread": np.where(count > 1, np.sqrt(variance), np.nan), "fading": (means[0] - means[1]) / LOG_UNIT}


def _bin_days(bins: "pd.Series[int]", edges: Integers) -> Integers:
    """Give each stretch of time the day of the edge that it begins at."""
    starts = np.concatenate([np.full(1, _EVER, dtype=np.int64), edges])
    return starts[bins.to_numpy(dtype=np.int64)]


def _by_line(lines: pd.DataFrame, day: Integers, grid: Grid) -> tuple[Floats, "pd.Series[str]"]:
    """Product lines bought in the last 12 months, and the largest, for each row."""
    named = lines["product_line"].notna().to_numpy()
    lines, day = lines[named], day[named]
    words = np.sort(lines["product_line"].unique().astype(str))
    code = np.searchsorted(words, lines["product_line"].to_numpy(dtype=str)).astype(np.int64)
    width = max(len(words), 1)
    pairs, pair = np.unique(lines["unit"].to_numpy(dtype=np.int64) * width + code, return_inverse=True)
    rows = Dated.of(pair, day)
    sold, net = rows.sums(lines["sold"]), rows.sums(lines["net"])
    breadth = np.zeros(len(grid.unit))
    best = np.full(len(grid.unit), np.iinfo(np.int64).min)
    line = np.full(len(grid.unit), -1)
    start = grid.back(12)
    for number in range(width if len(words) else 0):
        asked = np.searchsorted(pairs, grid.unit * width + number)
        there = (asked < len(pairs)) & (pairs[np.minimum(asked, len(pairs) - 1)] == grid.unit * width + number)
        asked = np.where(there, asked, 0)
        breadth += there & (rows.between(sold, asked, start, grid.day) > 0)
        any_row = there & (rows.count(asked, start, grid.day) > 0)
        amount = rows.between(net, asked, start, grid.day)
        better = any_row & (amount > best)
        best, line = np.where(better, amount, best), np.where(better, number, line)
    chosen = pd.Series(np.append(words, "")[line], dtype="str")
    return breadth, chosen.mask(line < 0)
