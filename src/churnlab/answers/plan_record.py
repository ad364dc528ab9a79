"""How plans made in the past compare with what came: intervals that held, errors beside simple rules, corrections."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.ordered import as_day, ordered_between
from churnlab.answers.shares import clustered_share
from churnlab.demand import Expected, OrderLog, Plan, month_of

LEAST_GRADED = 6
"""With fewer past forecasts graded nothing is said."""

REST, MONTH, QUARTER = "this month", "next month", "next quarter"
MEASURES = ("orders", "volume")

CORRECTED = ("line", "measure", "months", "first_error", "corrected_error")
PAST = ("line", "measure", "begin", "value", "low", "high", "seen")
_HELD = ("period", "share", "low", "high", "graded", "months")


def graded_beside(made: Expected, before: npt.NDArray[np.float64], mean: npt.NDArray[np.float64]) -> dict[str, float]:
    """Past intervals that held, and errors beside those of last year's same period and of last year's mean."""
    graded = np.isfinite(made.seen) & np.isfinite(made.low)
    held = graded & (made.low <= made.seen) & (made.seen <= made.high)
    both = graded & np.isfinite(before) & np.isfinite(mean)
    return {
        "graded": int(graded.sum()),
        "held": int(held.sum()),
        "error": _error(made.value[graded], made.seen[graded]),
        "compared": int(both.sum()),
        "own_error": _error(made.value[both], made.seen[both]),
        "naive_error": _error(before[both], made.seen[both]),
        "mean_error": _error(mean[both], made.seen[both]),
    }


def grades(period: str, plan: Plan) -> pd.DataFrame:
    """Past intervals of a line by month: ``period``, ``month`` (of its beginning), ``graded``, ``held``."""
    graded, held = np.zeros((2, len(plan.origins)), dtype=np.int64)
    for made in (plan.orders, plan.volume):
        told = np.isfinite(made.seen) & np.isfinite(made.low)
        graded += told
        held += told & (made.low <= made.seen) & (made.seen <= made.high)
    frame = pd.DataFrame({"month": month_of(plan.ahead.begins), "graded": graded, "held": held})
    return frame[frame["graded"] > 0].assign(period=period)


def held_by_period(grades: pd.DataFrame) -> pd.DataFrame:
    """Shares of intervals that held by period, with an interval over months, or quarters where they overlap."""
    rows = []
    for period in (REST, MONTH, QUARTER):
        mine = grades[grades["period"] == period]
        if len(mine):
            sums = mine.groupby(mine["month"] // (3 if period == QUARTER else 1))[["held", "graded"]].sum()
            found = clustered_share(sums["held"], sums["graded"])
            figures = (found.value, found.low, found.high, int(sums["graded"].sum()), mine["month"].nunique())
            rows.append(dict(zip(_HELD, (period, *figures), strict=True)))
    return pd.DataFrame(rows, columns=list(_HELD))


def past_months(line: str, plan: Plan, log: OrderLog, until: int) -> list[dict[str, object]]:
    """Lay out past months of the month's plan."""
    ended = np.flatnonzero((plan.ahead.ends <= until) & np.isfinite(plan.orders.low))
    seen = ordered_between(log, plan.ahead.begins, plan.ahead.ends)
    return [
        {
            "line": line,
            "measure": measure,
            "begin": as_day(plan.ahead.begins[j]),
            "value": float(made.value[j]),
            "low": float(made.low[j]),
            "high": float(made.high[j]),
            "seen": float(seen[place, j]),
        }
        for place, (measure, made) in enumerate(zip(MEASURES, (plan.orders, plan.volume), strict=True))
        for j in ended
    ]


def corrections_of(line: str, month: Plan, rest: Plan, log: OrderLog, *, until: int) -> list[dict[str, object]]:
    """Hold months as planned on their first day, and as corrected, against what came."""
    _, one, other = np.intersect1d(month_of(month.ahead.begins), month_of(rest.ahead.begins), return_indices=True)
    begins, ends = month.ahead.begins[one], month.ahead.ends[one]
    seen = ordered_between(log, begins, ends)
    came = ordered_between(log, begins, rest.ahead.begins[other])
    rows = []
    for place, measure in enumerate(MEASURES):
        first = getattr(month, measure).value[one]
        corrected = came[place] + getattr(rest, measure).value[other]
        both = (ends <= until) & np.isfinite(first) & np.isfinite(corrected)
        if both.sum() >= LEAST_GRADED and seen[place, both].sum() > 0:
            errors = _error(first[both], seen[place, both]), _error(corrected[both], seen[place, both])
            rows.append(dict(zip(CORRECTED, (line, measure, int(both.sum()), *errors), strict=True)))
    return rows


def _error(said: npt.NDArray[np.float64], seen: npt.NDArray[np.float64]) -> float:
    """Mean absolute error as a share of the mean that came."""
    return float(np.abs(said - seen).sum() / seen.sum()) if seen.sum() > 0 else np.nan
