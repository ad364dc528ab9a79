"""Marks of a key client that data can show: potential, first takers of what is new, claims beyond chance, attention."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, t

from churnlab.lifetime import Estimate

Bools = npt.NDArray[np.bool_]

INNOVATORS = 0.025
"""Share of those who take up something new that count as innovators (Rogers 2003, Diffusion of Innovations)."""

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Attention:
    """How much attention key clients get against the others.

    Attributes
    ----------
    key, others : float
        Contacts a client.
    ratio : Estimate
        Of the two, with a 95 % interval over clients; NaN where too few or no contacts were noted.
    stake : float
        Money at stake a key client against the others.
    """

    key: float
    others: float
    ratio: Estimate
    stake: float

    @property
    def verdict(self) -> str:
        """``"more"``, ``"less"`` or ``"alike"`` (not told apart), ``"cannot tell"`` without an interval."""
        if np.isnan(self.ratio.low):
            return "cannot tell"
        return "more" if self.ratio.low > 1 else "less" if self.ratio.high < 1 else "alike"


def potential(own: npt.ArrayLike, elsewhere_too: npt.ArrayLike, *, times: float, large: npt.ArrayLike) -> Bools:
    """Tell who buys at least so many times as much from anyone as here, and so much that it would count here.

    Parameters
    ----------
    own, elsewhere_too : array_like of float, shape (n,)
        Yearly sales here, and what the client buys from anyone; NaN where not known.
    times : float
        How many times as much.
    large : array_like of float
        What would count here, money; one or one a client.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> potential([10.0, 10.0, 60.0], [200.0, 15.0, 90.0], times=2.0, large=50.0).tolist()
    [True, False, False]
    """
    here, anyone = np.asarray(own, dtype=np.float64), np.asarray(elsewhere_too, dtype=np.float64)
    return np.asarray((anyone >= times * here) & (anyone > np.asarray(large, dtype=np.float64)))


def first_takers(day: npt.ArrayLike, *, share: float = INNOVATORS) -> Bools:
    """Tell who took up something new among the first so many of those who did.

    Parameters
    ----------
    day : array_like of float, shape (n,)
        Day on which each client took it up; NaN who never did.
    share : float
        Of those who did; one at least, and ties with the last of them.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> first_takers([5.0, 3.0, np.nan, 9.0]).tolist()
    [False, True, False, False]
    """
    given = np.asarray(day, dtype=np.float64)
    known = np.sort(given[np.isfinite(given)])
    if not known.size:
        return np.zeros(given.shape, dtype=bool)
    last = known[max(1, round(share * len(known))) - 1]
    return np.asarray(given <= last)


def claims_beyond_chance(claims: npt.ArrayLike, purchases: npt.ArrayLike, *, false: float = 0.05) -> Bools:
    """Tell who makes more claims than the share of all the others explains, many clients being looked at.

    Parameters
    ----------
    claims, purchases : array_like of int, shape (n,)
        Purchases with a claim, and all purchases, of each client.
    false : float
        Share of those named that may be named wrongly.

    Returns
    -------
    ndarray of bool, shape (n,)

    Notes
    -----
    Exact one-sided binomial tests against the share among the other clients' purchases, and the procedure of Benjamini
    and Hochberg over clients. A client who makes claims may be demanding, or badly served.

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the false discovery rate, JRSS B 57, 289-300.

    Examples
    --------
    >>> claims_beyond_chance([1, 0, 2, 15], [100, 100, 100, 100]).tolist()
    [False, False, False, True]
    """
    made, bought = np.asarray(claims, dtype=np.int64), np.asarray(purchases, dtype=np.int64)
    rest = np.maximum(bought.sum() - bought, 1)
    usual = (made.sum() - made + 1) / (rest + 1)  # never 0: one claim more
    chance = np.where(bought > 0, binom.sf(made - 1, bought, np.minimum(usual, 1.0)), 1.0)
    order = np.argsort(chance, kind="stable")
    passed = chance[order] <= false * np.arange(1, len(order) + 1) / len(order)
    named = np.zeros(len(order), dtype=bool)
    if passed.any():
        named[order[: int(np.flatnonzero(passed)[-1]) + 1]] = True
    return named & (made > 0)


def attention(contacts: npt.ArrayLike, stake: npt.ArrayLike, key: npt.ArrayLike) -> Attention:
    """Compare contacts a client between key clients and the others.

    Parameters
    ----------
    contacts, stake : array_like of float, shape (n,)
        Contacts and money at stake of each client.
    key : array_like of bool, shape (n,)
        Whether it is key.

    Returns
    -------
    Attention

    Notes
    -----
    The interval of the ratio is that of the difference of log means (delta method) on Student's t with Welch's degrees
    of freedom: clients are the units, not contacts.

    References
    ----------
    Welch (1947), The generalization of Student's problem when several different population variances are involved,
    Biometrika 34, 28-35.

    Examples
    --------
    >>> found = attention([12, 10, 11, 9, 10, 12, 11, 9], [90, 80, 85, 5, 4, 6, 5, 7], [True] * 3 + [False] * 5)
    >>> round(found.ratio.value, 2), found.verdict, round(found.stake, 1)
    (1.08, 'alike', 15.7)
    """
    made, money, marked = np.asarray(contacts, float), np.asarray(stake, float), np.asarray(key, dtype=bool)
    sides = [made[marked], made[~marked]]
    nothing = Estimate(np.nan, np.nan, np.nan)
    if min(map(len, sides)) < 2:
        means = [float(side.mean()) if len(side) else np.nan for side in sides]
        return Attention(means[0], means[1], nothing, np.nan)
    means = [float(side.mean()) for side in sides]
    others = float(money[~marked].mean())
    worth = float(money[marked].mean()) / others if others > 0 else np.nan
    if min(means) <= 0:
        return Attention(means[0], means[1], nothing, worth)
    parts = np.array([side.var(ddof=1) / len(side) / mean**2 for side, mean in zip(sides, means, strict=True)])
    total, ratio = float(parts.sum()), means[0] / means[1]
    if total == 0:
        return Attention(means[0], means[1], Estimate(ratio, ratio, ratio), worth)
    freedom = total**2 / float((parts**2 / [len(side) - 1 for side in sides]).sum())
    reach = float(np.exp(t.ppf(0.5 + _LEVEL / 2, freedom) * np.sqrt(total)))
    return Attention(means[0], means[1], Estimate(ratio, ratio / reach, ratio * reach), worth)
