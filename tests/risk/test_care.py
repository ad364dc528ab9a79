"""Calls and discounts beside leaving: what fools, and that no effect is ever asserted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_book import AS_OF, RULE, START, book

from churnlab.risk import care_effect, care_effects


def months(seed, *, clients=1500, targeted=0.0, effect=0.0):
    """Clients whose content and calls differ; the less content are called more if calls are targeted."""
    rng = np.random.default_rng([9, seed])
    content = rng.normal(size=clients)
    care = rng.normal(size=clients) - targeted * content
    left_in = np.ceil(rng.exponential(1 / np.exp(-3.7 - 0.6 * content + effect * care))).astype(int)
    stayed, left = np.minimum(left_in, 40), left_in <= 40
    who = np.repeat(np.arange(clients), stayed)
    event = np.zeros(len(who), dtype=bool)
    event[(np.cumsum(stayed) - 1)[left]] = True
    score = content + rng.normal(size=clients)
    return care[who], np.zeros((len(who), 0)), score[who][:, None], event, who


def test_direction_targeted_care_looks_as_if_it_drove_clients_away_and_nothing_is_said():
    found = care_effect(*months(1, targeted=0.6), name="touches")
    assert found.naive_low > 1  # fooled
    assert 1 < found.adjusted < found.naive  # a noisy score holds a part of the reason only
    assert found.targeted
    assert "we cannot say what it does" in found.sentence


@pytest.mark.parametrize("effect", [-0.3, 0.0, 0.3])
def test_recovery_care_by_lot_goes_with_leaving_as_it_works_and_is_still_not_called_an_effect(effect):
    found = care_effect(*months(2, effect=effect), name="discount")
    assert not found.targeted
    assert np.log(found.adjusted) == pytest.approx(effect, abs=0.1)  # smaller, as half of the content stays unseen
    assert "a higher discount" in found.sentence
    assert "does not rule it out" in found.sentence


def test_property_the_unit_of_care_and_the_order_of_rows_do_not_matter():
    care, held, known, event, who = months(3, clients=300, targeted=0.4)
    order = np.random.default_rng(1).permutation(len(who))
    one = care_effect(care, held, known, event, who, name="touches")
    other = care_effect(7 * care[order] + 2, held[order], known[order], event[order], who[order], name="touches")
    assert other.adjusted == pytest.approx(one.adjusted)
    assert other.targeting_p == pytest.approx(one.targeting_p, rel=1e-5)


def test_reduction_with_nothing_known_of_the_reasons_nothing_is_said():
    care, held, _, event, who = months(4, clients=300)
    found = care_effect(care, held, np.zeros((len(who), 0)), event, who, name="touches")
    assert found.targeted
    assert found.adjusted == pytest.approx(found.naive)


def test_care_that_does_not_vary_is_refused():
    _, held, known, event, who = months(5, clients=100)
    with pytest.raises(ValueError, match="expected care that varies"):
        care_effect(np.ones(len(who)), held, known, event, who, name="touches")


def test_property_tables_without_touches_and_discounts_give_nothing_and_with_them_one_each():
    tables = book(clients=200, seed=5)
    assert care_effects(tables, as_of=AS_OF, rule=RULE) == ()
    rng = np.random.default_rng(2)
    days = START + pd.to_timedelta(rng.integers(0, 1800, 1500), unit="D")
    touches = pd.DataFrame(
        {"client_id": [f"c{n:03d}" for n in rng.integers(0, 200, 1500)], "date": days, "kind": "call"}
    )
    listed = tables.orders.assign(list_amount=tables.orders["amount"] / rng.uniform(0.85, 1.0, len(tables.orders)))
    found = care_effects(replace(tables, touches=touches, orders=listed), as_of=AS_OF, rule=RULE)
    assert [each.care for each in found] == ["touches", "discount"]
    assert all(each.events == found[0].events for each in found)


def test_with_too_few_departures_nothing_is_given():
    assert care_effects(book(clients=8, seed=1), as_of=AS_OF, rule=RULE) == ()
