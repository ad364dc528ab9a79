"""Doing nothing leaves the fitted hazard as it is, in level and in slope, whatever is assumed of other ways out."""

import numpy as np
import pytest
from scenario_cases import MOST, far

from churnlab.scenarios import (
    COUNTS,
    DO_NOTHING,
    AssumptionDraws,
    Book,
    InfeasibleError,
    Policy,
    calibrate,
    draw_assumptions,
    held_at,
    simulate,
)

ROWS, CLIENTS, MONTHS = 256, 150, 60
NO_CASCADE = {"tier_discount": 0.0}


def fitted_book(hazard: float, *, rows: int = ROWS, effect: float = -0.3, points: float = 8.0) -> Book:
    rng = np.random.default_rng(5)
    level = np.log(-np.log1p(-hazard)) + 0.5 * rng.normal(size=CLIENTS)
    return Book(
        predictor=np.broadcast_to(level, (rows, CLIENTS)).copy(),
        tenure_effect=np.full(rows, -0.05),
        service_effect=np.full(rows, effect),
        price_effect=np.zeros(rows),
        tenure_months=np.full(CLIENTS, 30.0),
        monthly_sales=np.full(CLIENTS, 100.0),
        satisfaction=np.full(CLIENTS, points),
    )


def fitted_retention(book: Book, months: int) -> np.ndarray:
    """What the fitted hazard says of today's clients, shape (rows, months + 1)."""
    gone, kept = np.zeros(book.predictor.shape), [np.ones(book.rows)]
    for month in range(1, months + 1):
        tenure = np.log1p(book.tenure_months + month - 1)
        gone += np.exp(book.predictor + book.tenure_effect[:, None] * tenure)
        kept.append(np.exp(-gone).mean(axis=1))
    return np.stack(kept, axis=1)


def drawn(rows: int = ROWS) -> AssumptionDraws:
    given = draw_assumptions(rows, rng=3)
    return AssumptionDraws(given.values | {name: np.full(rows, value) for name, value in NO_CASCADE.items()})


@pytest.mark.parametrize(("hazard", "effect"), [(0.02, -0.3), (0.02, 0.0), (0.03, -0.6)])
def test_reduction_doing_nothing_is_the_fitted_hazard_whatever_is_assumed(hazard, effect):
    book, given = fitted_book(hazard, effect=effect), drawn()
    solved = calibrate(book, given, months=MONTHS, seed=2)
    found = simulate(book, (DO_NOTHING,), given, months=MONTHS, seed=2)
    gap = found.retention[0] - fitted_retention(book, MONTHS)[solved.feasible]
    shown = [12, 24, 36, 48, 60]
    assert (far(gap[:, shown], 0.0) < MOST).all()
    assert np.abs(gap[:, shown].mean(axis=0)).max() < 0.01


@pytest.mark.parametrize("offers", [0.06, 0.36, 0.8])
def test_reduction_the_level_is_held_for_rare_and_for_frequent_offers(offers):
    book, given = fitted_book(0.03), held_at(ROWS, NO_CASCADE | {"offers_per_year": offers})
    found = simulate(book, (DO_NOTHING,), given, months=MONTHS, seed=3)
    gap = found.retention[0][:, -1] - fitted_retention(book, MONTHS)[0, -1]
    assert abs(gap.mean()) < MOST * gap.std() / np.sqrt(len(gap)) + 0.003


def test_reduction_clients_who_were_always_more_satisfied_leave_by_the_fitted_slope():
    """Between books half a point below and above, all ways out together differ by the fitted effect."""
    effect, rows = -0.4, 512
    given = held_at(rows, NO_CASCADE | {"newcomers": 0.0, "referrals": 0.0})
    middle = fitted_book(0.02, rows=rows, effect=effect)
    solved = calibrate(middle, given, months=MONTHS, seed=4)
    assert solved.feasible.all()
    cumulative = []
    for points in (-0.5, 0.5):
        moved = Book(
            predictor=solved.book.predictor + solved.book.service_effect[:, None] * points,
            tenure_effect=middle.tenure_effect,
            service_effect=solved.book.service_effect,
            price_effect=middle.price_effect,
            tenure_months=middle.tenure_months,
            monthly_sales=middle.monthly_sales,
            satisfaction=middle.satisfaction + points,
        )
        held = type(solved)(moved, solved.assumptions, solved.feasible, 0.0, 0.0, 0.0)
        kept = simulate(moved, (DO_NOTHING,), given, months=24, seed=5, solved=held).retention[0][:, 24]
        cumulative.append(-np.log(kept))
    slope = np.log(cumulative[1].mean() / cumulative[0].mean())
    error = np.sqrt(sum(part.var() / rows / part.mean() ** 2 for part in cumulative))
    assert abs(slope - effect) < MOST * error


def test_ways_out_beyond_what_was_seen_are_left_out_and_counted():
    given = draw_assumptions(ROWS, rng=5)
    found = simulate(fitted_book(0.006), (DO_NOTHING,), given, months=6, seed=1)
    assert 0 < found.infeasible < 1
    assert found.rows == ROWS - round(found.infeasible * ROWS)
    with pytest.raises(InfeasibleError):
        simulate(fitted_book(1e-9), (DO_NOTHING,), given, months=6, seed=1)


def test_direction_dearer_offers_make_leaving_consist_of_more_price():
    """The level stays, the composition moves."""
    shares = []
    for offers in (0.1, 0.8):
        given = held_at(ROWS, NO_CASCADE | {"offers_per_year": offers})
        counts = simulate(fitted_book(0.03), (DO_NOTHING,), given, months=24, seed=6).counts[0].sum(axis=(0, 1))
        lost = {name: counts[COUNTS.index(name)] for name in COUNTS if name.startswith("lost")}
        shares.append(lost["lost: price"] / sum(lost.values()))
    assert shares[1] > 2 * shares[0]


def test_direction_loyalty_never_carries_more_of_the_slope_than_was_seen():
    """Where satisfaction was not seen to keep clients, better service hardly keeps any."""
    given = held_at(ROWS, NO_CASCADE)
    solved = calibrate(fitted_book(0.02, effect=0.0), given, months=MONTHS, seed=7)
    assert (solved.assumptions["loyalty_gain"] < 0.1 * given["loyalty_gain"]).all()
    better = Policy(name="better", service_points=1.0)
    found = simulate(fitted_book(0.02, effect=0.0), (DO_NOTHING, better), given, months=MONTHS, seed=7)
    kept = found.retention[:, :, -1].mean(axis=1)
    assert abs(kept[1] - kept[0]) < 0.03


def test_property_calibration_of_more_rows_begins_with_that_of_fewer():
    given = drawn(130)
    short = calibrate(fitted_book(0.02, rows=70), given.take(slice(70)), months=12, seed=1)
    whole = calibrate(fitted_book(0.02, rows=130), given, months=12, seed=1)
    np.testing.assert_array_equal(short.feasible, whole.feasible[:70])
    np.testing.assert_array_equal(short.book.predictor, whole.book.predictor[:70])
    np.testing.assert_array_equal(short.book.service_effect, whole.book.service_effect[:70])
