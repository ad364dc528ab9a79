"""Answers before and after what was changed."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, tabulate_follow_up, what_was_mended
from churnlab.surveys import before_after

CHANGED = END - pd.Timedelta(days=500)


def surveys_of(*, step: float, clients: int = 60, seed: int = 5) -> pd.DataFrame:
    """Quarterly answers over three years; timing rises by a step on the day of the change, for odd clients alone."""
    rng, rows = np.random.default_rng(seed), []
    level = rng.normal(7, 1, clients)
    for back in range(1000, 0, -91):
        when = END - pd.Timedelta(days=back)
        for number in range(clients):
            raised = step * (when >= CHANGED) * (number % 2)
            scores = level[number] + rng.normal(0, 0.8, 2) + [0, raised]
            rows.append((f"k{number:02d}", when, "quarterly", *np.clip(np.round(scores), 0, 10)))
    return pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "recommend", "timing"])


def orders_by_line() -> pd.DataFrame:
    """Odd clients buy boards, even ones houses."""
    orders = orders_of()
    odd = orders["client_id"].str[1:].astype(int) % 2 == 1
    return orders.assign(product_line=np.where(odd, "boards", "houses"))


def mended(folder, surveys, changes):
    tables = {"orders": orders_by_line(), "surveys": surveys, "changes": changes}
    return prepare(write(folder, **{name: frame for name, frame in tables.items() if frame is not None})).ask(
        what_was_mended
    )


def changes_of(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"what": ["a new routine"], "date": [CHANGED], **{name: [one] for name, one in columns.items()}}
    )


@pytest.mark.parametrize(("step", "verdict"), [(2.0, "higher after"), (-2.0, "lower after")])
def test_direction_what_rises_after_a_change_is_told(tmp_path, step, verdict):
    found = mended(tmp_path / "book", surveys_of(step=step), changes_of(factor="timing"))
    row = found.changes.iloc[0]
    assert row["verdict"] == verdict
    assert row["clients"] == 60
    assert "answers on timing of the same clients were" in found.sentences[0]
    assert "After is not because" in found.sentences[-1]


def test_reduction_the_figures_are_those_of_the_survey_function(tmp_path):
    surveys = surveys_of(step=1.0)
    row = mended(tmp_path / "book", surveys, changes_of(factor="timing")).changes.iloc[0]
    day = (surveys["survey_date"] - CHANGED).dt.days
    found = before_after(surveys["timing"], day, 0, surveys["client_id"], window=365).concerned
    np.testing.assert_allclose(row[["difference", "low", "high"]].astype(float), [found.value, found.low, found.high])


def test_direction_clients_of_the_line_are_set_against_the_others(tmp_path):
    """Odd clients, who buy boards, rise by two points; nobody else does."""
    found = mended(tmp_path / "boards", surveys_of(step=2.0), changes_of(factor="timing", product_line="boards"))
    row = found.changes.iloc[0]
    assert row["against_others"]
    assert row["low"] < 2 < row["high"] + 0.5
    assert "more than those of other clients" in found.sentences[0]
    turned = mended(tmp_path / "houses", surveys_of(step=2.0), changes_of(factor="timing", product_line="houses"))
    assert turned.changes["high"].iloc[0] < 0


def test_what_moved_nothing_cannot_be_told(tmp_path):
    found = mended(tmp_path / "book", surveys_of(step=0.0), changes_of())
    assert found.changes["verdict"].tolist() == ["cannot tell"]
    assert "recommendation of the same clients" in found.sentences[0]
    assert "we cannot tell" in found.sentences[0]


def test_what_is_missing_is_said(tmp_path):
    surveys = surveys_of(step=0.0)
    none = mended(tmp_path / "none", surveys, None)
    assert "none is noted in a table `changes`" in none.sentences[0]
    assert "there are no surveys" in mended(tmp_path / "silent", None, changes_of()).sentences[0]
    unrated = mended(tmp_path / "unrated", surveys, changes_of(factor="=1+1"))
    assert "the surveys hold no scores of =1+1" in unrated.sentences[0]
    text = mended(tmp_path / "text", surveys, changes_of(factor="wave"))
    assert "the surveys hold no scores of wave" in text.sentences[0]
    few = mended(tmp_path / "few", surveys_of(step=0.0, clients=6), changes_of(factor="timing", product_line="mugs"))
    assert "too few of clients of mugs" in few.sentences[0]
    assert few.track.empty
    for found in (none, unrated, text, few):
        assert all("nan" not in sentence for sentence in found.sentences)
        assert len(tabulate_follow_up.changes(found)) == len(found.changes)


def test_a_change_on_or_after_the_day_of_the_study_is_not_known(tmp_path):
    later = changes_of().assign(date=END + pd.Timedelta(days=3))
    assert not mended(tmp_path / "book", surveys_of(step=0.0), later).recorded


def test_the_chart_draws_what_it_is_given(tmp_path):
    found = mended(tmp_path / "book", surveys_of(step=1.0), changes_of(factor="timing", product_line="=1+1 $x$"))
    ax = plots.answers_over_time(plots.blank_axes(), found.track, found.changes)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), found.track["mean"])
    assert ax.texts[0].get_text() == "a new routine"
