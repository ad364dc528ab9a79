"""What drives a difference of policies, laid out as tables for readers."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from churnlab.answers.scenario_boxes import Boxes
from churnlab.answers.scenario_drivers import Drivers
from churnlab.answers.scenario_exits import Exits
from churnlab.answers.scenario_levers import Verdict
from churnlab.answers.scenario_unknowns import Unknowns
from churnlab.answers.words import compact, decimal, money, percent
from churnlab.lifetime import Estimate
from churnlab.scenarios import EVIDENCE


def channels(found: Drivers) -> pd.DataFrame:
    """Parts of the difference by channel."""
    parts = [compact(Estimate(*row), money) for row in found.steps[["mean", "low", "high"]].itertuples(index=False)]
    return pd.DataFrame({"through": found.steps["channel"], f"{found.policy} against {found.against}": parts})


def owners(found: Drivers) -> pd.DataFrame:
    """Sobol' indices of groups of assumptions."""
    totals = [
        compact(Estimate(*row), decimal) for row in found.groups[["total", "low", "high"]].itertuples(index=False)
    ]
    first = found.groups["first"].map(decimal)
    return pd.DataFrame({"assumptions on": found.groups["group"], "alone": first, "with all others": totals})


def regrets(found: Drivers) -> pd.DataFrame:
    """Mean regret of each policy in each world, and its 90 % point."""
    told = [
        f"{money(mean)} ({money(most)})"
        for mean, most in zip(found.regrets["mean"], found.regrets["most"], strict=True)
    ]
    frame = found.regrets.assign(told=told).set_index(["policy", "world"])["told"].unstack()  # noqa: PD010 -- words
    names = list(dict.fromkeys(found.regrets["policy"]))
    worlds = list(dict.fromkeys(found.regrets["world"]))
    return frame.loc[names, worlds].rename_axis(columns=None).reset_index()


def avoided(found: Exits) -> pd.DataFrame:
    """Departures that each policy would avoid, by reason."""
    told = [
        compact(Estimate(*row), "{:.1f}".format)
        for row in found.avoided[["mean", "low", "high"]].itertuples(index=False)
    ]
    frame = found.avoided.assign(told=told)
    policies = {name: rows["told"].to_list() for name, rows in frame.groupby("policy", sort=False)}
    return pd.DataFrame({"over": list(dict.fromkeys(found.avoided["reason"])), **policies})


def learning(found: Unknowns) -> pd.DataFrame:
    """What knowing single unknowns would be worth before a policy is chosen, where it is told from chance."""
    parts = {
        "all policies": (found.worth, found.floor),
        f"{found.policy} or {found.against}": (found.pair, found.pair_floor),
    }
    rows = []
    for among, (part, floor) in parts.items():
        told = part[part["worth"] > floor].to_dict("records")
        rows += [(among, row["name"], _unit(row["name"]), row["grade"], _gain(row)) for row in told]
        none = "nothing" if part["worth"].max() == 0 else "not told from chance"
        rows += [] if told else [(among, "any single one", "", "", none)]
    return pd.DataFrame(rows, columns=["to choose from", "unknown", "unit", "grade", "worth of knowing"])


def swings(found: Unknowns) -> pd.DataFrame:
    """Differences at the ends of single unknowns."""
    rows = [
        (
            row["name"],
            _unit(row["name"]),
            row["grade"],
            f"{decimal(row['from'])} to {decimal(row['to'])}",
            compact(Estimate(row["swing"], row["low"], row["high"]), money),
        )
        for row in found.swings.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["unknown", "unit", "grade", "from 10 % to 90 %", "moves the difference by"])


def boxes(found: Sequence[Boxes]) -> pd.DataFrame:
    """Boxes of conditions, all figures on draws that did not find them."""
    rows = [
        (
            one.among,
            row["conditions"],
            f"{row['draws']} ({percent(row['of_all'])})",
            compact(Estimate(row["losing"], row["low"], row["high"]), percent),
            percent(row["coverage"]),
            "yes" if row["stands_out"] else "no",
        )
        for one in found
        for row in one.boxes.to_dict("records")
        if row["conditions"]
    ]
    names = ["conditions of", "box", "draws", "loses in", "of all losses", "stands out"]
    return pd.DataFrame(rows, columns=names)


def settings(found: Mapping[str, Verdict]) -> pd.DataFrame:
    """Verdicts at some settings of the levers: one row each, one column a comparison."""
    rows = []
    for name, verdict in found.items():
        told = {
            f"{one.policy} against {one.against}": (
                f"{compact(Estimate(one.mean, one.low, one.high), money)}: {one.verdict}"
            )
            for one in verdict.differences
        }
        rows.append({"setting": name, "draws": str(verdict.draws), **told})
    return pd.DataFrame(rows)


def _unit(name: str) -> str:
    known = EVIDENCE.get(name.replace(" ", "_"))
    return known.unit if known else "log hazard a point, as fitted"


def _gain(row: Mapping[Any, Any]) -> str:
    return compact(Estimate(row["worth"], row["low"], row["high"]), money)
