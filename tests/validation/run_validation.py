"""Run the claims that are out of date, or all of them, and write the page.

Usage: ``python tests/validation/run_validation.py [--all]``. Exit 1 if a claim does not hold.
"""

import argparse
import sys

from rich.progress import track
from validation_claims import CLAIMS
from validation_frame import PAGE, code_hash, is_current, row, rows, run_claim, write_page


def main() -> int:
    """Run, write, and tell."""
    parser = argparse.ArgumentParser(description="Run the claims whose code has changed; write docs/validation.md.")
    parser.add_argument("--all", action="store_true", help="run every claim")
    everything = parser.parse_args().all
    known = rows(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else {}
    codes = {claim.name: code_hash(claim) for claim in CLAIMS}
    stale = [c for c in CLAIMS if everything or not is_current(known.get(c.name, ""), codes[c.name])]
    for claim in track(stale, description="claims"):
        known[claim.name] = row(claim, run_claim(claim), code=codes[claim.name])
        write_page(known[c.name] for c in CLAIMS if c.name in known)
        print(known[claim.name])
    write_page(known[c.name] for c in CLAIMS)
    return int(any("**FAILS**" in known[c.name] for c in CLAIMS))


if __name__ == "__main__":
    sys.exit(main())
