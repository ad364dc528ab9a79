"""What the surveys say."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, what_do_the_surveys_say
from churnlab.surveys import nps, promoter_classes


@pytest.fixture(autouse=True)
def use_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))


def surveys_of(*, clients: int = 40, kinder: float = 0.0, seed: int = 4) -> pd.DataFrame:
    """Two yearly phone waves and two quarterly ones, by the own manager (M1) and another (M2) in turn.

    Recommendation follows quality closely and price not at all; every fourth client never answers the annual wave.
    """
    rng, rows = np.random.default_rng(seed), []
    level = rng.normal(7, 1.2, clients)
    for wave, day in (("annual", 400), ("annual", 35), ("quarterly", 200), ("quarterly", 110)):
        for number in range(clients):
            own = (number + day) % 2 == 0
            quality, price = level[number] + rng.normal(0, 0.4), rng.normal(7, 1)
            silent = wave == "annual" and number % 4 == 0
            scores = [level[number] + rng.normal(0, 0.4) + kinder * own, quality, price]
            kept = [None] * 3 if silent else [int(np.clip(np.round(one), 0, 10)) for one in scores]
            rows.append(
                (f"k{number:02d}", END - pd.Timedelta(days=day), wave, "phone", True, *kept, "M1" if own else "M2")
            )
    columns = ["client_id", "survey_date", "wave", "mode", "invited", "recommend", "quality", "price", "asked_by"]
    return pd.DataFrame(rows, columns=columns)


CLIENTS = pd.DataFrame({"client_id": [f"k{number:02d}" for number in range(70)], "manager_id": "M1"})


def listen(folder, surveys, clients=CLIENTS):
    tables = {"orders": orders_of(), "surveys": surveys}
    tables |= {} if clients is None else {"clients": clients}
    return prepare(write(folder, **tables)).ask(what_do_the_surveys_say)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        return listen(tmp_path_factory.mktemp("books") / "book", surveys_of(kinder=1.5))


def test_reduction_the_bounds_count_the_silent_as_detractors_or_promoters(found):
    surveys = surveys_of(kinder=1.5)
    last = surveys[(surveys["wave"] == "annual") & (surveys["survey_date"].dt.year == END.year - 1)]
    given = last["recommend"].dropna()
    row = found.bounds[(found.bounds["wave"] == "annual")].iloc[0]
    assert (row["n"], row["silent"]) == (30, 10)
    detractors, passives, promoters = promoter_classes(given)
    assert row["worst"] == nps(detractors + 10, passives, promoters).value
    assert row["best_high"] == nps(detractors, passives, promoters + 10).high
    assert row["worst_low"] < row["worst"] < row["nps"] < row["best"] < row["best_high"]


def test_reduction_response_is_counted_by_wave_and_mode(found):
    rates = found.response.set_index("wave")["share"]
    assert rates["annual"] == pytest.approx(0.75)
    assert rates["quarterly"] == 1
    assert found.answered.value == pytest.approx(140 / 160)
    assert "Of 160 invitations 88 %" in found.response_sentence


def test_direction_kinder_answers_to_the_own_manager_are_seen(found, tmp_path):
    assert found.own.low > 0
    assert found.own_within.low > 0
    assert found.own_sentences[0].startswith("Clients answer their own manager more kindly")
    equal = listen(tmp_path / "equal", surveys_of(kinder=0.0))
    assert equal.own_within.low < 0 < equal.own_within.high
    assert "cannot tell" in equal.own_sentences[1]


def test_the_own_manager_is_the_one_of_the_time(tmp_path):
    """Reduction: after a handover, answers to the former manager were still answers to the own one."""
    orders = orders_of()
    old = orders.groupby("client_id")["order_date"].min() < END - pd.Timedelta(days=420)
    surveys = surveys_of(kinder=1.5)
    surveys = surveys[surveys["client_id"].map(old)]
    told = {"orders": orders.assign(manager_id="M1"), "surveys": surveys, "clients": CLIENTS.assign(manager_id="M3")}
    then = prepare(write(tmp_path / "then", **told)).ask(what_do_the_surveys_say)
    assert then.own == listen(tmp_path / "kept", surveys).own
    assert then.own.low > 0
    unknown = prepare(write(tmp_path / "unknown", **told | {"orders": orders})).ask(what_do_the_surveys_say)
    assert unknown.own.chosen == 0


def test_direction_the_factor_that_goes_with_recommendation_comes_first(found):
    assert found.factors["factor"].tolist() == ["quality", "price"]
    assert "Most closely goes with recommendation quality" in found.factor_sentence
    assert (found.factors["low"] <= found.factors["correlation"]).all()
    assert found.factors["n"].tolist() == [40, 40]


@pytest.mark.parametrize(("step", "said"), [(4, "it rose"), (-4, "it fell"), (0, "we cannot tell whether it moved")])
def test_direction_a_move_of_the_index_is_told_where_it_is_large(tmp_path, step, said):
    """Everybody's score of the last year is moved by four points, or by none."""
    cast = surveys_of().query("wave == 'annual'")
    late = cast["survey_date"].dt.year == cast["survey_date"].dt.year.max()
    moved = (5 + step * late + cast["client_id"].str[1:].astype(int) % 3).clip(0, 10)
    cast = cast.assign(recommend=moved.where(cast["recommend"].notna())) if step else cast
    found = listen(tmp_path / "moved", cast)
    index = [nps(*promoter_classes(cast.loc[one, "recommend"].dropna())).value for one in (late, ~late)]
    assert found.moved.value == pytest.approx(index[0] - index[1])
    assert said in found.trend_sentence


def test_surveys_that_hold_answers_only_say_that_silence_is_unknown(tmp_path):
    answered = surveys_of().dropna(subset="recommend").drop(columns="invited")
    found = listen(tmp_path / "answers", answered)
    assert found.response.empty
    assert np.isnan(found.answered.value)
    assert "we cannot say" in found.response_sentence
    assert "we cannot say" in found.bounds_sentence
    assert found.bounds["worst"].isna().all()


def test_what_is_missing_is_said(tmp_path):
    without = listen(tmp_path / "no clients", surveys_of(), clients=None)
    assert "is not known" in without.own_sentences[0]
    none = prepare(write(tmp_path / "orders", orders=orders_of())).ask(what_do_the_surveys_say)
    assert none.sentences == ("We cannot say what clients think: there are no surveys.",)
    silent = listen(tmp_path / "silent", surveys_of().drop(columns="recommend"))
    assert silent.headline.startswith("We cannot say whether clients would recommend us")
    few = listen(tmp_path / "few", surveys_of(clients=5))
    assert few.trend.empty
    assert "too few" in few.headline
    for answer in (without, none, silent, few):
        assert all("nan" not in sentence for sentence in answer.sentences)
        assert all("nan" not in sentence for sentence in (answer.response_sentence, answer.bounds_sentence))


def test_the_chart_draws_what_it_is_given(found):
    ax = plots.factor_correlations(plots.blank_axes(), found.factors)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), found.factors["correlation"])
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == found.factors[["low", "high"]].to_numpy().tolist()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["quality (n 40)", "price (n 40)"]
