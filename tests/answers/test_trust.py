"""How far answers can be trusted: one thing or several, use of the scale, and what is repeated."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END
from survey_answers import FACTORS, SERVICE_FIRST, answers, study

from churnlab import plots
from churnlab.answers import how_far_can_answers_be_trusted, tabulate_factors, trust
from churnlab.surveys import consistency, retest


def ask(folder, **tables):
    return study(folder, **tables).ask(how_far_can_answers_be_trusted)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """What is said of answers whose factors have lasting levels of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        return ask(tmp_path_factory.mktemp("books") / "service", surveys=answers(SERVICE_FIRST))


def repeated(*, lasting: float, noise: float, each: int = 6, clients: int = 80, seed: int = 8) -> pd.DataFrame:
    """Answers of clients every two months, with a level that lasts and the noise of the day."""
    rng = np.random.default_rng(seed)
    number, turn = np.repeat(np.arange(clients), each), np.tile(np.arange(each), clients)
    level = rng.normal(0, lasting, (clients, 3))[number]
    scores = np.clip(np.round(5 + level + rng.normal(0, noise, level.shape)), 0, 10)
    frame = pd.DataFrame(scores, columns=["recommend", "quality", "price"])
    day = [END - pd.Timedelta(days=int(40 + 60 * one)) for one in turn]
    return frame.assign(client_id=[f"k{one:03d}" for one in number], survey_date=day, wave="quarterly")


def test_reduction_reliability_and_alpha_are_those_of_the_surveys(service):
    given = answers(SERVICE_FIRST)
    place = given.groupby(["wave", "mode"]).ngroup()
    days = (given["survey_date"] - END).dt.days
    one = retest(given["timing"], given["client_id"], days, stratum=place)
    row = service.retest.set_index("factor").loc["timing"]
    assert (row["clients"], row["pairs"]) == (one.clients, one.pairs)
    assert row["reliability"] == pytest.approx(one.reliability.value)
    assert row["noise_high"] == pytest.approx(one.noise.high)
    assert service.retest["factor"].tolist() == [*FACTORS, "recommendation"]
    all_of_them = consistency(given[list(FACTORS)], given["client_id"], stratum=place)
    assert service.consistency.alpha.value == pytest.approx(all_of_them.alpha.value)


def test_recovery_reliability_is_the_part_that_lasts(tmp_path):
    """A level with variance 2 and noise of variance 1, a twelfth more by rounding: .65."""
    found = ask(tmp_path / "lasts", surveys=repeated(lasting=2**0.5, noise=1.0))
    rows = found.retest.set_index("factor")
    true = 2 / (2 + 1 + 1 / 12)
    assert ((rows["reliability_low"] < true) & (true < rows["reliability_high"])).all()
    assert ((rows["noise_low"] < 13 / 12) & (rows["noise_high"] > 13 / 12)).all()
    assert "times as steep as the one that is seen" in found.slope_sentences[0]
    assert "omega" not in found.consistency_sentence  # two factors give none


def test_direction_a_noisy_factor_is_named_and_its_share_said_to_suffer(tmp_path):
    given = repeated(lasting=1.5, noise=0.5)
    noise = np.random.default_rng(3).normal(0, 2.5, len(given))
    given["price"] = np.clip(np.round(given["price"] + noise), 0, 10)
    found = ask(tmp_path / "noisy", surveys=given)
    assert "is estimated lowest for price" in found.headline
    assert found.uneven == ("price", "quality")
    assert "Answers to price are less reliable than those to quality, by intervals" in found.slope_sentences[1]
    even = ask(tmp_path / "even", surveys=repeated(lasting=1.5, noise=0.5))
    assert even.uneven == ()
    assert "we cannot tell: intervals that hold for all 2 at once overlap" in even.slope_sentences[1]


def reliabilities(**ends: tuple[float, float, float]) -> pd.DataFrame:
    rows = [(name, 60, *each) for name, each in ends.items()]
    return pd.DataFrame(rows, columns=["factor", "clients", "reliability", "reliability_low", "reliability_high"])


def test_the_factors_that_are_named_are_those_that_are_told_apart():
    """The highest and the lowest estimates may be the least sure; and of many factors some lie apart by chance."""
    told = reliabilities(a=(0.20, -0.5, 0.7), b=(0.3, 0.25, 0.35), c=(0.7, 0.65, 0.74), d=(0.8, 0.1, 0.95))
    assert trust._uneven(told) == ("b", "c")
    two = reliabilities(a=(0.50, 0.429, 0.562), b=(0.62, 0.566, 0.667))
    assert trust._uneven(two) == ()  # apart alone, by intervals of one factor each
    assert trust._uneven(two.iloc[:1]) == ()


def test_reduction_intervals_for_all_at_once_are_those_of_a_stricter_level():
    """At a limit between overlap and none, the ends are those that retest gives at that level."""
    given = repeated(lasting=1.5, noise=0.5)
    noisy = given.assign(price=given["price"] + np.random.default_rng(3).normal(0, 1.0, len(given)))
    days = (noisy["survey_date"] - END).dt.days
    rows = {}
    for level in (0.95, 1 - 0.05 / 2):
        for name in ("quality", "price"):
            one = retest(noisy[name], noisy["client_id"], days, level=level).reliability
            rows[name, level] = (one.value, one.low, one.high)
    strict = rows["quality", 0.975][1], rows["price", 0.975][2]
    gap = strict[0] - strict[1]
    assert gap > 0
    for moved, told in ((gap - 1e-6, True), (gap + 1e-6, False)):
        value, low, high = rows["price", 0.95]
        shift = (1 - rows["price", 0.975][2] - moved) / (1 - rows["price", 0.975][2])
        nearer = tuple(1 - (1 - end) * shift for end in (value, low, high))
        found = trust._uneven(reliabilities(quality=rows["quality", 0.95], price=nearer).assign(clients=80))
        assert bool(found) == told


def test_direction_straight_lines_are_counted(service, tmp_path):
    given = answers(SERVICE_FIRST)
    lazy = given["client_id"].str[1:].astype(int) % 4 == 0
    for name in FACTORS[1:]:
        given[name] = given[name].where(~lazy, given["quality"])
    found = ask(tmp_path / "lazy", surveys=given)
    straight = (given[list(FACTORS)].max(axis=1) == given[list(FACTORS)].min(axis=1)).mean()
    assert found.same.value == pytest.approx(straight)
    assert found.same.low < straight < found.same.high
    assert found.same.low > service.same.high
    assert found.styled == len(given)


def test_direction_an_order_that_kindness_hides_or_keeps(service, tmp_path):
    """Taking kindness out keeps that service stands above price; it turns an order that noise alone has made."""
    assert service.compared
    assert (service.centred["verdict"] == "kept").all()
    assert service.centred["than"].eq("price").all()
    assert "is kept" in service.centred_sentence
    equal = ask(tmp_path / "equal", surveys=answers((0.0,) * 4, kindness=0.0))
    assert not equal.compared
    assert "Shares tell no two factors apart" in equal.centred_sentence


def test_direction_a_factor_of_wide_spread_is_not_reversed_by_its_scale(tmp_path):
    """Quality weighs twice what price does and spreads a third as wide; kindness is nowhere."""
    rng = np.random.default_rng(2)
    quality, price, noise = rng.normal(0, 1, (3, 4, 80))
    recommend = 5.5 + 1.2 * quality + 0.6 * price + 0.5 * noise
    waves = [
        pd.DataFrame(
            {
                "client_id": [f"k{number:03d}" for number in range(80)],
                "survey_date": END - pd.Timedelta(days=100 + 200 * turn),
                "wave": "annual",
                "recommend": recommend[turn],
                "quality": 5.5 + 0.8 * quality[turn],
                "price": 5.5 + 2.4 * price[turn],
            }
        )
        for turn in range(4)
    ]
    given = pd.concat(waves, ignore_index=True)
    given[["recommend", "quality", "price"]] = given[["recommend", "quality", "price"]].round().clip(0, 10)
    found = ask(tmp_path / "wide", surveys=given)
    assert found.compared
    assert found.centred[["factor", "than", "verdict"]].to_numpy().tolist() == [["quality", "price", "kept"]]


def test_property_kindness_towards_everything_changes_nothing_of_the_centred_order(tmp_path):
    """A point more on every factor of half the clients hardly moves it: the factors spread alike."""
    given = answers(SERVICE_FIRST)
    columns = list(FACTORS)
    inside = given.assign(**{name: given[name].clip(0, 9) for name in columns})
    kind = given["client_id"].str[1:].astype(int) % 2
    moved = inside.assign(**{name: inside[name] + kind for name in columns})
    found = [ask(tmp_path / name, surveys=each).centred for name, each in (("inside", inside), ("moved", moved))]
    both = found[0].merge(found[1], on=["factor", "than"])
    assert len(both) >= 2
    np.testing.assert_allclose(both["correlation_x"], both["correlation_y"], atol=0.02)
    assert (both["verdict_x"] == both["verdict_y"]).all()


def test_what_is_missing_is_said(tmp_path):
    given = answers(SERVICE_FIRST, clients=40)
    alone = given[given["survey_date"] == given["survey_date"].min()]
    found = {
        "none": ask(tmp_path / "none"),
        "scores": ask(tmp_path / "scores", surveys=given.drop(columns=list(FACTORS))),
        "once": ask(tmp_path / "once", surveys=alone),
        "few": ask(tmp_path / "few", surveys=answers(SERVICE_FIRST, clients=8)),
        "alike": ask(tmp_path / "alike", surveys=given.assign(**dict.fromkeys((*FACTORS, "recommend"), 8))),
        "factors": ask(tmp_path / "factors", surveys=given.drop(columns="recommend")),
    }
    assert found["none"].sentences == ("How far answers can be trusted we cannot say: there are no surveys.",)
    assert "fewer than two are rated together" in found["scores"].consistency_sentence
    assert "we cannot say" in found["scores"].style_sentence
    assert "How much of an answer is noise we cannot say" in found["once"].headline
    assert "we cannot say" in found["few"].consistency_sentence
    for answer in found.values():
        said = [*answer.sentences, answer.consistency_sentence, answer.style_sentence, answer.centred_sentence]
        assert not any("nan" in sentence.lower() for sentence in (*said, *answer.slope_sentences))
        table = tabulate_factors.repeated(answer)
        assert not table.isin(["nan"]).any().any()


def test_tables_and_chart_show_what_they_are_given(service):
    assert tabulate_factors.repeated(service)["answer to"].tolist() == [*FACTORS, "recommendation"]
    kept = tabulate_factors.without_kindness(service)
    assert kept["order"].tolist() == service.centred["verdict"].tolist()
    ax = plots.reliabilities(plots.blank_axes(), service.retest)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), service.retest["reliability"])
    assert len(ax.get_yticklabels()) == len(service.retest)
    assert all(name in service.alt for name in (*FACTORS, "recommendation"))
