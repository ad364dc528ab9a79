"""The command line: exit codes, what is printed, and where."""

import json
import os
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
    assert ended.stdout.startswith("orders: ")
    assert "and 1 row whose amount could not be read" in ended.stdout


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


def test_what_concerns_a_whole_table_is_told_in_full(dataset):
    orders = dataset / "orders.csv"
    orders.write_text(orders.read_text() + "k00,2024-01-01,\n" * 60)
    ended = run(app, ["check", str(dataset)])
    assert "error: orders: too many rows dropped: 60 of " in ended.stdout
    assert "(empty amount 60)" in ended.stdout


def test_a_folder_in_the_place_of_a_key_is_2(dataset, tmp_path):
    ended = run(app, ["pseudonymise", str(dataset), "--out", str(tmp_path / "out"), "--key-file", str(tmp_path)])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "is a directory" in ended.stderr


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
    ended = run(app, ["report", str(dataset), "--out", str(dataset.parent / "out"), "--since", str(dataset)])
    assert ended.exit_code == 2
    assert "give another --since" in ended.stderr
    assert not (dataset.parent / "out").exists()


def test_check_proposes_a_mapping_and_reads_by_it_once_confirmed(tmp_path):
    lines = ["Asiakasnro;Pvm;Summa", *(f"{n % 4};{n % 28 + 1}.{n % 12 + 1}.2024;1 0{n:02d},50" for n in range(60))]
    (tmp_path / "myynti.csv").write_text("\n".join(lines), encoding="utf-8")
    ended = run(app, ["check", str(tmp_path), "--json"])
    said = json.loads(ended.stdout)
    mapping = tmp_path / "mapping.toml"
    assert (ended.exit_code, said["files"]) == (3, [str(mapping)])
    assert said["error"].startswith("Found myynti.csv; it or its columns have other names than ours.\nA proposal of a")
    unread = run(app, ["check", str(tmp_path)])
    assert unread.exit_code == 2
    assert "nobody has confirmed" in unread.stderr
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace("confirmed = false", "confirmed = true"), encoding="utf-8"
    )
    ended = run(app, ["check", str(tmp_path)])
    assert ended.exit_code == 0
    assert "60 rows read = 60 kept" in ended.stdout
    assert "amounts: 61,800.00 read = 61,800.00 kept + 0.00 left out + 0.00 dropped" in ended.stdout


def test_check_writes_its_findings_as_json(dataset, tmp_path):
    with (dataset / "orders.csv").open("a", encoding="utf-8") as stream:
        stream.write("k00,2024-01-01,\n")
    path = tmp_path / "found.json"
    assert run(app, ["check", str(dataset), "--out", str(path)]).exit_code == 0
    said = json.loads(path.read_text(encoding="utf-8"))
    assert set(said) == {"findings", "counts_by_rule", "reconciliation"}
    assert said["findings"][0]["rule"] == "empty amount"
    assert said["findings"][0]["row"] > 1


def test_data_that_are_not_there_are_wrong_use_and_an_unset_address_no_order(tmp_path):
    ended = run(app, ["check", str(tmp_path / "nowhere")])
    assert ended.exit_code == 2
    assert "does not exist" in ended.stderr
    ended = run(app, ["check", "env:CHURNLAB_NOT_SET"])
    assert ended.exit_code == 3
    assert "the environment variable CHURNLAB_NOT_SET is not set" in ended.stderr


def test_check_shows_progress_and_none_in_ci(dataset, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    assert "read orders" in run(app, ["check", str(dataset)]).stderr
    monkeypatch.setenv("CI", "true")
    assert run(app, ["check", str(dataset)]).stderr == ""


def test_a_run_killed_midway_leaves_the_earlier_report_whole(dataset, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "churnlab", "report", str(dataset), "--out", str(out)]
    environment = {**os.environ, "CHURNLAB_CACHE": str(tmp_path / "cache")}
    subprocess.run([*command, "--only", "01"], check=True, capture_output=True, env=environment)
    before = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    quiet = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, env=environment, **quiet) as process:
        for line in process.stderr:
            if "notebook" in line:
                break
        process.kill()
    assert {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
