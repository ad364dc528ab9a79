"""Purchase models and naive rules on the real logs at hand, as the tables of docs/purchase-models.md.

Usage: ``python benchmarks/purchase_scorecard.py [LOG]`` (all logs if none is named; about a minute);
``CHURNLAB_REAL_DATA`` names the folder with the logs. Weeks; each log once at the split that others publish, and once
at rolling origins over the second half.
"""

import csv
import math
import os
import sys
from pathlib import Path

import numpy as np

from churnlab.lifetime.purchase import (
    MEASURES,
    NAIVE,
    Scorecard,
    by_model,
    fit_bg_nbd,
    fit_mbg_cnbd,
    fit_mbg_nbd,
    fit_pareto_nbd,
    hold_out,
    scorecard,
)

REAL = Path(os.environ.get("CHURNLAB_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
LOGS = {
    "CDNOW": ("cdnow_sample_orders.csv", "master_id", "date", "1997-09-30", 39, ("1997-09-30", "1997-12-23"), 26),
    "grocery": ("grocery_orders.csv", "cust", "date", "2006-12-31", 52, ("2006-12-31", "2007-04-01", "2007-07-01"), 26),
    "apparel (made up)": (
        "apparel_orders.csv", "Id", "Date", "2006-12-31", 207,
        ("2006-12-31", "2007-12-31", "2008-12-31", "2009-12-20"), 52,
    ),
    "classic models (made up, business)": (
        "classicmodels_orders.csv", "customerNumber", "orderDate", "2004-06-30", 47,
        ("2004-03-31", "2004-06-30", "2004-11-30"), 26,
    ),
}  # fmt: skip
RULES = NAIVE | {
    "BG/NBD": by_model(lambda seen: fit_bg_nbd(seen.frequency, seen.recency, seen.age)),
    "MBG/NBD": by_model(lambda seen: fit_mbg_nbd(seen.frequency, seen.recency, seen.age)),
    "Pareto/NBD": by_model(lambda seen: fit_pareto_nbd(seen.frequency, seen.recency, seen.age)),
    "MBG/CNBD-k": by_model(lambda seen: fit_mbg_cnbd(seen.frequency, seen.recency, seen.age, seen.gap_logs)),
}
WORDS = {"bias": "total", "mae": "MAE", "wmape": "WMAPE", "rmse": "RMSE", "spearman": "Spearman", "auc": "AUC"}


def weeks(days: np.ndarray | str) -> np.ndarray:
    """Days as weeks since 1970."""
    return np.asarray(days).astype("datetime64[D]").astype(np.int64) / 7


def told(value: float, *, percent: bool) -> str:
    """A figure of the table."""
    if math.isnan(value):
        return "-"
    return f"{100 * value:+.1f} %" if percent else f"{value:.3f}"


def table(card: Scorecard) -> str:
    """One row a forecast; the best of each measure is bold, and those that it beats beyond chance have a cross."""
    lines = [f"| forecast | {' | '.join(WORDS.values())} |", f"|---|{'---|' * len(WORDS)}"]
    for name, score in card.scores.items():
        cells = []
        for measure in MEASURES:
            percent = measure == "bias"
            value, low, high = (told(each[measure], percent=percent) for each in (score.values, score.low, score.high))
            figure = f"**{value}**" if card.best[measure] == name else value
            mark = " x" if name in card.beaten[measure] else ""
            cells.append(value if value == "-" else f"{figure} ({low} to {high}){mark}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, (file, client, day, split, horizon, origins, roll) in LOGS.items():
        if not name.startswith(wanted):
            continue
        if not (REAL / file).is_file():
            print(f"{name}: {file} is not in {REAL}\n")
            continue
        with (REAL / file).open(encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened))
        who, when = np.array([row[client] for row in rows]), weeks(np.array([row[day] for row in rows]))
        for starts, length in (((split,), horizon), (origins, roll)):
            held = hold_out(
                who, when, origins=[float(weeks(each)) for each in starts], horizon=float(length), rules=RULES
            )
            card = scorecard(held.expected, held.actual, client=held.client, rng=1)
            print(f"### {name}: {length} weeks from {', '.join(starts)}\n")
            print(f"{card.clients:,} clients, {card.rows:,} forecasts, {card.orders:,.0f} orders came.\n")
            print(table(card) + "\n")
            for chosen in ("own rate", "Pareto/NBD", "MBG/CNBD-k"):
                score = card.scores[chosen]
                tenths = ", ".join(f"{mean:.2f}/{came:.2f}" for mean, came in score.deciles)
                tracked = ", ".join(f"{mean:,.0f}/{came:,.0f}" for mean, came in score.tracking)
                print(
                    f"{chosen}, expected/came by tenths of clients: {tenths}; by quarters of the horizon: {tracked}.\n"
                )


if __name__ == "__main__":
    main()
