"""What a base can support: how many clients a model needs, and how many terms so many clients bear."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.stats import norm

from churnlab.risk.models import ModelSpec

SHRINKAGE = 0.9
"""Overfit that is borne: effects in new data are at least 90 % of those in the training data."""

ENTRY: Final = (
    "overdue",
    "tenure",
    "frequency",
    "service",
    "amount_trend",
    "recency",
    "price",
    "trend",
    "recommend",
    "unanswered",
)
"""Columns in the order in which a small base takes them: rhythm, age, volume, service, and then more of the same."""

_OPTIMISM = 0.05
"""Share of the greatest possible R squared by which the fit may flatter itself."""

_RATE_ERROR = 0.05
"""Half width of the 95 % interval of the overall rate that is borne."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


@dataclass(frozen=True, slots=True)
class Need:
    """Clients that a model of so many terms needs, by three criteria.

    Attributes
    ----------
    terms : int
        Effects to be estimated, without the intercept.
    rate : float
        Share of clients that leave within the horizon.
    r_squared : float
        Cox and Snell's R squared that the model is expected to reach.
    for_shrinkage : int
        Clients for effects that hold up in new data.
    for_optimism : int
        Clients for a fit that hardly flatters itself.
    for_rate : int
        Clients for a sure overall rate.
    """

    terms: int
    rate: float
    r_squared: float
    for_shrinkage: int
    for_optimism: int
    for_rate: int

    @property
    def clients(self) -> int:
        """Clients that meet all three."""
        return max(self.for_shrinkage, self.for_optimism, self.for_rate)

    @property
    def events(self) -> int:
        """Departures among so many clients."""
        return int(np.ceil(self.clients * self.rate))


@dataclass(frozen=True, slots=True)
class Support:
    """What a base of clients can support.

    Attributes
    ----------
    clients, events : int
        Clients to learn from, and how many of them left within the horizon.
    auc : float
        Ranking that a model is expected to reach.
    wanted : int
        Terms that the model would have.
    terms : int
        Terms that the base bears, at most `wanted`.
    need : Need or None
        What the wanted terms would need; None where nobody or everybody left.
    """

    clients: int
    events: int
    auc: float
    wanted: int
    terms: int
    need: Need | None

    @property
    def enough(self) -> bool:
        """Whether the base bears all the wanted terms."""
        return self.terms >= self.wanted

    @property
    def sentence(self) -> str:
        """What this base can support, in words."""
        base = f"{self.clients} clients of whom {self.events} left"
        if self.need is None:
            return f"This base ({base}) cannot support a model: some must have left, and some stayed."
        need = (
            f"{self.wanted} terms would need {self.need.clients} clients with {self.need.events} departures "
            f"(Riley et al. 2019, an AUC of {self.auc:.2f} expected)"
        )
        if self.enough:
            return f"This base ({base}) supports the model: {need}."
        if not self.terms:
            return f"This base ({base}) supports no term without a penalty: {need}."
        terms = "one term" if self.terms == 1 else f"{self.terms} terms"
        return f"This base ({base}) supports {terms} without a penalty: {need}."


def expected_r_squared(auc: float, *, rate: float) -> float:
    """Cox and Snell's R squared of a right model that ranks so well.

    Parameters
    ----------
    auc : float
        Chance that one who left is ranked above one who stayed, 0.5 to below 1.
    rate : float
        Share that leaves, between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a value is out of range.

    Notes
    -----
    Scores of those who leave and of those who stay are taken as normal with equal spread, and the R squared of the
    logistic model that then holds is found by quadrature. Riley, Van Calster and Collins (2021), Statistics in Medicine
    40, 859-864, draw a million clients from the same law.

    Examples
    --------
    >>> round(expected_r_squared(0.75, rate=0.1), 3)
    0.075
    """
    if not (0.5 <= auc < 1 and 0 < rate < 1):
        message = f"expected an AUC from 0.5 to below 1 and a rate between 0 and 1, got {auc} and {rate}"
        raise ValueError(message)
    apart = np.sqrt(2) * norm.ppf(auc)
    weights = _WEIGHTS / _WEIGHTS.sum()
    level = np.log(rate / (1 - rate)) - apart**2 / 2
    left = -np.logaddexp(0, -(level + apart * (_NODES + apart)))
    stayed = -np.logaddexp(0, level + apart * _NODES)
    reached = rate * (weights * left).sum() + (1 - rate) * (weights * stayed).sum()
    return float(1 - np.exp(-2 * (reached - _log_likelihood(rate))))


def clients_needed(terms: int, *, rate: float, r_squared: float) -> Need:
    """Clients that an unpenalised model of a yes-or-no outcome needs.

    Parameters
    ----------
    terms : int
        Effects to be estimated, without the intercept.
    rate : float
        Share that leaves, between 0 and 1.
    r_squared : float
        Cox and Snell's R squared expected, as from :func:`expected_r_squared`.

    Returns
    -------
    Need

    Raises
    ------
    ValueError
        If a value is out of range; R squared must lie under the greatest that the rate allows.

    References
    ----------
    Riley, Snell, Ensor, Burke, Harrell, Moons and Collins (2019), Minimum sample size for developing a multivariable
    prediction model: part II, binary and time-to-event outcomes, Statistics in Medicine 38, 1276-1296.

    Examples
    --------
    >>> need = clients_needed(24, rate=0.174, r_squared=0.288)
    >>> need.for_shrinkage, need.for_optimism, need.for_rate, need.clients
    (623, 662, 221, 662)
    """
    if terms < 1 or not 0 < rate < 1:
        message = f"expected at least one term and a rate between 0 and 1, got {terms} and {rate}"
        raise ValueError(message)
    greatest = 1 - np.exp(2 * _log_likelihood(rate))
    if not 0 < r_squared < greatest:
        message = f"expected an R squared between 0 and {greatest:.3f}, the greatest at this rate, got {r_squared}"
        raise ValueError(message)
    tight = r_squared / (r_squared + _OPTIMISM * greatest)
    error = norm.ppf(0.975) / _RATE_ERROR
    return Need(
        terms=terms,
        rate=rate,
        r_squared=r_squared,
        for_shrinkage=_for_shrinkage(terms, r_squared, SHRINKAGE),
        for_optimism=_for_shrinkage(terms, r_squared, tight),
        for_rate=int(np.ceil(error**2 * rate * (1 - rate))),
    )


def support(clients: int, events: int, *, wanted: int, auc: float = 0.75) -> Support:
    """How many terms a base bears: as many as Riley's criteria allow for its own numbers.

    Parameters
    ----------
    clients, events : int
        Clients to learn from, and how many of them left within the horizon. Rows of one client on several days are
        not new clients.
    wanted : int
        Terms that the model would have.
    auc : float
        Ranking to expect: 0.65 to 0.85 is usual for a supplier, and less where a backtest says so.

    Returns
    -------
    Support
        Terms are 0 where even one would need more clients.

    Raises
    ------
    ValueError
        If more left than there are, or a value is out of range.

    Examples
    --------
    >>> support(200, 20, wanted=10).terms
    1
    >>> print(support(200, 20, wanted=10).sentence)  # doctest: +ELLIPSIS
    This base (200 clients of whom 20 left) supports one term without a penalty: 10 terms would need 1147 clients ...
    """
    if not 0 <= events <= clients or wanted < 1:
        message = f"expected at most {clients} of {clients} clients to leave and a term, got {events} and {wanted}"
        raise ValueError(message)
    if not 0 < events < clients:
        return Support(clients, events, auc, wanted, 0, None)
    rate = events / clients
    r_squared = max(expected_r_squared(auc, rate=rate), 1e-6)
    borne = [terms for terms in range(1, wanted + 1) if _bears(clients, terms, rate, r_squared)]
    need = clients_needed(wanted, rate=rate, r_squared=r_squared)
    return Support(clients, events, auc, wanted, max(borne, default=0), need)


def fewer_terms(spec: ModelSpec, *, terms: int) -> ModelSpec:
    """Cut a model down to the columns that a base bears.

    Parameters
    ----------
    spec : ModelSpec
        The whole model.
    terms : int
        As from :func:`support`.

    Returns
    -------
    ModelSpec
        With the first columns by :data:`ENTRY`, at least one; columns that are not listed there come last.

    Examples
    --------
    >>> from churnlab.risk.models import HAZARD
    >>> fewer_terms(HAZARD, terms=2).columns
    ('overdue', 'tenure')
    """
    places = {name: place for place, name in enumerate(ENTRY)}
    ordered = sorted(spec.columns, key=lambda name: places.get(name, len(places)))
    return replace(spec, columns=tuple(ordered[: max(1, terms)]))


def _bears(clients: int, terms: int, rate: float, r_squared: float) -> bool:
    return clients_needed(terms, rate=rate, r_squared=r_squared).clients <= clients


def _for_shrinkage(terms: int, r_squared: float, shrinkage: float) -> int:
    return int(np.ceil(terms / ((shrinkage - 1) * np.log(1 - r_squared / shrinkage))))


def _log_likelihood(rate: float) -> float:
    """Mean log-likelihood of the same risk for everyone."""
    return float(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
