"""What clients will do, by a fitted purchase model: every figure with an interval.

Two doubts are kept apart: parameters are not known (draws about the estimate, shared by all clients), and chance
decides what each client does (a draw of its own). Clients are worked through in blocks, so that memory does not grow
with their number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.lifetime.purchase.fitting import Floats
from churnlab.lifetime.purchase.gamma_gamma import SpendFit, draw_spend, mean_spend
from churnlab.lifetime.purchase.records import Rows, distinct_rows, single_rows
from churnlab.lifetime.purchase.result import Clients, Parameters, PurchaseFit, parameter_draws

DRAWS = 200
"""Parameter draws if none are asked for."""

_BLOCK = 100_000
"""Clients times draws that are worked on at once."""


@dataclass(frozen=True, slots=True)
class ClientFigure:
    """A figure of each client, with what parameters alone leave open.

    Attributes
    ----------
    value, low, high : ndarray, shape (n,)
        At the estimate, and the ends of its interval over parameter draws.
    """

    value: Floats
    low: Floats
    high: Floats


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


@dataclass(frozen=True, slots=True)
class RemainingLife:
    """How long clients will stay.

    Attributes
    ----------
    median, low, high : ndarray, shape (n,)
        Of the time until the client leaves, parameters and chance; 0 where it may have left already.
    mean_if_active : ndarray, shape (n,)
        Mean time of a client that has not left, at the estimate; infinite where the mean is not finite.
    finite : ndarray, shape (n,)
        Share of parameter draws for which that mean is finite: where it is small, do not ask for a mean.
    """

    median: Floats
    low: Floats
    high: Floats
    mean_if_active: Floats
    finite: Floats


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
    _check(horizon=horizon, level=level, draws=draws)
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
    _check(horizon=horizon, level=level, draws=draws)
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
        mean = worth * mean_spend(money, block.frequency, spent)
        came = fit.law.future(given, block, horizon, generator).orders
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where(orders > 0, worth / orders, 1.0)
        return mean, factor * draw_spend(money, block.frequency, spent, came, generator)

    now = Clients(rows.frequency, rows.recency, rows.age)
    value = discounted(tuple(fit.parameters), now)[1] * mean_spend(tuple(spend.parameters), rows.frequency, amount)
    return _outlook(rows, value, each, horizon=horizon, level=level, draws=draws)


def chance_alive(
    fit: PurchaseFit,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    level: float = 0.9,
    draws: int = DRAWS,
    rng: np.random.Generator | int = 0,
) -> ClientFigure:
    """Chance that each client has not left.

    Parameters
    ----------
    fit : PurchaseFit
        A fitted model.
    frequency, recency, age : array_like of float, shape (n,)
        Clients, in the time unit of the fit.
    level : float
        Coverage of the intervals.
    draws : int
        Parameter draws.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    ClientFigure

    Raises
    ------
    ValueError
        As :func:`expected_orders`.

    Notes
    -----
    Not a risk of churn where the law is BG/NBD or BG/CNBD-k: a client without a repeat order is given 1 there,
    whatever its silence. Ask :func:`chance_silent` for that.
    """
    return _figure(fit, (frequency, recency, age), fit.law.alive, level=level, draws=draws, rng=rng)


def chance_silent(
    fit: PurchaseFit,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    horizon: float,
    level: float = 0.9,
    draws: int = DRAWS,
    rng: np.random.Generator | int = 0,
) -> ClientFigure:
    """Chance that each client orders nothing within a horizon: what a supplier sees of churn.

    Parameters
    ----------
    fit : PurchaseFit
        A fitted model.
    frequency, recency, age : array_like of float, shape (n,)
        Clients, in the time unit of the fit.
    horizon : float
        Time to come, in that unit.
    level : float
        Coverage of the intervals.
    draws : int
        Parameter draws.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    ClientFigure

    Raises
    ------
    ValueError
        As :func:`expected_orders`.
    """
    _check(horizon=horizon, level=level, draws=draws)

    def silent(parameters: Parameters, clients: Clients) -> Floats:
        return fit.law.silent(parameters, clients, horizon)

    return _figure(fit, (frequency, recency, age), silent, level=level, draws=draws, rng=rng)


def discounted_orders(
    fit: PurchaseFit,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    rate: float,
    level: float = 0.9,
    draws: int = DRAWS,
    rng: np.random.Generator | int = 0,
) -> ClientFigure:
    """Orders of each client for ever, discounted: its discounted expected residual transactions.

    Parameters
    ----------
    fit : PurchaseFit
        A fitted model.
    frequency, recency, age : array_like of float, shape (n,)
        Clients, in the time unit of the fit.
    rate : float
        Continuous discount rate in that unit, above 0: an order at time t counts exp(-rate t).
    level : float
        Coverage of the intervals.
    draws : int
        Parameter draws.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    ClientFigure

    Raises
    ------
    ValueError
        As :func:`expected_orders`, or if the rate is not above 0.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV: using iso-value curves for customer base analysis, Journal of Marketing
    Research 42, 415-430.
    """
    if not rate > 0:
        raise ValueError(f"expected a discount rate above 0, got {rate}: without it the sum need not be finite")

    def discounted(parameters: Parameters, clients: Clients) -> Floats:
        return fit.law.discounted(parameters, clients, rate)

    return _figure(fit, (frequency, recency, age), discounted, level=level, draws=draws, rng=rng)


def remaining_life(
    fit: PurchaseFit,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    level: float = 0.9,
    draws: int = DRAWS,
    rng: np.random.Generator | int = 0,
) -> RemainingLife:
    """How long each client will stay; says where the mean is not finite.

    Parameters
    ----------
    fit : PurchaseFit
        A fitted model.
    frequency, recency, age : array_like of float, shape (n,)
        Clients, in the time unit of the fit.
    level : float
        Coverage of the intervals.
    draws : int
        Parameter draws, each with a chance draw.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    RemainingLife

    Raises
    ------
    ValueError
        As :func:`expected_orders`.
    """
    _check(horizon=0.0, level=level, draws=draws)
    generator = np.random.default_rng(rng)
    rows = distinct_rows(frequency, recency, age)
    given = parameter_draws(fit, draws, generator)
    median, low, high, finite = (np.empty(rows.weight.shape) for _ in range(4))
    for chosen, block in _blocks(rows, draws):
        life = fit.law.future(given, block, 0.0, generator).life
        low[chosen], median[chosen], high[chosen] = np.quantile(
            life, (0.5 - level / 2, 0.5, 0.5 + level / 2), axis=1, method="inverted_cdf"
        )
        finite[chosen] = np.isfinite(fit.law.mean_life(given, block)).mean(axis=1)
    mean = fit.law.mean_life(tuple(fit.parameters), Clients(rows.frequency, rows.recency, rows.age))
    place = rows.place
    return RemainingLife(median[place], low[place], high[place], mean[place], finite[place])


def _check(*, horizon: float, level: float, draws: int) -> None:
    if not (np.isfinite(horizon) and horizon >= 0):
        raise ValueError(f"expected a horizon of 0 or more, got {horizon}")
    if not 0 < level < 1 or draws < 2:
        raise ValueError(f"expected a level between 0 and 1 and 2 draws or more, got {level} and {draws}")


def _blocks(rows: Rows, draws: int) -> Iterator[tuple[npt.NDArray[np.intp], Clients]]:
    """Blocks of rows of like frequency, as columns."""
    order = np.argsort(rows.frequency, kind="stable")
    size = max(1, _BLOCK // draws)
    for begin in range(0, len(order), size):
        chosen = order[begin : begin + size]
        yield (
            chosen,
            Clients(rows.frequency[chosen, None], rows.recency[chosen, None], rows.age[chosen, None]),
        )


def _figure(
    fit: PurchaseFit,
    columns: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    kernel: Callable[[Parameters, Clients], Floats],
    *,
    level: float,
    draws: int,
    rng: np.random.Generator | int,
) -> ClientFigure:
    _check(horizon=0.0, level=level, draws=draws)
    rows = distinct_rows(*columns)
    given = parameter_draws(fit, draws, np.random.default_rng(rng))
    value = kernel(tuple(fit.parameters), Clients(rows.frequency, rows.recency, rows.age))
    low, high = np.empty(value.shape), np.empty(value.shape)
    for chosen, block in _blocks(rows, draws):
        low[chosen], high[chosen] = np.quantile(kernel(given, block), (0.5 - level / 2, 0.5 + level / 2), axis=1)
    return ClientFigure(value[rows.place], low[rows.place], high[rows.place])


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
    for chosen, block in _blocks(rows, draws):
        mean, came = each(block, chosen)
        found[:2, chosen] = np.quantile(came, ends, axis=1, method="inverted_cdf")
        found[2:, chosen] = np.quantile(mean, ends, axis=1)
        weight = rows.weight[chosen, None]
        means += (weight * mean).sum(axis=0)
        with np.errstate(invalid="ignore"):
            alike = np.where(weight > 1, weight * mean + np.sqrt(weight) * (came - mean), came)
        sums += alike.sum(axis=0)
    total = Total(float((rows.weight * value).sum()), *np.quantile(sums, ends), *np.quantile(means, ends))
    low, high, mean_low, mean_high = found[:, rows.place]
    return Outlook(horizon, value[rows.place], low, high, mean_low, mean_high, total)
