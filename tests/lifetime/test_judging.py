"""How forecasts are judged: closed forms, brute force over pairs and months, and what must not matter."""

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.metrics import roc_auc_score

from churnlab.lifetime import (
    a_calibration,
    concordance,
    d_calibration,
    hazard_table,
    integrated_brier,
    kaplan_meier,
    time_dependent_auc,
)

MONTHS = np.arange(1, 13)


def outcomes(n=120, *, seed=2, watched=True):
    """Hazards, months followed and departures; all watched to the end if asked."""
    rng = np.random.default_rng(seed)
    hazard = 0.02 + 0.08 * rng.random(n)
    left = rng.geometric(hazard)
    end = np.full(n, 12) if watched else rng.integers(4, 16, n)
    return hazard, np.minimum(left, end), left <= end


def forecast(hazard, months=MONTHS):
    return (1 - hazard[:, None]) ** months


def test_reduction_a_forecast_that_knows_has_no_error():
    _, time, event = outcomes()
    knows = (np.where(event, time, 99)[:, None] > MONTHS).astype(float)
    found = integrated_brier(time, event, knows, months=MONTHS)
    assert found.score == pytest.approx(np.zeros(12))
    assert found.skill.value == 1


@pytest.mark.parametrize("watched", [True, False])
def test_reduction_one_curve_for_all_has_no_skill(watched):
    _, time, event = outcomes(watched=watched)
    curve = kaplan_meier(hazard_table(np.zeros(len(time)), time, event), minimum_at_risk=1)
    alike = np.tile(curve.survival[:12], (len(time), 1))
    found = integrated_brier(time, event, alike, months=MONTHS)
    assert found.skill.value == pytest.approx(0)
    assert found.score == pytest.approx(found.baseline)
    if watched:
        assert found.score == pytest.approx(curve.survival * (1 - curve.survival))


def test_reduction_without_censoring_scores_are_plain():
    hazard, time, event = outcomes()
    left = (event & (time <= 6)).astype(float)
    found = integrated_brier(time, event, forecast(hazard, np.array([6])), months=[6])
    assert found.integrated.value == pytest.approx(np.mean((1 - left - (1 - hazard) ** 6) ** 2))
    area = time_dependent_auc(time, event, hazard, months=[6])[0]
    assert area.value == pytest.approx(roc_auc_score(left, hazard))


@pytest.mark.parametrize("watched", [True, False])
def test_property_concordance_counts_pairs(watched):
    hazard, time, event = outcomes(40, watched=watched)
    risk = np.round(hazard, 2)
    kept = {}
    for month in range(1, 17):  # chance of being watched in a month
        staying = [((time >= m) & ~(event & (time == m))).sum() for m in range(1, month)]
        ended = [((time == m) & ~event).sum() for m in range(1, month)]
        kept[month] = np.prod([1 - gone / max(rest, 1) for gone, rest in zip(ended, staying, strict=True)])
    won = pairs = 0.0
    for i in np.flatnonzero(event & (time <= 10)):
        for j in range(len(time)):
            if time[j] > time[i] or (time[j] == time[i] and not event[j]):
                weight = kept[time[i]] ** -2.0
                pairs += weight
                won += weight * ((risk[j] < risk[i]) + 0.5 * (risk[j] == risk[i]))
    assert concordance(time, event, risk, horizon=10).value == pytest.approx(won / pairs)


def test_direction_ranking_turned_round_is_one_less_and_order_alone_counts():
    hazard, time, event = outcomes(watched=False)
    for judge in (
        lambda risk: concordance(time, event, risk, horizon=10),
        lambda risk: time_dependent_auc(time, event, risk, months=[10])[0],
    ):
        found, back, moved = judge(hazard), judge(-hazard), judge(np.exp(30 * hazard))
        assert (back.value, back.low, back.high) == pytest.approx((1 - found.value, 1 - found.high, 1 - found.low))
        assert moved == found
        assert judge(np.ones(len(time))).value == pytest.approx(0.5)


def test_reduction_a_client_that_is_forecast_twice_is_one_client():
    hazard, time, event = outcomes(watched=False)
    client = np.arange(len(time))
    twice = {"client": np.tile(client, 2)}
    lives = np.tile(time, 2), np.tile(event, 2)
    for judge in (
        lambda t, e, h, **who: concordance(t, e, h, horizon=10, **who),
        lambda t, e, h, **who: time_dependent_auc(t, e, h, months=[10], **who)[0],
        lambda t, e, h, **who: integrated_brier(t, e, forecast(h), months=MONTHS, **who).skill,
        lambda t, e, h, **who: a_calibration(t, e, forecast(h), **who).level,
    ):
        once, both = judge(time, event, hazard, client=client), judge(*lives, np.tile(hazard, 2), **twice)
        assert (both.value, both.low, both.high) == pytest.approx((once.value, once.low, once.high))


def test_property_calibration_adds_up_person_months():
    hazard, time, event = outcomes(300, watched=False)
    kept = np.minimum(time, 12)
    found = a_calibration(time, event, forecast(hazard), groups=4)
    assert found.observed.sum() == (event & (time <= 12)).sum()
    assert found.expected.sum() == pytest.approx((kept * hazard).sum())
    variance = np.zeros(len(found.expected))
    expected = np.zeros(len(found.expected))
    for who, last in enumerate(kept):
        for month in range(1, last + 1):
            place = np.searchsorted(found.edge, 1 - (1 - hazard[who]) ** (month - 1) + 1e-9, side="right") - 1
            expected[place] += hazard[who]
            variance[place] += hazard[who] * (1 - hazard[who])
    assert found.expected == pytest.approx(expected)
    statistic = ((found.observed - expected) ** 2 / variance).sum()
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(chi2.sf(statistic, len(variance)))


def test_reduction_late_entry_drops_the_months_before_it():
    hazard, time, event = outcomes(watched=False)
    late = np.where(np.arange(len(time)) % 2, 0, 2)
    seen = time > late
    found = a_calibration(time[seen], event[seen], forecast(hazard)[seen], entry=late[seen])
    months = (np.minimum(time, 12) - late)[seen]
    assert found.expected.sum() == pytest.approx((months * hazard[seen]).sum())
    counts, _ = d_calibration(time[seen], event[seen], forecast(hazard)[seen], entry=late[seen])
    assert counts.sum() == pytest.approx(seen.sum())


def test_direction_wrong_forecasts_are_called_wrong_by_both_tests():
    hazard, time, event = outcomes(600, watched=False)
    right, wrong = forecast(hazard), forecast(hazard / 2)
    assert a_calibration(time, event, wrong).p_value < 1e-6 < a_calibration(time, event, right).p_value
    assert d_calibration(time, event, wrong)[1] < 0.01 < d_calibration(time, event, right)[1]
    assert a_calibration(time, event, wrong).level.low > 1


def test_recovery_d_calibration_is_on_the_safe_side():
    called = 0
    for seed in range(200):
        hazard, time, event = outcomes(150, seed=100 + seed, watched=False)
        called += d_calibration(time, event, forecast(hazard))[1] < 0.05
    assert called <= 10  # 5 % of 200; under censoring far fewer


def test_too_few_to_judge_gives_no_figure():
    assert np.isnan(concordance([1, 2, 3], [True, False, False], [3, 2, 1], horizon=3).value)
    assert np.isnan(time_dependent_auc([1, 2, 3], [True, False, False], [3, 2, 1], months=[2])[0].value)
    few = a_calibration([3, 4], [True, False], np.full((2, 4), 0.9))
    assert np.isnan(few.p_value)
    assert few.degrees == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: integrated_brier([3, 4], [True, False], [[0.5], [0.5]], months=[5]), "the longest was 4"),
        (lambda: integrated_brier([3, 4], [True, False], [[0.5]], months=[3]), r"shape \(2, 1\)"),
        (lambda: time_dependent_auc([3, 4], [True, False], [1, np.nan], months=[3]), "got nan in row 1"),
        (lambda: concordance([3, 4], [True, False], [1, 2], horizon=0), "rise from 1 up"),
        (lambda: a_calibration([1, 2], [True, False], [[0.5, 0.6], [0.5, 0.4]]), "never rise"),
        (lambda: a_calibration([9, 9], [True, False], [[0.5], [0.5]], entry=[4, 5]), "got none"),
    ],
)
def test_what_cannot_be_judged_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
