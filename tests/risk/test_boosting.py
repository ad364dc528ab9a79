"""Boosted trees: scikit-learn's contract, calibration on later days, order of rows and names."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from churnlab.risk.boosting import BoostedRisk, fit_boosting
from churnlab.risk.statistics import auc, calibration_line


@parametrize_with_checks([BoostedRisk(trees=8, learning_rate=0.3, least_leaf=5)])
def test_reference_scikit_learn_holds_the_estimator_to_its_contract(estimator, check):
    check(estimator)


def rows(seed, *, clients=400, days=6, signal=1.0):
    """Snapshots with a feature that tells, one that does not, and a line; labels, and the true risk."""
    rng = np.random.default_rng([51, seed])
    trait = np.repeat(rng.normal(size=clients), days)
    frame = pd.DataFrame(
        {
            "client_id": np.repeat([f"c{number:04d}" for number in range(clients)], days),
            "cut_off": np.tile(pd.date_range("2020-01-01", periods=days, freq="QS"), clients),
            "limit_days": 90.0,
            "recency_days": np.exp(trait) * 30,
            "amount_12m": rng.lognormal(8, 1, clients * days),
            "line": np.where(rng.random(clients * days) < 0.5, "=1+1", "board"),
        }
    )
    true = 1 / (1 + np.exp(1.5 - signal * trait))
    return frame, (rng.random(len(frame)) < true).astype(float), true


def test_recovery_trees_find_what_tells_and_are_as_sure_as_they_should_be():
    frame, labels, _ = rows(1, clients=1500)
    new, outcome, true = rows(2, clients=1500)
    model = fit_boosting(frame, labels, horizon_months=3)
    assert model.calibrated
    risk = model.risk(new)
    ones = np.ones(len(risk))
    assert auc(outcome, risk, ones) == pytest.approx(float(auc(outcome, true, ones)), abs=0.02)
    assert calibration_line(outcome, risk)[1] == pytest.approx(1, abs=0.15)
    assert risk.mean() == pytest.approx(outcome.mean(), abs=0.03)


def test_recovery_from_noise_trees_learn_that_they_know_nothing():
    frame, labels, _ = rows(3, clients=1500, signal=0.0)
    model = fit_boosting(frame, labels, horizon_months=3)
    assert model.calibrated
    assert np.std(model.risk(rows(4, signal=0.0)[0])) < 0.01


def test_property_the_order_of_rows_and_the_names_of_clients_change_no_risk():
    frame, labels, _ = rows(5, clients=120)
    mixed = np.random.default_rng(1).permutation(len(frame))
    clients = frame["client_id"].unique()
    names = dict(zip(clients, np.random.default_rng(2).permutation(clients), strict=True))
    other = frame.iloc[mixed].assign(client_id=lambda part: part["client_id"].map(names)).reset_index(drop=True)
    one = fit_boosting(frame, labels, horizon_months=3).risk(frame)
    two = fit_boosting(other, labels[mixed], horizon_months=3).risk(frame)
    assert one == pytest.approx(two, rel=1e-9)


def test_property_calibration_sees_no_outcome_told_later_than_its_first_day():
    frame, labels, _ = rows(6, clients=200)
    columns = frame[["recency_days", "amount_12m"]].to_numpy()
    day = frame["cut_off"].to_numpy().astype("datetime64[D]").astype(float)
    told = day + 180
    first = np.quantile(day, 0.7, method="higher")
    changed = np.where((told >= first) & (day < first), 1 - labels, labels)
    one = BoostedRisk(trees=20).fit(columns, labels, day=day, told=told)
    two = BoostedRisk(trees=20).fit(columns, changed, day=day, told=told)
    assert one.calibrated_
    assert (changed != labels).sum() > 100
    assert (one.intercept_, one.slope_) == (two.intercept_, two.slope_)


def test_reduction_without_later_days_trees_only_rank_and_say_so():
    frame, labels, _ = rows(7, clients=120, days=1)
    model = fit_boosting(frame, labels, horizon_months=3)
    assert not model.calibrated
    assert (model.estimator.intercept_, model.estimator.slope_) == (0, 1)
    assert fit_boosting(frame.head(30), labels[:30] * 0, horizon_months=3) is None
    unknown = model.risk(frame.head(3).assign(line="never seen", amount_12m=np.nan))
    assert np.isfinite(unknown).all()


def test_reduction_a_column_that_begins_late_does_no_harm():
    frame, labels, _ = rows(8, clients=200)
    late = np.where(frame["cut_off"] >= frame["cut_off"].max(), 5.0, np.nan)
    plain = fit_boosting(frame, labels, horizon_months=3)
    more = fit_boosting(frame.assign(recommend=late), labels, horizon_months=3)
    assert "recommend" in more.columns
    assert more.calibrated
    assert np.corrcoef(plain.risk(frame), more.risk(frame.assign(recommend=late)))[0, 1] > 0.95
