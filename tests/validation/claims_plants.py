"""Claims about the surveys of whole plants: shares of importance and their order, held against a very large plant."""

from functools import cache

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.surveys import Drivers, against, drivers, order
from churnlab.tables.plant import make_plant

FACTORS = ("quality", "timing", "attention", "price")
SERVICE = FACTORS[:3]
VERY_LARGE = 20_000
_MODULES = ("churnlab.surveys.verdicts", "churnlab.tables.plant")


def answers(surveys: pd.DataFrame) -> pd.DataFrame:
    """Answers that rate the recommendation and all four factors."""
    given = surveys.dropna(subset=["recommend", *FACTORS])
    return given.assign(client_id=given["client_id"].astype("str"))


def _drivers(surveys: pd.DataFrame, *, seed: int, draws: int) -> Drivers:
    given = answers(surveys)
    return drivers(given[list(FACTORS)], given["recommend"], given["client_id"], names=FACTORS, draws=draws, rng=seed)


@cache
def _truth() -> np.ndarray:
    """Shares in a plant so large that chance is next to nothing."""
    large = make_plant(clients=VERY_LARGE, seed=1_000_001).tables["surveys"]
    return _drivers(large, seed=0, draws=100).share


@cache
def surveyed(seed: int) -> Drivers:
    """Shares as an analyst of one plant finds them."""
    return _drivers(make_plant(seed=seed).tables["surveys"], seed=seed, draws=800)


def _share_is_covered(seed: int) -> bool:
    found, at = surveyed(seed), seed % len(FACTORS)
    return bool(found.low[at] <= _truth()[at] <= found.high[at])


def _order_is_wrong(seed: int) -> bool:
    """Tell whether any pair is put in an order that it does not have."""
    truth = _truth()
    return bool((order(surveyed(seed)).above & ~(truth[:, None] > truth)).any())


def _told(seed: int) -> dict[str, float]:
    found = surveyed(seed)
    placed = order(found)
    return {
        "width of a share's interval": float(np.mean(found.high - found.low)),
        "pairs told apart, of six": float(placed.above.sum()),
        "service said above price": float(against(found, SERVICE, "price").verdict == "yes"),
        "price said above service": float(against(found, SERVICE, "price").verdict == "no"),
    }


CLAIMS = (
    Claim(
        "On plants the interval of a factor's share covers it.",
        "Plants of 200 clients, four factors in turn, surveys as analysts get them: the interval covers the share that "
        "the same function finds in a plant of 20,000.",
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
        _order_is_wrong,
        _MODULES,
    ),
)

MEASUREMENTS = (
    Measurement(
        "What the surveys of a plant tell of drivers.",
        "Plants of 200 clients in whose satisfaction quality weighs .40, timing .35, attention .25 and price nothing.",
        _told,
        _MODULES,
    ),
)
