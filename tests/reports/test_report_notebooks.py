"""Finding notebooks, setting their parameters, executing them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import v4

from churnlab.reports.execution import execute, warnings_of
from churnlab.reports.folder import UsageError
from churnlab.reports.notebooks import ParameterError, choose, read, title, with_parameters
from churnlab.reports.store_outputs import main


def test_replaces_the_named_values_and_keeps_the_rest(build):
    changed = with_parameters(build(), {"data": 'a "b"', "seed": 7})
    assert changed.cells[1].source == "data = 'a \"b\"'  # folder\nas_of = None\nseed = 7"


def test_leaves_the_notebook_it_was_given(build):
    notebook = build()
    with_parameters(notebook, {"seed": 7})
    assert "seed = 1" in notebook.cells[1].source


def test_replaces_behind_letters_of_several_bytes(build):
    notebook = build()
    notebook.cells[1].source = 'city = "Jyväskylä"; seed = 1'
    assert with_parameters(notebook, {"seed": 9}).cells[1].source == 'city = "Jyväskylä"; seed = 9'


def test_names_a_misspelt_parameter_and_the_nearest_right_one(build):
    with pytest.raises(ParameterError, match=r"'sede'.*did you mean 'seed'"):
        with_parameters(build(), {"sede": 2})


@pytest.mark.parametrize("tagged", [0, 2])
def test_wants_exactly_one_cell_of_parameters(build, tagged):
    notebook = build("seed = 2")
    for cell in notebook.cells[1:]:
        cell.metadata["tags"] = ["parameters"] if tagged else []
    with pytest.raises(ParameterError, match=f"found {tagged}"):
        with_parameters(notebook, {"seed": 2})


@pytest.mark.parametrize("source", ["import os", "seed = 1 + call()", "a, b = 1, 2", "seed: int = 1"])
def test_refuses_anything_but_literals_in_the_parameters(build, source):
    notebook = build()
    notebook.cells[1].source = source
    with pytest.raises(ParameterError, match=r"literal"):
        with_parameters(notebook, {})


@pytest.mark.parametrize("only", ["04", "04_who_is_at_risk", "04_who_is_at_risk.ipynb"])
def test_finds_a_notebook_by_number_or_name(write, build, only):
    folder = write({"04_who_is_at_risk": build(), "10_summary": build()})
    assert [path.stem for path in choose(only, folder=folder)] == ["04_who_is_at_risk"]


def test_names_the_nearest_notebook(write, build):
    folder = write({"04_who_is_at_risk": build()})
    with pytest.raises(UsageError, match="did you mean 04_who_is_at_risk"):
        choose("04_who_is_at_rsk", folder=folder)


def test_reads_the_title(build):
    assert title(build(question="What now?")) == "What now?"
    assert title(v4.new_notebook()) is None


def test_reading_twice_gives_the_same_ids(tmp_path):
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["# Old"]}
    path = tmp_path / "01_old.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}))
    assert read(path) == read(path)
    assert read(path).cells[0].id == "cell-01"


def test_a_broken_cell_is_named_with_its_error(build, tmp_path):
    ended = execute(build("1 + 1", "{}['prize']", "print('never')"), folder=tmp_path, name="05_prize")
    assert ended.failure is not None
    assert (ended.failure.where, ended.failure.cell, ended.failure.error) == ("05_prize", 4, "KeyError")
    assert "\x1b" not in ended.failure.traceback
    assert "{}['prize']" in ended.failure.traceback
    assert ended.notebook.cells[4].outputs == []


def test_runs_this_interpreter_whatever_kernel_the_user_has(build, tmp_path, monkeypatch):
    kernel = tmp_path / "share" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = ["/bin/false", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "x", "language": "python"}))
    profile = tmp_path / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True)
    (profile / "00.py").write_text("seed = 99\nbooby_trap = 1")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    source = "import sys\nprint(sys.executable, 'booby_trap' in dir())\nprint('careful', file=sys.stderr)"
    ended = execute(build(source), folder=tmp_path)
    assert ended.failure is None
    said = {output.name: output.text for output in ended.notebook.cells[2].outputs}
    assert said["stdout"].split() == [sys.executable, "False"]
    assert warnings_of(ended.notebook) == ("cell 3: careful",)


def test_a_kernel_that_dies_is_a_failure(build, tmp_path):
    ended = execute(build("import os\nos._exit(3)"), folder=tmp_path)
    assert ended.failure is not None
    assert ended.failure.error == "Kernel ended"
    assert ended.failure.cell == 3


def test_storing_twice_gives_the_same_bytes(write: Callable[..., Path], build, capsys: pytest.CaptureFixture[str]):
    notebook = build("import os\nprint(os.path.basename(os.getcwd()))\n{1, 2}", "x = 3\nx")
    broken = build("1 / 0")
    folder = write({"01_first": notebook, "02_broken": broken})
    before = (folder / "02_broken.ipynb").read_bytes()
    assert main([str(folder)]) == 1
    once = (folder / "01_first.ipynb").read_bytes()
    assert main([str(folder)]) == 1
    assert (folder / "01_first.ipynb").read_bytes() == once
    assert b"notebooks\\n" in once
    assert sys.version.split()[0].encode() not in once
    assert once.endswith(b"}\n")
    assert (folder / "02_broken.ipynb").read_bytes() == before
    assert "02_broken, cell 3: ZeroDivisionError" in capsys.readouterr().err


def test_storing_wants_a_folder(capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
