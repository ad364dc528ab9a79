"""The call list laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

from churnlab.answers.calling import Calling
from churnlab.answers.calls import CallsAnswer
from churnlab.answers.calls_frames import VISIT
from churnlab.answers.plain import factor, plainer
from churnlab.answers.ranges import span
from churnlab.answers.summary import Summary
from churnlab.answers.words import compact, count, day, money, percent, shortened
from churnlab.lifetime import Estimate

LIST_ROWS = 20
"""Rows of the list on a page."""

_LARGE = 10_000
_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]


def inputs(given: Calling) -> pd.DataFrame:
    """What the list takes as given."""
    return pd.DataFrame(given.rows, columns=["input", "value (range)", "grade", "source"])


def first_calls(summary: Summary, label: _Label) -> pd.DataFrame:
    """The clients to call first, with what to talk about and the money at risk."""
    scale, unit = _scale(summary)
    rows = [
        (
            label(row["client_id"]),
            _manager(row["manager_id"]),
            _DASH if pd.isna(row["kind"]) else row["kind"],
            _DASH if pd.isna(row["topic"]) else factor(shortened(row["topic"])),
            _risk(row),
            _stake(row, scale),
            count(row["amount_12m"] / scale),
            count(row["recency_days"]),
            plainer(row["reasons"]) or _DASH,
        )
        for row in summary.calls.to_dict("records")
    ]
    return pd.DataFrame(
        rows,
        columns=[
            "client", "manager", "contact", "topic", "risk", f"{summary.kind} at risk{unit}",
            f"sales of last year{unit}", "days since last order", "often seen with higher risk",
        ],
    )  # fmt: skip


def riskiest(summary: Summary, label: _Label) -> pd.DataFrame:
    """The clients with the highest risk."""
    scale, unit = _scale(summary)
    rows = [
        (
            label(row["client_id"]),
            _manager(row["manager_id"]),
            _risk(row),
            count(row["amount_12m"] / scale),
            count(row["recency_days"]),
            plainer(row["reasons"]) or _DASH,
        )
        for row in summary.riskiest.to_dict("records")
    ]
    return pd.DataFrame(
        rows,
        columns=[
            "client", "manager", "risk", f"sales of last year{unit}", "days since last order",
            "often seen with higher risk",
        ],
    )  # fmt: skip


def call_list(found: CallsAnswer, label: _Label) -> pd.DataFrame:
    """The first of the list: what is at risk with each, and what a contact is taken to save."""
    given = found.calling
    rows = [
        (
            label(row["client_id"]),
            _manager(row["manager_id"]),
            "held out" if row["held_out"] else row["kind"],
            compact(Estimate(row["risk"], row["risk_low"], row["risk_high"]), percent),
            compact(Estimate(row["value"], row["mean_low"], row["mean_high"]), money),
            compact(_at_risk(row), money),
            _DASH if row["held_out"] else compact(given.saved(_at_risk(row)), money),
        )
        for row in found.chosen.head(LIST_ROWS).to_dict("records")
    ]
    names = [
        "client",
        "manager",
        "contact",
        "risk",
        "value",
        "value at risk",
        "a contact saves, if it helps as assumed",
    ]
    return pd.DataFrame(rows, columns=names)


def call_notes(found: CallsAnswer, label: _Label) -> pd.DataFrame:
    """What to have at hand with the first of those to call."""
    rows = [
        (
            label(row["client_id"]),
            plainer(row["reasons"]) or _DASH,
            _DASH if pd.isna(row["last_contact"]) else f"{day(row['last_contact'])} ({shortened(row['last_kind'])})",
            count(row["failures"]) if row["failures"] else _DASH,
            _DASH if pd.isna(row["occasions"]) else row["occasions"],
            _DASH if pd.isna(row["topic"]) else f"{factor(shortened(row['topic']))} ({row['topic_score']:g})",
        )
        for row in found.to_call.head(LIST_ROWS).to_dict("records")
    ]
    names = [
        "client",
        "often seen with higher risk",
        "last contact",
        "failures without contact since",
        "occasions",
        "topic (score)",
    ]
    return pd.DataFrame(rows, columns=names)


def call_hours(found: CallsAnswer) -> pd.DataFrame:
    """Hours and places of each manager, and what the list takes of them."""
    rows = [
        (
            _manager(row["manager_id"]),
            f"{row['hours']:.1f}{'' if row['known'] else ' (assumed)'}",
            f"{row['used']:.1f}",
            count(row["calls"]),
            f"{count(row['visits'])} of {count(row['places'])}",
        )
        for row in found.managers.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["manager", "hours for it, a month", "used", "calls", f"{VISIT}s, of places"])


def call_orders(found: CallsAnswer) -> pd.DataFrame:
    """The list beside other orders within the same limits."""
    given = found.calling
    rows = [
        (
            row["order"],
            count(row["clients"]),
            count(row["shared"]),
            compact(_at_risk(row), money),
            compact(given.saved(_at_risk(row)), money),
        )
        for row in found.beside.to_dict("records")
    ]
    names = ["order", "clients", "of them on the list", "value at risk", "contacts save, as assumed"]
    return pd.DataFrame(rows, columns=names)


def _at_risk(row: dict[Hashable, Any]) -> Estimate:
    return Estimate(row["at_risk"], row["low"], row["high"])


def _scale(summary: Summary) -> tuple[float, str]:
    """What a column counts money in, and how its header says so: thousands where the first calls are large."""
    large = len(summary.calls) > 0 and summary.calls["amount_12m"].median() >= _LARGE
    unit = f"{'thousand ' if large else ''}{shortened(summary.currency)}".strip()
    return (1e3 if large else 1.0), f", {unit}" if unit else ""


def _risk(row: Mapping[Any, Any]) -> str:
    return f"{percent(row['risk'])} ({span(row['low'], row['high'], percent)})"


def _stake(row: Mapping[Any, Any], scale: float) -> str:
    if pd.isna(row["at_risk"]):
        return _DASH
    low, high = (count(row[end] / scale) for end in ("stake_low", "stake_high"))
    return f"{count(row['at_risk'] / scale)} ({low} to {high})"


def _manager(name: object) -> str:
    return _DASH if pd.isna(name) else shortened(str(name))  # type: ignore[call-overload]
