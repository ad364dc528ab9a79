"""Orders of single clients by their own rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from churnlab.demand import RateSpread, expected_orders, fit_rates, level_needed

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=30)


def _drawn(clients, *, shape, months, seed):
    rng = np.random.default_rng(seed)
    rate, span = rng.gamma(shape, 1 / months, clients), rng.uniform(3, 12, clients)
    return rng.poisson(rate * span), span, rng.poisson(rate * 3)


def test_recovery_of_the_spread_of_rates():
    orders, span, _ = _drawn(20_000, shape=2.0, months=1.5, seed=5)
    found = fit_rates(orders, span)
    assert (found.shape, found.months) == pytest.approx((2.0, 1.5), rel=0.05)


def test_recovery_intervals_hold_what_comes_and_the_mean_is_right():
    """Discrete intervals hold at least what they promise; the 99.9 % band of 4,000 clients below."""
    orders, span, seen = _drawn(4000, shape=2.0, months=1.5, seed=8)
    mean, low, high = expected_orders(orders, span, spread=fit_rates(orders, span), horizon=3)
    held = int(((low <= seen) & (seen <= high)).sum())
    assert held >= binom.ppf(0.0005, 4000, 0.95)
    assert held < 4000
    assert mean.sum() == pytest.approx(seen.sum(), rel=0.03)


def test_reduction_without_spread_everyone_has_the_same_rate():
    orders, span = np.array([3.0, 6.0, 1.5]), np.array([6.0, 12.0, 3.0])
    mean, _, _ = expected_orders(orders, span, spread=fit_rates(orders, span), horizon=4)
    assert mean == pytest.approx([2.0, 2.0, 2.0], rel=1e-3)


def test_reduction_with_a_weightless_prior_the_own_rate_counts_alone():
    mean, _, _ = expected_orders([6.0, 1.0], [12.0, 4.0], spread=RateSpread(1e-9, 1e-9), horizon=3)
    assert mean == pytest.approx([1.5, 0.75])


@settings(max_examples=40)
@given(COUNTS, st.floats(0.5, 12))
def test_property_the_level_needed_is_the_one_that_just_holds(seen, months):
    seen = np.array(seen, dtype=float)
    orders, span = seen[::-1] + 1, np.full(len(seen), months)
    spread = RateSpread(2.0, 1.5)
    needed = level_needed(seen, orders, span, spread=spread, horizon=3)
    for place, level in enumerate(needed):
        one = (orders[[place]], span[[place]])
        if level < 1 - 1e-9:
            _, low, high = expected_orders(*one, spread=spread, horizon=3, level=level + 1e-9)
            assert low[0] <= seen[place] <= high[0]
        if level > 1e-6:
            _, low, high = expected_orders(*one, spread=spread, horizon=3, level=level - 1e-6)
            assert not low[0] <= seen[place] <= high[0]


def test_direction_more_orders_and_longer_horizons_promise_more():
    spread = RateSpread(2.0, 1.5)
    few, many = (expected_orders([n], [12.0], spread=spread, horizon=3)[0][0] for n in (3.0, 9.0))
    longer = expected_orders([3.0], [12.0], spread=spread, horizon=6)[0][0]
    assert few < many
    assert longer == pytest.approx(2 * few)


@pytest.mark.parametrize(("orders", "months"), [([], []), ([1.0], [1.0, 2.0]), ([-1.0], [1.0]), ([1.0], [0.0])])
def test_what_is_no_count_in_time_is_refused(orders, months):
    with pytest.raises(ValueError, match="expected"):
        fit_rates(orders, months)
