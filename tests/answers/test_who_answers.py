"""Who answers, who keeps silent, and how far that and the way of asking bend scores."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, even_orders, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, tabulate_listening, who_answers
from churnlab.surveys import nps, promoter_classes


def surveys_of(*, clients: int = 40, kinder: float = 0.0, seed: int = 4) -> pd.DataFrame:
    """Two yearly phone waves and two quarterly ones, by the own manager (M1) and another (M2) in turn.

    Every fourth client never answers the annual wave; one does not answer the quarterly wave once.
    """
    rng, rows = np.random.default_rng(seed), []
    level = rng.normal(7, 1.2, clients)
    for wave, day in (("annual", 400), ("annual", 35), ("quarterly", 200), ("quarterly", 110)):
        for number in range(clients):
            own = (number + day) % 2 == 0
            silent = (wave == "annual" and number % 4 == 0) or (day == 200 and number == 1)
            score = int(np.clip(np.round(level[number] + rng.normal(0, 0.4) + kinder * own), 0, 10))
            when = END - pd.Timedelta(days=day)
            rows.append((f"k{number:02d}", when, wave, "phone", True, None if silent else score, "M1" if own else "M2"))
    columns = ["client_id", "survey_date", "wave", "mode", "invited", "recommend", "asked_by"]
    return pd.DataFrame(rows, columns=columns)


CLIENTS = pd.DataFrame({"client_id": [f"k{number:02d}" for number in range(70)], "manager_id": "M1"})
PLAIN = even_orders()[["client_id", "order_date", "amount"]]


def listen(folder, surveys, *, clients=CLIENTS, orders=PLAIN):
    tables = {"orders": orders, "surveys": surveys}
    tables |= {} if clients is None else {"clients": clients}
    return prepare(write(folder, **tables)).ask(who_answers)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        return listen(tmp_path_factory.mktemp("books") / "book", surveys_of(kinder=1.5))


def test_reduction_the_bounds_count_the_silent_as_detractors_or_promoters(found):
    surveys = surveys_of(kinder=1.5)
    last = surveys[(surveys["wave"] == "annual") & (surveys["survey_date"].dt.year == END.year - 1)]
    row = found.bounds[(found.bounds["wave"] == "annual")].iloc[0]
    assert (row["n"], row["silent"]) == (30, 10)
    detractors, passives, promoters = promoter_classes(last["recommend"].dropna())
    assert row["worst"] == nps(detractors + 10, passives, promoters).value
    assert row["best_high"] == nps(detractors, passives, promoters + 10).high
    assert row["worst_low"] < row["worst"] < row["nps"] < row["best"] < row["best_high"]
    assert found.bounds_sentence.startswith("10 clients were asked in the annual phone wave of 2024")


def test_reduction_response_is_counted_by_wave_and_mode(found):
    rates = found.rates.set_index("wave")["share"]
    assert rates["annual"] == pytest.approx(0.75)
    assert rates["quarterly"] == pytest.approx(79 / 80)
    assert found.answered.value == pytest.approx(139 / 160)
    assert "Of 160 invitations 87 %" in found.headline
    assert found.unrecorded == ()


def test_a_wave_of_which_answers_only_are_recorded_has_no_rate_no_bounds_and_no_weights(tmp_path):
    """One wave's silences are kept, the other's are not: its answers are no response of a hundred in a hundred."""
    surveys = surveys_of()
    kept = surveys[(surveys["wave"] == "annual") | surveys["recommend"].notna()]
    half = listen(tmp_path / "half", kept)
    assert half.rates["wave"].tolist() == ["annual"]
    assert half.unrecorded == ("quarterly phone",)
    assert half.answered.value == pytest.approx(0.75)
    assert "Of 80 invitations 75 %" in half.headline
    assert half.headline.endswith("Of quarterly phone answers only are recorded.")
    for frame, names in ((half.bounds, ["silent", "worst", "best"]), (half.weighted, ["asked", "weighted", "moved"])):
        by_wave = frame.set_index("wave")[names]
        assert by_wave.loc["quarterly"].isna().all()
        assert by_wave.loc["annual"].notna().all()
    assert not np.isnan(half.weighted.set_index("wave").loc["quarterly", "nps"])
    assert (half.leaving, half.tiring.invitations) == (
        listen(tmp_path / "annual", kept[kept["wave"] == "annual"]).leaving,
        40,
    )


def test_silences_without_a_mode_make_no_series_of_their_own(tmp_path):
    """Reduction: in a wave of one mode they belong to it; in a wave of two the rate is the wave's."""
    surveys = surveys_of()
    unnamed = surveys.assign(mode=surveys["mode"].where(surveys["recommend"].notna()))
    named, blank = (listen(tmp_path / name, one) for name, one in (("named", surveys), ("blank", unnamed)))
    pd.testing.assert_frame_equal(named.rates, blank.rates)
    assert named.headline == blank.headline
    web = unnamed["mode"].mask(unnamed["recommend"].notna() & (unnamed["client_id"] > "k20"), "web")
    both = listen(tmp_path / "both", unnamed.assign(mode=web))
    assert both.rates[["wave", "mode", "invited"]].to_numpy().tolist() == [
        ["annual", "unknown", 80],
        ["quarterly", "unknown", 80],
    ]
    np.testing.assert_allclose(both.rates["share"], named.rates["share"])
    assert "the fewest in the annual wave: 75 %" in both.headline


def test_reduction_where_all_asked_are_alike_weights_change_nothing(found):
    """One line, one size, one tenure: nothing to weight by."""
    row = found.weighted.set_index("wave").loc["annual"]
    assert (row["asked"], row["n"]) == (40, 30)
    assert row["weighted"] == pytest.approx(row["nps"])
    assert row["moved"] == pytest.approx(0, abs=1e-9)
    assert "the weights change nothing" in found.weighted_sentence
    assert found.margins == ("size", "tenure")


def test_direction_weights_give_back_what_the_silence_of_the_unhappy_took(tmp_path):
    """Line B is unhappy, and three of four of its clients keep silent."""
    surveys = surveys_of(clients=60).query("wave == 'annual' and survey_date > '2024-01-01'")
    number = surveys["client_id"].str[1:].astype(int)
    unhappy = number % 2 == 1
    score = np.where(unhappy, 5, 9) - (number % 3 == 0)
    silent = unhappy & (number % 8 != 1)
    bent = listen(tmp_path / "bent", surveys.assign(recommend=np.where(silent, np.nan, score)), orders=even_orders())
    row = bent.weighted.iloc[0]
    assert bent.margins == ("main line", "size", "tenure")
    assert row["weighted"] < row["nps"]
    assert row["moved_high"] < 0
    true = nps(*promoter_classes(score)).value
    assert abs(row["weighted"] - true) < abs(row["nps"] - true)
    assert row["weighted_low"] <= true <= row["weighted_high"]
    assert "silence makes the plain one too high" in bent.weighted_sentence


def monthly(*, silent_until: dict[str, pd.Timestamp] | None = None, clients: int = 60) -> pd.DataFrame:
    """A monthly web wave over three years, answered by two of three clients in turn; some fall silent from a day on."""
    days = pd.date_range(END - pd.DateOffset(years=3), END, freq="MS", inclusive="left") + pd.Timedelta(days=4)
    quiet = silent_until or {}
    rows = [
        (f"k{number:02d}", day, "monthly", "web", True,
         7 + number % 4 if (number + month) % 3 and not (day >= quiet.get(f"k{number:02d}", END)) else None)
        for month, day in enumerate(days)
        for number in range(clients)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "mode", "invited", "recommend"])


GOING = {f"k{number:02d}": END - pd.DateOffset(months=20) + pd.Timedelta(days=number) for number in range(40, 60)}


def test_direction_that_the_silent_leave_is_seen(tmp_path):
    """Twenty of sixty clients leave; they answer as the others do, or fall silent eight months before."""
    before = {name: day - pd.DateOffset(months=8) for name, day in GOING.items()}
    orders = even_orders(until=GOING)
    told = listen(tmp_path / "told", monthly(silent_until=before), orders=orders)
    assert (told.leaving.verdict, told.leaving_later.verdict) == ("more", "more")
    assert told.leaving.leavers == 20
    assert told.leaving.left_if_silent > told.leaving.left_if_answered
    assert "those who do not answer leave more" in told.leaving_sentences[0]
    alike = listen(tmp_path / "alike", monthly(), orders=orders)
    assert alike.leaving.verdict == "cannot tell"
    assert "we cannot tell" in alike.leaving_sentences[0]


def test_direction_silence_after_the_last_order_is_told_from_silence_before_it(tmp_path):
    """They answer to the last order, and never after it, while nobody knows yet that they have gone."""
    orders = even_orders(until=GOING)
    gone = listen(tmp_path / "gone", monthly(silent_until=GOING), orders=orders)
    assert (gone.leaving.verdict, gone.leaving_later.verdict) == ("more", "cannot tell")
    assert "we cannot tell" in gone.leaving_sentences[1]


@pytest.mark.parametrize(("each", "verdict"), [(-0.06, "tires"), (0.0, "cannot tell")])
def test_direction_that_being_asked_tires_is_seen(tmp_path, each, verdict):
    """Clients are asked in half of the months, by lot; each invitation of a year takes 6 in a hundred, or none."""
    rng, rows = np.random.default_rng(8), []
    days = pd.date_range(END - pd.DateOffset(years=3), END, freq="MS", inclusive="left") + pd.Timedelta(days=4)
    for number in range(60):
        asked = days[rng.random(len(days)) < 0.5]
        for day in asked:
            before = ((asked < day) & (asked >= day - pd.Timedelta(days=365))).sum()
            answers = rng.random() < 0.85 + each * before
            rows.append((f"k{number:02d}", day, "monthly", "web", True, 8 if answers else None))
    surveys = pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "mode", "invited", "recommend"])
    tired = listen(tmp_path / "tired", surveys)
    assert tired.tiring.verdict == verdict
    assert tired.tiring.slope.low <= each <= tired.tiring.slope.high
    assert ("answering less" if each else "we cannot tell") in tired.tiring_sentence


def test_clients_asked_at_the_same_times_cannot_show_that_they_tire(tmp_path):
    same = listen(tmp_path / "same", monthly())
    assert "we cannot say: clients are asked equally often" in same.tiring_sentence


def test_direction_kinder_answers_to_the_own_manager_are_seen(found, tmp_path):
    assert found.asking.own.low > 0
    assert found.asking.own_within.low > 0
    assert found.asking.own_sentences[0].startswith("Clients answer their own manager more kindly")
    equal = listen(tmp_path / "equal", surveys_of(kinder=0.0)).asking
    assert equal.own_within.low < 0 < equal.own_within.high
    assert "cannot tell" in equal.own_sentences[1]


def test_the_own_manager_is_the_one_of_the_time(tmp_path):
    """Reduction: after a handover, answers to the former manager were still answers to the own one."""
    surveys = surveys_of(kinder=1.5)
    then = listen(
        tmp_path / "then", surveys, orders=PLAIN.assign(manager_id="M1"), clients=CLIENTS.assign(manager_id="M3")
    )
    assert then.asking.own == listen(tmp_path / "kept", surveys).asking.own
    unknown = listen(tmp_path / "unknown", surveys, clients=CLIENTS.assign(manager_id="M3"))
    assert unknown.asking.own.chosen == 0
    assert "too few answers can be compared" in unknown.asking.own_sentences[0]


def two_ways(kinder: float, *, clients: int = 40) -> pd.DataFrame:
    """Four quarterly waves, each client asked by phone and on the web in turn; `kinder` points by phone."""
    rng, rows = np.random.default_rng(6), []
    level = rng.normal(6.5, 1.2, clients)
    for quarter in range(4):
        for number in range(clients):
            phone = (number + quarter) % 2 == 0
            score = np.clip(np.round(level[number] + rng.normal(0, 0.5) + kinder * phone), 0, 10)
            when = END - pd.Timedelta(days=20 + 90 * quarter)
            rows.append((f"k{number:02d}", when, "quarterly", "phone" if phone else "web", score))
    return pd.DataFrame(rows, columns=["client_id", "survey_date", "wave", "mode", "recommend"])


def test_direction_a_kinder_phone_is_seen(tmp_path):
    kind, equal = (listen(tmp_path / f"by{by}", two_ways(by)).asking for by in (1.0, 0.0))
    assert kind.phone_within.low > 0
    assert kind.phone.low > 0
    assert kind.mode_sentence.startswith("Clients answer more kindly by phone than on the web")
    assert "of the same client in the same wave (40 clients)" in kind.mode_sentence
    assert equal.phone_within.low < 0 < equal.phone_within.high
    assert "we cannot tell" in equal.mode_sentence


def test_clients_asked_in_one_way_are_compared_with_others_of_their_wave_and_year(tmp_path):
    surveys = two_ways(1.5)
    odd = surveys["client_id"].str[1:].astype(int) % 2 == 1
    one_way = surveys[(surveys["mode"] == "web") == odd]
    asking = listen(tmp_path / "one way", one_way).asking
    assert asking.phone_within.clients == 0
    assert asking.phone.low > 0
    assert "compared within wave and year" in asking.mode_sentence


def test_modes_that_cannot_be_compared_are_named(tmp_path):
    surveys = two_ways(1.0)
    each = surveys.assign(wave=np.where(surveys["mode"] == "web", "annual", "quarterly"))
    later = surveys["survey_date"].mask(surveys["mode"] == "web", surveys["survey_date"] - pd.Timedelta(days=800))
    said = {
        "each wave is asked in one way": each,
        "they did not answer in both ways": surveys[surveys["mode"] == "phone"],
        "is not recorded": surveys.drop(columns="mode"),
        "ways and years cannot be told apart": surveys.assign(survey_date=later),
        "too few answers can be compared": surveys[surveys["client_id"] < "k04"],
    }
    for place, (words, frame) in enumerate(said.items()):
        asking = listen(tmp_path / f"{place}", frame).asking
        assert words in asking.mode_sentence
        assert "we cannot say" in asking.mode_sentence


def test_surveys_that_hold_answers_only_say_that_silence_is_unknown(tmp_path):
    answered = surveys_of().dropna(subset="recommend").drop(columns="invited")
    only = listen(tmp_path / "answers", answered)
    assert only.rates.empty
    assert only.weighted["weighted"].isna().all()
    assert only.unrecorded == ("annual phone", "quarterly phone")
    assert np.isnan(only.answered.value)
    for said in (only.headline, only.bounds_sentence, only.weighted_sentence, only.leaving_sentences[0]):
        assert "we cannot say" in said
    assert "we cannot say" in only.tiring_sentence
    assert only.bounds["worst"].isna().all()


def test_a_silence_without_a_mode_counts_in_every_mode(tmp_path):
    """Reduction: with one mode it makes no difference whether silences name it."""
    surveys = surveys_of()
    unnamed = surveys.assign(mode=surveys["mode"].where(surveys["recommend"].notna()))
    named, blank = (listen(tmp_path / name, one) for name, one in (("named", surveys), ("blank", unnamed)))
    pd.testing.assert_frame_equal(named.bounds, blank.bounds)
    pd.testing.assert_frame_equal(named.weighted, blank.weighted)


def test_what_is_missing_is_said(tmp_path):
    without = listen(tmp_path / "no clients", surveys_of(), clients=None)
    assert "is not known" in without.asking.own_sentences[0]
    none = prepare(write(tmp_path / "orders", orders=orders_of())).ask(who_answers)
    assert none.sentences == ("Who answers we cannot say: there are no surveys.",)
    mute = listen(
        tmp_path / "mute", surveys_of().assign(quality=lambda one: one["recommend"]).drop(columns="recommend")
    )
    assert "there are no recommendation scores" in mute.asking.mode_sentence
    few = listen(tmp_path / "few", surveys_of(clients=5))
    assert "too few" in few.bounds_sentence
    assert "too few" in few.leaving_sentences[0]
    strangers = listen(tmp_path / "strangers", surveys_of().assign(client_id=lambda one: "=1+1" + one["client_id"]))
    for answer in (without, none, mute, few, strangers):
        said = (*answer.sentences, answer.bounds_sentence, answer.weighted_sentence, answer.tiring_sentence)
        assert all("nan" not in sentence for sentence in (*said, *answer.leaving_sentences))


def test_the_tables_and_charts_hold_what_was_found(found):
    rates, weighted = tabulate_listening.response(found), tabulate_listening.weighted(found)
    assert rates["invitations"].tolist() == ["80", "80"]
    assert weighted["voted"].tolist() == ["30", "40"]
    assert tabulate_listening.bounds(found)["silent"].tolist() == ["10", "0"]
    ax = plots.response_shares(plots.blank_axes(), found.rates)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), found.rates["share"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["annual phone (n 80)", "quarterly phone (n 80)"]
    shown = found.weighted.dropna(subset="weighted")
    ax = plots.weighted_rows(plots.blank_axes(), shown)
    drawn = {line.get_marker(): line.get_xdata() for line in ax.lines}
    np.testing.assert_allclose(drawn["o"], shown["nps"])
    np.testing.assert_allclose(drawn["s"], shown["weighted"])
