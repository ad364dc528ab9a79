"""What will be ordered next month and next quarter, by all clients together and by each?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.shares import ratio
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, decimal, interval, money, percent
from churnlab.demand import (
    LEAST_PAST,
    RULES,
    Forecast,
    PastForecasts,
    expected_orders,
    fit_rates,
    forecast,
    level_needed,
    past_forecasts,
)
from churnlab.history import month_ends, propose_rule, purchases, snapshots
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import Estimate

LEVEL = 0.8
"""Coverage of the intervals of all clients' demand: a dozen past errors can give no more."""

QUARTER_MONTHS = 3
"""Horizon of the orders of single clients."""

_CLIENT_LEVEL = 0.95
_LEARN_QUARTERS = 4
_LEAST_QUARTERS = 6
_MOST_QUARTERS = 20
_LEAST_CLIENTS = 10


@dataclass(frozen=True, slots=True)
class Outlook:
    """Demand of all clients over a period to come.

    Attributes
    ----------
    measure : str
        ``"orders"`` (purchases) or ``"sales"`` (net, money).
    start, end : Timestamp
        First day of the period, and the first after it.
    past : PastForecasts
        What the rules would have said in the past, and what came.
    forecast : Forecast
        The rule that speaks.
    """

    measure: str
    start: pd.Timestamp
    end: pd.Timestamp
    past: PastForecasts
    forecast: Forecast

    @property
    def period(self) -> str:
        """How pages call the period."""
        return "next month" if self.past.ahead == 1 else "next quarter"

    @property
    def history(self) -> pd.DataFrame:
        """Past periods of the rule that speaks: ``start``, ``forecast``, ``seen``; empty where nobody speaks."""
        if not self.forecast.rule:
            return pd.DataFrame({"start": [], "forecast": [], "seen": []})
        known = len(self.past.origin)
        back = self.past.ahead * np.arange(known, 0, -1)
        starts = [self.start - pd.DateOffset(months=int(months)) for months in back]
        made = self.past.made[self.past.rules.index(self.forecast.rule)]
        return pd.DataFrame({"start": starts, "forecast": made, "seen": self.past.seen})

    @property
    def figure(self) -> str:
        """Forecast with its interval, in words."""
        form = count if self.measure == "orders" else money
        made = self.forecast
        return f"{form(made.value)} ({percent(LEVEL)} interval {form(made.low)} to {form(made.high)})"

    @property
    def headline(self) -> str:
        """Forecast, and on how many past forecasts its interval rests."""
        return (
            f"{self.measure.capitalize()} of the {self.period}: {self.figure}, n = {self.forecast.past} past forecasts."
        )

    @property
    def sentence(self) -> str:
        """Forecast, rule, and how it did."""
        made = self.forecast
        if not made.rule:
            return (
                f"{self.measure.capitalize()} of the {self.period}: we cannot tell; {made.past} past forecasts could "
                f"be graded, and an interval needs {LEAST_PAST}."
            )
        place = self.past.rules.index(made.rule)
        error, leaning = self.past.absolute_error[place], self.past.leaning[place]
        said = (
            f"{self.measure.capitalize()} of the {self.period}: {self.figure} by the rule '{made.rule}', moved by its "
            f"median past miss of {percent(leaning)}; the rule was {percent(error)} off on average in {made.past} past "
            "forecasts"
        )
        if not made.tested:
            return f"{said}, too few to grade such intervals."
        return f"{said}, and of {made.tested} past intervals made so {made.covered} held what came."


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """How such forecasts of single clients' orders did on past quarters.

    Attributes
    ----------
    quarters, forecasts : int
        Quarters and client-quarters that were graded; intervals were set on the quarters before each.
    coverage : Estimate
        Share of 95 % intervals that held what came, with an interval over clients.
    level : Estimate
        Orders seen over orders forecast, with the lowest and the highest of the quarters.
    """

    quarters: int
    forecasts: int
    coverage: Estimate
    level: Estimate

    @property
    def sentence(self) -> str:
        """The record in words."""
        low, high = decimal(self.level.low), decimal(self.level.high)
        return (
            f"Of {count(self.forecasts)} such intervals in {self.quarters} past quarters "
            f"{interval(self.coverage, percent)} held what came; orders seen were {decimal(self.level.value)} times "
            f"those forecast ({low} to {high} by quarter)."
        )


@dataclass(frozen=True, slots=True)
class DemandAnswer:
    """What will be ordered.

    Attributes
    ----------
    months : int
        Whole months of records, counted backwards from the study's day.
    outlooks : tuple of Outlook
        Orders and sales of the next month and the next quarter.
    expected : DataFrame
        ``client_id``, ``horizon_months``, ``orders``, ``low``, ``high`` of the next quarter (95 % predictive), by
        falling ``orders``; empty where too few past quarters could be graded.
    record : ClientRecord or None
        How such forecasts did; None where `expected` is empty.
    season : float
        What the coming quarter was taken to be of a usual one, from last year; 1 where no season helped before.
    """

    months: int
    outlooks: tuple[Outlook, ...]
    expected: pd.DataFrame
    record: ClientRecord | None
    season: float

    def outlook(self, measure: str, ahead: int) -> Outlook:
        """Outlook of a measure so many months ahead."""
        return next(one for one in self.outlooks if (one.measure, one.past.ahead) == (measure, ahead))

    @property
    def headline(self) -> str:
        """Orders and sales of the longest period that can be forecast."""
        for ahead in (QUARTER_MONTHS, 1):
            orders, sales = self.outlook("orders", ahead), self.outlook("sales", ahead)
            known = [one for one in (orders, sales) if one.forecast.rule]
            if known:
                said = " and ".join(f"{one.measure} of {one.figure}" for one in known)
                missing = "" if len(known) == 2 else f"; {'sales' if known == [orders] else 'orders'} we cannot tell"
                return f"From {day(orders.start)} to the day before {day(orders.end)} we expect {said}{missing}."
        return (
            f"What all clients together will order we cannot tell: {self.months} whole months are known, and an "
            f"interval needs {LEAST_PAST} past forecasts, each with a year before it."
        )

    @property
    def client_sentences(self) -> tuple[str, ...]:
        """What is expected of single clients, and how such forecasts did."""
        if self.record is None:
            return (
                "What single clients will order we cannot tell: too few clients, or too few past quarters to grade it.",
            )
        season = (
            "" if self.season == 1.0 else f" The quarter is taken to be {decimal(self.season)} of a usual one for all."
        )
        total = self.expected["orders"].sum()
        return (
            f"From each client's own rate {count(total)} orders of today's {count(len(self.expected))} active clients "
            f"are expected in the next quarter.{season}",
            self.record.sentence,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (self.headline, *(one.sentence for one in self.outlooks), *self.client_sentences)


def what_will_be_ordered(study: Study) -> DemandAnswer:
    """Forecast demand by simple rules, graded on past months.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DemandAnswer
    """
    orders = study.tables.orders
    bought = purchases(orders)
    edges = month_ends(orders["order_date"].min(), study.as_of, every=1)
    totals = {
        "orders": monthly_totals(bought["date"], bought["purchases"], edges=edges),
        "sales": monthly_totals(orders["order_date"], orders["amount"], edges=edges),
    }
    outlooks = [
        _outlook(measure, monthly, ahead=ahead, start=study.as_of)
        for measure, monthly in totals.items()
        for ahead in (1, QUARTER_MONTHS)
    ]
    season = _season(totals["orders"])
    expected, record = _clients(study, bought, edges=edges, monthly=totals["orders"], season=season)
    return DemandAnswer(max(0, len(edges) - 1), tuple(outlooks), expected, record, season)


def monthly_totals(
    days: "pd.Series[pd.Timestamp]", amounts: "pd.Series[float]", *, edges: list[pd.Timestamp]
) -> npt.NDArray[np.float64]:
    """Add up what fell between the edges.

    Parameters
    ----------
    days, amounts : Series
        Day and amount of each row.
    edges : list of Timestamp
        First days of the months, and the day after the last.

    Returns
    -------
    ndarray of float, shape (len(edges) - 1,)
    """
    months = max(0, len(edges) - 1)
    place = np.searchsorted(np.array(edges, dtype="datetime64[us]"), days.to_numpy("datetime64[us]"), side="right") - 1
    inside = (place >= 0) & (place < months)
    totals = np.zeros(months)
    np.add.at(totals, place[inside], amounts.to_numpy(dtype=np.float64)[inside])
    return totals


def _outlook(measure: str, monthly: npt.NDArray[np.float64], *, ahead: int, start: pd.Timestamp) -> Outlook:
    past = past_forecasts(monthly, ahead=ahead)
    return Outlook(measure, start, start + pd.DateOffset(months=ahead), past, forecast(past, level=LEVEL))


def _season(monthly: npt.NDArray[np.float64]) -> float:
    """Coming quarter against a usual one, where a rule that knows the season did better in the months known."""
    past = past_forecasts(monthly, ahead=QUARTER_MONTHS)
    if forecast(past, level=LEVEL).rule in ("", RULES[1]) or not set(RULES[:2]) <= set(past.rules):
        return 1.0
    same, usual = (past.coming[past.rules.index(rule)] for rule in RULES[:2])
    return float(same / usual)


def _clients(
    study: Study,
    bought: pd.DataFrame,
    *,
    edges: list[pd.Timestamp],
    monthly: npt.NDArray[np.float64],
    season: float,
) -> tuple[pd.DataFrame, ClientRecord | None]:
    """Orders to expect of each active client; the interval's level is the one that held 95 of 100 so far."""
    nothing = pd.DataFrame({name: [] for name in ("client_id", "horizon_months", "orders", "low", "high")})
    known = len(edges) - 1
    origins = list(range(known - QUARTER_MONTHS, 11, -QUARTER_MONTHS))[:_MOST_QUARTERS]
    if len(origins) < _LEAST_QUARTERS:
        return nothing, None
    past = [
        _past_quarter(study, bought, cut_off=edges[place], season=_season(monthly[:place])) for place in origins[::-1]
    ]
    today = snapshots(study.tables, [study.as_of], rule=study.rule)
    if min(len(today), *(len(frame) for frame in past)) < _LEAST_CLIENTS:
        return nothing, None
    mean, low, high = _forecast_clients(today, bought, level=_level(past), season=season)
    frame = pd.DataFrame(
        {"client_id": today["client_id"], "horizon_months": QUARTER_MONTHS, "orders": mean, "low": low, "high": high}
    )
    frame = frame.sort_values(["orders", "client_id"], ascending=[False, True]).reset_index(drop=True)
    return frame, _record(past)


def _past_quarter(study: Study, bought: pd.DataFrame, *, cut_off: pd.Timestamp, season: float) -> pd.DataFrame:
    """Clients at risk on a past day: forecast, what came, and the level that would have held it."""
    known = study.tables.orders
    rule = propose_rule(known[known["order_date"] < cut_off])
    then = snapshots(study.tables, [cut_off], rule=rule)
    if then.empty:
        return pd.DataFrame({"client_id": [], "forecast": [], "seen": [], "needed": []})
    end = cut_off + pd.DateOffset(months=QUARTER_MONTHS)
    after = bought[(bought["date"] >= cut_off) & (bought["date"] < end)]
    seen = then["client_id"].map(after.groupby("client_id")["purchases"].sum()).fillna(0.0).to_numpy(dtype=np.float64)
    orders, months = _own_rates(then, bought)
    spread, horizon = fit_rates(orders, months), QUARTER_MONTHS * season
    mean, _, _ = expected_orders(orders, months, spread=spread, horizon=horizon)
    needed = level_needed(seen, orders, months, spread=spread, horizon=horizon)
    return pd.DataFrame({"client_id": then["client_id"], "forecast": mean, "seen": seen, "needed": needed})


def _forecast_clients(
    snapshot: pd.DataFrame, bought: pd.DataFrame, *, level: float, season: float
) -> tuple[npt.NDArray[np.float64], ...]:
    orders, months = _own_rates(snapshot, bought)
    return expected_orders(
        orders, months, spread=fit_rates(orders, months), horizon=QUARTER_MONTHS * season, level=level
    )


def _own_rates(snapshot: pd.DataFrame, bought: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Orders of the last year and the months they took; of a new client those after its first day."""
    begun = bought.groupby("client_id")[["date", "purchases"]].first()
    age = (snapshot["cut_off"] - snapshot["client_id"].map(begun["date"])).dt.days.to_numpy(dtype=np.float64)
    first = snapshot["client_id"].map(begun["purchases"]).to_numpy(dtype=np.float64)
    orders = snapshot["orders_12m"].to_numpy(dtype=np.float64) - np.where(age <= 365, first, 0.0)
    return orders, np.minimum(age, 365.0) / DAYS_PER_MONTH


def _level(past: list[pd.DataFrame]) -> float:
    """Level whose intervals held 95 of 100 in the quarters given."""
    needed = np.sort(np.concatenate([frame["needed"].to_numpy() for frame in past]))
    return float(min(needed[min(len(needed), int(np.ceil((len(needed) + 1) * _CLIENT_LEVEL))) - 1] + 1e-9, 1 - 1e-6))


def _record(past: list[pd.DataFrame]) -> ClientRecord:
    """Grade quarters by intervals set on the quarters before each."""
    graded = [
        frame.assign(held=frame["needed"] <= _level(past[:place]), quarter=place)
        for place, frame in enumerate(past)
        if place >= _LEARN_QUARTERS
    ]
    frame = pd.concat(graded, ignore_index=True)
    by_client = frame.groupby("client_id")["held"].agg(["sum", "size"])
    coverage = ratio(by_client["sum"], by_client["size"])
    sums = frame.groupby("quarter")[["seen", "forecast"]].sum()
    levels = sums["seen"] / sums["forecast"]
    level = Estimate(float(sums["seen"].sum() / sums["forecast"].sum()), float(levels.min()), float(levels.max()))
    bounded = Estimate(coverage.value, max(0.0, coverage.low), min(1.0, coverage.high))
    return ClientRecord(len(graded), len(frame), bounded, level)
