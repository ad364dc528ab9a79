"""What is said of lifetimes where the data end: no bound that does not hold, and nothing older than a line."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, write

from churnlab.answers import how_long_do_clients_stay, lifetime, prepare, sorting, tabulate_lifetime, who_stays_longer
from churnlab.answers.lifetime import LineLifetime
from churnlab.lifetime import Estimate, hazard_table, kaplan_meier, median_lifetime


def line(*, left: int, stayed: int, name: str = "all clients", years: float = 9.0) -> LineLifetime:
    """Regulars of whom some left in months 30 to 59 and the others were watched until month 60."""
    leave = np.concatenate((30 + np.arange(left) % 30, np.full(stayed, 60)))
    gone = np.arange(left + stayed) < left
    curve = kaplan_meier(hazard_table(np.full(left + stayed, 12), leave, gone), start=12)
    whole = Estimate(1.0, 0.9, 1.0)
    mean = Estimate(40.0, 35.0, 45.0)
    return LineLifetime(name, 50, whole, left + stayed, left, curve, median_lifetime(curve), mean, 48, years)


def cells(one: LineLifetime) -> tuple[str, str, str]:
    """The sentence, the cell in years, the cell of what cannot be said."""
    found = lifetime.LifetimeAnswer(one, (), pd.DataFrame(), 0, True, ())
    row = tabulate_lifetime.article(found).iloc[0]
    return lifetime._line_sentence(one), row.iloc[2], row.iloc[3]


def test_a_median_that_is_not_reached_has_the_lower_end_of_its_interval_and_no_other_bound():
    one = line(left=45, stayed=55)
    assert np.isnan(one.median.value)
    assert 12 < one.median.low < 60
    said, cell, _ = cells(one)
    low = one.median.low
    assert f"half leave after more than {low:.0f} months of tenure (lower end of the 95 % interval)" in said
    assert "half had not left by month 60 of tenure, after which fewer than 10 were still watched" in said
    assert cell.startswith(f"more than {low / 12:.1f} (lower end of the 95 % interval); half had not left by 5.0")
    assert "longest seen" not in cell
    stays = tabulate_lifetime.stays(lifetime.LifetimeAnswer(one, (), pd.DataFrame(), 0, True, ())).iloc[0, -1]
    assert stays.startswith(f"more than {low:.0f} (lower end")


def test_where_no_lower_end_is_known_what_was_seen_is_no_bound():
    one = line(left=10, stayed=90)
    assert np.isnan(one.median.low)
    said, cell, _ = cells(one)
    assert "more than" not in said + cell
    assert cell == "half had not left by 5.0, after which fewer than 10 were still watched"


def test_a_curve_that_ends_with_the_records_says_so():
    said, cell, unsaid = cells(line(left=10, stayed=90, name="boards", years=5.02))
    for text in (said, cell, unsaid):
        assert "the records saw the line sold for 5.0 years" in text
    assert "fewer than" not in said + cell


def of_short_records(*, seed: int = 3) -> dict[str, pd.DataFrame]:
    """Two years of orders of clients whose start dates lie up to ten years back; one line is a year younger."""
    rng, rows, clients = np.random.default_rng(seed), [], []
    begin = END - pd.DateOffset(months=24)
    span = (END - begin).days
    for number in range(240):
        name, older = f"k{number:03d}", number < 160
        first = rng.uniform(0, 20) if older else rng.uniform(0, 0.6 * span)
        end = first + rng.exponential(1500)
        days = np.arange(first, min(end, span), 15).astype(int)
        rows += [(name, begin + pd.Timedelta(days=int(day)), 10.0, "old") for day in days]
        rows += [(name, begin + pd.Timedelta(days=int(day)), 10.0, "young") for day in days[days > 365]]
        start = begin - pd.Timedelta(days=int(rng.uniform(0, 3650))) if older else begin + pd.Timedelta(days=int(first))
        clients.append((name, start))
    rows.append(("k000", END - pd.Timedelta(days=1), 10.0, "old"))
    return {
        "orders": pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "product_line"]),
        "clients": pd.DataFrame(clients, columns=["client_id", "start_date"]),
    }


def test_nothing_is_said_of_a_line_beyond_the_months_for_which_it_was_seen_to_be_sold(tmp_path):
    study = prepare(write(tmp_path / "short", **of_short_records()))
    found = study.ask(how_long_do_clients_stay)
    assert found.overall.curve.month[-1] > 60  # clients themselves are known to be older
    assert {one.line for one in found.lines} == {"old", "young"}
    for one in found.lines:
        ends = (one.median.value, one.median.low, one.median.high, float(one.horizon + 12 * (one.horizon > 0)))
        assert np.nanmax([*ends, *one.curve.month]) <= 12 * one.years_sold
    old = next(one for one in found.lines if one.line == "old")
    assert old.horizon == 12
    assert old.years_sold == pytest.approx(2.0, abs=0.05)
    row = tabulate_lifetime.article(found).set_index("line").loc["old"]
    assert "the records saw the line sold for 2.0 years" in row["cannot be said"]
    assert all(group.curve.month[-1] <= 24 for group in study.ask(who_stays_longer).by_line.groups)


def test_reduction_where_nobody_is_older_than_the_line_nothing_is_cut(tmp_path):
    tables = of_short_records()
    study = prepare(write(tmp_path / "alone", orders=tables["orders"]))
    lives = lifetime.lives_by_line(study)
    whole = lifetime.lifetimes(lives, entry_after_months=12)
    pd.testing.assert_frame_equal(lifetime.regulars_by_line(lives, None), whole)


def book(*, variance: float, clients: int = 900, months: int = 84, seed: int = 7) -> pd.DataFrame:
    """Clients that order every month until they leave, with a gamma factor of their own on the hazard."""
    rng, rows = np.random.default_rng(seed), []
    begin = END - pd.DateOffset(months=months)
    span = (END - begin).days
    factor = rng.gamma(1 / variance, variance, clients) if variance else np.ones(clients)
    for number in range(clients):
        first = rng.uniform(40, 0.8 * span)
        end = first + rng.exponential(1 / factor[number]) * 900
        days = np.arange(first, min(end, span), 30).astype(int)
        amount = round(float(rng.lognormal(4, 0.7)), 2)
        rows += [(f"k{number:04d}", begin + pd.Timedelta(days=int(day)), amount) for day in days]
    rows.append(("k0000", END - pd.Timedelta(days=1), 10.0))
    return pd.DataFrame(rows, columns=["client_id", "order_date", "amount"])


def test_recovery_much_unseen_difference_is_seen(tmp_path):
    found = prepare(write(tmp_path / "apart", orders=book(variance=2.0))).ask(who_stays_longer).sorting
    assert found.seen
    assert found.variance.low < 2.0 < found.variance.high
    assert "So a hazard that falls with tenure may be sorting" in found.sentence
    assert "cannot tell" not in found.sentence


def test_where_all_are_alike_we_cannot_tell(tmp_path):
    study = prepare(write(tmp_path / "alike", orders=book(variance=0.0)))
    found = study.ask(who_stays_longer).sorting
    assert not found.seen
    assert "we cannot tell whether a hazard that falls with tenure is sorting" in found.sentence
    assert found.sentence in study.ask(who_stays_longer).sentences


def test_too_few_departures_are_said_in_words(tmp_path):
    found = prepare(write(tmp_path / "few", orders=book(variance=0.0, clients=25))).ask(who_stays_longer).sorting
    assert np.isnan(found.variance.value)
    assert "we cannot say" in found.sentence
    assert "nan" not in found.sentence


def test_many_clients_are_thinned_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sorting, "MOST_CLIENTS", 400)
    found = who_stays_longer(prepare(write(tmp_path / "many", orders=book(variance=2.0)))).sorting
    assert found.clients == 400 < found.drawn_from
    assert f"400 first lives, drawn from {found.drawn_from}" in found.sentence


def test_one_order_that_towers_above_all_others_leaves_the_question_without_sizes(tmp_path):
    orders = book(variance=0.0, clients=300).assign(amount=10.0)
    orders.loc[orders["client_id"] == "k0007", "amount"] = 1e9
    found = prepare(write(tmp_path / "tower", orders=orders)).ask(who_stays_longer).sorting
    assert found.known
    assert not found.by_size or np.isfinite(found.variance.low)
    assert "nan" not in found.sentence


def test_what_the_data_set_no_bound_to_is_said_so():
    found = sorting.Sorting(Estimate(1.2, 0.1, np.inf), 100, 40, 100, (12,), by_size=True)
    assert "1.20 (95 % interval from 0.10, without an upper end)" in found.sentence
    assert "between months 1 and 12, month 13 and the last would look the same" in found.sentence
