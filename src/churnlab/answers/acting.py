"""What acting on a list costs and brings: inputs, and where each of them comes from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.study import Study
from churnlab.answers.words import money, percent
from churnlab.history import snapshots
from churnlab.risk import Acting, Capacity

_YEAR_DAYS = 365
_HOUR = 30.0
"""Money that an hour of a manager is taken to cost where nobody says."""

_LEAST_VALUE = 1.0


@dataclass(frozen=True, slots=True)
class Inputs:
    """What acting costs, how often it helps, and how many can be contacted.

    Attributes
    ----------
    capacity : Capacity
        Time that goes into it.
    acting : Acting
        Costs and success; `value` is what a client of today that stays a year brings, in the mean.
    margin : float
        Gross margin as a share of sales; NaN where costs are not known and sales are taken instead.
    hour : float
        Money that an hour of a manager costs.
    hour_known : bool
        Whether managers' costs say so; else it is assumed.
    at_a_loss : bool
        Whether the last year's costs reach its sales, so that no margin is left to count.
    """

    capacity: Capacity
    acting: Acting
    margin: float
    hour: float
    hour_known: bool
    at_a_loss: bool = False

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Input, value and source, for a table."""
        costed = "orders with costs" if not np.isnan(self.margin) else "no costs known: sales are taken"
        if self.at_a_loss:
            costed = "costs are as high as sales or higher: sales are taken, so what acting brings is told too high"
        margin = "\N{EN DASH}" if np.isnan(self.margin) else percent(self.margin)
        acting, capacity = self.acting, self.capacity
        return (
            ("gross margin, share of sales", margin, costed),
            (
                "a client that stays brings in a year, on average",
                money(acting.value),
                "last year's sales at that margin",
            ),
            (
                "an hour of a manager costs",
                money(self.hour),
                "table of managers" if self.hour_known else "assumed: no costs of managers known",
            ),
            ("a contact takes, hours", f"{capacity.hours_per_contact:g}", "assumed"),
            ("managers' time for it", percent(capacity.hours_share), "assumed"),
            ("a contact costs", money(acting.contact_cost), "hours times their cost"),
            ("what is offered, share of the client's value", percent(acting.offer_share), "assumed"),
            (
                "of those who would leave, a contact keeps",
                f"{percent(acting.kept)} (Beta {acting.accepting:g}, {acting.refusing:g})",
                "assumed: known only where contacts are drawn by lot",
            ),
        )


def usual_inputs(study: Study, *, capacity: Capacity | None = None) -> Inputs:
    """Take inputs from the records where these say so, and assumptions where not.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    capacity : Capacity, optional
        Time that goes into it.

    Returns
    -------
    Inputs
    """
    given = capacity or Capacity()
    today = study.today
    earned, (hour, known) = _margin(study), _hour(study)
    margin, at_a_loss = (earned, False) if np.isnan(earned) or earned > 0 else (np.nan, True)
    sales = float(today["amount_12m"].clip(lower=0.0).mean()) if len(today) else np.nan
    value = sales * (1.0 if np.isnan(margin) else margin)
    value = max(value, _LEAST_VALUE) if np.isfinite(value) else _LEAST_VALUE
    usual = Acting()
    acting = Acting(
        value=value,
        offer_cost=usual.offer_share * value,
        offer_share=usual.offer_share,
        contact_cost=hour * given.hours_per_contact,
    )
    return Inputs(given, acting, margin, hour, known, at_a_loss)


def valued(study: Study, forecasts: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Add what each client was worth on the day of its forecast: the margin of the year before.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    forecasts : DataFrame
        ``client_id`` and ``cut_off``.
    inputs : Inputs
        Margin.

    Returns
    -------
    DataFrame
        With a further column ``value``.
    """
    days = [pd.Timestamp(day) for day in sorted(forecasts["cut_off"].unique())]
    known = snapshots(study.learnt, days, rule=study.rule)[["client_id", "cut_off", "amount_12m"]]
    joined = forecasts.merge(known, on=["client_id", "cut_off"], how="left")
    rate = 1.0 if np.isnan(inputs.margin) else inputs.margin
    value = joined["amount_12m"].clip(lower=0.0).fillna(0.0) * rate
    return joined.drop(columns="amount_12m").assign(value=value)


def _margin(study: Study) -> float:
    """Gross margin of the last year's orders with costs, at a loss 0 or less; NaN where there are none."""
    orders = study.tables.orders
    if "cost" not in orders:
        return np.nan
    year = orders[orders["order_date"] >= study.as_of - pd.Timedelta(days=_YEAR_DAYS)].dropna(subset="cost")
    sales = float(year["amount"].sum())
    return 1 - float(year["cost"].sum()) / sales if sales > 0 else np.nan


def _hour(study: Study) -> tuple[float, bool]:
    """Money that an hour of a manager costs, and whether the records say so."""
    managers = study.tables.managers
    if managers is None or not {"monthly_cost", "hours_per_month"} <= set(managers.columns):
        return _HOUR, False
    known = managers.dropna(subset=["monthly_cost", "hours_per_month"])
    hours = float(known["hours_per_month"].sum())
    cost = float(known["monthly_cost"].sum())
    return (cost / hours, True) if hours > 0 and cost > 0 else (_HOUR, False)
