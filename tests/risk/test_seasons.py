"""The season in the prediction specification: told where departures are many, and never a client's reason."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_book import AS_OF, DAYS, RULE, START, tables_of

from churnlab.history import departures, snapshots
from churnlab.risk import HAZARD, RiskModel, fit_risk, reasons, sure_signs, what_changed
from churnlab.risk.columns import season_columns
from churnlab.tables import Tables

CUT_OFFS = pd.date_range(START + pd.DateOffset(months=12), AS_OF - pd.DateOffset(months=5), freq="MS")


def seasonal_book(*, clients: int, seed: int, wave: float) -> Tables:
    """Clients that order about monthly and leave by 3 % a month, times exp(wave) in January and exp(-wave) in July."""
    rng = np.random.default_rng(seed)
    day = np.arange(DAYS)
    daily = 0.03 / 30.4375 * np.exp(wave * np.cos(2 * np.pi * day / 365.25))
    rows = []
    for number in range(clients):
        begins = int(rng.integers(0, DAYS - 200))
        leaves = np.flatnonzero(rng.random(DAYS - begins) < daily[begins:])
        ends = begins + int(leaves[0]) if len(leaves) else DAYS
        days = begins + np.cumsum(np.concatenate(([0.0], rng.gamma(9, 20 / 9, 100))))
        rows += [(f"c{number:04d}", when, 100.0, "sale") for when in days[days < max(ends, begins + 1)].astype(int)]
    orders = pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "kind"])
    orders["order_date"] = START + pd.to_timedelta(orders["order_date"], unit="D")
    return tables_of(orders)


def fitted(tables: Tables, cut_offs: pd.DatetimeIndex, *, by_season: bool = True) -> tuple[pd.DataFrame, RiskModel]:
    rows, lives = snapshots(tables, cut_offs, rule=RULE), departures(tables.orders, as_of=AS_OF, rule=RULE)
    spec = replace(HAZARD, by_season=by_season)
    model = fit_risk(rows, lives, spec=spec, horizon_months=3, months_between=1)
    assert model is not None
    return rows, model


@pytest.fixture(scope="module")
def book() -> Tables:
    return seasonal_book(clients=1500, seed=5, wave=0.8)


@pytest.fixture(scope="module")
def found(book):
    return fitted(book, CUT_OFFS)


def test_recovery_risks_follow_the_planted_season(book, found):
    """Risks from January to March are truly about exp(2 x 0.8 x 0.9) = 4.2 times those from July to September."""
    rows, model = found
    _, plain = fitted(book, CUT_OFFS, by_season=False)
    one = rows[rows["recency_days"] < 20].head(1)
    days = {month: one.assign(cut_off=pd.Timestamp(2023, month, 1)) for month in (1, 7)}
    risk = {month: float(model.risk(day)[0]) for month, day in days.items()}
    assert 2.5 < risk[1] / risk[7] < 7
    assert plain.risk(days[1]) == pytest.approx(plain.risk(days[7]))


def test_reduction_no_season_is_told_where_departures_are_few_or_years_too_few(found):
    rows, _ = found
    _, few = fitted(seasonal_book(clients=60, seed=6, wave=0.8), CUT_OFFS)
    assert "cut_off" not in {need for column in few.scaler.columns for need in column.needs}
    assert season_columns(rows[rows["cut_off"] < CUT_OFFS[0] + pd.DateOffset(months=20)]) == ()
    assert season_columns(rows[rows["cut_off"].dt.month == 6]) == ()


def test_reduction_scores_add_up_in_every_season_and_the_season_is_nobodys_reason(found):
    rows, model = found
    some = rows[rows["recency_days"] < 60].iloc[::100].reset_index(drop=True)  # others are nearly sure to have left
    why = reasons(model, some)
    assert why.score.to_numpy() == pytest.approx(np.log(-np.log1p(-model.risk(some))), rel=1e-9)
    assert "season" not in why.parts
    assert not any("season" in words for words in why.worded())
    assert np.ptp(why.usual) > 0.5
    assert len(np.unique(why.usual.round(9))) == some["cut_off"].dt.day_of_year.nunique()


def test_reference_errors_of_the_rhythm_are_those_of_drawn_coefficients_in_every_season(found):
    rows, model = found
    some = rows.iloc[:: len(rows) // 60].reset_index(drop=True)
    drawn = np.random.default_rng(7).multivariate_normal(
        model.fit.coefficients, model.fit.covariance, size=400, method="eigh"
    )
    parts = np.array(
        [
            reasons(replace(model, fit=replace(model.fit, coefficients=one)), some).parts["rhythm"].to_numpy()
            for one in drawn
        ]
    )
    error, push = parts.std(axis=0), reasons(model, some).parts["rhythm"].abs().to_numpy()
    clear = np.abs(push / error - 1.96) > 0.3
    assert clear.mean() > 0.7
    assert (sure_signs(model, some)["rhythm"].to_numpy() == (push > 1.96 * error))[clear].all()


def test_reduction_what_changed_tells_the_season_apart(found):
    rows, model = found
    some = rows.drop_duplicates("client_id").head(20).assign(cut_off=pd.Timestamp("2023-07-01"))
    changed = what_changed(model, some.assign(cut_off=pd.Timestamp("2024-01-01")), some)
    scores = np.log(-np.log1p(-changed[["risk_before", "risk"]]))
    moved = changed[["season", *reasons(model, some).parts.columns]].sum(axis=1)
    assert moved.to_numpy() == pytest.approx((scores["risk"] - scores["risk_before"]).to_numpy(), abs=1e-9)
    assert (changed["season"] > 0).all()
