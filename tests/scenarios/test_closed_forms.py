"""Special cases whose answer is known: hazards, annuities, sorting, limits, time steps, units."""

from dataclasses import replace

import numpy as np
import pytest
from scenario_cases import MOST, PLAIN, assumed, book_of, far, off

from churnlab.scenarios import (
    COUNTS,
    DO_NOTHING,
    LINES,
    PRICE_ONLY,
    SERVICE,
    Shock,
    draw_assumptions,
    made_book,
    run,
)

ROWS = 256


@pytest.mark.parametrize("hazard", [0.005, 0.02, 0.2])
def test_reduction_constant_hazard_has_its_curve_and_restricted_mean(hazard):
    """T1."""
    months = 60
    kept = run(book_of(ROWS, 40, hazard), (PLAIN,), off(ROWS), months=months, seed=1).retention[0]
    shown = np.array([1, 6, 12, 24])
    assert (far(kept[:, shown], (1 - hazard) ** shown) < MOST).all()
    assert far(kept[:, 1:].sum(axis=1), (1 - hazard) * (1 - (1 - hazard) ** months) / hazard) < MOST


def test_reduction_without_leaving_value_is_an_annuity():
    """T2: cash at the end of a month."""
    policy = replace(PLAIN, price_cut=0.04, service_cost=0.01)
    found = run(book_of(64, 30, 0.0), (policy,), off(64), months=48, seed=1)
    factor = 1.15 ** (-1 / 12)
    annuity = factor * (1 - factor**48) / (1 - factor)
    np.testing.assert_allclose(found.value[0], (0.28 - 0.04 - 0.01) * 3000 * annuity, rtol=1e-6)
    assert (found.retention == 1).all()


def test_reduction_several_constant_hazards_share_the_losses():
    """T3: exogenous first, then personal, then service, then price."""
    hazards = {"exogenous": 0.01, "personal": 0.006, "service": 0.02, "price": 0.015}
    given = off(
        ROWS, exogenous_hazard=0.01, manager_turnover=12.0, follow=0.006, follow_loyalty=0.0, loyalty_gain=1e-6,
        offers_per_year=12.0, campaign_start=0.0, vigilant_offers=0.0, switching_cost=0.02, implicit_cost=0.0,
        offer_depth=0.0, vigilance_relief=0.0, switching_spread=0.02 / np.log(1 / 0.015 - 1),
    )  # fmt: skip
    found = run(book_of(ROWS, 100, 0.02), (PLAIN,), given, months=24, seed=2)
    lost = found.counts[0].sum(axis=1) / (100 * np.cumsum((1 - 0.01) ** np.arange(24))[-1])
    left, expected = 1.0, {}
    for reason, hazard in hazards.items():
        expected[reason] = left * hazard
        left *= 1 - hazard
    stays = (1 - left) / (1 - left) * (1 - left**24) / (1 - left)
    for reason, share in expected.items():
        seen = lost[:, COUNTS.index(f"lost: {reason}")] * np.cumsum((1 - 0.01) ** np.arange(24))[-1]
        assert far(seen, share * stays) < MOST, reason


def test_reduction_frailty_alone_sorts():
    """T4: with gamma frailty on the cumulative hazard, S(t) = (1 + v H t)^(-1/v); no client's own hazard falls."""
    variance, hazard, clients = 0.8, 0.03, 400
    rng = np.random.default_rng(3)
    own = np.log(hazard * rng.gamma(1 / variance, variance, size=(ROWS, clients)))
    found = run(book_of(ROWS, clients, predictor=own), (PLAIN,), off(ROWS), months=60, seed=3, prospects=0)
    shown = np.array([6, 24, 60])
    expected = (1 + variance * hazard * shown) ** (-1 / variance)
    assert (far(found.retention[0][:, shown], expected) < MOST).all()
    kept = found.retention[0].mean(axis=0)
    assert 1 - kept[1] / kept[0] > 1.5 * (1 - kept[60] / kept[59])


def test_reduction_tenure_moves_the_hazard_month_by_month():
    book = book_of(512, 40, tenure_effect=np.full(512, -0.3), tenure_months=np.zeros(40))
    found = run(book, (PLAIN,), off(512), months=12, seed=3)
    cumulative = (-np.log(0.98) * np.arange(1, 13) ** -0.3).sum()
    assert far(found.retention[0][:, 12], np.exp(-cumulative)) < MOST


def test_reduction_points_of_a_policy_act_by_their_causal_share():
    """What a policy adds to satisfaction multiplies the hazard; it is reached as perceptions move."""
    rows = 512
    book = book_of(rows, 40, service_effect=np.full(rows, -0.5))
    given = off(rows, causal_share=0.5, service_reach=0.8, perception_memory=1.0, perception_noise=0.0)
    better = replace(PLAIN, name="better", service_points=1.0)
    found = run(book, (PLAIN, better), given, months=12, seed=4)
    for kept, ratio in zip(found.retention, (1.0, np.exp(-0.5 * 0.5 * 0.8)), strict=True):
        assert far(kept[:, 12], 0.98 ** (12 * ratio)) < MOST


def test_reduction_an_endless_switching_cost_is_no_offers():
    """T14."""
    # matching still gives discounts to those who were offered something, in the reference arm too
    held, none = (
        run(book_of(128, 50), (PRICE_ONLY, SERVICE), assumed(128, match_chance=0.0, **told), months=36, seed=5)
        for told in ({"switching_cost": 1e3, "vigilance_relief": 0.0}, {"offers_per_year": 0.0})
    )
    assert (held.value == none.value).all()
    assert (held.counts == none.counts).all()


def test_reduction_without_a_cascade_a_forced_loss_costs_that_clients_own_value():
    """T15."""
    sales = np.linspace(100, 400, 20)
    given = off(64, exogenous_hazard=0.004, offers_per_year=0.36)
    book = book_of(64, 20, monthly_sales=sales)
    alone = replace(book, monthly_sales=np.where(np.arange(20) == 7, sales, 0.0))
    policies = (replace(PRICE_ONLY, winning_back=0.0),)
    whole, without, own = (
        run(part, policies, given, months=48, seed=6, prospects=0, shocks=shocks)
        for part, shocks in ((book, ()), (book, (Shock(1, client=7),)), (alone, ()))
    )
    np.testing.assert_allclose(whole.value - without.value, own.value, rtol=1e-9, atol=1e-6)


def test_direction_with_a_cascade_a_forced_loss_costs_more():
    sales = np.where(np.arange(20) == 7, 2000.0, 100.0)
    drops = {}
    for tier in (0.0, 0.06):
        given = assumed(256, tier_discount=tier, tier_at=0.8, pass_through=0.0, newcomers=0.0, referrals=0.0)
        book = book_of(256, 20, monthly_sales=sales)
        runs = [run(book, (DO_NOTHING,), given, months=48, seed=6, shocks=shocks) for shocks in ((), (Shock(1, 7),))]
        drops[tier] = (runs[0].value - runs[1].value)[0]
    more = drops[0.06] - drops[0.0]
    assert more.mean() > MOST * more.std() / np.sqrt(len(more))


def test_reduction_a_forced_leaving_of_a_manager_takes_clients_along():
    given = off(128, follow=0.5, loyalty_gain=0.01, follow_loyalty=0.0, manager_turnover=0.0)
    book = book_of(128, 60, 0.0, manager=np.arange(60) % 3)
    found = run(book, (PLAIN,), given, months=3, seed=7, shocks=(Shock(2, manager=1),))
    lost = found.counts[0][:, :, COUNTS.index("lost: personal")]
    assert (lost[:, [0, 2]] == 0).all()
    assert far(lost[:, 1], 20 * 0.5) < MOST


def test_reduction_months_and_half_months_agree():
    """T20: constant hazards only; rates converted."""
    month = run(book_of(ROWS, 100, 0.02), (PLAIN,), off(ROWS), months=60, seed=8).retention[0][:, 60].mean()
    half = 1 - np.sqrt(1 - 0.02)
    halves = run(book_of(ROWS, 100, half), (PLAIN,), off(ROWS), months=120, seed=9).retention[0][:, 120].mean()
    assert abs(month / halves - 1) < 0.01 + MOST * np.sqrt(0.3 * 0.7 / (ROWS * 100)) / 0.3


def test_reduction_without_discounting_value_is_margin_times_mean_lifetime():
    """T23."""
    given = off(ROWS, discount_rate=0.0, margin=0.25)
    found = run(book_of(ROWS, 40, 0.05), (PLAIN,), given, months=400, seed=10)
    assert far(found.value[0] / (0.25 * 100 * 40), 0.95 / 0.05) < MOST
    months = found.retention[0][:, 1:].sum(axis=1)
    np.testing.assert_allclose(found.value[0], 0.25 * 100 * 40 * months, rtol=1e-6)


def test_reduction_twice_the_money_is_twice_the_value():
    """T24: with every mechanism on."""
    given = draw_assumptions(64, rng=1)
    one, two = (
        run(made_book(given, 50, sales=sales), (PRICE_ONLY, SERVICE), given, months=36, seed=11)
        for sales in (1000.0, 2000.0)
    )
    assert (two.value == 2 * one.value).all()
    assert (two.counts == one.counts).all()


def test_reduction_a_years_rates_are_twelve_months():
    """T24: offers, referrals, turnover and defaults are told a year."""
    given = off(64, loss_given_default=0.5, default_regular=0.12, default_new=0.12, days_outstanding=365 / 12)
    found = run(book_of(64, 10, 0.0), (PLAIN,), given, months=1, seed=12)
    owed = found.ledger[LINES.index("credit"), 0] / found.ledger[0, 0]
    np.testing.assert_allclose(owed, 0.5 * 0.12 / 12, rtol=1e-6)


def test_reduction_newcomers_come_at_their_rate():
    found = run(book_of(ROWS, 100, 0.0), (PLAIN,), off(ROWS, newcomers=0.06), months=24, seed=13)
    assert far(100 / 2 - found.counts[0][:, -1, COUNTS.index("prospects")], 100 * 0.06 * 2) < MOST
