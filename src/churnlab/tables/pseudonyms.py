"""Pseudonyms: tables that can be passed on, with keyed codes for every id and without what people wrote.

The same key gives the same codes, so that a later export joins an earlier one; without the key nobody can try ids
until one fits. Amounts, days and places stay: pseudonymised is not anonymous.
"""

import hmac
import os
from hashlib import sha256
from pathlib import Path

import pandas as pd

from churnlab.tables.contract import CONTRACT, Table
from churnlab.tables.dataset import Tables

LEAST_KEY = 16
"""Bytes that a key must have."""

KEY_VARIABLE = "CHURNLAB_KEY"

_DIGITS = 20
_OWNER = {"manager_id": "manager", "asked_by": "manager", "order_id": "order"}
_LEFT_OUT = ("contacts", "merges", "rates")


def read_key(path: Path | None) -> bytes:
    """Read the key from a file or the environment.

    Parameters
    ----------
    path
        The file; None takes the variable ``CHURNLAB_KEY``.

    Returns
    -------
    bytes
        The key, without line ends around it.

    Raises
    ------
    ValueError
        If there is none, or it is shorter than `LEAST_KEY` bytes.
    """
    if path is None:
        key = os.environ.get(KEY_VARIABLE, "").encode()
        place = f"the variable {KEY_VARIABLE}"
    else:
        key, place = path.read_bytes(), path.name
    key = key.strip(b"\r\n")
    if len(key) < LEAST_KEY:
        message = (
            f"expected a key of at least {LEAST_KEY} bytes in {place}, got {len(key)}: make one with "
            "python -c 'import secrets; print(secrets.token_hex(32))', and keep it apart from the data"
        )
        raise ValueError(message)
    return key


def with_pseudonyms(tables: Tables, *, key: bytes) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Replace every id by a keyed code, and leave out names and free text.

    Parameters
    ----------
    tables
        A loaded dataset.
    key
        The secret, see `read_key`.

    Returns
    -------
    frames : dict of str to DataFrame
        Tables in the contract's form. Contacts are left out, and so are merges and rates, which are applied already.
        A manager's name is its code.
    lookup : DataFrame
        Columns code, kind (client, manager, order), id, sorted. Keep it, and the key, apart from what is passed on.

    Notes
    -----
    A code is the first 80 bits of HMAC-SHA256 (RFC 2104) over the kind of id and the id; a million ids collide with
    a chance of 4e-13.
    """
    frames = {}
    known: dict[tuple[str, str], str] = {}
    for name, table in CONTRACT.items():
        frame = getattr(tables, name)
        if frame is not None and name not in _LEFT_OUT:
            frames[name] = _coded(frame, table, key, known)
    rows = sorted((code, kind, plain) for (kind, plain), code in known.items())
    return frames, pd.DataFrame(rows, columns=["code", "kind", "id"], dtype="str")


def _coded(frame: pd.DataFrame, table: Table, key: bytes, known: dict[tuple[str, str], str]) -> pd.DataFrame:
    """Code one table; `known` collects the codes given."""
    coded = frame.drop(columns=[c.name for c in table.columns if c.personal and c.name in frame])
    coded = coded.drop(columns="group_id", errors="ignore")
    for column in table.columns:
        if column.kind == "id" and column.name in coded:
            kind = _OWNER.get(column.name, "client")
            ids = coded[column.name]
            codes = {plain: known.setdefault((kind, plain), _code(kind, plain, key)) for plain in ids.dropna().unique()}
            coded[column.name] = ids.map(codes).astype("str")
    if table.name == "managers":
        coded.insert(1, "name", coded["manager_id"])
    return coded


def _code(kind: str, plain: str, key: bytes) -> str:
    digest = hmac.new(key, f"{kind}\0{plain}".encode(), sha256).hexdigest()
    return f"{kind[0]}{digest[:_DIGITS]}"
