"""What is counted keeps its laws: clients with several lives, reasons, groups, bands of tenure, tails."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from churnlab.lifetime import (
    HazardTable,
    cumulative_incidence,
    hazard_by_tenure,
    hazard_table,
    kaplan_meier,
    log_rank,
    nelson_aalen,
    restricted_mean,
    restricted_mean_difference,
    weibull_tail,
)

LIVES = st.lists(
    st.tuples(st.integers(0, 15), st.integers(1, 20), st.integers(0, 2), st.sampled_from("abc"), st.integers(0, 8)),
    min_size=2,
    max_size=40,
)


def columns(lives):
    entry, stay, reason, group, client = (np.array(part) for part in zip(*lives, strict=True))
    return entry, entry + stay, reason, group, client


def drawn(n=200, *, hazard=0.03, seed=3):
    """Lives with late entry, watched for up to five years."""
    rng = np.random.default_rng(seed)
    left, entry = rng.geometric(hazard, n), np.where(rng.random(n) < 0.4, rng.integers(1, 20, n), 0)
    seen = left > entry
    end = entry + rng.integers(12, 60, n)
    return entry[seen], np.minimum(left, end)[seen], (left <= end)[seen]


def test_reduction_lives_of_one_client_each_need_no_clients():
    entry, leave, event = drawn()
    assert hazard_table(entry, leave, event, client=np.arange(len(entry))).spans is None


@pytest.mark.parametrize("copies", [2, 3])
def test_reduction_a_client_that_stands_there_twice_is_one_client(copies):
    entry, leave, event = drawn()
    client = np.arange(len(entry))
    many = tuple(np.tile(part, copies) for part in (entry, leave, event, client))
    once = hazard_table(entry, leave, event, client=client)
    copied = hazard_table(*many[:3], client=many[3])
    curve, other = kaplan_meier(once), kaplan_meier(copied, minimum_at_risk=10 * copies)
    assert other.survival == pytest.approx(curve.survival)
    # Greenwood's variance and that over clients agree but for chance of late entry
    assert other.low[11:40] == pytest.approx(curve.low[11:40], abs=0.01)
    mean, same = restricted_mean(once, horizon=24), restricted_mean(copied, horizon=24)
    assert (same.low, same.high) == pytest.approx((mean.low, mean.high), abs=0.2)
    blind = restricted_mean(hazard_table(*many[:3]), horizon=24)
    assert blind.high - blind.low < 0.8 * (same.high - same.low)


@settings(max_examples=60)
@given(LIVES)
def test_property_shares_by_reason_and_who_remains_add_up(lives):
    entry, leave, reason, _, client = columns(lives)
    found = cumulative_incidence(entry, leave, reason, reasons=2, client=client, minimum_at_risk=1)
    curve = kaplan_meier(hazard_table(entry, leave, reason > 0), minimum_at_risk=1)
    assert found.start == curve.start
    assert found.share.sum(axis=0) + curve.survival == pytest.approx(np.ones(len(curve.month)))
    assert (found.low <= found.share + 1e-12).all()
    assert (found.share <= found.high + 1e-12).all()


@settings(max_examples=60)
@given(LIVES)
def test_property_the_product_of_the_summed_hazards_steps_is_the_survival_curve(lives):
    entry, leave, reason, _, client = columns(lives)
    table = hazard_table(entry, leave, reason > 0, client=client)
    summed, curve = nelson_aalen(table, minimum_at_risk=1), kaplan_meier(table, minimum_at_risk=1)
    assert np.cumprod(1 - np.diff(summed.hazard, prepend=0.0)) == pytest.approx(curve.survival)
    assert (summed.low <= summed.hazard).all()
    assert (summed.hazard <= summed.high).all()


@settings(max_examples=60)
@given(LIVES)
def test_property_departures_expected_are_as_many_as_seen_and_names_do_not_matter(lives):
    entry, leave, reason, group, client = columns(lives)
    found = log_rank(entry, leave, reason > 0, group)
    assert found.expected.sum() == pytest.approx(found.observed.sum())
    renamed = np.array([{"a": "z", "b": "y", "c": "x"}[name] for name in group])
    assert log_rank(entry, leave, reason > 0, renamed).statistic == pytest.approx(found.statistic, nan_ok=True)
    over = log_rank(entry, leave, reason > 0, group, client=client)
    assert over.expected == pytest.approx(found.expected)


def test_reduction_groups_that_are_copies_do_not_differ():
    entry, leave, event = drawn()
    group = np.repeat(["one", "other"], len(entry))
    found = log_rank(np.tile(entry, 2), np.tile(leave, 2), np.tile(event, 2), group)
    assert found.statistic == pytest.approx(0, abs=1e-20)
    assert found.p_value == pytest.approx(1)


def test_direction_the_further_hazards_lie_apart_the_larger_the_statistic():
    statistics = []
    for hazard in (0.03, 0.06, 0.12):
        parts = drawn(), drawn(hazard=hazard, seed=4)
        lives = [np.concatenate(pair) for pair in zip(*parts, strict=True)]
        statistics.append(log_rank(*lives, np.repeat([0, 1], [len(part[0]) for part in parts])).statistic)
    assert statistics == sorted(statistics)
    assert statistics[-1] > 50


def test_nothing_to_compare_gives_no_verdict():
    assert np.isnan(log_rank([0, 0], [3, 4], [True, True], ["a", "a"]).p_value)
    assert np.isnan(log_rank([0, 0], [3, 4], [False, False], ["a", "b"]).p_value)
    # two groups that never were at risk in one month
    assert np.isnan(log_rank([0, 5], [5, 9], [True, True], ["a", "b"]).p_value)


def test_reduction_the_difference_turns_its_sign_with_its_groups():
    one, other = hazard_table(*drawn()), hazard_table(*drawn(hazard=0.06, seed=5))
    gap = restricted_mean_difference(one, other, horizon=24)
    back = restricted_mean_difference(other, one, horizon=24)
    assert (gap.value, gap.low, gap.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert gap.low > 0
    alone = restricted_mean(one, horizon=24)
    assert gap.high - gap.low > alone.high - alone.low


def test_where_nobody_has_left_the_interval_is_not_a_point():
    table = hazard_table(np.zeros(30), np.full(30, 24), np.zeros(30))
    curve, mean = kaplan_meier(table), restricted_mean(table, horizon=24)
    assert (curve.survival == 1).all()
    assert curve.low[-1] == pytest.approx(30 / (30 + 1.959964**2))  # Wilson's lower end of 30 of 30
    assert mean.value == mean.high == 24
    lost = np.arange(23, -1, -1) / 30  # months that one departure more in each month would cost the mean
    one, square = lost.mean(), (lost**2).mean()
    assert mean.low == pytest.approx(24 - square / one / 2 * chi2.ppf(0.975, 2 * one**2 / square))
    assert nelson_aalen(table).high[-1] == pytest.approx(3.688879 / 30)


def test_reduction_bands_of_tenure_are_departures_over_months_at_risk():
    table = hazard_table(*drawn(400))
    found = hazard_by_tenure(table, [12, 24, 70, 80])
    assert found.months[:2].tolist() == [table.at_risk[:12].sum(), table.at_risk[12:24].sum()]
    assert found.hazard[:2] == pytest.approx(found.events[:2] / found.months[:2])
    assert (found.low < found.hazard)[:2].all()
    assert np.isnan(found.hazard[-1])  # nobody was there so long
    with pytest.raises(ValueError, match="rise from 1 up"):
        hazard_by_tenure(table, [12, 12])


def weibull(shape, months=60, lives=20000):
    """Risk sets refilled by late entries under a Weibull law with a mean hazard near 2 %."""
    month = np.arange(1, months + 1)
    summed = 1.2 * (np.arange(months + 1) / 60) ** shape
    return HazardTable(month, np.full(months, lives), np.round(lives * -np.expm1(-np.diff(summed))).astype(np.int64))


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5])
def test_recovery_the_tail_goes_on_by_the_law(shape):
    table = weibull(shape)
    curve = kaplan_meier(table)
    tail = weibull_tail(table, curve, months=24)
    truth = np.exp(-1.2 * (np.arange(61, 85) / 60) ** shape)
    assert tail.shape == pytest.approx(shape, rel=0.02)
    assert tail.survival == pytest.approx(truth, rel=0.01)
    assert ((tail.low < truth) & (truth < tail.high)).all()
    assert (np.diff(np.log(tail.high / tail.low)) > 0).all()


def test_a_tail_is_no_longer_than_what_was_seen_and_needs_departures():
    table = weibull(1.0, months=24)
    tail = weibull_tail(table, kaplan_meier(table), months=120)
    assert tail.month.tolist() == list(range(25, 49))
    few = HazardTable(np.arange(1, 25), np.full(24, 40), np.eye(1, 24, 3, dtype=np.int64)[0] * 5)
    assert weibull_tail(few, kaplan_meier(few), months=12).month.size == 0
    assert weibull_tail(table, kaplan_meier(table), months=0).month.size == 0
    with pytest.raises(ValueError, match="at least 0"):
        weibull_tail(table, kaplan_meier(table), months=-1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hazard_table([0, 0], [1, 2], [True, True], client=[1]), "a client for each of 2 lives"),
        (lambda: cumulative_incidence([0], [1], [3], reasons=2), "expected reasons 0 to 2, got 3"),
        (lambda: log_rank([0], [1], [True], ["a", "b"]), "a group and a stratum for each of 1 lives"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
