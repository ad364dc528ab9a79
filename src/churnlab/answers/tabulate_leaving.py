"""Definitions of leaving laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from churnlab.answers.definitions import DefinitionsAnswer
from churnlab.answers.thresholds import FAMILIES, Thresholds
from churnlab.answers.words import compact, count, percent
from churnlab.lifetime import Estimate

_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]


def definitions(found: DefinitionsAnswer) -> pd.DataFrame:
    """Rules beside one another: what they find, how often it was a pause, how late they know."""
    rows = [
        (
            row["rule"],
            count(row["departures"]),
            count(row["gone"]),
            _share(row["came_back"], row["low"], row["high"]),
            _DASH
            if pd.isna(row["days"])
            else f"{count(row['days'])} ({count(row['days_low'])} to {count(row['days_high'])})",
        )
        for row in found.rules.to_dict("records")
    ]
    names = ["rule", "departures", "gone today", "ordered again so far", "days until it was known"]
    return pd.DataFrame(rows, columns=names)


def agreement(found: DefinitionsAnswer) -> pd.DataFrame:
    """Clients gone today by one rule, and by another too: one row and one column a rule."""
    both = found.agreement.set_index(["rule", "other"])["also"].to_dict()
    both |= {(name, name): gone for name, gone in zip(found.rules["rule"], found.rules["gone"], strict=True)}
    order = found.rules["rule"].tolist()
    rows = [(rule, *(count(both[rule, other]) for other in order)) for rule in order]
    return pd.DataFrame(rows, columns=["gone today by", *order])


def thresholds(found: Thresholds) -> pd.DataFrame:
    """Limits of two kinds, what became of the departures that they name, and which are proposed."""
    rows = [
        (
            f"{row['threshold']:g} {'typical gaps' if row['family'] == FAMILIES[0] else 'days'}",
            count(row["departures"]),
            _share(row["came_back"], row["low"], row["high"]),
            "too few" if pd.isna(row["low"]) else compact(_false_alarms(row), _rate),
            _DASH if pd.isna(row["days"]) else count(row["days"]),
            "proposed" if row["proposed"] else "",
        )
        for row in found.table.to_dict("records")
    ]
    names = ["limit", "departures", "ordered again so far", "false alarms a client-year", "days until known", ""]
    return pd.DataFrame(rows, columns=names)


def standings(found: Thresholds) -> pd.DataFrame:
    """How many clients stand how."""
    rows = [(row["standing"], count(row["clients"])) for row in found.standing.to_dict("records")]
    return pd.DataFrame(rows, columns=["standing today", "clients"])


def _false_alarms(row: dict[Hashable, Any]) -> Estimate:
    return Estimate(row["false_a_year"], row["false_low"], row["false_high"])


def _rate(value: float) -> str:
    return f"{value:.2f}"


def _share(value: float, low: float, high: float) -> str:
    return "too few" if pd.isna(low) else compact(Estimate(value, low, high), percent)
