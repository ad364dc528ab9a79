"""Claims about the net promoter index: clients with several answers, weights, and change."""

import numpy as np
from scipy.stats import norm
from validation_frame import Claim

from churnlab.surveys import IndexChange, clustered_nps, index_change, weighted_nps

_SCORES = np.array([3.0, 7.0, 9.0])
_LAWS = np.array([[0.15, 0.35, 0.5], [0.1, 0.4, 0.5], [0.35, 0.35, 0.3], [0.05, 0.25, 0.7], [0.33, 0.34, 0.33]])


def _scores(levels: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Answers of normal levels, cut so that the classes have these shares."""
    return _SCORES[np.searchsorted(np.cumsum(shares)[:2], norm.cdf(levels))]


def _index(shares: np.ndarray) -> float:
    return float(100 * (shares[2] - shares[0]))


def _clustered_is_covered(seed: int) -> bool:
    """Draw forty clients with one to six answers, of which three tenths of the level is the client's own."""
    rng, shares = np.random.default_rng(seed), _LAWS[seed % 5]
    client = np.repeat(np.arange(40), rng.integers(1, 7, 40))
    levels = np.sqrt(0.3) * rng.normal(size=40)[client] + np.sqrt(0.7) * rng.normal(size=client.size)
    index = clustered_nps(_scores(levels, shares), client)
    return bool(index.low <= _index(shares) <= index.high)


def _weighted_is_missed(seed: int) -> bool:
    """Draw 30, 60, 100 or 200 clients of very unequal revenue, the larger ones kinder."""
    rng, shares = np.random.default_rng(seed), _LAWS[seed % 5]
    clients = (30, 60, 100, 200)[seed % 4]
    size = rng.normal(size=clients)
    levels = rng.normal(size=clients) + 0.3 * (size > 0)
    weights = np.exp((0.5, 1.0, 1.5)[seed % 3] * size)
    index = weighted_nps(_scores(levels, shares), weights)
    cuts = norm.ppf(np.cumsum(shares)[:2])
    detractors, promoters = (norm.cdf(cuts[0] - 0.3 * (size > 0)), norm.sf(cuts[1] - 0.3 * (size > 0)))
    truth = 100 * (weights * (promoters - detractors)).sum() / weights.sum()
    return not index.low <= truth <= index.high


def _moved(seed: int, before: np.ndarray, after: np.ndarray, *, both: int, once: int) -> IndexChange:
    """Clients that vote twice keep three fifths of their level; as many as `once` vote one time only, either time."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=both + 2 * once)
    second = 0.6 * first + 0.8 * rng.normal(size=first.size)
    early, late = _scores(first, before), _scores(second, after)
    early[both : both + once] = late[both + once :] = np.nan
    return index_change(early, late)


def _change_is_covered(seed: int) -> bool:
    before, after = _LAWS[seed % 5], _LAWS[seed // 5 % 5]
    found = _moved(seed, before, after, both=30, once=15)
    return bool(found.low <= _index(after) - _index(before) <= found.high)


def _moved_falsely(seed: int) -> bool:
    shares = _LAWS[seed % 5]
    return bool(_moved(seed, shares, shares, both=30, once=15).p_value < 0.05)


def _moved_truly(seed: int) -> bool:
    before, after = np.array([0.15, 0.35, 0.5]), np.array([0.05, 0.3, 0.65])
    found = _moved(seed, before, after, both=80, once=40)
    return bool(found.p_value < 0.05 and found.low > 0)


CLAIMS = (
    Claim(
        "The interval of an index over several answers a client covers it.",
        "Forty clients with one to six answers that are alike, five laws of answers in turn: the clustered interval "
        "covers the true index.",
        "coverage",
        0.95,
        _clustered_is_covered,
        ("churnlab.surveys.weighting",),
    ),
    Claim(
        "The interval of an index weighted by revenue seldom misses it.",
        "30 to 200 clients, logarithms of revenue with a standard deviation of 0.5, 1 or 1.5, the larger ones kinder: "
        "the weighted interval misses the true index of these clients.",
        "size",
        0.05,
        _weighted_is_missed,
        ("churnlab.surveys.weighting",),
    ),
    Claim(
        "The interval of a change of the index covers it.",
        "Thirty clients that voted twice and fifteen more either time, five laws of answers before and after: the "
        "interval covers the true change.",
        "coverage",
        0.95,
        _change_is_covered,
        ("churnlab.surveys.movement",),
    ),
    Claim(
        "The index is not said to have moved where it has not.",
        "The same clients, the same law both times: a change is named either way.",
        "size",
        0.05,
        _moved_falsely,
        ("churnlab.surveys.movement",),
    ),
    Claim(
        "The index is said to have risen where it has.",
        "Eighty clients that voted twice and forty more either time, 15 % detractors and 50 % promoters before, 5 % "
        "and 65 % after, 25 points more: a rise is named.",
        "power",
        0.9,
        _moved_truly,
        ("churnlab.surveys.movement",),
    ),
)
