"""On whom we depend, who is key, who looks after whom."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write
from scipy.stats import binom

from churnlab import plots
from churnlab.answers import prepare, tabulate_accounts, who_is_at_risk
from churnlab.answers.dependence import BANDS, who_do_we_depend_on
from churnlab.answers.managers import _over, _told_apart, who_looks_after_whom
from churnlab.answers.shares import ratio
from churnlab.reports import show


def small_book() -> pd.DataFrame:
    """Eight clients with known sales of the last year: 400, 200, 100, 100, 100, 50, 30, 20; the year before all 100."""
    sales = dict(zip("abcdefgh", [400, 200, 100, 100, 100, 50, 30, 20], strict=True))
    days = [END - pd.Timedelta(days=day) for day in (1, 100, 200, 300)]
    rows = [(client, day, amount / 4) for client, amount in sales.items() for day in days]
    rows += [(client, day - pd.Timedelta(days=365), 25.0) for client in sales for day in days]
    return pd.DataFrame(rows, columns=["client_id", "order_date", "amount"])


def ask(folder, **tables):
    study = prepare(write(folder, **tables), names=True)
    return study.ask(who_do_we_depend_on), study.ask(who_looks_after_whom)


def clients_of(**columns) -> pd.DataFrame:
    return pd.DataFrame({"client_id": list("abcdefgh"), **columns})


def test_reference_shares_by_hand(tmp_path):
    found, _ = ask(tmp_path / "book", orders=small_book())
    assert found.groups["group"].tolist()[:2] == ["a", "b"]
    assert found.groups["share"].tolist()[:3] == pytest.approx([0.4, 0.2, 0.1])
    assert (found.now.largest, found.now.top5, found.now.top10) == pytest.approx((0.4, 0.9, 1.0))
    assert found.now.herfindahl == pytest.approx(0.16 + 0.04 + 0.03 + 0.0025 + 0.0009 + 0.0004)
    assert "40 % of the sales of the last 12 months: by convention a strong dependence" in found.headline
    assert "groups are not known" in found.headline


def test_reference_a_group_counts_as_one_up_to_its_top(tmp_path):
    parents = ["", "", "b", "c", "", "", "", ""]  # d belongs to c, which belongs to b
    found, _ = ask(tmp_path / "groups", orders=small_book(), clients=clients_of(parent_id=parents))
    assert found.groups.iloc[:2][["group", "members"]].to_numpy().tolist() == [["a", 1], ["b", 3]]
    assert found.groups["share"].tolist()[:2] == pytest.approx([0.4, 0.4])
    assert found.now.clients == 6
    assert "a group counts as one" in found.headline


def test_parents_in_a_circle_are_one_group(tmp_path):
    parents = ["b", "c", "a", "", "", "", "", ""]
    found, _ = ask(tmp_path / "circle", orders=small_book(), clients=clients_of(parent_id=parents))
    assert found.groups.iloc[0][["group", "members"]].tolist() == ["a", 3]
    assert found.now.largest == pytest.approx(0.7)
    assert "by convention a critical dependence" in found.headline


def test_reference_shares_of_past_windows(tmp_path):
    found, _ = ask(tmp_path / "windows", orders=small_book())
    first, last = found.windows.iloc[0], found.windows.iloc[-1]
    assert last["end"] == END
    assert last["largest"] == pytest.approx(found.now.largest)
    assert first["largest"] < 0.25  # the year before all bought the same
    assert f"over {len(found.windows)} windows" in found.range_sentence
    assert "no sampling error" in found.range_sentence


def test_reference_marks_of_key_clients(tmp_path):
    marked = clients_of(
        manager_id=["M1", "M1", "M2", "M2", "M2", "M2", "M2", "M2"],
        is_reference=[False, False, False, False, False, True, False, False],
        is_demanding=[True, False, False, False, False, False, False, False],
        potential_amount=[500, 400, 0, 0, 150, 50, 35, 300],
    )
    found, care = ask(tmp_path / "marks", orders=small_book(), clients=marked)
    marks = found.key.set_index("group")["marks"]
    assert marks["a"] == "more than 10 % of all sales; more than 10 % of its manager's sales; demanding"
    assert marks["b"].endswith("potential")  # twice its own purchases
    assert marks["c"] == "more than 10 % of its manager's sales"  # exactly 10 % of all sales is not more
    assert marks["f"] == "more than 10 % of its manager's sales; a name to refer to"
    assert marks["h"] == "potential"
    assert "g" not in marks  # 30 of 400, and its potential is small
    assert found.unmarked == ("is_innovator",)
    table = care.managers.set_index("manager_id")
    assert table.loc["M2", ["clients", "key", "by_volume", "small"]].tolist() == [6, 5, 4, 0]
    assert table.loc["M2", "over"] == "5 key clients"
    assert table.loc["M1", "over"] == ""


def test_managers_come_from_orders_where_clients_name_none(tmp_path):
    orders = small_book().assign(manager_id="M9")
    _, care = ask(tmp_path / "orders", orders=orders)
    assert care.managers["manager_id"].tolist() == ["M9"]
    assert care.managers["share"].tolist() == pytest.approx([1.0])
    assert any("hours" in sentence for sentence in care.missing)


def test_hours_come_from_the_managers_table(tmp_path):
    table = pd.DataFrame({"manager_id": ["M1", "M7"], "name": ["Ann", "Bo"], "hours_per_month": [120, 100]})
    clients = clients_of(manager_id=["M1"] * 7 + ["M3"])
    _, care = ask(tmp_path / "hours", orders=small_book(), clients=clients, managers=table)
    hours = care.managers.set_index("manager_id")["hours"]
    assert hours["M1"] == 120
    assert np.isnan(hours["M3"])
    assert care.missing == ()


def test_key_clients_beside_many_small_ones_are_over_the_rule(tmp_path):
    big = [("big", END - pd.Timedelta(days=day), 1e5) for day in (1, 200, 400)]
    small = [(f"s{number:02d}", END - pd.Timedelta(days=day), 1.0) for number in range(11) for day in (5, 50)]
    book = pd.DataFrame([*big, *small], columns=["client_id", "order_date", "amount"]).assign(manager_id="M1")
    _, care = ask(tmp_path / "small", orders=book)
    assert care.managers["over"].tolist() == ["1 key beside 11 small"]
    _, spared = ask(tmp_path / "fewer", orders=book[book["client_id"] != "s00"])
    assert spared.managers["over"].tolist() == [""]
    assert "nobody" in spared.load_sentences[0]


def test_what_the_largest_puts_at_stake_is_its_risk_times_its_sales(tmp_path):
    book = orders_of(150)
    study = prepare(write(tmp_path / "risk", orders=book))
    found, risk = study.ask(who_do_we_depend_on), study.ask(who_is_at_risk)
    row = found.groups.iloc[0]
    own = risk.clients.set_index("client_id").loc[row["group"]]
    assert (row["risk"], row["low"], row["high"]) == (own["risk"], own["low"], own["high"])
    said = " ".join(found.loss_sentences)
    assert study.label(row["group"]) in said
    assert "in expectation" in said
    assert "is not modelled" in said


def test_orders_alone_say_what_is_missing(tmp_path):
    found, care = ask(tmp_path / "alone", orders=small_book())
    assert found.unmarked == ("manager_id", "is_reference", "is_innovator", "is_demanding", "potential_amount")
    assert "columns are missing" in found.key_sentences[-1]
    assert "neither clients nor orders name a manager" in care.load_sentences[0]
    assert "no attention scores" in care.attention_sentence
    assert care.managers.empty


def test_a_year_without_sales_is_no_error(tmp_path):
    orders = pd.DataFrame(
        {
            "client_id": ["a", "a"],
            "order_date": ["2022-01-05", "2024-01-05"],
            "amount": [10, -5],
            "kind": ["sale", "return"],
        }
    )
    found, care = ask(tmp_path / "nothing", orders=orders)
    assert "nothing was sold" in found.headline
    assert all("nothing was sold" in said or "cannot" in said for said in (*found.sentences, *care.sentences))


def _surveys(scores: dict[str, list[float]], **columns) -> pd.DataFrame:
    rows = [(client, END - pd.Timedelta(days=30 + 90 * place), "quarterly", score)
            for client, given in scores.items() for place, score in enumerate(given)]  # fmt: skip
    return pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "attention"]).assign(**columns)


def _two_managers():
    """Twelve clients, six a manager."""
    names = [f"c{number:02d}" for number in range(12)]
    days = [END - pd.Timedelta(days=day) for day in (1, 60, 400)]
    orders = pd.DataFrame([(name, day, 10.0) for name in names for day in days])
    orders.columns = ["client_id", "order_date", "amount"]
    return names, orders, pd.DataFrame({"client_id": names, "manager_id": ["M1"] * 6 + ["M2"] * 6})


def test_reference_attention_is_a_mean_over_answers_with_an_interval_over_clients(tmp_path):
    names, orders, clients = _two_managers()
    scores = {name: [5.0 + number % 6, 6.0] for number, name in enumerate(names[:6])} | {
        name: [9.0] for name in names[6:]
    }
    _, care = ask(tmp_path / "attention", orders=orders, clients=clients, surveys=_surveys(scores))
    rows = care.attention.set_index("manager_id")
    sums = np.array([sum(scores[name]) for name in names[:6]])
    expected = ratio(sums, np.full(6, 2.0))
    assert rows.loc["M1", ["score", "low", "high"]].tolist() == pytest.approx(
        [expected.value, expected.low, min(10.0, expected.high)]
    )
    assert rows.loc["M1", ["clients", "answers"]].tolist() == [6, 12]
    assert rows.loc["M2", "score"] == 9.0


def test_scores_that_the_own_manager_asked_for_are_left_out(tmp_path):
    names, orders, clients = _two_managers()
    mine = _surveys({name: [10.0] for name in names}, asked_by="M1")
    other = _surveys({name: [float(4 + number % 3)] for number, name in enumerate(names)}, asked_by="M2")
    _, care = ask(tmp_path / "asked", orders=orders, clients=clients, surveys=pd.concat([mine, other]))
    assert care.own == 12  # six of M1's clients by M1, six of M2's by M2
    rows = care.attention.set_index("manager_id")
    assert rows.loc["M1", "score"] == pytest.approx(5.0)
    assert rows.loc["M2", "score"] == 10.0
    assert "12 scores that the client's own manager asked for are left out." in care.sentences


def test_direction_managers_are_told_apart_only_where_they_differ_much(tmp_path):
    names, orders, clients = _two_managers()
    spread = [0.0, 0.5, 1.0, 0.2, 0.8, 0.4]
    said = {}
    for gap in (0.1, 4.0):
        scores = {name: [5.0 + spread[number % 6] + gap * (number >= 6)] for number, name in enumerate(names)}
        _, care = ask(tmp_path / f"gap{gap}", orders=orders, clients=clients, surveys=_surveys(scores))
        said[gap] = (care.told, care.attention_sentence)
    assert said[0.1][0] == ()
    assert "we cannot tell" in said[0.1][1]
    assert said[4.0][0] == ("M1", "M2")
    assert "higher than that of M1" in said[4.0][1]


def _compared(rng, managers, gap):
    """Managers named as different, where the first differs by so much from the others."""
    rows = []
    for number in range(managers):
        scores = rng.normal(7 + gap * (number == 0), 1.5, 20)
        found = ratio(scores, np.ones(20))
        rows.append((f"M{number}", 20, 20, found.value, found.low, found.high))
    frame = pd.DataFrame(rows, columns=["manager_id", "clients", "answers", "score", "low", "high"])
    return _told_apart(frame.sort_values("score", ascending=False).reset_index(drop=True))


@pytest.mark.parametrize("managers", [2, 6, 12])
def test_recovery_equal_managers_are_rarely_told_apart_and_different_ones_often(managers):
    """400 books each: a 5 % test, within its 99.9 % band; and power against two standard deviations."""
    rng, runs = np.random.default_rng(managers), 400
    false = sum(bool(_compared(rng, managers, 0.0)) for _ in range(runs))
    right = sum("M0" in _compared(rng, managers, 3.0) for _ in range(20))
    assert false <= binom.ppf(0.9995, runs, 0.05)
    assert right >= 18


def test_property_bands_are_in_order():
    assert list(BANDS) == sorted(BANDS)


def test_hostile_names_stay_text(tmp_path):
    names, orders, clients = _two_managers()
    hostile = "<script>alert(1)</script>" + "\u202e" + "x" * 90
    clients = clients.assign(manager_id=[hostile] * 12, name=["=1+1 $x_1$ <b>" for _ in names])
    study = prepare(write(tmp_path / "hostile", orders=orders, clients=clients), names=True)
    found, care = study.ask(who_do_we_depend_on), study.ask(who_looks_after_whom)
    tables = [
        show.table(tabulate_accounts.groups(found, study.label), caption="groups"),
        show.table(tabulate_accounts.managers(care), caption="managers"),
        show.answer([*found.sentences, *care.sentences]),
    ]
    assert all("<script>" not in one.html and "<b>" not in one.html and "\u202e" not in one.html for one in tables)
    drawn = plots.largest_shares(plots.blank_axes(), found.groups, bands=BANDS, label=study.label)
    assert "<b>" not in show.figure(drawn, title=found.headline, alt=found.headline).svg


def test_charts_draw_what_they_are_given(tmp_path):
    found, _ = ask(tmp_path / "drawn", orders=small_book())
    ax = plots.shares_over_time(plots.blank_axes(), found.windows, bands=BANDS)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), found.windows["largest"])
    ax = plots.largest_shares(plots.blank_axes(), found.groups, bands=BANDS, label=str)
    ends = [segment[1][0] for segment in ax.collections[0].get_segments()]
    assert ends == pytest.approx(found.groups["share"].tolist())
    scores = pd.DataFrame({"manager_id": ["a", "b"], "clients": [9, 7], "score": [8.0, 6.0], "low": 5.0, "high": 9.0})
    ax = plots.attention_scores(plots.blank_axes(), scores)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a (n 9)", "b (n 7)"]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [8.0, 6.0])


@pytest.mark.parametrize(
    ("key", "small", "over"),
    [
        (3, 10, ""),
        (4, 0, "4 key clients"),
        (1, 11, "1 key beside 11 small"),
        (0, 99, ""),
        (3, 11, "3 key beside 11 small"),
    ],
)
def test_reference_the_rule_of_thumb(key, small, over):
    assert _over(key, small) == over
