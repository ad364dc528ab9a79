"""Rank correlation where a client gives several pairs."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from churnlab.surveys import clustered_rank_correlation, rank_correlation


def months_of(rho, *, clients, months, seed):
    """Scores of clients that drift from month to month: client, month, score now, score a month later."""
    rng = np.random.default_rng(seed)
    score = np.empty((months + 1, clients))
    score[0] = rng.normal(size=clients)
    for month in range(months):
        score[month + 1] = rho * score[month] + np.sqrt(1 - rho**2) * rng.normal(size=clients)
    client, month = np.tile(np.arange(clients), months), np.repeat(np.arange(months), clients)
    return score[:-1].ravel(), score[1:].ravel(), client, month


def test_reduction_one_month_is_spearman():
    now, later, client, month = months_of(0.5, clients=40, months=1, seed=1)
    found = clustered_rank_correlation(now, later, client, stratum=month)
    assert found.value == pytest.approx(spearmanr(now, later).statistic)
    alone = rank_correlation(now, later)
    assert found.high - found.low == pytest.approx(alone.high - alone.low, rel=0.35)


def test_property_ends_stay_within_the_scale_and_around_the_value():
    for rho in (-0.95, 0.0, 0.9, 0.99):
        found = clustered_rank_correlation(*months_of(rho, clients=30, months=12, seed=2)[:3], stratum=np.zeros(360))
        assert -1 <= found.low < found.value < found.high <= 1


def test_reduction_a_month_in_which_all_are_alike_changes_nothing():
    now, later, client, month = months_of(0.6, clients=30, months=3, seed=3)
    alone = clustered_rank_correlation(now, later, client, stratum=month)
    more = [np.concatenate([each, np.full(30, 7.0)]) for each in (now, later)]
    beside = clustered_rank_correlation(*more, [*client, *range(30)], stratum=[*month, *[9] * 30])
    assert (beside.n, beside.value, beside.low) == (alone.n, alone.value, alone.low)


def test_recovery_the_interval_covers_where_ranks_are_kept_well():
    covered = 0
    now, later, client, month = months_of(0.9, clients=4000, months=12, seed=4)
    truth = clustered_rank_correlation(now, later, client, stratum=month).value
    for seed in range(100, 140):
        now, later, client, month = months_of(0.9, clients=60, months=12, seed=seed)
        found = clustered_rank_correlation(now, later, client, stratum=month)
        covered += found.low <= truth <= found.high
    assert 32 <= covered <= 40


def test_few_clients_and_arrays_of_unlike_lengths():
    assert np.isnan(clustered_rank_correlation(range(18), range(18), list(range(9)) * 2, stratum=[0] * 18).value)
    assert clustered_rank_correlation([], [], [], stratum=[]).n == 0
    with pytest.raises(ValueError, match="one length"):
        clustered_rank_correlation([1.0], [1.0, 2.0], ["a"], stratum=[0])
