"""Claims about the verdict of price or service: on plants of three laws, against the plant run on under each policy."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.answers.scenario_compared import compare_policies
from churnlab.history import propose_rule
from churnlab.scenarios import DO_NOTHING, PRICE_ONLY, SERVICE, InfeasibleError, paired_difference
from churnlab.tables import Tables, plant

LAWS = ("service", "price", "neither")
MONTHS = 60
ROWS = 128
"""Draws a plant, in place of the page's 512: intervals hold what is not known, and do not shrink with more draws."""

EDGES = (0.0, 0.05, 0.10, 0.15, 0.20, 1.0)
"""Sizes of true differences, share of the profit under doing nothing."""

LARGE = 0.20
"""From this on a true difference is to be told."""

FREE = replace(SERVICE, name="free service", service_cost=0.0)
DEEP = replace(PRICE_ONLY, name="deep cut", price_cut=0.08)
"""Beside the page's policies, so that true differences are large and small, and of both signs."""

_TRUE = {
    DO_NOTHING.name: plant.AS_IS,
    PRICE_ONLY.name: plant.PRICE_ONLY,
    SERVICE.name: plant.SERVICE,
    FREE.name: replace(plant.SERVICE, name="free", service_cost=0.0),
    DEEP.name: replace(plant.PRICE_ONLY, name="deep", price_cut=0.08),
}
_PAIRS = (
    *((name, DO_NOTHING.name) for name in (PRICE_ONLY.name, SERVICE.name, FREE.name, DEEP.name)),
    (SERVICE.name, PRICE_ONLY.name),
    (FREE.name, PRICE_ONLY.name),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One comparison of two policies.

    Attributes
    ----------
    policy, against : str
        What was compared.
    verdict : str
        The better one by the page, or "cannot tell".
    true : float
        True difference, policy less the other, share of the profit under doing nothing.
    """

    policy: str
    against: str
    verdict: str
    true: float

    @property
    def wrong(self) -> bool:
        """Whether the worse one is named."""
        return self.verdict == (self.against if self.true > 0 else self.policy)

    @property
    def right(self) -> bool:
        """Whether the better one is named."""
        return self.verdict == (self.policy if self.true > 0 else self.against)


def _tables(made: plant.Plant) -> Tables:
    """Tables as loaded, as far as the verdict reads them; merged numbers stay two clients."""
    nothing = pd.DataFrame()
    frames = {}
    for name in ("orders", "clients", "surveys", "touches", "failures"):
        table = made.tables[name]
        frames[name] = table.astype(dict.fromkeys(table.select_dtypes("category").columns, "str"))
    return Tables(
        **frames,
        findings=(),
        finding_counts=nothing,
        reconciliation=nothing,
        notices=(),
        show_names=False,
        fingerprint="",
    )


@lru_cache(maxsize=64)  # the claims of a law make the same plants
def judged(seed: int, law: str) -> tuple[Judged, ...]:
    """Compare the policies on a plant as its page does, and run the plant on under each; nothing where it says nothing.

    Truth is by the same plant run on for five years under each policy on the same chances: expected profit of the
    clients who are there at the end of the records.
    """
    tables = _tables(plant.make_plant(law=law, seed=seed))
    as_of = tables.orders["order_date"].max() + pd.Timedelta(days=1)
    try:
        found = compare_policies(
            tables, as_of=as_of, rule=propose_rule(tables.orders), seed=seed, rows=ROWS, more=(FREE, DEEP)
        )
    except InfeasibleError:
        return ()
    if found is None:
        return ()
    known = {policy.name for policy in found.policies}
    worth = _profits(law, seed)
    gaps = [paired_difference(found.simulation, *pair) for pair in _PAIRS if set(pair) <= known]
    return tuple(
        Judged(gap.policy, gap.against, gap.verdict, (worth[gap.policy] - worth[gap.against]) / worth[DO_NOTHING.name])
        for gap in gaps
    )


def _profits(law: str, seed: int) -> dict[str, float]:
    """Expected profit of today's clients under each policy, each run against doing nothing."""
    told: dict[str, float] = {}
    for name, policy in _TRUE.items():
        if name != DO_NOTHING.name:
            run = plant.true_difference(plant.AS_IS, policy, law=law, seed=seed, months=MONTHS)
            told |= {DO_NOTHING.name: float(run["value_first"].sum()), name: float(run["value_second"].sum())}
    return told


def _wrong_winner(seed: int, *, law: str) -> bool:
    return any(one.wrong for one in judged(seed, law))


def _right(seed: int, *, law: str) -> dict[str, float]:
    """Shares of right, wrong and open verdicts by size of the true difference; NaN where this plant has none."""
    found = judged(seed, law)
    told = {"compared": float(len(found))}
    for low, high in pairwise(EDGES):
        some = [one for one in found if low <= abs(one.true) < high]
        name = f"{100 * low:.0f} to {100 * high:.0f} %" if high < 1 else f"{100 * low:.0f} % and more"
        told[f"right at {name}"] = np.mean([one.right for one in some]) if some else np.nan
        told[f"wrong at {name}"] = np.mean([one.wrong for one in some]) if some else np.nan
    return told


def _large_is_told(seed: int) -> bool:
    """Of a plant of one of the laws, one of the comparisons that truly lie far apart, whichever the seed names."""
    large = [one for one in judged(seed, LAWS[seed % len(LAWS)]) if abs(one.true) >= LARGE]
    return bool(large) and large[seed // len(LAWS) % len(large)].right


_MODULES = ("churnlab.answers.scenario_compared", "churnlab.history", "churnlab.tables.plant")
_PLANT = "Plants of 200 clients, policies as on the page, service free of cost, and a cut of 8 %"

CLAIMS = (
    *(
        Claim(
            f"No worse policy is named the better one, law {law}.",
            f"{_PLANT}: in any of six comparisons the one is named that is truly worth less, by the plant run on for "
            "five years under each.",
            "size",
            0.05,
            partial(_wrong_winner, law=law),
            _MODULES,
            runs=200,
        )
        for law in LAWS
    ),
    Claim(
        "The better policy is named where it is truly better by a fifth of profit.",
        f"{_PLANT}, the laws service, price and neither in turn: one of the comparisons whose true difference is 20 % "
        "of profit or more, drawn by the seed.",
        "power",
        0.8,
        _large_is_told,
        _MODULES,
        runs=200,
    ),
)

MEASUREMENTS = tuple(
    Measurement(
        f"Verdicts by size of the true difference, law {law}.",
        f"{_PLANT}: shares of comparisons in which the better, and the worse, one is named, by the true difference as "
        "a share of profit; plants that have none of a size are left out there.",
        partial(_right, law=law),
        _MODULES,
        runs=200,
    )
    for law in LAWS
)
