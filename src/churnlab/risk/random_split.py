"""How much a random split over snapshots flatters: rows of one client, and of one time, on both sides of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history import Fold, Lives, departures, outcomes, snapshots
from churnlab.history.rhythm import Rule
from churnlab.lifetime import Estimate
from churnlab.risk.backtest import Backtest, Plan, fit_model
from churnlab.risk.models import HAZARD, ModelSpec
from churnlab.risk.resampling import Statistic, client_draws, estimate
from churnlab.risk.statistics import auc, log_loss
from churnlab.tables import Tables

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flattery:
    """The honest score of a model beside that of a random split, on the same clients and days.

    Attributes
    ----------
    model : str
        Which model.
    forecasts : int
        Rows that both graded.
    auc, auc_flattered : Estimate
        Ranking out of time, and on a random split; intervals over clients.
    auc_gained : Estimate
        The second less the first, paired.
    log_loss_saved : Estimate
        Log loss out of time less that on a random split, paired; above 0 the split flatters.
    """

    model: str
    forecasts: int
    auc: Estimate
    auc_flattered: Estimate
    auc_gained: Estimate
    log_loss_saved: Estimate


def random_split(
    tables: Tables,
    made: Plan,
    *,
    as_of: pd.Timestamp,
    rng: np.random.Generator | int,
    rule: Rule | None = None,
    spec: ModelSpec = HAZARD,
    folds: int = 5,
) -> pd.DataFrame:
    """Forecast snapshot rows from other rows drawn at random, as nobody could have done on the day.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    made : Plan
        Cut-offs and horizon of the honest backtest.
    as_of : Timestamp
        Rows on or after this day are not used.
    rng : Generator or int
        For the split.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.
    spec : ModelSpec
        Which model.
    folds : int
        Parts; each is forecast from all others.

    Returns
    -------
    DataFrame
        As the forecasts of :class:`churnlab.risk.Backtest`; empty where a part has too little to learn from.
    """
    today = departures(tables.orders, as_of=as_of, rule=rule, clients=tables.clients)
    known = snapshots(tables, sorted({*made.learning, *made.testing}), rule=rule)
    label = outcomes(known, today, horizon_months=made.horizon_months)
    known = known[label.notna()].reset_index(drop=True)
    known["outcome"] = label[label.notna()].to_numpy()
    part = np.random.default_rng(rng).permutation(np.arange(len(known)) % folds)
    parts = [_forecast_part(known, part == number, today, made, spec) for number in range(folds)]
    given = [frame for frame in parts if frame is not None]
    return pd.concat(given, ignore_index=True) if len(given) == folds else known.iloc[:0]


def flattery(tested: Backtest, split: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 200) -> Flattery:
    """Set the honest score beside the flattered one.

    Parameters
    ----------
    tested : Backtest
        Out of time.
    split : DataFrame
        From :func:`random_split`, of one of its models.
    rng : Generator or int
        For the draws of clients.
    draws : int
        Draws of clients.

    Returns
    -------
    Flattery

    Raises
    ------
    ValueError
        If both have no row in common.
    """
    honest = tested.forecasts[tested.forecasts["model"].isin(split["model"].unique())]
    both = honest.merge(split[["client_id", "cut_off", "risk"]], on=["client_id", "cut_off"], suffixes=("", "_split"))
    if both.empty:
        message = "expected forecasts of one model on the same clients and days, got none in common"
        raise ValueError(message)
    both = both.sort_values(["cut_off", "client_id"])
    outcome, risk, flattered = (both[name].to_numpy(dtype=np.float64) for name in ("outcome", "risk", "risk_split"))
    shared = client_draws(both["client_id"], rng=rng, draws=draws)
    ones = np.ones(len(both))

    def drawn(statistic: Statistic) -> list[tuple[float, Floats]]:
        both_ways = (risk, flattered)
        return [(float(statistic(outcome, each, ones)), shared.apply(statistic, outcome, each)) for each in both_ways]

    (own, own_drawn), (split_auc, split_drawn) = drawn(auc)
    (loss, loss_drawn), (split_loss, split_loss_drawn) = drawn(log_loss)
    return Flattery(
        model=str(both["model"].iloc[0]),
        forecasts=len(both),
        auc=estimate(own, own_drawn),
        auc_flattered=estimate(split_auc, split_drawn),
        auc_gained=estimate(split_auc - own, split_drawn - own_drawn),
        log_loss_saved=estimate(loss - split_loss, loss_drawn - split_loss_drawn),
    )


def _forecast_part(
    known: pd.DataFrame, chosen: npt.NDArray[np.bool_], today: Lives, made: Plan, spec: ModelSpec
) -> pd.DataFrame | None:
    """Forecast some rows from all others, knowing what is known today."""
    others = np.flatnonzero(~chosen)
    labels = known["outcome"].to_numpy(dtype=np.float64)[others]
    fold = Fold(today.as_of, today, others, others, labels, np.flatnonzero(chosen))
    fitted = fit_model(known, fold, spec=spec, horizon_months=made.horizon_months, months_between=made.months_between)
    if fitted is None:
        return None
    rows = known[chosen]
    told = rows[["client_id", "cut_off", "outcome"]].assign(horizon_months=made.horizon_months)
    return told.assign(risk=fitted.risk(rows), model=spec.name)
