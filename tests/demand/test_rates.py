"""How the rates at which clients order differ."""

import numpy as np
import pytest

from churnlab.demand import fit_rates


def _drawn(clients, *, shape, months, seed):
    rng = np.random.default_rng(seed)
    rate, span = rng.gamma(shape, 1 / months, clients), rng.uniform(3, 12, clients)
    return rng.poisson(rate * span), span


def test_recovery_of_the_spread_of_rates():
    orders, span = _drawn(20_000, shape=2.0, months=1.5, seed=5)
    found = fit_rates(orders, span)
    assert (found.shape, found.months) == pytest.approx((2.0, 1.5), rel=0.05)


def test_reduction_without_spread_everyone_has_the_same_rate():
    orders, span = np.array([3.0, 6.0, 1.5]), np.array([6.0, 12.0, 3.0])
    found = fit_rates(orders, span)
    assert (found.shape + orders) / (found.months + span) == pytest.approx([0.5, 0.5, 0.5], rel=1e-3)


@pytest.mark.parametrize(("orders", "months"), [([], []), ([1.0], [1.0, 2.0]), ([-1.0], [1.0]), ([1.0], [0.0])])
def test_what_is_no_count_in_time_is_refused(orders, months):
    with pytest.raises(ValueError, match="expected"):
        fit_rates(orders, months)
