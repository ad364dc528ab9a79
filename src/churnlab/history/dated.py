"""Dated rows of units, asked for what lies before a day: how many, how much, what was last.

Rows are sorted once by unit and day; every question is two binary searches in running sums. Sums are of integers, so
that a row after the day asked about cannot touch the answer, not even in its last bit.
"""

from dataclasses import dataclass

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
    order : ndarray of int64, shape (n,)
        What sorts the rows by unit and day.
    key : ndarray of int64, shape (n,)
        Unit and day in one number, rising.
    """

    order: Integers
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
        order = np.argsort(key, kind="stable").astype(np.int64)
        return cls(order, key[order])

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
        ordered = np.asarray(values, dtype=np.int64)[self.order]
        return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(ordered)])

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
        return sums[self._before(unit, stop)] - sums[self._before(unit, start)]

    def count(self, unit: Integers, start: npt.ArrayLike, stop: npt.ArrayLike) -> Integers:
        """Count the rows of units with ``start <= day < stop``, shape (k,)."""
        return self._before(unit, stop) - self._before(unit, start)

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
        place = self._before(unit, before) - 1
        found = (place >= 0) & (self.key[np.maximum(place, 0)] // _DAYS == unit) if len(self.key) else place >= 0
        return np.where(found, self.order[np.maximum(place, 0)] if len(self.key) else -1, -1)

    def _before(self, unit: Integers, day: npt.ArrayLike) -> Integers:
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
