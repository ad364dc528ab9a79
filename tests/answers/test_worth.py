"""What clients are worth, and whether it would have been right."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, even_orders, orders_of, write

from churnlab import plots
from churnlab.answers import (
    prepare,
    tabulate_worth,
    valuing,
    what_do_orders_alone_say,
    who_is_at_risk,
)
from churnlab.answers.lifetime import NEXT_MONTHS
from churnlab.answers.summary import summarise
from churnlab.answers.worth import PARTS, YEARLY_RATE, what_are_they_worth
from churnlab.history import departures, snapshots
from churnlab.risk import HAZARD, fit_known
from churnlab.value import Staying, discount_factor, discounted_stay


@pytest.fixture(scope="module")
def book():
    return orders_of(150)


@pytest.fixture
def study(book, tmp_path):
    return prepare(write(tmp_path / "book", orders=book))


@pytest.fixture
def found(study):
    return study.ask(what_are_they_worth)


def test_reference_value_is_last_years_sales_times_months_and_growth(study, found, book):
    row = found.valued.iloc[3]
    client = study.lookup.set_index("code").loc[row["client_id"], "client_id"]
    own = book[(book["client_id"] == client) & (book["order_date"] < END)]
    year, before = (
        own.loc[
            (own["order_date"] >= END - pd.DateOffset(months=back))
            & (own["order_date"] < END - pd.DateOffset(months=back - 12)),
            "amount",
        ].sum()
        for back in (12, 24)
    )
    factor = np.exp(found.growth.level + found.growth.carry * np.log(year / before))
    assert row["amount_12m"] == pytest.approx(year)
    assert row["gross"] == pytest.approx(year / 12 * row["months"])
    assert row["value"] == pytest.approx(year / 12 * row["months"] * factor)
    assert row["sales"] == pytest.approx(row["value"])
    assert not found.in_margin


def test_property_values_are_ordered_and_within_both_intervals(found):
    known = found.valued
    assert len(known) > 39
    assert known["value"].is_monotonic_decreasing
    assert (known["mean_low"] <= known["value"]).all()
    assert (known["value"] <= known["mean_high"]).all()
    assert (known["low"] <= known["mean_low"]).mean() > 0.95
    assert found.total.value == pytest.approx(known["value"].sum())
    assert found.expected.value == found.total.value
    assert known["value"].to_numpy() == pytest.approx(known[list(PARTS)].sum(axis=1).to_numpy())
    assert (known["months"] <= discount_factor(YEARLY_RATE, np.arange(1, NEXT_MONTHS + 1)).sum()).all()


def test_property_the_interval_of_the_book_is_not_the_sum_of_the_clients(found):
    low, high = found.sum_of_ends
    assert low < found.total.low < found.expected.low < found.total.value
    assert found.total.value < found.expected.high < found.total.high < high
    assert "as if all erred alike" in " ".join(found.value_sentences)


def test_new_clients_are_not_valued(found):
    frame = found.clients
    assert frame.loc[frame["new"], "value"].isna().all()
    assert frame["new"].any()
    said = " ".join(found.value_sentences)
    assert f"{int(frame['new'].sum())} clients with" in said


def test_reference_what_came_is_discounted_from_the_earlier_day(found, book):
    cut = END - pd.DateOffset(months=NEXT_MONTHS)
    past = found.past
    assert past.cut_off == cut
    after = book[book["order_date"] >= cut]
    month = ((after["order_date"] - cut).dt.days // (365 / 12) + 1).clip(upper=NEXT_MONTHS)
    everybody = (after["amount"] * (1 + YEARLY_RATE) ** (-month / 12)).sum()
    assert 0 < past.seen < everybody  # clients who were not there yet are not in it
    assert 0.6 < past.seen / past.forecast.value < 1.4
    assert past.mean_held.value < 0.6  # the interval of the expectation says little of one client
    assert past.held.value > 0.85


def test_property_what_comes_later_changes_no_value_of_an_earlier_day(book, tmp_path):
    day = pd.Timestamp("2024-01-01")
    then = prepare(write(tmp_path / "then", orders=book[book["order_date"] < day]), as_of="2024-01-01", names=True)
    now = prepare(write(tmp_path / "now", orders=book), as_of="2024-01-01", names=True)
    one, other = then.ask(what_are_they_worth), now.ask(what_are_they_worth)
    assert one.sentences == other.sentences
    pd.testing.assert_frame_equal(one.clients, other.clients)


def test_margin_is_that_of_the_clients_own_costs(book, tmp_path):
    cost = book["amount"] * np.where(book["client_id"] < "k50", 0.6, 0.9)
    found = prepare(write(tmp_path / "costs", orders=book.assign(cost=cost.round(4))), names=True).ask(
        what_are_they_worth
    )
    known = found.valued
    assert (known["value"] / known["sales"]).to_numpy() == pytest.approx(
        np.where(known["client_id"] < "k50", 0.4, 0.1), abs=1e-3
    )
    assert found.in_margin
    assert found.costed == pytest.approx(1.0)
    said = " ".join(found.parts_sentences)
    assert "What serving them costs is not in it" in said
    assert "no payment terms are known" in said
    assert "Whom clients brought is not known." in said


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_a_few_costs_are_no_margin_of_the_book(book, tmp_path, share):
    """Margins of single clients stand for others only where half of the last year's sales are costed."""
    costed = np.random.default_rng(1).random(len(book)) < share
    cost = np.where(costed, (0.02 * book["amount"]).round(4), np.nan)
    found = prepare(write(tmp_path / "costs", orders=book.assign(cost=cost))).ask(what_are_they_worth)
    assert found.in_margin == (share > 0.5)
    said = " ".join(found.parts_sentences)
    assert ("at least 50 % are needed" in said) == (share < 0.5)
    assert found.costed == pytest.approx(share, abs=0.1)


def test_months_of_short_records_are_not_spread_over_a_year(tmp_path):
    """Half a year of records of clients that are known for years: a month's sales are a month's."""
    recent = even_orders(30, years=3)
    recent = recent[recent["order_date"] >= END - pd.DateOffset(months=6)]
    clients = pd.DataFrame({"client_id": sorted(set(recent["client_id"])), "start_date": "2020-01-01"})
    study = prepare(write(tmp_path / "short", orders=recent, clients=clients))
    found = study.ask(what_are_they_worth)
    assert len(found.valued) == 30
    row = found.valued.iloc[0]
    assert row["gross"] == pytest.approx(100 * row["months"], rel=0.25)  # the first and the last order lie five apart
    assert "whatever the season" in " ".join(found.value_sentences)


def test_reference_the_hazard_is_told_by_what_it_reads(study, found):
    said = next(sentence for sentence in found.beside_sentences if sentence.startswith("They differ"))
    spec = study.ask(who_is_at_risk).hazard
    assert "scores" not in said  # there are no surveys
    assert ("silence in the client's own gaps" in said) == (spec is not None and "overdue" in spec.columns)
    assert ("tenure," in said) == (spec is not None and "tenure" in spec.columns)
    assert "with the growth of those who stayed" in said
    alone = replace(found.beside, near=0, grows=False)
    assert "goes by line and tenure alone" in alone.sentences[2]
    assert "go on as they were" in alone.sentences[2]


def test_growth_stands_within_its_intervals(found):
    low, high = found.growth_ends
    assert low < found.valued["growth"].sum() < high
    said = next(sentence for sentence in found.parts_sentences if sentence.startswith("Growth and fading"))
    assert said.count("95 % interval") == 3


def test_of_large_books_fewer_are_drawn(study, monkeypatch):
    drawn = []
    for large in (20_000, 5):
        monkeypatch.setattr(valuing, "LARGE", large)
        book = valuing.value_book(study.tables, study.as_of, rule=study.rule, spec=None, horizon=12, seed=1)
        drawn.append(len(book.worth.drawn))
    assert drawn == [valuing.DRAWS, valuing.FEWER_DRAWS]


def test_orders_for_nothing_are_no_error(tmp_path):
    free = even_orders(40).assign(amount=0.0)
    study = prepare(write(tmp_path / "free", orders=free))
    found = study.ask(what_are_they_worth)
    assert found.beside is None
    assert "for money" in study.ask(what_do_orders_alone_say).headline
    assert all("nan" not in sentence for sentence in found.sentences)


def test_costs_terms_and_referrals_stand_apart(book, tmp_path):
    clients = pd.DataFrame({"client_id": sorted(book["client_id"].unique())})
    clients["payment_days"] = np.where(clients["client_id"] == "k04", 73.0, 0.0)
    clients["referred_by"] = np.where(clients["client_id"].isin(["k06", "k111"]), "k04", "")
    managers = pd.DataFrame({"manager_id": ["M1"], "name": ["A"], "monthly_cost": [100.0]})
    touches = pd.DataFrame(
        {"client_id": ["k04"] * 3 + ["k06"], "date": ["2024-03-01", "2024-05-01", "2024-06-01", "2024-07-01"]}
    )
    touches = touches.assign(kind="call", manager_id="M1")
    failures = pd.DataFrame({"client_id": ["k06"], "date": ["2024-05-05"], "kind": ["late"], "cost": [60.0]})
    tables = {"clients": clients, "managers": managers, "touches": touches, "failures": failures}
    orders = book.assign(cost=(book["amount"] * 0.75).round(4))
    found = prepare(write(tmp_path / "all", orders=orders, **tables), names=True).ask(what_are_they_worth)
    known = found.valued.set_index("client_id")
    assert {"k04", "k06"} <= set(known.index)
    year = 366 / 365 * 1200  # a leap year of the manager's pay, three quarters of it for three of four contacts
    assert known.loc["k04", "serve"] == pytest.approx(-0.75 * year / 12 * known.loc["k04", "months"], rel=1e-3)
    assert known.loc["k06", "serve"] == pytest.approx(-(0.25 * year + 60) / 12 * known.loc["k06", "months"], rel=1e-3)
    waits = 1 - (1 + YEARLY_RATE) ** (-73 / 365)
    assert known.loc["k04", "terms"] == pytest.approx(-4 * waits * known.loc["k04", "gross"], rel=1e-6)
    brought = clients.loc[clients["referred_by"] == "k04", "client_id"]
    brought = [client for client in brought if client in known.index]
    assert known.loc["k04", "brought"] == len(brought) > 0
    assert known.loc["k04", "brought_value"] == pytest.approx(known.loc[brought, "value"].sum())
    assert found.total.value == pytest.approx(known[list(PARTS)].sum().sum())  # what it brought is not added
    assert "k04 brought the most" in found.referrals_sentence(str)


def test_without_costs_the_margin_is_not_said(found):
    assert not found.in_margin
    assert any("orders name no cost" in sentence for sentence in found.parts_sentences)
    assert list(found.part_sums) == ["sales as they were", "growth and fading"]


def test_side_by_side_the_two_reasons_make_the_difference(study, found):
    beside = found.beside
    assert beside.hazard + beside.by_number + beside.by_size == pytest.approx(beside.orders)
    rows = beside.clients
    assert (rows["hazard"] + rows["by_number"] + rows["by_size"]).to_numpy() == pytest.approx(rows["orders"].to_numpy())
    assert (rows["orders"] - rows["hazard"]).abs().is_monotonic_decreasing
    opinion = study.ask(what_do_orders_alone_say).clients.set_index("client_id")
    assert rows["orders"].to_numpy() == pytest.approx(opinion.loc[rows["client_id"], "value"].to_numpy())
    assert 0.7 < beside.orders / beside.hazard < 1.4
    assert 0.7 < beside.agreement.low < beside.agreement.value


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
    assert found.results.empty
    assert "pauses" in found.headline
    assert all("nan" not in sentence for sentence in found.sentences)


def test_a_single_order_is_no_error(tmp_path):
    one = pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10]})
    study = prepare(write(tmp_path / "one", orders=one))
    found = study.ask(what_are_they_worth)
    assert found.past is None
    assert all("cannot" in sentence for sentence in (found.headline, *found.past_sentences, *found.beside_sentences))


def test_charts_draw_what_they_are_given(study, found):
    first = found.valued.head(10)
    ax = plots.client_values(plots.blank_axes(), first, label=study.label, unit=found.unit)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), first["value"])
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == first[["low", "high"]].to_numpy().tolist()
    assert len(tabulate_worth.values(found, study.label)) == 10
    assert len(tabulate_worth.parts(found)) == 3
    ax = plots.value_parts(plots.blank_axes(), found.part_sums, total=found.total)
    assert [patch.get_width() for patch in ax.patches] == pytest.approx([*found.part_sums.values(), found.total.value])
    ax = plots.two_values(plots.blank_axes(), found.beside.clients, named=3, label=lambda _: "Cash $$ Co")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), found.beside.clients["hazard"])
    ax.figure.canvas.draw()
    assert len(tabulate_worth.beside(found.beside, study.label)) == 10


def test_reduction_values_given_in_the_past_are_those_of_a_study_of_that_day(found, book, tmp_path):
    day = f"{found.past.cut_off:%Y-%m-%d}"
    then = prepare(write(tmp_path / "then", orders=book), as_of=day).ask(what_are_they_worth)
    if then.risk_model == found.risk_model:
        assert found.past.forecast.value == pytest.approx(then.total.value)
    assert found.past.clients == len(then.valued)


@pytest.mark.parametrize("clients", [1, 3])
def test_a_few_clients_are_valued_in_words(tmp_path, clients):
    study = prepare(write(tmp_path / "few", orders=even_orders(clients)))
    found = study.ask(what_are_they_worth)
    assert found.beside is None
    assert all("nan" not in sentence for sentence in found.sentences)
    assert not any("1 clients" in sentence or "first 1 " in sentence for sentence in found.sentences)
    assert np.isfinite(found.valued["value"]).all()
    assert found.results.empty  # nothing tells how sales go on, so that nothing is given without an interval
    assert found.referrals_sentence(study.label)


def test_nobody_left_is_valued_without_a_crash(tmp_path):
    study = prepare(write(tmp_path / "calm", orders=even_orders(40)))
    found = study.ask(what_are_they_worth)
    assert len(found.valued) == 40
    assert found.expected.low < found.expected.value  # that nobody left so far is no promise
    assert all("nan" not in sentence for sentence in found.sentences)


def test_everybody_gone_is_said(tmp_path):
    ended = {f"k{number:02d}": END - pd.DateOffset(months=14) for number in range(30)}
    orders = even_orders(30, until=ended)
    study = prepare(write(tmp_path / "gone", orders=orders), as_of=f"{END:%Y-%m-%d}")
    found = study.ask(what_are_they_worth)
    assert found.clients.empty
    assert "cannot" in found.headline
    assert all("nan" not in sentence for sentence in found.sentences)


def test_reduction_months_of_the_first_year_are_those_of_the_risk_model(study):
    """Whom the model of risk gives a risk of leaving within its horizon is there after it by the rest."""
    rule, day = study.rule, study.as_of
    lives = departures(study.tables.orders, as_of=day, rule=rule)
    model = fit_known(study.tables, lives, spec=HAZARD, rule=rule)
    today = snapshots(study.tables, [day], rule=rule)
    nobody = np.zeros((1, 1, 1))
    staying = Staying(
        *model.design(today),
        model.fit.coefficients[None, :],
        model.horizon_months,
        nobody,
        np.zeros(len(today), dtype=np.int64),
        np.zeros(len(today), dtype=np.int64),
    )
    longer, long = (
        discounted_stay(staying, horizon=model.horizon_months + more, yearly_rate=0.0)[:, 0] for more in (2, 1)
    )
    assert longer - long == pytest.approx(1 - model.risk(today))
