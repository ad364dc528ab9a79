"""Notebooks on one's own data: copies with other parameters, which never overwrite what somebody worked on."""

import re

import nbformat

from churnlab.reports.notebooks import notebooks_folder, parameters_cell, read, title
from churnlab.reports.own_notebooks import START, main, own_notebooks


def test_copies_read_ones_own_data_and_hold_no_output(tmp_path):
    written = own_notebooks(str(tmp_path / "given"), tmp_path / "mine")
    assert [path.name for path in written] == sorted(path.name for path in notebooks_folder().glob("*.ipynb"))
    for path in written:
        notebook = read(path)
        assert f'data = "{tmp_path}/given"' in notebook.cells[parameters_cell(notebook)].source.replace("'", '"')
        assert not [cell for cell in notebook.cells if cell.get("outputs")]


def test_what_was_worked_on_is_kept(tmp_path):
    first, *_ = own_notebooks(".", tmp_path)
    first.write_text("mine", encoding="utf-8")
    assert own_notebooks(".", tmp_path) == ()
    assert first.read_text(encoding="utf-8") == "mine"


def test_wrong_use_is_said(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere"), str(tmp_path)]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_start_page_leads_to_every_notebook_by_its_question():
    page = (notebooks_folder() / START).read_text(encoding="utf-8")
    links = dict(re.findall(r"\| ([^|]+) \| \[[^]]+\]\(([^)]+)\) \|", page))
    names = sorted(notebooks_folder().glob("*.ipynb"))
    assert {name: question for question, name in links.items()} == {
        path.name: title(nbformat.read(path, as_version=4)) for path in names
    }
