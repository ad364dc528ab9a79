"""Purchase models by their laws: simulation against formulae, units, weights, and what silent data are said to tell."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchase_logs import book

from churnlab.lifetime.purchase import (
    chance_alive,
    chance_silent,
    discounted_orders,
    expected_orders,
    expected_value,
    fit_bg_bb,
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_cnbd,
    fit_mbg_nbd,
    fit_pareto_nbd,
    fit_sbg,
    posterior,
    purchase_history,
    remaining_life,
    survival_of,
)
from churnlab.lifetime.purchase.beta_bernoulli import BetaBernoulli
from churnlab.lifetime.purchase.beta_geometric import BetaGeometric
from churnlab.lifetime.purchase.gamma_gamma import draw_spend, mean_spend
from churnlab.lifetime.purchase.pareto_nbd import ParetoNBD, log_left
from churnlab.lifetime.purchase.result import Clients

OFF = math.inf
LAWS = [
    (BetaGeometric(1, at_first=False), (0.8, 9.0, 0.9, 3.0)),
    (BetaGeometric(1, at_first=True), (0.8, 9.0, 2.5, 6.0)),
    (BetaGeometric(2, at_first=True), (1.3, 5.0, 0.6, 2.0)),
    (BetaGeometric(3, at_first=False), (1.3, 5.0, 2.2, 9.0)),
    (ParetoNBD(), (0.8, 9.0, 0.7, 20.0)),
    (ParetoNBD(), (0.8, 9.0, 1.0, 20.0)),
    (BetaBernoulli(), (1.2, 0.8, 2.4, 5.0)),
]
SEEN = Clients(np.array([0.0, 3.0, 12.0]), np.array([0.0, 20.0, 33.0]), np.array([38.0, 39.0, 36.0]))
NAMES = [f"{law.name}-{number}" for number, (law, _) in enumerate(LAWS)]


def given_of(parameters):
    return tuple(np.float64(each) for each in parameters)


def triple(history):
    return history.frequency, history.recency, history.age


@pytest.mark.parametrize(("law", "parameters"), LAWS, ids=NAMES)
def test_property_formulae_agree_with_drawn_futures(law, parameters):
    draws = 20_000
    wide = Clients(*(np.repeat(each[:, None], draws, axis=1) for each in (SEEN.frequency, SEEN.recency, SEEN.age)))
    came = law.future(given_of(parameters), wide, 26.0, np.random.default_rng(5))
    for seen, told in (
        (came.orders, law.orders(given_of(parameters), SEEN, 26.0)),
        (came.orders == 0, law.silent(given_of(parameters), SEEN, 26.0)),
    ):
        error = seen.std(axis=1) / math.sqrt(draws)
        assert (np.abs(seen.mean(axis=1) - told) < 4.5 * error + 1e-12).all()
    there = law.alive(given_of(parameters), SEEN)
    if not isinstance(law, BetaBernoulli):
        gone = (came.life == 0).mean(axis=1)
        assert (np.abs(1 - gone - there) < 4.5 * np.sqrt(there * (1 - there) / draws) + 1e-12).all()


@pytest.mark.parametrize(("law", "parameters"), LAWS, ids=NAMES)
def test_property_discounted_orders_are_the_sum_over_short_horizons(law, parameters):
    rate = 0.08
    ends = np.arange(0, 130.0)
    until = np.array([law.orders(given_of(parameters), SEEN, end) for end in ends])
    middle = ends[1:] if isinstance(law, BetaBernoulli) else (ends[1:] + ends[:-1]) / 2
    summed = (np.diff(until, axis=0) * np.exp(-rate * middle)[:, None]).sum(axis=0)
    assert law.discounted(given_of(parameters), SEEN, rate) == pytest.approx(summed, rel=1e-3)


@pytest.mark.parametrize("place", [1, 3, 6])
def test_property_mean_life_is_that_of_drawn_futures_where_it_is_finite(place):
    law, parameters = LAWS[place]
    parameters = (parameters[0] + 3, *parameters[1:2], parameters[2] + 2, parameters[3])
    wide = Clients(*(np.repeat(each[1:, None], 40_000, axis=1) for each in (SEEN.frequency, SEEN.recency, SEEN.age)))
    life = law.future(given_of(parameters), wide, 0.0, np.random.default_rng(6)).life
    told = law.alive(given_of(parameters), SEEN)[1:] * law.mean_life(given_of(parameters), SEEN)[1:]
    assert (np.abs(life.mean(axis=1) - told) < 4.5 * life.std(axis=1) / math.sqrt(life.shape[1])).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 300), st.floats(0.05, 5), st.floats(0.1, 300), st.floats(0.1, 300), st.floats(0.0, 200))
def test_property_integral_over_leaving_is_that_of_a_fine_grid(m, s, alpha, beta, span):
    place, weight = np.polynomial.legendre.leggauss(60)
    edges = np.concatenate(([0.0], np.geomspace(1e-4, 1.0, 40))) * span
    total = 0.0
    for begin, end in itertools.pairwise(edges):
        t = begin + (end - begin) * (place + 1) / 2
        total += (end - begin) / 2 * (weight * s * (1 + t / alpha) ** -m * (1 + t / beta) ** -(s + 1)).sum()
    told = np.exp(log_left(*(np.float64(each) for each in (m, s, alpha, beta)), span) + m * np.log(alpha))
    assert float(told * beta ** (s + 1)) == pytest.approx(total, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("name", ["bg", "mbg", "pareto", "cnbd"])
@pytest.mark.parametrize("spread", [OFF, 2.0])
def test_property_fits_do_not_depend_on_the_unit_of_time(name, spread):
    history = book(150, 9, seed=3)
    fits = []
    for unit in (1.0, 7.0, 1 / 52):
        rows = [each * unit for each in triple(history)[1:]]
        if name == "cnbd":
            logs = history.gap_logs + history.frequency * math.log(unit)
            fits.append(fit_mbg_cnbd(history.frequency, *rows, logs, prior_spread=spread))
        else:
            fit = {"bg": fit_bg_nbd, "mbg": fit_mbg_nbd, "pareto": fit_pareto_nbd}[name]
            fits.append(fit(history.frequency, *rows, prior_spread=spread))
        times = [place for place, word in enumerate(fits[-1].names) if word in ("alpha", "beta")]
        scaled = fits[-1].parameters.copy()
        scaled[times] /= unit
        assert scaled == pytest.approx(fits[0].parameters, rel=1e-6)
        assert fits[-1].standard_errors / fits[-1].parameters == pytest.approx(
            fits[0].standard_errors / fits[0].parameters, rel=1e-5
        )
        assert fits[-1].vague == fits[0].vague
        assert fits[-1].gain == pytest.approx(fits[0].gain, abs=1e-6)


@pytest.mark.parametrize("spread", [OFF, 2.0])
def test_property_spend_does_not_depend_on_the_unit_of_money(spread):
    rng = np.random.default_rng(8)
    orders = rng.integers(1, 9, 200)
    mean = rng.gamma(6 * orders, 1 / (6 * orders)) * 20 / rng.gamma(4, 1, 200)
    first, other = (fit_gamma_gamma(orders, mean * unit, prior_spread=spread) for unit in (1.0, 1000.0))
    assert other.parameters == pytest.approx(first.parameters * [1, 1, 1000], rel=1e-6)
    assert other.mean == pytest.approx(1000 * first.mean, rel=1e-6)


@pytest.mark.parametrize("fit", [fit_bg_nbd, fit_mbg_nbd, fit_pareto_nbd])
def test_reduction_weights_stand_for_repeated_clients(fit):
    history = book(60, 9, seed=4)
    number = np.arange(60) % 3 + 1
    weighted = fit(*triple(history), weight=number)
    repeated = fit(*(np.repeat(each, number) for each in triple(history)))
    assert weighted.parameters == pytest.approx(repeated.parameters, rel=1e-6)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-10)


def test_reduction_many_orders_are_as_the_sum_of_single_ones(monkeypatch):
    """What is summed in closed form where orders are very many agrees with the sum, where both can be had."""
    clients = Clients(np.array([300.0, 40.0]), np.array([50.0, 50.0]), np.array([52.0, 51.0]))
    for a in (0.4, 1.0, 2.5):
        given = given_of((2.0, 1.0, a, 30.0))
        for steps in (1, 2):
            law = BetaGeometric(steps, at_first=True)
            summed = law.orders(given, clients, 104.0)
            with monkeypatch.context() as patched:
                patched.setattr(posterior, "_MANY", 10.0)
                assert law.orders(given, clients, 104.0) == pytest.approx(summed, rel=0.01)


def test_reduction_one_step_is_the_modified_model():
    history = book(100, 9, seed=5)
    one = fit_mbg_cnbd(*triple(history), history.gap_logs, steps=1)
    assert one.parameters == pytest.approx(fit_mbg_nbd(*triple(history)).parameters, rel=1e-7)
    assert one.law.name == "MBG/NBD"


def test_leaving_that_is_not_there_is_not_seen():
    """Direction: no leaving, no gain; with leaving, it shows."""
    still, moving = (
        fit_pareto_nbd(*triple(book(300, 20, seed=9, leaves=leaves)), prior_spread=OFF) for leaves in (0.0, 0.05)
    )
    assert not still.leaving_shows
    assert not still.identified
    assert "Leaving does not show" in still.verdict
    assert moving.leaving_shows
    assert moving.verdict == "The data tell every parameter, and that clients leave."


def test_clients_without_any_repeat_order_are_fitted_and_told_of():
    for fit in (fit_bg_nbd, fit_mbg_nbd, fit_pareto_nbd):
        for spread in (OFF, 2.0):
            found = fit(np.zeros(30), np.zeros(30), np.linspace(5, 40, 30), prior_spread=spread)
            assert not found.identified
            orders = expected_orders(found, [0.0], [0.0], [20.0], horizon=10.0, draws=20)
            assert 0 <= orders.value[0] < 5


@pytest.mark.parametrize("fit", [fit_bg_nbd, fit_mbg_nbd, fit_pareto_nbd])
def test_direction_silence_lowers_the_chance_and_the_orders(fit):
    found = fit(*triple(book(200, 15, seed=10)))
    recency = np.array([150.0, 140.0, 120.0, 80.0, 40.0])
    seen = (np.full(5, 10.0), recency, np.full(5, 150.0))
    there = chance_alive(found, *seen, draws=50)
    orders = expected_orders(found, *seen, horizon=26.0, draws=50)
    silent = chance_silent(found, *seen, horizon=26.0, draws=50)
    assert (np.diff(there.value) < 0).all()
    assert (np.diff(orders.value) < 0).all()
    assert (np.diff(silent.value) > 0).all()
    for figure in (there, silent):
        assert ((figure.low <= figure.value + 0.02) & (figure.value <= figure.high + 0.02)).all()
    longer = expected_orders(found, *seen, horizon=52.0, draws=50)
    assert (longer.value > orders.value).all()


def test_outlook_orders_its_figures_and_sums_them():
    history = book(300, 12, seed=11)
    found = fit_mbg_cnbd(*triple(history), history.gap_logs)
    outlook = expected_orders(found, *triple(history), horizon=26.0, draws=200, rng=1)
    assert outlook.total.value == pytest.approx(outlook.value.sum())
    assert (outlook.low <= outlook.mean_high).all()
    total = outlook.total
    assert total.low < total.mean_low < total.value < total.mean_high < total.high
    again = expected_orders(found, *triple(history), horizon=26.0, draws=200, rng=1)
    assert (again.low == outlook.low).all()
    life = remaining_life(found, *triple(history), draws=100)
    assert (life.low <= life.median).all()
    assert np.isinf(life.mean_if_active[life.finite == 0]).all()
    ever = discounted_orders(found, *triple(history)[:1], history.recency, history.age, rate=0.01, draws=5)
    assert (ever.value > 0).all()


def test_value_is_orders_times_amounts():
    history = book(200, 12, seed=12)
    rng = np.random.default_rng(3)
    amount = rng.gamma(5, 200, 200)
    orders, spend = fit_mbg_nbd(*triple(history)), fit_gamma_gamma(history.frequency, amount)
    worth = expected_value(orders, spend, *triple(history), amount, horizon=52.0, draws=100)
    expected = expected_orders(orders, *triple(history), horizon=52.0, draws=2)
    a_piece = mean_spend(tuple(spend.parameters), history.frequency, amount)
    assert worth.value == pytest.approx(expected.value * a_piece, rel=1e-9)
    later = expected_value(orders, spend, *triple(history), amount, horizon=52.0, periods=12, rate=0.01, draws=2)
    assert (later.value < worth.value).all()
    assert later.value.sum() > worth.value.sum() / 1.01**12
    assert worth.total.low < worth.total.value < worth.total.high


def test_property_drawn_amounts_have_the_mean_that_is_told():
    parameters = given_of((6.0, 4.0, 15.0))
    orders = np.full(200_000, 3.0)
    drawn = draw_spend(parameters, np.float64(2), np.float64(40), orders, np.random.default_rng(2))
    assert drawn.mean() == pytest.approx(3 * float(mean_spend(parameters, np.float64(2), np.float64(40))), rel=0.01)
    assert (draw_spend(parameters, np.float64(2), np.float64(40), np.zeros(3), np.random.default_rng(2)) == 0).all()


def test_spend_without_a_finite_mean_is_told_of():
    rng = np.random.default_rng(4)
    mean = 10 / rng.gamma(0.6, 1, 400)
    found = fit_gamma_gamma(np.ones(400), mean, prior_spread=OFF)
    assert found.parameters[1] < 1
    assert found.mean == math.inf
    assert "not finite" in found.verdict
    history = book(60, 9, seed=2)
    orders = fit_mbg_nbd(*triple(history))
    bought = history.frequency > 0
    asked = {"mean_amount": np.where(bought, 10.0, np.nan), "draws": 30}
    worth = expected_value(orders, found, *triple(history), horizon=26.0, **asked)
    assert np.isinf(worth.value[~bought]).all()
    assert not np.isnan([worth.value, worth.low, worth.high, worth.mean_low, worth.mean_high]).any()
    assert (expected_value(orders, found, *triple(history), horizon=0.0, **asked).high == 0).all()


def test_contracts_recover_and_late_entry_is_allowed_for():
    """Recovery: leaving drawn by the law; who left before the records began is not there."""
    rng = np.random.default_rng(7)
    chance = rng.beta(0.7, 2.0, 40_000)
    last = rng.geometric(chance)
    entered = rng.integers(0, 4, last.size)
    seen = last > entered
    left = (last <= entered + 5)[seen]
    periods = np.minimum(last, entered + 5)[seen]
    found = fit_sbg(periods, left, entered=entered[seen], prior_spread=OFF)
    assert found.parameters == pytest.approx((0.7, 2.0), rel=0.1)
    naive = fit_sbg(periods, left, prior_spread=OFF)
    assert survival_of(naive, 5)[5] > survival_of(found, 5)[5] + 0.02


def test_recovery_of_occasions():
    rng = np.random.default_rng(8)
    life = rng.geometric(rng.beta(0.7, 3.0, 20_000)) - 1
    buys = rng.random((20_000, 8)) < rng.beta(1.2, 0.8, 20_000)[:, None]
    buys &= np.arange(8) < life[:, None]
    recency = np.where(buys.any(axis=1), 8 - np.argmax(buys[:, ::-1], axis=1), 0)
    found = fit_bg_bb(buys.sum(axis=1), recency, np.full(20_000, 8), prior_spread=OFF)
    assert found.parameters == pytest.approx((1.2, 0.8, 0.7, 3.0), rel=0.15)


def test_history_counts_days_once_and_leaves_later_orders_out():
    found = purchase_history(
        ["b", "a", "a", "a", "=1+1"], [3.0, 1.0, 1.0, 5.0, 99.0], until=10.0, amount=[4.0, 1.0, 2.0, 6.0, 1.0]
    )
    assert found.client.tolist() == ["a", "b"]
    assert found.frequency.tolist() == [1.0, 0.0]
    assert found.recency.tolist() == [4.0, 0.0]
    assert found.age.tolist() == [9.0, 7.0]
    assert found.mean_amount[0] == 6.0
    assert np.isnan(found.mean_amount[1])
    assert found.gap_logs == pytest.approx([math.log(4.0), 0.0])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (([1, 2], [1.0], [3.0]), "one length"),
        (([-1], [1.0], [3.0]), "whole frequency"),
        (([1], [4.0], [3.0]), "recency from 0 to the age"),
        (([1], [0.0], [3.0]), "recency 0 without repeat orders"),
        (([0], [0.0], [0.0]), "an age above 0 somewhere"),
        (([1], [1.0], [math.nan]), "position 0"),
    ],
)
def test_rows_that_cannot_be_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        fit_pareto_nbd(*rows)


def test_settings_that_cannot_be_are_refused():
    history = book(50, 9, seed=1)
    with pytest.raises(ValueError, match="prior spread above 0"):
        fit_bg_nbd(*triple(history), prior_spread=0)
    found = fit_bg_nbd(*triple(history))
    with pytest.raises(ValueError, match="horizon of 0 or more"):
        expected_orders(found, *triple(history), horizon=-1)
    with pytest.raises(ValueError, match="discount rate above 0"):
        discounted_orders(found, *triple(history), rate=0)
    with pytest.raises(ValueError, match="order after the first"):
        fit_gamma_gamma([0, 0], [1.0, 2.0])
    with pytest.raises(ValueError, match="means above 0"):
        fit_gamma_gamma([1, 2], [1.0, 0.0])
