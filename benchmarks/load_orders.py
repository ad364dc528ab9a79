"""How long loading and checking orders takes and how much memory, beside plain pandas reading the same file.

Usage: ``python benchmarks/load_orders.py [ROWS]`` (5,000,000 if not given: half a minute and 3 GB). Plain
pandas only reads, finds identical rows and sorts; it checks nothing. Each runs in a process of its own.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

LOAD = "import sys; from churnlab.tables import load; load(sys.argv[1])"
PANDAS = (
    "import sys, pandas as pd; frame = pd.read_parquet(sys.argv[1] + '/orders.parquet'); frame.duplicated().sum(); "
    "frame.sort_values(['client_id', 'order_date'], kind='stable')"
)


def orders(rows: int) -> pd.DataFrame:
    """Make up order lines of fourteen columns."""
    rng = np.random.default_rng(1)
    day = np.datetime64("2017-01-01") + np.sort(rng.integers(0, 3287, rows))
    amount = rng.gamma(2, 900, rows).round(2)
    return pd.DataFrame(
        {
            "client_id": pd.Series(rng.integers(1, max(2, rows // 50), rows)).astype("str"),
            "order_date": day,
            "amount": amount,
            "order_id": pd.Series(np.arange(rows)).astype("str"),
            "product_line": pd.Categorical.from_codes(rng.integers(0, 3, rows), ["board", "cement", "houses"]),
            "quantity": rng.integers(1, 60, rows).astype(np.float64),
            "list_amount": (amount * 1.06).round(2),
            "cost": (amount * 0.75).round(2),
            "currency": pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), ["EUR"]),
            "kind": pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), ["sale"]),
            "promised_date": day + 14,
            "delivered_date": day + rng.integers(10, 30, rows),
            "claim": pd.Series([None] * rows, dtype="str"),
            "manager_id": pd.Series(rng.integers(1, 3000, rows)).astype("str"),
        }
    )


def main() -> None:
    """Measure both and print a line for each."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        orders(rows).to_parquet(Path(folder) / "orders.parquet", index=False)
        for name, code in (("plain pandas", PANDAS), ("churnlab", LOAD)):
            began = time.perf_counter()
            process = subprocess.Popen([sys.executable, "-c", code, folder])
            _, status, used = os.wait4(process.pid, 0)
            took = time.perf_counter() - began
            if status:
                sys.exit(f"{name} failed")
            print(f"{rows:>9,} rows: {name}: {took:.1f} s, {used.ru_maxrss / 1e6:.2f} GB peak")


if __name__ == "__main__":
    main()
