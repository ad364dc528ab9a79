"""Where each client stands, by a fitted purchase model: chances of being there and of silence, life, orders for ever.

Intervals of chances are over parameters alone; those of lives hold chance too.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.lifetime.purchase.blocks import DRAWS, blocks, check_asked
from churnlab.lifetime.purchase.fitting import Floats
from churnlab.lifetime.purchase.records import distinct_rows
from churnlab.lifetime.purchase.result import Clients, Parameters, PurchaseFit, parameter_draws


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
        As :func:`~churnlab.lifetime.purchase.expected_orders`.

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
        As :func:`~churnlab.lifetime.purchase.expected_orders`.
    """
    check_asked(horizon=horizon, level=level, draws=draws)

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
        As :func:`~churnlab.lifetime.purchase.expected_orders`, or if the rate is not above 0.

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
        As :func:`~churnlab.lifetime.purchase.expected_orders`.
    """
    check_asked(horizon=0.0, level=level, draws=draws)
    generator = np.random.default_rng(rng)
    rows = distinct_rows(frequency, recency, age)
    given = parameter_draws(fit, draws, generator)
    median, low, high, finite = (np.empty(rows.weight.shape) for _ in range(4))
    for chosen, block in blocks(rows, draws):
        life = fit.law.future(given, block, 0.0, generator).life
        low[chosen], median[chosen], high[chosen] = np.quantile(
            life, (0.5 - level / 2, 0.5, 0.5 + level / 2), axis=1, method="inverted_cdf"
        )
        finite[chosen] = np.isfinite(fit.law.mean_life(given, block)).mean(axis=1)
    mean = fit.law.mean_life(tuple(fit.parameters), Clients(rows.frequency, rows.recency, rows.age))
    place = rows.place
    return RemainingLife(median[place], low[place], high[place], mean[place], finite[place])


def _figure(
    fit: PurchaseFit,
    columns: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike],
    kernel: Callable[[Parameters, Clients], Floats],
    *,
    level: float,
    draws: int,
    rng: np.random.Generator | int,
) -> ClientFigure:
    check_asked(horizon=0.0, level=level, draws=draws)
    rows = distinct_rows(*columns)
    given = parameter_draws(fit, draws, np.random.default_rng(rng))
    value = kernel(tuple(fit.parameters), Clients(rows.frequency, rows.recency, rows.age))
    low, high = np.empty(value.shape), np.empty(value.shape)
    for chosen, block in blocks(rows, draws):
        low[chosen], high[chosen] = np.quantile(
            kernel(given, block), (0.5 - level / 2, 0.5 + level / 2), axis=1, method="inverted_cdf"
        )
    return ClientFigure(value[rows.place], low[rows.place], high[rows.place])
