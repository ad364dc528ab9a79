"""How long loading and checking orders takes and how much memory, beside plain pandas reading the same file.

Usage: ``python benchmarks/load_orders.py [ROWS]`` (5,000,000 if not given: half a minute and 3 GB a run). Plain
pandas only reads, finds identical rows and sorts; it checks nothing.
"""

import sys

from measuring import Data, Run, Task, benchmark

_ORDERS = """
from pathlib import Path
import numpy as np
import pandas as pd
rows, rng = ROWS, np.random.default_rng(1)
day = np.datetime64("2017-01-01") + np.sort(rng.integers(0, 3287, rows))
amount = rng.gamma(2, 900, rows).round(2)
frame = pd.DataFrame({
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
})
Path(file).mkdir()
frame.to_parquet(Path(file) / "orders.parquet", index=False)
"""

_OURS = """
from churnlab.tables import load
found = [len(timed(lambda: load(file)).orders)]
"""

_PANDAS = """
import pandas as pd
def read():
    frame = pd.read_parquet(file + "/orders.parquet")
    frame.duplicated().sum()
    return frame.sort_values(["client_id", "order_date"], kind="stable")
found = [len(timed(read))]
"""


def main() -> None:
    """Measure and store."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    runs = (
        Run("churnlab", _OURS, ours=True, note="read and checked by every rule"),
        Run("plain pandas", _PANDAS, note="reads, finds identical rows, sorts; checks nothing"),
    )
    task = Task(f"Loading {rows:,} order lines of fourteen columns", "loading orders", runs, "orders", "rows")
    benchmark("load_orders", "Loading and checking", [task], {"orders": Data(_ORDERS.replace("ROWS", str(rows)))})


if __name__ == "__main__":
    main()
