"""T21: a second engine that shares no code agrees on value and lifetime."""

import random
from dataclasses import asdict

import numpy as np
import pytest
from reference_engine import play
from scenario_cases import book_of

from churnlab.scenarios import DEFAULTS, DO_NOTHING, PRICE_ONLY, SERVICE, held_at, run

CALM = {
    "newcomers": 0.0, "referrals": 0.0, "tier_discount": 0.0, "pass_through": 0.0, "attention_gain": 0.0,
    "cross_selling": 0.0, "offers_per_year": 1.0,
}  # fmt: skip
MONTHS, CLIENTS, ROWS, LIVES = 60, 50, 256, 1500
HAZARD, SLOPE = 0.008, 0.4


@pytest.fixture(scope="module")
def simulated():
    book = book_of(
        ROWS,
        CLIENTS,
        1 - np.exp(-HAZARD),
        service_effect=np.full(ROWS, -SLOPE),
        price_effect=np.full(ROWS, -SLOPE),
        monthly_sales=np.ones(CLIENTS),
        manager=np.arange(CLIENTS),
    )
    return run(book, (DO_NOTHING, PRICE_ONLY, SERVICE), held_at(ROWS, CALM), months=MONTHS, seed=21)


@pytest.mark.parametrize("policy", [DO_NOTHING, PRICE_ONLY, SERVICE], ids=lambda policy: policy.name)
def test_reference_a_second_engine_agrees(simulated, policy):
    rng = random.Random(5)  # noqa: S311 -- no secrets here
    given = dict(DEFAULTS) | CALM
    lives = [play(given, asdict(policy), asdict(DO_NOTHING), rng, MONTHS, HAZARD, SLOPE) for _ in range(LIVES)]
    place = simulated.place(policy.name)
    ours = (simulated.value[place] / CLIENTS, simulated.retention[place][:, 1:].sum(axis=1))
    for theirs, own in zip(np.array(lives).T, ours, strict=True):
        error = np.hypot(theirs.std() / np.sqrt(LIVES), own.std() / np.sqrt(ROWS))
        assert abs(theirs.mean() - own.mean()) < 3 * error
