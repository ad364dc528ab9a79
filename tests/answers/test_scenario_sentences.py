"""The sentences of price or service follow from the numbers: whoever wins, and where nobody can say."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from churnlab.answers import scenario
from churnlab.answers.scenario import ScenarioAnswer
from churnlab.answers.scenario_drivers import Drivers
from churnlab.answers.scenario_levers import Levers, Verdict
from churnlab.answers.scenario_unknowns import Unknowns
from churnlab.answers.tabulate import break_even
from churnlab.lifetime import Estimate
from churnlab.scenarios import (
    DO_NOTHING,
    PRICE_ONLY,
    SERVICE,
    BreakEven,
    ForcedLoss,
    PairedDifference,
    Simulation,
    VarianceSplit,
)

NONE = pd.DataFrame()
MAP = pd.DataFrame(
    {
        "offers_per_year": [0.06, 0.06, 1.0, 1.0],
        "offer_depth": [0.02, 0.1, 0.02, 0.1],
        "cost": [0.05, 0.03, 0.01, np.nan],
        "low": [0.034, 0.01, 0.0, np.nan],
        "high": [0.06, 0.05, 0.026, np.nan],
        "infeasible": [0.0, 0.1, 0.5, 1.0],
    }
)


def gap(policy, against, low, high):
    return PairedDifference(policy.name, against.name, (low + high) / 2, low, high, 0.5, 3.0)


def answer(*differences, cost=0.02):
    return ScenarioAnswer(
        horizon_months=60, scored=True, effects=NONE, departures=50, policies=(), retention=NONE, draws=NONE,
        differences=differences, break_even=BreakEven(cost, cost - 0.02, cost + 0.02, cost - 0.01, cost + 0.01),
        break_even_map=MAP, reading="", care=(), drivers=None, conditions=None, infeasible=0.0, sentences=("",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1e6, 3e6, "'service' against 'price only': 'service' is worth more"),
        (-3e6, -1e6, "'service' against 'price only': 'price only' is worth more"),
        (-1e6, 3e6, "'service' against 'price only': we cannot tell"),
    ],
)
def test_direction_the_words_name_whoever_the_interval_names(low, high, said):
    one = gap(SERVICE, PRICE_ONLY, low, high)
    assert said in answer(one).verdicts
    told = Verdict(Levers(), 48, 60, (gap(PRICE_ONLY, DO_NOTHING, -2.0, -1.0), gap(SERVICE, DO_NOTHING, 1.0, 2.0), one))
    assert "'price only' loses" in told.sentence
    assert "'service' pays" in told.sentence
    assert said.split(": ")[1].removeprefix("we ") in told.sentence


def test_direction_no_break_even_cost_below_0_is_told_as_one_to_stay_below():
    one = gap(SERVICE, DO_NOTHING, -3e6, -1e6)
    assert "pay for itself below a cost of 2 % (95 % interval" in answer(one).headline
    never = answer(one, cost=-0.01).headline
    assert "would not pay for itself against doing nothing even if it cost nothing" in never
    assert "below a cost" not in never


@pytest.mark.parametrize(("rows", "told"), [(19, True), (20, False)])
def test_too_few_allowed_draws_name_no_winner(monkeypatch, rows, told):
    nobody = np.zeros((2, rows))
    few = Simulation(
        ("do nothing", "price only"), np.zeros((2, rows, 1, 9), dtype=np.int32), nobody[..., None],
        np.zeros((9, 2, rows)), nobody, nobody.astype(np.intp), 1, 1 - rows / 500,
    )  # fmt: skip
    found = SimpleNamespace(simulation=few)
    study = SimpleNamespace(ask=lambda _: SimpleNamespace(verdict="left"), tables=None, as_of=None, rule=None, seed=1)
    monkeypatch.setattr(scenario, "compare_policies", lambda *_, **__: found)
    if not told:
        with pytest.raises(AttributeError):  # it goes on to the effects
            scenario.price_or_service(study)
        return
    answered = scenario.price_or_service(study)
    assert "allows only 19 of 500 draws" in answered.headline
    assert answered.differences == ()


def test_reference_the_map_tells_wins_losses_doubt_and_what_the_data_exclude_apart():
    said = answer().map_sentence
    assert "service wins over price-only in 1 of 4" in said
    assert "price-only wins in 1, and in 1 we cannot tell; in 1 offers would take more" in said
    within = replace(answer(), break_even_map=MAP.iloc[:3]).map_sentence
    assert "and in 1 we cannot tell (grades" in within


def test_the_table_of_the_map_shows_on_which_side_of_the_cost_an_end_lies():
    assert break_even(answer())["break-even cost"].iloc[0] == "5.0 % (3.4 % to 6.0 %)"


def test_direction_only_an_unknown_that_is_told_from_chance_is_said_to_decide():
    swings = pd.DataFrame(
        {
            "name": ["wide", "clear"], "grade": ["A", "C"], "from": 0.0, "to": 1.0, "at_from": 0.0,
            "at_to": [5.0, 3.0], "swing": [5.0, 3.0], "low": [-1.0, 1.0], "high": [11.0, 5.0],
        }
    )  # fmt: skip
    found = Unknowns("a", "b", "a", 50, swings, NONE, NONE, 0.0, 0.0, Estimate(0.0, 0.0, 0.0))
    assert "hangs most on clear (grade C)" in found.swing_sentence
    assert "No single unknown" in replace(found, swings=swings[:1]).swing_sentence


def test_one_figure_is_told_in_the_singular_and_indices_as_of_all_draws():
    groups = pd.DataFrame({"group": ["cascade"], "first": [0.9], "total": [1.0], "low": [0.8], "high": [1.1]})
    split, loss = VarianceSplit(1.0, 1.0, 0.5, 0.4, 0.6), ForcedLoss(1.0, 0.5, 1.5, 1.0, 1.0, 0.9, 1.1)
    said = Drivers("a", "b", NONE, groups, NONE, "a", split, loss).group_sentence
    assert "2 are data and 1 is assumed" in said
    assert "over all draws" in said
