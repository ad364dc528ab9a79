"""Simple rules of demand: what they may know, which one speaks, and whether its interval holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from churnlab.demand import LEAST_PAST, RULES, PastForecasts, forecast, past_forecasts

LAST_YEAR, MEAN, GROWTH = RULES
MONTHLY = st.lists(st.floats(1, 1e6), min_size=27, max_size=90)


def test_reference_forecasts_by_hand():
    monthly = np.arange(1.0, 51.0)  # fifty months: 1, 2, ...
    past = past_forecasts(monthly, ahead=1)
    assert past.rules == RULES
    assert past.origin.tolist() == list(range(24, 50))
    assert past.made[:, 0] == pytest.approx([13, 18.5, 13 * sum(range(13, 25)) / sum(range(1, 13))])
    assert past.seen.tolist() == list(range(25, 51))
    assert past.coming == pytest.approx([39, 44.5, 39 * sum(range(39, 51)) / sum(range(27, 39))])
    assert past.absolute_error[0] == pytest.approx(12 / 37.5)
    assert past.leaning[1] == pytest.approx(np.median(np.arange(25, 51) / np.arange(18.5, 44.5)) - 1)


def test_reference_quarters_do_not_overlap_and_growth_waits_for_its_past():
    past = past_forecasts(np.arange(1.0, 51.0), ahead=3)
    assert past.rules == (LAST_YEAR, MEAN)
    assert past.origin.tolist() == list(range(14, 50, 3))
    assert past.seen[-1] == 48 + 49 + 50
    assert past.made[:, -1] == pytest.approx([36 + 37 + 38, 3 * np.mean(np.arange(36, 48))])


@settings(max_examples=50)
@given(MONTHLY, st.integers(1, 3), st.data())
def test_property_a_forecast_knows_nothing_of_later_months(monthly, ahead, data):
    past = past_forecasts(monthly, ahead=ahead)
    place = data.draw(st.integers(0, len(past.origin) - 1))
    known = int(past.origin[place])
    changed = [*monthly[:known], *(9 * value + 5 for value in monthly[known:])]
    again = past_forecasts(changed, ahead=ahead)
    assert again.rules == past.rules
    np.testing.assert_array_equal(again.made[:, place], past.made[:, place])


@settings(max_examples=50)
@given(MONTHLY, st.integers(1, 3), st.floats(0.01, 100))
def test_property_another_unit_changes_nothing_but_the_unit(monthly, ahead, unit):
    one = forecast(past_forecasts(monthly, ahead=ahead))
    other = forecast(past_forecasts([unit * value for value in monthly], ahead=ahead))
    assert (other.past, other.tested) == (one.past, one.tested)
    if one.rule == other.rule:  # equal errors may tip either way
        assert (other.value, other.low, other.high) == pytest.approx(
            (unit * one.value, unit * one.low, unit * one.high), rel=1e-6, nan_ok=True
        )


def test_direction_a_season_lets_last_year_speak_and_noise_the_mean():
    rng, month = np.random.default_rng(3), np.arange(96)
    season = 100 + 60 * np.sin(month * np.pi / 6) + rng.normal(0, 2, 96)
    noise = 100 + rng.normal(0, 20, 96)
    growth = season * 1.15 ** (month / 12)
    assert forecast(past_forecasts(season, ahead=1)).rule == LAST_YEAR
    assert forecast(past_forecasts(noise, ahead=1)).rule == MEAN
    assert forecast(past_forecasts(growth, ahead=1)).rule == GROWTH


@settings(max_examples=50)
@given(MONTHLY, st.integers(1, 3))
def test_property_the_forecast_lies_within_its_interval(monthly, ahead):
    found = forecast(past_forecasts(monthly, ahead=ahead))
    if found.rule:
        assert 0 <= found.low <= found.value <= found.high
        assert found.tested == found.past - LEAST_PAST
        assert 0 <= found.covered <= found.tested


@pytest.mark.parametrize(("months", "speaks"), [(0, False), (5, False), (12, False), (23, False), (24, True)])
def test_fewer_than_twelve_past_forecasts_are_too_few(months, speaks):
    found = forecast(past_forecasts(np.full(months, 10.0), ahead=1))
    assert bool(found.rule) == speaks
    assert np.isnan(found.value) == (not speaks)
    assert found.past == max(0, months - 12)


def test_a_rule_that_would_forecast_nothing_is_left_out():
    monthly = np.tile([0.0, *np.arange(1.0, 12.0)], 4)
    past = past_forecasts(monthly, ahead=1)
    assert past.rules == (MEAN,)
    assert past_forecasts(np.zeros(40), ahead=1).rules == ()
    assert forecast(past_forecasts(np.zeros(40), ahead=1)).rule == ""


def test_a_month_of_net_returns_counts_as_nothing_sold():
    monthly = np.full(40, 10.0)
    monthly[-1] = -4.0
    assert past_forecasts(monthly, ahead=1).seen[-1] == 0.0


@pytest.mark.parametrize(("monthly", "ahead"), [([1.0] * 30, 0), ([1.0] * 30, 13), ([[1.0]], 1), ([np.nan] * 30, 1)])
def test_what_cannot_be_forecast_is_refused(monthly, ahead):
    with pytest.raises(ValueError, match="expected"):
        past_forecasts(monthly, ahead=ahead)


def test_a_level_that_so_few_cannot_give_is_refused():
    with pytest.raises(ValueError, match="level"):
        forecast(past_forecasts(np.full(60, 10.0), ahead=1), level=0.95)


def _past(ratios):
    """Past forecasts of one rule that always says 100."""
    count = len(ratios)
    return PastForecasts(1, (MEAN,), np.arange(count), np.full((1, count), 100.0), 100.0 * ratios, np.array([100.0]))


@pytest.mark.parametrize("past", [12, 27, 83])
def test_recovery_four_of_five_intervals_hold_what_comes(past):
    """200 draws of errors from one skewed law; the count of hits lies in the 99.9 % band of the promised coverage."""
    rng, held, runs = np.random.default_rng(past), 0, 200
    for _ in range(runs):
        ratios = rng.lognormal(0.1, 0.4, past + 1)
        found = forecast(_past(ratios[:-1]))
        held += found.low <= 100 * ratios[-1] <= found.high
    rank = int((past + 1) * 0.1)
    promised = 1 - 2 * rank / (past + 1)
    low, high = binom.ppf([0.0005, 0.9995], runs, promised)
    assert promised >= 0.8
    assert low <= held <= high


def test_reference_ends_are_the_second_errors_from_either_side_of_twenty_seven():
    ratios = np.random.default_rng(1).permutation(np.arange(1.0, 28.0))
    found = forecast(_past(ratios))
    assert (found.low, found.value, found.high) == (200.0, 1400.0, 2600.0)
