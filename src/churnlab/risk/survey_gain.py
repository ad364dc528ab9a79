"""Do surveys tell more than orders do? The same forecasts with and without them, paired."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history.rhythm import Rule
from churnlab.lifetime import Estimate
from churnlab.risk.backtest import backtest
from churnlab.risk.models import BASE_RATE, HAZARD, ModelSpec
from churnlab.risk.profit import Acting, profit_of_contact
from churnlab.risk.ranking import listed
from churnlab.risk.resampling import client_draws, estimate
from churnlab.risk.scores import LEAST_GRADED, clients_left
from churnlab.risk.statistics import log_losses
from churnlab.tables import Tables

Floats = npt.NDArray[np.float64]
Verdict = Literal["yes", "no", "cannot tell"]

_SCORES = ("recommend", "service", "price")
_SILENCE = ("unanswered",)
_FROM_ORDERS = tuple(name for name in HAZARD.columns if name not in (*_SCORES, *_SILENCE))

ORDERS: Final = ModelSpec("orders", "hazard on rhythm, volume and tenure", _FROM_ORDERS)
SURVEYS: Final = ModelSpec("surveys", "hazard on last scores and silence", (*_SCORES, *_SILENCE))
ANSWERED: Final = ModelSpec("orders, answered", "orders, and whether the client answers", (*_FROM_ORDERS, *_SILENCE))
BOTH: Final = ModelSpec("orders, surveys", "orders, whether the client answers, and last scores", HAZARD.columns)
SURVEY_MODELS: Final = (BASE_RATE, SURVEYS, ORDERS, ANSWERED, BOTH)
"""From the simplest to the richest; all are fitted and graded on the same folds."""

WORTH_ASKING = 0.01
"""A gain under this share of the log loss from orders is none worth asking for."""


@dataclass(frozen=True, slots=True)
class SurveyGain:
    """What surveys add to forecasts from orders, on the same clients and days; intervals over clients.

    Attributes
    ----------
    forecasts, clients_left : int
        Graded forecasts, and different clients that were seen to leave behind them.
    loss : dict of str to float
        Mean log loss in nats of every model.
    alone : Estimate
        Log loss that surveys alone save against the same risk for everyone; above 0 they tell something.
    gain : Estimate
        Log loss that surveys save on top of orders.
    by_answering : Estimate
        Part of `gain` that comes with knowing whether the client answers.
    by_scores : Estimate
        The rest: what its scores say.
    found : Estimate
        Share of those who left that are found within the contacts with surveys, less that without.
    profit : Estimate
        Money a cut-off that lists with surveys earn more than lists without: what it costs to stop asking, the cost of
        asking not taken off.
    profit_without_largest : float
        The same without the client that counts most in it.
    """

    forecasts: int
    clients_left: int
    loss: dict[str, float]
    alone: Estimate
    gain: Estimate
    by_answering: Estimate
    by_scores: Estimate
    found: Estimate
    profit: Estimate
    profit_without_largest: float

    @property
    def share(self) -> Estimate:
        """Gain as a share of the log loss from orders."""
        loss = self.loss[ORDERS.name]
        return Estimate(self.gain.value / loss, self.gain.low / loss, self.gain.high / loss)

    @property
    def verdict(self) -> Verdict:
        """Yes where the interval of the gain lies above 0, no where it lies under what is worth asking for."""
        if self.clients_left < LEAST_GRADED or np.isnan(self.gain.low):
            return "cannot tell"
        if self.gain.low > 0:
            return "yes"
        return "no" if self.share.high < WORTH_ASKING else "cannot tell"


def do_surveys_add(
    tables: Tables,
    *,
    as_of: pd.Timestamp,
    rng: np.random.Generator | int,
    rule: Rule | None = None,
    contacts: int | None = None,
    acting: Acting | None = None,
) -> SurveyGain | None:
    """Ask whether surveys add to orders, on rolling origins.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    as_of : Timestamp
        Rows on or after this day are not used.
    rng : Generator or int
        For the draws of clients.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.
    contacts : int, optional
        Clients that can be contacted at a cut-off; a tenth of those there if not given.
    acting : Acting, optional
        What acting costs.

    Returns
    -------
    SurveyGain or None
        None without surveys, or where nothing could be forecast and graded.
    """
    if tables.surveys is None or tables.surveys.empty:
        return None
    graded = backtest(tables, as_of=as_of, rule=rule, models=SURVEY_MODELS).forecasts
    return survey_gain(graded, rng=rng, contacts=contacts, acting=acting) if len(graded) else None


def survey_gain(
    forecasts: pd.DataFrame,
    *,
    rng: np.random.Generator | int,
    contacts: int | None = None,
    acting: Acting | None = None,
    draws: int = 1000,
) -> SurveyGain:
    """Compare forecasts with and without surveys, paired by client and day.

    Parameters
    ----------
    forecasts : DataFrame
        Graded forecasts of all :data:`SURVEY_MODELS`, as in :class:`churnlab.risk.Backtest`. A further column ``value``
        says what each client is worth if it stays; without it all are worth what `acting` says.
    rng : Generator or int
        For the draws of clients, the same ones for all differences.
    contacts : int, optional
        Clients that can be contacted at a cut-off; a tenth of those there if not given.
    acting : Acting, optional
        What acting costs.
    draws : int
        Draws of clients.

    Returns
    -------
    SurveyGain

    Raises
    ------
    ValueError
        If a model is missing, or models were not graded on the same clients and days.

    Notes
    -----
    Nothing is tested on the data that taught the models: noise in place of scores makes forecasts worse on average, so
    that "yes" is said more seldom than the interval's level allows.
    """
    frames = _paired(forecasts)
    one = frames[ORDERS.name]
    outcome = one["outcome"].to_numpy(dtype=np.float64)
    losses = {name: log_losses(outcome, frame["risk"].to_numpy(dtype=np.float64)) for name, frame in frames.items()}
    more = listed(frames[BOTH.name], contacts=contacts) - listed(one, contacts=contacts)
    costs = acting or Acting()
    value = one["value"].to_numpy(dtype=np.float64) if "value" in one else np.full(len(one), costs.value)
    earned = more * profit_of_contact(outcome, value, acting=costs)
    shared = client_draws(one["client_id"], rng=rng, draws=draws)
    days = one["cut_off"].nunique()

    def mean(values: Floats, over: Floats) -> Estimate:
        return estimate(float(_mean(over, values, np.ones(len(values)))), shared.apply(_mean, over, values))

    ones = np.ones(len(one))
    by_client = pd.Series(earned).groupby(one["client_id"].to_numpy()).sum().to_numpy()
    return SurveyGain(
        forecasts=len(one),
        clients_left=clients_left(one),
        loss={name: float(loss.mean()) for name, loss in losses.items()},
        alone=mean(losses[BASE_RATE.name] - losses[SURVEYS.name], ones),
        gain=mean(losses[ORDERS.name] - losses[BOTH.name], ones),
        by_answering=mean(losses[ORDERS.name] - losses[ANSWERED.name], ones),
        by_scores=mean(losses[ANSWERED.name] - losses[BOTH.name], ones),
        found=mean(more * outcome, outcome),
        profit=mean(earned * len(one) / days, ones),
        profit_without_largest=float((by_client.sum() - by_client[np.abs(by_client).argmax()]) / days),
    )


def _paired(forecasts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Forecasts by model, row by row of the same client and day."""
    ordered = forecasts.sort_values(["cut_off", "client_id"])
    frames = {spec.name: ordered[ordered["model"] == spec.name].reset_index(drop=True) for spec in SURVEY_MODELS}
    keys = ["client_id", "cut_off"]
    first = frames[ORDERS.name]
    wrong = [name for name, frame in frames.items() if frame.empty or not frame[keys].equals(first[keys])]
    if wrong:
        message = f"expected forecasts of {len(first)} clients and days by every model, others came from {wrong}"
        raise ValueError(message)
    return frames


def _mean(over: Floats, values: Floats, times: Floats) -> Floats:
    """Weighted sum of values a weighted sum of what they are counted over; NaN where that is nothing."""
    whole = times @ over
    return np.asarray(np.where(whole > 0, times @ values / np.where(whole > 0, whole, 1.0), np.nan))
