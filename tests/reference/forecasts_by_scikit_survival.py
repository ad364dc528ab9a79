"""Write forecasts_by_scikit_survival.csv: what scikit-survival 0.28 makes of forecasts_made_up.csv.

Needs scikit-survival, which is not among the dependencies:
``python -m venv ss && ss/bin/pip install scikit-survival==0.28.0 && ss/bin/python
tests/reference/forecasts_by_scikit_survival.py``.
"""

import csv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
MONTHS = np.arange(2, 21, 2)
HORIZONS = (9, 17)


def main() -> None:
    """Ask and write."""
    from sksurv.metrics import (  # noqa: PLC0415 -- in the environment of the script, not of the tests
        brier_score,
        concordance_index_ipcw,
        cumulative_dynamic_auc,
        integrated_brier_score,
    )
    from sksurv.nonparametric import kaplan_meier_estimator  # noqa: PLC0415
    from sksurv.util import Surv  # noqa: PLC0415

    time, event, guess = np.loadtxt(FOLDER / "forecasts_made_up.csv", delimiter=",", skiprows=1).T
    seen = Surv.from_arrays(event.astype(bool), time)
    survival = np.exp(-0.04 * np.outer(guess, MONTHS))
    scores = brier_score(seen, seen, survival, MONTHS)[1]
    areas = cumulative_dynamic_auc(seen, seen, guess, MONTHS)[0]
    rows = [("brier", month, value) for month, value in zip(MONTHS, scores, strict=True)]
    rows.append(("integrated", 0, integrated_brier_score(seen, seen, survival, MONTHS)))
    at, curve = kaplan_meier_estimator(event.astype(bool), time)
    alike = np.tile(curve[np.searchsorted(at, MONTHS, side="right") - 1], (len(time), 1))
    rows.append(("integrated_baseline", 0, integrated_brier_score(seen, seen, alike, MONTHS)))
    rows += [("auc", month, value) for month, value in zip(MONTHS, areas, strict=True)]
    rows += [("concordance", tau, concordance_index_ipcw(seen, seen, guess, tau=tau)[0]) for tau in HORIZONS]
    with (FOLDER / "forecasts_by_scikit_survival.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("quantity", "month", "value"))
        writer.writerows((name, int(month), f"{value:.12g}") for name, month, value in rows)


if __name__ == "__main__":
    main()
