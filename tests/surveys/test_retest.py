"""Noise of one answer, and answers before and after a day."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind, ttest_rel

from churnlab.surveys import before_after, compare, retest


def book(clients: int = 120, times: int = 6, *, noise: float = 1.0, pace: float = 0.0, seed: int = 5):
    """Scores, clients and days: a level for each client, a random walk of `pace` squared points a year, and noise."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.uniform(0, 90 * times, (clients, times)), axis=1)
    steps = rng.normal(size=(clients, times)) * np.sqrt(pace * np.diff(day, axis=1, prepend=0.0) / 365.25)
    scores = 5 + rng.normal(size=(clients, 1)) + steps.cumsum(axis=1) + noise * rng.normal(size=(clients, times))
    return scores.ravel(), np.repeat(np.arange(clients), times), day.ravel()


def test_reduction_two_answers_at_two_times_give_half_the_mean_squared_difference():
    """All pairs but one a day apart: the line goes through their mean and the odd pair."""
    rng = np.random.default_rng(3)
    client = np.repeat(np.arange(50), 2)
    scores = rng.normal(5, 1, 50)[client] + rng.normal(size=100)
    day = np.tile([0.0, 1.0], 50)
    day[1] = 0.0
    half = np.diff(scores.reshape(50, 2), axis=1)[:, 0] ** 2 / 2
    found = retest(scores, client, day)
    assert found.noise.value == pytest.approx(half[0])
    assert found.drift.value == pytest.approx(2 * 365.25 * (half[1:].mean() - half[0]))
    assert found.pairs == 50


def test_reduction_total_is_the_variance_and_reliability_its_part():
    scores, client, day = book()
    found = retest(scores, client, day)
    assert found.total.value == pytest.approx(scores.var(ddof=1))
    assert found.reliability.value == pytest.approx(1 - found.noise.value / found.total.value)
    assert (1 - found.reliability.value) * found.total.value == pytest.approx(found.noise.value)


def test_reduction_errors_are_near_those_of_a_bootstrap_over_clients():
    scores, client, day = book(200)
    found, rng = retest(scores, client, day), np.random.default_rng(2)
    drawn = []
    for _ in range(300):
        picked = rng.integers(0, 200, 200)
        rows = (6 * picked[:, None] + np.arange(6)).ravel()
        again = retest(scores[rows], np.repeat(np.arange(200), 6), day[rows])
        drawn.append([again.noise.value, again.total.value, again.reliability.value, again.drift.value])
    errors = [each.error for each in (found.noise, found.total, found.reliability, found.drift)]
    assert errors == pytest.approx(np.std(drawn, axis=0), rel=0.2)


def test_reduction_errors_are_those_of_leaving_out_one_client():
    scores, client, day = book(40, 4, pace=0.5)
    found = retest(scores, client, day)
    left = [retest(scores[client != out], client[client != out], day[client != out]) for out in range(40)]
    for name in ("noise", "drift"):
        without = np.array([getattr(each, name).value for each in left])
        assert getattr(found, name).error == pytest.approx(np.sqrt(39 * without.var()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-5, 5), st.floats(0.2, 5), st.permutations(range(120)))
def test_property_noise_is_in_squared_points_and_rows_have_no_order(seed, shift, scale, order):
    scores, client, day = book(30, 4, seed=seed)
    found = retest(scores, client, day)
    again = retest((shift + scale * scores)[order], client[order], day[order] + 100)
    for one, other in [(found.noise, again.noise), (found.total, again.total), (found.drift, again.drift)]:
        assert other.value == pytest.approx(scale**2 * one.value, rel=1e-6, abs=1e-9)
        assert other.error == pytest.approx(scale**2 * one.error, rel=1e-6)
    assert again.reliability.value == pytest.approx(found.reliability.value)


def test_property_levels_of_strata_are_neither_noise_nor_clients():
    scores, client, day = book()
    wave = np.random.default_rng(4).integers(0, 3, scores.size)
    plain, raised = retest(scores, client, day, stratum=wave), retest(scores + 2.0 * wave, client, day, stratum=wave)
    assert raised.noise.value == pytest.approx(plain.noise.value, rel=1e-6)
    assert raised.total.value == pytest.approx(plain.total.value)
    assert retest(scores + 2.0 * wave, client, day).noise.value > 2 * plain.noise.value


def test_direction_noise_lowers_reliability_and_drift_is_not_noise():
    quiet, loud = retest(*book(noise=0.5)), retest(*book(noise=1.5))
    assert quiet.noise.high < loud.noise.low
    assert quiet.reliability.low > loud.reliability.high
    moving = retest(*book(400, pace=2.0))
    assert moving.drift.low > 0
    assert moving.noise.high < 1.5


@pytest.mark.parametrize("strata", [1, 60])
def test_recovery_noise_reliability_and_drift_over_many_books(strata):
    """The mean of forty books lies within four of its standard errors of the truth, also with strata of eight."""
    found = []
    for seed in range(40):
        scores, client, day = book(80, pace=0.5, seed=seed)
        wave = np.random.default_rng(seed).integers(0, strata, scores.size)
        each = retest(scores + 0.1 * wave, client, day, stratum=wave)
        found.append([each.noise.value, each.drift.value])
    away = (np.mean(found, axis=0) - [1.0, 0.5]) / (np.std(found, axis=0, ddof=1) / np.sqrt(40))
    assert (np.abs(away) < 4).all()


def test_too_little_to_tell():
    scores, client, day = book(19)
    assert not retest(scores, client, day).known
    same = retest(*book(40, 1))
    assert (same.pairs, same.known) == (0, False)
    apart = retest(scores[:0], client[:0], day[:0])
    assert (apart.answers, apart.known) == (0, False)
    scores, client, day = book(40, 2)
    assert not retest(scores, client, np.tile([0.0, 30.0], 40)).known
    assert not retest(np.full(80, 7.0), client, day).known


def test_far_answers_and_gaps_are_left_out():
    scores, client, day = book(40, 4)
    assert retest(scores, client, day, span=30).pairs < retest(scores, client, day).pairs
    gaps = scores.copy()
    gaps[::3] = np.nan
    assert retest(gaps, client, day) == retest(scores[~np.isnan(gaps)], client[~np.isnan(gaps)], day[~np.isnan(gaps)])
    with pytest.raises(ValueError, match="span above 0"):
        retest(scores, client, day, span=0)
    with pytest.raises(ValueError, match="one length"):
        retest(scores, client, day[1:])


def visits(*, step: float = 0.0, seed: int = 5):
    """One answer before and one after day 100 of forty clients, half of them concerned by a step."""
    rng = np.random.default_rng(seed)
    client, after = np.tile(np.arange(40), 2), np.repeat([False, True], 40)
    concerned = client < 20
    scores = 7 + rng.normal(size=40)[client] + step * (after & concerned) + rng.normal(0, 0.5, 80)
    return scores, np.where(after, 110.0, 90.0), client, concerned


def test_reduction_one_answer_on_either_side_is_the_paired_t_test():
    scores, day, client, _ = visits()
    found = before_after(scores, day, 100, client, window=30)
    paired = ttest_rel(scores[40:], scores[:40]).confidence_interval()
    assert (found.concerned.low, found.concerned.high) == pytest.approx((paired.low, paired.high))
    assert (found.others, found.apart) == (None, None)


def test_reduction_difference_in_differences_is_welchs_test_of_the_changes():
    scores, day, client, concerned = visits(step=0.5)
    found = before_after(scores, day, 100, client, window=30, concerned=concerned)
    change = scores[40:] - scores[:40]
    welch = ttest_ind(change[:20], change[20:], equal_var=False).confidence_interval()
    assert found.apart.value == pytest.approx(change[:20].mean() - change[20:].mean())
    assert (found.apart.low, found.apart.high) == pytest.approx((welch.low, welch.high))


def test_property_only_the_window_and_the_same_stratum_count():
    scores, day, client, _ = visits()
    far = np.r_[scores, [0.0, 10.0]], np.r_[day, [10.0, 190.0]], np.r_[client, [0, 0]]
    assert before_after(far[0], far[1], 100, far[2], window=30) == before_after(scores, day, 100, client, window=30)
    wave = np.where((client < 15) & (day > 100), 1, 0)
    within = before_after(scores, day, 100, client, window=30, stratum=wave).concerned
    paired = client >= 15
    assert within == compare(scores[paired], day[paired] > 100, client[paired], stratum=client[paired])


def test_direction_what_moves_all_is_not_the_change():
    scores, day, client, concerned = visits(step=1.0)
    everywhere = scores + 2.0 * (day > 100)
    found = before_after(everywhere, day, 100, client, window=30, concerned=concerned)
    assert found.others.low > 1
    assert found.verdict == "higher after"
    assert found.apart.value == pytest.approx(
        before_after(scores, day, 100, client, window=30, concerned=concerned).apart.value
    )
    assert before_after(-scores - 3.0 * (day > 100), day, 100, client, window=30).verdict == "lower after"


def test_recovery_of_a_step_over_many_books():
    found = []
    for seed in range(40):
        scores, day, client, concerned = visits(step=0.5, seed=seed)
        found.append(before_after(scores, day, 100, client, window=30, concerned=concerned).apart.value)
    assert abs(np.mean(found) - 0.5) < 4 * np.std(found) / np.sqrt(40)


def test_before_after_refuses_what_it_cannot_mean():
    scores, day, client, concerned = visits()
    with pytest.raises(ValueError, match="window above 0"):
        before_after(scores, day, 100, client, window=0)
    with pytest.raises(ValueError, match="some in both"):
        before_after(scores, day, 100, client, window=30, concerned=np.r_[concerned[:40], ~concerned[:40]])
    with pytest.raises(ValueError, match="one length"):
        before_after(scores, day[1:], 100, client, window=30)
    few = before_after(scores, day, 100, client, window=30, concerned=client < 5)
    assert few.verdict == "cannot tell"
    assert not few.apart.known
