"""Demand and calls laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable

import pandas as pd

from churnlab.answers.demand import DemandAnswer, Outlook
from churnlab.answers.words import compact, count, money, percent
from churnlab.answers.worth import TOP, WorthAnswer
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


def calls(found: WorthAnswer, label: _Label) -> pd.DataFrame:
    """Whom to call first."""
    rows = [
        (
            label(row["client_id"]),
            compact(Estimate(row["risk"], row["risk_low"], row["risk_high"]), percent),
            money(row["value"]),
            compact(Estimate(row["stake"], row["low"], row["high"]), money),
        )
        for row in found.calls.head(TOP).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["client", "risk", "value", "at stake"])


def _outlook(one: Outlook) -> str:
    form = count if one.measure == "orders" else money
    return compact(Estimate(one.forecast.value, one.forecast.low, one.forecast.high), form)
