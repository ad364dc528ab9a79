"""What docs/extending.md says to do is done in a copy of the package, and prints what it says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from churnlab.answers import study
from churnlab.history import guard
from churnlab.tables import CONTRACT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
SECTIONS = dict(part.split("\n", 1) for part in re.split(r"^## (?=A )", PAGE, flags=re.MULTILINE)[1:])
STEP = re.compile(r"^(?:(New file|In) `([^`]+)`:\n\n)?```(\w+)\n(.*?)```$", flags=re.DOTALL | re.MULTILINE)


def _changed(text: str, diff: str) -> str:
    """Apply each hunk of a diff, which is found by its lines and not by their numbers."""
    for hunk in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        lines = hunk.splitlines()
        before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        assert text.count(f"{before}\n") == 1, f"these lines stand {text.count(before)} times, expected once:\n{before}"
        text = text.replace(f"{before}\n", f"{after}\n")
    return text


def _run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    start = {"python": [sys.executable], "churnlab": [sys.executable, "-m", "churnlab"]}[program]
    environment = {
        **os.environ,
        "CHURNLAB_CACHE": str(folder / "cache"),
        "CI": "1",
        "PYTHONPATH": str(folder / "src"),
        "PYTHONWARNINGS": "error::UserWarning:churnlab",
    }
    done = subprocess.run(
        [*start, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout


def _carry_out(section: str, folder: Path) -> list[str]:
    """Make the changes of a section and run its commands, in order; give the lines that are missing."""
    missing = []
    for how, file, language, content in STEP.findall(section):
        path = folder / file
        if how == "New file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        elif how == "In":
            assert language == "diff", f"{file}: expected a diff"
            path.write_text(_changed(path.read_text(encoding="utf-8"), content), encoding="utf-8")
        elif language == "console":
            for part in content.removeprefix("$ ").split("\n$ "):
                command, *expected = part.strip().splitlines()
                printed = _run(command, folder).splitlines()
                missing += [f"{line}\n  in {printed}" for line in expected if line not in printed]
    return missing


@pytest.mark.parametrize("name", SECTIONS)
def test_what_the_page_says_is_what_happens(name, tmp_path):
    for folder in ("src", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    steps = STEP.findall(SECTIONS[name])
    assert any(language == "console" for *_, language, _ in steps)
    assert _carry_out(SECTIONS[name], tmp_path) == []


def test_a_line_that_is_not_printed_and_a_hunk_that_does_not_fit_are_seen(tmp_path):
    (tmp_path / "one.txt").write_text("a\nb\n", encoding="utf-8")
    assert _carry_out("```console\n$ python -c 'print(1)'\n2\n```\n", tmp_path) == ["2\n  in ['1']"]
    with pytest.raises(AssertionError, match="0 times"):
        _carry_out("In `one.txt`:\n\n```diff\n c\n+d\n```\n", tmp_path)
    assert _carry_out("In `one.txt`:\n\n```diff\n a\n+d\n```\n", tmp_path) == []
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == "a\nd\nb\n"


def test_every_table_with_a_day_of_its_own_is_cut_there_and_scrambled_behind_it():
    """A table that is forgotten in one of the two lists would show an earlier day what came later."""
    dated = {
        name: next(column.name for column in table.columns if column.kind == "date" and column.required)
        for name, table in CONTRACT.items()
        if any(column.kind == "date" and column.required for column in table.columns)
    }
    prices = {name: day for name, day in dated.items() if name == "rates"}  # known of every day alike
    assert guard._DATED | prices == dated, "add the table and its day to _DATED of churnlab/history/guard.py"
    cut = study._DAYS | {"orders": "order_date"} | prices
    assert cut == dated, "add the table and its day to _DAYS of churnlab/answers/study.py"
