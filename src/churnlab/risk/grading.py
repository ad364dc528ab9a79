"""Each run grades the forecasts of an earlier one: what was said, and what became of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnlab.history import Lives, outcomes
from churnlab.lifetime import Estimate
from churnlab.risk.resampling import client_draws, estimate
from churnlab.risk.statistics import auc, brier, calibration_level, log_loss

LEAST_TO_GRADE = 20
"""With fewer departures behind forecasts only the count is given."""


@dataclass(frozen=True, slots=True)
class Grading:
    """Forecasts of an earlier run against what became of its clients.

    Attributes
    ----------
    as_of : Timestamp
        Day of the earlier run.
    horizon_months : int
        Its horizon.
    model : str
        What spoke then.
    due_on : Timestamp
        First day on which nine in ten of its forecasts can be graded, whatever became of the client.
    forecasts : DataFrame
        Those that can be graded, in the columns of ``results/backtest.parquet``.
    open : int
        Clients whose outcome could not be told either way yet.
    already_left : int
        Of these, clients that are known to have left already; not graded, since those who stay cannot be known yet.
    unknown : int
        Clients that are no longer in the records under that name.
    expected, seen : float
        Departures forecast and seen among the graded.
    level : Estimate
        Seen over expected, with a 95 % interval over clients.
    auc, log_loss, brier : Estimate
        Scores; NaN with fewer than ``LEAST_TO_GRADE`` departures.
    """

    as_of: pd.Timestamp
    horizon_months: int
    model: str
    due_on: pd.Timestamp
    forecasts: pd.DataFrame
    open: int
    already_left: int
    unknown: int
    expected: float
    seen: float
    level: Estimate
    auc: Estimate
    log_loss: Estimate
    brier: Estimate


def grade_earlier(earlier: pd.DataFrame, lives: Lives, *, rng: np.random.Generator | int, draws: int = 200) -> Grading:
    """Grade the risks of an earlier run with what is known today.

    Parameters
    ----------
    earlier : DataFrame
        ``results/risk.parquet`` of that run: ``client_id``, ``as_of``, ``horizon_months``, ``risk``, ``model``.
    lives : Lives
        By client, as known today. Clients must stand under the same names in both.
    rng : Generator or int
        For the bootstrap over clients.
    draws : int
        Bootstrap draws.

    Returns
    -------
    Grading

    Raises
    ------
    ValueError
        If there is no forecast, they are of several days or horizons, or not of an earlier day.

    Notes
    -----
    A client is graded only once both leaving and staying could have been told: the horizon is over and its limit of
    silence behind it. To grade whoever has left so far would make every forecast look too low.
    """
    cut_off, horizon = pd.Timestamp(_one(earlier, "as_of")), int(_one(earlier, "horizon_months"))
    if cut_off >= lives.as_of:
        message = f"expected forecasts made before {lives.as_of:%Y-%m-%d}, got some of {cut_off:%Y-%m-%d}"
        raise ValueError(message)
    frame = earlier[["client_id", "horizon_months", "risk", "model"]].reset_index(drop=True).assign(cut_off=cut_off)
    began = lives.frame[lives.frame["first_order"] < cut_off].sort_values("first_order").groupby("client_id").last()
    there = frame["client_id"].isin(began.index)
    frame, unknown = frame[there].reset_index(drop=True), int((~there).sum())
    asked = frame.assign(last_order=(cut_off - pd.Timedelta(days=1)).as_unit("us"))
    frame["outcome"] = outcomes(asked, lives, horizon_months=horizon).to_numpy()
    limit = frame["client_id"].map(began["limit_days"])
    end = cut_off + pd.DateOffset(months=horizon)
    told = (end + pd.to_timedelta(limit, unit="D") <= lives.as_of) & frame["outcome"].notna()
    due = end + pd.Timedelta(days=float(limit.quantile(0.9)) if len(limit) else 0.0)
    graded = frame.loc[told, ["client_id", "cut_off", "horizon_months", "outcome", "risk", "model"]]
    scores = _scores(graded.sort_values("client_id"), rng=rng, draws=draws)
    return Grading(
        as_of=cut_off,
        horizon_months=horizon,
        model=str(earlier["model"].iloc[0]),
        due_on=due.ceil("D"),
        forecasts=graded.reset_index(drop=True),
        open=int((~told).sum()),
        already_left=int((frame.loc[~told, "outcome"] == 1.0).sum()),
        unknown=unknown,
        expected=float(graded["risk"].sum()),
        seen=float(graded["outcome"].sum()),
        level=scores[0],
        auc=scores[1],
        log_loss=scores[2],
        brier=scores[3],
    )


def _one(earlier: pd.DataFrame, name: str) -> Any:  # a day or a number
    """The only value of a column."""
    values = earlier[name].unique()
    if len(values) != 1:
        message = f"expected forecasts with one {name}, got {len(values)}: grade one run at a time"
        raise ValueError(message)
    return values[0]


def _scores(graded: pd.DataFrame, *, rng: np.random.Generator | int, draws: int) -> list[Estimate]:
    """Level, AUC, log loss and Brier score with intervals over clients."""
    nothing = Estimate(np.nan, np.nan, np.nan)
    if graded.empty:
        return [nothing] * 4
    shared = client_draws(graded["client_id"], rng=rng, draws=draws)
    outcome, risk = (graded[name].to_numpy(dtype=np.float64) for name in ("outcome", "risk"))
    ones = np.ones(len(graded))
    found = [
        estimate(float(each(outcome, risk, ones)), shared.apply(each, outcome, risk))
        for each in (calibration_level, auc, log_loss, brier)
    ]
    return found if outcome.sum() >= LEAST_TO_GRADE else [found[0], nothing, nothing, nothing]
