"""What lists by risk held and promised, and what today's is expected to earn."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.acting import Inputs
from churnlab.answers.risk import RiskAnswer
from churnlab.answers.risk_today import everyone_today, learnt_until
from churnlab.answers.study import Study
from churnlab.lifetime import Estimate
from churnlab.risk import BOOSTING, Acting, RiskModel, listed, profit_of_contact
from churnlab.risk.backtest import plan
from churnlab.risk.resampling import client_draws, estimate
from churnlab.risk.statistics import lift, share_found

Floats = npt.NDArray[np.float64]

_LIST_DRAWS = 200
_TODAY_DRAWS = 1000
_EDGE = 1e-9
_NOTHING = Estimate(np.nan, np.nan, np.nan)


def held_by_list(frame: pd.DataFrame, contacts: int | None, *, seed: int) -> tuple[Estimate, Estimate]:
    """Lift of a list, and share of those who left that it held.

    Parameters
    ----------
    frame : DataFrame
        Graded forecasts of one model.
    contacts : int or None
        Places on a list; a tenth of the clients if None.
    seed : int
        For the draws of clients.

    Returns
    -------
    tuple of Estimate
        NaN where it has no places or nobody left.
    """
    outcome, on_list = frame["outcome"].to_numpy(dtype=np.float64), listed(frame, contacts=contacts)
    shared, ones = client_draws(frame["client_id"], rng=seed, draws=_LIST_DRAWS), np.ones(len(frame))

    first, second = (
        estimate(float(one(outcome, on_list, ones)), shared.apply(one, outcome, on_list)) for one in (lift, share_found)
    )
    return first, second


def promised_by_lists(
    frame: pd.DataFrame, contacts: int | None, acting: Acting, *, seed: int
) -> tuple[float, Estimate]:
    """Profit that past lists promised by their own risks, and money that left over money forecast to leave there.

    Parameters
    ----------
    frame : DataFrame
        Graded forecasts of one model, with ``value``.
    contacts : int or None
        Places on a list; a tenth of the clients if None.
    acting : Acting
        Costs and success.
    seed : int
        For the draws of clients.

    Returns
    -------
    tuple of (float, Estimate)
        Money a list, and a ratio with its interval over clients.
    """
    risk, value, outcome = (frame[one].to_numpy(dtype=np.float64) for one in ("risk", "value", "outcome"))
    on_list = listed(frame, contacts=contacts)
    expected = float((on_list * profit_of_contact(risk, value, acting=acting)).sum() / frame["cut_off"].nunique())
    seen, forecast = on_list * value * outcome, on_list * value * risk
    shared = client_draws(frame["client_id"], rng=seed, draws=_LIST_DRAWS)
    return expected, estimate(float(ratio(seen, forecast, np.ones(len(frame)))), shared.apply(ratio, seen, forecast))


def ratio(part: Floats, whole: Floats, times: Floats) -> Floats:
    """Weighted sum over weighted sum, one a weighting; NaN where the second is nothing."""
    given = times @ whole
    return np.asarray(np.where(given > 0, times @ part / np.where(given > 0, given, 1.0), np.nan))


def todays_list(study: Study, risk: RiskAnswer, contacts: int | None, given: Inputs) -> Estimate:
    """Profit to expect of today's list: coefficients and who leaves are drawn, the inputs stay as given.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    risk : RiskAnswer
        Of the same study.
    contacts : int or None
        Places on the list; a tenth of the clients if None.
    given : Inputs
        What acting costs.

    Returns
    -------
    Estimate
        Money.
    """
    clients = risk.clients
    if clients.empty:
        return _NOTHING
    on_list = listed(clients[["risk"]].assign(cut_off=0), contacts=contacts)
    rate = 1.0 if np.isnan(given.margin) else given.margin
    value = clients["amount_12m"].clip(lower=0.0).to_numpy(dtype=np.float64) * rate
    there = on_list > 0
    expected = float((on_list * profit_of_contact(clients["risk"].to_numpy(), value, acting=given.acting)).sum())
    if not there.any():
        return Estimate(0.0, 0.0, 0.0)
    generator = np.random.default_rng(study.seed)
    risks = _drawn_risks(study, risk, clients[there], generator)
    left = (generator.random(risks.shape) < risks).astype(np.float64)
    worth = np.broadcast_to(value[there][:, None], left.shape)
    drawn = on_list[there] @ profit_of_contact(left, worth, acting=given.acting)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(expected, float(low), float(high))


def _drawn_risks(study: Study, risk: RiskAnswer, clients: pd.DataFrame, generator: np.random.Generator) -> Floats:
    """Risks of clients under draws of what was learnt, shape (clients, draws); of trees, all are off the same way."""
    spec = next((one for one in risk.base.candidates if one.name == risk.speaks), None)
    lives = study.lives()
    made = plan(lives)
    if spec is not None and spec.name != BOOSTING.name:
        model = everyone_today(learnt_until(study, made), lives, (spec,), made).fitted(spec.name)
        if isinstance(model, RiskModel):
            now = study.today.set_index("client_id", drop=False)
            return model.drawn_risk(now.loc[clients["client_id"]].reset_index(drop=True), rng=generator)
    middle, low, high = (
        np.log(-np.log1p(-clients[name].clip(_EDGE, 1 - _EDGE).to_numpy(dtype=np.float64)))
        for name in ("risk", "low", "high")
    )
    away = generator.normal(size=_TODAY_DRAWS)
    return np.asarray(-np.expm1(-np.exp(middle[:, None] + ((high - low) / 3.92)[:, None] * away)))
