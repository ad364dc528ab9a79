"""The scenario engine: all policies run inside one month loop on the same random numbers.

Rows are (parameter draw, replication) pairs, one replication a draw: chance and parameter uncertainty share
an axis. Streams are keyed by (seed, purpose, block of 64 rows), so that results depend neither on the number
of policies nor on their order.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from churnlab.scenarios.parameters import AssumptionDraws
from churnlab.scenarios.policies import Policy
from churnlab.value import discount_factor

Floats = npt.NDArray[np.float64]

_BLOCK = 64
_PURPOSES = ("offer comes", "offer depth", "leaves")
_DEPTH_QUANTILES = (np.arange(200) + 0.5) / 200


class InfeasibleError(ValueError):
    """Assumptions that no draw of the fitted hazard allows."""


@dataclass(frozen=True, slots=True)
class Book:
    """Today's clients as the fitted hazard sees them.

    Attributes
    ----------
    predictor : ndarray of float, shape (rows, clients)
        Log monthly hazard of each client in each parameter draw, without the effect of tenure.
    tenure_effect : ndarray of float, shape (rows,)
        Coefficient of log(1 + months of tenure).
    service_effect, price_effect : ndarray of float, shape (rows,)
        Coefficients of the service and price scores, log hazard per point.
    tenure_months : ndarray of float, shape (clients,)
        Tenure today.
    monthly_sales : ndarray of float, shape (clients,)
        Net sales a month at today's prices, money.
    """

    predictor: Floats
    tenure_effect: Floats
    service_effect: Floats
    price_effect: Floats
    tenure_months: Floats
    monthly_sales: Floats


@dataclass(frozen=True, slots=True)
class Simulation:
    """What each policy brings, by row.

    Attributes
    ----------
    policies : tuple of str
        Names.
    retention : ndarray of float, shape (policies, rows, months + 1)
        Share of today's clients still there, from 1 at month 0.
    value : ndarray of float, shape (policies, rows)
        Discounted profit over the horizon, money.
    discounted_sales : ndarray of float, shape (policies, rows)
        Discounted sales at today's prices, money: what a cost in shares of sales is paid on.
    infeasible : float
        Share of drawn rows left out because the assumed offers alone exceed the leaving that was seen.
    """

    policies: tuple[str, ...]
    retention: Floats
    value: Floats
    discounted_sales: Floats
    infeasible: float

    @property
    def rows(self) -> int:
        """Rows that were kept."""
        return self.value.shape[1]


def simulate(
    book: Book, policies: tuple[Policy, ...], assumptions: AssumptionDraws, *, months: int = 60, seed: int
) -> Simulation:
    """Run all policies on the same clients, draws and random numbers.

    Parameters
    ----------
    book : Book
        Today's clients.
    policies : tuple of Policy
        Policies; their names must differ.
    assumptions : AssumptionDraws
        One set a row.
    months : int
        Horizon.
    seed : int
        Keys the random streams.

    Returns
    -------
    Simulation

    Raises
    ------
    ValueError
        If names repeat or shapes do not agree.
    InfeasibleError
        If the assumed offers exceed the leaving that was seen in every draw.

    Notes
    -----
    A month's cumulative hazard of leaving is ``(H_fit - H_offers) exp(effect of the policy) + offers``: under no
    policy it is the fitted one in expectation, whatever is assumed of offers (a client whose fitted hazard is
    below that of offers is open to so many fewer of them); assumptions change what leaving consists of and how it
    responds, not the level that the data fix. An offer of depth D takes a client whose own
    price was cut by d with probability expit((D - switching cost - d) / spread). Profit of a month is earned on
    the clients still there at its end.
    """
    _check(book, policies, assumptions, months)
    offers = _offer_hazard(assumptions)
    seen = -np.log1p(-_monthly_hazard(book, 1)).mean(axis=1)
    feasible = offers < seen
    if not feasible.any():
        raise InfeasibleError("the assumed offers alone exceed the leaving that was seen in every draw: assume fewer")
    parts = [
        _run_block(book, policies, assumptions, months, (seed, first), slice(first, first + _BLOCK))
        for first in range(0, len(offers), _BLOCK)
    ]
    retention, value, sales = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    return Simulation(
        policies=tuple(policy.name for policy in policies),
        retention=retention[:, feasible],
        value=value[:, feasible],
        discounted_sales=sales[:, feasible],
        infeasible=float(1 - feasible.mean()),
    )


def _check(book: Book, policies: tuple[Policy, ...], assumptions: AssumptionDraws, months: int) -> None:
    rows, clients = book.predictor.shape
    names = [policy.name for policy in policies]
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"expected policies with different names, got {names}")
    if months < 1:
        raise ValueError(f"expected at least one month, got {months}")
    shapes = (book.tenure_effect.shape, book.service_effect.shape, book.price_effect.shape)
    drawn = assumptions["margin"].shape
    if any(shape != (rows,) for shape in (*shapes, drawn)):
        raise ValueError(f"expected effects and assumptions of shape ({rows},), got {shapes} and {drawn}")
    if book.tenure_months.shape != (clients,) or book.monthly_sales.shape != (clients,):
        raise ValueError(f"expected tenure and sales of {clients} clients")


def _monthly_hazard(book: Book, month: int, rows: slice = slice(None)) -> Floats:
    """Fitted hazard in a month from today, shape (rows, clients)."""
    tenure = np.log1p(book.tenure_months + month - 1)
    predictor = book.predictor[rows] + book.tenure_effect[rows, None] * tenure
    return -np.expm1(-np.exp(np.minimum(predictor, 3.0)))


def _offer_hazard(assumptions: AssumptionDraws) -> Floats:
    """Cumulative monthly hazard of being taken by an offer at today's price, shape (rows,)."""
    depth = -np.log1p(-_DEPTH_QUANTILES)[None, :] * assumptions["offer_depth"][:, None]
    gain = (depth - assumptions["switching_cost"][:, None]) / assumptions["switching_spread"][:, None]
    taken = assumptions["offers_per_year"] / 12 * expit(gain).mean(axis=1)
    return -np.log1p(-taken)


def _run_block(
    book: Book,
    policies: tuple[Policy, ...],
    assumptions: AssumptionDraws,
    months: int,
    key: tuple[int, int],
    rows: slice,
) -> tuple[Floats, Floats, Floats]:
    """One block of rows: retention, value and discounted sales of every policy."""
    drawn = AssumptionDraws({name: values[rows, None] for name, values in assumptions.values.items()})
    count, clients = book.predictor[rows].shape
    streams = [np.random.default_rng([key[0], place, key[1]]) for place in range(len(_PURPOSES))]
    offers = _offer_hazard(assumptions)[rows, None]
    there = np.ones((len(policies), count, clients), dtype=bool)
    retention = np.ones((len(policies), count, months + 1))
    value, sales = np.zeros((2, len(policies), count))
    for month in range(1, months + 1):
        # Every stream is drawn for a whole block, so that the last, shorter one matches too.
        uniform = [stream.random((_BLOCK, clients))[:count] for stream in streams]
        fitted = -np.log1p(-_monthly_hazard(book, month, rows))
        other = np.maximum(fitted - offers, 0.0)
        open_to_offers = np.minimum(fitted / np.maximum(offers, 1e-300), 1.0)
        discount = discount_factor(drawn["discount_rate"][:, 0], month)
        for arm, policy in enumerate(policies):
            hazard = other * np.exp(_effect(book, policy, drawn, rows))
            taken = open_to_offers * _taken(policy, drawn, uniform[0], uniform[1])
            there[arm] &= uniform[2] >= 1 - np.exp(-hazard) * (1 - taken)
            retention[arm, :, month] = there[arm].mean(axis=1)
            sold = discount * (there[arm] * book.monthly_sales).sum(axis=1)
            sales[arm] += sold
            value[arm] += sold * (drawn["margin"][:, 0] - policy.price_cut - policy.service_cost)
    return retention, value, sales


def _effect(book: Book, policy: Policy, drawn: AssumptionDraws, rows: slice) -> Floats:
    """What a policy adds to the log hazard through the scores, shape (rows, 1)."""
    service = book.service_effect[rows, None] * drawn["service_reach"] * policy.service_points
    price = book.price_effect[rows, None] * drawn["price_points"] * 100 * policy.price_cut
    return drawn["causal_share"] * (service + price)


def _taken(policy: Policy, drawn: AssumptionDraws, comes: Floats, deep: Floats) -> Floats:
    """Probability that this month's offer, if one comes, takes each client, shape (rows, clients)."""
    depth = -np.log1p(-deep) * drawn["offer_depth"]
    gain = (depth - drawn["switching_cost"] - policy.price_cut) / drawn["switching_spread"]
    return np.where(comes < drawn["offers_per_year"] / 12, expit(gain), 0.0)
