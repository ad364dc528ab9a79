"""When orders are delivered, and what went wrong with which of them."""

from dataclasses import dataclass

import numpy as np

from churnlab.tables.plant.clock import END_DAY, FIRST, NEVER, RECORDS, Ints, month_of, working_day
from churnlab.tables.plant.course import Course
from churnlab.tables.plant.month import LATE
from churnlab.tables.plant.purchases import Purchases
from churnlab.tables.plant.streams import Streams

_OPEN = 16  # days before a month's end by which an order has to be placed to go wrong in it
_LONG_AGO = 100  # days before a month's beginning from which on no order goes wrong any more
_WIDE = NEVER * 4


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Deliveries of k orders, and m failures.

    Attributes
    ----------
    promised, delivered : ndarray of int, (k,)
        Working days since the origin; `NEVER` if not delivered within the records.
    order : ndarray of int, (m,)
        Position of the order that each of the course's failures befell; -1 for none, which nobody wrote down.
    failed_on : ndarray of int, (m,)
        The day on which the client felt it.
    """

    promised: Ints
    delivered: Ints
    order: Ints
    failed_on: Ints


def draw_deliveries(streams: Streams, *, course: Course, purchases: Purchases) -> Deliveries:
    """Draw promised and delivered days; the worse the latent timing, the more orders come late.

    An order that a failure calls late is late by more the more severe the failure is.

    Parameters
    ----------
    streams : Streams
        Of the plant.
    course : Course
        Latent timing and failures.
    purchases : Purchases
        The days on which clients order.

    Returns
    -------
    Deliveries
    """
    rng, k = streams("delivery"), purchases.possible
    lead, u = rng.integers(8, 24, k)[purchases.place], rng.random(k)[purchases.place]
    days_late, early = rng.geometric(0.3, k)[purchases.place], rng.binomial(2, 0.3, k)[purchases.place]
    timing = course.score[month_of(purchases.day) - RECORDS, purchases.client, 1]
    late = u < 1 / (1 + np.exp(1.6 - 0.7 * (7.0 - timing)))
    promised = working_day(purchases.day + lead)
    delivered = working_day(promised, later=np.where(late, days_late, -early))
    order = _order_of(course, purchases)
    found, details = np.maximum(order, 0), course.failures.details
    behind = (order >= 0) & (details["kind"] == LATE)
    by = working_day(promised[found], later=3 + (5 * details["severity"]).astype(np.int64))
    np.maximum.at(delivered, order[behind], by[behind])
    wait = (5 * details["when"]).astype(np.int64)
    failed_on = working_day(
        np.where(behind, promised[found], delivered[found]), later=1 + wait // np.where(behind, 2, 1)
    )
    return Deliveries(promised, np.where(delivered < END_DAY, delivered, NEVER), order, failed_on)


def _order_of(course: Course, purchases: Purchases) -> Ints:
    """Find the order that each failure befell: the client's last one that can have been under way; -1 for none."""
    client, month = course.failures.client, course.failures.month
    latest = client * _WIDE + FIRST[month + 1] - _OPEN
    row = np.searchsorted(purchases.client * _WIDE + purchases.day, latest, side="right") - 1
    there = np.maximum(row, 0)
    fits = (row >= 0) & (purchases.client[there] == client) & (purchases.day[there] > FIRST[month] - _LONG_AGO)
    return np.where(fits, row, -1)
