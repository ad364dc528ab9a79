"""How much of a score is the client and how much the day: answers of the same client at different times apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.surveys.figure import UNKNOWN, Figure, jackknifed
from churnlab.surveys.within import Floats, Ints, codes, levels, mean_within

LEAST_CLIENTS = 20
"""With fewer clients that answered twice within the span, nothing is given."""

_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Retest:
    """What repeated answers of the same clients say about one answer.

    Attributes
    ----------
    answers, clients, pairs : int
        Answers used, clients with two of them or more within the span, and the pairs that they make.
    noise : Figure
        Variance of an answer about what the client thinks at the time, in squared points, rounding included.
    total : Figure
        Variance of one answer between clients and days, in squared points, differences of strata removed.
    reliability : Figure
        Part of the total that is not noise, at most 1: what one answer would correlate with another that the same
        client gave at the same time.
    drift : Figure
        Variance that what a client thinks gains in a year, in squared points; near zero or below if none is seen.
    """

    answers: int
    clients: int
    pairs: int
    noise: Figure
    total: Figure
    reliability: Figure
    drift: Figure

    @property
    def known(self) -> bool:
        """Whether noise and reliability have intervals; otherwise they cannot be told."""
        return self.noise.known and self.reliability.known


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Halves of squared differences, days apart, and the client's code, each of shape (pairs,)."""

    half: Floats
    lag: Floats
    client: Ints


def retest(
    scores: npt.ArrayLike,
    client: npt.ArrayLike,
    day: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike | None = None,
    span: float = 365.0,
    level: float = 0.95,
) -> Retest:
    """Noise of one answer, told apart from real change.

    Half the mean squared difference of two answers of a client is the noise, plus what the client's opinion has moved
    in between. A line through these halves by days apart, drawn to zero days, leaves the noise.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        One factor or the recommendation; NaN are left out.
    client : array_like, shape (n,)
        Who answered.
    day : array_like of float, shape (n,)
        When, in days.
    stratum : array_like, shape (n,), optional
        Wave and mode, whose differences in mean are neither noise nor clients; all one if not given.
    span : float
        Pairs further apart than this many days are left out; closer ones weigh more, falling to zero at the span.
    level : float
        Coverage of the intervals.

    Returns
    -------
    Retest
        NaN with fewer than ``LEAST_CLIENTS`` clients with pairs, or all pairs equally far apart.

    Raises
    ------
    ValueError
        If shapes differ or the span is not above zero.

    Notes
    -----
    A local linear fit to the variogram at lag zero; its nugget is the noise. What comes and goes faster than the
    closest pairs counts as noise, and so does a kindness of the day. Strata are levelled within clients, so that who
    is asked in which wave does not matter. Intervals leave out one client in turn (jackknife); those of noise and total
    are symmetric in the logarithm, that of reliability in log(1 - reliability).

    In a straight-line regression on one answer the coefficient of what the client thinks is about 1 / reliability
    times as large (regression calibration).

    References
    ----------
    Diggle, Heagerty, Liang and Zeger (2002), Analysis of Longitudinal Data, 2nd ed., Oxford, section 3.4. Heise (1969),
    Separating reliability and stability in test-retest correlation, American Sociological Review 34, 93-101. Carroll,
    Ruppert, Stefanski and Crainiceanu (2006), Measurement Error in Nonlinear Models, 2nd ed., Chapman and Hall,
    chapter 4.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> client, day = np.repeat(np.arange(200), 5), np.tile(90.0 * np.arange(5), 200)
    >>> scores = 7 + rng.normal(size=200)[client] + rng.normal(size=1000)
    >>> found = retest(scores, client, day)
    >>> round(found.noise.value, 1), found.noise.low < 1 < found.noise.high, found.reliability.low < 0.5
    (1.1, True, True)
    """
    given, who, when = np.asarray(scores, dtype=np.float64), np.asarray(client), np.asarray(day, dtype=np.float64)
    place = np.zeros(given.shape, dtype=np.int64) if stratum is None else np.asarray(stratum)
    if not given.shape == who.shape == when.shape == place.shape or given.ndim != 1:
        message = f"expected arrays of one length, got {given.shape}, {who.shape}, {when.shape}, {place.shape}"
        raise ValueError(message)
    if not span > 0:
        message = f"expected a span above 0 days, got {span}"
        raise ValueError(message)
    there = ~np.isnan(given)
    given, who, when, at = given[there], codes(who[there]), when[there], codes(place[there])
    several = np.bincount(at, minlength=1)[at] > 1  # an only answer is its stratum's mean
    given, who, when, at = given[several], codes(who[several]), when[several], codes(at[several])
    pairs = _pairs(given, who, when, at, span=span)
    counts = (len(given), len(np.unique(pairs.client)), len(pairs.half))
    if counts[1] < LEAST_CLIENTS or np.ptp(pairs.lag) == 0:
        return Retest(*counts, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    return Retest(*counts, *_figures(given, who, at, pairs=pairs, span=span, level=level))


def _pairs(given: Floats, who: Ints, when: Floats, at: Ints, *, span: float) -> _Pairs:
    """All pairs of answers of a client less than the span apart, freed of the levels of strata."""
    order = np.lexsort((when, who))
    who, when, at = who[order], when[order], at[order]
    apart = given[order]
    several = len(order) > 0 and at.max() > 0
    lacking = np.zeros(len(order))
    if several:
        apart = apart - levels(apart, who, at)[1]
        lacking = 1 / np.bincount(at)[at]
    first, second = [], []
    for step in range(1, int(np.bincount(who, minlength=1).max())):
        near = (who[step:] == who[:-step]) & (when[step:] - when[:-step] < span)
        if not near.any():
            break
        first.append(np.flatnonzero(near))
        second.append(first[-1] + step)
    one = np.concatenate(first) if first else np.zeros(0, dtype=np.int64)
    two = np.concatenate(second) if second else np.zeros(0, dtype=np.int64)
    half = (apart[two] - apart[one]) ** 2 / 2
    # levels that were estimated take a part of the noise with them
    half /= 1 - np.where(at[one] == at[two], 0.0, (lacking[one] + lacking[two]) / 2)
    return _Pairs(half, when[two] - when[one], who[one])


def _figures(
    given: Floats, who: Ints, at: Ints, *, pairs: _Pairs, span: float, level: float
) -> tuple[Figure, Figure, Figure, Figure]:
    """Noise, total, reliability and drift, each also without every client in turn."""
    clients, own = int(who.max()) + 1, np.unique(pairs.client)
    size = np.bincount(at)[at]
    square = (given - mean_within(given, at)) ** 2 * size / (size - 1)
    total = float(square.mean())
    if not total > 0:
        return UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN
    rest = len(given) - np.bincount(who)
    totals = (square.sum() - np.bincount(who, weights=square)) / rest
    weight, years = 1 - pairs.lag / span, pairs.lag / _YEAR
    terms = (weight, weight * years, weight * years**2, weight * pairs.half, weight * years * pairs.half)
    by_client = np.array([np.bincount(pairs.client, weights=term, minlength=clients) for term in terms])
    noise, slope = (float(each) for each in _line(by_client.sum(axis=1)))
    noises, slopes = _line(by_client.sum(axis=1)[:, None] - by_client)
    return (
        jackknifed(noise, noises[own], level=level, scale="positive"),
        jackknifed(total, totals, level=level, scale="positive"),
        jackknifed(1 - noise / total, 1 - noises / totals, level=level, scale="below one", clients=len(own)),
        jackknifed(2 * slope, 2 * slopes[own], level=level),
    )


def _line(sums: Floats) -> tuple[Floats, Floats]:
    """Height at zero and slope of weighted lines, from sums of w, wx, wx^2, wy and wxy; NaN where none is fixed."""
    w, wx, wxx, wy, wxy = sums
    spread = w * wxx - wx**2
    spread = np.where(spread > 1e-9 * w * wxx, spread, np.nan)
    return (wxx * wy - wx * wxy) / spread, (w * wxy - wx * wy) / spread
