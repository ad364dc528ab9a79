"""Forecasts: what they may see, and whether they find what was planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_book import AS_OF, RULE, book

from churnlab.history import departures, snapshots
from churnlab.risk import (
    BASE_RATE,
    HAZARD,
    MODELS,
    RECENCY,
    Backtest,
    backtest,
    choose,
    fit_effect,
    fit_risk,
    models,
    scorecard,
)
from churnlab.tables import Tables

KEYS = ["client_id", "cut_off", "model"]


@pytest.fixture(scope="module")
def plain() -> Tables:
    return book(clients=150, seed=5)


@pytest.fixture(scope="module")
def tested(plain) -> Backtest:
    return again(plain)


def again(tables, models=MODELS):
    return backtest(tables, as_of=AS_OF, rule=RULE, models=models)


def paired(one, other):
    return one.forecasts.merge(other.forecasts, on=KEYS, suffixes=("", "_other"))


def learnt(tables, spec):
    cut_offs = [AS_OF - pd.DateOffset(months=back) for back in (36, 30, 24, 18)]
    rows, lives = snapshots(tables, cut_offs, rule=RULE), departures(tables.orders, as_of=AS_OF, rule=RULE)
    return rows, fit_risk(rows, lives, spec=spec, horizon_months=12, months_between=6)


def test_property_orders_after_the_last_test_cut_off_change_no_forecast(plain, tested):
    last = max(tested.plan.testing)
    orders, rng = plain.orders, np.random.default_rng(8)
    early, late = orders[orders["order_date"] < last], orders[orders["order_date"] >= last]
    silent = early.drop_duplicates("client_id").sample(40, random_state=1)
    back = silent.assign(order_date=last + pd.to_timedelta(rng.integers(0, 300, 40), unit="D"), amount=5e4)
    gone = set(rng.choice(late["client_id"].unique(), 20, replace=False))
    changed = pd.concat([late[~late["client_id"].isin(gone)], back, early], ignore_index=True)
    other = again(replace(plain, orders=changed))
    assert other.plan.testing == tested.plan.testing
    both = paired(tested, other)
    assert len(both) > 0.8 * len(tested.forecasts)
    assert (both["risk"] == both["risk_other"]).all()
    assert (both["outcome"] != both["outcome_other"]).any()  # the change did reach what is graded


def test_property_each_cut_off_forecasts_as_if_it_were_today(plain, tested):
    day, horizon = tested.plan.testing[2], tested.plan.horizon_months
    past = replace(plain, orders=plain.orders[plain.orders["order_date"] < day])
    learning = [cut for cut in tested.plan.learning if cut < day]
    lives, rows, now = (
        departures(past.orders, as_of=day, rule=RULE),
        snapshots(past, learning, rule=RULE),
        snapshots(past, [day], rule=RULE),
    )
    model = fit_risk(rows, lives, spec=HAZARD, horizon_months=horizon, months_between=tested.plan.months_between)
    expected = now[["client_id"]].assign(expected=model.risk(now))
    made = tested.forecasts[(tested.forecasts["cut_off"] == day) & (tested.forecasts["model"] == HAZARD.name)]
    both = made.merge(expected, on="client_id", how="left")
    assert (both["risk"] == both["expected"]).all()


def test_property_the_order_of_rows_and_the_names_of_clients_change_no_risk(plain, tested):
    clients = plain.orders["client_id"].unique()
    names = dict(zip(clients, np.random.default_rng(2).permutation(clients), strict=True))
    orders = plain.orders.sample(frac=1, random_state=3)
    other = again(replace(plain, orders=orders.assign(client_id=orders["client_id"].map(names))))
    back = {new: old for old, new in names.items()}
    renamed = other.forecasts.assign(client_id=other.forecasts["client_id"].map(back))
    both = tested.forecasts.merge(renamed, on=KEYS, suffixes=("", "_other"))
    assert len(both) == len(tested.forecasts) == len(renamed)
    assert both["risk"].to_numpy() == pytest.approx(both["risk_other"].to_numpy(), rel=1e-6)
    assert (both["outcome"] == both["outcome_other"]).all()


def test_property_plans_keep_training_before_testing_and_leave_room_to_grade(tested, plain):
    plan = tested.plan
    assert plan.horizon_months == 12
    assert max(plan.testing) + pd.DateOffset(months=12) + pd.Timedelta(days=120) <= AS_OF
    assert min(plan.learning) >= plain.orders["order_date"].min() + pd.DateOffset(months=12)
    assert set(tested.forecasts["outcome"]) == {0.0, 1.0}
    assert set(tested.forecasts["model"]) == {model.name for model in MODELS}
    assert tested.forecasts["risk"].between(0, 1, inclusive="neither").all()
    assert not tested.forecasts.duplicated(KEYS).any()
    assert tested.ungraded >= 0
    left = tested.forecasts[tested.forecasts["outcome"] == 1]
    assert tested.graded_departures == left["client_id"].nunique() > 20


def test_recovery_the_base_rate_is_the_planted_hazard_and_the_leaving_already_begun():
    rows, model = learnt(book(clients=900, seed=7), BASE_RATE)
    begun = 0.02 * 120 / 30.4375  # silent, but not yet for the limit's 120 days, a client who buys on
    truth = 1 - np.exp(-12 * 0.02) / (1 + begun)
    assert model.risk(rows.head(1))[0] == pytest.approx(truth, abs=0.03)


def test_recovery_the_meaning_of_silence_is_found():
    # Clients order about monthly, so that a longer silence means that leaving has begun.
    forecasts = again(book(clients=350, seed=7), models=(BASE_RATE, RECENCY)).forecasts
    assert choose(forecasts, rng=1) == RECENCY.name
    base, silence = scorecard(forecasts, rng=1, draws=20)
    assert (base.model, silence.model) == (BASE_RATE.name, RECENCY.name)
    assert silence.auc.low > 0.5
    assert silence.log_loss.value < base.log_loss.value


def test_direction_a_longer_silence_raises_the_risk(plain):
    rows, model = learnt(plain, RECENCY)
    silent = rows.head(1).loc[[0] * 4].assign(recency_days=[5, 20, 60, 110])
    assert (np.diff(model.risk(silent)) > 0).all()
    low, high = model.risk_interval(silent, rng=1, draws=200)
    assert ((low < model.risk(silent)) & (model.risk(silent) < high)).all()


def test_reduction_the_base_rate_is_the_same_for_everyone(plain):
    rows, model = learnt(plain, BASE_RATE)
    assert np.ptp(model.risk(rows)) == 0
    leavers = model.leavers(rows, rng=1, draws=400)
    assert leavers.mean() == pytest.approx(model.risk(rows).sum(), rel=0.05)


def test_reduction_contributions_add_up_to_the_log_hazard(plain):
    rows, model = learnt(plain, HAZARD)
    pushed = model.contributions(rows)
    assert pushed.mean().abs().max() < 1e-9  # against the usual client of the training rows
    columns = model.fit.coefficients[2 : 2 + pushed.shape[1]]
    assert pushed.to_numpy() == pytest.approx(model.scaler.scale(rows) * columns)
    assert "recommend" not in pushed  # without surveys their columns are absent


def test_reduction_a_base_too_large_is_learnt_from_every_second_cut_off(plain, monkeypatch):
    cut_offs = [AS_OF - pd.DateOffset(months=back) for back in (36, 30, 24, 18)]
    rows, lives = snapshots(plain, cut_offs, rule=RULE), departures(plain.orders, as_of=AS_OF, rule=RULE)
    kept = rows[rows["cut_off"].isin([cut_offs[1], cut_offs[3]])].reset_index(drop=True)
    by_hand = fit_risk(kept, lives, spec=HAZARD, horizon_months=12, months_between=12)
    whole = fit_risk(rows, lives, spec=HAZARD, horizon_months=12, months_between=6)
    monkeypatch.setattr(models, "_MOST_MONTHS", len(rows) * 12 // 2)
    thinned = fit_risk(rows, lives, spec=HAZARD, horizon_months=12, months_between=6)
    assert (thinned.fit.coefficients == by_hand.fit.coefficients).all()
    assert thinned.fit.months < whole.fit.months


def test_with_too_few_departures_nobody_speaks():
    few = book(clients=8, seed=1)
    assert learnt(few, BASE_RATE)[1] is None
    assert fit_effect(few, as_of=AS_OF, rule=RULE) is None


def test_recovery_the_effect_of_service_and_the_lack_of_one_of_price():
    effect = fit_effect(book(clients=300, seed=6, satisfaction_effect=0.4), as_of=AS_OF, rule=RULE)
    place = {term: number + 1 for number, term in enumerate(effect.terms)}
    estimate, error = effect.fit.coefficients, effect.fit.standard_errors
    service, price = place["service"], place["price"]
    assert estimate[service] + 2 * error[service] < 0
    assert abs(estimate[service] + 0.4) < 3 * error[service]
    assert abs(estimate[price]) < 3 * error[price]
    assert not {"recency", "trend", "frequency"} & set(effect.terms)


@pytest.mark.parametrize("spec", [BASE_RATE, RECENCY, HAZARD], ids=lambda spec: spec.name)
def test_reduction_the_risk_is_that_of_its_months_and_so_is_its_error(plain, spec):
    rows, model = learnt(plain, spec)
    hazards, error = model.monthly(rows)
    assert hazards.shape == (len(rows), 12)
    assert 1 - (1 - hazards).prod(axis=1) == pytest.approx(model.risk(rows), abs=1e-12)
    low, high = np.log(-np.log1p(-np.array(model.risk_interval(rows, rng=1, draws=4000, level=0.6826894921))))
    assert error == pytest.approx((high - low) / 2, rel=0.1, abs=0.01)
