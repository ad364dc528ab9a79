"""What risk costs at 100,000 clients and 12 snapshots: train, calibrate, score and explain, beside plain scikit-learn.

Usage: ``python benchmarks/risk_at_scale.py [CLIENTS [MONTHS [APART]]]`` (100,000, 3 and 1 if not given). Made-up
snapshots, so many months apart (from 2 on they span eight quarters, and the season has effects), with all features of
orders; leaving within so many months. Beside ours stands plain scikit-learn on the
same rows: boosted trees of the same size, then isotonic regression on the latest days, then scores, without reasons;
and its logistic regression on the same standardised columns, to rank by. Both are graded by who of the last day's
clients truly leaves within the horizon. The rows are made outside the clock, but they are in the memory.
"""

import sys

from measuring import Run, Task, benchmark

_ROWS = """
import numpy as np
import pandas as pd
from churnlab.history import FEATURES, Fold, Lives, outcomes
clients, cuts, horizon, apart = CLIENTS, 12, HORIZON, APART
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
leaves_then = (left[left > days[-1]] < days[-1] + pd.DateOffset(months=horizon)).to_numpy()
def graded(risk):
    by_rank = pd.Series(risk).rank().to_numpy()
    stayed = (~leaves_then).sum()
    left_now = leaves_then.sum()
    return [(by_rank[leaves_then].sum() - left_now * (left_now + 1) / 2) / (stayed * left_now)]
"""

_HAZARD = """
from churnlab.risk import HAZARD, fit_model, reasons
def work():
    hazard = fit_model(learnt, fold, spec=HAZARD, horizon_months=horizon, months_between=1)
    hazard.risk_interval(now, rng=1)
    reasons(hazard, now).worded()
    return hazard.risk(now)
found = graded(timed(work))
"""

_BOOSTED = """
from churnlab.risk import BOOSTING, fit_model
def work():
    return fit_model(learnt, fold, spec=BOOSTING, horizon_months=horizon, months_between=1).risk(now)
found = graded(timed(work))
"""

_PLAIN = """
columns = [name for name in learnt.columns if name in wanted]
def numbers(frame):
    return np.column_stack([frame[columns].to_numpy(dtype=np.float64), pd.factorize(frame["line"])[0]])
"""

_TREES = """
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
def trees():
    return HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.05, max_leaf_nodes=6, min_samples_leaf=50, l2_regularization=10.0,
        early_stopping=False, random_state=1,
    )
def work():
    x, y = numbers(learnt.iloc[labelled]), label[labelled]
    day = learnt["cut_off"].to_numpy()[labelled]
    later = day >= np.sort(day)[int(0.7 * len(day))]
    earlier = trees().fit(x[~later], y[~later])
    line = IsotonicRegression(out_of_bounds="clip").fit(earlier.predict_proba(x[later])[:, 1], y[later])
    return line.predict(trees().fit(x, y).predict_proba(numbers(now))[:, 1])
found = graded(timed(work))
"""

_LOGISTIC = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
def work():
    x, y = numbers(learnt.iloc[labelled]), label[labelled]
    steps = make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression())
    return steps.fit(x, y).predict_proba(numbers(now))[:, 1]
found = graded(timed(work))
"""


def main() -> None:
    """Measure and store."""
    given = sys.argv[1:4]
    clients, horizon, apart = (int(each) for each in (*given, *("100000", "3", "1")[len(given) :]))
    rows = _ROWS.replace("CLIENTS", str(clients)).replace("HORIZON", str(horizon)).replace("APART", str(apart))
    where = f"{clients:,} clients on twelve days, leaving within {horizon} months"
    tasks = [
        Task(
            f"A model that explains, {where}",
            "risk, explained",
            (
                Run("churnlab", rows + _HAZARD, ours=True, note="hazard with intervals and reasons in words"),
                Run("plain scikit-learn", rows + _PLAIN + _LOGISTIC, note="logistic regression, scores alone"),
            ),
            compared="area under the curve",
            better="high",
            apart=0.005,
        ),
        Task(
            f"Boosted trees calibrated on later days, {where}",
            "risk, boosted trees",
            (
                Run("churnlab", rows + _BOOSTED, ours=True),
                Run("plain scikit-learn", rows + _PLAIN + _TREES, note="trees of the same size twice, isotonic"),
            ),
            compared="area under the curve",
            better="high",
            apart=0.005,
        ),
    ]
    remark = (
        "The rows are made up: every feature is one trait with noise of its own, so that a model ranks the better the "
        "more features it reads. Ours reads those that its specification names; the logistic regression reads all."
    )
    benchmark("risk_at_scale", "Who is at risk", tasks, remark=remark)


if __name__ == "__main__":
    main()
