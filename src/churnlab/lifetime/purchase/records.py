"""What purchase models read: frequency, recency and age of each client, and the distinct rows among them.

The literature's x, t_x and T are frequency, recency and age here: orders after the first, time from the first to the
last order, and time from the first order to the end of the records. All times are in one unit, whichever it is.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
"""Odd multipliers that spread the bits of a row, so that rows can be sorted by one number."""


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """Orders of each client up to a time, as purchase models read them.

    Attributes
    ----------
    client : ndarray, shape (n,)
        Distinct clients that ordered before the end, sorted.
    frequency : ndarray of float, shape (n,)
        Orders after the first; orders at one time count once.
    recency, age : ndarray of float, shape (n,)
        Time from the first order to the last, and to the end of the records.
    gap_logs : ndarray of float, shape (n,)
        Sum of the logarithms of the times between orders; 0 without a repeat order.
    mean_amount : ndarray of float, shape (n,)
        Mean amount of the orders after the first; NaN without one, or where no amounts were given.
    """

    client: npt.NDArray[np.generic]
    frequency: Floats
    recency: Floats
    age: Floats
    gap_logs: Floats
    mean_amount: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Distinct rows of frequency, recency and age, and how many clients have each.

    Attributes
    ----------
    frequency, recency, age, weight : ndarray of float, shape (m,)
        The rows, and the clients (or their weights) that have them.
    place : ndarray of int, shape (n,)
        For each client, its row.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weight: Floats
    place: Ints


def purchase_history(
    client: npt.ArrayLike, time: npt.ArrayLike, *, until: float, amount: npt.ArrayLike | None = None
) -> PurchaseHistory:
    """Count orders of each client up to a time.

    Parameters
    ----------
    client : array_like, shape (n,)
        Who ordered.
    time : array_like of float, shape (n,)
        When, in any unit: days, weeks, months.
    until : float
        End of the records: orders at or before it are read.
    amount : array_like of float, shape (n,), optional
        Money of each order; amounts at one time are one order's.

    Returns
    -------
    PurchaseHistory

    Raises
    ------
    ValueError
        If shapes differ or no order lies at or before `until`.

    Examples
    --------
    >>> found = purchase_history(["a", "b", "a"], [0.0, 1.0, 6.0], until=10.0)
    >>> found.frequency.tolist(), found.recency.tolist(), found.age.tolist()
    ([1.0, 0.0], [6.0, 0.0], [10.0, 9.0])
    """
    who, when = np.asarray(client), np.asarray(time, dtype=np.float64)
    money = np.full(when.shape, np.nan) if amount is None else np.asarray(amount, dtype=np.float64)
    if not who.shape == when.shape == money.shape or who.ndim != 1:
        raise ValueError(f"expected one client, time and amount an order, got {who.shape}, {when.shape}, {money.shape}")
    kept = when <= until
    if not kept.any():
        raise ValueError(f"expected an order at or before {until:g}: none of {len(when)} lies there")
    names, code = np.unique(who[kept], return_inverse=True)
    when, money = when[kept], money[kept]
    order = np.lexsort((when, code))
    code, when, money = code[order], when[order], money[order]
    new = np.concatenate(([True], (np.diff(code) != 0) | (np.diff(when) != 0)))
    spent = np.add.reduceat(money, np.flatnonzero(new))
    code, when = code[new], when[new]
    first = np.concatenate(([True], np.diff(code) != 0))
    begin = np.flatnonzero(first)
    last = np.concatenate((begin[1:], [len(code)])) - 1
    repeats = (last - begin).astype(np.float64)
    gaps = np.diff(when, prepend=when[0])
    logs = np.log(np.where(first, 1.0, gaps))
    later = np.where(first, 0.0, spent)
    with np.errstate(invalid="ignore"):
        mean = np.add.reduceat(later, begin) / repeats
    return PurchaseHistory(
        client=names,
        frequency=repeats,
        recency=when[last] - when[begin],
        age=until - when[begin],
        gap_logs=np.add.reduceat(logs, begin),
        mean_amount=mean,
    )


def distinct_rows(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Rows:
    """Check frequency, recency and age, and find the distinct rows, sorted by nothing in particular.

    Parameters
    ----------
    frequency, recency, age : array_like of float, shape (n,)
        One row a client.
    weight : array_like of float, shape (n,), optional
        Clients that each row stands for; 1 if not given.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        If shapes differ, nothing is given, or a row cannot be: the message names its position.
    """
    x, last, end = (np.asarray(each, dtype=np.float64) for each in (frequency, recency, age))
    number = np.ones(x.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    _check(x, last, end, number)
    key = np.zeros(x.shape, dtype=np.uint64)
    for part, factor in zip((x, last, end), _MIX, strict=True):
        bits = (part + 0.0).view(np.uint64)
        key = (key ^ bits ^ (bits >> np.uint64(32))) * factor
    order = np.argsort(key)
    x, last, end = x[order], last[order], end[order]
    # rows that share a key but differ are told apart here; at worst a row is then listed twice
    new = np.concatenate(([True], (np.diff(x) != 0) | (np.diff(last) != 0) | (np.diff(end) != 0)))
    begin = np.flatnonzero(new)
    place = np.empty(len(x), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return Rows(x[begin], last[begin], end[begin], np.add.reduceat(number[order], begin), place)


def single_rows(frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> Rows:
    """Check frequency, recency and age, and keep one row a client, in order.

    Parameters
    ----------
    frequency, recency, age : array_like of float, shape (n,)
        One row a client.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        As :func:`distinct_rows`.
    """
    x, last, end = (np.asarray(each, dtype=np.float64) for each in (frequency, recency, age))
    one = np.ones(x.shape)
    _check(x, last, end, one)
    return Rows(x, last, end, one, np.arange(x.size))


def _check(x: Floats, last: Floats, end: Floats, number: Floats) -> None:
    if not x.shape == last.shape == end.shape == number.shape or x.ndim != 1 or not x.size:
        shapes = ", ".join(str(each.shape) for each in (x, last, end, number))
        raise ValueError(f"expected frequency, recency, age and weight of one length above 0, got {shapes}")
    rules = {
        "a whole frequency of 0 or more": np.isfinite(x) & (x >= 0) & (x == np.floor(x)),
        "a recency from 0 to the age": (last >= 0) & (last <= end),
        "an age of 0 or more": np.isfinite(end) & (end >= 0),
        "recency 0 without repeat orders and above 0 with them": (x > 0) == (last > 0),
        "a weight of 0 or more": np.isfinite(number) & (number >= 0),
    }
    for wanted, held in rules.items():
        if not held.all():
            row = int(np.argmin(held))
            came = f"frequency {x[row]:g}, recency {last[row]:g}, age {end[row]:g}, weight {number[row]:g}"
            raise ValueError(f"expected {wanted}, got {came} at position {row}: count orders by purchase_history")
    if not end.max() > 0:
        raise ValueError("expected an age above 0 somewhere: the records end with every client's first order")
