"""Claims about demand: intervals of the plan, its error beside last year's same period, calls for single clients."""

from functools import cache, partial

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.answers.ordered import ALL, Ordered, origins_until, plans, read_orders, year_before
from churnlab.demand import Ahead, Plan, first_of, month_of, single_record
from churnlab.tables.plant import LAWS, make_plant

_MODULES = ("churnlab.answers.ordered", "churnlab.tables.plant")
_FIRST_END, _LAST_END = pd.Timestamp("2021-02-01"), pd.Timestamp("2026-01-01")
_KINDS = ("rest of the month", "next month", "next quarter")
_MEASURES = ("orders", "volume")
_GRADED = 36


@cache
def _book(seed: int) -> Ordered:
    """Orders of a plant, the five laws in turn."""
    orders = make_plant(seed=seed, law=tuple(LAWS)[seed % len(LAWS)]).tables["orders"]
    return read_orders(
        orders.assign(
            client_id=orders["client_id"].astype("str"),
            kind=orders["kind"].astype("str"),
            product_line=orders["product_line"].astype("str"),
            order_id=orders["order_id"].astype("str"),
            order_date=pd.to_datetime(orders["order_date"]),
        )
    )


def _plans(ordered: Ordered, day: pd.Timestamp, kinds: tuple[str, ...]) -> dict[str, dict[str, Plan]]:
    """Plans of every line on a day, by line and kind."""
    start = pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(ordered.logs[ALL].day[0]))
    origins = origins_until(day, first=start)
    month = month_of(origins)
    turn = month + (0 if day.day == 1 else 1)
    ahead = {
        _KINDS[0]: Ahead(origins, first_of(month + 1)),
        _KINDS[1]: Ahead(first_of(turn), first_of(turn + 1)),
        _KINDS[2]: Ahead(first_of(turn), first_of(turn + 3)),
    }
    made = plans(ordered, origins=origins, periods=tuple(ahead[kind] for kind in kinds))
    return {line: dict(zip(kinds, each, strict=True)) for line, each in made.items()}


def _held(seed: int) -> bool:
    """Whether one interval, of a line, kind, measure and month drawn by the seed, holds what came as printed."""
    rng, ordered = np.random.default_rng([seed, 91]), _book(seed)
    kind, measure = _KINDS[rng.integers(3)], _MEASURES[rng.integers(2)]
    line = tuple(ordered.logs)[rng.integers(len(ordered.logs))]
    months = int(rng.integers(0, 57))
    while True:
        day = _FIRST_END + pd.DateOffset(months=months) + pd.Timedelta(days=15 if kind == _KINDS[0] else 0)
        chosen = Ordered({name: ordered.logs[name] for name in {ALL: 0, line: 0}}, ordered.clients, ordered.volume)
        plan = _plans(chosen, day, (kind,))[line][kind]
        made = getattr(plan, measure)
        if np.isfinite(made.low[-1]):
            break
        months = min(months + 12, 56)  # a young line cannot be planned so early
    log = ordered.logs[line]
    chosen_rows = slice(*np.searchsorted(log.day, (plan.ahead.begins[-1], plan.ahead.ends[-1])))
    seen = len(log.day[chosen_rows]) if measure == "orders" else log.volume[chosen_rows].sum()
    return bool(made.low[-1] <= seen <= made.high[-1])


def _errors(ordered: Ordered, line: str, plan: Plan, measure: str) -> tuple[float, float, float]:
    """Sums of absolute errors of the plan and of last year's same period, and of what came, over the last origins."""
    made = getattr(plan, measure)
    before = year_before(ordered.logs[line], plan.ahead)[_MEASURES.index(measure)]
    rows = np.flatnonzero(np.isfinite(made.seen) & np.isfinite(made.low) & np.isfinite(before))[-_GRADED:]
    seen = made.seen[rows]
    return (
        float(np.abs(made.value[rows] - seen).sum()),
        float(np.abs(before[rows] - seen).sum()),
        float(seen.sum()),
    )


def _better(seed: int, *, kind: str) -> bool:
    """Whether the plan's error over all lines and both measures is not above that of last year's same period."""
    ordered, ratio = _book(seed), []
    for line, by_kind in _plans(ordered, _LAST_END, (kind,)).items():
        for measure in _MEASURES:
            own, naive, seen = _errors(ordered, line, by_kind[kind], measure)
            ratio.append((own / seen, naive / seen))
    own_error, naive_error = np.mean(ratio, axis=0)
    return bool(own_error <= naive_error)


def _pooled(seed: int) -> dict[str, float]:
    """Shares of intervals that held over the last 36 origins, and errors over those of last year's same period."""
    ordered, found = _book(seed), {}
    made = _plans(ordered, _LAST_END, _KINDS[1:])
    middle = _plans(ordered, _LAST_END - pd.Timedelta(days=16), _KINDS[:1])
    for kind in _KINDS:
        held, ratio = [], []
        for line in ordered.logs:
            plan = (middle if kind == _KINDS[0] else made)[line][kind]
            for measure in _MEASURES:
                each = getattr(plan, measure)
                rows = np.flatnonzero(np.isfinite(each.seen) & np.isfinite(each.low))[-_GRADED:]
                held.append((each.low[rows] <= each.seen[rows]) & (each.seen[rows] <= each.high[rows]))
                own, naive, _ = _errors(ordered, line, plan, measure)
                ratio.append(own / naive)
        found[f"held, {kind}"] = float(np.concatenate(held).mean())
        found[f"error over last year's, {kind}"] = float(np.mean(ratio))
    return found


def _single(seed: int) -> dict[str, float]:
    """Shares of intervals of single clients that held, with half an order or more expected."""
    ordered = _book(seed)
    whole = Ordered({ALL: ordered.logs[ALL]}, ordered.clients, ordered.volume)
    plan = _plans(whole, _LAST_END, _KINDS[1:2])[ALL][_KINDS[1]]
    record = single_record(plan.clients[:-1])
    if record is None:
        raise AssertionError("expected periods enough to grade")
    return {
        "orders held": float(record.orders_held[record.active].mean()),
        "volumes held": float(record.volume_held[record.active].mean()),
    }


_FIRST_SEED = 1001
"""Seeds up to ten were looked at while constants were chosen."""

CLAIMS = (
    Claim(
        "The 80 % interval of a line's demand covers what comes.",
        "A plant of the five laws in turn; a line or all lines, orders or quantity, the rest of a month from the "
        "16th, the "
        "next month or the next quarter, in a month of the last five years, drawn by the seed: what came lies in the "
        "interval as printed.",
        "coverage",
        0.8,
        _held,
        _MODULES,
        first_seed=_FIRST_SEED,
    ),
    *(
        Claim(
            f"The plan of the {kind} errs no more than last year's same period.",
            "The same plants, last 36 origins: mean over lines and measures of the absolute error as a share of what "
            "came.",
            "power",
            0.95,
            partial(_better, kind=kind),
            _MODULES,
            runs=200,
            first_seed=_FIRST_SEED,
        )
        for kind in _KINDS[1:]
    ),
)

MEASUREMENTS = (
    Measurement(
        "Intervals of the plan, and its error.",
        "A plant of the five laws in turn, all lines and each, orders and quantity, last 36 origins: share of 80 % "
        "intervals "
        "that held, and the plan's absolute error over that of last year's same period.",
        _pooled,
        _MODULES,
        runs=100,
        first_seed=_FIRST_SEED,
    ),
    Measurement(
        "Intervals of single clients' next month.",
        "The same plants: share of 80 % intervals that held, for clients with half an order or more expected.",
        _single,
        _MODULES,
        runs=100,
        first_seed=_FIRST_SEED,
    ),
)
