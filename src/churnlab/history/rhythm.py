"""How long a silence may last before it counts as leaving: the limit, at every purchase.

A limit is computed from purchases up to its own day only, so that it never changes when later orders
arrive: what was known on a day stays known.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history.dated import Dated, take
from churnlab.history.purchases import Integers, PurchaseDays, SmallIntegers

LOG_UNIT: Final = 1_000_000
"""Logarithms are summed in millionths."""

_LONGEST_GAP_DAYS = 365
"""A longer gap counts as this long: one return after years is not a rhythm."""

_BEFORE_ANY_GAP_DAYS = 30.0
_LOGS = np.round(np.log(np.maximum(np.arange(_LONGEST_GAP_DAYS + 1), 1)) * LOG_UNIT).astype(np.int64)
_YEAR_DAYS = 365
_SEASON_DAYS = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRhythm:
    """A silence counts once it lasts several of the client's own typical gaps.

    The typical gap is the geometric mean of the client's gaps so far, shrunk towards the geometric
    mean of all gaps that had closed by that day: a median of few gaps would rank worse than plain
    recency.

    Attributes
    ----------
    multiple : float
        Limit in typical gaps.
    floor_days, ceiling_days : float
        The shortest and the longest limit, in days.
    prior_gaps : float
        How many gaps the shrinkage is worth.
    pause_margin : float
        A client that paused for longer than the floor from about this day a year before (45 days either way) may be
        silent for so many times that pause; 0 to take no account of seasonal pauses.
    """

    multiple: float = 5.0
    floor_days: float = 90.0
    ceiling_days: float = 730.0
    prior_gaps: float = 3.0
    pause_margin: float = 1.25

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if self.multiple <= 1 or not 0 < self.floor_days <= self.ceiling_days or self.prior_gaps <= 0:
            message = f"expected multiple > 1, 0 < floor_days <= ceiling_days and prior_gaps > 0, got {self!r}"
            raise ValueError(message)

    def __str__(self) -> str:
        """Describe the rule as a page would."""
        return (
            f"{self.multiple:g} of the client's own typical gaps between orders, "
            f"at least {self.floor_days:g} and at most {self.ceiling_days:g} days"
            f"{', longer where it paused at that time a year before' if self.pause_margin else ''}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDays:
    """A silence counts once it lasts so many days, whoever the client is.

    Attributes
    ----------
    days : float
        The limit.
    """

    days: float = 180.0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if self.days <= 0:
            message = f"expected days above 0, got {self.days}"
            raise ValueError(message)

    def __str__(self) -> str:
        """Describe the rule as a page would."""
        return f"{self.days:g} days without an order"


Rule = OwnRhythm | FixedDays


def propose_rule(orders: pd.DataFrame) -> OwnRhythm:
    """Own rhythm with a ceiling that short records can still see.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders.

    Returns
    -------
    OwnRhythm
        No limit lasts longer than a quarter of the records, or nothing could be learnt from them.
    """
    usual = OwnRhythm()
    span = (orders["order_date"].max() - orders["order_date"].min()).days
    ceiling = min(usual.ceiling_days, max(usual.floor_days, span // 4))
    return replace(usual, ceiling_days=float(ceiling))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Pace and limit at every purchase day, from data up to that day.

    Attributes
    ----------
    typical : ndarray of float, shape (n,)
        Typical gap, days.
    limit : ndarray of int64, shape (n,)
        How long a silence may last from here, days.
    """

    typical: npt.NDArray[np.float64]
    limit: Integers


def rhythm(bought: PurchaseDays, *, rule: Rule) -> Rhythm:
    """Compute typical gap and limit at every purchase day.

    Parameters
    ----------
    bought : PurchaseDays
        Days of purchase.
    rule : OwnRhythm or FixedDays
        What counts as too long a silence.

    Returns
    -------
    Rhythm
    """
    typical = _typical_gap(bought, rule)
    if isinstance(rule, FixedDays):
        return Rhythm(typical, np.full(len(typical), int(np.ceil(rule.days)), dtype=np.int64))
    limit = np.clip(np.ceil(rule.multiple * typical), rule.floor_days, rule.ceiling_days)
    if rule.pause_margin:
        pause = np.ceil(rule.pause_margin * _pause_a_year_ago(bought, longer_than=rule.floor_days))
        limit = np.maximum(limit, np.minimum(pause, rule.ceiling_days))
    return Rhythm(typical, np.ceil(limit).astype(np.int64))


def log_gaps(gap: SmallIntegers) -> Integers:
    """Logarithms of gaps, capped at a year, in whole millionths so that sums are exact; 0 where there is no gap.

    Parameters
    ----------
    gap : ndarray of int32, shape (n,)
        Gaps in days, 0 for none.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    return _LOGS[np.minimum(gap, _LONGEST_GAP_DAYS)]


def _typical_gap(bought: PurchaseDays, rule: Rule) -> npt.NDArray[np.float64]:
    """Shrunk geometric mean gap at every purchase day (days)."""
    prior = rule.prior_gaps if isinstance(rule, OwnRhythm) else OwnRhythm().prior_gaps
    gap = bought.gap
    if not len(gap):
        return np.zeros(0)
    closed, log_gap = gap > 0, log_gaps(gap)
    since_first = bought.day - bought.day.min()
    # whole numbers below 2 ** 53: floats add them exactly, whatever their order
    sums, counts = (np.cumsum(np.bincount(since_first, weights=values)) for values in (log_gap, closed))
    pool = np.where(counts > 0, sums / (np.maximum(counts, 1) * LOG_UNIT), np.log(_BEFORE_ANY_GAP_DAYS))
    start = np.flatnonzero(bought.is_first)[bought.unit]
    own_sum, own_count = (_since(np.cumsum(values), start) for values in (log_gap, closed))
    return np.asarray(np.exp((prior * pool[since_first] + own_sum / LOG_UNIT) / (prior + own_count)))


def _since(running: Integers, start: Integers) -> Integers:
    """Running sums over all units, turned into running sums within each; the first row of a unit adds nothing."""
    return running - running[start]


def _pause_a_year_ago(bought: PurchaseDays, *, longer_than: float) -> npt.NDArray[np.float64]:
    """Length of the pause that a unit made from about this day a year before, 0 where it made none (days)."""
    gap = bought.gap
    pauses = np.flatnonzero(gap > longer_than)
    starts = bought.day[pauses] - gap[pauses]
    earlier = Dated.of(bought.unit[pauses], starts)
    place = earlier.last(bought.unit, bought.day - _YEAR_DAYS + _SEASON_DAYS)
    began = take(starts, place)
    return np.where(began >= bought.day - _YEAR_DAYS - _SEASON_DAYS, take(gap[pauses], place), 0.0)
