"""Sentences of the summary: what they say follows from the numbers, and doubt is said."""

from types import SimpleNamespace

import pandas as pd
import pytest
from books_by_hand import orders_of, write

from churnlab.answers import prepare, summarise, summary_words, tabulate_calls
from churnlab.answers.called import LEAVING, SILENCE, called
from churnlab.answers.language import ENGLISH
from churnlab.answers.leaving import Leaving
from churnlab.answers.plain import plainer
from churnlab.answers.ranges import less_or_more, span
from churnlab.answers.wording import MARGIN
from churnlab.lifetime import Estimate

STUDY = SimpleNamespace(label=str)


def _first(*ends):
    rows = [(f"k{place}", (low + high) / 2, low, high) for place, (low, high) in enumerate(ends)]
    return pd.DataFrame(rows, columns=["client_id", "at_risk", "stake_low", "stake_high"])


@pytest.mark.parametrize(("second", "sure"), [((100.0, 150.0), False), ((50.0, 90.0), True)])
def test_direction_who_stands_first_is_in_doubt_where_the_ranges_overlap(second, sure):
    leaving = Leaving("90 days", 100, Estimate(0.1, 0.05, 0.2))
    few = {"active": 100, "leavers": Estimate(10, 5, 15), "horizon_months": 12, "scores_of": lambda _: None}
    risk = SimpleNamespace(leaving=leaving, speaks="own gap", **few)
    said = summary_words.headline(risk, _first((110.0, 200.0), second), MARGIN, STUDY, ENGLISH)
    assert ("which of the first two stands first is not sure" not in said) == sure
    assert "k0 (155, 110 to 200)" in said


@pytest.mark.parametrize(("back", "words"), [(0.1, LEAVING), (0.3, SILENCE), (0.7, SILENCE)])
def test_direction_where_many_came_back_nothing_is_called_leaving(back, words):
    assert called(Leaving("90 days", 100, Estimate(back, back - 0.05, back + 0.05))) is words


def test_reference_ranges_have_no_signs_and_one_unit():
    assert less_or_more(-12.2e6, -1.68e6) == "1.68 to 12.2 million less"
    assert less_or_more(1.68e6, 12.2e6) == "1.68 to 12.2 million more"
    assert less_or_more(-13.7e6, 2.58e6) == "from 13.7 million less to 2.58 million more"
    assert span(900.0, 1.2e6) == "900 to 1.20 million"


def test_reasons_that_are_no_scores_stay_as_they_are():
    assert plainer("") == ""
    assert plainer("a long silence; a low price score") == "a long silence; rated us low on price"


def test_property_tables_hold_the_clients_of_the_list_and_the_riskiest(tmp_path):
    study = prepare(write(tmp_path / "book", orders=orders_of(150)))
    summary = study.ask(summarise)
    assert summary.riskiest["risk"].is_monotonic_decreasing
    assert summary.riskiest["risk"].iloc[0] >= summary.calls["risk"].max()
    table = tabulate_calls.first_calls(summary, study.label)
    assert table["client"].tolist() == [study.label(client) for client in summary.calls["client_id"]]
    assert table.columns[5].startswith(f"{summary.kind['kind']} at risk")
    assert len(tabulate_calls.riskiest(summary, study.label)) == len(summary.riskiest)
    assert set(summary.pictures) >= {"risk"}
    assert all(picture.alt.endswith(".") and picture.caption for picture in summary.pictures.values())
