"""Cells about the truth: shown for made-up data, left out of every other report, and without influence."""

import difflib
import shutil
from pathlib import Path

import nbformat
import pytest

from churnlab.reports.notebooks import with_truth, without_truth_source
from churnlab.reports.suite import report

SAMPLE = Path(__file__).parents[2] / "data/sample"


@pytest.fixture
def sample(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))


def page(data: Path, out: Path, **asked: object) -> str:
    result = report(data, out, only="01", **asked)
    assert result.status == "fine", result.failures
    return (out / "01_meet_the_tables.html").read_text(encoding="utf-8")


def test_truth_is_shown_for_made_up_data_and_moves_nothing_else(sample, tmp_path):
    """Property: with another truth the page differs in the sentences about it, and nowhere else."""
    before = page(sample, tmp_path / "one")
    assert "What was true" in before
    assert "Clients truly left" in before
    assert str(tmp_path) not in before
    left = sample / "truth/departures.csv"
    left.write_text("\n".join(left.read_text(encoding="utf-8").splitlines()[:50]) + "\n", encoding="utf-8")
    after = page(sample, tmp_path / "two")
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changed
    assert all("Clients truly left" in line for line in changed)


@pytest.mark.parametrize("left_out", ["truth", "all but orders", "names", "as of another day"])
def test_truth_is_left_out_where_there_is_none_or_it_would_not_fit(sample, tmp_path, left_out):
    asked = {}
    if left_out == "truth":
        shutil.rmtree(sample / "truth")
    elif left_out == "all but orders":
        orders = shutil.copy(sample / "orders.csv", tmp_path / "orders.csv")
        shutil.copy(sample / "rates.csv", tmp_path / "rates.csv")
        shutil.rmtree(sample)
        sample.mkdir()
        shutil.move(orders, sample)
        shutil.move(tmp_path / "rates.csv", sample)
    elif left_out == "names":
        (sample / "mapping.toml").write_text('base_currency = "EUR"\n', encoding="utf-8")
    else:
        asked = {"as_of": "2025-01-01"}
    made = page(sample, tmp_path / "out", **asked)
    assert "What was true" not in made
    assert "truly" not in made


def _notebook() -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell("data = 1", id="a")]
    cells += [nbformat.v4.new_code_cell("truth", id=name, metadata={"tags": ["truth"]}) for name in "bc"]
    return nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_markdown_cell("## Recap", id="d")])


def test_cells_are_dropped_or_get_the_folder_and_lose_it_again():
    notebook = _notebook()
    assert [cell.id for cell in with_truth(notebook, None).cells] == ["a", "d"]
    given = with_truth(notebook, Path("made_up"))
    assert given.cells[1].source == "data = 'made_up'"
    assert [cell.id for cell in given.cells[2:]] == ["b", "c", "d"]
    without_truth_source(given)
    assert given.cells == notebook.cells
