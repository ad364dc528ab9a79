"""Profit of acting: two public programs, special cases, laws."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.risk import (
    Acting,
    expected_maximum_profit,
    expected_maximum_profit_by_value,
    profit_of_contact,
)

REFERENCE = Path(__file__).parents[1] / "reference/profit_by_empulse.json"
EXACT = {"rel": 1e-12, "abs": 1e-12}


def acting_at(accepting, refusing, value, offer, contact):
    return Acting(
        value=value,
        offer_cost=offer,
        offer_share=offer / value,
        contact_cost=contact,
        accepting=accepting,
        refusing=refusing,
    )


def drawn(seed, clients=60):
    rng = np.random.default_rng([31, seed])
    risk = np.round(rng.random(clients), 1)
    left = (rng.random(clients) < risk).astype(float)
    left[:2] = 0, 1
    return left, risk, rng.uniform(10, 1000, clients)


def test_reference_two_public_programs_agree():
    stored = json.loads(REFERENCE.read_text(encoding="utf-8"))
    assert len(stored) == 9
    for each in stored:
        left, risk, value, acting = each["left"], each["risk"], each["value"], acting_at(*each["costs"])
        alike = np.full(len(left), acting.value)
        best = expected_maximum_profit(left, risk, acting=acting)
        own = expected_maximum_profit_by_value(left, risk, value, acting=acting)
        same = expected_maximum_profit_by_value(left, risk, alike, acting=acting)
        assert [best.profit, best.contacted] == pytest.approx(each["empulse"], **EXACT)
        assert [best.profit, best.contacted] == pytest.approx(each["emp_py"], **EXACT)
        assert [own.profit, own.contacted] == pytest.approx(each["empulse_by_value"], **EXACT)
        assert [same.profit, same.contacted] == pytest.approx(each["emp_py_mean_chance_alike"], **EXACT)


def test_reference_the_example_of_eight_clients():
    left, risk = [0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
    best = expected_maximum_profit(left, risk, acting=Acting())
    assert (best.profit, best.contacted) == pytest.approx((23.875593418348124, 0.8743700763487141), **EXACT)


@pytest.mark.parametrize("seed", range(5))
def test_reduction_the_closed_form_is_the_integral_over_chances(seed):
    left, risk, _ = drawn(seed)
    acting = Acting(value=300.0, offer_cost=40.0, contact_cost=20.0)
    chances = np.random.default_rng(seed).beta(acting.accepting, acting.refusing, 20_000)
    cuts = np.append(np.unique(risk), 2.0)
    lost = np.array([left[risk >= cut].sum() for cut in cuts]) / len(left)
    stayed = np.array([(1 - left)[risk >= cut].sum() for cut in cuts]) / len(left)
    profit = (chances[:, None] * 260.0 - 20.0) * lost - 60.0 * stayed
    best = expected_maximum_profit(left, risk, acting=acting)
    assert abs(best.profit - profit.max(axis=1).mean()) < 5 * profit.max(axis=1).std() / np.sqrt(20_000) + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_reduction_weights_are_repeats(seed):
    left, risk, value = drawn(seed)
    times = np.random.default_rng(seed).integers(1, 4, len(left))
    again = [np.repeat(each, times) for each in (left, risk, value)]
    acting = Acting(contact_cost=30.0)
    expected = expected_maximum_profit_by_value(*again, acting=acting)
    found = expected_maximum_profit_by_value(left, risk, value, acting=acting, weight=times)
    assert (found.profit, found.contacted) == pytest.approx((expected.profit, expected.contacted))
    expected = expected_maximum_profit(again[0], again[1], acting=acting)
    assert expected_maximum_profit(left, risk, acting=acting, weight=times).profit == pytest.approx(expected.profit)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 5.0))
def test_property_only_the_order_of_risks_counts_and_nobody_is_forced_to_act(seed, power):
    left, risk, value = drawn(seed, clients=30)
    acting, mixed = Acting(contact_cost=50.0), np.random.default_rng(seed).permutation(30)
    best = expected_maximum_profit(left, risk, acting=acting)
    other = expected_maximum_profit(left[mixed], risk[mixed] ** power, acting=acting)
    assert other.profit == pytest.approx(best.profit)
    assert best.profit >= 0
    own = expected_maximum_profit_by_value(left, risk, value, acting=acting)
    assert own.profit >= max(0.0, profit_of_contact(left, value, acting=acting).mean() - 1e-9)


def test_direction_dearer_contacts_and_offers_earn_less():
    left, risk, value = drawn(3)
    by_contact = [
        expected_maximum_profit_by_value(left, risk, value, acting=Acting(contact_cost=cost)).profit
        for cost in (0, 20, 80, 400)
    ]
    by_offer = [expected_maximum_profit(left, risk, acting=Acting(offer_cost=cost)).profit for cost in (0, 20, 80, 190)]
    assert (np.diff(by_contact) < 0).all()
    assert (np.diff(by_offer) < 0).all()


def test_assumptions_refuse_typos_and_all_that_is_out_of_range_at_once():
    with pytest.raises(TypeError, match="offer_costs"):
        Acting(offer_costs=1.0)
    with pytest.raises(ValueError, match=r"offer_share = 1.*contact_cost = -1") as told:
        Acting(contact_cost=-1.0, offer_share=1.0, accepting=0.0)
    assert "accepting = 0, expected more than 0" in str(told.value)
    with pytest.raises(ValueError, match="offer_cost = 300, expected less than 200"):
        Acting(offer_cost=300.0)
    with pytest.raises(ValueError, match="value = nan"):
        Acting(value=float("nan"))


@pytest.mark.parametrize(
    ("left", "risk", "said"),
    [
        ([0, 1], [0.1], "one length"),
        ([0, 2], [0.1, 0.2], "not known yet"),
        ([0, np.nan], [0.1, 0.2], "not known yet"),
        ([0, 1], [0.1, np.inf], "finite risks"),
        ([1, 1], [0.1, 0.2], "one kind only"),
        ([], [], "above 0"),
    ],
)
def test_what_cannot_be_graded_is_refused(left, risk, said):
    with pytest.raises(ValueError, match=said):
        expected_maximum_profit(left, risk, acting=Acting())
