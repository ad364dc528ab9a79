"""What clients will order and pay, by a fitted purchase model: every figure with an interval.

Two doubts are kept apart: parameters are not known (draws about the estimate, shared by all clients), and chance
decides what each client does (a draw of its own). Clients are worked through in blocks, so that memory does not grow
with their number.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.lifetime.purchase.blocks import DRAWS, blocks, check_asked
from churnlab.lifetime.purchase.fitting import Floats
from churnlab.lifetime.purchase.gamma_gamma import SpendFit, draw_spend, mean_spend
from churnlab.lifetime.purchase.records import Rows, distinct_rows, single_rows
from churnlab.lifetime.purchase.result import Clients, Parameters, PurchaseFit, parameter_draws


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over all clients.

    Attributes
    ----------
    value : float
        Expected, at the estimate.
    low, high : float
        Of what will come: parameters and chance.
    mean_low, mean_high : float
        Of the expectation: parameters alone.
    """

    value: float
    low: float
    high: float
    mean_low: float
    mean_high: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Orders or money of each client within a horizon, and of all.

    Attributes
    ----------
    horizon : float
        In the time unit of the fit.
    value : ndarray, shape (n,)
        Expected, at the estimate.
    low, high : ndarray, shape (n,)
        Of what will come: parameters and chance.
    mean_low, mean_high : ndarray, shape (n,)
        Of the expectation: parameters alone.
    total : Total
        The sum over clients.
    """

    horizon: float
    value: Floats
    low: Floats
    high: Floats
    mean_low: Floats
    mean_high: Floats
    total: Total


def expected_orders(
    fit: PurchaseFit,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    horizon: float,
    level: float = 0.9,
    draws: int = DRAWS,
    rng: np.random.Generator | int = 0,
) -> Outlook:
    """Orders of each client within a horizon.

    Parameters
    ----------
    fit : PurchaseFit
        A fitted model.
    frequency, recency, age : array_like of float, shape (n,)
        Clients, in the time unit of the fit; not necessarily those that it was fitted to.
    horizon : float
        Time to come, in that unit.
    level : float
        Coverage of the intervals.
    draws : int
        Parameter draws, each with a chance draw.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    Outlook

    Raises
    ------
    ValueError
        If shapes differ, a row cannot be, or horizon, level or draws are out of range.

    Notes
    -----
    The total takes one chance draw for clients that are alike and scales its departure from the mean by the root of
    their number: the variance is that of independent clients.

    Examples
    --------
    >>> from churnlab.lifetime.purchase import fit_mbg_nbd
    >>> seen = [2, 0, 5], [30.0, 0.0, 35.0], [38.0, 39.0, 36.0]
    >>> fit = fit_mbg_nbd(*seen, weight=[50, 120, 30])
    >>> found = expected_orders(fit, *seen, horizon=26.0)
    >>> bool((found.low <= found.value).all() and (found.value <= found.high).all())
    True
    """
    check_asked(horizon=horizon, level=level, draws=draws)
    generator = np.random.default_rng(rng)
    rows = distinct_rows(frequency, recency, age)
    given = parameter_draws(fit, draws, generator)

    def each(block: Clients, _: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        mean = fit.law.orders(given, block, horizon)
        return mean, fit.law.future(given, block, horizon, generator).orders

    value = fit.law.orders(tuple(fit.parameters), Clients(rows.frequency, rows.recency, rows.age), horizon)
    return _outlook(rows, value, each, horizon=horizon, level=level, draws=draws)


def expected_value(  # noqa: PLR0913 -- two fits and what they read
    fit: PurchaseFit,
    spend: SpendFit,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    mean_amount: npt.ArrayLike,
    *,
    horizon: float,
    periods: int = 1,
    rate: float = 0.0,
    level: float = 0.9,
    draws: int = DRAWS,
    rng: np.random.Generator | int = 0,
) -> Outlook:
    """Money of each client within a horizon, discounted if asked.

    Parameters
    ----------
    fit : PurchaseFit
        A fitted model of orders.
    spend : SpendFit
        A fitted model of amounts.
    frequency, recency, age : array_like of float, shape (n,)
        Clients, in the time unit of `fit`.
    mean_amount : array_like of float, shape (n,)
        Mean amount of the orders after the first; not read where there are none.
    horizon : float
        Time to come, in that unit.
    periods : int
        Equal parts of the horizon, at the end of each of which its orders are discounted.
    rate : float
        Discount rate a period: money of the i-th counts 1 / (1 + rate)^i.
    level : float
        Coverage of the intervals.
    draws : int
        Parameter draws, each with a chance draw.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    Outlook
        Money. Infinite where the mean amount of a client without repeat orders is not finite.

    Raises
    ------
    ValueError
        As :func:`expected_orders`, or if an amount of a client with repeat orders is not above 0.

    Notes
    -----
    A chance draw of money is discounted as the client's expected orders are, over the whole horizon.
    """
    check_asked(horizon=horizon, level=level, draws=draws)
    if periods < 1 or rate < 0:
        raise ValueError(f"expected periods of 1 or more and a rate of 0 or more, got {periods} and {rate}")
    generator = np.random.default_rng(rng)
    x, amount = np.asarray(frequency, dtype=np.float64), np.asarray(mean_amount, dtype=np.float64)
    if amount.shape != x.shape or not (amount[x > 0] > 0).all():
        raise ValueError("expected an amount above 0 for every client with repeat orders")
    amount = np.where(x > 0, amount, 1.0)
    rows = single_rows(x, recency, age)
    given, money = parameter_draws(fit, draws, generator), parameter_draws(spend, draws, generator)

    def discounted(parameters: Parameters, block: Clients) -> tuple[Floats, Floats]:
        so_far: Floats = np.zeros(())
        worth: Floats = np.zeros(())
        for period in range(1, periods + 1):
            now = fit.law.orders(parameters, block, horizon * period / periods)
            worth = worth + (now - so_far) / (1 + rate) ** period
            so_far = now
        return so_far, worth

    def each(block: Clients, chosen: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        orders, worth = discounted(given, block)
        spent = amount[chosen][:, None]
        mean = _times(worth, mean_spend(money, block.frequency, spent))
        came = fit.law.future(given, block, horizon, generator).orders
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where(orders > 0, worth / orders, 1.0)
        return mean, factor * draw_spend(money, block.frequency, spent, came, generator)

    now = Clients(rows.frequency, rows.recency, rows.age)
    worth = discounted(tuple(fit.parameters), now)[1]
    value = _times(worth, mean_spend(tuple(spend.parameters), rows.frequency, amount))
    return _outlook(rows, value, each, horizon=horizon, level=level, draws=draws)


def _times(orders: Floats, amount: Floats) -> Floats:
    """Orders times an amount that may be infinite: nothing where there are no orders."""
    with np.errstate(invalid="ignore"):
        return np.where(orders > 0, orders * amount, 0.0)


def _outlook(
    rows: Rows,
    value: Floats,
    each: Callable[[Clients, npt.NDArray[np.intp]], tuple[Floats, Floats]],
    *,
    horizon: float,
    level: float,
    draws: int,
) -> Outlook:
    """Work through blocks: intervals of each row, and sums over clients draw by draw."""
    ends = (0.5 - level / 2, 0.5 + level / 2)
    found = np.empty((4, len(rows.weight)))
    means, sums = np.zeros(draws), np.zeros(draws)
    for chosen, block in blocks(rows, draws):
        mean, came = each(block, chosen)
        found[:2, chosen] = np.quantile(came, ends, axis=1, method="inverted_cdf")
        found[2:, chosen] = np.quantile(mean, ends, axis=1, method="inverted_cdf")
        weight = rows.weight[chosen, None]
        means += (weight * mean).sum(axis=0)
        with np.errstate(invalid="ignore"):
            alike = np.where(weight > 1, weight * mean + np.sqrt(weight) * (came - mean), came)
        sums += alike.sum(axis=0)
    of_sum, of_mean = (np.quantile(each, ends, method="inverted_cdf").tolist() for each in (sums, means))
    total = Total(float((rows.weight * value).sum()), *of_sum, *of_mean)
    low, high, mean_low, mean_high = found[:, rows.place]
    return Outlook(horizon, value[rows.place], low, high, mean_low, mean_high, total)
