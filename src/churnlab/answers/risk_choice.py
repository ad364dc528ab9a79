"""Which model of risk speaks, by a rule that was written down beforehand, and why."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.words import count, interval, listed, nats
from churnlab.lifetime import Estimate
from churnlab.risk import BASE_RATE, BOOSTING, ModelSpec, choose, difference
from churnlab.risk.scores import LEAST_FOR_BOOSTING, LEAST_GRADED, clients_left
from churnlab.risk.statistics import log_loss

_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model speaks.

    Attributes
    ----------
    speaks : str
        Its name.
    label : str
        How a page explains it.
    left : int
        Clients that were seen to leave behind a graded forecast.
    calibrated : bool
        Whether boosting was calibrated.
    candidates : tuple of str
        Models that were graded, from the simplest to the richest.
    best : str
        The model with the lowest log loss among those that may speak; empty where nothing was compared.
    behind : Estimate
        Log loss of the model that speaks less that of the best, over clients drawn anew.
    """

    speaks: str
    label: str
    left: int
    calibrated: bool
    candidates: tuple[str, ...]
    best: str
    behind: Estimate

    @property
    def sentences(self) -> tuple[str, ...]:
        """Who speaks, by which rule, from which numbers."""
        if not self.candidates or self.left < LEAST_GRADED:
            return (
                f"By the rule set beforehand the simplest model speaks, the same risk for everyone: {count(self.left)} "
                f"clients were seen to leave behind a graded forecast, and under {LEAST_GRADED} nothing is compared.",
            )
        why = "it has the best log loss itself, and no simpler one comes within one standard error of it"
        if self.speaks != self.best:
            why = (
                f"the best log loss is that of '{self.best}', '{self.speaks}' lies {interval(self.behind, nats)} "
                "above it, which is within one standard error, and no simpler one does"
            )
        return (
            f"Of {listed(self.candidates)}, '{self.speaks}' speaks ({self.label}). The rule set "
            f"beforehand is the simplest within one standard error of the best: {why}.",
            *self._of_boosting,
        )

    @property
    def _of_boosting(self) -> tuple[str, ...]:
        """Why boosting was a candidate or none."""
        if BOOSTING.name not in self.candidates:
            return ("Boosted trees found too little to learn from.",)
        if self.left < LEAST_FOR_BOOSTING:
            return (
                f"Boosting is shown and may not speak: that takes {LEAST_FOR_BOOSTING} clients seen to leave, and "
                f"there are {count(self.left)}.",
            )
        if not self.calibrated:
            return ("Boosting is shown and may not speak: its risks could not be calibrated on later days.",)
        if self.speaks != BOOSTING.name:
            return ("Boosting was a candidate too.",)
        return ("Boosting speaks of risks only: lifetimes, values and scenarios rest on the hazard.",)


def which_model_speaks(graded: pd.DataFrame, specs: tuple[ModelSpec, ...], *, calibrated: bool, seed: int) -> Choice:
    """Apply the rule.

    Parameters
    ----------
    graded : DataFrame
        Graded forecasts of all models, the simplest first; may be empty.
    specs : tuple of ModelSpec
        The models.
    calibrated : bool
        Whether the risks of boosting were calibrated on later days.
    seed : int
        For the draws of clients.

    Returns
    -------
    Choice
    """
    left = clients_left(graded)
    labels = {spec.name: spec.label for spec in specs}
    names = tuple(str(name) for name in graded["model"].unique())
    if not names or left < LEAST_GRADED:
        nothing = Estimate(0.0, 0.0, 0.0)
        return Choice(BASE_RATE.name, BASE_RATE.label, left, calibrated, names, "", nothing)
    speaks = choose(graded, rng=seed, draws=_DRAWS, calibrated=calibrated)
    allowed = [name for name in names if name != BOOSTING.name or (calibrated and left >= LEAST_FOR_BOOSTING)]
    loss = {name: _loss(graded[graded["model"] == name]) for name in allowed}
    best = min(allowed, key=lambda name: loss[name])
    behind = Estimate(0.0, 0.0, 0.0)
    if best != speaks:
        behind = difference(graded, of=speaks, against=best, statistic=log_loss, rng=seed, draws=_DRAWS)
    return Choice(speaks, labels[speaks], left, calibrated, names, best, behind)


def _loss(frame: pd.DataFrame) -> float:
    outcome, risk = (frame[name].to_numpy(dtype="float64") for name in ("outcome", "risk"))
    return float(log_loss(outcome, risk, np.ones(len(frame))))
