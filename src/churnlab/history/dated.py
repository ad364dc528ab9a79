"""Dated rows of units, asked for what lies before a day: how many, how much, what was last.

Rows are sorted once by unit and day; every question is two binary searches in running sums. Sums are of integers, so
that a row after the day asked about cannot touch the answer, not even in its last bit.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DAYS = 1 << 23  # more than there are days in the years 1 to 9999, on either side of 1970
_ZERO = 1 << 22


@dataclass(frozen=True, slots=True)
class Dated:
    """Rows by unit and day.

    Attributes
    ----------
    order : ndarray of int64, shape (n,), or None
        What sorts the rows by unit and day; None where they are sorted.
    key : ndarray of int64, shape (n,)
        Unit and day in one number, rising.
    """

    order: Integers | None
    key: Integers

    @classmethod
    def of(cls, unit: npt.ArrayLike, day: npt.ArrayLike) -> "Dated":
        """Sort rows.

        Parameters
        ----------
        unit, day : array_like of int64, shape (n,)
            Unit from 0 on, and days since 1970-01-01.

        Returns
        -------
        Dated
        """
        key = _key(unit, day)
        if (key[1:] >= key[:-1]).all():
            return cls(None, key)
        order = np.argsort(key, kind="stable").astype(np.int64)
        return cls(order, key[order])

    def sorted(self, values: npt.ArrayLike) -> npt.NDArray[Any]:
        """Values in the order of the sorted rows, shape (n,)."""
        given = np.asarray(values)
        return given if self.order is None else given[self.order]

    def sums(self, values: npt.ArrayLike) -> Integers:
        """Running sums of integers, to be passed to :meth:`between`.

        Parameters
        ----------
        values : array_like of int64, shape (n,)
            One value a row, in the rows' own order.

        Returns
        -------
        ndarray of int64, shape (n + 1,)
        """
        running = np.zeros(len(self.key) + 1, dtype=np.int64)
        np.cumsum(self.sorted(values), out=running[1:])
        return running

    def between(self, sums: Integers, unit: Integers, start: npt.ArrayLike, stop: npt.ArrayLike) -> Integers:
        """Sum the rows of units with ``start <= day < stop``.

        Parameters
        ----------
        sums : ndarray of int64, shape (n + 1,)
            Result of :meth:`sums`.
        unit : ndarray of int64, shape (k,)
            Units asked about.
        start, stop : array_like of int64, shape (k,)
            Days; the last one does not count.

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        return sums[self.before(unit, stop)] - sums[self.before(unit, start)]

    def count(self, unit: Integers, start: npt.ArrayLike, stop: npt.ArrayLike) -> Integers:
        """Count the rows of units with ``start <= day < stop``, shape (k,)."""
        return self.before(unit, stop) - self.before(unit, start)

    def last(self, unit: Integers, before: npt.ArrayLike) -> Integers:
        """Find the latest row of each unit before a day.

        Parameters
        ----------
        unit : ndarray of int64, shape (k,)
            Units asked about.
        before : array_like of int64, shape (k,)
            Days; a row on the day itself does not count.

        Returns
        -------
        ndarray of int64, shape (k,)
            Its place in the rows' own order; -1 where there is none.
        """
        place = self.before(unit, before) - 1
        if not len(self.key):
            return place
        at = np.maximum(place, 0)
        found = (place >= 0) & (self.key[at] // _DAYS == unit)
        return np.where(found, at if self.order is None else self.order[at], -1)

    def before(self, unit: Integers, day: npt.ArrayLike) -> Integers:
        """How many sorted rows lie before a unit's day: the place in running sums, shape (k,)."""
        return np.searchsorted(self.key, _key(unit, day)).astype(np.int64)


def take(values: npt.ArrayLike, place: Integers) -> Floats:
    """Values at places, NaN at -1.

    Parameters
    ----------
    values : array_like, shape (n,)
        Numbers.
    place : ndarray of int64, shape (k,)
        Result of :meth:`Dated.last`.

    Returns
    -------
    ndarray of float, shape (k,)
    """
    numbers = np.append(np.asarray(values, dtype=np.float64), np.nan)
    return numbers[place]


def _key(unit: npt.ArrayLike, day: npt.ArrayLike) -> Integers:
    return np.asarray(unit, dtype=np.int64) * _DAYS + (np.asarray(day, dtype=np.int64) + _ZERO)
