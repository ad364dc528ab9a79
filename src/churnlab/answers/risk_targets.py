"""Every target that risk can be asked for, side by side: one row each, as far as it can be confirmed."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.risk_choice import which_model_speaks
from churnlab.answers.risk_today import everyone_today, how_many, learnt_until
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, months, percent
from churnlab.history import standing
from churnlab.lifetime import Estimate
from churnlab.risk import (
    BASE_RATE,
    HAZARD,
    OWN_GAP,
    RECENCY,
    Backtest,
    ModelSpec,
    Plan,
    Quiet,
    Scorecard,
    Shrinking,
    backtest,
    backtest_target,
    fit_labelled,
    scorecard,
    targets,
)
from churnlab.risk.backtest import plan

HORIZONS = (3, 12)
"""Months within which leaving is asked for."""

_MODELS = (BASE_RATE, RECENCY, OWN_GAP, HAZARD)
_NOTHING = Estimate(np.nan, np.nan, np.nan)
_SHRINKING = (
    "Shrinking is not leaving: such a client still orders, but well under its own past and by more than chance "
    "explains; who leaves does not count as shrinking."
)


@dataclass(frozen=True, slots=True)
class Target:
    """One target.

    Attributes
    ----------
    name : str
        What is forecast.
    does : str
        What a client does to whom it comes, after "to".
    seen : int
        Different clients to whom it came, as far as today tells, whether it was forecast or not.
    graded, came : int
        Graded forecasts, and different clients to whom it came behind them.
    speaks : str
        Model that speaks; ``"nobody"`` where none could be fitted.
    score : Scorecard or None
        Its scores; None where it came to too few.
    asked : int
        Today's clients to whom it can come.
    expected : Estimate
        To how many of them it is expected to come.
    """

    name: str
    does: str
    seen: int
    graded: int
    came: int
    speaks: str
    score: Scorecard | None
    asked: int
    expected: Estimate

    @property
    def sentence(self) -> str:
        """What can be said of this target."""
        name = f"{self.name[:1].upper()}{self.name[1:]}"
        if not self.graded:
            return (
                f"{name}: we cannot say, no forecast could be graded yet; "
                f"{_clients(self.seen)} seen to {self.does} so far."
            )
        if self.score is None:
            return (
                f"{name}: {count(self.graded)} forecasts could be graded, but only {_clients(self.came)} "
                f"seen to {self.does}: how good risks are we cannot say."
            )
        if self.speaks == "nobody":
            return f"{name}: {count(self.graded)} forecasts could be graded, but there is none for today."
        ranks = "" if self.speaks == BASE_RATE.name else f", ranks with an AUC of {interval(self.score.auc)}"
        return (
            f"{name}: '{self.speaks}' speaks{ranks}, saves {interval(self.score.skill, percent)} of the Brier "
            f"score, and expects {interval(self.expected, months)} of today's {count(self.asked)} clients "
            f"to {self.does}."
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What all targets share: the page's plan, rows to learn from today, and clients of today."""

    plan: Plan
    training: pd.DataFrame
    now: pd.DataFrame


@dataclass(frozen=True, slots=True)
class TargetsAnswer:
    """All targets.

    Attributes
    ----------
    targets : tuple of Target
        Leaving, the shortest horizon first; then silence in the own rhythm, and shrinking.
    active : int
        Clients at risk today.
    pauses : bool
        Whether most silences turned out to be pauses.
    """

    targets: tuple[Target, ...]
    active: int
    pauses: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """One a target, and how the last differs from the others."""
        paused = ("Most silences that looked like leaving were pauses: of leaving nothing is forecast.",)
        return (*(paused if self.pauses else ()), *(target.sentence for target in self.targets), _SHRINKING)


def what_can_be_forecast(study: Study) -> TargetsAnswer:
    """Set targets side by side: leaving within three and twelve months, silence in the own rhythm, and shrinking.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    TargetsAnswer

    Notes
    -----
    The horizon of the page is asked of all models; the other targets of the rules and the hazard.
    """
    risk = study.ask(who_is_at_risk)
    made = plan(study.lives())
    known = _Known(made, learnt_until(study, made), study.today)
    found = [
        _asked(study, risk) if horizon == risk.horizon_months else _other(study, risk, known, horizon)
        for horizon in HORIZONS
    ]
    name, does = "no order until its own limit", "stay silent that long"
    quiet = _labelled(study, risk, known, Quiet(), name=name, does=does)
    name = f"shrinking {risk.horizon_months} months on, not leaving"
    shrinks = _labelled(study, risk, known, Shrinking(study.rule), name=name, does="shrink")
    return TargetsAnswer((*found, quiet, shrinks), risk.active, risk.leaving.verdict == "pauses")


def _clients(number: int) -> str:
    return "1 client was" if number == 1 else f"{count(number)} clients were"


def _leaving(study: Study, risk: RiskAnswer, horizon_months: int) -> Target:
    """Leaving, before anything is graded."""
    lives = study.lives().frame
    seen = int(lives.loc[lives["left_on"].notna(), "client_id"].nunique())
    name = f"leaving within {horizon_months} months"
    return Target(name, "leave", seen, 0, 0, "nobody", None, risk.active, _NOTHING)


def _asked(study: Study, risk: RiskAnswer) -> Target:
    """The horizon of the page."""
    return replace(
        _leaving(study, risk, risk.horizon_months),
        graded=int((risk.forecasts["model"] == BASE_RATE.name).sum()),
        came=risk.choice.left,
        speaks=risk.speaks,
        score=risk.scores_of(risk.speaks),
        expected=risk.leavers,
    )


def _other(study: Study, risk: RiskAnswer, known: _Known, horizon: int) -> Target:
    """Another horizon, on the same days as far as it can be graded there."""
    tested = backtest(study.learnt, as_of=study.as_of, rule=study.rule, models=_MODELS, horizon_months=horizon)
    found, spec = _graded(_leaving(study, risk, horizon), tested, study, risk)
    if known.training.empty or risk.leaving.verdict == "pauses":
        return found
    today = everyone_today(known.training, study.lives(), (spec,), replace(known.plan, horizon_months=horizon))
    risks = today.risks(spec.name, known.now, known.training, seed=study.seed)
    return replace(found, speaks=spec.name, expected=risks[3]) if risks else found


def _labelled(study: Study, risk: RiskAnswer, known: _Known, target: targets.Target, *, name: str, does: str) -> Target:
    """A target whose label is told once, on the same days."""
    made = known.plan
    told = target.told_on(known.training, horizon_months=made.horizon_months) < study.as_of
    rows = known.training[told.to_numpy(dtype=bool)].reset_index(drop=True)
    labels = target.outcome(rows, study.learnt, horizon_months=made.horizon_months) if len(rows) else np.zeros(0)
    asked = ~np.isnan(labels)
    rows, labels = rows[asked].reset_index(drop=True), labels[asked]
    now = _asked_today(study, target, known.now)
    seen = int(rows.loc[labels == 1.0, "client_id"].nunique())
    found = Target(name, does, seen, 0, 0, "nobody", None, len(now), _NOTHING)
    repeats = max(1.0, made.horizon_months / made.months_between)
    if fit_labelled(rows, labels, spec=BASE_RATE, repeats=repeats) is None:  # then no day has enough to learn from
        return found
    tested = backtest_target(study.learnt, target, as_of=study.as_of, rule=study.rule, models=_MODELS)
    found, spec = _graded(found, tested, study, risk)
    fitted = fit_labelled(rows, labels, spec=spec, repeats=repeats)
    if fitted is None or now.empty:
        return found
    expected = how_many(fitted.risk(now), fitted.leavers(now, rng=study.seed))
    return replace(found, speaks=spec.name, expected=expected)


def _asked_today(study: Study, target: targets.Target, now: pd.DataFrame) -> pd.DataFrame:
    """Clients of today to whom it can come: who shrinks already is not asked whether it will."""
    if not isinstance(target, Shrinking):
        return now
    stands = standing(study.tables, as_of=study.as_of, rule=target.rule).set_index("client_id")["standing"]
    return now[(stands.reindex(now["client_id"]) != "shrinking").to_numpy()].reset_index(drop=True)


def _graded(found: Target, tested: Backtest, study: Study, risk: RiskAnswer) -> tuple[Target, ModelSpec]:
    """Scores of the model that speaks by the rule of the page, and that model; nobody speaks of today yet."""
    graded = tested.forecasts
    choice = which_model_speaks(graded, _MODELS, calibrated=False, seed=study.seed)
    cards = scorecard(graded, rng=study.seed, contacts=study.graded_places(risk.contacts)) if len(graded) else ()
    filled = replace(
        found,
        graded=int((graded["model"] == BASE_RATE.name).sum()),
        came=choice.left,
        score=next((card for card in cards if card.model == choice.speaks), None),
    )
    return filled, next(one for one in _MODELS if one.name == choice.speaks)
