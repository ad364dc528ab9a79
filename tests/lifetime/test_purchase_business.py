"""Purchase models on business books: all of them on 72, and regular rhythm against clients drawn from nothing."""

import math

import numpy as np
import pytest
from purchase_logs import book, came, grocery
from scipy.special import hyp2f1

from churnlab.lifetime.purchase import (
    PurchaseHistory,
    fit_bg_bb,
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_cnbd,
    fit_mbg_nbd,
    fit_pareto_nbd,
    fit_sbg,
)
from churnlab.lifetime.purchase.beta_geometric import BetaGeometric
from churnlab.lifetime.purchase.result import Clients

OFF = math.inf
YEAR = 52.0
HALF, QUARTER = 26.0, 13.0


def books():
    """Seventy-two books: 50 to 1000 clients, 9 to 46 mean repeats; nobody leaves, one in a hundred or one in twenty."""
    for number in range(72):
        clients, repeats = (50, 100, 200, 1000)[number % 4], (9, 20, 46)[number // 4 % 3]
        yield number, book(clients, repeats, seed=number, leaves=(0.0, 0.01, 0.05)[number // 12 % 3])


def fits(history: PurchaseHistory, number: int, spread: float):
    """All seven models of a book: contracts of half a year, quarters as occasions, amounts drawn."""
    x, last, end = history.frequency, history.recency, history.age
    rng = np.random.default_rng([number, 1])
    own, repeats = rng.gamma(4.0, 1 / 4000, len(x)), np.maximum(x, 1.0)
    amount = np.where(x > 0, rng.gamma(6 * repeats) / own / repeats, np.nan)
    left = end - last > HALF
    periods = np.maximum(np.ceil(np.where(left, last, end) / HALF), 1.0)
    occasions = np.floor(end / QUARTER)
    latest = np.minimum(np.ceil(last / QUARTER), occasions)
    asked = {"prior_spread": spread}
    return (
        fit_bg_nbd(x, last, end, **asked),
        fit_mbg_nbd(x, last, end, **asked),
        fit_pareto_nbd(x, last, end, **asked),
        fit_mbg_cnbd(x, last, end, history.gap_logs, **asked),
        fit_gamma_gamma(x, amount, **asked),
        fit_sbg(periods, left, **asked),
        fit_bg_bb(np.minimum(x, latest), latest, occasions, **asked),
    )


@pytest.mark.parametrize("spread", [OFF, 2.0])
def test_no_fit_of_seven_models_fails_on_72_business_books_and_each_tells_what_it_does_not_know(spread):
    unsure = np.zeros(7, dtype=int)
    for number, history in books():
        for place, found in enumerate(fits(history, number, spread)):
            assert found.reached
            assert np.isfinite(found.log_likelihood)
            assert np.isfinite(found.standard_errors).all()
            assert found.verdict
            assert found.identified == found.verdict.startswith("The data tell every parameter")
            unsure[place] += not found.identified
    assert (unsure[:4] >= 20).all()  # a third of the books have nobody who leaves, and that is said
    assert unsure[4:6].max() <= 30  # amounts and contracts are told by most books


# BTYDplus-HowTo.pdf (CRAN), executed table: 3970 orders, mean absolute error 1.431. Its conditional expectation for
# k > 1 is that of MBG/NBD with rates of whole orders (alpha times k), times the exact chance of being there, and then
# scaled so that the clients' sum is what clients not yet looked at would be expected to order.
def test_reference_grocery_published_forecast_is_an_approximation_that_can_be_had():
    history, after = grocery(), grocery("2100-01-01")
    x, age = history.frequency, history.age
    found = fit_mbg_cnbd(x, history.recency, age, history.gap_logs, steps=2, prior_spread=OFF)
    given = tuple(found.parameters)
    clients, seen = Clients(x, history.recency, age), came(history, after)
    r, alpha, a, b = given
    end = 2 * alpha + age
    stays = 1 - (end / (end + YEAR)) ** (r + x) * hyp2f1(r + x, b + x + 1, a + b + x, YEAR / (end + YEAR))
    rough = found.law.alive(given, clients) * (a + b + x) / (a - 1) * stays
    new = Clients(np.zeros(1), np.zeros(1), np.zeros(1))
    blind = sum(
        float(count) * float((found.law.orders(given, new, span + YEAR) - found.law.orders(given, new, span))[0])
        for span, count in zip(*np.unique(age, return_counts=True), strict=True)
    )
    assert blind == pytest.approx(3970, abs=0.5)
    assert rough.sum() == pytest.approx(3744, abs=1)  # before it is scaled
    assert np.abs(rough * blind / rough.sum() - seen).mean() == pytest.approx(1.431, abs=6e-4)
    exact = found.law.orders(given, clients, YEAR)
    assert exact.sum() == pytest.approx(3811.5, abs=0.5)
    assert np.abs(exact - seen).mean() == pytest.approx(1.3998, abs=6e-4)


def simulated(law: BetaGeometric, parameters: tuple[float, ...], clients: int, seed: int):
    """Clients of a law from their first order on, order by order: no formula of the model is used."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    rate, leaves = rng.gamma(r, 1 / alpha, clients), rng.beta(a, b, clients)
    now, there = np.zeros(clients), np.ones(clients, dtype=bool)
    if law.at_first:
        there &= rng.random(clients) >= leaves
    seen, last, later = np.zeros(clients), np.zeros(clients), np.zeros(clients)
    while there.any():
        now[there] += rng.gamma(law.steps, 1 / rate[there])
        there &= now <= 2 * YEAR
        before = there & (now <= YEAR)
        seen += before
        last = np.where(before, now, last)
        later += there & (now > YEAR)
        there &= rng.random(clients) >= leaves
    return Clients(seen, last, np.full(clients, YEAR)), later


@pytest.mark.parametrize("steps", [2, 3])
def test_property_expected_orders_of_regular_clients_are_those_of_simulated_ones(steps):
    """At the parameters of the grocery log: within groups by orders and silence the mean is what then came."""
    law, parameters = BetaGeometric(steps, at_first=True), (1.329, 2.813 * 2 / steps, 0.425, 0.790)
    clients, later = simulated(law, parameters, 60_000, seed=steps)
    expected = law.orders(tuple(np.float64(each) for each in parameters), clients, YEAR)
    silent = clients.age - clients.recency
    group = 4 * np.searchsorted([1, 2, 4, 8], clients.frequency, "right") + np.searchsorted([4, 10, 20], silent)
    number = np.bincount(group)
    kept = number >= 50
    miss = np.bincount(group, weights=expected - later)[kept]
    spread = np.sqrt(np.bincount(group, weights=(later - expected) ** 2)[kept] + 1e-9)
    assert kept.sum() >= 14
    assert (np.abs(miss) < 4 * spread).all()
    assert expected.sum() == pytest.approx(later.sum(), abs=4 * float(np.sqrt(((later - expected) ** 2).sum())))
