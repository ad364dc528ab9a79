"""Who is likely to leave, which model says so, and how far can such forecasts be trusted?"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.risk_base import Base, what_the_base_bears
from churnlab.answers.risk_choice import Choice, which_model_speaks
from churnlab.answers.risk_reasons import Why, why_so_high
from churnlab.answers.risk_today import Floats, Today, everyone_today, learnt_until, nobody_today
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, money, months, percent
from churnlab.history import snapshots
from churnlab.lifetime import Estimate
from churnlab.risk import (
    BASE_RATE,
    BOOSTING,
    HAZARD,
    SURVEY_MODELS,
    Backtest,
    BoostedModel,
    Capacity,
    ModelSpec,
    RiskModel,
    Scorecard,
    backtest,
    calibration_bins,
    scorecard,
)
from churnlab.risk.backtest import plan
from churnlab.risk.scores import LEAST_GRADED, clients_left

_FEW_ROWS = 50_000
"""On fewer rows trees are grown in one thread: two that wait for one another take longer than one alone."""

_QUARTER = 3


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """Risk of every active client, and the record of such forecasts.

    Attributes
    ----------
    leaving : Leaving
        What counts as leaving, and how well that rule fits.
    base : Base
        What this base can support.
    horizon_months, months_between : int
        Horizon of the risk; months between cut-offs, and so between lists.
    contacts : int or None
        Clients that the managers can contact between two lists, from their hours; None where managers are not known.
    choice : Choice
        Which model speaks, and why.
    speaks : str
        Its name; ``"nobody"`` where too little is known to fit any.
    scorecards : tuple of Scorecard
        One a model; empty where too few departures could be graded, or most silences are pauses.
    forecasts : DataFrame
        Graded forecasts of all models (``results/backtest.parquet``).
    survey_forecasts : DataFrame
        Graded forecasts with and without surveys, on the same clients and days; empty without surveys.
    ungraded : int
        Forecasts whose outcome is not known yet.
    bins : DataFrame
        Calibration of the model that speaks; empty where it cannot be graded.
    clients : DataFrame
        ``client_id``, ``risk``, ``low``, ``high``, ``reasons``, ``last_order``, ``recency_days``, ``amount_12m``,
        ``at_stake`` (risk times net sales of the last year), by falling ``at_stake``; empty where nobody speaks.
    leavers : Estimate
        How many of the active clients leave within the horizon, with parameter and chance uncertainty.
    why : Why or None
        Scores taken apart; None where nobody speaks.
    active : int
        Clients at risk today.
    scored : bool
        Whether there are surveys for the models to use.
    """

    leaving: Leaving
    base: Base
    horizon_months: int
    months_between: int
    contacts: int | None
    choice: Choice
    speaks: str
    scorecards: tuple[Scorecard, ...]
    forecasts: pd.DataFrame
    survey_forecasts: pd.DataFrame
    ungraded: int
    bins: pd.DataFrame
    clients: pd.DataFrame
    leavers: Estimate
    why: Why | None
    active: int
    scored: bool

    @property
    def headline(self) -> str:
        """How many are expected to leave."""
        return _headline(self)

    @property
    def hazard(self) -> ModelSpec | None:
        """Hazard on which lifetimes and values rest: the model that speaks, never trees; None where nobody speaks."""
        if self.speaks == "nobody":
            return None
        speak = (spec for spec in self.base.candidates if spec.name == self.speaks and spec.name != BOOSTING.name)
        return next(speak, HAZARD)

    @property
    def rule_sentences(self) -> tuple[str, ...]:
        """What counts as leaving, and how often it turned out to be a pause."""
        return self.leaving.sentences

    @property
    def record_sentences(self) -> tuple[str, ...]:
        """Which model speaks, why, and how good its forecasts were."""
        said = ("No model speaks.",) if self.speaks == "nobody" else (*self.choice.sentences, *_record(self))
        said = (*said, self.base.learnt_sentence) if self.base.learnt_sentence else said
        return said if self.scored else (*said, "There are no surveys: risks could rest on orders alone.")

    @property
    def calibration_sentence(self) -> str:
        """How sure the forecasts were against how sure they should have been."""
        card = self.scores_of(self.speaks)
        return _calibration(card) if card else self.headline

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (self.headline, *self.rule_sentences, *self.record_sentences)

    def clients_sentence(self, label: Callable[[str], str]) -> str:
        """Say who stands first, with the risk."""
        if self.clients.empty:
            return self.headline
        first = self.clients.iloc[0]
        risk = interval(Estimate(first["risk"], first["low"], first["high"]), percent)
        return (
            f"{label(first['client_id'])} has the most money at stake: risk {risk} on sales of "
            f"{money(first['amount_12m'])} in the last year."
        )

    @property
    def skills(self) -> pd.DataFrame:
        """Part of the Brier score that each model but the simplest saves: ``model``, ``skill``, ``low``, ``high``."""
        rows = [(card.model, card.skill.value, card.skill.low, card.skill.high) for card in self.scorecards[1:]]
        return pd.DataFrame(rows, columns=["model", "skill", "low", "high"])

    @property
    def skill_sentence(self) -> str:
        """Which models surely save something against the same risk for everyone."""
        if not self.scorecards:
            return self.headline
        frame = self.skills
        better = list(frame.loc[frame["low"] > 0, "model"])
        worse = list(frame.loc[frame["high"] < 0, "model"])
        said = (
            f"{listed(better)} forecast{'s' if len(better) == 1 else ''} better"
            if better
            else "no model is seen to forecast better"
        )
        also = f", {listed(worse)} worse" if worse else ""
        return f"Against the same risk for everyone {said}{also}, as far as these data tell."

    def scores_of(self, model: str) -> Scorecard | None:
        """Scorecard of a model, None where there is none."""
        return next((card for card in self.scorecards if card.model == model), None)


def who_is_at_risk(study: Study) -> RiskAnswer:
    """Forecast churn, grade such forecasts on rolling origins, and name today's risks.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    RiskAnswer
    """
    leaving, lives = study.ask(when_has_a_client_left), study.lives()
    made = plan(lives)
    now = study.today
    training = learnt_until(study, made)
    known = what_the_base_bears(training, lives, horizon_months=made.horizon_months)
    base = replace(known, learnt_sentence=study.learnt_sentence)
    contacts = _contacts(study, made.months_between)
    rows = len(now) * max(len(made.learning), 1)
    with threadpool_limits(limits=1 if rows < _FEW_ROWS else None, user_api="openmp"):
        tested, specs = _tested(study, base.candidates)
        graded = tested.forecasts[tested.forecasts["model"].isin([spec.name for spec in specs])]
        today = nobody_today()
        if len(training) and leaving.verdict != "pauses":
            today = everyone_today(training, lives, specs, made)
        choice = which_model_speaks(graded, specs, calibrated=_calibrated(tested, today), seed=study.seed)
        risks = today.risks(choice.speaks, now, training, seed=study.seed)
    places = study.graded_places(contacts)
    cards = scorecard(graded, rng=study.seed, contacts=places) if len(graded) and leaving.verdict != "pauses" else ()
    whole = next((card.auc.value for card in cards if card.model == HAZARD.name), np.nan)
    why = _why(study, tested, today, now, speaks=choice.speaks)
    return RiskAnswer(
        leaving=leaving,
        base=base.with_auc(whole),
        horizon_months=made.horizon_months,
        months_between=made.months_between,
        contacts=contacts,
        choice=choice,
        speaks=choice.speaks if risks else "nobody",
        scorecards=cards,
        forecasts=graded.reset_index(drop=True),
        survey_forecasts=_with_surveys(study, tested.forecasts),
        ungraded=tested.ungraded,
        bins=_bins(graded, cards, choice.speaks, seed=study.seed),
        clients=_clients(now, *risks[:3], why) if risks else pd.DataFrame(),
        leavers=risks[3] if risks else Estimate(np.nan, np.nan, np.nan),
        why=why,
        active=len(now),
        scored=study.tables.surveys is not None,
    )


def _bins(graded: pd.DataFrame, cards: tuple[Scorecard, ...], speaks: str, *, seed: int) -> pd.DataFrame:
    """Calibration of the model that speaks; the same risk for everyone has but one point."""
    if not cards or speaks == BASE_RATE.name:
        return pd.DataFrame()
    return calibration_bins(graded[graded["model"] == speaks], rng=seed)


def _contacts(study: Study, months_between: int) -> int | None:
    managers = study.tables.managers
    return None if managers is None or managers.empty else Capacity().contacts(managers, months=months_between)


def _tested(study: Study, candidates: tuple[ModelSpec, ...]) -> tuple[Backtest, tuple[ModelSpec, ...]]:
    """Backtest of candidates, and with surveys of those that tell what surveys add.

    Where boosting finds too little to learn from on days on which others do, it is left out and the others keep them.
    """
    surveys = study.tables.surveys
    names = {spec.name for spec in candidates}
    more = () if surveys is None or surveys.empty else tuple(spec for spec in SURVEY_MODELS if spec.name not in names)
    tested = backtest(study.learnt, as_of=study.as_of, rule=study.rule, models=(*candidates, *more))
    if clients_left(tested.forecasts) >= LEAST_GRADED:
        return tested, candidates
    fewer = tuple(spec for spec in candidates if spec.name != BOOSTING.name)
    return backtest(study.learnt, as_of=study.as_of, rule=study.rule, models=(*fewer, *more)), fewer


def _with_surveys(study: Study, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Forecasts of the models that tell what surveys add: the same columns with and without them, and no others."""
    if study.tables.surveys is None or study.tables.surveys.empty:
        return forecasts.iloc[:0]
    return forecasts[forecasts["model"].isin([spec.name for spec in SURVEY_MODELS])].reset_index(drop=True)


def _calibrated(tested: Backtest, today: Today) -> bool:
    """Whether boosting was calibrated on the last day of forecasting, and is today."""
    fits = [*tested.fits.get(BOOSTING.name, ())[-1:], today.fitted(BOOSTING.name)]
    return all(isinstance(fitted, BoostedModel) and fitted.calibrated for fitted in fits)


def _why(study: Study, tested: Backtest, today: Today, now: pd.DataFrame, *, speaks: str) -> Why | None:
    """Reasons by the whole hazard, against the last run, or a quarter ago where none is kept."""
    model = today.fitted(HAZARD.name)
    if not isinstance(model, RiskModel):
        return None
    past = tuple(fitted for fitted in tested.fits.get(HAZARD.name, ()) if isinstance(fitted, RiskModel))
    last = study.last_run()
    since = study.as_of - pd.DateOffset(months=_QUARTER) if last is None else pd.Timestamp(last["as_of"].iloc[0])
    said = None
    if last is not None and set(last["model"]) | set(last["horizon_months"]) == {HAZARD.name, model.horizon_months}:
        said = last[["client_id", "risk"]]
    before = snapshots(study.tables, [since], rule=study.rule)
    earlier = last is not None
    fits, seed = (*past, model), study.seed
    return why_so_high(fits, now, before, speaks=speaks, since=since, seed=seed, said=said, earlier_run=earlier)


def _clients(now: pd.DataFrame, risk: Floats, low: Floats, high: Floats, why: Why | None) -> pd.DataFrame:
    worded = [""] * len(now) if why is None else list(why.parts["worded"])
    frame = now[["client_id", "last_order", "recency_days", "amount_12m"]].assign(
        risk=risk, low=low, high=high, reasons=worded
    )
    frame["at_stake"] = frame["risk"] * frame["amount_12m"].clip(lower=0.0)
    return frame.sort_values(["at_stake", "client_id"], ascending=[False, True]).reset_index(drop=True)


def _headline(answer: RiskAnswer) -> str:
    if answer.leaving.verdict == "pauses":
        return "We cannot say who is at risk: most silences that were long enough to look like leaving were pauses."
    if answer.speaks == "nobody":
        return "We cannot say who is at risk: too few clients are known to have left, or to have stayed, to learn from."
    said = (
        f"Of {answer.active} active clients we expect {interval(answer.leavers, months)} "
        f"to {answer.leaving.verb} within {answer.horizon_months} months"
    )
    card = answer.scores_of(answer.speaks)
    if card is None or card.level.low <= 1 <= card.level.high:
        return f"{said}."
    return f"{said}; but of 100 so forecast in the past {interval(_hundred(card.level), months)} did."


def _record(answer: RiskAnswer) -> tuple[str, ...]:
    """How such forecasts have done, and against what."""
    speaks = answer.scores_of(answer.speaks)
    if speaks is None:
        return ("We cannot say how good such risks are: too few clients were seen to leave behind a forecast.",)
    level = f"Of 100 forecast departures {interval(_hundred(speaks.level), months)} were seen."
    recency = answer.scores_of("recency")
    if answer.speaks == BASE_RATE.name:
        ranked = (
            f" The days since the last order rank clients with an AUC of {interval(recency.auc)}." if recency else ""
        )
        return (f"No model is seen to forecast better than giving everyone the same risk.{ranked}", level)
    against = f", recency alone with {interval(recency.auc)}" if recency and answer.speaks != "recency" else ""
    ranks = (
        f"On {count(speaks.forecasts)} graded forecasts it ranked with an AUC of {interval(speaks.auc)}{against}; it "
        f"saves {interval(speaks.skill, percent)} of the Brier score of giving everyone the same risk."
    )
    return (ranks, _calibration(speaks))


def _hundred(level: Estimate) -> Estimate:
    return Estimate(100 * level.value, 100 * level.low, 100 * level.high)


def _calibration(card: Scorecard) -> str:
    slope, fewer_came = card.slope, card.level.value < 1
    level = f"of 100 forecast departures {interval(_hundred(card.level), months)} were seen"
    on = f"on {count(card.forecasts)} forecasts"
    if card.model == BASE_RATE.name:
        return f"Everyone was given the same risk: {level}, {on}."
    if np.isnan(slope.value):
        return f"Whether its forecasts were too sure we cannot say: {level}, {on}."
    if slope.low <= 1 <= slope.high:
        said = "as sure as they should be, as far as we can tell"
        if not card.level.low <= 1 <= card.level.high:
            said = f"right among themselves, as far as we can tell, but too {'many' if fewer_came else 'few'} in all"
    else:
        said = "too sure" if slope.value < 1 else "not sure enough"
    return f"Its forecasts were {said}: calibration slope {interval(slope)} {on}; {level}."
