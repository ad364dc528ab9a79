"""How clients stand on a day, and what rules of leaving have cost so far."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from orders_by_hand import on, orders_of
from scipy import stats

from churnlab.history import FixedDays, OwnRhythm, departures, standing
from churnlab.history.alarms import alarm_rates, fixed_days, own_rhythms
from churnlab.tables import Tables

TODAY = 1000
MONTHLY = list(range(10, TODAY, 30))


def tables_of(days, *, amounts=None, closed=None):
    orders = orders_of(days)
    if amounts:
        orders["amount"] = [amounts(row.client_id, row.order_date) for row in orders.itertuples()]
    clients = None
    if closed:
        clients = pd.DataFrame({"client_id": list(days)})
        clients["closed_date"] = pd.to_datetime(clients["client_id"].map(closed)).dt.as_unit("us")
    nothing = pd.DataFrame()
    return Tables(orders, clients, None, (), nothing, nothing, (), show_names=False, fingerprint="")


def stands(tables, day=TODAY):
    return standing(tables, as_of=on(day)).set_index("client_id")["standing"].to_dict()


def test_reference_each_standing_by_hand():
    halved = [*range(10, 820, 15), *range(820, TODAY, 45)]
    days = {
        "active": MONTHLY,
        "silent": [*range(10, TODAY - 100, 30)],
        "gone": [*range(10, 600, 30)],
        "shut": MONTHLY[:-1],
        "less": halved,
    }
    found = stands(tables_of(days, closed={"shut": on(TODAY - 5)}))
    assert found == {"active": "active", "silent": "pending", "gone": "left", "shut": "closed", "less": "shrinking"}


def test_a_closure_that_was_to_come_is_not_known():
    assert stands(tables_of({"a": MONTHLY}, closed={"a": on(TODAY)}))["a"] == "active"
    assert stands(tables_of({"a": MONTHLY}, closed={"a": on(TODAY - 1)}))["a"] == "closed"


def test_reference_smaller_orders_alone_are_not_shrinking_and_rarer_ones_alone_neither():
    """Volume has to fall under half, and purchases more than chance would make them."""
    smaller = tables_of({"a": MONTHLY}, amounts=lambda _, day: 10.0 if day > on(820) else 100.0)
    assert stands(smaller)["a"] == "active"
    rarer = {"a": [*range(10, 820, 15), *range(820, TODAY, 45)]}
    assert stands(tables_of(rarer))["a"] == "shrinking"
    larger = tables_of(rarer, amounts=lambda _, day: 400.0 if day > on(820) else 100.0)
    assert stands(larger)["a"] == "active"


def test_reference_the_chance_is_the_conditional_binomial():
    row = standing(tables_of({"a": [*range(440, 640, 20), 900, 960]}), as_of=on(TODAY)).iloc[0]
    now = sum(on(TODAY) - pd.DateOffset(months=6) <= on(day) for day in (900, 960))
    then = sum(
        on(TODAY) - pd.DateOffset(months=18) <= on(day) < on(TODAY) - pd.DateOffset(months=12)
        for day in range(440, 640, 20)
    )
    assert now == 2
    assert then > 2
    assert row["chance"] == pytest.approx(stats.binom.cdf(now, now + then, 0.5))


def test_reduction_left_agrees_with_departures():
    rng = np.random.default_rng(3)
    days = {f"c{i}": sorted(set(rng.integers(0, TODAY, rng.integers(2, 20)).tolist())) for i in range(60)}
    tables = tables_of(days)
    lives = departures(tables.orders, as_of=on(TODAY)).frame.drop_duplicates("client_id", keep="last")
    gone = set(lives.loc[lives["left_on"].notna(), "client_id"])
    assert {client for client, state in stands(tables).items() if state == "left"} == gone


def test_property_nothing_after_the_day_changes_a_standing():
    rng = np.random.default_rng(4)
    days = {f"c{i}": sorted(set(rng.integers(0, 2 * TODAY, 30).tolist())) for i in range(30)}
    early = {client: [day for day in given if day < TODAY] for client, given in days.items()}
    full, cut = (standing(tables_of(given), as_of=on(TODAY)) for given in (days, early))
    pd.testing.assert_frame_equal(full, cut, check_exact=True)


def test_reference_alarms_by_hand():
    orders = orders_of({"a": [0, 50, 200, 250], "b": [0]})
    row = alarm_rates(orders, [FixedDays(days=100)], as_of=on(400)).iloc[0]
    assert (row["alarms"], row["returned"]) == (3, 1)  # a after 50 days and at the end, b at once; a came back
    years = (50 + 100 + 50 + 100 + 100) / 365.25
    assert row["client_years"] == pytest.approx(years)
    assert row["false_a_year"] == pytest.approx(1 / years)
    assert row["return_share"] == pytest.approx(1 / 3)


def test_direction_a_longer_limit_never_gives_more_alarms():
    rng = np.random.default_rng(5)
    orders = orders_of({f"c{i}": sorted(set(rng.integers(0, 2000, 25).tolist())) for i in range(40)})
    for family in (
        fixed_days((45, 90, 180, 365)),
        own_rhythms(OwnRhythm(floor_days=1, pause_margin=0.0), (2.0, 4.0, 8.0)),
    ):
        rates = alarm_rates(orders, family, as_of=on(2000))
        assert (np.diff(rates["alarms"]) <= 0).all()
        assert (np.diff(rates["returned"]) <= 0).all()


def test_own_rhythms_keep_all_but_the_multiple():
    rule = OwnRhythm(floor_days=30, ceiling_days=200)
    assert own_rhythms(rule, (2.0, 3.0)) == [replace(rule, multiple=2.0), replace(rule, multiple=3.0)]


def test_a_day_before_every_purchase_is_refused():
    with pytest.raises(ValueError, match="expected purchases before"):
        standing(tables_of({"a": [5]}), as_of=on(0))
