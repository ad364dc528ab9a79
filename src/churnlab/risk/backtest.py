"""Forecasts made as they would have been made: on rolling origins, from what was known on the day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.history import Fold, Lives, departures, month_ends, outcomes, rolling_origins, snapshots
from churnlab.history.rhythm import Rule
from churnlab.risk.boosting import BOOSTING, BoostedModel, fit_boosting
from churnlab.risk.models import MODELS, ModelSpec, RiskModel, fit_risk
from churnlab.tables import Tables, part

Fitted = RiskModel | BoostedModel

MOST_LEARNT = 3_000
"""Of a larger book so many clients are learnt from and graded: hours are saved, and intervals are narrow enough."""

_LONG_RECORDS_MONTHS = 48
_NO_FORECASTS = pd.DataFrame(
    {name: [] for name in ("client_id", "cut_off", "horizon_months", "outcome", "risk", "model")}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """When forecasts are made and learnt from.

    Attributes
    ----------
    horizon_months : int
        Twelve where the records are long enough to grade it, else three.
    months_between : int
        Months between cut-offs.
    learning : tuple of Timestamp
        Cut-offs that training may use, as far as they lie before the day of forecasting.
    testing : tuple of Timestamp
        Cut-offs on which forecasts are made and graded.
    """

    horizon_months: int
    months_between: int
    learning: tuple[pd.Timestamp, ...]
    testing: tuple[pd.Timestamp, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Graded forecasts.

    Attributes
    ----------
    plan : Plan
        Cut-offs and horizon.
    forecasts : DataFrame
        ``client_id``, ``cut_off``, ``horizon_months``, ``outcome`` (1 left, 0 stayed), ``risk``, ``model``: one row
        a client, cut-off and model; empty where nothing could be learnt and graded.
    ungraded : int
        Forecasts whose outcome is not known yet; they are not graded.
    fits : dict of str to tuple
        By model, what was fitted on each day of forecasting, the earliest first.
    """

    plan: Plan
    forecasts: pd.DataFrame
    ungraded: int
    fits: dict[str, tuple[Fitted, ...]]

    @property
    def graded_departures(self) -> int:
        """Different clients that left within the horizon of a graded forecast."""
        left = self.forecasts[self.forecasts["outcome"] == 1.0]
        return int(left["client_id"].nunique())


def plan(lives: Lives, *, horizon_months: int | None = None) -> Plan:
    """Choose horizon and cut-offs from the length of the records and the clients' limits.

    Parameters
    ----------
    lives : Lives
        By client, as known today.
    horizon_months : int, optional
        Horizon; chosen from the length of the records if not given.

    Returns
    -------
    Plan
        The last testing cut-off leaves room for the horizon and for nine in ten limits behind it; testing starts
        at two fifths of the records. Learning starts a year into long records, so that yearly features are
        whole, and a month into short ones.
    """
    start, end = lives.records_start, lives.as_of
    span_months = (end.year - start.year) * 12 + end.month - start.month
    chosen, between = (12, 3) if span_months >= _LONG_RECORDS_MONTHS else (3, 1)
    horizon = horizon_months or chosen
    active = lives.frame.loc[lives.frame["left_on"].isna(), "limit_days"]
    limit = float(active.quantile(0.9)) if len(active) else 0.0
    latest = (end - pd.DateOffset(months=horizon) - pd.Timedelta(days=int(limit))).normalize()
    settled = start + pd.DateOffset(months=12 if chosen == 12 else 1)
    learning = month_ends(settled, end, every=between)
    testing = month_ends(start + (end - start) * 0.4, latest, every=between)
    return Plan(horizon, between, tuple(learning), tuple(testing))


def backtest(
    tables: Tables,
    *,
    as_of: pd.Timestamp,
    rule: Rule | None = None,
    models: tuple[ModelSpec, ...] = MODELS,
    horizon_months: int | None = None,
) -> Backtest:
    """Forecast on rolling origins and grade with what is known today.

    At each testing cut-off every model is fitted anew on earlier cut-offs, with departures that were known strictly
    before that day only; then it forecasts the clients at risk on that day.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    as_of : Timestamp
        Rows on or after this day are not used.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.
    models : tuple of ModelSpec
        Models, the simplest first.
    horizon_months : int, optional
        Horizon; chosen from the length of the records if not given.

    Returns
    -------
    Backtest
    """
    today = departures(tables.orders, as_of=as_of, rule=rule, clients=tables.clients)
    made = plan(today, horizon_months=horizon_months)
    days = sorted({*made.learning, *made.testing})
    if not days:
        return Backtest(made, _NO_FORECASTS, 0, {})
    known = snapshots(tables, days, rule=rule)
    origins = rolling_origins(
        known,
        tables,
        testing=made.testing,
        learning=made.learning,
        horizon_months=made.horizon_months,
        rule=rule,
    )
    given = [(known.iloc[fold.testing], fits) for fold in origins if (fits := _fits(known, fold, made, models))]
    if not given:
        return Backtest(made, _NO_FORECASTS, 0, {})
    joined = pd.concat([_forecasts(now, fits, made) for now, fits in given], ignore_index=True)
    joined["outcome"] = outcomes(joined, today, horizon_months=made.horizon_months)
    graded = joined[joined["outcome"].notna()].drop(columns="last_order").reset_index(drop=True)
    by_model = {spec.name: tuple(fits[place] for _, fits in given) for place, spec in enumerate(models)}
    return Backtest(made, graded, int((len(joined) - len(graded)) / len(models)), by_model)


def fit_known(tables: Tables, lives: Lives, *, spec: ModelSpec, rule: Rule | None = None) -> RiskModel | None:
    """Fit a hazard on what is known on the day of the lives, of ``MOST_LEARNT`` clients at most.

    Parameters
    ----------
    tables : Tables
        A dataset; rows from that day on are not used.
    lives : Lives
        By client, as known on ``lives.as_of``.
    spec : ModelSpec
        Which hazard.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.

    Returns
    -------
    RiskModel or None
        None where there is too little to learn from.
    """
    made = plan(lives)
    days = [day for day in made.learning if day < lives.as_of]
    training = snapshots(part(tables, most=MOST_LEARNT), days, rule=rule) if days else pd.DataFrame()
    if training.empty:
        return None
    return fit_risk(training, lives, spec=spec, horizon_months=made.horizon_months, months_between=made.months_between)


def fit_model(
    snapshot: pd.DataFrame, fold: Fold, *, spec: ModelSpec, horizon_months: int, months_between: int
) -> Fitted | None:
    """Fit any model on what a fold may learn from.

    Parameters
    ----------
    snapshot : DataFrame
        Rows that the fold's places point to.
    fold : Fold
        Day of forecasting.
    spec : ModelSpec
        Which model.
    horizon_months, months_between : int
        As in :class:`Plan`.

    Returns
    -------
    RiskModel or BoostedModel or None
        None where there is too little to learn from.
    """
    if spec.name == BOOSTING.name:
        labelled = snapshot.iloc[fold.labelled].reset_index(drop=True)
        return fit_boosting(labelled, fold.labels, horizon_months=horizon_months) if len(labelled) else None
    training = snapshot.iloc[fold.earlier].reset_index(drop=True)
    if training.empty:
        return None
    return fit_risk(training, fold.lives, spec=spec, horizon_months=horizon_months, months_between=months_between)


def _fits(known: pd.DataFrame, fold: Fold, made: Plan, models: tuple[ModelSpec, ...]) -> tuple[Fitted, ...]:
    """All models of a fold; none where one of them has too little to learn from, or nobody is there to forecast."""
    fits: list[Fitted] = []
    for spec in models if len(fold.testing) else ():
        fitted = fit_model(
            known, fold, spec=spec, horizon_months=made.horizon_months, months_between=made.months_between
        )
        if fitted is None:
            return ()
        fits.append(fitted)
    return tuple(fits)


def _forecasts(now: pd.DataFrame, fits: tuple[Fitted, ...], made: Plan) -> pd.DataFrame:
    """Forecasts of all models on the day of a fold."""
    given = now[["client_id", "cut_off", "last_order"]].reset_index(drop=True)
    frames = [given.assign(model=fitted.spec.name, risk=fitted.risk(now)) for fitted in fits]
    joined = pd.concat(frames, ignore_index=True).assign(horizon_months=made.horizon_months, outcome=np.nan)
    return joined[["client_id", "cut_off", "last_order", "horizon_months", "outcome", "risk", "model"]]
