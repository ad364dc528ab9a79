"""What a base supports: published figures, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.risk import HAZARD, clients_needed, expected_r_squared, fewer_terms, support
from churnlab.risk.columns import COLUMNS
from churnlab.risk.statistics import auc
from churnlab.risk.support import ENTRY


@pytest.mark.parametrize(("rate", "clients", "events"), [(0.1, 2272, 227), (0.2, 1318, 264)])
def test_reference_published_needs_of_twenty_terms(rate, clients, events):
    # Published from a draw of clients, with an AUC of .75; ours by quadrature, so within the noise of that draw.
    need = clients_needed(20, rate=rate, r_squared=expected_r_squared(0.75, rate=rate))
    assert need.clients == need.for_shrinkage == pytest.approx(clients, rel=0.015)
    assert need.events == pytest.approx(events, rel=0.015)


def test_reference_the_worked_example_of_the_paper():
    # Riley et al. (2019): 24 terms, 17.4 % with the outcome, R squared .288: 623, 662 and 221, so 662 with 116 events.
    need = clients_needed(24, rate=0.174, r_squared=0.288)
    assert (need.for_shrinkage, need.for_optimism, need.for_rate) == (623, 662, 221)
    assert (need.clients, need.events) == (662, 116)


@pytest.mark.parametrize(("ranks", "rate"), [(0.65, 0.1), (0.75, 0.2), (0.85, 0.5)])
def test_recovery_r_squared_and_auc_belong_to_one_law(ranks, rate):
    rng = np.random.default_rng([41, int(100 * ranks)])
    left = rng.random(60_000) < rate
    # the law again, with the distance found from the AUC by bisection on draws
    noise = rng.normal(size=left.size)
    low, high = 0.0, 3.0
    for _ in range(16):
        apart = (low + high) / 2
        reached = auc(left.astype(float), noise + apart * left, np.ones(left.size))
        low, high = (apart, high) if reached < ranks else (low, apart)
    odds = np.log(rate / (1 - rate)) + apart * (noise + apart * left) - apart**2 / 2
    chance = np.where(left, -np.logaddexp(0, -odds), -np.logaddexp(0, odds)).mean()
    same = rate * np.log(rate) + (1 - rate) * np.log(1 - rate)
    assert expected_r_squared(ranks, rate=rate) == pytest.approx(1 - np.exp(-2 * (chance - same)), abs=0.006)


def test_reduction_a_coin_explains_nothing():
    assert expected_r_squared(0.5, rate=0.3) == pytest.approx(0, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(40, 3000), st.floats(0.02, 0.6), st.integers(1, 30))
def test_property_a_base_bears_what_it_says_and_no_more(clients, rate, wanted):
    events = max(1, int(clients * rate))
    found = support(clients, events, wanted=wanted)
    r_squared = expected_r_squared(0.75, rate=events / clients)
    assert 0 <= found.terms <= wanted
    if found.terms:
        assert clients_needed(found.terms, rate=events / clients, r_squared=r_squared).clients <= clients
    if found.terms < wanted:
        assert clients_needed(found.terms + 1, rate=events / clients, r_squared=r_squared).clients > clients
    assert found.enough == (found.need.clients <= clients)
    assert str(found.need.clients) in found.sentence


def test_direction_a_larger_base_and_a_better_ranking_bear_more():
    by_size = [support(n, n // 5, wanted=30).terms for n in (100, 200, 400, 800, 1600)]
    by_ranking = [support(600, 120, wanted=30, auc=ranks).terms for ranks in (0.6, 0.7, 0.8)]
    assert by_size == sorted(by_size)
    assert by_ranking == sorted(by_ranking)
    assert by_size[0] < by_size[-1]
    assert by_ranking[0] < by_ranking[-1]


def test_a_small_base_takes_fewer_terms_in_the_order_set_beforehand():
    assert set(ENTRY) == {column.name for column in COLUMNS}
    assert fewer_terms(HAZARD, terms=0).columns == ENTRY[:1]
    assert fewer_terms(HAZARD, terms=3).columns == ENTRY[:3]
    assert set(fewer_terms(HAZARD, terms=99).columns) == set(HAZARD.columns)


def test_a_base_where_nobody_left_is_said_to_support_nothing():
    found = support(50, 0, wanted=4)
    assert (found.terms, found.enough, found.need) == (0, False, None)
    assert "cannot support a model" in found.sentence
    assert "supports no term" in support(60, 3, wanted=4).sentence
    assert "supports the model" in support(5000, 1000, wanted=4).sentence


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: support(10, 11, wanted=1), "at most 10 of 10"),
        (lambda: clients_needed(0, rate=0.1, r_squared=0.1), "at least one term"),
        (lambda: clients_needed(1, rate=0.1, r_squared=0.9), "greatest at this rate"),
        (lambda: expected_r_squared(1.0, rate=0.1), "AUC from 0.5"),
    ],
)
def test_what_is_out_of_range_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
