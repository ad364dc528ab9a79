"""Forecasts of an earlier run, graded today; a random split set beside the honest score; surveys beside orders."""

import numpy as np
import pandas as pd
import pytest
from planted_book import AS_OF, RULE, book

from churnlab.history import departures, snapshots
from churnlab.risk import (
    HAZARD,
    SURVEY_MODELS,
    backtest,
    do_surveys_add,
    flattery,
    grade_earlier,
    random_split,
    survey_gain,
)
from churnlab.risk.survey_gain import ANSWERED, BOTH, ORDERS


@pytest.fixture(scope="module")
def tables():
    return book(clients=300, seed=6, satisfaction_effect=0.4)


@pytest.fixture(scope="module")
def tested(tables):
    return backtest(tables, as_of=AS_OF, rule=RULE, models=SURVEY_MODELS)


def said_on(day, tables, months=12):
    rows = snapshots(tables, [day], rule=RULE)
    chance = np.random.default_rng(3).uniform(0.05, 0.5, len(rows))
    return rows[["client_id"]].assign(as_of=day, horizon_months=months, risk=chance, model="hazard")


def test_reduction_an_earlier_run_is_graded_as_the_backtest_grades_that_day(tables, tested):
    one = tested.forecasts[tested.forecasts["model"] == BOTH.name]
    day = one["cut_off"].max()
    here = one[one["cut_off"] == day].sort_values("client_id")
    earlier = here[["client_id", "horizon_months", "risk", "model"]].assign(as_of=day)
    lives = departures(tables.orders, as_of=AS_OF, rule=RULE)
    found = grade_earlier(earlier, lives, rng=1)
    both = found.forecasts.merge(here, on="client_id", suffixes=("", "_tested"))
    assert len(both) == len(found.forecasts) == len(here)
    assert (both["outcome"] == both["outcome_tested"]).all()
    assert (found.expected, found.seen) == pytest.approx((here["risk"].sum(), here["outcome"].sum()))
    assert found.level.value == pytest.approx(found.seen / found.expected)
    assert (found.unknown, found.model) == (0, BOTH.name)


def test_property_nobody_is_graded_before_staying_could_be_told(tables):
    day = AS_OF - pd.DateOffset(months=8)
    lives = departures(tables.orders, as_of=AS_OF, rule=RULE)
    early = grade_earlier(said_on(day, tables), lives, rng=1)
    assert early.forecasts.empty
    assert early.already_left > 0
    assert early.due_on > AS_OF
    assert early.due_on == day + pd.DateOffset(months=12) + pd.Timedelta(days=120)
    assert np.isnan([early.level.value, early.auc.value]).all()
    late = grade_earlier(said_on(AS_OF - pd.DateOffset(months=20), tables), lives, rng=1)
    assert late.due_on <= AS_OF
    assert late.open == 0
    assert set(late.forecasts["outcome"]) == {0.0, 1.0}


def test_grading_refuses_what_is_no_earlier_run(tables):
    lives = departures(tables.orders, as_of=AS_OF, rule=RULE)
    day = AS_OF - pd.DateOffset(months=20)
    strangers = said_on(day, tables).assign(client_id=lambda rows: "x" + rows["client_id"])
    found = grade_earlier(strangers, lives, rng=1)
    assert (found.unknown, len(found.forecasts)) == (len(strangers), 0)
    with pytest.raises(ValueError, match="made before"):
        grade_earlier(said_on(day, tables).assign(as_of=AS_OF), lives, rng=1)
    with pytest.raises(ValueError, match="one as_of, got 2"):
        grade_earlier(pd.concat([said_on(day, tables), said_on(AS_OF, tables)]), lives, rng=1)


def test_direction_a_random_split_flatters(tables, tested):
    split = random_split(tables, tested.plan, as_of=AS_OF, rng=1, rule=RULE, spec=HAZARD)
    renamed = tested.forecasts["model"].replace(BOTH.name, HAZARD.name)  # the same columns under another name
    found = flattery(type(tested)(tested.plan, tested.forecasts.assign(model=renamed), 0, {}), split, rng=1)
    assert found.model == HAZARD.name
    assert found.forecasts == (renamed == HAZARD.name).sum()
    assert found.log_loss_saved.low > 0
    assert found.auc_flattered.value - found.auc.value == pytest.approx(found.auc_gained.value)
    with pytest.raises(ValueError, match="none in common"):
        flattery(tested, split.assign(cut_off=AS_OF), rng=1)


def test_recovery_scores_that_tell_are_found_to_add(tested):
    found = survey_gain(tested.forecasts, rng=1)
    assert found.verdict == "yes"
    assert found.by_scores.low > 0
    assert found.by_answering.value + found.by_scores.value == pytest.approx(found.gain.value)
    assert found.gain.value == pytest.approx(found.loss[ORDERS.name] - found.loss[BOTH.name])
    assert found.share.value == pytest.approx(found.gain.value / found.loss[ORDERS.name])


def test_reduction_the_same_risks_add_nothing(tested):
    orders = tested.forecasts[tested.forecasts["model"] == ORDERS.name]
    same = pd.concat([orders.assign(model=spec.name) for spec in SURVEY_MODELS])
    found = survey_gain(same.sample(frac=1, random_state=1), rng=1)
    assert (found.gain.value, found.found.value, found.profit.value, found.verdict) == (0, 0, 0, "no")
    few = same[same["client_id"].isin(sorted(same["client_id"].unique())[:20])]
    assert survey_gain(few, rng=1).verdict == "cannot tell"


def test_reduction_a_list_that_finds_who_leaves_is_worth_what_keeping_them_is(tested):
    made = pd.concat(
        [tested.forecasts[tested.forecasts["model"] == ORDERS.name].assign(model=spec.name) for spec in SURVEY_MODELS]
    )
    knows = made["model"] == BOTH.name
    made.loc[knows, "risk"] = np.where(made.loc[knows, "outcome"] == 1, 0.9, 0.1)
    made["value"] = 1000.0
    found = survey_gain(made, rng=1, contacts=20)
    assert found.found.low > 0
    assert found.profit.low > 0
    assert survey_gain(made.assign(value=2000.0), rng=1, contacts=20).profit.value > 1.9 * found.profit.value


def test_surveys_are_asked_about_only_where_there_are_some(tested):
    assert do_surveys_add(book(clients=20, seed=1), as_of=AS_OF, rng=1, rule=RULE) is None
    with pytest.raises(ValueError, match="clients and days by every model"):
        survey_gain(tested.forecasts[tested.forecasts["model"] != ANSWERED.name], rng=1)
