"""What the scenarios assume: each figure with unit, range, evidence grade and source."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one assumption.

    Attributes
    ----------
    unit : str
        Unit of the value.
    low, high : float
        Range that draws cover.
    scale : str
        ``"even"`` or ``"log"``: how draws spread over the range.
    grade : str
        D data, R robust literature, C contested, A assumption.
    source : str
        Where the range comes from.
    """

    unit: str
    low: float
    high: float
    scale: str
    grade: str
    source: str


EVIDENCE: Final = {
    "offers_per_year": Evidence("offers a client and year", 0.06, 1.2, "log", "A", "ask the sales team"),
    "offer_depth": Evidence("share of price, mean", 0.02, 0.10, "even", "A", "ask the sales team"),
    "switching_cost": Evidence("share of price", 0.02, 0.12, "even", "A", "exists (meta-analyses); size assumed"),
    "switching_spread": Evidence("share of price", 0.01, 0.04, "even", "A", "assumed"),
    "causal_share": Evidence("share", 0.3, 1.0, "even", "A", "a score's link with leaving is partly selection"),
    "service_reach": Evidence(
        "share of the points aimed at", 0.3, 1.0, "even", "A", "what money buys in scores; assumed"
    ),
    "price_points": Evidence("price score points per 1 % cut", 0.0, 0.3, "even", "C", "contested in the literature"),
    "margin": Evidence("share of sales", 0.20, 0.36, "even", "D", "the supplier's books; assumed where absent"),
    "discount_rate": Evidence("a year", 0.10, 0.25, "even", "D", "the supplier's cost of capital"),
}
"""Evidence ledger, one entry an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """One set of assumptions; a value outside its range is refused.

    Attributes
    ----------
    offers_per_year, offer_depth, switching_cost, switching_spread : float
        How often competitors offer, how deep, and what holds a client against an offer.
    causal_share, service_reach, price_points : float
        How much of a score's link with leaving a policy can use, and what policies do to scores.
    margin, discount_rate : float
        What sales earn, and what waiting costs. Units, ranges and grades stand in :data:`EVIDENCE`.
    """

    offers_per_year: float = 0.36
    offer_depth: float = 0.05
    switching_cost: float = 0.07
    switching_spread: float = 0.02
    causal_share: float = 0.67
    service_reach: float = 0.65
    price_points: float = 0.1
    margin: float = 0.28
    discount_rate: float = 0.15

    def __post_init__(self) -> None:
        """Refuse values outside their range, all at once."""
        wrong = [
            f"{name} = {getattr(self, name):g}, expected {known.low:g} to {known.high:g} {known.unit}"
            for name, known in EVIDENCE.items()
            if not known.low <= getattr(self, name) <= known.high
        ]
        if wrong:
            raise ValueError("assumptions out of range: " + "; ".join(wrong))


@dataclass(frozen=True, slots=True)
class AssumptionDraws:
    """Assumptions as one value a row of the simulation.

    Attributes
    ----------
    values : dict of str to ndarray of float, shape (rows,)
        By the names of :class:`Assumptions`.
    """

    values: dict[str, Floats]

    def __getitem__(self, name: str) -> Floats:
        """One assumption's values, shape (rows,)."""
        return self.values[name]


def draw_assumptions(
    rows: int, *, rng: np.random.Generator | int, fixed: dict[str, float] | None = None
) -> AssumptionDraws:
    """Draw sets of assumptions over their ranges.

    Parameters
    ----------
    rows : int
        Sets to draw.
    rng : Generator or int
        Source of randomness; every assumption uses its own part of the stream, whatever is fixed.
    fixed : dict of str to float, optional
        Assumptions held at a value, for a map over them.

    Returns
    -------
    AssumptionDraws

    Raises
    ------
    ValueError
        If a fixed name is not an assumption or its value is out of range.
    """
    held = fixed or {}
    unknown = sorted(set(held) - {field.name for field in fields(Assumptions)})
    if unknown:
        raise ValueError(f"not assumptions: {', '.join(unknown)}; expected some of {', '.join(EVIDENCE)}")
    Assumptions(**held)
    generator = np.random.default_rng(rng)
    values = {}
    for name, known in EVIDENCE.items():
        uniform = generator.random(rows)
        values[name] = np.full(rows, held[name]) if name in held else _spread(uniform, known)
    return AssumptionDraws(values)


def _spread(uniform: Floats, known: Evidence) -> Floats:
    if known.scale == "log":
        return np.exp(np.log(known.low) + uniform * np.log(known.high / known.low))
    return known.low + uniform * (known.high - known.low)
