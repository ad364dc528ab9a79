"""Factors, reasons and the trust in answers, laid out as tables for readers, beside :mod:`tabulate`."""

import pandas as pd

from churnlab.answers.factors import FactorsAnswer
from churnlab.answers.reasons import SOURCES, Reasons, in_words
from churnlab.answers.trust import TrustAnswer
from churnlab.answers.weighing import Weighed
from churnlab.answers.words import compact, count, decimal, percent, shortened
from churnlab.lifetime import Estimate

_DASH = "\N{EN DASH}"


def shares(found: Weighed) -> pd.DataFrame:
    """What falls to each factor, the check beside it, its correlation with the target and the mean answer."""
    rows = [
        (
            shortened(row["factor"]),
            compact(Estimate(row["share"], row["low"], row["high"]), percent),
            percent(row["check"]),
            compact(Estimate(row["correlation"], row["correlation_low"], row["correlation_high"])),
            decimal(row["mean"]),
        )
        for row in found.shares.to_dict("records")
    ]
    names = ["factor", "share of what is explained", "by relative weights", "rank correlation", "mean answer"]
    return pd.DataFrame(rows, columns=names)


def side_by_side(found: FactorsAnswer) -> pd.DataFrame:
    """Shares of what is explained of recommendation, of staying and of later sales, one column each."""
    targets = (found.attitude, *found.behaviour)
    known = {one.target: one.shares.set_index("factor") for one in targets if not one.problem}
    names = next((list(table.index) for table in known.values()), [])
    rows = [(shortened(name), *(_cell(known.get(one.target), name, one) for one in targets)) for name in names]
    return pd.DataFrame(rows, columns=["factor", *(one.target for one in targets)])


def claim(found: FactorsAnswer) -> pd.DataFrame:
    """Whether quality, timing and attention weigh more than price, for every target."""
    rows = []
    for one in (found.attitude, *found.behaviour):
        given = one.claim if one.shown else None
        gap = _DASH if given is None else compact(Estimate(given.value, given.low, given.high))
        rows.append((one.target, count(one.clients), gap, one.verdict))
    names = ["in", "clients", "their mean share less that of price", "service weighs more"]
    return pd.DataFrame(rows, columns=names)


def reasons(found: tuple[Reasons, ...]) -> pd.DataFrame:
    """How often each reason is given, one column a source."""
    counted = {one.source: one.shares.set_index("reason") for one in found}
    names = list(dict.fromkeys(name for table in counted.values() for name in table.index))
    rows = [
        (
            in_words(name),
            *(
                compact(Estimate(*table.loc[name, ["share", "low", "high"]]), percent) if name in table.index else _DASH
                for table in counted.values()
            ),
        )
        for name in names
    ]
    heads = [f"reason {SOURCES[one.source]}, n {count(one.given)}" for one in found]
    return pd.DataFrame(rows, columns=["reason", *heads])


def repeated(found: TrustAnswer) -> pd.DataFrame:
    """Noise, reliability and drift of one answer to every question."""
    rows = [
        (
            shortened(row["factor"]),
            count(row["clients"]),
            count(row["pairs"]),
            compact(Estimate(row["reliability"], row["reliability_low"], row["reliability_high"])),
            compact(Estimate(row["noise"], row["noise_low"], row["noise_high"])),
            compact(Estimate(row["drift"], row["drift_low"], row["drift_high"])),
        )
        for row in found.retest.to_dict("records")
    ]
    names = ["answer to", "clients", "pairs", "reliability", "noise, squared points", "drift a year, squared points"]
    return pd.DataFrame(rows, columns=names)


def without_kindness(found: TrustAnswer) -> pd.DataFrame:
    """Pairs that shares tell apart, once kindness towards both is taken out."""
    rows = [
        (
            f"{shortened(row['factor'])} above {shortened(row['than'])}",
            compact(Estimate(row["correlation"], row["low"], row["high"])),
            row["verdict"],
        )
        for row in found.centred.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["order by shares", "their difference with recommendation", "order"])


def _cell(table: pd.DataFrame | None, name: str, weighed: Weighed) -> str:
    """Share of a factor, or what is said in its place."""
    if table is None:
        return "cannot say"
    if not weighed.shown:
        return "cannot tell"
    return compact(Estimate(*table.loc[name, ["share", "low", "high"]]), percent)
