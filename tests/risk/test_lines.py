"""Product lines in the prediction specification: drawn together as far as they are alike."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_book import AS_OF, RULE, START, tables_of

from churnlab.history import departures, snapshots
from churnlab.risk import HAZARD, RiskModel, fit_risk

DAYS = 5 * 365
CUT_OFFS = [AS_OF - pd.DateOffset(months=back) for back in (36, 30, 24, 18)]


def fitted(hazards: list[float], *, seed: int, clients: int = 240) -> tuple[pd.DataFrame, RiskModel]:
    """Fit a book whose clients buy one line each and leave it by a monthly hazard of its own."""
    rng = np.random.default_rng(seed)
    line = np.arange(clients) % len(hazards)
    ends = np.minimum(rng.exponential(30.4375 / np.array(hazards)[line]), DAYS)
    rows = []
    for number in range(clients):
        days = np.cumsum(np.concatenate(([0.0], rng.gamma(4, 30 / 4, 90))))
        bought = days[days < max(ends[number], 1)].astype(int)
        rows += [(f"c{number:03d}", day, 100.0, "sale", f"line <{line[number]}>") for day in bought]
    orders = pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "kind", "product_line"])
    orders["order_date"] = START + pd.to_timedelta(orders["order_date"], unit="D")
    tables = tables_of(orders)
    found, lives = snapshots(tables, CUT_OFFS, rule=RULE), departures(tables.orders, as_of=AS_OF, rule=RULE)
    model = fit_risk(found, lives, spec=HAZARD, horizon_months=12, months_between=6)
    assert model is not None
    return found, model


def levels(model: RiskModel) -> dict[str, float]:
    """Log hazard of being in each line."""
    names = [column.name for column in model.scaler.columns]
    effects = model.fit.coefficients[2 : 2 + len(names)] / model.scaler.spread
    return {name: float(effect) for name, effect in zip(names, effects, strict=True) if name.startswith("line ")}


def test_recovery_lines_that_clients_leave_at_hazards_of_their_own_have_levels_of_their_own():
    _, model = fitted([0.005, 0.02, 0.06], seed=3)
    found = levels(model)
    assert found["line line <0>"] < found["line line <1>"] < found["line line <2>"]
    assert 0.5 < found["line line <2>"] - found["line line <0>"] < np.log(12)


def test_reduction_lines_that_are_alike_are_pooled_nearly_wholly():
    apart = [np.ptp(list(levels(fitted([0.02, 0.02, 0.02], seed=seed)[1]).values()) or [0.0]) for seed in (1, 2, 3)]
    assert np.median(apart) < 0.25


def test_property_a_line_that_was_not_seen_has_the_common_level():
    rows, model = fitted([0.005, 0.02, 0.06], seed=3)
    one = rows.iloc[[0, 0, 0, 0]].assign(line=["line <0>", "line <1>", "line <2>", "a new one"])
    risk = model.risk(one)
    assert risk[:3].min() < risk[3] < risk[:3].max()


def test_reduction_one_line_or_none_adds_no_column():
    rows, model = fitted([0.02], seed=3)
    assert not levels(model)
    assert model.risk(rows.drop(columns="line")) == pytest.approx(model.risk(rows))
    assert not replace(HAZARD, by_line=False).by_line
