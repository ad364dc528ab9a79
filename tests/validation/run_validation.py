"""Run the claims that are out of date, or all of them, and write the page.

Usage: ``python tests/validation/run_validation.py [--all]``. Exit 1 if a claim does not hold.
"""

import argparse
import sys

from rich.progress import track
from validation_claims import CLAIMS, MEASUREMENTS, WAITING
from validation_frame import (
    PAGE,
    Claim,
    Measurement,
    code_hash,
    is_current,
    measured_row,
    row,
    rows,
    run_claim,
    run_measurement,
    write_page,
)


def main() -> int:
    """Run, write, and tell."""
    parser = argparse.ArgumentParser(description="Run the claims whose code has changed; write docs/validation.md.")
    parser.add_argument("--all", action="store_true", help="run every claim")
    everything = parser.parse_args().all
    known = rows(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else {}
    codes = {each.name: code_hash(each) for each in (*CLAIMS, *MEASUREMENTS)}
    stale = [c for c in (*CLAIMS, *MEASUREMENTS) if everything or not is_current(known.get(c.name, ""), codes[c.name])]
    for each in track(stale, description="claims"):
        known[each.name] = _row(each, code=codes[each.name])
        _write(known)
        print(known[each.name])
    _write(known)
    return int(any("**FAILS**" in known[c.name] for c in CLAIMS))


def _row(each: Claim | Measurement, *, code: str) -> str:
    if isinstance(each, Claim):
        return row(each, run_claim(each), code=code)
    return measured_row(each, run_measurement(each), code=code)


def _write(known: dict[str, str]) -> None:
    groups = ([known[c.name] for c in group if c.name in known] for group in (CLAIMS, MEASUREMENTS))
    write_page(*groups, waiting=WAITING)


if __name__ == "__main__":
    sys.exit(main())
