"""Identity: one client under one id, whatever number a source gave it over the years."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churnlab.tables.contract import CLIENT_IDS
from churnlab.tables.parsing import Draft


def apply_merges(drafts: dict[str, Draft]) -> list[str]:
    """Put the present id in the place of each old one, in every table.

    Parameters
    ----------
    drafts
        Parsed tables by name; ids are changed in place. A client's row under an old id is dropped where there
        is one under the new id.

    Returns
    -------
    list of str
        Notices: how many rows of which table now stand under another id.
    """
    merges = drafts.get("merges")
    if merges is None:
        return []
    present = _present_ids(merges)
    clients = drafts.get("clients")
    if clients is not None:
        ids = clients.frame["client_id"]
        replaced = ids.isin(present.keys()) & ids.map(present).isin(ids[clients.live])
        clients.report("merged client", clients.live & replaced.to_numpy(dtype=bool), column="client_id")
    notices = []
    for name, draft in drafts.items():
        for column in CLIENT_IDS:
            if column not in draft.frame or name == "merges":
                continue
            moved = draft.frame[column].isin(present.keys())
            draft.frame[column] = draft.frame[column].where(~moved, draft.frame[column].map(present))
            rows = moved.to_numpy(dtype=bool) & draft.live
            if rows.any() and column == "client_id":
                clients_moved = draft.frame[column][rows].nunique()
                whose = "1 merged client" if clients_moved == 1 else f"{clients_moved} merged clients"
                notices.append(f"{draft.raw.file}: rows of {whose} that now stand under the present id: {rows.sum()}")
    return notices


def _present_ids(merges: Draft) -> dict[str, str]:
    """Follow each old id to the one that is in use, and report what contradicts itself.

    Parameters
    ----------
    merges
        The parsed table of merges.

    Returns
    -------
    dict
        Present id by old id.
    """
    old = merges.frame["old_id"]
    pairs = merges.frame[merges.live].drop_duplicates(["old_id", "new_id"])
    twice = set(pairs.loc[pairs["old_id"].duplicated(keep=False), "old_id"])
    merges.report("merged into two clients", old.isin(twice).to_numpy(dtype=bool), column="old_id")
    step = dict(zip(merges.frame["old_id"][merges.live], merges.frame["new_id"][merges.live], strict=True))
    present, circular = {}, set()
    for start, at in step.items():
        seen = {start}
        while at in step and at not in seen:
            seen.add(at)
            at = step[at]  # noqa: PLW2901 -- the chain is walked
        if at in seen:
            circular.add(start)
        else:
            present[start] = at
    merges.report("merged in a circle", old.isin(circular).to_numpy(dtype=bool), column="old_id")
    return present


def tops(parent: Mapping[str, str]) -> dict[str, str]:
    """Follow each chain of parents to its top.

    Parameters
    ----------
    parent : mapping of str to str
        Parent of each client that has one.

    Returns
    -------
    dict of str to str
        Top of every client that is named as a child or a parent. Parents that go round in a circle have no top: the
        first id of the circle, in order, stands for it.

    Examples
    --------
    >>> tops({"mill": "holding", "holding": "trust"})
    {'mill': 'trust', 'holding': 'trust', 'trust': 'trust'}
    >>> tops({"b": "a", "a": "b"})
    {'b': 'a', 'a': 'a'}
    """
    top: dict[str, str] = {}
    for start in parent:
        path = {start: None}  # a dict keeps the order in which a chain was walked
        here = start
        while here not in top and here in parent and parent[here] not in path:
            here = parent[here]
            path[here] = None
        if here in top:
            end = top[here]
        elif here in parent:
            walked = list(path)
            end = min(walked[walked.index(parent[here]) :])
        else:
            end = here
        top.update(dict.fromkeys(path, end))
    return top


def assign_groups(clients: Draft) -> dict[str, str]:
    """Say to which group each client belongs, and report parents that go round in a circle.

    Parameters
    ----------
    clients
        The parsed and checked clients; ``group_id`` is added where the source has parents.

    Returns
    -------
    dict of str to str
        Group by client, for the clients that are named as a child or a parent.
    """
    if "parent_id" not in clients.frame:
        return {}
    pairs = clients.frame.loc[clients.live, ["client_id", "parent_id"]].dropna()
    parent = dict(zip(pairs["client_id"], pairs["parent_id"], strict=True))
    group = tops(parent)
    ids = clients.frame["client_id"]
    clients.frame["group_id"] = pd.Series([group.get(client, client) for client in ids], index=ids.index, dtype="str")
    circular = [client for client, top in group.items() if client == top and client in parent]
    at = ids.isin([client for client in circular if parent[client] != client]).to_numpy(dtype=bool)
    clients.report("parents in a circle", at & np.asarray(clients.live), column="parent_id")
    return group
