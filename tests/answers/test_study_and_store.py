"""The store keeps what it is given and nothing foreign; a study answers each question once."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnlab import answers
from churnlab.answers import store
from churnlab.answers.study import open_study, prepare
from churnlab.lifetime import Estimate, hazard_table
from churnlab.scenarios import PRICE_ONLY


@pytest.fixture
def dataset(tmp_path, monkeypatch) -> Path:
    """Orders only, sixty clients over two years."""
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(7)
    rows = []
    for number in range(60):
        days = rng.integers(0, 100) + np.cumsum(rng.gamma(3, 8, size=40))
        days = days[days < min(730, rng.integers(200, 1400))]
        rows += [(f"k{number}", pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(day)), 100.0) for day in days]
    folder = tmp_path / "data"
    folder.mkdir()
    pd.DataFrame(rows, columns=["client_id", "order_date", "amount"]).to_csv(folder / "orders.csv", index=False)
    return folder


def test_property_a_result_comes_back_as_it_was(tmp_path):
    frame = pd.DataFrame({"day": [pd.Timestamp("2024-02-29")], "share": [np.nan], "name": ["=1+1"]})
    result = answers.Summary(
        headline="a <b>",
        sentences=("one", "two"),
        figures=(),
        calls=frame,
        calls_caption="",
        cannot_say=(),
        results={"risk": frame},
    )
    store.save(result, tmp_path / "kept")
    back = store.load(tmp_path / "kept")
    assert back.sentences == ("one", "two")
    pd.testing.assert_frame_equal(back.results["risk"], frame)
    table = hazard_table([0, 1], [2, 3], [True, False])
    store.save((Estimate(1.0, float("nan"), 2.0), table, PRICE_ONLY, pd.Timestamp("2024-01-01")), tmp_path / "more")
    estimate, again, policy, day = store.load(tmp_path / "more")
    assert np.isnan(estimate.low)
    assert (again.at_risk == table.at_risk).all()
    assert (policy, day) == (PRICE_ONLY, pd.Timestamp("2024-01-01"))


def test_foreign_results_are_refused(tmp_path):
    @dataclass(frozen=True)
    class Foreign:
        name: str

    with pytest.raises(store.StoreError, match="cannot keep"):
        store.save(Foreign("x"), tmp_path / "foreign")
    assert not store.holds(tmp_path / "foreign")
    for place in (["os", "system"], ["churnlab.answers.store", "save"]):
        (tmp_path / "result.json").write_text(json.dumps({"dataclass": place, "fields": {}}), encoding="utf-8")
        with pytest.raises(store.StoreError, match="refused"):
            store.load(tmp_path)
    (tmp_path / "result.json").write_text('{"pickle": "x"}', encoding="utf-8")
    with pytest.raises(store.StoreError, match="pickle"):
        store.load(tmp_path)


ASKED = []


def how_many_orders(study: answers.Study) -> Estimate:
    ASKED.append(study.folder)
    return Estimate(float(len(study.tables.orders)), 0.0, 0.0)


def test_a_question_is_answered_once(dataset):
    ASKED.clear()
    study = prepare(dataset)
    first, second = study.ask(how_many_orders), open_study(study.folder).ask(how_many_orders)
    assert first == second
    assert len(ASKED) == 1
    prepare(dataset, seed=2).ask(how_many_orders)
    assert len(ASKED) == 2


def test_what_is_being_answered_is_said_in_jupyterlab_alone(dataset, monkeypatch, capsys):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    study = prepare(dataset)
    study.ask(answers.what_do_we_have)
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/notebook.ipynb")
    study.ask(answers.what_do_we_have)
    assert capsys.readouterr().out == ""  # answered before
    study.ask(answers.when_has_a_client_left)
    lines = [line.split("\r")[-1].strip() for line in capsys.readouterr().out.strip().split("\n")]
    assert lines == ["Answered: when has a client left, 0 s."]


def test_changed_data_make_another_study(dataset):
    before = prepare(dataset).folder
    with (dataset / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("k1,2024-06-01,5.00\n")
    assert prepare(dataset).folder != before


def test_codes_stand_for_clients_unless_names_are_asked_for(dataset):
    coded, named = prepare(dataset), prepare(dataset, names=True)
    assert set(coded.tables.orders["client_id"].str[:2]) == {"C-"}
    assert set(coded.lookup["client_id"]) == set(named.tables.orders["client_id"])
    assert named.lookup is None


def test_nothing_from_as_of_on_is_used(dataset):
    study = prepare(dataset, as_of="2024-01-01")
    assert study.tables.orders["order_date"].max() < pd.Timestamp("2024-01-01")
    with pytest.raises(ValueError, match="choose a later day"):
        prepare(dataset, as_of="2020-01-01")


def test_orders_alone_say_what_is_missing_and_what_cannot_be_said(dataset):
    study = prepare(dataset)
    summary = study.ask(answers.summarise)
    assert {"There is no clients table", "There is no surveys table"} <= {
        said.split(",")[0] for said in summary.cannot_say
    }
    assert any("cannot say" in sentence for sentence in summary.sentences)
    assert study.ask(answers.what_do_we_have).nps.empty
    assert any("no surveys" in said for said in study.ask(answers.who_is_at_risk).sentences)
    scenario = study.ask(answers.price_or_service)
    assert not scenario.scored
    assert scenario.break_even is None


def test_twenty_studies_are_kept(dataset):
    folders = [prepare(dataset, seed=seed).folder for seed in range(1, 24)]
    assert sum(folder.exists() for folder in folders) == 20
    assert not folders[0].exists()


def test_reduction_only_whole_months_are_drawn(dataset):
    drawn = prepare(dataset, as_of="2023-06-15").ask(answers.what_do_we_have).activity
    first = pd.read_csv(dataset / "orders.csv", parse_dates=["order_date"])["order_date"].min()
    assert drawn["month"].min() == (first if first.day == 1 else first + pd.offsets.MonthBegin())
    assert drawn["month"].max() == pd.Timestamp("2023-05-01")
    none = prepare(dataset, as_of=f"{first + pd.Timedelta(days=3):%Y-%m-%d}").ask(answers.what_do_we_have)
    assert none.activity.empty
    assert "cannot say" in none.activity_sentence
