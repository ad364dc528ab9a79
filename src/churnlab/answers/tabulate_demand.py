"""The plan and the call sheet laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas as pd

from churnlab.answers.call_sheet import LESS, SILENT, CallSheetAnswer
from churnlab.answers.plan import PlanAnswer
from churnlab.answers.plan_record import MEASURES, REST
from churnlab.answers.words import compact, count, day, percent, shortened
from churnlab.lifetime import Estimate

SHEET_ROWS = 20
"""Rows of the call sheet on a page."""

_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]
_Row = dict[Hashable, Any]


def plan(found: PlanAnswer) -> pd.DataFrame:
    """The plan: a row a line and period, orders and volume with their intervals."""
    rows = []
    for (line, period), pair in found.rows.groupby(["line", "period"], sort=False):
        first = pair.iloc[0]
        cells = {measure: _figure(pair[pair["measure"] == measure].iloc[0]) for measure in MEASURES}
        by_volume = pair[pair["measure"] == "volume"].iloc[0]
        rows.append(
            (
                shortened(str(line)),
                f"{first['begin']:%Y-%m-%d} to {first['end'] - pd.Timedelta(days=1):%Y-%m-%d}",
                cells["orders"],
                cells["volume"],
                _share(by_volume, "regular"),
                _share(by_volume, "unknown"),
                count(by_volume["came"]) if period == REST else _DASH,
            )
        )
    names = ["line", "period", "orders", found.volume, "of regulars", "of clients to come", "came so far"]
    frame = pd.DataFrame(rows, columns=names)
    return frame if (found.rows["period"] == REST).any() else frame.drop(columns="came so far")


def plan_record(found: PlanAnswer) -> pd.DataFrame:
    """How such plans did in the past, beside last year's same period."""
    rows = [
        (
            shortened(str(row["line"])),
            "rest of the month" if row["period"] == REST else row["period"],
            row["measure"] if row["measure"] == "orders" else found.volume,
            f"{count(row['held'])} of {count(row['graded'])}",
            _percent(row["error"]),
            count(row["compared"]),
            _percent(row["own_error"]),
            _percent(row["naive_error"]),
            _percent(row["mean_error"]),
        )
        for row in found.rows[found.rows["graded"] > 0].to_dict("records")
    ]
    names = [
        "line", "period", "what", "intervals that held", "error", "of them with a year before", "error there",
        "error of last year's same period", "error of the mean of 12 months",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def corrections(found: PlanAnswer) -> pd.DataFrame:
    """What the correction in mid-month was worth."""
    rows = [
        (
            shortened(str(row["line"])),
            row["measure"] if row["measure"] == "orders" else found.volume,
            count(row["months"]),
            _percent(row["first_error"]),
            _percent(row["corrected_error"]),
        )
        for row in found.corrections.to_dict("records")
    ]
    names = [
        "line",
        "what",
        "months",
        "error as planned on the first",
        f"error as corrected on day {found.correction_day}",
    ]
    return pd.DataFrame(rows, columns=names)


def call_sheet(found: CallSheetAnswer, label: _Label) -> pd.DataFrame:
    """The first rows of the call sheet."""
    rows = [
        (
            label(row["client_id"]),
            _last(row),
            _tail(row),
            compact(Estimate(row["orders"], row["orders_low"], row["orders_high"]), _one),
            compact(Estimate(row["volume"], row["volume_low"], row["volume_high"]), count),
            _day(row["last_order"]),
            _due(row),
        )
        for row in found.clients.head(SHEET_ROWS).to_dict("records")
    ]
    names = [
        "client", f"orders since {day(found.last)}", "surprise", f"orders from {day(found.as_of)}",
        f"{found.volume} from {day(found.as_of)}", "last order",
        "next order due",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _figure(row: "pd.Series") -> str:
    return compact(Estimate(row["value"], row["low"], row["high"]), count)


def _share(row: "pd.Series", part: str) -> str:
    expected = row["regular"] + row["newer"] + row["unknown"]
    return percent(row[part] / expected) if expected > 0 else _DASH


def _percent(share: float) -> str:
    return _DASH if np.isnan(share) else percent(share)


def _last(row: _Row) -> str:
    if np.isnan(row["last_expected"]):
        return "not a client yet"
    return f"{count(row['last_came'])}, expected {_one(row['last_expected'])}"


def _tail(row: _Row) -> str:
    surprise, tail = row["surprise"], row["tail"]
    if not isinstance(surprise, str) or not surprise or not isinstance(tail, float):
        return _DASH
    return f"{'less' if surprise == LESS else 'more'} ({percent(tail)})"


def _day(date: Any) -> str:
    return _DASH if pd.isna(date) else day(date)


def _due(row: _Row) -> str:
    early, middle, late = (_day(row[name]) for name in ("due_early", "due", "due_late"))
    if row["silent"]:
        return SILENT
    if middle == _DASH:
        return "not within a year"
    return f"{middle} ({early} to {'later' if late == _DASH else late})"


def _one(number: float) -> str:
    return f"{number:.1f}" if number < 10 and number != round(number) else count(number)
