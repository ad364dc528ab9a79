"""The page for the manager: whom to call, how much is at risk, how sure that is, and what we cannot say."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnlab.answers import summary_words as said
from churnlab.answers.call_sheet import what_each_will_order
from churnlab.answers.called import Called, called
from churnlab.answers.calls import CallsAnswer, whom_to_call
from churnlab.answers.calls_measured import HELD_OUT, LISTED
from churnlab.answers.follow_up import managers_now
from churnlab.answers.lifetime import LifetimeAnswer, LineLifetime, how_long_do_clients_stay
from churnlab.answers.overview import Overview, what_do_we_have
from churnlab.answers.ranges import span
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.risk_earlier import what_became_of_earlier_risks
from churnlab.answers.scenario import ScenarioAnswer, price_or_service
from churnlab.answers.study import Study
from churnlab.answers.words import Form, money, months, points
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
    kind : str
        What is at risk: margin, or sales.
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
        What was simulated; empty where nothing was.
    called : Called or None
        How it is called when clients stop ordering.
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
    kind: str = ""
    currency: str = ""
    riskiest: pd.DataFrame = field(default_factory=pd.DataFrame)
    riskiest_caption: str = ""
    sure: tuple[str, ...] = ()
    changed_title: str = ""
    changed: tuple[str, ...] = ()
    policies: str = ""
    called: Called | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)


def summarise(study: Study) -> Summary:
    """Draw the answers together.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Summary
    """
    overview, risk = study.ask(what_do_we_have), study.ask(who_is_at_risk)
    lifetime, scenario = study.ask(how_long_do_clients_stay), study.ask(price_or_service)
    listed, worth = study.ask(whom_to_call), study.ask(what_are_they_worth)
    calls, words, kind = _calls(study, risk, listed), called(risk.leaving), said.kind_of_money(worth)
    planned, held = len(listed.to_call), len(listed.chosen) - len(listed.to_call)
    latest = _latest(overview)
    return Summary(
        headline=said.headline(risk, calls, kind, study),
        sentences=(
            said.basis_sentence(overview),
            said.stay_sentence(lifetime, words),
            said.nps_sentence(latest),
            *said.scenario_sentences(scenario),
        ),
        figures=_figures(latest, risk, lifetime, listed, kind),
        calls=calls,
        calls_caption=said.calls_caption(risk, len(calls), planned=planned, held=held, kind=kind),
        cannot_say=_cannot_say(overview, risk, lifetime, scenario),
        results=_results(study, overview, risk, lifetime, scenario),
        calls_lead=said.calls_lead(kind, len(calls)) if planned else "",
        money=said.money_sentence(study),
        kind=kind,
        currency=said.currency(study),
        riskiest=_riskiest(study, risk, calls),
        riskiest_caption=(
            f"The highest risk, whatever their size; risk of {words.doing} within {risk.horizon_months} months; ranges "
            "of 95 %"
        ),
        sure=(*said.sure_sentences(risk), *study.ask(what_became_of_earlier_risks).sentences),
        changed_title=said.changed_title(risk.why),
        changed=said.changed_sentences(risk, study),
        policies=said.policies_sentence(scenario.policies),
        called=words,
        pictures=_pictures(calls, risk, lifetime, scenario, study),
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
    calls: pd.DataFrame, risk: RiskAnswer, lifetime: LifetimeAnswer, scenario: ScenarioAnswer, study: Study
) -> dict[str, Picture]:
    """Words of the drawings."""
    words, found = called(risk.leaving), {}
    if len(calls):
        most = " Most of these clients will stay." if calls["risk"].mean() < _HALF else ""
        found["risk"] = Picture(
            title=f"Risk of {words.doing} within {risk.horizon_months} months",
            caption=f"Same clients, same order as the table. Dot: best estimate; line: 95 % range.{most}",
            alt=said.first_risk_sentence(calls, risk, study),
        )
    drawn = tuple(one for one in (lifetime.lines or (lifetime.overall,)) if one.horizon)
    if drawn:
        found["stay"] = Picture(
            title=said.stay_title(lifetime, words),
            caption=said.stay_caption(drawn, words),
            alt=said.stay_sentence(lifetime, words),
        )
    if scenario.differences:
        found["scenario"] = Picture(
            title=f"Difference in profit over {scenario.horizon_months} months",
            caption=(
                "Dot: mean of what was simulated; line: 95 % range. Left of zero the first of the two earns less; a "
                "line that crosses zero: we cannot tell."
            ),
            alt=" ".join(scenario.difference_sentences),
        )
    return found


def _latest(overview: Overview) -> tuple[str, Estimate, int] | None:
    """Latest index with the most votes: wave, estimate, n."""
    known = overview.latest_nps.dropna(subset="nps")
    if known.empty:
        return None
    row = known.sort_values("n", ascending=False).iloc[0]
    name = f"{row['wave']} wave by {row['mode']}, {row['period']:.0f}"
    return name, Estimate(row["nps"], row["low"], row["high"]), int(row["n"])


def _figures(
    latest: tuple[str, Estimate, int] | None, risk: RiskAnswer, lifetime: LifetimeAnswer, listed: CallsAnswer, kind: str
) -> tuple[Figure, ...]:
    line = lifetime.overall
    return (
        _figure(
            f"Clients {called(risk.leaving).doing} in {risk.horizon_months} months",
            risk.leavers,
            months,
            f"of {risk.active} active",
        ),
        _at_risk(risk, listed, kind),
        _figure(
            "Months a client stays after its first year",
            line.mean,
            months,
            f"of the next {line.horizon}" if line.horizon else "too few observed",
        ),
        _figure(
            "Net promoter index, -100 to 100",
            latest[1] if latest else _UNKNOWN,
            points,
            latest[0] if latest else "no scores",
        ),
    )


def _at_risk(risk: RiskAnswer, listed: CallsAnswer, kind: str) -> Figure:
    """What leaving is expected to take of all clients together, with all ends at once."""
    name = f"{kind.capitalize()} at risk in {risk.horizon_months} months"
    if listed.clients.empty:
        return Figure(name, "\N{EN DASH}", "we cannot say (risks or values are not known)")
    value, low, high = (float(listed.clients[end].sum()) for end in ("at_risk", "low", "high"))
    return Figure(
        name, money(value), f"{span(low, high)}, the widest case (every client at its 95 % end), with all clients"
    )


_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def _figure(label: str, estimate: Estimate, form: Form, basis: str) -> Figure:
    if np.isnan(estimate.value):
        return Figure(label, "\N{EN DASH}", f"we cannot say ({basis})")
    return Figure(label, form(estimate.value), f"{form(estimate.low)} to {form(estimate.high)} (95 %), {basis}")


def _cannot_say(
    overview: Overview, risk: RiskAnswer, lifetime: LifetimeAnswer, scenario: ScenarioAnswer
) -> tuple[str, ...]:
    """Collect what the answers say that they cannot say, and why."""
    missing = [f"There is no {name} table, so its part of the answers is missing." for name in overview.missing]
    missing += [sentence for sentence in risk.sentences if "cannot say" in sentence]
    missing += risk.leaving.sentences[2:] if risk.leaving.verdict == "pauses" else ()
    missing += [_short(line) for line in (lifetime.overall, *lifetime.lines) if not line.horizon]
    missing += said.cannot_tell_sentences(scenario, called(risk.leaving))
    missing += (
        "All figures rest on the orders and surveys that were exported.",
        "It is a silence by a rule that counts here, not a notice; some of the silent will order again.",
    )
    return tuple(dict.fromkeys(missing))


def _short(line: LineLifetime) -> str:
    return f"How long regulars stay ({line.line}): only {line.lives} such lives were observed."


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
