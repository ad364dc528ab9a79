"""Every target that risk can be asked for, side by side: one row each, as far as it can be confirmed."""

from dataclasses import dataclass

import numpy as np

from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.risk_choice import which_model_speaks
from churnlab.answers.risk_today import everyone_today, learnt_until
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, months, percent
from churnlab.history import snapshots
from churnlab.lifetime import Estimate
from churnlab.risk import BASE_RATE, HAZARD, OWN_GAP, RECENCY, Scorecard, backtest, scorecard
from churnlab.risk.backtest import plan

HORIZONS = (3, 12)
"""Months within which leaving is asked for."""

_MODELS = (BASE_RATE, RECENCY, OWN_GAP, HAZARD)
_NOTHING = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Target:
    """One target.

    Attributes
    ----------
    name : str
        What is forecast.
    graded, left : int
        Graded forecasts, and different clients that were seen to leave behind them.
    speaks : str
        Model that speaks; ``"nobody"`` where none could be fitted.
    score : Scorecard or None
        Its scores; None where too few left.
    expected : Estimate
        How many of today's clients it expects.
    """

    name: str
    graded: int
    left: int
    speaks: str
    score: Scorecard | None
    expected: Estimate

    @property
    def sentence(self) -> str:
        """What can be said of this target."""
        if not self.graded:
            return f"{self.name}: we cannot say, no forecast could be graded yet."
        if self.score is None:
            return (
                f"{self.name}: {count(self.graded)} forecasts could be graded, but only {count(self.left)} clients "
                "were seen to leave: how good risks are we cannot say."
            )
        ranks = "" if self.speaks == BASE_RATE.name else f", ranks with an AUC of {interval(self.score.auc)}"
        return (
            f"{self.name}: '{self.speaks}' speaks{ranks}, saves {interval(self.score.skill, percent)} of the Brier "
            f"score, and expects {interval(self.expected, months)} of today's clients to leave."
        )


@dataclass(frozen=True, slots=True)
class TargetsAnswer:
    """All targets.

    Attributes
    ----------
    targets : tuple of Target
        The shortest horizon first.
    active : int
        Clients at risk today.
    """

    targets: tuple[Target, ...]
    active: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """One a target."""
        return tuple(target.sentence for target in self.targets)


def what_can_be_forecast(study: Study) -> TargetsAnswer:
    """Set targets side by side: leaving within three and twelve months.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    TargetsAnswer

    Notes
    -----
    The horizon of the page is asked of all models; the other one of the rules and the hazard.
    """
    risk = study.ask(who_is_at_risk)
    targets = [_asked(risk) if horizon == risk.horizon_months else _other(study, risk, horizon) for horizon in HORIZONS]
    return TargetsAnswer(tuple(targets), risk.active)


def _name(horizon_months: int) -> str:
    return f"leaving within {horizon_months} months"


def _asked(risk: RiskAnswer) -> Target:
    """The horizon of the page."""
    graded = risk.forecasts[risk.forecasts["model"] == BASE_RATE.name]
    score = risk.scores_of(risk.speaks)
    return Target(_name(risk.horizon_months), len(graded), risk.choice.left, risk.speaks, score, risk.leavers)


def _other(study: Study, risk: RiskAnswer, horizon: int) -> Target:
    """Another horizon, on the same days as far as it can be graded there."""
    tested = backtest(study.tables, as_of=study.as_of, rule=study.rule, models=_MODELS, horizon_months=horizon)
    graded = tested.forecasts
    choice = which_model_speaks(graded, _MODELS, calibrated=False, seed=study.seed)
    cards = scorecard(graded, rng=study.seed, contacts=risk.contacts) if len(graded) else ()
    lives = study.lives()
    made = plan(lives, horizon_months=horizon)
    training = learnt_until(study, made)
    risks = None
    if len(training) and risk.leaving.verdict != "pauses":
        spec = next(one for one in _MODELS if one.name == choice.speaks)
        now = snapshots(study.tables, [study.as_of], rule=study.rule)
        risks = everyone_today(training, lives, (spec,), made).risks(spec.name, now, training, seed=study.seed)
    return Target(
        name=_name(horizon),
        graded=int((graded["model"] == BASE_RATE.name).sum()),
        left=choice.left,
        speaks=choice.speaks if risks else "nobody",
        score=next((card for card in cards if card.model == choice.speaks), None),
        expected=risks[3] if risks else _NOTHING,
    )
