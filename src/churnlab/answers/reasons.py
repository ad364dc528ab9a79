"""Reasons that clients give for their scores, and that the sales department notes for losses: how often."""

from dataclasses import dataclass

import pandas as pd

from churnlab.answers.shares import clustered_share, ratio
from churnlab.answers.study import Study
from churnlab.answers.weighing import Weighed
from churnlab.answers.words import count, interval, listed, percent, shortened
from churnlab.lifetime import Estimate
from churnlab.tables import Tables

ALL = "all scores"
DETRACTORS = "scores 0 to 6"
LOSSES = "losses"
SOURCES = {
    ALL: "for a score",
    DETRACTORS: "for a score of 0 to 6",
    LOSSES: "for a loss",
}
"""Where reasons come from, and for what they are given."""

LEAST_CLIENTS = 5
"""A reason that fewer clients give is counted among the others: words of one client are not for a page."""

MOST_REASONS = 12
OTHERS = "other reasons"
_HIGHEST_CRITIC = 6
_NOT_A_REASON = ("unknown",)


@dataclass(frozen=True, slots=True)
class Reasons:
    """How often each reason was given, in one source.

    Attributes
    ----------
    source : str
        One of `SOURCES`.
    given : int
        Reasons that were given.
    clients : int
        Clients that they concern.
    shares : DataFrame
        ``reason``, ``n``, ``clients``, ``share``, ``low``, ``high`` (over clients), the commonest first; those of few
        clients together, last.
    first : tuple of str
        Reasons of which one is given most often.
    """

    source: str
    given: int
    clients: int
    shares: pd.DataFrame
    first: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Which reason is given most often, if that can be told."""
        called = f"reason given most often {SOURCES[self.source]}"
        if not self.first:
            return f"Which is the {called} we cannot say: none is given for {LEAST_CLIENTS} clients."
        rows = self.shares[self.shares["reason"].isin(self.first)].to_dict("records")
        said = [
            f"{in_words(row['reason'])} {interval(Estimate(row['share'], row['low'], row['high']), percent)}"
            for row in rows
        ]
        if len(said) == 1:
            return f"The {called} is {said[0]}, of {count(self.given)}."
        return f"Which is the {called} we cannot tell: it may be {_either(said)}, of {count(self.given)}."

    def beside(self, weighed: Weighed) -> str:
        """Whether the reason given most often is the factor that weighs most."""
        called, target = f"reason given most often {SOURCES[self.source]}", weighed.target
        asked = f"Whether the {called} is what weighs most in {target}"
        if not self.first or weighed.problem:
            why = weighed.problem or f"none is given for {LEAST_CLIENTS} clients"
            return f"{asked} we cannot say: {why}."
        if not weighed.shown:
            return f"{asked} we cannot tell: no factor can be shown to go with it."
        reasons, factors = ([in_words(name) for name in names] for names in (self.first, weighed.first))
        match = {name.casefold() for name in self.first} & {name.casefold() for name in weighed.first}
        if len(reasons) == len(factors) == 1 and match:
            return f"The {called}, {reasons[0]}, is also the factor that weighs most in {target}."
        said = f"the reason is {_either(reasons)}, most in {target} weighs {_either(factors)}"
        unrated = [in_words(name) for name in self.first if name.casefold() not in _rated(weighed)]
        if unrated and not match:
            return f"{asked} we cannot say: no score is asked for {listed(unrated)}."
        if not match:
            return f"The {called} is not what weighs most: {said}."
        return f"{asked} we cannot tell: {said}."


def reasons(study: Study) -> tuple[Reasons, ...]:
    """Count reasons in every source that holds some.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    tuple of Reasons
        In the order of `SOURCES`; none for a source without reasons.
    """
    return tuple(_counted(source, frame) for source, frame in _sources(study.tables).items() if len(frame))


def _sources(tables: Tables) -> dict[str, pd.DataFrame]:
    """``client_id`` and ``reason`` of every source."""
    found = {}
    surveys, losses = tables.surveys, tables.losses
    if surveys is not None and "reason" in surveys:
        given = surveys.dropna(subset="reason")
        found[ALL] = given[["client_id", "reason"]]
        if "recommend" in surveys:
            found[DETRACTORS] = given.loc[given["recommend"] <= _HIGHEST_CRITIC, ["client_id", "reason"]]
    if losses is not None:
        coded = losses.dropna(subset="reason")
        found[LOSSES] = coded.loc[~coded["reason"].isin(_NOT_A_REASON), ["client_id", "reason"]]
    return found


def _counted(source: str, given: pd.DataFrame) -> Reasons:
    """Count reasons, one spelling with another, and tell which is given most often."""
    key = given["reason"].astype("str").str.strip().str.casefold()
    given = given.assign(key=key)[key != ""]
    clients = given.groupby("key")["client_id"].nunique()
    often = given["key"].value_counts()[lambda times: clients[times.index] >= LEAST_CLIENTS].sort_index()
    named = often.sort_values(ascending=False, kind="stable").index[:MOST_REASONS].tolist()
    shown = given["key"].where(given["key"].isin(named), OTHERS)
    each = given.assign(shown=shown).groupby(["client_id", "shown"], as_index=False).size()
    table = each.pivot_table(index="client_id", columns="shown", values="size", aggfunc="sum", fill_value=0)
    whole = table.sum(axis=1)
    order = [*named, *([OTHERS] if OTHERS in table and OTHERS not in named else [])]
    rows = []
    for name in order:
        share = clustered_share(table[name], whole)
        rows.append((name, int(table[name].sum()), int((table[name] > 0).sum()), share.value, share.low, share.high))
    frame = pd.DataFrame(rows, columns=["reason", "n", "clients", "share", "low", "high"])
    first = tuple(name for name in named if not _less(table, name, than=named[0]))
    return Reasons(source, len(given), len(table), frame, first)


def _less(table: pd.DataFrame, name: str, *, than: str) -> bool:
    """Whether a reason is given less often than another, over clients."""
    return bool(ratio(table[than] - table[name], table.sum(axis=1)).low > 0)


def _rated(weighed: Weighed) -> set[str]:
    """Factors that were rated, one spelling with another."""
    return {name.casefold() for name in weighed.shares["factor"]}


def in_words(reason: str) -> str:
    """Write a reason as people do."""
    return shortened(reason.replace("_", " "))


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
