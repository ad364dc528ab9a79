"""Further laws of the scenario engine: money, tenure and scores in closed form, streams, directions."""

from dataclasses import replace

import numpy as np
import pytest

from churnlab.scenarios import (
    DO_NOTHING,
    EVIDENCE,
    PRICE_ONLY,
    SERVICE,
    Assumptions,
    Book,
    Policy,
    draw_assumptions,
    simulate,
)
from churnlab.scenarios.parameters import AssumptionDraws

ALL = (DO_NOTHING, PRICE_ONLY, SERVICE)
MOST = 4  # standard errors of Monte Carlo


def book_of(rows, clients, hazard=0.02, service=-0.25, price=-0.05):
    """Return clients of one hazard and unequal sales, the same in every row."""
    return Book(
        predictor=np.full((rows, clients), np.log(-np.log1p(-hazard)) if hazard else -40.0),
        tenure_effect=np.zeros(rows),
        service_effect=np.full(rows, service),
        price_effect=np.full(rows, price),
        tenure_months=np.full(clients, 24.0),
        monthly_sales=np.linspace(500, 3000, clients).round(),
    )


def held(rows, **others):
    """Return the usual assumptions in every row, others also outside of their ranges."""
    usual = {name: np.full(rows, getattr(Assumptions(), name)) for name in EVIDENCE}
    return AssumptionDraws(usual | {name: np.full(rows, float(value)) for name, value in others.items()})


def first(book, rows):
    parts = ("predictor", "tenure_effect", "service_effect", "price_effect")
    return replace(book, **{name: getattr(book, name)[:rows] for name in parts})


def cut(draws, rows):
    return AssumptionDraws({name: values[:rows] for name, values in draws.values.items()})


def z(sample, truth):
    return abs(sample.mean(axis=0) - truth) / (sample.std(axis=0, ddof=1) / np.sqrt(len(sample)))


@pytest.mark.parametrize("hazard", [0.005, 0.02, 0.2])
def test_reduction_constant_hazard_has_its_curve_and_restricted_mean(hazard):
    months, rows = 60, 256
    kept = simulate(
        book_of(rows, 40, hazard), (DO_NOTHING,), held(rows, offers_per_year=0), months=months, seed=1
    ).retention[0]
    shown = np.array([1, 6, 12, 24])
    assert (z(kept[:, shown], (1 - hazard) ** shown) < MOST).all()
    expected = (1 - hazard) * (1 - (1 - hazard) ** months) / hazard
    assert z(kept[:, 1:].sum(axis=1), expected) < MOST


def test_reduction_without_discounting_value_is_margin_times_sales_of_the_months_stayed():
    book, draws = replace(book_of(100, 20), monthly_sales=np.full(20, 100.0)), held(100, discount_rate=0, margin=0.25)
    found = simulate(book, ALL, draws, months=24, seed=2)
    margins = np.array([0.25 - policy.price_cut - policy.service_cost for policy in ALL])
    expected = margins[:, None] * 100 * 20 * found.retention[:, :, 1:].sum(axis=2)
    assert found.value == pytest.approx(expected)


def test_reduction_tenure_moves_the_hazard_month_by_month():
    rows = 512
    book = replace(book_of(rows, 40), tenure_effect=np.full(rows, -0.3), tenure_months=np.zeros(40))
    found = simulate(book, (DO_NOTHING,), held(rows, offers_per_year=0), months=12, seed=3)
    cumulative = (-np.log(0.98) * np.arange(1, 13) ** -0.3).sum()
    assert z(found.retention[0][:, 12], np.exp(-cumulative)) < MOST


def test_reduction_a_score_multiplies_the_hazard():
    rows = 512
    draws = held(rows, offers_per_year=0, causal_share=0.5, service_reach=0.8, price_points=0.2)
    found = simulate(book_of(rows, 40), (PRICE_ONLY, SERVICE), draws, months=12, seed=3)
    ratios = np.exp([0.5 * -0.05 * 0.2 * 4, 0.5 * -0.25 * 0.8 * 1.0])  # causal share, effect, points gained
    for kept, ratio in zip(found.retention, ratios, strict=True):
        assert z(kept[:, 12], 0.98 ** (12 * ratio)) < MOST


def mild(rows):
    """Return draws whose offers never exceed the leaving seen, so that no row is left out."""
    return draw_assumptions(rows, rng=1, fixed={"offers_per_year": 0.1})


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 128])
def test_property_a_longer_run_begins_with_the_rows_of_a_shorter_one(rows):
    book, draws = book_of(160, 11), mild(160)
    short = simulate(first(book, rows), ALL, cut(draws, rows), months=12, seed=1)
    whole = simulate(book, ALL, draws, months=12, seed=1)
    assert (short.rows, whole.rows) == (rows, 160)
    assert np.array_equal(short.retention, whole.retention[:, :rows])
    assert np.array_equal(short.value, whole.value[:, :rows])
    assert np.array_equal(short.discounted_sales, whole.discounted_sales[:, :rows])


def test_property_a_longer_horizon_begins_with_the_months_of_a_shorter_one():
    short, whole = (simulate(book_of(70, 11), ALL, mild(70), months=months, seed=1).retention for months in (12, 30))
    assert np.array_equal(short, whole[:, :, :13])


def test_property_another_seed_is_another_run():
    one, other = (simulate(book_of(70, 11), ALL, mild(70), months=12, seed=seed).value for seed in (1, 2))
    assert (one != other).mean() > 0.9


def test_direction_better_service_and_deeper_cuts_never_lose_a_client():
    better = [Policy(name=f"{points}", service_points=points) for points in (-1.0, 0.0, 0.5, 2.0)]
    cuts = [Policy(name=f"{cut}", price_cut=cut) for cut in (0.0, 0.02, 0.1)]
    for ladder in (better, cuts):
        found = simulate(book_of(200, 20), tuple(ladder), mild(200), months=36, seed=6)
        assert (np.diff(found.retention, axis=0) >= 0).all()
        assert (np.diff(found.retention[:, :, -1].mean(axis=1)) > 0).all()


def test_direction_a_higher_hazard_never_helps_on_any_row():
    book, draws = book_of(200, 20), held(200, offers_per_year=0.1)
    higher = replace(book, predictor=book.predictor + 0.3)
    calm, hard = (simulate(one, ALL, draws, months=36, seed=6) for one in (book, higher))
    assert (hard.retention <= calm.retention).all()
    assert (hard.value <= calm.value).all()


@pytest.mark.parametrize(
    ("policies", "rows", "months", "message"),
    [
        ((SERVICE, SERVICE), 5, 6, "different names"),
        ((), 5, 6, "different names"),
        (ALL, 4, 6, "shape"),
        (ALL, 5, 0, "at least one month"),
    ],
)
def test_runs_that_cannot_be_are_refused(policies, rows, months, message):
    with pytest.raises(ValueError, match=message):
        simulate(book_of(5, 3), policies, held(rows), months=months, seed=1)
