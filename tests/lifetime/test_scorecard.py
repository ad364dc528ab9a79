"""The scorecard of forecasts of orders: by hand, by its laws, and on its page."""

import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from purchase_logs import book, columns

from churnlab.lifetime.purchase import MEASURES, NAIVE, by_model, fit_mbg_nbd, hold_out, purchase_history, scorecard

ROOT = Path(__file__).parents[2]


def test_reference_measures_by_hand():
    found = scorecard({"mine": [0.5, 2.0, 1.0, 0.0]}, [0, 3, 0, 1], draws=20).scores["mine"]
    assert found.values["bias"] == pytest.approx(3.5 / 4 - 1)
    assert found.values["mae"] == pytest.approx(3.5 / 4)
    assert found.values["wmape"] == pytest.approx(3.5 / 4)
    assert found.values["rmse"] == pytest.approx(math.sqrt((0.25 + 1 + 1 + 1) / 4))
    assert found.values["auc"] == pytest.approx(2 / 4)  # of four pairs the client with 2.0 wins two, that with 0.0 none
    ranks = np.corrcoef([2, 4, 3, 1], [1.5, 4, 1.5, 3])[0, 1]
    assert found.values["spearman"] == pytest.approx(ranks)
    assert found.deciles.tolist() == [[0.0, 1.0], [0.5, 0.0], [1.0, 0.0], [2.0, 3.0]]
    assert found.tracking.tolist() == [[3.5, 4.0]]


def test_direction_the_truth_beats_noise_and_noise_is_said_to_be_beaten():
    rng = np.random.default_rng(1)
    rate = rng.gamma(1, 2, 800)
    came = rng.poisson(rate)
    card = scorecard({"truth": rate, "noise": rng.permutation(rate), "again": rate}, came, draws=100)
    for measure in MEASURES[1:]:
        assert card.best[measure] in {"truth", "again"}
        assert card.beaten[measure] == ("noise",)
    truth = card.scores["truth"]
    assert all(truth.low[measure] <= truth.values[measure] <= truth.high[measure] for measure in MEASURES)
    assert np.abs(truth.deciles[:, 0] - truth.deciles[:, 1]).max() < 0.9


def test_rankings_have_no_totals():
    score = scorecard({"recency": [-3.0, -1.0, -2.0]}, [0, 2, 0], draws=20).scores["recency"]
    assert score.values["auc"] == 1.0
    assert all(math.isnan(score.values[measure]) for measure in ("bias", "mae", "wmape", "rmse"))


def test_hold_out_tells_nothing_of_what_comes_after():
    """Property: later orders change what came, never what was expected."""
    history = book(80, 12, seed=2)
    rng = np.random.default_rng(2)
    who = np.repeat(history.client, 12)
    when = rng.uniform(0, 156, who.size)
    later = when > 104
    rules = NAIVE | {"MBG/NBD": by_model(lambda seen: fit_mbg_nbd(seen.frequency, seen.recency, seen.age))}
    asked = {"origins": [78.0, 104.0], "horizon": 52.0, "rules": rules, "periods": 2}
    whole = hold_out(who, when, **asked)
    fewer = hold_out(np.append(who[~later], who[0]), np.append(when[~later], 156.0), **asked)
    at_end = slice(len(purchase_history(who, when, until=78.0).client), None)
    for name in rules:
        assert (whole.expected[name] == fewer.expected[name]).all()
        assert (np.diff(whole.expected[name], axis=1) >= 0).all()
    assert whole.actual[at_end, -1].sum() == later.sum()
    card = scorecard(whole.expected, whole.actual, client=whole.client, draws=50)
    assert card.clients == len(np.unique(whole.client)) < card.rows
    assert card.scores["own rate"].tracking.shape == (2, 2)


def test_forecasts_that_cannot_be_judged_are_refused():
    with pytest.raises(ValueError, match=r"expected a forecast of shape \(2, 1\) by mine"):
        scorecard({"mine": [1.0]}, [1, 2])
    with pytest.raises(ValueError, match="finite"):
        scorecard({"mine": [1.0, math.nan]}, [1, 2])
    with pytest.raises(ValueError, match="take an earlier origin"):
        hold_out(["a", "b"], [0.0, 5.0], origins=[4.0], horizon=10.0, rules=NAIVE)
    with pytest.raises(ValueError, match="a horizon above 0"):
        hold_out(["a", "b"], [0.0, 5.0], origins=[], horizon=1.0, rules=NAIVE)


def test_page_says_what_the_script_prints():
    """The figures of the page, those of one log: words as they stand, a figure may differ in its last digit."""
    columns("classicmodels_orders.csv")
    script = ROOT / "benchmarks/purchase_scorecard.py"
    run = subprocess.run([sys.executable, "-W", "error", script, "classic"], capture_output=True, text=True, check=True)
    page = (ROOT / "docs/purchase-models.md").read_text(encoding="utf-8")
    part = page[page.index("### classic models") :]
    figure = re.compile(r"-?\d+\.\d+")
    assert figure.sub("#", run.stdout).split() == figure.sub("#", part).split()
    printed, stated = (np.array(figure.findall(text), dtype=float) for text in (run.stdout, part))
    assert printed == pytest.approx(stated, abs=0.11)
