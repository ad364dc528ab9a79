"""Writes docs/benchmarks.md and its figures from what the benchmarks stored: ``python benchmarks/page.py``.

Nothing is measured here, so that the page follows from ``results/*.json`` alone; a test holds it so.
"""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import t as student

from churnlab.plots.style import GREY, PALETTE, blank_axes, interval_rows, row_axes

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
FIGURES = ROOT / "docs" / "benchmarks"
ORDER = (
    "purchase_models", "survival", "hazard", "risk_at_scale", "scenarios", "demand", "snapshots", "load_orders",
    "value", "sample_plant",
)  # fmt: skip
MEASURES = {"cpu": "CPU seconds", "peak": "peak memory"}
AHEAD, LEVEL, BEHIND = "ahead", "level", "behind"
Run = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A peer's median over ours, from the peer's least over our most to its most over our least."""

    value: float
    low: float
    high: float

    @property
    def ours(self) -> str:
        """How we stand: ahead or behind only where no repetition says otherwise."""
        if self.low > 1:
            return AHEAD
        return BEHIND if self.high < 1 else LEVEL

    def __str__(self) -> str:
        """Give the ratio with its range; bold where the peer takes less."""
        text = f"{figure(self.value)} ({figure(self.low)} to {figure(self.high)})"
        return f"**{text}**" if self.ours == BEHIND else text


@dataclass(frozen=True, slots=True)
class Pair:
    """A peer beside ours in one task."""

    task: dict[str, Any]
    ours: Run
    peer: Run

    @property
    def label(self) -> str:
        """Task and peer in few letters."""
        return f"{self.task['short']}, {self.peer['who'].removeprefix('plain ')}"

    def ratio(self, measure: str) -> Ratio:
        """Compare a measure: ``cpu``, ``whole`` or ``peak``."""
        theirs, ours = scaled(self.peer, measure), scaled(self.ours, measure)
        middle = float(np.median(theirs) / np.median(ours))
        return Ratio(middle, float(theirs.min() / ours.max()), float(theirs.max() / ours.min()))

    @property
    def graded_better(self) -> bool:
        """Whether the peer has the better grade, by more than the task says is nothing."""
        if self.task["better"] == "equal" or not self.peer["found"]:
            return False
        gain = self.peer["found"][0] - self.ours["found"][0]
        return (gain if self.task["better"] == "high" else -gain) > self.task["apart"]


def scaled(run: Run, measure: str) -> np.ndarray:
    """Give a measure of every repetition; work that was timed in part is scaled, start-up and memory are not."""
    values = np.array(run[measure], dtype=float)
    if measure == "cpu":
        return values * run["scale"]
    if measure == "whole":
        return values + np.array(run["cpu"], dtype=float) * (run["scale"] - 1)
    return values


def figure(value: float) -> str:
    """Give three digits, or whole numbers from 100 on."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 or value == 0 else f"{value:.1e}"


def middle(run: Run, measure: str) -> str:
    """Word the median of the repetitions."""
    return figure(float(np.median(scaled(run, measure))))


def results() -> dict[str, dict[str, Any]]:
    """Read what is stored, in the order of the page."""
    files = [RESULTS / f"{name}.json" for name in ORDER]
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()}


def pairs(stored: dict[str, Any]) -> Iterator[Pair]:
    """Give every peer that ran beside ours."""
    for task in stored["tasks"]:
        ours = task["runs"][0]
        if "failed" not in ours:
            yield from (Pair(task, ours, run) for run in task["runs"] if not run["ours"] and "failed" not in run)


def agreement(task: dict[str, Any], ours: Run, run: Run) -> str:
    """Word how far what was found is from ours."""
    if not task["compared"] or not run["found"] or "failed" in ours or not ours["found"]:
        return "-"
    if task["better"] == "equal":
        apart = np.abs(np.subtract(run["found"], ours["found"])).max()
        said = f"{apart:.1e} apart" if apart else "the same"
        if len(run["found"]) > 2:
            return f"{task['compared']}: {said}"
        theirs, mine = (" and ".join(_number(each) for each in one["found"]) for one in (run, ours))
        return f"{task['compared']}: {theirs}, " + (said if theirs == mine else f"ours {mine}")
    return f"{task['compared']}: {run['found'][0]:,.{task['digits']}f}, ours {ours['found'][0]:,.{task['digits']}f}"


def _number(value: float) -> str:
    """Give a figure that was found, large ones whole."""
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.6g}"


def rows(task: dict[str, Any]) -> Iterator[str]:
    """Write the rows of a task: one a peer, or one of ours where it has none."""
    ours = task["runs"][0]
    others = [run for run in task["runs"] if run is not ours] or [ours]
    for run in others:
        name = run["who"] + (f" ({run['note']})" if run.get("note") else "")
        if "failed" in run or "failed" in ours:
            told = run.get("failed") or f"ours {ours['failed']}"
            yield f"| {task['what']} | {name} | {told} | | | | | |"
            continue
        if run is ours:
            cells = ["no peer", "", "", "-", middle(ours, "cpu"), middle(ours, "peak")]
        else:
            pair = Pair(task, ours, run)
            cells = [str(pair.ratio(measure)) for measure in ("cpu", "peak", "whole")]
            cells += [agreement(task, ours, run)]
            cells += [f"{middle(ours, measure)}; {middle(run, measure)}" for measure in MEASURES]
        yield f"| {task['what']} | {name} | {' | '.join(cells)} |"


HEADER = (
    "work", "beside", "CPU, times ours", "memory, times ours", "CPU with start-up, times ours", "what was found",
    "CPU s: ours; theirs", "MB: ours; theirs",
)  # fmt: skip

HEAD = """\
# Benchmarks: beside its peers

What the package's work costs and how good it is, beside the libraries that do the same or the nearest to it, in the
same run. `make bench` measures everything anew and writes this page, `make bench ONLY=hazard` one part of it, and
`python benchmarks/page.py` only the page, from what is stored in `benchmarks/results/`.

- **Ratios come first**: a peer's figure over ours, medians over {repetitions} processes or more; in brackets the
  least and the most that the repetitions allow. Above 1 the peer takes more; **bold** where it takes less in every
  repetition.
- Each peer runs in an environment of its own with the newest versions that go together, made by the first run under
  `.bench/`; each measurement is a process of its own with one BLAS thread. CPU seconds are those of the work alone,
  user and system; *with start-up* those of the whole process, with imports and the reading of the data, as somebody
  feels it who asks once. Memory is the peak of the whole process.
- What takes less than a second is done several times in a process, and the median counts: what a library compiles at
  its first call is in *with start-up* alone.
- CPU seconds, since the machine was shared with other work while this was measured (its load stands below); they vary
  with it by some tenths all the same.
"""


def short(stored: dict[str, dict[str, Any]]) -> str:
    """Say in short who takes less, and where a peer wins."""
    every = [pair for one in stored.values() for pair in pairs(one)]
    graded = [row for one in stored.values() for row in one.get("grades", {"rows": []})["rows"]]
    lines = ["## In short", ""]
    for measure, word in MEASURES.items():
        found = [pair.ratio(measure) for pair in every]
        stands = [ratio.ours for ratio in found]
        inner = np.quantile([ratio.value for ratio in found], [0.25, 0.5, 0.75])
        text = (
            f"**Of {len(every)} comparisons ours takes less {word} in {stands.count(AHEAD)}, the peer in "
            f"{stands.count(BEHIND)}; {stands.count(LEVEL)} overlap.** The median ratio is {figure(inner[1])}, the "
            f"middle half lies between {figure(inner[0])} and {figure(inner[2])}."
        )
        lines += [*wrap(text, 120), ""]
    return "\n".join([*lines, "### Where a peer wins", "", *_wins(every, graded)])


def _wins(every: list[Pair], rows_graded: list[dict[str, Any]]) -> list[str]:
    """Name every comparison in which a peer takes less or does better."""
    lines = []
    for measure, word in MEASURES.items():
        ahead = [pair for pair in every if pair.ratio(measure).ours == BEHIND]
        told = [
            f"- Less {word}: {pair.peer['who']}, {pair.task['what']}: {figure(pair.ratio(measure).value)} of ours"
            + (f" ({pair.peer['note']})." if pair.peer["note"] else ".")
            for pair in ahead
        ]
        lines += told or [f"- Less {word}: none."]
    better = [
        f"- Better: {pair.peer['who']}, {pair.task['what']}: {agreement(pair.task, pair.ours, pair.peer)}."
        for pair in every
        if pair.graded_better
    ]
    for row in rows_graded:
        ours = row["found"]["churnlab"]
        better += [
            f"- Better: {name}, {row['what']}: {figure(error)} against {figure(ours)} (lower is better)."
            for name, error in row["found"].items()
            if error < ours
        ]
    return [*lines, *(better or ["- Better: none."]), ""]


def part(name: str, stored: dict[str, Any]) -> str:
    """Write a benchmark's part of the page."""
    took = f"`benchmarks/{name}.py`, {figure(stored['minutes'])} minutes."
    table = [*header(HEADER), *(row for task in stored["tasks"] for row in rows(task))]
    notes = [*wrap(stored["remark"], 120), ""] if stored.get("remark") else []
    return "\n".join([f"## {stored['title']}", "", took, "", *notes, *table, "", *_grades(stored.get("grades"))])


def header(columns: Sequence[str]) -> list[str]:
    """Write the head of a table."""
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]


def _grades(stored: dict[str, Any] | None) -> list[str]:
    """Write a table of how good forecasts were."""
    if not stored:
        return []
    names = list(dict.fromkeys(name for row in stored["rows"] for name in row["found"]))
    lines = header((stored["unit"], *names))
    for row in stored["rows"]:
        best = min(row["found"].values())
        cells = [figure(row["found"][name]) if name in row["found"] else "-" for name in names]
        cells = [
            f"**{cell}**" if row["found"].get(name) == best else cell for name, cell in zip(names, cells, strict=True)
        ]
        lines.append(f"| {row['what']} | {' | '.join(cells)} |")
    return [*lines, ""]


def failed(stored: dict[str, dict[str, Any]]) -> list[str]:
    """Say which peers did not install or did not finish."""
    told = {
        (run["peer"] or run["who"], run["failed"])
        for one in stored.values()
        for task in one["tasks"]
        for run in task["runs"]
        if "failed" in run
    }
    return [f"- {who}: {reason}." for who, reason in sorted(told)] or ["Every peer installed and finished."]


def made_with(stored: dict[str, dict[str, Any]]) -> str:
    """Write where, when and with which versions it was measured."""
    lines = [
        "## Where this was measured",
        "",
        "| part | measured on | machine | load at start and end |",
        "|---|---|---|---|",
    ]
    for name, one in stored.items():
        m = one["machine"]
        place = f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}, Python {m['python']}"
        lines.append(f"| {name} | {one['measured_on']} | {place} | {one['load'][0]}, {one['load'][1]} |")
    versions: dict[str, dict[str, str]] = {}
    for one in stored.values():
        for task in one["tasks"]:
            for run in task["runs"]:
                versions.setdefault(run["peer"] or "churnlab", {}).update(run.get("versions", {}))
    lines += ["", "| environment | versions |", "|---|---|"]
    lines += [
        f"| {peer} | {', '.join(f'{name} {number}' for name, number in sorted(held.items()))} |"
        for peer, held in sorted(versions.items())
        if held
    ]
    return "\n".join([*lines, "", "### What did not install or finish", "", *failed(stored), ""])


def drawn(ax: Axes) -> str:
    """Give the SVG of a figure, the same bytes each time."""
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "churnlab", "svg.fonttype": "none"}):
        ax.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def ratio_figure(every: list[Pair], measure: str) -> str:
    """Draw every ratio with its range on a logarithmic scale."""
    found = sorted(((pair.ratio(measure), pair.label) for pair in every), key=lambda each: -each[0].value)
    frame = pd.DataFrame({name: [getattr(ratio, name) for ratio, _ in found] for name in ("value", "low", "high")})
    ax = interval_rows(row_axes(len(frame)), frame, "value", labels=[label for _, label in found])
    ax.axvline(1, color=GREY, linewidth=1.2)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda value, _: figure(value))
    less = sum(ratio.ours == AHEAD for ratio, _ in found)
    ax.set_title(f"Ours takes less {MEASURES[measure]} in {less} of {len(found)} comparisons", loc="left", fontsize=11)
    ax.set_xlabel(f"the peer's over ours (n = {len(found)}); left of the line the peer takes less")
    return drawn(ax)


def exponent(clients: np.ndarray, cost: np.ndarray) -> tuple[float, float, float]:
    """Slope of the logarithm of a cost on that of clients, by least squares, with its 95 % interval."""
    x, y = np.log(clients), np.log(cost)
    x = x - x.mean()
    slope = float(x @ y / (x @ x))
    left = len(x) - 2
    error = float(np.sqrt(((y - y.mean() - slope * x) ** 2).sum() / left / (x @ x))) if left > 0 else np.inf
    half = float(student.ppf(0.975, max(left, 1))) * error
    return slope, slope - half, slope + half


SCALE_WORDS = {"cpu_s": ("CPU seconds grow", "CPU seconds"), "peak_mb": ("Peak memory grows", "peak memory, MB")}


def scale_part(stored: list[dict[str, float]] | None) -> tuple[str, dict[str, str]]:
    """Write the part on growing cost and its figures, or say that it was not measured."""
    title = "## How cost grows with clients\n"
    if not stored:
        return f"{title}\nNot measured yet: `make bench ONLY=scale` does it.\n", {}
    table = pd.DataFrame(stored).sort_values("clients", ignore_index=True)
    clients = table["clients"].to_numpy(dtype=float)
    lines = [title, "The whole report, from files to pages (`benchmarks/scale.py`).", ""]
    figures = {}
    for name, (grows, word) in SCALE_WORDS.items():
        cost = table[name].to_numpy(dtype=float)
        slope, low, high = exponent(clients, cost)
        last = float(np.log(cost[-1] / cost[-2]) / np.log(clients[-1] / clients[-2]))
        said = f"{slope:.2f} (95 % interval {low:.2f} to {high:.2f})"
        text = (
            f"{grows} as clients to the power of {said} over {len(table)} sizes; between the two largest, {last:.2f}."
        )
        lines += [*wrap(text, 120), "", f"![{text}](benchmarks/scale-{name}.svg)", ""]
        figures[f"scale-{name}.svg"] = growth_figure(clients, cost, word, slope, said)
    lines += header(("clients", "orders", "wall s", "CPU s", "peak MB"))
    columns = ("clients", "orders", "wall_s", "cpu_s", "peak_mb")
    lines += [f"| {' | '.join(f'{row[name]:,.0f}' for name in columns)} |" for row in table.to_dict("records")]
    return "\n".join(lines) + "\n", figures


def growth_figure(clients: np.ndarray, cost: np.ndarray, word: str, slope: float, said: str) -> str:
    """Draw a cost against clients on logarithmic scales with the fitted line."""
    ax = blank_axes()
    level = float(np.mean(np.log(cost) - slope * np.log(clients)))
    ax.plot(clients, np.exp(level + slope * np.log(clients)), color=PALETTE[1], linewidth=1.5)
    ax.plot(clients, cost, "o", color=PALETTE[0])
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_title(f"Power of clients: {said}", loc="left", fontsize=11)
    ax.set_xlabel(f"clients (n = {len(clients)} sizes)")
    ax.set_ylabel(word)
    return drawn(ax)


def made(stored: dict[str, dict[str, Any]], scale: list[dict[str, float]] | None) -> dict[Path, str]:
    """Write the page and its figures.

    Parameters
    ----------
    stored : dict
        Results of benchmarks by name, in the order of the page.
    scale : list of dict, optional
        ``clients``, ``orders``, ``wall_s``, ``cpu_s``, ``peak_mb`` for each size of the whole report.

    Returns
    -------
    dict of Path to str
        Texts by file.
    """
    every = [pair for one in stored.values() for pair in pairs(one)]
    figures = {f"{measure}.svg": ratio_figure(every, measure) for measure in MEASURES}
    grown, more = scale_part(scale)
    shown = [
        f"![Ratios of {word}, each with its range, logarithmic; the tables have them](benchmarks/{name}.svg)\n"
        for name, word in MEASURES.items()
    ]
    repetitions = min(len(pair.peer["cpu"]) for pair in every)
    parts = [
        HEAD.format(repetitions=repetitions),
        short(stored),
        *shown,
        *(part(name, one) for name, one in stored.items()),
        grown,
        made_with(stored),
    ]
    return {PAGE: "\n".join(parts)} | {FIGURES / name: text for name, text in (figures | more).items()}


def read_scale() -> list[dict[str, float]] | None:
    """Read how the report's cost grows, where that was measured."""
    file = RESULTS / "scale.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def main() -> None:
    """Write the page, and say where."""
    for path, text in made(results(), read_scale()).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.relative_to(ROOT)} is written")


if __name__ == "__main__":
    main()
