"""The workbook of findings."""

import openpyxl
import pytest

from churnlab.reports.folder import UsageError
from churnlab.reports.workbook import write_findings
from churnlab.tables import load


@pytest.fixture
def tables(tmp_path):
    lines = ["client_id,order_date,amount", "k1,2025-01-01,5", '"=cmd()",=1+1,3', "k2,2025-01-02,"]
    lines += [f"k3,2025-02-{day:02d},0" for day in range(1, 28)]
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    return load(tmp_path)


def test_findings_counts_and_reconciliation(tables, tmp_path):
    path = tmp_path / "found.xlsx"
    write_findings(path, tables)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Findings", "Counts by rule", "Reconciliation"]
    sheet = book["Findings"]
    assert [cell.value for cell in sheet[1]] == [
        "file",
        "sheet",
        "row",
        "column",
        "value",
        "rule",
        "severity",
        "action",
    ]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:H{len(tables.findings) + 1}"
    values = {cell.value: cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row}
    assert values["=1+1"] == "s"
    assert values[3] == "n"
    read = {row[0].value: row[2].value for row in book["Reconciliation"].iter_rows(min_row=2)}
    assert read["orders"] == 30


def test_writing_twice_gives_the_same_bytes(tables, tmp_path):
    write_findings(tmp_path / "a.xlsx", tables)
    write_findings(tmp_path / "b.xlsx", tables)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".xlsx"}


@pytest.mark.parametrize("name", ["found.csv", "nowhere/found.xlsx"])
def test_wants_a_workbook_in_a_folder(tables, tmp_path, name):
    with pytest.raises(UsageError):
        write_findings(tmp_path / name, tables)
