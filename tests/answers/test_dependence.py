"""On whom we depend, who is key, what leaving would cost, who looks after whom."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, even_orders, orders_of, write

from churnlab import plots
from churnlab.accounts import BANDS, Attention, Band, concentration
from churnlab.accounts.assumed import FUNNEL
from churnlab.answers import (
    how_do_managers_books_fare,
    prepare,
    tabulate_dependence,
    what_if_they_leave,
    who_is_at_risk,
    who_is_key,
    who_looks_after_whom,
)
from churnlab.answers.dependence import depended_on, who_do_we_depend_on
from churnlab.answers.key_clients import BY_LINE, BY_MANAGER, BY_SALES, over_the_rule
from churnlab.lifetime import Estimate
from churnlab.reports import show


def small_book() -> pd.DataFrame:
    """Eight clients with known sales of the last year: 400, 200, 100, 100, 100, 50, 30, 20; the year before all 100."""
    sales = dict(zip("abcdefgh", [400, 200, 100, 100, 100, 50, 30, 20], strict=True))
    days = [END - pd.Timedelta(days=day) for day in (1, 100, 200, 300)]
    rows = [(client, day, amount / 4) for client, amount in sales.items() for day in days]
    rows += [(client, day - pd.Timedelta(days=365), 25.0) for client in sales for day in days]
    return pd.DataFrame(rows, columns=["client_id", "order_date", "amount"])


def study_of(folder, **tables):
    return prepare(write(folder, **tables), names=True)


def clients_of(**columns) -> pd.DataFrame:
    return pd.DataFrame({"client_id": list("abcdefgh"), **columns})


def test_reference_shares_by_hand(tmp_path):
    found = study_of(tmp_path / "book", orders=small_book()).ask(who_do_we_depend_on)
    assert found.groups["group"].tolist()[:2] == ["a", "b"]
    assert found.groups["share"].tolist()[:3] == pytest.approx([0.4, 0.2, 0.1])
    assert (found.now.largest, found.now.top5, found.now.top10) == pytest.approx((0.4, 0.9, 1.0))
    assert found.now.herfindahl == pytest.approx(0.16 + 0.04 + 0.03 + 0.0025 + 0.0009 + 0.0004)
    assert "40 % of the sales of the last 12 months: by convention in the band 'high'" in found.headline
    assert "groups are not known" in found.headline
    assert found.groups["now_in"].tolist()[1:3] == ["to be watched", "key"]  # exactly 20 and 10 %
    assert found.groups.loc[0, "to_next"] == pytest.approx((0.5 * 1000 - 400) / 0.5)
    assert found.groups.loc[1, "to_widen"] == pytest.approx(0, abs=1e-9)
    assert "orders name no cost" in found.margin_sentence


def test_nothing_says_that_concentration_is_bad(tmp_path):
    study = study_of(tmp_path / "words", orders=small_book())
    said = " ".join((*study.ask(who_do_we_depend_on).sentences, *study.ask(what_if_they_leave).sentences))
    assert "contested" in said
    assert not any(word in said.lower() for word in (" bad", "dangerous", "unhealthy", "too concentrated"))


def test_reference_margin_lies_otherwise_than_sales(tmp_path):
    book = small_book()
    book["cost"] = book["amount"] * np.where(book["client_id"] == "a", 0.95, 0.5)
    found = study_of(tmp_path / "margin", orders=book).ask(who_do_we_depend_on)
    row = found.groups.iloc[0]
    assert row["margin"] == pytest.approx(20.0)
    assert row["margin_share"] == pytest.approx(20 / (20 + 300))
    assert found.margin.largest == pytest.approx(100 / 320)
    assert found.costed == 1
    assert "In margin of all sales" in found.margin_sentence
    assert "lies with b and not with a, the largest by sales" in found.margin_sentence


@pytest.mark.parametrize(
    ("part", "kept", "said"),
    [
        (0.7, "abcdefgh", "pays unless more than 5 %"),
        (0.99, "abcdefgh", "would leave nothing earned on them"),
        (1.1, "abcdefgh", "nothing is earned on the others"),
        (0.7, "a", "nobody else bought goods whose cost is known"),
        (np.nan, "abcdefgh", "orders name no cost"),
    ],
)
def test_reference_the_cascade_stands_on_sales_whose_cost_is_known(tmp_path, part, kept, said):
    """A cost of 70 % named on every other order gives 0.7 r / (0.3 - 0.3 r), r = 0.7 * 0.03 / 0.97: 5 %."""
    book = small_book()
    book = book[book["client_id"].isin(list(kept))]
    book["cost"] = (part * book["amount"]).where(book["order_date"] > END - pd.Timedelta(days=150))
    found = study_of(tmp_path / "cascade", orders=book).ask(what_if_they_leave)
    assert said in found.cascade_sentence
    if said.startswith("pays"):
        dearer = 0.7 * 0.03 / 0.97
        assert found.exits.value == pytest.approx(0.7 * dearer / (0.3 - 0.3 * dearer))


def test_reference_a_group_counts_as_one_up_to_its_top(tmp_path):
    parents = ["", "", "b", "c", "", "", "", ""]  # d belongs to c, which belongs to b
    found = study_of(tmp_path / "groups", orders=small_book(), clients=clients_of(parent_id=parents))
    found = found.ask(who_do_we_depend_on)
    assert found.groups.iloc[:2][["group", "members"]].to_numpy().tolist() == [["a", 1], ["b", 3]]
    assert found.groups["share"].tolist()[:2] == pytest.approx([0.4, 0.4])
    assert found.now.clients == 6
    assert "a group counts as one" in found.headline


def test_reference_a_member_that_sent_back_all_counts_against_its_group(tmp_path):
    """Group b: 200 bought, 150 sent back by member x: 50 of 850, today as in the last window."""
    back = pd.DataFrame({"client_id": ["x"], "order_date": [END - pd.Timedelta(days=5)], "amount": [-150.0]})
    book = pd.concat([small_book().assign(kind="sale"), back.assign(kind="return")])
    clients = pd.DataFrame({"client_id": [*"abcdefgh", "x"], "parent_id": [""] * 8 + ["b"]})
    found = study_of(tmp_path / "back", orders=book, clients=clients).ask(who_do_we_depend_on)
    assert found.groups.set_index("group").loc["b", "share"] == pytest.approx(50 / 850)
    assert found.now.largest == pytest.approx(400 / 850)
    assert found.now.largest == pytest.approx(found.windows["largest"].iloc[-1])


def test_a_manager_is_filled_in_client_by_client_from_the_last_order(tmp_path):
    book = small_book().assign(manager_id="M9")
    book.loc[book["order_date"] == book["order_date"].max(), "manager_id"] = "M2"
    clients = clients_of(manager_id=["M1"] * 4 + [""] * 4)
    found = study_of(tmp_path / "filled", orders=book, clients=clients).ask(who_is_key)
    assert found.managers.set_index("manager_id")["clients"].to_dict() == {"M1": 4, "M2": 4}


def test_parents_in_a_circle_are_one_group(tmp_path):
    parents = ["b", "c", "a", "", "", "", "", ""]
    found = study_of(tmp_path / "circle", orders=small_book(), clients=clients_of(parent_id=parents))
    found = found.ask(who_do_we_depend_on)
    assert found.groups.iloc[0][["group", "members"]].tolist() == ["a", 3]
    assert found.now.largest == pytest.approx(0.7)


def test_reference_merged_numbers_and_returns_are_counted_once_and_net(tmp_path):
    """Client a bought half of its year under an old number; c sent back half of its: 400 and 50 of 950."""
    book = small_book()
    early = (book["client_id"] == "a") & (book["order_date"] < END - pd.Timedelta(days=150))
    book.loc[early, "client_id"] = "old"
    back = pd.DataFrame({"client_id": ["c"], "order_date": [END - pd.Timedelta(days=5)], "amount": [-50.0]})
    book = pd.concat([book.assign(kind="sale"), back.assign(kind="return")])
    merges = pd.DataFrame({"old_id": ["old"], "new_id": ["a"], "date": [END - pd.Timedelta(days=150)]})
    found = study_of(tmp_path / "merged", orders=book, merges=merges).ask(who_do_we_depend_on)
    share = found.groups.set_index("group")["share"]
    assert share["a"] == pytest.approx(400 / 950)
    assert share["c"] == pytest.approx(50 / 950)
    assert found.now.clients == 8


def test_reference_shares_of_past_windows(tmp_path):
    found = study_of(tmp_path / "windows", orders=small_book()).ask(who_do_we_depend_on)
    first, last = found.windows.iloc[0], found.windows.iloc[-1]
    assert last["end"] == END
    assert last["largest"] == pytest.approx(found.now.largest)
    assert first["largest"] < 0.25  # the year before all bought the same
    assert f"over {len(found.windows)} windows" in found.range_sentence
    assert "no sampling error" in found.range_sentence


def test_a_share_that_has_just_passed_a_line_is_confirmed_a_window_later(tmp_path):
    """One client buys so much in the last week that its share jumps over half: its band is still that of before."""
    book = small_book()
    jump = pd.DataFrame({"client_id": ["b"], "order_date": [END - pd.Timedelta(days=3)], "amount": [3000.0]})
    found = study_of(tmp_path / "jump", orders=pd.concat([book, jump])).ask(who_do_we_depend_on)
    row = found.groups.iloc[0]
    assert (row["group"], row["now_in"], row["band"]) == ("b", "critical", "key")
    assert "a band counts once it lasts 2 windows" in found.band_sentence


def test_lines_can_be_set(tmp_path):
    study = study_of(tmp_path / "lines", orders=small_book())
    found = depended_on(study, (Band(0.35, "ours", "our own board"),))
    assert found.groups["now_in"].tolist()[:2] == ["ours", "under the first line"]
    assert found.bands["source"].tolist() == ["our own board"]


def test_reference_concentration_within_lines_and_books(tmp_path):
    book = small_book().assign(product_line=lambda frame: np.where(frame["client_id"].isin(list("ab")), "one", "two"))
    clients = clients_of(manager_id=["M1"] * 4 + ["M2"] * 4)
    found = study_of(tmp_path / "parts", orders=book, clients=clients).ask(who_do_we_depend_on)
    parts = found.parts.set_index("part")
    assert parts.loc["one", "largest"] == pytest.approx(400 / 600)
    assert parts.loc["two", "effective"] == pytest.approx(concentration([100, 100, 100, 50, 30, 20]).effective)
    assert parts.loc["M2", ["clients", "group", "largest"]].tolist() == [4, "e", pytest.approx(0.5)]
    assert "one (line, 67 %)" in found.parts_sentence


def test_reference_marks_of_key_clients(tmp_path):
    marked = clients_of(
        manager_id=["M1", "M1", "M2", "M2", "M2", "M2", "M2", "M2"],
        is_reference=[False, False, False, False, False, True, False, False],
        is_demanding=[True, False, False, False, False, False, False, False],
        potential_amount=[500, 400, 0, 0, 150, 50, 35, 300],
        referred_by=["", "", "g", "g", "g", "", "", ""],
    )
    study = study_of(tmp_path / "marks", orders=small_book(), clients=marked)
    found, care = study.ask(who_is_key), study.ask(who_looks_after_whom)
    marks = found.key.set_index("group")["marks"]
    assert marks["a"] == f"{BY_SALES}; {BY_MANAGER}; demanding"
    assert marks["b"].endswith("potential")  # twice its own purchases
    assert marks["c"] == BY_MANAGER  # exactly 10 % of all sales is not over
    assert marks["f"] == f"{BY_MANAGER}; a name to refer to"
    assert marks["g"] == "a name to refer to"  # it brought three
    assert marks["h"] == "potential"
    assert found.unmarked == ("product_line", "is_innovator or product_line")
    counted = found.marks.set_index("mark")
    assert counted.loc["a name to refer to", ["found", "flagged", "groups"]].tolist() == [1, 1, 2]
    table = care.managers.set_index("manager_id")
    assert table.loc["M2", ["clients", "key", "by_volume", "small"]].tolist() == [6, 6, 4, 0]
    assert table.loc["M2", "over"] == "4 key clients"
    assert table.loc["M1", "over"] == ""
    assert found.key.set_index("group").loc["c", "undedicated"] == "M2 has 4 key clients"
    assert "4 of 6 key clients by volume" in found.dedicated_sentence


def test_reference_a_small_line_makes_key_clients_and_its_first_takers_innovators(tmp_path):
    rows = [(f"k{n:02d}", END - pd.Timedelta(days=d), 100.0, "old") for n in range(40) for d in (1, 200, 400, 700)]
    rows += [(f"k{n:02d}", END - pd.Timedelta(days=90 - n), 3.0, "new") for n in range(40)]
    rows += [("k05", END - pd.Timedelta(days=10), 60.0, "new")]
    book = pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "product_line"])
    marks = study_of(tmp_path / "line", orders=book).ask(who_is_key).key.set_index("group")["marks"]
    assert marks.to_dict() == {"k05": BY_LINE, "k00": "innovator"}  # 2.5 % of 40 is one


def test_reference_claims_make_a_demanding_client(tmp_path):
    book = pd.concat([small_book().assign(client_id=lambda f, n=n: f["client_id"] + str(n)) for n in range(5)])
    book["claim"] = np.where(book["client_id"] == "h0", "damaged", "")
    found = study_of(tmp_path / "claims", orders=book).ask(who_is_key)
    assert found.key.set_index("group").loc["h0", "marks"] == "demanding"
    assert found.marks.set_index("mark").loc["demanding", ["found", "flagged"]].tolist() == [1, -1]


def test_direction_three_key_clients_tell_nothing_of_alike_but_six_times_the_care_shows(tmp_path):
    rng, book = np.random.default_rng(3), orders_of(60)
    names = sorted(book.loc[book["order_date"] >= END - pd.Timedelta(days=60), "client_id"].unique())
    book["amount"] *= np.where(book["client_id"].isin([names[n] for n in (0, 4, 8)]), 80, 1)
    said = {}
    for times in (1, 6):
        touched = [
            name for n, name in enumerate(names) for _ in range(rng.poisson(6 * (times if n in (0, 4, 8) else 1)))
        ]
        touches = pd.DataFrame({"client_id": touched, "date": END - pd.Timedelta(days=40), "kind": "call"})
        found = study_of(tmp_path / f"touch{times}", orders=book, touches=touches).ask(who_is_key)
        said[times] = found.attention_sentence
    assert "we cannot tell" in said[1]
    assert "contacts of the others, with" in said[6]


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Estimate(1.0, 0.6, 1.7), "Treated alike"),
        (Estimate(1.2, 0.7, 2.1), "we cannot tell"),
        (Estimate(0.8, 0.4, 1.6), "we cannot tell"),
        (Estimate(0.5, 0.3, 0.8), "get less"),
        (Estimate(1.9, 1.2, 3.0), "contacts of the others, with"),
    ],
)
def test_direction_alike_is_said_only_where_twice_as_much_would_show(tmp_path, ratio, said):
    touches = pd.DataFrame({"client_id": list("abcdefgh"), "date": END - pd.Timedelta(days=40), "kind": "call"})
    found = study_of(tmp_path / "said", orders=small_book(), touches=touches).ask(who_is_key)
    sentence = replace(found, attention=Attention(6.0, 6.0, ratio, 4.0)).attention_sentence
    assert said in sentence
    assert sentence.endswith(" times as many, less for the money.")  # with four times the money a client


def test_hours_and_contacts_make_the_load(tmp_path):
    """M1 has 24 calls and 24 purchases a year, three hours of work a month for 120; M3 is new."""
    days = [END - pd.Timedelta(days=10 + day) for day in range(24)]
    touches = pd.DataFrame({"client_id": "a", "date": days, "kind": "call", "manager_id": "M1"})
    table = pd.DataFrame(
        {
            "manager_id": ["M1", "M3"],
            "name": ["Ann", "Bo"],
            "hours_per_month": [120, 100],
            "start_date": ["2015-01-01", "2024-10-01"],
        }
    )
    clients = clients_of(manager_id=["M1"] * 6 + ["M3", "M3"])
    study = study_of(tmp_path / "hours", orders=small_book(), clients=clients, managers=table, touches=touches)
    care = study.ask(who_looks_after_whom)
    row = care.managers.set_index("manager_id")
    assert row.loc["M1", "need"] == pytest.approx((24 * 0.5 + 24 * 1.0) / 12)
    assert row.loc["M1", "load"] == pytest.approx(3 / 120)
    assert row.loc["M3", "ramp"] == pytest.approx(92 / (6 * 30.4375), abs=0.01)
    assert row.loc["M3", "load"] == pytest.approx(8 / 12 / (100 * row.loc["M3", "ramp"]))
    assert "M3 (50 %)" in care.ramp_sentence


def test_hours_of_0_are_not_known(tmp_path):
    touches = pd.DataFrame({"client_id": ["a"], "date": [END - pd.Timedelta(days=9)], "kind": ["call"]})
    table = pd.DataFrame({"manager_id": ["M1"], "name": ["Ann"], "hours_per_month": [0]})
    book = small_book().assign(manager_id="M1")
    care = study_of(tmp_path / "none", orders=book, managers=table, touches=touches).ask(who_looks_after_whom)
    assert care.managers["load"].isna().all()
    assert "no managers table with their hours" in care.load_sentence


def test_managers_come_from_orders_where_clients_name_none(tmp_path):
    study = study_of(tmp_path / "orders", orders=small_book().assign(manager_id="M9"))
    care = study.ask(who_looks_after_whom)
    assert care.managers["manager_id"].tolist() == ["M9"]
    assert care.managers["share"].tolist() == pytest.approx([1.0])
    assert "no contacts are noted" in care.load_sentence


def test_key_clients_beside_many_small_ones_are_over_the_rule(tmp_path):
    big = [("big", END - pd.Timedelta(days=day), 1e5) for day in (1, 200, 400)]
    small = [(f"s{number:02d}", END - pd.Timedelta(days=day), 1.0) for number in range(11) for day in (5, 50)]
    book = pd.DataFrame([*big, *small], columns=["client_id", "order_date", "amount"]).assign(manager_id="M1")
    found = study_of(tmp_path / "small", orders=book).ask(who_is_key)
    assert found.managers["over"].tolist() == ["1 key beside 11 small"]
    spared = study_of(tmp_path / "fewer", orders=book[book["client_id"] != "s00"]).ask(who_is_key)
    assert spared.managers["over"].tolist() == [""]
    assert "nobody" in spared.places_sentence


def test_what_leaving_costs_is_each_risk_times_its_sales(tmp_path):
    study = prepare(write(tmp_path / "risk", orders=orders_of(150)))
    found, risk = study.ask(what_if_they_leave), study.ask(who_is_at_risk)
    own = risk.clients.set_index("client_id")
    row = found.one.iloc[0]
    told = own.loc[row["group"]]
    assert (row["risk"], row["low"], row["high"]) == (told["risk"], told["low"], told["high"])
    sales = study.ask(who_do_we_depend_on).groups.set_index("group")["sales"]
    assert found.expected.value == pytest.approx((sales.reindex(own.index).fillna(0) * own["risk"]).sum())
    assert found.expected.low < found.expected.value < found.expected.high
    losses = found.by_correlation
    assert (np.diff(losses["spread"]) > 0).all()
    assert (losses["half"] < losses["bad"]).all()
    assert (losses["bad"] < losses["worst"]).all()
    assert found.three["any"] == pytest.approx(1 - np.prod(1 - found.one["risk"].head(3)))
    assert study.label(row["group"]) in found.one_sentence


def test_reference_new_business_and_months_to_replace(tmp_path):
    """Fifty old clients, and one new one a quarter that buys 120 in its first year: 40 a month, 10 months for 400."""
    days = [END - pd.Timedelta(days=30 * step + 1) for step in range(60)]
    rows = [(f"k{n:02d}", day, 5.0) for n in range(50) for day in days]
    for number in range(12):
        first = END - pd.Timedelta(days=365 + 91 * number + 5)
        rows += [(f"n{number:02d}", first + pd.Timedelta(days=30 * step), 10.0) for step in range(12)]
    book = pd.DataFrame(rows, columns=["client_id", "order_date", "amount"])
    found = study_of(tmp_path / "new", orders=book[book["order_date"] < END]).ask(what_if_they_leave)
    assert (found.new.won, found.new.first_year.value) == (12, 120.0)
    assert found.new.a_month.value == pytest.approx(12 * 120 / found.new.months)
    assert found.new.months_to_replace(400.0).value == pytest.approx(400 / found.new.a_month.value)
    assert "prospects, all ends taken together" in found.replace_sentence
    row = found.one.iloc[0]
    assert row["contracts"] == pytest.approx(row["sales"] / 120)
    assert row["prospects_low"] == pytest.approx(FUNNEL.low * row["contracts_low"])
    assert row["prospects_low"] < row["prospects"] < row["prospects_high"]


def test_that_nobody_was_won_is_not_said_to_be_unknown(tmp_path):
    study = study_of(tmp_path / "none_won", orders=even_orders(30, years=4))
    said = study.ask(what_if_they_leave).replace_sentence, study.ask(who_do_we_depend_on).relation_sentence
    assert all("no new one brought anything in the" in one for one in said)


def test_orders_alone_say_what_is_missing(tmp_path):
    study = study_of(tmp_path / "alone", orders=small_book())
    key, losing = study.ask(who_is_key), study.ask(what_if_they_leave)
    assert "columns are missing" in key.key_sentences[-1]
    assert BY_MANAGER not in set(key.marks["mark"])
    assert "neither clients nor orders name a manager" in study.ask(who_looks_after_whom).load_sentence
    assert "neither clients nor orders name a manager" in study.ask(how_do_managers_books_fare).sentences[0]
    assert "nothing names a manager" in losing.follow_sentence
    assert "orders name no cost" in losing.cascade_sentence
    assert "new clients cannot be told" in losing.replace_sentence


def test_a_year_without_sales_is_no_error(tmp_path):
    orders = pd.DataFrame(
        {
            "client_id": ["a", "a"],
            "order_date": ["2022-01-05", "2024-01-05"],
            "amount": [10, -5],
            "kind": ["sale", "return"],
        }
    )
    study = study_of(tmp_path / "nothing", orders=orders)
    assert "nothing was sold" in study.ask(who_do_we_depend_on).headline
    for question in (who_do_we_depend_on, what_if_they_leave, who_is_key, who_looks_after_whom):
        assert all("nan" not in said for said in study.ask(question).sentences)


def _three_managers():
    """Eighteen clients, six a manager, in two lines."""
    names = [f"c{number:02d}" for number in range(18)]
    days = [END - pd.Timedelta(days=day) for day in range(1, 1500, 20)]
    orders = pd.DataFrame([(name, day, 10.0) for name in names for day in days])
    orders.columns = ["client_id", "order_date", "amount"]
    return names, orders, pd.DataFrame({"client_id": names, "manager_id": [f"M{1 + n // 6}" for n in range(18)]})


def _surveys(scores: dict[str, list[float]], **columns) -> pd.DataFrame:
    rows = [(client, END - pd.Timedelta(days=30 + 90 * place), "quarterly", score)
            for client, given in scores.items() for place, score in enumerate(given)]  # fmt: skip
    return pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "attention"]).assign(**columns)


def test_scores_that_the_own_manager_asked_for_are_left_out_and_small_books_are_drawn_together(tmp_path):
    names, orders, clients = _three_managers()
    rng = np.random.default_rng(5)
    mine = _surveys({name: [10.0] for name in names}, asked_by="M1")
    other = _surveys({name: [float(rng.integers(5, 10))] for name in names}, asked_by="M9")
    study = study_of(tmp_path / "asked", orders=orders, clients=clients, surveys=pd.concat([mine, other]))
    found = study.ask(how_do_managers_books_fare)
    table = found.attention
    assert table["manager_id"].tolist() == ["M1", "M2", "M3"]  # by name, no ranking
    own, drawn = table["own"] - found.common_attention, table["value"] - found.common_attention
    assert (drawn.abs() <= own.abs() + 1e-6).all()
    assert "we cannot tell" in found.score_sentence("attention")


def test_direction_a_manager_far_below_is_told(tmp_path):
    names, orders, clients = _three_managers()
    more = [f"d{number:02d}" for number in range(12)]
    clients = pd.concat([clients, pd.DataFrame({"client_id": more, "manager_id": ["M4"] * 6 + ["M5"] * 6})])
    orders = pd.concat([orders, *[orders[orders["client_id"] == "c00"].assign(client_id=name) for name in more]])
    scores = {name: [8.0 + 0.2 * (n % 4)] for n, name in enumerate([*names, *more])}
    scores |= {name: [2.0 + 0.2 * (n % 4)] for n, name in enumerate(names[:6])}
    study = study_of(tmp_path / "far", orders=orders, clients=clients, surveys=_surveys(scores))
    found = study.ask(how_do_managers_books_fare)
    assert found.attention.set_index("manager_id")["apart"].to_dict()["M1"]
    assert "this grades nobody" in found.score_sentence("attention")


def test_property_bands_are_in_order():
    assert [band.share for band in BANDS] == sorted(band.share for band in BANDS)


def test_hostile_names_stay_text(tmp_path):
    names, orders, clients = _three_managers()
    hostile = "<script>alert(1)</script>" + "\u202e" + "x" * 90
    clients = clients.assign(manager_id=[hostile] * 18, name=["=1+1 $x_1$ <b>" for _ in names])
    study = study_of(tmp_path / "hostile", orders=orders, clients=clients)
    found, key, losing = study.ask(who_do_we_depend_on), study.ask(who_is_key), study.ask(what_if_they_leave)
    care = study.ask(who_looks_after_whom)
    tables = [
        show.table(tabulate_dependence.groups(found, study.label), caption="groups"),
        show.table(tabulate_dependence.managers(care), caption="managers"),
        show.table(tabulate_dependence.parts(found, study.label), caption="parts"),
        show.table(tabulate_dependence.key_clients(key, study.label), caption="key"),
        show.table(tabulate_dependence.books(losing), caption="books"),
        show.answer([*found.sentences, *care.sentences, *key.sentences, *losing.sentences]),
    ]
    assert all("<script>" not in one.html and "<b>" not in one.html for one in tables)
    assert all("\u202e" not in one.html for one in tables)
    drawn = plots.largest_shares(plots.blank_axes(), found.groups, bands=found.bands, label=study.label)
    assert "<b>" not in show.figure(drawn, title=found.headline, alt=found.headline).svg


def test_charts_draw_what_they_are_given(tmp_path):
    found = study_of(tmp_path / "drawn", orders=small_book()).ask(who_do_we_depend_on)
    ax = plots.shares_over_time(plots.blank_axes(), found.windows, bands=found.bands)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), found.windows["largest"])
    ax = plots.largest_shares(plots.blank_axes(), found.groups, bands=found.bands, label=str)
    ends = [segment[1][0] for segment in ax.collections[0].get_segments()]
    assert ends == pytest.approx(found.groups["share"].tolist())
    ax = plots.lorenz(plots.blank_axes(), found.now)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), found.now.lorenz[1])
    curve = pd.DataFrame({"share": [0.0, 0.5, 1.0], "loss": [0.0, 2e6, 5e6]})
    ax = plots.loss_distribution(plots.blank_axes(), curve, expected=1e6, bad=4e6, worst=5e6)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), curve["loss"])
    scores = pd.DataFrame({"manager_id": ["a", "b"], "clients": [9, 7], "own": [9, 5], "value": [8.0, 6.0]})
    ax = plots.shrunk_scores(plots.blank_axes(), scores.assign(low=5.0, high=9.0), common=7.0, words="points")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a (n 9)", "b (n 7)"]
    np.testing.assert_allclose(ax.lines[1].get_xdata(), [8.0, 6.0])


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
    assert over_the_rule(key, small) == over
