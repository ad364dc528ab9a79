"""The index over answers that come in clients, or count by revenue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_laws import PROFILES

from churnlab.surveys import clustered_nps, nps, promoter_classes, weighted_nps

SCORES = np.array([3.0, 7.0, 9.0])
ANSWERS = st.lists(st.integers(0, 10), min_size=1, max_size=60)
GIVEN = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 11), st.floats(0.01, 100)), min_size=1, max_size=60)


def ends(index):
    return index.value, index.low, index.high, index.effective


@given(ANSWERS)
def test_reduction_one_answer_each_of_equal_weight_is_the_plain_index(scores):
    plain = nps(*promoter_classes(scores))
    for index in (clustered_nps(scores, range(len(scores))), weighted_nps(scores, np.full(len(scores), 3.5))):
        assert ends(index) == pytest.approx(ends(plain), rel=1e-6, abs=1e-6)
        assert (index.n, index.variance) == pytest.approx((plain.n, plain.variance))


@given(GIVEN, st.floats(1e-200, 1e200), st.randoms(use_true_random=False))
def test_property_scale_order_and_silence_do_not_matter(answers, scale, random):
    scores, client, weights = np.array(answers).T
    order = random.sample(range(len(scores)), len(scores))
    index, again = weighted_nps(scores, weights), weighted_nps(np.r_[scores[order], np.nan], np.r_[weights[order], 5])
    scaled = weighted_nps([*scores, 10], scale * np.r_[weights, 0])
    assert ends(again) == pytest.approx(ends(index), rel=1e-6, abs=1e-6)
    assert ends(scaled) == pytest.approx(ends(index), rel=1e-6, abs=1e-6)
    index, again = clustered_nps(scores, client), clustered_nps(np.r_[scores[order], np.nan], np.r_[client[order], 99])
    assert ends(again) == pytest.approx(ends(index), rel=1e-6, abs=1e-6)


@given(GIVEN)
def test_property_the_effective_number_is_at_most_the_answers(answers):
    scores, client, weights = np.array(answers).T
    for index in (weighted_nps(scores, weights), clustered_nps(scores, client)):
        assert 0 < index.effective <= index.n + 1e-9
        assert -100 <= index.low <= index.value + 1e-9
        assert index.value - 1e-9 <= index.high <= 100
    assert weighted_nps(scores, weights).effective <= weights.sum() ** 2 / (weights**2).sum() + 1e-9


def test_reference_kishs_effective_number():
    """Weights 1, 1, 1, 1, 4 are worth 64 / 20 equal ones; votes that do not go with weights leave it there."""
    scores = np.tile([9.0, 3.0], 5)
    assert weighted_nps(scores, np.repeat([1.0, 1, 1, 1, 4], 2)).effective == pytest.approx(6.4)


def test_direction_contacts_that_agree_are_one_answer_and_few_are_too_few():
    """Sixty answers of twelve clients, all five of a client alike: about as sure as twelve answers, or less."""
    scores, client = np.repeat([3.0, 9, 9, 7, 9, 8] * 2, 5), np.repeat(np.arange(12), 5)
    index = clustered_nps(scores, client)
    assert 8 < index.effective < 12
    assert index.faint
    plain = nps(*promoter_classes(scores))
    assert index.value == pytest.approx(plain.value)
    assert index.high - index.low > 1.5 * (plain.high - plain.low)
    assert clustered_nps(scores[:45], client[:45]).too_few
    alike = clustered_nps(np.full(60, 9.0), client)
    assert alike.effective == pytest.approx(12)
    assert alike.low < nps(0, 0, 60).low


def test_direction_one_giant_leaves_too_few():
    weights = np.r_[1000.0, np.ones(60)]
    index = weighted_nps(np.tile([9.0, 7, 3], 21)[:61], weights)
    assert index.too_few
    assert index.low < 0


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("clients", [30, 100, 200])
def test_recovery_the_weighted_interval_covers(clients, sigma):
    """At least 92 % of 600 draws over all profiles, whose chance is below one in a thousand at 95 %."""
    rng, held = np.random.default_rng(11), 0
    for draw in range(600):
        shares = np.array(PROFILES[draw % 6]) / 100
        scores, weights = rng.choice(SCORES, clients, p=shares), rng.lognormal(0, sigma, clients)
        index = weighted_nps(scores, weights)
        held += index.low <= 100 * (shares[2] - shares[0]) <= index.high
    assert held >= 552


def test_nobody_answered():
    for index in (weighted_nps([], []), weighted_nps([9], [0]), clustered_nps([np.nan], ["a"])):
        assert (index.n, index.effective, index.method) == (0, 0, "")
        assert np.isnan([index.value, index.low, index.high]).all()
        assert index.too_few


def test_a_single_client_is_one_answer():
    assert clustered_nps([9, 3, 9, 9], ["a"] * 4).effective == 1


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"expected answers and clients of one length, got \(2,\) and \(1,\)"):
        clustered_nps([9, 8], ["a"])
    with pytest.raises(ValueError, match="expected answers and weights of one length"):
        weighted_nps([9, 8], [1])
    with pytest.raises(ValueError, match="expected weights that are finite and at least 0, got -2"):
        weighted_nps([9, 8], [1, -2])
    with pytest.raises(ValueError, match="expected level"):
        weighted_nps([9, 8], [1, 2], level=0)
