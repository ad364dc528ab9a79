"""What risk costs at 100,000 clients and 12 snapshots: train, calibrate, score and explain; CPU seconds, peak memory.

Usage: ``python benchmarks/risk_at_scale.py [CLIENTS [MONTHS [APART]]]`` (100,000, 3 and 1 if not given). Made-up
snapshots, so many months apart (from 2 on they span eight quarters, and the season has effects), with all features of
orders; leaving within so many months. Beside ours stands plain scikit-learn on the
same rows: boosted trees of the same size, then isotonic regression on the latest days, then scores, without reasons.
Each runs in a process of its own; the rows are made outside the clock, but they are in the memory.
"""

import subprocess
import sys

_ROWS = """
import resource, sys, time
import numpy as np
import pandas as pd
from churnlab.history import FEATURES, Fold, Lives, outcomes
clients, cuts, horizon, apart = int(sys.argv[1]), 12, int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(1)
start = pd.Timestamp("2024-01-01")
days = [start + pd.DateOffset(months=apart * month) for month in range(cuts + 1)]
names = np.array([f"C-{number:07d}" for number in range(clients)], dtype=object)
trait = rng.normal(size=clients)
leaves = rng.exponential(30.4375 / (0.02 * np.exp(0.8 * trait))).astype(np.int64)
left = pd.Series(start + pd.to_timedelta(np.minimum(leaves, 4000), unit="D"))
as_of = days[-1] + pd.DateOffset(months=horizon + 2)
known = left < as_of - pd.Timedelta(days=60)
lives = pd.DataFrame({"client_id": pd.Series(names, dtype="str"), "first_order": start - pd.Timedelta(days=900)})
last = left.where(known, as_of - pd.Timedelta(days=1))
lives = lives.assign(last_order=last, left_on=left.where(known), limit_days=60.0)
lives = Lives(lives, ("client_id",), as_of, start - pd.Timedelta(days=900))
wanted = [feature.name for feature in FEATURES if feature.source == "orders"]
parts = []
for day in days:
    here = np.flatnonzero((left > day).to_numpy())
    noisy = {name: np.exp(0.5 * trait[here] + rng.normal(size=here.size)) for name in wanted}
    frame = pd.DataFrame({"client_id": pd.Series(names[here], dtype="str"), "cut_off": day, **noisy})
    frame["last_order"] = day - pd.Timedelta(days=5)
    frame["limit_days"] = 60.0
    frame["line"] = pd.Series(rng.choice(["a", "b", "c"], here.size), dtype="str")
    parts.append(frame)
rows = pd.concat(parts, ignore_index=True)
del parts
now = rows[rows["cut_off"] == days[-1]].reset_index(drop=True)
learnt = rows[rows["cut_off"] < days[-1]].reset_index(drop=True)
label = outcomes(learnt, lives, horizon_months=horizon).to_numpy()
labelled = np.flatnonzero(~np.isnan(label))
place = np.arange(len(learnt), dtype=np.intp)
fold = Fold(as_of, lives, place, labelled, label[labelled], place[:0])
del rows
begun = time.process_time()
def told(what):
    global begun
    used, peak = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what:<58}{used:8.1f} CPU s{peak:8.2f} GB", flush=True)
    begun = time.process_time()
"""

_OURS = """
from churnlab.risk import BOOSTING, HAZARD, fit_model, reasons
given = {"horizon_months": horizon, "months_between": 1}
begun = time.process_time()
first = begun
hazard = fit_model(learnt, fold, spec=HAZARD, **given)
told(f"ours: hazard on {len(learnt):,} rows")
boosted = fit_model(learnt, fold, spec=BOOSTING, **given)
told("ours: boosted trees, calibrated on later days")
risk, low, high = hazard.risk(now), *hazard.risk_interval(now, rng=1)
trees = boosted.risk(now)
told(f"ours: scores of {len(now):,} clients, with intervals")
words = reasons(hazard, now).worded()
told("ours: reasons in words")
print(f"{'ours: all':<58}{time.process_time() - first:8.1f} CPU s")
"""

_PLAIN = """
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
columns = [name for name in learnt.columns if name in wanted]
def numbers(frame):
    return np.column_stack([frame[columns].to_numpy(dtype=np.float64), pd.factorize(frame["line"])[0]])
def trees():
    return HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.05, max_leaf_nodes=6, min_samples_leaf=50, l2_regularization=10.0,
        early_stopping=False, random_state=1,
    )
begun = time.process_time()
first = begun
x, y = numbers(learnt.iloc[labelled]), label[labelled]
day = learnt["cut_off"].to_numpy()[labelled]
later = day >= np.sort(day)[int(0.7 * len(day))]
earlier = trees().fit(x[~later], y[~later])
line = IsotonicRegression(out_of_bounds="clip").fit(earlier.predict_proba(x[later])[:, 1], y[later])
whole = trees().fit(x, y)
told("plain scikit-learn: trees twice, isotonic regression")
risk = line.predict(whole.predict_proba(numbers(now))[:, 1])
told("plain scikit-learn: scores")
print(f"{'plain scikit-learn: all':<58}{time.process_time() - first:8.1f} CPU s")
"""


def main() -> None:
    """Measure both and print their lines."""
    given = sys.argv[1:4]
    asked = [*given, *("100000", "3", "1")[len(given) :]]
    for program in (_OURS, _PLAIN):
        subprocess.run([sys.executable, "-c", _ROWS + program, *asked], check=True)


if __name__ == "__main__":
    main()
