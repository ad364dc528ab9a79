"""A folder that is replaced as a whole, or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RECORD = "run.json"
"""File that marks a folder as written by churnlab."""


class UsageError(ValueError):
    """The command was asked for something that it cannot do; nothing was written."""


def check_replaceable(out: Path, *, inputs: tuple[Path, ...] = ()) -> None:
    """Refuse a folder that holds something other than an earlier report.

    Parameters
    ----------
    out
        Folder that a report is to be written to; it need not exist.
    inputs
        Files and folders that the report reads, which must not lie inside `out`.

    Raises
    ------
    UsageError
        If `out` is a file, or a folder with content but no record of an earlier run, or holds an input.
    """
    out = out.resolve()
    for path in inputs:
        if path.resolve().is_relative_to(out):
            message = f"expected a folder for the report apart from the data, and {path} lies inside {out}"
            raise UsageError(message)
    if not out.exists():
        return
    if not out.is_dir():
        message = f"expected a folder for the report, and {out} is a file: give another --out"
        raise UsageError(message)
    if any(out.iterdir()) and not is_report(out):
        message = (
            f"{out} is not empty and holds no {RECORD} of an earlier report, so it is left alone: "
            "give another --out, or empty it yourself"
        )
        raise UsageError(message)


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a fresh folder to write to, and put it in the place of `out` when the block ends well.

    Parameters
    ----------
    out
        Folder to replace; `check_replaceable` has been asked.

    Yields
    ------
    Path
        An empty folder beside `out`. If the block raises, it is deleted and `out` stays as it was.

    Notes
    -----
    The earlier folder is set aside as ``.NAME.earlier`` for the moment between two renames; if the machine
    stops right there, the next call brings it back.
    """
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    earlier = out.with_name(f".{out.name}.earlier")
    if earlier.exists() and not out.exists():
        earlier.rename(out)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".unfinished", dir=out.parent))
    try:
        page_folder = fresh / out.name
        page_folder.mkdir()  # the folder made by mkdtemp is for its owner only; this one follows the umask
        yield page_folder
        _swap(page_folder, out, earlier=earlier)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def is_report(out: Path) -> bool:
    """Tell whether a folder holds the record of an earlier run.

    Parameters
    ----------
    out
        A folder; it need not be there.

    Returns
    -------
    bool
    """
    try:
        record = json.loads((out / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("made_by") == "churnlab"


def _swap(fresh: Path, out: Path, *, earlier: Path) -> None:
    """Rename `out` away and `fresh` into its place; put `out` back if that fails."""
    if earlier.exists():
        shutil.rmtree(earlier)
    if out.exists():
        out.rename(earlier)
    try:
        fresh.rename(out)
    except OSError:
        if earlier.exists():
            earlier.rename(out)
        raise
    shutil.rmtree(earlier, ignore_errors=True)
