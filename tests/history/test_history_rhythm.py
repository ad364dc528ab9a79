"""How long a silence may last."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orders_by_hand import on, orders_of

from churnlab.history import FixedDays, OwnRhythm, propose_rule
from churnlab.history.purchases import read_purchases
from churnlab.history.rhythm import rhythm

BOOKS = st.dictionaries(
    st.sampled_from("abcd"), st.lists(st.integers(0, 1200), min_size=1, max_size=12), min_size=1, max_size=4
)


@settings(max_examples=25, deadline=None)
@given(BOOKS, st.integers(1, 1200))
def test_property_limits_never_change_when_later_orders_are_added(days, cut):
    full = read_purchases(orders_of(days))
    early = full.before(on(cut))
    if not len(early.day):
        return
    seen = full.day < (on(cut) - pd.Timestamp(0)).days
    late, then = rhythm(full, rule=OwnRhythm()), rhythm(early, rule=OwnRhythm())
    np.testing.assert_array_equal(then.typical, late.typical[seen])
    np.testing.assert_array_equal(then.limit, late.limit[seen])


def paced(days, rule):
    return rhythm(read_purchases(orders_of(days)), rule=rule)


def test_reference_limits_by_hand():
    pace = paced({"a": [0, 40, 100], "b": [100, 200]}, OwnRhythm(floor_days=1))
    a_first, a_second, a_third, b_first, b_second = pace.typical
    assert (a_first, a_second) == pytest.approx((30, 40))  # a month before any gap closed; then its own 40
    assert a_third == pytest.approx(np.exp((3 * np.log([40, 60]).mean() + np.log([40, 60]).sum()) / 5))
    assert b_first == pytest.approx(np.sqrt(40 * 60))  # the pool of gaps closed by then
    assert b_second == pytest.approx(np.exp((3 * np.log([40, 60, 100]).mean() + np.log(100)) / 4))
    assert pace.limit.tolist() == np.ceil(5 * pace.typical).tolist()


def test_reference_floor_and_ceiling_hold():
    assert paced({"a": list(range(0, 50, 5))}, OwnRhythm()).limit[-1] == 90
    assert paced({"a": [0, 360, 720]}, OwnRhythm()).limit[-1] == 730


SEASONAL = [*range(0, 300, 10), *range(420, 660, 10)]  # pauses of 130 days, a year apart


@pytest.mark.parametrize(("margin", "limit"), [(1.25, 163), (2.0, 260), (0.0, 90)])
def test_reference_a_client_that_paused_a_year_ago_may_pause_again(margin, limit):
    pace = paced({"a": SEASONAL}, OwnRhythm(pause_margin=margin))
    assert pace.limit[-1] == limit  # 1.25 times 130, rounded up
    assert pace.limit[len(range(0, 300, 10)) - 1] == 90  # the first pause has no forerunner


@pytest.mark.parametrize(("last", "allowed"), [(609, False), (611, True), (699, True), (701, False)])
def test_reference_a_pause_counts_within_45_days_of_its_day_a_year_before(last, allowed):
    days = [*range(0, 300, 10), *range(420, 600, 10), last]  # the pause began on day 290
    assert (paced({"a": days}, OwnRhythm()).limit[-1] > 90) == allowed


def test_reduction_fixed_days_are_the_same_for_everyone():
    assert set(paced({"a": [0, 5, 500], "b": [90]}, FixedDays(days=77)).limit) == {77}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=8), st.integers(1, 100))
def test_direction_a_slower_rhythm_never_shortens_the_limit(gaps, more):
    limits = []
    for extra in (0, more):
        days = [0, *np.cumsum(np.array(gaps) + extra).tolist()]
        limits.append(paced({"a": days}, OwnRhythm()).limit[-1])
    assert limits[1] >= limits[0]


@pytest.mark.parametrize(("last", "ceiling"), [(100, 90), (1200, 300), (4000, 730)])
def test_reference_the_proposed_ceiling_is_a_quarter_of_the_records_within_bounds(last, ceiling):
    assert propose_rule(orders_of({"a": [0, last]})).ceiling_days == ceiling


@pytest.mark.parametrize(
    "wrong", [{"multiple": 1}, {"floor_days": 0}, {"floor_days": 800}, {"prior_gaps": 0}, {"ceiling_days": 10}]
)
def test_rules_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="expected multiple > 1"):
        OwnRhythm(**wrong)
    with pytest.raises(ValueError, match="expected days above 0, got -1"):
        FixedDays(days=-1)
