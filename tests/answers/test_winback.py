"""Who left, why as far as it was noted, who came back, and what an offer is worth."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, tabulate_winback, what_is_an_offer_worth, who_can_be_won_back
from churnlab.answers.actions_frames import deal_sheet, swing_sentence
from churnlab.answers.deals import ARGUMENTS
from churnlab.answers.losses import OTHER, lost_clients, with_reasons
from churnlab.answers.winback import EVERYBODY
from churnlab.tables.contract import CONTRACT

PAUSE = 300
LEFT = 1500


def lost_book(*, back_over_price: int, back_over_service: int, each: int = 30) -> dict[str, pd.DataFrame]:
    """Sixty clients that order every ten days until one day and are lost over price or service; some come back."""
    start, rows, noted = END - pd.Timedelta(days=LEFT + 400), [], []
    for place, (reason, back) in enumerate((("price", back_over_price), ("quality", back_over_service))):
        for number in range(each):
            name, days = f"{reason}{number:02d}", list(range(0, 401, 10))
            days += list(range(400 + PAUSE, LEFT + 400, 10)) if number < back else []
            rows += [(name, start + pd.Timedelta(days=day), 100.0 + place) for day in days]
            noted.append((name, start + pd.Timedelta(days=430), reason))
    rows += [(f"s{number}", start + pd.Timedelta(days=day), 1.0) for number in range(9) for day in range(0, 1900, 10)]
    return {
        "orders": pd.DataFrame(rows, columns=["client_id", "order_date", "amount"]),
        "losses": pd.DataFrame(noted, columns=["client_id", "date", "reason"]),
    }


def ask(folder, **tables):
    return prepare(write(folder, **tables)).ask(who_can_be_won_back)


@pytest.fixture
def found(tmp_path):
    return ask(tmp_path / "book", **lost_book(back_over_price=24, back_over_service=3))


def test_reduction_reasons_and_returns_are_counted_by_group(found):
    assert found.reasons.set_index("reason")["n"].to_dict() == {"price": 30, "service": 30}
    back = found.returns[found.returns["within_months"] == 24].set_index("reason")
    assert back.loc[EVERYBODY, "share"] == pytest.approx(27 / 60)
    assert back.loc["price", "share"] == pytest.approx(0.8)
    assert back.loc["service", "share"] == pytest.approx(0.1)
    assert (back["low"] < back["share"]).all()
    assert back.loc["price", "returned"] == 24
    assert found.curve.survival[-1] == pytest.approx(33 / 60)


def test_reference_accounts_that_close_compete_with_returns(tmp_path):
    """Of those lost over service ten closed soon after: the others' chance stays what it is, of all sixty."""
    tables = lost_book(back_over_price=24, back_over_service=3)
    closed = [f"quality{number:02d}" for number in range(20, 30)]
    day = END - pd.Timedelta(days=LEFT - 60)
    clients = pd.DataFrame({"client_id": closed, "closed_date": day})
    back = ask(tmp_path / "closed", clients=clients, **tables).returns
    row = back[(back["within_months"] == 24) & (back["reason"] == "service")].iloc[0]
    assert row["share"] == pytest.approx(0.1)  # 3 of 30: closing does not take clients out of the count


def test_closed_accounts_are_not_to_be_asked_back_whatever_was_coded(tmp_path):
    tables = lost_book(back_over_price=24, back_over_service=3)
    day = END - pd.Timedelta(days=LEFT - 60)
    clients = pd.DataFrame({"client_id": ["quality20", "quality00"], "closed_date": [day, day]})
    folder = write(tmp_path / "closed", clients=clients, **tables)
    deals = prepare(folder, names=True).ask(what_is_an_offer_worth)
    closed = deals.asked[deals.asked["ask"] == "no: closed"]
    assert closed["client_id"].tolist() == ["quality20"]  # the other came back after all
    assert "no: closed 1" in deals.ask_sentence


def test_direction_reasons_that_differ_are_told_and_those_that_do_not_are_not(found, tmp_path):
    assert found.test.matters
    assert "The reason goes with coming back" in found.test_sentence
    alike = ask(tmp_path / "alike", **lost_book(back_over_price=12, back_over_service=11))
    assert not alike.test.matters
    assert "we cannot tell" in alike.test_sentence
    assert "of made-up books" in alike.test_sentence  # its power is said


def test_two_losses_give_no_model(tmp_path):
    tables = lost_book(back_over_price=1, back_over_service=0, each=1)
    few = ask(tmp_path / "two", **tables)
    assert not few.test.tested
    assert "bear no comparison" in few.test_sentence
    assert few.returns["share"].isna().all()
    assert "we cannot say" in few.return_sentence
    assert len(few.lost) == 1


def test_whom_to_ask_first_is_who_is_away_by_what_they_bought(found):
    assert len(found.lost) == 33
    assert found.lost["amount"].is_monotonic_decreasing
    assert found.lost["coded"].iloc[0] == "quality"  # 101 an order against 100
    assert found.lost["amount"].iloc[0] == pytest.approx(37 * 101.0)
    assert found.lost["margin"].isna().all()


def test_a_note_of_another_year_is_not_taken_for_the_reason(tmp_path):
    tables = lost_book(back_over_price=10, back_over_service=10)
    late = tables["losses"].assign(date=tables["losses"]["date"] + pd.Timedelta(days=400))
    found = ask(tmp_path / "late", orders=tables["orders"], losses=late)
    assert found.reasons["reason"].tolist() == [OTHER]
    assert "we cannot" in found.reason_sentence


def test_reference_a_note_tells_of_its_nearest_departure_only():
    """A pause, then a loss, noted ten days later: the pause has no reason, though the note lies within a year."""
    days = pd.to_datetime(["2020-01-01", "2020-09-01", "2020-09-11"])
    lost = pd.DataFrame({"client_id": ["a", "a", "b"], "left_on": days, "back": [True, False, False]})
    noted = pd.DataFrame({"client_id": ["a", "a"], "date": days[1:] + pd.Timedelta(days=10), "reason": "price"})
    assert with_reasons(lost, noted)["coded"].tolist() == ["", "price", ""]
    halfway = pd.DataFrame({"client_id": ["a"], "date": [pd.Timestamp("2020-05-02")], "reason": ["quality"]})
    assert with_reasons(lost, halfway)["coded"].tolist() == ["quality", "", ""]  # 122 days from both: the earlier


def test_a_loss_that_is_noted_before_the_silence_reached_its_limit_counts(tmp_path):
    tables = lost_book(back_over_price=10, back_over_service=10)
    day = END - pd.Timedelta(days=12)
    losses = pd.concat([tables["losses"], pd.DataFrame({"client_id": ["s3"], "date": [day], "reason": ["price"]})])
    before = tables["orders"][(tables["orders"]["client_id"] != "s3") | (tables["orders"]["order_date"] < day)]
    study = prepare(write(tmp_path / "soon", orders=before, losses=losses), names=True)
    noted = lost_clients(study).set_index("client_id").loc["s3"]
    assert noted["coded"] == "price"
    assert not noted["back"]


def test_a_noted_loss_that_came_back_before_its_limit_counts_and_orders_that_went_on_do_not(tmp_path):
    """One orders again after two thirds of its limit, another the next time it usually would: that one was not lost."""
    tables = lost_book(back_over_price=10, back_over_service=10)
    limit = int(prepare(write(tmp_path / "all", **tables)).lives().frame["limit_days"].min())
    orders, rows = tables["orders"], []
    for name, away in (("s3", 2 * limit // 3), ("s4", 0)):
        own = orders[orders["client_id"] == name]["order_date"]
        last = own.iloc[60]
        orders = orders[
            (orders["client_id"] != name)
            | (orders["order_date"] <= last)
            | (orders["order_date"] > last + pd.Timedelta(days=away))
        ]
        rows.append((name, last + pd.Timedelta(days=1), "price"))
    losses = pd.concat([tables["losses"], pd.DataFrame(rows, columns=["client_id", "date", "reason"])])
    found = lost_clients(prepare(write(tmp_path / "early", orders=orders, losses=losses), names=True)).set_index(
        "client_id"
    )
    assert "s4" not in found.index
    assert found.loc["s3", ["coded", "back"]].tolist() == ["price", True]
    assert 10 < limit / 2 < (found.loc["s3", "returned_on"] - found.loc["s3", "left_on"]).days < limit


def test_reduction_returns_are_counted_from_the_day_on_which_each_counts_as_lost(tmp_path):
    tables = lost_book(back_over_price=24, back_over_service=3)
    found = lost_clients(prepare(write(tmp_path / "book", **tables)))
    since = (found["returned_on"].fillna(found["left_on"] + pd.Timedelta(days=LEFT)) - found["known_on"]).dt.days
    assert (found["watched"] == np.ceil(since.clip(lower=1) / (365.25 / 12))).all()
    assert (found["watched"] < found["months"]).any()


def test_without_losses_the_silent_are_still_listed_and_what_is_missing_said(tmp_path):
    tables = lost_book(back_over_price=20, back_over_service=20)
    study = prepare(write(tmp_path / "orders", orders=tables["orders"]))
    found, deals = study.ask(who_can_be_won_back), study.ask(what_is_an_offer_worth)
    assert not found.coded
    assert "no losses table" in found.missing_sentences[0]
    assert "cannot tell" in found.test_sentence
    assert set(found.returns["reason"]) == {EVERYBODY}
    assert len(found.lost) == 20
    assert set(deals.asked["ask"]) == {"ask first"}
    assert "assumed" in deals.depth_sentence


def test_few_data_are_no_error(tmp_path):
    one = pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10]})
    study = prepare(write(tmp_path / "one", orders=one))
    few, deals = study.ask(who_can_be_won_back), study.ask(what_is_an_offer_worth)
    assert few.lost.empty
    assert len(few.curve.month) == 0
    assert "we cannot say" in few.return_sentence
    nine = ask(tmp_path / "b", orders=orders_of(9))
    assert all("nan" not in sentence for sentence in (*few.sentences, *deals.sentences, *nine.sentences))
    assert len(tabulate_winback.asked(deals, str)) == 0


def test_every_reason_of_the_contract_has_an_argument():
    column = next(one for one in CONTRACT["losses"].columns if one.name == "reason")
    assert set(ARGUMENTS) == set(column.choices)


def test_reference_offers_that_were_taken_speak_before_those_that_were_seen(tmp_path):
    tables = lost_book(back_over_price=5, back_over_service=5)
    day = END - pd.Timedelta(days=LEFT - 100)
    offers = pd.DataFrame({"client_id": "s1", "date": day, "depth": [0.02] * 20, "outcome": "declined"})
    taken = pd.DataFrame({"client_id": "s2", "date": day, "depth": [0.04, 0.05, 0.06, 0.07, 0.08], "outcome": "lost"})
    clients = pd.DataFrame({"client_id": ["s1", "s2"], "payment_days": [73, 73]})
    folder = write(tmp_path / "offers", offers_seen=pd.concat([offers, taken]), clients=clients, **tables)
    deals = prepare(folder, names=True).ask(what_is_an_offer_worth)
    assert (deals.seen, deals.taken, deals.depth.value) == (5, True, pytest.approx(0.06))
    terms = next(cost for cost in deals.costs if cost.name == "payment terms")
    assert terms.high == pytest.approx(0.03)  # 73 days at 15 % a year
    assert deals.deals[0].break_even.value == pytest.approx(0.06 / (0.034 + 0.015))
    assert deals.asked["argument"].str.len().min() > 10


def test_charts_draw_what_they_are_given(found, tmp_path):
    ax = plots.still_away(plots.blank_axes(), found.curve)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.r_[1, found.curve.survival])
    study = prepare(write(tmp_path / "drawn", orders=orders_of(20)))
    offers = study.ask(what_is_an_offer_worth).deals
    sheet = deal_sheet(study.ask(what_is_an_offer_worth))
    bars = plots.deal_swings(plots.blank_axes(), sheet)
    swing = (sheet["total_high"] - sheet["total_low"]).max()
    assert bars.patches[0].get_width() + bars.patches[len(sheet) - 2].get_width() == pytest.approx(swing)
    assert bars.get_yticklabels()[0].get_text() == "price"  # the widest stands on top
    assert "price moves that most" in swing_sentence(sheet)
    ax = plots.offers_left(plots.blank_axes(), offers, counted=0.3)
    least = min(offers, key=lambda one: one.discount)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [least.left(0.0).value, least.left(1.0).value])
