"""How good were lifetimes by tenure, had they been forecast three years ago?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.lifetime import NEXT_MONTHS, counted, tenure_today
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, decimal, interval, months
from churnlab.history import Lives, departures, lifetimes
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import (
    MINIMUM_AT_RISK,
    BrierScore,
    Calibration,
    Estimate,
    HazardTable,
    a_calibration,
    concordance,
    integrated_brier,
    time_dependent_auc,
)

BACK_MONTHS = 36
"""Forecasts are made as of so many months ago, from what was known then."""

AUC_MONTH = 12
"""The ranking is judged at so many months, and by Uno's C within ``NEXT_MONTHS``."""

LEAST_GRADED = 20
"""With fewer departures after the forecasts they are not graded."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LifetimeRecord:
    """Forecasts of survival by tenure, held against what came.

    Attributes
    ----------
    cut_off : Timestamp
        Day of the forecasts.
    forecasts, departures : int
        Clients that could be forecast and followed, and departures within ``NEXT_MONTHS``.
    already_gone : int
        Clients active then, as far as was known, that had bought for the last time: lifetimes are those of clients who
        still buy, so these are not graded.
    unsaid : int
        Clients at whose tenure too few had been observed then.
    score : BrierScore or None
        Brier scores month by month; None where nothing is graded, as all that follow.
    auc, concordance : Estimate or None
        Ranking by forecast risk: at ``AUC_MONTH``, and Uno's C within ``NEXT_MONTHS``.
    calibration : Calibration or None
        Departures seen against forecast.
    sentences : tuple of str
        The grades in words.
    """

    cut_off: pd.Timestamp
    forecasts: int
    departures: int
    already_gone: int
    unsaid: int
    score: BrierScore | None
    auc: Estimate | None
    concordance: Estimate | None
    calibration: Calibration | None
    sentences: tuple[str, ...]


def how_good_are_lifetimes(study: Study) -> LifetimeRecord:
    """Forecast survival by tenure as of three years ago, and grade it.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    LifetimeRecord
    """
    cut_off = study.as_of - pd.DateOffset(months=BACK_MONTHS)
    orders = study.tables.orders
    bought = orders.loc[orders["kind"] == "sale", "order_date"]
    if bought.min() > cut_off - pd.DateOffset(months=NEXT_MONTHS):
        told = f"records begin less than {BACK_MONTHS + NEXT_MONTHS} months ago"
        return _ungraded(cut_off, told)
    clients = study.tables.clients
    then = departures(orders, as_of=cut_off, rule=study.rule, clients=clients)
    table = counted(lifetimes(then, clients=clients))
    tenure = tenure_today(then, clients, cut_off)
    outcome = _outcomes(then, study.lives(), cut_off).join(tenure.rename("tenure"), on="client_id", how="inner")
    gone, outcome = int(outcome["gone"].sum()), outcome[~outcome["gone"] & (outcome["time"] >= 1)]
    curves = {reached: _ahead(table, int(reached)) for reached in outcome["tenure"].unique()}
    said = outcome["tenure"].map(lambda reached: curves[reached] is not None).astype(bool)
    unsaid, outcome = int((~said).sum()), outcome[said].sort_values("client_id")
    left = int((outcome["event"] & (outcome["time"] <= NEXT_MONTHS)).sum())
    if left < LEAST_GRADED:
        told = f"only {left} of {len(outcome)} clients that could be forecast then were seen to leave"
        return _ungraded(cut_off, told, (len(outcome), left, gone, unsaid))
    survival = np.array([curves[reached] for reached in outcome["tenure"]], dtype=np.float64)
    return _graded(study, cut_off, outcome, survival, (len(outcome), left, gone, unsaid))


def _ungraded(cut_off: pd.Timestamp, why: str, counts: tuple[int, int, int, int] = (0, 0, 0, 0)) -> LifetimeRecord:
    sentence = f"How good such lifetimes would have been {BACK_MONTHS} months ago we cannot say: {why}."
    return LifetimeRecord(cut_off, *counts, None, None, None, None, (sentence,))


def _outcomes(then: Lives, today: Lives, cut_off: pd.Timestamp) -> pd.DataFrame:
    """Months from the forecast to leaving, or to the day up to which leaving would have been noticed."""
    active = then.frame.loc[then.frame["left_on"].isna(), ["client_id", "life"]]
    lives = active.merge(today.frame, on=["client_id", "life"])
    watched = _months(today.as_of - pd.to_timedelta(lives["limit_days"], unit="D") - cut_off)
    left_in = _months(lives["left_on"] - cut_off) + 1
    event = left_in.notna() & (left_in <= watched)
    time = left_in.where(event, watched).astype(int)
    return lives[["client_id"]].assign(time=time, event=event, gone=lives["left_on"] < cut_off)


def _months(span: "pd.Series[pd.Timedelta]") -> "pd.Series[float]":
    return span.dt.days // DAYS_PER_MONTH


def _ahead(table: HazardTable, reached: int) -> Floats | None:
    """Survival over the next months at a tenure, from what had been counted; None where too few had been."""
    at_risk = table.at_risk[reached : reached + NEXT_MONTHS]
    if len(at_risk) < NEXT_MONTHS or at_risk.min() < MINIMUM_AT_RISK:
        return None
    staying: Floats = np.cumprod(1 - table.hazard[reached : reached + NEXT_MONTHS], dtype=np.float64)
    return staying


def _graded(
    study: Study, cut_off: pd.Timestamp, outcome: pd.DataFrame, survival: Floats, counts: tuple[int, int, int, int]
) -> LifetimeRecord:
    forecasts, left, gone, _ = counts
    time, event = outcome["time"].to_numpy(), outcome["event"].to_numpy()
    last = min(NEXT_MONTHS, int(time.max()))
    score = integrated_brier(time, event, survival[:, :last], months=np.arange(1, last + 1))
    area = time_dependent_auc(time, event, 1 - survival[:, AUC_MONTH - 1], months=[min(AUC_MONTH, last)])[0]
    order = concordance(time, event, 1 - survival[:, last - 1], horizon=last)
    calibration = a_calibration(time, event, survival)
    verb = study.ask(when_has_a_client_left).verb
    sentences = (
        f"Of {count(forecasts)} clients who bought on after {day(cut_off)}, {left} were seen to {verb} within "
        f"{NEXT_MONTHS} months; forecasts by tenure alone, from what was known then, {_skill(score)}.",
        f"They rank who leaves first rightly in {interval(order, decimal)} of pairs (Uno's C within {last} months; 0.5 "
        f"is a coin), {interval(area, decimal)} at {min(AUC_MONTH, last)} months: "
        f"{_against_a_coin(order)} a coin.",
        _calibrated(calibration),
        f"{count(gone)} more seemed active that day and had bought for the last time: of such clients lifetimes by "
        "tenure know nothing, and promise too much.",
    )
    return LifetimeRecord(cut_off, *counts, score, area, order, calibration, sentences)


def _against_a_coin(order: Estimate) -> str:
    if order.low > 0.5:
        return "better than"
    return "worse than" if order.high < 0.5 else "we cannot tell this from"


def _skill(score: BrierScore) -> str:
    told = f"integrated Brier score {interval(score.integrated, _thousandths)}, skill {interval(score.skill, decimal)}"
    base = "one curve for all, drawn with hindsight"
    return f"beat {base} ({told})" if score.skill.low > 0 else f"did no better than {base} ({told})"


def _thousandths(number: float) -> str:
    return f"{number:.3f}"


def _calibrated(found: Calibration) -> str:
    ratio = f"{months(found.observed.sum())} departures against {months(found.expected.sum())} forecast"
    told = f"{ratio}, a ratio of {interval(found.level, decimal)}"
    if np.isnan(found.p_value):
        return f"Whether they were right on average we cannot tell: {told}."
    chance = "less than 0.001" if found.p_value < 0.001 else f"{found.p_value:.3f}"
    if found.p_value < 0.05:
        return f"They were not right on average: {told} (A-calibration, p {chance})."
    return f"That they were wrong on average we cannot tell: {told} (A-calibration, p {chance})."
