"""Limits proposed, standings and the guard, on books by hand and on next to no data."""

import pandas as pd
import pytest

from churnlab.answers import does_any_feature_see_the_future, prepare, which_limit_do_the_records_propose
from churnlab.answers.thresholds import STANDINGS


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


def test_direction_a_ranking_that_stays_is_told_from_one_that_turns(tmp_path, monkeypatch):
    """Clients silent for a fixed time each at every month's end keep their places; those whose turns rotate do not."""
    stays = {f"c{number:02d}": list(range(-number, 1400, 30))[1:] for number in range(30)}
    turns = {f"c{number:02d}": list(range(number, 1400, 41 + number)) for number in range(30)}
    found = {}
    for name, days in (("stays", stays), ("turns", turns)):
        (tmp_path / name).mkdir()
        found[name] = study_of(tmp_path / name, monkeypatch, days).ask(which_limit_do_the_records_propose).stability
    kept, rank = ({name: frame.iloc[1][column] for name, frame in found.items()} for column in ("kept", "rank"))
    assert rank["stays"] > rank["turns"] + 0.2
    assert kept["stays"] > kept["turns"]
    assert (found["stays"]["rank_low"] <= found["stays"]["rank"]).all()


def test_clients_that_are_all_alike_cannot_be_ranked(tmp_path, monkeypatch):
    alike = {f"c{number:02d}": list(range(0, 1400, 20)) for number in range(25)}
    found = study_of(tmp_path, monkeypatch, alike).ask(which_limit_do_the_records_propose)
    assert "we cannot say" in found.stability_sentences[0]
