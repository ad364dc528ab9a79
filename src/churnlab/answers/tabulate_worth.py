"""Value laid out as tables for readers, from the hazard and from orders alone, beside :mod:`tabulate`."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from churnlab.answers.second_opinion import MODEL, SecondOpinion
from churnlab.answers.side_by_side import SideBySide
from churnlab.answers.words import compact, decimal, money, percent
from churnlab.answers.worth import TOP, WorthAnswer
from churnlab.lifetime import Estimate
from churnlab.lifetime.purchase import Scorecard

_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]


def values(found: WorthAnswer, label: _Label) -> pd.DataFrame:
    """The most valuable clients."""
    whole = found.valued["value"].clip(lower=0.0).sum()
    rows = [
        (
            label(row["client_id"]),
            money(row["amount_12m"]),
            f"{row['months']:.1f}{' *' if row['carried'] else ''}",
            compact(Estimate(row["value"], row["mean_low"], row["mean_high"]), money),
            _DASH if np.isnan(row["low"]) else f"{money(row['low'])} to {money(row['high'])}",
            percent(row["value"] / whole) if whole else _DASH,
            money(row["brought_value"]) if row["brought"] else _DASH,
        )
        for row in found.valued.head(TOP).to_dict("records")
    ]
    names = [
        "client", "sales of last year", "months, discounted", "value, as expected", "where it may come out",
        "share of all value", "value of clients it brought",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def parts(found: WorthAnswer) -> pd.DataFrame:
    """What the value of all is made of."""
    total = found.total.value
    rows = [(name, money(part), percent(part / total) if total else _DASH) for name, part in found.part_sums.items()]
    rows.append((f"value, {found.unit}", money(total), percent(1.0)))
    return pd.DataFrame(rows, columns=["part", "money of today", "share of the value"])


def beside(found: SideBySide, label: _Label) -> pd.DataFrame:
    """Clients whose two values lie farthest apart."""
    rows = [
        (
            label(row["client_id"]),
            money(row["hazard"]),
            compact(Estimate(row["orders"], row["orders_low"], row["orders_high"]), money),
            money(row["by_number"]),
            money(row["by_size"]),
        )
        for row in found.clients.head(TOP).to_dict("records")
    ]
    names = ["client", "by the hazard", "by orders alone", "through the number of orders", "through their size"]
    return pd.DataFrame(rows, columns=names)


def opinion_scores(card: Scorecard) -> pd.DataFrame:
    """Past forecasts of orders by each rule; a cross marks what the best of a measure beats beyond chance."""
    forms = {"bias": _signed, "mae": decimal, "rmse": decimal, "spearman": decimal, "auc": decimal}
    rows = []
    for name, score in card.scores.items():
        figures = [
            _scored(Estimate(score.values[measure], score.low[measure], score.high[measure]), form)  # noqa: PD011 -- a dict
            + (" \N{MULTIPLICATION SIGN}" if name in card.beaten.get(measure, ()) else "")
            for measure, form in forms.items()
        ]
        rows.append((f"{name} (the model)" if name == MODEL else name, *figures))
    names = [
        "forecast", "orders of all, over what came", "absolute error", "squared error, root", "rank correlation",
        "who orders again",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def opinion_clients(found: SecondOpinion, label: _Label) -> pd.DataFrame:
    """Clients that orders alone rank much higher, or much lower, than the hazard does."""
    chosen = [found.disagreement(worried=worried) for worried in (True, False)]
    rows = [
        (
            label(row["client_id"]),
            words,
            compact(Estimate(row["silent"], row["silent_low"], row["silent_high"]), percent),
            percent(row["risk"]),
            f"{row['orders']:.1f} ({row['orders_low']:.0f} to {row['orders_high']:.0f})",
        )
        for frame, words in zip(chosen, ("higher", "lower"), strict=True)
        for row in frame.to_dict("records")
    ]
    names = ["client", "orders alone rank it", "chance of no order", "risk by the hazard", "orders expected"]
    return pd.DataFrame(rows, columns=names)


def _scored(estimate: Estimate, form: Callable[[float], str]) -> str:
    return _DASH if np.isnan(estimate.value) else compact(estimate, form)


def _signed(number: float) -> str:
    return f"{'+' if number > 0 else ''}{percent(number)}"
