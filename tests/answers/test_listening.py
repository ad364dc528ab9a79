"""What the surveys say: the index, for whom, by line and manager, and whether it moved."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, even_orders, orders_of, write

from churnlab import plots
from churnlab.answers import listening, prepare, tabulate_listening, what_do_the_surveys_say, what_do_we_have
from churnlab.answers.books import MOST_ROWS, books_by
from churnlab.answers.listening import ALL_ANSWERS, BY_SALES, LIKE_THESE, PRESENT
from churnlab.answers.placed import bought_before
from churnlab.plots.style import GREY, PALETTE
from churnlab.surveys import clustered_nps, index_change, nps, promoter_classes, weighted_nps

FIGURES = ["n", "nps", "low", "high"]


def surveys_of(*, clients: int = 40, seed: int = 4) -> pd.DataFrame:
    """Two yearly phone waves; recommendation follows quality closely and price not at all."""
    rng, rows = np.random.default_rng(seed), []
    level = rng.normal(7.5, 1.2, clients)
    for day in (400, 35):
        for number in range(clients):
            scores = [level[number] + rng.normal(0, 0.4), level[number] + rng.normal(0, 0.4), rng.normal(7, 1)]
            given = [int(np.clip(np.round(one), 0, 10)) for one in scores]
            rows.append((f"k{number:02d}", END - pd.Timedelta(days=day), "annual", "phone", *given))
    return pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "mode", "recommend", "quality", "price"])


def study_of(folder, surveys, orders=None, **tables):
    return prepare(write(folder, orders=even_orders() if orders is None else orders, surveys=surveys, **tables))


def listen(folder, surveys, orders=None, **tables):
    return study_of(folder, surveys, orders, **tables).ask(what_do_the_surveys_say)


def reading(found, name):
    return found.main_readings.set_index("reading").loc[name]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        return listen(tmp_path_factory.mktemp("books") / "book", surveys_of())


def test_reduction_one_answer_and_equal_sales_of_each_client_are_one_vote_each(found):
    plain = reading(found, LIKE_THESE)[FIGURES].astype(float)
    for name in (ALL_ANSWERS, BY_SALES):
        np.testing.assert_allclose(reading(found, name)[FIGURES].astype(float), plain)


def test_reduction_if_all_present_clients_voted_their_index_is_known(tmp_path, found):
    assert found.present == 60
    some, all_ = reading(found, PRESENT), reading(listen(tmp_path / "all", surveys_of(clients=60)), PRESENT)
    assert (some["n"], all_["n"]) == (40, 60)
    assert reading(found, LIKE_THESE)["low"] < some["low"] < some["nps"] < some["high"]
    assert all_["low"] == all_["nps"] == all_["high"]


def test_the_present_do_not_count_who_left(tmp_path):
    """Direction: without ten detractors that left after they voted, the index of the present is higher."""
    surveys = surveys_of().query("survey_date > '2024-01-01'")
    gone = [f"k{number:02d}" for number in range(10)]
    surveys["survey_date"] = pd.Timestamp("2024-01-20")
    surveys.loc[surveys["client_id"].isin(gone), "recommend"] = 2
    orders = even_orders(until=dict.fromkeys(gone, pd.Timestamp("2024-02-10")))
    left = listen(tmp_path / "left", surveys, orders)
    assert (left.present, reading(left, PRESENT)["n"], reading(left, LIKE_THESE)["n"]) == (50, 30, 40)
    assert reading(left, PRESENT)["nps"] > reading(left, LIKE_THESE)["nps"]
    assert "as they voted in 2024, 30 of 50 of them" in left.population_sentence


def test_old_votes_do_not_speak_for_present_clients(tmp_path):
    """Direction: once the last year of votes had ended a year before the study, there is no such reading."""
    cast = surveys_of()
    days = {name: pd.Timedelta(days=days) for name, days in (("young", 365), ("old", 2 * 365))}
    read = {
        name: listen(tmp_path / name, cast.assign(survey_date=cast["survey_date"] - by)) for name, by in days.items()
    }
    assert "as they voted in 2023, 40 of 60 of them" in read["young"].population_sentence
    assert PRESENT not in set(read["old"].readings["reading"])
    said = read["old"].population_sentence
    assert "present clients we cannot say: the votes are of 2022, which had ended more than a year before" in said
    assert tabulate_listening.readings(read["old"]).shape == (1, 6)
    two = pd.concat([cast.assign(wave="monthly"), cast.assign(survey_date=cast["survey_date"] - days["old"])])
    table = tabulate_listening.readings(listen(tmp_path / "two", two)).set_index("wave")[PRESENT]
    assert table["annual"] == "\N{EN DASH}"
    assert table["monthly"] != "\N{EN DASH}"


def test_direction_sales_pull_the_index_to_who_buys_most(tmp_path, found):
    orders = even_orders()
    last = surveys_of().query("survey_date > '2024-01-01'").set_index("client_id")["recommend"]
    kind = orders["client_id"].map(last) >= 9
    sized = orders.assign(amount=orders["amount"] * np.where(kind, 3, 1))
    large = reading(listen(tmp_path / "large", surveys_of(), sized), BY_SALES)
    assert large["nps"] > reading(found, BY_SALES)["nps"]
    weight = np.where(last >= 9, 3.0, 1.0)
    assert large["nps"] == pytest.approx(weighted_nps(last, weight).value)


def test_reduction_several_answers_of_a_client_are_taken_together(tmp_path):
    """The last is the vote; all of them make the clustered index."""
    again = surveys_of(seed=9).assign(survey_date=lambda frame: frame["survey_date"] - pd.Timedelta(days=5))
    surveys = pd.concat([again, surveys_of()])
    twice = listen(tmp_path / "twice", surveys)
    last = surveys[surveys["survey_date"] > "2024-01-01"]
    expected = clustered_nps(last["recommend"], last["client_id"])
    assert reading(twice, ALL_ANSWERS)[FIGURES].tolist() == [80, expected.value, expected.low, expected.high]
    assert reading(twice, LIKE_THESE)["nps"] == nps(*promoter_classes(surveys_of()["recommend"][40:])).value


def test_direction_lines_that_differ_are_told_apart_and_equal_ones_are_not(tmp_path):
    odd = surveys_of(clients=60)["client_id"].str[1:].astype(int) % 2 == 1
    apart = surveys_of(clients=60).assign(recommend=np.where(odd, 4, 9))
    apart.loc[::7, "recommend"] = 7
    seen = listen(tmp_path / "apart", apart)
    assert seen.lines.told == ("B", "A")
    assert "can be told apart" in seen.lines.sentence
    assert seen.lines.main["name"].tolist() == ["A", "B"]
    expected = nps(*promoter_classes(apart["recommend"][60:][~odd[60:]]))
    row = seen.lines.main[FIGURES].iloc[0]
    assert row.tolist() == [30, expected.value, expected.low, expected.high]
    alike = listen(tmp_path / "alike", surveys_of(clients=60))
    assert alike.lines.told == ()
    assert "cannot tell them apart. Small books differ by luck" in alike.lines.sentence


def test_the_line_is_the_main_one_of_the_year_before_the_periods_end(tmp_path):
    """Reduction: small sales in another line, and large ones long ago, change nothing."""
    orders = even_orders()
    other = orders.assign(amount=10.0, product_line="C")
    old = orders[orders["order_date"] < "2023-12-01"].assign(amount=9999.0, product_line="C")
    mixed = listen(tmp_path / "mixed", surveys_of(), pd.concat([orders, other, old]))
    plain = listen(tmp_path / "plain", surveys_of(), orders)
    pd.testing.assert_frame_equal(mixed.lines.rows, plain.lines.rows)


def test_answers_that_the_own_manager_asked_for_do_not_count_in_its_index(tmp_path):
    surveys = surveys_of(clients=60)
    surveys["asked_by"] = "M1"  # even clients are M1's own
    asked = listen(tmp_path / "asked", surveys)
    assert asked.managers.main["name"].tolist() == ["M2"]
    assert "30 answers of these years that the client's own manager asked for" in asked.managers.sentences[-1]
    assert "not known who asked" not in asked.managers.sentences[-1]
    assert "we cannot say: fewer than two" in asked.managers.sentence
    silent = listen(tmp_path / "silent", surveys.drop(columns="asked_by"))
    assert "Of 60 answers of these years it is not known who asked" in silent.managers.sentences[-1]
    some = listen(tmp_path / "some", surveys.assign(asked_by=surveys["asked_by"].where(surveys.index % 4 < 2)))
    assert "15 answers of these years that the client's own manager" in some.managers.sentences[-1]
    assert "Of 30 answers of these years it is not known who asked" in some.managers.sentences[-1]


@pytest.mark.parametrize(("step", "said"), [(4, "it rose"), (-4, "it fell"), (0, "we cannot tell whether it moved")])
def test_direction_a_move_of_the_index_is_told_where_it_is_large(tmp_path, step, said):
    """Everybody's score of the last year is moved by four points, or by none."""
    cast = surveys_of()
    late = cast["survey_date"] > "2024-01-01"
    if step:
        cast["recommend"] = (5 + step * late + cast["client_id"].str[1:].astype(int) % 3).clip(0, 10)
    moved = listen(tmp_path / "moved", cast)
    sides = [cast[one].set_index("client_id")["recommend"] for one in (~late, late)]
    expected = index_change(*pd.concat(sides, axis=1).to_numpy().T)
    assert moved.moved == expected
    assert (moved.moved.both, moved.moved.value) == (40, nps(*promoter_classes(sides[1])).value - expected.before)
    assert said in moved.trend_sentence
    assert f"less than {expected.told:.0f} points" in moved.noise_sentence
    row = moved.movements.iloc[0]
    assert (row["before"], row["after"], row["told"]) == (2023, 2024, expected.told)


def test_what_was_bought_is_looked_up_for_the_years_that_are_shown_only(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))  # nothing is answered yet
    asked = []
    monkeypatch.setattr(
        listening, "bought_before", lambda orders, who, day: asked.append(len(who)) or bought_before(orders, who, day)
    )
    listen(tmp_path / "shown", surveys_of())
    assert asked == [40]  # of eighty votes in two years


def test_waves_and_modes_are_never_mixed(tmp_path):
    """Reduction: a second wave by other means leaves the rows of the first as they are."""
    web = surveys_of(seed=5).assign(wave="quarterly", mode="web")
    both, one = listen(tmp_path / "both", pd.concat([surveys_of(), web])), listen(tmp_path / "one", surveys_of())
    for name in ("readings", "movements"):
        mixed, alone = getattr(both, name), getattr(one, name)
        kept = mixed[mixed["mode"] == "phone"].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, alone)
    assert set(both.lines.rows["mode"]) == {"phone", "web"}


def test_few_votes_are_grey_and_very_few_are_not_shown(tmp_path):
    few = listen(tmp_path / "few", surveys_of(clients=22).query("client_id != 'k00' and client_id != 'k02'"))
    row = reading(few, LIKE_THESE)
    assert (row["n"], row["faint"]) == (20, True)
    lines = few.lines.main.set_index("name")
    assert (lines.loc["A", "n"], lines.loc["B", "n"]) == (9, 11)
    assert np.isnan(lines.loc["A", "nps"])
    assert not np.isnan(lines.loc["B", "nps"])
    assert "1 product line, too few votes" in few.lines.sentences[1]
    table = tabulate_listening.books(few.lines).set_index("product line")["index"]
    assert table["A"] == "too few"
    assert table["B"].endswith("(few)")
    ax = plots.index_rows(plots.blank_axes(), few.lines.main, name="name")
    assert [text.get_text() for text in ax.texts] == ["too few"]
    drawn = {line.get_color(): line.get_xdata() for line in ax.lines if line.get_marker() == "o"}
    assert len(drawn[PALETTE[0]]) == 0
    np.testing.assert_allclose(drawn[GREY], [lines.loc["B", "nps"]])


def test_lines_and_managers_of_any_name_stay_text(tmp_path):
    orders = even_orders().replace({"product_line": {"A": "=1+1"}, "manager_id": {"M1": "=1+1"}})
    odd = listen(tmp_path / "odd", surveys_of(clients=60), orders)
    for book in (odd.lines, odd.managers):
        assert "=1+1" in book.sentence
        assert "=1+1" in tabulate_listening.books(book)[book.kind].tolist()
        plots.index_rows(plots.blank_axes(), book.main, name="name")


def test_property_of_many_groups_both_ends_are_drawn_and_the_rest_is_counted():
    """Thirty managers with ten votes each, one promoter more the higher their number; and one with a single vote."""
    rows = [(f"M{number:02d}", 9 if vote < number // 3 else 7) for number in range(30) for vote in range(10)]
    frame = pd.DataFrame([*rows, ("few", 9)], columns=["name", "recommend"])
    place = {"wave": "annual", "mode": "phone", "period": 2024}
    last = pd.DataFrame(place, index=[0])
    many = books_by(frame.assign(**place), frame["name"], last, words=("manager", "managers"))
    best, worst = many.main["name"].iloc[0], many.main.dropna(subset="nps")["name"].iloc[-1]
    assert len(many.drawn) == MOST_ROWS
    assert many.drawn["name"].iloc[[0, -1]].tolist() == [best, worst]
    assert many.drawn["nps"].is_monotonic_decreasing
    assert (
        "20 of 31 managers; 11 managers in between the highest and the lowest, or with too few votes, are not"
        in (many.sentences[1])
    )
    assert many.alt.count(" clients, few)") >= MOST_ROWS
    table = tabulate_listening.books(many)
    assert table["manager"].tolist() == many.drawn["name"].tolist()
    ax = plots.index_rows(plots.row_axes(len(many.drawn)), many.drawn, name="name")
    assert [text.get_text() for text in ax.texts] == ["10 in between not drawn"]
    assert ax.get_yticklabels()[0].get_text().startswith(best)
    assert ax.figure.get_size_inches()[1] > plots.row_axes(3).figure.get_size_inches()[1]
    few = books_by(frame[frame["name"] > "M15"].assign(**place), frame["name"], last, words=("manager", "managers"))
    assert len(few.drawn) == len(few.main)
    assert few.drawn_sentence == ""


def test_what_is_missing_is_said(tmp_path):
    bare = listen(tmp_path / "bare", surveys_of(), even_orders()[["client_id", "order_date", "amount"]])
    assert "nothing tells the product line" in bare.lines.sentence
    assert "nothing tells the manager" in bare.managers.sentence
    none = prepare(write(tmp_path / "orders", orders=orders_of())).ask(what_do_the_surveys_say)
    assert none.sentences == ("We cannot say what clients think: there are no surveys.",)
    silent = listen(tmp_path / "silent", surveys_of().drop(columns="recommend"))
    assert silent.headline.startswith("We cannot say whether clients would recommend us")
    few = listen(tmp_path / "few", surveys_of(clients=5))
    assert few.trend.empty
    assert "too few" in few.headline
    once = listen(tmp_path / "once", surveys_of().query("survey_date > '2024-01-01'").drop(columns="mode"))
    assert "fewer than two years" in once.trend_sentence
    strangers = listen(tmp_path / "strangers", surveys_of().assign(client_id=lambda one: "x" + one["client_id"]))
    assert "too few" in strangers.population_sentence
    assert "too few" in strangers.reading_sentences[1]
    for answer in (bare, none, silent, few, once, strangers):
        said = (*answer.sentences, answer.population_sentence, *answer.reading_sentences, answer.noise_sentence)
        assert all("nan" not in sentence for sentence in (*said, *answer.lines.sentences, *answer.managers.sentences))
        for lay in (tabulate_listening.readings, tabulate_listening.movements):
            assert not lay(answer).astype(str).apply(lambda column: column.str.contains("nan")).any(axis=None)


def test_the_tables_hold_what_was_found(tmp_path):
    study = study_of(tmp_path / "book", surveys_of(clients=20))
    asked = study.ask(what_do_the_surveys_say)
    read = tabulate_listening.readings(asked).iloc[0]
    assert read[LIKE_THESE].endswith("n 20 (few)")
    assert list(read.index[3:]) == [LIKE_THESE, PRESENT, ALL_ANSWERS, BY_SALES]
    moves = tabulate_listening.movements(asked).iloc[0]
    assert (moves["years"], moves["clients in both"]) == ("2023 to 2024", "20")
    years = tabulate_listening.indices(study.ask(what_do_we_have))
    assert years["annual, phone"].str.endswith("n 20 (few)").all()


def test_the_charts_draw_what_they_are_given(found):
    ax = plots.index_rows(plots.blank_axes(), found.main_readings, name="reading")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), found.main_readings["nps"])
    assert ax.get_yticklabels()[0].get_text() == "clients like these (n 40)"
    faint = pd.DataFrame({"wave": "annual", "mode": "web", "period": [2023, 2024], "n": [40, 20], "nps": [1.0, 2.0]})
    ax = plots.net_promoter(plots.blank_axes(), faint.assign(low=-9.0, high=9.0))
    colours = {line.get_color(): list(line.get_ydata()) for line in ax.lines if line.get_marker() == "o"}
    assert colours == {PALETTE[0]: [1.0], GREY: [2.0]}
