"""Demand laid out as tables for readers, beside :mod:`tabulate`."""

import pandas as pd

from churnlab.answers.demand import DemandAnswer, Outlook
from churnlab.answers.words import compact, count, money, percent
from churnlab.lifetime import Estimate

_DASH = "\N{EN DASH}"


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


def _outlook(one: Outlook) -> str:
    form = count if one.measure == "orders" else money
    return compact(Estimate(one.forecast.value, one.forecast.low, one.forecast.high), form)
