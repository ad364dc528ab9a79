"""Features know nothing of the cut-off's own day, nor of anything later."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.history import FEATURES, snapshots
from churnlab.tables import Tables

START = pd.Timestamp("2021-01-01")
SPAN = 1100
SCORES = ["recommend", "quality", "timing", "attention", "price"]
CUTS = st.integers(150, SPAN)


def days(count, rng):
    return START + pd.to_timedelta(rng.integers(0, SPAN, count), unit="D")


def orders_at_random(rng, clients, count=200):
    frame = pd.DataFrame(
        {
            "client_id": rng.choice(clients, count),
            "order_date": days(count, rng),
            "amount": rng.integers(1, 500, count).astype(float),
            "kind": rng.choice(["sale", "sale", "sale", "return"], count),
            "product_line": rng.choice(["board", "house", None], count),
            "order_id": [str(number) if number % 3 else None for number in range(count)],
        }
    )
    frame.loc[frame["kind"] == "return", "amount"] *= -1
    return frame


def surveys_at_random(rng, clients, count=80):
    frame = pd.DataFrame({"client_id": rng.choice(clients, count), "survey_date": days(count, rng)})
    scores = rng.integers(0, 11, (count, len(SCORES))).astype(float)
    frame[SCORES] = np.where(rng.random((count, len(SCORES))) < 0.4, np.nan, scores)
    frame["known_on"] = frame["survey_date"] + pd.to_timedelta(rng.integers(0, 60, count), unit="D")
    return frame.drop_duplicates(["client_id", "survey_date"], ignore_index=True)


def book(seed=1):
    rng = np.random.default_rng(seed)
    clients = [f"c{number}" for number in range(9)]
    starts = pd.DataFrame(
        {"client_id": clients, "start_date": START - pd.to_timedelta(rng.integers(0, 900, 9), unit="D")}
    )
    nothing = pd.DataFrame()
    return Tables(
        orders=orders_at_random(rng, clients),
        clients=starts,
        surveys=surveys_at_random(rng, clients),
        findings=(),
        finding_counts=nothing,
        reconciliation=nothing,
        notices=(),
        show_names=False,
        fingerprint="",
    )


def scrambled(frame, column, cut_off, others, rng):
    """Keep the past; of the rest drop a third, redraw the values of a third, and add others."""
    past, future = frame[frame[column] < cut_off], frame[frame[column] >= cut_off]
    future = future[rng.random(len(future)) < 0.67].copy()
    for name in future.columns.difference(["client_id", column, "known_on"]):
        future[name] = rng.permutation(future[name].to_numpy(copy=True))
    later = others[others[column] >= cut_off]
    on_the_day = others[others[column] < cut_off].head(30).assign(**{column: cut_off})
    return pd.concat([future, on_the_day, past, later], ignore_index=True).astype(frame.dtypes)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), CUTS)
def test_property_nothing_dated_from_the_cut_off_on_changes_a_feature(seed, cut):
    tables, rng, cut_off = book(seed % 5), np.random.default_rng(seed), START + pd.Timedelta(days=cut)
    clients = [*tables.clients["client_id"], "stranger"]
    orders = scrambled(tables.orders, "order_date", cut_off, orders_at_random(rng, clients), rng)
    surveys = scrambled(tables.surveys, "survey_date", cut_off, surveys_at_random(rng, clients), rng)
    other = replace(tables, orders=orders, surveys=surveys)
    pd.testing.assert_frame_equal(snapshots(other, [cut_off]), snapshots(tables, [cut_off]), check_exact=True)


@settings(max_examples=6, deadline=None)
@given(CUTS)
def test_property_cutting_the_future_off_changes_no_feature(cut):
    tables, cut_off = book(), START + pd.Timedelta(days=cut)
    past = replace(
        tables,
        orders=tables.orders[tables.orders["order_date"] < cut_off],
        surveys=tables.surveys[tables.surveys["survey_date"] < cut_off],
    )
    pd.testing.assert_frame_equal(snapshots(past, [cut_off]), snapshots(tables, [cut_off]), check_exact=True)


def test_direction_the_scramble_would_show_if_it_reached_the_past():
    tables, rng, cut_off = book(), np.random.default_rng(1), START + pd.Timedelta(days=800)
    early = cut_off - pd.Timedelta(days=60)
    orders = scrambled(tables.orders, "order_date", early, orders_at_random(rng, ["c1", "c2"]), rng)
    assert not snapshots(replace(tables, orders=orders), [cut_off]).equals(snapshots(tables, [cut_off]))


@pytest.mark.parametrize("known", [-1, 0, 1])
def test_reference_a_survey_known_late_counts_late(known):
    cut_off = START + pd.Timedelta(days=400)
    tables = book()
    survey = pd.DataFrame({"client_id": ["c1"], "survey_date": [cut_off - pd.Timedelta(days=50)], "recommend": [3.0]})
    survey["known_on"] = cut_off + pd.Timedelta(days=known)
    frame = snapshots(replace(tables, surveys=survey), [cut_off]).set_index("client_id")
    assert (frame.loc["c1", "recommend"] == 3.0) == (known < 0)
    assert frame.loc["c1", "asked_12m"] == (known < 0)


@settings(max_examples=6, deadline=None)
@given(st.integers(-20, 18), CUTS)
def test_property_shifting_all_dates_shifts_the_dates_only(cycles, cut):
    shift = cycles * 1461  # four years, so that months keep their lengths
    tables, by, cut_off = book(), pd.Timedelta(days=shift), START + pd.Timedelta(days=cut)
    later = replace(
        tables,
        orders=tables.orders.assign(order_date=tables.orders["order_date"] + by),
        clients=tables.clients.assign(start_date=tables.clients["start_date"] + by),
        surveys=tables.surveys.assign(
            survey_date=tables.surveys["survey_date"] + by, known_on=tables.surveys["known_on"] + by
        ),
    )
    moved = snapshots(later, [cut_off + by])
    moved = moved.assign(cut_off=moved["cut_off"] - by, last_order=moved["last_order"] - by)
    pd.testing.assert_frame_equal(moved, snapshots(tables, [cut_off]), check_exact=True, check_dtype=False)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), CUTS)
def test_property_the_order_of_rows_changes_nothing(seed, cut):
    tables, cut_off = book(), START + pd.Timedelta(days=cut)
    mixed = replace(
        tables,
        orders=tables.orders.sample(frac=1, random_state=seed),
        clients=tables.clients.sample(frac=1, random_state=seed),
        surveys=tables.surveys.sample(frac=1, random_state=seed),
    )
    pd.testing.assert_frame_equal(snapshots(mixed, [cut_off]), snapshots(tables, [cut_off]), check_exact=True)


@settings(max_examples=6, deadline=None)
@given(st.permutations([f"c{number}" for number in range(9)]), CUTS)
def test_property_renaming_clients_changes_their_names_only(names, cut):
    tables, cut_off = book(), START + pd.Timedelta(days=cut)
    renamed = {f"c{number}": name for number, name in enumerate(names)}
    frames = {
        name: getattr(tables, name).assign(client_id=lambda frame: frame["client_id"].map(renamed))
        for name in ("orders", "clients", "surveys")
    }
    back = {new: old for old, new in renamed.items()}
    found = snapshots(replace(tables, **frames), [cut_off])
    found = found.assign(client_id=found["client_id"].map(back)).sort_values("client_id", ignore_index=True)
    pd.testing.assert_frame_equal(found, snapshots(tables, [cut_off]), rtol=1e-12, check_dtype=False)


def test_reduction_several_cut_offs_are_the_single_ones_stacked():
    tables, cuts = book(), [START + pd.Timedelta(days=day) for day in (200, 500, 900)]
    one_by_one = pd.concat([snapshots(tables, [cut]) for cut in cuts], ignore_index=True)
    pd.testing.assert_frame_equal(snapshots(tables, cuts), one_by_one, check_exact=True)


def test_features_are_bounded():
    frame = snapshots(book(), [START + pd.Timedelta(days=day) for day in (300, 600, 900)])
    assert (frame["recency_days"] >= 1).all()
    assert (frame["recency_days"] <= frame["limit_days"]).all()
    assert (frame["answered_12m"] <= frame["asked_12m"]).all()
    assert frame[["trend", "amount_trend", "tenure_months", "orders_12m", "amount_12m"]].notna().all(axis=None)


def test_reduction_what_a_dataset_lacks_is_absent_and_the_rest_stays():
    tables, cut_off = book(), START + pd.Timedelta(days=700)
    full = snapshots(tables, [cut_off])
    no_surveys = snapshots(replace(tables, surveys=None), [cut_off])
    from_surveys = {feature.name for feature in FEATURES if feature.source == "surveys"}
    assert not from_surveys & set(no_surveys)
    pd.testing.assert_frame_equal(no_surveys, full.drop(columns=list(from_surveys)))
    no_lines = snapshots(replace(tables, orders=tables.orders.drop(columns="product_line")), [cut_off])
    pd.testing.assert_frame_equal(no_lines, full.drop(columns=["line", "lines_12m"]))
    no_clients = snapshots(replace(tables, clients=None), [cut_off])
    pd.testing.assert_frame_equal(no_clients.drop(columns="tenure_months"), full.drop(columns="tenure_months"))
    assert (no_clients["tenure_months"] <= full["tenure_months"]).all()


def test_reduction_surveys_that_are_all_to_come_are_unknown():
    tables, cut_off = book(), START + pd.Timedelta(days=400)
    frame = snapshots(replace(tables, surveys=tables.surveys[tables.surveys["survey_date"] >= cut_off]), [cut_off])
    assert frame[SCORES].isna().all(axis=None)
    assert (frame[["asked_12m", "answered_12m"]] == 0).all(axis=None)


def test_a_cut_off_before_every_purchase_is_refused():
    with pytest.raises(ValueError, match="expected purchases before"):
        snapshots(book(), [START - pd.Timedelta(days=10)])
