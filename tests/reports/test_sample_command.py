"""``churnlab sample``: a plant in a folder, nothing else overwritten, wrong use said in words."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from churnlab.cli import LawName, app
from churnlab.tables import load
from churnlab.tables.plant import LAWS


def sample(*words: str | Path):
    return CliRunner().invoke(app, ["sample", *map(str, words)])


def test_a_plant_of_a_law_is_written_and_read_without_an_error(tmp_path):
    made = sample(tmp_path / "plant", "--clients", 30, "--law", "price", "--seed", 4)
    assert made.exit_code == 0
    assert f"Look at {tmp_path / 'plant/README.md'}" in made.stdout
    tables = load(tmp_path / "plant")
    assert not tables.forbids_model
    assert set(tables.finding_counts["severity"]) == {"info"}
    described = json.loads((tmp_path / "plant/datapackage.json").read_text(encoding="utf-8"))
    assert "'price', seed 4" in described["description"]
    readme = (tmp_path / "plant/README.md").read_text(encoding="utf-8")
    assert "churnlab sample DIR --law price --clients 30 --seed 4" in readme


def test_json_is_one_object_and_progress_is_apart(tmp_path):
    command = [sys.executable, "-m", "churnlab", "sample", str(tmp_path / "plant"), "--clients", "25", "--json"]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(made.stdout)
    assert told["status"] == "fine"
    assert str(tmp_path / "plant/truth/clients.csv") in told["files"]


def test_an_earlier_plant_is_replaced_and_anything_else_left_alone(tmp_path):
    assert sample(tmp_path / "plant", "--clients", 25).exit_code == 0
    assert sample(tmp_path / "plant", "--clients", 25, "--seed", 3).exit_code == 0
    assert "3" in (tmp_path / "plant/truth/plant.csv").read_text(encoding="utf-8")
    (tmp_path / "plant/notes.txt").write_text("mine", encoding="utf-8")
    assert sample(tmp_path / "plant", "--clients", 25).exit_code == 2
    assert (tmp_path / "plant/notes.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/letter.txt").write_text("dear", encoding="utf-8")
    refused = sample(tmp_path / "letters")
    assert refused.exit_code == 2
    assert "so it is left alone" in refused.output
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("words", "said"), [(("--clients", 19), "20"), (("--law", "gravity"), "gravity"), (("--seed", -1), "equal to 0")]
)
def test_wrong_use_is_2(tmp_path, words, said):
    refused = sample(tmp_path / "plant", *words)
    assert refused.exit_code == 2
    assert said in refused.output
    assert not (tmp_path / "plant").exists()


def test_every_law_has_its_word():
    assert [name.value for name in LawName] == list(LAWS)
