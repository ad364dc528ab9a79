"""Whom do we call first with the time we have, with what at hand, and how will we know whether calling helps?"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from churnlab.answers.calling import Calling
from churnlab.answers.calls_frames import (
    ALL_MANAGERS,
    RESULTS,
    VISIT,
    at_hand,
    beside,
    clients_at_risk,
    list_again,
    used_hours,
    what_is_missing,
    with_managers,
)
from churnlab.answers.calls_measured import Design, Measured, what_calling_did
from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, money, percent
from churnlab.answers.worth import what_are_they_worth
from churnlab.demand import held_out
from churnlab.lifetime import Estimate
from churnlab.risk import BASE_RATE


@dataclass(frozen=True, slots=True)
class CallsAnswer:
    """The call list of a month.

    Attributes
    ----------
    calling : Calling
        Inputs.
    clients : DataFrame
        Clients that are worth something, by falling value at risk: the columns of ``results/calls.parquet`` and
        ``risk_low``, ``risk_high``, ``amount_12m``, ``lost`` (what leaving takes), ``kind`` (call or visit),
        ``reasons``, ``last_contact``, ``last_kind``, ``failures``, ``occasions``, ``topic``, ``topic_score``.
        ``at_risk`` is risk times what leaving takes, ``low`` and ``high`` have risk and value both at their 95 % ends.
    managers : DataFrame
        ``manager_id``, ``hours`` (for it, a month), ``known`` (whether the records give the hours), ``used``,
        ``calls``, ``visits``, ``places``; held-out clients count as if they were called.
    beside : DataFrame
        ``order``, ``clients``, ``shared`` (with the list), ``at_risk``, ``low``, ``high``: the list, and lists within
        the same limits by risk alone and by last year's sales.
    risk_model : str
        Model of the risk.
    unit : str
        What value counts, in words.
    missing : tuple of str
        What is missing, in words.
    measured : Measured
        What became of the lists of earlier runs.
    """

    calling: Calling
    clients: pd.DataFrame
    managers: pd.DataFrame
    beside: pd.DataFrame
    risk_model: str
    unit: str
    missing: tuple[str, ...]
    measured: Measured

    @property
    def chosen(self) -> pd.DataFrame:
        """The list, held-out clients included."""
        return self.clients[self.clients["listed"]].reset_index(drop=True)

    @property
    def to_call(self) -> pd.DataFrame:
        """Clients to call."""
        return self.clients[self.clients["listed"] & ~self.clients["held_out"]].reset_index(drop=True)

    @property
    def results(self) -> pd.DataFrame:
        """The list with every input it follows from, as :func:`list_again` takes it."""
        return self.clients[list(RESULTS)]

    @property
    def risk_months(self) -> int:
        """Horizon of the risk; 0 without clients."""
        return 0 if self.clients.empty else int(self.clients["risk_months"].iloc[0])

    @property
    def none_sentence(self) -> str:
        """Why nobody is on the list; empty where somebody is."""
        if self.clients.empty:
            return "Whom to call first we cannot say: of no client both a risk and a value above nothing are known."
        if self.chosen.empty:
            return "Nobody is on the call list: no contact fits into the hours, or none is taken to help."
        return ""

    def headline(self, label: Callable[[str], str]) -> str:
        """Whom to call first."""
        if self.none_sentence:
            return self.none_sentence
        if self.to_call.empty:
            return "Everybody on the call list is held out by lot: nobody is to be called this month."
        names = listed([label(client) for client in self.to_call["client_id"].head(3)])
        return f"Call {names} first: of {count(len(self.to_call))} to call they have the most value at risk."

    @property
    def list_sentences(self) -> tuple[str, ...]:
        """How long the list is, what lies on it, and what calling it is taken to save."""
        if self.none_sentence:
            return (self.none_sentence, *self.missing)
        chosen, known = self.chosen, self.managers
        visits = int((chosen["kind"] == VISIT).sum())
        whose = f"{len(known)} manager{'s have' if len(known) > 1 else ' has'}"
        if known["manager_id"].iloc[0] == ALL_MANAGERS:
            whose = "all managers together have"
        said = (
            f"The list holds {count(len(chosen))} of {count(len(self.clients))} clients that are worth something "
            f"({count(len(chosen) - visits)} calls, {count(visits)} visits), in {known['used'].sum():.0f} of the "
            f"{known['hours'].sum():.0f} hours that {whose} for it in a month."
        )
        held = (
            f"At risk with them is {_ends(_sum(chosen))}, of {_ends(_sum(self.clients))} with all (risk times what "
            f"leaving within {self.risk_months} months takes, {self.unit}; ranges have risk and value of every client "
            "at their 95 % ends)."
        )
        return (said, held, self.saved_sentence, *self._alike(), *self.missing)

    @property
    def saved_sentence(self) -> str:
        """What contacts are taken to save, and that it may be nothing."""
        given = self.calling
        return (
            f"If a contact keeps {percent(given.helps)} of those who would leave, this month's contacts save "
            f"{_ends(given.saved(_sum(self.to_call)))}. That chance is an assumption ({percent(given.helps_low)} to "
            f"{percent(given.helps_high)}, no data behind it): nothing in the records says that calling helps, it may "
            "do nothing, and in one field experiment clients who were contacted left more often (Ascarza, Iyengar and "
            "Schleicher 2016). Who stands where on the list does not hang on it, as it is the same for all."
        )

    @property
    def beside_sentence(self) -> str:
        """How far the highest risk is from the best call."""
        if self.none_sentence:
            return self.none_sentence
        number = len(self.chosen)
        riskiest = self.clients.sort_values(["risk", "client_id"], ascending=[False, True]).head(number)
        both = int(riskiest["listed"].sum())
        first = riskiest.iloc[0]
        place = int((self.clients["at_risk"] > first["at_risk"]).sum()) + 1
        ours, alone = (_sum(self.beside.iloc[[place]]) for place in (0, 1))
        always = "is here" if both == number and place == 1 else "is not always"
        risk = interval(Estimate(first["risk"], first["risk_low"], first["risk_high"]), percent)
        return (
            f"The highest risk {always} the best call: of the {count(number)} clients with the highest risk "
            f"{count(both)} are on the list, and the one with the highest of all, {risk}, stands at place "
            f"{count(place)} by value at risk. Within the same hours an order by risk alone reaches {_ends(alone)} at "
            f"risk, the list {_ends(ours)}."
        )

    @property
    def held_sentences(self) -> tuple[str, ...]:
        """Who is held out, what that can show, and what earlier lists showed."""
        if self.none_sentence:
            return self.measured.sentences
        chosen, given = self.chosen, self.calling
        held = int(chosen["held_out"].sum())
        if not held:
            none = "Nobody on this list is held out, so that it will not show whether calling helps."
            return (none, *self.measured.sentences)
        costs = given.saved(_sum(chosen[chosen["held_out"]]))
        said = (
            f"{count(held)} of the {count(len(chosen))} are held out by lot: do not call them. If contacts help as "
            f"assumed, that costs {_ends(costs)}; it is the price of ever knowing whether they do."
        )
        rates = Estimate(*(float(chosen[name].mean()) for name in ("risk", "risk_low", "risk_high")))
        helps = Estimate(given.helps, given.helps_low, given.helps_high)
        design = Design(
            len(chosen) - held, held, rates, helps, given.held_out_share, self.risk_months, len(self.clients)
        )
        return (said, *design.sentences, *self.measured.sentences)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if self.none_sentence:
            return (*self.list_sentences, *self.measured.sentences)
        return (*self.list_sentences, self.beside_sentence, *self.held_sentences)

    def _alike(self) -> tuple[str, ...]:
        alike = "The risk is the same for all: what leaving takes alone orders the list."
        return (alike,) if self.risk_model == BASE_RATE.name else ()


def whom_to_call(study: Study, *, calling: Calling | None = None) -> CallsAnswer:
    """Fill each manager's hours with the contacts that are worth most, and say what to have at hand.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    calling : Calling, optional
        Inputs.

    Returns
    -------
    CallsAnswer
    """
    given = calling or Calling()
    risk, worth = study.ask(who_is_at_risk), study.ask(what_are_they_worth)
    frame, managers = with_managers(clients_at_risk(study, given), study, given)
    frame["listed"] = list_again(frame).astype(bool)
    frame["held_out"] = frame["listed"] & held_out(
        own_ids(study, frame["client_id"]), share=given.held_out_share, seed=study.seed
    )
    frame = at_hand(frame, study).sort_values(["at_risk", "client_id"], ascending=[False, True], ignore_index=True)
    return CallsAnswer(
        calling=given,
        clients=frame,
        managers=used_hours(managers, frame),
        beside=beside(frame),
        risk_model=risk.speaks,
        unit=worth.unit,
        missing=what_is_missing(study, frame, managers),
        measured=what_calling_did(study),
    )


def own_ids(study: Study, client: "pd.Series[str]") -> list[str]:
    """Clients' own ids, which codes are not: a new client moves the codes of others."""
    if study.lookup is None:
        return list(client)
    return list(client.map(study.lookup.set_index("code")["client_id"]))


def _sum(rows: pd.DataFrame) -> Estimate:
    return Estimate(*(float(rows[name].sum()) for name in ("at_risk", "low", "high")))


def _ends(found: Estimate) -> str:
    return f"{money(found.value)} ({money(found.low)} to {money(found.high)})"
