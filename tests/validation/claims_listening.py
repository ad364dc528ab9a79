"""Claims about intervals of survey figures, verdicts on who asked, and books told apart."""

from functools import cache, partial
from unittest.mock import patch

import numpy as np
import pandas as pd
from validation_frame import Claim

from churnlab.answers.asking import how_was_it_asked
from churnlab.answers.books import books_by
from churnlab.surveys import Comparison, compare, nps, promoter_classes, rank_correlation
from churnlab.tables import Tables
from churnlab.tables.plant import make_plant, surveys

_LARGE = 3000
_BOOKS = (120, 60, 40, 25, 15, 10, 30, 50)
_PLACE = {"wave": "annual", "mode": "phone", "period": 2025}


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


@cache
def _manager_adds() -> float:
    """Points that the own manager adds to answers as given: rounded, and ended at 10.

    From one large plant drawn with the bonus, without it, and with one that sends every such answer to 0, which tells
    them.
    """
    drawn = []
    for bonus in (surveys.MANAGER_BONUS, 0.0, -100.0):
        with patch.object(surveys, "MANAGER_BONUS", bonus):
            drawn.append(make_plant(clients=_LARGE, seed=0).tables["surveys"]["recommend"].to_numpy(dtype=np.float64))
    given, without, told = drawn
    return float((given - without)[told < without].mean())


def _manager_bias_is_covered(seed: int) -> bool:
    """Make a plant of some 200 clients and compare answers of the same client in the same wave and mode."""
    plant = make_plant(seed=seed)
    texts = ["client_id", "wave", "mode", "asked_by", "manager_id"]
    orders, clients, asked = (
        frame.astype({name: "str" for name in texts if name in frame})
        for frame in (plant.tables[name] for name in ("orders", "clients", "surveys"))
    )
    nothing = pd.DataFrame()
    tables = Tables(orders, clients, asked, (), nothing, nothing, (), show_names=False, fingerprint="")
    found = how_was_it_asked(asked, tables).own_within
    return bool(found.low <= _manager_adds() <= found.high)


def _books_are_told_apart(seed: int, *, by: float) -> bool:
    """Eight books of ten to 120 clients, a share of the first one's detractors turned into promoters."""
    rng = np.random.default_rng(seed)
    name = np.repeat([f"M{number}" for number in range(len(_BOOKS))], _BOOKS)
    score = rng.choice([3.0, 7.0, 9.0], size=name.size, p=[0.25, 0.35, 0.4])
    score[(name == "M0") & (score == 3) & (rng.random(name.size) < by)] = 9
    cast = pd.DataFrame(_PLACE, index=range(name.size)).assign(recommend=score)
    found = books_by(cast, pd.Series(name), pd.DataFrame(_PLACE, index=[0]), words=("manager", "managers"))
    return bool(found.told)


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
    Claim(
        "The manager-asked bias comes back on plants.",
        "Plants of some 200 clients under the law of service: the interval within clients covers what the own manager "
        "adds to answers as given, rounded and ended at 10 (0.6 points before): the mean, over the answers it asked "
        "for, between one plant of 3,000 clients drawn with and without the bonus.",
        "coverage",
        0.95,
        _manager_bias_is_covered,
        ("churnlab.answers.asking", "churnlab.tables.plant"),
    ),
    Claim(
        "Books that are alike are not told apart.",
        "Eight managers with ten to 120 votes each, of one law: the highest and the lowest index are told apart.",
        "size",
        0.05,
        partial(_books_are_told_apart, by=0.0),
        ("churnlab.answers.books",),
    ),
    Claim(
        "The best book is told apart where it stands fifty points above the others.",
        "The same books; all detractors of the one with 120 votes are promoters: the ends are told apart.",
        "power",
        0.6,
        partial(_books_are_told_apart, by=1.0),
        ("churnlab.answers.books",),
    ),
)
