"""Managers' figures drawn together, and orders held back: brute force, size and power."""

import numpy as np
import pytest
from scipy.stats import binom

from churnlab.accounts import held_back, shrunk_means, shrunk_rates

SCHOOLS = [28, 8, -3, 7, -1, 1, 18, 12]
ERRORS = [15, 10, 16, 11, 9, 11, 10, 18]


def test_reference_rubins_eight_schools_by_brute_force():
    """Two million draws of centre and spread from flat laws, weighted by how likely they make the figures."""
    rng, seen, wide = np.random.default_rng(20), np.array(SCHOOLS, float), np.array(ERRORS, float)
    spread, centre = rng.uniform(0, 60, 2_000_000), rng.uniform(-60, 80, 2_000_000)
    variance = wide**2 + spread[:, None] ** 2
    fit = -0.5 * (np.log(variance) + (seen - centre[:, None]) ** 2 / variance).sum(axis=1)
    kept = rng.choice(len(fit), 40_000, p=np.exp(fit - fit.max()) / np.exp(fit - fit.max()).sum())
    share = spread[kept, None] ** 2 / variance[kept]
    own = share * seen + (1 - share) * centre[kept, None] + np.sqrt(share) * wide * rng.normal(size=(len(kept), 8))
    found = shrunk_means(SCHOOLS, ERRORS)
    for figures, quantile in ((found.value, 0.5), (found.low, 0.025), (found.high, 0.975)):
        np.testing.assert_allclose(figures, np.quantile(own, quantile, axis=0), atol=0.8)
    assert not found.apart.any()


def test_direction_a_small_book_is_drawn_further():
    found = shrunk_means([0.0, 0.0, 0.0, 0.0, 40.0, 40.0], [5.0, 5.0, 5.0, 5.0, 5.0, 25.0])
    assert found.common < found.value[5] < found.value[4] < 40
    rates = shrunk_rates([0, 0, 20, 20], [1.0, 20.0, 20.0, 20.0])
    assert rates.value[1] < rates.value[0] < 1


def test_property_the_order_of_groups_changes_nothing():
    there, back = shrunk_means(SCHOOLS, ERRORS), shrunk_means(SCHOOLS[::-1], ERRORS[::-1])
    np.testing.assert_allclose(there.value, back.value[::-1], atol=1e-9)
    shifted = shrunk_means(np.array(SCHOOLS) + 100, ERRORS)
    np.testing.assert_allclose(shifted.value, there.value + 100, atol=1e-6)


def test_recovery_equal_books_are_rarely_told_apart_and_a_far_one_often():
    """200 books of six managers each: any is named wrongly in at most 5 %; one at 15 errors' distance mostly."""
    rng, runs = np.random.default_rng(21), 200
    false = right = 0
    for _ in range(runs):
        error = rng.uniform(4, 12, 6)
        luck = error * rng.normal(size=6)
        false += shrunk_means(luck, error).apart.any()
        right += shrunk_means(luck + np.where(np.arange(6) == 0, 90.0, 0.0), error).apart[0]
    assert false <= binom.ppf(0.9995, runs, 0.05)
    assert right >= 0.9 * runs


def test_recovery_equal_rates_are_rarely_told_apart():
    rng, runs = np.random.default_rng(22), 200
    expected = np.array([10.0, 8.0, 8.0, 6.0, 6.0, 3.0])
    false = sum(shrunk_rates(rng.poisson(expected), expected).apart.any() for _ in range(runs))
    right = sum(shrunk_rates(rng.poisson(expected * [4, 1, 1, 1, 1, 1]), expected).apart[0] for _ in range(50))
    assert false <= binom.ppf(0.9995, runs, 0.05)
    assert right >= 45


def test_few_groups_are_refused():
    with pytest.raises(ValueError, match="3 figures or more"):
        shrunk_means([1.0, 2.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="3 groups or more"):
        shrunk_rates([1, 2], [1.0, 1.0])
    with pytest.raises(ValueError, match="above 0 where expected"):
        shrunk_rates([1, 2, 3], [1.0, 1.0, 0.0])


def _edges(rng, *, moved=0.0, habit=0.3):
    """Orders of 120 clients of six managers around 60 ends of months; clients have habits, a manager may move."""
    clients, ends = 120, 60
    manager = np.arange(clients) % 6
    log_odds = habit * rng.normal(size=(clients, 1)) + 0.5 * rng.normal(size=(1, ends))
    made = rng.random((clients, ends)) < 0.3
    late = rng.random((clients, ends)) < 1 / (1 + np.exp(-log_odds))
    late |= (manager[:, None] == 0) & (rng.random((clients, ends)) < moved)
    client, end = np.nonzero(made)
    return held_back(manager[client], client, end, late[client, end])


def test_recovery_nobody_is_named_by_chance_and_who_holds_back_is():
    """300 books: any manager is named wrongly in at most 5 %; power where two orders in five are moved over the end."""
    rng, runs = np.random.default_rng(23), 300
    false = sum(_edges(rng).named.any() for _ in range(runs))
    right = [_edges(rng, moved=0.4).named for _ in range(40)]
    assert false <= binom.ppf(0.9995, runs, 0.05)
    assert sum(one[0] for one in right) >= 34
    assert sum(one[1:].any() for one in right) <= binom.ppf(0.9995, 40, 0.05)


def test_recovery_the_shift_is_covered():
    rng, runs = np.random.default_rng(24), 200
    held = 0
    for _ in range(runs):
        found = _edges(rng)
        held += found.low[2] <= 0 <= found.high[2]
    assert binom.ppf(0.0005, runs, 0.95) <= held <= binom.ppf(0.9995, runs, 0.95)


def test_reference_shift_by_hand():
    """One end: manager a has 8 of 10 after it, the others 5 of 10."""
    after = [True] * 8 + [False] * 2 + [True] * 5 + [False] * 5
    found = held_back(["a"] * 10 + ["b"] * 10, range(20), [1] * 20, after)
    assert found.shift[0] == pytest.approx(0.3)
    assert found.low[0] < 0.3 < found.high[0]
    few = held_back(["a"] * 4 + ["b"] * 10, range(14), [1] * 14, after[:14])
    assert np.isnan(few.chance[0])
    with pytest.raises(ValueError, match="a manager, client and end"):
        held_back(["a"], [1, 2], [1], [True])
