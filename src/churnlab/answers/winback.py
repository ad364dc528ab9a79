"""Who was lost, why as far as it was noted, what that cost, who came back, and does the reason matter?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.account_book import YEAR
from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.losses import OTHER, closed_months, lost_clients
from churnlab.answers.shares import clustered_share, share
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, money, percent
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import (
    Estimate,
    Incidence,
    SurvivalCurve,
    cumulative_incidence,
    hazard_table,
    kaplan_meier,
)
from churnlab.winback import ReasonTest, does_reason_matter, power
from churnlab.winback.reason import LEAST_LOSSES, LEAST_RETURNS, POWER_RUNS, RETURNING

RETURN_MONTHS = (12, 24, 36)
"""Returns are told for so many months after the day on which each counted as lost."""

LEAST_LOST = 10
"""Fewer lost clients than this give no share, and no curve."""

LEAST_AWAY = 5
"""Shares are told for as long as so many are still away and watched."""

EVERYBODY = "all lost clients"
POWER_FOR = (20, 60, 120, 300)
"""Numbers of losses for which the test's power is told."""

_ASSUMED = tuple(RETURNING.items())
_PERSON = {"personal": "a person"}
_STREAM = 31


@dataclass(frozen=True, slots=True, eq=False)
class WinbackAnswer:
    """Lost clients, the reasons that were noted, and returns.

    Attributes
    ----------
    leaving : Leaving
        What counts as leaving.
    coded : bool
        Whether there is a table of losses.
    reasons : DataFrame
        ``reason``, ``n``, ``share``, ``low``, ``high``, ``amount`` (net sales of their last years): losses by the group
        of the coded reason.
    returns : DataFrame
        ``reason`` (all first), ``n``, ``returned``, ``within_months``, ``share``, ``low``, ``high``: came back within
        so many months of counting as lost, accounts closed for good competing; NaN where fewer than five were still
        away and watched.
    test : ReasonTest
        Whether those lost over price, service or a person come back differently.
    power : DataFrame
        ``losses``, ``power``, ``low``, ``high``: share of made-up books in which the differences that the scenarios
        assume are seen, by number of losses watched as long as these; this book's own number first; empty where it has
        too few for a test.
    curve : SurvivalCurve
        Share of the lost that is still away, by months since they counted as lost.
    second : DataFrame
        ``lives``, ``ended``, ``share``, ``low``, ``high``, ``within_months``: first lives against later ones: still
        there after so many months.
    lost : DataFrame
        ``client_id``, ``left_on``, ``known_on`` (counted as lost), ``months`` (away), ``reason`` (group), ``coded`` (as
        noted; empty if not), ``amount`` (net sales of the year up to the last order), ``margin`` (of it; NaN where
        costs are not known), by falling amount: clients who are away today.
    """

    leaving: Leaving
    coded: bool
    reasons: pd.DataFrame
    returns: pd.DataFrame
    test: ReasonTest
    power: pd.DataFrame
    curve: SurvivalCurve
    second: pd.DataFrame
    lost: pd.DataFrame

    @property
    def headline(self) -> str:
        """How many are away, and what they bought."""
        if self.lost.empty:
            return "Nobody is away by this rule."
        word = "lost" if self.leaving.verdict == "leaving" else "silent past their limit"
        return (
            f"Clients away today ({word}): {count(len(self.lost))}, who bought {money(self.lost['amount'].sum())} in "
            "the years up to their last orders."
        )

    @property
    def missing_sentences(self) -> tuple[str, ...]:
        """What is missing for more."""
        if self.coded:
            return ()
        return (
            "Why clients left, whether it was a loss, and what they were offered we cannot say: there is no losses "
            "table (client, day, reason; what was offered and when it came back if known).",
            "Listed are clients who fell silent; the reason has to be asked for, within days of noticing.",
        )

    @property
    def reason_sentence(self) -> str:
        """The commonest coded reason, with its share."""
        if not self.coded:
            return "Why clients left we cannot say: there is no losses table."
        if self.reasons.empty:
            return "Why clients left we cannot say: nobody has left by this rule."
        named = self.reasons[self.reasons["reason"] != OTHER]
        unknown = int(self.reasons.loc[self.reasons["reason"] == OTHER, "n"].sum())
        rest = f"{count(unknown)} of {count(self.reasons['n'].sum())} have no coded reason or another one."
        if named.empty:
            return f"Why clients left we cannot say: {rest}"
        top = named.iloc[0]
        told = interval(Estimate(top["share"], top["low"], top["high"]), percent)
        return f"The reason coded most often is {top['reason']}, for {told} of the losses; {rest}"

    @property
    def return_sentence(self) -> str:
        """How many came back within the longest span."""
        known = self.returns[(self.returns["reason"] == EVERYBODY) & self.returns["share"].notna()]
        if known.empty:
            return f"How many come back we cannot say: fewer than {LEAST_LOST} losses were followed for 12 months."
        row = known.iloc[-1]
        told = interval(Estimate(row["share"], row["low"], row["high"]), percent)
        pauses = "" if self.leaving.verdict == "leaving" else ", pauses among them"
        what = "lost clients came back" if self.leaving.verdict == "leaving" else "such silences ended with an order"
        since = "counting as lost" if self.leaving.verdict == "leaving" else "reaching the limit"
        return f"Within {row['within_months']} months of {since} {told} of {count(row['n'])} {what}{pauses}."

    @property
    def test_sentence(self) -> str:
        """Whether the reason matters, and what the test can see."""
        found = self.test
        if not self.coded:
            return "Whether the reason matters we cannot tell: no reasons are noted."
        if not found.tested:
            return (
                f"Whether the reason matters we cannot tell: {count(found.losses)} losses over price, service or "
                f"a person, {count(found.returns)} of whom came back, bear no comparison (at least {LEAST_LOSSES} and "
                f"{LEAST_RETURNS}, of two reasons, are asked for)."
            )
        seen = (
            f"{count(found.losses)} losses over price, service or a person, {count(found.returns)} of whom came back "
            f"(p {found.chance:.2g}, reasons shuffled)"
        )
        if found.matters:
            return f"The reason goes with coming back: {seen}. It is the reason that was written down."
        own = interval(Estimate(*self.power[["power", "low", "high"]].iloc[0]), percent)
        return (
            f"Whether the reason matters we cannot tell from {seen}: with so many losses a test sees the differences "
            f"that the scenarios assume in {own} of made-up books."
        )

    @property
    def differing_sentence(self) -> str:
        """How many came back by reason, within two years."""
        span = RETURN_MONTHS[1]
        rows = self.returns[(self.returns["within_months"] == span) & (self.returns["reason"] != EVERYBODY)]
        named = [
            f"{row['reason']} {interval(Estimate(row['share'], row['low'], row['high']), percent)} of {count(row['n'])}"
            for row in rows.dropna(subset="share").to_dict("records")
        ]
        if not named:
            return "How returns differ by reason we cannot say: no reason has enough losses that were followed so long."
        return f"Came back within {span} months of counting as lost, by coded reason: {listed(named)}."

    @property
    def power_sentence(self) -> str:
        """How often the test sees what the scenarios assume, by number of losses."""
        if self.power.empty:
            return "What a test of the reason could see we cannot say: too few losses have a coded reason."
        rows = self.power.iloc[1:].to_dict("records")
        named = [f"{percent(row['power'])} with {count(row['losses'])} losses" for row in rows]
        assumed = listed([f"{percent(part)} of those lost over {_PERSON.get(name, name)}" for name, part in _ASSUMED])
        return (
            f"If {assumed} came back (assumed), a test would see it in {listed(named)} (made-up books, watched "
            "as long as this one)."
        )

    @property
    def second_sentence(self) -> str:
        """How second lives go on."""
        if len(self.second) < 2 or self.second["share"].isna().any():
            return "How long those who came back stay we cannot say: too few were followed."
        first, later = (self.second.iloc[place] for place in range(2))
        told = [interval(Estimate(*row[["share", "low", "high"]].astype("float64")), percent) for row in (later, first)]
        return (
            f"Of {count(later['lives'])} lives after a return, {told[0]} last {RETURN_MONTHS[0]} months or more; of "
            f"{count(first['lives'])} first ones that began after the records' first year {told[1]}."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (
            self.headline,
            *self.missing_sentences,
            *((self.reason_sentence,) if self.coded else ()),
            self.return_sentence,
            *((self.test_sentence,) if self.coded else ()),
            self.second_sentence,
            *self.leaving.sentences,
        )


def who_can_be_won_back(study: Study) -> WinbackAnswer:
    """Follow lost clients, with the reasons that were noted.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    WinbackAnswer

    Notes
    -----
    Lost are those whose silence reached its limit, and those whom the losses table names before theirs has. Reasons are
    compared among those who could have come back, lost over price, service or a person: an ended need or a closed firm
    would make any comparison. Everything is counted from the day on which each counted as lost, on which it enters:
    counted from the last order, months in which nobody could come back would tell of limits, not of returns.
    """
    coded = study.tables.losses is not None
    lost = lost_clients(study)
    closed = closed_months(study, lost)
    known = lost[lost["reason"].isin(list(RETURNING))].drop_duplicates("client_id")
    away, entry = _watched(known, known["returned_on"].fillna(study.as_of))
    rng = np.random.default_rng([study.seed, _STREAM])
    test = does_reason_matter(away, known["back"], known["reason"], rng=rng, entry=entry)
    return WinbackAnswer(
        leaving=study.ask(when_has_a_client_left),
        coded=coded,
        reasons=_reasons(lost if coded else lost.iloc[:0]),
        returns=_returns(lost, closed, by_reason=coded),
        test=test,
        power=_power(study, lost, test.losses if coded else 0),
        curve=_curve(lost),
        second=_second(study),
        lost=_away(lost),
    )


def _reasons(lost: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, group in lost.groupby("reason"):
        by_client = (lost["reason"] == name).groupby(lost["client_id"]).agg(["sum", "size"])
        found = clustered_share(by_client["sum"], by_client["size"])
        rows.append((name, len(group), found.value, found.low, found.high, float(group["amount"].sum())))
    frame = pd.DataFrame(rows, columns=["reason", "n", "share", "low", "high", "amount"])
    return frame.sort_values(["n", "reason"], ascending=[False, True], ignore_index=True)


def _returns(lost: pd.DataFrame, closed: "pd.Series[int]", *, by_reason: bool) -> pd.DataFrame:
    """Share back by months since counting as lost, where accounts that closed for good no longer can."""
    groups = [(EVERYBODY, lost)]
    if by_reason:
        groups += [(str(name), group) for name, group in lost.groupby("reason")]
    rows = []
    for name, group in groups:
        found = _incidence(group, closed.reindex(group.index)) if len(group) >= LEAST_LOST else None
        for span in RETURN_MONTHS:
            inside = group["back"] & (group["watched"] <= span)
            reached = found is not None and found.start == 0 and len(found.month) >= span
            ends = (found.share, found.low, found.high) if reached and found is not None else ()
            told = [float(end[0, span - 1]) for end in ends] or [np.nan] * 3
            rows.append((name, len(group), int(inside.sum()), span, *told))
    return pd.DataFrame(rows, columns=["reason", "n", "returned", "within_months", "share", "low", "high"])


def _incidence(group: pd.DataFrame, closed: "pd.Series[int]") -> Incidence:
    end = group["watched"].where(closed < 0, closed)
    cause = np.where(group["back"], 1, np.where(closed >= 0, 2, 0))
    return cumulative_incidence(
        np.zeros(len(group), dtype=int), end, cause, reasons=2, client=group["client_id"], minimum_at_risk=LEAST_AWAY
    )


def _watched(lost: pd.DataFrame, until: "pd.Series[pd.Timestamp]") -> "tuple[pd.Series[float], pd.Series[float]]":
    """Months from the last order to the end of what was watched, and to the day on which it counted as lost."""
    days = (until - lost["left_on"]).dt.days.clip(lower=1)
    entry = (lost["known_on"] - lost["left_on"]).dt.days.clip(lower=0)
    entry = entry.where(entry < days, days - 1)
    return days / DAYS_PER_MONTH, entry / DAYS_PER_MONTH


def _power(study: Study, lost: pd.DataFrame, losses: int) -> pd.DataFrame:
    """What the test can see, by number of losses that are watched as long as these; this book's own number first."""
    watched, entry = _watched(lost, pd.Series(study.as_of, index=lost.index))
    rows = []
    for number in (losses, *POWER_FOR) if losses >= LEAST_LOSSES else ():
        rng = np.random.default_rng([study.seed, _STREAM, number])
        found = share(round(POWER_RUNS * power(number, watched=watched, rng=rng, entry=entry)), POWER_RUNS)
        rows.append((number, found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["losses", "power", "low", "high"])


def _curve(lost: pd.DataFrame) -> SurvivalCurve:
    """Share still away by months since counting as lost, censored at the end of the data."""
    if lost.empty:
        nothing = np.array([])
        return SurvivalCurve(0, nothing.astype(np.int64), nothing, nothing, nothing, nothing.astype(np.int64))
    table = hazard_table(np.zeros(len(lost), dtype=int), lost["watched"].to_numpy(), lost["back"].to_numpy())
    return kaplan_meier(table)


def _second(study: Study) -> pd.DataFrame:
    """Share of first and of later lives that last so many months."""
    lives = study.lives().frame
    until = lives["left_on"].fillna(lives["observed_until"])
    lived = np.ceil((until - lives["first_order"]).dt.days / DAYS_PER_MONTH)
    rows, span = [], RETURN_MONTHS[0]
    fresh = lives["first_order"] >= lives["first_order"].min() + YEAR  # others are older than the records
    for part in ((lives["life"] == 1) & fresh, lives["life"] > 1):
        seen = part & (lived >= 1)
        told: tuple[float, ...] = (np.nan, np.nan, np.nan)
        ended = lives.loc[seen, "left_on"].notna()
        if seen.sum() >= LEAST_LOST:
            table = hazard_table(np.zeros(int(seen.sum()), dtype=int), lived[seen].astype(int), ended)
            curve = kaplan_meier(table)
            if curve.start == 0 and len(curve.month) >= span:
                told = tuple(float(ends[span - 1]) for ends in (curve.survival, curve.low, curve.high))
        rows.append((int(part.sum()), int(ended.sum()), *told, span))
    return pd.DataFrame(rows, columns=["lives", "ended", "share", "low", "high", "within_months"])


def _away(lost: pd.DataFrame) -> pd.DataFrame:
    """Clients who are away today, with what they bought in the year up to their last order."""
    away = lost[~lost["back"]].drop_duplicates("client_id", keep="last")
    columns = ["client_id", "left_on", "known_on", "months", "reason", "coded", "amount", "margin"]
    return away.sort_values(["amount", "client_id"], ascending=[False, True])[columns].reset_index(drop=True)
