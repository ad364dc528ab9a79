"""Does the reason for which clients were lost go with coming back? Reasons shuffled, and what that can see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_LOSSES = 10
"""Fewer losses with a coded reason than this give no test."""

LEAST_RETURNS = 3
"""Fewer returns give no test either: nothing could be told apart."""

LEAST_OF_A_REASON = 3
"""Reasons with fewer losses are left out."""

SHUFFLES = 4_999

RETURNING: Final[Mapping[str, float]] = {"price": 0.22, "service": 0.09, "personal": 0.01}
"""Shares that ever return by reason, as the scenarios assume: order of the first two supported, sizes not."""

MIX: Final[Mapping[str, float]] = {"price": 0.30, "service": 0.55, "personal": 0.15}
"""Of losses by reason, ours, for the power."""

POWER_RUNS = 400
"""Made-up books behind a power."""

_FADING = 0.15  # a month, of the chance to return
_POWER_SHUFFLES = 199
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class ReasonTest:
    """Whether lost clients come back differently by reason.

    Attributes
    ----------
    losses, returns, reasons : int
        Clients with a coded reason, those of them that came back, and reasons compared.
    statistic : float
        Log-rank statistic; NaN where there is no test.
    chance : float
        Share of shuffles that give as large a one; NaN where there is no test.
    """

    losses: int
    returns: int
    reasons: int
    statistic: float
    chance: float

    @property
    def tested(self) -> bool:
        """Whether there were enough to test."""
        return not np.isnan(self.chance)

    @property
    def matters(self) -> bool:
        """Whether the reason matters, at 5 %."""
        return self.tested and self.chance <= _LEVEL


def does_reason_matter(
    months: npt.ArrayLike,
    back: npt.ArrayLike,
    reason: npt.ArrayLike,
    *,
    rng: np.random.Generator | int,
    entry: npt.ArrayLike | None = None,
    shuffles: int = SHUFFLES,
) -> ReasonTest:
    """Test by shuffling reasons among lost clients.

    Parameters
    ----------
    months : array_like of float, shape (n,)
        Months away, until the return or the end of what was watched; one loss a client.
    back : array_like of bool, shape (n,)
        Whether the client came back.
    reason : array_like, shape (n,)
        Coded reason.
    rng : Generator or int
        Shuffles.
    entry : array_like of float, shape (n,), optional
        Months after which each counted as lost, and could be seen to come back; none if not given.
    shuffles : int
        How many.

    Returns
    -------
    ReasonTest
        Not tested where fewer than `LEAST_LOSSES` losses or `LEAST_RETURNS` returns are left, or one reason only.

    Raises
    ------
    ValueError
        If shapes do not agree, or an entry does not lie before the end.

    Notes
    -----
    Log-rank scores (whether it came back, less the Nelson-Aalen hazard summed over the months in which it was watched)
    are fixed; shuffling moves reasons among them, so that the test is exact where reasons do not matter and all were
    watched alike. Where limits or spans differ by reason, scores still have mean 0, and the test is approximate.

    References
    ----------
    Peto and Peto (1972), Asymptotically efficient rank invariant test procedures, JRSS A 135, 185-207. Phipson and
    Smyth (2010), Permutation p-values should never be zero, Statistical Applications in Genetics and Molecular
    Biology 9 (1).

    Examples
    --------
    >>> away, came = [9, 10, 11, 12, 13] + [60] * 15, [True] * 5 + [False] * 15
    >>> found = does_reason_matter(away, came, ["price"] * 8 + ["service"] * 12, rng=1)
    >>> found.losses, found.returns, found.matters
    (20, 5, True)
    >>> does_reason_matter([5, 9], [True, False], ["price", "service"], rng=1).tested
    False
    """
    away, came, why = np.asarray(months, dtype=np.float64), np.asarray(back, dtype=bool), np.asarray(reason)
    if not away.shape == came.shape == why.shape or away.ndim != 1:
        raise ValueError(f"expected three rows of one length, got {away.shape}, {came.shape}, {why.shape}")
    names, code, size = np.unique(why, return_inverse=True, return_counts=True)
    begin = np.zeros_like(away) if entry is None else np.asarray(entry, dtype=np.float64)
    if begin.shape != away.shape or (begin >= away).any():
        raise ValueError(f"expected an entry before the end of each loss's months, got {begin.shape}: drop the others")
    kept = size[code] >= LEAST_OF_A_REASON if len(code) else np.zeros(0, dtype=bool)
    away, came, begin = away[kept], came[kept], begin[kept]
    names, code = np.unique(code[kept], return_inverse=True)
    counted = (len(code), int(came.sum()), len(names))
    if counted[0] < LEAST_LOSSES or counted[1] < LEAST_RETURNS or counted[2] < 2:
        return ReasonTest(*counted, np.nan, np.nan)
    scores = _scores(away, came, begin)
    generator = np.random.default_rng(rng)
    seen = float(_statistics(scores[None, :], code)[0])
    drawn = np.concatenate(
        [
            _statistics(generator.permuted(np.tile(scores, (min(1000, shuffles - done), 1)), axis=1), code)
            for done in range(0, shuffles, 1000)
        ]
    )
    as_large = int((drawn >= seen - 1e-9).sum())
    return ReasonTest(*counted, seen, (as_large + 1) / (shuffles + 1))


def power(
    losses: int,
    *,
    watched: npt.ArrayLike,
    rng: np.random.Generator | int,
    entry: npt.ArrayLike | None = None,
    returning: Mapping[str, float] = RETURNING,
    mix: Mapping[str, float] = MIX,
    runs: int = POWER_RUNS,
) -> float:
    """Share of made-up books in which the test says that the reason matters.

    Parameters
    ----------
    losses : int
        Lost clients with a coded reason.
    watched : array_like of float, shape (k,)
        Months for which lost clients were watched, drawn from for each loss; those of a book, one at least.
    rng : Generator or int
        Draws.
    entry : array_like of float, shape (k,), optional
        Months after which each of these counted as lost; none if not given.
    returning, mix : mapping of str to float
        Share that ever returns, and share of the losses, by reason.
    runs : int
        Made-up books.

    Returns
    -------
    float
        0 where there are too few losses to test.

    Raises
    ------
    ValueError
        If the reasons of both shares differ, or no months are given.

    Notes
    -----
    Who ever returns does so after a month, or after it counted as lost if that is later, and an exponential time of
    mean 1 / 0.15 months, as the scenarios let the chance of a return fall. Who is watched for less is not seen to.

    Examples
    --------
    >>> power(300, watched=[60.0], rng=1, runs=50) > power(40, watched=[60.0], rng=1, runs=50)
    True
    """
    spans = np.asarray(watched, dtype=np.float64)
    entries = np.zeros_like(spans) if entry is None else np.asarray(entry, dtype=np.float64)
    if set(returning) != set(mix) or not spans.size or entries.shape != spans.shape:
        message = (
            f"expected shares of the same reasons and months, got {sorted(returning)}, {sorted(mix)}, {spans.size}"
        )
        raise ValueError(message)
    generator = np.random.default_rng(rng)
    names = sorted(mix)
    part = np.array([mix[name] for name in names])
    back_share = np.array([returning[name] for name in names])
    seen = 0
    for _ in range(runs):
        why = generator.choice(len(names), losses, p=part / part.sum())
        drawn = generator.integers(len(spans), size=losses)
        until, begin = spans[drawn], entries[drawn]
        away = np.maximum(begin, 1.0) + generator.exponential(1 / _FADING, losses)
        back = (generator.random(losses) < back_share[why]) & (away <= until)
        months = np.where(back, away, until)
        found = does_reason_matter(months, back, why, rng=generator, entry=begin, shuffles=_POWER_SHUFFLES)
        seen += found.matters
    return seen / runs


def _scores(months: Floats, back: npt.NDArray[np.bool_], entry: Floats) -> Floats:
    """Log-rank scores: came back, less what the common hazard expects of the months from entry on."""
    times = np.unique(months[back])
    at_risk = ((months[:, None] >= times) & (entry[:, None] < times)).sum(axis=0)
    events = ((months[:, None] == times) & back[:, None]).sum(axis=0)
    summed = np.concatenate(([0.0], np.cumsum(events / at_risk)))
    end, begin = (summed[np.searchsorted(times, some, side="right")] for some in (months, entry))
    return np.asarray(back - (end - begin), dtype=np.float64)


def _statistics(scores: Floats, code: Ints) -> Floats:
    """Quadratic form of the groups' sums of scores, one a row; scores add up to 0."""
    size = np.bincount(code)
    sums = np.stack([scores[:, code == group].sum(axis=1) for group in range(len(size))], axis=1)
    variance = (scores**2).sum(axis=1) / (scores.shape[1] - 1)
    return np.asarray((sums**2 / size).sum(axis=1) / variance, dtype=np.float64)
