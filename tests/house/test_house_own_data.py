"""The page on one's own data says what the code does."""

import re
from pathlib import Path

import pytest

from churnlab.tables import CONTRACT, RULES
from churnlab.tables.mapping import preset_names, read_mapping

PAGE = (Path(__file__).parents[2] / "docs" / "own-data.md").read_text(encoding="utf-8")


def cells_of(heading: str) -> list[list[str]]:
    """Read the rows of the first table below a heading, without its head."""
    section = PAGE.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_rule_stands_there_with_its_remedy():
    told = {row[0]: row[1:] for row in cells_of("Every rule")}
    assert told == {name: [rule.severity, rule.action, rule.remedy] for name, rule in RULES.items()}


def test_every_table_and_column_stands_there():
    rows = {row[0].strip("`"): row[2] for row in cells_of("What is needed")}
    assert list(rows) == list(CONTRACT)
    for name, table in CONTRACT.items():
        for column in table.columns:
            assert re.search(rf"\b{column.name}\b", rows[name]) or column.name == "known_on", (name, column.name)
        needed = rows[name].split("**")[1].split(", ")
        assert needed == [c.name for c in table.columns if c.required and c.default is None]


def test_every_preset_stands_there():
    assert sorted(row[0].strip("`") for row in cells_of("Presets")) == preset_names()


def test_the_example_of_a_mapping_is_one(tmp_path):
    block = re.search(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert block is not None
    path = tmp_path / "mapping.toml"
    path.write_text(block[1], encoding="utf-8")
    mapping = read_mapping(path)
    assert mapping.tables["orders"].date_format == ("%d.%m.%Y", "%d.%m.%Y %H:%M:%S", "excel")
    assert mapping.tables["surveys"].score_scale == pytest.approx((1, 5))
