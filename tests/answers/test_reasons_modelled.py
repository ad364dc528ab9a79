"""Reasons noted beside reasons modelled: the strongest push, agreement against shuffles, and none of too few."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import orders_of, write
from test_winback import lost_book

from churnlab.answers import prepare, tabulate_winback
from churnlab.answers.reasons_modelled import (
    NOTHING,
    ModelledAnswer,
    _agreement,
    _before,
    _most,
    what_the_hazard_saw,
)
from churnlab.lifetime import Estimate


def losses_of(noted: list[str], seen: list[str]) -> pd.DataFrame:
    clients = [f"k{number:03d}" for number in range(len(noted))]
    return pd.DataFrame({"client_id": clients, "reason": noted, "seen": seen, "modelled": seen})


def answer_of(noted: list[str], seen: list[str]) -> ModelledAnswer:
    found = losses_of(noted, seen)
    agree, chance = _agreement(found, 1)
    return ModelledAnswer(modelled=True, losses=found, unseen=0, agree=agree, by_chance=chance)


def test_reference_the_group_that_pushes_most_is_named_and_a_faint_push_is_not():
    parts = pd.DataFrame({"price": [0.3, 0.01, -0.2], "service": [0.1, 0.04, 0.9]})
    assert _most(parts).tolist() == ["price", NOTHING, "service"]
    assert _most(parts[[]]).tolist() == [NOTHING] * 3
    assert _most(parts.iloc[:0]).tolist() == []


def test_reference_the_last_day_of_learning_up_to_the_last_order_is_looked_at():
    days = pd.to_datetime(["2020-01-31", "2020-04-30", "2020-07-31"])
    training = pd.DataFrame({"client_id": "a", "cut_off": days})
    lost = pd.DataFrame({"client_id": ["a", "b"], "left_on": [days[1], days[1]], "reason": "price", "amount": 1.0})
    assert _before(lost, training)["cut_off"].tolist() == [days[1]]


def test_reference_chance_agreement_is_that_of_the_margins():
    """Half over price; the hazard sees price in a quarter and service in half: 1/2 1/4 + 1/2 1/2 = 3/8 by chance."""
    found = answer_of(["price", "service"] * 40, ["price", "service", "service", NOTHING] * 20)
    assert found.by_chance.value == pytest.approx(3 / 8, abs=0.01)
    assert found.by_chance.low < found.by_chance.value < found.by_chance.high
    assert found.agree.value == pytest.approx(0.5)


def test_direction_agreement_is_told_where_it_is_and_not_where_it_is_not():
    alike = answer_of(["price", "service"] * 20, ["price", "service"] * 20)
    assert "more often than by chance" in alike.agreement_sentence
    crossed = answer_of(["price", "service"] * 20, ["service", "price"] * 20)
    assert "less often than by chance" in crossed.agreement_sentence
    random = answer_of(["price", "price", "service", "service"] * 10, ["price", "service"] * 20)
    assert "we cannot tell" in random.agreement_sentence


@pytest.mark.parametrize("noted", [["price", "service"], ["price"] * 30, []])
def test_few_losses_or_one_reason_tell_nothing(noted):
    found = answer_of(noted, ["service"] * len(noted))
    assert np.isnan(found.agree.value)
    assert "we cannot tell" in found.agreement_sentence


def test_without_losses_and_with_two_there_is_no_agreement(tmp_path):
    none = what_the_hazard_saw(prepare(write(tmp_path / "none", orders=orders_of(20))))
    assert not none.modelled
    assert none.sentences[0].startswith("What the hazard saw before losses we cannot say")
    two = what_the_hazard_saw(
        prepare(write(tmp_path / "two", **lost_book(back_over_price=1, back_over_service=0, each=1)))
    )
    assert all("nan" not in sentence for sentence in two.sentences)
    assert np.isnan(two.agree.value)


def test_the_table_counts_every_loss_once():
    found = answer_of(["price", "service"] * 20, ["service", NOTHING] * 20)
    assert found.table.to_numpy().sum() == 40
    assert tabulate_winback.modelled(found).shape == (2, 3)
    assert isinstance(found.agree, Estimate)
