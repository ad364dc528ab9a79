"""How good forecasts were: proper scores, ranking and calibration, with intervals over clients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from churnlab.lifetime import Estimate

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats, Floats, Floats], float]

LEAST_GRADED = 20
"""With fewer clients seen to leave no score is given: the interval would say nothing."""

_EDGE = 1e-6


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
    auc : Estimate
        Chance that one who left was ranked above one who stayed.
    slope : Estimate
        Calibration slope; 1 is right, below 1 is too sure.
    level : Estimate
        Departures seen over departures forecast; 1 is right, below 1 is too many forecast.
    """

    model: str
    forecasts: int
    departures: int
    log_loss: Estimate
    brier: Estimate
    auc: Estimate
    slope: Estimate
    level: Estimate


def log_loss(outcome: Floats, risk: Floats, weight: Floats) -> float:
    """Weighted mean log loss in nats."""
    sure = np.clip(risk, _EDGE, 1 - _EDGE)
    losses = -np.where(outcome > 0, np.log(sure), np.log1p(-sure))
    return float((losses * weight).sum() / weight.sum())


def brier(outcome: Floats, risk: Floats, weight: Floats) -> float:
    """Weighted mean squared distance of risk and outcome."""
    return float(((risk - outcome) ** 2 * weight).sum() / weight.sum())


def auc(outcome: Floats, risk: Floats, weight: Floats) -> float:
    """Weighted area under the ROC curve; NaN where all left or all stayed."""
    kept = weight > 0
    if len(np.unique(outcome[kept])) < 2:
        return float("nan")
    return float(roc_auc_score(outcome[kept], risk[kept], sample_weight=weight[kept]))


def calibration_slope(outcome: Floats, risk: Floats, weight: Floats) -> float:
    """Slope of the outcome on the log odds of the risk; NaN where the risk does not vary."""
    sure = np.clip(risk, _EDGE, 1 - _EDGE)
    odds = np.log(sure / (1 - sure))
    kept = weight > 0
    if np.ptp(odds[kept]) < _EDGE or len(np.unique(outcome[kept])) < 2:
        return float("nan")
    line = LogisticRegression(C=np.inf).fit(odds[kept, None], outcome[kept], sample_weight=weight[kept])
    return float(line.coef_[0, 0])


def calibration_level(outcome: Floats, risk: Floats, weight: Floats) -> float:
    """Departures seen over departures forecast."""
    return float((outcome * weight).sum() / (risk * weight).sum())


def scorecard(forecasts: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 200) -> tuple[Scorecard, ...]:
    """Score every model on the same forecasts.

    Parameters
    ----------
    forecasts : DataFrame
        As in :class:`churnlab.risk.Backtest`.
    rng : Generator or int
        For the bootstrap over clients.
    draws : int
        Bootstrap draws.

    Returns
    -------
    tuple of Scorecard
        In the order in which models appear; empty where fewer than ``LEAST_GRADED`` clients were seen to leave.
    """
    if forecasts.loc[forecasts["outcome"] == 1.0, "client_id"].nunique() < LEAST_GRADED:
        return ()
    generator = np.random.default_rng(rng)
    weights = _client_weights(_of(forecasts, forecasts["model"].iloc[0]), generator, draws)
    return tuple(_score(_of(forecasts, model), model, weights) for model in forecasts["model"].unique())


def choose(forecasts: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 200) -> str:
    """Choose the model that speaks: the simplest within one standard error of the best log loss.

    Parameters
    ----------
    forecasts : DataFrame
        As in :class:`churnlab.risk.Backtest`, models from the simplest to the richest.
    rng : Generator or int
        For the bootstrap over clients, paired between models.
    draws : int
        Bootstrap draws.

    Returns
    -------
    str
        A model's name.

    Notes
    -----
    The rule was written down before any forecast was graded: with fewer than ``LEAST_GRADED`` departures the
    simplest model speaks; else the one-standard-error rule on the paired difference of log losses.
    """
    names = list(forecasts["model"].unique())
    if forecasts.loc[forecasts["outcome"] == 1.0, "client_id"].nunique() < LEAST_GRADED:
        return str(names[0])
    generator = np.random.default_rng(rng)
    weights = _client_weights(_of(forecasts, names[0]), generator, draws)
    frames = [_of(forecasts, name) for name in names]
    losses = np.array([[_apply(log_loss, frame, row) for row in weights] for frame in frames])
    means = np.array([_apply(log_loss, frame, np.ones(len(frame))) for frame in frames])
    best = int(np.argmin(means))
    errors = (losses - losses[best]).std(axis=1)
    return str(names[int(np.flatnonzero(means - means[best] <= errors)[0])])


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
    weights = _client_weights(frame, np.random.default_rng(rng), 500)
    outcome = frame["outcome"].to_numpy(dtype=np.float64)
    rows = []
    for number in range(bins):
        chosen = group == number
        count = weights[:, chosen].sum(axis=1)
        shares = (weights[:, chosen] * outcome[chosen]).sum(axis=1)[count > 0] / count[count > 0]
        low, high = np.quantile(shares, [0.025, 0.975])
        rows.append((frame.loc[chosen, "risk"].mean(), outcome[chosen].mean(), low, high, int(chosen.sum())))
    return pd.DataFrame(rows, columns=["forecast", "seen", "low", "high", "n"])


def _of(forecasts: pd.DataFrame, model: str) -> pd.DataFrame:
    """One model's forecasts in a fixed order, so that models are paired row by row."""
    return forecasts[forecasts["model"] == model].sort_values(["cut_off", "client_id"]).reset_index(drop=True)


def _client_weights(frame: pd.DataFrame, generator: np.random.Generator, draws: int) -> Floats:
    """How often each row's client was drawn, shape (draws, rows)."""
    clients, group = np.unique(frame["client_id"].to_numpy(), return_inverse=True)
    drawn = generator.multinomial(len(clients), np.full(len(clients), 1 / len(clients)), size=draws)
    return drawn[:, group].astype(np.float64)


def _apply(statistic: Statistic, frame: pd.DataFrame, weight: Floats) -> float:
    return statistic(frame["outcome"].to_numpy(dtype=np.float64), frame["risk"].to_numpy(dtype=np.float64), weight)


def _score(frame: pd.DataFrame, model: str, weights: Floats) -> Scorecard:
    def estimate(statistic: Statistic) -> Estimate:
        drawn = np.array([_apply(statistic, frame, row) for row in weights])
        drawn = drawn[~np.isnan(drawn)]
        value = _apply(statistic, frame, np.ones(len(frame)))
        if not drawn.size:
            return Estimate(value, np.nan, np.nan)
        low, high = np.quantile(drawn, [0.025, 0.975])
        return Estimate(value, float(low), float(high))

    return Scorecard(
        model=model,
        forecasts=len(frame),
        departures=int(frame["outcome"].sum()),
        log_loss=estimate(log_loss),
        brier=estimate(brier),
        auc=estimate(auc),
        slope=estimate(calibration_slope),
        level=estimate(calibration_level),
    )
