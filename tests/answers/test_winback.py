"""Who left, why as far as it was noted, and who came back."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, who_can_be_won_back
from churnlab.answers.winback import EVERYBODY, OTHER

PAUSE = 300
LEFT = 1500


def lost_book(*, back_over_price: int, back_over_service: int, each: int = 30) -> dict[str, pd.DataFrame]:
    """Sixty clients that order every ten days until one day and are lost over price or service; some come back."""
    start, rows, noted = END - pd.Timedelta(days=LEFT + 400), [], []
    for place, (reason, back) in enumerate((("price", back_over_price), ("quality", back_over_service))):
        for number in range(each):
            name, days = f"{reason}{number:02d}", list(range(0, 401, 10))
            days += list(range(400 + PAUSE, LEFT + 400, 10)) if number < back else []
            rows += [(name, start + pd.Timedelta(days=day), 100.0 + place) for day in days]
            noted.append((name, start + pd.Timedelta(days=430), reason))
    rows += [(f"s{number}", start + pd.Timedelta(days=day), 1.0) for number in range(9) for day in range(0, 1900, 10)]
    return {
        "orders": pd.DataFrame(rows, columns=["client_id", "order_date", "amount"]),
        "losses": pd.DataFrame(noted, columns=["client_id", "date", "reason"]),
    }


def ask(folder, **tables):
    return prepare(write(folder, **tables)).ask(who_can_be_won_back)


@pytest.fixture
def found(tmp_path):
    return ask(tmp_path / "book", **lost_book(back_over_price=24, back_over_service=3))


def test_reduction_reasons_and_returns_are_counted_by_group(found):
    assert found.reasons.set_index("reason")["n"].to_dict() == {"price": 30, "service": 30}
    back = found.returns[found.returns["within_months"] == 24].set_index("reason")
    assert back.loc[EVERYBODY, "share"] == pytest.approx(27 / 60)
    assert back.loc["price", "share"] == pytest.approx(0.8)
    assert back.loc["service", "share"] == pytest.approx(0.1)
    assert (back["low"] < back["share"]).all()
    assert found.curve.survival[-1] == pytest.approx(33 / 60)


def test_direction_reasons_that_differ_are_told_and_those_that_do_not_are_not(found, tmp_path):
    assert "The reason goes with coming back" in found.return_sentence
    alike = ask(tmp_path / "alike", **lost_book(back_over_price=12, back_over_service=11))
    assert "we cannot tell" in alike.return_sentence


def test_whom_to_ask_first_is_who_is_away_by_what_they_bought(found):
    assert len(found.lost) == 33
    assert found.lost["amount_before"].is_monotonic_decreasing
    assert found.lost["reason"].iloc[0] == "service"  # 101 an order against 100
    assert found.lost["amount_before"].iloc[0] == pytest.approx(37 * 101.0)
    assert found.lost["can_be_mended"].all()


def test_a_note_of_another_year_is_not_taken_for_the_reason(tmp_path):
    tables = lost_book(back_over_price=10, back_over_service=10)
    late = tables["losses"].assign(date=tables["losses"]["date"] + pd.Timedelta(days=400))
    found = ask(tmp_path / "late", orders=tables["orders"], losses=late)
    assert found.reasons["reason"].tolist() == [OTHER]
    assert "We cannot" in found.reason_sentence or "we cannot" in found.reason_sentence


def test_without_losses_the_returns_are_still_counted(tmp_path):
    tables = lost_book(back_over_price=20, back_over_service=20)
    found = ask(tmp_path / "orders", orders=tables["orders"])
    assert not found.coded
    assert "no losses table" in found.reason_sentence
    assert "cannot tell" in found.return_sentence
    assert set(found.returns["reason"]) == {EVERYBODY}


def test_few_data_are_no_error(tmp_path):
    one = pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10]})
    few = ask(tmp_path / "one", orders=one)
    assert few.lost.empty
    assert len(few.curve.month) == 0
    assert "we cannot say" in few.return_sentence
    assert all(
        "nan" not in sentence for sentence in (*few.sentences, *ask(tmp_path / "b", orders=orders_of(9)).sentences)
    )


def test_the_chart_draws_what_it_is_given(found):
    ax = plots.still_away(plots.blank_axes(), found.curve)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.r_[1, found.curve.survival])
