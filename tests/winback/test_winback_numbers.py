"""Does the reason matter, and what is an offer worth: laws, size and power."""

import numpy as np
import pytest
from scipy.stats import binom, chi2, hypergeom

from churnlab.winback import IMPLICIT, deal, does_reason_matter, payment_terms, power


def lost_book(rng, losses, *, returning):
    """Lost clients by reason, watched for 5 to 80 months; so many of a reason ever return, within three years."""
    reason = rng.choice(["price", "service", "personal"], losses, p=[0.3, 0.55, 0.15])
    ever = rng.random(losses) < np.array([returning[one] for one in reason])
    away, watched = 1 + rng.gamma(3, 6, losses), rng.uniform(5, 80, losses)
    back = ever & (away <= watched)
    return np.where(back, away, watched), back, reason


def test_recovery_size_with_reasons_shuffled_and_power_where_they_matter():
    """200 books of 100 losses: errs in at most 5 %; and sees 45 against 5 % mostly."""
    rng, runs = np.random.default_rng(31), 200
    alike, apart = (
        dict.fromkeys(("price", "service", "personal"), 0.15),
        {"price": 0.6, "service": 0.05, "personal": 0.0},
    )
    false = right = 0
    for run in range(runs):
        false += does_reason_matter(*lost_book(rng, 100, returning=alike), rng=run, shuffles=199).matters
        right += does_reason_matter(*lost_book(rng, 100, returning=apart), rng=run, shuffles=199).matters
    assert false <= binom.ppf(0.9995, runs, 0.05)
    assert right >= 0.9 * runs


def test_reference_the_statistic_is_the_log_rank_one():
    """Two groups of equal follow-up: the permutation form is close to chi-square, and exact by counting all orders."""
    months, back = [5] * 6 + [50] * 14, [True] * 6 + [False] * 14
    reason = ["price"] * 10 + ["service"] * 10
    found = does_reason_matter(months, back, reason, rng=1)
    ways = 2 * hypergeom.sf(5, 20, 6, 10)
    assert found.chance == pytest.approx(ways, abs=0.015)
    assert chi2.sf(found.statistic, 1) < 0.01


def test_reduction_months_before_the_entry_do_not_count():
    """Who enters after the last return expects none; entries at 0 are no entries."""
    months, back, reason = [5] * 6 + [50] * 14, [True] * 6 + [False] * 14, ["price"] * 10 + ["service"] * 10
    plain = does_reason_matter(months, back, reason, rng=1)
    assert does_reason_matter(months, back, reason, rng=1, entry=[0] * 20) == plain
    late = does_reason_matter(months, back, reason, rng=1, entry=[0] * 10 + [20] * 10)
    assert (
        late.statistic < plain.statistic / 10
    )  # nobody who was lost over service was watched when the others returned
    with pytest.raises(ValueError, match="entry before the end"):
        does_reason_matter(months, back, reason, rng=1, entry=[5] * 20)


@pytest.mark.parametrize(
    ("months", "back", "reason"),
    [
        ([5, 9], [True, False], ["price", "service"]),
        ([5] * 12, [True] * 2 + [False] * 10, ["price"] * 6 + ["service"] * 6),
        ([5] * 12, [True] * 6 + [False] * 6, ["price"] * 12),
        ([5] * 12, [True] * 6 + [False] * 6, ["price"] * 10 + ["service"] * 2),
        ([], [], []),
    ],
)
def test_few_losses_give_no_test(months, back, reason):
    found = does_reason_matter(months, back, reason, rng=1)
    assert not found.tested
    assert not found.matters
    assert np.isnan(found.chance)


def test_property_names_and_order_of_clients_do_not_matter():
    rng = np.random.default_rng(32)
    months, back, reason = lost_book(rng, 80, returning={"price": 0.5, "service": 0.2, "personal": 0.1})
    there = does_reason_matter(months, back, reason, rng=1)
    turn = rng.permutation(80)
    again = does_reason_matter(months[turn], back[turn], np.char.add("x", reason[turn]), rng=1)
    assert again.statistic == pytest.approx(there.statistic)
    assert again.chance == pytest.approx(there.chance, abs=0.03)


def test_direction_power_grows_with_losses_and_with_how_long_they_are_watched():
    found = [power(losses, watched=[60.0], rng=1, runs=100) for losses in (10, 100, 500)]
    assert found == sorted(found)
    assert found[-1] > 0.95
    assert power(200, watched=[3.0], rng=1, runs=100) < power(200, watched=[60.0], rng=1, runs=100)


def test_recovery_without_differences_power_is_the_size():
    alike = dict.fromkeys(("price", "service", "personal"), 0.2)
    found = power(100, watched=[12.0, 60.0], rng=2, returning=alike, runs=400)
    assert 400 * found <= binom.ppf(0.9995, 400, 0.05)
    assert power(5, watched=[60.0], rng=2, runs=20) == 0


def test_what_power_cannot_be_drawn_from_is_refused():
    with pytest.raises(ValueError, match="same reasons"):
        power(10, watched=[1.0], rng=1, returning={"price": 0.2})
    with pytest.raises(ValueError, match="same reasons and months"):
        power(10, watched=[], rng=1)


def test_reference_the_middle_of_the_implicit_costs_is_4_percent():
    found = deal(0.02)
    assert (found.implicit.value, found.implicit.low, found.implicit.high) == pytest.approx((0.04, 0.01, 0.09))
    assert (found.break_even.value, found.break_even.low, found.break_even.high) == pytest.approx((0.5, 2 / 9, 2.0))
    assert found.verdict == "depends"
    assert found.left(0.3).value == pytest.approx(0.008)


def test_reduction_at_the_break_even_nothing_is_left():
    found = deal(0.03)
    assert found.left(found.break_even.value).value == pytest.approx(0)
    assert deal(0.005).verdict == "nothing is left"
    assert deal(0.10).verdict == "cheaper all the same"
    assert deal(0.0, ()).break_even.high == 0
    assert deal(0.0, ()).verdict == "nothing is left"


def test_direction_a_deeper_offer_needs_more_counted():
    shares = [deal(depth).break_even.value for depth in (0.01, 0.03, 0.08)]
    assert shares == sorted(shares)


def test_reduction_switching_widens_the_range_upwards_and_leaves_the_middle():
    without = deal(0.03, [cost for cost in IMPLICIT if cost.name != "switching"]).implicit
    whole = deal(0.03).implicit
    assert (whole.value, whole.low) == (without.value, without.low)
    assert whole.high - without.high == pytest.approx(0.01)


def test_no_implicit_costs_are_never_enough():
    assert np.isinf(deal(0.02, ()).break_even.value)
    assert deal(0.02, ()).verdict == "cheaper all the same"


def test_wrong_inputs_are_refused_and_terms_are_interest():
    with pytest.raises(ValueError, match="discount"):
        deal(1.0)
    terms = payment_terms(73, yearly_rate=0.15)
    assert (terms.value, terms.low, terms.high) == pytest.approx((0.015, 0.0, 0.03))
    assert terms.name in {cost.name for cost in IMPLICIT}
