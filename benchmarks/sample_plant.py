"""How long a made-up plant takes and how much memory: 200 clients, then as many as asked for; it has no peer.

Usage: ``python benchmarks/sample_plant.py [CLIENTS]`` (100,000 if not given: about a minute and 5 GB a run). The plant
is made and written by the command that users run.
"""

import sys

from measuring import Run, Task, benchmark

_CODE = """
import tempfile
from pathlib import Path
from churnlab.cli import app
with tempfile.TemporaryDirectory() as folder:
    command = ["sample", f"{folder}/plant", "--clients", "CLIENTS"]
    timed(lambda: app(command, standalone_mode=False))
    found = [sum(each.stat().st_size for each in Path(folder).rglob("*.csv")) / 1e6]
"""


def main() -> None:
    """Measure and store."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    tasks = [
        Task(
            f"A plant of {clients:,} clients, made and written",
            f"plant of {clients:,}",
            (Run("churnlab", _CODE.replace("CLIENTS", str(clients)), ours=True),),
        )
        for clients in (200, most)
    ]
    benchmark("sample_plant", "Making a plant", tasks)


if __name__ == "__main__":
    main()
