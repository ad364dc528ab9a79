"""Limits proposed, standings and the guard, on books by hand and on next to no data."""

from dataclasses import replace

import pandas as pd
import pytest

from churnlab.answers import does_any_feature_see_the_future, prepare, which_limit_do_the_records_propose
from churnlab.answers.thresholds import STANDINGS, _stability


def study_of(tmp_path, monkeypatch, days):
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    start = pd.Timestamp("2020-01-01")
    rows = [(client, start + pd.Timedelta(days=day), 10) for client, given in days.items() for day in given]
    folder = tmp_path / "data"
    folder.mkdir()
    pd.DataFrame(rows, columns=["client_id", "order_date", "amount"]).to_csv(folder / "orders.csv", index=False)
    return prepare(folder)


def test_reference_limits_and_standings_by_hand(tmp_path, monkeypatch):
    steady = {f"s{number}": list(range(number, 1400, 20)) for number in range(10)}
    paused = {f"p{number}": [*range(0, 300, 20), *range(400, 1400, 20)] for number in range(5)}
    gone = {f"g{number}": list(range(0, 700, 20)) for number in range(3)}
    found = study_of(tmp_path, monkeypatch, steady | paused | gone).ask(which_limit_do_the_records_propose)
    fixed = found.table[found.table["family"] == "fixed days"].set_index("threshold")
    assert fixed["departures"][[90.0, 120.0, 180.0]].tolist() == [8, 3, 3]  # pauses of 120 days, and three that left
    assert fixed["came_back"][90.0] == pytest.approx(5 / 8)
    assert fixed["came_back"][180.0] == 0
    assert found.table.groupby("family")["proposed"].sum().le(1).all()
    stands = found.standing.set_index("standing")["clients"]
    assert list(stands.index) == list(STANDINGS)
    assert (stands["active"], stands["left"]) == (15, 3)


def test_next_to_no_data_are_said_to_be_so(tmp_path, monkeypatch):
    study = study_of(tmp_path, monkeypatch, {"=1+1": [0]})
    limits, guard = study.ask(which_limit_do_the_records_propose), study.ask(does_any_feature_see_the_future)
    assert "too few were seen" in limits.proposals[0]
    assert all("nan" not in sentence for sentence in (*limits.sentences, *guard.sentences))
    assert guard.cut_off is None


def orders_on(days_of_month, months=40):
    """Days since 2020-01-01 of orders on the same day of each month."""
    start = pd.Timestamp("2020-01-01")
    return {
        client: [
            (start + pd.DateOffset(months=month, day=day) - start).days for month in range(months) if month % every == 0
        ]
        for client, (day, every) in days_of_month.items()
    }


def test_reference_a_ranking_that_stays_is_called_so(tmp_path, monkeypatch):
    """Clients that order on a day of the month of their own have the same silence on the first of every month."""
    stays = orders_on({f"c{number:02d}": (number, 1) for number in range(1, 29)})
    last = {"z": [int((pd.Timestamp("2023-04-30") - pd.Timestamp("2020-01-01")).days)]}  # the study stands on May 1st
    found = study_of(tmp_path, monkeypatch, stays | last).ask(which_limit_do_the_records_propose)
    in_days = found.stability.set_index("ranked_by").loc["in days"]
    assert (in_days["rank"], in_days["kept"]) == (1.0, 1.0)
    assert 0.4 < in_days["kept_low"] < in_days["kept_high"] <= 1
    assert "1.00 (no interval to be had)" in found.stability_sentences[-1]


def test_direction_a_ranking_that_turns_is_less_stable(tmp_path, monkeypatch):
    turns = {f"c{number:02d}": list(range(number, 1400, 41 + number)) for number in range(30)}
    found = study_of(tmp_path, monkeypatch, turns).ask(which_limit_do_the_records_propose).stability
    assert (found["rank_low"] < 0.5).all()
    assert (found["kept"] < 0.7).all()


def test_clients_that_are_all_alike_cannot_be_ranked(tmp_path, monkeypatch):
    alike = {f"c{number:02d}": list(range(0, 1400, 20)) for number in range(25)}
    found = study_of(tmp_path, monkeypatch, alike).ask(which_limit_do_the_records_propose)
    assert found.stability.empty
    assert "who differed" in found.stability_sentences[0]


def test_a_return_long_before_the_first_purchase_does_no_harm(tmp_path, monkeypatch):
    late = {f"c{number:02d}": list(range(400 + number, 700, 20)) for number in range(25)}
    study = study_of(tmp_path, monkeypatch, late)
    early = study.tables.orders.iloc[:1].assign(order_date=pd.Timestamp("2020-01-01"), kind="return", amount=-5.0)
    orders = pd.concat([early, study.tables.orders], ignore_index=True)
    study = replace(study, tables=replace(study.tables, orders=orders))
    assert _stability(study).empty
