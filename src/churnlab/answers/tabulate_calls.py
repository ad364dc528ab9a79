"""The call list laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from churnlab.answers.calling import Calling
from churnlab.answers.calls import CallsAnswer
from churnlab.answers.calls_frames import VISIT
from churnlab.answers.words import compact, count, day, money, percent, shortened
from churnlab.lifetime import Estimate

LIST_ROWS = 20
"""Rows of the list on a page."""

_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]


def inputs(given: Calling) -> pd.DataFrame:
    """What the list takes as given."""
    return pd.DataFrame(given.rows, columns=["input", "value (range)", "grade", "source"])


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
            row["reasons"] or _DASH,
            _DASH if pd.isna(row["last_contact"]) else f"{day(row['last_contact'])} ({shortened(row['last_kind'])})",
            count(row["failures"]) if row["failures"] else _DASH,
            _DASH if pd.isna(row["occasions"]) else row["occasions"],
            _DASH if pd.isna(row["topic"]) else f"{shortened(row['topic'])} ({row['topic_score']:g})",
        )
        for row in found.to_call.head(LIST_ROWS).to_dict("records")
    ]
    names = ["client", "goes with higher risk", "last contact", "failures unspoken of", "occasions", "topic (score)"]
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


def _manager(name: object) -> str:
    return _DASH if pd.isna(name) else shortened(str(name))  # type: ignore[call-overload]
