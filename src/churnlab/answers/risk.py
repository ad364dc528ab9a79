"""Who is likely to leave, why, and how far can such forecasts be trusted?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.study import Study
from churnlab.answers.words import interval, money, months, percent
from churnlab.history import snapshots
from churnlab.lifetime import Estimate
from churnlab.risk import MODELS, RiskModel, Scorecard, backtest, calibration_bins, choose, fit_risk, scorecard

_PUSHES_AT_LEAST = 0.05
"""A column is named as a reason where it moves the hazard by at least about 5 %."""


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """Risk of every active client, and the record of such forecasts.

    Attributes
    ----------
    leaving : Leaving
        What counts as leaving, and how well that rule fits.
    horizon_months : int
        Horizon of the risk.
    speaks : str
        Model whose risks are given; ``"nobody"`` where too little is known to fit any.
    scorecards : tuple of Scorecard
        One a model; empty where too few departures could be graded.
    forecasts : DataFrame
        Graded forecasts of all models (``results/backtest.parquet``).
    ungraded : int
        Forecasts whose outcome is not known yet.
    bins : DataFrame
        Calibration of the model that speaks; empty where it cannot be graded.
    clients : DataFrame
        ``client_id``, ``risk``, ``low``, ``high``, ``reasons``, ``last_order``, ``recency_days``, ``amount_12m``,
        ``at_stake`` (risk times net sales of the last year), by falling ``at_stake``; empty where nobody speaks.
    leavers : Estimate
        How many of the active clients leave within the horizon, with parameter and chance uncertainty.
    active : int
        Clients at risk today.
    scored : bool
        Whether there are surveys for the models to use.
    """

    leaving: Leaving
    horizon_months: int
    speaks: str
    scorecards: tuple[Scorecard, ...]
    forecasts: pd.DataFrame
    ungraded: int
    bins: pd.DataFrame
    clients: pd.DataFrame
    leavers: Estimate
    active: int
    scored: bool

    @property
    def headline(self) -> str:
        """How many are expected to leave."""
        return _headline(self)

    @property
    def rule_sentences(self) -> tuple[str, ...]:
        """What counts as leaving, and how often it turned out to be a pause."""
        return self.leaving.sentences

    @property
    def record_sentences(self) -> tuple[str, ...]:
        """Which model speaks, why, and how good its forecasts were."""
        said = ("No model speaks.",) if self.speaks == "nobody" else _record(self)
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
    tested = backtest(study.tables, as_of=study.as_of, rule=study.rule)
    graded = tested.forecasts
    chosen = choose(graded, rng=study.seed) if len(graded) else MODELS[0].name
    cards = scorecard(graded, rng=study.seed) if len(graded) else ()
    made = tested.plan
    lives = study.lives()
    today = snapshots(study.tables, [study.as_of], rule=study.rule)
    training = snapshots(study.tables, list(made.learning), rule=study.rule) if made.learning else today.iloc[:0]
    training = training[training["cut_off"] < study.as_of].reset_index(drop=True)
    spec = next(spec for spec in MODELS if spec.name == chosen)
    model = None
    leaving = study.ask(when_has_a_client_left)
    if len(training) and leaving.verdict != "pauses":
        model = fit_risk(
            training, lives, spec=spec, horizon_months=made.horizon_months, months_between=made.months_between
        )
    speaking = graded[graded["model"] == chosen]
    return RiskAnswer(
        leaving=leaving,
        horizon_months=made.horizon_months,
        speaks=chosen if model else "nobody",
        scorecards=cards,
        forecasts=graded,
        ungraded=tested.ungraded,
        bins=calibration_bins(speaking, rng=study.seed) if cards and chosen != MODELS[0].name else pd.DataFrame(),
        clients=_clients(model, today, seed=study.seed) if model else pd.DataFrame(),
        leavers=_leavers(model, today, seed=study.seed) if model else Estimate(np.nan, np.nan, np.nan),
        active=len(today),
        scored=study.tables.surveys is not None,
    )


def _clients(model: RiskModel, today: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    low, high = model.risk_interval(today, rng=seed)
    frame = today[["client_id", "last_order", "recency_days", "amount_12m"]].assign(
        risk=model.risk(today), low=low, high=high, reasons=_reasons(model, today)
    )
    frame["at_stake"] = frame["risk"] * frame["amount_12m"].clip(lower=0.0)
    return frame.sort_values(["at_stake", "client_id"], ascending=[False, True]).reset_index(drop=True)


def _reasons(model: RiskModel, today: pd.DataFrame) -> list[str]:
    """Up to two warnings that go with each client's risk being above the usual, as associations.

    A group of columns is named where its sum pushes the risk up, by the column that pushes most among those whose value
    would be read as a warning; a push that nobody would read so stays in the risk and is not named.
    """
    columns = model.scaler.columns
    if not columns:
        return [""] * len(today)
    push = model.contributions(today).to_numpy()
    group = np.array([column.group for column in columns])
    warns = model.scaler.scale(today) * np.array([column.sign for column in columns]) > 0
    named = np.where(warns, push, 0.0)
    names = list(dict.fromkeys(group))
    summed = np.column_stack([push[:, group == name].sum(axis=1) for name in names])
    strongest = np.column_stack([np.where(group == name, named, 0.0).argmax(axis=1) for name in names])
    reasons = []
    for row in range(len(today)):
        places = [
            place
            for place in np.argsort(-summed[row], kind="stable")
            if min(summed[row, place], named[row, strongest[row, place]]) >= _PUSHES_AT_LEAST
        ]
        reasons.append("; ".join(columns[strongest[row, place]].warning for place in places[:2]))
    return reasons


def _leavers(model: RiskModel, today: pd.DataFrame, *, seed: int) -> Estimate:
    """Number that leaves: expected, and the central 95 % of draws of parameters and of chance."""
    totals = model.leavers(today, rng=seed)
    low, high = np.quantile(totals, [0.025, 0.975])
    return Estimate(float(model.risk(today).sum()), float(low), float(high))


def _headline(answer: RiskAnswer) -> str:
    if answer.leaving.verdict == "pauses":
        return "We cannot say who is at risk: most silences that were long enough to look like leaving were pauses."
    if answer.speaks == "nobody":
        return "We cannot say who is at risk: too few departures are known to learn from."
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
        return (
            "We cannot say how good such risks are: too few clients were seen to leave behind a forecast. "
            "The simplest model speaks, the same risk for everyone.",
        )
    chosen = (
        f"By the rule set beforehand (the simplest model within one standard error of the best log loss) the model "
        f"'{answer.speaks}' speaks."
    )
    recency = answer.scores_of("recency")
    if answer.speaks == MODELS[0].name:
        ranked = (
            f" The days since the last order rank clients with an AUC of {interval(recency.auc)}." if recency else ""
        )
        level = f"Of 100 forecast departures {interval(_hundred(speaks.level), months)} were seen."
        return (chosen, f"No model forecasts better than giving everyone the same risk.{ranked}", level)
    against = f", recency alone with {interval(recency.auc)}" if recency and answer.speaks != "recency" else ""
    ranks = f"On {speaks.forecasts} graded forecasts it ranked with an AUC of {interval(speaks.auc)}{against}."
    return (chosen, ranks, _calibration(speaks))


def _hundred(level: Estimate) -> Estimate:
    return Estimate(100 * level.value, 100 * level.low, 100 * level.high)


def _calibration(card: Scorecard) -> str:
    slope = card.slope
    if slope.low <= 1 <= slope.high:
        said = "as sure as they should be, as far as we can tell"
    else:
        said = "too sure" if slope.value < 1 else "not sure enough"
    level = f"of 100 forecast departures {interval(_hundred(card.level), months)} were seen"
    return f"Its forecasts were {said}: calibration slope {interval(slope)} on {card.forecasts} forecasts; {level}."
