"""What a return is worth: rates by hand, reasons that differ, and nothing where too few came back."""

import numpy as np
import pytest
from books_by_hand import write
from test_winback import lost_book

from churnlab.answers import prepare, worth_asking
from churnlab.answers.asking_back import (
    AHEAD,
    ALIKE,
    SECOND_YEARS,
    _by_span,
    _cumulative,
    _expected,
    _factors,
    _rates,
    _second_years,
)


def test_reference_months_and_returns_fall_into_their_spans():
    """Watched 6, 20 and 50 months: 6 + 12 + 12 under 12, 8 + 24 to 36, 14 beyond; returns in months 6 and 50."""
    returns, months = _by_span(np.array([6.0, 20.0, 50.0]), np.array([True, False, True]))
    assert returns.tolist() == [1, 0, 1]
    assert months.tolist() == [30, 32, 14]


def test_reduction_a_year_ahead_passes_from_one_span_into_the_next():
    rate = np.array([[0.1, 0.01, 0.0]])
    assert _cumulative(np.array([0.0, 6.0, 12.0, 36.0]), rate)[0] == pytest.approx([1.2, 0.66, 0.12, 0.0])
    assert AHEAD == 12


def test_reference_a_span_that_nobody_was_watched_in_returns_at_the_common_rate():
    """Ten returns in 100 months under 12, none in 100 to 36, nobody watched beyond: a mean of 10/200 a month there."""
    drawn = _rates(np.array([10.0, 0.0, 0.0]), np.array([100.0, 100.0, 0.0]), np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx([10.5 / 110, 0.5 / 110, 0.05], rel=0.15)
    assert np.quantile(drawn[:, 2], 0.975) > 5 * np.median(drawn[:, 2])  # and hardly known


def test_reference_a_noted_reason_starts_from_noted_losses_and_not_from_pauses():
    """Of 40 silences that nobody noted 30 ended, of 40 losses over two reasons 4 and 0; all watched for ten months."""
    coded = np.array([""] * 40 + ["price"] * 20 + ["quality"] * 20, dtype=object)
    back = np.arange(80) < 30
    back[40:44] = True
    until = np.full(80, 10.0)
    rate = np.tile([34 / 800, 0.01, 0.01], (2000, 1))
    names = np.array(["", "price", "quality", "timing"], dtype=object)
    told = _factors(coded, back, _expected(until, rate), names, np.random.default_rng(1)).mean(axis=0)
    noted = 4.5 / 17.5  # four returns where 17 were expected at the common rate
    price, quality = ((ALIKE + own) / (ALIKE + 8.5 * noted) * noted for own in (4, 0))
    assert told == pytest.approx([30.5 / 17.5, price, quality, noted], rel=0.1)


def test_reference_a_second_life_is_discounted_month_by_month():
    """Against the sum over 36 months in small steps, of a life that ends at 2 % a month, at 15 % a year."""
    ends, steps = 0.02, (np.arange(36_000) + 0.5) / 1000
    by_hand = (np.exp(-ends * steps) * 1.15 ** (-steps / 12)).sum() / 1000 / 12
    assert _second_years(np.array([ends]), yearly_rate=0.15) == pytest.approx(by_hand, rel=1e-6)


def test_reduction_at_no_rate_nothing_is_discounted_and_who_never_leaves_stays_all_years():
    ends = np.array([0.03, 1e-12])
    assert _second_years(ends) == pytest.approx([-np.expm1(-1.08) / 0.36, SECOND_YEARS])
    assert (_second_years(ends, yearly_rate=0.15) < _second_years(ends)).all()


def test_where_most_silences_are_pauses_nothing_is_told(tmp_path):
    found = asked(tmp_path / "pauses", price=28, service=28)
    assert found.frame.empty
    assert "were pauses" in found.sentences[0]


def asked(folder, *, price: int, service: int):
    return worth_asking(prepare(write(folder, **lost_book(back_over_price=price, back_over_service=service))))


def test_direction_a_reason_over_which_more_came_back_has_the_larger_chance(tmp_path):
    found = asked(tmp_path / "apart", price=24, service=3)
    chance = found.frame.groupby("coded")["chance"].mean()
    assert chance["price"] > 3 * chance["quality"]
    alike = asked(tmp_path / "alike", price=12, service=12).frame.groupby("coded")["chance"].mean()
    assert 0.7 < alike["price"] / alike["quality"] < 1.4


def test_property_every_figure_lies_in_its_interval_and_the_most_worth_stands_first(tmp_path):
    frame = asked(tmp_path / "book", price=24, service=3).frame
    assert len(frame) == 33
    for name, low, high in (("chance", "chance_low", "chance_high"), ("worth", "low", "high")):
        assert ((frame[low] <= frame[name]) & (frame[name] <= frame[high])).all()
    assert frame["worth"].is_monotonic_decreasing
    assert not asked(tmp_path / "again", price=24, service=3).frame.compare(frame).size


def test_two_returns_give_no_chances(tmp_path):
    found = asked(tmp_path / "few", price=1, service=1)
    assert found.frame.empty
    assert "we cannot say" in found.sentences[0]
