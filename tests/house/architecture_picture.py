"""Draws docs/architecture.svg from the import contract: one band a floor, the lowest at the bottom.

``python tests/house/architecture_picture.py`` writes it anew; a test compares.
"""

import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/architecture.svg"
PACKAGE = ROOT / "src/churnlab"

PURPOSES = {
    "cli": "check, report, sample, pseudonymise",
    "reports": "runs the notebooks, writes pages and workbook",
    "plots": "one result on one Axes; computes nothing",
    "answers": "one function a question: a frozen result with its sentences; the study asks each once",
    "accounts": "whom do we depend on",
    "winback": "reasons and deals",
    "demand": "orders to expect, calls",
    "scenarios": "price or service: a simulator on common random numbers",
    "risk": "who leaves within a horizon, graded",
    "value": "what a client is worth",
    "lifetime": "the monthly hazard: counted, regressed",
    "surveys": "net promoter index, factors",
    "history": "who has left, what was known on a day",
    "tables": "contract, mapping, checks; the sample plant",
}
"""What each package is for, in a few words; a package without an entry cannot be drawn."""

_WIDTH, _LEFT, _BAND, _GAP, _TOP = 980, 150, 46, 10, 78
_INNER = _WIDTH - 2 * _LEFT
_CORE, _OTHER, _INK, _GREY = "#dcebf7", "#f3f2f1", "#0b0c0c", "#505a5f"


def floors(project: str) -> list[list[str]]:
    """Read the floors of the import contract, the highest first, each with its packages."""
    contracts = tomllib.loads(project)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip().removeprefix("churnlab.") for name in layer.split("|")] for layer in layers]


def core(project: str) -> set[str]:
    """Read which packages may use NumPy and SciPy alone."""
    contracts = tomllib.loads(project)["tool"]["importlinter"]["contracts"]
    held = next(contract for contract in contracts if "pandas" in contract.get("forbidden_modules", ()))
    return {name.removeprefix("churnlab.") for name in held["source_modules"]}


def picture(project: str) -> str:
    """Draw the floors of a pyproject.toml as SVG."""
    bands, numerical = floors(project), core(project)
    bottom = _TOP + len(bands) * (_BAND + _GAP)
    height = bottom + 74
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        'font-family="Arial, Helvetica, sans-serif">',
        "<title>The floors of churnlab: imports go down, data go up</title>",
        f"<desc>{escape(_described(bands))}</desc>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{_GREY}"/></marker></defs>',
        _box(_LEFT, 14, _INNER, "what people open", "ten notebooks, their HTML pages, actions.xlsx, results/*.parquet"),
    ]
    for number, names in enumerate(bands):
        wide = (_INNER - (len(names) - 1) * _GAP) / len(names)
        for place, name in enumerate(names):
            colour = _CORE if name in numerical else _OTHER
            left, top = _LEFT + place * (wide + _GAP), _TOP + number * (_BAND + _GAP)
            parts.append(_box(left, top, wide, name, PURPOSES[name], colour=colour))
    parts += [
        _box(_LEFT, bottom, _INNER, "your data", "a folder, a workbook or a database, with a mapping"),
        *_arrow(_LEFT - 30, bottom + 22, 36, ("data and", "results", "go up")),
        *_arrow(_WIDTH - _LEFT + 30, _TOP + 10, bottom - 16, ("imports", "go down", "only")),
        f'<rect x="{_LEFT}" y="{bottom + 54}" width="12" height="12" fill="{_CORE}" stroke="{_GREY}"/>',
        _text(_LEFT + 18, bottom + 64, "NumPy and SciPy alone, held by the import contract", 12, anchor="start"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _described(bands: list[list[str]]) -> str:
    return "From the lowest floor to the highest: " + "; ".join(", ".join(names) for names in reversed(bands)) + "."


def _box(left: float, top: float, wide: float, name: str, purpose: str, *, colour: str = "#ffffff") -> str:
    middle = left + wide / 2
    return "\n".join(
        (
            f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{_BAND}" rx="4" fill="{colour}" '
            f'stroke="{_GREY}"/>',
            _text(middle, top + 19, name, 14, weight="bold"),
            _text(middle, top + 36, purpose, 12),
        )
    )


def _text(across: float, down: float, words: str, size: int, *, weight: str = "normal", anchor: str = "middle") -> str:
    return (
        f'<text x="{across:g}" y="{down:g}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{_INK}">{escape(words)}</text>'
    )


def _arrow(across: float, begin: float, end: float, words: tuple[str, ...]) -> list[str]:
    side = -1 if across < _WIDTH / 2 else 1
    anchor = "end" if side < 0 else "start"
    line = (
        f'<line x1="{across:g}" y1="{begin:g}" x2="{across:g}" y2="{end:g}" stroke="{_GREY}" stroke-width="2" '
        'marker-end="url(#tip)"/>'
    )
    middle = (begin + end) / 2
    return [
        line,
        *(_text(across + side * 10, middle + 16 * k, word, 13, anchor=anchor) for k, word in enumerate(words)),
    ]


if __name__ == "__main__":
    PICTURE.write_text(picture((ROOT / "pyproject.toml").read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
