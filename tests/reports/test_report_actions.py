"""The workbook of what is to be done: sheets that a manager can filter, numbers that are numbers, the same bytes."""

from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from churnlab import answers
from churnlab.answers import deals
from churnlab.answers.actions import Field, Sheet
from churnlab.answers.actions_frames import deal_sheet
from churnlab.lifetime import Estimate
from churnlab.reports.workbook import write_actions
from churnlab.winback import IMPLICIT, deal

DAY = pd.Timestamp("2026-01-01")


@pytest.fixture
def sheets() -> tuple[Sheet, ...]:
    fields = tuple(Field(kind, kind, f"a {kind}") for kind in ("text", "day", "money", "share", "whole", "figure"))
    rows = [("=1+1", DAY, 1234.5, 0.125, 3, 0.5), ("long " * 9000, pd.NaT, None, float("inf"), None, None)]
    frame = pd.DataFrame(rows, columns=[field.title for field in fields])
    return (
        Sheet("Calls", "Whom to call.", fields, frame, ""),
        Sheet("Key clients", "Who is key.", fields, frame.iloc[:0], "Nobody is key."),
    )


def test_kinds_are_written_as_what_they_are(sheets, tmp_path):
    write_actions(tmp_path / "actions.xlsx", sheets, about=("of this",))
    book = openpyxl.load_workbook(tmp_path / "actions.xlsx")
    assert book.sheetnames == ["Read me", "Calls", "Key clients"]
    page = book["Calls"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:F3")
    first, second = (list(row) for row in page.iter_rows(min_row=2))
    assert [cell.data_type for cell in first] == ["s", "d", "n", "n", "n", "n"]
    assert [cell.value for cell in first] == ["=1+1", DAY.to_pydatetime(), 1234.5, 0.125, 3, 0.5]
    assert [cell.number_format for cell in first] == ["@", "yyyy-mm-dd", "#,##0", "0.0%", "#,##0", "0.00"]
    assert len(second[0].value) == 32_767
    assert [cell.value for cell in second[1:]] == [None] * 5
    assert [cell.value for cell in book["Key clients"][2]] == ["Nobody is key.", None, None, None, None, None]
    told = [[cell.value for cell in row] for row in book["Read me"].iter_rows()]
    assert told[0][0] == "of this"
    assert told[-2:] == [["Calls", 2, "Whom to call.", None], ["Key clients", 0, "Who is key.", "Nobody is key."]]


def test_property_writing_twice_gives_the_same_bytes(sheets, tmp_path):
    for name in ("a", "b"):
        write_actions(tmp_path / f"{name}.xlsx", sheets, about=())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_reduction_the_deal_sheet_adds_up():
    """An offer of 3 % less, implicit costs of 4 %: 97 + 4 = 101 by 100 of our price; service is worth 4 more."""
    found = SimpleNamespace(deals=(deal(0.03),), costs=IMPLICIT, depth=Estimate(0.03, 0.01, 0.05))
    frame = deal_sheet(found).set_index("item")
    costs = frame.loc[[cost.name for cost in IMPLICIT]]
    assert frame.loc["all together", "theirs"] == pytest.approx(97 + costs["theirs"].sum()) == pytest.approx(101)
    assert frame.loc["all together", ["low", "high"]].tolist() == pytest.approx(
        [frame.loc[["price", *costs.index], end].sum() for end in ("low", "high")]
    )
    assert frame.loc["premium that service is worth", "theirs"] == pytest.approx(4)
    swings = costs["total_high"] - costs["total_low"]
    assert swings.tolist() == pytest.approx((costs["high"] - costs["low"]).tolist())


@pytest.mark.xdist_group("sample")
def test_the_sample_gets_every_sheet_and_every_column_is_explained():
    study = answers.open_study("data/sample")
    found = answers.action_sheets(study)
    names = [sheet.name for sheet in found]
    assert names == [
        "Calls", "Key clients", "Win-back", "SWOT", "Call sheet", "Deal sheet", "Surveys to send", "Promoters to ask",
        "Findings", "Data dictionary",
    ]  # fmt: skip
    for sheet in found:
        assert len(sheet.frame.columns) == len(sheet.fields)
        assert len(sheet.frame) or sheet.empty
        assert sheet.says
    told = found[-1].frame
    assert {(sheet.name, field.title) for sheet in found[:-1] for field in sheet.fields} <= set(
        zip(told["where"], told["column"], strict=True)
    )
    calls = found[0].frame
    assert len(calls) == len(study.ask(answers.whom_to_call).chosen)
    assert (calls["risk_low"] <= calls["risk"]).all()
    sheet = study.ask(answers.what_each_will_order).clients
    assert (found[4].frame["silent"] == "silent past the limit").tolist() == sheet["silent"].tolist()
    assert len(found[2].frame) == len(study.ask(deals.what_is_an_offer_worth).asked)


@pytest.mark.xdist_group("sample")
def test_surveys_go_to_those_who_are_here_and_neither_answered_nor_were_asked_lately():
    study = answers.open_study("data/sample")
    frame = answers.surveys_to_send(study)
    lives = study.lives().frame.drop_duplicates("client_id", keep="last").set_index("client_id")
    assert lives.loc[frame["client_id"], "left_on"].isna().all()
    sent = study.tables.surveys
    lately = sent.loc[sent["survey_date"] > study.as_of - pd.Timedelta(days=90), "client_id"]
    assert not set(frame["client_id"]) & set(lately)
    assert set(frame.loc[frame["last_asked"].isna(), "why"]) <= {"never asked"}
    asked = set(sent["client_id"])
    assert set(frame["client_id"]) >= set(lives.index[lives["left_on"].isna()]) - asked
