"""Whom to call with the time there is, and what a held-out share can show."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from churnlab.demand import (
    NOBODY,
    choose,
    clients_needed,
    detectable,
    held_out,
    in_order,
    kept_by_calls,
    lost_by_leaving,
)
from churnlab.value import discount_factor

RUNS = 40
LEAST, MOST = (int(binom.ppf(edge, RUNS, 0.95)) for edge in (0.0005, 0.9995))


@st.composite
def books(draw, *, most=9, managers=2):
    """Clients of a few managers, with contacts of any length."""
    size = draw(st.integers(1, most))
    each = [
        draw(st.lists(values, min_size=size, max_size=size))
        for values in (
            st.floats(-5, 100, allow_nan=False, width=32),
            st.sampled_from([30, 45, 60, 120, 240]),
            st.booleans(),
            st.integers(NOBODY, managers - 1),
        )
    ]
    capacity, places = (
        draw(st.lists(st.integers(0, limit), min_size=managers, max_size=managers)) for limit in (600, 3)
    )
    return each, {"capacity": capacity, "places": places}


def used(chosen, book, limits):
    """Minutes and places that each manager's list takes."""
    _, minutes, key, manager = (np.array(each) for each in book)
    there = [chosen & (manager == place) for place in range(len(limits["capacity"]))]
    return [minutes[own].sum() for own in there], [key[own].sum() for own in there]


@given(books())
@settings(max_examples=120, deadline=None)
def test_property_no_choice_within_the_limits_saves_more(given_book):
    book, limits = given_book
    gain = np.array(book[0])
    best = 0.0
    for each in product([False, True], repeat=len(gain)):
        tried = np.array(each)
        minutes, key = used(tried, book, limits)
        allowed = np.less_equal(minutes, limits["capacity"]).all() and np.less_equal(key, limits["places"]).all()
        if allowed and not (tried & (np.array(book[3]) == NOBODY)).any():
            best = max(best, gain[tried].sum())
    chosen = choose(*book, **limits)
    assert gain[chosen].sum() == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert (gain[chosen] > 0).all()


@given(books(most=60, managers=3))
@settings(max_examples=80, deadline=None)
def test_property_no_list_takes_more_than_there_is(given_book):
    book, limits = given_book
    for rule in (choose, in_order):
        chosen = rule(*book, **limits)
        minutes, key = used(chosen, book, limits)
        assert np.less_equal(minutes, limits["capacity"]).all()
        assert np.less_equal(key, limits["places"]).all()
        assert not chosen[np.array(book[3]) == NOBODY].any()


@given(books(most=30), st.integers(1, 300), st.integers(0, 2))
@settings(max_examples=80, deadline=None)
def test_direction_more_time_or_places_never_save_less(given_book, minutes, places):
    book, limits = given_book
    more = {"capacity": np.add(limits["capacity"], minutes), "places": np.add(limits["places"], places)}
    before, after = (np.array(book[0])[choose(*book, **each)].sum() for each in (limits, more))
    assert after >= before * (1 - 1e-9)
    greedy = np.array(book[0])[in_order(*book, **limits)].clip(min=0).sum()
    assert before >= greedy * (1 - 1e-9)


def test_reduction_of_contacts_alike_the_best_are_taken_the_first_of_equals():
    gain = [3.0, 7.0, 5.0, 5.0, -1.0, 0.0]
    chosen = choose(gain, [60] * 6, [False] * 6, [0] * 6, capacity=[150], places=[0])
    assert chosen.tolist() == [False, True, True, False, False, False]
    assert choose(gain, [60] * 6, [False] * 6, [0] * 6, capacity=[9000], places=[0]).sum() == 4
    assert not choose(gain, [60] * 6, [True] * 6, [0] * 6, capacity=[9000], places=[0]).any()


def test_reduction_managers_do_not_lend_one_another_time():
    chosen = choose([9.0, 8.0, 7.0], [60] * 3, [False] * 3, [0, 0, 1], capacity=[60, 60], places=[0, 0])
    assert chosen.tolist() == [True, False, True]


def test_a_large_book_is_chosen_from():
    rng = np.random.default_rng(3)
    size = 20_000
    key = rng.random(size) < 0.02
    gain, minutes = rng.lognormal(8, 2, size), np.where(key, 240, 60)
    manager = rng.integers(0, 12, size)
    limits = {"capacity": np.full(12, 800), "places": np.full(12, 3)}
    best, greedy = (rule(gain, minutes, key, manager, **limits) for rule in (choose, in_order))
    assert gain[best].sum() >= gain[greedy].sum()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"minutes": [0]}, "minutes of more than 0"),
        ({"manager": [4]}, "managers from"),
        ({"gain": [np.nan]}, "finite gains"),
        ({"key": [True, False]}, "one figure of each"),
    ],
)
def test_what_cannot_be_is_refused(changed, said):
    book = {"gain": [1.0], "minutes": [60], "key": [False], "manager": [0]} | changed
    with pytest.raises(ValueError, match=said):
        choose(**book, capacity=[60], places=[1])


def test_reference_what_leaving_takes_is_what_a_client_that_stays_brings_more():
    """By the book: a constant hazard within the risk's horizon, another one after it, months counted by hand."""
    hazard, later, rate, months = 0.03, 0.01, 0.15, np.arange(1, 25)
    factor = discount_factor(rate, months)
    alive = np.cumprod(np.where(months <= 12, 1 - hazard, 1 - later))
    there = (np.r_[1, alive[:-1]] + alive) / 2
    sure = np.where(months <= 12, 1.0, alive / alive[11])
    kept = (np.r_[1, sure[:-1]] + sure) / 2
    stays, expected, near = alive[11], (there * factor).sum(), (there * factor)[:12].sum()
    found = lost_by_leaving([100 * expected], [expected], [near], [stays], risk_months=12, horizon=24, yearly_rate=rate)
    assert found * (1 - stays) == pytest.approx(100 * ((kept * factor).sum() - expected))


AT_ENDS = {"risk_months": 12, "horizon": 24, "yearly_rate": 0.0}


def test_reduction_a_client_that_leaves_for_certain_loses_all_that_it_could_bring():
    assert lost_by_leaving([50.0], [0.5], [0.5], [0.0], **AT_ENDS) == pytest.approx(100 * (24 - 0.5))
    assert lost_by_leaving([0.0], [0.0], [0.0], [0.2], **AT_ENDS).tolist() == [0.0]


@given(st.lists(st.tuples(st.floats(0, 12), st.floats(0, 12), st.floats(0, 1)), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_property_no_more_is_lost_than_staying_could_bring(drawn):
    near, after, stays = (np.array(each) for each in zip(*drawn, strict=True))
    lost = lost_by_leaving(10 * (near + after), near + after, near, stays, **AT_ENDS)
    assert (lost >= 0).all()
    assert (lost <= 10 * 24 * (1 + 1e-12)).all()


def test_property_who_is_held_out_hangs_on_the_client_alone():
    clients = [f"k{number}" for number in range(4000)]
    drawn = held_out(clients, share=0.2, seed=1)
    assert held_out(clients[::-1], share=0.2, seed=1).tolist() == drawn[::-1].tolist()
    assert not (drawn & ~held_out(clients, share=0.3, seed=1)).any()  # a larger share holds out others beside them
    low, high = binom.interval(0.999, len(clients), 0.2)
    assert low <= drawn.sum() <= high
    both = (drawn & held_out(clients, share=0.2, seed=2)).sum()
    low, high = binom.interval(0.999, len(clients), 0.04)
    assert low <= both <= high
    assert not held_out(clients, share=0.0, seed=1).any()


def test_reference_detectable_effects():
    """R 4, power.prop.test(p1 = .50, p2 = .75, power = .90): n = 76.7 in each group."""
    assert clients_needed(0.25, rate=0.75, share=0.5, power=0.9) / 2 == pytest.approx(76.7, abs=0.05)
    assert detectable(76.65, 76.65, rate=0.75, power=0.9) == pytest.approx(0.25, abs=1e-3)


def test_reference_difference_of_shares():
    """Newcombe (1998), table II, method 10: 56 of 70 against 48 of 80, 9 of 10 against 3 of 10, 10 of 10 against 0."""
    for counts, ends in (
        ((80, 48, 70, 56), (0.0524, 0.3339)),
        ((10, 3, 10, 9), (0.1705, 0.8090)),
        ((10, 0, 10, 10), (0.6075, 1.0)),
    ):
        found = kept_by_calls(*counts)
        assert (found.low, found.high) == pytest.approx(ends, abs=1e-4)


@given(st.integers(2, 4000), st.floats(0.05, 0.5), st.floats(0.02, 0.98))
@settings(max_examples=80, deadline=None)
def test_property_needed_and_detectable_undo_one_another(size, share, rate):
    fall = detectable(size * (1 - share), size * share, rate=rate)
    if np.isfinite(fall):
        assert 0 < fall <= rate
        assert clients_needed(fall, rate=rate, share=share) == pytest.approx(size, rel=1e-6)
    else:  # even keeping everybody takes more clients than these
        assert clients_needed(rate, rate=rate, share=share) > size


def test_nothing_can_be_seen_of_nobody():
    assert np.isnan(detectable(40, 0, rate=0.3))
    assert np.isnan(detectable(40, 10, rate=0.0))
    assert np.isnan(detectable(8, 2, rate=0.1))
    assert np.isnan(kept_by_calls(5, 1, 0, 0).value)


def test_recovery_the_interval_holds_the_effect():
    covered = 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        gone, stays = rng.binomial(60, 0.3), rng.binomial(240, 0.2)
        found = kept_by_calls(240, stays, 60, gone)
        covered += found.low <= 0.1 <= found.high
    assert (LEAST, MOST) == (32, 40)
    assert LEAST <= covered <= MOST


def test_recovery_the_detectable_effect_is_seen_as_often_as_said_and_nothing_where_nothing_is():
    called, held, rate = 240, 60, 0.35
    fall = detectable(called, held, rate=rate)
    seen = false = 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        gone, stays, same = rng.binomial(held, rate), rng.binomial(called, rate - fall), rng.binomial(called, rate)
        seen += kept_by_calls(called, stays, held, gone).low > 0
        null = kept_by_calls(called, same, held, gone)
        false += not null.low <= 0 <= null.high
    low, high = binom.interval(0.999, RUNS, 0.8)
    assert low <= seen <= high
    assert RUNS - false >= LEAST
