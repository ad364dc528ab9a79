"""New business, the first step of the cascade, and marks of key clients."""

import numpy as np
import pytest
from scipy.stats import binom, chi2

from churnlab.accounts import (
    Discount,
    attention,
    claims_beyond_chance,
    first_takers,
    lost_discount,
    new_business,
    potential,
)
from churnlab.accounts.assumed import LEDGER
from churnlab.lifetime.assumed import Assumed


def test_reference_equal_clients_have_the_exact_poisson_interval():
    """The gamma interval of Fay and Feuer is Garwood's where all weigh the same."""
    found = new_business([10.0] * 7, months=14)
    low, high = chi2.ppf(0.025, 14) / 2, chi2.ppf(0.975, 16) / 2
    assert (found.a_month.value, found.a_month.low, found.a_month.high) == pytest.approx((5.0, low / 1.4, high / 1.4))
    assert found.first_year.value == 10.0
    months = found.months_to_replace(100.0)
    assert (months.value, months.low) == pytest.approx((20.0, 100 / found.a_month.high))
    assert found.contracts(55.0).value == pytest.approx(5.5)


def test_recovery_the_rate_of_new_business_is_covered():
    """400 books of log-normal clients that come by chance; 95 % within its 99.9 % band, or above."""
    rng, held, runs = np.random.default_rng(11), 0, 400
    true = 2.0 * np.exp(0.5 * 0.8**2)
    for _ in range(runs):
        won = np.exp(0.8 * rng.normal(size=rng.poisson(2.0 * 30)))
        found = new_business(won, months=30).a_month
        held += found.low <= true <= found.high
    assert held >= binom.ppf(0.0005, runs, 0.95)


def test_nobody_won_brings_nothing_and_needs_time():
    nothing = new_business([], months=12)
    assert nothing.won == 0
    assert np.isnan(nothing.months_to_replace(10.0).value)
    one = new_business([5.0], months=12)
    assert np.isnan([one.first_year.low, one.first_year.high]).all()
    with pytest.raises(ValueError, match="one month or more"):
        new_business([1.0], months=0)


def test_reference_break_even_exits_make_passing_on_and_bearing_equal():
    plan = Discount(part=0.05, least=0.9, passed_on=0.6)
    found = lost_discount(0.2, others=800.0, cost_share=0.7, discount=plan)
    dearer = 0.7 * 0.05 / 0.95
    bearing = 800 * (1 - 0.7 - dearer)
    passing = 800 * (1 - found.exits) * (1 + found.price_rise - 0.7 - dearer)
    assert passing == pytest.approx(bearing)
    assert found.cost == pytest.approx(800 * dearer)
    assert found.price_rise == pytest.approx(0.6 * dearer)


def test_reduction_nothing_passed_on_bears_no_exits_and_a_small_client_takes_nothing():
    borne = lost_discount(0.5, others=1.0, cost_share=0.7, discount=Discount(passed_on=0.0))
    assert (borne.price_rise, borne.exits) == (0.0, 0.0)
    kept = lost_discount(0.2, others=1.0, cost_share=0.7, discount=Discount())
    assert not kept.goes
    assert kept.cost == 0
    with pytest.raises(ValueError, match="shares"):
        lost_discount(0.2, others=1.0, cost_share=1.0, discount=Discount())
    with pytest.raises(ValueError, match="purchase contract"):
        Discount(part=1.0)


def test_direction_more_passed_on_bears_more_exits():
    exits = [
        lost_discount(0.3, others=1.0, cost_share=0.72, discount=Discount(passed_on=one)).exits
        for one in (0.2, 0.5, 1.0)
    ]
    assert exits == sorted(exits)


def test_reference_marks():
    assert potential([5.0, 50.0], [100.0, 99.0], times=2.0, large=[50.0, 10.0]).tolist() == [True, False]
    assert not potential([5.0], [np.nan], times=2.0, large=1.0).any()
    days = np.arange(120.0)
    assert first_takers(days).sum() == 3  # 2.5 % of 120
    assert first_takers([4.0, 4.0, 9.0]).tolist() == [True, True, False]
    assert not first_takers([np.nan]).any()


def test_recovery_claims_name_nobody_by_chance_and_the_demanding_often():
    """200 books of 60 clients: someone is named wrongly in at most 5 % of them; a tenfold claimant nearly always."""
    rng, runs, false, right = np.random.default_rng(12), 200, 0, 0
    for _ in range(runs):
        bought = rng.integers(20, 120, 60)
        false += claims_beyond_chance(rng.binomial(bought, 0.02), bought).any()
        share = np.where(np.arange(60) == 0, 0.2, 0.02)
        right += claims_beyond_chance(rng.binomial(bought, share), bought)[0]
    assert false <= binom.ppf(0.9995, runs, 0.05)
    assert right >= 0.8 * runs
    assert not claims_beyond_chance([0, 0], [10, 0]).any()


def test_recovery_equal_attention_is_rarely_told_apart_and_threefold_often():
    rng, runs, key = np.random.default_rng(13), 400, np.arange(120) < 15
    false = right = 0
    for _ in range(runs):
        made = rng.negative_binomial(3, 3 / (3 + 8.0), 120)
        false += attention(made, np.ones(120), key).verdict != "alike"
        right += attention(np.where(key, 3 * made, made), np.ones(120), key).verdict == "more"
    assert false <= binom.ppf(0.9995, runs, 0.05)
    assert right >= 0.9 * runs


def test_few_or_silent_sides_give_no_ratio():
    assert attention([3, 4, 5], [1, 1, 1], [True, False, False]).verdict == "cannot tell"
    assert attention([0, 0, 5, 6], [1, 1, 1, 1], [True, True, False, False]).verdict == "cannot tell"


def test_every_assumption_has_a_range_and_a_source():
    assert all(one.low <= one.value <= one.high and one.grade and one.source for one in LEDGER)
    with pytest.raises(ValueError, match="in order"):
        Assumed("x", "y", 2.0, 0.0, 1.0, "A", "z")
