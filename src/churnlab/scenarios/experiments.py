"""What two policies differ by, on the same draws and random numbers."""

from dataclasses import dataclass

import numpy as np

from churnlab.scenarios.engine import Simulation


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Value of one policy less that of another.

    Attributes
    ----------
    policy, against : str
        Names.
    mean, low, high : float
        Mean and central 95 % of the difference over rows (parameters and chance), money.
    better : float
        Share of rows in which `policy` is worth more.
    variance_ratio : float
        Variance of the difference had the two been run on draws and random numbers of their own, over its
        variance here.
    """

    policy: str
    against: str
    mean: float
    low: float
    high: float
    better: float
    variance_ratio: float

    @property
    def verdict(self) -> str:
        """Winner's name where the interval excludes 0, else ``"cannot tell"``."""
        if self.low > 0:
            return self.policy
        return self.against if self.high < 0 else "cannot tell"


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Service cost at which a policy is worth no more than another.

    Attributes
    ----------
    cost, low, high : float
        Share of sales, with the central 95 % over rows.
    """

    cost: float
    low: float
    high: float


def paired_difference(simulation: Simulation, policy: str, against: str) -> PairedDifference:
    """Compare two policies row by row.

    Parameters
    ----------
    simulation : Simulation
        Result of :func:`churnlab.scenarios.simulate`.
    policy, against : str
        Names of simulated policies.

    Returns
    -------
    PairedDifference

    Raises
    ------
    ValueError
        If a name was not simulated.
    """
    one, other = (simulation.value[simulation.place(name)] for name in (policy, against))
    difference = one - other
    low, high = np.quantile(difference, [0.025, 0.975])
    paired = difference.var()
    return PairedDifference(
        policy=policy,
        against=against,
        mean=float(difference.mean()),
        low=float(low),
        high=float(high),
        better=float((difference > 0).mean()),
        variance_ratio=float((one.var() + other.var()) / paired) if paired > 0 else float("inf"),
    )


def break_even_cost(simulation: Simulation, policy: str, against: str, *, paid: float) -> BreakEven:
    """Service cost at which `policy` is worth no more than `against`, in closed form.

    Profit is linear in the cost, so the cost that makes the difference zero is the difference at no cost over
    the discounted sales.

    Parameters
    ----------
    simulation : Simulation
        Result of :func:`churnlab.scenarios.simulate`.
    policy, against : str
        Names of simulated policies.
    paid : float
        Service cost at which `policy` was simulated, as a share of sales.

    Returns
    -------
    BreakEven
    """
    place = simulation.place(policy)
    sales = simulation.discounted_sales[place]
    free = simulation.value[place] + paid * sales - simulation.value[simulation.place(against)]
    low, high = np.quantile(free / sales, [0.025, 0.975])
    return BreakEven(cost=float(free.mean() / sales.mean()), low=float(low), high=float(high))
