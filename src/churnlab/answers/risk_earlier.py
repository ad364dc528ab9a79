"""What became of the risks that earlier runs gave?"""

from dataclasses import dataclass

import numpy as np

from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.study import Study
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
        return self.sentences_in(ENGLISH)

    def sentences_in(self, language: Language) -> tuple[str, ...]:
        """Say in a language what was said then, and what came."""
        say, count, one = language.say, language.count, self.grading
        if one is None:
            return (
                say(
                    "From the next report into the same folder on, this place will say how often these risks came true."
                ),
            )
        kept = language.say_many("{number} earlier run is kept.", "{number} earlier runs are kept.", self.runs)
        due = language.day(one.due_on)
        said = [
            kept,
            say(
                "On {day} the model '{model}' gave risks for {months} months.",
                day=language.day(one.as_of),
                model=say(one.model),
                months=one.horizon_months,
            ),
            say(
                "Of these {graded} can be graded by now, {open} cannot.",
                graded=count(len(one.forecasts)),
                open=count(one.open),
            ),
        ]
        if one.unknown:
            said.append(say("Another {number} are of clients no longer in the records.", number=count(one.unknown)))
        if one.forecasts.empty:
            if one.open:
                left = count(one.already_left)
                said.append(say("{number} of these clients are known to have left already.", number=left))
            return (" ".join([*said, say("Most can be told from {day} on.", day=due)]),)
        hundred = Estimate(*(100 * end for end in (one.level.value, one.level.low, one.level.high)))
        came = say(
            "{expected} of them were expected to leave and {seen} did: {level} of 100 so forecast.",
            expected=language.one_decimal(one.expected),
            seen=count(one.seen),
            level=language.interval(hundred, language.months),
        )
        ranked = (
            say("Too few left to say how well they were ranked.")
            if np.isnan(one.auc.value)
            else say(
                "They were ranked with an AUC of {auc}, at a log loss of {loss}.",
                auc=language.interval(one.auc, language.decimal),
                loss=language.interval(one.log_loss, language.decimal),
            )
        )
        part = say("This is part of them only: most can be told from {day} on.", day=due)
        return (" ".join(said), came, ranked, *(() if self.due else (part,)))


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
