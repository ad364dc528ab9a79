"""The hazard counted: against published figures, closed forms and brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.lifetime import HazardTable, hazard_table, kaplan_meier, median_lifetime, restricted_mean

# Weeks in remission under 6-MP (Freireich and others 1963, Blood 21, 699-716); censored weeks are negative.
WEEKS = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
# Kaplan-Meier estimate as tabled by Kleinbaum and Klein, Survival Analysis, 3rd ed., chapter 2.
TABLED = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}

LIVES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20), st.booleans()), min_size=1, max_size=40)


def remission():
    return hazard_table(np.zeros(len(WEEKS)), np.abs(WEEKS), np.array(WEEKS) > 0)


def steady(hazard_of_1000, months):
    """Risk sets of a thousand, refilled by late entries, with the same number leaving every month."""
    month = np.arange(1, months + 1)
    return HazardTable(month, np.full(months, 1000), np.full(months, hazard_of_1000))


def test_reference_remission_survival_is_as_tabled():
    curve = kaplan_meier(remission(), minimum_at_risk=1)
    assert curve.survival[np.array(list(TABLED)) - 1] == pytest.approx(list(TABLED.values()), abs=5e-5)
    assert curve.at_risk[np.array(list(TABLED)) - 1].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert median_lifetime(curve).value == 23


def test_reference_remission_intervals_are_loglog_of_greenwood_by_hand():
    curve = kaplan_meier(remission(), minimum_at_risk=1)
    steps = [(6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1)]
    survival, summed = 1.0, 0.0
    for week, risk, gone in steps:
        survival *= 1 - gone / risk
        summed += gone / (risk * (risk - gone))
        spread = 1.959963984540054 * np.sqrt(summed) / abs(np.log(survival))
        expected = [survival ** np.exp(spread), survival ** np.exp(-spread)]
        assert [curve.low[week - 1], curve.high[week - 1]] == pytest.approx(expected)
    assert [curve.low[5], curve.high[5]] == pytest.approx([0.6197, 0.9516], abs=5e-5)
    assert [curve.low[22], curve.high[22]] == pytest.approx([0.1881, 0.6801], abs=5e-5)


def test_reference_remission_restricted_mean_is_the_area_by_hand():
    weeks, heights = [0, *TABLED, 35], [1.0]
    for risk, gone in [(21, 3), (17, 1), (15, 1), (12, 1), (11, 1), (7, 1), (6, 1)]:
        heights.append(heights[-1] * (1 - gone / risk))
    areas = np.array(heights) * np.diff(weeks)
    right = areas[::-1].cumsum()[::-1][1:]
    risk, gone = np.array([21, 17, 15, 12, 11, 7, 6]), np.array([3, 1, 1, 1, 1, 1, 1])
    error = np.sqrt((right**2 * gone / (risk * (risk - gone))).sum())
    found = restricted_mean(remission(), horizon=35, minimum_at_risk=1)
    assert found.value == pytest.approx(areas.sum())
    share = found.value / 35  # arms are equal in the log odds of the share of the horizon
    arms = [np.log(end / (35 - end)) - np.log(share / (1 - share)) for end in (found.low, found.high)]
    arm = 1.959963984540054 * error / 35 / share / (1 - share)
    assert arms[1] == pytest.approx(arm)
    assert arms[0] < -arm  # nine departures are few
    assert (found.value, error) == pytest.approx((23.287, 2.827), abs=1e-3)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_reduction_without_censoring_survival_is_the_share_still_there(exits):
    table = hazard_table(np.zeros(len(exits)), exits, np.ones(len(exits)))
    curve = kaplan_meier(table, minimum_at_risk=1)
    still = [np.mean(np.array(exits) > month) for month in curve.month]
    assert curve.survival == pytest.approx(still, abs=1e-12)
    mean = restricted_mean(table, horizon=max(exits), minimum_at_risk=1)
    assert mean.value == pytest.approx(np.mean(exits))


@pytest.mark.parametrize("per_mille", [1, 20, 300])
def test_reduction_constant_hazard_in_closed_form(per_mille):
    hazard, table = per_mille / 1000, steady(per_mille, 60)
    assert table.hazard == pytest.approx(np.full(60, hazard))
    assert kaplan_meier(table).survival == pytest.approx((1 - hazard) ** np.arange(1, 61))
    expected = (1 - (1 - hazard) ** 48) / hazard
    assert restricted_mean(table, horizon=48).value == pytest.approx(expected)
    assert restricted_mean(table, horizon=48, start=12).value == pytest.approx(expected)


def test_reduction_survival_from_a_start_is_the_ratio_of_the_whole_curve():
    whole, later = kaplan_meier(remission(), minimum_at_risk=1), kaplan_meier(remission(), start=10, minimum_at_risk=1)
    assert later.survival == pytest.approx(whole.survival[10:] / whole.survival[9])
    assert later.month[0] == 11


@settings(max_examples=80)
@given(LIVES)
def test_property_risk_sets_with_late_entry_agree_with_counting_one_by_one(lives):
    entry, stay, event = (np.array(part) for part in zip(*lives, strict=True))
    leave = entry + stay
    table = hazard_table(entry, leave, event)
    months = range(1, leave.max() + 1)
    assert table.month.tolist() == list(months)
    assert table.at_risk.tolist() == [int(((entry < month) & (month <= leave)).sum()) for month in months]
    assert table.events.tolist() == [int((event & (leave == month)).sum()) for month in months]


@settings(max_examples=50)
@given(LIVES, st.integers(0, 15))
def test_property_curves_fall_stay_in_their_intervals_and_show_enough_at_risk(lives, start):
    table = hazard_table(
        *(np.array(part) for part in ([e for e, _, _ in lives], [e + s for e, s, _ in lives], [v for _, _, v in lives]))
    )
    curve = kaplan_meier(table, start=start, minimum_at_risk=3)
    assert (np.diff(curve.survival, prepend=1.0) <= 0).all()
    inside = (curve.survival > 0) & (curve.survival < 1)
    assert (curve.low <= curve.survival)[inside].all()
    assert (curve.high >= curve.survival)[inside].all()
    assert (curve.at_risk >= 3).all()
    assert curve.start >= start


@settings(max_examples=50)
@given(LIVES, st.integers(0, 38))
def test_direction_one_more_departure_never_lengthens_the_mean(lives, place):
    entry, stay, event = (np.array(part) for part in zip(*lives, strict=True))
    gone = event.copy()
    gone[place % len(gone)] = True
    before, after = (
        restricted_mean(hazard_table(entry, entry + stay, left), horizon=int((entry + stay).max()), minimum_at_risk=1)
        for left in (event, gone)
    )
    assert np.isnan(before.value) == np.isnan(after.value)
    assert np.isnan(before.value) or after.value <= before.value


def test_beyond_the_data_nothing_is_said():
    table = hazard_table(np.zeros(30), np.repeat([5, 12], 15), np.ones(30))
    assert np.isnan(restricted_mean(table, horizon=13).value)
    assert np.isnan(restricted_mean(table, horizon=6, minimum_at_risk=16).value)
    assert restricted_mean(table, horizon=6).value == pytest.approx(5 + 0.5)
    curve = kaplan_meier(table, minimum_at_risk=16)
    assert curve.month.tolist() == [1, 2, 3, 4, 5]
    assert kaplan_meier(table, minimum_at_risk=31).month.size == 0
    assert np.isnan(median_lifetime(kaplan_meier(table, minimum_at_risk=31)).value)


@pytest.mark.parametrize(
    ("entry", "leave", "message"),
    [([0, 1], [1], "one length"), ([], [], "above 0"), ([-1], [2], "got entry -1"), ([0, 3], [1, 3], "at position 1")],
)
def test_lives_that_cannot_be_are_refused(entry, leave, message):
    with pytest.raises(ValueError, match=message):
        hazard_table(entry, leave, np.ones(len(leave), dtype=bool))


def test_recovery_late_entry_is_needed_and_enough():
    hazard, horizon = 0.05, 24
    truth = (1 - (1 - hazard) ** horizon) / hazard
    covered, naive_covered, naive = 0, 0, []
    for seed in range(40):
        rng = np.random.default_rng([11, seed])
        leave, entry = rng.geometric(hazard, 600), rng.integers(0, 30, 600)
        seen = leave > entry  # who left before the records began is in no records
        end = entry + 24
        entry, event, last = entry[seen], (leave <= end)[seen], np.minimum(leave, end)[seen]
        right = restricted_mean(hazard_table(entry, last, event), horizon=horizon)
        wrong = restricted_mean(hazard_table(np.zeros_like(entry), last, event), horizon=horizon)
        covered += right.low <= truth <= right.high
        naive_covered += wrong.low <= truth <= wrong.high
        naive.append(wrong.value)
    assert 32 <= covered <= 40  # exact 99.9 % band of 95 % in 40
    assert naive_covered == 0
    assert min(naive) > truth
