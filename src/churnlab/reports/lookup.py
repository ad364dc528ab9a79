"""The look-up of codes: which code is which client, written beside what is passed on, never into it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lookup_file(out: Path, *, what: str = "codes") -> Path:
    """Say where the look-up of a folder goes.

    Parameters
    ----------
    out
        The folder that holds codes.
    what
        What to call it.

    Returns
    -------
    Path
        A CSV file beside the folder.
    """
    resolved = out.resolve()
    return resolved.with_name(f"{resolved.name}.{what}.csv")


def write_lookup(lookup: pd.DataFrame, path: Path) -> None:
    """Write a look-up for its owner only.

    Parameters
    ----------
    lookup
        Columns of text.
    path
        The file; an earlier one is replaced when the new one is complete.

    Notes
    -----
    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    safe = lookup.astype("str").fillna("")
    for column in safe.columns:
        risky = safe[column].str.startswith(_FORMULA)
        safe[column] = safe[column].where(~risky, "'" + safe[column])
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        unfinished = Path(file.name)  # readable by its owner only, as made by tempfile
    try:
        safe.to_csv(unfinished, index=False, lineterminator="\n", encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
