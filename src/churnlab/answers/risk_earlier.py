"""What became of the risks that earlier runs gave?"""

from dataclasses import dataclass

import numpy as np

from churnlab.answers.study import Study
from churnlab.answers.words import count, day, interval, months
from churnlab.lifetime import Estimate
from churnlab.risk import Grading, grade_earlier


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """Earlier forecasts against what came.

    Attributes
    ----------
    runs : int
        Earlier runs whose forecasts are kept.
    grading : Grading or None
        Of the latest run whose forecasts are due, else of the latest; None without runs.
    due : bool
        Whether nine in ten of its forecasts can be graded.
    """

    runs: int
    grading: Grading | None
    due: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was said then, and what came."""
        one = self.grading
        if one is None:
            return (
                "From the next report into the same folder on, this place will say how often these risks came true.",
            )
        kept = f"{count(self.runs)} earlier run{'s are' if self.runs > 1 else ' is'} kept."
        told = (
            f"On {day(one.as_of)} the model '{one.model}' gave risks for {one.horizon_months} months. Of these "
            f"{count(len(one.forecasts))} can be graded by now, {count(one.open)} cannot"
        )
        if one.unknown:
            told += f", and {count(one.unknown)} are of clients no longer in the records"
        if one.forecasts.empty:
            left = f"; {count(one.already_left)} of these clients are known to have left already" if one.open else ""
            return (f"{kept} {told}{left}. Most can be told from {day(one.due_on)} on.",)
        hundred = Estimate(*(100 * end for end in (one.level.value, one.level.low, one.level.high)))
        came = (
            f"{one.expected:.1f} of them were expected to leave and {one.seen:.0f} did: "
            f"{interval(hundred, months)} of 100 so forecast."
        )
        ranked = (
            "Too few left to say how well they were ranked."
            if np.isnan(one.auc.value)
            else f"They were ranked with an AUC of {interval(one.auc)}, at a log loss of {interval(one.log_loss)}."
        )
        waits = () if self.due else (f"This is part of them only: most can be told from {day(one.due_on)} on.",)
        return (f"{kept} {told}.", came, ranked, *waits)


def what_became_of_earlier_risks(study: Study) -> EarlierRuns:
    """Grade the forecasts of an earlier run.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    EarlierRuns
    """
    earlier = study.earlier
    if earlier is None:
        return EarlierRuns(0, None, due=False)
    lives = study.lives()
    days = sorted(earlier["as_of"].unique(), reverse=True)
    for given in days:
        grading = grade_earlier(earlier[earlier["as_of"] == given], lives, rng=study.seed)
        if grading.due_on <= study.as_of:
            return EarlierRuns(len(days), grading, due=True)
    return EarlierRuns(len(days), grade_earlier(earlier[earlier["as_of"] == days[0]], lives, rng=study.seed), due=False)
