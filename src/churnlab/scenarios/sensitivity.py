"""Which assumptions drive a result: Sobol' indices of groups, a tornado of single ones, what knowing one is worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc

from churnlab.scenarios.book import Book
from churnlab.scenarios.calibration import calibrate
from churnlab.scenarios.engine import run
from churnlab.scenarios.parameters import EVIDENCE, GROUPS, AssumptionDraws, held_at, spread
from churnlab.scenarios.policies import Policy

Floats = npt.NDArray[np.float64]

_RESAMPLES: Final = 1000
_DEGREE: Final = 3


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """Shares of the variance of a result.

    Attributes
    ----------
    names : tuple of str
        Factors or groups of them.
    first, total : ndarray of float, shape (names,)
        Share that a factor has alone, and with all in which it takes part.
    first_low, first_high, total_low, total_high : ndarray of float, shape (names,)
        Ends of 95 % bootstrap intervals.
    """

    names: tuple[str, ...]
    first: Floats
    total: Floats
    first_low: Floats
    first_high: Floats
    total_low: Floats
    total_high: Floats


def sobol_indices(
    names: Sequence[str], base: Floats, other: Floats, mixed: Floats, *, rng: np.random.Generator | int
) -> SobolIndices:
    """First and total indices from the values at two independent samples and at mixtures of them.

    Parameters
    ----------
    names : sequence of str
        Factors, k of them.
    base, other : ndarray of float, shape (n,)
        Values at samples A and B.
    mixed : ndarray of float, shape (k, n)
        Values at A with one factor of B.
    rng : Generator or int
        Of the bootstrap.

    Returns
    -------
    SobolIndices

    Notes
    -----
    First indices by Saltelli and others (2010), total ones by Jansen (1999): Computer Physics Communications 181,
    259-270 and 117, 35-43. Whole rows of the design are resampled.
    """
    generator = np.random.default_rng(rng)
    middle = (base.mean() + other.mean()) / 2
    values = np.stack((base, other)) - middle
    places = generator.integers(0, len(base), size=(_RESAMPLES, len(base)))
    first, total = _indices(values, mixed - middle)
    drawn = [_indices(values[:, place], (mixed - middle)[:, place]) for place in places]
    ends = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    return SobolIndices(tuple(names), first, total, ends[0, 0], ends[1, 0], ends[0, 1], ends[1, 1])


def _indices(values: Floats, mixed: Floats) -> tuple[Floats, Floats]:
    base, other = values
    variance = values.var()
    if variance == 0:
        return np.zeros(len(mixed)), np.zeros(len(mixed))
    first = (other * (mixed - base)).mean(axis=1) / variance
    total = 0.5 * ((base - mixed) ** 2).mean(axis=1) / variance
    return first, total


def sobol_of(
    books: tuple[Book, Book],
    policy: Policy,
    against: Policy,
    *,
    months: int,
    seed: int,
    groups: Sequence[str] = GROUPS,
    fixed: Mapping[str, float] | None = None,
) -> SobolIndices:
    """Sobol' indices of the value of one policy less another's, by groups of assumptions.

    Parameters
    ----------
    books : tuple of two Book
        Clients under two independent sets of draws of the fitted hazard, of n rows each; they belong to the group
        ``fitted``.
    policy, against : Policy
        What is set against what.
    months, seed : int
        Horizon, and key of the random streams: the same in all points, since fresh numbers would count as interaction.
    groups : sequence of str
        Groups of :data:`churnlab.scenarios.EVIDENCE`, or names of single assumptions.
    fixed : mapping of str to float, optional
        Assumptions that are held.

    Returns
    -------
    SobolIndices

    Notes
    -----
    n (groups + 2) points. A point's chance is that of its row in all of them, so that what is left to chance is in the
    variance and in no index. Draws whose other ways out exceed the leaving seen have no exits over service here.
    """
    rows = books[0].rows
    uniform = qmc.Sobol(2 * len(EVIDENCE), rng=np.random.default_rng([seed, rows])).random(rows)
    halves = [dict(zip(EVIDENCE, part.T, strict=True)) for part in np.split(uniform, 2, axis=1)]

    def worth(quantiles: dict[str, Floats], book: Book) -> Floats:
        solved = calibrate(book, spread(quantiles, fixed=fixed), months=months, seed=seed)
        found = run(solved.book, (policy, against), solved.assumptions, months=months, seed=seed)
        return found.value[0] - found.value[1]

    mixed = []
    for group in groups:
        moved = {name: part for name, part in halves[1].items() if group in {name, EVIDENCE[name].group}}
        mixed.append(worth(halves[0] | moved, books[group == "fitted"]))
    return sobol_indices(groups, worth(halves[0], books[0]), worth(halves[1], books[1]), np.array(mixed), rng=seed)


@dataclass(frozen=True, slots=True)
class Swing:
    """What moving one assumption from the 10 % to the 90 % point of its law does to a difference of policies.

    Attributes
    ----------
    name : str
        The assumption.
    low, high : float
        Mean difference at the 10 % and at the 90 % point, money; all others at their defaults.
    error : float
        Standard error of the swing (high less low), on shared random numbers.
    """

    name: str
    low: float
    high: float
    error: float

    @property
    def width(self) -> float:
        """Size of the swing, money."""
        return abs(self.high - self.low)


def tornado(
    make_book: Callable[[AssumptionDraws], Book],
    policy: Policy,
    against: Policy,
    *,
    months: int,
    seed: int,
    rows: int = 64,
    names: Sequence[str] | None = None,
) -> tuple[Swing, ...]:
    """Swing of every assumption, the widest first.

    Parameters
    ----------
    make_book : callable
        Takes assumptions, gives the clients.
    policy, against : Policy
        What is set against what.
    months, seed : int
        Horizon, and key of the random streams.
    rows : int
        Replications of each point.
    names : sequence of str, optional
        Assumptions; all but those of surveys if not given.

    Returns
    -------
    tuple of Swing
    """
    found = []
    for name in names or [name for name, known in EVIDENCE.items() if known.group in GROUPS]:
        ends = []
        for point in EVIDENCE[name].at(np.array([0.1, 0.9])):
            assumed = held_at(rows, {name: float(point)})
            solved = calibrate(make_book(assumed), assumed, months=months, seed=seed)
            value = run(solved.book, (policy, against), solved.assumptions, months=months, seed=seed).value
            ends.append(value[0] - value[1])
        swing = ends[1] - ends[0]
        found.append(Swing(name, float(ends[0].mean()), float(ends[1].mean()), float(swing.std() / np.sqrt(rows))))
    return tuple(sorted(found, key=lambda each: -each.width))


def worth_of_knowing(values: Floats, known: Floats) -> float:
    """Expected gain from knowing some assumptions before choosing a policy.

    Parameters
    ----------
    values : ndarray of float, shape (policies, rows)
        Value of each policy in each draw, money.
    known : ndarray of float, shape (k, rows)
        Assumptions that would be known.

    Returns
    -------
    float
        Money, at least 0.

    Notes
    -----
    The expected value of partial perfect information, by regression of each policy's value on a cubic in each
    assumption (Strong, Oakley and Brennan 2014, Med. Decis. Making 34, 311-326, with polynomials in place of splines).
    """
    scaled = (known - known.mean(axis=1, keepdims=True)) / np.maximum(known.std(axis=1, keepdims=True), 1e-12)
    columns = np.concatenate([np.ones((1, values.shape[1])), *(scaled**power for power in range(1, _DEGREE + 1))]).T
    told = columns @ np.linalg.lstsq(columns, values.T, rcond=None)[0]
    return max(0.0, float(told.max(axis=1).mean() - told.mean(axis=0).max()))
