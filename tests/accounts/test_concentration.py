"""Shares of the largest, the Herfindahl index, and groups at the top of their chains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.accounts import concentration
from churnlab.tables.identity import tops

SALES = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40)


def test_reference_shares_by_hand():
    found = concentration([40.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0])
    assert (found.clients, found.total) == (7, 100.0)
    assert (found.largest, found.top5, found.top10) == pytest.approx((0.4, 0.8, 1.0))
    assert found.herfindahl == pytest.approx(0.16 + 6 * 0.01)
    assert found.effective == pytest.approx(1 / 0.22)


def test_reference_published_figures():
    """Shares .4/.3/.2/.1: index 3000 of 10,000, 3.333 clients, Gini .25, first three .9; one at 42.4 % alone 1800."""
    found = concentration([40.0, 30.0, 20.0, 10.0])
    assert 1e4 * found.herfindahl == pytest.approx(3000)
    assert found.effective == pytest.approx(3.333, abs=5e-4)
    assert found.gini == pytest.approx(0.25)
    assert found.top(3) == pytest.approx(0.9)
    dust = concentration([0.424e6, *[1.0] * 576_000]).herfindahl, concentration([0.5e6, *[1.0] * 500_000]).herfindahl
    assert [1e4 * one for one in dust] == pytest.approx([1800, 2500], abs=3)


@given(SALES)
def test_property_gini_is_twice_the_area_over_the_lorenz_curve(sales):
    found = concentration(sales)
    clients, held = found.lorenz
    assert (held[0], held[-1]) == (0, pytest.approx(1))
    assert found.gini == pytest.approx(1 - 2 * np.trapezoid(held, clients), abs=1e-9)
    assert (np.diff(held, 2) > -1e-9).all()


@given(st.integers(1, 60), st.floats(0.01, 1e6))
def test_reduction_equal_clients_count_as_so_many(number, sales):
    found = concentration([sales] * number)
    assert found.effective == pytest.approx(number)
    assert found.largest == pytest.approx(1 / number)
    assert found.gini == pytest.approx(0, abs=1e-9)


@given(SALES)
def test_property_shares_are_ordered_and_do_not_depend_on_unit_or_order(sales):
    found = concentration(sales)
    assert 0 < found.largest <= found.top5 <= found.top10 <= 1 + 1e-12
    assert found.largest**2 <= found.herfindahl + 1e-12
    assert found.herfindahl <= found.largest + 1e-12
    again = concentration([7 * one for one in reversed(sales)])
    assert (again.herfindahl, again.top5) == pytest.approx((found.herfindahl, found.top5))


@given(SALES, st.floats(0.01, 1e6))
def test_direction_joining_two_clients_concentrates(sales, other):
    assert concentration([sales[0] + other, *sales[1:]]).herfindahl >= concentration([*sales, other]).herfindahl - 1e-12


def test_those_who_returned_more_than_they_bought_are_left_out():
    found = concentration([30.0, -20.0, 0.0])
    assert (found.clients, found.total, found.shares.tolist()) == (1, 30.0, [1.0])


def test_nothing_sold_has_no_shares():
    nothing = concentration([])
    assert nothing.clients == 0
    assert np.isnan([nothing.largest, nothing.top5, nothing.herfindahl, nothing.effective, nothing.gini]).all()


@pytest.mark.parametrize("sales", [[[1.0]], [1.0, np.nan], [np.inf]])
def test_sales_that_are_no_row_of_figures_are_refused(sales):
    with pytest.raises(ValueError, match="one row of finite sales"):
        concentration(sales)


@pytest.mark.parametrize(
    ("parent", "top"),
    [
        ({}, {}),
        ({"c": "b", "b": "a"}, {"c": "a", "b": "a", "a": "a"}),
        ({"b": "a", "c": "b", "d": "b"}, {"a": "a", "b": "a", "c": "a", "d": "a"}),
        ({"a": "a"}, {"a": "a"}),
        ({"c": "b", "b": "c"}, {"b": "b", "c": "b"}),
        ({"z": "c", "c": "b", "b": "c", "y": "z"}, {"z": "b", "c": "b", "b": "b", "y": "b"}),
        ({"x": "circle", "circle": "arc", "arc": "circle"}, dict.fromkeys(("x", "circle", "arc"), "arc")),
    ],
)
def test_reference_chains_and_circles(parent, top):
    assert tops(parent) == top


@given(st.dictionaries(st.integers(0, 30).map(str), st.integers(0, 30).map(str), max_size=40))
def test_property_a_child_has_the_top_of_its_parent_whatever_the_order(parent):
    top = tops(parent)
    assert set(top) == {*parent, *parent.values()}
    assert all(top[child] == top[above] for child, above in parent.items())
    assert all(top[end] == end for end in top.values())
    assert tops(dict(reversed(parent.items()))) == top


def test_property_a_long_chain_needs_no_deep_stack():
    chain = {str(place): str(place + 1) for place in range(5000)}
    assert set(tops(chain).values()) == {"5000"}
