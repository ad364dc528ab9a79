"""What clients said of us, in four fields: planted ratings, planted competitors, and nothing where nothing is known."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab.answers import prepare, promoters_to_ask, strengths_and_threats


@pytest.fixture
def study(tmp_path):
    """Forty clients; quality is rated two points above the rest, price one below, timing and attention alike."""
    rng, orders = np.random.default_rng(5), orders_of(40)
    names = sorted(orders["client_id"].unique())
    level = rng.normal(7.0, 0.5, len(names))
    surveys = pd.DataFrame({"client_id": names, "survey_date": END - pd.Timedelta(days=30), "recommend": 9.0})
    for factor, above in (("quality", 2.0), ("timing", 0.0), ("attention", 0.0), ("price", -1.0)):
        surveys[factor] = np.clip(level + above + rng.normal(0, 0.3, len(names)), 0, 10).round(1)
    surveys.loc[0, "recommend"] = 8.0
    losses = pd.DataFrame({"client_id": names[:14], "date": END - pd.Timedelta(days=20), "reason": "price"})
    losses["competitor"] = ["=1+1"] * 11 + ["Rival"] * 3
    clients = pd.DataFrame({"client_id": names, "referred_by": [""] * 39 + [names[5]]})
    return prepare(write(tmp_path / "book", orders=orders, surveys=surveys, losses=losses, clients=clients), names=True)


def test_recovery_factors_stand_in_the_fields_that_were_planted(study):
    found = strengths_and_threats(study).set_index("what")
    assert found.loc[["quality", "price"], "field"].tolist() == ["strength", "weakness"]
    assert found.loc["quality", "told"].startswith("rated 1.")
    assert set(found.loc[["timing", "attention"], "field"]) <= {"weakness", "neither"}


def test_reference_competitors_are_told_with_an_interval_only_where_enough_named_them(study):
    found = strengths_and_threats(study)
    threats = found[found["field"] == "threat"].set_index("what")
    assert threats.loc["=1+1", "told"].startswith("100 % (")
    assert threats.loc["=1+1", "told"].endswith("of its losses over price")
    assert "too few" in threats.loc["Rival", "told"]


def test_promoters_who_brought_somebody_or_would_not_recommend_are_not_asked(study):
    asked = set(promoters_to_ask(study)["client_id"])
    names = sorted(study.tables.clients["client_id"])
    assert asked
    assert not asked & {names[0], names[5]}


def test_nothing_is_said_where_nothing_is_known(tmp_path):
    bare = prepare(write(tmp_path / "bare", orders=orders_of(12)))
    assert strengths_and_threats(bare).query("field != 'opportunity'").empty
    assert promoters_to_ask(bare).empty
