"""What snapshots cost on pandas and DuckDB, and recency, frequency and age, beside plain pandas and lifetimes.

Usage: ``python benchmarks/snapshots.py [ORDERS]`` (5,000,000 if not given, half a minute and 3 GB a run). Twelve
monthly cut-offs, fifteen order features; recency, frequency and age of twice as many rows.
"""

import sys

from measuring import Data, Run, Task, benchmark

_WRITE = """
import numpy as np
import pandas as pd
rows, clients, numbered, rng = ROWS, CLIENTS, NUMBERED, np.random.default_rng(1)
names = pd.Series([f"C-{number:07d}" for number in range(clients)], dtype="str")
day = np.datetime64("2016-01-01", "us") + rng.integers(0, 3285, rows).astype("timedelta64[D]")
frame = pd.DataFrame({"client_id": names.take(rng.integers(0, clients, rows)).to_numpy(), "order_date": day})
frame = frame.assign(kind=pd.Series(rng.choice(["sale", "return"], rows, p=[0.97, 0.03]), dtype="str"))
if numbered:
    frame["order_id"] = pd.Series(np.arange(rows)).astype("str")
    frame["amount"] = rng.gamma(2, 900, rows).round(2)
frame.sort_values(["client_id", "order_date"], ignore_index=True).to_parquet(file, index=False)
"""

_START = "import numpy as np\nimport pandas as pd\n"
_PANDAS = f"{_START}orders = pd.read_parquet(file)\n"
_DUCKDB = f"""{_START}
import duckdb
connection = duckdb.connect()
connection.execute("set threads = 2; set memory_limit = '250MB'")
connection.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
orders = connection.read_parquet(file)
"""

_SNAPSHOTS = """
from churnlab.history import snapshots
from churnlab.tables import Tables
nothing = pd.DataFrame()
tables = Tables(orders, None, None, (), nothing, nothing, (), False, "")
last = pd.Timestamp("2024-12-01")
days = [last - pd.DateOffset(months=back) for back in range(11, -1, -1)]
seen = timed(lambda: snapshots(tables, days))
found = [len(seen), *seen.select_dtypes("number").sum()]
"""

_OURS = """
from churnlab.history.purchases import read_purchases
def reduced():
    bought = read_purchases(orders)
    begins = bought.is_first.nonzero()[0]
    return (
        np.add.reduceat(bought.purchases, begins),
        bought.day[begins],
        np.maximum.reduceat(bought.day, begins),
    )
count, first, last = timed(reduced)
found = [count.sum() - len(count), (last - first).sum()]
"""

_PLAIN = """
def reduced():
    days = orders.loc[orders["kind"] == "sale", ["client_id", "order_date"]].drop_duplicates()
    return days.groupby("client_id")["order_date"].agg(["count", "min", "max"])
seen = timed(reduced)
found = [seen["count"].sum() - len(seen), (seen["max"] - seen["min"]).dt.days.sum()]
"""

_LIFETIMES = """
from lifetimes.utils import summary_data_from_transaction_data
def reduced():
    return summary_data_from_transaction_data(orders[orders["kind"] == "sale"], "client_id", "order_date")
seen = timed(reduced)
found = [seen["frequency"].sum(), seen["recency"].sum()]
"""


def main() -> None:
    """Measure and store."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    held = "DuckDB held to 250 MB of its own"
    tasks = [
        Task(
            f"Snapshots on twelve days, fifteen features, {rows:,} orders of {rows // 50:,} clients",
            "snapshots",
            (
                Run("churnlab", f"{_PANDAS}{_SNAPSHOTS}", ours=True),
                Run("churnlab on DuckDB", f"{_DUCKDB}{_SNAPSHOTS}", ours=True, note=held),
            ),
            "wide",
            "sums of all features",
        ),
        Task(
            f"Recency, frequency and age from {2 * rows:,} rows of {rows // 10:,} clients",
            "recency, frequency, age",
            (
                Run("churnlab", f"{_PANDAS}{_OURS}", ours=True),
                Run("churnlab on DuckDB", f"{_DUCKDB}{_OURS}", ours=True, note=held),
                Run("plain pandas", f"{_PANDAS}{_PLAIN}", note="distinct days, one group-by"),
                Run("lifetimes", f"{_PANDAS}{_LIFETIMES}", peer="lifetimes"),
            ),
            "narrow",
            "sums of frequency and recency",
        ),
    ]

    def written(number: int, clients: int, *, numbered: bool) -> Data:
        code = _WRITE.replace("ROWS", str(number)).replace("CLIENTS", str(clients))
        return Data(code.replace("NUMBERED", str(numbered)))

    data = {"wide": written(rows, rows // 50, numbered=True), "narrow": written(2 * rows, rows // 10, numbered=False)}
    benchmark("snapshots", "History: snapshots, recency, frequency and age", tasks, data)


if __name__ == "__main__":
    main()
