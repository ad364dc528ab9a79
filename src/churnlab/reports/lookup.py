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


def read_lookup(path: Path) -> pd.DataFrame | None:
    """Read a look-up back.

    Parameters
    ----------
    path
        As from `lookup_file`.

    Returns
    -------
    DataFrame or None
        As it was written; None where there is no such file, or it does not say which code is which client.
    """
    try:
        read = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError):
        return None
    if not {"code", "client_id"} <= set(read.columns) or read["code"].duplicated().any():
        return None
    for column in read.columns:
        marked = read[column].str.startswith(tuple(f"'{letter}" for letter in _FORMULA))
        read[column] = read[column].where(~marked, read[column].str[1:])
    return read
