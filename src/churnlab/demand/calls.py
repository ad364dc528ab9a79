"""Whom to call with the time there is: what leaving takes, and the list that holds most of it.

A call that helps keeps a client that would have left within the risk's horizon; what it saves is what the client then
brings more than if it had left. Hours and places for key clients bind each manager, so that each has a list of its own.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

from churnlab.value import discount_factor

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NOBODY = -1
"""Manager of clients that nobody looks after; they are on no list."""

_NONE = 1e-12
"""A chance so small is none."""

_LARGEST = 1000.0
"""Gains are scaled so, which leaves the solver's absolute tolerance of 1e-6 without meaning."""


def lost_by_leaving(
    value: npt.ArrayLike,
    months: npt.ArrayLike,
    near: npt.ArrayLike,
    stays: npt.ArrayLike,
    *,
    risk_months: int,
    horizon: int,
    yearly_rate: float,
) -> Floats:
    """Money that a client brings more if it stays through the risk's horizon than if it leaves within it.

    Parameters
    ----------
    value : array_like of float, shape (n,)
        Money that the client is expected to bring over `horizon`, that it may leave counted in.
    months : array_like of float, shape (n,)
        Months of `horizon` that it is expected to be there, discounted; behind `value`.
    near : array_like of float, shape (n,)
        How many of them lie within the first `risk_months`.
    stays : array_like of float, shape (n,)
        Chance that it is there at their end, 0 to 1, by the hazard behind `months`.
    risk_months, horizon : int
        Months; the risk's may not be the longer.
    yearly_rate : float
        Cost of waiting a year, as a share.

    Returns
    -------
    ndarray of float, shape (n,)
        Negative where the client costs more than it brings; 0 where no months are expected.

    Raises
    ------
    ValueError
        If shapes differ, something is not finite or a chance is no share, or the horizon is the shorter.

    Notes
    -----
    Within the risk's horizon who stays is there all the time, and who leaves for what is left of the months expected;
    after it only who stays is there. Value goes with months. The chance of leaving times what is lost is then what a
    client that surely stayed would bring more than `value`: for one that is almost gone, next to all of `horizon`,
    though its value is next to nothing. Where nobody leaves, half of the risk's horizon stands for who would.

    Examples
    --------
    >>> at_ends = {"risk_months": 12, "horizon": 24, "yearly_rate": 0.0}
    >>> lost_by_leaving([2400.0, 1500.0], [24.0, 15.0], [12.0, 9.0], [1.0, 0.5], **at_ends).tolist()
    [1800.0, 1800.0]
    """
    worth, there, first, last = (np.asarray(each, dtype=np.float64) for each in (value, months, near, stays))
    shapes = [each.shape for each in (worth, there, first, last)]
    if len(set(shapes)) != 1 or not np.isfinite([worth, there, first, last]).all():
        message = f"expected finite figures of every client, got {shapes}"
        raise ValueError(message)
    if ((last < 0) | (last > 1)).any() or not 1 <= risk_months <= horizon:
        message = f"expected chances from 0 to 1 after 1 to {horizon} months, got {risk_months} months"
        raise ValueError(message)
    reached = np.cumsum(discount_factor(yearly_rate, np.arange(1, horizon + 1)))
    near_end, end = reached[risk_months - 1], reached[-1]
    gone = 1 - last
    left = np.where(gone > _NONE, (first - last * near_end) / np.maximum(gone, _NONE), near_end / 2)
    after = np.where(last > _NONE, (there - first) / np.maximum(last, _NONE), end - near_end)
    more = np.clip(after, 0.0, end - near_end) + near_end - np.clip(left, 0.0, near_end)
    return np.where(there > 0, worth / np.where(there > 0, there, 1.0), 0.0) * more


def choose(
    gain: npt.ArrayLike,
    minutes: npt.ArrayLike,
    key: npt.ArrayLike,
    manager: npt.ArrayLike,
    *,
    capacity: npt.ArrayLike,
    places: npt.ArrayLike,
) -> Bools:
    """Choose for each manager the clients that add up to most within its minutes and places for key clients.

    Parameters
    ----------
    gain : array_like of float, shape (n,)
        What contacting each client is expected to save; those of 0 or less are never chosen.
    minutes : array_like of int, shape (n,)
        What contacting it takes, more than 0.
    key : array_like of bool, shape (n,)
        Whether it takes a place for key clients.
    manager : array_like of int, shape (n,)
        Whose client it is, 0 to k - 1, or ``NOBODY``.
    capacity : array_like of int, shape (k,)
        Minutes of each manager.
    places : array_like of int, shape (k,)
        Key clients that each manager may have on the list.

    Returns
    -------
    ndarray of bool, shape (n,)
        The best choice there is. Of clients alike in all, the first ones.

    Raises
    ------
    ValueError
        If shapes differ or values are out of range.

    Notes
    -----
    Where all contacts of a manager take the same it is a sort. Else it is a knapsack of two constraints, given to HiGHS
    with no gap allowed; of clients that take the same minutes and places only so many as could fit are handed over.

    Examples
    --------
    >>> chosen = choose([9.0, 5.0, 5.0], [240, 60, 60], [True, False, False], [0, 0, 0], capacity=[240], places=[3])
    >>> chosen.tolist()
    [False, True, True]
    """
    saved, takes, special, whose, time, room = _checked(gain, minutes, key, manager, capacity, places)
    chosen = np.zeros(len(saved), dtype=np.bool_)
    for place in range(len(time)):
        own = np.flatnonzero((whose == place) & (saved > 0))
        chosen[own[_best(saved[own], takes[own], special[own], int(time[place]), int(room[place]))]] = True
    return chosen


def in_order(
    order: npt.ArrayLike,
    minutes: npt.ArrayLike,
    key: npt.ArrayLike,
    manager: npt.ArrayLike,
    *,
    capacity: npt.ArrayLike,
    places: npt.ArrayLike,
) -> Bools:
    """Take clients in an order for as long as their manager's minutes and places last; who does not fit is passed over.

    Parameters
    ----------
    order : array_like of float, shape (n,)
        Those of the greatest first; of equals, the first ones.
    minutes, key, manager, capacity, places : array_like
        As for :func:`choose`.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        If shapes differ or values are out of range.
    """
    rank, takes, special, whose, time, room = _checked(order, minutes, key, manager, capacity, places)
    chosen, time, room = np.zeros(len(rank), dtype=np.bool_), time.copy(), room.copy()
    for client in np.argsort(-rank, kind="stable"):
        own = whose[client]
        if own != NOBODY and takes[client] <= time[own] and special[client] <= room[own]:
            chosen[client] = True
            time[own] -= takes[client]
            room[own] -= special[client]
    return chosen


def _best(gain: Floats, minutes: Ints, key: Bools, capacity: int, places: int) -> Ints:
    """Places of one manager's best choice among gains above 0."""
    order = np.lexsort((-gain, key, minutes))
    _, kind, size = np.unique(np.stack((minutes, key))[:, order], axis=1, return_inverse=True, return_counts=True)
    first = np.cumsum(size) - size
    rank = np.arange(len(order)) - first[kind]
    fits = (rank + 1) * minutes[order] <= capacity
    kept = fits & (~key[order] | (rank < places))
    order, kind, rank = order[kept], kind[kept], rank[kept]
    if minutes[order].sum() <= capacity and key[order].sum() <= places:
        return order
    if len(np.unique(kind)) == 1:
        return order  # the sort: as many as fit are left
    limits = LinearConstraint(np.stack((minutes[order], key[order].astype(np.int64))), ub=[capacity, places])
    found = milp(
        -gain[order] * (_LARGEST / gain[order].max()),
        integrality=np.ones(len(order)),
        bounds=Bounds(0, 1),
        constraints=limits,
        options={"mip_rel_gap": 0.0},
    )
    if not found.success:
        message = f"the choice of {len(order)} clients within {capacity} minutes ended without one: {found.message}"
        raise RuntimeError(message)
    number = np.bincount(kind, weights=np.round(found.x))
    return order[rank < number[kind]]  # of clients that take the same, always the best


def _checked(
    gain: npt.ArrayLike,
    minutes: npt.ArrayLike,
    key: npt.ArrayLike,
    manager: npt.ArrayLike,
    capacity: npt.ArrayLike,
    places: npt.ArrayLike,
) -> tuple[Floats, Ints, Bools, Ints, Ints, Ints]:
    saved = np.asarray(gain, dtype=np.float64)
    special = np.asarray(key, dtype=np.bool_)
    takes, whose, time, room = (np.asarray(each, dtype=np.int64) for each in (minutes, manager, capacity, places))
    if saved.ndim != 1 or not saved.shape == takes.shape == special.shape == whose.shape or time.shape != room.shape:
        shapes = ", ".join(str(each.shape) for each in (saved, takes, special, whose, time, room))
        message = f"expected one figure of each a client, and a manager, got {shapes}"
        raise ValueError(message)
    if not np.isfinite(saved).all() or (takes <= 0).any() or (time < 0).any() or (room < 0).any():
        message = "expected finite gains, minutes of more than 0, and capacities and places of 0 or more"
        raise ValueError(message)
    if len(whose) and not NOBODY <= whose.min() <= whose.max() < len(time):
        message = f"expected managers from {NOBODY} to {len(time) - 1}, got {whose.min()} to {whose.max()}"
        raise ValueError(message)
    return saved, takes, special, whose, time, room
