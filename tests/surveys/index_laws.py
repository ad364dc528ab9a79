"""Exact laws of votes, for tests of coverage by enumeration."""

import numpy as np
from scipy.special import gammaln, xlogy

PROFILES = ((15, 35, 50), (10, 40, 50), (35, 35, 30), (5, 25, 70), (0, 20, 80), (33, 34, 33))
"""Percent of detractors, passives, promoters."""


def compositions(n: int, cells: int) -> np.ndarray:
    """All counts of n in so many cells, shape (ways, cells)."""
    if cells == 1:
        return np.array([[n]])
    parts = [(first, compositions(n - first, cells - 1)) for first in range(n + 1)]
    return np.concatenate([np.column_stack([np.full(len(rest), first), rest]) for first, rest in parts])


def multinomial(counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Chance of each row of counts."""
    size = gammaln(counts.sum(axis=-1) + 1)
    return np.exp(size + (xlogy(counts, shares) - gammaln(counts + 1)).sum(axis=-1))


def hypergeometric(counts: np.ndarray, clients: np.ndarray) -> np.ndarray:
    """Chance of each row of counts, drawn without return from clients of each class."""

    def ways(whole, part):
        return gammaln(whole + 1) - gammaln(part + 1) - gammaln(whole - part + 1)

    drawn = np.minimum(counts, clients)
    chance = np.exp(ways(clients, drawn).sum(axis=-1) - ways(clients.sum(), counts[0].sum()))
    return np.where((counts <= clients).all(axis=-1), chance, 0.0)


def joint(before: np.ndarray, after: np.ndarray, stay: float) -> np.ndarray:
    """Law of pairs with given margins: a share keeps its rank among clients, the others vote afresh."""
    low, high = np.r_[0.0, before.cumsum()], np.r_[0.0, after.cumsum()]
    same = np.minimum.outer(low[1:], high[1:]) - np.maximum.outer(low[:-1], high[:-1])
    return stay * np.maximum(same, 0) + (1 - stay) * np.outer(before, after)


def improved(before: np.ndarray) -> np.ndarray:
    """Up to ten in a hundred detractors become promoters."""
    moved = min(0.1, before[0])
    return before + np.array([-moved, 0.0, moved])
