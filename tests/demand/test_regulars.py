"""The plan from clients' own paces: seasons, paces, silence, intervals of totals, rolling origins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, gamma

from churnlab.demand import Ahead, Season, after_first, first_of, month_of, order_log, paces, plan, season_of
from churnlab.demand.log import DAYS_PER_MONTH, no_season, running_time, weekday_weights
from churnlab.demand.spread import amount_ends, amount_score, common, count_ends, count_score, leaning, surprise
from churnlab.demand.staying import Learnt, orders_of_clients

START = 17_167  # 2017-01-01
YEARS = 5


def _book(seed=1, *, clients=60, years=YEARS, rate=1.5, season=None, leave=0.0, comes_late=0.0):
    """Poisson clients, some of whom leave or come later; volumes about a size of their own."""
    rng = np.random.default_rng(seed)
    days = np.arange(START, START + round(365.25 * years))
    index = np.ones(12) if season is None else season
    pace = index[month_of(days) % 12] / DAYS_PER_MONTH
    own = rng.gamma(2.0, rate / 2.0, clients)
    begin = np.where(rng.random(clients) < comes_late, rng.integers(0, len(days), clients), 0)
    end = begin + np.where(leave > 0, rng.exponential(1 / max(leave, 1e-9), clients) * 30, len(days))
    who, when = [], []
    for client in range(clients):
        here = (np.arange(len(days)) >= begin[client]) & (np.arange(len(days)) < end[client])
        number = rng.poisson(own[client] * pace * here)
        when.append(np.repeat(days, number))
        who.append(np.full(number.sum(), client))
    who, when = np.concatenate(who), np.concatenate(when)
    size = rng.lognormal(3, 0.5, clients)
    return order_log(who, when, size[who] * rng.lognormal(0, 0.3, len(who)))


def _origins(log, months):
    last = month_of(log.day[-1:])[0] + 1
    return first_of(np.arange(last - months, last + 1))


def _plan(log, *, months=36, ahead=1, seasons=None, **options):
    origins = _origins(log, months)
    month = month_of(origins)
    periods = [Ahead(origins, first_of(month + ahead))]
    given_seasons = seasons or [season_of(after_first(log), cut_off=int(day)) for day in origins]
    return plan(log, origins=origins, periods=periods, seasons=given_seasons, **options)[0]


def test_reference_orders_are_put_in_order_and_first_ones_left_out():
    log = order_log([1, 0, 1, 0], [30, 10, 20, 10], [3.0, 1.0, 2.0, 4.0])
    assert log.day.tolist() == [10, 10, 20, 30]
    assert (log.client.tolist(), log.volume.tolist()) == ([0, 0, 1, 1], [1.0, 4.0, 2.0, 3.0])
    assert after_first(log).day.tolist() == [10, 30]
    assert (order_log([], []).clients, after_first(order_log([], [])).clients) == (0, 0)


@pytest.mark.parametrize(
    ("client", "day", "volume"),
    [([0], [1, 2], None), ([-1], [1], None), ([0], [1], [-1.0]), ([0], [1], [np.nan]), ([[0]], [[1]], None)],
)
def test_what_is_no_log_is_refused(client, day, volume):
    with pytest.raises(ValueError, match="expected"):
        order_log(client, day, volume)


def test_recovery_of_a_season_and_shrinking_where_there_is_none():
    season = 1 + 0.5 * np.sin(np.arange(12) * np.pi / 6)
    cut_off = START + 365 * YEARS
    found = season_of(after_first(_book(3, rate=6, season=season)), cut_off=cut_off)
    assert found.source == "own"
    assert np.abs(found.index - season).max() < 0.12
    flat = season_of(after_first(_book(4)), cut_off=cut_off)
    assert np.abs(flat.index - 1).max() < 0.08
    assert flat.index.mean() == pytest.approx(1)


def test_a_young_line_borrows_the_season_of_all_lines():
    young = _book(years=1.5)
    lent = Season(np.linspace(0.5, 1.5, 12), "own")
    assert season_of(young, cut_off=START + 500).source == "none"
    found = season_of(young, cut_off=START + 500, towards=lent)
    assert (found.source, found.index.tolist()) == ("all lines", lent.index.tolist())
    assert season_of(young, cut_off=START + 500, towards=no_season()).source == "none"


def test_reference_time_runs_by_working_days():
    weekdays = np.arange(START, START + 364)
    weekdays = np.repeat(weekdays[(weekdays + 3) % 7 < 5], 50)
    assert weekday_weights(weekdays) == pytest.approx([1.4] * 5 + [0.0] * 2, abs=0.005)
    time = running_time(weekdays, season=no_season(), first=START, until=START + 364)
    assert time[-1] == pytest.approx(364 / DAYS_PER_MONTH)
    assert len(time) == 365
    assert (np.diff(time) >= 0).all()


def test_reference_pace_of_a_client_that_orders_every_month():
    days = first_of(np.arange(month_of(np.array([START]))[0], month_of(np.array([START]))[0] + 36)) + 14
    log = order_log(np.zeros(36), days, np.full(36, 20.0))
    cut_off = int(days[-1]) + 1
    found = paces(log, cut_off=cut_off, until=cut_off + 60, season=no_season())
    assert found.rate == pytest.approx([1.0], rel=0.05)
    assert found.repeats.tolist() == [35.0]
    assert found.size == pytest.approx([20.0])
    assert found.spread == pytest.approx(0)
    assert found.regular.tolist() == [True]
    later = paces(log, cut_off=cut_off + 60, until=cut_off + 60, season=no_season())
    assert later.silence[0] == pytest.approx(2 * later.rate[0], rel=0.1)
    assert later.rate[0] == pytest.approx(found.rate[0], rel=0.1)
    assert paces(log, cut_off=START, until=cut_off, season=no_season()) is None


def test_reduction_without_a_past_silence_means_what_its_prior_says():
    log = _book()
    state = paces(log, cut_off=START + 700, until=START + 800, season=no_season())
    stays = Learnt().stays(state)
    fresh = (state.silence < 0.25) & (state.repeats > 0)
    assert stays[fresh] == pytest.approx(1 / (1 + 0.03 / 0.97 * np.exp(0.1)))
    assert (Learnt().evenness(), Learnt().sizes(5.0), Learnt().unknown(1.0)) == (1.0, 1.0, ((0.0, 0.0), (0.0, 0.0)))


def test_direction_longer_silence_promises_less():
    log = _book(leave=0.05)
    state = paces(log, cut_off=START + 1500, until=START + 1600, season=no_season())
    learnt = Learnt()
    order = np.argsort(state.silence[state.repeats > 0])
    assert (np.diff(learnt.stays(state)[state.repeats > 0][order]) <= 1e-12).all()


def test_reference_what_was_learnt_from_a_period_by_hand():
    log = order_log([0, 0, 1, 1], [START, START + 30, START + 5, START + 33], [1.0, 1.0, 2.0, 2.0])
    state = paces(log, cut_off=START + 40, until=START + 80, season=no_season())
    learnt = Learnt()
    learnt.add(state, orders=np.array([2.0, 1.0, 3.0]), volume=np.array([2.0, 2.0, 9.0]), months=2.0)
    assert learnt.came.sum() == 3.0
    assert learnt.expected.sum() == pytest.approx(2 * state.rate.sum())
    assert (learnt.new_orders, learnt.new_volume) == ([1.5], [4.5])
    mean, variance = orders_of_clients(state, stays=np.array([0.5, 1.0]), months=2.0)
    raw = 2 * state.rate
    assert mean == pytest.approx([0.5 * raw[0], raw[1]])
    poisson = raw + raw**2 / state.shape
    assert variance == pytest.approx([0.5 * poisson[0] + 0.25 * raw[0] ** 2, poisson[1]])
    (orders, of_orders), (volume, of_volume) = learnt.unknown(2.0)
    assert (orders, volume) == pytest.approx((3.0, 9.0))
    assert of_orders == pytest.approx(2 * 1.5**2 * 4 + 3)
    assert of_volume == pytest.approx(2 * 4.5**2 * 4)


def test_reduction_without_past_forecasts_the_law_stands():
    nothing = surprise([])
    assert (nothing.shift, nothing.scale, nothing.weight) == (0.0, 1.0, 4.0)
    assert leaning([], []) == leaning([0.0], [0.0]) == 1.0
    low, high = nothing.places(0.8)
    assert (low, high) == pytest.approx((1 - high, 1 - low))
    assert low < 0.1


def test_direction_surprises_widen_and_misses_move_the_level():
    calm, wild = surprise(np.tile([0.2, -0.2], 12)), surprise(np.tile([3.0, -3.0], 12))
    assert calm.scale < 1 < wild.scale
    assert surprise(np.full(12, 2.0)).shift > 0.5
    assert surprise(np.full(12, 2.0), overlap=3).weight == pytest.approx(
        4 + surprise(np.full(12, 2.0)).weight / 3 - 4 / 3
    )
    assert 1 < leaning([2.0] * 6, [1.0] * 6) < 2
    assert leaning([2.0] * 60, [1.0] * 60) > leaning([2.0] * 6, [1.0] * 6)
    assert common(0) > common(5) > common(100) > 0.03


@settings(max_examples=40)
@given(st.floats(0.05, 500), st.floats(0.2, 4), st.floats(0.55, 0.99))
def test_property_ends_of_counts_hold_at_least_the_level(mean, ratio, level):
    places = (0.5 - level / 2, 0.5 + level / 2)
    low, high = count_ends(mean, mean * ratio, places)
    law = gamma((mean + 0.5) ** 2 / (mean * ratio + 1 / 12), scale=(mean * ratio + 1 / 12) / (mean + 0.5))
    assert law.cdf(high + 1) - law.cdf(low) >= level - 1e-9
    assert 0 <= low <= high
    assert np.isfinite(count_score(low, mean=mean, variance=mean * ratio))


def test_reference_an_amount_may_be_nothing():
    assert amount_ends(10.0, 30.0, 0.3, (0.1, 0.9))[0] == 0.0
    low, high = amount_ends(10.0, 30.0, 0.0, (0.1, 0.9))
    law = gamma(100 / 30, scale=3)
    assert (low, high) == pytest.approx((law.ppf(0.1), law.ppf(0.9)))
    assert amount_score(0.0, mean=10.0, variance=30.0, nothing=0.3) == pytest.approx(-1.0364, abs=1e-3)
    assert amount_score(law.ppf(0.5), mean=10.0, variance=30.0, nothing=0.0) == pytest.approx(0, abs=1e-9)


def test_property_what_comes_later_changes_no_earlier_forecast():
    log = _book(7, leave=0.03, comes_late=0.5)
    full = _plan(log)
    day = int(full.origins[20])
    known = log.day < day
    moved = order_log(
        np.concatenate([log.client[known], log.client[~known][::-1]]),
        np.concatenate([log.day[known], log.day[~known]]),
        np.concatenate([log.volume[known], 7 * log.volume[~known]]),
    )
    again = _plan(moved)
    for one, other in ((full.orders, again.orders), (full.volume, again.volume)):
        np.testing.assert_array_equal(one.value[:21], other.value[:21])
        np.testing.assert_array_equal(one.low[:21], other.low[:21])
    assert not np.array_equal(full.volume.seen, again.volume.seen)


def test_reference_seen_is_what_the_log_holds():
    log = _book(5)
    found = _plan(log, ahead=3)
    begin, end = found.ahead.begins[10], found.ahead.ends[10]
    inside = (log.day >= begin) & (log.day < end)
    assert found.orders.seen[10] == inside.sum()
    assert found.volume.seen[10] == pytest.approx(log.volume[inside].sum())
    assert np.isnan(found.orders.seen[-3:]).all()
    assert np.isfinite(found.orders.seen[:-3]).all()
    assert found.clients[-1].orders.sum() == pytest.approx(found.orders.regular[-1] + found.orders.newer[-1])


def test_property_another_unit_of_volume_changes_nothing_but_the_unit():
    log = _book(6)
    one, other = _plan(log), _plan(order_log(log.client, log.day, 1000 * log.volume))
    np.testing.assert_allclose(other.volume.value, 1000 * one.volume.value, rtol=1e-6)
    np.testing.assert_allclose(other.volume.high, 1000 * one.volume.high, rtol=1e-6)
    np.testing.assert_array_equal(other.orders.high, one.orders.high)


def test_recovery_intervals_hold_four_of_five_and_the_mean_is_right():
    """Eight books, the last 24 months each; whole numbers hold a little more; correlated within a book."""
    held, said, seen = [], 0.0, 0.0
    for seed in range(8):
        found = _plan(_book(seed, leave=0.02, comes_late=0.6, season=1 + 0.3 * np.cos(np.arange(12) * np.pi / 6)))
        for made in (found.orders, found.volume):
            rows = np.flatnonzero(np.isfinite(made.seen) & np.isfinite(made.low))[-24:]
            held += ((made.low <= made.seen) & (made.seen <= made.high))[rows].tolist()
        said, seen = said + found.orders.value[rows].sum(), seen + found.orders.seen[rows].sum()
    low, high = binom.ppf([0.0005, 0.9995], len(held) // 2, 0.82) / (len(held) // 2)
    assert low <= np.mean(held) <= high
    assert said == pytest.approx(seen, rel=0.04)


def test_direction_known_clients_alone_are_fewer_orders():
    log = _book(9, comes_late=0.9)
    everyone, known = _plan(log), _plan(log, newcomers=False)
    assert (known.orders.unknown[4:] == 0).all()
    assert everyone.orders.unknown[-1] > 0
    assert (known.orders.seen[:-1] <= everyone.orders.seen[:-1]).all()
    assert known.orders.seen[:-1].sum() < everyone.orders.seen[:-1].sum()


def test_direction_a_lower_level_is_a_shorter_interval():
    log = _book(2)
    wide, narrow = _plan(log, level=0.95), _plan(log, level=0.5)
    assert (wide.volume.high - wide.volume.low)[-1] > (narrow.volume.high - narrow.volume.low)[-1]
    assert wide.volume.value[-1] == narrow.volume.value[-1]


@pytest.mark.parametrize("clients", [1, 3])
def test_a_handful_of_clients_is_no_error(clients):
    found = _plan(_book(1, clients=clients), months=12)
    assert np.isfinite(found.orders.low[-1])
    assert found.orders.low[-1] <= found.orders.value[-1] <= found.orders.high[-1]


def test_what_cannot_be_planned_is_refused():
    log, origins = _book(), np.array([START + 100, START + 130])
    good = Ahead(origins, origins + 30)
    seasons = [no_season()] * 2
    for bad in (
        {"origins": origins[::-1], "periods": [good], "seasons": seasons},
        {"origins": origins, "periods": [], "seasons": seasons},
        {"origins": origins, "periods": [good], "seasons": seasons[:1]},
        {"origins": origins, "periods": [Ahead(origins - 1, origins + 30)], "seasons": seasons},
        {"origins": origins, "periods": [Ahead(origins, origins)], "seasons": seasons},
        {"origins": origins, "periods": [good], "seasons": seasons, "level": 1.0},
    ):
        with pytest.raises(ValueError, match="expected"):
            plan(log, **bad)
