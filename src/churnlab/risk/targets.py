"""What else can be forecast than leaving within a number of months: silence in the own rhythm, and shrinking.

The folds, cut-offs and models are those of :func:`churnlab.risk.backtest`. A label is told once, on a day that is
known at the cut-off, and does not change after it; no label told on or after the day of forecasting is learnt from.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history import departures, snapshots, standing
from churnlab.history.purchases import read_purchases
from churnlab.history.reduction import to_days
from churnlab.history.rhythm import Rule
from churnlab.lifetime.hazard import fit_hazard
from churnlab.risk.backtest import Backtest, Fitted, Plan, plan
from churnlab.risk.boosting import BOOSTING, fit_boosting
from churnlab.risk.columns import Scaler, available
from churnlab.risk.models import AT_ONCE, LEAST_EVENTS, MODELS, PRIOR_SPREAD, ModelSpec, RiskModel
from churnlab.tables import Tables

Floats = npt.NDArray[np.float64]


class Target(Protocol):
    """What is forecast, of the rows of a snapshot."""

    @property
    def label(self) -> str:
        """How a page words it."""

    def told_on(self, snapshot: pd.DataFrame, *, horizon_months: int) -> "pd.Series[pd.Timestamp]":
        """Day on which each row's outcome is told, from rows of the tables strictly before it."""

    def outcome(self, snapshot: pd.DataFrame, tables: Tables, *, horizon_months: int) -> Floats:
        """1 where it came, 0 where not, NaN where the row is not asked; whatever the tables hold."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """No order within so many of the client's own typical gaps, as known at the cut-off.

    Attributes
    ----------
    gaps : float, optional
        How many; until the client's own limit of silence, counted from the cut-off, if not given.
    """

    gaps: float | None = None

    @property
    def label(self) -> str:
        """How a page words it."""
        return "no order until its own limit" if self.gaps is None else f"no order within {self.gaps:g} of its own gaps"

    def told_on(self, snapshot: pd.DataFrame, *, horizon_months: int) -> "pd.Series[pd.Timestamp]":
        """Cut-off and the client's own horizon, in whole days."""
        del horizon_months
        return snapshot["cut_off"] + pd.to_timedelta(self._days(snapshot), unit="D")

    def outcome(self, snapshot: pd.DataFrame, tables: Tables, *, horizon_months: int) -> Floats:
        """1 where no purchase lies from the cut-off until the client's own horizon."""
        del horizon_months
        if snapshot.empty:
            return np.zeros(0)
        bought = read_purchases(tables.orders)
        unit = pd.Index(bought.units["client_id"]).get_indexer(pd.Index(snapshot["client_id"]))
        cut = to_days(snapshot["cut_off"]).astype(np.int64)
        # days of a unit stand together: the first purchase on or after the cut-off is the next place in the order
        span = int(max(bought.day.max(), cut.max())) + 1
        keys = bought.unit.astype(np.int64) * span + bought.day
        place = np.searchsorted(keys, unit * span + cut)
        there = np.minimum(place, len(keys) - 1)
        same = (place < len(keys)) & (bought.unit[there] == unit)
        following = np.where(same, bought.day[there].astype(np.int64), np.iinfo(np.int64).max)
        return (following >= cut + self._days(snapshot)).astype(np.float64)

    def _days(self, snapshot: pd.DataFrame) -> npt.NDArray[np.int64]:
        given = snapshot["limit_days"] if self.gaps is None else self.gaps * snapshot["typical_gap_days"]
        return np.maximum(np.ceil(given.to_numpy(dtype=np.float64)), 1.0).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Shrinking:
    """Stands as shrinking (:func:`churnlab.history.standing`) on the day that the horizon ends, but not at the cut-off.

    Who has left, is closed or silent for long by then does not shrink: these come first.

    Attributes
    ----------
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.
    """

    rule: Rule | None = None

    @property
    def label(self) -> str:
        """How a page words it."""
        return "shrinks until the end of the horizon"

    def told_on(self, snapshot: pd.DataFrame, *, horizon_months: int) -> "pd.Series[pd.Timestamp]":
        """Give the end of the horizon."""
        return snapshot["cut_off"] + pd.DateOffset(months=horizon_months)

    def outcome(self, snapshot: pd.DataFrame, tables: Tables, *, horizon_months: int) -> Floats:
        """1 where the client shrinks at the horizon's end; NaN where it did at the cut-off."""
        begins, ends = snapshot["cut_off"], self.told_on(snapshot, horizon_months=horizon_months)
        states = {
            day: standing(tables, as_of=day, rule=self.rule).set_index("client_id")["standing"]
            for day in pd.unique(pd.concat([begins, ends]))
        }
        shrinks = np.zeros((2, len(snapshot)), dtype=bool)
        for place, days in enumerate((begins.to_numpy(), ends.to_numpy())):
            for day, stands in states.items():
                rows = np.flatnonzero(days == day)
                shrinks[place, rows] = stands.reindex(snapshot["client_id"].iloc[rows]).to_numpy() == "shrinking"
        return np.where(shrinks[0], np.nan, shrinks[1].astype(np.float64))


def backtest_target(
    tables: Tables,
    target: Target,
    *,
    as_of: pd.Timestamp,
    rule: Rule | None = None,
    models: tuple[ModelSpec, ...] = MODELS,
) -> Backtest:
    """Forecast another target on the same rolling origins, and grade with what is known today.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    target : Target
        :class:`Quiet`, :class:`Shrinking` or one of your own.
    as_of : Timestamp
        Rows on or after this day are not used.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving: who has left is no longer forecast.
    models : tuple of ModelSpec
        Models, the simplest first.

    Returns
    -------
    Backtest
        As of :func:`churnlab.risk.backtest`; its plan's horizon is that of targets that have none of their own.
    """
    made = plan(departures(tables.orders, as_of=as_of, rule=rule, clients=tables.clients))
    days = sorted({*made.learning, *made.testing})
    empty = pd.DataFrame({name: [] for name in ("client_id", "cut_off", "horizon_months", "outcome", "risk", "model")})
    if not days:
        return Backtest(made, empty, 0, {})
    known = snapshots(tables, days, rule=rule)
    told = target.told_on(known, horizon_months=made.horizon_months)
    outcome = np.full(len(known), np.nan)
    asked = np.flatnonzero(told <= as_of)
    outcome[asked] = target.outcome(known.iloc[asked], tables, horizon_months=made.horizon_months)
    frames, fits, ungraded = [], [], 0
    for day in made.testing:
        fitted = _fitted(known, told, outcome, day, made, models)
        now = (known["cut_off"] == day).to_numpy()
        graded = now & ~np.isnan(outcome)
        if fitted and graded.any():
            fits.append(fitted)
            ungraded += int((now & (told > as_of).to_numpy()).sum())
            frames += [_forecasts(known[graded], outcome[graded], each, made) for each in fitted]
    if not frames:
        return Backtest(made, empty, 0, {})
    by_model = {spec.name: tuple(each[place] for each in fits) for place, spec in enumerate(models)}
    return Backtest(made, pd.concat(frames, ignore_index=True), ungraded, by_model)


def fit_labelled(
    snapshot: pd.DataFrame, labels: npt.ArrayLike, *, spec: ModelSpec, repeats: float = 1.0
) -> RiskModel | None:
    """Fit a model's columns to yes-or-no labels: a hazard of one period, on the same engine.

    Parameters
    ----------
    snapshot : DataFrame
        Rows whose label was told.
    labels : array_like of float, shape (rows,)
        1 it came, 0 it did not.
    spec : ModelSpec
        Which columns; levels of lines are not in it.
    repeats : float
        How many rows tell the same news; the penalty is scaled by it.

    Returns
    -------
    RiskModel or None
        With a horizon of one period; None where it came, or did not, to fewer than ``LEAST_EVENTS`` different clients.
    """
    outcome = np.asarray(labels, dtype=np.float64)
    if _too_few(snapshot, outcome):
        return None
    chosen = available(snapshot, spec.columns)
    scaler = Scaler.learn(snapshot, chosen)
    scaled = scaler.scale(snapshot)
    at_once = [place for place, column in enumerate(chosen) if column.name in AT_ONCE]
    # the first period is the only one: what models add to it is held at 0, and the rest speaks
    held = np.concatenate(([1e6], np.full(len(chosen), repeats / PRIOR_SPREAD**2), np.full(len(at_once), 1e6)))
    design = np.column_stack((np.ones(len(scaled)), scaled, scaled[:, at_once]))
    fit = fit_hazard(design, outcome, client=snapshot["client_id"].to_numpy(), penalty=held)
    return RiskModel(spec, fit, scaler, 1)


def _too_few(snapshot: pd.DataFrame, outcome: Floats) -> bool:
    clients = snapshot["client_id"].to_numpy()
    return min(len(np.unique(clients[outcome == side])) for side in (0.0, 1.0)) < LEAST_EVENTS


def _fitted(
    known: pd.DataFrame,
    told: "pd.Series[pd.Timestamp]",
    outcome: Floats,
    day: pd.Timestamp,
    made: Plan,
    models: tuple[ModelSpec, ...],
) -> tuple[Fitted, ...]:
    """All models on the labels told before a day; none where one has too little to learn from."""
    chosen = known["cut_off"].isin(made.learning) & (known["cut_off"] < day) & (told < day) & ~np.isnan(outcome)
    rows, labels = known[chosen].reset_index(drop=True), outcome[chosen.to_numpy()]
    fits: list[Fitted] = []
    for spec in models if len(rows) else ():
        fitted: Fitted | None
        if spec.name == BOOSTING.name:
            fitted = fit_boosting(rows, labels, horizon_months=made.horizon_months)
        else:
            repeats = max(1.0, made.horizon_months / made.months_between)
            fitted = fit_labelled(rows, labels, spec=spec, repeats=repeats)
        if fitted is None:
            return ()
        fits.append(fitted)
    return tuple(fits)


def _forecasts(now: pd.DataFrame, outcome: Floats, fitted: Fitted, made: Plan) -> pd.DataFrame:
    given = now[["client_id", "cut_off"]].assign(horizon_months=made.horizon_months, outcome=outcome)
    return given.assign(risk=fitted.risk(now), model=fitted.spec.name)
