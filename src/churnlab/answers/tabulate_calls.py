"""The call list laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

from churnlab.answers.calling import Calling
from churnlab.answers.calls import CallsAnswer
from churnlab.answers.calls_frames import VISIT
from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.plain import factor, plainer
from churnlab.answers.ranges import span
from churnlab.answers.summary import Summary
from churnlab.answers.wording import fill
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


def first_calls(summary: Summary, label: _Label, language: Language = ENGLISH) -> pd.DataFrame:
    """The clients to call first, with what to talk about and the money at risk."""
    scale, say, count = _scale(summary), language.say, language.count
    columns = {
        say("client"): [label(client) for client in summary.calls["client_id"]],
        say("manager"): [_manager(name) for name in summary.calls["manager_id"]],
        say("contact"): [_DASH if pd.isna(kind) else say(kind) for kind in summary.calls["kind"]],
        say("topic"): [_DASH if pd.isna(topic) else say(factor(shortened(topic))) for topic in summary.calls["topic"]],
        say("risk"): _risks(summary.calls, language),
        _money_title(say(fill("{kind} at risk", summary.kind)), summary, language): [
            _stake(row, scale, language) for row in summary.calls.to_dict("records")
        ],
        _money_title(say("sales of last year"), summary, language): [
            count(amount / scale) for amount in summary.calls["amount_12m"]
        ],
        say("days since last order"): [count(days) for days in summary.calls["recency_days"]],
        say("often seen with higher risk"): [plainer(why, language) or _DASH for why in summary.calls["reasons"]],
    }
    return pd.DataFrame(columns)


def riskiest(summary: Summary, label: _Label, language: Language = ENGLISH) -> pd.DataFrame:
    """The clients with the highest risk."""
    scale, say, count, found = _scale(summary), language.say, language.count, summary.riskiest
    columns = {
        say("client"): [label(client) for client in found["client_id"]],
        say("manager"): [_manager(name) for name in found["manager_id"]],
        say("risk"): _risks(found, language),
        _money_title(say("sales of last year"), summary, language): [
            count(amount / scale) for amount in found["amount_12m"]
        ],
        say("days since last order"): [count(days) for days in found["recency_days"]],
        say("often seen with higher risk"): [plainer(why, language) or _DASH for why in found["reasons"]],
    }
    return pd.DataFrame(columns)


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


def _scale(summary: Summary) -> float:
    """What a column counts money in: thousands where the first calls are large."""
    large = len(summary.calls) > 0 and summary.calls["amount_12m"].median() >= _LARGE
    return 1e3 if large else 1.0


def _money_title(title: str, summary: Summary, language: Language) -> str:
    """Header of a column of money, with what it counts."""
    told, thousands = {"column": title, "currency": shortened(summary.currency)}, _scale(summary) > 1
    if not thousands:
        return language.say("{column}, {currency}", **told) if told["currency"] else title
    if told["currency"]:
        return language.say("{column}, thousand {currency}", **told)
    return language.say("{column}, thousand", column=title)


def _risks(clients: pd.DataFrame, language: Language) -> list[str]:
    """Risks with the ends of their ranges."""
    percent = language.percent
    return [
        f"{percent(row['risk'])} ({span(row['low'], row['high'], percent, language)})"
        for row in clients.to_dict("records")
    ]


def _stake(row: Mapping[Any, Any], scale: float, language: Language) -> str:
    if pd.isna(row["at_risk"]):
        return _DASH
    low, high = (language.count(row[end] / scale) for end in ("stake_low", "stake_high"))
    return f"{language.count(row['at_risk'] / scale)} ({language.span(low, high)})"


def _manager(name: object) -> str:
    return _DASH if pd.isna(name) else shortened(str(name))  # type: ignore[call-overload]
