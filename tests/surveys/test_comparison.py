"""Two means of answers, and rank correlations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr, ttest_rel

from churnlab.surveys import compare, rank_correlation


def answers(clients: int = 40, *, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two answers a client, the second half a point higher."""
    rng = np.random.default_rng(seed)
    first = rng.normal(7, 1, clients)
    second = first + rng.normal(0.5, 0.8, clients)
    side = np.repeat([False, True], clients)
    return np.r_[first, second], side, np.tile(np.arange(clients), 2)


def test_reduction_two_answers_each_is_the_paired_t_test():
    scores, side, client = answers()
    found = compare(scores, side, client)
    paired = ttest_rel(scores[side], scores[~side]).confidence_interval()
    assert found.value == pytest.approx(scores[side].mean() - scores[~side].mean())
    assert (found.low, found.high) == pytest.approx((paired.low, paired.high))
    assert (found.clients, found.chosen, found.others) == (40, 40, 40)


def test_reduction_within_clients_is_the_paired_difference_too():
    scores, side, client = answers()
    found, within = compare(scores, side, client), compare(scores, side, client, stratum=client)
    assert within.value == pytest.approx(found.value)
    assert (within.low, within.high) == pytest.approx((found.low, found.high))


def test_property_answers_of_a_stratum_without_both_sides_add_nothing():
    scores, side, client = answers()
    place = np.where(client < 25, 0, np.where(side, 1, 2))
    found = compare(scores, side, client, stratum=place)
    alone = client < 25
    assert found == compare(scores[alone], side[alone], client[alone])


def test_direction_a_level_of_a_stratum_is_no_difference():
    """Answers of a kinder wave that happens to hold more of one side do not make that side higher."""
    rng = np.random.default_rng(8)
    wave = np.repeat([0, 1], 400)
    side = rng.random(800) < np.where(wave == 1, 0.8, 0.2)
    scores = rng.normal(6, 1, 800) + 2 * wave
    client = np.arange(800)
    assert compare(scores, side, client).low > 0.5
    mended = compare(scores, side, client, stratum=wave)
    assert mended.low < 0 < mended.high


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(-5, 5), st.permutations(range(80)))
def test_property_a_shift_of_all_and_the_order_of_rows_change_nothing(seed, shift, order):
    scores, side, client = answers(seed=seed)
    found, again = compare(scores, side, client), compare((scores + shift)[order], side[order], client[order])
    assert (again.value, again.low, again.high) == pytest.approx((found.value, found.low, found.high), abs=1e-9)
    swapped = compare(scores, ~side, client)
    assert (swapped.value, swapped.low) == pytest.approx((-found.value, -found.high))


def test_recovery_the_interval_covers_the_truth_with_clients_who_answer_often():
    """36 to 40 of 40 hold the true difference of a half, though clients have their own level and give six answers."""
    rng, covered = np.random.default_rng(3), 0
    for _ in range(40):
        client = np.repeat(np.arange(60), 6)
        side = rng.random(360) < 0.4
        scores = rng.normal(7, 1, 60)[client] + 0.5 * side + rng.normal(0, 1, 360)
        found = compare(scores, side, client)
        covered += found.low <= 0.5 <= found.high
    assert 32 <= covered <= 40


@pytest.mark.parametrize("clients", [0, 1, 9])
def test_too_few_clients_give_no_difference(clients):
    scores, side, client = answers(max(clients, 1))
    found = compare(scores[: 2 * clients], side[: 2 * clients], client[: 2 * clients])
    assert np.isnan([found.value, found.low, found.high]).all()


def test_one_side_only_or_nothing_that_varies_gives_no_interval():
    scores, side, client = answers()
    assert np.isnan(compare(scores, np.ones_like(side), client).value)
    flat = compare(np.full(80, 7.0), side, client)
    assert flat.value == 0
    assert np.isnan([flat.low, flat.high]).all()


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="one length"):
        compare([1.0, 2.0], [True], ["a", "b"])
    with pytest.raises(ValueError, match="one length"):
        rank_correlation([1.0, 2.0], [1.0])


def test_reference_rank_correlation_is_scipys_and_its_variance_is_bonett_and_wrights():
    """The ends, put back through Fisher's transform, lie sqrt((1 + r^2 / 2) / (n - 3)) x 1.96 from the middle."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=50)
    y = x + rng.normal(size=50)
    found = rank_correlation(x, y)
    assert found.value == pytest.approx(spearmanr(x, y).statistic)
    z = np.arctanh([found.low, found.value, found.high])
    assert np.diff(z) == pytest.approx(1.959964 * np.sqrt((1 + found.value**2 / 2) / 47), rel=1e-6)
    plain = pearsonr(x.argsort().argsort(), y.argsort().argsort()).confidence_interval()
    assert (
        found.low < plain.low < found.value < plain.high < found.high
    )  # ranks are surer than nothing, less than Pearson


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_property_ranks_do_not_mind_a_rising_transform(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 30))
    found, other = rank_correlation(x, y), rank_correlation(np.exp(x), -y)
    assert (other.value, other.low, other.high) == pytest.approx((-found.value, -found.high, -found.low))


def test_pairs_with_a_gap_are_left_out_and_few_say_nothing():
    x = np.arange(12.0)
    y = np.array([1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10.0])
    gaps = np.r_[x, np.nan, 4], np.r_[y, 3, np.nan]
    assert rank_correlation(*gaps) == rank_correlation(x, y)
    assert np.isnan(rank_correlation(x[:9], y[:9]).value)
    assert np.isnan(rank_correlation(x, np.ones(12)).value)
    assert np.isnan(rank_correlation(x, 2 * x).low)
