"""Sentences of the summary: each a whole, from the numbers of the answers."""

import numpy as np
import pandas as pd

from churnlab.answers.called import Called, called
from churnlab.answers.lifetime import LifetimeAnswer, LineLifetime
from churnlab.answers.overview import Overview
from churnlab.answers.plain import moved_by
from churnlab.answers.ranges import less_or_more, span
from churnlab.answers.risk import RiskAnswer
from churnlab.answers.risk_reasons import Why
from churnlab.answers.scenario import ScenarioAnswer
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, interval, listed, money, months, percent, points, shortened
from churnlab.answers.worth import WorthAnswer
from churnlab.history.departures import REGULAR_AFTER_MONTHS
from churnlab.lifetime import Estimate
from churnlab.risk import HAZARD, MODELS, CareEffect
from churnlab.scenarios import DO_NOTHING, PRICE_ONLY, SERVICE, PairedDifference, Policy

NAMED = 3
"""Clients that the headline names."""

_MOVED = 0.05
_RHYTHM = "rhythm"


def kind_of_money(worth: WorthAnswer) -> str:
    """What values count: margin, or sales where costs are not known."""
    return "margin" if worth.in_margin else "sales"


def currency(study: Study) -> str:
    """Currency of the orders; empty where they name none, or several."""
    orders = study.tables.orders
    named = list(orders["currency"].dropna().unique()) if "currency" in orders else [""]
    return str(named[0]) if len(named) == 1 else ""


def money_sentence(study: Study) -> str:
    """Currency of all amounts, and what sales are net of."""
    name = shortened(currency(study)) or "the currency of the orders"
    return f"Money is in {name}; sales are net: without tax, less returns."


def headline(risk: RiskAnswer, calls: pd.DataFrame, kind: str, study: Study) -> str:
    """How many fall silent, with whom the money is, and what to do."""
    if calls.empty:
        return risk.headline
    if risk.speaks == MODELS[0].name:
        return f"{risk.headline} Who, we cannot tell better than by the size of sales."
    first = calls.head(NAMED)
    if first["at_risk"].isna().any():
        return f"{risk.headline} Call {listed([study.label(client) for client in first['client_id']])} first."
    named = listed(
        [
            f"{study.label(row['client_id'])} ({money(row['at_risk'])}, {span(row['stake_low'], row['stake_high'])})"
            for row in first.to_dict("records")
        ]
    )
    close = len(first) > 1 and first["stake_high"].iloc[1] > first["stake_low"].iloc[0]
    doubt = "; which of the first two stands first is not sure" if close else ""
    return (
        f"{risk.headline} The largest expected losses of {kind} (95 % ranges) are at {named}{doubt}. Call them this "
        "month: the list is below and in the workbook (sheet Calls)."
    )


def calls_caption(risk: RiskAnswer, shown: int, *, planned: int, held: int, kind: str) -> str:
    """What the table of clients to call shows."""
    if not shown:
        return f"We cannot name clients to call: {risk.headline[0].lower()}{risk.headline[1:]}"
    doing = called(risk.leaving).doing
    if not planned:
        return (
            f"The first {shown} of {risk.active} active clients by risk times sales; risk of {doing} within "
            f"{risk.horizon_months} months; ranges of 95 %."
        )
    lot = f" {count(held)} more were drawn by lot not to be called, to learn later what calls do." if held else ""
    return (
        f"The first {shown} of {planned} clients to call this month, by {kind} at risk; risk of {doing} within "
        f"{risk.horizon_months} months; ranges of 95 %, those of {kind} with risk and value at their ends at once.{lot}"
    )


def calls_lead(kind: str, shown: int) -> str:
    """How the table is to be read."""
    return (
        f"These {shown} come first: risk multiplied by the {kind} we would lose, as many as managers have hours for. A "
        "large client at low risk can come before a small one at high risk. The last column says what often goes with "
        "higher risk; it need not be the cause. We do not know yet whether a call helps."
    )


def first_risk_sentence(calls: pd.DataFrame, risk: RiskAnswer, study: Study) -> str:
    """Risks of those to call first, and who among them has the highest."""
    low, high = (calls.loc[calls["risk"] == end].iloc[0] for end in (calls["risk"].min(), calls["risk"].max()))
    told = [
        f"{interval(Estimate(row['risk'], row['low'], row['high']), percent)} at {study.label(row['client_id'])}"
        for row in (low, high)
    ]
    return (
        f"Of the {count(len(calls))} clients to call first the risk of {called(risk.leaving).doing} within "
        f"{risk.horizon_months} months goes from {told[0]} to {told[1]}."
    )


def sure_sentences(risk: RiskAnswer) -> tuple[str, ...]:
    """What the rule overlooks, how such forecasts did, and what a risk is."""
    words, card = called(risk.leaving), risk.scores_of(risk.speaks)
    said = [f"A client counts as having {words.done} after this long without an order: {risk.leaving.rule}."]
    if risk.leaving.departures:
        back = interval(risk.leaving.came_back, percent)
        said.append(f"After {back} of such silences the client has ordered again so far.")
    if card is not None:
        hundred = Estimate(*(100 * end for end in (card.level.value, card.level.low, card.level.high)))
        said.append(f"Of 100 clients whom such forecasts expected to {words.do}, {interval(hundred, months)} did.")
    elif risk.speaks != "nobody":
        said.append("We cannot say how good such risks are: too few clients were seen to leave behind a forecast.")
    if risk.speaks not in ("nobody", MODELS[0].name):
        said.append(
            f"A risk is a share among clients alike: of ten with 20 %, two {words.do} and eight do not; which two is "
            "not known."
        )
    return tuple(said)


def basis_sentence(overview: Overview) -> str:
    """What everything rests on."""
    last = overview.as_of - pd.Timedelta(days=1)
    return (
        f"Based on {count(overview.purchases)} purchases by {count(overview.clients_ever)} clients, "
        f"{day(overview.records_start)} to {day(last)}; {count(overview.clients_active)} of them are active."
    )


def stay_sentence(lifetime: LifetimeAnswer, words: Called) -> str:
    """How long clients stay, by one clock."""
    line = lifetime.overall
    if not line.horizon:
        return lifetime.sentences[0]
    return (
        f"Clients who have been with us for {REGULAR_AFTER_MONTHS} months stay {interval(line.mean, months)} of the "
        f"next {line.horizon} months on average; {_half(line, words)}, counted from the {_start(lifetime)} "
        f"({count(line.lives)} lives watched, {count(line.departures)} ended)."
    )


def stay_title(lifetime: LifetimeAnswer, words: Called) -> str:
    """What the picture of lifetimes shows."""
    of = "clients by line" if lifetime.lines else "clients"
    return f"Share of {of} {words.there}, by months since the {_start(lifetime)}"


def stay_caption(lines: tuple[LineLifetime, ...], words: Called) -> str:
    """Mean months stayed of each line that is drawn."""
    said = [
        f"{line.line.capitalize()}: {months(line.mean.value)} of the {line.horizon} months after the first year "
        f"({span(line.mean.low, line.mean.high, months)})."
        for line in lines
    ]
    return f"{' '.join(said)} Ranges and bands: 95 %; curves begin with those {words.there} after a year."


def nps_sentence(latest: tuple[str, Estimate, int] | None) -> str:
    """What clients say."""
    if latest is None:
        return "We cannot say how satisfied clients are: there are no survey scores, or too few."
    name, index, n = latest
    return (
        "Net promoter index (share that answers 9 or 10 to 'would you recommend us', less the share that answers 0 to "
        f"6; from -100 to 100): {interval(index, points)}, {name}, {n} clients."
    )


def scenario_sentences(found: ScenarioAnswer) -> tuple[str, ...]:
    """What cutting prices and better service would bring against doing nothing, and where service breaks even."""
    against = [one for one in found.differences if one.against == DO_NOTHING.name]
    if not against:
        return found.sentences[:1]
    said = [_against_nothing(one, found.horizon_months) for one in against]
    if found.break_even is None:
        return (*said, "What better service would bring we cannot say.")
    even = found.break_even
    below = "; below zero means that it would not pay even if it were free" if even.low < 0 else ""
    said.append(
        f"Better service would break even at a cost of {percent(even.cost)} of sales (95 % range {percent(even.low)} "
        f"to {percent(even.high)}{below}); assumed are {percent(SERVICE.service_cost)}."
    )
    return tuple(said)


def policies_sentence(policies: tuple[Policy, ...]) -> str:
    """What was taken for price and for service."""
    by_name = {one.name: one for one in policies}
    price, service = by_name.get(PRICE_ONLY.name), by_name.get(SERVICE.name)
    said = []
    if price is not None:
        said.append(
            f"'{price.name}' takes {percent(price.price_cut)} off all prices and grants {percent(price.grant)} of "
            "requests for a lower one"
        )
    if service is not None:
        said.append(
            f"'{service.name}' aims at {service.service_points:g} point more in quality, timing and attention (of 10), "
            f"at {percent(1 - service.failures)} fewer failures, tells {percent(service.recovery)} of them openly and "
            f"makes them good, and is taken to cost {percent(service.service_cost)} of sales"
        )
    return f"What was simulated (assumed, not measured): {'; '.join(said)}." if said else ""


def changed_title(why: Why | None) -> str:
    """Heading of what changed, with the day of comparison."""
    if why is None:
        return "What changed"
    return f"What changed since {'the last run, ' if why.earlier_run else ''}{day(why.since)}"


def changed_sentences(risk: RiskAnswer, study: Study) -> tuple[str, ...]:
    """How many risks moved, and whose rose most."""
    why = risk.why
    if why is None or risk.clients.empty:
        return (risk.headline,)
    if why.changed.empty:
        return (why.changed_sentence,)
    move = why.changed["risk"] - why.changed["risk_before"]
    up, down = int((move >= _MOVED).sum()), int((move <= -_MOVED).sum())
    moved = why.changed.loc[move.abs() >= _MOVED, "most"].value_counts()
    mainly = f"; in {count(int(moved.iloc[0]))} cases mainly because {moved_by(moved.index[0])}" if len(moved) else ""
    first = why.changed.iloc[int(move.to_numpy().argmax())]
    rose = (_rose(first, risk, study),) if first["risk"] > first["risk_before"] else ()
    return (
        f"Since {day(why.since)} the risk of {count(up)} of {count(len(move))} clients rose by five points or more and "
        f"that of {count(down)} fell by as much{mainly}.",
        *rose,
    )


def cannot_tell_sentences(found: ScenarioAnswer, words: Called) -> tuple[str, ...]:
    """Which policies cannot be told apart, each pair once, and what calls and discounts do."""
    pairs = [f"'{one.policy}' or '{one.against}'" for one in found.differences if one.verdict == "cannot tell"]
    said = [f"Which earns more we cannot tell: {'; '.join(pairs)} (ranges in the figure above)."] if pairs else []
    if not found.differences:
        said += [sentence for sentence in found.sentences if "cannot" in sentence]
    elif not found.scored:
        said += [sentence for sentence in found.sentences if "cannot say what service" in sentence]
    care = care_sentence(found.care, words)
    return (*said, care) if care else tuple(said)


def care_sentence(care: tuple[CareEffect, ...], words: Called) -> str:
    """What is seen to go with calls and discounts, and that it tells nothing of what these do."""
    names = {"touches": "more calls and visits", "discount": "higher discounts"}
    more = [names[one.care] for one in care if one.naive_low > 1]
    if not more:
        return "What calls, visits and discounts do, these data cannot say." if care else ""
    return (
        f"Clients who get {' or '.join(more)} {words.do} more often. That does not mean that these drive them away: "
        "they are given where risk is high. What they do, these data cannot say."
    )


def _half(line: LineLifetime, words: Called) -> str:
    if not np.isnan(line.median.value):
        return f"half of them have {words.done} by month {interval(line.median, months)}"
    return f"by month {line.curve.month[-1]}, the last that can be told, more than half of them are {words.there}"


def _start(lifetime: LifetimeAnswer) -> str:
    return "first deal" if lifetime.start_known else "first order"


def _against_nothing(one: PairedDifference, horizon: int) -> str:
    """What a policy earns beside doing nothing."""
    ends = less_or_more(one.low, one.high)
    what = {PRICE_ONLY.name: "cutting prices alone", SERVICE.name: "better service"}.get(one.policy, one.policy)
    if one.verdict == "cannot tell":
        return (
            f"Whether {what} earns more than doing nothing over {horizon} months we cannot tell: {ends} (95 % range)."
        )
    side = "more" if one.mean > 0 else "less"
    gain = money(abs(one.mean))
    return f"Over {horizon} months, {what} would earn {gain} {side} than doing nothing (95 % range {ends})."


def _rose(first: "pd.Series[float]", risk: RiskAnswer, study: Study) -> str:
    """The client whose risk rose most, with the risk that the call list gives it."""
    own, why = str(first["client_id"]), risk.why
    told = risk.clients[risk.clients["client_id"] == own].to_dict("records")[0]
    listed_risk = f"{percent(told['risk'])}, {span(told['low'], told['high'], percent)}"
    because = (
        f"it has not ordered for {count(told['recency_days'])} days"
        if str(first["most"]) == _RHYTHM
        else moved_by(str(first["most"]))
    )
    ends = ""
    if why is not None:
        mine = why.parts[why.parts["client_id"] == own].to_dict("records")[0]
        ends = f", 95 % range {span(mine['low'], mine['high'], percent)},"
    by = "" if risk.speaks == HAZARD.name else " by a second method, which can give reasons"
    says = "" if risk.speaks == HAZARD.name else f"; the call list says {listed_risk}"
    return (
        f"The largest rise is at {study.label(own)} (from {percent(first['risk_before'])} to "
        f"{percent(first['risk'])}{ends}{by}{says}), mostly because {because}."
    )
