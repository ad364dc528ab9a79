"""What orders alone say, how it is graded, and where it disagrees with the hazard."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, even_orders, orders_of, write

from churnlab.answers import prepare, tabulate_worth, what_do_orders_alone_say, who_is_at_risk
from churnlab.answers.second_opinion import MODEL
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime.purchase import NAIVE, fit_mbg_cnbd, purchase_history


@pytest.fixture(scope="module")
def book():
    return orders_of(150)


@pytest.fixture
def study(book, tmp_path):
    return prepare(write(tmp_path / "book", orders=book))


@pytest.fixture
def found(study):
    return study.ask(what_do_orders_alone_say)


def test_reference_orders_and_silence_are_those_of_the_fitted_model(found, book, study):
    week = (book["order_date"] - pd.Timestamp("1970-01-01")).dt.days / 7
    end = (END - pd.Timestamp("1970-01-01")).days / 7
    seen = purchase_history(book["client_id"], week, until=end)
    fit = fit_mbg_cnbd(seen.frequency, seen.recency, seen.age, seen.gap_logs)
    assert found.model == fit.law.name
    assert found.verdict == fit.verdict
    assert found.fitted == len(seen.client)
    weeks = found.horizon_months * DAYS_PER_MONTH / 7
    row = found.clients.iloc[5]
    client = study.lookup.set_index("code").loc[row["client_id"], "client_id"]
    place = int(np.flatnonzero(seen.client == client)[0])
    one = type("One", (), {name: getattr(seen, name)[[place]] for name in ("frequency", "recency", "age")})
    given = tuple(fit.parameters)
    assert row["orders"] == pytest.approx(float(fit.law.orders(given, one, weeks)[0]))
    assert row["silent"] == pytest.approx(float(fit.law.silent(given, one, weeks)[0]))


def test_property_figures_stand_within_their_intervals_and_sum(found):
    frame = found.clients
    for name in ("orders", "money", "value"):
        assert (frame[f"{name}_low"] <= frame[name] + 1e-9).mean() > 0.9
        assert (frame[name] <= frame[f"{name}_high"] + 1e-9).mean() > 0.9  # some are all but gone
        total = getattr(found, name)
        assert total.value == pytest.approx(frame[name].sum())
        assert frame[f"{name}_low"].sum() < total.low < total.value < total.high < frame[f"{name}_high"].sum()
    assert found.orders.low < found.orders_mean.low < found.orders_mean.high < found.orders.high
    assert frame["silent"].between(0, 1).all()
    assert (frame["value_orders"] * frame["order_size"]).to_numpy() == pytest.approx(frame["value"].to_numpy())


def test_no_chance_of_being_alive_is_offered(found):
    assert not [name for name in found.clients if "alive" in name]
    assert "alive" not in " ".join(found.sentences)


def test_forecasts_are_graded_beside_naive_rules_on_several_days(found):
    assert set(found.card.scores) == {*NAIVE, MODEL}
    assert found.origins == 4
    assert f"from {found.origins} days" in found.record_sentences[0]
    assert len(tabulate_worth.opinion_scores(found.card)) == 5
    own, naive = (found.card.scores[name].tracking[-1, 0] for name in (MODEL, "own rate"))
    came = found.card.orders
    assert abs(own - came) < abs(naive - came)


def test_where_it_disagrees_is_named_and_has_the_risk_beside_it(found, study):
    risks = study.ask(who_is_at_risk).clients.set_index("client_id")["risk"]
    frame = found.clients.set_index("client_id")
    assert frame["risk"].to_numpy() == pytest.approx(risks.reindex(frame.index).to_numpy(), nan_ok=True)
    said = found.disagreement_sentences(study.label)
    if np.isnan(found.agreement.value):
        assert "cannot say" in said[0]
    else:
        assert found.agreement.low < found.agreement.value < found.agreement.high
        assert found.agreement.value == pytest.approx(frame[["silent", "risk"]].corr(method="spearman").iloc[0, 1])
        higher, lower = (found.disagreement(worried=worried) for worried in (True, False))
        assert (higher["apart"] >= 0.25).all()
        assert (lower["apart"] <= -0.25).all()
        assert all(study.label(client) in said[1] for client in higher["client_id"])
    assert len(tabulate_worth.opinion_clients(found, study.label)) <= 10


def test_property_what_comes_later_changes_nothing_of_an_earlier_day(book, tmp_path):
    day = pd.Timestamp("2024-01-01")
    then = prepare(write(tmp_path / "then", orders=book[book["order_date"] < day]), as_of="2024-01-01", names=True)
    now = prepare(write(tmp_path / "now", orders=book), as_of="2024-01-01", names=True)
    one, other = then.ask(what_do_orders_alone_say), now.ask(what_do_orders_alone_say)
    assert one.sentences == other.sentences
    pd.testing.assert_frame_equal(one.clients, other.clients)


def test_returns_lower_the_money_and_not_the_orders(book, tmp_path):
    back = book.iloc[::10].assign(amount=lambda frame: -0.5 * frame["amount"], kind="return")
    orders = pd.concat([book.assign(kind="sale"), back], ignore_index=True)
    plain, netted = (
        prepare(write(tmp_path / name, orders=frame)).ask(what_do_orders_alone_say)
        for name, frame in (("plain", book), ("netted", orders))
    )
    assert netted.orders.value == pytest.approx(plain.orders.value)
    share = orders["amount"].sum() / book["amount"].sum()
    assert netted.money.value == pytest.approx(share * plain.money.value)


def test_where_nobody_leaves_that_is_said(tmp_path):
    found = prepare(write(tmp_path / "calm", orders=even_orders(40))).ask(what_do_orders_alone_say)
    assert not found.leaving_shows or "leaving" not in found.verdict.lower()
    assert all("nan" not in sentence for sentence in found.sentences)


@pytest.mark.parametrize("clients", [1, 3])
def test_a_few_clients_are_met_with_words(tmp_path, clients):
    study = prepare(write(tmp_path / "few", orders=even_orders(clients)))
    found = study.ask(what_do_orders_alone_say)
    assert found.clients.empty
    assert "cannot tell" in found.headline
    assert found.card is None
    assert found.disagreement_sentences(study.label) == (found.headline,)
    assert tabulate_worth.opinion_clients(found, study.label).empty
