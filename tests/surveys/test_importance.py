"""Shares of what is explained, correlations behind answers, and how figures move with each client."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from survey_book import CARS, book, together

from churnlab.surveys import explained_by_subsets, lmg, relative_weights
from churnlab.surveys.importance import shares_and_slopes
from churnlab.surveys.latent import behind, classes, normal_scores, step_coefficients
from churnlab.surveys.resampling import bootstrap, client_sums, estimate

SEEDS = st.integers(0, 10_000)


def drawn(seed: int, factors: int = 4) -> np.ndarray:
    """A correlation matrix."""
    rng = np.random.default_rng(seed)
    return np.corrcoef(rng.normal(size=(3 * factors, factors + 1)) + rng.normal(size=(3 * factors, 1)), rowvar=False)


def by_moments(table: np.ndarray, scores: np.ndarray) -> float:
    """The correlation behind a table of probabilities, by way of the correlation of the scores."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    given_rows = normal_scores(rows)
    spreads = [np.sqrt(p @ x**2 - (p @ x) ** 2) for p, x in ((rows, given_rows), (columns, scores))]
    seen = (given_rows @ table @ scores - (rows @ given_rows) * (columns @ scores)) / np.prod(spreads)
    steps = np.stack([step_coefficients(rows, given_rows), step_coefficients(columns, scores)])
    return float(behind(np.array([[1.0, seen], [seen, 1.0]]), steps)[0][0, 1])


def test_reference_cars():
    """Fuel use by cylinders, displacement, horsepower and weight: as packages for relative importance print it."""
    cars = np.corrcoef(np.roll(CARS, -1, axis=1), rowvar=False)
    assert lmg(cars) == pytest.approx([0.2157094, 0.2006984, 0.1700769, 0.2621501], abs=5e-8)
    assert relative_weights(cars) == pytest.approx([0.2096904, 0.1883043, 0.1799590, 0.2706812], abs=5e-8)
    assert explained_by_subsets(cars)[-1] == pytest.approx(0.848635, abs=5e-7)


def test_reduction_every_subset_is_a_regression():
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=(50, 3)), rng.normal(size=50)
    y = x @ [1.0, 0.5, -0.5] + noise
    found = explained_by_subsets(np.corrcoef(np.column_stack([x, y]), rowvar=False))
    for place in range(8):
        chosen = [j for j in range(3) if place >> j & 1]
        design = np.column_stack([np.ones(50), x[:, chosen]])
        left = y - design @ np.linalg.lstsq(design, y)[0]
        assert found[place] == pytest.approx(1 - left.var() / y.var())


def test_reduction_factors_without_correlation_share_by_squares():
    alone = np.eye(4)
    alone[3, :3] = alone[:3, 3] = [0.6, -0.3, 0.1]
    assert lmg(alone) == pytest.approx([0.36, 0.09, 0.01])
    assert relative_weights(alone) == pytest.approx([0.36, 0.09, 0.01])


def test_reduction_two_factors_share_alike_by_both_ways():
    assert lmg(drawn(3, 2)) == pytest.approx(relative_weights(drawn(3, 2)))


def test_reduction_a_factor_given_twice_shares_with_itself():
    rng = np.random.default_rng(2)
    x, z, noise = rng.normal(size=(3, 60))
    once = lmg(np.corrcoef([x, z, x + z + noise]))
    twice = lmg(np.corrcoef([x, x, z, x + z + noise]))
    assert twice[0] == pytest.approx(twice[1])
    assert twice.sum() == pytest.approx(once.sum())


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 6))
def test_property_parts_sum_to_what_is_explained_and_none_is_negative(seed, factors):
    correlation = drawn(seed, factors)
    explained = explained_by_subsets(correlation)[-1]
    for parts in (lmg(correlation), relative_weights(correlation)):
        assert parts.sum() == pytest.approx(explained)
        assert (parts >= -1e-9).all()


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.permutations(range(4)))
def test_property_the_order_of_factors_changes_nothing(seed, places):
    correlation = drawn(seed)
    moved = correlation[np.ix_([*places, 4], [*places, 4])]
    assert lmg(moved) == pytest.approx(lmg(correlation)[list(places)])
    assert relative_weights(moved) == pytest.approx(relative_weights(correlation)[list(places)])


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_property_slopes_are_those_of_small_steps(seed):
    correlation = drawn(seed)[None]
    step = 1e-6 * np.random.default_rng(seed).normal(size=(5, 5)) * (1 - np.eye(5))
    step = step + step.T
    ahead, back = shares_and_slopes(correlation + step)[0], shares_and_slopes(correlation - step)[0]
    slopes = shares_and_slopes(correlation)[1]
    assert (slopes[0] * step).sum(axis=(1, 2)) == pytest.approx((ahead - back)[0] / 2, rel=1e-3, abs=1e-8)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 1), (12, 12)])
def test_what_is_no_matrix_of_factors_and_target_is_refused(shape):
    for way in (lmg, relative_weights, explained_by_subsets):
        with pytest.raises(ValueError, match="expected square matrices of 1 to 10 factors and a target"):
            way(np.ones(shape))


@pytest.mark.parametrize("value", [-0.8, 0.1, 0.5, 0.8])
def test_reference_halves_have_the_correlation_of_an_arcsine(value):
    """Sheppard's: variables cut in the middle are correlated by 2 / pi * asin(r)."""
    seen = 2 / np.pi * np.arcsin(value)
    steps = step_coefficients(np.ones((2, 2)), np.array([-1.0, 1.0]))
    assert behind(np.array([[1.0, seen], [seen, 1.0]]), steps)[0][0, 1] == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize("value", [-0.6, 0.0, 0.3, 0.85])
def test_reduction_a_table_cut_from_a_normal_law_gives_its_correlation(value):
    cuts, others = np.array([-9, -1.5, -0.5, 0.2, 9]), np.array([-9, -2, -1, -0.3, 0.0, 9])
    law = multivariate_normal([0, 0], [[1, value], [value, 1]])
    below = np.array([[law.cdf([x, y]) for y in others] for x in cuts])
    table = np.diff(np.diff(below, axis=0), axis=1)
    assert by_moments(table, np.arange(5.0)) == pytest.approx(value, abs=5e-4)


def test_reduction_slopes_behind_are_those_of_small_steps():
    steps = step_coefficients(np.array([[3.0, 5, 2], [1, 4, 9]]), np.array([0.0, 1, 2]))
    found = [behind(np.array([[1.0, r], [r, 1.0]]), steps) for r in (0.399, 0.4, 0.401)]
    moved = found[2][0][0, 1] - found[0][0][0, 1]
    assert found[1][1][0, 1] == pytest.approx(0.002 / moved, rel=1e-4)


def test_property_correlations_behind_make_a_matrix_without_negative_eigenvalues():
    """Three tables that no three variables can have at once are mended, and little."""
    steps = step_coefficients(np.tile([1.0, 1.0], (3, 1)), np.array([-1.0, 1.0]))
    seen = np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.1], [0.6, 0.1, 1.0]])
    found = behind(seen, steps)[0]
    assert np.linalg.eigvalsh(found).min() >= 0
    assert np.diag(found) == pytest.approx(np.ones(3))
    assert found == pytest.approx(np.sin(np.pi / 2 * seen), abs=0.1)


def test_classes_put_neighbours_together_where_there_are_many():
    values = np.random.default_rng(1).normal(size=1000)
    found = classes(values)
    assert (np.diff(found[np.argsort(values)]) >= 0).all()
    assert np.bincount(found).tolist() == [40] * 25
    skewed = classes(np.r_[np.zeros(500), values])
    assert len(np.unique(skewed)) == skewed.max() + 1 <= 25


@pytest.mark.parametrize("ordinal", [False, True])
def test_reduction_the_covariance_is_near_that_of_leaving_clients_out(ordinal):
    behind_them, client = book(together(), clients=400)
    given_answers = np.clip(np.round(7 + 1.8 * behind_them), 0, 10)
    sums = client_sums(given_answers, client, ordinal=ordinal)
    covariance = estimate(sums, np.ones((1, 400)))[1][0]
    without = estimate(sums, 1 - np.eye(400))[0]
    jackknife = 399 / 400 * (without - without.mean(axis=0)).T @ (without - without.mean(axis=0))
    assert np.sqrt(np.diag(covariance)) == pytest.approx(np.sqrt(np.diag(jackknife)), rel=0.05 if ordinal else 0.02)


def test_reduction_a_client_taken_twice_is_two_clients():
    behind_them, client = book(together(), clients=30)
    sums = client_sums(behind_them, client, ordinal=False)
    times = np.r_[2.0, 0.0, np.ones(28)]
    rows = np.flatnonzero(client != 1)
    again = np.r_[rows, np.flatnonzero(client == 0)]
    named = np.r_[client[rows], np.full(3, 99)]
    doubled = client_sums(behind_them[again], named, ordinal=False)
    for found, other in zip(estimate(sums, times[None]), estimate(doubled, np.ones((1, 30))), strict=True):
        assert found == pytest.approx(other)


def test_reduction_draws_in_parts_are_the_same_draws(monkeypatch):
    behind_them, client = book(together(), clients=40)
    sums = client_sums(behind_them, client, ordinal=False)
    whole = bootstrap(sums, draws=100, rng=np.random.default_rng(1))
    monkeypatch.setattr("churnlab.surveys.resampling._AT_ONCE", 5000)
    parts = bootstrap(sums, draws=100, rng=np.random.default_rng(1))
    assert parts.drawn == pytest.approx(whole.drawn)
    assert parts.drawn_covariance == pytest.approx(whole.drawn_covariance)
