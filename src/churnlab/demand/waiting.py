"""When each client's next order is due, given how long it has been silent."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from churnlab.demand.log import Floats, OrderLog
from churnlab.demand.paces import Paces
from churnlab.lifetime import hazard_table

_PARTS = 10
_MOST_GAPS = 20
_RECENT_DAYS = 3 * 365
_QUANTILES: Final = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Due:
    """Days until each client's next order, n clients.

    Attributes
    ----------
    early, middle, late : ndarray of float, shape (n,)
        Days after the day asked, 0 for that day, by which one in ten, five in ten and nine in ten so silent have
        ordered; NaN where that is not reached within the time that is looked ahead.
    """

    early: Floats
    middle: Floats
    late: Floats


def due(log: OrderLog, state: Paces, *, cut_off: int) -> Due:
    """Say when next orders are due, by how gaps of all clients ran in their own paces.

    Parameters
    ----------
    log : OrderLog
        Orders.
    state : Paces
        Clients as known on the day; how far it looks ahead is how far this does.
    cut_off : int
        The day.

    Returns
    -------
    Due

    Notes
    -----
    Gaps of the last three years, in expected orders of the client, with silences that go on as censored: the chance of
    a further silence is that of all clients (product limit, by tenths of an expected order), given the client's own.
    """
    survival = _survival(log, state, cut_off=cut_off)
    parts = np.arange(len(survival)) / _PARTS
    now = np.interp(state.silence, parts, survival)
    begun = state.time[cut_off - state.first]
    found = []
    for quantile in _QUANTILES:
        aim = (1 - quantile) * now
        place = len(survival) - np.searchsorted(survival[::-1], aim, side="right")
        reached = (place < len(survival)) & (state.silence < _MOST_GAPS)
        gaps = np.maximum(parts[np.minimum(place, len(survival) - 1)] - state.silence, 0.0)
        day = np.searchsorted(state.time, begun + gaps / state.rate) - (cut_off - state.first)
        reached &= day < len(state.time) - (cut_off - state.first)
        found.append(np.where(reached, np.maximum(day - 1.0, 0.0), np.nan))  # the day in which that time runs
    return Due(*found)


def _survival(log: OrderLog, state: Paces, *, cut_off: int) -> npt.NDArray[np.float64]:
    """Chance that a silence lasts so many tenths of an expected order, from 0 on."""
    known = slice(int(np.searchsorted(log.day, cut_off - _RECENT_DAYS)), int(np.searchsorted(log.day, cut_off)))
    who, day = log.client[known], log.day[known]
    order = np.lexsort((day, who))
    who, day = who[order], day[order]
    begun, ended = day[:-1], day[1:]
    gap = (who[1:] == who[:-1]) & (ended > begun)
    rows = np.searchsorted(state.client, who[1:][gap])
    closed = (state.time[ended[gap] - state.first] - state.time[begun[gap] - state.first]) * state.rate[rows]
    again = state.repeats > 0
    length = np.concatenate([closed, state.silence[again]])
    event = np.concatenate([np.ones(len(closed), dtype=bool), np.zeros(int(again.sum()), dtype=bool)])
    event &= length < _MOST_GAPS
    steps = np.maximum(np.ceil(np.minimum(length, _MOST_GAPS) * _PARTS), 1).astype(np.int64)
    if not len(steps):
        return np.ones(2)
    table = hazard_table(np.zeros(len(steps), dtype=np.int64), steps, event)
    return np.concatenate(([1.0], np.cumprod(1 - table.hazard)))
