"""The page for the manager: five sentences, four figures, whom to call, and what we cannot say."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.call_sheet import what_each_will_order
from churnlab.answers.calls import whom_to_call
from churnlab.answers.calls_measured import HELD_OUT, LISTED
from churnlab.answers.lifetime import LifetimeAnswer, LineLifetime, how_long_do_clients_stay
from churnlab.answers.overview import Overview, what_do_we_have
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.scenario import ScenarioAnswer, price_or_service
from churnlab.answers.study import Study
from churnlab.answers.words import Form, interval, listed, money, months, points
from churnlab.answers.worth import what_are_they_worth
from churnlab.lifetime import Estimate
from churnlab.risk import MODELS
from churnlab.scenarios import DO_NOTHING, PRICE_ONLY, SERVICE

CALLS = 10


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
class Summary:
    """What a manager needs to know first.

    Attributes
    ----------
    headline : str
        The first thing to know.
    sentences : tuple of str
        One a question: whom we have, who may leave, how long they stay, what they say, price or service.
    figures : tuple of Figure
        Four figures with intervals.
    calls : DataFrame
        The clients to call first: ``client_id``, ``risk``, ``low``, ``high``, ``amount_12m``, ``recency_days``,
        ``reasons``; empty where nobody can be named.
    calls_caption : str
        What that table shows.
    cannot_say : tuple of str
        What these data do not let us say.
    results : dict of str to DataFrame
        Tables for ``results/``, by file name.
    """

    headline: str
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    calls: pd.DataFrame
    calls_caption: str
    cannot_say: tuple[str, ...]
    results: dict[str, pd.DataFrame]


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
    calls, planned = _calls(study, risk)
    return Summary(
        headline=_headline(risk, calls, study),
        sentences=(
            overview.sentences[0],
            risk.headline,
            lifetime.sentences[0],
            _what_they_say(overview),
            scenario.headline,
        ),
        figures=_figures(overview, risk, lifetime, scenario),
        calls=calls,
        calls_caption=_calls_caption(risk, calls, planned),
        cannot_say=_cannot_say(overview, risk, lifetime, scenario),
        results=_results(study, overview, risk, lifetime, scenario),
    )


def _headline(risk: RiskAnswer, calls: pd.DataFrame, study: Study) -> str:
    if calls.empty:
        return risk.headline
    if risk.speaks == MODELS[0].name:
        return f"{risk.headline} Who, we cannot tell better than by the size of sales."
    names = listed([study.label(client) for client in calls["client_id"].head(3)])
    return f"{risk.headline} Most money is at stake with {names}."


def _calls(study: Study, risk: RiskAnswer) -> tuple[pd.DataFrame, int]:
    """The first of the call list, and how many are to be called; by money at stake where there is no list."""
    chosen = study.ask(whom_to_call).to_call["client_id"]
    if chosen.empty:
        return risk.clients.head(CALLS), 0
    return risk.clients.set_index("client_id").loc[chosen.head(CALLS)].reset_index(), len(chosen)


def _calls_caption(risk: RiskAnswer, calls: pd.DataFrame, planned: int) -> str:
    if calls.empty:
        return f"We cannot name clients to call: {risk.headline[0].lower()}{risk.headline[1:]}"
    of = f"{planned} clients to call this month, by value at risk"
    if not planned:
        of = f"{risk.active} active clients by money at stake"
    return (
        f"The first {len(calls)} of {of}; risk of leaving within {risk.horizon_months} months with 95 % interval; "
        f"model: {risk.speaks}"
    )


def _latest(overview: Overview) -> tuple[str, Estimate, int] | None:
    """Latest index with the most votes: wave, estimate, n."""
    known = overview.latest_nps.dropna(subset="nps")
    if known.empty:
        return None
    row = known.sort_values("n", ascending=False).iloc[0]
    name = f"{row['wave']} wave by {row['mode']}, {row['period']:.0f}"
    return name, Estimate(row["nps"], row["low"], row["high"]), int(row["n"])


def _what_they_say(overview: Overview) -> str:
    latest = _latest(overview)
    if latest is None:
        return "We cannot say how satisfied clients are: there are no survey scores, or too few."
    name, index, n = latest
    return f"The net promoter index is {interval(index, points)} ({name}, {n} clients)."


def _figures(
    overview: Overview, risk: RiskAnswer, lifetime: LifetimeAnswer, scenario: ScenarioAnswer
) -> tuple[Figure, ...]:
    line = lifetime.overall
    latest = _latest(overview)
    return (
        _figure(
            f"Clients {risk.leaving.noun} in {risk.horizon_months} months",
            risk.leavers,
            months,
            f"of {risk.active} active",
        ),
        _figure(
            "Months a regular stays",
            line.mean,
            months,
            f"of the first {line.horizon} as a regular" if line.horizon else "too few observed",
        ),
        _figure("Net promoter index", latest[1] if latest else _UNKNOWN, points, latest[0] if latest else "no scores"),
        _gain(scenario),
    )


def _gain(scenario: ScenarioAnswer) -> Figure:
    """What service, or else price-only, is worth against doing nothing."""
    gap = scenario.difference(SERVICE.name, DO_NOTHING.name) or scenario.difference(PRICE_ONLY.name, DO_NOTHING.name)
    if gap is None:
        return _figure("Price or service", _UNKNOWN, money, "too little is known")
    worth = Estimate(gap.mean, gap.low, gap.high)
    name = f"{gap.policy.capitalize()} against doing nothing"
    return _figure(name, worth, money, f"over {scenario.horizon_months} months")


_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def _figure(label: str, estimate: Estimate, form: Form, basis: str) -> Figure:
    if np.isnan(estimate.value):
        return Figure(label, "\N{EN DASH}", f"we cannot say ({basis})")
    return Figure(label, form(estimate.value), f"{form(estimate.low)} to {form(estimate.high)} (95 %), {basis}")


def _cannot_say(
    overview: Overview, risk: RiskAnswer, lifetime: LifetimeAnswer, scenario: ScenarioAnswer
) -> tuple[str, ...]:
    """Collect what the answers say that they cannot say, and why."""
    said = [f"There is no {name} table, so its part of the answers is missing." for name in overview.missing]
    said += [sentence for sentence in risk.sentences if "cannot say" in sentence]
    said += risk.leaving.sentences[2:]
    if risk.scorecards and risk.speaks not in ("nobody", MODELS[0].name):
        said.append(
            "Who exactly leaves: a risk is a share among clients like this one; most clients named here will stay."
        )
    said += [_short(line) for line in (lifetime.overall, *lifetime.lines) if not line.horizon]
    said += [sentence for sentence in scenario.sentences if "cannot" in sentence]
    return tuple(dict.fromkeys(said))


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


_RISK = ("client_id", "risk", "low", "high")
