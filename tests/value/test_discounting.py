"""What later money counts today."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.value import discount_factor


def test_reference_a_year_at_ten_percent():
    assert discount_factor(0.1, [0, 12, 24]) == pytest.approx([1, 1 / 1.1, 1 / 1.21])
    assert discount_factor([0.1, 0.2], 12) == pytest.approx([1 / 1.1, 1 / 1.2])


@given(st.floats(0, 1), st.floats(0, 60), st.floats(0, 60))
def test_property_waiting_twice_is_waiting_the_sum(rate, first, then):
    both = discount_factor(rate, first) * discount_factor(rate, then)
    assert discount_factor(rate, first + then) == pytest.approx(float(both))


@given(st.floats(0, 0.5), st.floats(0, 0.5))
def test_direction_dearer_waiting_counts_less(one, other):
    cheap, dear = sorted((one, other))
    months = np.arange(1, 25)
    assert (discount_factor(dear, months) <= discount_factor(cheap, months)).all()
