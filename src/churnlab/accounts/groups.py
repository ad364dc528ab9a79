"""To which group a client belongs: chains of parents followed to the top."""

from collections.abc import Mapping


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
