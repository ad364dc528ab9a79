"""Whom to ask back, with which argument, and what a competitor's offer is worth to the client?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from churnlab.answers.costing import costs_on
from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.losses import closed_months
from churnlab.answers.no_contact import NO_CONTACT, not_to_be_contacted
from churnlab.answers.study import Study
from churnlab.answers.valuing import YEARLY_RATE
from churnlab.answers.winback import who_can_be_won_back
from churnlab.answers.words import count, listed, money, percent
from churnlab.lifetime import Estimate
from churnlab.lifetime.assumed import Assumed
from churnlab.winback import COUNTED, IMPLICIT, Deal, deal, payment_terms

ARGUMENTS: Final = {
    "price": ("yes", "the deal's economics, then terms that are not a discount: delivery, payment, service"),
    "quality": ("yes", "what was mended, shown on a trial lot; our strengths and the competitor's side by side"),
    "timing": ("yes", "what was mended, with delivery days kept since then; a promise that costs us if it is broken"),
    "attention": ("yes", "another person to turn to, a visit by the head, contacts on several levels"),
    "assortment": ("when it has changed", "what is new; until then a call when the range changes"),
    "personal": ("seldom", "no offer: an apology by somebody else, and an open door"),
    "no_need": ("no", "an introduction to others who need it; leave on good terms"),
    "closed": ("no", "nobody to ask; its people may work elsewhere now"),
    "ours": ("no", "we ended it: only if what made us end it has changed"),
    "unknown": ("ask first", "ask for the reason, in person, before anything is offered"),
}
"""Whether to ask, and with what, by coded reason: the trade's advice, not a finding of these data."""

CLOSED: Final = ("no: closed", "the account was closed for good: read why in the clients table before anybody calls")
"""The same where the clients table says that the account was closed, whatever reason was coded."""

DEPTHS: Final = Estimate(0.05, 0.02, 0.10)
"""A competitor's discount where none was seen: assumed, grade A."""

LEAST_OFFERS = 5
"""Fewer offers seen give no range of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class DealsAnswer:
    """Offers, implicit costs, and whom to ask.

    Attributes
    ----------
    seen : int
        Offers behind `depth`; 0 where it is assumed.
    taken : bool
        Whether these are the offers that clients took, rather than all that were seen.
    depth : Estimate
        Competitors' discount: median, and the depths between which eight in ten lie.
    costs : tuple of Assumed
        Implicit costs with their ranges.
    deals : tuple of Deal
        At the middle, low and high depth.
    asked : DataFrame
        ``client_id``, ``left_on``, ``months``, ``coded``, ``ask``, ``argument``, ``amount``, ``margin``: clients who
        are away, by falling amount.
    """

    seen: int
    taken: bool
    depth: Estimate
    costs: tuple[Assumed, ...]
    deals: tuple[Deal, ...]
    asked: pd.DataFrame

    @property
    def depth_sentence(self) -> str:
        """How far competitors' offers lie under our price."""
        return self.depth_in(ENGLISH)

    def depth_in(self, language: Language) -> str:
        """Say in a language how far competitors' offers lie under our price."""
        percent = language.percent
        told = {
            "depth": percent(self.depth.value),
            "span": language.span(percent(self.depth.low), percent(self.depth.high)),
        }
        if not self.seen:
            return language.say("Competitors' offers are taken to be {depth} cheaper ({span}, assumed).", **told)
        number = language.count(self.seen)
        if self.taken:
            return language.say(
                "Competitors' offers that clients took lay {depth} under our price in the median of {number} (eight in "
                "ten from {span}; those never heard of are missing).",
                **told,
                number=number,
            )
        return language.say(
            "Competitors' offers that were seen lay {depth} under our price in the median of {number} (eight in ten "
            "from {span}; those never heard of are missing).",
            **told,
            number=number,
        )

    def terms_in(self, language: Language) -> str:
        """Say in a language where the cost of payment terms comes from."""
        terms = next(cost for cost in self.costs if cost.name == "payment terms")
        if terms in IMPLICIT:
            return language.say(terms.source)
        return language.say(
            "{days} days of our terms at {rate} a year; what the competitor gives is assumed",
            days=language.count(365 * terms.high / YEARLY_RATE),
            rate=language.percent(YEARLY_RATE),
        )

    @property
    def deal_sentence(self) -> str:
        """What is left of a usual offer."""
        one = self.deals[0]
        even, implicit = one.break_even, one.implicit
        verdict = {
            "nothing is left": "with all counted, nothing is left of it even at the lowest costs",
            "cheaper all the same": "it stays cheaper even with all counted",
            "depends": "whether anything is left with all counted depends on what they truly are",
        }[one.verdict]
        return (
            f"An offer of {percent(one.discount)} less breaks even where the buyer counts {_share(even.value)} of the "
            f"implicit costs ({_share(even.low)} to {_share(even.high)}; above 100 % it stays cheaper), which are "
            f"{percent(implicit.value)} of the price ({percent(implicit.low)} to {percent(implicit.high)}, mostly "
            f"assumed): {verdict}."
        )

    @property
    def counted_sentence(self) -> str:
        """What a buyer sees who counts as much as is assumed."""
        one = self.deals[0]
        left = one.left(COUNTED.value)
        return (
            f"A buyer who counts {percent(COUNTED.value)} of them ({percent(COUNTED.low)} to {percent(COUNTED.high)}, "
            f"assumed) sees {percent(left.value)} of the price left of these {percent(one.discount)} "
            f"({percent(left.low)} to {percent(left.high)}): that is what a counter-offer without a discount has to be "
            "worth."
        )

    @property
    def ask_sentence(self) -> str:
        """How many may be asked back."""
        if self.asked.empty:
            return "Nobody is away by this rule, so there is nobody to ask."
        groups = self.asked.groupby("ask", sort=False)["amount"].agg(["size", "sum"])
        words = ("yes", "when it has changed", "ask first", "seldom", "no", CLOSED[0], NO_CONTACT[0])
        order = [word for word in words if word in groups.index]
        named = [f"{word} {count(groups['size'][word])} ({money(groups['sum'][word])})" for word in order]
        return (
            f"May the {count(len(self.asked))} be asked back, by the trade's advice on the coded reason (money: their "
            f"last years' sales): {listed(named)}."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (self.ask_sentence, self.depth_sentence, self.deal_sentence, self.counted_sentence)


def what_is_an_offer_worth(study: Study) -> DealsAnswer:
    """Set competitors' offers against implicit costs, and lay out whom to ask with which argument.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DealsAnswer
    """
    seen, taken, depth = _depth(study.tables.offers_seen)
    days = costs_on(study.tables, study.as_of).usual_days
    costs = list(IMPLICIT)
    if not np.isnan(days):
        terms = payment_terms(days, yearly_rate=YEARLY_RATE)
        costs = [terms if cost.name == terms.name else cost for cost in costs]
    lost = study.ask(who_can_be_won_back).lost
    reason = lost["coded"].where(lost["coded"].isin(list(ARGUMENTS)), "unknown")
    closed = closed_months(study, lost.assign(back=False)) >= 0
    advice = [CLOSED if gone else ARGUMENTS[one] for one, gone in zip(reason, closed, strict=True)]
    refused = lost["client_id"].isin(not_to_be_contacted(study))
    advice = [NO_CONTACT if no else one for no, one in zip(refused, advice, strict=True)]
    asked = lost.assign(coded=reason, ask=[ask for ask, _ in advice], argument=[how for _, how in advice])
    columns = ["client_id", "left_on", "months", "coded", "ask", "argument", "amount", "margin"]
    return DealsAnswer(
        seen=seen,
        taken=taken,
        depth=depth,
        costs=tuple(costs),
        deals=tuple(deal(one, costs) for one in (depth.value, depth.low, depth.high)),
        asked=asked[columns].reset_index(drop=True),
    )


def _depth(offers: pd.DataFrame | None) -> tuple[int, bool, Estimate]:
    """Number of offers seen, whether they are those that were taken, and their depths."""
    if offers is None or "depth" not in offers:
        return 0, False, DEPTHS
    known = offers[(offers["depth"] >= 0) & (offers["depth"] < 1)]
    lost = known[known["outcome"].eq("lost")] if "outcome" in known else known.iloc[:0]
    taken = len(lost) >= LEAST_OFFERS
    depths = (lost if taken else known)["depth"]
    if len(depths) < LEAST_OFFERS:
        return 0, False, DEPTHS
    middle, low, high = depths.quantile([0.5, 0.1, 0.9])
    return len(depths), taken, Estimate(float(middle), float(low), float(high))


def _share(value: float) -> str:
    return percent(value) if np.isfinite(value) else "more than all"
