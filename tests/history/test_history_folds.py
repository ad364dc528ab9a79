"""Labels and months that time allows."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orders_by_hand import on, orders_of

from churnlab.history import FixedDays, departures, month_ends, outcomes, person_months

RULE = FixedDays(days=60)


def row(client, cut_off, last_order):
    return pd.DataFrame({"client_id": [client], "cut_off": [cut_off], "last_order": [last_order]})


def lives_of(orders, as_of):
    return departures(orders, as_of=as_of, rule=RULE)


STEADY = list(range(0, 391, 30))
OUTCOMES = {
    "left before the cut-off, unknown then": ([0, 30], 30, 400, 1.0),
    "left within the horizon": ([0, 30, 60, 110], 30, 400, 1.0),
    "left and came back later": ([0, 30, 60, 300], 30, 400, 1.0),
    "stayed": (STEADY, 30, 400, 0.0),
    "left after the horizon": ([0, 30, 60, 90, 130, 160], 30, 400, 0.0),
    "bought at the horizon's end": ([0, 30, 80, 130], 30, 150, 0.0),
    "nothing known yet": (STEADY, 30, 100, None),
    "silent, but not for long enough": ([0, 30, 60], 30, 115, None),
}


@pytest.mark.parametrize(("days", "last", "as_of", "expected"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_reference_outcomes_by_hand(days, last, as_of, expected):
    snapshot = row("a", on(40), on(last))  # three months end on day 130
    assert on(40) + pd.DateOffset(months=3) == on(130)
    label = outcomes(snapshot, lives_of(orders_of({"a": days}), on(as_of)), horizon_months=3)
    assert label.tolist() == [expected] if expected is not None else label.isna().all()


def test_reference_each_row_gets_the_outcome_of_its_own_life():
    book = orders_of({"a": [0, 30, 300, 330, 360, 390, 420], "b": [0, 30, 60, 90, 129]})
    snapshot = pd.concat([row("b", on(40), on(30)), row("a", on(310), on(300)), row("a", on(40), on(30))])
    snapshot.index = [7, 3, 5]
    label = outcomes(snapshot, lives_of(book, on(500)), horizon_months=3)
    assert label.index.tolist() == [7, 3, 5]
    assert label.tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(("as_of", "months"), [(119, 0), (121, 0), (132, 1)])
def test_reference_months_before_a_departure_is_known_hold_no_event(as_of, months):
    lives = lives_of(orders_of({"a": [0, 60]}), on(as_of))  # left on day 60, known on day 120
    table = person_months(row("a", on(41), on(0)), lives, horizon_months=3)
    assert (len(table), int(table["event"].sum())) == (months, months)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=2, max_size=15), st.integers(100, 700), st.integers(100, 800))
def test_property_only_departures_known_on_the_day_of_training_are_events(days, cut, training):
    book = orders_of({"a": [0, *days], "b": list(range(0, 800, 30))})
    last = {
        client: max(day for day in given if day < cut)
        for client, given in (("a", [0, *days]), ("b", range(0, 800, 30)))
    }
    snapshot = pd.concat([row(client, on(cut), on(day)) for client, day in last.items()], ignore_index=True)
    lives = lives_of(book, on(max(cut, training)))
    table = person_months(snapshot, lives, horizon_months=6)
    known = lives_of(book, on(2000)).frame
    known = known[known["known_on"] < lives.as_of]
    for position in table.loc[table["event"], "row"]:
        client, day = snapshot.loc[position, ["client_id", "last_order"]]
        assert ((known["client_id"] == client) & (known["first_order"] <= day) & (known["left_on"] >= day)).any()
    assert not table.loc[table["row"] == 1, "event"].any()


@pytest.mark.parametrize("as_of", range(61, 260, 7))
def test_property_departures_and_survivors_count_over_the_same_months(as_of):
    book = orders_of({"left": [0, 40], "stayed": list(range(0, 500, 20))})
    snapshot = pd.concat([row("left", on(1), on(0)), row("stayed", on(1), on(0))], ignore_index=True)
    months = person_months(snapshot, lives_of(book, on(as_of)), horizon_months=12).groupby("row")
    left, stayed = (months.get_group(place) if place in months.groups else pd.DataFrame() for place in (0, 1))
    assert len(left) == min(len(stayed), 2)  # day 40 lies in the second month
    assert bool(len(left) and left["event"].any()) == (len(stayed) >= 2)


def test_reference_a_known_departure_in_a_month_not_yet_observed_does_not_count():
    lives = lives_of(orders_of({"a": [0, 40]}), on(110))  # known on day 100; staying is confirmed up to day 50
    assert lives.frame["left_on"].notna().all()
    table = person_months(row("a", on(1), on(0)), lives, horizon_months=12)
    assert table["event"].tolist() == [False]


def test_reference_a_departure_begun_before_the_cut_off_falls_in_month_one_or_is_left_out():
    lives = lives_of(orders_of({"a": [0, 30]}), on(400))
    snapshot = row("a", on(80), on(30))
    counted = person_months(snapshot, lives, horizon_months=12)
    assert counted[["month", "event"]].to_numpy().tolist() == [[1, True]]
    assert person_months(snapshot, lives, horizon_months=12, begun=False).empty


def test_reference_months_run_to_the_horizon_and_rows_keep_their_place():
    lives = lives_of(orders_of({"a": list(range(0, 900, 30)), "b": [0, 30, 75]}), on(900))
    snapshot = pd.concat([row("a", on(40), on(30)), row("b", on(40), on(30))])
    table = person_months(snapshot, lives, horizon_months=4)
    assert table["row"].tolist() == [0, 0, 0, 0, 1, 1]
    assert table["month"].tolist() == [1, 2, 3, 4, 1, 2]
    assert table["event"].tolist() == [False] * 5 + [True]


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 12))
def test_property_cut_offs_end_on_the_last_day_and_keep_to_their_bounds(one, other, every):
    first, last = on(one), on(other)
    days = month_ends(first, last, every=every)
    assert days == sorted(set(days))
    assert days == [] if last < first else days[-1] == last
    assert all(day >= first for day in days)
    if days:
        assert days[0] - pd.DateOffset(months=every, days=3) < first
