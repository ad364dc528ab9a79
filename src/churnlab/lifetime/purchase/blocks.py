"""Clients in blocks against draws of parameters: what forecasts and chances share."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from churnlab.lifetime.purchase.records import Rows
from churnlab.lifetime.purchase.result import Clients

DRAWS = 200
"""Parameter draws if none are asked for."""

_BLOCK = 100_000
"""Clients times draws that are worked on at once."""


def check_asked(*, horizon: float, level: float, draws: int) -> None:
    """Check what a forecast is asked for.

    Parameters
    ----------
    horizon, level : float
        Time to come, and coverage.
    draws : int
        Parameter draws.

    Raises
    ------
    ValueError
        If one is out of range.
    """
    if not (np.isfinite(horizon) and horizon >= 0):
        raise ValueError(f"expected a horizon of 0 or more, got {horizon}")
    if not 0 < level < 1 or draws < 2:
        raise ValueError(f"expected a level between 0 and 1 and 2 draws or more, got {level} and {draws}")


def blocks(rows: Rows, draws: int) -> Iterator[tuple[npt.NDArray[np.intp], Clients]]:
    """Cut rows into blocks of like frequency, so that memory does not grow with their number.

    Parameters
    ----------
    rows : Rows
        Clients.
    draws : int
        Draws for each.

    Yields
    ------
    tuple of ndarray and Clients
        Positions of the rows, and the rows as columns.
    """
    order = np.argsort(rows.frequency, kind="stable")
    size = max(1, _BLOCK // draws)
    for begin in range(0, len(order), size):
        chosen = order[begin : begin + size]
        yield (
            chosen,
            Clients(rows.frequency[chosen, None], rows.recency[chosen, None], rows.age[chosen, None]),
        )
