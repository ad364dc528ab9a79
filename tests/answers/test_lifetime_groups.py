"""Who stays longer: groups that differ are told, groups that do not are not, and what is missing is said."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, START, write

from churnlab import plots
from churnlab.answers import (
    how_good_are_lifetimes,
    how_long_do_clients_stay,
    prepare,
    tabulate_lifetime,
    who_stays_longer,
)
from churnlab.answers.lifetime_groups import LEAST_LIVES, MOST_GROUPS, REST
from churnlab.lifetime import hazard_table, kaplan_meier, weibull_tail
from churnlab.reports import show


def book(*, days_kept: dict[str, float], each: int = 60, seed: int = 5) -> dict[str, pd.DataFrame]:
    """Clients that order every twenty days until they leave, after a mean time that hangs on what won them."""
    rng, rows, clients, lost = np.random.default_rng(seed), [], [], []
    span = (END - START).days
    for place, (won, kept) in enumerate(days_kept.items()):
        for number in range(each):
            name = f"{place}-{number:02d}"
            begin = rng.uniform(0, 0.6 * span)
            end = begin + rng.exponential(kept)
            days = np.arange(begin, min(end, span), 20).astype(int)
            line = "boards" if number % 2 else "panels"
            rows += [(name, START + pd.Timedelta(days=int(day)), 10.0, line) for day in days]
            clients.append((name, won, 0.02 + 0.1 * (place == 0)))
            if end < span - 200:
                lost.append((name, START + pd.Timedelta(days=int(days[-1] + 30)), "price" if number % 3 else "timing"))
    rows.append(("last", END - pd.Timedelta(days=1), 1.0, "boards"))
    return {
        "orders": pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "product_line"]),
        "clients": pd.DataFrame(clients, columns=["client_id", "acquired_by", "acquisition_discount"]),
        "losses": pd.DataFrame(lost, columns=["client_id", "date", "reason"]),
    }


FAR = {"price": 500.0, "service": 3000.0}
LIKE = {"price": 1200.0, "service": 1200.0}


@pytest.fixture
def far(tmp_path):
    return prepare(write(tmp_path / "far", **book(days_kept=FAR)))


def test_recovery_groups_far_apart_are_told_apart_with_the_difference(far):
    found = far.ask(who_stays_longer).by_price
    assert found.verdict == "differ"
    assert {group.name for group in found.groups} == {"price", "service"}
    first = found.groups[0]
    assert (found.difference.low > 0) == (first.name == "service")
    assert "need not be because of it" in found.sentence
    assert "cannot" not in found.sentence


def test_reduction_the_difference_is_that_of_the_means_and_channels_are_the_same_two_groups(far):
    found = far.ask(who_stays_longer)
    one, other = found.by_price.groups
    assert found.by_price.difference.value == pytest.approx(one.mean.value - other.mean.value)
    assert found.by_channel.p_value == pytest.approx(found.by_price.p_value)


def test_groups_of_one_law_are_not_told_apart(tmp_path):
    found = prepare(write(tmp_path / "like", **book(days_kept=LIKE))).ask(who_stays_longer)
    assert found.by_price.verdict == "cannot tell"
    assert "we cannot tell" in found.by_price.sentence
    assert found.by_line.verdict == "cannot tell"


def test_discounts_stand_in_where_the_channel_says_nothing_of_price(tmp_path):
    tables = book(days_kept=FAR)
    tables["clients"] = tables["clients"].drop(columns="acquired_by")
    found = prepare(write(tmp_path / "discounts", **tables)).ask(who_stays_longer)
    assert found.by_channel.verdict == "not recorded"
    assert {group.name for group in found.by_price.groups} == {"larger discount", "smaller discount"}
    assert found.by_price.verdict == "differ"
    assert "discount at the first deal" in found.by_price.sentence


def test_property_reasons_and_who_remains_add_up_and_the_uncoded_stand_apart(far):
    found = far.ask(who_stays_longer)
    assert set(found.reasons) <= {"price", "service", "other or unknown"}
    overall = far.ask(how_long_do_clients_stay).overall
    assert found.incidence.share.sum(axis=0) + overall.curve.survival == pytest.approx(
        np.ones(len(overall.curve.month))
    )
    assert found.incidence.events.sum() <= overall.departures
    assert "leave over: price" in found.reason_sentence


def test_without_tables_a_sentence_says_what_is_missing(tmp_path):
    orders = book(days_kept=LIKE)["orders"].drop(columns="product_line")
    study = prepare(write(tmp_path / "alone", orders=orders))
    found = study.ask(who_stays_longer)
    for comparison in (found.by_line, found.by_channel, found.by_price):
        assert (comparison.verdict, comparison.groups) == ("not recorded", ())
        assert "it is not recorded" in comparison.sentence
    assert found.incidence is None
    assert "we cannot say" in found.reason_sentence
    assert found.bands is not None
    assert study.ask(how_long_do_clients_stay).lines == ()


def test_a_handful_of_orders_says_that_nothing_can_be_said(tmp_path):
    orders = pd.DataFrame(
        [("=1+1", "2024-01-01", 1.0, "=2"), ("b", "2024-02-01", 2.0, "")],
        columns=["client_id", "order_date", "amount", "product_line"],
    )
    study = prepare(write(tmp_path / "tiny", orders=orders))
    found, record = study.ask(who_stays_longer), study.ask(how_good_are_lifetimes)
    assert all("cannot say" in sentence or "cannot tell" in sentence for sentence in found.sentences[:5])
    assert record.score is None
    assert "we cannot say" in record.sentences[0]
    for table in (
        tabulate_lifetime.reasons(found),
        tabulate_lifetime.tenure_bands(found),
        tabulate_lifetime.record(record),
    ):
        assert not table.astype("str").isin(["nan"]).any().any()
    assert "anything" in tabulate_lifetime.article(study.ask(how_long_do_clients_stay)).iloc[0, -1]


def test_many_small_groups_stand_together(tmp_path):
    tables = book(days_kept=LIKE)
    names = [f"way {number % 9}" for number in range(len(tables["clients"]))]
    tables["clients"] = tables["clients"].assign(acquired_by=names)
    found = prepare(write(tmp_path / "many", **tables)).ask(who_stays_longer).by_channel
    assert len(found.groups) <= MOST_GROUPS
    assert REST in {group.name for group in found.groups}
    assert all(group.lives >= LEAST_LIVES for group in found.groups)


def test_the_past_forecasts_are_graded_and_right_on_average_where_nothing_changes(tmp_path):
    study = prepare(write(tmp_path / "steady", **book(days_kept=LIKE, each=120)))
    record = study.ask(how_good_are_lifetimes)
    assert record.forecasts > 50
    assert record.departures >= 20
    assert record.calibration.level.low < 1 < record.calibration.level.high
    assert abs(record.score.skill.value) < 0.2  # tenure tells nothing here: the law has no memory
    assert "Uno's C within 24 months" in record.sentences[1]


def test_what_is_known_today_changes_no_past_forecast(tmp_path):
    """Property: later orders of clients who had left by the cut-off leave the forecasts of the others alone."""
    tables = book(days_kept=LIKE, each=120)
    study = prepare(write(tmp_path / "one", **tables))
    record = study.ask(how_good_are_lifetimes)
    before = tables["orders"][tables["orders"]["order_date"] < record.cut_off]
    seen = set(before["client_id"])
    new = tables["orders"][tables["orders"]["client_id"].isin(seen)]
    without = prepare(write(tmp_path / "two", **(tables | {"orders": new}))).ask(how_good_are_lifetimes)
    assert without.forecasts == record.forecasts
    assert without.score.score == pytest.approx(record.score.score)


def test_figures_show_what_was_found(far):
    found = far.ask(who_stays_longer)
    ax = plots.leaving_by_reason(plots.blank_axes(), found.incidence, found.reasons)
    assert len(ax.lines) == len(found.reasons)
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(found.incidence.share[0, -1])
    ax = plots.tenure_bands(plots.blank_axes(), found.bands)
    assert len(ax.texts) == (~np.isnan(found.bands.hazard)).sum()
    drawn = plots.survival(plots.blank_axes(), [(group.name, group.curve) for group in found.by_price.groups])
    assert [text.get_text() for text in drawn.texts] == [group.name for group in found.by_price.groups]


def test_a_tail_is_dashed_and_named_and_absent_unless_asked_for():
    rng = np.random.default_rng(1)
    left = rng.geometric(0.03, 300)
    table = hazard_table(np.zeros(300), np.minimum(left, 36), left <= 36)
    curve = kaplan_meier(table)
    none = plots.survival_and_tail(plots.blank_axes(), curve, weibull_tail(table, curve, months=0), label="all")
    assert [line.get_linestyle() for line in none.lines] == ["-"]
    tail = weibull_tail(table, curve, months=24)
    ax = plots.survival_and_tail(plots.blank_axes(), curve, tail, label="all")
    assert "--" in [line.get_linestyle() for line in ax.lines]
    assert any("extrapolation" in text.get_text() for text in ax.texts)
    assert show.figure(ax, title="A tail", alt="A tail").alt == "A tail"
