"""Remaining lifetime: the counted mean where nothing else speaks, spans that are kept, intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.lifetime import hazard_table, remaining_lifetime, restricted_mean


def table_of(hazard, *, lives=4000, months=60, seed=1):
    rng = np.random.default_rng(seed)
    left_in = rng.geometric(hazard, lives)
    return hazard_table(np.zeros(lives), np.minimum(left_in, months), left_in <= months)


TABLES = [table_of(0.02), table_of(0.05, months=24, seed=2)]


def test_reduction_without_a_near_hazard_it_is_the_restricted_mean():
    found = remaining_lifetime(np.zeros((2, 0)), [0, 0], [3, 3], [0, 1], TABLES, longest=12)
    means = [restricted_mean(table, start=3, horizon=12) for table in TABLES]
    assert found.months == pytest.approx([mean.value for mean in means])
    width = [(mean.high - mean.low) for mean in means]
    assert found.high - found.low == pytest.approx(width, rel=0.05)
    assert found.near.tolist() == [0, 0]


def test_reduction_a_near_hazard_without_doubt_that_covers_the_horizon_is_a_geometric_sum():
    found = remaining_lifetime(np.full((1, 12), 0.1), [0.0], [5], [0], TABLES, longest=12)
    assert found.months[0] == pytest.approx((1 - 0.9**12) / 0.1)
    assert found.low[0] == pytest.approx(found.high[0])


def test_reduction_a_near_hazard_like_the_counted_one_changes_nothing():
    table = TABLES[0]
    near = table.hazard[None, 7:19]
    found = remaining_lifetime(near, [0.0], [7], [0], TABLES, longest=40)
    assert found.months[0] == pytest.approx(restricted_mean(table, start=7, horizon=40).value)


def test_property_nothing_is_said_beyond_what_was_seen_of_the_line():
    found = remaining_lifetime(
        np.full((4, 6), 0.01), np.full(4, 0.1), [0, 20, 23, 70], [1, 1, 1, 1], TABLES, longest=120
    )
    assert found.horizon.tolist() == [24, 4, 1, 0]
    assert found.near.tolist() == [6, 4, 1, 0]
    assert np.isnan(found.months[3])
    assert np.isnan(found.low[3])
    assert found.months[2] == 1


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 0.5), st.floats(0, 1), st.integers(0, 59), st.integers(1, 80))
def test_property_intervals_hold_the_months_and_lie_within_the_horizon(hazard, error, tenure, longest):
    found = remaining_lifetime(np.full((1, 12), hazard), [error], [tenure], [0], TABLES, longest=longest)
    if found.horizon[0]:
        assert 0 < found.low[0] <= found.months[0] <= found.high[0] <= found.horizon[0]


def test_direction_a_higher_hazard_shortens_and_more_doubt_widens():
    near = np.repeat([[0.01], [0.03], [0.09]], 12, axis=1)
    months = remaining_lifetime(near, np.full(3, 0.2), np.zeros(3), np.zeros(3), TABLES).months
    assert (np.diff(months) < 0).all()
    one = np.repeat(near[:1], 3, axis=0)
    found = remaining_lifetime(one, [0.0, 0.3, 0.9], np.zeros(3), np.zeros(3), TABLES)
    assert (np.diff(found.high - found.low) > 0).all()


def test_property_a_hundred_thousand_clients_are_as_one_by_one():
    rng = np.random.default_rng(3)
    count = 100_000
    near, error = rng.uniform(0.005, 0.1, (count, 12)), rng.uniform(0, 0.4, count)
    tenure, group = rng.integers(0, 80, count), rng.integers(0, 2, count)
    found = remaining_lifetime(near, error, tenure, group, TABLES)
    some = np.arange(0, count, 9973)
    again = remaining_lifetime(near[some], error[some], tenure[some], group[some], TABLES)
    assert found.months[some] == pytest.approx(again.months, nan_ok=True)
    assert found.high[some] == pytest.approx(again.high, nan_ok=True)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"near": [[1.2]]}, "0 to 1"),
        ({"near_error": [-1.0]}, "at least 0"),
        ({"group": [2]}, "groups from 0 to 1"),
        ({"tenure": [0, 1]}, "n of each"),
    ],
)
def test_what_makes_no_sense_is_refused(changed, message):
    given = {"near": [[0.1]], "near_error": [0.1], "tenure": [0], "group": [0]} | changed
    with pytest.raises(ValueError, match=message):
        remaining_lifetime(**given, tables=TABLES)
