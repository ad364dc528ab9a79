"""Who answered of those asked, and what silence goes with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import sem, t

from churnlab.surveys import compare, fatigue, silence_and_leaving, weighted_mean


def invitations(clients: int = 120, each: int = 3, *, seed: int = 5):
    """Scores (NaN for silence), clients and two margins; the kinder line answers more."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), each)
    line, size = rng.integers(0, 3, clients)[client], rng.integers(0, 2, clients)[client]
    scores = 6 + line - 0.5 * size + rng.normal(0, 0.8, clients)[client] + rng.normal(size=client.size)
    answered = rng.random(client.size) < 0.25 + 0.25 * line
    return np.where(answered, scores, np.nan), client, np.column_stack([line, size])


def test_reduction_without_groups_it_is_the_mean_with_students_interval():
    scores = np.random.default_rng(2).normal(7, 1, 40)
    found = weighted_mean(scores, range(40))
    spread = t.ppf(0.975, 39) * sem(scores)
    assert (found.plain.low, found.plain.high) == pytest.approx((scores.mean() - spread, scores.mean() + spread))
    assert found.weighted.value == pytest.approx(found.plain.value)
    assert found.weighted.error == pytest.approx(found.plain.error)
    assert found.effective == pytest.approx(40)


def test_reference_post_stratification_by_hand():
    """Eight of eight and five of eight answer: 0.5 x the mean of the one and 0.5 x that of the other."""
    scores = np.r_[[9.0, 9, 9, 8, 8, 8, 9, 8], [6.0, 5, 6, 5, 6], [np.nan] * 3]
    found = weighted_mean(scores, range(16), groups=np.repeat([1, 0], 8))
    assert found.weighted.value == pytest.approx((8.5 + 5.6) / 2)
    assert found.weights.sum() == pytest.approx(16)
    assert found.effective == pytest.approx(16**2 / (8 + 5 * 1.6**2))


def test_reference_raked_weights_meet_both_margins_and_keep_the_odds():
    """Deming and Stephan: each weight is a product of a factor for its row and one for its column."""
    scores, client, groups = invitations()
    found = weighted_mean(scores, client, groups=groups)
    for column in groups.T:
        met = np.bincount(column, weights=found.weights)
        assert met == pytest.approx(np.bincount(column), rel=1e-6)
    here = ~np.isnan(scores)
    one = [[found.weights[here & (groups == [line, size]).all(axis=1)][0] for size in (0, 1)] for line in range(3)]
    assert np.divide(*np.transpose(one)) == pytest.approx(np.full(3, one[0][0] / one[0][1]), rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-5, 5), st.floats(0.2, 5))
def test_property_shift_and_scale_of_scores_pass_through(seed, shift, scale):
    scores, client, groups = invitations(60, seed=seed)
    found = weighted_mean(scores, client, groups=groups)
    again = weighted_mean(shift + scale * scores, client, groups=groups)
    assert again.weighted.value == pytest.approx(shift + scale * found.weighted.value)
    assert again.weighted.error == pytest.approx(scale * found.weighted.error, rel=1e-6)
    assert found.effective <= found.answered + 1e-9


def test_property_one_margin_of_cells_is_what_two_margins_meet_too():
    scores, client, groups = invitations()
    cells = weighted_mean(scores, client, groups=groups[:, 0] * 2 + groups[:, 1])
    raked = weighted_mean(scores, client, groups=groups)
    assert cells.weighted.value == pytest.approx(raked.weighted.value, abs=0.1)


def test_property_a_group_without_answers_joins_its_neighbour_with_a_note():
    scores, client, groups = invitations()
    scores[groups[:, 0] == 2] = np.nan
    found = weighted_mean(scores, client, groups=groups)
    assert [(each.margin, each.codes) for each in found.merged] == [(0, (1, 2))]
    assert found.weighted.known
    joined = groups.copy()
    joined[joined[:, 0] == 2, 0] = 1
    assert found.weighted.value == pytest.approx(weighted_mean(scores, client, groups=joined).weighted.value)


def test_direction_the_group_that_answers_more_counts_less():
    found = weighted_mean(*invitations()[:2], groups=invitations()[2])
    assert found.weighted.value < found.plain.value
    assert found.moved.high < 0
    assert found.largest > 1


def test_direction_repeated_answers_are_no_new_clients():
    scores, client, groups = invitations()
    once = weighted_mean(scores, client, groups=groups).weighted
    thrice = weighted_mean(np.tile(scores, 3), np.tile(client, 3), groups=np.tile(groups, (3, 1))).weighted
    assert (thrice.value, thrice.error) == pytest.approx((once.value, once.error))


def test_recovery_of_the_mean_of_all_who_were_asked():
    """Over forty books the weighted mean is within four standard errors of 6.75, the plain one is not."""
    found = []
    for seed in range(40):
        scores, client, groups = invitations(seed=seed)
        each = weighted_mean(scores, client, groups=groups)
        found.append([each.weighted.value, each.plain.value])
    away = np.abs(np.mean(found, axis=0) - 6.75) / (np.std(found, axis=0) / np.sqrt(40))
    assert away[0] < 4 < away[1]


def test_margins_that_no_weights_can_meet_give_no_mean():
    """Small clients answer in the one line only and large ones in the other, but lines are halves and sizes not."""
    line, size = np.repeat([0, 0, 1, 1], [40, 10, 20, 30]), np.repeat([0, 1, 0, 1], [40, 10, 20, 30])
    scores = np.where(line == size, np.random.default_rng(1).normal(7, 1, 100), np.nan)
    found = weighted_mean(scores, range(100), groups=np.column_stack([line, size]))
    assert found.plain.known
    assert not found.weighted.known


def test_weighted_mean_refuses_and_is_silent():
    with pytest.raises(ValueError, match="one length"):
        weighted_mean([1.0], ["a", "b"])
    with pytest.raises(ValueError, match="whole codes"):
        weighted_mean([1.0], ["a"], groups=[0.5])
    few = weighted_mean([7.0] * 9, range(9))
    assert (few.clients, few.weighted.known) == (9, False)
    flat = weighted_mean([7.0] * 12, range(12))
    assert flat.plain.value == 7
    assert np.isnan(flat.plain.low)


def followed(*, more: float = 0.0, seed: int = 5):
    """Four waves of 100 clients: left, answered, client, wave; those silent leave `more` more often."""
    rng = np.random.default_rng(seed)
    client, wave = np.tile(np.arange(100), 4), np.repeat(np.arange(4), 100)
    answered = rng.random(400) < 0.3 + 0.4 * (client % 2)
    return rng.random(400) < 0.1 + more * ~answered, answered, client, wave


def test_reduction_silence_is_the_comparison_of_shares():
    left, answered, client, wave = followed()
    found = silence_and_leaving(left, answered, client, stratum=wave)
    same = compare(left.astype(float), ~answered, client, stratum=wave)
    assert (found.value, found.low, found.high) == (same.value, same.low, same.high)
    assert found.left_if_silent == pytest.approx(left[~answered].mean())
    assert found.left_if_answered == pytest.approx(left[answered].mean())


def test_property_a_wave_that_all_answered_adds_nothing():
    left, answered, client, wave = followed()
    answered[wave == 2] = True
    apart = wave != 2
    found = silence_and_leaving(left, answered, client, stratum=wave)
    alone = silence_and_leaving(left[apart], answered[apart], client[apart], stratum=wave[apart])
    assert found == alone


def test_direction_the_verdict_has_the_sign():
    assert silence_and_leaving(*followed(more=0.4)[:3]).verdict == "more"
    left, answered, client, _ = followed(more=0.4)
    assert silence_and_leaving(left, ~answered, client).verdict == "less"


def test_recovery_of_the_difference_over_many_books():
    found = [silence_and_leaving(*followed(more=0.1, seed=seed)[:3]).value for seed in range(40)]
    assert abs(np.mean(found) - 0.1) < 4 * np.std(found) / np.sqrt(40)


def test_few_leavers_give_no_difference():
    left, answered, client, _ = followed()
    found = silence_and_leaving(left & (client < 12), answered, client)
    assert found.leavers < 10
    assert np.isnan(found.value)
    assert found.verdict == "cannot tell"
    assert silence_and_leaving([], [], []).verdict == "cannot tell"
    with pytest.raises(ValueError, match="one length"):
        silence_and_leaving(left, answered, client[1:])


def asked(*, tires: float = 0.0, seed: int = 5):
    """Answered, asked in the last twelve months, client and quarter of clients asked at their own rate."""
    rng = np.random.default_rng(seed)
    rate = rng.uniform(0.15, 0.5, 80)
    calls = rng.random((36, 80)) < rate
    before = np.cumsum(calls, axis=0) - calls
    year = before - np.vstack([np.zeros((12, 80)), before[:-12]])
    answers = rng.random((36, 80)) < rate - 0.1 + 0.55 - tires * year
    month, client = np.nonzero(calls)
    return answers[calls], year[calls], client, month // 3


def test_reduction_two_invitations_each_are_the_mean_change():
    """The second invitation less the first, of every client."""
    rng = np.random.default_rng(3)
    client, before = np.repeat(np.arange(40), 2), np.tile([0, 1], 40)
    answered = rng.random(80) < 0.6
    change = np.diff(answered.reshape(40, 2).astype(float), axis=1)[:, 0]
    found = fatigue(answered, before, client).slope
    assert found.value == pytest.approx(change.mean())
    assert found.error == pytest.approx(sem(change))


def test_property_a_level_for_clients_or_periods_changes_nothing():
    answered, before, client, quarter = asked()
    found = fatigue(answered, before, client, stratum=quarter).slope
    again = fatigue(answered, before + 3.0 * client + quarter, client, stratum=quarter).slope
    assert (again.value, again.low) == pytest.approx((found.value, found.low), rel=1e-5)


def test_direction_who_is_asked_more_is_not_fatigue():
    """Clients asked often answer more here; within clients nothing is seen, and fatigue is where it is."""
    answered, before, client, quarter = asked()
    assert np.corrcoef(before, answered)[0, 1] > 0.05
    assert fatigue(answered, before, client, stratum=quarter).verdict == "cannot tell"
    assert fatigue(*asked(tires=0.08)[:3]).verdict == "tires"
    assert fatigue(~asked(tires=0.08)[0], *asked(tires=0.08)[1:3]).verdict == "grows"


def test_recovery_of_the_slope_over_many_books():
    found = []
    for seed in range(40):
        answered, before, client, quarter = asked(tires=0.02, seed=seed)
        found.append(fatigue(answered, before, client, stratum=quarter).slope.value)
    assert abs(np.mean(found) + 0.02) < 4 * np.std(found) / np.sqrt(40)


def test_all_asked_at_once_show_no_fatigue():
    client, before = np.tile(np.arange(30), 6), np.repeat(np.arange(6), 30)
    answered = np.random.default_rng(1).random(180) < 0.5
    assert fatigue(answered, before, client, stratum=before).verdict == "cannot tell"
    assert fatigue(answered, before, client, stratum=before).clients == 0
    assert fatigue([], [], []).verdict == "cannot tell"
    with pytest.raises(ValueError, match="one length"):
        fatigue(answered, before[1:], client)
