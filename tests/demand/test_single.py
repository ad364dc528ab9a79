"""Single clients: intervals, surprises, when the next order is due."""

import numpy as np
import pytest
from scipy.stats import binom

from churnlab.demand import (
    LEAST_PERIODS,
    ClientsAhead,
    due,
    order_log,
    paces,
    single_intervals,
    single_record,
    surprises,
)
from churnlab.demand.log import no_season

START = 17_167


def _clients(mean, seen=None, *, there=1.0, seed=0):
    """Poisson clients of 10 an order, and what came of each."""
    mean = np.asarray(mean, dtype=float)
    came = np.random.default_rng(seed).poisson(mean) if seen is None else np.asarray(seen, dtype=float)
    here = np.full(len(mean), there)
    return ClientsAhead(
        client=np.arange(len(mean)),
        orders=mean,
        volume=10 * mean,
        there=here,
        order_variance=mean / here,
        variance=100 * mean,
        seen_orders=came.astype(float),
        seen_volume=10.0 * came,
    )


MEANS = np.concatenate([np.full(60, 0.2), np.full(60, 0.8), np.full(60, 1.5), np.full(60, 6.0)])


def _past(periods=12):
    return [_clients(MEANS, seed=seed) for seed in range(periods)]


def test_recovery_intervals_hold_at_least_four_of_five():
    record = single_record(_past(20))
    assert record.client.shape == record.period.shape == (14 * 240,)
    assert record.active.sum() == 14 * 180
    held = int(record.orders_held[record.active].sum())
    assert held >= binom.ppf(0.0005, 14 * 180, 0.8)
    assert record.volume_held.mean() >= 0.78
    often = record.active & (record.client >= 180)
    assert 0.78 <= record.orders_held[often].mean() <= 0.92


def test_reference_an_interval_of_orders_is_the_shortest_run():
    ends = single_intervals(_past(), _clients([0.01, 0.05, 6.0]), level=0.8)
    assert (ends.orders_low[0], ends.orders_high[0]) == (0.0, 0.0)
    assert (ends.orders_low[1], ends.orders_high[1]) == (0.0, 0.0)
    assert (ends.orders_low[2], ends.orders_high[2]) == (3.0, 8.0)  # 80.1 % of the gamma law
    wide = single_intervals(_past(), _clients([6.0]), level=0.95)
    assert wide.orders_high[0] - wide.orders_low[0] > 6


def test_property_an_interval_holds_what_is_expected():
    coming = _clients(np.geomspace(0.01, 40, 100), there=0.7)
    ends = single_intervals(_past(), coming)
    assert (ends.orders_low <= coming.orders).all()
    assert (coming.orders - 0.25 <= ends.orders_high).all()
    assert (ends.volume_low <= coming.volume).all()
    assert (coming.volume <= ends.volume_high).all()


def test_direction_no_order_surprises_the_more_the_more_were_expected():
    ended = _clients([0.2, 0.8, 1.5, 6.0], seen=[0, 0, 0, 0])
    tails = surprises(_past(40), ended)
    assert (np.diff(tails) < 0).all()
    assert tails[0] > 0.5
    assert tails[3] < 0.02
    many = surprises(_past(40), _clients([0.2, 0.8, 1.5, 6.0], seen=[4, 5, 8, 16]))
    assert (many < 0.01).all()


def test_recovery_one_in_twenty_is_marked_on_either_side():
    past = _past(40)
    tails = np.concatenate([surprises(past, _clients(MEANS, seed=100 + seed)) for seed in range(20)])
    assert (tails <= 0.05).mean() <= binom.ppf(0.9995, len(tails), 0.1) / len(tails)


def test_reference_rank_of_a_surprise_by_hand():
    past = [_clients([6.0], seen=[number]) for number in (6, 5, 4, 3, 2, 6, 7, 8, 9)]
    assert surprises(past, _clients([6.0], seen=[3])) == pytest.approx([3 / 10])  # 3, 2 and itself, of nine and itself
    assert surprises(past, _clients([6.0], seen=[1])) == pytest.approx([1 / 10])


def test_few_past_periods_are_too_few():
    past = _past(LEAST_PERIODS - 1)
    assert single_record(past) is None
    assert single_record(_past(LEAST_PERIODS)) is None
    for ask in (lambda: single_intervals(past, past[0]), lambda: surprises(past, past[0])):
        with pytest.raises(ValueError, match="past periods"):
            ask()


def _due(days, *, clients=1, cut_off):
    log = order_log(np.repeat(np.arange(clients), len(days)), np.tile(days, clients))
    state = paces(log, cut_off=cut_off, until=cut_off + 400, season=no_season())
    return due(log, state, cut_off=cut_off)


def test_reference_a_client_of_every_thirty_days_is_due_thirty_days_on():
    days = START + 30 * np.arange(40)
    found = _due(days, cut_off=int(days[-1]) + 11)
    assert found.middle == pytest.approx([20], abs=4)
    assert (found.early <= found.middle).all()
    assert (found.middle <= found.late).all()


def test_direction_the_longer_silent_wait_and_the_long_silent_may_have_left():
    days = START + 30 * np.arange(40)
    assert np.isnan(_due(days, cut_off=int(days[-1]) + 900).middle[0])
    once = _due(days[:1], cut_off=START + 30)
    assert np.isnan(once.middle[0])


def test_recovery_half_have_ordered_by_the_middle_day():
    rng = np.random.default_rng(4)
    clients, cut_off = 400, START + 1000
    gaps = rng.gamma(3, 25 / 3, (clients, 80))
    when = START + np.cumsum(gaps, axis=1).astype(int)
    log = order_log(np.repeat(np.arange(clients), 80), when.ravel())
    state = paces(log, cut_off=cut_off, until=cut_off + 400, season=no_season())
    found = due(log, state, cut_off=cut_off)
    following = np.array([row[row >= cut_off].min() for row in when]) - cut_off
    for share, day in ((0.1, found.early), (0.5, found.middle), (0.9, found.late)):
        below = binom.ppf([0.0005, 0.9995], clients, share) / clients
        assert below[0] - 0.06 <= (following <= day).mean() <= below[1] + 0.06
