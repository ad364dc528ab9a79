"""Offers of competitors: what was heard of, and what is drawn from it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnlab.answers.scenario_offers import LEAST_HEARD, Heard, heard, with_offers
from churnlab.history import OwnRhythm
from churnlab.scenarios import EVIDENCE, draw_assumptions
from churnlab.tables import load

AS_OF = pd.Timestamp("2026-01-01")
RULE = OwnRhythm()


@pytest.fixture(scope="module")
def tables():
    return load("data/sample")


def offers(clients, day, depth=0.05):
    return pd.DataFrame({"client_id": clients, "date": pd.Timestamp(day), "depth": depth})


def test_reduction_the_rate_is_offers_by_years_at_risk(tables):
    days = pd.date_range("2022-01-03", "2025-12-29", freq="7D")
    orders = tables.orders.head(1)
    orders = pd.concat(
        [orders.assign(client_id=one, order_date=day, order_id=f"{one}{day}") for one in ("a", "b") for day in days]
    )
    seen = offers(["a"] * 12, "2024-05-05")
    found = heard(replace(tables, orders=orders, clients=None, offers_seen=seen), as_of=AS_OF, rule=RULE)
    assert found is not None
    assert found.rate == pytest.approx(12 / 6, rel=2e-3)  # two clients over three years
    assert found.rate_error == pytest.approx(12 / 6, rel=2e-3)  # all of one client: as good as one offer
    assert (found.depth, found.depth_error) == (pytest.approx(0.05), pytest.approx(0.0))


def test_nothing_is_learnt_of_few_offers_old_ones_and_those_of_the_day_or_later(tables):
    few = tables.offers_seen.head(LEAST_HEARD - 1).assign(date=pd.Timestamp("2025-06-01"))
    late = offers(["C-0001"] * 50, AS_OF)
    old = offers(["C-0001"] * 50, "2022-12-31")
    assert heard(replace(tables, offers_seen=None), as_of=AS_OF, rule=RULE) is None
    for seen in (few, late, old):
        assert heard(replace(tables, offers_seen=seen), as_of=AS_OF, rule=RULE) is None


def test_reduction_without_offers_heard_of_draws_stay():
    drawn = draw_assumptions(8, rng=1)
    assert with_offers(drawn, None, seed=1) is drawn


def test_reduction_the_mean_rate_heard_is_what_was_heard():
    drawn = draw_assumptions(4000, rng=1)
    found = with_offers(drawn, Heard(100, 0.17, 0.0, 0.05, 0.0), seed=1)
    campaigns = found["campaign_start"] / (found["campaign_start"] + found["campaign_end"])
    back = found["offers_per_year"] * found["match_chance"] * (1 + (found["campaign_offers"] - 1) * campaigns)
    assert back == pytest.approx(np.full(4000, 0.17))
    assert found["offer_depth"] == pytest.approx(np.full(4000, 0.05))
    assert (found["switching_cost"] == drawn["switching_cost"]).all()


def test_direction_more_offers_heard_of_are_more_offers_within_the_range():
    drawn = draw_assumptions(500, rng=1)
    means = [
        with_offers(drawn, Heard(100, rate, 0.02, np.nan, np.nan), seed=1)["offers_per_year"] for rate in (0.05, 0.2, 9)
    ]
    assert means[0].mean() < means[1].mean() < means[2].mean()
    assert max(each.max() for each in means) == EVIDENCE["offers_per_year"].high
    assert (with_offers(drawn, Heard(9, 1, 1, np.nan, np.nan), seed=1)["offer_depth"] == drawn["offer_depth"]).all()


def test_the_sentence_has_its_intervals_and_what_is_assumed():
    said = Heard(99, 0.17, 0.02, 0.053, 0.004).sentence
    assert "0.17 (95 % interval 0.13 to 0.21)" in said
    assert "5 % (95 % interval 5 % to 6 %)" in said
    assert "is assumed" in said
