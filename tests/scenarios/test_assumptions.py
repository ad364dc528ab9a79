"""What is assumed can be neither misspelt nor out of range, and verdicts follow from intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.scenarios import EVIDENCE, Assumptions, PairedDifference, Policy, draw_assumptions, paired_difference
from churnlab.scenarios.engine import Simulation


def test_assumptions_out_of_range_are_refused_all_at_once():
    with pytest.raises(ValueError, match="out of range") as refused:
        Assumptions(margin=0.9, offer_depth=-0.1, causal_share=float("nan"))
    for told in ("margin = 0.9, expected 0.2 to 0.36", "offer_depth = -0.1", "causal_share = nan"):
        assert told in str(refused.value)
    assert "discount_rate" not in str(refused.value)


def test_a_fixed_name_misspelt_or_out_of_range_is_refused():
    with pytest.raises(ValueError, match="not assumptions: marjin; expected some of offers_per_year"):
        draw_assumptions(3, rng=1, fixed={"marjin": 0.3})
    with pytest.raises(ValueError, match="margin = 3"):
        draw_assumptions(3, rng=1, fixed={"margin": 3.0})


@pytest.mark.parametrize("end", ["low", "high"])
def test_both_ends_of_every_range_are_allowed(end):
    Assumptions(**{name: getattr(known, end) for name, known in EVIDENCE.items()})


@given(st.sampled_from(sorted(EVIDENCE)))
def test_property_holding_one_assumption_leaves_the_other_draws_alone(name):
    free, fixed = draw_assumptions(20, rng=7), draw_assumptions(20, rng=7, fixed={name: EVIDENCE[name].low})
    assert set(fixed[name]) == {EVIDENCE[name].low}
    assert all(np.array_equal(free[other], fixed[other]) for other in EVIDENCE if other != name)


@pytest.mark.parametrize(
    "lever", [{"price_cut": 1.0}, {"price_cut": -0.1}, {"service_cost": 1.0}, {"service_points": 11}]
)
def test_levers_that_mean_nothing_are_refused(lever):
    with pytest.raises(ValueError, match="expected price_cut and service_cost from 0 to below 1"):
        Policy(name="wrong", **lever)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.1, 2.0, "service"), (-2.0, -0.1, "price only"), (-1.0, 2.0, "cannot tell"), (0.0, 2.0, "cannot tell")],
)
def test_reference_a_verdict_names_a_winner_only_where_the_interval_excludes_nothing(low, high, verdict):
    gap = PairedDifference("service", "price only", (low + high) / 2, low, high, 0.7, 3.0)
    assert gap.verdict == verdict


def test_reference_a_paired_difference_by_hand():
    value = np.array([[1.0, 4.0, 2.0, 6.0], [1.0, 2.0, 5.0, 2.0]])
    found = Simulation(("a", "b"), np.ones((2, 4, 2)), value, value, 0.0)
    gap = paired_difference(found, "a", "b")
    assert (gap.mean, gap.better) == (0.75, 0.5)
    assert gap.variance_ratio == pytest.approx((value[0].var() + value[1].var()) / np.array([0, 2, -3, 4]).var())
    assert (gap.low, gap.high) == pytest.approx((-3 + 0.075 * 3, 4 - 0.075 * 2))
    with pytest.raises(ValueError, match="expected one of a, b, got c"):
        paired_difference(found, "a", "c")
