"""Claims about shares of importance, their order, and price against service."""

from functools import cache, partial

import numpy as np
from scipy.special import ndtri
from validation_frame import Claim, Measurement

from churnlab.surveys import Drivers, against, drivers, lmg, order, performance_map

NAMES = ("quality", "timing", "attention", "price")
SERVICE = NAMES[:3]
WEIGHTS = (0.40, 0.35, 0.25, 0.10)
EQUAL = (0.3, 0.3, 0.3, 0.3)
LEVELS = np.array([8.3, 7.6, 8.6, 6.6, 7.8])
SPREADS = np.array([1.8, 1.8, 1.8, 1.8, 2.0])
KINDNESS = 0.45
EXPLAINED = 0.5
LASTING = 0.7
_MODULES = ("churnlab.surveys.drivers",)
_VERDICTS = ("churnlab.surveys.verdicts",)


def _correlation(weights: tuple[float, ...]) -> np.ndarray:
    """Correlations behind the answers: factors by a common kindness, and the recommendation that they make."""
    among = np.full((4, 4), KINDNESS) + (1 - KINDNESS) * np.eye(4)
    with_target = among @ weights / np.sqrt(weights @ among @ weights / EXPLAINED)
    return np.block([[among, with_target[:, None]], [with_target, np.ones(1)]])


def _answers(rng: np.random.Generator, clients: int, weights: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Factors and recommendation behind the answers, one to four a client, part lasting and part of the day."""
    client = np.repeat(np.arange(clients), rng.integers(1, 5, clients))
    root = np.linalg.cholesky(_correlation(weights))
    lasting, day = rng.normal(size=(clients, 5)) @ root.T, rng.normal(size=(client.size, 5)) @ root.T
    return np.sqrt(LASTING) * lasting[client] + np.sqrt(1 - LASTING) * day, client


def _rounded(behind: np.ndarray, levels: np.ndarray = LEVELS) -> np.ndarray:
    """Answers from 0 to 10: quality and attention near the ceiling."""
    return np.clip(np.round(levels + SPREADS * behind), 0, 10)


def _surveyed(seed: int, *, clients: int, weights: tuple[float, ...] = WEIGHTS, scale: str = "ordinal") -> Drivers:
    """Shares of a book of clients who answered one to four surveys each."""
    rng = np.random.default_rng(seed)
    behind, client = _answers(rng, clients, weights)
    given = _rounded(behind)
    return drivers(given[:, :4], given[:, 4], client, names=NAMES, scale=scale, draws=800, rng=rng)


def _left(seed: int, *, clients: int) -> Drivers:
    """Shares where the target is having left: those whose satisfaction behind the answers is among the lowest fifth."""
    rng = np.random.default_rng(seed)
    behind, client = _answers(rng, clients, WEIGHTS)
    gone = behind[:, 4] < -0.84
    return drivers(_rounded(behind)[:, :4], gone, client, names=NAMES, draws=800, rng=rng)


@cache
def _truth(weights: tuple[float, ...], scale: str) -> np.ndarray:
    """True shares: of what lies behind the answers, or of the answers of a very large book."""
    together = _correlation(weights)
    if scale == "interval":
        together = np.corrcoef(_rounded(_answers(np.random.default_rng(0), 200_000, weights)[0]).T)
    parts = lmg(together)
    return parts / parts.sum()


def _share_is_covered(seed: int, *, clients: int, scale: str) -> bool:
    at = seed % 4
    found = _surveyed(seed, clients=clients, scale=scale)
    return bool(found.low[at] <= _truth(WEIGHTS, scale)[at] <= found.high[at])


def _share_of_leaving_is_covered(seed: int) -> bool:
    at = seed % 4
    found = _left(seed, clients=200)
    return bool(found.low[at] <= _truth(WEIGHTS, "ordinal")[at] <= found.high[at])


def _explained_is_covered(seed: int) -> bool:
    found = _surveyed(seed, clients=100)
    return bool(found.r2_low <= EXPLAINED <= found.r2_high)


def _difference_is_covered(seed: int) -> bool:
    found = against(_surveyed(seed, clients=200), SERVICE, "price")
    truth = _truth(WEIGHTS, "ordinal")
    return bool(found.low <= truth[:3].mean() - truth[3] <= found.high)


def _order_is_wrong(seed: int, *, clients: int, weights: tuple[float, ...]) -> bool:
    """Tell whether any pair is put in an order that it does not have."""
    above = order(_surveyed(seed, clients=clients, weights=weights)).above
    truth = np.array(weights)  # shares rise with weights where all correlations are the same
    return bool((above & ~(truth[:, None] > truth)).any())


def _told_falsely(seed: int) -> bool:
    return against(_surveyed(seed, clients=100, weights=EQUAL), SERVICE, "price").verdict != "cannot tell"


def _service_is_told(seed: int, *, clients: int) -> bool:
    return against(_surveyed(seed, clients=clients), SERVICE, "price").verdict == "yes"


def _price_is_told(seed: int) -> bool:
    """Tell whether the opposite is found where price weighs most."""
    found = _surveyed(seed, clients=600, weights=(0.2, 0.2, 0.2, 0.5))
    return against(found, SERVICE, "price").verdict == "no"


def _quality_above_price(seed: int) -> bool:
    return bool(order(_surveyed(seed, clients=600)).above[0, 3])


def _parted_falsely(seed: int) -> bool:
    """Tell whether factors of equal weight and level are told apart on the map."""
    rng = np.random.default_rng(seed)
    behind, client = _answers(rng, 100, EQUAL)
    given = _rounded(behind, np.full(5, 7.5))
    found = drivers(given[:, :4], given[:, 4], client, names=NAMES, draws=800, rng=rng)
    return bool(performance_map(found).apart.any())


def _ellipse_covers(seed: int) -> bool:
    found, at = performance_map(_surveyed(seed, clients=100)), seed % 4
    away = np.array([_truth(WEIGHTS, "ordinal")[at] - found.importance[at], _mean(at) - found.performance[at]])
    return bool(away @ np.linalg.solve(found.covariance[at], away) <= found.radius[at] ** 2)


@cache
def _mean(at: int) -> float:
    """True mean of the rounded answers to a factor."""
    middle = (np.arange(20_000) + 0.5) / 20_000
    return float(np.clip(np.round(LEVELS[at] + SPREADS[at] * ndtri(middle)), 0, 10).mean())


def _told(seed: int, *, clients: int) -> dict[str, float]:
    """What is told of the true order: each of its steps, the pairs, price against service, and against quality."""
    found = _surveyed(seed, clients=clients)
    placed = order(found)
    return {
        "width of a share's interval": float(np.mean(found.high - found.low)),
        "shares ranked fully right": float((np.diff(found.share) < 0).all()),
        "pairs told apart, of six": float(placed.above.sum()),
        "quality said above price": float(placed.above[0, 3]),
        "service said above price": float(against(found, SERVICE, "price").verdict == "yes"),
    }


CLAIMS = (
    Claim(
        "The interval of a factor's share covers it.",
        "Sixty clients with one to four answers from 0 to 10 with a ceiling, four factors in turn, on the ordinal "
        "scale: the interval covers the share of what lies behind the answers.",
        "coverage",
        0.95,
        partial(_share_is_covered, clients=60, scale="ordinal"),
        _MODULES,
    ),
    Claim(
        "The interval of a factor's share covers it with more clients.",
        "The same, two hundred clients.",
        "coverage",
        0.95,
        partial(_share_is_covered, clients=200, scale="ordinal"),
        _MODULES,
    ),
    Claim(
        "The interval of a factor's share covers it on the interval scale.",
        "Sixty clients, the same answers taken as figures: the interval covers the share in a very large book.",
        "coverage",
        0.95,
        partial(_share_is_covered, clients=60, scale="interval"),
        _MODULES,
    ),
    Claim(
        "The interval of a factor's share in leaving covers it.",
        "Two hundred clients, a fifth of the answers followed by leaving: the interval covers the share of the "
        "propensity behind it.",
        "coverage",
        0.95,
        _share_of_leaving_is_covered,
        _MODULES,
    ),
    Claim(
        "The interval of what the factors explain covers it.",
        "A hundred clients: the interval of R squared covers the half that is explained behind the answers.",
        "coverage",
        0.95,
        _explained_is_covered,
        _MODULES,
    ),
    Claim(
        "The interval of service less price covers it.",
        "Two hundred clients: mean share of quality, timing and attention less the share of price.",
        "coverage",
        0.95,
        _difference_is_covered,
        _VERDICTS,
    ),
    Claim(
        "An ellipse covers importance and performance.",
        "A hundred clients, four factors in turn: the ellipse covers true share and true mean answer at once.",
        "coverage",
        0.95,
        _ellipse_covers,
        ("churnlab.surveys.performance",),
    ),
    Claim(
        "Factors are not told apart on the map where they are the same.",
        "A hundred clients, four factors of equal weight and mean: any pair is told apart.",
        "size",
        0.05,
        _parted_falsely,
        ("churnlab.surveys.performance",),
    ),
    Claim(
        "No order of factors is asserted where there is none.",
        "Sixty clients, four factors of equal weight: any pair is put in order.",
        "size",
        0.05,
        partial(_order_is_wrong, clients=60, weights=EQUAL),
        _VERDICTS,
    ),
    Claim(
        "No order of factors is asserted where there is none, with more clients.",
        "Two hundred clients, four factors of equal weight: any pair is put in order.",
        "size",
        0.05,
        partial(_order_is_wrong, clients=200, weights=EQUAL),
        _VERDICTS,
    ),
    Claim(
        "No order of factors is asserted the wrong way round.",
        "Two hundred clients, weights .40, .35, .25 and .10: any pair is put in the opposite order.",
        "size",
        0.05,
        partial(_order_is_wrong, clients=200, weights=WEIGHTS),
        _VERDICTS,
    ),
    Claim(
        "An order of factors is asserted where there is one.",
        "Six hundred clients, weights .40, .35, .25 and .10: quality is said to weigh more than price.",
        "power",
        0.9,
        _quality_above_price,
        _VERDICTS,
    ),
    Claim(
        "Neither service nor price is said to weigh more where they weigh the same.",
        "A hundred clients, four factors of equal weight: service is told from price, either way.",
        "size",
        0.05,
        _told_falsely,
        _VERDICTS,
    ),
    Claim(
        "Service is said to weigh more than price where it does.",
        "Two hundred clients, weights .40, .35 and .25 against .10: the verdict is yes.",
        "power",
        0.6,
        partial(_service_is_told, clients=200),
        _VERDICTS,
    ),
    Claim(
        "Price is said to weigh more than service where it does.",
        "Six hundred clients, weights .20 each against .50: the verdict is no.",
        "power",
        0.9,
        _price_is_told,
        _VERDICTS,
    ),
)

MEASUREMENTS = tuple(
    Measurement(
        f"What {clients} clients tell of drivers.",
        "Weights .40 (quality), .35 (timing), .25 (attention) and .10 (price), one to four answers a client.",
        partial(_told, clients=clients),
        _VERDICTS,
    )
    for clients in (60, 200, 600)
)
