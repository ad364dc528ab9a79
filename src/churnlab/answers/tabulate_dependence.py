"""Dependence, key clients, losses and managers laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from churnlab.accounts import LEDGER
from churnlab.answers.dependence import DependenceAnswer
from churnlab.answers.key_clients import MOST_KEY, KeyAnswer
from churnlab.answers.losing import LosingAnswer
from churnlab.answers.manager_records import RecordsAnswer
from churnlab.answers.managers import ManagersAnswer
from churnlab.answers.words import Form, compact, count, decimal, money, months, percent, points, shortened
from churnlab.lifetime import Estimate

TOP = 10
"""Rows of a list."""

_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]


def groups(found: DependenceAnswer, label: _Label) -> pd.DataFrame:
    """The ten largest clients or groups: share, age of the relation and replaceability together."""
    rows = [
        (
            label(row["group"]),
            count(row["members"]),
            money(row["sales"]),
            percent(row["share"]),
            _or_dash(row["margin_share"], percent),
            f"{'over ' if row['older'] else ''}{row['years']:.0f}",
            compact(Estimate(row["replace"], row["replace_low"], row["replace_high"]), months),
        )
        for row in found.groups.head(TOP).to_dict("records")
    ]
    names = ["client or group", "client ids", "sales", "share", "share of margin", "years", "months to replace"]
    return pd.DataFrame(rows, columns=names)


def bands(found: DependenceAnswer) -> pd.DataFrame:
    """Lines between bands, with their sources and who lies in each."""
    held = found.groups["band"].value_counts()
    rows = [
        (f"{percent(row['share'])} and more", row["words"], count(held.get(row["words"], 0)), row["source"])
        for row in found.bands.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["a client with", "is called", "clients", "who draws the line"])


def near_lines(found: DependenceAnswer, label: _Label) -> pd.DataFrame:
    """Distance in money to the lines around each of the largest."""
    rows = [
        (
            label(row["group"]),
            percent(row["share"]),
            row["band"],
            _or_dash(row["next"], percent),
            _or_dash(row["to_next"], money),
            _or_dash(row["to_widen"], money),
        )
        for row in found.groups.head(5).to_dict("records")
    ]
    names = [
        "client or group", "share", "band", "next line", "bought more by it to reach that",
        "bought more by all others to leave its band",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def parts(found: DependenceAnswer, label: _Label) -> pd.DataFrame:
    """Concentration within lines and managers' books."""
    rows = [
        (
            shortened(row["part"]),
            row["kind"],
            count(row["clients"]),
            money(row["sales"]),
            label(row["group"]),
            percent(row["largest"]),
            percent(row["top5"]),
            f"{row['effective']:.1f}",
            decimal(row["gini"]),
        )
        for row in found.parts.to_dict("records")
    ]
    names = ["part", "kind", "clients", "sales", "largest", "its share", "five largest", "as if equal clients", "Gini"]
    return pd.DataFrame(rows, columns=names)


def losses(found: LosingAnswer, label: _Label) -> pd.DataFrame:
    """What goes if one of the largest, or the three largest, leave."""
    rows = [
        (
            label(row["group"]),
            f"{money(row['sales'])} ({percent(row['share'])})",
            _or_dash(row["margin"], money),
            compact(Estimate(row["risk"], row["low"], row["high"]), percent),
            compact(Estimate(row["replace"], row["replace_low"], row["replace_high"]), months),
            compact(Estimate(row["contracts"], row["contracts_low"], row["contracts_high"]), count),
        )
        for row in found.one.to_dict("records")
    ]
    if len(found.one) > 2:
        three = found.three
        awaited = Estimate(three["replace"], three["replace_low"], three["replace_high"])
        chance = _or_dash(three["any"], percent)
        contracts = Estimate(three["contracts"], three["contracts_low"], three["contracts_high"])
        told = (f"{money(three['sales'])} ({percent(three['share'])})", _or_dash(three["margin"], money), chance)
        rows.append(
            (
                "the three largest (risk that one at least leaves)",
                *told,
                compact(awaited, months),
                compact(contracts, count),
            )
        )
    names = ["if this leaves", "sales of 12 months", "margin", "risk", "months to replace", "contracts to replace"]
    return pd.DataFrame(rows, columns=names)


def distribution(found: LosingAnswer) -> pd.DataFrame:
    """Yearly sales of those who leave, over what is assumed to hang together."""
    rows = [
        (
            decimal(row["correlation"]),
            *(f"{money(row[name])} ({percent(row[name] / found.known)})" for name in ("half", "bad", "worst")),
            money(row["spread"]),
        )
        for row in found.by_correlation.to_dict("records")
    ]
    names = [
        "correlation in a line",
        "every other year",
        "one year in twenty",
        "one in a thousand",
        "standard deviation",
    ]
    return pd.DataFrame(rows, columns=names)


def books(found: LosingAnswer) -> pd.DataFrame:
    """What goes with a manager."""
    rows = [
        (
            shortened(row["manager_id"]),
            f"{money(row['sales'])} ({percent(row['share'])})",
            f"{money(row['leaves'])} ({money(row['low'])} to {money(row['high'])})",
            money(row["a_year"]),
        )
        for row in found.books.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["manager", "book", "goes along with the manager", "a year, in expectation"])


def marks(found: KeyAnswer) -> pd.DataFrame:
    """Marks of key clients, by data and by flag."""
    rows = [
        (
            row["mark"],
            _DASH if row["found"] < 0 else count(row["found"]),
            _DASH if row["flagged"] < 0 else count(row["flagged"]),
            count(row["groups"]),
        )
        for row in found.marks.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["mark", "seen in data", "flagged", "clients"])


def key_clients(found: KeyAnswer, label: _Label) -> pd.DataFrame:
    """Key clients by share of sales, with their marks and who is dedicated to them."""
    rows = [
        (label(row["group"]), percent(row["share"]), row["marks"], shortened(row["undedicated"] or "yes"))
        for row in found.key.head(TOP).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["client or group", "share", "marks", "a manager of its own"])


def contacts(found: KeyAnswer) -> pd.DataFrame:
    """Contacts a client and a million of sales, of key clients and the others."""
    rows = [
        (
            row["who"],
            count(row["clients"]),
            count(row["contacts"]),
            _or_dash(row["contacts"] / row["clients"] if row["clients"] else np.nan, _one),
            _or_dash(1e6 * row["contacts"] / row["sales"] if row["sales"] else np.nan, _one),
        )
        for row in found.contacts.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["clients", "n", "contacts", "a client", "a million of sales"])


def managers(found: ManagersAnswer) -> pd.DataFrame:
    """Managers with their books, places and load."""
    rows = [
        (
            shortened(row["manager_id"]),
            f"{count(row['clients'])} ({percent(row['share'])})",
            f"{count(row['by_volume'])} of {MOST_KEY} ({count(row['key'])})",
            count(row["small"]),
            shortened(row["over"]) or _DASH,
            compact(Estimate(row["need"], row["need_low"], row["need_high"]), count),
            _or_dash(row["hours"], count),
            _or_dash(row["load"], percent),
        )
        for row in found.managers.to_dict("records")
    ]
    names = [
        "manager", "clients (share of sales)", "key by volume (by any mark)", "small", "over the rule",
        "hours taken a month", "hours", "load",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def retention(found: RecordsAnswer) -> pd.DataFrame:
    """Departures by manager, drawn together."""
    rows = [
        (
            shortened(row["manager_id"]),
            count(row["months"]),
            count(row["left"]),
            f"{row['expected']:.1f}",
            compact(Estimate(row["value"], row["low"], row["high"])),
        )
        for row in found.retention.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["manager", "client-months", "left", "expected", "times the common rate"])


def scores(found: RecordsAnswer) -> pd.DataFrame:
    """Index and attention by manager, the book alone and drawn together."""
    attention = found.attention.set_index("manager_id")
    rows = []
    for row in found.index.to_dict("records"):
        name = row["manager_id"]
        told = (points(row["own"]), compact(Estimate(row["value"], row["low"], row["high"]), points))
        other = (_DASH, _DASH)
        if name in attention.index:
            felt = attention.loc[name]
            other = (decimal(felt["own"]), compact(Estimate(felt["value"], felt["low"], felt["high"])))
        rows.append((shortened(name), count(row["clients"]), *told, *other))
    names = ["manager", "clients", "index alone", "index", "attention alone", "attention"]
    return pd.DataFrame(rows, columns=names)


def held(found: RecordsAnswer) -> pd.DataFrame:
    """Orders after rather than before the end of months, by manager."""
    rows = [
        (
            shortened(row["manager_id"]),
            count(row["clients"]),
            count(row["orders"]),
            compact(Estimate(row["shift"], row["low"], row["high"]), percent),
            _or_dash(row["chance"], decimal),
        )
        for row in found.held.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["manager", "clients", "orders", "more after than others'", "p"])


def assumed() -> pd.DataFrame:
    """What data cannot tell."""
    rows = [
        (one.name, one.unit, f"{one.value:g} ({one.low:g} to {one.high:g})", one.grade, one.source) for one in LEDGER
    ]
    return pd.DataFrame(rows, columns=["assumed", "unit", "value (range)", "grade", "source"])


def _or_dash(value: float, form: Form) -> str:
    return _DASH if pd.isna(value) else form(value)


def _one(number: float) -> str:
    return f"{number:.1f}"
