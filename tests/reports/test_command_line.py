"""The command line: exit codes, what is printed, and where."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import churnlab
from churnlab.cli import app

run = CliRunner().invoke


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


def test_version():
    ended = run(app, ["--version"])
    assert (ended.exit_code, ended.stdout) == (0, f"churnlab {churnlab.__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "nowhere"],
        ["check", ".", "--wrong"],
        ["report", "."],
        ["report", ".", "--out", "x", "--seed", "-1"],
        ["report", ".", "--out", "x", "--mapping", "nowhere.toml"],
        ["unknown"],
    ],
)
def test_wrong_use_is_2(arguments):
    ended = run(app, arguments)
    assert ended.exit_code == 2
    assert "Traceback" not in ended.output


def test_starts_without_the_heavy_packages():
    code = "import sys, churnlab.cli; print(sorted({'pandas', 'numpy', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_runs_as_a_module():
    ended = subprocess.run([sys.executable, "-m", "churnlab", "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("churnlab ")


def test_check_reconciles_and_lists_remedies(dataset):
    orders = dataset / "orders.csv"
    orders.write_text(orders.read_text() + "k00,2024-01-01,\n")
    ended = run(app, ["check", str(dataset)])
    assert ended.exit_code == 0
    assert "433 rows read = 432 kept + 0 left out + 1 dropped" in ended.stdout
    assert "warning: orders: empty amount: 1 dropped (fill in the amount)" in ended.stdout


def test_check_writes_a_workbook_and_one_object(dataset, tmp_path):
    path = tmp_path / "found.xlsx"
    ended = run(app, ["check", str(dataset), "--out", str(path), "--json"])
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["status"], said["files"]) == (0, "fine", [str(path)])
    assert path.exists()


def test_check_out_must_be_a_workbook(dataset, tmp_path):
    ended = run(app, ["check", str(dataset), "--out", str(tmp_path / "found.csv")])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "ends in .xlsx" in ended.stderr


@pytest.mark.parametrize("command", [["check"], ["report", "--out", "out"]])
def test_no_valid_order_is_3_without_a_traceback(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    ended = run(app, [*command, str(tmp_path), "--json"])
    assert ended.exit_code == 3
    said = json.loads(ended.stdout)
    assert said["status"] == "no valid order"
    assert "orders.csv" in said["error"]
    assert list(tmp_path.iterdir()) == []


def test_findings_that_forbid_a_model_are_3(dataset, tmp_path):
    orders = dataset / "orders.csv"
    orders.write_text(orders.read_text() + "k00,2024-01-01,\n" * 60)
    assert run(app, ["check", str(dataset)]).exit_code == 3
    ended = run(app, ["report", str(dataset), "--out", str(tmp_path / "out")])
    assert ended.exit_code == 3
    assert "empty amount: 60" in ended.stderr
    assert not (tmp_path / "out").exists()


def test_a_mistaken_mapping_is_2(dataset, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text("[ordrs]\n")
    ended = run(app, ["check", str(dataset), "--mapping", str(mapping)])
    assert ended.exit_code == 2
    assert "orders" in ended.stderr


def test_report_says_what_it_found_and_where_to_look(build, suite_of, dataset, monkeypatch):
    tmp_path = dataset.parent
    suite_of({"10_summary": build("1")})
    out = tmp_path / "out"
    ended = run(app, ["report", str(dataset), "--out", str(out)])
    assert ended.exit_code == 0
    assert ended.stdout.splitlines() == [
        "One client in four may leave.",
        f"Look at {out / 'index.html'}",
        f"Which code is which client: {tmp_path / 'out.codes.csv'} (keep it to yourself)",
    ]
    assert ended.stderr.splitlines()[0] == "[0/3] read orders (1 of 4)"
    assert "[1/3] read the data" in ended.stderr
    monkeypatch.setenv("CI", "true")
    silent = run(app, ["report", str(dataset), "--out", str(out), "--json"])
    assert silent.stderr == ""
    said = json.loads(silent.stdout)
    assert said["headline"] == ["One client in four may leave."]
    assert all(Path(file).exists() for file in said["files"])


def test_a_broken_page_is_1_and_named(build, suite_of, dataset):
    suite_of({"05_prize": build("{}['prize']"), "10_summary": build("1")})
    ended = run(app, ["report", str(dataset), "--out", str(dataset.parent / "out")])
    assert ended.exit_code == 1
    assert "failed: 05_prize, cell 3: KeyError: 'prize'" in ended.stderr
    assert "Look at" in ended.stdout


def test_a_foreign_folder_is_2(build, suite_of, dataset):
    suite_of({"10_summary": build("1")})
    ended = run(app, ["report", str(dataset), "--out", str(dataset.parent)])
    assert ended.exit_code == 2
    assert dataset.exists()
