"""What can this base support at all, before any model is fitted?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from churnlab.answers.words import count, day, decimal
from churnlab.history import Lives, label_known_on, outcomes
from churnlab.risk import BASE_RATE, BOOSTING, HAZARD, OWN_GAP, RECENCY, ModelSpec, Support, fewer_terms, support
from churnlab.risk.columns import available
from churnlab.risk.models import AT_ONCE, LEAST_EVENTS

FEWER = "hazard, fewer terms"

_MOST_TOLD = 0.9
_AUC_ENDS = (0.51, 0.95)


@dataclass(frozen=True, slots=True)
class Base:
    """What a base can support, by Riley et al. (2019).

    Attributes
    ----------
    horizon_months : int
        Horizon of the outcome.
    told_on : Timestamp or None
        Last day on which the outcome of nine clients in ten is known; None where there is none.
    support : Support or None
        On that day, with the AUC that suppliers usually reach; None as above.
    found : Support or None
        The same with the AUC that the backtest found; None where there was none.
    days, left : int
        Days that models learn from, and different clients that were seen to leave behind them.
    learnt_sentence : str
        That all this is of some clients of a large book; empty where it is of all.
    """

    horizon_months: int
    told_on: pd.Timestamp | None
    support: Support | None
    found: Support | None
    days: int
    left: int
    learnt_sentence: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the base bears, and what follows."""
        if self.support is None or self.told_on is None:
            return (
                f"What this base can support we cannot say: on no day is it known of nine clients in ten whether they "
                f"left within {self.horizon_months} months.",
            )
        when = (
            f"Clients are those of {day(self.told_on)}, the last day of which {self.horizon_months} months are known."
        )
        said = [self.support.sentence, when, *([self.learnt_sentence] if self.learnt_sentence else [])]
        if self.found is not None and self.found.terms != self.support.terms:
            auc = decimal(self.found.auc)
            said.append(f"At the AUC of {auc} that past forecasts reached it bears {_terms(self.found.terms)}.")
        if self.left < LEAST_EVENTS:
            said.append(f"Models learn from {LEAST_EVENTS} clients seen to leave on; there are {count(self.left)}.")
        elif not self.support.enough and self.support.events < self.support.clients:
            said.append(
                f"So the hazard is held back by a penalty and learns from {self.days} days, on which "
                f"{count(self.left)} "
                f"clients left; {_candidate(self.support.terms)}"
            )
        return tuple(said)

    def with_auc(self, auc: float) -> "Base":
        """The same, knowing how well past forecasts ranked."""
        given = self.support
        if given is None or np.isnan(auc):
            return self
        reached = float(np.clip(auc, *_AUC_ENDS))
        return replace(self, found=support(given.clients, given.events, wanted=given.wanted, auc=reached))

    @property
    def candidates(self) -> tuple[ModelSpec, ...]:
        """Models that may speak, from the simplest to the richest."""
        terms = self.support.terms if self.support else 0
        cut = replace(
            fewer_terms(HAZARD, terms=terms),
            name=FEWER,
            label=f"hazard on the first {terms} columns that the base bears",
            by_line=False,
            by_season=False,
        )
        fewer = (cut,) if _is_candidate(terms) and not (self.support and self.support.enough) else ()
        return (BASE_RATE, RECENCY, OWN_GAP, *fewer, HAZARD, BOOSTING)


def what_the_base_bears(training: pd.DataFrame, lives: Lives, *, horizon_months: int) -> Base:
    """Count clients and departures on one day, and ask how many terms they bear.

    Parameters
    ----------
    training : DataFrame
        Snapshots of the days that models learn from.
    lives : Lives
        By client, as known today.
    horizon_months : int
        Horizon of the outcome.

    Returns
    -------
    Base
    """
    days = int(training["cut_off"].nunique())
    label = outcomes(training, lives, horizon_months=horizon_months)
    known = (label_known_on(training, horizon_months=horizon_months) < lives.as_of) & label.notna()
    left = int(training.loc[known & (label == 1.0), "client_id"].nunique())
    told = known.groupby(training["cut_off"]).mean()
    whole = told.index[told >= _MOST_TOLD]
    if not len(whole):
        return Base(horizon_months, None, None, None, days, left)
    last = pd.Timestamp(whole.max())
    there = known & (training["cut_off"] == last)
    wanted = fitted_terms(training)
    found = support(int(there.sum()), int(label[there].sum()), wanted=wanted)
    return Base(horizon_months, last, found, None, days, left)


def fitted_terms(training: pd.DataFrame) -> int:
    """Count the effects that the hazard fits: the first month, columns, and what some tell more of that month.

    Parameters
    ----------
    training : DataFrame
        Snapshots of the days that models learn from.

    Returns
    -------
    int
        Without the intercept and the levels of lines, which are drawn together.
    """
    columns = available(training, HAZARD.columns)
    return 1 + len(columns) + sum(column.name in AT_ONCE for column in columns)


def _is_candidate(terms: int) -> bool:
    """One term is the client's own gap, which stands there anyway."""
    return terms >= 2


def _candidate(terms: int) -> str:
    if _is_candidate(terms):
        return f"a hazard of {_terms(terms)} stands beside it as a candidate."
    return "rules on one column stand beside it."


def _terms(number: int) -> str:
    return {0: "no term", 1: "one term"}.get(number, f"{number} terms")
