"""What are clients worth, and whom should we call first?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.lifetime import NEXT_MONTHS, how_long_do_clients_stay, remaining_months
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.answers.words import day, interval, money, percent
from churnlab.history import departures, propose_rule, snapshots
from churnlab.history.departures import REGULAR_AFTER_MONTHS
from churnlab.lifetime import Estimate
from churnlab.risk import MODELS
from churnlab.scenarios import Assumptions
from churnlab.value import discount_factor, discounted_months

TOP = 10
"""Clients that tables of the first name."""

YEARLY_RATE = Assumptions().discount_rate
"""What waiting a year costs; the scenarios' middle figure."""

LEAST_PAST = 39
"""Past values that a 95 % interval from past errors needs."""

_YEAR_DAYS = 365
_LEVEL = 0.95
_LONG_SILENCE = 0.5


@dataclass(frozen=True, slots=True)
class PastWorth:
    """Values as they would have been given once, against what came.

    Attributes
    ----------
    cut_off : Timestamp
        The day on which they would have been given: the horizon before the study's.
    clients : int
        Clients that were valued above 0.
    forecast, seen : float
        Their values together, and what they then bought, discounted alike; money.
    low, high : float
        Ends of what single clients bought over their value: 95 % lie between; NaN with fewer than ``LEAST_PAST``.
    life_held : Estimate
        Share of the clients' intervals from the lifetime alone that held what came.
    held : Estimate
        Share of intervals that held what came, had they been made from the errors of another horizon before; NaN where
        the records do not reach so far.
    """

    cut_off: pd.Timestamp
    clients: int
    forecast: float
    seen: float
    low: float
    high: float
    life_held: Estimate
    held: Estimate

    @property
    def sentences(self) -> tuple[str, ...]:
        """The comparison in words."""
        said = [
            f"Given so on {day(self.cut_off)}, {self.clients} clients would have been worth {money(self.forecast)}; "
            f"what they bought since, discounted alike, came to {money(self.seen)}, "
            f"{percent(self.seen / self.forecast)} of it.",
            f"The lifetime's interval alone held what came for {interval(self.life_held, percent)} of them: a single "
            "client's sales vary far more than that.",
        ]
        if np.isnan(self.low):
            said.append("How much more we cannot say: too few clients could be valued then.")
        else:
            said.append(
                f"What came lay between {percent(self.low)} and {percent(self.high)} of the value for 95 % of them: "
                "the interval given to single clients."
            )
        if not np.isnan(self.held.value):
            said.append(
                f"Made so from the errors of the {NEXT_MONTHS} months before, such intervals held what came for "
                f"{interval(self.held, percent)} of clients."
            )
        return tuple(said)


@dataclass(frozen=True, slots=True)
class WorthAnswer:
    """What clients are worth, and whom to call first.

    Attributes
    ----------
    leaving : Leaving
        What counts as leaving, and how well that rule fits.
    horizon_months : int
        Months that values count.
    clients : DataFrame
        Active clients by falling value: ``client_id``, ``amount_12m`` (net sales of the last year, at least 0), ``new``
        (without a year of sales to go by), ``months``, ``carried`` (whether they are those of the longest tenure that
        can be told), ``value``, ``life_low``, ``life_high`` (money, discounted, with the ends of the lifetime's
        interval; NaN for new clients and where the lifetime is not known), ``low``, ``high`` (95 % interval of what
        comes, from past errors; NaN where those are too few), ``margin`` (gross margin of the value, NaN without
        costs); empty where leaving cannot be told from pausing.
    total : Estimate
        Sum of values; its ends are the sums of the lifetime's ends, as if all of them erred the same way.
    margin : float
        Gross margin of the total; NaN without costs.
    costed : float
        Share of the last year's net sales whose cost is known.
    silent : float
        Share of the total with clients whose silence has passed half of their limit.
    calls : DataFrame
        ``client_id``, ``risk``, ``risk_low``, ``risk_high``, ``value``, ``stake`` (risk times value), ``low``, ``high``
        (risk and the lifetime's interval both at their low and at their high ends), by falling ``stake``; empty where
        nobody speaks of risk or no value is known.
    risk_months : int
        Horizon of the risk.
    risk_model : str
        Model whose risk it is.
    past : PastWorth or None
        The check on the past; None where the records are too short.
    """

    leaving: Leaving
    horizon_months: int
    clients: pd.DataFrame
    total: Estimate
    margin: float
    costed: float
    silent: float
    calls: pd.DataFrame
    risk_months: int
    risk_model: str
    past: PastWorth | None

    @property
    def valued(self) -> pd.DataFrame:
        """Clients with a known value."""
        return self.clients.dropna(subset="value")

    @property
    def results(self) -> pd.DataFrame:
        """``client_id``, ``value``, ``low``, ``high``: values with an interval from past errors; no value without."""
        return self.clients.dropna(subset=["value", "low"])[["client_id", "value", "low", "high"]].reset_index(
            drop=True
        )

    @property
    def headline(self) -> str:
        """What all clients together are worth."""
        if self.leaving.verdict == "pauses":
            return "We cannot say what clients are worth: most silences that looked like leaving were pauses."
        if self.valued.empty:
            return "We cannot say what clients are worth: too few were watched long enough to say how long they stay."
        return (
            f"{len(self.valued)} of {len(self.clients)} active clients are worth {money(self.total.value)} in sales of "
            f"the next {self.horizon_months} months, discounted ({money(self.total.low)} to {money(self.total.high)} "
            "if lifetimes are shorter or longer for all, at 95 %)."
        )

    @property
    def value_sentences(self) -> tuple[str, ...]:
        """Who holds how much of it, in margin, and what the figure overlooks."""
        if self.valued.empty:
            return (self.headline,)
        first = self.valued["value"].head(TOP).sum() / self.total.value if self.total.value else np.nan
        said = [self.headline, f"The first {min(TOP, len(self.valued))} hold {percent(first)} of it."]
        if np.isnan(self.margin):
            said.append("What it is in margin we cannot say: orders name no cost.")
        else:
            said.append(
                f"In gross margin it is {money(self.margin)}, at last year's costs (known for {percent(self.costed)} "
                "of sales)."
            )
        return (*said, *self._reservations())

    @property
    def past_sentences(self) -> tuple[str, ...]:
        """How values given in the past compare with what came."""
        if self.past is None:
            return (
                "How good such values are we cannot say: the records are too short to have given them once before.",
            )
        return self.past.sentences

    def calls_sentence(self, label: Callable[[str], str]) -> str:
        """Who stands first in the order of calls."""
        if self.calls.empty:
            return "Whom to call first we cannot say: risks or values are not known."
        first = self.calls.iloc[0]
        risk = interval(Estimate(first["risk"], first["risk_low"], first["risk_high"]), percent)
        said = " The risk is the same for all, so that value alone orders the list."
        alike = said if self.risk_model == MODELS[0].name else ""
        return (
            f"{label(first['client_id'])} stands first, by its risk of {self.leaving.gerund} within {self.risk_months} "
            f"months, {risk}, on a value of {money(first['value'])}.{alike}"
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (*self.value_sentences, *self.past_sentences, *self.leaving.sentences[2:])

    def _reservations(self) -> list[str]:
        """Which clients are valued by an assumption, or not at all."""
        sales, said = self.clients["amount_12m"].sum(), []
        for chosen, words in (
            (
                self.clients["carried"],
                "have a tenure that too few reached: they are valued as the longest that we know.",
            ),
            (self.clients["new"], "are not valued: they have no year of sales to go by."),
            (
                self.clients["value"].isna() & ~self.clients["new"],
                "are not valued: too few were watched at their tenure.",
            ),
        ):
            if chosen.any():
                part = percent(self.clients.loc[chosen, "amount_12m"].sum() / sales)
                said.append(f"{int(chosen.sum())} clients with {part} of last year's sales {words}")
        said.append(
            f"{percent(self.silent)} of the value lies with clients whose silence has passed half of their limit; "
            "it counts them as still buying."
        )
        return said


def what_are_they_worth(study: Study) -> WorthAnswer:
    """Value clients by their sales and their remaining months, and order them by what is at stake.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    WorthAnswer
    """
    leaving, risk = study.ask(when_has_a_client_left), study.ask(who_is_at_risk)
    today = snapshots(study.tables, [study.as_of], rule=study.rule)
    pauses = leaving.verdict == "pauses"
    past = None if pauses else _past(study)
    clients = _values(today.iloc[:0] if pauses else today, study.ask(how_long_do_clients_stay).remaining)
    clients = clients.assign(
        low=clients["value"] * (past.low if past else np.nan), high=clients["value"] * (past.high if past else np.nan)
    )
    clients, costed = _with_margin(clients, study)
    known = clients.dropna(subset="value")
    total = Estimate(*(float(known[name].sum()) for name in ("value", "life_low", "life_high")))
    waits = today.loc[today["recency_days"] > _LONG_SILENCE * today["limit_days"], "client_id"]
    silent = known.loc[known["client_id"].isin(waits), "value"].sum()
    return WorthAnswer(
        leaving=leaving,
        horizon_months=NEXT_MONTHS,
        clients=clients,
        total=total if len(known) else Estimate(np.nan, np.nan, np.nan),
        margin=float(known["margin"].sum(min_count=1)),
        costed=costed,
        silent=float(silent / total.value) if total.value else np.nan,
        calls=_calls(known, risk),
        risk_months=risk.horizon_months,
        risk_model=risk.speaks,
        past=past,
    )


def _values(snapshot: pd.DataFrame, remaining: pd.DataFrame) -> pd.DataFrame:
    """Last year's monthly sales times the discounted months that remain, of clients of a year or more."""
    frame = snapshot[["client_id", "amount_12m", "tenure_months"]].merge(
        remaining[["client_id", "months", "low", "high"]], on="client_id", how="left"
    )
    frame["amount_12m"] = frame["amount_12m"].clip(lower=0.0)
    told = frame.dropna(subset="months").sort_values(["tenure_months", "client_id"])
    older = frame["months"].isna() & (frame["tenure_months"] > told["tenure_months"].max())
    frame["new"] = frame["tenure_months"] < REGULAR_AFTER_MONTHS
    frame["carried"] = older
    for name, months in (("value", "months"), ("life_low", "low"), ("life_high", "high")):
        if older.any():
            frame.loc[older, months] = told[months].iloc[-1]
        stays = discounted_months(frame[months].to_numpy(), horizon=NEXT_MONTHS, yearly_rate=YEARLY_RATE)
        frame[name] = (frame["amount_12m"] / 12 * stays).mask(frame["new"])
    columns = ["client_id", "amount_12m", "new", "months", "carried", "value", "life_low", "life_high"]
    return frame[columns].sort_values(["value", "client_id"], ascending=[False, True]).reset_index(drop=True)


def _with_margin(clients: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, float]:
    """Gross margin of each value, at the client's own margin or, where its costs are not known, at that of all."""
    orders = study.tables.orders
    year = orders[orders["order_date"] >= study.as_of - pd.Timedelta(days=_YEAR_DAYS)]
    costed = year.dropna(subset="cost") if "cost" in year else year.iloc[:0]
    sales = costed["amount"].sum()
    if not sales > 0:
        return clients.assign(margin=np.nan), 0.0
    sums = costed.groupby("client_id")[["amount", "cost"]].sum()
    own = (1 - sums["cost"] / sums["amount"])[sums["amount"] > 0]
    whole = 1 - costed["cost"].sum() / sales
    margin = clients["client_id"].map(own).astype("float64").fillna(whole) * clients["value"]
    return clients.assign(margin=margin), float(sales / year["amount"].sum())


def _calls(known: pd.DataFrame, risk: RiskAnswer) -> pd.DataFrame:
    """Risk times value."""
    names = ["client_id", "risk", "risk_low", "risk_high", "value", "stake", "low", "high"]
    if risk.clients.empty or known.empty:
        return pd.DataFrame({name: [] for name in names})
    risks = risk.clients[["client_id", "risk", "low", "high"]].rename(columns={"low": "risk_low", "high": "risk_high"})
    frame = risks.merge(known[["client_id", "value", "life_low", "life_high"]], on="client_id")
    frame = frame.assign(
        stake=frame["risk"] * frame["value"],
        low=frame["risk_low"] * frame["life_low"],
        high=frame["risk_high"] * frame["life_high"],
    )
    return frame[names].sort_values(["stake", "client_id"], ascending=[False, True]).reset_index(drop=True)


def _past(study: Study) -> PastWorth | None:
    """Give the values as of the horizon before, and see what came."""
    cut_off = study.as_of - pd.DateOffset(months=NEXT_MONTHS)
    graded = _graded(study, cut_off)
    if graded is None:
        return None
    before = _graded(study, cut_off - pd.DateOffset(months=NEXT_MONTHS))
    low, high = _ends(graded)
    held = share(0, 0)
    if before is not None and len(before) >= LEAST_PAST:
        least, most = _ends(before)
        inside = graded["seen"].between(least * graded["value"], most * graded["value"])
        held = share(int(inside.sum()), len(inside))
    by_life = graded["seen"].between(graded["life_low"], graded["life_high"])
    return PastWorth(
        cut_off=cut_off,
        clients=len(graded),
        forecast=float(graded["value"].sum()),
        seen=float(graded["seen"].sum()),
        low=low,
        high=high,
        life_held=share(int(by_life.sum()), len(by_life)),
        held=held,
    )


def _graded(study: Study, cut_off: pd.Timestamp) -> pd.DataFrame | None:
    """Values from what was known on a day, and what was bought over the horizon after it, discounted alike."""
    orders, end = study.tables.orders, cut_off + pd.DateOffset(months=NEXT_MONTHS)
    known = orders[orders["order_date"] < cut_off]
    if not (known["kind"] == "sale").any():
        return None
    rule = propose_rule(known)
    then = snapshots(study.tables, [cut_off], rule=rule)
    if then.empty:
        return None
    remaining = remaining_months(
        departures(known, as_of=cut_off, rule=rule, clients=study.tables.clients), study.tables.clients
    )
    valued = _values(then, remaining)
    valued = valued[valued["value"] > 0].reset_index(drop=True)
    if valued.empty:
        return None
    after = orders[(orders["order_date"] >= cut_off) & (orders["order_date"] < end)]
    days = (after["order_date"] - cut_off).dt.days.to_numpy(dtype=np.float64)
    month = np.minimum(np.floor(days / (_YEAR_DAYS / 12)) + 1, NEXT_MONTHS)
    worth = (after["amount"] * discount_factor(YEARLY_RATE, month)).groupby(after["client_id"]).sum()
    return valued.assign(seen=valued["client_id"].map(worth).fillna(0.0).clip(lower=0.0))


def _ends(graded: pd.DataFrame) -> tuple[float, float]:
    """Ends between which what came lay, over the value, for 95 % of clients."""
    count = len(graded)
    rank = int((count + 1) * (1 - _LEVEL) / 2 + 1e-9)
    if rank < 1:
        return np.nan, np.nan
    ratios = np.sort(graded["seen"] / graded["value"])
    return float(ratios[rank - 1]), float(ratios[-rank])
