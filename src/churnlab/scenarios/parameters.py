"""What the scenarios assume: each figure with symbol, unit, range, evidence grade and source.

The table itself is ``parameters.toml``, beside this module.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]

GROUPS: Final = ("fitted", "service", "price", "recovery", "growth", "cascade", "money")
"""Groups of the sensitivity analysis; how surveys see satisfaction is beside them, since it moves no money."""

_WEIGHTS: Final = ("weight_quality", "weight_timing", "weight_attention")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one assumption.

    Attributes
    ----------
    symbol : str
        In the equations of ``docs/odd.md``.
    unit : str
        Unit of the value.
    default : float
        Its usual value.
    low, high : float
        Range that draws cover.
    law : str
        ``"even"``, ``"log"``, ``"normal"``, ``"beta a b"`` or ``"gamma a"``: how draws spread over the range.
    grade : str
        D data, R robust literature, C contested, A assumption.
    group : str
        One of :data:`GROUPS`, or ``"survey"``.
    source : str
        Where the range comes from.
    """

    symbol: str
    unit: str
    default: float
    low: float
    high: float
    law: str
    grade: str
    group: str
    source: str

    def at(self, uniform: Floats) -> Floats:
        """Values at quantiles of the law, any shape."""
        name, *shape = self.law.split()
        if name == "log":
            return np.exp(np.log(self.low) + uniform * np.log(self.high / self.low))
        if name == "normal":
            spread = (self.high - self.low) / 4
            ends = (self.low - self.default) / spread, (self.high - self.default) / spread
            return stats.truncnorm.ppf(uniform, *ends, loc=self.default, scale=spread)
        if name in {"beta", "gamma"}:
            return getattr(stats, name).ppf(uniform, *map(float, shape))
        return self.low + uniform * (self.high - self.low)


EVIDENCE: Final[Mapping[str, Evidence]] = MappingProxyType(
    {
        name: Evidence(**row)
        for name, row in tomllib.loads(Path(__file__).with_name("parameters.toml").read_text(encoding="utf-8")).items()
    }
)
"""Evidence ledger, one entry an assumption."""

DEFAULTS: Final[Mapping[str, float]] = MappingProxyType({name: known.default for name, known in EVIDENCE.items()})
"""Usual values by name."""


@dataclass(frozen=True, slots=True)
class AssumptionDraws:
    """Assumptions as one value a row of the simulation.

    Attributes
    ----------
    values : dict of str to ndarray of float, shape (rows,)
        By the names of :data:`EVIDENCE`, all of them.
    """

    values: dict[str, Floats]

    def __getitem__(self, name: str) -> Floats:
        """One assumption's values, shape (rows,)."""
        return self.values[name]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.values["margin"])

    def take(self, rows: npt.NDArray[np.intp] | slice) -> "AssumptionDraws":
        """Some of the rows."""
        return AssumptionDraws({name: values[rows] for name, values in self.values.items()})


def check_assumptions(values: Mapping[str, float]) -> None:
    """Refuse names that are no assumptions and values outside their range, all at once.

    Parameters
    ----------
    values : mapping of str to float
        By the names of :data:`EVIDENCE`.

    Raises
    ------
    ValueError
        With every name and value that is wrong, and the nearest names.
    """
    wrong = [f"{name} is no assumption{_nearest(name)}" for name in values if name not in EVIDENCE]
    for name, value in values.items():
        known = EVIDENCE.get(name)
        if known and not known.low <= value <= known.high:
            wrong.append(f"{name} = {value:g}, expected {known.low:g} to {known.high:g} {known.unit}")
    if wrong:
        raise ValueError("assumptions: " + "; ".join(wrong))


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, EVIDENCE, n=3)
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def held_at(rows: int, values: Mapping[str, float] | None = None) -> AssumptionDraws:
    """Defaults in every row, others at given values, which may lie outside of their range.

    Parameters
    ----------
    rows : int
        How many.
    values : mapping of str to float, optional
        What is not at its default.

    Returns
    -------
    AssumptionDraws

    Raises
    ------
    ValueError
        If a name is no assumption.
    """
    given = dict(values or {})
    check_assumptions({name: DEFAULTS.get(name, value) for name, value in given.items()})
    return AssumptionDraws({name: np.full(rows, float(value)) for name, value in ({**DEFAULTS, **given}).items()})


def draw_assumptions(
    rows: int, *, rng: np.random.Generator | int, fixed: Mapping[str, float] | None = None
) -> AssumptionDraws:
    """Draw sets of assumptions over their ranges.

    Parameters
    ----------
    rows : int
        Sets to draw.
    rng : Generator or int
        Source of randomness; every assumption uses its own part of the stream, whatever is fixed.
    fixed : mapping of str to float, optional
        Assumptions held at a value, for a map over them.

    Returns
    -------
    AssumptionDraws

    Raises
    ------
    ValueError
        If a fixed name is not an assumption or its value is out of range.
    """
    generator = np.random.default_rng(rng)
    return spread({name: generator.random(rows) for name in EVIDENCE}, fixed=fixed)


def spread(uniform: Mapping[str, Floats], *, fixed: Mapping[str, float] | None = None) -> AssumptionDraws:
    """Assumptions at quantiles of their laws.

    Parameters
    ----------
    uniform : mapping of str to ndarray of float, shape (rows,)
        Quantiles, 0 to 1, by name; a name that is missing is held at its default.
    fixed : mapping of str to float, optional
        Assumptions held at a value; the weights of satisfaction are divided by their sum afterwards.

    Returns
    -------
    AssumptionDraws

    Raises
    ------
    ValueError
        If a name is not an assumption or a fixed value is out of range.
    """
    held = dict(fixed or {})
    check_assumptions(held)
    check_assumptions({name: DEFAULTS.get(name, 0.0) for name in uniform})
    rows = len(next(iter(uniform.values())))
    values = {}
    for name, known in EVIDENCE.items():
        drawn = name in uniform and name not in held
        values[name] = known.at(uniform[name]) if drawn else np.full(rows, held.get(name, known.default))
    total = np.sum([values[name] for name in _WEIGHTS], axis=0)
    return AssumptionDraws(values | {name: values[name] / total for name in _WEIGHTS if not set(_WEIGHTS) & set(held)})
