"""What a return is worth: rates by hand, reasons that differ, and nothing where too few came back."""

import numpy as np
import pytest
from books_by_hand import write
from test_winback import lost_book

from churnlab.answers import prepare, worth_asking
from churnlab.answers.asking_back import AHEAD, _by_span, _cumulative


def test_reference_months_and_returns_fall_into_their_spans():
    """Watched 6, 20 and 50 months: 6 + 12 + 12 under 12, 8 + 24 to 36, 14 beyond; returns in months 6 and 50."""
    returns, months = _by_span(np.array([6.0, 20.0, 50.0]), np.array([True, False, True]))
    assert returns.tolist() == [1, 0, 1]
    assert months.tolist() == [30, 32, 14]


def test_reduction_a_year_ahead_passes_from_one_span_into_the_next():
    rate = np.array([[0.1, 0.01, 0.0]])
    assert _cumulative(np.array([0.0, 6.0, 12.0, 36.0]), rate)[0] == pytest.approx([1.2, 0.66, 0.12, 0.0])
    assert AHEAD == 12


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
