"""The page on a hundred business customers says what the functions compute, where the data are at hand."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from churnlab.surveys import Drivers, against, drivers, order

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("CHURNLAB_REAL_DATA", ROOT.parent / "shared" / "data"))
PAGE = (ROOT / "docs/drivers-hbat.md").read_text(encoding="utf-8")
SERVICE = ("x6", "x9", "x16", "x18", "x12")
PRICE = ("x13", "x17")
FIGURE = re.compile(r"-?\d+\.\d+")

pytestmark = pytest.mark.skipif(
    not (REAL / "hbat.csv").is_file(),
    reason="the real data are not here: set CHURNLAB_REAL_DATA to the folder that holds hbat.csv",
)


def answers() -> dict[str, np.ndarray]:
    """Columns of the file by name."""
    with (REAL / "hbat.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def found(target: str, scale: str) -> Drivers:
    """Shares for one target."""
    given, names = answers(), (*SERVICE, *PRICE)
    factors = np.column_stack([given[name] for name in names])
    return drivers(factors, given[target], given["id"], names=names, scale=scale, draws=1000, rng=2)


def test_the_code_of_the_page_prints_what_stands_there():
    """Words and layout as they stand; a figure may differ in its last digit, as ends of intervals do by machine."""
    code, printed = (re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)[1] for kind in ("python", "text"))
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"CHURNLAB_REAL_DATA": str(REAL)},
    )
    assert FIGURE.sub("#", run.stdout).split() == FIGURE.sub("#", printed).split()
    figures = [np.array(FIGURE.findall(text), dtype=float) for text in (run.stdout, printed)]
    assert figures[0] == pytest.approx(figures[1], abs=0.011)


@pytest.mark.parametrize("target", ["x19", "x20"])
def test_verdicts_stay_with_other_draws_and_on_either_scale(target):
    both = {scale: found(target, scale) for scale in ("ordinal", "interval")}
    assert np.abs(both["ordinal"].share - both["interval"].share).max() < 0.07
    for each in both.values():
        assert {against(each, SERVICE, other).verdict for other in (PRICE, "x13")} == {"yes"}
        above = order(each).above
        assert above[0, 5:].all()
        assert not above[:5, :5].any()


def test_figures_between_the_lines():
    given = answers()
    together = np.corrcoef([given[name] for name in (*SERVICE, *PRICE)])
    assert together[0, 5] == pytest.approx(-0.40, abs=0.005)
    assert together[1:4, 1:4][np.triu_indices(3, 1)].max() == pytest.approx(0.87, abs=0.005)
    assert found("x19", "ordinal").correlation[5] == pytest.approx(-0.24, abs=0.005)
    for target, more in (("x19", 0.15), ("x20", 0.17)):
        assert against(found(target, "ordinal"), SERVICE, "x13").value == pytest.approx(more, abs=0.005)
