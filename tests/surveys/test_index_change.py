"""Change of the index between two times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_laws import PROFILES, compositions, improved, joint, multinomial
from scipy.stats import norm

from churnlab.surveys import compare, index_change, index_change_of_counts, nps, promoter_classes, votes
from churnlab.surveys.movement import _moved

SHARES = np.array(PROFILES) / 100
NONE = np.zeros((3, 3))
MAYBE = st.one_of(st.integers(0, 10).map(float), st.just(float("nan")))
BOTH = st.lists(st.tuples(MAYBE, MAYBE), min_size=1, max_size=60)
Z = norm.ppf(0.975)


def held(chance: np.ndarray, centre: np.ndarray, error: np.ndarray, truth: float) -> float:
    return float(chance[abs(centre - truth) <= Z * error + 1e-9].sum())


def truth_of(before: np.ndarray, after: np.ndarray) -> float:
    return float((after - before) @ [-1, 0, 1])


@pytest.mark.parametrize("stay", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("n", [10, 20, 30])
@pytest.mark.parametrize("after", [lambda shares: shares, improved], ids=["unmoved", "improved"])
def test_reference_paired_coverage_is_exact(n, stay, after):
    """All counts of the five differences; never under 93 %, on average 94 % or more; more where few change."""
    counts = compositions(n, 5)
    pairs = np.zeros((len(counts), 3, 3))
    for place, (row, column) in enumerate([(2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]):
        pairs[:, row, column] = counts[:, place]
    centre, error = _moved(pairs, np.zeros((len(counts), 3)), np.zeros((len(counts), 3)))
    found = []
    for shares in SHARES:
        law = joint(shares, after(shares), stay)
        chance = multinomial(counts, np.array([np.trace(law, offset=offset) for offset in range(-2, 3)]))
        found.append(held(chance, centre, error, truth_of(shares, after(shares))))
    assert min(found) >= 0.93
    assert np.mean(found) >= 0.94


@pytest.mark.parametrize(("first", "second"), [(10, 10), (10, 20), (20, 20)])
@pytest.mark.parametrize("after", [lambda shares: shares, improved], ids=["unmoved", "improved"])
def test_reference_coverage_of_two_independent_waves_is_exact(first, second, after):
    early, late = compositions(first, 3), compositions(second, 3)
    here, there = np.divmod(np.arange(len(early) * len(late)), len(late))
    centre, error = _moved(np.zeros((len(here), 3, 3)), early[here], late[there])
    found = []
    for shares in SHARES:
        chance = multinomial(early, shares)[here] * multinomial(late, after(shares))[there]
        found.append(held(chance, centre, error, truth_of(shares, after(shares))))
    assert min(found) >= 0.94
    assert 0.95 <= np.mean(found) <= 0.97


def test_reference_smallest_change_between_independent_waves():
    """At 15/35/50 about 27 points at n = 50 and 13 at n = 200; the same clients at both times tell less apart."""
    shares = np.array([0.15, 0.35, 0.5])
    told = [index_change_of_counts(NONE, n * shares, n * shares).told for n in (50, 200)]
    assert told[0] == pytest.approx(27, abs=1.5)
    assert told[1] == pytest.approx(13, abs=1.5)
    for n, apart in zip((50, 200), told, strict=True):
        assert index_change_of_counts(n * joint(shares, shares, 0.5)).told < 0.75 * apart


@pytest.mark.parametrize("n", [20, 40])
def test_reference_the_change_said_to_be_seen_is_seen_as_often(n):
    """Exact power of the test at that change, of votes that lean by it: 80 % on average of a rise and a fall."""
    counts = compositions(n, 3)
    here, there = np.divmod(np.arange(len(counts) ** 2), len(counts))
    centre, error = _moved(np.zeros((len(here), 3, 3)), counts[here], counts[there])
    for shares in SHARES[[0, 2, 5]]:
        expected = index_change_of_counts(NONE, n * shares, n * shares)
        power = []
        for sign in (1, -1):
            after = leaning(shares, sign * expected.seen / 100)
            chance = multinomial(counts, shares)[here] * multinomial(counts, after)[there]
            power.append(chance[abs(centre) > Z * error].sum())
        assert np.mean(power) == pytest.approx(0.8, abs=0.05)


def leaning(shares: np.ndarray, change: float) -> np.ndarray:
    """Shares whose index is so much higher, by odds that grow alike from class to class."""
    odds = np.exp(np.linspace(-8, 8, 64_001))
    leant = shares * np.stack([1 / odds, np.ones_like(odds), odds], axis=-1)
    leant /= leant.sum(axis=-1, keepdims=True)
    index = leant[:, 2] - leant[:, 0]
    return leant[np.argmin(abs(index - (shares[2] - shares[0] + change)))]


def test_reference_pairs_that_move_by_one_class_are_mcnemars():
    """Of a hundred pairs b rise and c fall: (b - c)^2 over b + c, here with one more of each and the mean taken off."""
    pairs = np.diag([20, 30, 30])
    pairs[0, 1], pairs[1, 0] = 15, 5
    found = index_change_of_counts(pairs)
    z = 10 / np.sqrt(15 + 5 + 2 - 10**2 / 102)
    assert found.p_value == pytest.approx(2 * norm.sf(z))


@given(BOTH)
def test_reduction_counts_and_answers_agree_and_the_indices_are_those_of_all_votes(answers):
    before, after = np.array(answers).T
    found = index_change(before, after)
    assert found.both + found.before_only == np.isfinite(before).sum()
    assert found.both + found.after_only == np.isfinite(after).sum()
    for value, wave in ((found.before, before), (found.after, after)):
        assert value == pytest.approx(nps(*promoter_classes(wave)).value, nan_ok=True)
    assert found.value == pytest.approx(found.after - found.before, nan_ok=True)


@given(BOTH, st.randoms(use_true_random=False))
def test_property_swapping_times_mirrors_and_order_does_not_matter(answers, random):
    before, after = np.array(random.sample(answers, len(answers))).T
    found, again = index_change(*np.array(answers).T), index_change(after, before)
    expected = (-found.value, -found.high, -found.low, found.p_value, found.told, found.seen)
    got = (again.value, again.low, again.high, again.p_value, again.told, again.seen)
    assert got == pytest.approx(expected, nan_ok=True)


@given(BOTH)
def test_property_the_test_agrees_with_the_interval(answers):
    found = index_change(*np.array(answers).T)
    if found.n and abs(found.p_value - 0.05) > 1e-9:
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
    if not found.too_few:
        assert -200 <= found.low <= found.value <= found.high <= 200
        assert 0 < found.told < found.seen


def test_reduction_many_clients_are_the_clustered_difference():
    """With thousands of clients, some of whom voted twice, the added two weigh nothing."""
    rng = np.random.default_rng(6)
    before = rng.choice([3.0, 7, 9], 6000, p=[0.2, 0.4, 0.4])
    after = np.where(rng.random(6000) < 0.6, before, rng.choice([3.0, 7, 9], 6000, p=[0.1, 0.4, 0.5]))
    before[:2000], after[4000:] = np.nan, np.nan
    found = index_change(before, after)
    cast, side = votes(np.r_[before, after]), np.repeat([False, True], 6000)
    here = ~np.isnan(cast)
    clustered = compare(100 * cast[here], side[here], np.tile(np.arange(6000), 2)[here])
    assert found.value == pytest.approx(clustered.value)
    assert (found.low, found.high) == pytest.approx((clustered.low, clustered.high), abs=0.02)


def test_direction_pairs_tell_more_than_strangers_and_more_votes_more():
    pairs = np.array([[6, 2, 0], [1, 10, 3], [0, 2, 16]])
    paired = index_change_of_counts(pairs)
    apart = index_change_of_counts(NONE, pairs.sum(axis=1), pairs.sum(axis=0))
    assert paired.value == pytest.approx(apart.value)
    assert paired.told < 0.7 * apart.told
    assert index_change_of_counts(4 * pairs).told < 0.6 * paired.told
    assert index_change_of_counts(pairs, power=0.9).seen > paired.seen


def test_direction_nobody_who_changed_is_no_proof():
    """Twenty clients that all said the same twice leave room for a change."""
    found = index_change_of_counts(np.diag([3, 7, 10]))
    assert found.value == 0
    assert found.low < -10 < 10 < found.high
    assert found.p_value == 1


def test_few_and_no_votes_are_said():
    assert index_change_of_counts(np.diag([3, 3, 3])).too_few
    assert index_change_of_counts(np.diag([3, 3, 3]), [1, 0, 0]).too_few
    few = index_change_of_counts(np.diag([3, 3, 3]), [1, 0, 0], [0, 0, 1])
    assert (few.n, few.too_few, few.faint) == (10, False, True)
    assert not index_change_of_counts(np.diag([10, 10, 10])).faint
    nobody = index_change([9.0, 3.0], [np.nan, np.nan])
    assert (nobody.both, nobody.before_only, nobody.after_only, nobody.before) == (0, 2, 0, 0)
    assert np.isnan([nobody.after, nobody.value, nobody.low, nobody.p_value, nobody.told, nobody.seen]).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"expected two arrays of one length, got \(1,\) and \(2,\)"):
        index_change([9.0], [9.0, 8.0])
    with pytest.raises(ValueError, match=r"expected counts of shapes \(3, 3\), \(3,\) and \(3,\), got \(3,\)"):
        index_change_of_counts([1, 2, 3])
    with pytest.raises(ValueError, match="expected counts of at least 0, got -1"):
        index_change_of_counts(NONE - 1)
    with pytest.raises(ValueError, match="expected power between 0 and 1, got 80"):
        index_change_of_counts(NONE, power=80)
