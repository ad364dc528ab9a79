"""The page on risk: who speaks and why, what is said where little is known, and what follows from the numbers."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, even_orders, orders_of, write

from churnlab import plots
from churnlab.answers import (
    do_surveys_add_to_orders,
    how_good_are_the_lists,
    prepare,
    tabulate_risk,
    what_became_of_earlier_risks,
    what_can_be_forecast,
    what_would_a_random_split_flatter,
    who_is_at_risk,
)
from churnlab.answers.risk_base import FEWER, Base, fitted_terms
from churnlab.answers.risk_choice import which_model_speaks
from churnlab.answers.risk_flattery import FlatteryAnswer
from churnlab.answers.risk_today import everyone_today, learnt_until
from churnlab.history import standing
from churnlab.lifetime import Estimate
from churnlab.reports import show
from churnlab.risk import BASE_RATE, BOOSTING, HAZARD, MODELS, Acting, Capacity, Flattery, support
from churnlab.risk.backtest import plan

QUESTIONS = (
    who_is_at_risk,
    how_good_are_the_lists,
    what_can_be_forecast,
    do_surveys_add_to_orders,
    what_became_of_earlier_risks,
    what_would_a_random_split_flatter,
)


def with_pauses() -> pd.DataFrame:
    """Orders every three weeks, but for a pause of eight months in each year, after which everyone comes back."""
    orders = even_orders(30, years=6)
    number = orders["client_id"].str[1:].astype(int)
    day = (pd.to_datetime(orders["order_date"]) - pd.Timestamp("2000-01-01")).dt.days + 9 * number
    away = (day // 365 % 2 == 0) & (day % 365 < 240)
    return orders[~away].reset_index(drop=True)


TINY = {
    "three clients": lambda: orders_of(3),
    "nobody left": lambda: even_orders(30, years=5),
    "one left": lambda: even_orders(40, until={"k03": END - pd.DateOffset(years=2)}, years=6),
    "one order": lambda: pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10.0]}),
    "all but one left": lambda: even_orders(
        30, until={f"k{number:02d}": END - pd.DateOffset(years=3) for number in range(29)}, years=6
    ),
    "short records": lambda: even_orders(
        40, until={f"k{number:02d}": END - pd.DateOffset(months=8 + number % 9) for number in range(22)}, years=2
    ),
    "mostly pauses": with_pauses,
}


def managers_of(count: int = 2) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "manager_id": [f"M{number}" for number in range(count)],
            "name": [f"Manager {number}" for number in range(count)],
            "monthly_cost": [3200.0] * count,
            "hours_per_month": [160.0] * count,
        }
    )


def surveys_of(orders: pd.DataFrame, *, seed: int = 3) -> pd.DataFrame:
    """Quarterly scores that tell nothing."""
    rng, rows = np.random.default_rng(seed), []
    for client, days in orders.groupby("client_id")["order_date"]:
        asked = pd.date_range(days.min(), days.max(), freq="91D")
        rows += [(client, day, "quarterly", *rng.integers(3, 11, 5)) for day in asked]
    names = ["client_id", "survey_date", "wave", "recommend", "quality", "timing", "attention", "price"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture(scope="module")
def study(cache, tmp_path_factory):
    """Eighty clients over seven years with managers and surveys of noise; enough leave to grade forecasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURNLAB_CACHE", str(cache))
        orders = orders_of(90)
        folder = tmp_path_factory.mktemp("data") / "book"
        return prepare(write(folder, orders=orders, surveys=surveys_of(orders), managers=managers_of()))


@pytest.fixture(scope="module")
def found(study):
    return study.ask(who_is_at_risk)


@pytest.mark.parametrize("name", TINY)
def test_every_answer_says_in_words_what_a_tiny_book_does_not_tell(name, tmp_path):
    study = prepare(write(tmp_path / "data", orders=TINY[name]()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = {question: study.ask(question).sentences for question in QUESTIONS}
    everything = " ".join(" ".join(sentences) for sentences in said.values())
    assert "nan" not in everything
    assert all("cannot" in " ".join(sentences) for question, sentences in said.items() if question in QUESTIONS[1:4])
    assert "no surveys" in said[do_surveys_add_to_orders][0]
    risk = study.ask(who_is_at_risk)
    assert not risk.scorecards
    assert risk.speaks in ("nobody", BASE_RATE.name)
    assert (risk.why is None) == (risk.speaks == "nobody") == risk.clients.empty
    assert risk.base.sentences
    assert "nan" not in " ".join(risk.base.sentences)
    lists, targets = study.ask(how_good_are_the_lists), study.ask(what_can_be_forecast)
    for frame in (tabulate_risk.scores(risk), tabulate_risk.calibrations(risk), tabulate_risk.profits(lists)):
        assert frame.empty
    assert len(tabulate_risk.targets(targets)) == 4
    assert "nan" not in " ".join(targets.sentences)
    assert all(np.isnan(one.expected.value) for one in targets.targets if one.speaks == "nobody")
    assert len(tabulate_risk.clients(risk, str)) == min(15, len(risk.clients))


def test_where_silences_are_pauses_no_answer_speaks_of_leaving(tmp_path):
    study = prepare(write(tmp_path / "data", orders=with_pauses()))
    assert study.ask(who_is_at_risk).leaving.verdict == "pauses"
    assert "pauses" in study.ask(who_is_at_risk).headline
    assert "pauses" in study.ask(what_can_be_forecast).sentences[0]
    assert "not known" not in " ".join(study.ask(how_good_are_the_lists).sentences)
    assert study.ask(what_would_a_random_split_flatter).found is None


def test_the_rule_and_its_numbers_stand_in_the_sentences(found):
    said = " ".join(found.record_sentences)
    assert f"'{found.speaks}' speaks" in said
    assert f"there are {found.choice.left}" in said
    assert "may not speak" in said
    names = [card.model for card in found.scorecards]
    assert names[:3] == ["base rate", "recency", "own gap"]
    assert names[-2:] == ["hazard", "boosting"]
    losses = {card.model: card.log_loss.value for card in found.scorecards if card.model != BOOSTING.name}
    assert min(losses, key=losses.get) == found.choice.best
    gap = losses[found.speaks] - losses[found.choice.best]
    assert found.choice.behind.value == pytest.approx(gap)


def test_the_tables_hold_every_score_with_its_interval(study, found):
    near, sure = tabulate_risk.scores(found), tabulate_risk.calibrations(found)
    held = tabulate_risk.lists(found, study.ask(how_good_are_the_lists))
    assert len(near) == len(sure) == len(held) == len(found.scorecards)
    for frame, names in (
        (near, ("log loss", "Brier score", "AUC", "average precision")),
        (sure, ("intercept", "seen / forecast")),
        (held, ("lift", "of those who left")),
    ):
        for name in names:
            assert frame[name].str.contains(" to ").all()
    assert sure.set_index("model")["slope"]["base rate"] == "\N{EN DASH}"


def test_property_parts_add_up_to_the_hazards_own_risk(found):
    why = found.why
    usual = np.log(-np.log1p(-why.usual))
    score = usual + why.parts[list(why.groups)].sum(axis=1)
    assert -np.expm1(-np.exp(score.to_numpy())) == pytest.approx(why.parts["risk"].to_numpy())
    assert set(found.clients["client_id"]) == set(why.parts["client_id"])
    assert "does not say what would happen" in " ".join(why.sentences)
    assert "cause" not in " ".join(why.sentences)


def test_a_large_book_is_learnt_from_in_part_and_everyone_has_a_risk(tmp_path, monkeypatch):
    monkeypatch.setattr("churnlab.answers.study.MOST_LEARNT", 120)
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    study = prepare(write(tmp_path / "large", orders=orders_of(180), managers=managers_of()))
    found, lists = study.ask(who_is_at_risk), study.ask(how_good_are_the_lists)
    some, of = study.learnt_clients
    assert some == -(-of // 2) < of
    assert set(found.clients["client_id"]) == set(study.today["client_id"])
    assert set(found.forecasts["client_id"]) <= set(study.learnt.orders["client_id"])
    assert any(said.startswith(f"Models learn from {some} of {of} clients") for said in found.record_sentences)
    assert any(said.startswith("Models learn from") for said in found.base.sentences)
    assert lists.contacts == found.contacts
    assert study.graded_places(found.contacts) == max(1, round(found.contacts * some / of))


@pytest.mark.parametrize(("contacts", "places", "times"), [(None, None, 2.0), (0, 0, 2.0), (1, 1, 1.0), (9, 4, 2.25)])
def test_reduction_a_list_keeps_its_money_a_place(contacts, places, times, tmp_path, monkeypatch):
    monkeypatch.setattr("churnlab.answers.study.MOST_LEARNT", 20)
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    study = prepare(write(tmp_path / "large", orders=orders_of(40)))
    assert study.graded_places(contacts) == places
    assert study.of_all(Estimate(1.0, 0.5, 2.0), contacts) == Estimate(times, times / 2, times * 2)


def test_what_changed_adds_up_and_names_its_day(found, study):
    why = found.why
    assert why.since == study.as_of - pd.DateOffset(months=3)
    assert "no earlier run is kept" in why.changed_sentence
    score = {name: np.log(-np.log1p(-why.changed[name])) for name in ("risk", "risk_before")}
    moved = why.changed[list(why.groups)].sum(axis=1)
    assert (score["risk"] - score["risk_before"]).to_numpy() == pytest.approx(moved.to_numpy(), abs=1e-9)
    table = tabulate_risk.changes(why, str)
    assert len(table) <= 8
    assert "%" in table.iloc[0]["today"]


def test_lists_have_the_managers_length_and_the_inputs_their_source(study, found):
    lists = study.ask(how_good_are_the_lists)
    assert lists.contacts == found.contacts == int(2 * 160 * 0.1 * found.months_between / 4)
    rows = {name: (value, source) for name, value, source in lists.inputs.rows}
    assert rows["an hour of a manager costs"] == ("20.0", "table of managers")
    assert rows["a contact costs"][0] == "80.0"
    assert "assumed" in rows["of those who would leave, a contact keeps"][1]
    assert len(tabulate_risk.profits(lists)) == len(found.scorecards)
    assert all(one.greatest.value >= 0 for one in lists.profits)
    assert all(one.greatest_by_value.value >= 0 for one in lists.profits)
    shares = lists.leads[lists.leads["model"] == found.speaks]["share"].to_numpy()
    assert (np.diff(shares) <= 0).all()


def test_figures_of_lists_are_those_of_the_given_capacity(study, found):
    usual, inputs = study.ask(how_good_are_the_lists), study.ask(how_good_are_the_lists).inputs
    card = found.scores_of(found.speaks)
    assert (usual.lift.value, usual.found.value) == pytest.approx((card.lift.value, card.found.value))
    longer = how_good_are_the_lists(study, inputs=replace(inputs, capacity=Capacity(hours_share=0.3)))
    assert longer.contacts > usual.contacts
    assert longer.found.value > usual.found.value
    none = how_good_are_the_lists(study, inputs=replace(inputs, capacity=Capacity(hours_share=0.001)))
    assert none.contacts == 0
    assert all("cannot" in said for said in none.sentences[1:4])
    assert "nan" not in " ".join(none.sentences)


def test_the_criteria_count_all_effects_that_the_hazard_fits(study):
    made = plan(study.lives())
    training = learnt_until(study, made)
    fitted = everyone_today(training, study.lives(), (replace(HAZARD, by_line=False),), made).fitted(HAZARD.name)
    assert fitted_terms(training) == len(fitted.fit.coefficients) - 1 > len(fitted.scaler.columns)


def test_lists_stand_beside_lists_drawn_by_lot_and_beside_what_they_promised(study):
    lists = study.ask(how_good_are_the_lists)
    leads = lists.leads
    assert (leads["share"] - leads["by_lot"]).to_numpy() == pytest.approx(leads["more"].to_numpy(), abs=1e-9)
    assert leads["by_lot"].between(0, 1).all()
    assert "by lot" in lists.lead_sentence
    staying = tabulate_risk.lists(study.ask(who_is_at_risk), lists).set_index("model")["places that stay"]
    assert set(staying[staying.str.contains(" to ")].index) == set(lists.stability["model"])
    assert "nan" not in staying.to_string() + tabulate_risk.leads(lists).to_string()
    assert "by lot" in lists.stability_sentence
    assert "Past lists promised" in lists.today_sentence
    assert lists.today.low < lists.today.value < lists.today.high
    assert lists.money_level.low <= lists.money_level.value <= lists.money_level.high


def test_direction_free_contacts_that_always_help_earn_more_than_dear_ones_that_never_do(study):
    lists = study.ask(how_good_are_the_lists)
    earned = []
    for cost, accepting in ((0.0, 1e6), (80.0, 14.0), (500.0, 1.0)):
        acting = Acting(value=1000.0, offer_cost=50.0, contact_cost=cost, accepting=accepting)
        given = type(lists.inputs)(lists.inputs.capacity, acting, lists.inputs.margin, 20.0, hour_known=True)
        asked = how_good_are_the_lists(study, inputs=given)
        earned.append(next(one.by_list.value for one in asked.profits if one.model == asked.model))
    assert earned == sorted(earned, reverse=True)
    assert earned[0] > 0 > earned[-1]


def test_surveys_of_noise_are_not_said_to_add(study):
    asked = study.ask(do_surveys_add_to_orders)
    assert asked.verdict in ("no", "cannot tell")
    assert asked.headline.lower().startswith("no," if asked.verdict == "no" else "we cannot tell")
    assert "not borne out" in " ".join(asked.sentences)
    assert set(asked.models["model"]) == {"base rate", "surveys", "orders", "orders, answered", "orders, surveys"}
    parts = tabulate_risk.survey_parts(asked).set_index("name")["value"]
    assert parts["surveys added to orders"] == pytest.approx(
        parts["  by answering at all"] + parts["  by what scores say"], abs=1e-9
    )
    assert "stop asking" in " ".join(asked.sentences)


@pytest.mark.parametrize(("begun", "left_out"), [(6.0, "all"), (4.5, "some")])
def test_days_on_which_surveys_were_not_known_do_not_tell_that_they_add_nothing(begun, left_out, tmp_path, monkeypatch):
    """A gain of nought on days before the first survey is no gain of surveys, and its interval has no width."""
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    orders = orders_of(90)
    surveys = surveys_of(orders)
    start = pd.to_datetime(orders["order_date"]).min() + pd.Timedelta(days=365 * begun)
    late = surveys[pd.to_datetime(surveys["survey_date"]) >= start]
    study = prepare(write(tmp_path / "data" / "book", orders=orders, surveys=late))
    asked = study.ask(do_surveys_add_to_orders)
    forecasts = study.ask(who_is_at_risk).survey_forecasts
    if left_out == "all":
        assert asked.gain is None
        assert asked.verdict == "cannot tell"
        assert "moved no forecast" in asked.headline
        assert tabulate_risk.survey_models(asked).empty
    else:
        assert 0 < asked.unheard < asked.days
        assert asked.gain.gain.low < asked.gain.gain.high
        kept = forecasts[forecasts["cut_off"] >= start]
        assert asked.gain.forecasts <= (kept["model"] == "orders").sum() < (forecasts["model"] == "orders").sum()
        assert not asked.told or "Left out are" in " ".join(asked.sentences)


def test_targets_stand_on_a_row_each(study, found):
    targets = study.ask(what_can_be_forecast)
    table = tabulate_risk.targets(targets)
    assert table["target"].tolist() == [
        "leaving within 3 months",
        "leaving within 12 months",
        "no order until its own limit",
        "shrinking 12 months on, not leaving",
    ]
    asked = targets.targets[1]
    assert (asked.speaks, asked.expected) == (found.speaks, found.leavers)
    assert targets.targets[0].expected.value < asked.expected.value
    near, far, quiet, shrinking = targets.targets
    assert near.asked == far.asked == quiet.asked == found.active
    assert quiet.score.model == quiet.speaks
    assert quiet.expected.low <= quiet.expected.value <= quiet.expected.high <= quiet.asked
    assert quiet.seen >= quiet.came > 0
    assert f"of today's {quiet.asked} clients to stay silent that long" in quiet.sentence
    assert (shrinking.graded, shrinking.seen, shrinking.speaks) == (0, 0, "nobody")  # nobody shrinks in this book
    assert "we cannot say" in shrinking.sentence
    assert all(one.sentence[0].isupper() for one in targets.targets)
    assert "Shrinking is not leaving" in targets.sentences[-1]


def test_shrinking_is_forecast_where_clients_are_seen_to_shrink(tmp_path, monkeypatch):
    """Every third client falls from weekly orders to one in a month, at a time of its own."""
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    rng, rows = np.random.default_rng(4), []
    for number in range(90):
        falls = rng.integers(400, 1900) if number % 3 == 0 else 4000
        days, day = [], rng.integers(0, 7)
        while day < 2190:
            days.append(day)
            day += int(rng.integers(5, 10)) if day < falls else int(rng.integers(24, 36))
        rows += [(f"k{number:02d}", END - pd.DateOffset(days=2190 - day), 100.0) for day in days]
    orders = pd.DataFrame(rows, columns=["client_id", "order_date", "amount"])
    orders.to_csv(tmp_path / "orders.csv", index=False)
    study = prepare(tmp_path, names=True)
    shrinking = study.ask(what_can_be_forecast).targets[-1]
    now = standing(study.tables, as_of=study.as_of, rule=study.rule)["standing"]
    assert shrinking.asked == study.ask(who_is_at_risk).active - (now == "shrinking").sum()
    assert shrinking.graded > 0
    assert 20 <= shrinking.came <= shrinking.seen <= 30
    assert shrinking.speaks != "nobody"
    assert 0 < shrinking.expected.low <= shrinking.expected.high < shrinking.asked
    assert "clients to shrink" in shrinking.sentence


def test_the_flattered_number_stands_beside_the_honest_one(study):
    split = study.ask(what_would_a_random_split_flatter)
    assert split.found.auc_flattered.value - split.found.auc.value == pytest.approx(split.found.auc_gained.value)
    assert len(tabulate_risk.flattered(split)) == 2
    assert f"{split.found.auc_flattered.value:.2f}" in split.sentences[0]


def test_an_interval_that_is_said_to_flatter_is_printed_off_nought():
    """A lower end of .003 rounds to 0.00, and then the verdict would contradict its interval."""
    half = Estimate(0.6, 0.55, 0.65)
    close = Estimate(0.019, 0.003, 0.037)
    told = FlatteryAnswer(Flattery("hazard", 1000, half, half, close, close))
    assert "by AUC it flatters" in told.sentences[1]
    assert "0.019 (95 % interval 0.003 to 0.037) more" in told.sentences[0]
    assert "0.003" in tabulate_risk.flattered(told).iloc[0]["seems better by"]


def test_figures_draw_what_the_answers_hold(study, found):
    ax = plots.model_skills(plots.blank_axes(), found.skills, n=7)
    assert ax.lines[0].get_xdata().tolist() == found.skills["skill"].tolist()
    parts = tabulate_risk.parts(found, str)
    ax = plots.score_parts(plots.blank_axes(), parts)
    groups = [name for name in parts if name != "name"]
    widths = np.array([[bar.get_width() for bar in each] for each in ax.containers])
    assert widths == pytest.approx(parts[groups].to_numpy().T)
    asked = study.ask(do_surveys_add_to_orders)
    gains = tabulate_risk.survey_parts(asked)
    ax = plots.survey_gains(plots.blank_axes(), gains, worth=asked.worth, n=7)
    assert ax.lines[0].get_xdata().tolist() == gains["value"].tolist()


def test_a_hostile_name_is_text_in_figure_and_table(found):
    label = "<script>alert(1)</script> $x_1$".__add__
    ax = plots.score_parts(plots.blank_axes(), tabulate_risk.parts(found, label))
    assert "<script>" not in show.figure(ax, title=label(""), alt="parts").svg
    assert "<script>" not in show.table(tabulate_risk.changes(found.why, label), caption="x").html
    assert "<script>" not in show.answer([found.why.rose_sentence(label) or "nothing"]).html


def test_a_base_that_bears_a_few_terms_has_a_model_of_so_many_beside_the_whole():
    few, enough = support(200, 26, wanted=10), support(20_000, 4000, wanted=10)
    day = pd.Timestamp("2025-01-01")
    names = [spec.name for spec in Base(12, day, few, None, 9, 50).candidates]
    assert names == ["base rate", "recency", "own gap", FEWER, "hazard", "boosting"]
    fewer = Base(12, day, few, None, 9, 50).candidates[3]
    assert len(fewer.columns) == few.terms == 2
    assert FEWER not in [spec.name for spec in Base(12, day, enough, None, 9, 50).candidates]
    assert "bears no term" in " ".join(Base(12, day, few, None, 9, 50).with_auc(0.55).sentences)


def forecasts_of(outcome: np.ndarray, **risks: np.ndarray) -> pd.DataFrame:
    day = pd.Timestamp("2025-01-01")
    clients = [f"c{number:04d}" for number in range(len(outcome))]
    frames = [
        pd.DataFrame(
            {"client_id": clients, "cut_off": day, "outcome": outcome.astype(float), "risk": risk, "model": name}
        )
        for name, risk in risks.items()
    ]
    return pd.concat(frames, ignore_index=True)


def test_boosting_speaks_only_with_many_departures_and_calibrated():
    rng = np.random.default_rng(5)
    risk = rng.beta(1, 3, 1500)
    outcome = rng.random(1500) < risk
    frame = forecasts_of(outcome, **{"base rate": np.full(1500, outcome.mean()), "boosting": risk})
    specs = (BASE_RATE, BOOSTING)
    speaks = which_model_speaks(frame, specs, calibrated=True, seed=1)
    assert speaks.speaks == "boosting"
    assert "rest on the hazard" in " ".join(speaks.sentences)
    silent = which_model_speaks(frame, specs, calibrated=False, seed=1)
    assert silent.speaks == "base rate"
    assert "could not be calibrated" in " ".join(silent.sentences)
    few = frame[frame["client_id"] < "c0400"]
    assert which_model_speaks(few, specs, calibrated=True, seed=1).speaks == "base rate"


def test_nobody_graded_leaves_the_word_to_the_simplest():
    nothing = pd.DataFrame({name: [] for name in ("client_id", "cut_off", "outcome", "risk", "model")})
    choice = which_model_speaks(nothing, MODELS, calibrated=True, seed=1)
    assert (choice.speaks, choice.left) == (BASE_RATE.name, 0)
    assert choice.behind == Estimate(0.0, 0.0, 0.0)
    assert "nothing is compared" in choice.sentences[0]
