"""A level for every month of tenure: an oracle, the same law on person-months, late entry, clusters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.lifetime import fit_hazard, fit_tenure_hazard, hazard_table

PLACES = np.arange(120)
ENTRY = (7 * PLACES) % 5
EXIT = ENTRY + 1 + (11 * PLACES) % 9
EVENT = PLACES % 3 == 0
COLUMNS = np.column_stack((np.round(np.cos(PLACES), 2), PLACES % 4 == 1)).astype(float)


def person_months(entry, leave, event, bands):
    row = np.repeat(np.arange(len(entry)), leave - entry)
    month = np.concatenate([np.arange(a + 1, b + 1) for a, b in zip(entry, leave, strict=True)])
    return row, np.searchsorted(bands, month, side="left"), event[row] & (month == leave[row])


def lives(seed, clients=400, columns=2):
    rng = np.random.default_rng(seed)
    column = rng.normal(size=(clients, columns))
    entry = np.where(rng.random(clients) < 0.5, rng.integers(0, 40, clients), 0)
    left_in = entry + np.ceil(rng.exponential(1 / np.exp(-3.6 + 0.5 * column[:, 0]))).astype(int)
    watched = entry + rng.integers(1, 50, clients)
    return entry, np.minimum(left_in, watched), left_in <= watched, column


def test_reference_a_level_for_every_month_as_glm_has_it():
    # tests/reference/tenure_by_glm.R; where nobody left its levels run off
    fit = fit_tenure_hazard(ENTRY, EXIT, EVENT, COLUMNS)
    expected = [
        -2.02977942137, -2.69069485507, -3.45057073485, -2.55515727915, -2.90036898558, -3.25453812431, -2.54080853324,
        -2.32682962536, -2.56623964370, -2.58036231199, -1.58877690112,
    ]  # fmt: skip
    assert fit.level[:11] == pytest.approx(expected, abs=1e-6)
    assert fit.coefficients == pytest.approx([0.00180133030, 0.06564741675], abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-141.9816747, abs=1e-6)
    assert (fit.level[11:] == -np.inf).all()
    assert fit.hazard(np.zeros((1, 2)), [12])[0] == 0


def test_reduction_the_same_as_person_months_with_a_column_for_each_band():
    entry, leave, event, column = lives(3)
    bands, client = [6, 12, 24, 48], np.arange(400) // 2
    fit = fit_tenure_hazard(entry, leave, event, column, bands=bands)
    row, band, gone = person_months(entry, leave, event, bands)
    laid = np.column_stack((np.eye(5)[band][:, 1:], column[row]))
    same = fit_hazard(laid, gone)
    levels = same.coefficients[0] + np.append(0, same.coefficients[1:5])
    assert fit.level == pytest.approx(levels, abs=1e-6)
    assert fit.coefficients == pytest.approx(same.coefficients[5:], abs=1e-6)
    assert fit.log_likelihood == pytest.approx(same.log_likelihood)
    assert (fit.events, fit.months) == (same.events, same.months)
    clustered = fit_tenure_hazard(entry, leave, event, column, bands=bands, client=client)
    assert clustered.standard_errors == pytest.approx(
        fit_hazard(laid, gone, client=client[row]).standard_errors[5:], rel=0.1
    )


def test_reduction_without_columns_it_is_the_hazard_table():
    entry, leave, event, _ = lives(4)
    fit = fit_tenure_hazard(entry, leave, event, np.zeros((400, 0)))
    table = hazard_table(entry, leave, event)
    assert fit.hazard(np.zeros((len(table.month), 0)), table.month) == pytest.approx(table.hazard, abs=1e-8)


def test_reduction_the_clustered_covariance_is_the_sandwich_by_hand():
    entry, leave, event, column = lives(5, clients=60, columns=1)
    bands, client = [12], np.arange(60) // 3
    fit = fit_tenure_hazard(entry, leave, event, column, bands=bands, client=client)
    row, band, gone = person_months(entry, leave, event, bands)
    design = np.column_stack((np.eye(2)[band], column[row]))
    mean = np.exp(design @ np.append(fit.level, fit.coefficients))
    pull = mean / np.expm1(mean)
    score = design * np.where(gone, pull, -mean)[:, None]
    weight = np.where(gone, pull * (pull - 1 + mean), mean)
    bread = np.linalg.inv(design.T @ (design * weight[:, None]))
    summed = np.array([score[client[row] == each].sum(axis=0) for each in range(20)])
    assert fit.covariance == pytest.approx(bread @ summed.T @ summed @ bread * 20 / 19)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(120)), st.floats(0.2, 5))
def test_property_spells_in_any_order_cut_anywhere_and_columns_in_any_unit_give_the_same(order, unit):
    whole = fit_tenure_hazard(ENTRY, EXIT, EVENT, COLUMNS, bands=[4])
    long = EXIT - ENTRY > 1
    cut = ENTRY + 1
    entry = np.concatenate((ENTRY, cut[long]))
    leave = np.concatenate((np.where(long, cut, EXIT), EXIT[long]))
    event = np.concatenate((EVENT & ~long, EVENT[long]))
    columns = np.concatenate((COLUMNS, COLUMNS[long])) * [unit, 1]
    order = np.append(order, np.arange(120, len(entry)))
    parts = fit_tenure_hazard(entry[order], leave[order], event[order], columns[order], bands=[4])
    assert parts.level == pytest.approx(whole.level, abs=1e-6)
    assert parts.coefficients * [unit, 1] == pytest.approx(whole.coefficients, abs=1e-6)


def test_direction_ignoring_late_entry_hides_leaving():
    entry, leave, event, column = lives(6)
    right = fit_tenure_hazard(entry, leave, event, column, bands=[])
    naive = fit_tenure_hazard(np.zeros(400), leave, event, column, bands=[])
    assert naive.level[0] < right.level[0] - 0.2


def test_recovery_of_a_rising_baseline_and_an_effect():
    entry, leave, event, column = lives(7, clients=6000)
    fit = fit_tenure_hazard(entry, leave, event, column, client=np.arange(6000), bands=[24])
    assert fit.coefficients == pytest.approx([0.5, 0.0], abs=0.06)
    assert fit.level == pytest.approx([-3.6, -3.6], abs=0.1)
    assert fit.standard_errors.max() < 0.03


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"event": np.zeros(120, bool)}, "at least one departure"),
        ({"exit": ENTRY}, "0 <= entry < exit"),
        ({"entry": ENTRY[:5]}, "n of each"),
        ({"columns": np.where(COLUMNS == 1, np.nan, COLUMNS)}, "finite"),
        ({"columns": COLUMNS[:, [1, 1]]}, "no maximum"),
        ({"columns": EVENT[:, None].astype(float)}, "no maximum"),
    ],
    ids=["no event", "no month", "lengths", "not finite", "repeated", "separated"],
)
def test_what_cannot_be_fitted_is_refused(changed, message):
    given = {"entry": ENTRY, "exit": EXIT, "event": EVENT, "columns": COLUMNS} | changed
    with pytest.raises(ValueError, match=message):
        fit_tenure_hazard(**given)
