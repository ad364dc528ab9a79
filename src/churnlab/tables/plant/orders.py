"""What clients order: lines, quantities, prices, costs, deliveries, claims, and what they send back."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.tables.plant.clock import END, END_DAY, FIRST, NEVER, RECORDS, Floats, Ints, month_of, working_day
from churnlab.tables.plant.course import Course, Events
from churnlab.tables.plant.month import UNIT_COST
from churnlab.tables.plant.purchases import Purchases
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import LINES, Traits

_PRICE: Floats = np.array([235.0, 410.0, 520.0])  # EUR a cubic metre in 2017, by line
_SIZE: Floats = np.array([1.0, 0.9, 1.0])  # of an order, against particleboard
_OFTEN: Floats = np.array([0.9, 0.6, 0.6])  # chance that an order holds a line that the client has a need of
_ASSORTMENT, _ITEM = 0.12, 0.04  # how far list prices of what a client buys, and of a single line, spread (logarithm)
_COST_NOISE = 0.025
_RETURNED = 0.01  # share of the lines
_CLAIMED = (1, 2)  # failures that lead to a claim: damaged, wrong goods


@dataclass(frozen=True, slots=True)
class _Lines:
    """Order lines before they become a table: positions into the purchases, and the line's code."""

    purchase: Ints
    line: Ints


def draw_orders(streams: Streams, traits: Traits, *, course: Course, purchases: Purchases) -> pd.DataFrame:
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
    discount = course.discount[k, who] + 0.01 * _per_line(streams("discounts"), purchases, lines)
    discount += 0.03 * (purchases.fading[lines.purchase] & (_per_purchase(streams("favours"), purchases, lines) < 0.4))
    promised, delivered = _delivery(streams("delivery"), course, purchases, lines)
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
            "promised": promised.astype(np.int32),
            "delivered": delivered.astype(np.int32),
            "claim": _claims(streams("claims"), course.failures, purchases, lines),
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


def _delivery(rng: np.random.Generator, course: Course, purchases: Purchases, lines: _Lines) -> tuple[Ints, Ints]:
    """Draw promised and delivered days, working days all; the worse the latent timing, the more orders come late."""
    k = purchases.possible
    lead, u = rng.integers(8, 24, k)[purchases.place], rng.random(k)[purchases.place]
    days_late, early = rng.geometric(0.3, k)[purchases.place], rng.binomial(2, 0.3, k)[purchases.place]
    timing = course.score[month_of(purchases.day) - RECORDS, purchases.client, 1]
    late = u < 1 / (1 + np.exp(1.6 - 0.7 * (7.0 - timing)))
    promised = working_day(purchases.day + lead)
    delivered = working_day(promised, later=np.where(late, days_late, -early))
    return promised[lines.purchase], np.where(delivered < END_DAY, delivered, NEVER)[lines.purchase]


def _claims(rng: np.random.Generator, failures: Events, purchases: Purchases, lines: _Lines) -> Ints:
    """Note a claim on the last order before each failure that leads to one, by code; -1 for none."""
    wide = NEVER * 4
    kind = failures.details["kind"]
    chosen = np.isin(kind, _CLAIMED) & (failures.month >= RECORDS) & (failures.month < END)
    drawn = rng.random(purchases.possible)  # some claims are never written down
    when = failures.client[chosen] * wide + FIRST[failures.month[chosen]]
    row = np.searchsorted(purchases.client * wide + purchases.day, when, side="right") - 1
    fits = (row >= 0) & (purchases.client[row] == failures.client[chosen])
    row, kind = row[fits], kind[chosen][fits]
    noted = drawn[purchases.place[row]] < 0.9
    claim = np.full(purchases.client.size, -1, dtype=np.int8)
    claim[row[noted]] = kind[noted]
    first_of_order = np.diff(lines.purchase, prepend=-1) > 0
    return np.where(first_of_order, claim[lines.purchase], -1)


def _with_returns(rng: np.random.Generator, table: pd.DataFrame, purchases: Purchases, lines: _Lines) -> pd.DataFrame:
    """Send about 1 % of the lines back in part some days after delivery."""
    drawn = rng.random((purchases.possible, LINES.size), dtype=np.float32)[purchases.place[lines.purchase], lines.line]
    part, delay = rng.random((2, purchases.possible))[:, purchases.place[lines.purchase]]
    back = np.flatnonzero((drawn < _RETURNED) & (table["delivered"] < NEVER))
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
