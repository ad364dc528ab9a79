"""Special cases with a known answer, and the laws of common random numbers."""

from dataclasses import replace

import numpy as np
import pytest

from churnlab.scenarios import (
    DO_NOTHING,
    EVIDENCE,
    PRICE_ONLY,
    SERVICE,
    Assumptions,
    Book,
    InfeasibleError,
    PairedDifference,
    Policy,
    break_even_cost,
    draw_assumptions,
    paired_difference,
    simulate,
)
from churnlab.scenarios.parameters import AssumptionDraws

ROWS, CLIENTS, MONTHS = 150, 80, 48
NO_OFFERS = {"offers_per_year": 0.0}


def book(hazard: float = 0.02, *, rows: int = ROWS, service: float = -0.3) -> Book:
    level = np.log(-np.log1p(-hazard)) if hazard > 0 else -60.0
    return Book(
        predictor=np.full((rows, CLIENTS), level),
        tenure_effect=np.zeros(rows),
        service_effect=np.full(rows, service),
        price_effect=np.zeros(rows),
        tenure_months=np.full(CLIENTS, 30.0),
        monthly_sales=np.linspace(50.0, 150.0, CLIENTS),
    )


def assumed(rows: int = ROWS, **values: float) -> AssumptionDraws:
    """Defaults in every row, with some values set freely."""
    named = {name: getattr(Assumptions(), name) for name in EVIDENCE} | values
    return AssumptionDraws({name: np.full(rows, value) for name, value in named.items()})


def test_reduction_constant_hazard_has_the_geometric_curve():
    found = simulate(book(0.03), (DO_NOTHING,), assumed(**NO_OFFERS), months=MONTHS, seed=1)
    expected = 0.97 ** np.arange(MONTHS + 1)
    error = np.sqrt(np.maximum(expected * (1 - expected), 1e-12) / (ROWS * CLIENTS))
    assert (np.abs(found.retention[0].mean(axis=0) - expected) < 4 * error + 1e-12).all()


def test_reduction_without_leaving_value_is_an_annuity():
    found = simulate(book(1e-12), (PRICE_ONLY,), assumed(**NO_OFFERS), months=MONTHS, seed=1)
    factor = 1.15 ** (-1 / 12)
    annuity = factor * (1 - factor**MONTHS) / (1 - factor)
    np.testing.assert_allclose(found.value[0], (0.28 - 0.04) * 100.0 * CLIENTS * annuity, rtol=1e-9)


@pytest.mark.parametrize("offers", [0.0, 0.36, 1.0])
def test_reduction_doing_nothing_is_the_fitted_hazard_whatever_offers_are(offers):
    drawn = assumed(offers_per_year=offers)
    found = simulate(book(0.03), (DO_NOTHING,), drawn, months=MONTHS, seed=2)
    share = found.retention[0, :, -1].mean()
    expected = 0.97**MONTHS
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / (ROWS * CLIENTS))


def test_reduction_the_same_policy_twice_differs_by_nothing():
    twin = replace(SERVICE, name="twin")
    found = simulate(book(), (SERVICE, twin), assumed(), months=MONTHS, seed=3)
    assert (found.value[0] == found.value[1]).all()
    assert (found.retention[0] == found.retention[1]).all()


def test_reduction_swapping_changes_the_sign_exactly():
    found = simulate(book(), (SERVICE, PRICE_ONLY), assumed(), months=MONTHS, seed=3)
    one = paired_difference(found, "service", "price only")
    other = paired_difference(found, "price only", "service")
    assert one.mean == -other.mean
    assert one.low == pytest.approx(-other.high, rel=1e-12)


def test_property_order_and_number_of_policies_do_not_matter():
    drawn = draw_assumptions(ROWS, rng=5)
    three = simulate(book(), (DO_NOTHING, PRICE_ONLY, SERVICE), drawn, months=MONTHS, seed=4)
    two = simulate(book(), (SERVICE, DO_NOTHING), drawn, months=MONTHS, seed=4)
    assert (three.value[2] == two.value[0]).all()
    assert (three.value[0] == two.value[1]).all()


def test_property_the_first_rows_are_those_of_a_longer_run():
    short = simulate(book(rows=70), (SERVICE,), assumed(70), months=12, seed=4)
    long = simulate(book(rows=200), (SERVICE,), assumed(200), months=12, seed=4)
    assert (short.value[0] == long.value[0, :70]).all()


def test_reduction_an_endless_switching_cost_is_no_offers():
    held = simulate(book(), (PRICE_ONLY,), assumed(switching_cost=1e3), months=MONTHS, seed=6)
    none = simulate(book(), (PRICE_ONLY,), assumed(**NO_OFFERS), months=MONTHS, seed=6)
    assert (held.value == none.value).all()


def test_reduction_at_the_break_even_cost_nothing_is_gained():
    found = simulate(book(), (DO_NOTHING, SERVICE), assumed(), months=MONTHS, seed=7)
    cost = break_even_cost(found, "service", "do nothing", paid=SERVICE.service_cost).cost
    again = simulate(book(), (DO_NOTHING, replace(SERVICE, service_cost=cost)), assumed(), months=MONTHS, seed=7)
    gain = paired_difference(again, "service", "do nothing").mean
    assert abs(gain) < 1e-9 * again.value.mean()


def test_reduction_twice_the_money_is_twice_the_value():
    plain = book()
    double = replace(plain, monthly_sales=2 * plain.monthly_sales)
    one = simulate(plain, (SERVICE,), assumed(), months=MONTHS, seed=8)
    two = simulate(double, (SERVICE,), assumed(), months=MONTHS, seed=8)
    assert (two.value == 2 * one.value).all()


def test_direction_dearer_service_never_helps():
    worse = replace(SERVICE, name="dearer", service_cost=0.05)
    found = simulate(book(), (SERVICE, worse), assumed(), months=MONTHS, seed=9)
    assert (found.value[1] <= found.value[0]).all()


def test_direction_better_service_keeps_every_client_that_it_kept_before():
    better = replace(SERVICE, name="better", service_points=2.0)
    found = simulate(book(), (SERVICE, better), assumed(), months=MONTHS, seed=9)
    assert (found.retention[1] >= found.retention[0]).all()


def test_direction_shared_numbers_shrink_the_difference():
    found = simulate(book(), (PRICE_ONLY, SERVICE), assumed(), months=MONTHS, seed=10)
    assert paired_difference(found, "service", "price only").variance_ratio >= 3


def test_offers_beyond_what_was_seen_are_left_out_and_counted():
    drawn = draw_assumptions(ROWS, rng=5)
    found = simulate(book(0.004), (DO_NOTHING,), drawn, months=6, seed=1)
    assert 0 < found.infeasible < 1
    assert found.rows == ROWS - round(found.infeasible * ROWS)
    with pytest.raises(InfeasibleError):
        simulate(book(1e-9), (DO_NOTHING,), drawn, months=6, seed=1)


@pytest.mark.parametrize(("low", "high", "verdict"), [(1, 2, "a"), (-2, -1, "b"), (-1, 2, "cannot tell")])
def test_reduction_verdict_follows_the_interval(low, high, verdict):
    assert PairedDifference("a", "b", 0.0, low, high, 0.5, 1.0).verdict == verdict


def test_assumptions_out_of_range_or_misspelt_are_refused_all_at_once():
    with pytest.raises(ValueError, match=r"margin = 0.9.*discount_rate = 2"):
        Assumptions(margin=0.9, discount_rate=2.0)
    with pytest.raises(ValueError, match="ofers"):
        draw_assumptions(3, rng=1, fixed={"ofers_per_year": 0.1})
    with pytest.raises(ValueError, match="different names"):
        simulate(book(), (SERVICE, SERVICE), assumed(), seed=1)
    with pytest.raises(ValueError, match="price_cut"):
        Policy(name="free", price_cut=1.0)


def test_property_every_assumption_has_evidence_and_draws_stay_in_range():
    drawn = draw_assumptions(500, rng=2)
    assert set(drawn.values) == set(EVIDENCE) == set(Assumptions.__slots__)
    for name, known in EVIDENCE.items():
        assert known.low <= drawn[name].min() <= drawn[name].max() <= known.high
        assert known.grade in {"D", "R", "C", "A"}
