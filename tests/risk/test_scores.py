"""Scores against scikit-learn, closed forms and forecasts that are right."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from churnlab.risk import calibration_bins, choose, difference, scorecard
from churnlab.risk.resampling import client_draws
from churnlab.risk.statistics import (
    auc,
    average_precision,
    brier,
    calibration_intercept,
    calibration_line,
    calibration_slope,
    lift,
    log_loss,
    share_found,
)

PAIRS = st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.99)), min_size=4, max_size=40).filter(
    lambda pairs: len({left for left, _ in pairs}) == 2
)


def forecasts_of(outcome, **risks):
    """Lay out one forecast a client and model."""
    clients = [f"c{number:04d}" for number in range(len(outcome))]
    frames = [
        pd.DataFrame(
            {"client_id": clients, "cut_off": pd.Timestamp("2024-01-01"), "outcome": outcome.astype(float)}
        ).assign(horizon_months=12, risk=risk, model=model)
        for model, risk in risks.items()
    ]
    return pd.concat(frames, ignore_index=True)


def drawn(seed, clients=300):
    rng = np.random.default_rng([21, seed])
    risk = 1 / (1 + np.exp(-rng.normal(-1.0, 1.0, clients)))
    return risk, rng.random(clients) < risk


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_reference_unit_weights_agree_with_scikit_learn(pairs):
    outcome, risk = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    unit = np.ones(len(risk))
    assert log_loss(outcome, risk, unit) == pytest.approx(sklearn_log_loss(outcome, risk))
    assert brier(outcome, risk, unit) == pytest.approx(brier_score_loss(outcome, risk))
    assert auc(outcome, risk, unit) == pytest.approx(roc_auc_score(outcome, risk))
    assert average_precision(outcome, risk, unit) == pytest.approx(average_precision_score(outcome, risk))


@settings(max_examples=40, deadline=None)
@given(PAIRS, st.data())
def test_reduction_weights_are_repeats(pairs, data):
    outcome, risk = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    times = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(risk), max_size=len(risk))))
    if not times.sum():
        return
    again, unit = (np.repeat(outcome, times), np.repeat(risk, times)), np.ones(times.sum())
    for statistic in (log_loss, brier, auc, average_precision):
        expected = statistic(*again, unit)
        assert statistic(outcome, risk, times.astype(float)) == pytest.approx(expected, nan_ok=True)


def test_reduction_a_slope_of_log_odds_made_too_sure_is_the_inverse_of_the_excess():
    risk, outcome = drawn(1, clients=2000)
    odds = np.log(risk / (1 - risk))
    unit = np.ones(len(risk))
    right = calibration_slope(outcome.astype(float), risk, unit)
    sure = calibration_slope(outcome.astype(float), 1 / (1 + np.exp(-2 * odds)), unit)
    assert sure == pytest.approx(right / 2, rel=1e-3)


def test_what_cannot_be_scored_is_not_a_number():
    unit, same = np.ones(4), np.full(4, 0.2)
    assert np.isnan(calibration_slope(np.array([0.0, 1, 0, 1]), same, unit))
    assert np.isnan(auc(np.zeros(4), np.array([0.1, 0.2, 0.3, 0.4]), unit))
    few = forecasts_of(np.arange(100) < 19, plain=np.full(100, 0.2))
    assert scorecard(few, rng=1) == ()


def test_recovery_the_slope_of_true_risks_is_one():
    covered = 0
    for seed in range(40):
        risk, outcome = drawn(seed)
        odds, spread = np.log(risk / (1 - risk)), risk * (1 - risk)
        centred = odds - np.average(odds, weights=spread)
        error = (spread * centred**2).sum() ** -0.5  # from the information at the truth
        covered += abs(calibration_slope(outcome.astype(float), risk, np.ones(len(risk))) - 1) <= 1.96 * error
    assert 32 <= covered <= 40  # exact 99.9 % band of 95 % in 40


def test_direction_a_scorecard_tells_the_too_sure_from_the_right():
    risk, outcome = drawn(1)
    sure = 1 / (1 + np.exp(-3 * np.log(risk / (1 - risk))))
    right, wrong = scorecard(forecasts_of(outcome, right=risk, sure=sure), rng=1, draws=30)
    assert right.slope.low < 1 < right.slope.high
    assert wrong.slope.high < 1
    assert wrong.log_loss.value > right.log_loss.value
    assert wrong.auc.value == pytest.approx(right.auc.value)
    assert (right.forecasts, right.departures) == (300, outcome.sum())


def test_reduction_equal_models_leave_the_word_to_the_simplest():
    risk, outcome = drawn(3)
    frame = forecasts_of(outcome, simple=risk, middle=risk.copy(), rich=risk.copy())
    assert choose(frame, rng=1) == "simple"


def test_direction_a_clearly_better_model_speaks_and_a_worse_one_does_not():
    risk, outcome = drawn(3)
    base = np.full(len(risk), outcome.mean())
    noise = np.random.default_rng(4).permutation(risk)
    assert choose(forecasts_of(outcome, base=base, rich=risk), rng=1) == "rich"
    assert choose(forecasts_of(outcome, base=base, rich=noise), rng=1) == "base"
    assert choose(forecasts_of(outcome, base=base, middle=risk, rich=np.clip(risk + 1e-4, 0, 1)), rng=1) == "middle"


def test_reduction_with_few_departures_the_simplest_speaks_however_good_the_others():
    outcome = np.arange(300) < 19
    frame = forecasts_of(outcome, base=np.full(300, 0.06), oracle=np.where(outcome, 0.95, 0.01))
    assert choose(frame, rng=1) == "base"


def test_property_scores_do_not_depend_on_the_order_of_rows():
    risk, outcome = drawn(5)
    frame = forecasts_of(outcome, a=risk, b=risk**2)
    mixed = pd.concat([part.sample(frac=1, random_state=1) for _, part in frame.groupby("model", sort=False)])
    assert scorecard(mixed, rng=1, draws=5) == scorecard(frame, rng=1, draws=5)


def test_property_bins_are_equal_in_size_rise_and_hold_what_was_seen():
    risk, outcome = drawn(6)
    bins = calibration_bins(forecasts_of(outcome, a=risk), rng=1)
    assert bins["n"].tolist() == [60] * 5
    assert bins["forecast"].is_monotonic_increasing
    assert (bins["n"] * bins["seen"]).sum() == pytest.approx(outcome.sum())
    assert (bins["low"] <= bins["seen"]).all()
    assert (bins["seen"] <= bins["high"]).all()


def test_reference_the_line_of_calibration_is_that_of_scikit_learn():
    risk, outcome = drawn(2, clients=1000)
    sure = risk**1.5
    line = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.log(sure / (1 - sure))[:, None], outcome)
    assert calibration_line(outcome.astype(float), sure) == pytest.approx(
        (line.intercept_[0], line.coef_[0, 0]), abs=1e-4
    )


def test_reduction_with_the_slope_held_the_intercept_makes_forecasts_add_up():
    risk, outcome = drawn(3, clients=1000)
    shifted = 1 / (1 + np.exp(-(np.log(risk / (1 - risk)) - 0.7)))
    level = calibration_intercept(outcome.astype(float), shifted, np.ones(len(risk)))
    mended = 1 / (1 + np.exp(-(np.log(shifted / (1 - shifted)) + level)))
    assert mended.sum() == pytest.approx(outcome.sum())
    assert level == pytest.approx(0.7, abs=0.3)


@pytest.mark.parametrize("statistic", [log_loss, brier, auc, average_precision, calibration_slope, lift])
def test_reduction_many_weightings_at_once_are_each_by_itself(statistic):
    risk, outcome = drawn(4)
    times = np.random.default_rng(5).integers(0, 3, (6, len(risk))).astype(float)
    together = statistic(outcome.astype(float), np.round(risk, 2), times)
    apart = [float(statistic(outcome.astype(float), np.round(risk, 2), row)) for row in times]
    assert together.tolist() == pytest.approx(apart)


def test_reduction_on_many_rows_near_risks_stand_together_without_moving_a_figure():
    risk, outcome = drawn(6, clients=25_000)
    times = np.random.default_rng(5).integers(0, 3, (2, len(risk))).astype(float)
    for statistic in (auc, average_precision, calibration_slope, calibration_intercept):
        coarse = statistic(outcome.astype(float), risk, times)
        exact = [float(statistic(outcome.astype(float), risk, row)) for row in times]
        assert coarse.tolist() == pytest.approx(exact, abs=1e-3)


def test_reduction_a_list_of_everyone_finds_all_and_lifts_nothing():
    risk, outcome = drawn(7)
    left, unit = outcome.astype(float), np.ones(len(risk))
    assert (share_found(left, unit, unit), lift(left, unit, unit)) == (1, 1)
    assert lift(left, left, unit) == pytest.approx(1 / left.mean())


def test_property_draws_take_clients_with_all_their_rows():
    client = np.array(["b", "a", "b", "c"])
    shared = client_draws(client, rng=3, draws=50)
    rows = shared.times[:, shared.group]
    assert (rows[:, 0] == rows[:, 2]).all()
    assert (shared.times.sum(axis=1) == 3).all()
    assert rows[:, 1].std() > 0


def test_direction_a_card_tells_skill_and_lift_from_none():
    risk, outcome = drawn(8)
    frame = forecasts_of(outcome, base=np.full(len(risk), outcome.mean()), rich=risk)
    base, rich = scorecard(frame, rng=1, draws=50, contacts=30)
    assert (base.skill.value, base.lift.value, base.found.value) == pytest.approx((0, 1, 0.1))
    assert 0 < rich.skill.low < rich.skill.value < rich.skill.high
    assert rich.lift.low > 1
    assert rich.found.value == pytest.approx(rich.lift.value * 0.1)
    assert rich.average_precision.value > base.average_precision.value


def test_direction_a_difference_is_paired():
    risk, outcome = drawn(9)
    frame = forecasts_of(outcome, one=risk, same=risk.copy(), near=np.clip(risk + 0.01, 0, 1), base=np.full(300, 0.3))
    none = difference(frame, of="one", against="same", statistic=log_loss, rng=1)
    assert (none.value, none.low, none.high) == (0, 0, 0)
    small = difference(frame, of="near", against="one", statistic=log_loss, rng=1)
    alone = scorecard(frame, rng=1)[0].log_loss
    assert small.high - small.low < (alone.high - alone.low) / 5
    assert difference(frame, of="one", against="base", statistic=log_loss, rng=1).high < 0


def test_reduction_boosting_speaks_from_two_hundred_departures_on():
    for clients, name in ((400, "base"), (1500, "boosting")):
        risk, outcome = drawn(10, clients=clients)
        assert (outcome.sum() >= 200) == (name == "boosting")
        frame = forecasts_of(outcome, base=np.full(clients, outcome.mean()), boosting=risk)
        assert choose(frame, rng=1, calibrated=True) == name
        assert choose(frame, rng=1) == "base"  # risks that were not calibrated only rank
