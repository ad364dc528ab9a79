"""How long a silence may last before it counts as leaving: the limit, at every purchase.

A limit is computed from purchases up to its own day only, so that it never changes when later orders
arrive: what was known on a day stays known.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

_LONGEST_GAP_DAYS = 365.0
"""A longer gap counts as this long: one return after years is not a rhythm."""


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
    """

    multiple: float = 5.0
    floor_days: float = 90.0
    ceiling_days: float = 730.0
    prior_gaps: float = 3.0

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


def rhythm(bought: pd.DataFrame, *, rule: Rule, by: tuple[str, ...] = ("client_id",)) -> pd.DataFrame:
    """Add each purchase day's typical gap and limit, from data up to that day.

    Parameters
    ----------
    bought : DataFrame
        Result of :func:`churnlab.history.purchases`.
    rule : OwnRhythm or FixedDays
        What counts as too long a silence.
    by : tuple of str
        Columns that make a unit.

    Returns
    -------
    DataFrame
        `bought` with ``gap_days`` (to the purchase day before, NaN for the first), ``typical_gap_days``
        and ``limit_days``.
    """
    unit = bought.groupby(list(by), sort=False)
    gap = unit["date"].diff().dt.days
    typical = _typical_gap(bought["date"], gap, unit.ngroup(), rule)
    limit = np.full(len(bought), rule.days) if isinstance(rule, FixedDays) else _own_limit(typical, rule)
    return bought.assign(gap_days=gap, typical_gap_days=typical, limit_days=limit)


def _typical_gap(
    date: "pd.Series[pd.Timestamp]", gap: "pd.Series[float]", unit: "pd.Series[int]", rule: Rule
) -> npt.NDArray[np.float64]:
    """Shrunk geometric mean gap at every purchase day (days)."""
    prior = rule.prior_gaps if isinstance(rule, OwnRhythm) else OwnRhythm().prior_gaps
    log_gap = pd.Series(np.log(gap.clip(lower=1.0, upper=_LONGEST_GAP_DAYS)), index=gap.index)
    closed = log_gap.notna()
    by_day = log_gap[closed].groupby(date[closed]).agg(["sum", "size"]).cumsum()
    pool = (by_day["sum"] / by_day["size"]).reindex(date.sort_values().unique()).ffill()
    pooled = date.map(pool).fillna(np.log(30.0))  # before any gap has closed: a month
    own_sum = log_gap.fillna(0.0).groupby(unit).cumsum()
    own_count = closed.astype(float).groupby(unit).cumsum()
    shrunk = np.exp((prior * pooled + own_sum) / (prior + own_count))
    return shrunk.to_numpy(dtype=np.float64)


def _own_limit(typical: npt.NDArray[np.float64], rule: OwnRhythm) -> npt.NDArray[np.float64]:
    return np.clip(np.ceil(rule.multiple * typical), rule.floor_days, rule.ceiling_days)
