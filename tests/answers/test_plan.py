"""The plan by line, its correction in mid-month, and the call sheet."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, tabulate_demand, what_each_will_order, what_to_plan
from churnlab.answers.call_sheet import LESS, MORE, SILENT
from churnlab.answers.ordered import ALL, OTHER_LINES, origins_until, read_orders, year_before
from churnlab.answers.plan_record import MONTH, QUARTER, REST
from churnlab.answers.shares import ratio
from churnlab.answers.summary import summarise
from churnlab.answers.words import interval, percent
from churnlab.demand import Ahead, first_of
from churnlab.reports import show

HOSTILE = "<script>alert(1)</script> $x$ =1+1"


@pytest.fixture(scope="module")
def book():
    """Two lines by client, one of them three years old; quantities."""
    orders = orders_of(50)
    number = orders["client_id"].str[1:].astype(int)
    young = (number % 3 == 0) & (orders["order_date"] >= "2023-06-01")
    return orders.assign(product_line=np.where(young, HOSTILE, "boards"), quantity=(orders["amount"] / 10).round(1))


@pytest.fixture
def study(book, tmp_path):
    return prepare(write(tmp_path / "book", orders=book))


def test_reference_orders_by_line_count_once_and_returns_do_not():
    day = pd.Timestamp("2024-01-05")
    rows = [("a", day, 10.0, "1", "A", "sale", 2.0), ("a", day, 20.0, "1", "B", "sale", 3.0)]
    rows += [("a", day, 5.0, "2", "A", "sale", 1.0), ("b", day, -5.0, "3", "A", "return", -1.0)]
    names = ["client_id", "order_date", "amount", "order_id", "product_line", "kind", "quantity"]
    orders = pd.DataFrame(rows, columns=names)
    found = read_orders(orders)
    assert (found.lines, found.clients, found.volume) == (("A", "B"), ("a",), "quantity")
    assert found.logs[ALL].volume.tolist() == [5.0, 1.0]
    assert found.logs["A"].volume.tolist() == [2.0, 1.0]
    without = read_orders(orders.drop(columns=["order_id", "product_line", "quantity"]))
    assert (without.lines, without.volume, without.logs[ALL].volume.tolist()) == ((), "sales", [35.0])


def test_reference_a_missing_quantity_is_that_of_its_line_for_the_money():
    rows = [("A", 100.0, 10.0), ("A", 50.0, np.nan), ("B", 900.0, 30.0), ("B", 30.0, 0.0), ("C", 10.0, np.nan)]
    orders = pd.DataFrame(rows, columns=["product_line", "amount", "quantity"])
    orders = orders.assign(client_id="a", order_date=pd.Timestamp("2024-01-05"), kind="sale", order_id="1")
    many = pd.concat([orders, orders.iloc[[2]].assign(amount=9000.0, quantity=300.0)])  # most of the money is known
    found = read_orders(many)
    assert (found.volume, found.filled) == ("quantity", 3)
    sums = {line: float(found.logs[line].volume.sum()) for line in found.lines}
    assert sums == pytest.approx({"B": 331.0, "A": 15.0, "C": 10 * 340 / 10000})
    assert read_orders(orders).volume == "sales"  # 9 % of the money has no quantity


def test_small_lines_are_put_together():
    rows = [(f"line {number}", 100.0 / (number + 1)) for number in range(9)]
    orders = pd.DataFrame(rows, columns=["product_line", "amount"])
    orders = orders.assign(client_id="a", order_date=pd.Timestamp("2024-01-05"), kind="sale")
    lines = read_orders(orders).lines
    assert len(lines) == 7
    assert OTHER_LINES in lines
    named = read_orders(orders.assign(product_line=np.where(orders["amount"] > 60, ALL, "other")))
    assert named.lines[0] != ALL
    assert len(named.logs) == 3


def test_reference_days_on_which_plans_are_made():
    def days(text, **options):
        found = origins_until(pd.Timestamp(text), first=pd.Timestamp("2024-01-10"), **options)
        return [str(day) for day in found.astype("datetime64[D]")]

    assert days("2024-04-01") == ["2024-02-01", "2024-03-01", "2024-04-01"]
    assert days("2024-03-31") == ["2024-01-31", "2024-02-29", "2024-03-31"]
    assert days("2024-03-31", on=16) == ["2024-01-16", "2024-02-16", "2024-03-16"]
    assert days("2024-03-02", on=16) == ["2024-01-16", "2024-02-16"]


@pytest.mark.parametrize("day", [28, 29, 30, 31])
def test_the_call_sheet_stands_at_the_end_of_a_month(book, tmp_path, day):
    """The last past month ends on the day of the study, whatever day that is."""
    found = prepare(write(tmp_path / "end", orders=book), as_of=f"2024-10-{day}").ask(what_each_will_order)
    assert len(found.clients) > 15
    assert found.last == pd.Timestamp(f"2024-09-{min(day, 30)}")
    came = book[(book["order_date"] >= found.last) & (book["order_date"] < found.as_of)]
    before = set(book.loc[book["order_date"] < found.last, "client_id"])
    assert found.clients["last_came"].sum() == len(came[came["client_id"].isin(before)])
    assert found.ends == pd.Timestamp(f"2024-11-{min(day, 30)}")


def test_reference_the_same_period_a_year_before(book):
    log = read_orders(book.assign(kind="sale")).logs[ALL]
    begins = first_of([12 * 54, 12 * 54 + 1])  # January and February 2024
    found = year_before(log, Ahead(begins, begins + 20))
    seen = book[(book["order_date"] >= "2023-01-01") & (book["order_date"] < "2023-01-21")]
    assert found[:, 0] == pytest.approx([len(seen), seen["quantity"].sum()])
    early = first_of([12 * 48])
    assert np.isnan(year_before(log, Ahead(early, early + 20))).all()


def test_the_plan_says_month_and_quarter_by_line(study, book):
    found = study.ask(what_to_plan)
    assert found.volume == "quantity"
    assert found.lines == (ALL, "boards", HOSTILE)
    assert set(found.rows["period"]) == {MONTH, QUARTER}
    row = found.row(ALL, MONTH, "volume")
    assert (row["begin"], row["end"]) == (END, END + pd.DateOffset(months=1))
    assert row["regular"] + row["newer"] + row["unknown"] == pytest.approx(row["value"])
    known = found.rows.dropna(subset=["value"])
    assert (known["low"] <= known["value"]).all()
    assert (known["value"] <= known["high"]).all()
    past = found.past[(found.past["line"] == ALL) & (found.past["measure"] == "volume")]
    last = book[book["order_date"] >= END - pd.DateOffset(months=1)]
    assert past["begin"].iloc[-1] == END - pd.DateOffset(months=1)
    assert past["seen"].iloc[-1] == pytest.approx(last["quantity"].sum())
    assert "From 2025-01-01 to 2025-01-31 we expect orders of" in found.headline
    assert any("a season of its own" in sentence for sentence in found.sentences)


def test_direction_a_corrected_month_errs_less(study):
    rows = study.ask(what_to_plan).corrections.set_index(["line", "measure"])
    assert (rows.loc[ALL]["corrected_error"] < rows.loc[ALL]["first_error"]).all()
    assert (rows["months"] >= 6).all()


def test_on_the_sixteenth_what_came_is_part_of_the_month(book, tmp_path):
    study = prepare(write(tmp_path / "middle", orders=book), as_of="2024-10-16")
    found = study.ask(what_to_plan)
    row = found.row(ALL, REST, "volume")
    came = book[(book["order_date"] >= "2024-10-01") & (book["order_date"] < "2024-10-16")]["quantity"].sum()
    assert row["came"] == pytest.approx(came)
    assert row["value"] - row["came"] == pytest.approx(row["regular"] + row["newer"] + row["unknown"])
    assert row["low"] >= came
    assert row["first_low"] < row["first_said"] < row["first_high"]
    assert row["high"] - row["low"] < row["first_high"] - row["first_low"]
    assert found.row(ALL, MONTH, "volume")["begin"] == pd.Timestamp("2024-11-01")
    assert any("corrected on 2024-10-16" in sentence for sentence in found.sentences)
    assert "came so far" in tabulate_demand.plan(found)
    assert study.ask(what_each_will_order).ends == pd.Timestamp("2024-11-16")


def test_property_what_comes_later_changes_no_plan_of_an_earlier_day(book, tmp_path):
    now = prepare(write(tmp_path / "now", orders=book), as_of="2024-01-01")
    then = prepare(write(tmp_path / "then", orders=book[book["order_date"] < "2024-01-01"]), as_of="2024-01-01")
    assert now.ask(what_to_plan).sentences == then.ask(what_to_plan).sentences
    assert now.ask(what_each_will_order).sentences == then.ask(what_each_will_order).sentences


def test_the_call_sheet_names_who_stopped(book, tmp_path):
    """A client of an order every three weeks that ordered nothing last month stands on top."""
    begin = END - pd.DateOffset(months=1)
    counts = book[book["order_date"] >= begin - pd.DateOffset(months=3)].groupby("client_id")["quantity"].sum()
    silent = str(counts.idxmax())
    cut = book[(book["client_id"] != silent) | (book["order_date"] < begin - pd.Timedelta(days=14))]
    found = prepare(write(tmp_path / "cut", orders=cut), names=True).ask(what_each_will_order)
    first = found.clients.iloc[0]
    assert (first["client_id"], first["surprise"], first["last_came"]) == (silent, LESS, 0.0)
    assert first["tail"] <= 0.05
    marked = found.clients["surprise"] == LESS
    assert marked.to_numpy().nonzero()[0].tolist() == list(range(marked.sum()))
    rest = found.clients[~marked]
    assert (rest["volume"].diff().dropna() <= 1e-9).all()
    assert found.clients["client_id"].is_unique
    assert (found.clients["orders_low"] <= found.clients["orders"]).all()
    assert found.orders_held.value >= 0.8
    assert found.graded > 250


def test_a_recorded_closure_takes_the_client_out(book, tmp_path):
    """The largest client closes a week before: it is in neither, unless it is known only later or it orders again."""
    recent = book[book["order_date"] >= END - pd.DateOffset(months=6)]
    client = str(recent.groupby("client_id")["quantity"].sum().idxmax())
    cut = book[(book["client_id"] != client) | (book["order_date"] < END - pd.Timedelta(days=8))]
    answers = {}
    for name, day in (("open", None), ("closed", "2024-12-25"), ("earlier", "2022-06-01")):
        clients = pd.DataFrame({"client_id": sorted(set(cut["client_id"]))})
        clients = clients.assign(closed_date=np.where(clients["client_id"] == client, day, None))
        study = prepare(write(tmp_path / name, orders=cut, clients=clients), names=True)
        answers[name] = study.ask(what_to_plan).row(ALL, MONTH, "volume")["value"], study.ask(what_each_will_order)
    expected = answers["open"][1].clients.set_index("client_id")["volume"]
    assert client in expected
    assert client not in set(answers["closed"][1].clients["client_id"])
    assert answers["open"][0] - answers["closed"][0] == pytest.approx(expected[client], rel=0.1)
    assert client in set(answers["earlier"][1].clients["client_id"])


def test_where_everybody_has_closed_nothing_is_said(book, tmp_path):
    clients = pd.DataFrame({"client_id": sorted(set(book["client_id"]))}).assign(closed_date="2025-01-01")
    folder = write(tmp_path / "shut", orders=book, clients=clients)
    study = prepare(folder, as_of="2025-01-02")
    plan, sheet = study.ask(what_to_plan), study.ask(what_each_will_order)
    assert plan.row(ALL, MONTH, "volume") is None
    assert sheet.clients.empty
    assert sheet.results.empty
    assert "cannot tell" in sheet.headline


def test_who_is_silent_past_its_limit_is_marked(book, tmp_path):
    often = book["client_id"].value_counts().index[0]
    cut = book[(book["client_id"] != often) | (book["order_date"] < END - pd.DateOffset(months=5))]
    found = prepare(write(tmp_path / "silent", orders=cut), names=True)
    sheet = found.ask(what_each_will_order)
    lives = found.lives().frame.groupby("client_id").tail(1).set_index("client_id")["left_on"]
    assert (sheet.clients.set_index("client_id")["silent"] == lives.reindex(sheet.clients["client_id"]).notna()).all()
    due = tabulate_demand.call_sheet(sheet, found.label).set_index("client")["next order due"]
    marked = set(sheet.clients.loc[sheet.clients["silent"], "client_id"]) & set(due.index)
    assert (due[list(marked)] == SILENT).all()
    assert not due.str.contains("may have left").any()


def test_surprises_and_chance_are_counted_over_the_same_clients(study):
    found = study.ask(what_each_will_order)
    frame = found.clients
    among = frame[frame["last_expected"] >= 0.5]
    assert found.watched == len(among)
    counts = [(among["surprise"] == way).sum() for way in (LESS, MORE)]
    assert f"{counts[0]} ordered surprisingly little and {counts[1]} surprisingly much" in found.sentences[1]


def test_plan_sheet_and_results_agree(study):
    """One forecast: what single clients are to order is the plan without those who have not bought yet."""
    sheet, row = study.ask(what_each_will_order), study.ask(what_to_plan).row(ALL, MONTH, "orders")
    frame = study.ask(summarise).results["orders_expected"]
    assert list(frame) == ["client_id", "horizon_months", "orders", "low", "high"]
    assert (frame["horizon_months"] == 1).all()
    assert frame["orders"].is_monotonic_decreasing
    assert (frame["low"] <= frame["orders"]).all()
    assert (frame["orders"] <= frame["high"] + 0.25).all()  # whole numbers: none may be likeliest
    assert frame["orders"].sum() == pytest.approx(sheet.clients["orders"].sum())
    assert frame["orders"].sum() == pytest.approx(row["regular"] + row["newer"], abs=0.05 * 50)
    assert frame["orders"].sum() <= row["value"]


def test_reference_intervals_that_held_by_period(study):
    found = study.ask(what_to_plan)
    rows = found.rows[found.rows["period"] == MONTH]
    held = found.held.set_index("period").loc[MONTH]
    assert held["share"] == pytest.approx(rows["held"].sum() / rows["graded"].sum())
    assert held["graded"] == rows["graded"].sum()
    assert held["low"] < held["share"] < held["high"]
    pair = found.rows.dropna(subset="naive_error")
    worse = pair[(pair["own_error"] >= pair["naive_error"]) & (pair["compared"] >= 6)]
    said = next(each for each in found.sentences if "last year's same period" in each.lower() and "erred" in each)
    assert all(line in said for line in worse["line"])


def test_reference_errors_have_an_interval_over_what_came_at_one_time(study):
    found = study.ask(what_to_plan)
    past = found.past[(found.past["line"] == ALL) & (found.past["measure"] == "volume")]
    row = found.row(ALL, MONTH, "volume")
    assert row["compared"] == len(past)
    by_hand = ratio((past["value"] - past["seen"]).abs(), past["seen"])
    told = [row[f"own_{part}"] for part in ("error", "low", "high")]
    assert told == pytest.approx([by_hand.value, by_hand.low, by_hand.high])
    assert interval(by_hand, percent) in " ".join(found.sentences)
    known = found.rows.dropna(subset="own_error")
    for which in ("own", "naive", "mean"):
        assert (known[f"{which}_low"] <= known[f"{which}_error"]).all()
        assert (known[f"{which}_error"] < known[f"{which}_high"]).all()
    corrected = found.corrections
    assert (corrected["corrected_low"] < corrected["corrected_error"]).all()
    assert (corrected["first_error"] < corrected["first_high"]).all()


def test_names_are_escaped_and_long_ones_cut(book, tmp_path):
    names = pd.DataFrame({"client_id": sorted(set(book["client_id"]))}).assign(name=HOSTILE + "x" * 300)
    study = prepare(write(tmp_path / "hostile", orders=book, clients=names), names=True)
    sheet = tabulate_demand.call_sheet(study.ask(what_each_will_order), study.label)
    assert len(sheet) == tabulate_demand.SHEET_ROWS
    assert sheet["client"].str.len().max() <= 60
    plan = study.ask(what_to_plan)
    for table in (
        sheet,
        tabulate_demand.plan(plan),
        tabulate_demand.plan_record(plan),
        tabulate_demand.corrections(plan),
    ):
        assert "<script" not in show.table(table, caption="x").html


def test_plots_draw_what_the_answers_say(study):
    plan, sheet = study.ask(what_to_plan), study.ask(what_each_will_order)
    past = plan.past[(plan.past["line"] == ALL) & (plan.past["measure"] == "volume")]
    coming = plan.rows[(plan.rows["line"] == ALL) & (plan.rows["period"] == MONTH) & (plan.rows["measure"] == "volume")]
    ax = plots.plan_history(plots.blank_axes(), past, coming, unit="quantity a month")
    assert ax.lines[0].get_ydata().tolist() == past["seen"].tail(36).tolist()
    assert ax.lines[-1].get_ydata().tolist() == coming["value"].tolist()
    corrected = plan.corrections[plan.corrections["measure"] == "volume"]
    ax = plots.errors_corrected(plots.blank_axes(), corrected)
    assert ax.lines[1].get_xdata().tolist() == corrected["corrected_error"].tolist()
    ax = plots.expected_and_seen(plots.blank_axes(), sheet.clients)
    drawn = sum(len(line.get_xdata()) for line in ax.lines[:3])
    assert drawn == sheet.clients["last_expected"].notna().sum()


def _sentences(orders, folder, **options):
    study = prepare(write(folder, orders=orders), **options)
    plan, sheet = study.ask(what_to_plan), study.ask(what_each_will_order)
    for table in (
        tabulate_demand.plan(plan),
        tabulate_demand.plan_record(plan),
        tabulate_demand.corrections(plan),
        tabulate_demand.call_sheet(sheet, study.label),
    ):
        assert "nan" not in table.to_string().lower()
    return plan, sheet


def test_one_year_of_data_is_no_error(book, tmp_path):
    plan, sheet = _sentences(book[book["order_date"] < "2019-01-01"], tmp_path / "year", as_of="2019-01-01")
    assert plan.row(ALL, MONTH, "volume") is not None
    assert any("No season is used" in sentence for sentence in plan.sentences)
    assert np.isnan(plan.rows["naive_error"]).all()
    assert not sheet.clients.empty


def test_three_clients_are_no_error(book, tmp_path):
    few = book[book["client_id"].isin(["k00", "k04", "k08"])]
    _sentences(few, tmp_path / "few", as_of="2025-01-01")


def test_without_lines_and_quantities_sales_are_planned(book, tmp_path):
    plan, _ = _sentences(book.drop(columns=["product_line", "quantity"]), tmp_path / "bare")
    assert plan.lines == (ALL,)
    assert plan.volume == "sales"
    assert "sales of" in plan.headline


@pytest.mark.parametrize("months", [1, 2, 5])
def test_a_few_months_are_too_few(book, tmp_path, months):
    end = pd.Timestamp("2018-01-05") + pd.DateOffset(months=months)
    plan, sheet = _sentences(book[book["order_date"] < end], tmp_path / "short", as_of=f"{end:%Y-%m-%d}")
    assert "cannot tell" in plan.headline
    assert "cannot tell" in sheet.headline
    assert sheet.clients.empty
    assert plan.rows["value"].isna().all()


def test_a_single_order_is_no_error(tmp_path):
    one = pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10]})
    plan, sheet = _sentences(one, tmp_path / "one")
    assert "cannot tell" in plan.headline
    assert "cannot tell" in sheet.headline


def test_a_book_that_fell_silent_is_no_error(book, tmp_path):
    plan, sheet = _sentences(book[book["order_date"] < "2020-01-01"], tmp_path / "silent", as_of="2024-01-01")
    assert plan.row(ALL, MONTH, "orders")["value"] < 1
    assert sheet.headline
