"""The one count: lives at risk and departures by month of tenure, with late entry.

Everything that is counted reads the table of :func:`hazard_table`. Where clients have several lives the table keeps
whose they are, and variances are then taken over clients.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MINIMUM_AT_RISK = 10
"""A curve is not drawn where fewer are at risk: too few to say anything."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Attributes
    ----------
    value, low, high : float
        The estimate and the ends of its interval, in the same unit; NaN where it cannot be had.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spans:
    """When lives were watched, and whose they are.

    Attributes
    ----------
    entry, exit : ndarray of int, shape (n,)
        A life is at risk in the months ``entry + 1`` to ``exit``.
    event : ndarray of bool, shape (n,)
        Whether it ended by a departure in month ``exit``.
    client : ndarray of int, shape (n,)
        Number of the client, from 0 up.
    """

    entry: Ints
    exit: Ints
    event: Bools
    client: Ints

    @classmethod
    def of(
        cls,
        entry: npt.ArrayLike,
        exit: npt.ArrayLike,  # noqa: A002 -- as everywhere
        event: npt.ArrayLike,
        client: npt.ArrayLike | None = None,
    ) -> Self:
        """Check lives and number their clients; without clients each life is one of its own.

        Raises
        ------
        ValueError
            If shapes differ, nothing is given, an entry is negative or a life has no month at risk.
        """
        begin, end = np.asarray(entry, dtype=np.int64), np.asarray(exit, dtype=np.int64)
        left = np.asarray(event, dtype=bool)
        if not begin.shape == end.shape == left.shape or begin.ndim != 1 or begin.size == 0:
            message = f"expected three arrays of one length above 0, got {begin.shape}, {end.shape}, {left.shape}"
            raise ValueError(message)
        if begin.min() < 0 or (end <= begin).any():
            row = int(np.argmax((begin < 0) | (end <= begin)))
            message = f"expected 0 <= entry < exit, got entry {begin[row]}, exit {end[row]} at position {row}"
            raise ValueError(message)
        if client is None:
            return cls(begin, end, left, np.arange(begin.size))
        named = np.asarray(client)
        if named.shape != begin.shape:
            message = f"expected a client for each of {begin.size} lives, got shape {named.shape}"
            raise ValueError(message)
        return cls(begin, end, left, np.unique(named, return_inverse=True)[1].astype(np.int64))

    @property
    def repeats(self) -> bool:
        """Whether a client has more than one life."""
        return int(self.client.max()) + 1 < self.client.size

    def at_risk(self, months: int) -> Ints:
        """Lives at risk in the months 1 to `months`, shape (months,)."""
        joined = np.cumsum(np.bincount(self.entry, minlength=months)[:months])
        gone = np.cumsum(np.bincount(self.exit, minlength=months)[:months])
        return (joined - gone).astype(np.int64)


@dataclass(frozen=True, slots=True)
class HazardTable:
    """Risk sets by month of tenure.

    Attributes
    ----------
    month : ndarray of int, shape (m,)
        Months of tenure, 1 to m.
    at_risk, events : ndarray of int, shape (m,)
        Lives at risk during each month and departures in it.
    spans : Spans or None
        The lives behind them, where clients have several; None where each life is one of its own.
    """

    month: Ints
    at_risk: Ints
    events: Ints
    spans: Spans | None = None

    @property
    def hazard(self) -> Floats:
        """Share of those at risk who leave in each month; 0 where nobody is at risk. Shape (m,)."""
        return self.events / np.maximum(self.at_risk, 1)


def hazard_table(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,  # noqa: A002 -- as everywhere
    event: npt.ArrayLike,
    *,
    client: npt.ArrayLike | None = None,
) -> HazardTable:
    """Count lives at risk and departures by month of tenure, with late entry.

    Parameters
    ----------
    entry, exit : array_like of int, shape (n,)
        Whole months of tenure: a life is at risk in the months ``entry + 1`` to ``exit``.
    event : array_like of bool, shape (n,)
        Whether the life ended by a departure in month ``exit``.
    client : array_like, shape (n,), optional
        Whose life it is. Lives of a client are not lives of several clients: what is computed from the table then has
        its variance over clients.

    Returns
    -------
    HazardTable

    Raises
    ------
    ValueError
        If shapes differ, nothing is given, an entry is negative or a life has no month at risk.

    Examples
    --------
    >>> table = hazard_table([0, 0, 2], [1, 3, 3], [True, False, True])
    >>> table.at_risk.tolist(), table.events.tolist()
    ([2, 1, 2], [1, 0, 1])
    """
    spans = Spans.of(entry, exit, event, client)
    last = int(spans.exit.max())
    events = np.bincount(spans.exit[spans.event], minlength=last + 1)[1:]
    return HazardTable(
        month=np.arange(1, last + 1),
        at_risk=spans.at_risk(last),
        events=events,
        spans=spans if spans.repeats else None,
    )


def enough_at_risk(at_risk: Ints, *, start: int, minimum: int) -> tuple[int, int]:
    """Position of the first month from `start` on with enough lives at risk, and the one behind the last.

    Parameters
    ----------
    at_risk : ndarray of int, shape (m,)
        Lives at risk by month.
    start : int
        Months that do not count.
    minimum : int
        Fewest lives.

    Returns
    -------
    tuple of int
        Both `start` where there never are enough.
    """
    enough = at_risk >= minimum
    reached = np.flatnonzero(enough[start:])
    if not reached.size:
        return start, start
    begin = start + int(reached[0])
    short = np.flatnonzero(~enough[begin:])
    return begin, begin + int(short[0]) if short.size else len(enough)


def moved(spans: Spans, at_risk: Ints, hazard: Floats, *, per_month: Floats) -> Floats:
    """How far each client moves a figure that hangs on the monthly hazards.

    Parameters
    ----------
    spans : Spans
        The lives.
    at_risk, hazard : ndarray, shape (m,)
        Lives at risk and hazards by month.
    per_month : ndarray of float, shape (m,)
        Derivative of the figure with respect to each month's hazard; 0 in months that do not count.

    Returns
    -------
    ndarray of float, shape (clients,)
        The sum of their squares is the variance over clients (infinitesimal jackknife).
    """
    weight = per_month / np.maximum(at_risk, 1)
    expected = np.concatenate(([0.0], np.cumsum(weight * hazard)))
    seen = np.where(spans.event, weight[spans.exit - 1], 0.0)
    return np.bincount(spans.client, seen - (expected[spans.exit] - expected[spans.entry])).astype(np.float64)
