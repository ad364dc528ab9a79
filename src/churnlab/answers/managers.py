"""Who looks after whom: book, key places, and load in hours against what a manager has?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.accounts.assumed import HOURS, ORDER_HOURS, RAMP
from churnlab.answers.account_book import YEAR, account_book, managers_today
from churnlab.answers.key_clients import who_is_key
from churnlab.answers.study import Study
from churnlab.answers.words import count, listed, percent, shortened
from churnlab.history.departures import DAYS_PER_MONTH

_MONTHS = 12


@dataclass(frozen=True, slots=True, eq=False)
class ManagersAnswer:
    """How clients and work lie among managers.

    Attributes
    ----------
    managers : DataFrame
        ``manager_id``, ``clients``, ``key``, ``by_volume``, ``small``, ``share`` (of all sales), ``over`` (why the
        manager is over the rule of thumb, else empty), ``contacts``, ``purchases`` (a month, of the last 365 days),
        ``need``, ``need_low``, ``need_high`` (hours a month for them, by assumed hours each; NaN where no contacts are
        noted), ``hours`` (a month; NaN where not known, or 0), ``ramp`` (share of full use today; NaN where the first
        day is not known), ``load`` (need over hours at that share), by falling share; empty where nothing names a
        manager.
    alone : int
        Clients without a manager.
    unnoted : bool
        Whether no contacts are noted.
    """

    managers: pd.DataFrame
    alone: int
    unnoted: bool

    @property
    def load_sentence(self) -> str:
        """Who has more work than hours."""
        if self.managers.empty:
            return "Who looks after whom we cannot say: neither clients nor orders name a manager."
        if self.unnoted:
            return "How loaded managers are we cannot say: no contacts are noted."
        if self.managers["hours"].isna().all():
            return "How loaded managers are we cannot say: there is no managers table with their hours."
        known = self.managers.dropna(subset="load")
        most = known.sort_values("load", kind="stable").iloc[-1]
        ends = (most["need_low"], most["need_high"])
        low, high = (end / (most["hours"] * _full(most["ramp"])) for end in ends)
        return (
            f"Noted contacts and orders take {percent(known['load'].min())} to {percent(known['load'].max())} of "
            f"managers' hours, most for {shortened(most['manager_id'])} ({percent(low)} to {percent(high)} over the "
            "assumed hours each; what is not noted is not counted)."
        )

    @property
    def ramp_sentence(self) -> str:
        """Who is new."""
        if self.managers.empty or self.managers["ramp"].isna().all():
            return "Who is new we cannot say: managers' first days are not known."
        new = self.managers[self.managers["ramp"] < 1]
        named = [f"{shortened(row['manager_id'])} ({percent(row['ramp'])})" for row in new.to_dict("records")]
        return (
            f"A new manager is of full use after {RAMP.value:g} months ({RAMP.low:g} to {RAMP.high:g}, assumed); not "
            f"yet: {listed(named) if named else 'nobody'}."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        alone = (f"{count(self.alone)} clients have no manager.",) if self.alone else ()
        return (self.load_sentence, *alone) if self.managers.empty else (self.load_sentence, self.ramp_sentence, *alone)


def who_looks_after_whom(study: Study) -> ManagersAnswer:
    """Count each manager's clients, key places and hours.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ManagersAnswer
    """
    led = account_book(study).clients["manager_id"].notna()
    frame = study.ask(who_is_key).managers.copy()
    touches = study.tables.touches
    unnoted = touches is None or touches.empty
    work = _work(study, frame["manager_id"].tolist())
    for name in work:
        frame[name] = frame["manager_id"].map(work[name]).astype("float64")
    table = study.tables.managers
    known = pd.DataFrame(index=pd.Index([], dtype="str")) if table is None else table.set_index("manager_id")
    known = known.reindex(columns=["hours_per_month", "start_date"])
    frame["hours"] = frame["manager_id"].map(known["hours_per_month"]).astype("float64")
    frame["hours"] = frame["hours"].where(frame["hours"] > 0)
    since = pd.to_datetime(frame["manager_id"].map(known["start_date"]))
    frame["ramp"] = ((study.as_of - since).dt.days / (DAYS_PER_MONTH * RAMP.value)).clip(0.0, 1.0)
    frame["load"] = frame["need"] / (frame["hours"] * [_full(share) for share in frame["ramp"]])
    return ManagersAnswer(frame, alone=int((~led).sum()) if led.any() else 0, unnoted=unnoted)


def _full(ramp: float) -> float:
    """Share of full use: all of it where not known, and a little at least."""
    return 1.0 if np.isnan(ramp) else max(ramp, 0.05)


def _work(study: Study, managers: list[str]) -> "Mapping[str, pd.Series[float]]":
    """Contacts, purchases and the hours they take, a month, by manager of today."""
    index = pd.Index(managers)
    today = managers_today(study)
    nothing = pd.Series(np.nan, index=index)
    touches, orders = study.tables.touches, study.tables.orders
    sold = orders[(orders["kind"] == "sale") & (orders["order_date"] >= study.as_of - YEAR)]
    order = sold["order_id"] if "order_id" in sold else sold["client_id"] + " " + sold["order_date"].astype("str")
    bought = order.groupby(sold["client_id"].map(today)).nunique().reindex(index).fillna(0.0) / _MONTHS
    if touches is None or touches.empty:
        return {"contacts": nothing, "purchases": bought, "need": nothing, "need_low": nothing, "need_high": nothing}
    recent = touches[touches["date"] >= study.as_of - YEAR]
    by = recent["manager_id"] if "manager_id" in recent else recent["client_id"].map(today)
    made = pd.crosstab(by, recent["kind"]).reindex(index).fillna(0.0) / _MONTHS
    needs = {
        name: sum((getattr(HOURS[kind], end) * made[kind] for kind in made if kind in HOURS), start=0.0 * bought)
        + getattr(ORDER_HOURS, end) * bought
        for name, end in (("need", "value"), ("need_low", "low"), ("need_high", "high"))
    }
    return {"contacts": made.sum(axis=1), "purchases": bought, **needs}
