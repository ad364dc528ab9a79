"""How good forecasts were: proper scores, ranking and calibration, with intervals over clients."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.lifetime import Estimate
from churnlab.risk.boosting import BOOSTING
from churnlab.risk.ranking import listed
from churnlab.risk.resampling import ClientDraws, Statistic, client_draws, estimate
from churnlab.risk.statistics import (
    auc,
    average_precision,
    brier,
    calibration_intercept,
    calibration_level,
    calibration_slope,
    lift,
    log_loss,
    share_found,
)

Floats = npt.NDArray[np.float64]

LEAST_GRADED = 20
"""With fewer clients seen to leave no score is given: the interval would say nothing."""

LEAST_FOR_BOOSTING = 200
"""With fewer clients seen to leave boosting is graded and shown, but does not speak."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Scores of one model on graded forecasts, each with a 95 % interval over clients.

    Attributes
    ----------
    model : str
        Which model.
    forecasts, departures : int
        Graded forecasts, and how many of them ended in a departure.
    log_loss, brier : Estimate
        Mean log loss (nats) and Brier score; lower is better.
    skill : Estimate
        Part of the Brier score of the first model, the simplest, that is saved; 0 for that model itself.
    auc : Estimate
        Chance that one who left was ranked above one who stayed.
    average_precision : Estimate
        Mean over those who left of the share that left among all who ranked as high.
    slope : Estimate
        Calibration slope; 1 is right, below 1 is too sure.
    intercept : Estimate
        Log odds by which what was seen lies above what was forecast; 0 is right.
    level : Estimate
        Departures seen over departures forecast; 1 is right, below 1 is too many forecast.
    found : Estimate
        Share of those who left that stood among those contacted at each cut-off.
    lift : Estimate
        How much more often those contacted left than all did.
    """

    model: str
    forecasts: int
    departures: int
    log_loss: Estimate
    brier: Estimate
    skill: Estimate
    auc: Estimate
    average_precision: Estimate
    slope: Estimate
    intercept: Estimate
    level: Estimate
    found: Estimate
    lift: Estimate


def scorecard(
    forecasts: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 200, contacts: int | None = None
) -> tuple[Scorecard, ...]:
    """Score every model on the same forecasts, in the same draws of clients.

    Parameters
    ----------
    forecasts : DataFrame
        As in :class:`churnlab.risk.Backtest`.
    rng : Generator or int
        For the bootstrap over clients.
    draws : int
        Bootstrap draws.
    contacts : int, optional
        Clients that can be contacted at a cut-off; a tenth of those there if not given.

    Returns
    -------
    tuple of Scorecard
        In the order in which models appear; empty where fewer than ``LEAST_GRADED`` clients were seen to leave.
    """
    if clients_left(forecasts) < LEAST_GRADED:
        return ()
    names = list(forecasts["model"].unique())
    first = _of(forecasts, names[0])
    shared = client_draws(first["client_id"], rng=rng, draws=draws)
    return tuple(_score(_of(forecasts, name), first, shared, contacts) for name in names)


def difference(
    forecasts: pd.DataFrame,
    *,
    of: str,
    against: str,
    statistic: Statistic,
    rng: np.random.Generator | int,
    draws: int = 1000,
) -> Estimate:
    """Score of one model less that of another, on the same forecasts in the same draws of clients.

    Parameters
    ----------
    forecasts : DataFrame
        As in :class:`churnlab.risk.Backtest`.
    of, against : str
        Models.
    statistic : callable
        One of :mod:`churnlab.risk.statistics`.
    rng : Generator or int
        For the bootstrap over clients.
    draws : int
        Bootstrap draws.

    Returns
    -------
    Estimate
    """
    frames = [_of(forecasts, name) for name in (of, against)]
    shared = client_draws(frames[0]["client_id"], rng=rng, draws=draws)
    (value, drawn), (other, other_drawn) = (_drawn(statistic, frame, shared) for frame in frames)
    return estimate(value - other, drawn - other_drawn)


def choose(
    forecasts: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 200, calibrated: bool = False
) -> str:
    """Choose the model that speaks: the simplest within one standard error of the best log loss.

    Parameters
    ----------
    forecasts : DataFrame
        As in :class:`churnlab.risk.Backtest`, models from the simplest to the richest.
    rng : Generator or int
        For the bootstrap over clients, paired between models.
    draws : int
        Bootstrap draws.
    calibrated : bool
        Whether the risks of boosting were calibrated on later days than its trees have seen; without that they only
        rank, and boosting does not speak.

    Returns
    -------
    str
        A model's name.

    Notes
    -----
    The rule was written down before any forecast was graded: with fewer than ``LEAST_GRADED`` clients seen to leave the
    simplest model speaks; else the one-standard-error rule on the paired difference of log losses, among all models
    but boosting, and boosting too from ``LEAST_FOR_BOOSTING`` on where its risks are calibrated.
    """
    names = [str(name) for name in forecasts["model"].unique()]
    left = clients_left(forecasts)
    if left < LEAST_GRADED:
        return names[0]
    if left < LEAST_FOR_BOOSTING or not calibrated:
        names = [name for name in names if name != BOOSTING.name]
    frames = [_of(forecasts, name) for name in names]
    shared = client_draws(frames[0]["client_id"], rng=rng, draws=draws)
    found = [_drawn(log_loss, frame, shared) for frame in frames]
    means, losses = np.array([mean for mean, _ in found]), np.array([drawn for _, drawn in found])
    best = int(np.argmin(means))
    errors = (losses - losses[best]).std(axis=1)
    return names[int(np.flatnonzero(means - means[best] <= errors)[0])]


def calibration_bins(forecasts: pd.DataFrame, *, rng: np.random.Generator | int, bins: int = 5) -> pd.DataFrame:
    """Forecast against seen risk, in groups of equal size.

    Parameters
    ----------
    forecasts : DataFrame
        Graded forecasts of one model.
    rng : Generator or int
        For the bootstrap over clients.
    bins : int
        Groups.

    Returns
    -------
    DataFrame
        ``forecast`` (mean), ``seen`` (share that left), ``low``, ``high`` (95 % over clients), ``n`` a group.
    """
    frame = forecasts.sort_values(["risk", "client_id", "cut_off"]).reset_index(drop=True)
    group = (np.arange(len(frame)) * bins) // len(frame)
    shared = client_draws(frame["client_id"], rng=rng, draws=500)
    outcome = frame["outcome"].to_numpy(dtype=np.float64)
    rows = []
    for number in range(bins):
        chosen = group == number
        part = ClientDraws(shared.group[chosen], shared.times)
        seen = estimate(outcome[chosen].mean(), part.apply(_share, outcome[chosen], outcome[chosen]))
        rows.append((frame.loc[chosen, "risk"].mean(), seen.value, seen.low, seen.high, int(chosen.sum())))
    return pd.DataFrame(rows, columns=["forecast", "seen", "low", "high", "n"])


def clients_left(forecasts: pd.DataFrame) -> int:
    """Count the clients that were seen to leave behind a forecast."""
    return int(forecasts.loc[forecasts["outcome"] == 1.0, "client_id"].nunique())


def _of(forecasts: pd.DataFrame, model: str) -> pd.DataFrame:
    """One model's forecasts in a fixed order, so that models are paired row by row."""
    return forecasts[forecasts["model"] == model].sort_values(["cut_off", "client_id"]).reset_index(drop=True)


def _share(outcome: Floats, values: Floats, times: Floats) -> Floats:
    """Weighted share that left; NaN in draws without any of the rows."""
    del values
    count = times.sum(axis=-1)
    return np.where(count > 0, times @ outcome / np.maximum(count, 1.0), np.nan)


def _drawn(
    statistic: Statistic, frame: pd.DataFrame, shared: ClientDraws, values: str = "risk"
) -> tuple[float, Floats]:
    """Give a statistic, and its value in every draw."""
    outcome, given = (frame[name].to_numpy(dtype=np.float64) for name in ("outcome", values))
    return float(statistic(outcome, given, np.ones(len(frame)))), shared.apply(statistic, outcome, given)


def _score(frame: pd.DataFrame, first: pd.DataFrame, shared: ClientDraws, contacts: int | None) -> Scorecard:
    frame = frame.assign(listed=listed(frame, contacts=contacts))

    def scored(statistic: Statistic, values: str = "risk") -> Estimate:
        return estimate(*_drawn(statistic, frame, shared, values))

    (own, own_drawn), (base, base_drawn) = (_drawn(brier, each, shared) for each in (frame, first))
    return Scorecard(
        model=str(frame["model"].iloc[0]),
        forecasts=len(frame),
        departures=int(frame["outcome"].sum()),
        log_loss=scored(log_loss),
        brier=estimate(own, own_drawn),
        skill=estimate(1 - own / base, 1 - own_drawn / base_drawn),
        auc=scored(auc),
        average_precision=scored(average_precision),
        slope=scored(calibration_slope),
        intercept=scored(calibration_intercept),
        level=scored(calibration_level),
        found=scored(share_found, "listed"),
        lift=scored(lift, "listed"),
    )
