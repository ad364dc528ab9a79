"""Claims about how far answers can be trusted, who did not answer, and what a change left behind."""

from functools import partial

import numpy as np
from scipy.stats import norm
from validation_frame import Claim

from churnlab.surveys import (
    BeforeAfter,
    Fatigue,
    Retest,
    SilenceAndLeaving,
    WeightedMean,
    before_after,
    consistency,
    cronbach_alpha,
    fatigue,
    omega_total,
    retest,
    silence_and_leaving,
    weighted_mean,
)

ROUNDING = 1 / 12
"""Variance that rounding to whole points adds where scores spread over a point or more (Sheppard)."""

LEVEL, MOVING, NOISE, KEEPS = 0.25, 0.25, 1.0, np.exp(-1 / 24)
"""Variances of what a client thinks, lasting and moving, and of an answer's noise; what stays of it after a month."""

LOADINGS, SPREADS = np.array([0.8, 0.7, 0.6, 0.5]), np.array([1.2, 1.5, 1.0, 1.4])
CORRELATION = np.outer(LOADINGS, LOADINGS) + np.diag(1 - LOADINGS**2)
COVARIANCE = CORRELATION * np.outer(SPREADS, SPREADS) + ROUNDING * np.eye(4)

_DAYS = 30.4


def _felt(rng: np.random.Generator, clients: int, months: int) -> np.ndarray:
    """What clients think of the work each month, about a mean of nothing, shape (months, clients)."""
    lasting = np.sqrt(LEVEL) * rng.normal(size=clients)
    moving = np.sqrt(MOVING) * rng.normal(size=(months, clients))
    for month in range(1, months):
        moving[month] = KEEPS * moving[month - 1] + np.sqrt(1 - KEEPS**2) * moving[month]
    return lasting + moving


def _book(seed: int, *, clients: int = 80, months: int = 36) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scores, client, month and wave: a third of the clients asked monthly, all quarterly, and half of them answer."""
    rng = np.random.default_rng(seed)
    felt = _felt(rng, clients, months)
    month, client, wave = np.meshgrid(np.arange(months), np.arange(clients), [0, 1], indexing="ij")
    asked = np.where(wave == 0, (client + month) % 3 == 0, month % 3 == 1) & (rng.random(wave.shape) < 0.5)
    month, client, wave = month[asked], client[asked], wave[asked]
    scores = 5 + felt[month, client] + 0.5 * wave + np.sqrt(NOISE) * rng.normal(size=client.size)
    return np.clip(np.round(scores), 0, 10), client, month, wave


def _retest(seed: int) -> Retest:
    scores, client, month, wave = _book(seed)
    return retest(scores, client, _DAYS * month + 10 * wave, stratum=wave)


def _noise_is_covered(seed: int) -> bool:
    found = _retest(seed).noise
    return bool(found.low <= NOISE + ROUNDING <= found.high)


def _reliability_is_covered(seed: int) -> bool:
    found = _retest(seed).reliability
    return bool(found.low <= (LEVEL + MOVING) / (LEVEL + MOVING + NOISE + ROUNDING) <= found.high)


def _consistency_is_covered(seed: int, *, figure: str) -> bool:
    """Three answers of a hundred clients; three fifths of what stands behind them last from one to the next."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(100), 3)
    thing = np.sqrt(0.6) * rng.normal(size=(100, 1))[client] + np.sqrt(0.4) * rng.normal(size=(300, 1))
    own = np.sqrt(0.5) * rng.normal(size=(100, 4))[client] + np.sqrt(0.5) * rng.normal(size=(300, 4))
    scores = 5 + SPREADS * (thing * LOADINGS + own * np.sqrt(1 - LOADINGS**2))
    found = getattr(consistency(np.round(scores), client), figure)
    truth = {"alpha": cronbach_alpha, "omega": omega_total}[figure](COVARIANCE)
    return bool(found.low <= truth <= found.high)


def _vote(scores: np.ndarray) -> np.ndarray:
    return 100.0 * ((scores >= 9).astype(int) - (scores < 7).astype(int))


def _weighted(seed: int, *, vote: bool) -> tuple[WeightedMean, float]:
    """Four waves of eighty clients: the kinder line answers more often, small clients less; and the truth for all."""
    rng = np.random.default_rng(seed)
    line, size = rng.integers(0, 3, 80), rng.integers(0, 2, 80)
    client = np.repeat(np.arange(80), 4)
    level = 7 + 0.8 * line - 0.7 * size
    scores = (level + rng.normal(0, 0.8, 80))[client] + rng.normal(size=320)
    scores = np.clip(np.round(scores), 0, 10)
    answered = rng.random(320) < (np.array([0.2, 0.4, 0.7])[line] + 0.15 * size)[client]
    points = np.arange(11.0)
    means = 7 + 0.8 * np.arange(3)[:, None, None] - 0.7 * np.arange(2)[:, None]
    law = norm(means, np.sqrt(0.8**2 + 1))
    below = np.concatenate([np.zeros((3, 2, 1)), law.cdf(points[:-1] + 0.5), np.ones((3, 2, 1))], axis=-1)
    truth = float((np.diff(below, axis=-1) @ (_vote(points) if vote else points)).mean())
    given = np.where(answered, _vote(scores) if vote else scores, np.nan)
    return weighted_mean(given, client, groups=np.column_stack([line, size])[client]), truth


def _weighted_is_covered(seed: int, *, vote: bool) -> bool:
    found, truth = _weighted(seed, vote=vote)
    return bool(found.weighted.low <= truth <= found.weighted.high)


def _silence(seed: int, *, times: float) -> SilenceAndLeaving:
    """Sixteen quarters of two hundred clients; silence makes leaving within the quarter so many times as frequent."""
    rng = np.random.default_rng(seed)
    ready, hazard = rng.normal(0.2, 1, 200), 0.035 * np.exp(0.4 * rng.normal(size=200))
    answered = rng.random((16, 200)) < 1 / (1 + np.exp(-ready))
    leaves = rng.random((16, 200)) < hazard * np.where(answered, 1.0, times)
    last = np.where(leaves.any(axis=0), leaves.argmax(axis=0), 99)
    quarter, client = np.nonzero(np.arange(15)[:, None] <= last)
    return silence_and_leaving(last[client] <= quarter + 1, answered[quarter, client], client, stratum=quarter)


def _silence_falsely(seed: int) -> bool:
    return _silence(seed, times=1.0).verdict != "cannot tell"


def _silence_truly(seed: int) -> bool:
    return _silence(seed, times=2.5).verdict == "more"


def _tired(seed: int, *, by: float) -> Fatigue:
    """Three years of a hundred clients; the readier are asked more, and answer less all along as the years go."""
    rng = np.random.default_rng(seed)
    ready = rng.normal(0, 1, 100)
    asked = rng.random((36, 100)) < 0.15 + 0.35 * norm.cdf(ready)
    before = np.cumsum(asked, axis=0) - asked
    year = before - np.vstack([np.zeros((12, 100), dtype=np.int64), before[:-12]])
    chance = 1 / (1 + np.exp(-0.7 - ready + 0.01 * np.arange(36)[:, None])) - by * year
    month, client = np.nonzero(asked)
    answered = rng.random((36, 100)) < chance
    return fatigue(answered[asked], year[asked], client, stratum=month // 3)


def _tired_falsely(seed: int) -> bool:
    return _tired(seed, by=0.0).verdict != "cannot tell"


def _tired_truly(seed: int) -> bool:
    return _tired(seed, by=0.04).verdict == "tires"


def _changed(seed: int, *, by: float) -> BeforeAfter:
    """A year on either side of a change for half of sixty clients; all move up by .4 then, whatever was changed."""
    rng = np.random.default_rng(seed)
    scores, client, month, wave = _book(seed, clients=60, months=24)
    concerned = rng.permutation(60) < 30
    moved = scores + np.round((0.4 + by * concerned[client]) * (month >= 12) + rng.random(client.size) - 0.5)
    return before_after(moved, month, 12, client, window=12, stratum=wave, concerned=concerned[client])


def _changed_falsely(seed: int) -> bool:
    return _changed(seed, by=0.0).verdict != "cannot tell"


def _changed_truly(seed: int) -> bool:
    return _changed(seed, by=0.7).verdict == "higher after"


CLAIMS = (
    Claim(
        "The interval of an answer's noise covers it.",
        "Eighty clients whose opinion drifts, two waves over three years: the interval covers noise and rounding.",
        "coverage",
        0.95,
        _noise_is_covered,
        ("churnlab.surveys.retest",),
    ),
    Claim(
        "The interval of an answer's reliability covers it.",
        "The same books: the interval covers the part of the variance that is opinion, lasting and drifting.",
        "coverage",
        0.95,
        _reliability_is_covered,
        ("churnlab.surveys.retest",),
    ),
    Claim(
        "The interval of Cronbach's alpha covers it.",
        "A hundred clients, three answers each that are alike, four factors of unequal loadings rounded to points.",
        "coverage",
        0.95,
        partial(_consistency_is_covered, figure="alpha"),
        ("churnlab.surveys.reliability",),
    ),
    Claim(
        "The interval of McDonald's omega covers it.",
        "The same answers.",
        "coverage",
        0.95,
        partial(_consistency_is_covered, figure="omega"),
        ("churnlab.surveys.reliability",),
    ),
    Claim(
        "The interval of a mean weighted for silence covers it.",
        "Eighty clients asked four times, response and score both by line and size: it covers the mean of all.",
        "coverage",
        0.95,
        partial(_weighted_is_covered, vote=False),
        ("churnlab.surveys.response",),
    ),
    Claim(
        "The interval of an index weighted for silence covers it.",
        "The same clients and votes of -100, 0 and 100: it covers the net promoter index of all.",
        "coverage",
        0.95,
        partial(_weighted_is_covered, vote=True),
        ("churnlab.surveys.response",),
    ),
    Claim(
        "Those who do not answer are not said to leave more or less where they do not.",
        "Two hundred clients asked each quarter for four years, leaving at rates of their own: either is named.",
        "size",
        0.05,
        _silence_falsely,
        ("churnlab.surveys.silence",),
    ),
    Claim(
        "Those who do not answer are said to leave more where they do.",
        "The same clients, leaving 2.5 times as often in a quarter without an answer: it is named.",
        "power",
        0.9,
        _silence_truly,
        ("churnlab.surveys.silence",),
    ),
    Claim(
        "Clients are not said to tire of being asked, or to warm to it, where they do not.",
        "A hundred clients over three years, the readier asked more, response falling for all alike: either is named.",
        "size",
        0.05,
        _tired_falsely,
        ("churnlab.surveys.silence",),
    ),
    Claim(
        "Clients are said to tire of being asked where they do.",
        "The same clients, answering 4 points of a hundred less for each invitation of the last year: it is named.",
        "power",
        0.8,
        _tired_truly,
        ("churnlab.surveys.silence",),
    ),
    Claim(
        "Answers are not said to be higher or lower after a change where they are not.",
        "Half of sixty clients concerned, all of them .4 points higher after: that the halves differ is named.",
        "size",
        0.05,
        _changed_falsely,
        ("churnlab.surveys.change",),
    ),
    Claim(
        "Answers are said to be higher after a change where they are.",
        "The same clients, those concerned .7 points higher still: it is named.",
        "power",
        0.8,
        _changed_truly,
        ("churnlab.surveys.change",),
    ),
)
