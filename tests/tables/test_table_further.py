"""The tables beside orders, clients and surveys: read, checked and told about like these."""

import re
from pathlib import Path

import pandas as pd
import pytest

import churnlab
from churnlab.tables import CONTRACT, Tables, load

ROWS = 30
ORDERS = "client_id,order_date,amount\nb,2025-01-02,5\na,2025-01-03,7\n"
FURTHER = {
    "touches": ["client_id,date,kind,manager_id", "b,2025-01-05,Visit,M1", "a,2025-01-06,call,M2"],
    "failures": ["client_id,date,kind,severity,handling,cost", "b,2025-01-05,late,2,open,120.5", "a,2025-01-06,wet,,,"],
    "offers_seen": ["client_id,date,competitor,depth,outcome", "b,2025-01-05,Ligna,0.07,declined", "a,2025-01-06,,,"],
    "losses": ["client_id,date,reason,won_back_date,known_on", "b,2025-02-05,price,2025-06-01,2025-03-01"],
    "contacts": ["client_id,name,role,birthday", "b,Ann Example,buyer,1980-01-31", "a,Bo Example,,"],
    "managers": ["manager_id,name,monthly_cost,start_date,hours_per_month", "M2,Cy,2700,2009-09-01,120", "M1,Di,,,"],
    "merges": ["old_id,new_id,date", "z,a,2025-01-01"],
    "rates": ["currency,date,rate", "SEK,2025-01-01,0.1", "SEK,2024-01-01,0.09"],
    "changes": ["what,date,product_line,factor", "new site,2025-02-01,,", "new routine,2025-01-07,boards,timing"],
}


def loaded(folder: Path, **tables: list[str]) -> Tables:
    """Load orders and further tables from lines."""
    folder.mkdir(exist_ok=True)
    for name, lines in {"orders": ORDERS.splitlines(), **tables}.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load(folder)


def test_every_table_of_the_contract_comes_out_typed_and_sorted(tmp_path):
    assert set(FURTHER) == set(CONTRACT) - {"orders", "clients", "surveys"}
    tables = loaded(tmp_path, **FURTHER)
    assert tables.findings == ()
    types = {"id": "str", "text": "str", "choice": "str", "date": "datetime64[us]", "number": "float64"}
    for name, lines in FURTHER.items():
        frame, table = getattr(tables, name), CONTRACT[name]
        assert len(frame) == len(lines) - 1
        assert set(frame.columns) == set(lines[0].split(","))
        assert list(frame.columns) == [column for column in table.column_names if column in frame]
        assert frame.equals(frame.sort_values(list(table.sort_by), kind="stable", ignore_index=True))
        kinds = {column.name: types[column.kind] for column in table.columns if column.name in frame}
        assert frame.dtypes.astype("str").to_dict() == kinds
    assert tables.touches["kind"].tolist() == ["call", "visit"]
    assert tables.failures["cost"].fillna(-1).tolist() == [-1, 120.5]
    assert tables.losses["won_back_date"].tolist() == [pd.Timestamp("2025-06-01")]
    reconciled = tables.reconciliation.set_index("table")
    assert reconciled["rows_kept"].to_dict() == {"orders": 2} | {n: len(lines) - 1 for n, lines in FURTHER.items()}


@pytest.mark.parametrize("name", sorted(FURTHER))
def test_a_table_that_is_there_is_asked_for_its_required_columns(tmp_path, name):
    """Every required column is one without which the load says so, and any other may be missing."""
    required = [column.name for column in CONTRACT[name].columns if column.required and column.default is None]
    full = ["a" if CONTRACT[name].columns[0].kind == "id" else "SEK" for _ in required]
    values = {"date": "2025-01-01", "kind": "call", "reason": "price", "rate": "2", "new_id": "b"}
    full = [values.get(column, given) for column, given in zip(required, full, strict=True)]
    frame = getattr(loaded(tmp_path, **{name: [",".join(required), ",".join(full)]}), name)
    assert list(frame.columns) == [column.name for column in CONTRACT[name].columns if column.required]
    for missing in required:
        others = [column for column in required if column != missing]
        with pytest.raises(churnlab.tables.DataError, match=rf"{name}.csv has no column {missing}\b"):
            loaded(tmp_path, **{name: [",".join(others), ",".join("x" for _ in others)]})


@pytest.mark.parametrize(
    ("name", "line", "rule", "column"),
    [
        ("touches", ",2025-01-05,call,M1", "empty client id", "client_id"),
        ("touches", "a,,call,M1", "empty date", "date"),
        ("touches", "a,2025-01-05,,M1", "unknown value", "kind"),
        ("touches", "a,2025-01-05,letter,M1", "unknown value", "kind"),
        ("failures", "a,2025-01-05,,1,open,2", "empty value", "kind"),
        ("offers_seen", "a,5.1.2025,Ligna,0.1,", "ambiguous date", "date"),
        ("contacts", "a, ,buyer,", "empty value", "name"),
        ("managers", ",Ed,1,,", "empty value", "manager_id"),
        ("managers", "M9,,1,,", "empty value", "name"),
        ("managers", "M1,Other,1,,", "conflicting manager", "manager_id"),
        ("merges", ",a,", "empty client id", "old_id"),
        ("merges", "y,,", "empty client id", "new_id"),
        ("rates", ",2025-01-01,2", "empty value", "currency"),
        ("rates", "SEK,2025-02-01,much", "unreadable number", "rate"),
        ("rates", "SEK,2025-02-01,0", "rate not above zero", "rate"),
        ("rates", "SEK,2025-02-01,-0.1", "rate not above zero", "rate"),
        ("rates", "SEK,2025-01-01,0.3", "conflicting rate", "date"),
    ],
)
def test_a_planted_row_that_cannot_be_used_is_dropped(tmp_path, *, name, line, rule, column):
    before = getattr(loaded(tmp_path / "before", **FURTHER), name)
    tables = loaded(tmp_path / "after", **FURTHER | {name: [*FURTHER[name], line]})
    dropped = [(f.column, f.rule, f.action) for f in tables.findings if f.row is not None]
    assert dropped == [(column, rule, "dropped")]
    pd.testing.assert_frame_equal(getattr(tables, name), before)


@pytest.mark.parametrize(
    ("name", "line", "rule", "column"),
    [
        ("losses", "a,2025-01-05,divorce,,", "unknown value", "reason"),
        ("losses", "a,2025-01-05,,,", "unknown value", "reason"),
        ("failures", "a,2025-01-05,late,bad,open,2", "unreadable number", "severity"),
        ("failures", "a,2025-01-05,late,1,loud,2", "unknown value", "handling"),
        ("contacts", "a,Flo Example,buyer,May", "unreadable date", "birthday"),
    ],
)
def test_a_planted_value_that_can_be_spared_is_replaced_and_told(tmp_path, *, name, line, rule, column):
    tables = loaded(tmp_path, **FURTHER | {name: [*FURTHER[name], line]})
    assert [(f.column, f.rule, f.action) for f in tables.findings] == [(column, rule, "fixed")]
    frame = getattr(tables, name)
    assert len(frame) == len(FURTHER[name])
    row = frame.loc[frame["client_id"] == "a", column]
    assert (row == "unknown").all() if column == "reason" else row.isna().any()


@pytest.mark.parametrize("name", ["touches", "failures", "offers_seen", "losses", "contacts"])
def test_clients_that_only_a_further_table_knows_are_told(tmp_path, name):
    lines = [*FURTHER[name], FURTHER[name][1].replace("b,", "nobody,", 1)]
    tables = loaded(tmp_path, **{name: lines, "clients": ["client_id", "a", "b"]})
    assert [(f.file, f.value, f.rule) for f in tables.findings] == [(f"{name}.csv", "nobody", "client not in clients")]
    assert len(getattr(tables, name)) == len(lines) - 1


@pytest.mark.parametrize(("name", "forbids"), [("contacts", False), ("managers", False), ("merges", True)])
def test_rows_lost_forbid_models_only_where_models_rest_on_the_table(tmp_path, name, forbids):
    lines = {"contacts": "a,,buyer,", "managers": "M1,Other,1,,", "merges": "y,,"}
    tables = loaded(tmp_path, **FURTHER | {name: [*FURTHER[name], lines[name]]})
    told = [finding for finding in tables.findings if finding.row is None]
    assert [finding.rule for finding in told] == ["too many rows dropped" if forbids else "many rows dropped"]
    assert tables.forbids_model == forbids


@pytest.mark.parametrize("name", sorted(FURTHER))
def test_the_fingerprint_follows_every_table(tmp_path, name):
    marks = {loaded(tmp_path).fingerprint, loaded(tmp_path, **{name: FURTHER[name]}).fingerprint}
    marks.add(loaded(tmp_path, **{name: FURTHER[name][:2]}).fingerprint)
    assert len(marks) == (3 if len(FURTHER[name]) > 2 else 2)


def test_missing_tables_are_named_in_one_line(tmp_path):
    notices = loaded(tmp_path / "all", **FURTHER).notices
    assert [notice for notice in notices if notice.startswith("No ")] == [
        "No clients, surveys: such a table would be a .csv or .parquet file of that name."
    ]
    none = loaded(tmp_path / "none").notices
    assert [notice[:26] for notice in none] == ["No clients, surveys, touch"]


def test_every_table_is_read_by_an_answer():
    """A table of the contract that no answer reads would be asked for in vain."""
    package = Path(churnlab.__file__).parent
    others = [path for path in package.rglob("*.py") if not {"tables", "history"} & set(path.parts)]
    code = [path.read_text(encoding="utf-8") for path in others]
    used = {name for name in CONTRACT for text in code if re.search(rf"\btables\.{name}\b", text)}
    assert set(CONTRACT) - used == {"merges", "rates"}  # applied while reading
