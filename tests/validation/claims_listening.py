"""Claims about intervals of survey figures and verdicts on who asked."""

import numpy as np
from validation_frame import Claim

from churnlab.surveys import Comparison, compare, nps, promoter_classes, rank_correlation


def _index_is_covered(seed: int) -> bool:
    shares = np.array([[0.2, 0.3, 0.5], [0.1, 0.4, 0.5], [0.35, 0.35, 0.3], [0.05, 0.25, 0.7]])[seed % 4]
    scores = np.random.default_rng(seed).choice([3.0, 7.0, 9.0], size=60, p=shares)
    index = nps(*promoter_classes(scores))
    return bool(index.low <= 100 * (shares[2] - shares[0]) <= index.high)


def _kinder(seed: int, *, by: float) -> Comparison:
    """Compare answers of sixty clients with a level of their own, two in five of them asked by the own manager."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(60), rng.integers(2, 9, 60))
    own = rng.random(client.size) < 0.4
    level = rng.normal(7.5, 1, 60)[client]
    scores = np.clip(np.round(level + by * own + rng.normal(0, 1, client.size)), 0, 10)
    return compare(scores, own, client)


def _kinder_falsely(seed: int) -> bool:
    found = _kinder(seed, by=0.0)
    return bool(found.low > 0 or found.high < 0)


def _kinder_truly(seed: int) -> bool:
    return bool(_kinder(seed, by=0.6).low > 0)


def _rank_correlation_is_covered(seed: int) -> bool:
    """Draw a hundred pairs of a normal law with Pearson's .6, whose rank correlation is 6 / pi * asin(.3)."""
    x, noise = np.random.default_rng(seed).normal(size=(2, 100))
    found = rank_correlation(x, 0.6 * x + 0.8 * noise)
    return bool(found.low <= 6 / np.pi * np.arcsin(0.3) <= found.high)


CLAIMS = (
    Claim(
        "The interval of the net promoter index covers it.",
        "Sixty independent answers, four laws of answers in turn: the adjusted Wald interval covers the true index.",
        "coverage",
        0.95,
        _index_is_covered,
        ("churnlab.surveys.nps",),
    ),
    Claim(
        "Own managers are not called kinder where none is.",
        "Sixty clients with levels of their own, two to eight answers each: a difference is named either way.",
        "size",
        0.05,
        _kinder_falsely,
        ("churnlab.surveys.comparison",),
    ),
    Claim(
        "Own managers are called kinder where they are.",
        "The same clients, answers to the own manager 0.6 points higher: the difference is named.",
        "power",
        0.9,
        _kinder_truly,
        ("churnlab.surveys.comparison",),
    ),
    Claim(
        "The interval of a rank correlation covers it.",
        "A hundred normal pairs with a rank correlation of .58: the interval of Bonett and Wright covers it.",
        "coverage",
        0.95,
        _rank_correlation_is_covered,
        ("churnlab.surveys.correlation",),
    ),
)
