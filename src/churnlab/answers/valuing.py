"""What value rests on, read from tables as of a day: who stays, what clients pay and cost, how sales go on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.costing import Costs, costs_on
from churnlab.answers.lifetime import counted, main_lines, tenure_today
from churnlab.history import departures, lifetimes, snapshots
from churnlab.history.departures import REGULAR_AFTER_MONTHS, Lives
from churnlab.history.rhythm import Rule
from churnlab.lifetime.hazard import HazardFit
from churnlab.risk import ModelSpec, fit_known
from churnlab.risk.models import LEAST_EVENTS
from churnlab.scenarios.parameters import DEFAULTS
from churnlab.tables import Tables
from churnlab.value import (
    Growth,
    Money,
    Staying,
    Worth,
    by_tenure,
    discount_factor,
    fit_growth,
    last_change,
    side_by_side,
    terms_cost,
    worth,
)

Floats = npt.NDArray[np.float64]

YEARLY_RATE = DEFAULTS["discount_rate"]
"""What waiting a year costs; the scenarios' middle figure."""

DRAWS = 400
"""Draws of parameters and of chance behind the intervals."""

LARGE, FEWER_DRAWS = 20_000, 100
"""Of books above so many clients fewer are drawn: there chance evens out, and time is dear."""

LEAST_COVERED = 3.0
"""Months of records below which nobody is valued."""

_YEAR_DAYS = 365
_YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ValuedBook:
    """Clients valued as of a day.

    Attributes
    ----------
    frame : DataFrame
        Valued clients: ``client_id``, ``amount_12m``, ``tenure_months``, ``carried`` (tenure beyond what is told).
    new : DataFrame
        ``client_id``, ``amount_12m`` of clients without a year of sales, who are not valued.
    worth : Worth
        In the order of `frame`.
    money : Money
        What they pay and cost.
    growth : Growth
        How sales go on.
    costs : Costs
        What is known of costs.
    near : int
        Months for which a regression of the hazard speaks; 0 where tenure alone does.
    reads : tuple of str
        Columns that it was fitted on.
    covered : float
        Months behind the sales of the last year: 12, or fewer where the records are shorter.
    """

    frame: pd.DataFrame
    new: pd.DataFrame
    worth: Worth
    money: Money
    growth: Growth
    costs: Costs
    near: int
    reads: tuple[str, ...]
    covered: float


def value_book(
    tables: Tables,
    day: pd.Timestamp,
    *,
    rule: Rule,
    spec: ModelSpec | None,
    horizon: int,
    seed: int,
    yearly_rate: float = YEARLY_RATE,
) -> ValuedBook | None:
    """Value the clients that are active on a day, by what was known then.

    Parameters
    ----------
    tables : Tables
        A dataset; rows from the day on are not used.
    day : Timestamp
        The day.
    rule : OwnRhythm or FixedDays
        What counts as leaving.
    spec : ModelSpec or None
        Hazard that speaks for the next months; None leaves it to tenure.
    horizon : int
        Months counted.
    seed : int
        Seed of the draws.
    yearly_rate : float
        Cost of waiting a year, as a share.

    Returns
    -------
    ValuedBook or None
        None where no client has a year of tenure, the records cover less than a quarter, or nobody's lifetime was
        observed.
    """
    known = tables.orders[tables.orders["order_date"] < day]
    if not (known["kind"] == "sale").any():
        return None
    lives = departures(known, as_of=day, rule=rule, clients=tables.clients)
    observed = lifetimes(lives, clients=tables.clients)
    today = snapshots(tables, [day], rule=rule)
    if today.empty or observed.empty:
        return None
    today["amount_12m"] = today["amount_12m"].clip(lower=0.0)
    reached = tenure_today(lives, tables.clients, day).reindex(today["client_id"]).fillna(0)
    tenure: npt.NDArray[np.int64] = np.asarray(reached, dtype=np.int64)
    young = tenure < REGULAR_AFTER_MONTHS
    covered = min((day - lives.records_start).days / (_YEAR_DAYS / _YEAR_MONTHS), float(_YEAR_MONTHS))
    if young.all() or covered < LEAST_COVERED:
        return None
    new = today.loc[young, ["client_id", "amount_12m"]].reset_index(drop=True)
    today, tenure = today[~young].reset_index(drop=True), tenure[~young]
    generator = np.random.default_rng([seed, 17])
    draws = DRAWS if len(today) <= LARGE else FEWER_DRAWS
    counts, group, told = _counted_by_line(known, observed, today["client_id"], draws, generator)
    model = None if spec is None else fit_known(tables, lives, spec=spec, rule=rule)
    nothing = np.zeros((len(today), 0))
    columns = (nothing, nothing) if model is None else model.design(today)
    coefficients = np.zeros((draws + 1, 0)) if model is None else _drawn(model.fit, draws, generator)
    near = 0 if model is None else model.horizon_months
    staying = Staying(*columns, coefficients, near, counts, tenure, group)
    costs = costs_on(tables, day)
    money = _money(today, known, day, costs, covered)
    growth = growth_before(known, lives, day, horizon=horizon)
    found = worth(staying, money, horizon=horizon, yearly_rate=yearly_rate, growth=growth, rng=generator)
    frame = today[["client_id", "amount_12m"]].assign(tenure_months=tenure, carried=tenure >= told[group])
    reads = () if model is None else tuple(column.name for column in model.scaler.columns)
    return ValuedBook(frame, new, found, money, growth, costs, staying.near, reads, covered)


def _counted_by_line(
    known: pd.DataFrame, observed: pd.DataFrame, clients: "pd.Series[str]", draws: int, rng: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Hazards by line and tenure, the line of each client, and the months of tenure that are told of each line.

    Clients count in the line of their largest sales; lines in which fewer than ``LEAST_EVENTS`` lives ended stand with
    all clients, who come first.
    """
    found = [by_tenure(counted(observed), draws=draws, rng=rng)]
    group = np.zeros(len(clients), dtype=np.int64)
    line = main_lines(known)
    lived = observed["client_id"].map(line)
    for name in sorted(lived[observed["event"]].value_counts().loc[lambda ended: ended >= LEAST_EVENTS].index):
        table, told = by_tenure(counted(observed[lived == name]), draws=draws, rng=rng)
        if told:
            group[(clients.map(line) == name).to_numpy()] = len(found)
            found.append((table, told))
    return side_by_side([table for table, _ in found]), group, np.array([told for _, told in found])


def _drawn(fit: HazardFit, draws: int, rng: np.random.Generator) -> Floats:
    drawn = rng.multivariate_normal(fit.coefficients, fit.covariance, size=draws, method="eigh")
    return np.vstack((fit.coefficients, drawn))


def _money(today: pd.DataFrame, known: pd.DataFrame, day: pd.Timestamp, costs: Costs, covered: float) -> Money:
    client = today["client_id"]
    margin, serve, days = np.ones(len(today)), np.zeros(len(today)), np.zeros(len(today))
    if costs.known:
        margin = np.asarray(client.map(costs.margin).fillna(costs.whole_margin), dtype=np.float64)
        if len(costs.serve):
            serve = np.asarray(client.map(costs.serve).fillna(0.0), dtype=np.float64)
        if not np.isnan(costs.usual_days):
            days = np.asarray(client.map(costs.payment_days).fillna(costs.usual_days), dtype=np.float64)
    before = _net(known, day - pd.DateOffset(months=24), day - pd.DateOffset(months=12))
    return Money(
        sales=today["amount_12m"].to_numpy(np.float64) / covered,
        margin=margin,
        serve=serve / _YEAR_MONTHS,
        payment_days=days,
        change=last_change(today["amount_12m"], client.map(before).fillna(0.0)),
        orders=today["orders_12m"].to_numpy(np.float64),
    )


def _net(orders: pd.DataFrame, begin: pd.Timestamp, end: pd.Timestamp) -> "pd.Series[float]":
    within = orders[(orders["order_date"] >= begin) & (orders["order_date"] < end)]
    return within.groupby("client_id")["amount"].sum().astype(np.float64)


def growth_before(orders: pd.DataFrame, lives: Lives, day: pd.Timestamp, *, horizon: int) -> Growth:
    """Learn how sales of clients who stayed went on, from origins a year apart whose horizon had ended by a day.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders known on the day.
    lives : Lives
        As known on it.
    day : Timestamp
        The day.
    horizon : int
        Months ahead.

    Returns
    -------
    Growth
    """
    rows: list[pd.DataFrame] = []
    frame = lives.frame
    origin = day - pd.DateOffset(months=horizon)
    while origin - pd.DateOffset(months=_YEAR_MONTHS) >= lives.records_start:
        year_before = origin - pd.DateOffset(months=_YEAR_MONTHS)
        end = origin + pd.DateOffset(months=horizon)
        stayed = (frame["first_order"] < year_before) & (frame["last_order"] >= year_before)
        stayed &= frame["left_on"].isna() | (frame["left_on"] >= end)
        clients = pd.Index(frame.loc[stayed, "client_id"].unique())
        sold = orders[(orders["order_date"] >= year_before) & (orders["order_date"] < origin)]
        counted_days = sold[sold["kind"] == "sale"].groupby("client_id")["order_date"].nunique()
        before = sold.groupby("client_id")["amount"].sum().reindex(clients).fillna(0.0)
        earlier = _net(orders, year_before - pd.DateOffset(months=_YEAR_MONTHS), year_before)
        rows.append(
            pd.DataFrame(
                {
                    "before": before,
                    "after": _net(orders, origin, end).reindex(clients).fillna(0.0) * (_YEAR_MONTHS / horizon),
                    "change": last_change(before, earlier.reindex(clients).fillna(0.0)),
                    "orders": counted_days.reindex(clients).fillna(0.0),
                    "origin": len(rows),
                }
            )
        )
        origin = year_before
    if not rows:
        return fit_growth([], [], [], [], [])
    told = pd.concat(rows, ignore_index=True)
    columns = (told[name] for name in ("before", "after", "change", "orders", "origin"))
    return fit_growth(*columns, years=horizon / _YEAR_MONTHS)


def realised(
    tables: Tables,
    day: pd.Timestamp,
    clients: "pd.Series[str]",
    *,
    horizon: int,
    costs: Costs,
    yearly_rate: float = YEARLY_RATE,
) -> Floats:
    """What clients brought over the horizon after a day, discounted and counted as their value is.

    Serving a client after its last order is not counted, as it is not in its value.

    Parameters
    ----------
    tables : Tables
        A dataset with the rows of that time.
    day : Timestamp
        The day.
    clients : Series of str
        Whose.
    horizon : int
        Months.
    costs : Costs
        As known on the day: whether margin is counted, and terms.
    yearly_rate : float
        Cost of waiting a year, as a share.

    Returns
    -------
    ndarray of float, shape (n,)
    """
    end = day + pd.DateOffset(months=horizon)
    orders = tables.orders
    after = orders[(orders["order_date"] >= day) & (orders["order_date"] < end)]
    if costs.known:
        usual = after["client_id"].map(costs.margin).fillna(costs.whole_margin)
        cost = after["cost"] if "cost" in after else pd.Series(np.nan, index=after.index)
        earned = after["amount"] - cost.fillna(after["amount"] * (1 - usual))
        if not np.isnan(costs.usual_days):
            days = after["client_id"].map(costs.payment_days).fillna(costs.usual_days)
            earned = earned - after["amount"] * terms_cost(days, yearly_rate=yearly_rate)
    else:
        earned = after["amount"]
    passed = (after["order_date"] - day).dt.days.to_numpy(dtype=np.float64)
    month = np.minimum(np.floor(passed / (_YEAR_DAYS / _YEAR_MONTHS)) + 1, horizon)
    brought = (earned * discount_factor(yearly_rate, month)).groupby(after["client_id"]).sum()
    total = clients.map(brought).fillna(0.0).to_numpy(dtype=np.float64)
    if costs.known and len(costs.serve):
        last = after[after["kind"] == "sale"].groupby("client_id")["order_date"].max()
        served = costs_on(tables, end, months=horizon, until=last).serve * (horizon / _YEAR_MONTHS)
        middle = float(discount_factor(yearly_rate, (horizon + 1) / 2))
        if len(served):
            total = total - clients.map(served).fillna(0.0).to_numpy(dtype=np.float64) * middle
    return total
