"""What a verdict hangs on: unknowns, boxes, ways out and levers, on draws whose truth is planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnlab import plots
from churnlab.answers import tabulate_scenario
from churnlab.answers.scenario_boxes import MARKET, find_boxes
from churnlab.answers.scenario_conditions import conditions
from churnlab.answers.scenario_exits import exits
from churnlab.answers.scenario_levers import DRAWS, SETTINGS, TRIED, Levers, held, make_bench, verdict_at, verdicts_at
from churnlab.answers.scenario_unknowns import drawn_unknowns, unknowns
from churnlab.scenarios import (
    COUNTS,
    DO_NOTHING,
    PRICE_ONLY,
    SERVICE,
    Simulation,
    calibrate,
    draw_assumptions,
    made_book,
    paired_difference,
    simulate,
)

ALL = (DO_NOTHING, PRICE_ONLY, SERVICE)
NAMES = tuple(policy.name for policy in ALL)
BOOK = made_book(draw_assumptions(192, rng=1), 20)


def worth(values):
    """A simulation in which each policy is worth what is given, shape (policies, draws)."""
    values = np.asarray(values, dtype=float)
    policies, draws = values.shape
    return Simulation(
        policies=NAMES[:policies],
        counts=np.zeros((policies, draws, 1, len(COUNTS)), dtype=np.int32),
        profit=values[..., None],
        ledger=np.concatenate((values[None], np.zeros((8, policies, draws)))),
        discounted_sales=np.ones((policies, draws)),
        turned_away=np.zeros((policies, draws), dtype=np.intp),
        clients=10,
    )


def noise(draws, columns, seed):
    generator = np.random.default_rng(seed)
    return {f"unknown {place}": generator.random(draws) for place in range(columns)}, generator


def test_recovery_the_unknown_that_decides_is_worth_learning_first():
    known, generator = noise(300, 12, 3)
    gap = 4 * (known["unknown 5"] - 0.5)
    values = [generator.normal(0, 0.2, 300), 0.2 + generator.normal(0, 0.2, 300), gap + generator.normal(0, 0.2, 300)]
    found = unknowns(worth(values), known, policy="service", against="price only", seed=1)
    assert found.swings["name"].iloc[0] == "unknown 5"
    widest = found.swings.iloc[0]
    assert widest["low"] < 4 * 0.8 < widest["high"]
    assert found.worth["name"].iloc[0] == "unknown 5"
    # E max(0.2, 4 (U - 1/2)) less 0.2: for U above 0.55, 4 (U - 0.55), which is 2 x 0.45 squared
    first = found.worth.iloc[0]
    assert first["low"] < 2 * 0.45**2 < first["high"]
    assert found.worth_sentence.startswith("Worth learning first")
    assert "95 % interval" in found.swing_sentence


def test_direction_noise_is_seldom_worth_learning():
    """In less than one case of twenty, but that the floor is measured: of 12, more than three would be rare."""
    told = 0
    for seed in range(12):
        known, generator = noise(200, 4, seed)
        found = unknowns(
            worth(generator.normal(0, 1, (3, 200))), known, policy="service", against="price only", seed=seed
        )
        told += "cannot tell" not in found.worth_sentence
    assert told <= 3


def test_reduction_a_choice_that_nothing_changes_makes_no_unknown_worth_learning():
    known, generator = noise(200, 5, 2)
    values = [10 + known["unknown 0"], known["unknown 1"], generator.random(200)]
    found = unknowns(worth(values), known, policy="service", against="price only", seed=1)
    assert (found.worth["worth"] == 0).all()
    assert found.everything.value == 0
    assert found.worth_sentence.startswith("No single unknown is worth learning first")


def test_nothing_is_told_of_few_draws():
    known, generator = noise(39, 3, 1)
    assert unknowns(worth(generator.random((3, 39))), known, policy="service", against="price only", seed=1) is None


def test_property_worth_of_everything_is_the_mean_regret_of_the_best():
    known, generator = noise(100, 3, 1)
    values = generator.random((3, 100))
    found = unknowns(worth(values), known, policy="service", against="price only", seed=1)
    assert found.everything.value == pytest.approx(values.max(axis=0).mean() - values.mean(axis=1).max())


def boxes(lost, known, seed=1):
    return find_boxes(lost, known, among="the market", policy="service", against="price only", seed=seed)


def test_recovery_a_planted_box_is_found_and_measured():
    known, generator = noise(600, 10, 4)
    inside = (known["unknown 2"] > 0.6) & (known["unknown 7"] < 0.5)
    lost = generator.random(600) < np.where(inside, 0.9, 0.1)
    found = boxes(lost, known)
    first = found.boxes.iloc[0]
    assert first["stands_out"]
    assert "unknown 2 above 0.6" in first["conditions"]
    assert "unknown 7 up to 0." in first["conditions"]
    assert first["low"] < 0.9 < first["high"]
    assert found.boxes["draws"].sum() == found.measured == 300
    assert found.boxes["coverage"].sum() == pytest.approx(1)
    assert first["conditions"] in found.sentence


def test_direction_noise_is_seldom_told_as_a_box():
    """In less than one case of twenty: of 60, more than seven would be one case in a hundred."""
    told = 0
    for seed in range(60):
        known, generator = noise(240, 30, seed)
        told += bool(boxes(generator.random(240) < 0.3, known, seed).boxes["stands_out"].any())
    assert told <= 7


def test_no_box_is_sought_where_nothing_is_lost():
    known, _ = noise(240, 3, 1)
    found = boxes(np.zeros(240, dtype=bool), known)
    assert found.boxes.empty
    assert "no box was sought" in found.sentence
    assert tabulate_scenario.boxes([found]).empty


def test_property_departures_avoided_are_those_of_doing_nothing_less_the_policy():
    simulation = simulate(BOOK, ALL, draw_assumptions(192, rng=1), months=12, seed=1)
    noted = pd.Series(["price", "service", "service", "no need"])
    found = exits(simulation, noted)
    lost = simulation.counts[..., [name.startswith("lost") for name in COUNTS]].sum(axis=(2, 3)).mean(axis=1)
    mine = found.avoided[found.avoided["policy"] == "service"]
    assert mine["mean"].sum() == pytest.approx(100 / 20 * (lost[0] - lost[2]))
    assert found.notes == 3
    assert found.noted.value == pytest.approx(1 / 3)
    assert "3 departures noted" in found.noted_sentence
    assert "No reason" in exits(simulation, noted[:0]).noted_sentence


@pytest.fixture(scope="module")
def bench():
    return make_bench(BOOK, months=12, seed=1, scored=True)


def test_reduction_the_usual_setting_is_a_run_of_the_usual_policies(bench):
    drawn = draw_assumptions(TRIED, rng=1, fixed=Levers().competitor).take(bench.rows)
    found = simulate(bench.book, ALL, drawn, months=12, seed=1)
    told = verdict_at(bench, Levers())
    assert told.differences[2] == paired_difference(found, "service", "price only")
    assert told.draws == found.rows <= DRAWS


def test_property_a_verdict_is_the_same_whatever_was_asked_before(bench):
    levers = Levers(price_cut=0.02, offers_per_year=0.6)
    once = verdict_at(bench, levers)
    verdict_at(bench, Levers(service_points=0.0))
    assert verdict_at(bench, levers, held(bench, levers)) == once


def test_direction_levers_do_what_they_say(bench):
    usual = verdict_at(bench, Levers()).differences
    assert verdict_at(bench, Levers(service_cost=0.0)).differences[1].mean > usual[1].mean
    assert verdict_at(bench, Levers(price_cut=0.08)).differences[0].mean < usual[0].mean
    assert verdict_at(bench, Levers(price_cut=0.08)).differences[1] == usual[1]


def test_levers_out_of_range_are_refused(bench):
    with pytest.raises(ValueError, match="offers_per_year = 5"):
        verdict_at(bench, Levers(offers_per_year=5))
    with pytest.raises(ValueError, match="price_cut = 1"):
        verdict_at(bench, Levers(price_cut=1.5))


def test_a_competitor_beside_the_data_is_told_and_not_guessed():
    seldom = replace(BOOK, predictor=np.full_like(BOOK.predictor, -5.5), whole=True)
    few = make_bench(seldom, months=12, seed=1, scored=True)
    assert few is not None
    told = verdict_at(few, Levers(offers_per_year=1.2, offer_depth=0.1))
    assert told.differences == ()
    assert "cannot say" in told.sentence
    never = replace(BOOK, predictor=np.full_like(BOOK.predictor, -20.0), whole=True)
    assert make_bench(never, months=6, seed=1, scored=True) is None


def test_without_scores_only_price_is_told():
    bench = make_bench(BOOK, months=6, seed=1, scored=False)
    assert [one.policy for one in verdict_at(bench, Levers()).differences] == ["price only"]
    assert not [name for name in verdicts_at(bench) if "service" in name]


def test_without_scores_conditions_are_those_of_price_against_nothing():
    drawn = draw_assumptions(192, rng=1)
    solved = calibrate(BOOK, drawn, months=6, seed=1)
    simulation = simulate(BOOK, ALL[:2], solved.assumptions, months=6, seed=1, solved=solved)
    noted = pd.Series([], dtype="str")
    found = conditions(BOOK, solved, simulation, (PRICE_ONLY, DO_NOTHING), reasons=noted, seed=1)
    assert list(found.exits.avoided["policy"].unique()) == ["price only"]
    assert all("'service'" not in said for said in found.sentences)
    assert list(tabulate_scenario.settings(found.verdicts))[2:] == ["price only against do nothing"]


def test_tables_and_drawings_have_a_row_for_each_part():
    drawn = draw_assumptions(192, rng=1)
    solved = calibrate(BOOK, drawn, months=12, seed=1)
    simulation = simulate(BOOK, ALL, solved.assumptions, months=12, seed=1, solved=solved)
    found = conditions(BOOK, solved, simulation, (SERVICE, PRICE_ONLY), reasons=pd.Series([], dtype="str"), seed=1)
    assert set(MARKET) < set(drawn_unknowns(BOOK, drawn))
    assert list(tabulate_scenario.settings(found.verdicts)["setting"]) == list(SETTINGS)
    assert list(tabulate_scenario.avoided(found.exits)) == ["over", "price only", "service"]
    swings = found.unknowns.swings
    assert list(tabulate_scenario.swings(found.unknowns)["unknown"]) == list(swings["name"])
    assert set(tabulate_scenario.learning(found.unknowns)["to choose from"]) == {
        "all policies",
        "service or price only",
    }
    labels = [text.get_text() for text in plots.tornado(plots.blank_axes(), swings).get_yticklabels()]
    assert labels == list(swings["name"])
    assert len(found.sentences) == 7
