"""Does calling help? What holding clients out by lot can show, and what earlier lists showed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.study import Study
from churnlab.answers.words import count, percent
from churnlab.demand import clients_needed, detectable, kept_by_calls
from churnlab.lifetime import Estimate
from churnlab.risk import grade_earlier

LISTED, HELD_OUT = "listed", "held_out"
"""Columns of ``results/forecasts.parquet`` that say who was on the list of a run, and who of them was held out."""


@dataclass(frozen=True, slots=True)
class Design:
    """What a list with clients held out can show.

    Attributes
    ----------
    called, held : int
        Clients to call, and held out.
    rate : Estimate
        Share that is expected to leave without a call.
    helps : Estimate
        Chance that a contact keeps one that would leave, with the range that is assumed.
    share : float
        Share held out of lists to come.
    months : int
        After which it is seen who left.
    there : int
        Clients that a list could hold today.
    """

    called: int
    held: int
    rate: Estimate
    helps: Estimate
    share: float
    months: int
    there: int

    def kept(self, rate: float) -> float:
        """Share of those who would leave that calls must keep to be seen to (80 % power); NaN if more than all."""
        return detectable(self.called, self.held, rate=rate) / rate if rate > 0 else np.nan

    def needed(self, helps: float, rate: float) -> float:
        """Clients over several lists that it takes to see such a chance; infinite where nothing is to be seen."""
        return clients_needed(helps * rate, rate=rate, share=self.share) if helps > 0 and rate > 0 else np.inf

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which effect would be seen, when, and how many clients it takes to see what is assumed."""
        begin = (
            f"Without a call {percent(self.rate.value)} of the list are expected to leave within {self.months} months "
            f"({percent(self.rate.low)} to {percent(self.rate.high)} with all risks at their 95 % ends); only then can "
            "it be told what calling did."
        )
        rates = (self.rate.value, self.rate.high, self.rate.low)
        if np.isnan(self.kept(self.rate.value)):
            takes, few, many = (_number(self.needed(1.0, each)) for each in rates)
            seen = (
                "Even if calls kept everybody who would leave, this list alone would show it in fewer than four of "
                f"five cases (80 % power): that takes {takes} clients ({few} to {many}, by the ends of that share)."
            )
        else:
            middle, least, most = (_part(self.kept(each)) for each in rates)
            seen = (
                f"In four of five cases (80 % power) this list alone shows an effect if calls keep {middle} of those "
                f"who would leave ({least} to {most}, by the ends of that share)."
            )
        if not np.isfinite(self.needed(self.helps.value, self.rate.value)):
            return (begin, seen)
        chances = (self.helps.value, self.helps.high, self.helps.low)
        clients, *ends = (self.needed(each, self.rate.value) for each in chances)
        least, most = (_number(each) for each in ends)
        needed = (
            f"To show what is assumed takes {_number(clients)} clients over several lists (range {least} to {most})."
        )
        if clients > self.there:
            needed += (
                f" A client counts once, and a list could hold {count(self.there)} today: these clients alone will not "
                "show it."
            )
        return (begin, seen, needed)


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of clients called and held out.

    Attributes
    ----------
    runs : int
        Earlier runs with a list.
    called, called_left, held, held_left : int
        Clients whose outcome can be told, from the first list that each was on, and how many of them left.
    waiting : int
        Clients on lists whose outcome cannot be told yet.
    effect : Estimate
        Share that left among those held out less that among those called; above 0 where calls kept clients.
    """

    runs: int
    called: int
    called_left: int
    held: int
    held_left: int
    waiting: int
    effect: Estimate

    @property
    def sentences(self) -> tuple[str, ...]:
        """What earlier lists show."""
        if not self.runs:
            return (
                "What calling does we cannot say yet: no earlier list is kept beside this report. This one is kept in "
                "results/forecasts.parquet, and runs into the same folder compare its clients once their outcome is "
                "known.",
            )
        lists = f"{count(self.runs)} earlier list{'s are' if self.runs > 1 else ' is'} kept."
        if np.isnan(self.effect.value):
            return (
                f"{lists} What calling did we cannot say yet: of {count(self.waiting)} clients the outcome is open, "
                f"and of {count(self.called)} called and {count(self.held)} held out it is known.",
            )
        verdict = "cannot be told from nothing"
        if self.effect.low > 0:
            verdict = "is above nothing: those called left less often"
        elif self.effect.high < 0:
            verdict = "is below nothing: those called left more often"
        return (
            f"{lists} Of {count(self.called)} clients called {count(self.called_left)} left, of {count(self.held)} "
            f"held out by lot {count(self.held_left)}: {_points(self.effect)} fewer of those called, which {verdict}. "
            "Clients count as they were drawn, whether or not anybody called them.",
        )


def what_calling_did(study: Study) -> Measured:
    """Compare clients called with those held out, over the lists of earlier runs.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Measured
    """
    earlier = study.earlier
    if earlier is None or not {LISTED, HELD_OUT} <= set(earlier.columns):
        return measured(0, pd.DataFrame({"held_out": [], "outcome": []}))
    lives, found = study.lives(), []
    on_list = earlier[earlier[LISTED].fillna(value=False).astype(bool)].sort_values(["as_of", "client_id"])
    first = on_list.drop_duplicates("client_id")
    for _, rows in first.groupby("as_of"):
        graded = grade_earlier(rows, lives, rng=study.seed).forecasts
        found.append(rows[["client_id", HELD_OUT]].merge(graded[["client_id", "outcome"]], how="left"))
    outcomes = pd.concat(found) if found else pd.DataFrame({"held_out": [], "outcome": []})
    return measured(int(on_list["as_of"].nunique()), outcomes)


def measured(runs: int, clients: pd.DataFrame) -> Measured:
    """Compare clients whose outcome is known.

    Parameters
    ----------
    runs : int
        Lists that they stood on.
    clients : DataFrame
        ``held_out`` and ``outcome`` (1 left, 0 stayed, NaN not known yet), one row a client.

    Returns
    -------
    Measured
    """
    known = clients.dropna(subset="outcome")
    held = known["held_out"].astype(bool)
    left = known["outcome"].astype("float64") == 1.0
    called, called_left, there, there_left = (int(each.sum()) for each in (~held, left & ~held, held, left & held))
    return Measured(
        runs=runs,
        called=called,
        called_left=called_left,
        held=there,
        held_left=there_left,
        waiting=len(clients) - len(known),
        effect=kept_by_calls(called, called_left, there, there_left),
    )


def _points(effect: Estimate) -> str:
    ends = [f"{100 * end:.0f}" for end in (effect.value, effect.low, effect.high)]
    return f"{ends[0]} points (95 % interval {ends[1]} to {ends[2]})".replace("-0 ", "0 ")


def _part(share: float) -> str:
    return "more than all" if np.isnan(share) else percent(share)


def _number(clients: float) -> str:
    return count(clients) if np.isfinite(clients) else "beyond any number"
