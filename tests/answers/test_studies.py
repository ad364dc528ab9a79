"""Studies: what they hold, when two are the same, and what follows for the answers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnlab.answers import (
    QUESTIONS,
    how_long_do_clients_stay,
    open_study,
    prepare,
    summarise,
    what_do_we_have,
    who_is_at_risk,
)
from churnlab.tables import DataError


def write(folder: Path, *, clients: int = 40, seed: int = 4) -> Path:
    """Write three years of about monthly orders, surveys, and names that need care."""
    rng, start = np.random.default_rng(seed), pd.Timestamp("2021-02-01")
    orders, surveys = [], []
    for number in range(clients):
        end = min(1095, rng.exponential(1200))
        days = np.cumsum(rng.gamma(4, 7.5, 45)) - rng.uniform(0, 30)
        days = days[(days >= 0) & (days < max(end, 40))].astype(int)
        orders += [(f"k{number:02d}", start + pd.Timedelta(days=int(day)), int(rng.integers(50, 500))) for day in days]
        surveys += [
            (f"k{number:02d}", start + pd.Timedelta(days=day), "quarterly", int(rng.integers(3, 11)))
            for day in range(30, int(max(end, 40)), 91)
        ]
    folder.mkdir()
    pd.DataFrame(orders, columns=["client_id", "order_date", "amount"]).to_csv(folder / "orders.csv", index=False)
    columns = ["client_id", "survey_date", "wave", "recommend"]
    pd.DataFrame(surveys, columns=columns).to_csv(folder / "surveys.csv", index=False)
    names = {
        "client_id": [f"k{number:02d}" for number in range(clients)],
        "name": [f"Firm {n}" for n in range(clients)],
    }
    pd.DataFrame(names).to_csv(folder / "clients.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("data") / "plant")


def test_a_prepared_study_opens_as_it_was_prepared(data):
    study = prepare(data, as_of="2023-06-01", seed=3)
    again = open_study(study.folder, as_of="2020-01-01", seed=9)  # a study keeps its own day and seed
    assert (again.folder, again.as_of, again.seed, again.rule) == (study.folder, study.as_of, 3, study.rule)
    pd.testing.assert_frame_equal(again.lookup, study.lookup)
    for name in ("orders", "clients", "surveys", "finding_counts", "reconciliation"):
        pd.testing.assert_frame_equal(getattr(again.tables, name), getattr(study.tables, name))
    assert again.tables.fingerprint == study.tables.fingerprint
    assert again.tables.findings == study.tables.findings
    assert open_study(data, as_of="2023-06-01", seed=3).folder == study.folder


def test_seed_day_and_names_each_make_a_study_of_their_own(data):
    choices = ({}, {"seed": 2}, {"as_of": "2023-06-01"}, {"names": True})
    folders = {prepare(data, **choice).folder for choice in choices}
    assert len(folders) == 4
    assert prepare(data).folder in folders


def test_as_of_cuts_orders_and_surveys_and_defaults_to_the_day_after_the_last_order(data):
    whole, past = prepare(data), prepare(data, as_of="2022-07-01")
    assert whole.as_of == whole.tables.orders["order_date"].max() + pd.Timedelta(days=1)
    day = pd.Timestamp("2022-07-01")
    assert past.tables.orders["order_date"].max() < day
    assert past.tables.surveys["survey_date"].max() < day
    expected = (whole.tables.orders["order_date"] < day).sum()
    assert len(past.tables.orders) == expected < len(whole.tables.orders)
    assert past.tables.orders["client_id"].isin(whole.tables.orders["client_id"]).all()


def test_a_day_before_all_orders_and_a_folder_without_orders_are_errors(data, tmp_path):
    with pytest.raises(ValueError, match=r"before 2019-01-01.*choose a later day"):
        prepare(data, as_of="2019-01-01")
    with pytest.raises(DataError):
        prepare(tmp_path)


def test_names_are_shown_only_where_asked_for(data):
    coded, named = prepare(data), prepare(data, names=True)
    first = coded.lookup.iloc[0]
    assert coded.label(first["code"]) == first["code"]
    assert named.label(first["client_id"]) == first["name"]
    assert named.label("nobody") == "nobody"
    assert "name" not in coded.tables.clients


def test_property_answers_come_back_equal_from_the_cache_and_without_it(data):
    study = prepare(data)
    for question in (what_do_we_have, how_long_do_clients_stay):
        assert study.ask(question).sentences == question(study).sentences == study.ask(question).sentences


def test_property_what_happens_later_changes_no_answer_of_an_earlier_day(data, tmp_path):
    day = pd.Timestamp("2023-03-01")
    other = tmp_path / "other"
    other.mkdir()
    for name, column in (("orders", "order_date"), ("surveys", "survey_date")):
        frame = pd.read_csv(data / f"{name}.csv", parse_dates=[column])
        frame[frame[column] < day].to_csv(other / f"{name}.csv", index=False)
    (other / "clients.csv").write_bytes((data / "clients.csv").read_bytes())
    then, now = prepare(other, as_of="2023-03-01"), prepare(data, as_of="2023-03-01")
    assert then.folder != now.folder
    for question in (what_do_we_have, how_long_do_clients_stay):
        assert then.ask(question).sentences == now.ask(question).sentences
    pd.testing.assert_frame_equal(then.ask(who_is_at_risk).clients, now.ask(who_is_at_risk).clients)


def test_lines_that_nobody_named_yet_are_no_error(data, tmp_path):
    """Reduction: a column of lines without a value before the day is as good as none."""
    orders = pd.read_csv(data / "orders.csv")
    found = []
    for name, frame in (("none", orders.drop(columns="product_line", errors="ignore")), ("later", orders)):
        (tmp_path / name).mkdir()
        late = frame.assign(product_line=["boards" if day >= "2024-01-01" else "" for day in frame["order_date"]])
        (late if name == "later" else frame).to_csv(tmp_path / name / "orders.csv", index=False)
        found.append(prepare(tmp_path / name, as_of="2023-01-01").ask(how_long_do_clients_stay))
    assert found[0].overall.headline == found[1].overall.headline
    assert found[0].lines == found[1].lines == ()


def test_orders_alone_are_answered_as_far_as_they_go(data, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "orders.csv").write_bytes((data / "orders.csv").read_bytes())
    study = prepare(alone)
    summary = summarise(study)
    assert all(study.ask(question).sentences for question in QUESTIONS)
    said = " ".join(summary.cannot_say)
    assert "There is no clients table" in said
    assert "There is no surveys table" in said
    assert any("cannot say" in sentence for sentence in summary.sentences)
    assert summary.headline
    assert len(summary.figures) == 4
    assert all("nan" not in f"{figure.value}{figure.note}" for figure in summary.figures)
    assert {"risk", "backtest", "lifetime", "nps", "scenarios"} <= set(summary.results)


def test_a_handful_of_orders_is_no_error(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "orders.csv").write_text("client_id,order_date,amount\na,2024-01-05,10\n", encoding="utf-8")
    summary = summarise(prepare(folder))
    assert sum("cannot say" in sentence for sentence in (*summary.sentences, *summary.cannot_say)) >= 3
    assert all("nan" not in sentence.lower().split() for sentence in summary.sentences)
