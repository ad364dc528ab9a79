"""What the ranking is good for at the managers' capacity: lists, profit, lead times, stability."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.acting import Inputs, usual_inputs, valued
from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.risk_lists import held_by_list, promised_by_lists, ratio, todays_list
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, money, percent
from churnlab.lifetime import Estimate
from churnlab.risk import (
    HAZARD,
    RECENCY,
    Acting,
    expected_maximum_profit,
    expected_maximum_profit_by_value,
    lead_times,
    listed,
    profit_of_contact,
    ranking_stability,
)
from churnlab.risk.resampling import ClientDraws, client_draws, estimate

Floats = npt.NDArray[np.float64]

PROFIT_DRAWS = 60
"""Draws of clients behind intervals of the greatest profit: each walks down the whole ranking."""

_LIST_DRAWS = 200
_NOTHING = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class ModelProfit:
    """What acting on one model's ranking would have earned on past days; intervals over clients.

    Attributes
    ----------
    model : str
        Which model.
    by_list : Estimate
        Money a list, at the managers' capacity, each client at its own value.
    greatest : Estimate
        EMPC: money a client, all worth alike, over the chances that a contact helps.
    greatest_by_value : Estimate
        EMPB: money a client, each at its own value.
    contacted, contacted_by_value : float
        Shares of clients that are contacted for the two.
    """

    model: str
    by_list: Estimate
    greatest: Estimate
    greatest_by_value: Estimate
    contacted: float
    contacted_by_value: float


@dataclass(frozen=True, slots=True)
class RiskQuality:
    """What lists by risk are good for.

    Attributes
    ----------
    model : str
        Model that speaks.
    contacts : int or None
        Places on a list; None where a tenth of the clients is taken.
    months_between : int
        Months between lists.
    inputs : Inputs
        What acting costs.
    lift, found : Estimate
        Of the model that speaks: how much more often those on its list left than all did, and the share of those who
        left that stood there.
    profits : tuple of ModelProfit
        One a model; empty where nothing could be graded.
    break_even : Estimate
        Share of those who would leave that a contact has to keep for past lists to pay; NaN where not known, above 1
        where they never do.
    today : Estimate
        Profit to expect of today's list by risk; coefficients and chance of leaving, inputs as given.
    promised : float
        Money that a past list promised by its own risks, against what it earned; NaN where nothing is graded.
    money_level : Estimate
        Money that left from past lists over money forecast to leave from them; 1 where forecasts hold.
    stability : DataFrame
        ``model``, ``correlation``, ``low``, ``high``, ``kept``, ``kept_low``, ``kept_high`` from one day to the next,
        and ``by_lot``: what would be kept of lists drawn by lot.
    leads : DataFrame
        ``model``, ``departures``, ``months`` before the last order (NaN: at all), ``share``, ``low``, ``high``,
        ``by_lot`` (the share on lists of the same length drawn by lot), and how much ``more`` the list has, with
        ``more_low``, ``more_high``.
    median_lead : float
        Median months between the first list and the last order, of those flagged by the model that speaks.
    """

    model: str
    contacts: int | None
    months_between: int
    inputs: Inputs
    lift: Estimate
    found: Estimate
    profits: tuple[ModelProfit, ...]
    break_even: Estimate
    today: Estimate
    promised: float
    money_level: Estimate
    stability: pd.DataFrame
    leads: pd.DataFrame
    median_lead: float

    @property
    def capacity_sentence(self) -> str:
        """How long a list is."""
        if self.contacts == 0:
            return (
                "The managers' hours leave no time for a contact: lists hold nobody, and nothing can be said of them."
            )
        if self.contacts is None:
            return "Nothing tells how many clients the managers can contact: lists hold a tenth of the clients."
        share, hours = percent(self.inputs.capacity.hours_share), f"{self.inputs.capacity.hours_per_contact:g}"
        return (
            f"With {share} of the managers' hours and {hours} hours a contact, a list holds {count(self.contacts)} "
            f"clients every {self.months_between} months."
        )

    @property
    def list_sentence(self) -> str:
        """Lift at capacity, and what a list earned."""
        if self.contacts == 0:
            return "What lists are good for we cannot say: they have no places."
        if self.model == "nobody":
            return "What lists are good for we cannot say: no model speaks of the risk to leave."
        if not self.profits:
            return "What lists are good for we cannot say: too few departures could be graded."
        told = "we cannot tell the list from one drawn by lot"
        if self.lift.low > 1:
            told = "the list is better than one drawn by lot"
        elif self.lift.high < 1:
            told = "the list is worse than one drawn by lot"
        return (
            f"Those on the list of '{self.model}' left {interval(self.lift)} times as often as all, and it held "
            f"{interval(self.found, percent)} of those who left: {told}."
        )

    @property
    def profit_sentence(self) -> str:
        """Whether acting on the list paid, and from which rate of success."""
        own = next((one for one in self.profits if one.model == self.model), None)
        if self.contacts == 0:
            return "What acting would earn we cannot say: lists have no places."
        if own is None:
            return "What acting would earn we cannot say: too few departures could be graded."
        paid = "we cannot tell whether that pays"
        if own.by_list.low > 0:
            paid = "that pays, if the inputs hold"
        elif own.by_list.high < 0:
            paid = "that does not pay, if the inputs hold"
        said = f"A past list would have earned {interval(own.by_list, money)}: {paid}."
        if self.break_even.value <= 1:
            said += (
                f" It breaks even where a contact keeps {interval(self.break_even, percent)} of those who would leave."
            )
            if self.break_even.high > 1:
                said += " An end above 100 % means that no rate of success would do."
        elif self.break_even.value > 1:
            said += " It does not break even at any rate of success."
        return said

    @property
    def today_sentence(self) -> str:
        """What today's list is expected to earn."""
        if self.contacts == 0 or np.isnan(self.today.value):
            return "What today's list would earn we cannot say."
        said = (
            f"Of today's list {interval(self.today, money)} is to be expected, by the risks given and the same inputs."
        )
        own = next((one for one in self.profits if one.model == self.model), None)
        if own is None or np.isnan(self.money_level.value):
            return said
        return (
            f"{said} Past lists promised {money(self.promised)} each by their own risks, and earned "
            f"{interval(own.by_list, money)}: of the money that they forecast to leave "
            f"{interval(self.money_level, percent)} left."
        )

    @property
    def stability_sentence(self) -> str:
        """How much of a list stays on the next one."""
        own = self.stability[self.stability["model"] == self.model]
        if self.contacts == 0:
            return "How much lists change we cannot say: they have no places."
        if own.empty or np.isnan(own.iloc[0]["correlation"]):
            return "How much lists change we cannot say: clients were not forecast on two days."
        row = own.iloc[0]
        kept = Estimate(row["kept"], row["kept_low"], row["kept_high"])
        rank = Estimate(row["correlation"], row["low"], row["high"])
        return (
            f"From one list to the next, {self.months_between} months on, {interval(kept, percent)} of the places "
            f"stay with the same clients, of those still there, and {percent(row['by_lot'])} would on lists drawn by "
            f"lot; risks correlate in rank by {interval(rank)}."
        )

    @property
    def lead_sentence(self) -> str:
        """How early those who left stood on a list."""
        own = self.leads[self.leads["model"] == self.model].set_index("months")
        if self.contacts == 0:
            return "How early departures were flagged we cannot say: lists have no places."
        if own.empty:
            return "How early departures were flagged we cannot say: none could be graded."
        shares = {lead: Estimate(*own.loc[lead, ["share", "low", "high"]].astype("float64")) for lead in (0.0, 3.0)}
        by_lot = own["by_lot"].to_dict()
        more = Estimate(*own.loc[0.0, ["more", "more_low", "more_high"]].astype("float64"))
        departures = int(own["departures"].iloc[0])
        said = (
            f"Of {count(departures)} departures {interval(shares[0.0], percent)} stood on a list while the client "
            f"still bought, {interval(shares[3.0], percent)} three months or more before its last order. On lists "
            f"drawn by lot {percent(by_lot[0.0])} and {percent(by_lot[3.0])} would have: {_against_lot(more)}."
        )
        if self.median_lead < 0:
            said += (
                " Most of those that were listed at all had bought for the last time already, though nobody could know."
            )
        return said

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (
            self.capacity_sentence,
            self.list_sentence,
            self.profit_sentence,
            self.today_sentence,
            self.stability_sentence,
            self.lead_sentence,
        )


def _against_lot(more: Estimate) -> str:
    """Whether the list tells of those who still buy more than lot does."""
    if more.low > 0:
        return "of those who still buy the list flags more than lot would"
    if more.high < 0:
        return "of those who still buy the list flags fewer than lot would"
    return "whether the list flags more of those who still buy than lot would we cannot tell"


def how_good_are_the_lists(study: Study, *, inputs: Inputs | None = None) -> RiskQuality:
    """Hold past lists against what came, at the managers' capacity and at what acting costs.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    inputs : Inputs, optional
        What acting costs; from the records and assumptions if not given.

    Returns
    -------
    RiskQuality
    """
    risk = study.ask(who_is_at_risk)
    given = inputs or usual_inputs(study)
    managers = study.tables.managers
    contacts = None
    if managers is not None and len(managers):
        contacts = given.capacity.contacts(managers, months=risk.months_between)
    names = [one.model for one in risk.scorecards]
    places = study.graded_places(contacts)
    graded = valued(study, risk.forecasts, given) if names else risk.forecasts
    frames = {name: _of(graded, name) for name in names}
    stability, leads, median = _over_time(study, frames, risk.speaks, places)
    own = frames.get(risk.speaks)
    promised, money_level = np.nan, _NOTHING
    if own is not None:
        promised, money_level = promised_by_lists(own, places, given.acting, seed=study.seed)
    held, share = (_NOTHING, _NOTHING) if own is None else held_by_list(own, places, seed=study.seed)
    return RiskQuality(
        model=risk.speaks,
        contacts=contacts,
        months_between=risk.months_between,
        inputs=given,
        lift=held,
        found=share,
        profits=tuple(
            replace(one, by_list=study.of_all(one.by_list, contacts))
            for one in _profits(frames, places, given.acting, seed=study.seed)
        ),
        break_even=_NOTHING if own is None else _break_even(own, places, given.acting, seed=study.seed),
        today=todays_list(study, risk, contacts, given),
        promised=study.of_all(Estimate(promised, np.nan, np.nan), contacts).value,
        money_level=money_level,
        stability=stability,
        leads=leads,
        median_lead=median,
    )


def _of(graded: pd.DataFrame, model: str) -> pd.DataFrame:
    return graded[graded["model"] == model].sort_values(["cut_off", "client_id"]).reset_index(drop=True)


def _profits(
    frames: dict[str, pd.DataFrame], contacts: int | None, acting: Acting, *, seed: int
) -> tuple[ModelProfit, ...]:
    """Profits of every model, in the same draws of clients."""
    if not frames:
        return ()
    first = next(iter(frames.values()))
    shared = client_draws(first["client_id"], rng=seed, draws=_LIST_DRAWS)
    few = ClientDraws(shared.group, shared.times[:PROFIT_DRAWS])
    return tuple(_profit(name, frame, contacts, acting, shared, few) for name, frame in frames.items())


def _profit(
    name: str, frame: pd.DataFrame, contacts: int | None, acting: Acting, shared: ClientDraws, few: ClientDraws
) -> ModelProfit:
    outcome, risk, value = (frame[one].to_numpy(dtype=np.float64) for one in ("outcome", "risk", "value"))
    earned = listed(frame, contacts=contacts) * profit_of_contact(outcome, value, acting=acting)
    days = frame["cut_off"].nunique()

    def a_list(left: Floats, given: Floats, times: Floats) -> Floats:
        del left
        return np.asarray(times @ given / days)

    alike = expected_maximum_profit(outcome, risk, acting=acting)
    own = expected_maximum_profit_by_value(outcome, risk, value, acting=acting)
    drawn = [_drawn_profits(outcome, risk, value, acting, times[few.group].astype(np.float64)) for times in few.times]
    both = np.array(drawn).T
    return ModelProfit(
        model=name,
        by_list=estimate(float(earned.sum() / days), shared.apply(a_list, outcome, earned)),
        greatest=estimate(alike.profit, both[0]),
        greatest_by_value=estimate(own.profit, both[1]),
        contacted=alike.contacted,
        contacted_by_value=own.contacted,
    )


def _drawn_profits(outcome: Floats, risk: Floats, value: Floats, acting: Acting, times: Floats) -> tuple[float, float]:
    """Both greatest profits in one draw; NaN where all drawn clients left, or all stayed."""
    left = float((outcome * times).sum())
    if not 0 < left < times.sum():
        return np.nan, np.nan
    alike = expected_maximum_profit(outcome, risk, acting=acting, weight=times)
    own = expected_maximum_profit_by_value(outcome, risk, value, acting=acting, weight=times)
    return alike.profit, own.profit


def _break_even(frame: pd.DataFrame, contacts: int | None, acting: Acting, *, seed: int) -> Estimate:
    """Chance of being kept at which past lists earn nothing; NaN where nobody on them left."""
    on_list = listed(frame, contacts=contacts)
    outcome, value = (frame[one].to_numpy(dtype=np.float64) for one in ("outcome", "value"))
    paid = on_list * (acting.contact_cost + (1 - outcome) * acting.offer_share * value)
    kept = on_list * outcome * value * (1 - acting.offer_share)

    shared = client_draws(frame["client_id"], rng=seed, draws=_LIST_DRAWS)
    return estimate(float(ratio(paid, kept, np.ones(len(frame)))), shared.apply(ratio, paid, kept))


def _over_time(
    study: Study, frames: dict[str, pd.DataFrame], speaks: str, contacts: int | None
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Stability and lead times of the model that speaks, recency beside it, and the hazard; the first's median lead."""
    shown = [name for name in frames if name in (speaks, RECENCY.name, HAZARD.name)]
    lives = study.lives() if shown else None
    stable, early, median = [], [], np.nan
    for name in shown:
        found = ranking_stability(frames[name], rng=study.seed, contacts=contacts)
        rank, kept = found.correlation, found.kept
        stable.append((name, rank.value, rank.low, rank.high, kept.value, kept.low, kept.high, found.by_lot))
        if lives is None:
            continue
        lead = lead_times(frames[name], lives, rng=study.seed, contacts=contacts)
        median = lead.median if name == speaks else median
        for least, one in {np.nan: lead.flagged, **lead.by}.items():
            lot, more = lead.by_lot[least if least in lead.by else -np.inf]
            share = (one.value, one.low, one.high)
            early.append((name, lead.departures, least, *share, lot, more.value, more.low, more.high))
    columns = ["model", "correlation", "low", "high", "kept", "kept_low", "kept_high", "by_lot"]
    names = ["model", "departures", "months", "share", "low", "high", "by_lot", "more", "more_low", "more_high"]
    leads = pd.DataFrame(early, columns=names)
    return pd.DataFrame(stable, columns=columns), leads, median
