"""What a random split would have made of the same model: the flattered number beside the honest one."""

from dataclasses import dataclass

from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, nats
from churnlab.lifetime import Estimate
from churnlab.risk import HAZARD, Backtest, Flattery, flattery, random_split
from churnlab.risk.backtest import plan
from churnlab.risk.scores import LEAST_GRADED


@dataclass(frozen=True, slots=True)
class FlatteryAnswer:
    """Honest and flattered scores.

    Attributes
    ----------
    found : Flattery or None
        None where too few clients were seen to leave.
    """

    found: Flattery | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """Both numbers, and by how much the split flatters."""
        one = self.found
        if one is None:
            return (
                f"What a random split would have flattered we cannot say: fewer than {LEAST_GRADED} clients were seen "
                "to leave, most silences were pauses, or a part of the split had too little to learn from.",
            )
        verdict = f"by AUC {_flatters(one.auc_gained)}, by log loss {_flatters(one.log_loss_saved)}"
        return (
            f"Out of time the model '{one.model}' ranked with an AUC of {interval(one.auc)}; on a random split of the "
            f"same {count(one.forecasts)} forecasts it would have seemed {interval(one.auc_flattered)}, "
            f"{interval(one.auc_gained, nats)} more.",
            f"Log loss would have seemed better by {interval(one.log_loss_saved, nats)}: {verdict}.",
        )


def _flatters(gained: Estimate) -> str:
    if gained.low > 0:
        return "it flatters"
    return "it does not" if gained.high < 0 else "we cannot tell"


def what_would_a_random_split_flatter(study: Study) -> FlatteryAnswer:
    """Score the hazard on a random split of snapshots, as nobody could have forecast, beside the honest backtest.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    FlatteryAnswer
    """
    risk = study.ask(who_is_at_risk)
    if not risk.scorecards:
        return FlatteryAnswer(None)
    made = plan(study.lives(), horizon_months=risk.horizon_months)
    split = random_split(study.learnt, made, as_of=study.as_of, rng=study.seed, rule=study.rule, spec=HAZARD)
    if split.empty:
        return FlatteryAnswer(None)
    tested = Backtest(made, risk.forecasts, risk.ungraded, {})
    return FlatteryAnswer(flattery(tested, split, rng=study.seed))
