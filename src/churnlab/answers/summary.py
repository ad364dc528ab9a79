"""The page for the manager: whom to call, how much is at risk, how sure that is, and what we cannot say."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnlab.answers import summary_words as said
from churnlab.answers.call_sheet import what_each_will_order
from churnlab.answers.called import called
from churnlab.answers.calls import CallsAnswer, whom_to_call
from churnlab.answers.calls_measured import HELD_OUT, LISTED
from churnlab.answers.follow_up import managers_now
from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.lifetime import LifetimeAnswer, LineLifetime, how_long_do_clients_stay
from churnlab.answers.overview import Overview, what_do_we_have
from churnlab.answers.ranges import span
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.risk_earlier import what_became_of_earlier_risks
from churnlab.answers.scenario import ScenarioAnswer, price_or_service
from churnlab.answers.study import Study
from churnlab.answers.summary_scenario import (
    cannot_tell_sentences,
    difference_sentences,
    policies_sentence,
    scenario_sentences,
)
from churnlab.answers.wording import fill
from churnlab.answers.words import Form
from churnlab.answers.worth import what_are_they_worth
from churnlab.lifetime import Estimate
from churnlab.risk import MODELS

CALLS = 10
"""Clients to call that the summary names."""

RISKIEST = 4
"""Clients with the highest risk that it names, whatever their size."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the summary.

    Attributes
    ----------
    label : str
        What it is.
    value : str
        In the reader's form; a dash where it is not known.
    note : str
        Its interval, and on what it rests.
    """

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Words of a drawing.

    Attributes
    ----------
    title : str
        What it shows.
    caption : str
        How to read it.
    alt : str
        What it finds, for who cannot see it.
    """

    title: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a manager needs to know first.

    Attributes
    ----------
    headline : str
        The first thing to know.
    sentences : tuple of str
        On what all rests, how long clients stay, what they say, price or service.
    figures : tuple of Figure
        Four figures with intervals.
    calls : DataFrame
        The clients to call first: ``client_id``, ``manager_id``, ``kind``, ``topic``, ``risk``, ``low``, ``high``,
        ``at_risk``, ``stake_low``, ``stake_high`` (what leaving is expected to take), ``amount_12m``,
        ``recency_days``, ``reasons``; empty where nobody can be named.
    calls_caption : str
        What that table shows.
    cannot_say : tuple of str
        What these data do not let us say.
    results : dict of str to DataFrame
        Tables for ``results/``, by file name.
    calls_lead : str
        How that table is to be read; empty without it.
    money : str
        Currency, and what sales are net of.
    kind : dict of str to str
        What is at risk, as messages take it: margin, or sales.
    currency : str
        Currency of the orders; empty where they name none, or several.
    riskiest : DataFrame
        The clients with the highest risk, whatever their size: the same columns.
    riskiest_caption : str
        What that table shows.
    sure : tuple of str
        How sure risks are.
    changed_title : str
        Heading of `changed`.
    changed : tuple of str
        What changed since the last run, or of late.
    policies : str
        What was simulated; says that nothing was where so.
    lines : tuple of str
        Names of the curves that are drawn.
    there : str
        What clients are who have not stopped ordering.
    risk_axis, profit_axis : str
        What drawings have on their axes.
    riskiest_title : str
        What stands above `riskiest`; why there are none, where there are none.
    pictures : dict of str to Picture
        Words of the drawings: ``risk``, ``stay`` and ``scenario``, as far as they can be drawn.
    """

    headline: str
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    calls: pd.DataFrame
    calls_caption: str
    cannot_say: tuple[str, ...]
    results: dict[str, pd.DataFrame]
    calls_lead: str = ""
    money: str = ""
    kind: dict[str, str] = field(default_factory=dict)
    currency: str = ""
    riskiest: pd.DataFrame = field(default_factory=pd.DataFrame)
    riskiest_caption: str = ""
    sure: tuple[str, ...] = ()
    changed_title: str = ""
    changed: tuple[str, ...] = ()
    policies: str = ""
    lines: tuple[str, ...] = ()
    there: str = ""
    risk_axis: str = ""
    profit_axis: str = ""
    riskiest_title: str = ""
    pictures: dict[str, Picture] = field(default_factory=dict)


def summarise(study: Study, language: Language = ENGLISH) -> Summary:
    """Draw the answers together.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    language : Language
        Of the words.

    Returns
    -------
    Summary
    """
    overview, risk = study.ask(what_do_we_have), study.ask(who_is_at_risk)
    lifetime, scenario = study.ask(how_long_do_clients_stay), study.ask(price_or_service)
    listed, worth = study.ask(whom_to_call), study.ask(what_are_they_worth)
    calls, words, kind = _calls(study, risk, listed), called(risk.leaving), said.kind_of_money(worth)
    planned, held = len(listed.to_call), len(listed.chosen) - len(listed.to_call)
    latest, riskiest = _latest(overview, language), _riskiest(study, risk, calls)
    earlier = study.ask(what_became_of_earlier_risks)
    return Summary(
        headline=said.headline(risk, calls, kind, study, language),
        sentences=(
            said.basis_sentence(overview, language),
            said.stay_sentence(lifetime, words, language),
            said.nps_sentence(latest, language),
            *scenario_sentences(scenario, language),
        ),
        figures=_figures(latest, risk, lifetime, listed, kind, language),
        calls=calls,
        calls_caption=said.calls_caption(risk, len(calls), planned=planned, held=held, kind=kind, language=language),
        cannot_say=_cannot_say(overview, risk, lifetime, scenario, language),
        results=_results(study, overview, risk, lifetime, scenario),
        calls_lead=said.calls_lead(kind, len(calls), language) if planned else "",
        money=said.money_sentence(study, language),
        kind=kind,
        currency=said.currency(study),
        riskiest=riskiest,
        riskiest_title=(
            language.say("Highest risk, whatever their size")
            if len(riskiest)
            else language.say("The highest risk we cannot name.")
        ),
        riskiest_caption=said.riskiest_caption(risk, language),
        sure=(*said.sure_sentences(risk, study, language), *earlier.sentences_in(language)),
        changed_title=said.changed_title(risk.why, language),
        changed=said.changed_sentences(risk, study, language),
        policies=policies_sentence(scenario.policies, language) or language.say("Nothing could be simulated."),
        lines=tuple(said.line_name(one, language) for one in _drawn(lifetime)),
        there=language.say(fill("{there}", words)),
        risk_axis=language.say(fill("risk of {doing}, with 95 % interval", words)),
        profit_axis=language.say("discounted profit, millions, with 95 % interval"),
        pictures=_pictures(calls, risk, lifetime, scenario, study, language),
    )


def _calls(study: Study, risk: RiskAnswer, listed: CallsAnswer) -> pd.DataFrame:
    """The first of the call list; by money at stake where there is no list."""
    chosen = listed.to_call.head(CALLS)
    if chosen.empty:
        return _with_managers(study, risk.clients.head(CALLS))
    ends = {"low": "stake_low", "high": "stake_high", "risk_low": "low", "risk_high": "high"}
    told = chosen.drop(columns=["amount_12m", "reasons"]).rename(columns=ends)
    known = risk.clients[["client_id", "amount_12m", "recency_days", "reasons"]]
    return told.merge(known, on="client_id", how="left")[list(_CALLED)]


def _with_managers(study: Study, clients: pd.DataFrame) -> pd.DataFrame:
    """Lay out clients that are on no list: without a contact, a topic, and what leaving takes."""
    if clients.empty:
        return pd.DataFrame({name: [] for name in _CALLED})
    return clients.assign(manager_id=managers_now(study, clients["client_id"]).astype("str")).reindex(columns=_CALLED)


def _riskiest(study: Study, risk: RiskAnswer, calls: pd.DataFrame) -> pd.DataFrame:
    """Clients with the highest risk; nobody where it is the same for all, or nobody is named above."""
    if calls.empty or risk.speaks == MODELS[0].name:
        return _with_managers(study, risk.clients.iloc[:0])
    ordered = risk.clients.sort_values(["risk", "client_id"], ascending=[False, True], ignore_index=True)
    return _with_managers(study, ordered.head(RISKIEST))


def _pictures(
    calls: pd.DataFrame,
    risk: RiskAnswer,
    lifetime: LifetimeAnswer,
    scenario: ScenarioAnswer,
    study: Study,
    language: Language,
) -> dict[str, Picture]:
    """Words of the drawings."""
    words, found, say = called(risk.leaving), {}, language.say
    if len(calls):
        caption = say("Same clients, same order as the table. Dot: best estimate; line: 95 % range.")
        if calls["risk"].mean() < _HALF:
            caption = " ".join((caption, say("Most of these clients will stay.")))
        found["risk"] = Picture(
            title=say(fill("Risk of {doing} within {months} months", words), months=risk.horizon_months),
            caption=caption,
            alt=said.first_risk_sentence(calls, risk, study, language),
        )
    if drawn := _drawn(lifetime):
        found["stay"] = Picture(
            title=said.stay_title(lifetime, words, language),
            caption=said.stay_caption(drawn, words, language),
            alt=said.stay_sentence(lifetime, words, language),
        )
    if scenario.differences:
        found["scenario"] = Picture(
            title=say("Difference in profit over {months} months", months=scenario.horizon_months),
            caption=say(
                "Dot: mean of what was simulated; line: 95 % range. Left of zero the first of the two earns less; a "
                "line that crosses zero: we cannot tell."
            ),
            alt=" ".join(difference_sentences(scenario, language)),
        )
    return found


def _drawn(lifetime: LifetimeAnswer) -> tuple[LineLifetime, ...]:
    """Lives that are drawn: by line where there are lines."""
    return tuple(one for one in (lifetime.lines or (lifetime.overall,)) if one.horizon)


def _latest(overview: Overview, language: Language) -> tuple[str, Estimate, int] | None:
    """Latest index with the most votes: wave, estimate, n."""
    known = overview.latest_nps.dropna(subset="nps")
    if known.empty:
        return None
    row = known.sort_values("n", ascending=False).iloc[0]
    name = said.wave_words(row["wave"], row["mode"], row["period"], language)
    return name, Estimate(row["nps"], row["low"], row["high"]), int(row["n"])


def _figures(
    latest: tuple[str, Estimate, int] | None,
    risk: RiskAnswer,
    lifetime: LifetimeAnswer,
    listed: CallsAnswer,
    kind: dict[str, str],
    language: Language,
) -> tuple[Figure, ...]:
    line, say, months = lifetime.overall, language.say, language.months
    few = say("too few observed")
    return (
        _figure(
            say(fill("Clients {doing} in {months} months", called(risk.leaving)), months=risk.horizon_months),
            risk.leavers,
            months,
            say("of {number} active", number=language.count(risk.active)),
            language,
        ),
        _at_risk(risk, listed, kind, language),
        _figure(
            say("Months a client stays after its first year"),
            line.mean,
            months,
            say("of the next {number}", number=line.horizon) if line.horizon else few,
            language,
        ),
        _figure(
            say("Net promoter index, -100 to 100"),
            latest[1] if latest else _UNKNOWN,
            language.points,
            latest[0] if latest else say("no scores"),
            language,
        ),
    )


def _at_risk(risk: RiskAnswer, listed: CallsAnswer, kind: dict[str, str], language: Language) -> Figure:
    """What leaving is expected to take of all clients together, with all ends at once."""
    name = language.say(fill("{Kind} at risk in {months} months", kind), months=risk.horizon_months)
    if listed.clients.empty:
        return Figure(name, _DASH, language.say("we cannot say (risks or values are not known)"))
    value, low, high = (float(listed.clients[end].sum()) for end in ("at_risk", "low", "high"))
    widest = language.say(
        "{span}, the widest case (every client at its 95 % end), with all clients",
        span=span(low, high, language.money, language),
    )
    return Figure(name, language.money(value), widest)


_DASH = "\N{EN DASH}"
_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def _figure(label: str, estimate: Estimate, form: Form, basis: str, language: Language) -> Figure:
    if np.isnan(estimate.value):
        return Figure(label, _DASH, language.say("we cannot say ({basis})", basis=basis))
    ends = language.span(form(estimate.low), form(estimate.high))
    return Figure(label, form(estimate.value), language.say("{span} (95 %), {basis}", span=ends, basis=basis))


def _cannot_say(
    overview: Overview, risk: RiskAnswer, lifetime: LifetimeAnswer, scenario: ScenarioAnswer, language: Language
) -> tuple[str, ...]:
    """Collect what the answers cannot say, and why."""
    say = language.say
    missing = [
        say("There is no {table} table, so its part of the answers is missing.", table=name)
        for name in overview.missing
    ]
    if risk.speaks == "nobody":
        missing.append(said.risk_sentence(risk, language))
    elif risk.scores_of(risk.speaks) is None:
        missing.append(said.not_graded_sentence(language))
    if risk.leaving.verdict == "pauses":
        missing.append(
            say("We cannot tell leaving from pausing here: the records are too short against the clients' rhythms.")
        )
    missing += [_short(line, language) for line in (lifetime.overall, *lifetime.lines) if not line.horizon]
    missing += cannot_tell_sentences(scenario, called(risk.leaving), language)
    missing += (
        say("All figures rest on the orders and surveys that were exported."),
        say("It is a silence by a rule that counts here, not a notice; some of the silent will order again."),
    )
    return tuple(dict.fromkeys(missing))


def _short(line: LineLifetime, language: Language) -> str:
    return language.say(
        "How long regulars stay ({line}): only {lives} such lives were observed.",
        line=said.line_name(line, language),
        lives=language.count(line.lives),
    )


def _results(
    study: Study, overview: Overview, risk: RiskAnswer, lifetime: LifetimeAnswer, scenario: ScenarioAnswer
) -> dict[str, pd.DataFrame]:
    """Result tables with the columns that ``docs/results.md`` lists."""
    frame = risk.clients if len(risk.clients) else pd.DataFrame({name: [] for name in _RISK})
    today = frame.assign(as_of=study.as_of, horizon_months=risk.horizon_months, model=risk.speaks)
    today = today[["client_id", "as_of", "horizon_months", "risk", "low", "high", "model"]]
    return {
        "risk": today,
        "forecasts": _kept(study, today),
        "backtest": risk.forecasts,
        "lifetime": lifetime.remaining,
        "value": study.ask(what_are_they_worth).results,
        "calls": study.ask(whom_to_call).results,
        "orders_expected": study.ask(what_each_will_order).results,
        "nps": overview.nps,
        "scenarios": scenario.draws[["policy", "row", "npv"]],
    }


def _kept(study: Study, today: pd.DataFrame) -> pd.DataFrame:
    """Forecasts of earlier runs and of this one, with who was on the call list."""
    chosen = study.ask(whom_to_call).chosen
    on_list = {LISTED: chosen["client_id"], HELD_OUT: chosen.loc[chosen["held_out"], "client_id"]}
    now = today.assign(**{name: today["client_id"].isin(clients) for name, clients in on_list.items()})
    given = [frame for frame in (study.earlier, now) if frame is not None and len(frame)]
    return pd.concat(given, ignore_index=True) if given else now


_HALF = 0.5
_RISK = ("client_id", "risk", "low", "high")
_CALLED = (
    "client_id", "manager_id", "kind", "topic", "risk", "low", "high", "at_risk", "stake_low", "stake_high",
    "amount_12m", "recency_days", "reasons",
)  # fmt: skip
