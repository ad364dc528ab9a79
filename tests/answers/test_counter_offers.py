"""What was offered: read from words in three languages, followed for two years, and never told from too few."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import write
from test_winback import lost_book

from churnlab.answers import prepare, tabulate_winback
from churnlab.answers.counter_offers import CHOSEN, KINDS, difference, keep_offers, kinds, what_came_of_offers
from churnlab.answers.shares import share


def book(folder, *, discount: int, other: int, each: int = 30, offers=("a 5 % discount", "delivery on the day")):
    tables = lost_book(back_over_price=discount, back_over_service=other, each=each)
    offered = np.where(tables["losses"]["reason"] == "price", *offers)
    return write(folder, **{**tables, "losses": tables["losses"].assign(counter_offer=offered)})


def test_reference_offers_are_read_in_english_finnish_and_russian():
    words = ["Discount", "5 % off", "Hinnanalennus", "скидка 3", "снижение цены", "центр обслуживания", "kuljetus", " "]
    cheaper = ["a discount"] * 5
    assert kinds(pd.Series(words)).tolist() == [*cheaper, "something else", "something else", "not noted"]
    assert kinds(pd.Series(["None", "-", "ei", "нет", np.nan])).tolist() == [*["none"] * 4, "not noted"]
    assert kinds(pd.Series(["bonus goods"]), discount=["bonus"]).tolist() == ["a discount"]
    assert set(kinds(pd.Series(words))) <= set(KINDS)


def test_reference_returns_are_counted_by_what_was_offered(tmp_path):
    found = what_came_of_offers(prepare(book(tmp_path / "b", discount=3, other=24), names=True))
    rows = found.returns.set_index("offer")
    assert rows.loc["a discount", ["n", "returned"]].tolist() == [30, 3]
    assert rows.loc["something else", ["n", "returned"]].tolist() == [30, 24]
    wilson = share(24, 30)
    assert (rows.loc["something else", "low"], rows.loc["something else", "high"]) == (wilson.low, wilson.high)
    assert "more often" in found.difference_sentence
    assert found.sentences[-1] == CHOSEN
    assert tabulate_winback.offers(found).iloc[0].tolist() == ["none", "0", "0", "\N{EN DASH}"]


def test_direction_where_offers_did_not_differ_it_cannot_be_told(tmp_path):
    found = what_came_of_offers(prepare(book(tmp_path / "b", discount=12, other=11), names=True))
    assert "we cannot tell" in found.difference_sentence


def test_two_losses_and_no_losses_are_never_compared(tmp_path):
    few = what_came_of_offers(prepare(book(tmp_path / "two", discount=1, other=0, each=1), names=True))
    assert "we cannot tell" in few.difference_sentence
    orders = lost_book(back_over_price=3, back_over_service=3)["orders"]
    none = what_came_of_offers(prepare(write(tmp_path / "none", orders=orders)))
    assert not none.read
    assert "we cannot say" in none.sentences[0]


def test_reduction_pages_with_codes_count_the_same_and_keep_no_words(tmp_path):
    folder = book(tmp_path / "b", discount=3, other=24, offers=("discount for the widow", "a visit"))
    study = prepare(folder)
    assert not what_came_of_offers(study).read
    keep_offers(study, folder)
    pd.testing.assert_frame_equal(
        what_came_of_offers(study).returns, what_came_of_offers(prepare(folder, names=True)).returns
    )
    kept = pd.read_parquet(study.folder / "offers_made.parquet")
    assert set(kept["offer"]) == {"a discount", "something else"}
    assert kept["client_id"].str.startswith("C-").all()


def test_property_the_difference_turns_around_and_its_interval_with_it():
    first, second = share(5, 20), share(11, 30)
    one, other = difference(first, second), difference(second, first)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
