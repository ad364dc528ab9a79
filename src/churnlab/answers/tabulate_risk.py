"""Answers on risk laid out as tables for readers."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from churnlab.answers.acting import Inputs
from churnlab.answers.risk import RiskAnswer
from churnlab.answers.risk_flattery import FlatteryAnswer
from churnlab.answers.risk_quality import RiskQuality
from churnlab.answers.risk_reasons import Why
from churnlab.answers.risk_targets import TargetsAnswer
from churnlab.answers.surveys_add import SurveysAnswer
from churnlab.answers.words import compact, count, day, money, months, nats, percent
from churnlab.lifetime import Estimate
from churnlab.risk.survey_gain import ORDERS

_DASH = "\N{EN DASH}"
_NOTHING = Estimate(np.nan, np.nan, np.nan)


def scores(found: RiskAnswer) -> pd.DataFrame:
    """How near the forecasts of every model came, and how well they ranked."""
    rows = [
        (
            card.model,
            compact(card.log_loss, nats),
            compact(card.brier, nats),
            compact(card.skill, percent),
            compact(card.auc),
            compact(card.average_precision),
        )
        for card in found.scorecards
    ]
    names = ["model", "log loss", "Brier score", "saved of it", "AUC", "average precision"]
    return pd.DataFrame(rows, columns=names)


def calibrations(found: RiskAnswer) -> pd.DataFrame:
    """How sure the forecasts of every model were."""
    cards = found.scorecards
    rows = [(card.model, *(compact(one) for one in (card.slope, card.intercept, card.level))) for card in cards]
    frame = pd.DataFrame(rows, columns=["model", "slope", "intercept", "seen / forecast"])
    alone = [card.model for card in cards if np.isnan(card.slope.low) or card.skill.low == card.skill.high]
    frame.loc[frame["model"].isin(alone), "slope"] = _DASH
    return frame


def inputs(given: Inputs) -> pd.DataFrame:
    """What acting costs, and where each input comes from."""
    return pd.DataFrame(given.rows, columns=["input", "value", "from"])


def profits(found: RiskQuality) -> pd.DataFrame:
    """What acting on every model's ranking would have earned."""
    rows = [
        (
            one.model,
            compact(one.by_list, money),
            compact(one.greatest, money),
            percent(one.contacted),
            compact(one.greatest_by_value, money),
            percent(one.contacted_by_value),
        )
        for one in found.profits
    ]
    names = ["model", "a list", "EMPC, a client", "contacted for it", "EMPB, a client", "contacted for that"]
    return pd.DataFrame(rows, columns=names)


def lists(found: RiskAnswer, over: RiskQuality) -> pd.DataFrame:
    """What lists by every model held, and how much of them stays the same on the next one where that is asked."""
    later = {row["model"]: row for row in over.stability.to_dict("records")}
    rows = [
        (card.model, compact(card.lift), compact(card.found, percent), *_staying(later.get(card.model)))
        for card in found.scorecards
    ]
    names = ["model", "lift", "of those who left", "places that stay", "by lot", "rank correlation"]
    return pd.DataFrame(rows, columns=names)


def _staying(row: Mapping[Hashable, Any] | None) -> tuple[str, str, str]:
    """Places that stay, by lot too, and the rank correlation; dashes where a model was not asked."""
    if row is None:
        return _DASH, _DASH, _DASH
    kept = compact(Estimate(row["kept"], row["kept_low"], row["kept_high"]), percent)
    return kept, percent(row["by_lot"]), compact(Estimate(row["correlation"], row["low"], row["high"]))


def leads(found: RiskQuality) -> pd.DataFrame:
    """How early departures stood on lists."""
    rows = []
    for model, own in found.leads.groupby("model", sort=False):
        shares = [compact(Estimate(*one), percent) for one in own[["share", "low", "high"]].itertuples(index=False)]
        rows.append((model, *shares, percent(own.set_index("months")["by_lot"].get(0.0, np.nan))))
    months_before = [
        "listed at all" if np.isnan(lead) else "while still buying" if lead == 0 else f"{lead:g} months before"
        for lead in found.leads["months"].drop_duplicates()
    ]
    return pd.DataFrame(rows, columns=["model", *months_before, "while still buying, by lot"])


def targets(found: TargetsAnswer) -> pd.DataFrame:
    """Every target on a row of its own."""
    rows = []
    for one in found.targets:
        card = one.score
        told = (card.skill, card.auc, card.slope) if card else (_NOTHING,) * 3
        rows.append(
            (
                one.name,
                compact(one.expected, months),
                f"{count(one.graded)} ({count(one.came)})",
                one.speaks,
                compact(told[0], percent),
                *(_DASH if np.isnan(each.low) else compact(each) for each in told[1:]),
            )
        )
    names = ["target", "expected today", "graded (it came to)", "speaks", "saved of Brier", "AUC", "slope"]
    return pd.DataFrame(rows, columns=names)


def survey_models(found: SurveysAnswer) -> pd.DataFrame:
    """Log loss of forecasts with and without surveys."""
    names = {
        "base rate": "the same risk for everyone",
        "surveys": "surveys alone",
        "orders": "orders alone",
        "orders, answered": "orders, and whether the client answers",
        "orders, surveys": "orders, and what surveys say",
    }
    rows = [
        (names.get(row["model"], row["model"]), nats(row["loss"]), _against(row))
        for row in found.models.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["forecast from", "log loss", "more than from orders alone, thousandths"])


def _against(row: Mapping[Hashable, Any]) -> str:
    """Log loss less that from orders alone; a dash for these themselves."""
    if row["model"] == ORDERS.name:
        return _DASH
    return compact(Estimate(*(1000 * row[name] for name in ("more", "low", "high"))))


def survey_parts(found: SurveysAnswer) -> pd.DataFrame:
    """What surveys save: ``name``, ``value``, ``low``, ``high``, thousandths of a nat; empty where nothing is known."""
    gain = found.gain
    parts = (
        ()
        if gain is None
        else (
            ("surveys alone", gain.alone),
            ("surveys added to orders", gain.gain),
            ("  by answering at all", gain.by_answering),
            ("  by what scores say", gain.by_scores),
        )
    )
    rows = [(name, 1000 * one.value, 1000 * one.low, 1000 * one.high) for name, one in parts]
    return pd.DataFrame(rows, columns=["name", "value", "low", "high"])


def clients(found: RiskAnswer, label: Callable[[str], str], *, most: int = 15) -> pd.DataFrame:
    """Clients by money at stake, with risk, the hazard's own risk, and what goes with it."""
    own = {} if found.why is None else _hazards(found.why)
    rows = [
        (
            label(row["client_id"]),
            compact(Estimate(row["risk"], row["low"], row["high"]), percent),
            own.get(row["client_id"], _DASH),
            money(row["amount_12m"]),
            count(row["recency_days"]),
            row["reasons"] or _DASH,
        )
        for row in found.clients.head(most).to_dict("records")
    ]
    names = ["client", "risk", "by the hazard", "sales of last year", "days since last order", "goes with higher risk"]
    return pd.DataFrame(rows, columns=names)


def _hazards(why: Why) -> dict[str, str]:
    """Risk by the hazard of each client, with its interval."""
    rows = why.parts[["risk", "low", "high"]].itertuples(index=False)
    return dict(zip(why.parts["client_id"], (compact(Estimate(*row), percent) for row in rows), strict=True))


def parts(found: RiskAnswer, label: Callable[[str], str], *, most: int = 12) -> pd.DataFrame:
    """What each group adds to the score of the first clients: ``name``, then a column a group."""
    why = found.why
    if why is None or found.clients.empty:
        return pd.DataFrame({"name": []})
    first = found.clients["client_id"].head(most)
    frame = why.parts.set_index("client_id").loc[first, list(why.groups)].reset_index()
    frame.insert(0, "name", [label(client) for client in frame["client_id"]])
    return frame.drop(columns="client_id")


def changes(why: Why, label: Callable[[str], str], *, most: int = 8) -> pd.DataFrame:
    """Clients whose risk rose most since the day of comparison."""
    frame = why.changed.assign(rose=why.changed["risk"] - why.changed["risk_before"])
    own = _hazards(why)
    frame = frame[frame["rose"] > 0].sort_values(["rose", "client_id"], ascending=[False, True]).head(most)
    rows = [
        (label(row["client_id"]), percent(row["risk_before"]), own[row["client_id"]], row["most"])
        for row in frame.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["client", f"on {day(why.since)}", "today", "mostly by"])


def flattered(found: FlatteryAnswer) -> pd.DataFrame:
    """Scores out of time beside those on a random split."""
    one = found.found
    if one is None:
        return pd.DataFrame({name: [] for name in ("score", "out of time", "random split")})
    rows = [
        ("AUC", compact(one.auc), compact(one.auc_flattered), compact(one.auc_gained, nats)),
        ("log loss saved by the split", _DASH, _DASH, compact(one.log_loss_saved, nats)),
    ]
    return pd.DataFrame(rows, columns=["score", "out of time", "random split", "seems better by"])
