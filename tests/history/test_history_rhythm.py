"""How long a silence may last."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orders_by_hand import on, orders_of

from churnlab.history import FixedDays, OwnRhythm, propose_rule, purchases
from churnlab.history.rhythm import rhythm

BOOKS = st.dictionaries(
    st.sampled_from("abcd"), st.lists(st.integers(0, 1200), min_size=1, max_size=12), min_size=1, max_size=4
)


@settings(max_examples=25, deadline=None)
@given(BOOKS, st.integers(1, 1200))
def test_property_limits_never_change_when_later_orders_are_added(days, cut):
    full = purchases(orders_of(days))
    early = full[full["date"] < on(cut)].reset_index(drop=True)
    paced = rhythm(full, rule=OwnRhythm())
    seen = paced[paced["date"] < on(cut)].reset_index(drop=True)
    if len(early):
        pd.testing.assert_frame_equal(rhythm(early, rule=OwnRhythm()), seen, check_exact=True)


def test_reference_limits_by_hand():
    paced = rhythm(purchases(orders_of({"a": [0, 40, 100], "b": [100, 200]})), rule=OwnRhythm(floor_days=1))
    a_first, a_second, a_third, b_first, b_second = paced["typical_gap_days"]
    assert (a_first, a_second) == pytest.approx((30, 40))  # a month before any gap closed; then its own 40
    assert a_third == pytest.approx(np.exp((3 * np.log([40, 60]).mean() + np.log([40, 60]).sum()) / 5))
    assert b_first == pytest.approx(np.sqrt(40 * 60))  # the pool of gaps closed by then
    assert b_second == pytest.approx(np.exp((3 * np.log([40, 60, 100]).mean() + np.log(100)) / 4))
    assert paced["limit_days"].tolist() == np.ceil(5 * paced["typical_gap_days"]).tolist()


def test_reference_floor_and_ceiling_hold():
    often, rarely = orders_of({"a": list(range(0, 50, 5))}), orders_of({"a": [0, 360, 720]})
    assert rhythm(purchases(often), rule=OwnRhythm())["limit_days"].iloc[-1] == 90
    assert rhythm(purchases(rarely), rule=OwnRhythm())["limit_days"].iloc[-1] == 730


def test_reduction_fixed_days_are_the_same_for_everyone():
    paced = rhythm(purchases(orders_of({"a": [0, 5, 500], "b": [90]})), rule=FixedDays(days=77))
    assert set(paced["limit_days"]) == {77}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=8), st.integers(1, 100))
def test_direction_a_slower_rhythm_never_shortens_the_limit(gaps, more):
    limits = []
    for extra in (0, more):
        days = [0, *np.cumsum(np.array(gaps) + extra).tolist()]
        limits.append(rhythm(purchases(orders_of({"a": days})), rule=OwnRhythm())["limit_days"].iloc[-1])
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
