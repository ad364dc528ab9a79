"""What will be ordered: totals by month, forecasts with intervals, orders of single clients."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab.answers import prepare
from churnlab.answers.demand import QUARTER_MONTHS, _own_rates, _record, monthly_totals, what_will_be_ordered
from churnlab.answers.shares import ratio
from churnlab.demand import LEAST_PAST
from churnlab.history import month_ends
from churnlab.history.departures import DAYS_PER_MONTH


@pytest.fixture(scope="module")
def book():
    return orders_of()


@pytest.fixture
def study(book, tmp_path):
    return prepare(write(tmp_path / "book", orders=book))


@pytest.fixture
def found(study):
    return study.ask(what_will_be_ordered)


def test_reference_totals_of_months_that_end_today():
    edges = [pd.Timestamp(day) for day in ("2024-01-15", "2024-02-15", "2024-03-15")]
    days = pd.Series(pd.to_datetime(["2024-01-14", "2024-01-15", "2024-02-14", "2024-02-15", "2024-03-15"]))
    totals = monthly_totals(days, pd.Series([1.0, 10.0, 100.0, 1000.0, 1e4]), edges=edges)
    assert totals.tolist() == [110.0, 1000.0]
    assert monthly_totals(days, pd.Series(np.ones(5)), edges=edges[:1]).tolist() == []


def test_reference_seen_sales_are_those_of_the_book(found, book):
    outlook = found.outlook("sales", QUARTER_MONTHS)
    history = outlook.history
    last = book[book["order_date"] >= END - pd.DateOffset(months=3)]
    assert history["start"].iloc[-1] == END - pd.DateOffset(months=3)
    assert history["seen"].iloc[-1] == pytest.approx(last["amount"].sum())
    assert (outlook.start, outlook.end) == (END, END + pd.DateOffset(months=3))
    assert found.outlook("orders", 1).history["seen"].iloc[-1] == len(
        book[book["order_date"] >= END - pd.DateOffset(months=1)].drop_duplicates(["client_id", "order_date"])
    )


def test_property_what_comes_later_changes_no_forecast_of_an_earlier_day(study, book, tmp_path):
    day = pd.Timestamp("2024-01-01")
    then = prepare(write(tmp_path / "then", orders=book[book["order_date"] < day]), as_of="2024-01-01", names=True)
    now = prepare(tmp_path / "book", as_of="2024-01-01", names=True)
    assert then.folder != now.folder
    one, other = then.ask(what_will_be_ordered), now.ask(what_will_be_ordered)
    assert one.sentences == other.sentences
    pd.testing.assert_frame_equal(one.expected, other.expected)
    assert one.sentences != study.ask(what_will_be_ordered).sentences


def test_every_forecast_has_an_interval_and_says_its_record(found):
    assert len(found.outlooks) == 4
    for one in found.outlooks:
        assert one.forecast.past >= LEAST_PAST
        assert one.forecast.low <= one.forecast.value <= one.forecast.high
        assert f"of {one.forecast.tested} past intervals made so {one.forecast.covered} held" in one.sentence
    assert "we expect orders of" in found.headline
    assert "sales of" in found.headline


def test_recovery_orders_of_single_clients_come_as_forecast(found):
    """The book's rates are steady: about 95 of 100 intervals hold, and what is forecast comes."""
    frame, record = found.expected, found.record
    assert (frame["low"] <= frame["orders"]).all()
    assert (frame["orders"] <= frame["high"]).all()
    assert frame["client_id"].is_unique
    assert (frame["horizon_months"] == QUARTER_MONTHS).all()
    assert 0.92 <= record.coverage.value <= 0.98
    assert record.coverage.low <= 0.95 <= record.coverage.high
    assert 0.85 <= record.level.value <= 1.05  # some have left, unknown to a rate that goes on
    assert record.level.low <= record.level.value <= record.level.high
    # three weeks between orders: 13 weeks hold about 4.3 of a client that stays
    assert frame["orders"].median() == pytest.approx(4.3, abs=0.5)


def test_too_short_a_book_is_no_error(book, tmp_path):
    short = book[book["order_date"] < "2019-03-01"]
    found = prepare(write(tmp_path / "short", orders=short), as_of="2019-03-01").ask(what_will_be_ordered)
    assert "cannot tell" in found.headline
    assert all("cannot tell" in sentence for sentence in found.sentences)
    assert found.expected.empty
    assert list(found.expected) == ["client_id", "horizon_months", "orders", "low", "high"]
    assert found.outlook("sales", 1).history.empty


def test_months_can_be_told_where_quarters_cannot(book, tmp_path):
    middling = book[book["order_date"] < "2020-06-01"]
    found = prepare(write(tmp_path / "middling", orders=middling), as_of="2020-06-01").ask(what_will_be_ordered)
    assert found.outlook("orders", 1).forecast.past >= LEAST_PAST > found.outlook("orders", 3).forecast.past
    assert "2020-06-01 to the day before 2020-07-01" in found.headline


def test_a_single_order_is_no_error(tmp_path):
    one = pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10]})
    found = prepare(write(tmp_path / "one", orders=one)).ask(what_will_be_ordered)
    assert found.months == 0
    assert all("cannot tell" in sentence for sentence in found.sentences)


def test_months_are_counted_backwards_from_the_day_of_the_study(book, tmp_path):
    study = prepare(write(tmp_path / "middle", orders=book), as_of="2024-05-17")
    found = study.ask(what_will_be_ordered)
    assert found.months == len(month_ends(book["order_date"].min(), study.as_of, every=1)) - 1
    assert found.outlook("sales", 1).history["start"].iloc[-1] == pd.Timestamp("2024-04-17")


def test_reference_ratio_is_the_mean_of_means_with_students_interval():
    values = np.array([3.0, 5.0, 7.0, 9.0])
    found = ratio(values, np.ones(4))
    error = values.std(ddof=1) / 2
    assert (found.value, found.high - found.value) == pytest.approx((6.0, 3.182446 * error))
    doubled = ratio(np.repeat(values, 1) * 2, np.full(4, 2.0))  # a second, equal answer of each client is no news
    assert (doubled.value, doubled.low, doubled.high) == pytest.approx((found.value, found.low, found.high))
    assert np.isnan(ratio([], []).value)
    assert np.isnan(ratio([4.0], [2.0]).low)


def test_reference_a_new_client_counts_from_the_day_after_its_first():
    cut_off = pd.Timestamp("2025-01-01")
    days = [cut_off - pd.Timedelta(days=day) for day in (100, 60, 20)]
    bought = pd.DataFrame({"client_id": ["new"] * 3, "date": days, "purchases": [2, 1, 1]})
    old = pd.DataFrame({"client_id": ["old"], "date": [cut_off - pd.Timedelta(days=900)], "purchases": [1]})
    snapshot = pd.DataFrame({"client_id": ["new", "old"], "cut_off": cut_off, "orders_12m": [4.0, 7.0]})
    orders, months = _own_rates(snapshot, pd.concat([bought, old]))
    assert orders.tolist() == [2.0, 7.0]
    assert months == pytest.approx([100 / DAYS_PER_MONTH, 365 / DAYS_PER_MONTH])


def test_reference_a_quarter_is_graded_by_the_quarters_before_it():
    quarter = pd.DataFrame({"client_id": list("abcdefghij"), "forecast": 2.0, "seen": 2.0, "needed": 0.5})
    surprise = quarter.assign(needed=0.9, seen=6.0)
    record = _record([quarter] * 5 + [surprise])
    assert (record.quarters, record.forecasts) == (2, 20)
    assert record.coverage.value == 0.5
    assert (record.level.value, record.level.low, record.level.high) == (2.0, 1.0, 3.0)
