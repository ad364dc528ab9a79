"""Answers laid out as tables for readers: columns named as people call them, figures in the reader's form."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from churnlab.answers.overview import Overview
from churnlab.answers.plain import plainer
from churnlab.answers.scenario import ScenarioAnswer
from churnlab.answers.words import compact, count, day, decimal, money, months, percent, points, shortened
from churnlab.history import FEATURES
from churnlab.lifetime import Estimate
from churnlab.scenarios import EVIDENCE
from churnlab.tables import SEVERITIES, Tables, findings_frame

MOST_FINDINGS = 30

_DASH = "\N{EN DASH}"


def holdings(overview: Overview) -> pd.DataFrame:
    """Tables that were read, with rows and days."""
    frame = overview.tables
    return pd.DataFrame(
        {
            "table": frame["table"],
            "rows kept": frame["rows"].map(count),
            "first day": [_DASH if pd.isna(first) else day(first) for first in frame["first"]],
            "last day": [_DASH if pd.isna(last) else day(last) for last in frame["last"]],
        }
    )


def reconciled(tables: Tables) -> pd.DataFrame:
    """Rows of every table, and money of the orders: what was read, and what became of it."""
    parts = {
        "read": "read",
        "converted": "added by conversion",
        "kept": "kept",
        "left_out": "left out",
        "dropped": "dropped",
    }
    lines = []
    for line in tables.reconciliation.to_dict("records"):
        named = {"table": line["table"], "file": line["file"]}
        lines.append(
            named | {"what": "rows"} | {told: _part(line, f"rows_{part}", count) for part, told in parts.items()}
        )
        if line["table"] == "orders":
            sums = {told: _part(line, f"amount_{part}", money) for part, told in parts.items()}
            lines.append(named | {"what": "money"} | sums)
    frame = pd.DataFrame(lines)
    return (
        frame if tables.reconciliation["amount_converted"].fillna(0).any() else frame.drop(columns=parts["converted"])
    )


def first_findings(tables: Tables) -> pd.DataFrame:
    """Findings one by one, the gravest first, at most thirty."""
    frame = findings_frame(tables)
    frame = frame.sort_values("severity", key=lambda words: words.map(SEVERITIES.index), kind="stable").head(
        MOST_FINDINGS
    )
    place = frame["file"] + frame["sheet"].map(lambda sheet: f", {sheet}" if sheet else "")
    frame = frame.assign(file=place, value=frame["value"].map(shortened), done=frame["action"])
    return frame[["file", "row", "column", "value", "rule", "severity", "done"]]


def _tenth(share: float) -> str:
    """A share in percent to one decimal, where whole points would hide on which side of a cost an end lies."""
    return f"{100 * share:.1f} %"


def _part(line: Mapping[Any, Any], name: str, form: Callable[[float], str]) -> str:
    return form(line[name]) if name in line else _DASH


def latest_nps(overview: Overview) -> pd.DataFrame:
    """Net promoter index of the last year of every wave and mode."""
    frame = overview.latest_nps
    return pd.DataFrame(
        {
            "wave": frame["wave"],
            "mode": frame["mode"],
            "year": frame["period"].map(months),
            "clients": frame["n"].map(count),
            "index, points": [
                compact(Estimate(*row), points) for row in frame[["nps", "low", "high"]].itertuples(index=False)
            ],
        }
    )


def features() -> pd.DataFrame:
    """Features of a snapshot."""
    rows = [(one.name, one.meaning, one.unit, one.source) for one in FEATURES]
    return pd.DataFrame(rows, columns=["feature", "meaning", "unit", "table"])


def today(snapshot: pd.DataFrame) -> pd.DataFrame:
    """Quantiles of some features of the clients at risk."""
    names = {
        "recency_days": "days since last order",
        "overdue": "in own typical gaps",
        "orders_12m": "orders of last year",
        "tenure_months": "months of tenure",
    }
    frame = snapshot[list(names)].rename(columns=names).quantile([0.1, 0.5, 0.9]).map(lambda value: f"{value:.1f}")
    return frame.set_axis(["one in ten below", "half below", "nine in ten below"]).rename_axis("clients").reset_index()


def clients(found: pd.DataFrame, label: Callable[[str], str]) -> pd.DataFrame:
    """Clients with their risk, sales and what goes with it."""
    rows = [
        (
            label(row["client_id"]),
            compact(Estimate(row["risk"], row["low"], row["high"]), percent),
            count(row["amount_12m"]),
            count(row["recency_days"]),
            plainer(row["reasons"]) or _DASH,
        )
        for row in found.to_dict("records")
    ]
    names = ["client", "risk", "sales of last year", "days since last order", "often seen with higher risk"]
    return pd.DataFrame(rows, columns=names)


def policies(found: ScenarioAnswer) -> pd.DataFrame:
    """Policies that were simulated."""
    rows = [
        (
            one.name,
            percent(one.price_cut),
            percent(one.grant),
            f"{one.service_points:g}",
            f"{one.failures:g}",
            percent(one.recovery),
            percent(one.service_cost),
        )
        for one in found.policies
    ]
    names = [
        "policy", "price cut", "requests granted", "points of service aimed at", "failures, times today's",
        "failures made good", "cost, share of sales",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def effects(found: ScenarioAnswer) -> pd.DataFrame:
    """Hazard ratios of the effect specification."""
    columns = ["hazard_ratio", "low", "high"]
    ratios = [compact(Estimate(*row), decimal) for row in found.effects[columns].itertuples(index=False)]
    return pd.DataFrame({"term": found.effects["term"], "hazard ratio": ratios})


def evidence() -> pd.DataFrame:
    """Evidence ledger of the assumptions."""
    rows = [
        (name.replace("_", " "), f"{one.low:.3g}", f"{one.high:.3g}", one.unit, one.grade, one.source)
        for name, one in EVIDENCE.items()
    ]
    return pd.DataFrame(rows, columns=["assumption", "from", "to", "unit", "grade", "source"])


def differences(found: ScenarioAnswer) -> pd.DataFrame:
    """Policies against one another."""
    rows = [
        (
            f"{one.policy} against {one.against}",
            compact(Estimate(one.mean, one.low, one.high), money),
            percent(one.better),
            decimal(one.variance_ratio),
            one.verdict,
        )
        for one in found.differences
    ]
    return pd.DataFrame(rows, columns=["difference", "worth", "ahead in draws", "variance ratio", "worth more"])


def break_even(found: ScenarioAnswer) -> pd.DataFrame:
    """Break-even cost of service over offer rate and depth."""
    rows = [
        (
            decimal(row["offers_per_year"]),
            percent(row["offer_depth"]),
            compact(Estimate(row["cost"], row["low"], row["high"]), _tenth),
            percent(row["infeasible"]),
        )
        for row in found.break_even_map.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["offers a year", "mean depth", "break-even cost", "draws left out"])
