"""What drives a difference of policies is told by the simulations that it rests on, with intervals."""

from dataclasses import replace

import numpy as np
import pytest

from churnlab import plots
from churnlab.answers import tabulate_scenario
from churnlab.answers.scenario_drivers import drivers
from churnlab.scenarios import (
    DO_NOTHING,
    EVIDENCE,
    GROUPS,
    PRICE_ONLY,
    SERVICE,
    calibrate,
    draw_assumptions,
    made_book,
    run,
)

ALL = (DO_NOTHING, PRICE_ONLY, SERVICE)
BOOK = replace(made_book(draw_assumptions(128, rng=1), 20), monthly_sales=np.linspace(1000, 40000, 20))


@pytest.fixture(scope="module")
def found():
    return drivers(BOOK, ALL, (SERVICE, PRICE_ONLY), months=12, seed=1)


def test_property_parts_sum_to_the_difference(found):
    drawn = draw_assumptions(128, rng=1)
    solved = calibrate(BOOK, drawn, months=12, seed=1)
    value = run(solved.book, (SERVICE, PRICE_ONLY), solved.assumptions, months=12, seed=1).value
    assert found.steps["mean"].sum() == pytest.approx((value[0] - value[1])[solved.feasible].mean())


def test_property_owners_come_first_and_are_graded(found):
    assert set(found.groups["group"]) == set(GROUPS)
    assert (found.groups["total"].diff().dropna() <= 0).all()
    assert found.groups["group"].iloc[0] in found.group_sentence
    assert f"of their {sum(known.group in found.group_sentence for known in EVIDENCE.values())} figures" in (
        found.group_sentence
    )


def test_every_sentence_that_prints_money_prints_its_interval(found):
    for sentence in (found.split_sentence, found.step_sentence, found.regret_sentence, found.loss_sentence):
        assert "95 % interval" in sentence


def test_tables_and_drawings_have_a_row_for_each_part(found):
    assert len(tabulate_scenario.channels(found)) == len(found.steps)
    assert list(tabulate_scenario.regrets(found)["policy"]) == [policy.name for policy in ALL]
    assert len(tabulate_scenario.owners(found)) == len(GROUPS)
    labels = [text.get_text() for text in plots.waterfall(plots.blank_axes(), found.steps).get_yticklabels()]
    assert labels == [*found.steps["channel"], "all"]
    labels = [text.get_text() for text in plots.variance_owners(plots.blank_axes(), found.groups).get_yticklabels()]
    assert labels == list(found.groups["group"])


def test_nothing_is_told_where_no_draw_is_feasible():
    seldom = replace(BOOK, predictor=np.full_like(BOOK.predictor, -20.0), whole=True)
    assert drivers(seldom, ALL, (SERVICE, PRICE_ONLY), months=6, seed=1) is None
