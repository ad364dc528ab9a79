"""Claims about chance: how they are stated, run on many plants, gated, and written down.

A claim promises how often something holds. Its gate is the exact 99.9 % band of the binomial distribution: a
method that keeps its promise falls outside once in a thousand times. Nothing here knows a claim.
"""

import ast
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import grimp
import numpy as np
from joblib import Parallel, delayed
from scipy import stats

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/validation.md"
CONFIDENCE = 0.999
SHORT_RUNS = 40
FEWER_RUNS = {"claims_verdicts": 12}
"""Fewer in files whose plants take seconds each, all policies run again for the truth."""

Kind = Literal["coverage", "size", "power"]

_HEAD = """\
# What was validated

Claims about chance, each run on many made-up plants whose truth is known. `make validate` runs those whose code
has changed and writes this page; `make test` fails while a claim is out of date or does not hold, and runs the
first {short} seeds of each again ({fewer} where a plant takes seconds).

A claim holds if the share of plants lies within the exact 99.9 % band of what is promised: two-sided for a
coverage, from above for the size of a test, from below for its power. The interval is the exact 95 % interval of
Clopper and Pearson (1934). The hash is SHA-256 over the claim's file and every module of churnlab that it
imports, directly or not (of a package's front, what is more than imports and names); versions of libraries are not
in it.

| claim | promised | plants | seeds | share | 95 % interval | band | holds | hash |
|---|---|---|---|---|---|---|---|---|
"""


_MEASURED = """
## What was measured

Figures without a promise: the mean over plants, with the 95 % interval of the mean.

| measurement | plants | seeds | figures | hash |
|---|---|---|---|---|
"""


_WAITING = """
## Written, but not run

These were tried on few seeds only, or on earlier code. What they say is not validated.

"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise of how often something holds.

    Attributes
    ----------
    name : str
        Short and unique.
    sentence : str
        What is claimed, for the page; without a vertical bar.
    kind : str
        "coverage" (the share is `promised`), "size" (at most that) or "power" (at least that).
    promised : float
        A share, 0 to 1.
    run : callable
        Takes a seed, makes a plant, tells whether it held there.
    modules : tuple of str
        Modules of churnlab that it runs; what they import is found.
    runs, first_seed : int
        How many plants, and the seed of the first; the others follow.
    """

    name: str
    sentence: str
    kind: Kind
    promised: float
    run: Callable[[int], bool]
    modules: tuple[str, ...]
    runs: int = 1000
    first_seed: int = 1

    @property
    def words(self) -> str:
        """The promise, for the page."""
        return f"{ {'coverage': '', 'size': 'at most ', 'power': 'at least '}[self.kind] }{100 * self.promised:g} %"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Figures that are stated, without a promise.

    Attributes
    ----------
    name, sentence : str
        What was measured.
    run : callable
        Takes a seed, makes a plant, returns figures by name.
    modules : tuple of str
        Modules of churnlab that it runs; what they import is found.
    runs, first_seed : int
        How many plants, and the seed of the first; the others follow.
    """

    name: str
    sentence: str
    run: Callable[[int], dict[str, float]]
    modules: tuple[str, ...]
    runs: int = 200
    first_seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often a claim held."""

    held: int
    runs: int

    @property
    def interval(self) -> tuple[float, float]:
        """Exact 95 % interval of the share."""
        found = stats.binomtest(self.held, self.runs).proportion_ci(method="exact")
        return found.low, found.high


def band(kind: Kind, promised: float, runs: int) -> tuple[int, int]:
    """Give the least and most times that a claim which keeps its promise holds, with 99.9 % confidence.

    Examples
    --------
    >>> band("coverage", 0.95, 1000), band("size", 0.05, 1000), band("coverage", 0.95, 40)
    ((926, 971), (0, 73), (32, 40))
    """
    tail = 1 - CONFIDENCE
    law = stats.binom(runs, promised)
    if kind == "coverage":
        return int(law.ppf(tail / 2)), int(law.ppf(1 - tail / 2))
    return (0, int(law.ppf(1 - tail))) if kind == "size" else (int(law.ppf(tail)), runs)


def holds(claim: Claim, outcome: Outcome) -> bool:
    """Tell whether the outcome lies within the band."""
    least, most = band(claim.kind, claim.promised, outcome.runs)
    return least <= outcome.held <= most


def run_claim(claim: Claim, *, runs: int | None = None, workers: int = -1) -> Outcome:
    """Run a claim on its plants, in parallel."""
    runs = claim.runs if runs is None else runs
    seeds = range(claim.first_seed, claim.first_seed + runs)
    held = Parallel(n_jobs=workers)(delayed(claim.run)(seed) for seed in seeds)
    return Outcome(int(np.sum(held)), runs)


def run_measurement(measurement: Measurement, *, workers: int = -1) -> dict[str, tuple[float, float, float]]:
    """Measure on the plants, in parallel: mean and 95 % interval of the mean (normal) by figure, NaN left out."""
    seeds = range(measurement.first_seed, measurement.first_seed + measurement.runs)
    figures = Parallel(n_jobs=workers)(delayed(measurement.run)(seed) for seed in seeds)
    found = {}
    for name in figures[0]:
        values = np.array([each[name] for each in figures])
        values = values[~np.isnan(values)]
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
        found[name] = (float(values.mean()), float(values.mean() - half), float(values.mean() + half))
    return found


def code_hash(claim: Claim | Measurement, *, package: Path = ROOT / "src/churnlab") -> str:
    """Hash the claim's file and the modules that it runs, with their path and in order, whatever the line ends."""
    graph = _imports(package)
    modules = set(claim.modules)
    for module in claim.modules:
        modules |= graph.find_upstream_modules(module)
    # a package runs its __init__ on the way to any of its modules
    modules |= {".".join(name.split(".")[:depth]) for name in modules for depth in range(1, name.count(".") + 1)}
    files = [_file(package, module) for module in sorted(modules)]
    digest = hashlib.sha256()
    for file in [*files, Path(getattr(claim.run, "func", claim.run).__code__.co_filename)]:
        home = package.parent if file.is_relative_to(package.parent) else file.parent
        path = file.relative_to(home).as_posix()
        digest.update(path.encode() + b"\0" + _code(file) + b"\0")
    promise = (claim.kind, claim.promised, CONFIDENCE) if isinstance(claim, Claim) else ()
    stated = (claim.name, *promise, claim.runs, claim.first_seed)
    digest.update("\0".join(map(str, stated)).encode())
    return digest.hexdigest()[:12]


def _code(file: Path) -> bytes:
    """Read a module, whatever its line ends; of an `__init__`, only what does more than import, export and explain."""
    text = file.read_text(encoding="utf-8")
    if file.name == "__init__.py":
        kept = [part for part in ast.parse(text).body if not _only_says(part)]
        text = "\n".join(ast.get_source_segment(text, part) or "" for part in kept)
    return text.encode()


def _only_says(part: ast.stmt) -> bool:
    """Tell whether a statement only imports, exports, lists names, or explains."""
    if isinstance(part, ast.Assign):
        exported = [getattr(name, "id", "") for name in part.targets] == ["__all__"]
        value = part.value
        return exported or (isinstance(value, ast.Tuple) and all(isinstance(name, ast.Name) for name in value.elts))
    explained = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    return explained or isinstance(part, ast.Import | ast.ImportFrom)


def row(claim: Claim, outcome: Outcome, *, code: str) -> str:
    """Write a claim's row of the page."""
    least, most = band(claim.kind, claim.promised, outcome.runs)
    low, high = outcome.interval
    cells = [
        f"**{claim.name}** {claim.sentence}",
        claim.words,
        f"{outcome.runs:,}",
        f"{claim.first_seed} to {claim.first_seed + outcome.runs - 1}",
        f"{outcome.held / outcome.runs:.{len(str(outcome.runs - 1))}f}",
        f"{low:.3f} to {high:.3f}",
        f"{least / outcome.runs:.3f} to {most / outcome.runs:.3f}",
        "holds" if holds(claim, outcome) else "**FAILS**",
        f"`{code}`",
    ]
    return f"| {' | '.join(cells)} |"


def measured_row(measurement: Measurement, found: dict[str, tuple[float, float, float]], *, code: str) -> str:
    """Write a measurement's row of the page."""
    told = "; ".join(f"{name} {mean:.3g} ({low:.3g} to {high:.3g})" for name, (mean, low, high) in found.items())
    seeds = f"{measurement.first_seed} to {measurement.first_seed + measurement.runs - 1}"
    cells = [f"**{measurement.name}** {measurement.sentence}", f"{measurement.runs:,}", seeds, told, f"`{code}`"]
    return f"| {' | '.join(cells)} |"


def rows(page: str) -> dict[str, str]:
    """Read the page's rows by the claim's name."""
    return {found[1]: found[0] for found in re.finditer(r"^\| \*\*(.+?)\*\* .*\|$", page, flags=re.MULTILINE)}


def outcome_of(line: str) -> Outcome:
    """Read the outcome of a row: its share of its plants."""
    cells = line.split(" | ")
    runs = int(cells[2].replace(",", ""))
    return Outcome(round(float(cells[4]) * runs), runs)


def is_current(line: str, code: str) -> bool:
    """Tell whether a row was made by this code."""
    return line.endswith(f"| `{code}` |")


def write_page(
    lines: Iterable[str], measured: Iterable[str] = (), waiting: Iterable[str] = (), path: Path = PAGE
) -> None:
    """Write the page: rows of claims, then those of measurements, then the names of what was not run."""
    text = _HEAD.format(short=SHORT_RUNS, fewer=min(FEWER_RUNS.values())) + "\n".join(lines) + "\n"
    given = list(measured)
    if given:
        text += _MEASURED + "\n".join(given) + "\n"
    named = list(waiting)
    if named:
        text += _WAITING + "\n".join(f"- {name}" for name in named) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _imports(package: Path) -> grimp.ImportGraph:
    """Build the graph of imports of the package that lies at a path."""
    import sys  # noqa: PLC0415 -- the path is changed for the call only

    sys.path.insert(0, str(package.parent))
    try:
        return grimp.build_graph(package.name, cache_dir=None)
    finally:
        sys.path.remove(str(package.parent))


def _file(package: Path, module: str) -> Path:
    """Find the file of a module."""
    path = package.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
