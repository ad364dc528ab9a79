"""Reasons: parts that add up, signs that hold, what changed since an earlier day."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_book import AS_OF, RULE, book

from churnlab.history import departures, snapshots
from churnlab.risk import HAZARD, fit_risk, reasons, steady_signs, sure_signs, what_changed

DAYS = [AS_OF - pd.DateOffset(months=back) for back in (36, 30, 24, 18)]


@pytest.fixture(scope="module")
def tables():
    return book(clients=300, seed=6, satisfaction_effect=0.4)


@pytest.fixture(scope="module")
def fits(tables):
    def fitted(day):
        rows = snapshots(tables, [cut for cut in DAYS if cut < day], rule=RULE)
        lives = departures(tables.orders, as_of=day, rule=RULE)
        return fit_risk(rows, lives, spec=HAZARD, horizon_months=12, months_between=6)

    return [fitted(AS_OF - pd.DateOffset(months=back)) for back in (12, 6, 0)]


@pytest.fixture(scope="module")
def today(tables):
    return snapshots(tables, [AS_OF], rule=RULE)


def test_reduction_parts_add_up_to_the_score_and_the_score_to_the_risk(fits, today):
    found = reasons(fits[-1], today)
    risk = 1 - np.exp(-np.exp(found.usual + found.parts.sum(axis=1)))
    assert risk.to_numpy() == pytest.approx(fits[-1].risk(today), rel=1e-10)
    assert found.score.to_numpy() == pytest.approx(np.log(-np.log1p(-fits[-1].risk(today))), rel=1e-9)
    service = found.parts[["quality", "timing", "attention"]].sum(axis=1)
    assert service.to_numpy() == pytest.approx(fits[-1].contributions(today)["service"].to_numpy())


def test_reduction_unknown_scores_push_nowhere_and_one_known_score_bears_it_all(fits, today):
    row = today.head(2).assign(quality=[np.nan, 2.0], timing=np.nan, attention=np.nan)
    found = reasons(fits[-1], row)
    assert found.parts.iloc[0][["quality", "timing", "attention"]].tolist() == [0, 0, 0]
    assert found.parts.iloc[1][["timing", "attention"]].tolist() == [0, 0]
    assert found.parts.iloc[1]["quality"] == pytest.approx(fits[-1].contributions(row)["service"].iloc[1])


def test_recovery_what_was_planted_is_named_and_what_tells_nothing_hardly(fits, today):
    found = reasons(fits[-1], today)
    said = pd.Series(found.worded(most=9))
    low = (today[["quality", "timing", "attention"]].mean(axis=1) < 5).to_numpy()
    assert low.sum() > 5
    named = said.str.contains("low (?:quality|timing|attention) scores")
    assert named[low].mean() > 0.95
    assert named[~low].mean() < named[low].mean()
    assert found.parts["price"].abs().mean() < found.parts["quality"].abs().mean()


def test_property_only_warnings_that_push_up_are_named(fits, today):
    found = reasons(fits[-1], today)
    steady = steady_signs(fits, today)
    for row, words in enumerate(found.worded(steady, most=2)):
        pieces = [piece for piece in found.pieces if piece.warning in words.split("; ")]
        assert len(words.split("; ")) <= 2
        for piece in pieces:
            assert piece.warns[row]
            assert found.parts[piece.group].iloc[row] >= 0.05
            assert steady[piece.group].iloc[row]


def test_property_steady_signs_are_those_of_all_recent_fits(fits, today):
    steady = steady_signs(fits, today)
    signs = [np.sign(reasons(fitted, today).parts) for fitted in fits]
    assert (steady == ((signs[0] == signs[2]) & (signs[1] == signs[2]))).all(axis=None)
    assert steady_signs(fits[-1:], today).all(axis=None)
    assert steady_signs(fits, today, recent=1).all(axis=None)
    assert steady["rhythm"].mean() > 0.9
    with pytest.raises(ValueError, match="at least one fit"):
        steady_signs([], today)


def test_reference_errors_of_parts_are_those_of_drawn_coefficients(fits, today):
    model, rows = fits[-1], today.head(20)
    drawn = np.random.default_rng(3).multivariate_normal(
        model.fit.coefficients, model.fit.covariance / 100, size=1000, method="eigh"
    )
    each = [reasons(replace(model, fit=replace(model.fit, coefficients=one)), rows).parts for one in drawn]
    error = 10 * np.std([part.to_numpy() for part in each], axis=0)
    parts = reasons(model, rows).parts.abs().to_numpy()
    clear = np.abs(parts / np.maximum(error, 1e-12) - 1.96) > 0.2
    assert clear.mean() > 0.8
    assert (sure_signs(model, rows).to_numpy() == (parts > 1.96 * error))[clear].all()


def test_recovery_scores_without_a_meaning_are_seldom_sure():
    """Scores drawn without regard to leaving: the interval of what they add mostly holds 0."""
    sure = []
    for seed in range(12):
        given = book(clients=120, seed=40 + seed, satisfaction_effect=1e-9)
        rows = snapshots(given, DAYS, rule=RULE)
        lives = departures(given.orders, as_of=AS_OF, rule=RULE)
        fitted = fit_risk(rows, lives, spec=HAZARD, horizon_months=12, months_between=6)
        now = snapshots(given, [AS_OF], rule=RULE)
        off = (reasons(fitted, now).parts[["quality", "price"]] != 0) & (sure_signs(fitted, now)[["quality", "price"]])
        sure += list(off.any())
    assert np.mean(sure) < 0.3  # of 24 at 5 % each, more than 7 hardly ever come by chance


def test_reduction_what_changed_adds_up_and_names_what_moved(fits, today):
    before = today.assign(recency_days=today["recency_days"] / 3, overdue=today["overdue"] / 3)
    changed = what_changed(fits[-1], today, before.iloc[:-1])
    assert len(changed) == len(today) - 1
    assert set(changed["most"]) == {"rhythm"}
    scores = np.log(-np.log1p(-changed[["risk_before", "risk"]]))
    groups = list(reasons(fits[-1], today).parts.columns)
    moved = changed[groups].sum(axis=1)
    assert moved.to_numpy() == pytest.approx((scores["risk"] - scores["risk_before"]).to_numpy(), abs=1e-9)


def test_reduction_learning_anew_is_told_apart_from_what_clients_did(fits, today):
    said = today[["client_id"]].assign(risk=fits[0].risk(today))
    changed = what_changed(fits[-1], today, today, said=said)
    groups = list(reasons(fits[-1], today).parts.columns)
    assert changed[groups].abs().max(axis=None) == 0
    assert set(changed["most"]) == {"model"}
    assert changed["risk_before"].to_numpy() == pytest.approx(said["risk"].to_numpy())
    assert changed["risk"].to_numpy() == pytest.approx(fits[-1].risk(today))


def test_property_reasons_do_not_mind_names_and_order(fits, today):
    mixed = today.sample(frac=1, random_state=1)
    one, two = (reasons(fits[-1], rows).parts for rows in (today, mixed.assign(client_id="=1+1")))
    assert two.sort_index().to_numpy() == pytest.approx(one.to_numpy())
