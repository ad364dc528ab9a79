"""What a fitted purchase model is: parameters with their covariance, the law they belong to, and a verdict.

Nothing fails in silence: whatever data come, the fit says which parameters the data do not pin down and whether
leaving shows at all.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from churnlab.lifetime.purchase.fitting import LEAST_GAIN, Peak, vague

Floats = npt.NDArray[np.float64]
Parameters = tuple[Floats, ...]
"""One array a parameter: scalars, or shape (draws,) that broadcasts against clients of shape (n, 1)."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Frequency, recency and age of clients, shape (n,) or (n, 1)."""

    frequency: Floats
    recency: Floats
    age: Floats


@dataclass(frozen=True, slots=True)
class Future:
    """What may happen to clients from now on, one chance draw each.

    Attributes
    ----------
    rate : ndarray
        Orders in a unit of time while the client stays (of single events where ordering is regular).
    orders : ndarray
        Orders within the horizon, whole numbers.
    life : ndarray
        Time until the client leaves; 0 where it has left.
    """

    rate: Floats
    orders: Floats
    life: Floats


class Law(Protocol):
    """What a model of orders and leaving tells of clients, for given parameters. Elementwise, with broadcasting."""

    @property
    def name(self) -> str:
        """Its name in the literature."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters, as the literature calls them."""

    def alive(self, parameters: Parameters, clients: Clients) -> Floats:
        """Chance that the client has not left."""

    def orders(self, parameters: Parameters, clients: Clients, horizon: float) -> Floats:
        """Orders to expect within the horizon."""

    def silent(self, parameters: Parameters, clients: Clients, horizon: float) -> Floats:
        """Chance of no order within the horizon."""

    def discounted(self, parameters: Parameters, clients: Clients, rate: float) -> Floats:
        """Orders to expect for ever, each discounted by exp(-rate x time)."""

    def mean_life(self, parameters: Parameters, clients: Clients) -> Floats:
        """Mean time until an active client leaves; infinite where the mean is not finite."""

    def future(self, parameters: Parameters, clients: Clients, horizon: float, rng: np.random.Generator) -> Future:
        """Draw what happens from now on."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters that were fitted, and how well they are known.

    Attributes
    ----------
    names : tuple of str
        Of the k parameters, as the literature calls them.
    parameters : ndarray, shape (k,)
        Those that are times or money, in the unit of the data.
    log_covariance : ndarray, shape (k, k)
        Covariance of the logarithms of the parameters, prior included.
    log_likelihood : float
        Of the data in their own units, without the prior.
    clients : float
        Sum of weights.
    prior_spread : float
        Of the logarithms of the parameters; infinite if the prior was off.
    vague : tuple of str
        Parameters that the data alone leave uncertain by more than a factor of 20.
    reached : bool
        Whether the top of the likelihood was reached.
    """

    names: tuple[str, ...]
    parameters: Floats
    log_covariance: Floats
    log_likelihood: float
    clients: float
    prior_spread: float
    vague: tuple[str, ...]
    reached: bool

    @property
    def covariance(self) -> Floats:
        """Covariance of the parameters themselves (delta method), shape (k, k)."""
        return self.log_covariance * np.outer(self.parameters, self.parameters)

    @property
    def standard_errors(self) -> Floats:
        """Standard errors of the parameters, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def identified(self) -> bool:
        """Whether the data, without the prior, tell every parameter."""
        return self.reached and not self.vague

    @property
    def verdict(self) -> str:
        """What the data do and do not tell, in words."""
        return " ".join(doubts(self)) or "The data tell every parameter."


@dataclass(frozen=True, slots=True)
class PurchaseFit(Fit):
    """A fitted model of orders and leaving.

    Attributes
    ----------
    law : Law
        The model: its name, and what it tells of clients.
    gain : float
        How much higher the log-likelihood is than the best where nobody leaves.
    """

    law: Law
    gain: float

    @property
    def leaving_shows(self) -> bool:
        """Whether the data tell that clients leave: a likelihood-ratio test at 5 % against nobody leaving."""
        return bool(self.gain > LEAST_GAIN)

    @property
    def identified(self) -> bool:
        """Whether the data, without the prior, tell every parameter and that clients leave."""
        return self.reached and self.leaving_shows and not self.vague

    @property
    def verdict(self) -> str:
        """What the data do and do not tell, in words."""
        said = doubts(self)
        if not self.leaving_shows:
            source = "and its prior" if np.isfinite(self.prior_spread) else "alone"
            said.insert(
                0,
                f"Leaving does not show: the log-likelihood is {max(self.gain, 0.0):.2f} above that of clients who "
                "never leave. Chances of being there, lifetimes and values beyond the data come from the model's form "
                f"{source}, not from these clients.",
            )
        return " ".join(said) or "The data tell every parameter, and that clients leave."


def doubts(fit: Fit) -> list[str]:
    """Sentences on what a fit could not find out.

    Parameters
    ----------
    fit : Fit
        Any fit.

    Returns
    -------
    list of str
    """
    said = []
    if not fit.reached:
        said.append("The top of the likelihood was not reached: do not use this fit.")
    if fit.vague:
        verb = "is" if len(fit.vague) == 1 else "are"
        said.append(f"{', '.join(fit.vague)} {verb} not told by the data: uncertain by more than a factor of 20.")
    return said


def unnamed(names: tuple[str, ...], peak: Peak) -> tuple[str, ...]:
    """Names of the parameters that a climb left vague."""
    return tuple(name for name, flag in zip(names, vague(peak.information), strict=True) if flag)


def summed_up(
    law: Law,
    peak: Peak,
    *,
    scale: Floats,
    shift: float,
    without_leaving: float,
    clients: float,
    prior_spread: float,
) -> PurchaseFit:
    """Put a climb's end into the units of the data.

    Parameters
    ----------
    law : Law
        The model.
    peak : Peak
        Where the climb ended, in scaled units.
    scale : ndarray, shape (k,)
        What a parameter of 1 there is in the units of the data.
    shift : float
        What the log-likelihood changes by.
    without_leaving : float
        The best log-likelihood where nobody leaves, in scaled units.
    clients : float
        Sum of weights.
    prior_spread : float
        Of the prior.

    Returns
    -------
    PurchaseFit
    """
    return PurchaseFit(
        names=law.names,
        parameters=np.exp(peak.logs) * scale,
        log_covariance=peak.covariance,
        log_likelihood=peak.log_likelihood + shift,
        clients=clients,
        prior_spread=prior_spread,
        vague=unnamed(law.names, peak),
        reached=peak.reached,
        law=law,
        gain=peak.log_likelihood - without_leaving,
    )


def parameter_draws(fit: Fit, draws: int, rng: np.random.Generator) -> Parameters:
    """Draw parameters: normal in logarithms about the estimate.

    Parameters
    ----------
    fit : Fit
        A fitted model.
    draws : int
        How many.
    rng : Generator
        Source of chance.

    Returns
    -------
    tuple of ndarray
        One a parameter, each of shape (draws,).
    """
    logs = rng.multivariate_normal(np.log(fit.parameters), fit.log_covariance, draws, method="eigh")
    return tuple(np.exp(np.clip(logs, -300.0, 300.0)).T)
