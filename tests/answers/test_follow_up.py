"""Scores that wait for somebody, and clients whom nobody asked."""

import pandas as pd
from books_by_hand import END, orders_of, write

from churnlab.answers import prepare, tabulate_follow_up, who_waits_for_us


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
ASKED = pd.concat(
    [SURVEYS, pd.DataFrame([("k00", back(900), w, None) for w in ("quarterly", "annual")], columns=SURVEYS.columns)]
)  # and once nobody answered
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
    found, _ = waits(tmp_path / "book", surveys=ASKED, touches=TOUCHES)
    unasked = found.unasked.set_index("span")["clients"]
    assert unasked["month"] == found.active - 1  # only the poor score is so young
    assert unasked["quarter"] == unasked["year"] == found.active - 5
    assert "these have not been asked: " in found.unasked_sentence
    assert f"{unasked['year']} in the last year" in found.unasked_sentence
    assert found.unasked_caption.startswith("Active clients not asked for a month")


def test_where_answers_only_are_recorded_nobody_is_said_not_to_have_been_asked(tmp_path):
    for place, surveys in enumerate((SURVEYS, ASKED[ASKED["wave"].eq("annual") | ASKED["recommend"].notna()])):
        found, study = waits(tmp_path / f"{place}", surveys=surveys, touches=TOUCHES)
        assert "these are not known to have been asked" in found.unasked_sentence
        assert found.unasked_caption.startswith("Active clients not known to have been asked for a month")
        assert "last known to be asked on" in tabulate_follow_up.not_asked(found, study)


def test_direction_a_score_is_not_falling_from_one_long_before(tmp_path):
    for days, falls in ((500, True), (600, False)):
        old = SURVEYS.assign(survey_date=SURVEYS["survey_date"].where(SURVEYS.index != 1, back(40 + days)))
        found, _ = waits(tmp_path / f"{days}", surveys=old)
        assert (FELL in set(found.waiting["client_id"])) == falls
    assert "2 points or more below their score of the 18 months before it" in found.sentences[0]


def test_the_manager_is_the_one_of_the_last_order_else_of_the_clients_table(tmp_path):
    clients = pd.DataFrame({"client_id": active_clients(), "manager_id": "M1"})
    orders = orders_of().assign(manager_id=lambda one: one["client_id"].map({POOR: "M2"}))
    study = prepare(write(tmp_path / "handed", orders=orders, surveys=SURVEYS, clients=clients), names=True)
    found = study.ask(who_waits_for_us)
    for frame in (found.waiting, found.not_asked):
        named = frame.set_index("client_id")["manager_id"]
        assert named[FELL] == "M1"
        assert named.get(POOR, "M2") == "M2"
    assert found.waiting.set_index("client_id")["manager_id"][POOR] == "M2"


def test_property_who_was_not_asked_is_named_largest_first(tmp_path):
    """Those that nobody asked in a month are as many as are counted; who was never asked has no day."""
    found, study = waits(tmp_path / "book", surveys=ASKED, touches=TOUCHES)
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
    assert "in the last 12 months" in found.sentences[0]
    assert len(found.waiting) == 3
    found, study = waits(tmp_path / "silent", touches=TOUCHES)
    assert len(found.sentences) == 1
    assert "we cannot say" in found.sentences[0]
    assert tabulate_follow_up.waiting(found, study).empty
    assert len(found.not_asked) == found.active
    factors_only = SURVEYS.drop(columns="recommend").assign(quality=7)
    found, _ = waits(tmp_path / "factors", surveys=factors_only, touches=TOUCHES)
    assert not found.scored
    assert found.sentences[1:] == (found.unasked_sentence,)
    assert found.unasked.set_index("span").loc["year", "clients"] == found.active - 5


def test_a_client_called_like_a_formula_is_a_client(tmp_path):
    odd = {POOR: "=1+1"}
    tables = {"surveys": SURVEYS, "touches": TOUCHES}
    named = {name: frame.assign(client_id=frame["client_id"].replace(odd)) for name, frame in tables.items()}
    orders = orders_of().assign(client_id=lambda frame: frame["client_id"].replace(odd))
    study = prepare(write(tmp_path / "book", orders=orders, **named), names=True)
    assert "=1+1" in study.ask(who_waits_for_us).waiting["client_id"].tolist()
