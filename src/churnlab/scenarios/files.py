"""A scenario as a readable file: policies, what is assumed, horizon and seed; reading it back gives the same bytes."""

import difflib
import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from churnlab.scenarios.book import Book
from churnlab.scenarios.engine import Simulation
from churnlab.scenarios.parameters import AssumptionDraws, check_assumptions, draw_assumptions
from churnlab.scenarios.policies import DO_NOTHING, PRICE_ONLY, SERVICE, Policy
from churnlab.scenarios.simulation import simulate


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that a run needs beside the clients.

    Attributes
    ----------
    policies : tuple of Policy
        Policies to set against one another.
    fixed : dict of str to float
        Assumptions that are held; all others are drawn over their ranges.
    rows, months, seed : int
        Draws, horizon, and key of the random numbers.
    """

    policies: tuple[Policy, ...] = (DO_NOTHING, PRICE_ONLY, SERVICE)
    fixed: dict[str, float] = field(default_factory=dict)
    rows: int = 1024
    months: int = 60
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse assumptions that are misspelt or out of range."""
        check_assumptions(self.fixed)

    def draw(self) -> AssumptionDraws:
        """Draw the assumptions."""
        return draw_assumptions(self.rows, rng=self.seed, fixed=self.fixed)

    def run(self, book: Book) -> Simulation:
        """Simulate it on clients; the book has as many rows as the scenario."""
        return simulate(book, self.policies, self.draw(), months=self.months, seed=self.seed)

    @property
    def fingerprint(self) -> str:
        """Short hash of all that is in it, for results to name."""
        return hashlib.sha256(to_text(self).encode()).hexdigest()[:12]


def to_text(scenario: Scenario) -> str:
    """Write a scenario as TOML.

    Parameters
    ----------
    scenario : Scenario
        What to write.

    Returns
    -------
    str
    """
    lines = [f"{name} = {getattr(scenario, name)}" for name in ("rows", "months", "seed")]
    lines += ["", "# Assumptions that are held; all others are drawn over their ranges.", "[fixed]"]
    lines += [f"{name} = {value!r}" for name, value in sorted(scenario.fixed.items())]
    for policy in scenario.policies:
        lines += ["", "[[policies]]", *(f"{one.name} = {_word(getattr(policy, one.name))}" for one in fields(policy))]
    return "\n".join(lines) + "\n"


def _word(value: object) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else repr(value)


def save_scenario(scenario: Scenario, path: Path) -> None:
    """Write a scenario to a TOML file.

    Parameters
    ----------
    scenario : Scenario
        What to write.
    path : Path
        Where to.
    """
    path.write_text(to_text(scenario), encoding="utf-8", newline="\n")


def load_scenario(path: Path) -> Scenario:
    """Read a scenario from a TOML file; what it leaves out has its usual value.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Scenario

    Raises
    ------
    ValueError
        If a name is misspelt, with the nearest ones, or a value means nothing.
    """
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    _known(path, told, (one.name for one in fields(Scenario)))
    policies = told.pop("policies", None)
    if policies is not None:
        for levers in policies:
            _known(path, levers, (one.name for one in fields(Policy)))
        told["policies"] = tuple(Policy(**levers) for levers in policies)
    return Scenario(**told)


def _known(path: Path, told: dict[str, Any], names: Iterable[str]) -> None:
    known = list(names)
    wrong = [
        f"{name}" + (f" (did you mean {near[0]}?)" if (near := difflib.get_close_matches(name, known, n=1)) else "")
        for name in told
        if name not in known
    ]
    if wrong:
        raise ValueError(f"{path.name}: not known: {', '.join(wrong)}; expected some of {', '.join(known)}")
