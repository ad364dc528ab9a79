"""The hazard regressed: closed forms, clusters, penalties, recovery."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.lifetime import fit_hazard

SHARES = st.tuples(st.integers(1, 39), st.integers(40, 80))


def cloglog(share):
    return np.log(-np.log1p(-share))


def months_of(events, months):
    return np.arange(months) < events


@given(SHARES)
def test_reduction_an_intercept_alone_is_the_share_that_left(counts):
    events, months = counts
    fit = fit_hazard(np.zeros((months, 0)), months_of(events, months))
    share = events / months
    slope = -np.log1p(-share) * (1 - share)  # of the hazard on the predictor
    assert fit.coefficients == pytest.approx([cloglog(share)], abs=1e-5)
    assert fit.covariance == pytest.approx(np.array([[share * (1 - share) / months / slope**2]]), rel=1e-4)
    assert fit.log_likelihood == pytest.approx(events * np.log(share) + (months - events) * np.log1p(-share))
    assert (fit.events, fit.months) == (events, months)


@given(SHARES, SHARES)
def test_reduction_two_groups_are_the_cloglog_of_their_shares(first, second):
    group = np.repeat([0.0, 1.0], [first[1], second[1]])
    fit = fit_hazard(group[:, None], np.concatenate([months_of(*first), months_of(*second)]))
    expected = cloglog(np.array([first[0] / first[1], second[0] / second[1]]))
    assert fit.coefficients == pytest.approx([expected[0], expected[1] - expected[0]], abs=1e-4)
    assert fit.hazard([[0.0], [1.0]]) == pytest.approx(-np.expm1(-np.exp(expected)), abs=1e-5)


def sample(seed=3, clients=120):
    rng = np.random.default_rng(seed)
    column = rng.normal(size=(clients, 2))
    return column, rng.random(clients) < -np.expm1(-np.exp(-1.5 + 0.6 * column[:, 0]))


def test_reduction_one_month_a_client_is_the_sandwich_by_hand():
    column, event = sample()
    fit = fit_hazard(column, event, client=np.arange(len(event)))
    design = np.column_stack((np.ones(len(event)), column))
    mean = np.exp(design @ fit.coefficients)
    hazard, slope = -np.expm1(-mean), mean * np.exp(-mean)
    score = design * ((event - hazard) * slope / (hazard * (1 - hazard)))[:, None]
    weight = slope**2 / (hazard * (1 - hazard))
    information = (design * weight[:, None]).T @ design
    moves = [
        np.linalg.solve(information - weight[at] * np.outer(design[at], design[at]), score[at])
        for at in range(len(event))  # one Newton step without this client
    ]
    assert fit.covariance == pytest.approx(np.transpose(moves) @ moves)


def test_reduction_months_repeated_within_a_client_bring_no_certainty():
    column, event = sample()
    client = np.arange(len(event))
    once = fit_hazard(column, event, client=client)
    thrice = fit_hazard(np.tile(column, (3, 1)), np.tile(event, 3), client=np.tile(client, 3))
    assert thrice.coefficients == pytest.approx(once.coefficients, abs=1e-6)
    assert thrice.covariance == pytest.approx(once.covariance, rel=1e-5)
    unclustered = fit_hazard(np.tile(column, (3, 1)), np.tile(event, 3))
    assert unclustered.covariance == pytest.approx(fit_hazard(column, event).covariance / 3, rel=1e-5)


@pytest.mark.parametrize("clustered", [False, True])
def test_reduction_months_alike_laid_into_one_row_are_the_months(clustered):
    column, event = sample()
    lived = np.random.default_rng(4).integers(1, 9, size=len(event))
    months = np.repeat(np.arange(len(event)), lived)
    ends = np.append(np.diff(months) > 0, True)  # where a client leaves, it does so in its last month
    one_by_one = fit_hazard(
        column[months], ends & event[months], client=months if clustered else None, penalty=[1.0, 1.0]
    )
    before, last = np.flatnonzero(lived - event > 0), np.flatnonzero(event)
    laid = np.concatenate((before, last))
    together = fit_hazard(
        column[laid],
        np.repeat([False, True], [len(before), len(last)]),
        client=laid if clustered else None,
        penalty=[1.0, 1.0],
        months=np.concatenate(((lived - event)[before], np.ones(len(last)))),
    )
    for name in ("coefficients", "covariance", "log_likelihood", "events", "months"):
        assert getattr(together, name) == pytest.approx(getattr(one_by_one, name), rel=1e-8, abs=1e-10)


def test_reduction_a_vanishing_penalty_changes_nothing_and_a_huge_one_leaves_the_share():
    column, event = sample()
    free = fit_hazard(column, event)
    assert fit_hazard(column, event, penalty=[1e-9, 1e-9]).coefficients == pytest.approx(free.coefficients, abs=1e-6)
    held = fit_hazard(column, event, penalty=[1e9, 1e9])
    assert held.coefficients == pytest.approx([cloglog(event.mean()), 0, 0], abs=1e-5)


def test_direction_a_larger_penalty_shrinks():
    column, event = sample()
    sizes = [np.linalg.norm(fit_hazard(column, event, penalty=[p, p]).coefficients[1:]) for p in (0, 1, 10, 100)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 2 * sizes[-1]


@given(SHARES, st.integers(1, 50))
def test_direction_more_exposure_without_departures_lowers_the_hazard(counts, more):
    events, months = counts
    hazards = [
        fit_hazard(np.zeros((total, 0)), months_of(events, total)).hazard(np.zeros((1, 0)))[0]
        for total in (months, months + more)
    ]
    assert hazards[1] < hazards[0]


def test_reduction_a_penalty_makes_a_group_without_events_harmless():
    fit = fit_hazard(np.repeat([[0.0], [1.0]], 300, axis=0), np.arange(600) < 30, penalty=[1.0])
    assert -10 < fit.coefficients[1] < -2


def test_direction_a_row_far_out_is_not_taken_for_separation():
    column, event = np.linspace(-1, 1, 400), np.arange(400) % 40 == 0
    event[350:380] = True
    far = fit_hazard(np.append(column, -12.0)[:, None], np.append(event, False), penalty=[1.0])
    near = fit_hazard(column[:, None], event, penalty=[1.0])
    assert far.coefficients == pytest.approx(near.coefficients, rel=0.05)


@settings(max_examples=20)
@given(st.permutations(range(40)), st.floats(0.1, 10))
def test_property_rows_in_any_order_and_columns_in_any_unit_give_the_same_hazard(order, unit):
    column, event = sample(clients=40)
    one = fit_hazard(column, event)
    other = fit_hazard(unit * column[order], event[list(order)])
    assert other.hazard(unit * column) == pytest.approx(one.hazard(column), abs=1e-4)


@pytest.mark.parametrize(
    ("column", "event", "choices", "message"),
    [
        (np.zeros((4, 1)), [0, 0, 0, 0], {}, "some months with and some without"),
        (np.zeros((4, 1)), [1, 1, 1, 1], {}, "some months with and some without"),
        (np.full((4, 1), np.nan), [0, 1, 0, 1], {}, "finite"),
        (np.zeros((3, 1)), [0, 1, 0, 1], {}, "4"),
        (np.arange(4.0)[:, None], [0, 1, 0, 1], {"penalty": [-1.0]}, "at least 0"),
        (np.arange(4.0)[:, None], [0, 1, 0, 1], {"months": [1, 2, 1, 1]}, "of 1 where somebody left"),
        (np.arange(8.0)[:, None] * [1, 2], [0, 1, 0, 1, 1, 0, 0, 1], {}, "no maximum"),
        (np.array([[0.0], [0.0], [1.0], [1.0]]), [0, 0, 1, 1], {}, "no maximum"),
        (np.repeat([[0.0], [1.0]], 30, axis=0), np.arange(60) < 5, {}, "no maximum"),
        (np.repeat([[0.0], [1.0]], 30, axis=0), np.arange(60) >= 25, {}, "no maximum"),
    ],
    ids=[
        "no event",
        "nothing but events",
        "not finite",
        "lengths",
        "penalty",
        "months",
        "repeated",
        "separated",
        "a group without events",
        "a group of events",
    ],
)
def test_what_cannot_be_fitted_is_refused(column, event, choices, message):
    with pytest.raises(ValueError, match=message):
        fit_hazard(column, event, **choices)


def test_recovery_clustered_intervals_cover_the_effect():
    truth, covered, ends = 0.5, 0, []
    for seed in range(40):
        rng = np.random.default_rng([12, seed])
        clients, months = 300, 12
        column = rng.normal(size=clients)
        leaves = rng.random((clients, months)) < -np.expm1(-np.exp(-3.5 + truth * column))[:, None]
        there = np.cumsum(leaves, axis=1) - leaves == 0
        client = np.broadcast_to(np.arange(clients)[:, None], there.shape)[there]
        fit = fit_hazard(column[client][:, None], leaves[there], client=client)
        spread = 1.96 * fit.standard_errors[1]
        covered += abs(fit.coefficients[1] - truth) <= spread
        ends.append(fit.coefficients[1] - spread)
    assert 32 <= covered <= 40  # exact 99.9 % band of 95 % in 40
    assert np.mean(np.array(ends) > 0) > 0.9  # and they are narrow enough to see it
