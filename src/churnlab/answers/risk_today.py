"""Models fitted on all that is known today, and the risks that they give."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t as student

from churnlab.answers.study import Study
from churnlab.history import Fold, Lives, label_known_on, outcomes, snapshots
from churnlab.lifetime import Estimate
from churnlab.risk import BoostedModel, Fitted, ModelSpec, Plan, fit_boosting, fit_model

Floats = npt.NDArray[np.float64]
Risks = tuple[Floats, Floats, Floats, Estimate]
"""Risk, lower and upper end of each client, and how many leave."""

_REFITS = 10
"""Trees are grown anew so often on clients drawn anew; their spread gives the interval, by Student's law."""


@dataclass(frozen=True, slots=True)
class Today:
    """What was fitted today.

    Attributes
    ----------
    fits : tuple of Fitted
        Models that found enough to learn from.
    fold : Fold or None
        What they learnt from; None where nothing was fitted.
    """

    fits: tuple[Fitted, ...]
    fold: Fold | None

    def fitted(self, name: str) -> Fitted | None:
        """A model by its name, None where there was too little to learn from."""
        return next((fitted for fitted in self.fits if fitted.spec.name == name), None)

    def risks(self, name: str, now: pd.DataFrame, training: pd.DataFrame, *, seed: int) -> Risks | None:
        """Risks of a model with 95 % intervals.

        Parameters
        ----------
        name : str
            Which model.
        now : DataFrame
            Clients of today.
        training : DataFrame
            What models learnt from.
        seed : int
            For the draws.

        Returns
        -------
        tuple or None
            None where the model was not fitted.
        """
        model = self.fitted(name)
        if model is None or self.fold is None:
            return None
        risk = model.risk(now)
        if isinstance(model, BoostedModel):
            return _boosted(model, risk, now, training, self.fold, seed=seed)
        low, high = model.risk_interval(now, rng=seed)
        return risk, low, high, how_many(risk, model.leavers(now, rng=seed))


def learnt_until(study: Study, made: Plan) -> pd.DataFrame:
    """Snapshots of the days that models learn from today."""
    days = [day for day in made.learning if day < study.as_of]
    known = snapshots(study.learnt, days or [study.as_of], rule=study.rule)
    return known[known["cut_off"] < study.as_of].reset_index(drop=True)


def nobody_today() -> Today:
    """Nothing is fitted."""
    return Today((), None)


def everyone_today(training: pd.DataFrame, lives: Lives, specs: tuple[ModelSpec, ...], made: Plan) -> Today:
    """Fit models on all that is known today.

    Parameters
    ----------
    training : DataFrame
        From :func:`learnt_until`; not empty.
    lives : Lives
        By client, as known today.
    specs : tuple of ModelSpec
        Models.
    made : Plan
        Horizon, and months between days of learning.

    Returns
    -------
    Today
    """
    label = outcomes(training, lives, horizon_months=made.horizon_months)
    told = (label_known_on(training, horizon_months=made.horizon_months) < lives.as_of) & label.notna()
    everyone, labelled = np.arange(len(training)), np.flatnonzero(told)
    labels = np.asarray(label.to_numpy()[labelled], dtype=np.float64)
    fold = Fold(lives.as_of, lives, everyone, labelled, labels, everyone[:0])
    found = [
        fit_model(training, fold, spec=spec, horizon_months=made.horizon_months, months_between=made.months_between)
        for spec in specs
    ]
    return Today(tuple(fitted for fitted in found if fitted is not None), fold)


def how_many(risk: Floats, totals: Floats) -> Estimate:
    """Count those to whom it comes: expected, and the central 95 % of draws of parameters and of chance.

    Parameters
    ----------
    risk : ndarray of float, shape (rows,)
        Risk of each client.
    totals : ndarray of float, shape (draws,)
        Drawn numbers.

    Returns
    -------
    Estimate
    """
    low, high = np.quantile(totals, [0.025, 0.975])
    return Estimate(float(risk.sum()), float(low), float(high))


def _boosted(
    model: BoostedModel, risk: Floats, now: pd.DataFrame, training: pd.DataFrame, fold: Fold, *, seed: int
) -> Risks:
    """Risks of trees with intervals from trees grown anew, on the log odds."""
    rng = np.random.default_rng(seed)
    rows = training.iloc[fold.labelled].reset_index(drop=True)
    group = rows.groupby("client_id", sort=True).indices
    clients = np.sort(rows["client_id"].unique())
    drawn = []
    for _ in range(_REFITS):
        chosen = np.concatenate([group[name] for name in rng.choice(clients, len(clients))])
        again = fit_boosting(rows.iloc[chosen], fold.labels[chosen], horizon_months=model.horizon_months)
        drawn.append(risk if again is None else again.risk(now))
    odds = np.log(np.clip(drawn, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(drawn, 1e-6, 1 - 1e-6))
    away = float(student.ppf(0.975, _REFITS - 1)) * odds.std(axis=0, ddof=1)
    middle = np.log(np.clip(risk, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(risk, 1e-6, 1 - 1e-6))
    low, high = (1 / (1 + np.exp(-(middle + side * away))) for side in (-1, 1))
    totals = np.array([(rng.random((50, len(risk))) < each).sum(axis=1) for each in drawn]).ravel()
    return risk, low, high, how_many(risk, totals)
