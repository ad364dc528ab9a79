"""Keeps frozen results on disk as JSON, Parquet and NumPy files; nothing is ever unpickled."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_PACKAGE = "churnlab"
_INDEX = "result.json"


class StoreError(Exception):
    """A stored result that cannot be read back as one of this package's."""


def save(result: object, folder: Path) -> None:
    """Write a result into a new folder, all or nothing.

    Parameters
    ----------
    result : object
        A frozen dataclass of this package; fields may hold numbers, text, timestamps, tuples, lists, dicts with text
        keys, arrays, DataFrames with a plain index, and further dataclasses of this package.
    folder : Path
        Where to; left as it is if somebody else has written it meanwhile.

    Raises
    ------
    StoreError
        If a value is of another kind.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        tree = _encode(result, unfinished)
        (unfinished / _INDEX).write_text(json.dumps(tree), encoding="utf-8")
        unfinished.rename(folder)
    except OSError:
        if not holds(folder):
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def holds(folder: Path) -> bool:
    """Whether a whole result lies there."""
    return (folder / _INDEX).is_file()


def load(folder: Path) -> Any:
    """Read a result back.

    Parameters
    ----------
    folder : Path
        Where it was saved.

    Returns
    -------
    object
        Equal to what was saved.

    Raises
    ------
    StoreError
        If the folder does not hold a result of this package.
    """
    try:
        tree = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"expected a stored result in {folder.name}: {error}") from error
    return _decode(tree, folder)


def _encode(value: object, folder: Path) -> object:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, pd.Timestamp):
        return {"timestamp": value.isoformat()}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_encode(item, folder) for item in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _encode(item, folder) for key, item in value.items()}}
    return _encode_large(value, folder)


def _encode_large(value: object, folder: Path) -> object:
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        name = f"{len(list(folder.iterdir()))}.npy"
        np.save(folder / name, value, allow_pickle=False)
        return {"array": name}
    if isinstance(value, pd.DataFrame):
        name = f"{len(list(folder.iterdir()))}.parquet"
        value.to_parquet(folder / name, index=False)
        return {"frame": name}
    if is_dataclass(value) and type(value).__module__.startswith(f"{_PACKAGE}."):
        held = {field.name: _encode(getattr(value, field.name), folder) for field in fields(value)}
        return {"dataclass": [type(value).__module__, type(value).__qualname__], "fields": held}
    raise StoreError(f"cannot keep a {type(value).__name__}: expected numbers, text, arrays, frames or dataclasses")


def _decode(tree: Any, folder: Path) -> Any:
    if not isinstance(tree, dict):
        return tree
    kind, held = next(iter(tree.items()))
    if kind == "dataclass":
        return _rebuild(held, tree["fields"], folder)
    readers: dict[str, Callable[[Any], Any]] = {
        "timestamp": pd.Timestamp,
        "tuple": lambda items: tuple(_decode(item, folder) for item in items),
        "list": lambda items: [_decode(item, folder) for item in items],
        "dict": lambda items: {key: _decode(item, folder) for key, item in items.items()},
        "array": lambda name: np.load(folder / Path(name).name, allow_pickle=False),
        "frame": lambda name: pd.read_parquet(folder / Path(name).name),
    }
    if kind not in readers:
        raise StoreError(f"cannot read a {kind!r} back")
    return readers[kind](held)


def _rebuild(place: list[str], held: dict[str, Any], folder: Path) -> object:
    module, name = place
    if not module.startswith(f"{_PACKAGE}."):
        raise StoreError(f"refused to rebuild {module}.{name}: not of this package")
    kind = getattr(import_module(module), name)
    if not (isinstance(kind, type) and is_dataclass(kind)):
        raise StoreError(f"refused to rebuild {module}.{name}: not a result")
    return kind(**{key: _decode(value, folder) for key, value in held.items()})
