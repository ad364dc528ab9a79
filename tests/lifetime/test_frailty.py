"""Frailty: the integral that it stands for, its edge, what it does to effects."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from churnlab.lifetime import fit_tenure_hazard, frailty, gamma_frailty


def lives(seed, *, variance, clients=1500):
    rng = np.random.default_rng([8, seed])
    column = rng.normal(size=(clients, 1))
    factor = rng.gamma(1 / variance, variance, clients) if variance else np.ones(clients)
    left_in = np.ceil(rng.exponential(1 / (factor * np.exp(-3.5 + 0.6 * column[:, 0])))).astype(int)
    entry = np.where(rng.random(clients) < 0.3, rng.integers(0, 30, clients), 0)
    watched = rng.integers(40, 100, clients)
    there = left_in > entry
    return entry[there], np.minimum(left_in, watched)[there], (left_in <= watched)[there], column[there]


def test_reference_the_likelihood_is_the_integral_over_the_frailty():
    entry, leave, event, column = (each[:12] for each in lives(1, variance=1.0))
    laid = frailty._lives(entry, leave, event, column, np.zeros(int(leave.max()), dtype=np.int64))
    level, slope, variance = -3.2, 0.4, 0.7
    law = gamma(1 / variance, scale=variance)

    def share(months, rate):
        return quad(lambda z: law.pdf(z) * np.exp(-z * rate * months), 0, np.inf)[0]

    total = 0.0
    for begin, end, gone, x in zip(entry, leave, event, column[:, 0], strict=True):
        rate = np.exp(level + slope * x)
        stays = share(end - 1, rate) - share(end, rate) if gone else share(end, rate)
        total += np.log(stays / share(begin, rate))
    at = np.array([level, slope, np.log(variance)])
    assert frailty._height(at, laid)[0] == pytest.approx(total, rel=1e-6)


def test_property_the_gradient_is_the_slope_of_the_likelihood():
    laid = frailty._lives(*lives(2, variance=1.0, clients=80), (np.arange(100) >= 12).astype(np.int64))
    at = np.array([-3.2, -3.0, 0.4, -0.3])
    steps = 1e-6 * np.eye(4)
    slopes = [(frailty._height(at + step, laid)[0] - frailty._height(at - step, laid)[0]) / 2e-6 for step in steps]
    assert frailty._height(at, laid)[1] == pytest.approx(slopes, rel=1e-4)


def test_reduction_without_frailty_the_plain_fit_is_left():
    entry, leave, event, column = lives(3, variance=0.0)
    found = gamma_frailty(entry, leave, event, column, bands=[12, 36])
    plain = fit_tenure_hazard(entry, leave, event, column, bands=[12, 36])
    assert found.without == pytest.approx(plain.coefficients)
    assert not found.seen
    assert found.low == 0 <= found.variance < 0.3
    assert found.coefficients == pytest.approx(plain.coefficients, abs=0.1)


def test_recovery_of_the_variance_and_of_the_effect_that_it_hides():
    found = gamma_frailty(*lives(4, variance=1.0), bands=[12, 36])
    assert found.seen
    assert found.low < 1.0 < found.high
    assert found.coefficients[0] == pytest.approx(0.6, abs=0.12)
    assert found.without[0] < 0.5
    assert np.ptp(found.level) < 0.5 < np.ptp(found.level_without)  # sorting, not a falling hazard


def test_what_cannot_be_asked_is_refused():
    entry, leave, event, column = lives(5, variance=0.0, clients=20)
    with pytest.raises(ValueError, match="expected 30 departures"):
        gamma_frailty(entry, leave, event, column)
