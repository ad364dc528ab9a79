"""What a regressed hazard of 100,000 clients who enter late costs, beside Cox models: CPU seconds, peak memory.

Usage: ``python benchmarks/hazard.py [CLIENTS]`` (100,000 if not given). Five columns that do not change over a life, up
to some 110 months of tenure, a baseline of its own for every month. Beside ours stand the Cox models of `statsmodels`,
`greenwood` and `lifelines` on the same lives, each where a Python of its own that has it is named by the variable
``STATSMODELS_PYTHON``, ``GREENWOOD_PYTHON`` or ``LIFELINES_PYTHON``. Each runs in a process of its own; the largest
distance of its coefficients from ours says whether the same was computed. Theirs takes months as exact times with ties,
ours as months.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

_START = """
import json, resource, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
lives = np.load(sys.argv[1])
entry, leave, event, columns = (lives[name] for name in ("entry", "leave", "event", "columns"))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
"""

_CLOCK = "\nbefore = peak(); start = time.process_time()\n"

_TOLD = """
used = time.process_time() - start
print(json.dumps({"used": used, "before": before, "peak": peak(), "found": [float(each) for each in found]}))
"""

_OURS = """
found = fit_tenure_hazard(entry, leave, event, columns).coefficients
"""

_CLUSTERED = """
found = fit_tenure_hazard(entry, leave, event, columns, client=np.arange(len(entry))).coefficients
"""

_STATSMODELS = """
found = PHReg(leave.astype(float), columns, status=event.astype(int), entry=entry.astype(float)).fit().params
"""

_GREENWOOD = """
surv = greenwood.Surv(entry.astype(float), leave.astype(float), event.astype(int))
found = np.ravel(greenwood.CoxPH().fit(surv, columns).coef_)
"""

_LIFELINES = """
frame = pd.DataFrame(columns, columns=[f"x{place}" for place in range(columns.shape[1])])
frame = frame.assign(entry=entry, leave=leave, event=event)
found = CoxPHFitter().fit(frame, "leave", "event", entry_col="entry").params_
"""

_IMPORT = "from churnlab.lifetime import fit_tenure_hazard"
_RUNS = {
    "ours": ("", _IMPORT, _OURS),
    "ours, covariance by client": ("", _IMPORT, _CLUSTERED),
    "statsmodels, Cox": (
        "STATSMODELS_PYTHON",
        "from statsmodels.duration.hazard_regression import PHReg",
        _STATSMODELS,
    ),
    "greenwood, Cox": ("GREENWOOD_PYTHON", "import greenwood", _GREENWOOD),
    "lifelines, Cox": ("LIFELINES_PYTHON", "import pandas as pd; from lifelines import CoxPHFitter", _LIFELINES),
}


def write_lives(file: Path, clients: int) -> int:
    """Make up lives that began before the records, or within; returns how many ended."""
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(clients, 5))
    entry = np.where(rng.random(clients) < 0.6, rng.integers(1, 60, clients), 0)
    watched = entry + rng.integers(1, 51, clients)
    rate = np.exp(-4.6 + columns @ np.array([0.4, 0.2, 0.0, -0.1, -0.3]))
    left_in = entry + np.ceil(rng.exponential(1 / rate)).astype(np.int64)
    event = left_in <= watched
    np.savez(file, entry=entry, leave=np.minimum(left_in, watched), event=event, columns=columns)
    return int(event.sum())


def main() -> None:
    """Measure each in a process of its own, print a line for each, and say where another is ahead."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lives.npz"
        print(f"{clients:,} clients who enter late, {write_lives(file, clients):,} of whom left")
        for name, (variable, imports, fit) in _RUNS.items():
            python = os.environ.get(variable) if variable else sys.executable
            if python is None:
                print(f"{name:<32} was not measured: {variable} names no Python that has it")
                continue
            measured[name] = _run(python, f"{_START}{imports}{_CLOCK}{fit}{_TOLD}", file)
            _tell(name, measured)
    ahead = [name for name, told in measured.items() if told["used"] < measured["ours"]["used"]]
    print(f"Faster than ours: {', '.join(ahead) or 'none of those measured'}.")


def _run(python: str, code: str, file: Path) -> dict[str, float]:
    done = subprocess.run([python, "-W", "ignore", "-c", code, str(file)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _tell(name: str, measured: dict[str, dict[str, float]]) -> None:
    told = measured[name]
    apart = np.abs(np.subtract(told["found"], measured["ours"]["found"])).max()
    memory = f"{told['peak']:7.0f} MB peak ({told['peak'] - told['before']:.0f} over the start)"
    print(f"{name:<32}{told['used']:8.2f} CPU s{memory}   {apart:.1e} from ours")


if __name__ == "__main__":
    main()
