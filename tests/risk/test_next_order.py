"""The hazard of the next order: weeks by hand, invariances, and laws found again."""

import numpy as np
import pytest

from churnlab.lifetime.purchase import purchase_history
from churnlab.risk import NEXT_ORDER, ORDER_MODELS, ORDERS_BASE_RATE, ORDERS_RECENCY, fit_next_order
from churnlab.risk.models import ModelSpec
from churnlab.risk.statistics import log_loss

WEEKS = 60


def log(clients: int = 200, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Clients that order each week with a chance of their own, and leave at some rate."""
    rng = np.random.default_rng(seed)
    pace = rng.gamma(1.0, 0.1, clients)
    leaves = rng.exponential(40.0, clients)
    first = rng.integers(0, 20, clients)
    weeks = np.arange(WEEKS + 30)
    orders = (rng.random((clients, len(weeks))) < pace[:, None]) & (weeks < (first + leaves)[:, None])
    orders &= weeks > first[:, None]
    orders[np.arange(clients), first] = True
    who, when = np.nonzero(orders)
    return np.array([f"C{number:04d}" for number in who]), when + 0.5


def test_reduction_base_rate_is_the_share_of_weeks_with_an_order() -> None:
    """From one cut-off and over one week, everyone's chance is one less the share that ordered in it."""
    who = np.repeat([f"c{number}" for number in range(20)], 2)
    when = np.tile([0.0, 30.0], 20)
    when[1:12:2] = 9.5  # six of twenty order again in the week before 10
    found = fit_next_order(who, when, until=10.0, horizon=1, spec=ORDERS_BASE_RATE, cut_offs=9)
    known = purchase_history(who, when, until=10.0)
    weeks = 9 * 20  # cut-offs at 1 to 9, and no order but in the last week
    assert found.fit.months == weeks
    assert found.fit.events == 6
    assert found.silent(known, horizon=1) == pytest.approx(1 - 6 / weeks)
    assert found.silent(known, horizon=3) == pytest.approx((1 - 6 / weeks) ** 3)


def test_weeks_are_counted_until_the_order_or_the_end_by_hand() -> None:
    """From cut-offs at 5 and 10 until 15: one client orders in week 3 after 5, the other never again."""
    found = fit_next_order(
        ["a", "a", "b"], [0.0, 8.0, 0.0], until=15.0, horizon=9, spec=ModelSpec("flat", "", ("week",)), cut_offs=2
    )
    assert found.fit.events == 1  # a in its third week after 5
    assert found.fit.months == 3 + 9 + 5 + 5  # a and b after 5, then both after 10; at most 9 weeks, never beyond 15
    assert found.gap == 8.0


@pytest.mark.parametrize("spec", ORDER_MODELS, ids=lambda spec: spec.name)
def test_order_of_rows_and_names_do_not_matter(spec: ModelSpec) -> None:
    who, when = log()
    known = purchase_history(who, when, until=WEEKS)
    usual = fit_next_order(who, when, until=WEEKS, horizon=12, spec=spec).silent(known, horizon=12)
    shuffled = np.random.default_rng(2).permutation(len(who))
    again = fit_next_order(who[shuffled], when[shuffled], until=WEEKS, horizon=12, spec=spec)
    assert again.silent(known, horizon=12) == pytest.approx(usual, rel=1e-9)
    renamed = np.array([f"{name[::-1]}<b>" for name in who])
    other = purchase_history(renamed, when, until=WEEKS)
    chances = fit_next_order(renamed, when, until=WEEKS, horizon=12, spec=spec).silent(other, horizon=12)
    by_name = dict(zip(other.client, chances, strict=True))
    assert np.array([by_name[f"{name[::-1]}<b>"] for name in known.client]) == pytest.approx(usual, rel=1e-9)


def test_nothing_after_the_day_is_read() -> None:
    who, when = log()
    known = purchase_history(who, when, until=WEEKS)
    seen = when <= WEEKS
    every, before = (
        fit_next_order(*given, until=WEEKS, horizon=12).silent(known, horizon=12)
        for given in ((who, when), (who[seen], when[seen]))
    )
    assert (every == before).all()


def test_longer_horizons_are_less_often_silent() -> None:
    who, when = log()
    known = purchase_history(who, when, until=WEEKS)
    found = fit_next_order(who, when, until=WEEKS, horizon=20)
    chances = np.array([found.silent(known, horizon=horizon) for horizon in (1, 4, 12, 30)])
    assert (np.diff(chances, axis=0) < 0).all()
    assert ((chances > 0) & (chances < 1)).all()


def test_recovery_level_is_right_and_clients_are_told_apart_better_than_by_silence() -> None:
    who, when = log(2000)
    known = purchase_history(who, when, until=WEEKS)
    later = purchase_history(who, when, until=WEEKS + 24)
    silent = later.frequency[np.searchsorted(later.client, known.client)] == known.frequency
    ours, recency = (
        fit_next_order(who, when, until=WEEKS, horizon=24, spec=spec, cut_offs=6).silent(known, horizon=24)
        for spec in (NEXT_ORDER, ORDERS_RECENCY)
    )
    outcome, ones = silent.astype(float), np.ones(len(silent))
    assert ours.mean() == pytest.approx(outcome.mean(), abs=0.05)
    assert log_loss(outcome, ours, ones) < log_loss(outcome, recency, ones) - 0.01


def test_intervals_hold_the_chance_and_shrink_with_clients() -> None:
    widths = []
    for clients in (100, 1600):
        who, when = log(clients)
        known = purchase_history(who, when, until=WEEKS)
        found = fit_next_order(who, when, until=WEEKS, horizon=12)
        low, high = found.silent_interval(known, horizon=12, rng=1, draws=100)
        chance = found.silent(known, horizon=12)
        assert (low < chance).mean() > 0.99
        assert (chance < high).mean() > 0.99
        widths.append(float((high - low).mean()))
    assert widths[1] < widths[0] / 2


def test_names_are_said_where_nothing_can_be_learnt() -> None:
    with pytest.raises(ValueError, match="horizon of 1 or more"):
        fit_next_order(["a"], [0.0], until=9.0, horizon=0)
    with pytest.raises(ValueError, match="more than a week"):
        fit_next_order(["a"], [8.5], until=9.0, horizon=3)
    with pytest.raises(ValueError, match="with and some without"):
        fit_next_order(["a", "b"], [0.0, 0.0], until=9.0, horizon=3, spec=NEXT_ORDER)
