"""Every feature by hand, the same from every engine, and absent where its table is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from orders_by_hand import on, orders_of

from churnlab.history import FEATURES, departures, feature_table, snapshots
from churnlab.history.dated import Dated
from churnlab.tables import CONTRACT, Tables, load
from churnlab.tables.plant import make_plant, write_tables

CUT = 1000


def tables_of(orders, **others):
    nothing = pd.DataFrame()
    return Tables(orders, others.pop("clients", None), others.pop("surveys", None), (), nothing, nothing, (),
                  show_names=False, fingerprint="", **others)  # fmt: skip


def row(orders, **others):
    return snapshots(tables_of(orders, **others), [on(CUT)]).set_index("client_id").loc["a"]


def dated(column, *days, **values):
    frame = pd.DataFrame({"client_id": "a", column: pd.to_datetime([on(day) for day in days]).as_unit("us")})
    return frame.assign(**values).astype({"client_id": "str"})


STEADY = orders_of({"a": list(range(400, CUT, 30)), "b": list(range(5, CUT, 20))})


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plant")
    write_tables(make_plant(seed=7), folder)
    return load(folder)


def test_every_documented_feature_comes_from_the_table_that_it_names(plant):
    frame = snapshots(plant, [pd.Timestamp("2023-05-01")])
    known = replace(plant, clients=plant.clients.assign(known_on=plant.clients["start_date"]))
    assert set(frame) | {"payment_days"} == {feature.name for feature in FEATURES} | {
        "client_id", "cut_off", "last_order", "limit_days", "line"
    }  # fmt: skip
    assert snapshots(known, [pd.Timestamp("2023-05-01")])["payment_days"].notna().any()
    sources = {source for feature in FEATURES for source in feature.source.split(", ")}
    assert sources <= {*CONTRACT, "calendar"}
    table = feature_table()
    assert table["name"].is_unique
    assert (table["meaning"].str.len() > 5).all()


@pytest.mark.parametrize("name", ["clients", "surveys", "touches", "failures", "offers_seen"])
def test_reduction_a_table_that_is_not_there_takes_its_own_features_along_only(plant, name):
    cut_offs = [pd.Timestamp("2022-05-01"), pd.Timestamp("2023-05-01")]
    full, without = (snapshots(each, cut_offs) for each in (plant, replace(plant, **{name: None})))
    own = {feature.name for feature in FEATURES if name in feature.source}
    if name == "clients":  # closures and start dates are gone too
        assert "group_orders_12m" not in without
        assert len(without) >= len(full)
        return
    assert set(full) - set(without) == own & set(full)
    pd.testing.assert_frame_equal(without, full[list(without)], check_exact=True)


def test_reference_recency_frequency_and_money_by_hand():
    found = row(STEADY)
    days = np.array(range(400, CUT, 30))
    assert found["recency_days"] == CUT - days[-1]
    for months in (3, 12, 24):
        inside = sum(on(CUT) - pd.DateOffset(months=months) <= on(int(day)) for day in days)
        assert (found[f"orders_{months}m"], found[f"amount_{months}m"]) == (inside, 100.0 * inside)
    assert found["overdue"] == pytest.approx(found["recency_days"] / found["typical_gap_days"])
    assert found["gap_spread"] == pytest.approx(0.0, abs=1e-3)
    assert found["fading"] == pytest.approx(0.0, abs=1e-6)
    assert found["month"] == on(CUT).month
    assert found["tenure_months"] == pytest.approx((CUT - 400) / 30.4375)


def test_reference_spread_and_fading_of_gaps_by_hand():
    gaps = [20, 40, 20, 40, 20, 40, 80, 80, 80, 80]
    days = (CUT - 10 - np.cumsum([0, *gaps[::-1]]))[::-1]
    found = row(orders_of({"a": days.tolist(), "b": [1, CUT - 1]}))
    assert found["gap_spread"] == pytest.approx(np.std(np.log(gaps), ddof=1), rel=1e-5)
    start = (on(CUT) - pd.DateOffset(months=12) - on(0)).days
    recent = [gap for gap, day in zip(gaps, days[1:], strict=True) if day >= start]
    earlier = gaps[: len(gaps) - len(recent)]
    assert found["fading"] == pytest.approx(np.log(recent).mean() - np.log(earlier).mean(), rel=1e-5)


def test_reference_returns_discounts_breadth_and_line_by_hand():
    orders = orders_of({"a": [700, 800, 900, 950]}).assign(
        amount=[80.0, 90.0, 40.0, -10.0], list_amount=[100.0, 100.0, np.nan, np.nan],
        product_line=["x", "y", "x", "x"], kind=["sale", "sale", "sale", "return"],
    )  # fmt: skip
    found = row(orders)
    assert found["discount_12m"] == pytest.approx(1 - 170 / 200)
    assert found["returned_12m"] == pytest.approx(10 / 210)
    assert (found["lines_12m"], found["line"]) == (2, "x")  # 80 + 40 - 10 against 90
    assert found["amount_12m"] == 200


def test_reference_a_delivery_is_known_on_its_day_and_not_with_its_order():
    orders = orders_of({"a": [900, 950, 980]}).assign(claim=[None, "torn", "torn"])
    orders["promised_date"] = [on(910), on(960), on(990)]
    orders["delivered_date"] = [on(914), on(960), on(CUT)]
    found = row(orders)
    assert (found["late_12m"], found["days_late_12m"], found["claims_12m"]) == (0.5, 2.0, 1.0)


def test_reference_an_order_known_late_counts_late():
    orders = orders_of({"a": [800, 900, 990]}).assign(known_on=[on(800), on(900), on(CUT)])
    assert row(orders)["recency_days"] == 100
    assert row(orders.assign(known_on=[on(800), on(900), on(995)]))["recency_days"] == 5


def test_reference_scores_by_hand():
    surveys = dated("survey_date", 300, 700, 950, 950).assign(
        recommend=[9.0, 8.0, 4.0, 6.0], quality=[9.0, 8.0, 7.0, 7.0], timing=[9.0, 6.0, np.nan, np.nan],
        attention=[9.0, 7.0, 8.0, 8.0], price=[9.0, 9.0, 3.0, 3.0],
    )  # fmt: skip
    found = row(STEADY, surveys=surveys)
    assert (found["recommend"], found["recommend_change"]) == (5.0, -3.0)  # two answers of a day are one, their mean
    assert (found["timing"], found["price"]) == (6.0, 3.0)
    assert found["factor_spread"] == 8 - 3
    assert found["price_gap"] == pytest.approx(3 - (7 + 6 + 8) / 3)
    assert (found["answer_age_days"], found["asked_12m"], found["answered_12m"]) == (50, 3, 3)
    assert found["fell_silent"] == 0


@pytest.mark.parametrize(("answered", "asked", "silent"), [(300, 900, 1.0), (900, 950, 0.0), (None, 900, 0.0)])
def test_reference_a_former_answerer_that_keeps_silent(answered, asked, silent):
    days = [day for day in (answered, asked) if day is not None]
    scores = [8.0 if day == answered else np.nan for day in days]
    surveys = dated("survey_date", *days).assign(recommend=scores)
    assert row(STEADY, surveys=surveys)["fell_silent"] == silent


def test_further_rated_factors_come_along():
    surveys = dated("survey_date", 900).assign(recommend=8.0, warehouse=3.0, wave="annual")
    assert row(STEADY, surveys=surveys)["warehouse"] == 3.0


def test_reference_care_by_hand():
    found = row(
        STEADY,
        touches=dated("date", 700, 900, 990, kind="call"),
        failures=dated("date", 300, 900, 960, kind="late", handling=["open", "silent", "open"]),
        offers_seen=dated("date", 500, 999, CUT, competitor="x"),
    )
    assert (found["touches_12m"], found["touch_age_days"]) == (3, 10)
    assert found["touch_trend"] == pytest.approx(np.log((2 + 1) / (1 + 1)))
    assert (found["failures_12m"], found["silent_failures_12m"], found["failure_age_days"]) == (2, 1, 40)
    assert found["offers_12m"] == 1


def test_reference_orders_of_the_rest_of_the_group():
    orders = orders_of({"a": [900, 950], "b": [910, 920, 930], "c": [940], "d": [990]})
    clients = pd.DataFrame({"client_id": list("abcd"), "group_id": ["g", "g", "g", "d"]})
    found = snapshots(tables_of(orders, clients=clients), [on(CUT)]).set_index("client_id")["group_orders_12m"]
    assert found.to_dict() == {"a": 4, "b": 3, "c": 5, "d": 0}


def test_reference_a_recorded_closure_takes_a_client_off_the_list_once_known():
    clients = pd.DataFrame({"client_id": ["a", "b"], "closed_date": [on(995), pd.NaT]})
    orders = orders_of({"a": [900, 990], "b": [990]})
    for day, there in ((995, True), (996, False)):
        found = snapshots(tables_of(orders, clients=clients), [on(day)])
        assert ("a" in set(found["client_id"])) == there


def test_reference_an_attribute_known_before_the_day_closes_nobody():
    """A client with a ``known_on`` and no closure is open."""
    clients = pd.DataFrame({"client_id": ["a", "b"], "closed_date": [pd.NaT, on(500)], "known_on": [on(950), on(999)]})
    orders = orders_of({"a": [900, 990], "b": [400, 450]})
    lives = departures(orders, as_of=on(CUT), clients=clients).frame.set_index("client_id")
    assert lives["closed"].to_dict() == {"a": False, "b": False}  # b's limit was reached before anybody knew
    assert snapshots(tables_of(orders, clients=clients), [on(CUT)])["client_id"].tolist() == ["a"]


def test_surveys_that_nobody_was_asked_for_are_no_silence():
    surveys = dated("survey_date", 300, 900, 950).assign(recommend=[8.0, np.nan, np.nan], invited=[True, False, False])
    found = row(STEADY, surveys=surveys)
    assert (found["asked_12m"], found["fell_silent"]) == (0, 0)


def test_clients_without_a_row_are_as_none():
    clients = pd.DataFrame(
        {"client_id": pd.Series([], dtype="str"), "closed_date": pd.Series([], dtype="datetime64[us]")}
    )
    frame = snapshots(tables_of(STEADY, clients=clients), [on(CUT)])
    assert len(frame) == 2


def test_reduction_dated_rows_against_a_plain_search():
    rng = np.random.default_rng(2)
    unit, day, value = rng.integers(0, 6, 300), rng.integers(-50, 50, 300), rng.integers(-9, 9, 300)
    rows = Dated.of(unit, day)
    asked, start = rng.integers(0, 7, 200), rng.integers(-60, 60, 200)
    stop = start + rng.integers(0, 40, 200)
    inside = (unit == asked[:, None]) & (day >= start[:, None]) & (day < stop[:, None])
    np.testing.assert_array_equal(rows.between(rows.sums(value), asked, start, stop), (inside * value).sum(axis=1))
    np.testing.assert_array_equal(rows.count(asked, start, stop), inside.sum(axis=1))
    for one, before, place in zip(asked, stop, rows.last(asked, stop), strict=True):
        earlier = day[(unit == one) & (day < before)]
        assert (place == -1) == (not earlier.size)
        if earlier.size:
            assert (unit[place], day[place]) == (one, earlier.max())
