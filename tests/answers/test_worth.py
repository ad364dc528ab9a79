"""What clients are worth, whether it would have been right, and whom to call first."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, tabulate_accounts, what_will_be_ordered, who_is_at_risk
from churnlab.answers.lifetime import NEXT_MONTHS, how_long_do_clients_stay
from churnlab.answers.summary import summarise
from churnlab.answers.worth import LEAST_PAST, YEARLY_RATE, what_are_they_worth
from churnlab.value import discount_factor, discounted_months


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def use_cache(cache, monkeypatch):
    monkeypatch.setenv("CHURNLAB_CACHE", str(cache))


@pytest.fixture(scope="module")
def book():
    return orders_of(150)


@pytest.fixture
def study(book, tmp_path):
    return prepare(write(tmp_path / "book", orders=book))


@pytest.fixture
def found(study):
    return study.ask(what_are_they_worth)


def test_reference_value_is_monthly_sales_times_discounted_months(study, found, book):
    row = found.valued[~found.valued["carried"]].iloc[0]
    client = study.lookup.set_index("code").loc[row["client_id"], "client_id"]
    own = book[(book["client_id"] == client) & (book["order_date"] >= END - pd.Timedelta(days=365))]
    left = study.ask(how_long_do_clients_stay).remaining.set_index("client_id").loc[row["client_id"]]
    stays = discounted_months([left["low"], left["months"], left["high"]], horizon=NEXT_MONTHS, yearly_rate=YEARLY_RATE)
    assert [row["life_low"], row["value"], row["life_high"]] == pytest.approx(own["amount"].sum() / 12 * stays)


def test_property_values_are_ordered_and_within_both_intervals(found):
    known = found.valued
    assert len(known) > LEAST_PAST
    assert known["value"].is_monotonic_decreasing
    assert (known["life_low"] <= known["value"]).all()
    assert (known["value"] <= known["life_high"]).all()
    assert found.total.value == pytest.approx(known["value"].sum())
    most = known["amount_12m"] / 12 * discount_factor(YEARLY_RATE, np.arange(1, NEXT_MONTHS + 1)).sum()
    assert (known["value"] <= most * (1 + 1e-9)).all()


def test_new_clients_are_not_valued_and_the_oldest_as_the_longest_known(found):
    frame = found.clients
    assert frame.loc[frame["new"], "value"].isna().all()
    carried = frame[frame["carried"]]
    assert len(carried) > 0
    assert (carried["months"] == carried["months"].iloc[0]).all()
    assert frame["new"].any()
    said = " ".join(found.value_sentences)
    assert f"{int(frame['new'].sum())} clients with" in said
    assert "valued as the longest that we know" in said


def test_reference_what_came_is_discounted_from_the_earlier_day(found, book):
    cut = END - pd.DateOffset(months=NEXT_MONTHS)
    past = found.past
    assert past.cut_off == cut
    after = book[book["order_date"] >= cut]
    month = ((after["order_date"] - cut).dt.days // (365 / 12) + 1).clip(upper=NEXT_MONTHS)
    everybody = (after["amount"] * (1 + YEARLY_RATE) ** (-month / 12)).sum()
    assert 0 < past.seen < everybody  # clients who were not there yet are not in it
    assert 0.6 < past.seen / past.forecast < 1.4
    assert past.low < 1 < past.high
    assert past.life_held.value < 0.5  # the lifetime's interval alone says little of one client
    assert past.held.value > 0.85


def test_property_what_comes_later_changes_no_value_of_an_earlier_day(book, tmp_path):
    day = pd.Timestamp("2024-01-01")
    then = prepare(write(tmp_path / "then", orders=book[book["order_date"] < day]), as_of="2024-01-01", names=True)
    now = prepare(write(tmp_path / "now", orders=book), as_of="2024-01-01", names=True)
    one, other = then.ask(what_are_they_worth), now.ask(what_are_they_worth)
    assert one.sentences == other.sentences
    pd.testing.assert_frame_equal(one.calls, other.calls)


def test_calls_are_ordered_by_risk_times_value(study, found):
    calls = found.calls
    risks = study.ask(who_is_at_risk).clients.set_index("client_id")["risk"]
    values = found.valued.set_index("client_id")["value"]
    expected = (risks * values).dropna().sort_values(ascending=False)
    assert calls["stake"].to_numpy() == pytest.approx(expected.to_numpy())
    assert calls["client_id"].iloc[0] == expected.index[0]
    assert (calls["low"] <= calls["stake"]).all()
    assert (calls["stake"] <= calls["high"]).all()
    assert study.label(expected.index[0]) in found.calls_sentence(study.label)


def test_margin_is_that_of_the_clients_own_costs(book, tmp_path):
    cost = book["amount"] * np.where(book["client_id"] < "k50", 0.6, 0.9)
    found = prepare(write(tmp_path / "costs", orders=book.assign(cost=cost.round(4))), names=True).ask(
        what_are_they_worth
    )
    known = found.valued
    assert (known["margin"] / known["value"]).to_numpy() == pytest.approx(
        np.where(known["client_id"] < "k50", 0.4, 0.1), abs=1e-3
    )
    assert found.margin == pytest.approx(known["margin"].sum())
    assert found.costed == pytest.approx(1.0)


def test_without_costs_the_margin_is_not_said(found):
    assert np.isnan(found.margin)
    assert "What it is in margin we cannot say: orders name no cost." in found.value_sentences


def test_results_give_no_value_without_an_interval(study, found):
    frame = study.ask(summarise).results["value"]
    assert list(frame) == ["client_id", "value", "low", "high"]
    assert frame.notna().all().all()
    assert len(frame) == len(found.valued)
    assert (frame["low"] <= frame["high"]).all()


def test_where_silences_are_pauses_nothing_is_valued(tmp_path):
    rng, rows = np.random.default_rng(2), []
    for number in range(60):
        days = np.cumsum(np.tile([4, 3, 5, 170], 5)) + rng.integers(0, 60)
        rows += [(f"k{number}", pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(day)), 10.0) for day in days]
    book = pd.DataFrame(rows, columns=["client_id", "order_date", "amount"]).assign(cost=7.0)
    found = prepare(write(tmp_path / "pauses", orders=book)).ask(what_are_they_worth)
    assert found.leaving.verdict == "pauses"
    assert found.clients.empty
    assert found.calls.empty
    assert found.results.empty
    assert "pauses" in found.headline
    assert all("nan" not in sentence for sentence in found.sentences)


def test_a_single_order_is_no_error(tmp_path):
    one = pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10]})
    study = prepare(write(tmp_path / "one", orders=one))
    found = study.ask(what_are_they_worth)
    assert found.past is None
    assert all("cannot" in sentence for sentence in (found.headline, *found.past_sentences))
    assert "cannot say" in found.calls_sentence(study.label)


def test_charts_draw_what_they_are_given(study, found):
    first = found.valued.head(10)
    ax = plots.client_values(plots.blank_axes(), first, label=study.label)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), first["value"])
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == first[["low", "high"]].to_numpy().tolist()
    outlook = study.ask(what_will_be_ordered).outlook("sales", 1)
    ax = plots.demand_record(
        plots.blank_axes(), outlook.history, coming=outlook.start, forecast=outlook.forecast, unit="money"
    )
    np.testing.assert_allclose(ax.lines[0].get_ydata(), outlook.history["seen"])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), outlook.history["forecast"])
    assert ax.lines[2].get_ydata() == [outlook.forecast.value]
    assert len(tabulate_accounts.values(found, study.label)) == 10
    assert len(tabulate_accounts.calls(found, study.label)) == 10


def test_reduction_values_given_in_the_past_are_those_of_a_study_of_that_day(found, book, tmp_path):
    day = f"{found.past.cut_off:%Y-%m-%d}"
    then = prepare(write(tmp_path / "then", orders=book), as_of=day).ask(what_are_they_worth)
    assert found.past.forecast == pytest.approx(then.total.value)
    assert found.past.clients == int((then.valued["value"] > 0).sum())
