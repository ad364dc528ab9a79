"""What clients order: lines, quantities, prices, costs, deliveries, claims, and what they send back."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.tables.plant.clock import END_DAY, NEVER, RECORDS, Floats, Ints, month_of, working_day
from churnlab.tables.plant.course import Course, Events
from churnlab.tables.plant.deliveries import Deliveries
from churnlab.tables.plant.month import UNIT_COST
from churnlab.tables.plant.purchases import Purchases
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import LINES, Traits

_PRICE: Floats = np.array([235.0, 410.0, 520.0])  # EUR a cubic metre in 2017, by line
_SIZE: Floats = np.array([1.0, 0.9, 1.0])  # of an order, against particleboard
_OFTEN: Floats = np.array([0.9, 0.6, 0.6])  # chance that an order holds a line that the client has a need of
_ASSORTMENT, _ITEM = 0.12, 0.04  # how far list prices of what a client buys, and of a single line, spread (logarithm)
_COST_NOISE = 0.025
_STEP = 0.005  # in which discounts are agreed
_RETURNED = 0.006  # share of the lines without a claim
_CLAIMED = (1, 2)  # failures that lead to a claim: damaged, wrong goods


@dataclass(frozen=True, slots=True)
class _Lines:
    """Order lines before they become a table: positions into the purchases, and the line's code."""

    purchase: Ints
    line: Ints


def draw_orders(
    streams: Streams, traits: Traits, *, course: Course, purchases: Purchases, deliveries: Deliveries
) -> pd.DataFrame:
    """Draw one row a product line of an order, and the returns.

    Parameters
    ----------
    streams : Streams
        Of the plant.
    traits : Traits
        The clients.
    course : Course
        Their needs, volumes, discounts and failures.
    purchases : Purchases
        The days on which they order.
    deliveries : Deliveries
        When they get it, and which orders go wrong.

    Returns
    -------
    pandas.DataFrame
        client and manager (positions), day, number, line (code), kind, amount, quantity, list_amount, cost,
        promised, delivered (days; `NEVER` if not), claim (code; -1 for none); in order of day and number.
    """
    k = month_of(purchases.day) - RECORDS
    lines = _which_lines(streams("lines of an order"), course, purchases, month=k)
    who, day, k = purchases.client[lines.purchase], purchases.day[lines.purchase], k[lines.purchase]
    noise = _per_line(streams("quantities"), purchases, lines)
    grade = _grade(streams("assortment"), traits, purchases, lines)
    price = (_PRICE[lines.line] * price_index(k) * grade).round(1)
    cost = np.exp(_COST_NOISE * _per_line(streams("costs"), purchases, lines))
    wanted = traits.size[who] * _SIZE[lines.line] * np.exp(0.35 * noise)
    wanted *= course.volume[k, who] * purchases.volume[lines.purchase]
    quantity = np.maximum((wanted / _PRICE[lines.line]).round(1), 0.5)
    discount = (course.discount[k, who] / _STEP).round() * _STEP
    discount += _STEP * (_per_purchase(streams("specials"), purchases, lines) < 0.04)
    discount += 0.03 * (purchases.fading[lines.purchase] & (_per_purchase(streams("favours"), purchases, lines) < 0.4))
    table = pd.DataFrame(
        {
            "client": who.astype(np.int32),
            "manager": traits.manager_at(who, k + RECORDS).astype(np.int32),
            "day": day.astype(np.int32),
            "number": purchases.number[lines.purchase],
            "line": lines.line.astype(np.int8),
            "kind": np.zeros(who.size, dtype=np.int8),
            "quantity": quantity,
            "price": price,
            "discount": np.clip(discount, 0, 0.2).round(3),
            "unit_cost": UNIT_COST * _PRICE[lines.line] * _cost_index(k) * grade * cost,
            "promised": deliveries.promised[lines.purchase].astype(np.int32),
            "delivered": deliveries.delivered[lines.purchase].astype(np.int32),
            "claim": _claims(streams("claims"), course.failures, deliveries.order, purchases, lines),
        }
    )
    table = _with_returns(streams("returns of goods"), table, purchases, lines)
    return _with_money(table)


def price_index(month: Ints) -> Floats:
    """Give list prices against 2017: set each half-year, with the dear timber of 2021 and 2022.

    Parameters
    ----------
    month : ndarray of int
        Since the beginning of the records.

    Returns
    -------
    ndarray of float
    """
    return np.interp(month // 6 / 2, [0, 4, 4.5, 5.5, 7, 9], [1.0, 1.07, 1.18, 1.30, 1.22, 1.27])


def _cost_index(month: Ints) -> Floats:
    """Give unit costs against 2017; in the shortage they run ahead of prices."""
    return np.interp(month / 12, [0, 3.9, 4.5, 5.5, 7, 9], [1.0, 1.08, 1.27, 1.36, 1.23, 1.29])


def _per_line(rng: np.random.Generator, purchases: Purchases, lines: _Lines) -> Floats:
    """Draw a normal deviate for each line of each order that might have been; give those that are."""
    drawn = rng.standard_normal((purchases.possible, LINES.size), dtype=np.float32)
    return drawn[purchases.place[lines.purchase], lines.line].astype(np.float64)


def _grade(rng: np.random.Generator, traits: Traits, purchases: Purchases, lines: _Lines) -> Floats:
    """Draw how dear a line's item is against the line's mean: by the client's assortment, and by item."""
    habit = rng.standard_normal((traits.start.size, LINES.size))[purchases.client[lines.purchase], lines.line]
    return np.exp(_ASSORTMENT * habit + _ITEM * _per_line(rng, purchases, lines))


def _per_purchase(rng: np.random.Generator, purchases: Purchases, lines: _Lines) -> Floats:
    """Draw a uniform for each order that might have been; give those of the lines."""
    return rng.random(purchases.possible)[purchases.place[lines.purchase]]


def _which_lines(rng: np.random.Generator, course: Course, purchases: Purchases, *, month: Ints) -> _Lines:
    """Draw which of the lines that the client has a need of are in each order: one at least."""
    drawn = rng.random((purchases.possible, LINES.size), dtype=np.float32)[purchases.place]
    wish = np.where(course.lines[month + RECORDS, purchases.client], drawn / _OFTEN, np.inf)
    least = wish.min(axis=1, keepdims=True)
    return _Lines(*np.nonzero((wish < 1) | ((wish == least) & np.isfinite(least))))


def _claims(rng: np.random.Generator, failures: Events, order: Ints, purchases: Purchases, lines: _Lines) -> Ints:
    """Note a claim on the first line of each order that a failure befell which leads to one, by code; -1 for none."""
    kind = failures.details["kind"]
    chosen = np.isin(kind, _CLAIMED) & (order >= 0)
    row, kind = order[chosen], kind[chosen]
    noted = rng.random(purchases.possible)[purchases.place[row]] < 0.9  # some are never written down
    claim = np.full(purchases.client.size, -1, dtype=np.int8)
    claim[row[noted]] = kind[noted]
    first_of_order = np.diff(lines.purchase, prepend=-1) > 0
    return np.where(first_of_order, claim[lines.purchase], -1)


def _with_returns(rng: np.random.Generator, table: pd.DataFrame, purchases: Purchases, lines: _Lines) -> pd.DataFrame:
    """Send about 1 % of the lines back in part some days after delivery: half of those claimed, and few others."""
    drawn = rng.random((purchases.possible, LINES.size), dtype=np.float32)[purchases.place[lines.purchase], lines.line]
    part, delay, why = rng.random((3, purchases.possible))[:, purchases.place[lines.purchase]]
    claimed = (table["claim"] >= 0).to_numpy()
    back = np.flatnonzero((drawn < np.where(claimed, 0.5, _RETURNED)) & (table["delivered"] < NEVER).to_numpy())
    told = back[~claimed[back] & (why[back] < 0.6)]  # the other returns are goods left over
    claim = table["claim"].to_numpy(copy=True)
    claim[told] = _CLAIMED[0]
    table = table.assign(claim=claim)
    part, delay = 0.1 + 0.8 * part[back], 2 + (23 * delay[back]).astype(np.int64)
    returned = table.iloc[back]
    returned = returned.assign(
        kind=np.int8(1),
        day=working_day(returned["delivered"].to_numpy() + delay).astype(np.int32),
        quantity=-(returned["quantity"] * part).round(1).clip(lower=0.1),
        promised=np.int32(NEVER),
        delivered=np.int32(NEVER),
        claim=np.int8(-1),
    )
    both = pd.concat([table, returned[returned["day"] < END_DAY]], ignore_index=True)
    order = np.lexsort((both["line"], both["number"], both["kind"], both["day"]))
    return both.iloc[order].reset_index(drop=True)


def _with_money(table: pd.DataFrame) -> pd.DataFrame:
    """Put amounts on the lines, EUR."""
    quantity = table["quantity"].to_numpy()
    at_list = quantity * table["price"].to_numpy()
    return table.drop(columns=["price", "discount", "unit_cost"]).assign(
        list_amount=at_list.round(2),
        amount=(at_list * (1 - table["discount"].to_numpy())).round(2),
        cost=(quantity * table["unit_cost"].to_numpy()).round(2),
    )
