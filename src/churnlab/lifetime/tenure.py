"""The hazard by tenure: departures per month at risk in bands of months."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from churnlab.lifetime.counting import MINIMUM_AT_RISK, Floats, HazardTable, Ints


@dataclass(frozen=True, slots=True)
class TenureBands:
    """Departures per month at risk, by bands of tenure.

    Attributes
    ----------
    first, last : ndarray of int, shape (b,)
        Months of tenure, 1 up, both within the band.
    months, events : ndarray of int, shape (b,)
        Months at risk, and departures in them.
    hazard, low, high : ndarray of float, shape (b,)
        Monthly hazard with its interval; NaN where too few were at risk.
    """

    first: Ints
    last: Ints
    months: Ints
    events: Ints
    hazard: Floats
    low: Floats
    high: Floats


def hazard_by_tenure(
    table: HazardTable, ends: Sequence[int], *, minimum_at_risk: int = MINIMUM_AT_RISK, level: float = 0.95
) -> TenureBands:
    """Departures per month at risk, by bands of tenure, with Wilson's interval.

    A hazard that falls with tenure need not mean that a client becomes more loyal: those prone to leave go first, and
    the others remain.

    Parameters
    ----------
    table : HazardTable
        Risk sets.
    ends : sequence of int
        Last month of each band, rising; the first band begins with month 1, what lies behind the last is left out.
    minimum_at_risk : int
        Bands with fewer lives at risk on average over their months have no hazard.
    level : float
        Coverage of the intervals.

    Returns
    -------
    TenureBands

    Raises
    ------
    ValueError
        If the ends do not rise from 1 up.

    Notes
    -----
    The interval takes months at risk as independent draws of the same chance, which within a band is nearly so: a life
    has at most one departure.

    Examples
    --------
    >>> from churnlab.lifetime import hazard_table
    >>> table = hazard_table([0] * 20, [3] * 5 + [12] * 15, [True] * 5 + [False] * 15)
    >>> bands = hazard_by_tenure(table, [6, 12])
    >>> bands.months.tolist(), bands.events.tolist(), bands.hazard.round(3).tolist()
    ([105, 90], [5, 0], [0.048, 0.0])
    """
    edges = np.concatenate(([0], np.asarray(ends, dtype=np.int64)))
    if len(edges) < 2 or (np.diff(edges) < 1).any():
        message = f"expected ends of bands that rise from 1 up, got {list(ends)}"
        raise ValueError(message)
    at_risk, gone = (
        np.concatenate(([0], np.cumsum(counts)))[np.minimum(edges, len(table.month))]
        for counts in (table.at_risk, table.events)
    )
    months, events = np.diff(at_risk), np.diff(gone)
    enough = months >= minimum_at_risk * np.diff(edges)
    count = np.where(enough, months, np.nan)
    pull = float(norm.ppf(0.5 + level / 2)) ** 2 / count
    hazard = events / count
    centre = (hazard + pull / 2) / (1 + pull)
    arm = np.sqrt(pull * hazard * (1 - hazard) + pull**2 / 4) / (1 + pull)
    low, high = np.maximum(centre - arm, 0.0), np.minimum(centre + arm, 1.0)
    return TenureBands(edges[:-1] + 1, edges[1:], months, events, hazard, low, high)
