"""What purchase models cost beside their peers: CPU seconds on one BLAS thread, and peak memory.

Usage: ``python benchmarks/purchase_models.py [CLIENTS]`` (1,000,000 if not given). CDNOW is read from the folder that
``CHURNLAB_REAL_DATA`` names; the large book is made up. Peers are measured where a Python of their own has them,
named by ``LIFETIMES_PYTHON`` and ``PYMC_PYTHON``. Each measurement runs in a process of its own; small fits are the
best of five.
"""

import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from churnlab.lifetime.purchase import purchase_history

REAL = Path(os.environ.get("CHURNLAB_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

_HEAD = """
import resource, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
held = np.load(sys.argv[1])
x, t, age, amount = (held[name] for name in ("frequency", "recency", "age", "amount"))
bought = (x > 0) & (amount > 0)
def told(name, work, again=1):
    spent = []
    for _ in range(again):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{name:<62}{min(spent):10.4f} CPU s{peak:8.0f} MB", flush=True)
"""

_OURS = """
from churnlab.lifetime.purchase import expected_orders, fit_bg_nbd, fit_gamma_gamma, fit_mbg_nbd, fit_pareto_nbd
"""

_SMALL = """
told("churnlab: BG/NBD, CDNOW", lambda: fit_bg_nbd(x, t, age), 5)
told("churnlab: MBG/NBD, CDNOW", lambda: fit_mbg_nbd(x, t, age), 5)
told("churnlab: Pareto/NBD, CDNOW", lambda: fit_pareto_nbd(x, t, age), 5)
told("churnlab: Gamma-Gamma, CDNOW", lambda: fit_gamma_gamma(x[bought], amount[bought]), 5)
fit = fit_pareto_nbd(x, t, age)
told("churnlab: orders of 39 weeks with intervals, CDNOW", lambda: expected_orders(fit, x, t, age, horizon=39.0))
"""

_LARGE = """
told(f"churnlab: BG/NBD, {len(x):,} clients", lambda: fit_bg_nbd(x, t, age))
"""

_SCORED = """
fit = fit_bg_nbd(x[:20000], t[:20000], age[:20000])
told(f"churnlab: {len(x):,} clients x 200 draws scored", lambda: expected_orders(fit, x, t, age, horizon=39.0))
"""

_LIFETIMES = """
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter
"""

_LIFETIMES_SMALL = """
told("lifetimes: BG/NBD, CDNOW", lambda: BetaGeoFitter().fit(x, t, age), 5)
told("lifetimes: Pareto/NBD, CDNOW", lambda: ParetoNBDFitter().fit(x, t, age), 2)
spend = pd.DataFrame({"x": x[bought], "m": amount[bought]})
told("lifetimes: Gamma-Gamma, CDNOW", lambda: GammaGammaFitter().fit(spend.x, spend.m), 5)
"""

_LIFETIMES_LARGE = """
told(f"lifetimes: BG/NBD, {len(x):,} clients", lambda: BetaGeoFitter().fit(x, t, age))
"""

_PYMC = """
import pandas as pd
from pymc_marketing.clv import BetaGeoModel, ParetoNBDModel
data = pd.DataFrame({"customer_id": np.arange(len(x)), "frequency": x, "recency": t, "T": age})
told("pymc-marketing: BG/NBD by MAP, CDNOW", lambda: BetaGeoModel(data=data).fit(method="map"), 2)
told("pymc-marketing: Pareto/NBD by MAP, CDNOW", lambda: ParetoNBDModel(data=data).fit(method="map"), 2)
"""


def made_up(clients: int) -> dict[str, np.ndarray]:
    """A book by the law of BG/NBD, in weeks with days as the smallest step."""
    rng = np.random.default_rng(1)
    age = rng.integers(7, 365, clients) / 7
    rate, leaves = rng.gamma(0.243, 1 / 4.414, clients), np.maximum(rng.beta(0.793, 2.426, clients), 1e-9)
    orders = np.minimum(rng.poisson(rate * age), rng.geometric(leaves))
    recency = np.where(orders > 0, np.maximum(np.round(age * rng.beta(np.maximum(orders, 1), 1) * 7), 1) / 7, 0.0)
    return {"frequency": orders.astype(float), "recency": recency, "age": age, "amount": np.ones(clients)}


def cdnow() -> dict[str, np.ndarray]:
    """A tenth of the cohort of a CD shop, 39 weeks."""
    with (REAL / "cdnow_sample_orders.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    week = np.array([row["date"] for row in rows]).astype("datetime64[D]").astype(np.int64) / 7
    money = np.array([float(row["dollar_value"]) for row in rows])
    end = float(np.datetime64("1997-09-30").astype(int) / 7)
    seen = purchase_history(np.array([row["master_id"] for row in rows]), week, until=end, amount=money)
    amount = np.nan_to_num(seen.mean_amount)
    return {"frequency": seen.frequency, "recency": seen.recency, "age": seen.age, "amount": amount}


def main() -> None:
    """Measure each in a process of its own and print a line for each."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.npz", Path(folder) / "large.npz"
        np.savez(small, **cdnow())
        np.savez(large, **made_up(clients))
        _run(sys.executable, _HEAD + _OURS + _SMALL, small)
        _run(sys.executable, _HEAD + _OURS + _LARGE, large)
        _run(sys.executable, _HEAD + _OURS + _SCORED, large)
        _peer("LIFETIMES_PYTHON", _HEAD + _LIFETIMES + _LIFETIMES_SMALL, small)
        _peer("LIFETIMES_PYTHON", _HEAD + _LIFETIMES + _LIFETIMES_LARGE, large)
        _peer("PYMC_PYTHON", _HEAD + _PYMC, small)


def _peer(variable: str, code: str, file: Path) -> None:
    python = os.environ.get(variable)
    if python is None:
        print(f"a peer was not measured: {variable} names no Python that has it")
    else:
        _run(python, code, file)


def _run(python: str, code: str, file: Path) -> None:
    subprocess.run([python, "-W", "ignore", "-c", code, str(file)], check=True, env=os.environ | ONE_THREAD)


if __name__ == "__main__":
    main()
