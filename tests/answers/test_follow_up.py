"""Scores that wait for somebody, and clients whom nobody asked."""

import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab.answers import prepare, tabulate_follow_up, who_waits_for_us


@pytest.fixture(autouse=True)
def use_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))


def back(days: int) -> pd.Timestamp:
    return END - pd.Timedelta(days=days)


def active_clients() -> list[str]:
    """Clients who bought within the last three weeks."""
    orders = orders_of()
    last = orders.groupby("client_id")["order_date"].max()
    return last.index[last >= back(21)].tolist()[:6]


POOR, FELL, STEADY, HEARD, OLD, OTHER = active_clients()
ROWS = [
    (POOR, back(30), "quarterly", 4),
    (FELL, back(120), "quarterly", 10),
    (FELL, back(40), "quarterly", 8),
    (STEADY, back(120), "quarterly", 10),
    (STEADY, back(40), "quarterly", 9),
    (HEARD, back(50), "quarterly", 2),
    (OLD, back(500), "annual", 1),
    (OTHER, back(120), "annual", 10),
    (OTHER, back(40), "quarterly", 7),
]
SURVEYS = pd.DataFrame(ROWS, columns=["client_id", "survey_date", "wave", "recommend"])
TOUCHES = pd.DataFrame(
    [(HEARD, back(50), "call"), (POOR, back(31), "visit"), (POOR, back(3), "greeting")],
    columns=["client_id", "date", "kind"],
)


def waits(folder, **tables):
    study = prepare(write(folder, orders=orders_of(), **tables), names=True)
    return study.ask(who_waits_for_us), study


def test_reduction_poor_and_falling_scores_wait_until_somebody_calls(tmp_path):
    """A greeting is no follow-up, a call of the same day is; waves are not compared with one another."""
    found, study = waits(tmp_path / "book", surveys=SURVEYS, touches=TOUCHES)
    assert dict(zip(found.waiting["client_id"], found.waiting["why"], strict=True)) == {
        POOR: "detractor",
        FELL: "falling",
    }
    assert (found.low, found.falling) == (2, 1)
    assert found.waiting["amount"].is_monotonic_decreasing
    assert found.waiting.set_index("client_id")["days"].to_dict() == {POOR: 30, FELL: 40}
    assert "2 of them have had no call and no visit since" in found.sentences[0]
    assert len(tabulate_follow_up.waiting(found, study)) == 2


def test_reduction_who_has_not_been_asked_is_counted_over_active_clients(tmp_path):
    found, _ = waits(tmp_path / "book", surveys=SURVEYS, touches=TOUCHES)
    unasked = found.unasked.set_index("span")["clients"]
    assert unasked["month"] == found.active - 1  # only the poor score is so young
    assert unasked["quarter"] == unasked["year"] == found.active - 5
    assert f"{unasked['year']} in the last year" in found.unasked_sentence


def test_what_is_missing_is_said(tmp_path):
    found, _ = waits(tmp_path / "touchless", surveys=SURVEYS)
    assert "touches are not recorded" in found.sentences[0]
    assert len(found.waiting) == 3
    found, study = waits(tmp_path / "silent", touches=TOUCHES)
    assert "we cannot say" in found.sentences[0]
    assert tabulate_follow_up.waiting(found, study).empty


def test_a_client_called_like_a_formula_is_a_client(tmp_path):
    odd = {POOR: "=1+1"}
    tables = {"surveys": SURVEYS, "touches": TOUCHES}
    named = {name: frame.assign(client_id=frame["client_id"].replace(odd)) for name, frame in tables.items()}
    orders = orders_of().assign(client_id=lambda frame: frame["client_id"].replace(odd))
    study = prepare(write(tmp_path / "book", orders=orders, **named), names=True)
    assert "=1+1" in study.ask(who_waits_for_us).waiting["client_id"].tolist()
