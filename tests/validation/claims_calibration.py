"""How well the hazard is calibrated on plants of 20,000 clients, cut-off by cut-off, and how it ranks true risks.

A competitor's campaign, which comes once in some years and trebles the offers, sends many clients away at about the
same time: nobody can foresee it, and slopes of single days move with it. Plants without campaigns tell how much of
what is off is theirs, and how much is the model's.
"""

from dataclasses import replace
from functools import partial
from unittest import mock

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from validation_frame import Measurement

from churnlab.history import departures, outcomes, propose_rule, rolling_origins, snapshots
from churnlab.risk import HAZARD, fit_model
from churnlab.risk.statistics import calibration_level, calibration_line, log_odds
from churnlab.tables import Tables
from churnlab.tables.plant import LAWS, Law, Plant, make, make_plant, month, true_outlook

CLIENTS = 20_000
HORIZON, BETWEEN = 3, 3
AS_OF = pd.Timestamp("2026-01-01")
LEARNING = tuple(pd.date_range("2018-01-01", "2025-10-01", freq="3MS"))
TESTING = tuple(pd.date_range("2021-04-01", "2025-01-01", freq="9MS"))
"""Every quarter of the year is among them; the last leaves room for the horizon and for nine limits in ten."""
_FUTURES = 200
_RIGHT = (0.9, 1.1)


def _plant(seed: int, *, seasonal: bool, campaigns: bool) -> Plant:
    """A plant of the law that the sample has, on wish without a season in the orders or without campaigns."""
    laws = {**LAWS, "service": replace(LAWS["service"], seasonal=seasonal)}
    rate = month._offer_rate if campaigns else _even_rate
    with mock.patch.object(make, "LAWS", laws), mock.patch.object(month, "_offer_rate", rate):
        return make_plant(clients=CLIENTS, seed=seed)


def _even_rate(_: month.Now, law: Law) -> float:
    return law.offer_rate


def _tables(plant: Plant) -> Tables:
    """Tables as loaded; merged numbers stay two clients."""
    nothing = pd.DataFrame()
    frames = {}
    for name in ("orders", "clients", "surveys"):
        table = plant.tables[name]
        frames[name] = table.astype(dict.fromkeys(table.select_dtypes("category").columns, "str"))
    return Tables(
        **frames,
        findings=(),
        finding_counts=nothing,
        reconciliation=nothing,
        notices=(),
        show_names=False,
        fingerprint="",
    )


def _forecasts(plant: Plant) -> pd.DataFrame:
    """Risks on every day of forecasting and today, with what came; each learns what was known on its day."""
    tables = _tables(plant)
    rule = propose_rule(tables.orders)
    known = snapshots(tables, [*LEARNING, AS_OF], rule=rule)
    parts = []
    for fold in rolling_origins(
        known, tables, testing=(*TESTING, AS_OF), learning=LEARNING, horizon_months=HORIZON, rule=rule
    ):
        fitted = fit_model(known, fold, spec=HAZARD, horizon_months=HORIZON, months_between=BETWEEN)
        assert fitted is not None, "20,000 clients are enough to learn from"
        now = known.iloc[fold.testing]
        parts.append(now[["client_id", "cut_off", "last_order"]].assign(risk=fitted.risk(now)))
    joined = pd.concat(parts, ignore_index=True)
    lives = departures(tables.orders, as_of=AS_OF, rule=rule, clients=tables.clients)
    return joined.assign(outcome=outcomes(joined, lives, horizon_months=HORIZON))


def _slope(day: pd.DataFrame) -> tuple[float, float]:
    """Calibration slope of a day and its standard error, from the information of the logistic regression."""
    outcome, risk = day["outcome"].to_numpy(), day["risk"].to_numpy()
    level, slope = calibration_line(outcome, risk)
    odds = log_odds(risk)
    chance = 1 / (1 + np.exp(-(level + slope * odds)))
    weight = chance * (1 - chance)
    spread = weight @ (odds - weight @ odds / weight.sum()) ** 2
    return slope, float(spread**-0.5)


def _calibrated(seed: int, *, seasonal: bool, campaigns: bool) -> dict[str, float]:
    plant = _plant(seed, seasonal=seasonal, campaigns=campaigns)
    found = _forecasts(plant)
    graded = found[found["outcome"].notna() & (found["cut_off"] < AS_OF)]
    days = dict(iter(graded.groupby("cut_off")))
    lines = {day: _slope(rows) for day, rows in days.items()}
    slopes, errors = np.array(list(lines.values())).T
    levels = [
        float(calibration_level(rows["outcome"].to_numpy(), rows["risk"].to_numpy(), np.ones(len(rows))))
        for rows in days.values()
    ]
    told = {} if not campaigns else {"rank correlation with the true risk": _ranked(plant, found, seasonal=seasonal)}
    return {
        "slope": float(slopes.mean()),
        "its standard error on one cut-off": float(errors.mean()),
        **{f"on {day:%Y-%m-%d}": slope for day, (slope, _) in lines.items()},
        "lowest": float(slopes.min()),
        "highest": float(slopes.max()),
        "cut-offs within .9 to 1.1": float(((slopes >= _RIGHT[0]) & (slopes <= _RIGHT[1])).mean()),
        "seen over forecast, lowest": min(levels),
        "seen over forecast, highest": max(levels),
        **told,
    }


def _ranked(plant: Plant, found: pd.DataFrame, *, seasonal: bool) -> float:
    """Correlation of today's ranks with those of the true risk, of clients who are truly there."""
    today = found[found["cut_off"] == AS_OF]
    laws = {**LAWS, "service": replace(LAWS["service"], seasonal=seasonal)}
    with mock.patch.object(make, "LAWS", laws):
        stays = true_outlook(plant.truth, months=HORIZON, futures=_FUTURES)[HORIZON]
    risk = today.set_index("client_id")["risk"]
    both = pd.concat([risk, 1 - stays], axis=1, join="inner")
    return float(spearmanr(both.iloc[:, 0], both.iloc[:, 1]).statistic)


MEASUREMENTS = tuple(
    Measurement(
        f"Calibration of the hazard on plants of 20,000 clients{words}.",
        f"{more}: risks of leaving within three months on cut-offs of nine months apart, each from what was known "
        "on its day: calibration slope, over all and on each cut-off, and what was seen over what was forecast; where "
        "stated, how today's risks rank against the true ones, told by running the plant on 200 times.",
        partial(_calibrated, seasonal=seasonal, campaigns=campaigns),
        ("churnlab.risk.backtest", "churnlab.tables.plant"),
        runs=8,
    )
    for seasonal, campaigns, words, more in (
        (True, True, "", "The law of the sample"),
        (True, False, " without campaigns", "The same law, but no campaign of a competitor ever"),
        (False, True, " without a season", "The same law, but clients order evenly over the year"),
    )
)
