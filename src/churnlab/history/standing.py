"""How every client stands on a day: active, shrinking, silent but not gone, gone, or closed."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from churnlab.history.departures import closures
from churnlab.history.grid import Grid
from churnlab.history.order_features import money_before, share
from churnlab.history.purchases import Integers, read_purchases
from churnlab.history.reduction import to_dates, to_days
from churnlab.history.rhythm import OwnRhythm, Rule, rhythm
from churnlab.tables import Tables

SHRUNK_TO = 0.5
"""A client shrinks when half a year's net sales fall under this share of the same half-year a year before."""

SIGNIFICANCE = 0.05
"""And when so few purchases would come so rarely by chance at the old rate."""

PENDING = 0.5
"""A silence is pending once it has lasted this share of the client's limit: not gone, and not safe."""


def standing(tables: Tables, *, as_of: pd.Timestamp, rule: Rule | None = None) -> pd.DataFrame:
    """Say how each client stands on a day.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    as_of : Timestamp
        The day; nothing from it on is used.
    rule : OwnRhythm or FixedDays, optional
        What counts as too long a silence.

    Returns
    -------
    DataFrame
        One row a client that bought before the day: ``client_id``, ``standing`` ("closed", "left", "pending",
        "shrinking", "active"; the first that holds), ``last_order``, ``silence_days``, ``limit_days``, ``kept`` (net
        sales of the last 6 months, of those in the same months a year before; NaN where there were none) and
        ``chance`` (of so few purchases at the old rate, conditional binomial test).

    Raises
    ------
    ValueError
        If no purchase lies before the day.

    Notes
    -----
    Given the purchases of both half-years together, those of the later one are binomial with a half at a constant
    Poisson rate (Przyborowski and Wilenski 1940). Regular rhythms scatter less, so the test is careful there.
    """
    bought = read_purchases(tables.orders).before(as_of)
    if not len(bought.day):
        message = f"expected purchases before {as_of:%Y-%m-%d}, found none: choose a later day"
        raise ValueError(message)
    pace = rhythm(bought, rule=rule or OwnRhythm())
    unit = np.arange(len(bought.units), dtype=np.int64)
    day = np.full(len(unit), int(to_days(as_of)))
    rows = bought.rows
    last = rows.last(unit, day)
    grid = Grid(pd.Index(bought.units["client_id"]), (as_of,), unit, np.zeros_like(unit), day, last)
    counted = rows.sums(bought.purchases)
    now, then = (rows.between(counted, unit, grid.back(start), grid.back(start - 6)) for start in (6, 18))
    chance = _chance(now, then)
    kept = share(*money_before(tables.orders, grid, ((6, 0), (18, 12))))
    silence, limit = day - bought.day[last], pace.limit[last]
    shut = closures(tables.clients, bought.units, as_of=as_of)
    states = {
        "closed": (bought.day[last] <= shut) & (shut < day),
        "left": silence > limit,
        "pending": silence > PENDING * limit,
        "shrinking": (kept < SHRUNK_TO) & (chance < SIGNIFICANCE),
    }
    return pd.DataFrame(
        {
            "client_id": bought.units["client_id"],
            "standing": np.select(list(states.values()), list(states), default="active"),
            "last_order": to_dates(bought.day[last]),
            "silence_days": silence,
            "limit_days": limit,
            "kept": kept,
            "chance": chance,
        }
    )


def _chance(now: Integers, then: Integers) -> npt.NDArray[np.float64]:
    """Probability of at most so many purchases now, given both half-years together and one rate; NaN without any."""
    total = now + then
    return np.where(total > 0, stats.binom.cdf(now, np.maximum(total, 1), 0.5), np.nan)
