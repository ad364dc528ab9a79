"""Losses as a distribution: closed forms, limits, and what correlation and errors do."""

import numpy as np
import pytest

from churnlab.accounts import (
    concentration,
    error_of,
    independent_spread,
    large_book_quantile,
    loss_distribution,
)

SALES = np.array([40.0, 30.0, 20.0, 10.0])


def test_reference_independent_clients_of_one_risk_lose_sqrt_p_1_p_h():
    """SD of the share lost = sqrt(p (1 - p) HHI): at p .2 and shares .4/.3/.2/.1 it is sqrt(.16 * .3)."""
    found = independent_spread(SALES / 100, np.full(4, 0.2))
    assert found == pytest.approx(np.sqrt(0.2 * 0.8 * concentration(SALES).herfindahl))
    assert found == pytest.approx(0.21909, abs=1e-5)
    drawn = loss_distribution(SALES / 100, np.full(4, 0.2), line=[0, 0, 1, 1], correlation=0.0, rng=1)
    assert drawn.expected == pytest.approx(0.2)
    assert drawn.spread == pytest.approx(found, rel=4 / np.sqrt(2 * len(drawn.losses)))
    assert drawn.losses.mean() == pytest.approx(0.2, abs=4 * found / np.sqrt(len(drawn.losses)))


def test_reference_a_large_book_of_one_line_follows_vasicek():
    clients, risk, correlation = 2000, 0.1, 0.2
    drawn = loss_distribution(
        np.full(clients, 1 / clients), np.full(clients, risk), line=np.zeros(clients), correlation=correlation, rng=2,
        draws=4000,
    )  # fmt: skip
    for share in (0.5, 0.95):
        assert drawn.quantile(share) == pytest.approx(large_book_quantile(risk, correlation, share), abs=0.012)


def test_reduction_sure_and_impossible_departures():
    for risk, lost in ((0.0, 0.0), (1.0, 100.0)):
        drawn = loss_distribution(SALES, np.full(4, risk), line=np.arange(4), correlation=0.3, rng=3, draws=50)
        assert set(drawn.losses) == {lost}
        assert drawn.expected == lost


def test_direction_what_hangs_together_widens_and_leaves_the_expectation():
    risks = np.full(4, 0.15)
    loose, tight = (loss_distribution(SALES, risks, line=np.zeros(4), correlation=one, rng=4) for one in (0.0, 0.6))
    assert tight.spread > loose.spread
    assert tight.expected == loose.expected
    assert (tight.losses > 99.0).mean() > (loose.losses > 99.0).mean()
    assert tight.losses.mean() == pytest.approx(loose.losses.mean(), abs=4 * tight.spread / np.sqrt(20_000))


def test_direction_clients_of_different_lines_do_not_hang_together():
    risks = np.full(4, 0.15)
    apart = loss_distribution(SALES, risks, line=np.arange(4), correlation=0.9, rng=5)
    assert apart.spread == pytest.approx(independent_spread(SALES, risks), rel=0.03)


def test_direction_an_uncertain_model_widens():
    risks = np.full(4, 0.15)
    sure, unsure = (
        loss_distribution(SALES, risks, line=np.zeros(4), correlation=0.0, rng=6, error=np.full(4, one))
        for one in (0.0, 0.8)
    )
    assert unsure.spread > sure.spread


def test_reference_the_error_of_a_risk_is_read_off_its_interval():
    middle, error = np.log(-np.log1p(-0.1)), 0.3
    low, high = (-np.expm1(-np.exp(middle + z * 1.959964 * error)) for z in (-1, 1))
    assert error_of([0.1], [low], [high]) == pytest.approx([error], abs=1e-6)
    assert error_of([0.1, np.nan], [np.nan, 0.1], [0.2, 0.2]).tolist() == [0.0, 0.0]


def test_property_the_same_seed_draws_the_same_and_another_does_not():
    first, again, other = (
        loss_distribution(SALES, np.full(4, 0.2), line=np.zeros(4), correlation=0.1, rng=seed, draws=1500)
        for seed in (7, 7, 8)
    )
    assert (first.losses == again.losses).all()
    assert (first.losses != other.losses).any()
    assert len(first.losses) == 1500  # one chunk and a half


@pytest.mark.parametrize(
    ("sales", "risk", "correlation", "match"),
    [
        ([1.0], [1.1], 0.0, "risks from 0 to 1"),
        ([-1.0], [0.1], 0.0, "sales of 0 or more"),
        ([1.0], [np.nan], 0.0, "risks from 0 to 1"),
        ([1.0], [0.1], 1.0, "correlation"),
        ([], [], 0.0, "one a client"),
    ],
)
def test_what_cannot_be_drawn_is_refused(sales, risk, correlation, match):
    with pytest.raises(ValueError, match=match):
        loss_distribution(sales, risk, line=np.zeros(len(sales)), correlation=correlation, rng=1)
