"""Claims about the surveys of whole plants, asked as a study asks them and held against a very large plant."""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from validation_frame import Claim, Measurement

from churnlab.answers.rated import Rated, rated
from churnlab.answers.weighing import weigh
from churnlab.surveys import drivers
from churnlab.tables.plant import make_plant

FACTORS = ("quality", "timing", "attention", "price")
PRICE = FACTORS.index("price")
CLIENTS = 200
VERY_LARGE = 20_000
_MODULES = ("churnlab.answers.weighing", "churnlab.tables.plant")


@dataclass(frozen=True, slots=True)
class Told:
    """What a study tells of one plant: shares in the order of FACTORS, who stands above whom, and the verdict.

    Nothing stands above anything, and there is no verdict, where no factor can be shown to go with recommendation.
    """

    shown: bool
    low: np.ndarray
    high: np.ndarray
    above: np.ndarray
    verdict: str


def answers(seed: int, *, clients: int) -> Rated:
    """Answers of a plant as a study chooses them: to all factors, freed of waves and modes."""
    surveys = make_plant(clients=clients, seed=seed).tables["surveys"]
    texts = surveys.select_dtypes("category").columns
    found = rated(surveys.astype(dict.fromkeys(texts, "str")))
    assert found.factors == FACTORS, "every plant rates all four factors"
    return found


@cache
def truth() -> np.ndarray:
    """Shares in a plant so large that chance is next to nothing."""
    given = answers(1_000_001, clients=VERY_LARGE)
    scores, recommend = given.freed[list(FACTORS)], given.freed["recommend"]
    return drivers(scores, recommend, given.client, names=FACTORS, draws=100, rng=0).share


@cache
def told(seed: int, *, clients: int = CLIENTS) -> Told:
    """What a study tells of which factor moves recommendation; NaN where it gives no shares."""
    given = answers(seed, clients=clients)
    found = weigh(given, given.freed["recommend"].to_numpy(), words="recommendation", seed=seed)
    none = np.zeros((len(FACTORS), len(FACTORS)), dtype=bool)
    shares = found.shares.set_index("factor").reindex(FACTORS)
    above = found.placed.above if found.placed is not None and found.shown else none
    return Told(found.shown, shares["low"].to_numpy(), shares["high"].to_numpy(), above, found.verdict)


def _covered(found: Told) -> np.ndarray:
    return (found.low <= truth()) & (truth() <= found.high)


def _share_is_covered(seed: int) -> bool:
    return bool(_covered(told(seed))[seed % len(FACTORS)])


def _order_is_wrong(seed: int, *, clients: int) -> bool:
    """Tell whether any pair is put in an order that it does not have."""
    return bool((told(seed, clients=clients).above & ~(truth()[:, None] > truth())).any())


def _price_is_said_to_weigh_more(seed: int) -> bool:
    return told(seed, clients=60).verdict == "no"


def _measured(seed: int, *, clients: int) -> dict[str, float]:
    """Coverage of each factor, and what is told of a true order: power."""
    found = told(seed, clients=clients)
    covered = zip(FACTORS, _covered(found), strict=True)
    return {
        **{f"share of {name} covered": float(held) for name, held in covered},
        "width of a share's interval": float(np.mean(found.high - found.low)),
        "any factor shown": float(found.shown),
        "pairs told apart, of six": float(found.above.sum()),
        "pairs told the wrong way": float((found.above & ~(truth()[:, None] > truth())).sum()),
        **{f"{name} said above price": float(found.above[at, PRICE]) for at, name in enumerate(FACTORS[:PRICE])},
        "service said above price": float(found.verdict == "yes"),
        "price said above service": float(found.verdict == "no"),
    }


CLAIMS = (
    Claim(
        "On plants the interval of a factor's share covers it.",
        "Plants of 200 clients, four factors in turn, surveys as analysts get them, weighed as a study weighs them: "
        "the interval covers the share that the same steps find in a plant of 20,000.",
        "coverage",
        0.95,
        _share_is_covered,
        _MODULES,
    ),
    Claim(
        "On plants no order of factors is asserted the wrong way round.",
        "The same plants: any pair is put in an order that the plant of 20,000 does not have.",
        "size",
        0.05,
        partial(_order_is_wrong, clients=CLIENTS),
        _MODULES,
    ),
    Claim(
        "On small plants no order of factors is asserted the wrong way round.",
        "The same with plants of 60 clients.",
        "size",
        0.05,
        partial(_order_is_wrong, clients=60),
        _MODULES,
    ),
    Claim(
        "On small plants price is not said to weigh more than service.",
        "The same plants of 60 clients, in whose satisfaction price has no weight: the verdict is no.",
        "size",
        0.05,
        _price_is_said_to_weigh_more,
        _MODULES,
    ),
)

MEASUREMENTS = tuple(
    Measurement(
        f"What the surveys of a plant of {clients} clients tell of drivers.",
        "Plants in whose satisfaction quality weighs .40, timing .35, attention .25 and price nothing: how often the "
        "interval of each factor's share covers it, and how often the study's answer says what is true.",
        partial(_measured, clients=clients),
        _MODULES,
    )
    for clients in (60, CLIENTS, 600)
)
