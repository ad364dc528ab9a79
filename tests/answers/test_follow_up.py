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


def test_property_who_was_not_asked_is_named_largest_first(tmp_path):
    """Those that nobody asked in a month are as many as are counted; who was never asked has no day."""
    found, study = waits(tmp_path / "book", surveys=SURVEYS, touches=TOUCHES)
    assert len(found.not_asked) == found.unasked.set_index("span").loc["month", "clients"]
    assert POOR not in set(found.not_asked["client_id"])
    assert found.not_asked["amount"].is_monotonic_decreasing
    asked_on = found.not_asked.set_index("client_id")["asked_on"]
    assert (asked_on[FELL], asked_on.isna().sum()) == (back(40), found.active - 6)
    table = tabulate_follow_up.not_asked(found, study).set_index("client")["last asked on"]
    assert (table == "never").sum() == asked_on[:15].isna().sum()


def test_direction_the_call_in_which_a_score_was_given_is_no_follow_up(tmp_path):
    by_web, _ = waits(tmp_path / "web", surveys=SURVEYS.assign(mode="web"), touches=TOUCHES)
    by_phone, _ = waits(tmp_path / "phone", surveys=SURVEYS.assign(mode="phone"), touches=TOUCHES)
    assert set(by_phone.waiting["client_id"]) - set(by_web.waiting["client_id"]) == {HEARD}


def test_what_is_missing_is_said(tmp_path):
    found, _ = waits(tmp_path / "touchless", surveys=SURVEYS)
    assert "touches are not recorded" in found.sentences[0]
    assert len(found.waiting) == 3
    found, study = waits(tmp_path / "silent", touches=TOUCHES)
    assert "we cannot say" in found.sentences[0]
    assert tabulate_follow_up.waiting(found, study).empty
    assert len(found.not_asked) == found.active
    factors_only = SURVEYS.drop(columns="recommend").assign(quality=7)
    found, _ = waits(tmp_path / "factors", surveys=factors_only, touches=TOUCHES)
    assert not found.scored
    assert found.unasked.set_index("span").loc["year", "clients"] == found.active - 5


def test_a_client_called_like_a_formula_is_a_client(tmp_path):
    odd = {POOR: "=1+1"}
    tables = {"surveys": SURVEYS, "touches": TOUCHES}
    named = {name: frame.assign(client_id=frame["client_id"].replace(odd)) for name, frame in tables.items()}
    orders = orders_of().assign(client_id=lambda frame: frame["client_id"].replace(odd))
    study = prepare(write(tmp_path / "book", orders=orders, **named), names=True)
    assert "=1+1" in study.ask(who_waits_for_us).waiting["client_id"].tolist()
