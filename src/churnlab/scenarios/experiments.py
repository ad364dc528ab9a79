"""What two policies differ by, on the same draws and random numbers: how much, through what, and where it turns."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from churnlab.scenarios.calibration import Solved
from churnlab.scenarios.engine import Simulation, run
from churnlab.scenarios.parameters import AssumptionDraws
from churnlab.scenarios.policies import Policy

Floats = npt.NDArray[np.float64]

_RESAMPLES: Final = 1000


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
    mean_low, mean_high : float
        95 % interval of the cost on the average over rows, a ratio of means.
    """

    cost: float
    low: float
    high: float
    mean_low: float
    mean_high: float


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
    values = simulation.value
    one, other = (values[simulation.place(name)] for name in (policy, against))
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


def break_even_cost(simulation: Simulation, policy: str, against: str) -> BreakEven:
    """Service cost at which `policy` is worth no more than `against`, in closed form.

    Profit is linear in the cost, so the cost that makes the difference zero is the difference at no cost over
    the discounted sales.

    Parameters
    ----------
    simulation : Simulation
        Result of :func:`churnlab.scenarios.simulate`.
    policy, against : str
        Names of simulated policies.

    Returns
    -------
    BreakEven

    Raises
    ------
    ValueError
        If a name was not simulated.

    Notes
    -----
    The interval of the mean is that of a ratio estimator: the spread of what is left of the free difference once the
    cost is paid, over the mean of discounted sales.
    """
    place = simulation.place(policy)
    sales, values = simulation.discounted_sales[place], simulation.value
    free = values[place] + simulation.service_paid[place] * sales - values[simulation.place(against)]
    cost = free.mean() / sales.mean()
    half = 1.96 * (free - cost * sales).std(ddof=1) / np.sqrt(len(free)) / sales.mean() if len(free) > 1 else np.inf
    low, high = np.quantile(free / sales, [0.025, 0.975])
    return BreakEven(float(cost), float(low), float(high), float(cost - half), float(cost + half))


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """How much of the variance of a difference is parameters, and how much chance.

    Attributes
    ----------
    parameters, chance : float
        Standard deviations, money.
    share, low, high : float
        Share of the variance that is parameters, with its 95 % bootstrap interval.
    """

    parameters: float
    chance: float
    share: float
    low: float
    high: float


def variance_split(one: Simulation, again: Simulation, policy: str, against: str) -> VarianceSplit:
    """Split the variance of a difference by two runs of the same draws on random numbers of their own.

    Parameters
    ----------
    one, again : Simulation
        Runs that differ by their seed alone.
    policy, against : str
        Names of simulated policies.

    Returns
    -------
    VarianceSplit

    Raises
    ------
    ValueError
        If the runs have not the same rows, or a name was not simulated.
    """
    if one.rows != again.rows:
        raise ValueError(f"expected two runs of the same rows, got {one.rows} and {again.rows}")
    gaps = np.stack([run.value[run.place(policy)] - run.value[run.place(against)] for run in (one, again)])
    parts = _split(gaps)
    places = np.random.default_rng(one.rows).integers(0, one.rows, size=(_RESAMPLES, one.rows))
    drawn = np.array([_split(gaps[:, place]) for place in places])
    low, high = np.quantile(drawn[:, 0] / np.maximum(drawn.sum(axis=1), 1e-300), [0.025, 0.975])
    parameters, chance = float(np.sqrt(parts[0])), float(np.sqrt(parts[1]))
    return VarianceSplit(parameters, chance, float(parts[0] / max(parts.sum(), 1e-300)), float(low), float(high))


def _split(gaps: Floats) -> Floats:
    """Variances of parameters and of chance, from two differences of each row."""
    chance = ((gaps[0] - gaps[1]) ** 2).mean() / 2
    return np.array([max(gaps.var(axis=1).mean() - chance, 0.0), chance])


CHANNELS: Final[Mapping[str, Mapping[str, float]]] = {
    "cascade": {"tier_discount": 0.0},
    "winning back": {"return_price": 0.0, "return_service": 0.0, "return_personal": 0.0},
    "referrals and growth": {"referrals": 0.0, "newcomers": 0.0, "cross_selling": 0.0},
    "recovery": {"recovery_share": 0.0, "recovery_bonus": 0.0, "recovery_cost": 0.0},
    "exits over price": {"offers_per_year": 0.0},
    "exits over service": {"causal_share": 0.0},
    "service cost": {"service_costs": 0.0},
}
"""Channels in the order in which they are switched off, and how."""

REST: Final = "discounts and the rest"


@dataclass(frozen=True, slots=True)
class Step:
    """Part of a difference that goes through one channel.

    Attributes
    ----------
    channel : str
        Its name.
    mean, low, high : float
        Mean over rows with its 95 % interval, money.
    """

    channel: str
    mean: float
    low: float
    high: float


def waterfall(
    solved: Solved, policy: Policy, against: Policy, *, months: int, seed: int, prospects: int | None = None
) -> tuple[Step, ...]:
    """Part the difference of two policies by channel: these are switched off one after the other, on the same numbers.

    Parameters
    ----------
    solved : Solved
        What :func:`churnlab.scenarios.calibrate` found.
    policy, against : Policy
        What is set against what.
    months, seed : int
        Horizon, and key of the random streams.
    prospects : int, optional
        As in :func:`churnlab.scenarios.simulate`.

    Returns
    -------
    tuple of Step
        One a channel, and the rest; their means sum to the mean difference. What a channel is given depends on the
        order where channels work together.
    """
    off: dict[str, float] = {}

    def gap() -> Floats:
        return _gap(solved, policy, against, off, months=months, seed=seed, prospects=prospects)

    gaps = [gap()]
    for channel in CHANNELS.values():
        off |= channel
        gaps.append(gap())
    parts = [before - after for before, after in pairwise(gaps)]
    steps = []
    for name, part in zip((*CHANNELS, REST), (*parts, gaps[-1]), strict=True):
        half = 1.96 * part.std() / np.sqrt(len(part))
        steps.append(Step(name, float(part.mean()), float(part.mean() - half), float(part.mean() + half)))
    return tuple(steps)


def _gap(
    solved: Solved,
    policy: Policy,
    against: Policy,
    off: Mapping[str, float],
    *,
    months: int,
    seed: int,
    prospects: int | None,
) -> Floats:
    rows = solved.book.rows
    values = solved.assumptions.values | {name: np.full(rows, value) for name, value in off.items()}
    found = run(
        solved.book, (policy, against), AssumptionDraws(values), months=months, seed=seed, prospects=prospects
    ).value[:, solved.feasible]
    return found[0] - found[1]
