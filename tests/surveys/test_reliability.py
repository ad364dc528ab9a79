"""Whether factors tell of one thing, and how clients use the scale."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f as fisher

from churnlab.surveys import centred, consistency, cronbach_alpha, omega_total, one_factor, response_style

ANSWERS = [
    [9, 8, 9, 6],
    [7, 7, 6, 5],
    [8, 9, 7, 8],
    [5, 6, 5, 3],
    [10, 9, 9, 9],
    [6, 8, 7, 4],
    [7, 6, 8, 7],
    [4, 5, 6, 2],
]
LOADINGS = np.array([0.8, 0.7, 0.6, 0.5])
IMPLIED = np.outer(LOADINGS, LOADINGS) + np.diag(1 - LOADINGS**2)

# The data set "cronbach_alpha" of pingouin 0.7.0: fifteen people, ten items.
ITEMS = np.array(
    [
        [3, 2, 4, 1, 4, 5, 1, 4, 3, 2],
        [5, 4, 6, 3, 5, 1, 2, 5, 5, 5],
        [7, 3, 5, 5, 6, 4, 3, 3, 6, 5],
        [2, 4, 3, 3, 2, 2, 2, 6, 6, 3],
        [6, 5, 6, 5, 4, 4, 4, 6, 7, 5],
        [1, 2, 3, 4, 2, 5, 2, 3, 5, 2],
        [4, 3, 5, 3, 5, 2, 1, 2, 4, 3],
        [2, 4, 4, 3, 7, 2, 2, 4, 6, 5],
        [6, 5, 5, 5, 1, 6, 5, 2, 3, 2],
        [5, 4, 6, 4, 3, 5, 3, 1, 7, 2],
        [4, 3, 5, 2, 5, 3, 2, 3, 4, 1],
        [4, 2, 3, 2, 5, 3, 4, 2, 3, 4],
        [5, 5, 6, 2, 3, 3, 2, 4, 4, 5],
        [6, 5, 5, 4, 2, 2, 1, 4, 6, 5],
        [4, 3, 5, 5, 3, 1, 3, 2, 3, 4],
    ]
)


def answers(clients: int = 80, each: int = 3, *, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Four factors of one thing, of clients who answer several times and keep a part of their opinion."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), each)
    thing = np.sqrt(0.6) * rng.normal(size=clients)[client] + np.sqrt(0.4) * rng.normal(size=client.size)
    own = np.sqrt(0.5) * rng.normal(size=(clients, 4))[client] + np.sqrt(0.5) * rng.normal(size=(client.size, 4))
    return (thing[:, None] * LOADINGS + own * np.sqrt(1 - LOADINGS**2)) * [1.0, 1.5, 0.7, 2.0], client


def test_reference_alpha_of_pingouins_data():
    """By tests/reference/alpha_by_pingouin.py."""
    assert cronbach_alpha(np.cov(np.transpose(ANSWERS))) == pytest.approx(0.9188282359014066, abs=1e-12)
    assert cronbach_alpha(np.cov(ITEMS.T)) == pytest.approx(0.5917188486, abs=1e-10)


def test_reference_loadings_omega_and_standardised_alpha():
    assert one_factor(IMPLIED) == pytest.approx(LOADINGS, abs=1e-8)
    assert omega_total(IMPLIED) == pytest.approx(0.7494456763, abs=1e-9)
    assert cronbach_alpha(IMPLIED) == pytest.approx(0.7420546933, abs=1e-9)


def test_reference_the_interval_is_near_feldts_where_his_law_holds():
    """Normal parallel factors, one answer a client: F with n - 1 and (n - 1)(k - 1) degrees of freedom."""
    rng = np.random.default_rng(9)
    n, k = 1000, 4
    found = consistency(rng.normal(size=(n, 1)) + rng.normal(size=(n, k)), range(n)).alpha
    law = fisher(n - 1, (n - 1) * (k - 1))
    low, high = (1 - (1 - found.value) * law.ppf(share) for share in (0.975, 0.025))
    assert found.high - found.low == pytest.approx(high - low, rel=0.1)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.005)


def test_reduction_equal_loadings_make_alpha_omega():
    parallel = 0.4 * np.ones((5, 5)) + 0.6 * np.eye(5)
    assert omega_total(parallel) == pytest.approx(cronbach_alpha(parallel))


def test_reduction_figures_are_those_of_the_covariance():
    scores, client = answers()
    found = consistency(scores, client)
    assert found.alpha.value == pytest.approx(cronbach_alpha(np.cov(scores.T)))
    assert found.omega.value == pytest.approx(omega_total(np.cov(scores.T)))
    assert found.standardised.value == pytest.approx(cronbach_alpha(np.corrcoef(scores.T)))
    assert (found.clients, found.answers, found.factors) == (80, 240, 4)


def test_reduction_errors_are_near_those_of_a_bootstrap_over_clients():
    """Of 300 draws the standard deviation is known to 4 %."""
    scores, client = answers(200)
    found, rng = consistency(scores, client), np.random.default_rng(2)
    drawn = []
    for _ in range(300):
        rows = (3 * rng.integers(0, 200, 200)[:, None] + np.arange(3)).ravel()
        covariance = np.cov(scores[rows].T)
        deviation = np.sqrt(np.diag(covariance))
        standardised = cronbach_alpha(covariance / np.outer(deviation, deviation))
        drawn.append([cronbach_alpha(covariance), standardised, omega_total(covariance)])
    errors = [found.alpha.error, found.standardised.error, found.omega.error]
    assert errors == pytest.approx(np.std(drawn, axis=0), rel=0.2)


def test_reduction_errors_are_those_of_leaving_out_one_client_and_fitting_anew():
    scores, client = answers(40)
    found = consistency(scores, client)
    left = [np.cov(scores[client != out].T) for out in range(40)]
    for figure, of in [(found.alpha, cronbach_alpha), (found.omega, omega_total)]:
        without = np.array([of(covariance) for covariance in left])
        assert figure.error == pytest.approx(np.sqrt(39 * without.var()), rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-5, 5), st.floats(0.2, 5), st.permutations(range(4)))
def test_property_shift_scale_and_order_change_nothing(seed, shift, scale, order):
    scores, client = answers(30, 2, seed=seed)
    found, again = consistency(scores, client), consistency((shift + scale * scores)[:, order], client)
    for one, other in [(found.alpha, again.alpha), (found.standardised, again.standardised)]:
        assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high), abs=1e-6)
    assert again.omega.value == pytest.approx(found.omega.value, abs=1e-3)
    assert found.alpha.low < found.alpha.value < found.alpha.high < 1


def test_property_answers_with_a_gap_are_left_out_and_strata_are_levelled():
    scores, client = answers()
    gaps = scores.copy()
    gaps[::4, 1] = np.nan
    whole = ~np.isnan(gaps).any(axis=1)
    assert consistency(gaps, client).alpha == consistency(scores[whole], client[whole]).alpha
    wave = np.tile([0, 1, 2], 80)
    kinder = scores + 2.0 * wave[:, None]
    assert consistency(kinder, client).alpha.value > consistency(scores, client).alpha.value
    assert consistency(kinder, client, stratum=wave).alpha.value == pytest.approx(
        consistency(scores, client, stratum=wave).alpha.value
    )


def test_direction_more_noise_less_consistency_and_repeated_answers_are_no_new_clients():
    scores, client = answers()
    noisy = scores + np.random.default_rng(1).normal(0, 2, scores.shape)
    assert consistency(noisy, client).omega.value < consistency(scores, client).omega.value
    thrice = consistency(np.tile(scores, (3, 1)), np.tile(client, 3)).alpha
    once = consistency(scores, client).alpha
    assert thrice.error == pytest.approx(once.error, rel=0.02)


def test_recovery_loadings_from_many_answers():
    scores, client = answers(2000, 2)
    found = consistency(scores, client)
    assert found.loadings == pytest.approx(LOADINGS, abs=0.05)
    assert found.misfit < 0.03


def test_too_few_clients_two_factors_and_flat_ones():
    scores, client = answers()
    assert not consistency(scores[:57], client[:57]).alpha.known
    two = consistency(scores[:, :2], client)
    assert two.alpha.known
    assert np.isnan(two.omega.value)
    scores[:, 2] = 7
    assert np.isnan(consistency(scores, client).alpha.value)
    one = answers()[0]
    one[:, 2] = np.where(client == 4, 8, 7)
    one[client == 4, 2] += [0, 1, 2]
    assert not consistency(one, client).omega.known
    assert not consistency(centred(answers()[0]), client).alpha.known
    with pytest.raises(ValueError, match="expected scores"):
        consistency(scores, client[1:])


def test_property_a_loading_without_noise_stops_below_one():
    loadings = np.array([1.0, 0.6, 0.6])
    pushed = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    pushed[1, 2] = pushed[2, 1] = 0.3
    assert np.abs(one_factor(pushed)).max() <= 0.995


def test_reference_style_of_answers_by_hand():
    style = response_style([[7, 7, 7, 7], [10, 10, 6, 0], [5, np.nan, 5, 4], [8, np.nan, np.nan, 8]])
    assert style.rated.tolist() == [4, 4, 3, 2]
    assert style.mean[:3] == pytest.approx([7, 6.5, 14 / 3])
    assert style.spread[:2] == pytest.approx([0, np.std([10, 10, 6, 0], ddof=1)])
    assert style.extreme[:3] == pytest.approx([0, 0.75, 0])
    assert style.longest[:3] == pytest.approx([1, 0.5, 2 / 3])
    assert style.same[:3].tolist() == [1, 0, 0]
    assert np.isnan([style.mean[3], style.same[3], style.longest[3]]).all()


@given(st.lists(st.lists(st.integers(0, 10), min_size=4, max_size=4), min_size=1, max_size=8))
def test_property_straight_lines_have_no_spread_and_centred_scores_sum_to_nothing(rows):
    style = response_style(rows)
    assert ((style.same == 1) == (style.spread < 1e-12)).all()
    assert ((style.same == 1) == (style.longest == 1)).all()
    assert centred(rows).sum(axis=1) == pytest.approx(np.zeros(len(rows)), abs=1e-9)
    assert centred(np.array(rows) + 3.0) == pytest.approx(centred(rows))


def test_recovery_centred_scores_follow_relative_truth_where_kindness_differs():
    """Clients with a kindness of their own: what each factor is to a client beside the others is seen better."""
    rng = np.random.default_rng(6)
    truth = rng.normal(size=(300, 4))
    scores = 7 + truth + rng.normal(0, 2, (300, 1)) + rng.normal(0, 0.5, (300, 4))
    apart = truth - truth.mean(axis=1, keepdims=True)
    for factor in range(4):
        before = np.corrcoef(scores[:, factor], apart[:, factor])[0, 1]
        after = np.corrcoef(centred(scores)[:, factor], apart[:, factor])[0, 1]
        assert after > before + 0.2
        assert after > np.corrcoef(scores[:, factor], truth[:, factor])[0, 1]


def test_scores_off_the_scale_or_in_a_row_are_refused():
    with pytest.raises(ValueError, match="from 0 to 10"):
        response_style([[11, 3, 4]])
    with pytest.raises(ValueError, match="shape"):
        centred([7.0, 8.0])
    assert np.isnan(centred([[7.0, np.nan]])).all()
