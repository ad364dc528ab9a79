"""Names: codes that stand for clients wherever a page may be passed on."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from churnlab.tables.contract import CLIENT_IDS, CONTRACT
from churnlab.tables.dataset import Tables
from churnlab.tables.findings import RULES, Finding

LEAST_WIDTH = 4
WITHHELD = "(withheld)"
_REFERENCES = (*CLIENT_IDS, "group_id")
_REVEALING = ("name", "comment", "birthday", "counter_offer")
_FREE_TEXT = ("reason", "claim", "outcome", "closed_reason")


def codes(client_ids: Iterable[str]) -> dict[str, str]:
    """Give each client a code, by sorted id.

    Parameters
    ----------
    client_ids
        Client ids, in any order and number.

    Returns
    -------
    dict
        Code by client id: ``C-0001`` for the first in sorted order. The numbers get wider with the number of
        clients, so that codes sort as ids do.

    Examples
    --------
    >>> codes(["birch", "alder", "birch"])
    {'alder': 'C-0001', 'birch': 'C-0002'}
    """
    ids = sorted(set(client_ids))
    width = max(LEAST_WIDTH, len(str(len(ids))))
    return {client: f"C-{number:0{width}d}" for number, client in enumerate(ids, start=1)}


def pseudonymised(tables: Tables) -> tuple[Tables, pd.DataFrame]:
    """Replace clients by codes in every table and finding.

    Parameters
    ----------
    tables
        A loaded dataset.

    Returns
    -------
    coded : Tables
        The same with codes for ids, without names, birthdays, comments and counter-offers; a remark that holds
        the name of a client, contact or manager is withheld. `show_names` is false.
    lookup : DataFrame
        Columns code, client_id, name (missing where there is none), sorted by code. Keep it apart from
        what is passed on.
    """
    frames = {name: getattr(tables, name) for name in CONTRACT}
    present: dict[str, pd.DataFrame] = {name: frame for name, frame in frames.items() if frame is not None}
    ids: set[str] = set()
    for frame in present.values():
        for column in _REFERENCES:
            if column in frame:
                ids.update(frame[column].dropna().unique())
    code_of = codes(ids)
    names = _names(tables.clients)
    telling = _telling(present.values())
    coded = {name: _coded(frame, code_of, telling) for name, frame in present.items()}
    lookup = pd.DataFrame(
        {"code": list(code_of.values()), "client_id": list(code_of), "name": [names.get(i) for i in code_of]},
        dtype="str",
    )
    findings = tuple(_coded_finding(finding, code_of, telling) for finding in tables.findings)
    changes: dict[str, Any] = {**coded, "findings": findings, "show_names": False}
    return replace(tables, **changes), lookup


def _names(clients: pd.DataFrame | None) -> dict[str, str]:
    if clients is None or "name" not in clients:
        return {}
    named = clients.dropna(subset=["name"])
    return dict(zip(named["client_id"], named["name"], strict=True))


def _telling(frames: Iterable[pd.DataFrame]) -> re.Pattern[str]:
    """Match text that holds a name of anyone in the tables, as words of its own, in upper or lower case."""
    names = {name for frame in frames if "name" in frame for name in frame["name"].dropna()}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)" if names else "(?!)", re.IGNORECASE
    )


def _coded(frame: pd.DataFrame, code_of: dict[str, str], telling: re.Pattern[str]) -> pd.DataFrame:
    revealing = [column for column in _REVEALING if column in frame]
    frame = frame.drop(columns=revealing)
    for column in _FREE_TEXT:
        if column in frame:
            held = {text: WITHHELD for text in frame[column].dropna().unique() if telling.search(text)}
            frame[column] = frame[column].replace(held) if held else frame[column]
    present = [column for column in _REFERENCES if column in frame]
    return frame.assign(**{column: frame[column].map(code_of).astype("str") for column in present})


def _coded_finding(finding: Finding, code_of: dict[str, str], telling: re.Pattern[str]) -> Finding:
    if RULES[finding.rule].names_client:
        return replace(finding, value=code_of.get(finding.value.strip(), WITHHELD))
    return replace(finding, value=WITHHELD) if telling.search(finding.value) else finding
