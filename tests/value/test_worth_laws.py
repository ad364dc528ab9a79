"""Value by closed forms, by its laws, and by draws: annuity, geometric lifetime, who surely stays or leaves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.lifetime import hazard_table
from churnlab.value import (
    NO_GROWTH,
    NORMAL,
    Growth,
    Money,
    Staying,
    by_tenure,
    discount_factor,
    discounted_stay,
    fit_growth,
    last_change,
    side_by_side,
    terms_cost,
    value_parts,
    worth,
)

RATE, HORIZON = 0.15, 24
MONTH = (1 + RATE) ** (-1 / 12)
ANNUITY = MONTH * (1 - MONTH**HORIZON) / (1 - MONTH)
KNOWN = Growth(0.05, 0.02, 0.06, -0.2, 0.05, 0.05, 0.4, NORMAL, 5, 500)


def leaving_at(hazard, *, clients=1, draws=0):
    """Clients who all leave at one monthly hazard, known for sure."""
    nothing = np.zeros((clients, 0))
    return Staying(
        nothing,
        nothing,
        np.zeros((draws + 1, 0)),
        0,
        np.full((1, draws + 1, 1), float(hazard)),
        np.zeros(clients, dtype=np.int64),
        np.zeros(clients, dtype=np.int64),
    )


def money_of(clients=1, **given):
    usual = {"sales": 100.0, "margin": 1.0, "serve": 0.0, "payment_days": 0.0, "change": 0.0, "orders": 12.0}
    return Money(**{name: np.full(clients, given.get(name, figure)) for name, figure in usual.items()})


def valued(hazard, *, rate=RATE, horizon=HORIZON, growth=NO_GROWTH, **money):
    return value_parts(leaving_at(hazard), money_of(**money), horizon=horizon, yearly_rate=rate, growth=growth)


def test_reference_a_client_that_surely_stays_is_an_annuity():
    assert valued(0.0).value[0] == pytest.approx(100 * ANNUITY, rel=1e-12)
    assert valued(0.0, margin=0.3, serve=12.0).value[0] == pytest.approx((30 - 12) * ANNUITY, rel=1e-12)


def test_reference_a_client_that_surely_leaves_is_worth_half_a_month():
    assert valued(1.0).value[0] == pytest.approx(50 * MONTH, rel=1e-12)


def test_reference_without_discount_value_is_months_times_money():
    assert valued(0.0, rate=0.0).value[0] == pytest.approx(2400)
    # mean months there of a geometric lifetime, half of the last one: (1 + s) / 2 times 1 + s + ... + s^23
    stay = 0.93
    assert valued(0.07, rate=0.0).value[0] == pytest.approx(100 * (1 + stay) / 2 * (1 - stay**24) / (1 - stay))


@pytest.mark.parametrize("hazard", [0.01, 0.1, 0.5])
def test_reference_a_geometric_lifetime_has_a_closed_form(hazard):
    stay = 1 - hazard
    step = MONTH * stay
    closed = 100 * (1 + stay) / 2 * MONTH * (1 - step**HORIZON) / (1 - step)
    assert valued(hazard).value[0] == pytest.approx(closed, rel=1e-12)
    for_ever = 100 * (1 + stay) / 2 * MONTH / (1 - step)
    assert valued(hazard, horizon=3000).value[0] == pytest.approx(for_ever, rel=1e-9)


def test_reference_growth_and_terms_multiply():
    growth = Growth(np.log(1.1), 0.0, 0.1, -0.5, 0.0, 0.0, 0.0, NORMAL, 3, 100)
    change = np.log(4.0)  # it bought four times as much as before: half of that, on the log scale, fades
    found = valued(0.0, growth=growth, change=change, margin=0.4, payment_days=365.0, serve=3.0)
    factor = 1.1 / 2.0
    waits = 1 - 1 / (1 + RATE)
    assert terms_cost(365.0, yearly_rate=RATE) == pytest.approx(waits)
    assert found.value[0] == pytest.approx((100 * factor * (0.4 - waits) - 3) * ANNUITY)
    assert found.gross[0] == pytest.approx(40 * ANNUITY)
    assert found.serve[0] == pytest.approx(-3 * ANNUITY)
    assert found.terms[0] == pytest.approx(-100 * waits * ANNUITY)


def test_reference_the_regression_speaks_first_and_tenure_after_it():
    """One column: a hazard of its own in the first month, another to month 3, then months 6 and on of tenure."""
    first, rest = np.array([[1.0, 1.0]]), np.array([[1.0, 0.0]])
    tenures = np.array([[0.9, 0.9, 0.9, 0.9, 0.9, 0.2, 0.3]])
    other_line = np.full((1, 2), 0.5)
    tables = side_by_side([other_line, tenures])
    stays = Staying(first, rest, np.array([[-3.0, 1.0]]), 3, tables, np.array([2]), np.array([1]))
    one, other = (1 - np.exp(-np.exp(each)) for each in (-2.0, -3.0))
    gone = 1 - (1 - one) / (1 - other)  # what the first month has more of leaving has left already
    there = np.cumprod([1 - gone, 1 - other, 1 - other, 1 - other, 1 - 0.2, 1 - 0.3, 1 - 0.3])
    months = ((there[:-1] + there[1:]) / 2).sum()
    assert discounted_stay(stays, horizon=6, yearly_rate=0.0)[0, 0] == pytest.approx(months)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1), st.floats(0, 0.5), st.integers(1, 40), st.floats(0, 500), st.floats(0, 60))
def test_property_parts_sum_to_the_value_and_months_stay_within_the_horizon(hazard, rate, horizon, serve, days):
    found = valued(hazard, rate=rate, horizon=horizon, growth=KNOWN, serve=serve, payment_days=days, margin=0.25)
    assert found.value[0] == pytest.approx(found.gross[0] + found.growth[0] + found.serve[0] + found.terms[0])
    most = discount_factor(rate, np.arange(1, horizon + 1)).sum()
    assert 0 <= found.months[0] <= most * (1 + 1e-12)


def some_book(clients=60, draws=400, seed=3):
    rng = np.random.default_rng(seed)
    columns = np.column_stack((np.ones(clients), rng.normal(size=clients)))
    coefficients = np.array([-3.5, 0.5]) + rng.normal(0, 0.15, (draws + 1, 2)) * (np.arange(draws + 1) > 0)[:, None]
    tables, _ = by_tenure(
        hazard_table(np.zeros(300), rng.geometric(0.03, 300).clip(1, 80), np.ones(300, dtype=bool)),
        draws=draws,
        rng=rng,
    )
    money = Money(
        sales=rng.lognormal(5, 1, clients),
        margin=rng.uniform(0.1, 0.4, clients),
        serve=rng.gamma(2, 3, clients),
        payment_days=rng.choice([14.0, 45.0], clients),
        change=rng.normal(0, 0.4, clients),
        orders=1.0 + rng.poisson(10, clients),
    )
    reached, one = rng.integers(0, 90, clients), np.zeros(clients, dtype=np.int64)
    return Staying(columns, columns, coefficients, 12, side_by_side([tables]), reached, one), money


def test_property_clients_sum_to_the_book_and_their_ends_do_not():
    stays, money = some_book()
    found = worth(stays, money, horizon=HORIZON, yearly_rate=RATE, growth=KNOWN, rng=1)
    book, client = found.book, found.client
    assert float(book.value) == pytest.approx(client.value.sum(), rel=1e-12)
    assert client.value == pytest.approx(found.parts.value)
    assert client.low.sum() < float(book.low) < float(book.mean_low) < float(book.value)
    assert float(book.value) < float(book.mean_high) < float(book.high) < client.high.sum()
    assert (client.low <= client.mean_low).all()
    assert (client.mean_high <= client.high).all()
    again = worth(stays, money, horizon=HORIZON, yearly_rate=RATE, growth=KNOWN, rng=1)
    assert (again.client.low == client.low).all()


def test_property_draws_of_chance_have_the_mean_that_is_told():
    clients = 4000
    stays, money = leaving_at(0.05, clients=clients, draws=60), money_of(clients, margin=0.3, serve=4.0)
    chance = np.random.default_rng(2).random((clients, 60))
    drawn = discounted_stay(stays, horizon=HORIZON, yearly_rate=RATE, chance=chance)
    mean = discounted_stay(stays, horizon=HORIZON, yearly_rate=RATE)[0, 0]
    assert drawn.mean() == pytest.approx(mean, rel=0.003)
    growth = Growth(0.0, 0.0, 1e-9, 0.0, 0.0, 0.1, 0.5, NORMAL, 9, 900)
    found = worth(stays, money, horizon=HORIZON, yearly_rate=RATE, growth=growth, rng=4)
    half = (float(found.book.high) - float(found.book.low)) / 2
    assert abs((float(found.book.high) + float(found.book.low)) / 2 - float(found.book.value)) < 0.5 * half
    assert half < 0.03 * float(found.book.value)  # four thousand clients of equal size: chance evens out


@pytest.mark.parametrize(("origins", "moves"), [(2, 0.1), (3, 0.03), (8, 0.012)])
def test_recovery_the_mean_of_draws_is_the_value_that_is_told(origins, moves):
    """What befalls the market at once has heavy tails, and still moves no mean."""
    stays, money = leaving_at(0.03, clients=50, draws=20_000), money_of(50, margin=0.3, serve=4.0, change=0.2)
    growth = Growth(0.05, 0.0, 0.15, -0.2, 0.0, 0.05, 0.4, NORMAL, origins, 500)
    found = worth(stays, money, horizon=HORIZON, yearly_rate=RATE, growth=growth, rng=5)
    error = found.drawn.std() / np.sqrt(len(found.drawn))
    assert abs(found.drawn.mean() - float(found.book.value)) < 3 * error
    assert 3 * error < moves * float(found.book.value)  # a shock that is not centred moves it by more


def test_direction_what_is_not_known_widens():
    stays, money = some_book()
    still = Growth(0.05, 0.0, 0.0, -0.2, 0.0, 0.0, 0.0, NORMAL, 5, 500)
    narrow, wide = (
        worth(stays, money, horizon=HORIZON, yearly_rate=RATE, growth=growth, rng=1) for growth in (still, KNOWN)
    )
    assert ((wide.client.high - wide.client.low) > (narrow.client.high - narrow.client.low)).mean() > 0.95
    assert float(wide.book.mean_high - wide.book.mean_low) > float(narrow.book.mean_high - narrow.book.mean_low)


def test_where_the_past_does_not_tell_how_sales_go_on_only_the_expectation_has_an_interval():
    stays, money = some_book(clients=3)
    found = worth(stays, money, horizon=HORIZON, yearly_rate=RATE, rng=1)
    assert np.isnan(found.client.low).all()
    assert np.isnan(found.book.high)
    assert (found.client.mean_low < found.client.mean_high).all()


def test_recovery_of_growth():
    """Growth of 10 %, three tenths of the last change fading, a spread of .2 and of .5 over the root of orders."""
    rng = np.random.default_rng(6)
    clients, origins = 400, 8
    origin = np.repeat(np.arange(origins), clients)
    orders = 1.0 + rng.poisson(8, len(origin))
    before, change = rng.lognormal(5, 1, len(origin)), rng.normal(0, 0.5, len(origin))
    spread = np.sqrt(0.04 + 0.25 / orders)
    noise = np.exp(spread * rng.normal(size=len(origin)) - spread**2 / 2)
    after = before * 1.1 * np.exp(-0.3 * change) * noise * np.exp(0.05 * rng.normal(size=origins))[origin]
    found = fit_growth(before, after, change, orders, origin)
    assert found.carry == pytest.approx(-0.3, abs=4 * found.carry_error)
    assert found.level == pytest.approx(np.log(1.1), abs=0.06)
    assert found.market == pytest.approx(0.05, abs=0.04)
    assert found.spread(np.array([1.0, 8.0, 1e9])) == pytest.approx(np.sqrt([0.29, 0.071, 0.04]), rel=0.15)
    assert (found.origins, found.clients) == (origins, clients * origins)


def test_too_few_clients_tell_nothing_of_growth():
    assert fit_growth([], [], [], [], []) == NO_GROWTH or not fit_growth([], [], [], [], []).known
    few = fit_growth(np.ones(9), np.ones(9), np.zeros(9), np.ones(9), np.zeros(9))
    assert not few.known
    one = fit_growth(np.ones(20), np.ones(20), np.zeros(20), np.ones(20), np.zeros(20))
    assert one.origins == 1
    assert not one.known


def test_hazards_by_tenure_are_those_counted_and_nobody_leaving_is_not_certain():
    table = hazard_table([0] * 40, [12] * 20 + [30] * 20, [True] * 20 + [False] * 20)
    hazard, told = by_tenure(table, draws=2000, rng=1)
    assert told == 30
    assert hazard[0, :30] == pytest.approx(table.hazard)
    assert hazard[1:, 11].mean() == pytest.approx(0.5, rel=0.05)
    assert hazard[1:, 11].std() == pytest.approx(np.sqrt(20) / 40, rel=0.1)
    calm, _ = by_tenure(hazard_table([0] * 40, [30] * 40, [False] * 40), draws=500, rng=1)
    assert (calm[0] == 0).all()
    assert 0 < np.quantile(calm[1:, :-1].sum(axis=1), 0.975) < 0.2
    few, told = by_tenure(hazard_table([0] * 5, [10] * 5, [True] * 5), draws=3, rng=1)
    assert told == 0
    assert few.shape == (4, 1)
    assert few[0, 0] == pytest.approx(0.1)


def test_changes_are_held_within_bounds():
    assert last_change([1e9, 5.0, -3.0], [1.0, 0.0, 7.0]).tolist() == [2.0, 0.0, 0.0]


def test_what_does_not_fit_together_is_refused():
    stays = leaving_at(0.1, clients=2, draws=3)
    with pytest.raises(ValueError, match="expected money of 2 clients"):
        value_parts(stays, money_of(3), horizon=12, yearly_rate=0.1)
    with pytest.raises(ValueError, match="two draws or more"):
        worth(leaving_at(0.1), money_of(), horizon=12, yearly_rate=0.1)
    with pytest.raises(ValueError, match="horizon of 1 or more"):
        discounted_stay(stays, horizon=0, yearly_rate=0.1)
    with pytest.raises(ValueError, match="hazards from 0 to 1"):
        leaving_at(1.5)
    with pytest.raises(ValueError, match="finite figures"):
        money_of(sales=np.nan)
    with pytest.raises(ValueError, match="one row of each a client"):
        fit_growth([1.0], [1.0, 2.0], [0.0], [1.0], [0])
