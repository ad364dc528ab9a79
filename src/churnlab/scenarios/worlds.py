"""Worlds that today's data do not hold: which policy is regretted least, and what losing one client at once costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from churnlab.scenarios.calibration import Solved
from churnlab.scenarios.engine import Shock, run
from churnlab.scenarios.parameters import AssumptionDraws
from churnlab.scenarios.policies import Policy

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """A way in which things may turn out, for the table of regrets.

    Attributes
    ----------
    name : str
        For tables.
    times : dict of str to float
        Assumptions that are so many times their usual value.
    shocks : tuple of Shock
        What is forced.
    """

    name: str
    times: Mapping[str, float]
    shocks: tuple[Shock, ...] = ()


def worlds(largest: int) -> tuple[World, ...]:
    """Give the usual worlds; `largest` is the place of the largest client, which leaves in one of them."""
    return (
        World("calm", {}),
        World("price war", {"offers_per_year": 3.0, "offer_depth": 1.5}),
        World("key client lost", {}, (Shock(1, client=largest),)),
        World("quality slump", {"failures": 3.0}),
        World("credit shock", {"default_new": 3.0, "default_regular": 3.0}),
    )


@dataclass(frozen=True, slots=True)
class Regrets:
    """What is lost by a policy against the best one, in each world.

    Attributes
    ----------
    policies, worlds : tuple of str
        Names.
    mean, error, most : ndarray of float, shape (policies, worlds)
        Mean over rows, its standard error, and the 90 % point, money.
    """

    policies: tuple[str, ...]
    worlds: tuple[str, ...]
    mean: Floats
    error: Floats
    most: Floats

    @property
    def least(self) -> str:
        """The policy whose largest mean regret is smallest."""
        return self.policies[int(self.mean.max(axis=1).argmin())]


def regrets(solved: Solved, policies: Sequence[Policy], among: Sequence[World], *, months: int, seed: int) -> Regrets:
    """Run policies through worlds that today's data do not hold.

    Parameters
    ----------
    solved : Solved
        What :func:`churnlab.scenarios.calibrate` found for the usual world.
    policies : sequence of Policy
        Policies; doing nothing should be among them, since two bad ones can be ranked.
    among : sequence of World
        Worlds, for example :func:`worlds`.
    months, seed : int
        Horizon, and key of the random streams.

    Returns
    -------
    Regrets
    """
    mean, error, most = np.zeros((3, len(policies), len(among)))
    usual = solved.assumptions.values
    for place, world in enumerate(among):
        drawn = AssumptionDraws(usual | {name: usual[name] * times for name, times in world.times.items()})
        value = run(solved.book, policies, drawn, months=months, seed=seed, shocks=world.shocks).value
        lost = (value.max(axis=0) - value)[:, solved.feasible]
        mean[:, place], most[:, place] = lost.mean(axis=1), np.quantile(lost, 0.9, axis=1)
        error[:, place] = lost.std(axis=1) / np.sqrt(lost.shape[1])
    return Regrets(tuple(policy.name for policy in policies), tuple(world.name for world in among), mean, error, most)


@dataclass(frozen=True, slots=True)
class ForcedLoss:
    """What losing one client at once costs.

    Attributes
    ----------
    drop, low, high : float
        Value lost by all effects together: mean over rows with its 95 % interval, money.
    direct : float
        Value lost with the cascade switched off: that client's own, and what it would have brought.
    multiplier, multiplier_low, multiplier_high : float
        Loss with the cascade over loss without, and the 95 % interval of this ratio of means.
    """

    drop: float
    low: float
    high: float
    direct: float
    multiplier: float
    multiplier_low: float
    multiplier_high: float


def forced_loss(solved: Solved, policy: Policy, client: int, *, months: int, seed: int) -> ForcedLoss:
    """Take one client away in the first month, with and without the cascade.

    Parameters
    ----------
    solved : Solved
        What :func:`churnlab.scenarios.calibrate` found.
    policy : Policy
        Under which policy.
    client : int
        Place of the client.
    months, seed : int
        Horizon, and key of the random streams.

    Returns
    -------
    ForcedLoss
    """
    still = AssumptionDraws(solved.assumptions.values | {"tier_discount": np.zeros(solved.book.rows)})
    drops = []
    for drawn in (solved.assumptions, still):
        values = [
            run(solved.book, (policy,), drawn, months=months, seed=seed, shocks=shocks).value[0, solved.feasible]
            for shocks in ((), (Shock(1, client=client),))
        ]
        drops.append(values[0] - values[1])
    half = 1.96 * drops[0].std() / np.sqrt(len(drops[0]))
    mean, direct = float(drops[0].mean()), float(drops[1].mean())
    times = mean / direct
    wide = float(1.96 * (drops[0] - times * drops[1]).std() / np.sqrt(len(drops[0])) / direct)
    return ForcedLoss(mean, mean - float(half), mean + float(half), direct, times, times - wide, times + wide)


def handled(policy: Policy, *, openly: bool) -> Policy:
    """The same policy with every failure told openly and made good, or none."""
    return replace(
        policy, name=f"{policy.name}, failures {'told' if openly else 'kept silent'}", recovery=float(openly)
    )
