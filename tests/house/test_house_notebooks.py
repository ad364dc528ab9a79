"""Notebooks keep their rules, run the same twice, and planted faults are seen."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from notebook_rules import problems

from churnlab.reports.store_outputs import store_outputs

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.xdist_group("sample")


def _read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rules(path):
    assert problems(_read(path)) == []


def test_planted_stripped_notebook_is_seen():
    notebook = _read(NOTEBOOKS[0])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    assert any("no stored output" in problem for problem in problems(notebook))


def test_planted_figure_without_alt_text_is_seen():
    notebook = _read(NOTEBOOKS[0])
    figures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/svg+xml" in output.get("data", {})
    ]
    figures[0].metadata = {}
    assert any("without alt text" in problem for problem in problems(notebook))


def test_planted_function_and_stray_import_are_seen():
    notebook = _read(NOTEBOOKS[0])
    notebook.cells[-2].source = "import os\ndef hidden():\n    return os.name"
    notebook.cells[-2].cell_type = "code"
    notebook.cells[-2].outputs = []
    found = problems(notebook)
    assert any("defines a function" in problem for problem in found)
    assert any("imports outside" in problem for problem in found)


def _nbval(folder: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    """Strict nbval, as ``make test`` runs it, on a folder of notebooks."""
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "tests/nbval.ini"), "--rootdir", str(ROOT), str(folder)]
    environment = {**os.environ, "CHURNLAB_CACHE": str(cache)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_planted_changed_seed_is_seen(tmp_path):
    shutil.copytree(ROOT / "data/sample", tmp_path / "data/sample")
    (tmp_path / "notebooks").mkdir()
    source = (ROOT / "notebooks/03_when_has_a_client_left.ipynb").read_text(encoding="utf-8")
    assert "seed = 1" in source
    changed = tmp_path / "notebooks/03_when_has_a_client_left.ipynb"
    changed.write_text(source.replace("seed = 1", "seed = 2"), encoding="utf-8")
    result = _nbval(tmp_path / "notebooks", tmp_path / "cache")
    assert result.returncode == 1
    assert "Cell outputs differ" in result.stdout


def test_executing_from_an_empty_cache_and_from_the_usual_one_is_byte_identical(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data/sample", tmp_path / "data/sample")
    runs = []
    for empty in (False, True):
        if empty:
            monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
        folder = tmp_path / "notebooks"
        shutil.copytree(ROOT / "notebooks", folder)
        store_outputs(folder)
        runs.append({path.name: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))})
        shutil.rmtree(folder)
    assert runs[0] == runs[1]
