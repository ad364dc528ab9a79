"""Lines between bands: inclusive, with a source each, the money to the next one, and no flicker."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.accounts import BANDS, Band, confirmed, reached, to_reach, to_widen


def test_reference_lines_are_inclusive_and_each_has_a_source():
    assert [band.share for band in BANDS] == [0.1, 0.2, 0.3, 0.5]
    assert reached([0.1, 0.2, 0.3, 0.5]).tolist() == [1, 2, 3, 4]
    assert reached(np.nextafter([0.1, 0.5], 1)).tolist() == [1, 4]
    assert reached([0.0999, 0.4999, 0.1 + 0.2]).tolist() == [0, 3, 3]
    assert all(len(band.source) > 20 for band in BANDS)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_line_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="correct the band"):
        Band(share, "key", "somebody")


def test_lines_out_of_order_are_refused():
    with pytest.raises(ValueError, match="put them in order"):
        reached([0.1], BANDS[::-1])


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6), st.floats(0.01, 0.99))
def test_property_the_money_to_a_line_brings_the_share_there(own, others, line):
    total = own + others
    more = to_reach(own, total, line)
    assert (own + more) / (total + more) == pytest.approx(line)
    wider = to_widen(own, total, line)
    assert own / (total + wider) == pytest.approx(line)


def test_reference_a_flicker_changes_no_band():
    assert confirmed([1, 2, 1, 2, 1, 2]).tolist() == [1] * 6
    assert confirmed([1, 2, 2, 2]).tolist() == [1, 1, 2, 2]
    assert confirmed([2, 0, 1, 0]).tolist() == [2, 2, 1, 1]  # 0 was not held for two in a row
    assert confirmed([1, 2, 1], periods=1).tolist() == [1, 2, 1]
    with pytest.raises(ValueError, match="one period or more"):
        confirmed([1], periods=0)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(1, 4))
def test_property_a_confirmed_level_was_seen_and_a_steady_one_is_kept(levels, periods):
    held = confirmed(levels, periods=periods)
    assert set(held.tolist()) <= set(levels)
    steady = confirmed([*levels, *[3] * periods], periods=periods)
    assert steady[-1] == 3
