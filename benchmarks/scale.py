"""The whole report, from 200 to 100,000 clients: seconds, CPU seconds, peak memory of all processes together.

Usage: ``python benchmarks/scale.py [CLIENTS...]`` (200, 2,000 and 20,000 if not given; 100,000 take half an hour with
making the data, and 10 GB for that). A plant is made up, its last years are kept until the orders are about fifty
times the clients, as Parquet; ``churnlab report`` then runs in a process of its own with an empty cache. Results are
stored in ``results/scale.json``, of which ``page.py`` makes the plot.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pandas as pd
import psutil

SIZES = (200, 2_000, 20_000)
ORDERS_A_CLIENT = 50
RESULTS = Path(__file__).parent / "results" / "scale.json"
_DATED = {
    "orders": "order_date",
    "surveys": "survey_date",
    "touches": "date",
    "failures": "date",
    "offers_seen": "date",
    "losses": "date",
}


def supplier(folder: Path, clients: int) -> Path:
    """Make up a supplier with its last years, about fifty order lines a client, as Parquet."""
    made, kept = folder / "whole", folder / "kept"
    command = [sys.executable, "-m", "churnlab", "sample", str(made), "--clients", str(clients)]
    subprocess.run(command, check=True, capture_output=True)
    kept.mkdir()
    days = pd.read_csv(made / "orders.csv", usecols=["order_date"])["order_date"].sort_values()
    start = days.iloc[max(0, len(days) - ORDERS_A_CLIENT * clients)]
    for file in sorted(made.glob("*.csv")):
        frame = pd.read_csv(file, dtype={"client_id": str, "order_id": str}, low_memory=False)
        if file.stem in _DATED:
            frame = frame[frame[_DATED[file.stem]] >= start]
        frame.to_parquet(kept / f"{file.stem}.parquet", index=False)
    (kept / "mapping.toml").write_bytes((made / "mapping.toml").read_bytes())
    return kept


def measure(data: Path, out: Path, cache: Path) -> dict[str, float]:
    """Make the report in a process of its own, and watch it and its children."""
    environment = os.environ | {"CHURNLAB_CACHE": str(cache)}
    command = [sys.executable, "-m", "churnlab", "report", str(data), "--out", str(out), "--json"]
    began = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, ended = [0.0], threading.Event()
    watch = threading.Thread(target=_watch, args=(child.pid, peak, ended), daemon=True)
    watch.start()
    _, status, used = os.wait4(child.pid, 0)
    ended.set()
    wall = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status):
        message = f"the report of {data} failed"
        raise RuntimeError(message)
    return {"wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": peak[0]}


def _watch(process: int, peak: list[float], ended: threading.Event) -> None:
    """Note the most memory that a process and its children hold together, shared pages once."""
    while not ended.wait(0.5):
        try:
            parent = psutil.Process(process)
            held = sum(one.memory_full_info().pss for one in (parent, *parent.children(recursive=True)))
        except psutil.Error:
            continue
        peak[0] = max(peak[0], held / 1e6)


def main() -> None:
    """Measure each size, print and store it."""
    sizes = [int(given) for given in sys.argv[1:]] or list(SIZES)
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else []
    found = {row["clients"]: row for row in known}
    for clients in sizes:
        with tempfile.TemporaryDirectory() as folder:
            data = supplier(Path(folder), clients)
            orders = len(pd.read_parquet(data / "orders.parquet", columns=["order_date"]))
            taken = measure(data, Path(folder) / "out", Path(folder) / "cache")
        found[clients] = {"clients": clients, "orders": orders, **{key: round(one, 1) for key, one in taken.items()}}
        print(found[clients], flush=True)
        RESULTS.parent.mkdir(exist_ok=True)
        rows = [found[size] for size in sorted(found)]
        RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
