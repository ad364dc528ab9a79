"""What clients are worth over a horizon: part by part, and with what parameters and chance leave open.

Value is money earned while the client is there: sales at their margin, less what serving it and waiting for its money
cost. Two doubts are kept apart. Parameters are not known: hazards and growth are drawn, the same draw for all clients.
Chance decides when a client leaves and how its sales go on, and what befalls the market.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from churnlab.value.discounting import discount_factor
from churnlab.value.growth import LARGEST_CHANGE, NO_GROWTH, Growth
from churnlab.value.staying import Staying, discounted_stay

Floats = npt.NDArray[np.float64]

_BLOCK = 200_000
_YEAR_DAYS = 365.0
_PLACES = (np.arange(2000) + 0.5) / 2000


@dataclass(frozen=True, slots=True)
class Money:
    """What clients pay and cost in a month while they are there.

    Attributes
    ----------
    sales : ndarray of float, shape (n,)
        Net sales a month at the level of the last year.
    margin : ndarray of float, shape (n,)
        Part of sales that is left after the cost of goods; 1 counts sales themselves.
    serve : ndarray of float, shape (n,)
        Cost of serving the client, a month.
    payment_days : ndarray of float, shape (n,)
        Days after which sales are paid.
    change : ndarray of float, shape (n,)
        Last change of sales, as :func:`churnlab.value.last_change`.
    orders : ndarray of float, shape (n,)
        Orders of the last year.
    """

    sales: Floats
    margin: Floats
    serve: Floats
    payment_days: Floats
    change: Floats
    orders: Floats

    def __post_init__(self) -> None:
        """Refuse rows that do not fit together or are not known."""
        rows = (self.sales, self.margin, self.serve, self.payment_days, self.change, self.orders)
        if len({each.shape for each in rows}) != 1 or self.sales.ndim != 1:
            raise ValueError(f"expected one figure of each a client, got {[each.shape for each in rows]}")
        if not all(np.isfinite(each).all() for each in rows):
            raise ValueError("expected finite figures of every client: leave out clients of whom one is not known")


@dataclass(frozen=True, slots=True)
class Parts:
    """Value of each client, part by part, at the estimate; shape (n,) each, money of today.

    Attributes
    ----------
    months : ndarray
        Months that the client is there, discounted.
    gross : ndarray
        Margin on sales that stay as they were.
    growth : ndarray
        What growth or fading adds, after the cost of its payment terms.
    serve : ndarray
        Cost of serving, 0 or less.
    terms : ndarray
        Cost of waiting for the money, 0 or less.
    """

    months: Floats
    gross: Floats
    growth: Floats
    serve: Floats
    terms: Floats

    @property
    def value(self) -> Floats:
        """The sum of the parts."""
        return self.gross + self.growth + self.serve + self.terms


@dataclass(frozen=True, slots=True)
class Range:
    """A value with both of its intervals.

    Attributes
    ----------
    value : float or ndarray
        Expected, at the estimate.
    mean_low, mean_high : float or ndarray
        Of the expectation: parameters alone.
    low, high : float or ndarray
        Of what will come: parameters and chance; NaN where nothing is known of how sales go on.
    """

    value: Floats
    mean_low: Floats
    mean_high: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Worth:
    """What clients are worth.

    Attributes
    ----------
    horizon : int
        Months counted.
    level : float
        Coverage of the intervals.
    parts : Parts
        Of each client.
    client : Range
        Of each client, arrays of shape (n,).
    book : Range
        Of all together, arrays of no dimension: not the sum of clients' ends, since clients err each by themselves in
        chance and together in parameters.
    growth : tuple of float
        Ends of what growth and fading add to the book: parameters alone.
    drawn : ndarray of float, shape (draws,)
        What comes of the book, draw by draw; their mean is the book's value but for doubt about parameters.
    """

    horizon: int
    level: float
    parts: Parts
    client: Range
    book: Range
    growth: tuple[float, float]
    drawn: Floats


def value_parts(
    staying: Staying, money: Money, *, horizon: int, yearly_rate: float, growth: Growth = NO_GROWTH
) -> Parts:
    """Value clients at the estimate, part by part.

    Parameters
    ----------
    staying : Staying
        Hazards.
    money : Money
        What clients pay and cost.
    horizon : int
        Months counted.
    yearly_rate : float
        Cost of waiting a year, as a share.
    growth : Growth
        How sales go on.

    Returns
    -------
    Parts

    Raises
    ------
    ValueError
        If clients do not agree in number, or as :func:`discounted_stay`.
    """
    if money.sales.shape != (staying.clients,):
        raise ValueError(f"expected money of {staying.clients} clients, got {money.sales.shape}")
    months = np.concatenate(
        [
            discounted_stay(staying.estimate, horizon=horizon, yearly_rate=yearly_rate, rows=rows)[:, 0]
            for rows in np.split(np.arange(staying.clients), range(_BLOCK, staying.clients, _BLOCK))
        ]
    )
    waits = terms_cost(money.payment_days, yearly_rate=yearly_rate)
    grows = np.expm1(growth.level + growth.carry * money.change)
    sales = money.sales * months
    return Parts(
        months=months,
        gross=sales * money.margin,
        growth=sales * grows * (money.margin - waits),
        serve=-money.serve * months,
        terms=-sales * waits,
    )


def terms_cost(payment_days: npt.ArrayLike, *, yearly_rate: float) -> Floats:
    """Part of sales that waiting for their money costs.

    Parameters
    ----------
    payment_days : array_like of float
        Days after which sales are paid.
    yearly_rate : float
        Cost of waiting a year, as a share.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> terms_cost([0.0, 365.0], yearly_rate=0.25).round(6).tolist()
    [0.0, 0.2]
    """
    return 1.0 - discount_factor(yearly_rate, np.asarray(payment_days, dtype=np.float64) * 12.0 / _YEAR_DAYS)


def worth(
    staying: Staying,
    money: Money,
    *,
    horizon: int,
    yearly_rate: float,
    growth: Growth = NO_GROWTH,
    level: float = 0.95,
    rng: np.random.Generator | int = 0,
) -> Worth:
    """Value clients with intervals, by as many draws as the hazards have.

    Parameters
    ----------
    staying : Staying
        Hazards, with two draws or more.
    money : Money
        What clients pay and cost.
    horizon : int
        Months counted.
    yearly_rate : float
        Cost of waiting a year, as a share.
    growth : Growth
        How sales go on.
    level : float
        Coverage of the intervals.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    Worth

    Raises
    ------
    ValueError
        If there are fewer than two draws, the level is out of range, or as :func:`value_parts`.

    Notes
    -----
    Clients are worked through in blocks, so that memory does not grow with their number times draws. What befalls all
    at once follows a t law, since it is known from few origins; its factor has a mean of 1.
    """
    if staying.draws < 2 or not 0 < level < 1:
        raise ValueError(f"expected two draws or more and a level between 0 and 1, got {staying.draws} and {level}")
    parts = value_parts(staying, money, horizon=horizon, yearly_rate=yearly_rate, growth=growth)
    generator = np.random.default_rng(rng)
    draws, ends = staying.draws, (0.5 - level / 2, 0.5 + level / 2)
    common, carry, shock = _common(growth, draws, generator)
    unit = money.margin - terms_cost(money.payment_days, yearly_rate=yearly_rate)
    spread = growth.spread(money.orders)
    found = np.empty((4, staying.clients))
    means, sums, added = np.zeros((3, draws))
    size = max(1, _BLOCK // draws)
    for rows in np.split(np.arange(staying.clients), range(size, staying.clients, size)):
        stays = discounted_stay(staying, horizon=horizon, yearly_rate=yearly_rate, rows=rows)[:, 1:]
        chance = generator.random(stays.shape)
        drawn = discounted_stay(staying, horizon=horizon, yearly_rate=yearly_rate, rows=rows, chance=chance)
        usual = (money.sales * unit)[rows, None]
        earned = usual * np.exp(common + carry * money.change[rows, None])
        cost = money.serve[rows, None]
        mean = stays * (earned - cost)
        noise = growth.drawn(spread[rows], generator.random(stays.shape))
        came = drawn * (earned * np.exp(shock) * noise - cost)
        found[:2, rows] = np.quantile(mean, ends, axis=1)
        found[2:, rows] = np.quantile(came, ends, axis=1) if growth.known else np.nan
        means += mean.sum(axis=0)
        added += (stays * (earned - usual)).sum(axis=0)
        sums += came.sum(axis=0)
    of_book = [np.quantile(means, ends), np.quantile(sums, ends) if growth.known else np.full(2, np.nan)]
    total = np.asarray(parts.value.sum())
    book = Range(total, *(np.asarray(end) for pair in of_book for end in pair))
    low, high = np.quantile(added, ends)
    return Worth(horizon, level, parts, Range(parts.value, *found), book, (float(low), float(high)), sums)


def _common(growth: Growth, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Draws that all clients share: level of growth, carried part, and what befalls the market."""
    level = growth.level + growth.level_error * rng.standard_normal(draws)
    carry = growth.carry + growth.carry_error * rng.standard_normal(draws)
    if not growth.known:
        return level, carry, np.zeros(draws)
    free = max(growth.origins - 1, 1)
    shock = np.clip(growth.market * rng.standard_t(free, draws), -LARGEST_CHANGE, LARGEST_CHANGE)
    law = np.clip(growth.market * student.ppf(_PLACES, free), -LARGEST_CHANGE, LARGEST_CHANGE)
    return level, carry, shock - np.log(np.exp(law).mean())
