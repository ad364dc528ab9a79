"""What is counted, against R's survival and scikit-survival on lives with late entry, ties and clients in common.

By tests/reference/survival_by_r.R and forecasts_by_scikit_survival.py, on what lives_made_up.py draws.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from churnlab.lifetime import (
    concordance,
    cumulative_incidence,
    hazard_table,
    integrated_brier,
    kaplan_meier,
    log_rank,
    median_lifetime,
    nelson_aalen,
    restricted_mean,
    survival_at,
    time_dependent_auc,
)

FOLDER = Path(__file__).parents[1] / "reference"
NORMAL = 1.959963984540054


def read(name):
    """Values by quantity and month."""
    rows = np.genfromtxt(FOLDER / name, delimiter=",", skip_header=1, dtype=None, encoding="utf-8")
    found = {}
    for quantity, month, value in rows:
        found.setdefault(str(quantity), {})[int(month)] = float(value)
    return found


R, SK = read("survival_by_r.csv"), read("forecasts_by_scikit_survival.csv")
CLIENT, GROUP, STRATUM, ENTRY, EXIT, EVENT, REASON = np.loadtxt(
    FOLDER / "lives_made_up.csv", delimiter=",", skiprows=1, dtype=int
).T
TIME, LEFT, GUESS = np.loadtxt(FOLDER / "forecasts_made_up.csv", delimiter=",", skiprows=1).T
TABLE = hazard_table(ENTRY, EXIT, EVENT)
SHARED = hazard_table(ENTRY, EXIT, EVENT, client=CLIENT)


def of(quantity, source=R):
    months = sorted(source[quantity])
    return np.array(months), np.array([source[quantity][month] for month in months])


def same(found, expected):
    assert np.asarray(found) == pytest.approx(np.asarray(expected), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("name", "table", "start"), [("plain", TABLE, 0), ("from_12", TABLE, 12)])
def test_reference_survival_and_loglog_intervals(name, table, start):
    months, survival = of(f"{name}_survival")
    curve = kaplan_meier(table, start=start, minimum_at_risk=1)
    at = months - start - 1
    left = survival < 1  # before anybody has left R gives no interval
    same(curve.survival[at], survival)
    same(curve.low[at][left], of(f"{name}_low")[1][left])
    same(curve.high[at][left], of(f"{name}_high")[1][left])


def test_reference_survival_over_clients():
    months, survival = of("over_clients_survival")
    curve = kaplan_meier(SHARED, minimum_at_risk=1)
    same(curve.survival[months - 1], survival)
    same(curve.low[months - 1], of("over_clients_low")[1])
    same(curve.high[months - 1], of("over_clients_high")[1])


def test_reference_lives_at_risk_and_summed_hazards():
    months, at_risk = of("at_risk")
    found = nelson_aalen(TABLE, minimum_at_risk=1)
    assert TABLE.at_risk[months - 1].tolist() == at_risk.tolist()
    months, summed = of("summed_hazard")
    same(found.hazard[months - 1], summed)
    error = np.log(found.high / found.hazard) * found.hazard / NORMAL
    same(error[months - 1], of("summed_hazard_error")[1])


def test_reference_median():
    found = median_lifetime(kaplan_meier(TABLE, minimum_at_risk=1))
    assert (found.value, found.low, found.high) == tuple(R[f"median{end}"][0] for end in ("", "_low", "_high"))


@pytest.mark.parametrize("horizon", [12, 36])
def test_reference_restricted_mean_and_its_error(horizon):
    for table, quantity in ((TABLE, "mean_error"), (SHARED, "over_clients_mean_error")):
        found = restricted_mean(table, horizon=horizon, minimum_at_risk=1)
        same(found.value, R["mean"][horizon])
        share = found.value / horizon
        arm = logit(found.high / horizon) - logit(share)
        same(arm * share * (1 - share) * horizon / NORMAL, R[quantity][horizon])


def test_reference_leaving_by_reason():
    found = cumulative_incidence(ENTRY, EXIT, REASON, reasons=3, minimum_at_risk=1)
    for reason in (1, 2, 3):
        months, share = of(f"left_for_{reason}")
        mine = found.share[reason - 1, months - 1]
        same(mine, share)
        kept = share > 0
        arm = np.log(np.log1p(-found.high[reason - 1, months - 1]) / np.log1p(-mine))
        error = arm * (1 - mine) * -np.log1p(-mine) / NORMAL
        same(error[kept], of(f"left_for_{reason}_error")[1][kept])


def test_reduction_one_reason_is_the_survival_curve_over_clients_too():
    curve = kaplan_meier(SHARED, minimum_at_risk=1)
    found = cumulative_incidence(ENTRY, EXIT, EVENT, reasons=1, client=CLIENT, minimum_at_risk=1)
    same(1 - found.share[0], curve.survival)
    kept = (curve.survival > 0) & (curve.survival < 1)
    arm = np.log(np.log1p(-found.high[0][kept]) / np.log1p(-found.share[0][kept]))
    same(arm, np.log(np.log(curve.low[kept]) / np.log(curve.survival[kept])))


def test_reference_log_rank():
    watched = np.zeros_like(ENTRY), EXIT - ENTRY, EVENT, GROUP
    plain = log_rank(*watched)
    same(plain.statistic, R["log_rank"][0])
    same(plain.expected, of("log_rank_expected")[1])
    same(log_rank(*watched, stratum=STRATUM).statistic, R["log_rank_strata"][0])


def test_reference_log_rank_with_late_entry_strata_and_clients():
    lives = ENTRY, EXIT, EVENT, GROUP
    same(log_rank(*lives).statistic, R["log_rank_late"][0])
    same(log_rank(*lives, stratum=STRATUM).statistic, R["log_rank_late_strata"][0])
    same(log_rank(*lives, client=CLIENT).statistic, R["log_rank_over_clients"][0])


def test_reference_brier_scores():
    months, score = of("brier", SK)
    found = integrated_brier(TIME, LEFT, np.exp(-0.04 * np.outer(GUESS, months)), months=months)
    same(found.score, score)
    same(found.integrated.value, SK["integrated"][0])
    same(found.integrated_baseline.value, SK["integrated_baseline"][0])
    same(found.skill.value, 1 - SK["integrated"][0] / SK["integrated_baseline"][0])


def test_reference_time_dependent_auc_and_concordance():
    months, areas = of("auc", SK)
    same([found.value for found in time_dependent_auc(TIME, LEFT, GUESS, months=months)], areas)
    for horizon, value in SK["concordance"].items():
        same(concordance(TIME, LEFT, GUESS, horizon=horizon).value, value)


def test_reduction_at_given_months_the_curve_is_read():
    curve = kaplan_meier(TABLE)
    found = survival_at(curve, [0, 12, 500])
    assert (found[0].value, found[1].value, found[1].low) == (1.0, curve.survival[11], curve.low[11])
    assert np.isnan([found[2].value, found[2].low, found[2].high]).all()
