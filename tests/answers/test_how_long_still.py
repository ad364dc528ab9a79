"""How long clients will still stay: own risk first, then line and tenure, and never further than was seen."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, START, orders_of, write

from churnlab.answers import how_long_will_they_still_stay, prepare, tabulate_lifetime, who_is_at_risk
from churnlab.answers.lifetime import HORIZON_MONTHS


def with_lines(orders: pd.DataFrame, *, new_since: pd.Timestamp) -> pd.DataFrame:
    """Every third client turns to a new line, and buys most of its money's worth there."""
    number = orders["client_id"].astype("category").cat.codes
    new = (number % 3 == 0) & (orders["order_date"] >= new_since)
    return orders.assign(
        product_line=np.where(new, "new", "old"), amount=np.where(new, 1000 * orders["amount"], orders["amount"])
    )


@pytest.fixture
def found(tmp_path):
    orders = with_lines(orders_of(150), new_since=END - pd.Timedelta(days=730))
    return prepare(write(tmp_path / "book", orders=orders)).ask(how_long_will_they_still_stay)


def test_property_expectations_lie_in_their_intervals_and_within_what_is_counted(found):
    said = found.clients[found.clients["horizon"] > 0]
    assert len(said) > 40
    assert (said["low"] <= said["months"]).all()
    assert (said["months"] <= said["high"]).all()
    assert (said["high"] <= said["horizon"] + 1e-9).all()
    assert said["horizon"].max() <= HORIZON_MONTHS
    assert found.near_months > 0
    assert (said["near"] <= said["horizon"]).all()


def test_property_of_a_line_that_is_two_years_old_no_more_than_two_years_are_said(found):
    new = found.clients[found.clients["line"] == "new"]
    assert len(new) > 10
    assert 12 < new["horizon"].max() <= 24
    assert found.clients.loc[found.clients["line"] == "old", "horizon"].max() > 24


def test_direction_the_riskier_of_one_line_and_tenure_stays_less_long(tmp_path):
    study = prepare(write(tmp_path / "book", orders=orders_of(150)))
    found = study.ask(how_long_will_they_still_stay).clients
    both = found.merge(study.ask(who_is_at_risk).clients[["client_id", "risk"]], on="client_id")
    both = both[both["horizon"] == HORIZON_MONTHS]
    assert both["risk"].corr(both["months"], method="spearman") < -0.8


def test_reduction_where_nobodys_risk_is_known_line_and_tenure_speak_alone(tmp_path):
    days = pd.date_range(START, END, freq="20D", inclusive="left")
    orders = pd.DataFrame(
        {"client_id": np.repeat([f"k{n:02d}" for n in range(20)], len(days)), "order_date": [*days] * 20, "amount": 1.0}
    )
    found = prepare(write(tmp_path / "faithful", orders=orders)).ask(how_long_will_they_still_stay)
    assert (found.near_months, found.by) == (0, "")
    assert not found.clients["near"].any()
    assert "by line and tenure alone" in " ".join(found.sentences) or "we cannot say" in found.sentences[0]


def test_three_clients_are_told_that_nothing_can_be_said(tmp_path):
    orders = orders_of(3)
    found = prepare(write(tmp_path / "three", orders=orders)).ask(how_long_will_they_still_stay)
    assert "we cannot say" in found.sentences[0]
    assert (found.clients["horizon"] == 0).all()
    assert "we cannot say" in found.client_sentence(found.clients["client_id"].iloc[0], str)
    assert len(tabulate_lifetime.remaining(found)) == found.clients["line"].nunique()


def test_the_table_names_who_stays_long_and_who_does_not(found):
    table = tabulate_lifetime.remaining(found).set_index("line")
    old = found.clients[found.clients["line"] == "old"]
    alike = old[old["horizon"] == old["horizon"].max()]
    assert table.loc["old", "active clients"] == str(len(old))
    assert table.loc["old", "of these spoken of"] == str(len(alike))
    long, short = (int(table.loc["old", f"one in ten stays {name}"].split(" ")[0]) for name in ("longer", "less long"))
    assert alike["months"].min() - 0.5 <= short < long <= alike["months"].max() + 0.5
    assert "stay" in found.client_sentence(alike["client_id"].iloc[0], str)
