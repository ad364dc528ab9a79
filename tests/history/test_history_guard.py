"""The guard finds planted leaks, and finds nothing in honest features."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from churnlab.answers.definitions import leaked_recency
from churnlab.history import (
    check_folds,
    check_labels,
    client_folds,
    departures,
    find_leaks,
    label_known_on,
    outcomes,
    rolling_origins,
    scrambled,
    snapshots,
)
from churnlab.tables import load
from churnlab.tables.plant import make_plant, write_tables

CUT_OFF = pd.Timestamp("2022-03-01")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plant")
    write_tables(make_plant(seed=5), folder)
    return load(folder)


def honest(tables, cut_off):
    return snapshots(tables, [cut_off])


def leaking(tables, cut_off, *, leak):
    frame = snapshots(tables, [cut_off])[["client_id", "recency_days"]]
    return frame.assign(leak=leak(tables, frame["client_id"], cut_off))


def recency_at_the_end(tables, clients, _cut_off):
    return leaked_recency(tables.orders, clients, tables.orders["order_date"].max() + pd.Timedelta(days=1))


def status(tables, clients, _cut_off):
    """Whether the clients table gives a reason for closing: known today, nobody says since when."""
    return clients.map(tables.clients.set_index("client_id")["closed_reason"].notna()).astype(float)


def late_survey(tables, clients, cut_off):
    """Surveys of the month of the cut-off, some of which came after it."""
    month = tables.surveys["survey_date"].dt.to_period("M") == cut_off.to_period("M")
    return clients.map(tables.surveys[month].groupby("client_id").size()).fillna(0.0)


def same_day(tables, clients, cut_off):
    """Orders up to the cut-off and on it."""
    known = tables.orders[tables.orders["order_date"] <= cut_off]
    return clients.map(known.groupby("client_id")["amount"].sum()).fillna(0.0)


def delivery(tables, clients, cut_off):
    """Days of delivery of orders placed before, though some were delivered after."""
    known = tables.orders[tables.orders["order_date"] < cut_off]
    return clients.map((known["delivered_date"] - known["order_date"]).dt.days.groupby(known["client_id"]).max())


def winning_back(tables, clients, _cut_off):
    """Clients that were won back, whenever that was."""
    back = tables.losses.dropna(subset="won_back_date")
    return clients.isin(back["client_id"]).astype(float)


def mended(tables, clients, _cut_off):
    """How much was changed, whenever that was."""
    return pd.Series(float(len(tables.changes)), index=clients.index)


def lost(tables, clients, _cut_off):
    """Whether a client is in the losses at all."""
    return clients.isin(tables.losses["client_id"]).astype(float)


def day_of_loss(tables, clients, _cut_off):
    """The last day of a loss, whenever that was known."""
    return (clients.map(tables.losses.groupby("client_id")["date"].max()) - pd.Timestamp(0)).dt.days


def closed_by_date_alone(tables, clients, cut_off):
    """Closures dated before the cut-off, some of them known only after it."""
    closed = tables.clients.set_index("client_id")["closed_date"]
    return (clients.map(closed) < cut_off).astype(float)


LEAKS = [recency_at_the_end, status, late_survey, same_day, delivery, winning_back, lost, day_of_loss, mended]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_a_planted_leak_is_found_and_its_neighbour_is_not(tables, leak):
    found = find_leaks(partial(leaking, leak=leak), tables, CUT_OFF)
    assert found["column"].tolist() == ["leak"]


def test_a_closure_that_was_known_late_is_found_where_it_is_used_early(tables):
    clients = tables.clients.assign(known_on=CUT_OFF - pd.Timedelta(days=400))
    told_late = clients["client_id"].isin(snapshots(tables, [CUT_OFF])["client_id"].iloc[:40])
    clients["closed_date"] = clients["closed_date"].mask(told_late, CUT_OFF - pd.Timedelta(days=20))
    clients["known_on"] = clients["known_on"].mask(told_late, CUT_OFF + pd.Timedelta(days=20))
    late = replace(tables, clients=clients)
    found = find_leaks(partial(leaking, leak=closed_by_date_alone), late, CUT_OFF)
    assert found["column"].tolist() == ["leak"]
    assert find_leaks(honest, late, CUT_OFF).empty


def test_clients_without_attributes_raise_no_false_alarm(tables):
    bare = replace(tables, clients=tables.clients[["client_id", "group_id", "start_date"]])
    assert find_leaks(honest, bare, CUT_OFF).empty


def test_a_label_day_that_is_not_there_counts_as_not_known(tables):
    rows = snapshots(tables, [pd.Timestamp("2020-03-01")]).assign(label_known_on=pd.NaT)
    assert "were not known before" in check_labels(rows, cut_off=CUT_OFF, horizon_months=12)[0]


@pytest.mark.parametrize("cut_off", ["2019-07-10", "2022-03-01", "2024-10-31"])
def test_none_of_our_features_is_flagged(tables, cut_off):
    """Property: every column of a snapshot, bit for bit, with all tables scrambled."""
    assert len(honest(tables, pd.Timestamp(cut_off)).columns) >= 40
    assert find_leaks(honest, tables, pd.Timestamp(cut_off)).empty


def test_the_scramble_leaves_the_past_as_it_was_and_the_future_not(tables):
    other = scrambled(tables, CUT_OFF, np.random.default_rng(1))
    for name, dated in (
        ("orders", "order_date"),
        ("surveys", "survey_date"),
        ("touches", "date"),
        ("failures", "date"),
    ):
        before, after = getattr(tables, name), getattr(other, name)
        keep = [column for column in before if column not in {"delivered_date", "claim"}]
        past = [frame.loc[frame[dated] < CUT_OFF, keep].reset_index(drop=True) for frame in (before, after)]
        pd.testing.assert_frame_equal(*past)
        assert not after[after[dated] >= CUT_OFF].equals(before[before[dated] >= CUT_OFF])
        assert set(after) == set(before)
    assert (other.orders["order_date"] == CUT_OFF).any()


def test_a_label_that_overlaps_the_day_of_forecasting_is_found(tables):
    days = [pd.Timestamp("2021-03-01"), pd.Timestamp("2022-02-01")]
    training = snapshots(tables, days)[["client_id", "cut_off", "limit_days"]]
    fair = training[training["cut_off"] == days[0]]
    assert check_labels(fair, cut_off=CUT_OFF, horizon_months=12) == []
    (told,) = check_labels(training, cut_off=CUT_OFF, horizon_months=12)
    assert "were not known before 2022-03-01" in told
    known = training.assign(label_known_on=label_known_on(training, horizon_months=12))
    (told,) = check_labels(known[known["cut_off"] == days[0]], cut_off=CUT_OFF, horizon_months=12)
    assert "2021-03-01" in told  # twelve months alone are too short an embargo


def test_a_client_on_both_sides_and_a_row_on_both_sides_are_found(tables):
    rows = snapshots(tables, [pd.Timestamp("2021-03-01"), CUT_OFF])
    side = client_folds(rows["client_id"], 5) == 0
    assert check_folds(rows[~side], rows[side]) == []
    (told,) = check_folds(rows[~side], pd.concat([rows[side], rows[~side].head(1)]))
    assert told.startswith("1 clients stand in training and testing")
    earlier, later = rows[rows["cut_off"] < CUT_OFF], rows[rows["cut_off"] == CUT_OFF]
    assert check_folds(earlier, later, by_client=False) == []
    assert len(check_folds(pd.concat([earlier, later.head(1)]), later, by_client=False)) == 2


def test_no_training_label_uses_a_departure_known_before_its_row_or_not_yet_known(tables):
    """Property: on every rolling origin of a plant."""
    days = tuple(pd.date_range("2019-01-01", "2023-01-01", freq="6MS"))
    rows = snapshots(tables, list(days))
    folds = list(rolling_origins(rows, tables, testing=days[3:], learning=days, horizon_months=12))
    assert [fold.cut_off for fold in folds] == list(days[3:])
    for fold in folds:
        training = rows.iloc[fold.labelled].assign(label=fold.labels)
        training["label_known_on"] = label_known_on(training, horizon_months=12)
        assert check_labels(training, cut_off=fold.cut_off, horizon_months=12) == []
        assert check_folds(rows.iloc[fold.earlier], rows.iloc[fold.testing], by_client=False) == []
        lives = fold.lives.frame
        assert (lives["known_on"].dropna() < fold.cut_off).all()
        left = training[training["label"] == 1].merge(lives, on="client_id", suffixes=("", "_life"))
        own = left[(left["first_order"] <= left["last_order"]) & (left["last_order"] <= left["last_order_life"])]
        own = own.drop_duplicates(["client_id", "cut_off"])
        assert len(own) == (training["label"] == 1).sum()
        assert (own["known_on"] >= own["cut_off"]).all()  # known before its own day, it would not be at risk
    assert sum((fold.labels == 1).sum() for fold in folds) > 30


def test_labels_match_those_known_in_the_end_where_both_are_known(tables):
    """Reduction: a label told on a rolling origin never changes when more is known."""
    days = tuple(pd.date_range("2019-01-01", "2022-01-01", freq="6MS"))
    rows = snapshots(tables, list(days))
    final = departures(tables.orders, as_of=pd.Timestamp("2026-01-01"), clients=tables.clients)

    last = outcomes(rows, final, horizon_months=12).to_numpy()
    for fold in rolling_origins(rows, tables, testing=days[3:], learning=days, horizon_months=12):
        known = ~np.isnan(last[fold.labelled])
        np.testing.assert_array_equal(fold.labels[known], last[fold.labelled][known])


def test_features_without_clients_or_a_cut_off_without_a_future_are_refused(tables):
    with pytest.raises(ValueError, match="expected one row a client"):
        find_leaks(lambda *_: pd.DataFrame({"x": [1]}), tables, CUT_OFF)
    with pytest.raises(ValueError, match="expected orders on or after 2100-01-01"):
        find_leaks(honest, tables, pd.Timestamp("2100-01-01"))
