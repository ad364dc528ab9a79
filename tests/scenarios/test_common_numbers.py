"""All arms on the same random numbers, whatever else runs; each stream is uniform and on its own."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scenario_cases import book_of
from scipy import stats

from churnlab.scenarios import (
    DO_NOTHING,
    MIXED,
    PRICE_ONLY,
    SERVICE,
    Computing,
    Simulation,
    draw_assumptions,
    held_at,
    made_book,
    paired_difference,
    run,
    simulate,
)
from churnlab.scenarios.streams import Streams

ROWS = 200
DRAWN = draw_assumptions(ROWS, rng=1)
BOOK = made_book(DRAWN, 60)


def same(one: Simulation, other: Simulation, names: tuple[str, ...], rows: slice = slice(None)) -> bool:
    """Whether arms are equal to the byte."""
    return all(
        np.array_equal(one.value[one.place(name)][rows], other.value[other.place(name)][rows])
        and np.array_equal(one.counts[one.place(name)][rows], other.counts[other.place(name)][rows])
        and np.array_equal(one.profit[one.place(name)][rows], other.profit[other.place(name)][rows])
        for name in names
    )


def test_reduction_the_same_policy_twice_differs_by_nothing():
    """T5."""
    found = run(BOOK, (SERVICE, replace(SERVICE, name="twin")), DRAWN, months=36, seed=3)
    assert (found.value[0] == found.value[1]).all()
    assert (found.counts[0] == found.counts[1]).all()


def test_reduction_swapping_arms_changes_the_sign_exactly():
    """T6, T7: the order of arms does not matter."""
    one = run(BOOK, (SERVICE, PRICE_ONLY), DRAWN, months=36, seed=3)
    other = run(BOOK, (PRICE_ONLY, SERVICE), DRAWN, months=36, seed=3)
    assert same(one, other, ("service", "price only"))
    gap, back = (paired_difference(one, *names) for names in (("service", "price only"), ("price only", "service")))
    assert gap.mean == -back.mean


def test_property_relabelled_clients_have_the_same_distribution():
    """T7."""
    rows, order = 512, np.random.default_rng(1).permutation(40)
    given = held_at(rows)
    sales, level = np.linspace(50, 200, 40), np.linspace(-5, -3, 40)
    made = book_of(rows, 40, monthly_sales=sales, predictor=np.broadcast_to(level, (rows, 40)))
    moved = replace(made, monthly_sales=sales[order], predictor=np.broadcast_to(level[order], (rows, 40)))
    one, other = (run(book, (SERVICE,), given, months=36, seed=seed).value[0] for book, seed in ((made, 1), (moved, 2)))
    gap = one.mean() - other.mean()
    assert abs(gap) < 4 * np.sqrt((one.var() + other.var()) / rows)
    assert stats.ks_2samp(one, other).pvalue > 1e-3


@pytest.mark.parametrize("how", [{"chunk": 128}, {"chunk": 1024}, {"workers": 2}, {"chunk": 128, "workers": 3}])
def test_property_neither_chunks_nor_threads_matter(how):
    """T8."""
    usual = run(BOOK, (PRICE_ONLY, SERVICE), DRAWN, months=30, seed=4)
    assert same(
        usual, run(BOOK, (PRICE_ONLY, SERVICE), DRAWN, months=30, seed=4, computing=Computing(**how)), usual.policies
    )


def test_property_the_number_of_arms_does_not_matter():
    """T8."""
    four = run(BOOK, (DO_NOTHING, PRICE_ONLY, MIXED, SERVICE), DRAWN, months=30, seed=4)
    two = run(BOOK, (SERVICE, DO_NOTHING), DRAWN, months=30, seed=4)
    assert same(four, two, ("service", "do nothing"))


def test_property_another_process_gives_the_same_bytes():
    """T8."""
    program = (
        "import hashlib; from churnlab.scenarios import *\n"
        "drawn = draw_assumptions(100, rng=1)\n"
        "found = run(made_book(drawn, 40), (PRICE_ONLY, SERVICE), drawn, months=24, seed=5)\n"
        "print(hashlib.sha256(found.profit.tobytes() + found.counts.tobytes()).hexdigest())"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
    drawn = draw_assumptions(100, rng=1)
    found = run(made_book(drawn, 40), (PRICE_ONLY, SERVICE), drawn, months=24, seed=5)
    assert told == hashlib.sha256(found.profit.tobytes() + found.counts.tobytes()).hexdigest()


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 128])
def test_property_a_longer_run_begins_with_the_rows_of_a_shorter_one(rows):
    short = run(BOOK.take(slice(rows)), (SERVICE,), DRAWN.take(slice(rows)), months=12, seed=1)
    assert same(short, run(BOOK, (SERVICE,), DRAWN, months=12, seed=1), ("service",), slice(rows))


def test_property_a_longer_horizon_begins_with_the_months_of_a_shorter_one():
    short, whole = (run(BOOK, (SERVICE,), DRAWN, months=months, seed=1).counts for months in (12, 30))
    assert np.array_equal(short, whole[:, :, :12])


def test_property_another_seed_is_another_run():
    one, other = (run(BOOK, (SERVICE,), DRAWN, months=12, seed=seed).value for seed in (1, 2))
    assert (one != other).mean() > 0.9


NONE = (
    ("asking", "ask_step", 0.03), ("newcomers", "newcomer_cost", 1.5), ("referrals", "referrals_done", 0.7),
    ("cross_selling", "cross_sold", 0.3), ("failures", "failure_hit", 2.4), ("follow", "manager_turnover", 0.3),
    ("offers_per_year", "offer_depth", 0.1),
)  # fmt: skip


@pytest.mark.parametrize(("rate", "size", "value"), NONE)
def test_property_a_mechanism_of_rate_0_changes_nothing(rate, size, value):
    """T9: a mechanism that never fires leaves all others as they are, however strong it would be."""
    policies = tuple(replace(policy, matching=0.0) for policy in (PRICE_ONLY, SERVICE))
    one, other = (
        run(BOOK, policies, type(DRAWN)(DRAWN.values | {rate: np.zeros(ROWS), **more}), months=24, seed=6)
        for more in ({}, {size: np.full(ROWS, value)})
    )
    assert same(one, other, ("price only", "service"))


def test_direction_shared_numbers_shrink_the_difference():
    """T17."""
    given = held_at(512)
    book = made_book(given, 200)
    told = replace(DO_NOTHING, name="told", recovery=1.0)
    silent = replace(DO_NOTHING, name="silent", recovery=0.0)
    found = simulate(book, (PRICE_ONLY, SERVICE, told, silent), given, months=60, seed=10)
    assert paired_difference(found, "service", "price only").variance_ratio >= 3
    assert paired_difference(found, "told", "silent").variance_ratio >= 20


PURPOSES = ("failure", "offer", "leaving", "asking")


def test_property_streams_are_uniform_and_on_their_own():
    """T19: Kolmogorov and Smirnov, lag 1 and between purposes, 99.99 % bounds."""
    streams = Streams(1, range(128))
    drawn = {name: np.stack([streams.uniform(name, 50).copy() for _ in range(40)]) for name in PURPOSES}
    bound = stats.norm.ppf(1 - 1e-4 / 2)
    for values in drawn.values():
        assert stats.kstest(values.ravel(), "uniform").pvalue > 1e-4
        for axis in range(3):  # months, rows, slots
            first, second = (np.delete(values, end, axis=axis).ravel() for end in (0, -1))
            assert abs(np.corrcoef(first, second)[0, 1]) * np.sqrt(first.size) < bound
    for one in range(len(PURPOSES)):
        for other in range(one):
            pair = np.corrcoef(drawn[PURPOSES[one]].ravel(), drawn[PURPOSES[other]].ravel())[0, 1]
            assert abs(pair) * np.sqrt(128 * 50 * 40) < bound


def test_property_normals_are_normal():
    streams = Streams(1, range(64))
    drawn = np.stack([streams.normal("answer", 51).copy() for _ in range(40)])
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 1e-4
    halves = drawn[:, :, :25].ravel(), drawn[:, :, 26:].ravel()
    assert abs(np.corrcoef(*halves)[0, 1]) * np.sqrt(halves[0].size) < 4
    assert abs(np.corrcoef(*(half**2 for half in halves))[0, 1]) * np.sqrt(halves[0].size) < 4


@pytest.mark.parametrize(
    ("policies", "rows", "how", "message"),
    [
        ((SERVICE, SERVICE), 5, {}, "different names"),
        ((), 5, {}, "different names"),
        ((SERVICE,), 4, {}, "4 sets of assumptions, expected 5"),
        ((SERVICE,), 5, {"months": 0}, "at least one month"),
        ((SERVICE,), 5, {"computing": Computing(chunk=100)}, "whole blocks of 64"),
    ],
)
def test_runs_that_cannot_be_are_refused(policies, rows, how, message):
    with pytest.raises(ValueError, match=message):
        run(book_of(5, 3), policies, held_at(rows), **({"months": 6, "seed": 1} | how))
