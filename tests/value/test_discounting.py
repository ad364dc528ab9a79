"""What later money counts today, and discounted months."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.value import discount_factor, discounted_months


def test_reference_a_year_at_ten_percent():
    assert discount_factor(0.1, [0, 12, 24]) == pytest.approx([1, 1 / 1.1, 1 / 1.21])
    assert discount_factor([0.1, 0.2], 12) == pytest.approx([1 / 1.1, 1 / 1.2])


def test_reference_a_geometric_stay_is_found_again():
    stay, horizon = 0.97, 24
    there = stay ** np.arange(horizon)
    factors = 1.15 ** (-np.arange(1, horizon + 1) / 12)
    found = discounted_months([there.sum()], horizon=horizon, yearly_rate=0.15)
    assert found == pytest.approx([there @ factors], rel=1e-9)


@given(st.floats(1, 24))
def test_reduction_without_a_rate_months_are_months(months):
    assert discounted_months([months], horizon=24, yearly_rate=0.0) == pytest.approx([months], abs=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.15, 0.5])
def test_reduction_ends_are_one_month_and_the_annuity(rate):
    found = discounted_months([1.0, 24.0], horizon=24, yearly_rate=rate)
    factors = discount_factor(rate, np.arange(1, 25))
    assert found == pytest.approx([factors[0], factors.sum()])


@given(st.floats(1, 24), st.floats(1, 24), st.floats(0, 0.5), st.floats(0, 0.5))
def test_direction_more_months_are_worth_more_and_dearer_waiting_less(few, many, cheap, dear):
    few, many, cheap, dear = *sorted((few, many)), *sorted((cheap, dear))
    worth = [
        float(discounted_months([months], horizon=24, yearly_rate=rate)[0])
        for months, rate in ((few, cheap), (many, cheap), (few, dear))
    ]
    assert worth[0] <= worth[1] + 1e-9
    assert worth[2] <= worth[0] + 1e-9


def test_what_is_not_known_stays_so():
    found = discounted_months([np.nan, 12.0], horizon=24, yearly_rate=0.15)
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(discounted_months([12.0], horizon=24, yearly_rate=0.15)[0])
    assert np.isnan(discounted_months([np.nan], horizon=24, yearly_rate=0.1)).all()


@pytest.mark.parametrize(
    ("months", "horizon", "rate"), [([0.5], 24, 0.1), ([25.0], 24, 0.1), ([1.0], 0, 0.1), ([1.0], 24, -0.1)]
)
def test_figures_out_of_range_are_refused(months, horizon, rate):
    with pytest.raises(ValueError, match="expected"):
        discounted_months(months, horizon=horizon, yearly_rate=rate)
