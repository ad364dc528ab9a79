"""How long a plant takes and how much memory: 200 clients, then as many as asked for.

Usage: ``python benchmarks/sample_plant.py [CLIENTS]`` (100,000 if not given: about a minute and 5 GB). The
plant is made and written by the command that users run, in a process of its own.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Measure both sizes and print a line for each."""
    most = sys.argv[1] if len(sys.argv) > 1 else "100000"
    for clients in ("200", most):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "churnlab", "sample", f"{folder}/plant", "--clients", clients]
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            took = time.perf_counter() - began
            size = sum(file.stat().st_size for file in Path(folder).rglob("*.csv")) / 1e6
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6  # the largest child so far, GB
        print(f"{int(clients):>7,} clients: {took:.1f} s with all files, {peak:.2f} GB peak, {size:,.0f} MB written")


if __name__ == "__main__":
    main()
