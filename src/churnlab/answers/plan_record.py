"""How plans made in the past compare with what came: intervals that held, errors beside simple rules, corrections."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.ordered import as_day, ordered_between
from churnlab.answers.shares import clustered_share, ratio
from churnlab.demand import Expected, OrderLog, Plan, month_of
from churnlab.lifetime import Estimate

Floats = npt.NDArray[np.float64]

LEAST_GRADED = 6
"""With fewer past forecasts graded nothing is said."""

REST, MONTH, QUARTER = "this month", "next month", "next quarter"
MEASURES = ("orders", "volume")

CORRECTED = (
    "line", "measure", "months", "first_error", "first_low", "first_high", "corrected_error", "corrected_low",
    "corrected_high",
)  # fmt: skip
PAST = ("line", "measure", "begin", "value", "low", "high", "seen")
_HELD = ("period", "share", "low", "high", "graded", "months")


def graded_beside(period: str, plan: Plan, made: Expected, *, before: Floats, mean: Floats) -> dict[str, float]:
    """Past intervals that held, and errors beside those of last year's same period and of last year's mean."""
    graded = np.isfinite(made.seen) & np.isfinite(made.low)
    held = graded & (made.low <= made.seen) & (made.seen <= made.high)
    both = graded & np.isfinite(before) & np.isfinite(mean)
    together = month_of(plan.ahead.begins) // _apart(period)
    return {
        "graded": int(graded.sum()),
        "held": int(held.sum()),
        "error": _off(made.value[graded], made.seen[graded], together[graded]).value,
        "compared": int(both.sum()),
        **_ends("own", _off(made.value[both], made.seen[both], together[both])),
        **_ends("naive", _off(before[both], made.seen[both], together[both])),
        **_ends("mean", _off(mean[both], made.seen[both], together[both])),
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
            sums = mine.groupby(mine["month"] // _apart(period))[["held", "graded"]].sum()
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
            errors = {
                name: figure
                for which, said in (("first", first), ("corrected", corrected))
                for name, figure in _ends(which, _off(said[both], seen[place, both], begins[both])).items()
            }
            rows.append({"line": line, "measure": measure, "months": int(both.sum()), **errors})
    return rows


def _apart(period: str) -> int:
    """Months within which forecasts are of one piece of news."""
    return 3 if period == QUARTER else 1


def _off(said: Floats, seen: Floats, together: npt.NDArray[np.int64]) -> Estimate:
    """Mean absolute error as a share of the mean that came, with an interval over pieces of news."""
    _, place = np.unique(together, return_inverse=True)
    found = ratio(np.bincount(place, weights=np.abs(said - seen)), np.bincount(place, weights=seen))
    return Estimate(found.value, max(found.low, 0.0), found.high)


def _ends(which: str, error: Estimate) -> dict[str, float]:
    return {f"{which}_error": error.value, f"{which}_low": error.low, f"{which}_high": error.high}
