"""What snapshots cost on pandas and DuckDB, and recency, frequency and age of 10 million rows: CPU seconds, memory.

Usage: ``python benchmarks/snapshots.py [ORDERS]`` (5,000,000 if not given, half a minute and 3 GB). Twelve
monthly cut-offs, fifteen order features. Beside recency, frequency and age stands plain pandas: distinct days, then one
group-by; and `lifetimes` where it is installed in a Python of its own, named by the variable ``LIFETIMES_PYTHON``. Each
runs in a process of its own.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

_TABLES = """
import sys, resource, time, warnings
import numpy as np
import pandas as pd
file = sys.argv[1]
def told(name, start):
    used, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{name:<44}{used:8.1f} CPU s{peak:8.2f} GB")
"""

_DUCKDB = """
import duckdb
connection = duckdb.connect()
connection.execute("set threads = 2; set memory_limit = '250MB'")
connection.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
orders = connection.read_parquet(file)
"""

_PANDAS = "orders = pd.read_parquet(file)\n"

_SNAPSHOTS = """
from churnlab.history import snapshots
from churnlab.tables import Tables
nothing = pd.DataFrame()
tables = Tables(orders, None, None, (), nothing, nothing, (), False, "")
last = pd.Timestamp("2024-12-01")
start = time.process_time()
found = snapshots(tables, [last - pd.DateOffset(months=back) for back in range(11, -1, -1)])
told(f"snapshots, {engine}: {len(found):,} rows", start)
"""

_DAYS = """
from churnlab.history.purchases import read_purchases
start = time.process_time()
bought = read_purchases(orders)
begins = bought.is_first.nonzero()[0]
found = pd.DataFrame(
    {
        "count": np.add.reduceat(bought.purchases, begins),
        "min": bought.day[begins],
        "max": np.maximum.reduceat(bought.day, begins),
    },
    index=bought.units["client_id"],
)
told(f"recency, frequency and age, {engine}", start)
"""

_PLAIN = """
start = time.process_time()
days = orders.loc[orders["kind"] == "sale", ["client_id", "order_date"]].drop_duplicates()
found = days.groupby("client_id")["order_date"].agg(["count", "min", "max"])
told("recency, frequency and age, plain pandas", start)
"""

_LIFETIMES = """
from lifetimes.utils import summary_data_from_transaction_data
warnings.simplefilter("ignore")
start = time.process_time()
sales = orders[orders["kind"] == "sale"]
found = summary_data_from_transaction_data(sales, "client_id", "order_date")
told("recency, frequency and age, lifetimes", start)
"""


def write_orders(file: Path, rows: int, clients: int, *, numbered: bool) -> None:
    """Make up orders at random days of nine years."""
    rng = np.random.default_rng(1)
    names = pd.Series([f"C-{number:07d}" for number in range(clients)], dtype="str")
    day = np.datetime64("2016-01-01", "us") + rng.integers(0, 3285, rows).astype("timedelta64[D]")
    frame = pd.DataFrame({"client_id": names.take(rng.integers(0, clients, rows)).to_numpy(), "order_date": day})
    frame = frame.assign(kind=pd.Series(rng.choice(["sale", "return"], rows, p=[0.97, 0.03]), dtype="str"))
    if numbered:
        frame["order_id"] = pd.Series(np.arange(rows)).astype("str")
        frame["amount"] = rng.gamma(2, 900, rows).round(2)
    frame.sort_values(["client_id", "order_date"], ignore_index=True).to_parquet(file, index=False)


def main() -> None:
    """Measure each in a process of its own and print a line for each."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    engines = {"pandas": _PANDAS, "DuckDB": _DUCKDB}
    with tempfile.TemporaryDirectory() as folder:
        wide, narrow = Path(folder) / "orders.parquet", Path(folder) / "days.parquet"
        with ProcessPoolExecutor(1) as pool:  # a child's peak memory is never below its parent's
            pool.submit(write_orders, wide, rows, rows // 50, numbered=True).result()
            pool.submit(write_orders, narrow, 2 * rows, rows // 10, numbered=False).result()
        for name, read in engines.items():
            _run(sys.executable, f"engine = {name!r}{_TABLES}{read}{_SNAPSHOTS}", wide)
        for name, read in engines.items():
            _run(sys.executable, f"engine = {name!r}{_TABLES}{read}{_DAYS}", narrow)
        _run(sys.executable, f"{_TABLES}{_PANDAS}{_PLAIN}", narrow)
        peer = os.environ.get("LIFETIMES_PYTHON")
        if peer is None:
            print("lifetimes was not measured: LIFETIMES_PYTHON names no Python that has it")
        else:
            _run(peer, f"{_TABLES}{_PANDAS}{_LIFETIMES}", narrow)


def _run(python: str, code: str, file: Path) -> None:
    subprocess.run([python, "-W", "ignore", "-c", code, str(file)], check=True)


if __name__ == "__main__":
    main()
