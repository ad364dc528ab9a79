"""What do orders alone say, and where does that disagree with the hazard?

The chance of being alive of a purchase model is not among the figures, on purpose: it is a model's word for silence,
and where leaving is tied to a repeat order a client without one is given 1. What is given is the chance of no order.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from churnlab.answers.leaving import Leaving
from churnlab.answers.lifetime import NEXT_MONTHS
from churnlab.answers.numbered import numbered
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.valuing import YEARLY_RATE
from churnlab.answers.words import count, decimal, interval, listed, money, percent
from churnlab.history import purchases
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import Estimate
from churnlab.lifetime.purchase import (
    NAIVE,
    PurchaseFit,
    PurchaseHistory,
    Scorecard,
    Total,
    by_model,
    chance_silent,
    expected_orders,
    expected_value,
    fit_gamma_gamma,
    fit_mbg_cnbd,
    hold_out,
    purchase_history,
    scorecard,
)
from churnlab.lifetime.purchase.result import Clients
from churnlab.surveys import rank_correlation
from churnlab.value import discount_factor

Floats = npt.NDArray[np.float64]

LEAST_CLIENTS = 20
"""With fewer clients that ordered again no model is fitted."""

NAMED = 5
"""Clients named at either end of the disagreement."""

MODEL = "orders alone"

_DAYS_PER_WEEK = 7.0
_LEVEL = 0.95
_ORIGINS = 4
_FAR = 0.25


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What orders alone say of the active clients.

    Attributes
    ----------
    leaving : Leaving
        What counts as leaving, and how well that rule fits.
    model : str
        Law that was fitted; empty where none could be.
    verdict : str
        What the data do and do not tell of it.
    leaving_shows : bool
        Whether orders show that clients leave.
    fitted : int
        Clients that it was fitted to, those that have left too.
    horizon_months : int
        Horizon of orders, silence and money.
    clients : DataFrame
        Active clients: ``client_id``, ``orders``, ``orders_low``, ``orders_high`` (of what will come, 95 %),
        ``silent``, ``silent_low``, ``silent_high`` (chance of no order, interval of the parameters), ``money``,
        ``money_low``, ``money_high`` (net sales), ``risk`` (by the hazard, NaN where nobody speaks), ``apart`` (place
        among all by chance of silence less place by risk, as shares);
        then, over ``NEXT_MONTHS`` discounted: ``value``, ``value_low``, ``value_high`` (net sales), ``value_orders``
        (orders), ``order_size`` (money of an order). Empty where no model could be fitted.
    orders, money, value : Estimate
        Of all together, parameters and chance; NaN where no model could be fitted.
    orders_mean : Estimate
        Expected orders with the interval of the parameters alone.
    agreement : Estimate
        Rank correlation of chance of silence and risk, interval over clients; NaN where either is missing or the same
        for all, or with fewer than ten clients.
    card : Scorecard or None
        Forecasts of orders on rolling origins, held against what came; None where the records are too short.
    origins : int
        How many origins.
    """

    leaving: Leaving
    model: str
    verdict: str
    leaving_shows: bool
    fitted: int
    horizon_months: int
    clients: pd.DataFrame
    orders: Estimate
    money: Estimate
    value: Estimate
    orders_mean: Estimate
    agreement: Estimate
    card: Scorecard | None
    origins: int

    @property
    def headline(self) -> str:
        """What is expected of all together."""
        if self.clients.empty:
            return (
                "What orders alone say we cannot tell: too few clients have ordered again, for money, to fit a model."
            )
        clients = numbered(len(self.clients), "active client")
        return (
            f"By orders alone {clients} will order {interval(self.orders, count)} times "
            f"within {self.horizon_months} months, for {interval(self.money, money)}."
        )

    @property
    def model_sentences(self) -> tuple[str, ...]:
        """Which model, what it does not know, and how much of the doubt is chance."""
        if self.clients.empty:
            return (self.headline,)
        mean = self.orders_mean
        return (
            self.headline,
            f"The model is {self.model}, fitted to {self.fitted} clients; it reads nothing but when each one ordered, "
            "and for how much. " + self.verdict,
            f"Of these orders the parameters alone leave {count(mean.low)} to {count(mean.high)} open; the rest is "
            "chance.",
        )

    @property
    def record_sentences(self) -> tuple[str, ...]:
        """How such forecasts did on the past, beside rules that need no model."""
        if self.card is None:
            return ("How good such forecasts are we cannot say: the records are too short, or too few ordered then.",)
        card, own = self.card, self.card.scores[MODEL]
        bias = Estimate(_figure(card, MODEL, "bias"), own.low["bias"], own.high["bias"])
        said = [
            f"On {count(card.rows)} past forecasts of {card.clients} clients from {self.origins} days, of "
            f"{self.horizon_months} months each, it expected {_leaning(bias)} than came."
        ]
        for measure, words in (("mae", "absolute error"), ("rmse", "squared error"), ("auc", "who orders again")):
            said.append(_winner(card, measure, words))
        return tuple(each for each in said if each)

    def disagreement(self, *, worried: bool) -> pd.DataFrame:
        """Clients that rank much higher, or lower, by silence to come than by the hazard's risk; the farthest first."""
        if self.clients.empty:
            return self.clients
        apart = self.clients.dropna(subset="apart")
        apart = apart[apart["apart"] >= _FAR] if worried else apart[apart["apart"] <= -_FAR]
        return apart.sort_values(["apart", "client_id"], ascending=[not worried, True]).head(NAMED)

    def disagreement_sentences(self, label: Callable[[str], str]) -> tuple[str, ...]:
        """Where orders alone and the hazard disagree, by name."""
        if self.clients.empty:
            return (self.headline,)
        if np.isnan(self.agreement.value):
            return ("Where they disagree we cannot say: the hazard tells too few clients apart.",)
        said = [
            f"The rank correlation between the chance of no order within {self.horizon_months} months and the hazard's "
            f"risk of {self.leaving.gerund} is {interval(self.agreement)}. The chance is the smaller of the two by "
            "nature: who leaves in half a year orders until then."
        ]
        for worried, words in ((True, "higher"), (False, "lower")):
            found = self.disagreement(worried=worried)
            if found.empty:
                said.append(f"Nobody ranks much {words} by orders alone than by the hazard.")
                continue
            first = found.iloc[0]
            names = listed([label(client) for client in found["client_id"]])
            said.append(
                f"Much {words} by orders alone {'rank' if len(found) > 1 else 'ranks'} {names}: the first has a chance "
                f"of no order of {percent(first['silent'])} and a risk of {percent(first['risk'])}."
            )
        return tuple(said)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words, without names."""
        return (*self.model_sentences, *self.record_sentences)


def what_do_orders_alone_say(study: Study) -> SecondOpinion:
    """Fit a purchase model to all clients' orders, forecast the active ones, and grade such forecasts.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    SecondOpinion
    """
    risk = study.ask(who_is_at_risk)
    bought = _bought(study)
    end = _weeks(study.as_of)
    known = purchase_history(bought["client_id"], bought["week"], until=end, amount=bought["amount"])
    months = risk.horizon_months
    paid = (known.frequency > 0) & np.isfinite(known.mean_amount) & (known.mean_amount > 0)
    fit = _fit(known) if paid.sum() >= LEAST_CLIENTS else None
    active = _active(study)
    place = np.flatnonzero(np.isin(known.client.astype(str), active.to_numpy(dtype=str)))
    if fit is None or not fit.reached or not place.size:
        return _nothing(risk.leaving, months)
    seen = PurchaseHistory(
        client=known.client[place],
        frequency=known.frequency[place],
        recency=known.recency[place],
        age=known.age[place],
        gap_logs=known.gap_logs[place],
        mean_amount=known.mean_amount[place],
    )
    clients, totals = _forecast(study, fit, known, seen, months)
    clients = _beside(clients, risk)
    card, origins = _graded(bought, end=end, weeks=_in_weeks(months), seed=study.seed)
    alike = rank_correlation(clients["silent"], clients["risk"])
    return SecondOpinion(
        leaving=risk.leaving,
        model=fit.law.name,
        verdict=fit.verdict,
        leaving_shows=fit.leaving_shows,
        fitted=len(known.client),
        horizon_months=months,
        clients=clients,
        orders=_estimate(totals[0]),
        money=_estimate(totals[1]),
        value=_estimate(totals[2]),
        orders_mean=Estimate(totals[0].value, totals[0].mean_low, totals[0].mean_high),
        agreement=Estimate(alike.value, alike.low, alike.high),
        card=card,
        origins=origins,
    )


def _nothing(leaving: Leaving, months: int) -> SecondOpinion:
    unknown = Estimate(np.nan, np.nan, np.nan)
    return SecondOpinion(
        leaving=leaving,
        model="",
        verdict="",
        leaving_shows=False,
        fitted=0,
        horizon_months=months,
        clients=pd.DataFrame(),
        orders=unknown,
        money=unknown,
        value=unknown,
        orders_mean=unknown,
        agreement=unknown,
        card=None,
        origins=0,
    )


def _differ(figures: "pd.Series[float]") -> bool:
    return bool(figures.max() > figures.min())


def _estimate(total: Total) -> Estimate:
    return Estimate(total.value, total.low, total.high)


def _weeks(day: pd.Timestamp) -> float:
    return (day - pd.Timestamp("1970-01-01")).days / _DAYS_PER_WEEK


def _in_weeks(months: int) -> float:
    return months * DAYS_PER_MONTH / _DAYS_PER_WEEK


def _bought(study: Study) -> pd.DataFrame:
    """Days of purchase of every client with the money of its sales that day; returns are netted over all, later."""
    orders = study.tables.orders
    sold = orders[orders["kind"] == "sale"].groupby(["client_id", "order_date"])["amount"].sum()
    days = purchases(orders).rename(columns={"date": "order_date"})
    days = days.merge(sold.rename("amount").reset_index(), on=["client_id", "order_date"], how="left")
    week = (days["order_date"] - pd.Timestamp("1970-01-01")).dt.days / _DAYS_PER_WEEK
    return days[["client_id", "amount"]].assign(week=week.to_numpy(np.float64))


def _active(study: Study) -> "pd.Series[str]":
    lives = study.lives().frame
    return lives.loc[lives["left_on"].isna(), "client_id"]


def _fit(history: PurchaseHistory) -> PurchaseFit:
    return fit_mbg_cnbd(history.frequency, history.recency, history.age, history.gap_logs)


def _forecast(
    study: Study, fit: PurchaseFit, known: PurchaseHistory, seen: PurchaseHistory, months: int
) -> tuple[pd.DataFrame, list[Total]]:
    """Orders, silence and money of active clients, with the totals of orders, money and value."""
    columns = (seen.frequency, seen.recency, seen.age)
    ask = {"horizon": _in_weeks(months), "level": _LEVEL, "rng": study.seed}
    orders = expected_orders(fit, *columns, **ask)  # type: ignore[arg-type]
    silent = chance_silent(fit, *columns, **ask)  # type: ignore[arg-type]
    paid = np.isfinite(known.mean_amount) & (known.mean_amount > 0)
    spend = fit_gamma_gamma(known.frequency[paid], known.mean_amount[paid])
    usual = float(np.average(known.mean_amount[paid], weights=known.frequency[paid]))
    amount = np.where(np.isfinite(seen.mean_amount) & (seen.mean_amount > 0), seen.mean_amount, usual)
    net = _net_share(study)
    cash = expected_value(fit, spend, *columns, amount, **ask)  # type: ignore[arg-type]
    ask["horizon"] = _in_weeks(NEXT_MONTHS)
    later = expected_value(fit, spend, *columns, amount, **ask)  # type: ignore[arg-type]
    plain, waited = _orders_to_come(fit, seen)
    with np.errstate(invalid="ignore", divide="ignore"):
        waits = np.where(plain > 0, waited / plain, 1.0)
        size = np.where(plain > 0, net * later.value / plain, 0.0)
    worth, all_wait = waits * later.value, float((waits * later.value).sum()) / max(later.total.value, 1e-300)
    frame = pd.DataFrame(
        {
            "client_id": seen.client.astype(str),
            "orders": orders.value,
            "orders_low": orders.low,
            "orders_high": orders.high,
            "silent": silent.value,
            "silent_low": silent.low,
            "silent_high": silent.high,
            "money": net * cash.value,
            "money_low": net * cash.low,
            "money_high": net * cash.high,
            "value": net * worth,
            "value_low": net * waits * later.low,
            "value_high": net * waits * later.high,
            "value_orders": waited,
            "order_size": size,
        }
    ).astype({"client_id": "str"})
    return frame, [orders.total, _times(cash.total, net), _times(later.total, net * all_wait)]


def _times(total: Total, net: float) -> Total:
    return Total(*(net * end for end in (total.value, total.low, total.high, total.mean_low, total.mean_high)))


def _net_share(study: Study) -> float:
    """Net sales over sales before returns and credits, of all clients."""
    orders = study.tables.orders
    sold = float(orders.loc[orders["kind"] == "sale", "amount"].sum())
    return max(float(orders["amount"].sum()) / sold, 0.0) if sold > 0 else 1.0


def _orders_to_come(fit: PurchaseFit, seen: PurchaseHistory) -> tuple[Floats, Floats]:
    """Expected orders over ``NEXT_MONTHS``, and the same with each discounted at the end of its month."""
    clients, given = Clients(seen.frequency, seen.recency, seen.age), tuple(fit.parameters)
    waited, so_far = np.zeros(len(seen.client)), np.zeros(len(seen.client))
    for month in range(1, NEXT_MONTHS + 1):
        now = fit.law.orders(given, clients, _in_weeks(month))
        waited = waited + (now - so_far) * float(discount_factor(YEARLY_RATE, month))
        so_far = now
    return so_far, waited


def _beside(clients: pd.DataFrame, risk: RiskAnswer) -> pd.DataFrame:
    """Put the hazard's risk beside the chance of silence, and how far apart the two rank each client."""
    if risk.clients.empty:
        return clients.assign(risk=np.nan, apart=np.nan)
    frame = clients.merge(risk.clients[["client_id", "risk"]], on="client_id", how="left")
    told = frame["risk"].notna()
    number = max(int(told.sum()), 1)
    apart = (rankdata(frame.loc[told, "silent"]) - rankdata(frame.loc[told, "risk"])) / number
    frame.loc[told, "apart"] = apart if told.any() and _differ(frame.loc[told, "risk"]) else np.nan
    return frame


def _graded(bought: pd.DataFrame, *, end: float, weeks: float, seed: int) -> tuple[Scorecard | None, int]:
    """Forecast from days in the past, each half a horizon before the next, and hold against what came."""
    when = bought["week"].to_numpy(np.float64)
    last = min(end, float(when.max())) - weeks
    origins = [last - weeks / 2 * step for step in range(_ORIGINS)]
    first = float(when.min()) + weeks
    origins = sorted(origin for origin in origins if origin >= first)
    again = bought.loc[when <= origins[0], "client_id"].value_counts() if origins else pd.Series(dtype=np.int64)
    if int((again > 1).sum()) < LEAST_CLIENTS:
        return None, 0
    held = hold_out(bought["client_id"], when, origins=origins, horizon=weeks, rules=NAIVE | {MODEL: by_model(_fit)})
    return scorecard(held.expected, held.actual, client=held.client, draws=200, rng=seed), len(origins)


def _leaning(bias: Estimate) -> str:
    if np.isnan(bias.value):
        return "as many orders (none came)"
    more = Estimate(abs(bias.value), *sorted((abs(bias.low), abs(bias.high))))
    if bias.low <= 0 <= bias.high:
        return f"{percent(abs(bias.value))} {'more' if bias.value > 0 else 'fewer'} orders (not told apart from none)"
    return f"{interval(more, percent)} {'more' if bias.value > 0 else 'fewer'} orders"


def _winner(card: Scorecard, measure: str, words: str) -> str:
    """Who does best, and whether the model is told apart from it."""
    if measure not in card.best:
        return ""
    best, own = card.best[measure], decimal(_figure(card, MODEL, measure))
    if best == MODEL:
        worse = [name for name in card.beaten[measure] if name != MODEL]
        beyond = f", beyond chance over {listed(worse)}" if worse else ", not told apart from the others"
        return f"By {words} it does best ({own}){beyond}."
    told = "beyond chance" if MODEL in card.beaten[measure] else "within chance"
    other = decimal(_figure(card, best, measure))
    return f"By {words} the rule '{best}' does better, {told}: {other} against {own}."


def _figure(card: Scorecard, name: str, measure: str) -> float:
    """One score of one forecast."""
    return card.scores[name].values[measure]  # noqa: PD011 -- a dict
