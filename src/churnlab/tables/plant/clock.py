"""Days and months of the plant: whole numbers since January 2002.

The records begin 15 years in, so that the clients who are there on their first day are the survivors of
earlier intakes: left truncation as real records have it.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.str_]

ORIGIN = np.datetime64("2002-01-01", "D")
RECORDS = 180
"""The month with which the records begin: January 2017."""
SURVEYS = 204
"""The month with which the surveys begin: January 2019."""
END = 288
"""The month with which the records end: January 2026, the first without rows."""
AHEAD_AT_MOST = 600
"""Months that the plant can be run beyond its records."""
NEVER = 10**6
"""A day that does not come."""

FIRST: Ints = (
    (np.datetime64("2002-01", "M") + np.arange(END + AHEAD_AT_MOST + 1)).astype("datetime64[D]") - ORIGIN
).astype(np.int64)
"""The day on which each month begins."""
RECORDS_DAY, END_DAY = int(FIRST[RECORDS]), int(FIRST[END])


def month_of(day: Ints) -> Ints:
    """Give the month in which each day falls.

    Parameters
    ----------
    day : ndarray of int
        Days since the origin, of any shape.

    Returns
    -------
    ndarray of int
        Months since the origin, of the same shape.
    """
    return np.searchsorted(FIRST, day, side="right") - 1


HOLIDAYS = np.array(
    [f"{year}-{day}" for year in range(2002, 2080) for day in ("01-01", "12-24", "12-25", "12-26")],
    dtype="datetime64[D]",
)
"""Days on which nobody works, weekends apart."""


def working_day(day: Ints, *, later: Ints | int = 0) -> Ints:
    """Move days that fall on a weekend or holiday to the next working day, and then on by working days.

    Parameters
    ----------
    day : ndarray of int
        Days since the origin, of any shape.
    later : int or ndarray of int
        Working days to add; take away if negative.

    Returns
    -------
    ndarray of int
        Days since the origin, of the same shape.

    Examples
    --------
    >>> working_day(np.array([0, 4]), later=1).tolist()  # Tuesday 1 January 2002; Saturday
    [2, 7]
    """
    moved = np.busday_offset(ORIGIN + day, later, roll="forward", holidays=HOLIDAYS) - ORIGIN
    return moved.astype(np.int64)


def dates(day: Ints, *, before: int = END_DAY) -> NDArray[np.datetime64]:
    """Turn days into dates.

    Parameters
    ----------
    day : ndarray of int
        Days since the origin.
    before : int
        Days from this one on become empty; the end of the records if not given.

    Returns
    -------
    ndarray of datetime64[us]
    """
    return np.where(day < before, ORIGIN + day, np.datetime64("NaT")).astype("datetime64[us]")


def month_names(month: Ints) -> Texts:
    """Write months as YYYY-MM.

    Parameters
    ----------
    month : ndarray of int
        Months since the origin.

    Returns
    -------
    ndarray of str
    """
    return (np.datetime64("2002-01", "M") + month).astype(str)


def days_in(month: int) -> int:
    """Count the days of a month.

    Parameters
    ----------
    month : int
        Since the origin.

    Returns
    -------
    int
    """
    return int(FIRST[month + 1] - FIRST[month])
