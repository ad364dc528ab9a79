"""Firth's penalty: an oracle, closed forms, separation, profile intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from churnlab.lifetime import fit_firth, fit_hazard, profile_interval

PLACES = np.arange(60)
COLUMNS = np.column_stack((np.round(2 * np.sin(1.7 * PLACES), 2), PLACES % 3 == 0))
EVENT = np.isin(PLACES, (4, 19, 37, 41, 56))


def height(predictor, events, months):
    """Penalised log-likelihood of an intercept alone."""
    mean = np.exp(predictor)
    information = months * mean**2 / np.expm1(mean)
    return events * np.log(-np.expm1(-mean)) - (months - events) * mean + np.log(information) / 2


def test_reference_a_group_that_nobody_left_as_brglm2_has_it():
    # tests/reference/firth_by_brglm2.R
    fit = fit_firth(COLUMNS, EVENT)
    assert fit.coefficients == pytest.approx([-2.1093384513, 0.5239270152, -1.7057067358], abs=1e-6)
    assert fit.standard_errors == pytest.approx([0.5183497397, 0.3378832927, 1.4465117090], abs=1e-6)
    with pytest.raises(ValueError, match="no maximum"):
        fit_hazard(COLUMNS, EVENT)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 20), st.integers(21, 80))
def test_reduction_an_intercept_alone_has_the_maximum_and_profile_of_its_own_curve(events, months):
    event = np.arange(months) < events
    top = minimize_scalar(
        lambda at: -height(at, events, months), bounds=(-12, 2), method="bounded", options={"xatol": 1e-10}
    )
    assert fit_firth(np.zeros((months, 0)), event).coefficients[0] == pytest.approx(top.x, abs=1e-6)
    low, high = profile_interval(np.zeros((months, 0)), event, place=0)
    fallen = [
        brentq(lambda at: -top.fun - height(at, events, months) - 1.9207294, *ends)
        for ends in ((-20, top.x), (top.x, 4))
    ]
    assert (low, high) == pytest.approx(fallen, abs=1e-4)


def test_reduction_with_many_events_the_penalty_is_nothing():
    rng = np.random.default_rng(2)
    columns = rng.normal(size=(40_000, 1))
    event = rng.random(40_000) < -np.expm1(-np.exp(-2.0 + 0.3 * columns[:, 0]))
    free, penalised = fit_hazard(columns, event), fit_firth(columns, event)
    assert penalised.coefficients == pytest.approx(free.coefficients, abs=1e-3)
    low, high = profile_interval(columns, event, place=1)
    expected = free.coefficients[1] + np.array([-1.96, 1.96]) * free.standard_errors[1]
    assert (low, high) == pytest.approx(expected, abs=1e-3)


def test_property_the_profile_lies_around_the_estimate_and_a_higher_level_is_wider():
    estimate = fit_firth(COLUMNS, EVENT).coefficients[2]
    narrow, wide = (profile_interval(COLUMNS, EVENT, place=2, level=level) for level in (0.8, 0.95))
    assert wide[0] < narrow[0] < estimate < narrow[1] < wide[1]
    assert estimate - wide[0] > wide[1] - estimate  # nobody left the group: nothing bounds it from below for long


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 10))
def test_property_columns_in_another_unit_give_the_same_hazard(unit):
    one, other = fit_firth(COLUMNS, EVENT), fit_firth(COLUMNS * [unit, 1], EVENT)
    assert other.coefficients * [1, unit, 1] == pytest.approx(one.coefficients, abs=1e-5)


@pytest.mark.parametrize(
    ("columns", "event", "message"),
    [(COLUMNS, np.zeros(60), "with and some without"), (COLUMNS[:, [0, 0]], EVENT, "repeat|[Ss]ingular|positive")],
)
def test_what_cannot_be_fitted_is_refused(columns, event, message):
    with pytest.raises((ValueError, np.linalg.LinAlgError), match=message):
        fit_firth(columns, event)
