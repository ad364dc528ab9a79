"""Shares and the words for figures."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.answers.shares import ratio, share
from churnlab.answers.words import compact, count, decimal, interval, listed, money, months, percent, points
from churnlab.lifetime import Estimate

WHOLE = st.integers(1, 500)


@given(WHOLE, st.data())
def test_reference_shares_have_the_wilson_interval_by_hand(whole, data):
    part = data.draw(st.integers(0, whole))
    found, z2 = share(part, whole), 1.959963984540054**2
    p = part / whole
    centre = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    spread = math.sqrt(z2 * (p * (1 - p) / whole + z2 / (4 * whole**2))) / (1 + z2 / whole)
    assert (found.value, found.low, found.high) == pytest.approx((p, centre - spread, centre + spread), abs=1e-9)


@given(WHOLE, st.data())
def test_property_the_share_of_the_others_mirrors(whole, data):
    part = data.draw(st.integers(0, whole))
    one, other = share(part, whole), share(whole - part, whole)
    assert (one.value, one.low, one.high) == pytest.approx((1 - other.value, 1 - other.high, 1 - other.low))
    assert 0 <= one.low <= one.value <= one.high <= 1


def test_a_share_of_nothing_is_not_a_number():
    nothing = share(0, 0)
    assert all(math.isnan(figure) for figure in (nothing.value, nothing.low, nothing.high))


@pytest.mark.parametrize(
    ("form", "number", "words"),
    [
        (percent, 0.0, "0 %"),
        (percent, -0.0001, "0 %"),
        (percent, 0.0004, "0 %"),
        (percent, 0.0005, "0.1 %"),
        (percent, 0.0094, "0.9 %"),
        (percent, 0.0096, "1 %"),
        (percent, -0.1, "-10 %"),
        (percent, 1.0, "100 %"),
        (money, 0.0, "0"),
        (money, 0.0123, "0.0123"),
        (money, 12.34, "12.3"),
        (money, 999.4, "999"),
        (money, 1000, "1.00 thousand"),
        (money, -1_000_000, "-1.00 million"),
        (money, 123_456_789, "123 million"),
        (count, 1234567.0, "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"),
        (points, -12.6, "-13"),
        (points, 0.0, "0"),
        (months, 0.4, "0"),
        (decimal, 1.0, "1.00"),
    ],
)
def test_reference_figures_in_words(form, number, words):
    assert form(number) == words


@given(st.floats(1e-3, 9e9))
def test_property_money_keeps_three_digits(amount):
    number, _, unit = money(amount).partition(" ")
    size = float(number) * {"": 1.0, "thousand": 1e3, "million": 1e6}[unit]
    assert size == pytest.approx(amount, rel=0.0051)


def test_reference_intervals_in_words():
    nan = float("nan")
    assert interval(Estimate(0.2, 0.1, 0.3), percent) == "20 % (95 % interval 10 % to 30 %)"
    assert interval(Estimate(nan, nan, nan), percent) == "not known"
    assert interval(Estimate(0.2, nan, nan), percent) == "20 % (no interval to be had)"
    assert "upper end not reached" in interval(Estimate(26.0, 22.0, nan), months)
    assert compact(Estimate(26.0, nan, 30.0), months) == "26 (? to 30)"
    assert compact(Estimate(nan, nan, nan)) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("items", "words"), [((), ""), (("a",), "a"), (["a", "b"], "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_reference_lists_in_words(items, words):
    assert listed(items) == words


def test_reference_ratio_is_the_mean_of_means_with_students_interval():
    values = np.array([3.0, 5.0, 7.0, 9.0])
    found = ratio(values, np.ones(4))
    error = values.std(ddof=1) / 2
    assert (found.value, found.high - found.value) == pytest.approx((6.0, 3.182446 * error))
    doubled = ratio(values * 2, np.full(4, 2.0))  # a second, equal answer of each client is no news
    assert (doubled.value, doubled.low, doubled.high) == pytest.approx((found.value, found.low, found.high))
    assert np.isnan(ratio([], []).value)
    assert np.isnan(ratio([4.0], [2.0]).low)
