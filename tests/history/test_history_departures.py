"""When clients left, and how long their lives were."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orders_by_hand import on, orders_of

from churnlab.history import FixedDays, departures, lifetimes

RULE = FixedDays(days=100)
BOOKS = st.dictionaries(
    st.sampled_from("abcd"), st.lists(st.integers(0, 1200), min_size=1, max_size=12), min_size=1, max_size=4
)


def lives_of(orders, as_of, **choices):
    return departures(orders, as_of=as_of, rule=RULE, **choices)


def test_reference_an_order_on_the_limits_own_day_is_in_time():
    frame = lives_of(orders_of({"a": [0, 100]}), on(150)).frame
    assert len(frame) == 1
    assert frame["left_on"].isna().all()


def test_reference_an_order_a_day_after_the_limit_starts_a_second_life():
    frame = lives_of(orders_of({"a": [0, 101]}), on(150)).frame
    assert frame["life"].tolist() == [1, 2]
    assert frame["first_order"].tolist() == [on(0), on(101)]
    assert frame["left_on"].iloc[0] == on(0)
    assert frame["known_on"].iloc[0] == on(100)
    assert frame["left_on"].isna().iloc[1]


@pytest.mark.parametrize(("as_of", "left"), [(99, False), (100, False), (101, True)])
def test_reference_leaving_is_known_once_the_limits_own_day_has_passed(as_of, left):
    frame = lives_of(orders_of({"a": [0]}), on(as_of)).frame
    assert frame["left_on"].notna().tolist() == [left]
    assert frame["observed_until"].iloc[0] == on(0 if left else as_of - 100)


@settings(max_examples=25, deadline=None)
@given(BOOKS, st.integers(1, 1200))
def test_property_what_was_known_on_a_day_stays_known(days, cut):
    orders = orders_of(days)
    if not any(day < cut for given in days.values() for day in given):
        with pytest.raises(ValueError, match="expected purchases before"):
            departures(orders, as_of=on(cut))
        return
    late = departures(orders, as_of=on(2000)).frame
    early = departures(orders, as_of=on(cut)).frame
    kept = ["client_id", "life", "first_order", "last_order", "purchases", "limit_days", "left_on", "known_on"]
    then = early.loc[early["left_on"].notna(), kept].reset_index(drop=True)
    now = late.loc[late["known_on"] < on(cut), kept].reset_index(drop=True)
    pd.testing.assert_frame_equal(then, now, check_exact=True)
    ended = late[late["left_on"].notna()]
    assert (ended["known_on"] == ended["left_on"] + pd.to_timedelta(ended["limit_days"], unit="D")).all()
    assert (early["known_on"].dropna() < on(cut)).all()


@settings(max_examples=25, deadline=None)
@given(BOOKS)
def test_property_lives_share_out_the_purchases_without_overlap(days):
    frame = departures(orders_of(days), as_of=on(1500)).frame
    assert frame["purchases"].sum() == sum(len(set(given)) for given in days.values())
    before = frame.groupby("client_id")["last_order"].shift()
    assert (frame["first_order"] > before)[before.notna()].all()


def test_orders_from_the_day_on_are_not_used():
    frame = lives_of(orders_of({"a": [0, 50]}), on(50)).frame
    assert frame["last_order"].tolist() == [on(0)]


def test_reference_a_departure_falls_in_the_month_after_the_last_order():
    table = lifetimes(lives_of(orders_of({"a": [0, 70]}), on(500)))  # 70 days are two whole months
    assert (table["entry"].tolist(), table["exit"].tolist(), table["event"].tolist()) == ([0], [3], [True])


def test_reference_a_life_that_goes_on_is_observed_until_leaving_would_have_been_noticed():
    table = lifetimes(lives_of(orders_of({"a": [0, 90, 180]}), on(230)))  # noticed up to day 130
    assert (table["exit"].tolist(), table["event"].tolist()) == ([4], [False])


def test_reference_a_start_before_the_records_is_a_late_entry():
    book = orders_of({"old": [0, 90, 180], "new": [300], "unknown": [20]})
    starts = pd.DataFrame({"client_id": ["old", "new"], "start_date": [on(-730), on(-730)]})
    table = lifetimes(lives_of(book, on(1000)), clients=starts).set_index("client_id")
    assert table.loc["old", "entry"] == 24  # after 730 days the 24th month has hours to go: too little to count
    assert table.loc["old", "exit"] == int(np.floor(910 / 30.4375)) + 1
    assert table.loc["new", "entry"] == 0  # came 300 days after the records began: its start date is another life's
    assert table.loc["new", "start"] == on(300)
    assert table.loc["unknown", "start"] == on(20)


def test_reference_a_start_date_after_the_first_order_gives_way_to_it():
    starts = pd.DataFrame({"client_id": ["a"], "start_date": [on(60)]})
    table = lifetimes(lives_of(orders_of({"a": [0, 90]}), on(500)), clients=starts)
    assert table["start"].tolist() == [on(0)]


def test_reference_a_second_life_starts_anew():
    starts = pd.DataFrame({"client_id": ["a"], "start_date": [on(-730)]})
    table = lifetimes(lives_of(orders_of({"a": [0, 30, 300]}), on(900)), clients=starts)
    assert table["entry"].tolist() == [24, 0]
    assert table["exit"].tolist() == [25, 1]


def test_reference_regulars_enter_at_twelve_months():
    book = orders_of({"short": [0, 90, 180], "long": list(range(0, 721, 90)), "old": [0, 30]})
    starts = pd.DataFrame({"client_id": ["old"], "start_date": [on(-730)]})
    table = lifetimes(lives_of(book, on(1200)), clients=starts, entry_after_months=12).set_index("client_id")
    assert sorted(table.index) == ["long", "old"]
    assert table["entry"].to_dict() == {"long": 12, "old": 24}


def test_reference_nobody_is_older_than_a_line_younger_than_the_records():
    young = pd.concat([orders_of({"a": [0, 90, 180]}, "board"), orders_of({"a": [60, 150]}, "house")])
    starts = pd.DataFrame({"client_id": ["a"], "start_date": [on(-730)]})
    lives = lives_of(young, on(800), by=("client_id", "product_line"))
    table = lifetimes(lives, clients=starts).set_index("product_line")
    assert table["entry"].to_dict() == {"board": 24, "house": 0}
    assert table.loc["house", "start"] == on(60)


def test_reduction_without_start_dates_tenure_counts_from_the_first_order():
    lives = lives_of(orders_of({"a": [0, 90], "b": [40]}), on(500))
    without = lifetimes(lives)
    pd.testing.assert_frame_equal(lifetimes(lives, clients=pd.DataFrame({"client_id": ["a", "b"]})), without)
    assert without["start"].tolist() == [on(0), on(40)]
    assert (without["entry"] == 0).all()
