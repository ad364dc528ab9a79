"""Groups partly pooled: an oracle, the two ends, recovery of the spread."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from churnlab.lifetime import fit_hazard, fit_pooled, group_spread

PLACES = np.arange(600)
GROUP = PLACES % 6
COLUMN = np.round(np.sin(0.9 * PLACES), 2)[:, None]
EVENT = np.array([4, 12, 6, 18, 3, 9])[GROUP] > (37 * PLACES) % 100


def test_reference_random_intercepts_as_lme4_has_them():
    # tests/reference/pooled_by_lme4.R
    pooled = fit_pooled(COLUMN, EVENT, GROUP)
    assert pooled.spread == pytest.approx(0.4814195275, abs=1e-3)
    assert pooled.fit.coefficients[[0, -1]] == pytest.approx([-2.46749350, 0.06033660], abs=5e-4)
    expected = [-0.38447368, 0.29606720, -0.18906470, 0.67341312, -0.38448057, -0.01146137]
    assert pooled.effects == pytest.approx(expected, abs=1e-3)


def test_reduction_groups_that_do_not_differ_are_pooled_wholly():
    event = np.tile(np.arange(100) < 10, 4)
    pooled = fit_pooled(np.zeros((400, 0)), event, np.repeat(np.arange(4), 100))
    assert pooled.spread < 0.01
    assert pooled.hazard(np.zeros((4, 0)), np.arange(4)) == pytest.approx(0.1, abs=1e-4)


def test_reduction_groups_far_apart_with_many_events_keep_their_shares():
    shares = np.array([0.02, 0.1, 0.4])
    event = np.concatenate([np.arange(4000) < 4000 * share for share in shares])
    pooled = fit_pooled(np.zeros((12_000, 0)), event, np.repeat(["a", "b", "c"], 4000))
    assert pooled.hazard(np.zeros((3, 0)), ["a", "b", "c"]) == pytest.approx(shares, rel=0.03)


def test_direction_the_smaller_the_group_the_nearer_to_the_rest():
    def small_group(months):
        event = np.concatenate([np.arange(400) < 20, np.arange(400) < 40, np.arange(400) < 30, np.zeros(months, bool)])
        group = np.repeat(np.arange(4), [400, 400, 400, months])
        return fit_pooled(np.zeros((len(event), 0)), event, group).hazard(np.zeros((1, 0)), [3])[0]

    assert small_group(10) > small_group(60) > small_group(300) > 0


def test_property_a_group_that_was_not_seen_has_the_common_level():
    pooled = fit_pooled(COLUMN, EVENT, GROUP)
    seen = pooled.hazard(np.zeros((6, 1)), np.arange(6))
    assert seen.min() < pooled.hazard(np.zeros((1, 1)), [99])[0] < seen.max()


def test_recovery_of_the_spread_between_many_groups():
    rng = np.random.default_rng(6)
    group = np.repeat(np.arange(60), 150)
    event = rng.random(len(group)) < -np.expm1(-np.exp(-3 + 0.6 * rng.normal(size=60)[group]))
    assert fit_pooled(np.zeros((len(group), 0)), event, group).spread == pytest.approx(0.6, abs=0.15)


def test_direction_levels_of_groups_raise_the_likelihood():
    plain = fit_hazard(COLUMN, EVENT)
    assert fit_pooled(COLUMN, EVENT, GROUP).fit.log_likelihood > plain.log_likelihood


@pytest.mark.parametrize("group", [np.zeros(600), np.zeros(5)], ids=["one group", "lengths"])
def test_what_cannot_be_pooled_is_refused(group):
    with pytest.raises(ValueError, match="expected a group"):
        fit_pooled(COLUMN, EVENT, group)


def test_reduction_the_spread_of_counted_groups_is_that_of_the_regression():
    event = np.concatenate([np.arange(500) < departures for departures in (10, 18, 30, 25, 12, 60)])
    group = np.repeat(np.arange(6), 500)
    rate = fit_hazard(np.zeros((len(event), 0)), event).hazard(np.zeros((1, 0)))[0]
    found = group_spread(np.bincount(group, event), np.full(6, -500 * np.log1p(-rate)))
    assert found == pytest.approx(fit_pooled(np.zeros((len(event), 0)), event, group).spread, rel=0.1)


def test_reduction_the_spread_of_counted_groups_by_laplace_is_that_by_quadrature():
    seen, expected = np.array([3.0, 9.0, 22.0, 6.0]), np.array([8.0, 10.0, 12.0, 9.0])

    def lost(log_spread):
        spread = np.exp(log_spread)

        def each(count, mean):
            def density(level):
                return np.exp(count * level - mean * np.expm1(level) - 0.5 * (level / spread) ** 2) / spread

            return np.log(quad(density, -6 * spread, 6 * spread, limit=200)[0])

        return -sum(map(each, seen, expected))

    exact = float(np.exp(minimize_scalar(lost, bounds=(-4, 1), method="bounded").x))
    assert group_spread(seen, expected) == pytest.approx(exact, rel=0.05)


def test_counted_groups_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="one a group"):
        group_spread([1, 2], [1.0])
    with pytest.raises(ValueError, match="above 0 where expected"):
        group_spread([1, 2], [1.0, 0.0])
