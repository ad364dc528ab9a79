"""What if they leave: losses as a distribution, one and three of the largest, how long to replace, a manager's book."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from churnlab.accounts import (
    Discount,
    LostDiscount,
    NewBusiness,
    error_of,
    loss_distribution,
    lost_discount,
)
from churnlab.accounts.assumed import FOLLOW, FUNNEL, PASSED_ON, TOGETHER, TURN
from churnlab.accounts.dependency import DRAWS
from churnlab.answers.account_book import Book, account_book, no_new_business, past_new_business
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.words import compact, count, interval, money, months, percent, shortened
from churnlab.lifetime import Estimate

LARGEST = 5
"""So many of the largest are lost one by one."""

BAD, WORST = 0.95, 0.999
"""A bad year is one in twenty, the worst one in a thousand."""

_SIZES = ("", "one", "two", "three")
_STREAM = 29
_LEAST_DRAWS = 2_000
_CELLS = 20_000_000  # draws times clients: of very large books fewer years are drawn
_CURVE = np.round(np.concatenate((np.linspace(0, 0.99, 100), [0.995, 0.999])), 4)


@dataclass(frozen=True, slots=True, eq=False)
class LosingAnswer:
    """What leaving would cost.

    Attributes
    ----------
    risk_months : int
        Horizon of the risk.
    gerund, verb : str
        How pages call leaving by this rule.
    risk_headline : str
        What the page on risk says, where nobody's risk is known.
    total, known : float
        Sales of the last 365 days, and those of groups whose risk is known.
    expected : Estimate
        Yearly sales of those who leave within the horizon, in expectation; the ends take all risks at their ends at
        once, the widest case. NaN where nobody's risk is known.
    by_correlation : DataFrame
        ``correlation``, ``spread``, ``half`` (median), ``bad`` (not passed in 95 of 100 years), ``worst`` (in 999 of
        1,000): yearly sales of those who leave; empty where nobody's risk is known.
    curve : DataFrame
        ``share`` (of years), ``loss`` (that is not passed in it), at the middle correlation.
    one : DataFrame
        ``group``, ``sales``, ``share``, ``margin``, ``members``, ``risk``, ``low``, ``high``, ``replace``,
        ``replace_low``, ``replace_high``, ``contracts``, ``prospects`` and their ``_low`` and ``_high`` (an upper end
        is NaN where not reached): if one of the largest leaves.
    three : dict of str to float
        ``sales``, ``share``, ``margin``, ``replace``, ``replace_low``, ``replace_high``, ``contracts``,
        ``contracts_low``, ``contracts_high``, ``any`` and ``all`` (chances that one at least, and that all three leave,
        if they do so independently; NaN where not known).
    new : NewBusiness or None
        Past new business; None where new clients cannot be told.
    books : DataFrame
        ``manager_id``, ``sales``, ``share``, ``leaves`` (money that goes with the manager, middle), ``low``, ``high``
        (by the range of who follows), ``a_year`` (in expectation, by the chance that a manager leaves).
    discount : LostDiscount or None
        First step of the cascade if the largest leaves; None where `no_discount` says why.
    no_discount : str
        Why there is no first step; empty where there is one.
    exits : Estimate
        Share of the others' sales that may go before passing on does not pay, over what is passed on; 1 or more, or
        NaN, where bearing the cost would leave nothing earned on them.
    name : str
        What pages call the largest group.
    """

    risk_months: int
    gerund: str
    verb: str
    risk_headline: str
    total: float
    known: float
    expected: Estimate
    by_correlation: pd.DataFrame
    curve: pd.DataFrame
    one: pd.DataFrame
    three: dict[str, float]
    new: NewBusiness | None
    books: pd.DataFrame
    discount: LostDiscount | None
    no_discount: str
    exits: Estimate
    name: str

    @property
    def loss_sentence(self) -> str:
        """Expected, bad and worst loss."""
        if self.by_correlation.empty:
            return f"What clients' leaving would cost, by their own risks, we cannot say. {self.risk_headline}"
        return (
            f"Clients that {self.verb} within {self.risk_months} months take {interval(self.expected, money)} of "
            f"yearly sales with them in expectation, and one year in twenty more than {self._told('bad')}."
        )

    @property
    def worst_sentence(self) -> str:
        """The worst year, and what of the expected loss is missing in the same months."""
        if self.by_correlation.empty:
            return "What the worst year would take we cannot say either."
        part = _missing_part(self.risk_months)
        return (
            f"One year in a thousand takes more than {self._told('worst')}. Of the expected loss about {percent(part)} "
            f"is missing within the same {self.risk_months} months, since clients go throughout them."
        )

    @property
    def known_sentence(self) -> str:
        """Whose risk is not known."""
        rest = self.total - self.known
        if self.by_correlation.empty or rest <= 0:
            return ""
        return (
            f"Clients with {percent(rest / self.total)} of the sales of the last 12 months are left out: they count as "
            "gone already, or no risk of theirs is known."
        )

    @property
    def one_sentence(self) -> str:
        """If the largest leaves."""
        if self.one.empty:
            return "What the loss of the largest would cost we cannot say: nothing was sold in the last 12 months."
        row = self.one.iloc[0]
        risk = Estimate(row["risk"], row["low"], row["high"])
        likely = (
            f"How likely that is we cannot say. {self.risk_headline}"
            if np.isnan(risk.value)
            else f"Its risk of {self.gerund} within {self.risk_months} months is {interval(risk, percent)}."
        )
        members = f" It is {count(row['members'])} client ids, taken to go together." if row["members"] > 1 else ""
        return (
            f"If {self.name} left today, {money(row['sales'])} of sales, {percent(row['share'])} of all, would be "
            f"missing over the next 12 months, if it had gone on as before and no other client changed.{members} "
            f"{likely}"
        )

    @property
    def three_sentence(self) -> str:
        """If the three largest leave."""
        if self.one.empty:
            return self.one_sentence
        size = min(3, len(self.one))
        said = f"The {_SIZES[size]} largest together have {percent(self.three['share'])} of sales"
        if np.isnan(self.three["any"]):
            return f"{said}; how likely it is that one of them leaves we cannot say."
        return (
            f"{said}; if they leave independently, the chance that one at least does within {self.risk_months} months "
            f"is {percent(self.three['any'])}, that all do {self.three['all']:.2g} (no interval: products of the risks "
            "above)."
        )

    @property
    def replace_sentence(self) -> str:
        """How long the largest would take to replace."""
        why = no_new_business(self.new)
        if why or self.new is None or self.one.empty:
            return f"How long it takes to replace a client we cannot say: {why or 'nothing was sold'}."
        row = self.one.iloc[0]
        awaited, contracts, prospects = (
            Estimate(*row[[name, f"{name}_low", f"{name}_high"]].astype("float64"))
            for name in ("replace", "contracts", "prospects")
        )
        return (
            f"New clients brought {interval(self.new.a_month, money)} of yearly sales a month ({count(self.new.won)} "
            f"won in {count(self.new.months)} months): replacing {self.name} would take {interval(awaited, months)} "
            f"months, or {interval(contracts, count)} contracts of the usual size and, at {FUNNEL.value:g} prospects "
            f"to one ({FUNNEL.low:g} to {FUNNEL.high:g}, assumed), {compact(prospects, count)} prospects, all ends "
            "taken together."
        )

    @property
    def follow_sentence(self) -> str:
        """What goes with a manager."""
        if self.books.empty:
            return "What would go with a manager we cannot say: nothing names a manager."
        row = self.books.iloc[0]
        return (
            f"If {shortened(row['manager_id'])} left, {money(row['leaves'])} of sales a year might go along "
            f"({money(row['low'])} to {money(row['high'])}: {percent(FOLLOW.value)} of a book follows, "
            f"{percent(FOLLOW.low)} to {percent(FOLLOW.high)}, assumed). Over all managers that is "
            f"{money(self.books['a_year'].sum())} a year in expectation, if {percent(TURN.value)} of managers leave "
            f"in a year ({percent(TURN.low)} to {percent(TURN.high)}, assumed)."
        )

    @property
    def cascade_sentence(self) -> str:
        """The first step of the cascade."""
        later = "Whether others would leave over it is for the page on price or service."
        if self.discount is None:
            return f"What a lost purchase discount would cost we cannot say: {self.no_discount}."
        usual = Discount()
        asked = f"if the purchase contract gave {percent(usual.part)} from {percent(usual.least)} of today's volume on"
        if not self.discount.goes:
            return f"Without {self.name} a purchase discount would stay, {asked} (assumed: read the contract). {later}"
        pays = (
            f"pays unless more than {percent(self.exits.value)} of the others' sales go over it "
            f"({percent(self.exits.low)} to {percent(self.exits.high)} for {percent(PASSED_ON.low)} to "
            f"{percent(PASSED_ON.high)} passed on)"
            if self.exits.value < 1
            else "bearing all of it would leave nothing earned on them, so that no share can be named that may go"
        )
        return (
            f"Without {self.name} a purchase discount would go, {asked} (assumed: read the contract): the goods of the "
            f"others would cost {money(self.discount.cost)} more a year. Passing {percent(usual.passed_on)} of it on "
            f"raises prices by {100 * self.discount.price_rise:.1f} %, and {pays}. {later}"
        )

    def _told(self, name: str) -> str:
        """A loss at the middle correlation, with its range."""
        low, middle, high = self.by_correlation[name]
        return (
            f"{money(middle)}, {percent(middle / self.known)} of the sales whose risk is known ({money(low)} to "
            f"{money(high)} over the assumed correlation)"
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        said = (
            self.one_sentence, self.three_sentence, self.loss_sentence, self.worst_sentence, self.known_sentence,
            self.replace_sentence, self.follow_sentence, self.cascade_sentence,
        )  # fmt: skip
        return tuple(one for one in said if one)


def what_if_they_leave(study: Study) -> LosingAnswer:
    """Draw losses by clients' own risks, and reckon what single losses mean.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    LosingAnswer

    Notes
    -----
    A group is taken to leave as a whole, by the risk of its client with the largest sales.
    """
    book, risk = account_book(study), study.ask(who_is_at_risk)
    groups = _with_risk(book, risk)
    known = groups.dropna(subset="risk")
    drawn, curve = _drawn(known, seed=study.seed)
    new = past_new_business(book, study)
    one = _one(groups, new)
    discount, exits, no_discount = _cascade(groups, book)
    nothing = Estimate(np.nan, np.nan, np.nan)
    return LosingAnswer(
        risk_months=risk.horizon_months,
        gerund=risk.leaving.gerund,
        verb=risk.leaving.verb,
        risk_headline=risk.headline,
        total=float(groups["sales"].sum()),
        known=float(known["sales"].sum()),
        expected=Estimate(*(float((known["sales"] * known[end]).sum()) for end in ("risk", "low", "high")))
        if len(known)
        else nothing,
        by_correlation=drawn,
        curve=curve,
        one=one,
        three=_three(groups, new),
        new=new,
        books=_books(book),
        discount=discount,
        no_discount=no_discount,
        exits=exits,
        name=study.label(groups.iloc[0]["group"]) if len(groups) else "",
    )


def _with_risk(book: Book, risk: RiskAnswer) -> pd.DataFrame:
    """Groups with the risk of their main client."""
    groups = book.groups.copy()
    groups["share"] = groups["sales"] / groups["sales"].sum()
    told = risk.clients.set_index("client_id") if len(risk.clients) else pd.DataFrame(columns=["risk", "low", "high"])
    for name in ("risk", "low", "high"):
        groups[name] = groups["main"].map(told[name]).astype("float64")
    return groups


def _drawn(known: pd.DataFrame, *, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Losses at the ends and the middle of the assumed correlation, on the same chances."""
    columns = ["correlation", "spread", "half", "bad", "worst"]
    if known.empty:
        return pd.DataFrame({name: [] for name in columns}), pd.DataFrame({"share": [], "loss": []})
    error, rows, curve = error_of(known["risk"], known["low"], known["high"]), [], np.array([])
    draws = min(DRAWS, max(_LEAST_DRAWS, _CELLS // len(known)))
    for correlation in (TOGETHER.low, TOGETHER.value, TOGETHER.high):
        found = loss_distribution(
            known["sales"], known["risk"], line=known["line"].to_numpy(), correlation=correlation, error=error,
            rng=np.random.default_rng([seed, _STREAM]), draws=draws,
        )  # fmt: skip
        quantiles = (found.quantile(share) for share in (0.5, BAD, WORST))
        rows.append((correlation, found.spread, *quantiles))
        if correlation == TOGETHER.value:
            curve = np.array([found.quantile(share) for share in _CURVE])
    return pd.DataFrame(rows, columns=columns), pd.DataFrame({"share": _CURVE, "loss": curve})


def _one(groups: pd.DataFrame, new: NewBusiness | None) -> pd.DataFrame:
    """What goes with each of the largest."""
    frame = groups.head(LARGEST)[["group", "sales", "share", "margin", "members", "risk", "low", "high"]].copy()
    awaited = [_months(new, sales) for sales in frame["sales"]]
    for name, end in (("replace", "value"), ("replace_low", "low"), ("replace_high", "high")):
        frame[name] = [getattr(one, end) for one in awaited]
    asked = [_contracts(new, sales) for sales in frame["sales"]]
    for name, end in (("", "value"), ("_low", "low"), ("_high", "high")):
        frame[f"contracts{name}"] = np.array([getattr(one, end) for one in asked], dtype=np.float64)
        frame[f"prospects{name}"] = getattr(FUNNEL, end) * frame[f"contracts{name}"]
    return frame


def _three(groups: pd.DataFrame, new: NewBusiness | None) -> dict[str, float]:
    """What goes with the three largest."""
    first = groups.head(3)
    sales, risks = float(first["sales"].sum()), first["risk"].to_numpy(dtype=np.float64)
    awaited, contracts = _months(new, sales), _contracts(new, sales)
    return {
        "sales": sales,
        "share": float(first["share"].sum()),
        "margin": float(first["margin"].sum(skipna=False)) if len(first) else np.nan,
        "replace": awaited.value,
        "replace_low": awaited.low,
        "replace_high": awaited.high,
        "contracts": contracts.value,
        "contracts_low": contracts.low,
        "contracts_high": contracts.high,
        "any": float(1 - np.prod(1 - risks)) if len(risks) else np.nan,
        "all": float(np.prod(risks)) if len(risks) else np.nan,
    }


def _months(new: NewBusiness | None, sales: float) -> Estimate:
    return Estimate(np.nan, np.nan, np.nan) if new is None else new.months_to_replace(sales)


def _contracts(new: NewBusiness | None, sales: float) -> Estimate:
    return Estimate(np.nan, np.nan, np.nan) if new is None else new.contracts(sales)


def _books(book: Book) -> pd.DataFrame:
    """What goes with each manager."""
    columns = ["manager_id", "sales", "share", "leaves", "low", "high", "a_year"]
    led = book.clients.dropna(subset="manager_id")
    if led.empty:
        return pd.DataFrame({name: [] for name in columns})
    frame = led.groupby("manager_id")["sales"].sum().clip(lower=0.0).reset_index()
    frame["share"] = frame["sales"] / book.clients["sales"].sum()
    for name, part in (("leaves", FOLLOW.value), ("low", FOLLOW.low), ("high", FOLLOW.high)):
        frame[name] = part * frame["sales"]
    frame["a_year"] = TURN.value * frame["leaves"]
    return frame.sort_values(["sales", "manager_id"], ascending=[False, True], ignore_index=True)[columns]


def _cascade(groups: pd.DataFrame, book: Book) -> tuple[LostDiscount | None, Estimate, str]:
    """First step if the largest leaves, how many exits it bears over what is passed on, and why there is none."""
    others = groups.iloc[1:].dropna(subset="margin")
    sales, earned = float(others["costed_sales"].sum()), float(others["margin"].sum())
    why = ""
    if not book.costed:
        why = "orders name no cost"
    elif others.empty or not sales > 0:
        why = "nobody else bought goods whose cost is known"
    elif not 0 < earned < sales:
        why = "nothing is earned on the others" if earned <= 0 else "the goods of the others cost nothing"
    if why:
        return None, Estimate(np.nan, np.nan, np.nan), why
    share, rest = float(groups.iloc[0]["share"]), float(groups.iloc[1:]["sales"].sum())
    steps = [
        lost_discount(share, others=rest, cost_share=1 - earned / sales, discount=replace(Discount(), passed_on=passed))
        for passed in (PASSED_ON.value, PASSED_ON.low, PASSED_ON.high)
    ]
    return steps[0], Estimate(*(step.exits for step in steps)), why


def _missing_part(horizon: int) -> float:
    """Part of the yearly sales of who leaves within some months, at an even pace, that is missing in them."""
    return (horizon + 1) / 2 / 12
