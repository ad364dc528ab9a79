"""Which factor moves recommendation, what clients do beside what they say, and the reasons that they give."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, write
from survey_answers import FACTORS, PRICE_FIRST, SERVICE_FIRST, answers, orders, study

from churnlab import plots
from churnlab.answers import prepare, tabulate_factors, weighing, which_factor_moves_recommendation, words
from churnlab.answers.afterwards import later_sales, stayed
from churnlab.answers.rated import rated
from churnlab.answers.reasons import DETRACTORS, LOSSES, OTHERS
from churnlab.answers.weighing import weigh
from churnlab.surveys import drivers


def ask(folder, **tables):
    return study(folder, **tables).ask(which_factor_moves_recommendation)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """What is said where quality, timing and attention carry recommendation and price nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        return ask(tmp_path_factory.mktemp("books") / "service", surveys=answers(SERVICE_FIRST))


def everything(found):
    """All that an answer can say."""
    weighed = (found.attitude, *found.behaviour)
    said = [*found.sentences, found.map_sentence, found.headline, *found.claim_sentences, *found.reason_sentences]
    return said + [getattr(one, name) for one in weighed for name in ("sentence", "explained_sentence", "map_sentence")]


def test_recovery_claim_a_is_yes_where_service_carries_recommendation(service):
    assert service.attitude.verdict == "yes"
    assert service.claim_sentences[0].startswith("Yes for recommendation")
    assert "Quality, timing and attention weigh more than price, one by one." in service.claim_sentences[0]


def test_recovery_claim_a_is_no_where_price_does(tmp_path):
    found = ask(tmp_path / "price", surveys=answers(PRICE_FIRST))
    assert found.attitude.verdict == "no"
    assert found.claim_sentences[0].startswith("No for recommendation")
    assert found.attitude.first == ("price",)
    assert found.headline.startswith("In recommendation price ")
    assert found.attitude.shares["factor"].iloc[0] == "price"


def test_direction_a_planted_factor_comes_first(tmp_path):
    first = ask(tmp_path / "first", surveys=answers((0.2, 1.0, 0.2, 0.2)))
    assert first.attitude.first == ("timing",)
    assert "In recommendation timing" in first.headline
    assert first.attitude.shares["factor"].iloc[0] == "timing"


def weighed(given):
    """Shares of recommendation without a book around them."""
    chosen = rated(given.astype(dict.fromkeys((*FACTORS, "recommend"), float)))
    return weigh(chosen, chosen.freed["recommend"].to_numpy(), words="recommendation", seed=1)


@pytest.fixture
def few_draws(monkeypatch):
    """Draws of clients as there are in a book of many."""
    monkeypatch.setattr(weighing, "_DRAWS", (200, 200))


@pytest.mark.usefixtures("few_draws")
def test_size_of_an_order_of_equal_factors_and_of_a_claim():
    """Of forty books of equal factors about two may tell one apart: at most six, with a chance of over .995."""
    found = [weighed(answers((0.5,) * 4, clients=40, seed=seed)) for seed in range(40)]
    assert sum(len(one.first) < len(FACTORS) for one in found) <= 6
    assert sum(one.verdict != "cannot tell" for one in found) <= 6
    silent = [one for one in found if one.verdict == "cannot tell"]
    for one in silent:
        assert "clients in place of" in one.claim_sentence or "would not be settled" in one.claim_sentence
    assert all("we cannot tell" in one.sentence for one in found if len(one.first) > 1)


@pytest.mark.usefixtures("few_draws")
def test_size_where_nothing_goes_with_recommendation_nothing_is_said_of_an_order():
    """Of forty books without any effect about two may show one: at most six, with a chance of over .995."""
    found = [weighed(answers((0.0,) * 4, clients=40, seed=seed, kindness=0.0)) for seed in range(40)]
    assert sum(one.shown for one in found) <= 6
    for one in found:
        if not one.shown:
            assert one.first == tuple(one.shares["factor"])
            assert one.verdict == "cannot tell"
            assert "it would take" in one.claim_sentence or "The closest" in one.claim_sentence
            assert "There is no map" in one.map_sentence


def test_reduction_shares_are_those_of_scores_less_the_means_of_their_wave_and_mode(service):
    given = answers(SERVICE_FIRST)
    columns = [*FACTORS, "recommend"]
    freed = given[columns] - given.groupby(["wave", "mode"])[columns].transform("mean") + given[columns].mean()
    found = drivers(freed[list(FACTORS)], freed["recommend"], given["client_id"], names=FACTORS, rng=1)
    shares = service.attitude.shares.set_index("factor").loc[list(FACTORS)]
    np.testing.assert_allclose(shares["share"], found.share, atol=1e-9)
    np.testing.assert_allclose(shares["mean"], given[list(FACTORS)].mean())
    assert (service.attitude.clients, service.attitude.answers) == (80, 320)


def test_property_a_wave_that_is_asked_more_kindly_changes_no_share(tmp_path):
    """A whole point on every score of one wave, where no score is at the end of the scale."""
    given = answers(SERVICE_FIRST)
    columns = [*FACTORS, "recommend"]
    low = given.assign(**{name: given[name].clip(1, 9) for name in columns})
    moved = low.copy()
    moved.loc[moved["wave"] == "annual", columns] += 1
    one, two = (ask(tmp_path / name, surveys=each).attitude for name, each in (("low", low), ("moved", moved)))
    np.testing.assert_allclose(one.shares["share"], two.shares["share"], atol=1e-6)


def test_direction_behaviour_that_follows_a_factor_is_seen_beside_the_attitude(tmp_path):
    """Clients leave over price, whatever they say about recommending; who stays buys on."""
    given = answers(SERVICE_FIRST, clients=160)
    last = given[given["survey_date"] == given["survey_date"].max()].set_index("client_id")["price"].sort_index()
    unhappy = (last.rank(method="first") <= 80).to_numpy()
    gone = np.where(unhappy, 600 + np.arange(160) % 60, 0)  # within a year of the last answer and the one before
    found = ask(tmp_path / "leave", orders=orders(160, leaves_after=gone), surveys=given)
    assert found.staying.problem == ""
    assert found.staying.left == unhappy.sum()
    for one in found.behaviour:
        assert one.shown
        assert one.first == ("price",)
        assert one.verdict == "no"
        assert "Price weighs more than quality, timing and attention, one by one." in one.claim_sentence
    assert found.attitude.verdict == "yes"
    assert "does not weigh most in staying for a year and the growth of sales" in found.behaviour_sentences[-1]
    table = tabulate_factors.claim(found)
    assert table["service weighs more"].tolist() == ["yes", "no", "no"]


def test_a_claim_on_fewer_factors_says_which_are_rated(service, tmp_path):
    given = answers(SERVICE_FIRST)
    two = ask(tmp_path / "two", surveys=given.drop(columns="attention")).claim_sentences[0]
    assert "Yes for recommendation, as far as that can be asked (of quality, timing and attention only quality" in two
    assert "only quality and timing are rated): the mean share of quality and timing less" in two
    one = ask(tmp_path / "one", surveys=given.drop(columns=["quality", "attention"])).claim_sentences[0]
    assert "only timing is rated): the share of timing less that of price" in one
    assert "as far as" not in service.claim_sentences[0]


def test_nobody_leaving_is_too_few_and_sales_that_follow_nothing_are_not_shown(service):
    assert service.staying.verdict == "cannot say"
    assert "too few clients left within a year" in service.staying.sentence
    assert service.sales.verdict in ("cannot tell", "cannot say")
    assert "we cannot" in service.behaviour_sentences[-1]


def test_reduction_staying_is_known_only_where_the_year_and_the_limit_are_over(tmp_path):
    """Three clients: one goes on, one stops 600 days before the end, one has stopped before it was asked."""
    book = orders(3, leaves_after=np.array([0, 600, 1200]))
    dates = [END - pd.Timedelta(days=days) for days in (900, 700, 300)]
    asked = pd.DataFrame(
        [(f"k{n:03d}", date) for n in range(3) for date in dates], columns=["client_id", "survey_date"]
    )
    given = study(tmp_path / "three", orders=book, surveys=asked.assign(wave="annual", recommend=8))
    found = stayed(given, asked)
    np.testing.assert_array_equal(found, [1, 1, np.nan, 0, 0, np.nan, np.nan, np.nan, np.nan])
    last = book[book["client_id"] == "k001"]["order_date"].max()
    about = pd.DataFrame({"client_id": "k001", "survey_date": [last, last + pd.Timedelta(days=1)]})
    np.testing.assert_array_equal(stayed(given, about), [0, np.nan])  # it is not known yet, but it has gone
    ratio = later_sales(given, asked)
    assert ratio[0] == pytest.approx(1.0, abs=0.06)
    assert np.isnan(ratio[2])  # the year after is not over
    assert 0 < ratio[4] < 0.5
    assert np.isnan(ratio[8])


def test_reduction_sales_are_net_and_of_the_year_on_either_side(tmp_path):
    day = END - pd.Timedelta(days=400)
    moves = [(-800, 10.0), (-300, 50.0), (-100, 50.0), (0, 30.0), (200, 60.0), (250, -10.0), (390, 999.0)]
    book = pd.DataFrame([("k", day + pd.Timedelta(days=d), amount) for d, amount in moves])
    book.columns = ["client_id", "order_date", "amount"]
    asked = pd.DataFrame({"client_id": ["k"], "survey_date": [day]})
    given = study(tmp_path / "one", orders=book, surveys=asked.assign(wave="annual", recommend=8))
    assert later_sales(given, asked) == pytest.approx([80 / 100])


def with_reasons(given, chosen):
    return given.assign(reason=[chosen(row) for row in given.to_dict("records")])


def test_direction_the_reason_given_most_often_is_set_against_the_factor_that_weighs_most(tmp_path):
    given = answers((0.1, 1.0, 0.1, 0.1))
    turn = {"Price ": 0, "timing": 1}

    def reason_of(row, first):
        second = next(name for name in turn if name != first)
        return first if int(row["client_id"][1:]) % 4 else second

    same = ask(tmp_path / "same", surveys=with_reasons(given, lambda row: reason_of(row, "timing")))
    assert same.reason_sentences[1].startswith("The reason given most often for a score, timing, is also the factor")
    other = ask(tmp_path / "other", surveys=with_reasons(given, lambda row: reason_of(row, "Price ")))
    assert "is not what weighs most" in other.reason_sentences[1]
    free = ask(tmp_path / "free", surveys=with_reasons(given, lambda _: "lorry late"))
    assert (
        "is what weighs most in recommendation we cannot say: no score is asked for lorry late"
        in (free.reason_sentences[1])
    )
    even = ask(tmp_path / "even", surveys=with_reasons(given, lambda row: list(turn)[int(row["client_id"][1:]) % 2]))
    assert "we cannot tell" in even.reason_sentences[1]


def test_words_of_few_clients_are_not_shown(tmp_path):
    """Reduction: five clients make a reason; what four say is counted, not quoted."""
    given = answers(SERVICE_FIRST)
    number = given["client_id"].str[1:].astype(int)
    said = np.select([number < 4, number < 9], ["call Mr Smith", "=1+1"], "timing")
    found = ask(tmp_path / "few", surveys=given.assign(reason=said))
    counted = found.reasons[0].shares.set_index("reason")["n"].to_dict()
    assert counted == {"timing": 284, "=1+1": 20, OTHERS: 16}
    assert not any("Smith" in sentence for sentence in everything(found))


def test_reasons_of_losses_are_counted_without_the_unknown(tmp_path):
    noted = [("price", 12), ("quality", 6), ("unknown", 20), ("no_need", 6)]
    rows = [name for name, often in noted for _ in range(often)]
    losses = pd.DataFrame({"client_id": [f"k{n:03d}" for n in range(len(rows))], "date": "2024-05-01", "reason": rows})
    found = ask(tmp_path / "lost", surveys=answers(SERVICE_FIRST), losses=losses)
    last = found.reasons[-1]
    assert last.source == LOSSES
    assert last.given == 24
    assert last.shares.set_index("reason")["share"].to_dict() == {"price": 0.5, "no_need": 0.25, "quality": 0.25}
    assert any("too few clients left" in sentence for sentence in found.reason_sentences)
    alone = ask(tmp_path / "alone", losses=losses)
    assert "there are no surveys" in alone.sentences[0]
    assert "for a loss" in " ".join(alone.sentences)


def test_what_is_missing_is_said(tmp_path):
    given = answers(SERVICE_FIRST)
    found = {
        "none": ask(tmp_path / "none"),
        "scores": ask(tmp_path / "scores", surveys=given.drop(columns=list(FACTORS))),
        "factors": ask(tmp_path / "factors", surveys=given.drop(columns="recommend")),
        "one": ask(tmp_path / "one", surveys=given.drop(columns=["timing", "attention", "price"])),
        "priceless": ask(tmp_path / "priceless", surveys=given.drop(columns="price")),
        "few": ask(tmp_path / "few", surveys=answers(SERVICE_FIRST, clients=12)),
        "alike": ask(tmp_path / "alike", surveys=given.assign(recommend=8)),
        "rare": ask(tmp_path / "rare", surveys=given.assign(price=given["price"].where(given.index % 4 == 0))),
    }
    assert found["none"].sentences == ("Which factor moves recommendation we cannot say: there are no surveys.",)
    for name in ("scores", "factors", "one"):
        assert "fewer than two factors are rated beside recommendation" in found[name].headline
    assert "they are not rated beside price" in found["priceless"].claim_sentences[0]
    assert found["priceless"].attitude.verdict == "cannot say"
    assert "too few clients, 12 where 20 are needed" in found["few"].headline
    assert "all answers are the same" in found["alike"].headline
    assert found["rare"].left_out == ("price",)
    assert any("Not used" in sentence and "price" in sentence for sentence in found["rare"].sentences)
    for answer in found.values():
        assert answer.sentences
        assert not any("nan" in sentence.lower() for sentence in everything(answer))


def test_a_factor_with_a_hostile_name_stays_text(tmp_path):
    given = answers(SERVICE_FIRST).rename(columns={"timing": "=1+1", "attention": "<script>"})
    folder = write(tmp_path / "hostile", orders=orders(), surveys=given)
    told = '[surveys.factors]\n"=1+1" = "=1+1"\n"<script>" = "<script>"\n'
    (folder / "mapping.toml").write_text(told, encoding="utf-8")
    found = prepare(folder).ask(which_factor_moves_recommendation)
    assert set(found.attitude.shares["factor"]) == {"quality", "=1+1", "<script>", "price"}
    assert found.attitude.claim.named == ("quality",)
    assert tabulate_factors.shares(found.attitude)["factor"].tolist() == found.attitude.shares["factor"].tolist()
    ax = plots.factor_shares(plots.blank_axes(), found.attitude.shares, target=found.attitude.target)
    ax.figure.canvas.draw()


def test_property_an_answer_comes_back_equal_from_the_cache(tmp_path):
    prepared = study(tmp_path / "kept", surveys=answers(SERVICE_FIRST))
    assert everything(prepared.ask(which_factor_moves_recommendation)) == everything(
        which_factor_moves_recommendation(prepared)
    )


def test_answers_of_one_wave_need_no_mode(tmp_path):
    given = answers(SERVICE_FIRST).drop(columns="mode").assign(wave="annual")
    chosen = rated(study(tmp_path / "wave", surveys=given).tables.surveys)
    assert chosen.factors == FACTORS
    assert set(chosen.place) == {0}


def test_the_charts_draw_what_they_are_given(service):
    attitude = service.attitude
    ax = plots.factor_shares(plots.blank_axes(), attitude.shares, target="recommendation")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), attitude.shares["share"])
    np.testing.assert_allclose(ax.lines[1].get_xdata(), attitude.shares["check"])
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == attitude.shares[["low", "high"]].to_numpy().tolist()
    drawn = plots.importance_map(plots.blank_axes(), attitude.map)
    names = {text.get_text() for text in drawn.texts}
    assert set(FACTORS) <= names
    assert all(
        f"{name} {words.percent(share)}" in attitude.map_alt
        for name, share in attitude.shares[["factor", "share"]].to_numpy()
    )
    assert (len(names) > len(FACTORS)) == (not (attitude.map.apart.sum(axis=1) == 3).all())
    assert len(drawn.patches) == len(FACTORS)


def test_a_map_of_equal_factors_says_not_separable(tmp_path):
    found = ask(tmp_path / "equal", surveys=answers((0.5, 0.5, 0.5, 0.5), clients=40), orders=orders(40))
    assert "not separable" in found.map_sentence
    drawn = plots.importance_map(plots.blank_axes(), found.attitude.map)
    assert any("not separable" in text.get_text() for text in drawn.texts)


def test_detractors_are_counted_by_themselves(tmp_path):
    given = answers(SERVICE_FIRST)
    given["reason"] = np.where(given["recommend"] <= 6, "price", "quality")
    found = ask(tmp_path / "critics", surveys=given)
    critics = next(one for one in found.reasons if one.source == DETRACTORS)
    assert critics.shares["reason"].tolist() == ["price"]
    assert critics.given == (given["recommend"] <= 6).sum()
    assert tabulate_factors.reasons(found.reasons)["reason"].tolist() == found.reasons[0].shares["reason"].tolist()
