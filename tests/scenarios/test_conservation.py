"""Nothing is lost or made, and what must not help never does."""

from dataclasses import replace

import numpy as np
from scenario_cases import MOST, assumed, book_of

from churnlab.scenarios import COUNTS, DO_NOTHING, PRICE_ONLY, SERVICE, Computing, draw_assumptions, made_book, run

DRAWN = draw_assumptions(128, rng=2)
BOOK = made_book(DRAWN, 60)


def test_property_clients_and_money_are_conserved():
    """T10."""
    seen = {"returns": 0}
    before = {}

    def look(state, given, month):
        slots = given.slots
        waiting = slots - given.clients - state.entered
        lost = (~state.active & ~state.gone & (state.lost_to >= 0)).sum(axis=-1)
        assert (waiting + state.active.sum(axis=-1) + lost + state.gone.sum(axis=-1) == slots).all()
        assert (state.buyers == state.active.sum(axis=-1)).all()
        assert (state.lost_for_good == state.gone.sum(axis=-1)).all()
        assert not (state.active & state.gone).any()
        assert (state.discount <= np.maximum(given.assumed["discount_most"], 0.08) + 1e-6).all()
        assert ((state.loyalty >= 0) & (state.loyalty <= given.assumed["loyalty_most"] + 1e-6)).all()
        assert all(((points >= 0) & (points <= 10)).all() for points in state.perception)
        np.testing.assert_allclose(state.net, state.volume * (1 - state.discount.astype(np.float64)), rtol=1e-12)
        assert (state.volume[~state.active] == 0).all()
        load = np.zeros_like(state.need)
        arm, row, slot = np.nonzero(state.active)
        np.add.at(load, (arm, row, given.manager[row, slot]), given.load[row, slot])
        np.testing.assert_allclose(load, state.need, atol=1e-2)
        if "active" in before:
            back = state.active & ~before["active"] & (state.since == month) & (before["lost_to"] >= 0)
            assert (before["lost_to"][back] > 0).all()  # who came back was lost, and not for good
            seen["returns"] += back.sum()
        before.update(active=state.active.copy(), lost_to=state.lost_to.copy())

    found = run(BOOK, (PRICE_ONLY, SERVICE), DRAWN, months=40, seed=1, computing=Computing(chunk=128, watch=look))
    assert seen["returns"] > 0
    counts = dict(zip(COUNTS, np.moveaxis(found.counts, -1, 0), strict=True))
    lost = sum(counts[name] for name in COUNTS if name.startswith("lost"))
    joined = -np.diff(counts["prospects"], axis=2, prepend=30)
    assert (np.diff(counts["active"], axis=2, prepend=60) == joined + counts["back"] - lost).all()
    monthly = (1 + DRAWN["discount_rate"])[None, :, None] ** (-np.arange(1, 41) / 12)
    np.testing.assert_allclose(found.value, (found.profit * monthly).sum(axis=2), rtol=1e-9, atol=1e-6)


def test_direction_dearer_service_never_helps():
    """T11."""
    worse = replace(SERVICE, name="dearer", service_cost=0.05)
    found = run(BOOK, (SERVICE, worse), DRAWN, months=36, seed=9)
    assert (found.value[1] <= found.value[0]).all()


def test_direction_more_closures_never_help():
    """T11: without feedback, on every path."""
    quiet = {"newcomers": 0.0, "referrals": 0.0, "tier_discount": 0.0, "return_price": 0.0, "return_service": 0.0}
    quiet |= {"return_personal": 0.0, "attention_gain": 0.0}
    few, many = (
        run(book_of(128, 60), (PRICE_ONLY, SERVICE), assumed(128, exogenous_hazard=h, **quiet), months=36, seed=9)
        for h in (0.002, 0.01)
    )
    assert (many.retention <= few.retention).all()
    assert (many.value <= few.value).all()


def test_direction_lower_volume_never_helps():
    """T11."""
    sales = np.linspace(50, 150, 60)
    whole, less = (
        run(book_of(128, 60, monthly_sales=part), (PRICE_ONLY,), assumed(128, tier_discount=0.0), months=36, seed=9)
        for part in (sales, 0.9 * sales)
    )
    assert (less.value <= whole.value).all()


def test_direction_better_service_keeps_every_client_that_it_kept_before():
    # a client who asks less has less of a discount to hold it, and one that is loyal follows its manager
    quiet = {"tier_discount": 0.0, "attention_gain": 0.0, "asking": 0.0, "match_chance": 0.0, "follow": 0.0}
    book = book_of(128, 60, service_effect=np.full(128, -0.3))
    ladder = [replace(SERVICE, name=f"{points}", service_points=points) for points in (-1.0, 0.0, 0.5, 2.0)]
    found = run(book, ladder, assumed(128, **quiet), months=36, seed=6)
    assert (np.diff(found.retention, axis=0) >= 0).all()


def _gain_of_fewer_failures(bonus: float) -> tuple[float, float]:
    """Mean and standard error of what 14 % fewer failures bring, all of them told openly and made good at no cost."""
    rows = 512
    book = book_of(rows, 60, service_effect=np.full(rows, -0.4))
    given = assumed(rows, recovery_bonus=bonus, recovery_cost=0.0, failures=0.06, newcomers=0.0, recovery_share=1.0)
    usual = replace(DO_NOTHING, name="usual", recovery=1.0)
    fewer = replace(usual, name="fewer", failures=0.86)
    found = run(book, (usual, fewer), given, months=60, seed=12)
    gain = found.value[1] - found.value[0]
    return float(gain.mean()), float(gain.std() / np.sqrt(rows))


def test_direction_more_failures_never_help_without_a_bonus():
    """T12: and with a bonus, where recovery undoes the whole hit, the same test flags itself."""
    gain, error = _gain_of_fewer_failures(0.0)
    assert gain > -MOST * max(error, 1e-9)
    flagged, error = _gain_of_fewer_failures(0.01)
    assert flagged < -MOST * error
