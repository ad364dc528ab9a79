"""Sentences of the summary: each a whole, from the numbers of the answers, in the reader's language."""

from typing import Any

import numpy as np
import pandas as pd

from churnlab.answers.called import Called, called
from churnlab.answers.language import Language
from churnlab.answers.lifetime import ALL, LifetimeAnswer, LineLifetime
from churnlab.answers.overview import Overview
from churnlab.answers.plain import moved_by
from churnlab.answers.ranges import span
from churnlab.answers.risk import RiskAnswer
from churnlab.answers.risk_reasons import Why
from churnlab.answers.study import Study
from churnlab.answers.wording import FIRST_DEAL, FIRST_ORDER, MARGIN, SALES, fill
from churnlab.answers.words import shortened
from churnlab.answers.worth import WorthAnswer
from churnlab.history.departures import REGULAR_AFTER_MONTHS
from churnlab.lifetime import Estimate
from churnlab.risk import HAZARD, MODELS, Scorecard

NAMED = 3
"""Clients that the headline names."""

_MOVED = 0.05
_RHYTHM = "rhythm"


def kind_of_money(worth: WorthAnswer) -> dict[str, str]:
    """What values count, as messages take it: margin, or sales where costs are not known."""
    return MARGIN if worth.in_margin else SALES


def currency(study: Study) -> str:
    """Currency of the orders; empty where they name none, or several."""
    orders = study.tables.orders
    named = {str(name) for name in orders["currency"].dropna().unique()} if "currency" in orders else set()
    return named.pop() if len(named) == 1 else ""


def money_sentence(study: Study, language: Language) -> str:
    """Currency of all amounts, and what sales are net of."""
    name = shortened(currency(study))
    if not name:
        return language.say("Money is in the currency of the orders; sales are net: without tax, less returns.")
    return language.say("Money is in {currency}; sales are net: without tax, less returns.", currency=name)


def risk_sentence(risk: RiskAnswer, language: Language) -> str:
    """How many are expected to go, and how such forecasts did where they were off."""
    say, words = language.say, called(risk.leaving)
    if risk.leaving.verdict == "pauses":
        return say(
            "We cannot say who is at risk: most silences that were long enough to look like leaving were pauses."
        )
    if risk.speaks == "nobody":
        return say("We cannot say who is at risk: too few departures are known to learn from.")
    told = {
        "active": language.count(risk.active),
        "leavers": language.interval(risk.leavers, language.months),
        "months": risk.horizon_months,
    }
    card = risk.scores_of(risk.speaks)
    if card is None or card.level.low <= 1 <= card.level.high:
        return say(
            fill("Of {active} active clients we expect {leavers} to {past} within {months} months.", words),
            **told,
        )
    return say(
        fill(
            "Of {active} active clients we expect {leavers} to {past} within {months} months; but of 100 so forecast "
            "in the past {seen} did.",
            words,
        ),
        **told,
        seen=language.interval(_hundred(card), language.months),
    )


def headline(risk: RiskAnswer, calls: pd.DataFrame, kind: dict[str, str], study: Study, language: Language) -> str:
    """How many fall silent, with whom the money is, and what to do."""
    expected = risk_sentence(risk, language)
    if calls.empty:
        return expected
    if risk.speaks == MODELS[0].name:
        return " ".join((expected, language.say("Who, we cannot tell better than by the size of sales.")))
    first = calls.head(NAMED)
    if first["at_risk"].isna().any():
        names = language.listed([study.label(client) for client in first["client_id"]])
        return " ".join((expected, language.say("Call {names} first.", names=names)))
    money = language.money
    named = language.listed(
        [
            f"{study.label(row['client_id'])} "
            f"({money(row['at_risk'])}, {span(row['stake_low'], row['stake_high'], money, language)})"
            for row in first.to_dict("records")
        ]
    )
    close = len(first) > 1 and first["stake_high"].iloc[1] > first["stake_low"].iloc[0]
    largest = fill("The largest expected losses of {kind} (95 % ranges) are at {named}.", kind)
    if close:
        largest = fill(
            "The largest expected losses of {kind} (95 % ranges) are at {named}; which of the first two stands first "
            "is not sure.",
            kind,
        )
    todo = language.say("Call them this month: the list is below and in the workbook (sheet Calls).")
    return " ".join((expected, language.say(largest, named=named), todo))


def calls_caption(
    risk: RiskAnswer, shown: int, *, planned: int, held: int, kind: dict[str, str], language: Language
) -> str:
    """What the table of clients to call shows."""
    say, words = language.say, called(risk.leaving)
    if not shown:
        return say("We cannot name clients to call.") + f" {risk_sentence(risk, language)}"
    told = {"shown": shown, "months": risk.horizon_months}
    if not planned:
        return say(
            fill(
                "The first {shown} of {active} active clients by risk times sales; risk of {doing} within {months} "
                "months; ranges of 95 %.",
                words,
            ),
            **told,
            active=language.count(risk.active),
        )
    first = say(
        fill(
            "The first {shown} of {planned} clients to call this month, by {kind} at risk; risk of {doing} within "
            "{months} months; ranges of 95 %, those of {kind} with risk and value at their ends at once.",
            words,
            kind,
        ),
        **told,
        planned=language.count(planned),
    )
    if not held:
        return first
    lot = language.say_many(
        "{number} more was drawn by lot not to be called, to learn later what calls do.",
        "{number} more were drawn by lot not to be called, to learn later what calls do.",
        held,
    )
    return f"{first} {lot}"


def calls_lead(kind: dict[str, str], shown: int, language: Language) -> str:
    """How the table is to be read."""
    return language.say(
        fill(
            "These {shown} come first: risk multiplied by the {kind} we would lose, as many as managers have hours "
            "for. A large client at low risk can come before a small one at high risk. The last column says what often "
            "goes with higher risk; it need not be the cause. We do not know yet whether a call helps.",
            kind,
        ),
        shown=shown,
    )


def riskiest_caption(risk: RiskAnswer, language: Language) -> str:
    """What the table of the highest risks shows."""
    return language.say(
        fill(
            "The highest risk, whatever their size; risk of {doing} within {months} months; ranges of 95 %",
            called(risk.leaving),
        ),
        months=risk.horizon_months,
    )


def first_risk_sentence(calls: pd.DataFrame, risk: RiskAnswer, study: Study, language: Language) -> str:
    """Risks of those to call first, and who among them has the highest."""
    low, high = (calls.loc[calls["risk"] == end].iloc[0] for end in (calls["risk"].min(), calls["risk"].max()))
    told = [
        language.say(
            "{risk} at {client}",
            risk=language.interval(Estimate(row["risk"], row["low"], row["high"]), language.percent),
            client=study.label(row["client_id"]),
        )
        for row in (low, high)
    ]
    return language.say(
        fill(
            "Of the {number} clients to call first the risk of {doing} within {months} months goes from {low} to "
            "{high}.",
            called(risk.leaving),
        ),
        number=language.count(len(calls)),
        months=risk.horizon_months,
        low=told[0],
        high=told[1],
    )


def sure_sentences(risk: RiskAnswer, study: Study, language: Language) -> tuple[str, ...]:
    """What the rule overlooks, how such forecasts did, and what a risk is."""
    say, words, card = language.say, called(risk.leaving), risk.scores_of(risk.speaks)
    rule = fill("A client counts as having {done} after this long without an order: {rule}.", words)
    said = [say(rule, rule=rule_words(study, language))]
    if risk.leaving.departures:
        back = language.interval(risk.leaving.came_back, language.percent)
        said.append(say("After {share} of such silences the client has ordered again so far.", share=back))
    if card is not None:
        seen = language.interval(_hundred(card), language.months)
        said.append(say(fill("Of 100 clients whom such forecasts expected to {do}, {seen} did.", words), seen=seen))
    elif risk.speaks != "nobody":
        said.append(not_graded_sentence(language))
    if risk.speaks not in ("nobody", MODELS[0].name):
        said.append(
            say(
                fill(
                    "A risk is a share among clients alike: of ten with 20 %, two {do} and eight do not; which two is "
                    "not known.",
                    words,
                )
            )
        )
    return tuple(said)


def not_graded_sentence(language: Language) -> str:
    """Why it is not known how good risks are."""
    return language.say("We cannot say how good such risks are: too few clients were seen to leave behind a forecast.")


def rule_words(study: Study, language: Language) -> str:
    """Limit of a silence."""
    rule = study.rule
    told = {
        "multiple": language.short(rule.multiple),
        "floor": language.count(rule.floor_days),
        "ceiling": language.count(rule.ceiling_days),
    }
    if rule.pause_margin:
        return language.say(
            "{multiple} of the client's own typical gaps between orders, at least {floor} and at most {ceiling} days, "
            "longer where it paused at that time a year before",
            **told,
        )
    return language.say(
        "{multiple} of the client's own typical gaps between orders, at least {floor} and at most {ceiling} days",
        **told,
    )


def basis_sentence(overview: Overview, language: Language) -> str:
    """What everything rests on."""
    return language.say(
        "Based on {purchases} purchases by {clients} clients, {first} to {last}; {active} of them are active.",
        purchases=language.count(overview.purchases),
        clients=language.count(overview.clients_ever),
        first=language.day(overview.records_start),
        last=language.day(overview.as_of - pd.Timedelta(days=1)),
        active=language.count(overview.clients_active),
    )


def stay_sentence(lifetime: LifetimeAnswer, words: Called, language: Language) -> str:
    """How long clients stay, by one clock."""
    line, count = lifetime.overall, language.count
    told = {"lives": count(line.lives), "ended": count(line.departures)}
    if not line.horizon:
        return language.say(
            "Regular clients: we cannot say how long they stay; only {lives} such lives were observed, {ended} of "
            "which ended.",
            **told,
        )
    told |= {
        "year": count(REGULAR_AFTER_MONTHS),
        "mean": language.interval(line.mean, language.months),
        "horizon": count(line.horizon),
    }
    start = _start(lifetime)
    if np.isnan(line.median.value):
        return language.say(
            fill(
                "Clients who have been with us for {year} months stay {mean} of the next {horizon} months on average; "
                "by month {month}, the last that can be told, more than half of them are {there}, counted from the "
                "{start} ({lives} lives watched, {ended} ended).",
                words,
                start,
            ),
            **told,
            month=count(line.curve.month[-1]),
        )
    return language.say(
        fill(
            "Clients who have been with us for {year} months stay {mean} of the next {horizon} months on average; half "
            "of them have {done} by month {median}, counted from the {start} ({lives} lives watched, {ended} ended).",
            words,
            start,
        ),
        **told,
        median=language.interval(line.median, language.months),
    )


def stay_title(lifetime: LifetimeAnswer, words: Called, language: Language) -> str:
    """What the picture of lifetimes shows."""
    if lifetime.lines:
        return language.say(
            fill("Share of clients by line {there}, by months since the {start}", words, _start(lifetime))
        )
    return language.say(fill("Share of clients {there}, by months since the {start}", words, _start(lifetime)))


def stay_caption(lines: tuple[LineLifetime, ...], words: Called, language: Language) -> str:
    """Mean months stayed of each line that is drawn."""
    said = [
        language.say(
            "{line}: {mean} of the {horizon} months after the first year ({span}).",
            line=_upper(line_name(line, language)),
            mean=language.months(line.mean.value),
            horizon=language.count(line.horizon),
            span=span(line.mean.low, line.mean.high, language.months, language),
        )
        for line in lines
    ]
    bands = fill("Ranges and bands: 95 %; curves begin with those {there} after a year.", words)
    return f"{' '.join(said)} {language.say(bands)}"


def line_name(line: LineLifetime, language: Language) -> str:
    """What a line is called; what all clients together are called is a word of ours."""
    return language.say(line.line) if line.line == ALL else line.line


def wave_words(wave: str, mode: str, year: float, language: Language) -> str:
    """Which survey it was."""
    return language.say(
        "{wave} wave by {mode}, {year}", wave=language.say(wave), mode=language.say(mode), year=f"{year:.0f}"
    )


def nps_sentence(latest: tuple[str, Estimate, int] | None, language: Language) -> str:
    """What clients say."""
    if latest is None:
        return language.say("We cannot say how satisfied clients are: there are no survey scores, or too few.")
    name, index, n = latest
    return language.say(
        "Net promoter index (share that answers 9 or 10 to 'would you recommend us', less the share that answers 0 to "
        "6; from -100 to 100): {index}, {wave}, {number} clients.",
        index=language.interval(index, language.points),
        wave=name,
        number=language.count(n),
    )


def changed_title(why: Why | None, language: Language) -> str:
    """Heading of what changed, with the day of comparison."""
    if why is None:
        return language.say("What changed")
    day = language.day(why.since)
    if why.earlier_run:
        return language.say("What changed since the last run, {day}", day=day)
    return language.say("What changed since {day}", day=day)


def changed_sentences(risk: RiskAnswer, study: Study, language: Language) -> tuple[str, ...]:
    """How many risks moved, and whose rose most."""
    why, count = risk.why, language.count
    if why is None:
        return (risk_sentence(risk, language),)
    day = language.day(why.since)
    if why.changed.empty:
        return (language.say("What changed since {day} we cannot say: no client of today was there.", day=day),)
    move = why.changed["risk"] - why.changed["risk_before"]
    moved = why.changed.loc[move.abs() >= _MOVED, "most"].value_counts()
    told = {
        "day": day,
        "up": count(int((move >= _MOVED).sum())),
        "down": count(int((move <= -_MOVED).sum())),
        "clients": count(len(move)),
    }
    said = (
        language.say(
            "Since {day} the risk of {up} of {clients} clients rose by five points or more and that of {down} fell by "
            "as much; in {cases} cases mainly because {why}.",
            **told,
            cases=count(int(moved.iloc[0])),
            why=moved_by(moved.index[0], language),
        )
        if len(moved)
        else language.say(
            "Since {day} the risk of {up} of {clients} clients rose by five points or more and that of {down} fell by "
            "as much.",
            **told,
        )
    )
    first = why.changed.to_dict("records")[int(move.to_numpy().argmax())]
    return (said, _rose(first, risk, why, study, language)) if first["risk"] > first["risk_before"] else (said,)


def departures_sentence(leavers: float, clients: int, language: Language) -> str:
    """How many leave by the true chances of made-up data."""
    if not clients:
        return language.say("There is no truth here: these data are not made up.")
    return language.say(
        "By the true chances {leavers} of {clients} clients leave within 12 months.",
        leavers=language.count(leavers),
        clients=language.count(clients),
    )


def _rose(first: dict[Any, Any], risk: RiskAnswer, why: Why, study: Study, language: Language) -> str:
    """The client whose risk rose most, with the risk that the call list gives it."""
    own, percent = str(first["client_id"]), language.percent
    listed, mine = _row(risk.clients, own), _row(why.parts, own)
    because = moved_by(str(first["most"]), language)
    if first["most"] == _RHYTHM:
        days = int(listed["recency_days"])
        because = language.say_many("it has not ordered for {number} day", "it has not ordered for {number} days", days)
    told = {
        "client": study.label(own),
        "before": percent(first["risk_before"]),
        "now": percent(first["risk"]),
        "span": span(mine["low"], mine["high"], percent, language),
        "why": because,
    }
    if risk.speaks == HAZARD.name:
        return language.say(
            "The largest rise is at {client} (from {before} to {now}, 95 % range {span}), mostly because {why}.", **told
        )
    return language.say(
        "The largest rise is at {client} (from {before} to {now}, 95 % range {span}, by a second method, which can "
        "give reasons; the call list says {listed}), mostly because {why}.",
        **told,
        listed=f"{percent(listed['risk'])}, {span(listed['low'], listed['high'], percent, language)}",
    )


def _row(frame: pd.DataFrame, client: str) -> dict[Any, Any]:
    return frame[frame["client_id"] == client].to_dict("records")[0]


def _hundred(card: Scorecard) -> Estimate:
    return Estimate(*(100 * end for end in (card.level.value, card.level.low, card.level.high)))


def _start(lifetime: LifetimeAnswer) -> dict[str, str]:
    return FIRST_DEAL if lifetime.start_known else FIRST_ORDER


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
