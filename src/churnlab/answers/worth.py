"""What are clients worth?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.costing import LEAST_COSTED
from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.lifetime import NEXT_MONTHS
from churnlab.answers.numbered import numbered
from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.second_opinion import what_do_orders_alone_say
from churnlab.answers.side_by_side import SideBySide, side_by_side
from churnlab.answers.study import Study
from churnlab.answers.valuing import YEARLY_RATE, ValuedBook, value_book
from churnlab.answers.words import count, decimal, interval, money, percent
from churnlab.answers.worth_frames import PARTS, names_referrers, nobody_valued, valued_clients
from churnlab.answers.worth_record import PastWorth, past_worth
from churnlab.lifetime import Estimate
from churnlab.value import Growth

__all__ = ["PARTS", "TOP", "YEARLY_RATE", "WorthAnswer", "what_are_they_worth"]

TOP = 10
"""Clients that tables of the first name."""

_LONG_SILENCE = 0.5
_YEAR_MONTHS = 12
_TWO_SIDED = 1.96


@dataclass(frozen=True, slots=True)
class WorthAnswer:
    """What clients are worth.

    Attributes
    ----------
    leaving : Leaving
        What counts as leaving, and how well that rule fits.
    horizon_months : int
        Months that values count.
    in_margin : bool
        Whether value is margin after the costs that are known; if not, it is net sales.
    clients : DataFrame
        Active clients by falling value: ``client_id``, ``amount_12m`` (net sales of the last year, at least 0), ``new``
        (without a year of sales to go by, not valued), ``months`` (that it is there of the horizon, discounted),
        ``carried`` (whether too few reached its tenure, so that the hazard of the last months that are told goes on),
        ``gross``, ``growth``, ``serve``, ``terms`` and ``value``, their sum; ``mean_low``, ``mean_high`` (95 %, the
        parameters alone), ``low``, ``high`` (95 % of what comes, parameters and chance; NaN where the past does not
        tell how sales go on), ``sales`` (value counted in net sales), ``brought`` (clients that name it as the one who
        recommended us, and are valued) and ``brought_value`` (their value, which is theirs and not added to its own).
        Empty where leaving cannot be told from pausing.
    total, expected : Estimate
        Value of all valued clients: with the interval of what comes, and with that of the parameters alone.
    sum_of_ends : tuple of float
        Sums of the clients' own ends, which are no interval of the book.
    costed : float
        Share of the last year's net sales whose cost is known.
    serving_known : bool
        Whether anything is known of what serving clients costs.
    payment_days : float
        Mean days until sales are paid; NaN where no terms are known.
    growth : Growth or None
        How sales of those who stay went on.
    growth_ends : tuple of float
        95 % ends of what growth and fading add to the value, parameters alone.
    covered_months : float
        Months behind the sales of the last year: 12, or fewer where the records are shorter.
    near_months : int
        Months for which the hazard of the page on risk speaks; after them tenure alone does.
    referrals_known : bool
        Whether anybody is known to have been recommended by a client.
    silent : float
        Share of the total with clients whose silence has passed half of their limit.
    risk_months : int
        Horizon of the risk.
    risk_model : str
        Model whose risk it is.
    past : PastWorth or None
        The check on the past; None where the records are too short.
    beside : SideBySide or None
        The same clients valued from orders alone; None where no purchase model could be fitted.
    """

    leaving: Leaving
    horizon_months: int
    in_margin: bool
    clients: pd.DataFrame
    total: Estimate
    expected: Estimate
    sum_of_ends: tuple[float, float]
    costed: float
    serving_known: bool
    payment_days: float
    growth: Growth | None
    growth_ends: tuple[float, float]
    covered_months: float
    near_months: int
    referrals_known: bool
    silent: float
    risk_months: int
    risk_model: str
    past: PastWorth | None
    beside: SideBySide | None

    @property
    def valued(self) -> pd.DataFrame:
        """Clients with a known value."""
        return self.clients.dropna(subset="value")

    @property
    def results(self) -> pd.DataFrame:
        """``client_id``, ``value``, ``low``, ``high``: values with an interval of what comes; no value without."""
        return self.clients.dropna(subset=["value", "low"])[["client_id", "value", "low", "high"]].reset_index(
            drop=True
        )

    @property
    def unit(self) -> str:
        """What value counts, in words."""
        return "margin after costs" if self.in_margin else "net sales"

    @property
    def part_sums(self) -> dict[str, float]:
        """What the value of all is made of, by name; where sales are counted, nothing is said of costs."""
        if not self.in_margin:
            return {"sales as they were": self._sum("gross"), PARTS["growth"]: self._sum("growth")}
        return {words: self._sum(name) for name, words in PARTS.items()}

    @property
    def headline(self) -> str:
        """What all clients together are worth."""
        if self.leaving.verdict == "pauses":
            return "We cannot say what clients are worth: most silences that looked like leaving were pauses."
        if self.valued.empty:
            return (
                "We cannot say what clients are worth: nobody has a year of sales to go by, and a lifetime to expect."
            )
        return (
            f"{len(self.valued)} of {numbered(len(self.clients), 'active client is', 'active clients are')} worth "
            f"{interval(self.total, money)} in "
            f"{self.unit} of the next {self.horizon_months} months, discounted."
        )

    @property
    def value_sentences(self) -> tuple[str, ...]:
        """How sure it is, who holds how much of it, and what the figure overlooks."""
        if self.valued.empty:
            return (self.headline,)
        value = self.valued["value"]
        whole = value.clip(lower=0.0).sum()
        said = [self.headline, *self._doubt()]
        if whole:
            first, share = min(TOP, len(value)), percent(value.head(TOP).clip(lower=0.0).sum() / whole)
            said.append(f"The first {first} hold {share} of it." if first > 1 else f"The first holds {share} of it.")
        if (value < 0).any():
            less = int((value < 0).sum())
            said.append(
                f"{less} {'client costs more than it brings' if less == 1 else 'clients cost more than they bring'}."
            )
        return (*said, *self._reservations())

    @property
    def parts_sentences(self) -> tuple[str, ...]:
        """What the value is made of, and what could not be counted."""
        if self.valued.empty:
            return (self.headline,)
        sums = {name: self._sum(name) for name in PARTS}
        if not self.in_margin:
            why = (
                f"orders name the cost of {percent(self.costed)} of last year's sales, and at least "
                f"{percent(LEAST_COSTED)} are needed"
                if self.costed
                else "orders name no cost"
            )
            missing = f"What it is in margin, and what serving and waiting cost, we cannot say: {why}."
            return (missing, self._growth_sentence(sums["growth"]), self._referral_sentence())
        said = [
            f"Gross margin of sales that stay as they were comes to {money(sums['gross'])}, at last year's costs "
            f"(known for {percent(self.costed)} of sales).",
            self._growth_sentence(sums["growth"]),
        ]
        said.append(
            f"Serving them costs {money(-sums['serve'])}: managers' pay, shared by their contacts, and failures."
            if self.serving_known
            else "What serving them costs is not in it: neither managers' pay and contacts nor failures are known."
        )
        said.append(
            "What waiting for their money costs is not in it: no payment terms are known."
            if np.isnan(self.payment_days)
            else f"Waiting for their money, {count(self.payment_days)} days on average, costs {money(-sums['terms'])}."
        )
        return (*said, self._referral_sentence())

    @property
    def past_sentences(self) -> tuple[str, ...]:
        """How values given in the past compare with what came."""
        if self.past is None:
            return (
                "How good such values are we cannot say: the records are too short to have given them once before.",
            )
        return self.past.sentences

    @property
    def beside_sentences(self) -> tuple[str, ...]:
        """The same clients from orders alone, and why that differs."""
        if self.beside is None:
            return ("What orders alone make of these clients' value we cannot say: no purchase model could be fitted.",)
        return self.beside.sentences

    def referrals_sentence(self, label: Callable[[str], str]) -> str:
        """Who brought the most valuable clients."""
        brought = self.valued[self.valued["brought"] > 0] if len(self.valued) else self.valued
        if brought.empty:
            return "No valued client is known to have brought another that is valued."
        first = brought.sort_values(["brought_value", "client_id"], ascending=[False, True]).iloc[0]
        return (
            f"{label(first['client_id'])} brought the most: {int(first['brought'])} valued "
            f"{'client' if first['brought'] == 1 else 'clients'} worth {money(first['brought_value'])}, beside its own "
            f"{money(first['value'])}."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        said = self.parts_sentences if len(self.valued) else ()
        return (*self.value_sentences, *said, *self.past_sentences, *self.beside_sentences, *self.leaving.sentences[2:])

    def _sum(self, name: str) -> float:
        return float(self.valued[name].sum())

    def _doubt(self) -> list[str]:
        """What parameters alone leave open, and why clients' ends do not sum to the book's."""
        said = [
            f"The expectation itself is known from {money(self.expected.low)} to {money(self.expected.high)}; the rest "
            "is chance: who leaves when, how much each buys, and the market."
        ]
        low, high = self.sum_of_ends
        if np.isnan(low):
            return [
                "How far what comes may fall off this we cannot say: the past does not tell how sales go on. What is "
                f"open about the expectation alone goes from {money(self.expected.low)} to {money(self.expected.high)}."
            ]
        return [
            *said,
            f"Adding up the clients' own intervals would say {money(low)} to {money(high)}, as if all erred alike.",
        ]

    def _growth_sentence(self, added: float) -> str:
        growth = self.growth
        if growth is None or not growth.known:
            return "Sales of those who stay are taken to stay as they were: the past does not tell how they go on."
        low, high = (float(np.expm1(growth.level + way * _TWO_SIDED * growth.level_error)) for way in (-1, 1))
        level = Estimate(float(np.expm1(growth.level)), low, high)
        return (
            f"Growth and fading {'add' if added >= 0 else 'take'} {money(abs(added))} (95 % interval of the parameters "
            f"{money(self.growth_ends[0])} to {money(self.growth_ends[1])}): over {growth.origins} past horizons sales "
            f"of those who stayed moved by {interval(level, percent)} against the year before, and of a client's last "
            f"change {_carried(growth)}."
        )

    def _referral_sentence(self) -> str:
        if not self.referrals_known:
            return "Whom clients brought is not known."
        brought = self.valued[self.valued["brought"] > 0]
        if brought.empty:
            return "No valued client is known to have brought another that is valued."
        others = int(brought["brought"].sum())
        return (
            f"{numbered(len(brought), 'valued client')} brought {numbered(others, 'other')} that "
            f"{'is' if others == 1 else 'are'} valued, worth {money(brought['brought_value'].sum())}; that is shown "
            "beside their own value and not added to it, since it is in the sum already."
        )

    def _reservations(self) -> list[str]:
        """Which clients are valued by an assumption, or not at all."""
        sales, said = self.clients["amount_12m"].sum(), []
        for chosen, one, several, words in (
            (
                self.clients["carried"], "has", "have",
                "a tenure that too few reached: the hazard of the last months that are told goes on there.",
            ),
            (self.clients["new"], "is", "are", "not valued, without a year of sales to go by."),
        ):  # fmt: skip
            if chosen.any():
                part = percent(self.clients.loc[chosen, "amount_12m"].sum() / sales) if sales else percent(0.0)
                verb = one if chosen.sum() == 1 else several
                said.append(f"{numbered(chosen.sum(), 'client')} with {part} of last year's sales {verb} {words}")
        if self.covered_months < _YEAR_MONTHS:
            said.append(
                f"The records cover {decimal(self.covered_months)} months: a month's sales are those of these months, "
                "whatever the season."
            )
        if not np.isnan(self.silent):
            said.append(
                f"{percent(self.silent)} of the value lies with clients whose silence has passed half of their limit."
            )
        if not self.near_months:
            said.append("Their lifetimes go by line and tenure alone: no risk of single clients could be learnt.")
        return said


def what_are_they_worth(study: Study) -> WorthAnswer:
    """Value clients from the hazard, side by side with orders alone.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    WorthAnswer
    """
    leaving, risk = study.ask(when_has_a_client_left), study.ask(who_is_at_risk)
    book = None
    if leaving.verdict != "pauses":
        book = value_book(
            study.tables, study.as_of, rule=study.rule, spec=risk.hazard, horizon=NEXT_MONTHS, seed=study.seed
        )
    today = study.today
    clients = nobody_valued() if book is None else valued_clients(book, study.tables.clients)
    opinion = study.ask(what_do_orders_alone_say)
    return WorthAnswer(
        leaving=leaving,
        horizon_months=NEXT_MONTHS,
        in_margin=book is not None and book.costs.known,
        clients=clients,
        total=_of_book(book, chance=True),
        expected=_of_book(book, chance=False),
        sum_of_ends=(float(clients["low"].sum(min_count=1)), float(clients["high"].sum(min_count=1))),
        costed=0.0 if book is None else book.costs.costed,
        serving_known=book is not None and len(book.costs.serve) > 0,
        payment_days=np.nan if book is None else book.costs.usual_days,
        growth=None if book is None else book.growth,
        growth_ends=(np.nan, np.nan) if book is None else book.worth.growth,
        covered_months=float(_YEAR_MONTHS) if book is None else book.covered,
        near_months=0 if book is None else book.near,
        referrals_known=names_referrers(study.tables.clients),
        silent=_silent(today, clients),
        risk_months=risk.horizon_months,
        risk_model=risk.speaks,
        past=None if book is None else past_worth(study, risk),
        beside=None if book is None else side_by_side(clients.dropna(subset="value"), book, opinion),
    )


def _of_book(book: ValuedBook | None, *, chance: bool) -> Estimate:
    if book is None:
        return Estimate(np.nan, np.nan, np.nan)
    found = book.worth.book
    ends = (found.low, found.high) if chance else (found.mean_low, found.mean_high)
    return Estimate(float(found.value), *(float(end) for end in ends))


def _carried(growth: Growth) -> str:
    """What becomes of a client's last change, with its interval."""
    sign = -1.0 if growth.carry < 0 else 1.0
    ends = [sign * growth.carry + way * _TWO_SIDED * growth.carry_error for way in (-1, 1)]
    part = interval(Estimate(abs(growth.carry), *ends), percent)
    fate = "fades again" if sign < 0 else "goes on"
    return f"{part} {fate}{', which is not told apart from nothing' if ends[0] < 0 else ''}"


def _silent(today: pd.DataFrame, clients: pd.DataFrame) -> float:
    """Share of the value with clients whose silence has passed half of their limit."""
    waits = today.loc[today["recency_days"] > _LONG_SILENCE * today["limit_days"], "client_id"]
    total = clients["value"].sum()
    return float(clients.loc[clients["client_id"].isin(waits), "value"].sum() / total) if total else np.nan
