"""Sentences of the summary on price and service: each a whole, from numbers, in the reader's language."""

from churnlab.answers.called import Called
from churnlab.answers.language import Language
from churnlab.answers.ranges import less_or_more
from churnlab.answers.scenario import ScenarioAnswer
from churnlab.answers.wording import POLICIES, fill
from churnlab.risk import CareEffect
from churnlab.scenarios import DO_NOTHING, PRICE_ONLY, SERVICE, PairedDifference, Policy


def scenario_sentences(found: ScenarioAnswer, language: Language) -> tuple[str, ...]:
    """What cutting prices and better service would bring against doing nothing, and where service breaks even."""
    against = [one for one in found.differences if one.against == DO_NOTHING.name]
    if not against:
        return (language.say(found.sentences[0]),)
    said = [_against_nothing(one, found.horizon_months, language) for one in against]
    if found.break_even is None:
        return (*said, language.say("What better service would bring we cannot say."))
    even, percent = found.break_even, language.percent
    told = {
        "cost": percent(even.cost),
        "span": language.span(percent(even.low), percent(even.high)),
        "assumed": percent(SERVICE.service_cost),
    }
    if even.low < 0:
        return (
            *said,
            language.say(
                "Better service would break even at a cost of {cost} of sales (95 % range {span}; below zero means "
                "that it would not pay even if it were free); assumed are {assumed}.",
                **told,
            ),
        )
    return (
        *said,
        language.say(
            "Better service would break even at a cost of {cost} of sales (95 % range {span}); assumed are {assumed}.",
            **told,
        ),
    )


def policies_sentence(policies: tuple[Policy, ...], language: Language) -> str:
    """What was taken for price and for service."""
    by_name, percent = {one.name: one for one in policies}, language.percent
    price, service = by_name.get(PRICE_ONLY.name), by_name.get(SERVICE.name)
    said = []
    if price is not None:
        said.append(
            language.say(
                "'{policy}' takes {cut} off all prices and grants {grant} of requests for a lower one",
                policy=language.say(price.name),
                cut=percent(price.price_cut),
                grant=percent(price.grant),
            )
        )
    if service is not None:
        said.append(
            language.say(
                "'{policy}' aims at {points} point more in quality, timing and attention (of 10), at {fewer} fewer "
                "failures, tells {told} of them openly and makes them good, and is taken to cost {cost} of sales",
                policy=language.say(service.name),
                points=language.short(service.service_points),
                fewer=percent(1 - service.failures),
                told=percent(service.recovery),
                cost=percent(service.service_cost),
            )
        )
    return language.say("What was simulated (assumed, not measured): {what}.", what="; ".join(said)) if said else ""


def difference_sentences(found: ScenarioAnswer, language: Language) -> tuple[str, ...]:
    """One sentence a difference."""
    return tuple(_verdict(one, found.horizon_months, language) for one in found.differences)


def cannot_tell_sentences(found: ScenarioAnswer, words: Called, language: Language) -> tuple[str, ...]:
    """Which policies cannot be told apart, each pair once, and what calls and discounts do."""
    say = language.say
    open_pairs = [
        say("'{policy}' or '{other}'", policy=say(one.policy), other=say(one.against))
        for one in found.differences
        if one.verdict == "cannot tell"
    ]
    said = []
    if open_pairs:
        pairs = "; ".join(open_pairs)
        said.append(say("Which earns more we cannot tell: {pairs} (ranges in the figure above).", pairs=pairs))
    if not found.differences:
        said.append(say(found.sentences[0]))
    elif not found.scored:
        said.append(
            say(
                "We cannot say what service would bring: its effect cannot be estimated, and only price-only is set "
                "against doing nothing."
            )
        )
    care = care_sentence(found.care, words, language)
    return (*said, care) if care else tuple(said)


def care_sentence(care: tuple[CareEffect, ...], words: Called, language: Language) -> str:
    """What is seen to go with calls and discounts, and that it tells nothing of what these do."""
    more = {one.care for one in care if one.naive_low > 1}
    if not more:
        return language.say("What calls, visits and discounts do, these data cannot say.") if care else ""
    if more == {"touches"}:
        said = fill(
            "Clients who get more calls and visits {do} more often. That does not mean that these drive them away: "
            "they are given where risk is high. What they do, these data cannot say.",
            words,
        )
    elif more == {"discount"}:
        said = fill(
            "Clients who get higher discounts {do} more often. That does not mean that these drive them away: they are "
            "given where risk is high. What they do, these data cannot say.",
            words,
        )
    else:
        said = fill(
            "Clients who get more calls and visits or higher discounts {do} more often. That does not mean that these "
            "drive them away: they are given where risk is high. What they do, these data cannot say.",
            words,
        )
    return language.say(said)


def _against_nothing(one: PairedDifference, horizon: int, language: Language) -> str:
    """What a policy earns beside doing nothing."""
    ends = less_or_more(one.low, one.high, language.money, language)
    what = POLICIES[one.policy]
    told = {"months": horizon, "ends": ends}
    if one.verdict == "cannot tell":
        return language.say(
            fill(
                "Whether {what} earns more than doing nothing over {months} months we cannot tell: {ends} (95 % "
                "range).",
                what,
            ),
            **told,
        )
    told["money"] = language.money(abs(one.mean))
    if one.mean > 0:
        return language.say(
            fill("Over {months} months, {what} would earn {money} more than doing nothing (95 % range {ends}).", what),
            **told,
        )
    return language.say(
        fill("Over {months} months, {what} would earn {money} less than doing nothing (95 % range {ends}).", what),
        **told,
    )


def _verdict(one: PairedDifference, horizon: int, language: Language) -> str:
    """Say who wins, or that we cannot tell."""
    say, money = language.say, language.money
    told = {
        "months": horizon,
        "policy": say(one.policy),
        "other": say(one.against),
        "money": money(abs(one.mean)),
        "span": language.span(money(one.low), money(one.high)),
    }
    worth = (
        say(
            "Over {months} months '{policy}' is worth {money} more than '{other}' (95 % interval of the difference "
            "{span}).",
            **told,
        )
        if one.mean > 0
        else say(
            "Over {months} months '{policy}' is worth {money} less than '{other}' (95 % interval of the difference "
            "{span}).",
            **told,
        )
    )
    if one.verdict == "cannot tell":
        share = language.percent(one.better)
        return f"{worth} " + say(
            "Which is worth more we cannot tell; '{policy}' is ahead in {share} of draws.",
            policy=told["policy"],
            share=share,
        )
    return f"{worth} " + say("'{policy}' is worth more.", policy=say(one.verdict))
