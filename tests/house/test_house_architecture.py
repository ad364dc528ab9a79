"""The picture of the floors is that of the contract, and what the pages name is there."""

import ast
import importlib
import re
from pathlib import Path

import grimp
import nbformat
import pytest
from architecture_picture import PACKAGE, PICTURE, PURPOSES, floors, picture

from churnlab import answers

ROOT = Path(__file__).parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
MADE = ("plant/", "out/", "out-notebooks/", "my-report/", "clients/", "results/", ".venv/", ".spark/", ".bench/")
"""What commands write begins so."""

HOPS = re.findall(
    r"^\| [^|]+ \| (`[^|]+`) \| `(\w+)` \| (\d\d) \| `([^|`]+)` \|$",
    (ROOT / "docs/architecture.md").read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)


def test_picture_is_that_of_the_contract():
    assert PICTURE.read_text(encoding="utf-8") == picture(PROJECT), "run python tests/house/architecture_picture.py"


def test_every_package_stands_on_a_floor_and_no_other_does():
    there = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {"cli"}
    named = [name for floor in floors(PROJECT) for name in floor]
    assert sorted(named) == sorted(there)
    assert set(PURPOSES) == there


def _module(path: Path) -> bool:
    return path.with_suffix(".py").is_file() or path.joinpath("__init__.py").is_file()


@pytest.mark.parametrize("package", sorted(PACKAGE.rglob("__init__.py")), ids=lambda path: path.parent.name)
def test_every_module_of_a_reading_order_is_there(package):
    opening = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
    named = re.findall(r":mod:`(\w+)`", opening)
    assert [name for name in named if not _module(package.parent / name)] == []


def test_the_first_reading_order_has_every_package():
    opening = ast.get_docstring(ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert set(re.findall(r"``churnlab\.(\w+)``", opening)) == set(PURPOSES)


def test_planted_floor_is_seen():
    planted = PROJECT.replace('    "churnlab.history",\n', '    "churnlab.history",\n    "churnlab.surveys",\n', 1)
    assert planted != PROJECT
    assert picture(planted) != PICTURE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def graph():
    """Who imports whom."""
    return grimp.build_graph("churnlab", cache_dir=None)


def test_the_main_things_are_all_there():
    assert len(HOPS) == sum(
        line.count("|") == 6 for line in (ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines()
    ) - len(["header", "rule"])


@pytest.mark.parametrize(("computed", "said", "notebook", "tested"), HOPS, ids=lambda cell: cell)
def test_every_hop_leads_there(computed, said, notebook, tested, graph):
    question = getattr(answers, said)
    path = next((ROOT / "notebooks").glob(f"{notebook}_*.ipynb"))
    code = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert f"answers.{said}" in code
    text = (ROOT / tested).read_text(encoding="utf-8")
    for name in re.findall(r"`([^`]+)`", computed):
        floor, function = name.split(".")
        module = getattr(importlib.import_module(f"churnlab.{floor}"), function).__module__
        assert graph.chain_exists(importer=question.__module__, imported=module), f"{said} does not reach {module}"
        if name == re.findall(r"`([^`]+)`", computed)[0]:
            assert re.search(rf"\b{function}\b", text), f"{tested} does not name {function}"


def _names(page: Path) -> list[str]:
    """Paths in backticks and the targets of links, but for code blocks, files that a reader makes, and their names."""
    whole = page.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", whole, flags=re.DOTALL | re.MULTILINE)
    quoted = re.findall(r"`([\w./*-]+(?:/|/[\w*-]+\.\w+|\.py))`", text)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    made = set(re.findall(r"^New file `(.+?)`", whole, flags=re.MULTILINE))
    return [name for name in (*quoted, *links) if name and name not in made and not name.startswith(MADE)]


def _is_there(name: str, page: Path) -> bool:
    places = [ROOT, page.parent, PACKAGE, *PACKAGE.iterdir(), *(ROOT / "tests").iterdir()]
    return any(any(place.glob(name.rstrip("/"))) for place in places if place.is_dir()) or (page.parent / name).exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_that_a_page_names_is_there(page):
    assert [name for name in _names(page) if not _is_there(name, page)] == []


def test_planted_path_that_is_nowhere_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("`surveys/nps.py`, `nps.py`, `surveys/nsp.py` and [this](no.md)\n", encoding="utf-8")
    assert [name for name in _names(page) if not _is_there(name, page)] == ["surveys/nsp.py", "no.md"]
