"""Passing data on: a folder of pseudonymised tables, with the look-up apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from churnlab.reports.folder import RECORD, UsageError, check_replaceable, replacing
from churnlab.reports.lookup import lookup_file, write_lookup
from churnlab.tables import CONTRACT, load, read_key, with_pseudonyms


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What was written.

    Attributes
    ----------
    files
        Every file, the look-up last.
    sentences
        What is where, in words.
    """

    files: tuple[Path, ...]
    sentences: tuple[str, ...]


def write_pseudonymised(
    data: str | Path,
    out: Path,
    *,
    key_file: Path | None,
    mapping: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> PassedOn:
    """Write a dataset with keyed codes in the place of ids.

    Parameters
    ----------
    data
        What holds the orders, as `churnlab.tables.load` takes it.
    out
        Folder to write; an earlier one of ours is replaced when the new one is complete.
    key_file
        File with the key; None takes the variable ``CHURNLAB_KEY``.
    mapping
        Mapping file; None takes the one beside the data, if there.
    progress
        Told of each step of reading.

    Returns
    -------
    PassedOn

    Raises
    ------
    UsageError
        If the key is too short, or the folder holds something else.
    churnlab.tables.DataError
        If orders cannot be had from the data.
    churnlab.tables.MappingError
        If the mapping file holds mistakes.
    """
    check_replaceable(out, inputs=tuple(Path(path) for path in (data, mapping, key_file) if path is not None))
    try:
        key = read_key(key_file)
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from error
    frames, lookup = with_pseudonyms(load(data, mapping, progress=progress), key=key)
    with replacing(out) as folder:
        for name, frame in frames.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
        factors = [str(c) for c in frames.get("surveys", ()) if c not in CONTRACT["surveys"].column_names]
        if factors:
            lines = ["[surveys.factors]", *(f"{json.dumps(factor)} = {json.dumps(factor)}" for factor in factors)]
            (folder / "mapping.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        record = {"made_by": "churnlab", "holds": "pseudonymised tables", "tables": sorted(frames)}
        (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    beside = lookup_file(out, what="lookup")
    write_lookup(lookup, beside)
    rows = [f"{name}: {len(frame):,} rows" for name, frame in frames.items()]
    told = ("Amounts and days are as they were: whoever knows an order can find its client.",)
    where = (f"Look at {out}", f"Which code is which id: {beside} (keep it, and the key, to yourself)")
    return PassedOn((*sorted(out.resolve().iterdir()), beside), (*rows, *told, *where))
