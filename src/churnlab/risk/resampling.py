"""Clients drawn anew: the same draws for every model and score, so that differences are paired."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.lifetime import Estimate

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats, Floats, Floats], Floats]
"""Outcomes (n,), values (n,) and how often each row counts (..., n), to figures (...)."""

_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class ClientDraws:
    """Draws of as many clients with replacement; a client comes with all its rows.

    Attributes
    ----------
    group : ndarray of int, shape (n,)
        Number of each row's client.
    times : ndarray of int, shape (draws, clients)
        How often each client was drawn.
    """

    group: npt.NDArray[np.intp]
    times: npt.NDArray[np.int64]

    def apply(self, statistic: Statistic, outcome: Floats, values: Floats) -> Floats:
        """Give the statistic in each draw, shape (draws,)."""
        at_once = max(1, _AT_ONCE // max(len(self.group), 1))
        parts = [
            statistic(outcome, values, self.times[start : start + at_once][:, self.group].astype(np.float64))
            for start in range(0, len(self.times), at_once)
        ]
        return np.concatenate(parts)


def client_draws(client: npt.ArrayLike, *, rng: np.random.Generator | int, draws: int) -> ClientDraws:
    """Draw clients.

    Parameters
    ----------
    client : array_like, shape (n,)
        Whose row it is.
    rng : Generator or int
        For the draws.
    draws : int
        How many.

    Returns
    -------
    ClientDraws

    Examples
    --------
    >>> drawn = client_draws(["a", "a", "b"], rng=1, draws=4)
    >>> drawn.times.sum(axis=1).tolist(), drawn.group.tolist()
    ([2, 2, 2, 2], [0, 0, 1])
    """
    names, group = np.unique(np.asarray(client), return_inverse=True)
    chances = np.full(len(names), 1 / len(names))
    return ClientDraws(group, np.random.default_rng(rng).multinomial(len(names), chances, size=draws))


def estimate(value: float, drawn: Floats) -> Estimate:
    """Give a figure the middle 95 % of its draws as interval; draws in which it cannot be had are left out."""
    known = drawn[~np.isnan(drawn)]
    if not known.size:
        return Estimate(float(value), np.nan, np.nan)
    low, high = np.quantile(known, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))
