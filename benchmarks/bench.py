"""Runs the benchmarks one after another, then writes docs/benchmarks.md: what ``make bench`` does.

Usage: ``python benchmarks/bench.py [NAME]``; all if none is named. Each is a script of its own and says how long it
took; one that fails does not stop the others.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
MEASURED = (
    "purchase_models", "survival", "hazard", "risk_at_scale", "scenarios", "demand", "snapshots", "load_orders",
    "value", "sample_plant",
)  # fmt: skip
PAGES = ("claims", "risk_on_real_logs", "purchase_scorecard")
"""Scripts that write or print other pages' figures and store nothing."""


def main() -> None:
    """Run what was asked for, then the page."""
    known = [file.stem for file in (FOLDER / "scale.py",) if file.is_file()]
    every = (*PAGES, *MEASURED, *known)
    asked = sys.argv[1:] or every
    if not set(asked) <= set(every):
        sys.exit(f"expected some of {', '.join(every)}; got {', '.join(asked)}")
    failed = []
    for name in asked:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, str(FOLDER / f"{name}.py")], check=False).returncode:
            failed.append(name)
    subprocess.run([sys.executable, str(FOLDER / "page.py")], check=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
