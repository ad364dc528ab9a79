"""Demand, worth and dependence laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from churnlab.answers.demand import DemandAnswer, Outlook
from churnlab.answers.dependence import BANDS, LARGEST, DependenceAnswer
from churnlab.answers.managers import ManagersAnswer
from churnlab.answers.words import compact, count, decimal, money, percent, shortened
from churnlab.answers.worth import TOP
from churnlab.lifetime import Estimate

_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]


def outlooks(found: DemandAnswer) -> pd.DataFrame:
    """Forecasts of all clients' demand, with how such forecasts did."""
    rows = [
        (
            one.measure,
            one.period,
            _outlook(one),
            one.forecast.rule or _DASH,
            count(one.forecast.past),
            f"{one.forecast.covered} of {one.forecast.tested}" if one.forecast.tested else _DASH,
        )
        for one in found.outlooks
    ]
    return pd.DataFrame(rows, columns=["what", "when", "forecast", "rule", "past forecasts", "intervals that held"])


def rules(found: DemandAnswer) -> pd.DataFrame:
    """Past errors of every rule."""
    rows = [
        (
            one.measure,
            one.period,
            rule,
            count(len(one.past.seen)),
            percent(one.past.absolute_error[place]),
            percent(one.past.leaning[place]),
            "speaks" if rule == one.forecast.rule else "",
        )
        for one in found.outlooks
        for place, rule in enumerate(one.past.rules)
    ]
    names = ["what", "when", "rule", "past forecasts", "mean absolute error", "median miss", ""]
    return pd.DataFrame(rows, columns=names)


def expected(found: DemandAnswer, label: _Label) -> pd.DataFrame:
    """Clients of whom most orders are expected."""
    first = found.expected.head(TOP).to_dict("records")
    rows = [(label(row["client_id"]), compact(Estimate(row["orders"], row["low"], row["high"]), _one)) for row in first]
    return pd.DataFrame(rows, columns=["client", "orders of the next quarter"])


def groups(found: DependenceAnswer, label: _Label) -> pd.DataFrame:
    """The ten largest clients or groups."""
    first = found.groups.head(TOP)
    rows = [
        (label(row["group"]), count(row["members"]), money(row["sales"]), percent(row["share"]), percent(whole))
        for row, whole in zip(first.to_dict("records"), first["share"].cumsum(), strict=True)
    ]
    return pd.DataFrame(rows, columns=["client or group", "client ids", "sales", "share", "share with those above"])


def bands() -> pd.DataFrame:
    """What the trade calls a large share."""
    rows = [(f"more than {percent(share)} of sales", words) for share, words in BANDS.items()]
    return pd.DataFrame(rows, columns=["a client with", "is called"])


def losses(found: DependenceAnswer, label: _Label) -> pd.DataFrame:
    """What goes if one of the largest leaves."""
    rows = [
        (
            label(row["group"]),
            f"{money(row['sales'])} ({percent(row['share'])})",
            count(row["members"]),
            compact(Estimate(row["risk"], row["low"], row["high"]), percent),
        )
        for row in found.groups.head(LARGEST).to_dict("records")
    ]
    names = ["client or group", "sales lost in 12 months", "client ids", "risk of the largest id"]
    return pd.DataFrame(rows, columns=names)


def key_clients(found: DependenceAnswer, label: _Label) -> pd.DataFrame:
    """Key clients by share of sales, with their marks."""
    rows = [(label(row["group"]), percent(row["share"]), row["marks"]) for row in found.key.to_dict("records")]
    return pd.DataFrame(rows, columns=["client or group", "share of sales", "marks"])


def managers(found: ManagersAnswer) -> pd.DataFrame:
    """Managers with their clients."""
    rows = [
        (
            shortened(row["manager_id"]),
            count(row["clients"]),
            count(row["key"]),
            count(row["by_volume"]),
            count(row["small"]),
            percent(row["share"]),
            _DASH if np.isnan(row["hours"]) else count(row["hours"]),
            _DASH if np.isnan(row["hours"]) else decimal(row["hours"] / row["clients"]),
            row["over"] or _DASH,
        )
        for row in found.managers.to_dict("records")
    ]
    names = [
        "manager", "clients", "key", "of them by volume", "small", "share of sales", "hours a month",
        "hours a client", "over the rule",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def attention(found: ManagersAnswer) -> pd.DataFrame:
    """Attention scores by manager."""
    rows = [
        (
            shortened(row["manager_id"]),
            count(row["clients"]),
            count(row["answers"]),
            compact(Estimate(row["score"], row["low"], row["high"])),
        )
        for row in found.attention.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["manager", "clients that answered", "answers", "mean score"])


def _outlook(one: Outlook) -> str:
    form = count if one.measure == "orders" else money
    return compact(Estimate(one.forecast.value, one.forecast.low, one.forecast.high), form)


def _one(number: float) -> str:
    """One decimal; whole numbers as they are."""
    return f"{number:.0f}" if float(number).is_integer() else f"{number:.1f}"
