"""Demand as planned from clients, beside last year's same period and a forecasting library: tables of docs/demand.md.

Usage: ``python benchmarks/demand.py [PLANTS]`` (10 if not given, about ten minutes with the library).
``CHURNLAB_REAL_DATA`` names the folder with the real logs; the library (statsforecast, AutoETS) runs in an environment
of its own. Every forecast is made from what was known at its origin; each plant is planned in a process of its own.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measuring import child, python_of, store
from scipy.stats import binomtest

from churnlab.answers.ordered import ALL, Ordered, origins_until, plans, read_orders, year_before
from churnlab.demand import Ahead, Plan, first_of, month_of, single_record
from churnlab.tables.plant import LAWS, make_plant

REAL = Path(os.environ.get("CHURNLAB_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
LOGS = {
    "CDNOW, a CD shop": ("cdnow_sample_orders.csv", "master_id", "date", "dollar_value", "1998-07-01"),
    "grocery": ("grocery_orders.csv", "cust", "date", None, "2008-01-01"),
}
ORIGINS, HORIZONS, MEASURES = 24, {"next month": 1, "next quarter": 3}, ("orders", "volume")

_PEER = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np, statsforecast
from statsforecast.models import AutoETS
import time
with open(sys.argv[1], encoding="utf-8") as opened:
    told = json.load(opened)
out = []
begun = time.process_time()
for series, starts in told:
    rows = []
    for start in starts:
        y = np.asarray(series[:start], dtype=float)
        try:
            made = AutoETS(season_length=12 if len(y) > 24 else 1).forecast(y=y, h=3, level=[80])
            mean, low, high = (made[name] for name in ("mean", "lo-80", "hi-80"))
            rows.append([float(mean[0]), float(mean.sum()), float(low[0]), float(high[0])])
        except Exception:
            rows.append([float("nan")] * 4)
    out.append(rows)
used = time.process_time() - begun
json.dump({"version": statsforecast.__version__, "made": out, "used": used}, sys.stdout)
"""

_OURS = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import demand
book = demand.plant_book(int(sys.argv[2]))
start = time.process_time()
made = demand.cases(book, demand.pd.Timestamp("2026-01-01"))[0]
print(json.dumps({"used": time.process_time() - start, "cases": [demand.plain(case) for case in made]}))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """Forecasts of one line and measure at its last origins, and what came: arrays of shape (2, j) by horizon."""

    line: str
    measure: str
    said: np.ndarray
    low: np.ndarray
    high: np.ndarray
    before: np.ndarray
    seen: np.ndarray
    series: list[float]
    starts: list[int]


def cases(
    ordered: Ordered, end: pd.Timestamp, *, newcomers: bool = True
) -> tuple[list[Case], dict[str, tuple[Plan, ...]]]:
    """Plan every line at the last origins before a day."""
    first = pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(ordered.logs[ALL].day[0]))
    origins = origins_until(end, first=first)
    month = month_of(origins)
    ahead = tuple(Ahead(first_of(month), first_of(month + step)) for step in HORIZONS.values())
    made = plans(ordered, origins=origins, periods=ahead, newcomers=newcomers)
    found = []
    for line, (one, three) in made.items():
        log = ordered.logs[line]
        begin = int(month_of(log.day[:1])[0])
        months = month_of(log.day) - begin
        for place, measure in enumerate(MEASURES):
            each = [getattr(plan, measure) for plan in (one, three)]
            weights = None if place == 0 else log.volume
            series = np.bincount(months, weights=weights, minlength=int(month[-1]) - begin)
            rows = np.flatnonzero(np.isfinite(each[0].seen) & np.isfinite(each[0].low))[-ORIGINS:]
            before = np.array([year_before(log, plan.ahead)[place] for plan in (one, three)])
            table = [
                np.array([getattr(part, name) for part in each])[:, rows] for name in ("value", "low", "high", "seen")
            ]
            starts = (month[rows] - begin).tolist()
            found.append(Case(line, measure, *table[:3], before[:, rows], table[3], series.tolist(), starts))
    return found, made


def plain(case: Case) -> dict[str, Any]:
    """Give a case without arrays."""
    return {name: each.tolist() if isinstance(each, np.ndarray) else each for name, each in asdict(case).items()}


def by_library(told: list[Case], cost: dict[str, Any] | None = None) -> list[np.ndarray]:
    """Forecasts of the library at the same origins: mean of a month, of a quarter, and ends of the month's interval.

    NaN throughout where the library cannot be had; what it costs is added to `cost`.
    """
    cost = {} if cost is None else cost
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "asked.json"
        file.write_text(json.dumps([(case.series, case.starts) for case in told]), encoding="utf-8")
        try:
            printed, cpu, peak = child(python_of("statsforecast"), _PEER, str(file), peer="statsforecast")
        except RuntimeError as reason:
            cost["failed"] = str(reason)
            return [np.full((len(case.starts), 4), np.nan) for case in told]
    found = json.loads(printed)
    cost["versions"] = {"statsforecast": found["version"]}
    for name, value in (("cpu", found["used"]), ("whole", cpu), ("peak", peak)):
        cost.setdefault(name, []).append(round(value, 3))
    return [np.array(each, dtype=float).reshape(-1, 4) for each in found["made"]]


def of_plant(seed: int, cost: dict[str, Any]) -> list[Case]:
    """Plan a made-up plant in a process of its own; what that costs is added to `cost`."""
    printed, cpu, peak = child(sys.executable, _OURS, str(Path(__file__).parent), str(seed))
    found = json.loads(printed.splitlines()[-1])
    for name, value in (("cpu", found["used"]), ("whole", cpu), ("peak", peak)):
        cost.setdefault(name, []).append(round(value, 3))
    arrays = ("said", "low", "high", "before", "seen")
    return [Case(**case | {name: np.array(case[name], dtype=float) for name in arrays}) for case in found["cases"]]


def error(said: np.ndarray, seen: np.ndarray, among: np.ndarray) -> str:
    """Mean absolute error as a share of what came."""
    return f"{100 * np.abs(said - seen)[among].sum() / seen[among].sum():.1f} %" if among.any() else "-"


def share(held: np.ndarray) -> str:
    """A share with its exact 95 % interval."""
    if not len(held):
        return "-"
    ends = binomtest(int(held.sum()), len(held)).proportion_ci(method="exact")
    return (
        f"{int(held.sum())} of {len(held)}: {100 * held.mean():.0f} % ({100 * ends.low:.0f} to {100 * ends.high:.0f})"
    )


def rows(told: list[Case], made: list[np.ndarray]) -> Iterator[str]:
    """One row a line, measure and horizon, pooled over books."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, case in enumerate(told):
        groups.setdefault((case.line, case.measure), []).append(place)
    for (line, measure), places in groups.items():
        for step, horizon in enumerate(HORIZONS):
            said, low, high, before, seen = (
                np.concatenate([getattr(told[place], name)[step] for place in places])
                for name in ("said", "low", "high", "before", "seen")
            )
            peer = np.concatenate([made[place] for place in places])
            graded = np.isfinite(seen) & np.isfinite(low)
            both = graded & np.isfinite(before)
            all_three = both & np.isfinite(peer[:, step])
            theirs = (peer[:, 2] <= seen) & (seen <= peer[:, 3])
            cells = [
                line, measure, horizon, error(said, seen, all_three if all_three.any() else both),
                error(before, seen, all_three if all_three.any() else both), error(peer[:, step], seen, all_three),
                share(((low <= seen) & (seen <= high))[graded]), share(theirs[all_three]) if step == 0 else "-",
            ]  # fmt: skip
            yield f"| {' | '.join(cells)} |"


HEAD = """\
| line | what | period | error: plan | last year's same period | AutoETS | 80 % intervals that held: plan | AutoETS |
|---|---|---|---|---|---|---|---|"""


def plant_book(seed: int) -> Ordered:
    """Orders of a made-up plant."""
    orders = make_plant(seed=seed, law=tuple(LAWS)[seed % len(LAWS)]).tables["orders"]
    words = {name: orders[name].astype("str") for name in ("client_id", "kind", "product_line", "order_id")}
    return read_orders(orders.assign(**words, order_date=pd.to_datetime(orders["order_date"])))


def real_book(file: str, client: str, day: str, money: str | None) -> Ordered:
    """Orders of a real log; one a client and day."""
    table = pd.read_csv(REAL / file)
    return read_orders(
        pd.DataFrame(
            {
                "client_id": table[client].astype("str"),
                "order_date": pd.to_datetime(table[day]),
                "amount": 1.0 if money is None else table[money].astype(float),
                "kind": "sale",
            }
        )
    )


def pooled(told: list[Case], made: list[np.ndarray], step: int) -> dict[str, float]:
    """Mean absolute errors of three forecasts where all are there, % of what came."""
    seen, said, before = (
        np.concatenate([getattr(case, name)[step] for case in told]) for name in ("seen", "said", "before")
    )
    theirs = np.concatenate([each[:, step] for each in made])
    there = np.isfinite(seen) & np.isfinite(said) & np.isfinite(before) & (np.isfinite(theirs) | np.isnan(theirs).all())
    every = {"churnlab": said, "last year's same period": before, "statsforecast": theirs}
    wrong = {name: 100 * np.abs(each - seen)[there].sum() / seen[there].sum() for name, each in every.items()}
    return {name: round(float(value), 2) for name, value in wrong.items() if np.isfinite(value)}


def kept(told: list[Case], made: list[np.ndarray], ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What the page of benchmarks is made of."""
    grades = []
    for measure in MEASURES:
        places = [place for place, case in enumerate(told) if (case.line, case.measure) == (ALL, measure)]
        for step, horizon in enumerate(HORIZONS):
            found = pooled([told[place] for place in places], [made[place] for place in places], step)
            grades.append({"what": f"{measure} of the {horizon}", "found": found})
    runs = [
        {"who": "churnlab", "ours": True, "peer": "", "scale": 1, "note": "", "found": []} | ours,
        {
            "who": "statsforecast",
            "ours": False,
            "peer": "statsforecast",
            "scale": 1,
            "note": "AutoETS of the totals; ours replays earlier origins too, to learn its intervals",
            "found": [],
        }
        | theirs,
    ]
    what = f"A plant planned by line, months and quarters from {ORIGINS} origins"
    task = {"what": what, "short": "planning a plant", "compared": "", "better": "equal", "apart": 0.0, "digits": 3}
    return {
        "title": "Demand",
        "remark": "A plant a process. Errors are pooled over plants: mean absolute errors, % of what came, all lines; "
        "docs/demand.md has every line and the real logs.",
        "tasks": [task | {"runs": runs}],
        "grades": {"unit": "mean absolute error, %", "better": "low", "rows": grades},
    }


def main() -> None:
    """Print the tables and store what the page of benchmarks needs."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    begun, load = time.monotonic(), os.getloadavg()[0]
    told: list[Case] = []
    made: list[np.ndarray] = []
    ours: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for seed in range(1, number + 1):
        told += (mine := of_plant(seed, ours))
        made += by_library(mine, theirs)
    store("demand", kept(told, made, ours, theirs), begun=begun, load=load)
    print(f"### {number} made-up plants, last {ORIGINS} origins each\n\n{HEAD}")
    print("\n".join(rows(told, made)))
    spent = " and ".join(
        f"{name} {np.median(cost['cpu']):.1f}" if "cpu" in cost else f"{name} was not run"
        for name, cost in (("planned", ours), ("by statsforecast", theirs))
    )
    print(f"\nA plant takes, in CPU s: {spent}.\n")
    for name, (file, client, day, money, end) in LOGS.items():
        if not (REAL / file).is_file():
            print(f"{name}: {file} is not in {REAL}\n")
            continue
        found, plan = cases(real_book(file, client, day, money), pd.Timestamp(end), newcomers=False)
        found = [case for case in found if money is not None or case.measure == "orders"]
        print(f"### {name}\n\n{HEAD}")
        print("\n".join(rows(found, by_library(found))))
        single = single_record(plan[ALL][0].clients[:-1])
        if single is not None:
            held = single.orders_held[single.active]
            print(
                f"\nSingle clients with half an order or more expected in a month, their 80 % intervals: {share(held)}."
            )
            held = single.volume_held[single.active]
            print(f"Their {'volumes' if money else 'volumes, 1 an order'}: {share(held)}.\n")


if __name__ == "__main__":
    main()
