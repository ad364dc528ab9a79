"""Sources: the same tables come out of text, workbooks and databases, real ones."""

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from churnlab.tables import DataError, Tables, load
from churnlab.tables.cells import to_text
from churnlab.tables.raw import typed_column

ORDERS = pd.DataFrame(
    {
        "client_id": ["007", "NA", "Äiti & Co", "007"],
        "order_date": ["2025-01-31", "2025-02-01", "2025-02-03", "2025-02-28"],
        "amount": [1200.5, 7.0, -3.25, 99.0],
        "order_id": ["o1", "o2", "o3", "o4"],
    }
)
CLIENTS = pd.DataFrame({"client_id": ["007", "NA", "Äiti & Co"], "name": ["=1+1", "'; DROP TABLE orders; --", "Äiti"]})


@pytest.fixture
def plain(tmp_path: Path) -> Tables:
    """What every source has to give."""
    folder = tmp_path / "plain"
    folder.mkdir()
    ORDERS.to_csv(folder / "orders.csv", index=False)
    CLIENTS.to_csv(folder / "clients.csv", index=False)
    return load(folder)


def assert_same(one: Tables, other: Tables) -> None:
    pd.testing.assert_frame_equal(one.orders, other.orders)
    pd.testing.assert_frame_equal(one.clients, other.clients)
    rules = [tables.finding_counts[["table", "rule", "count"]].to_numpy().tolist() for tables in (one, other)]
    assert rules[0] == rules[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_text_in_any_encoding(plain, tmp_path, encoding):
    folder = tmp_path / "text"
    folder.mkdir()
    ORDERS.to_csv(folder / "orders.tsv", index=False, sep="\t", encoding=encoding)
    CLIENTS.to_csv(folder / "clients.csv", index=False, encoding=encoding)
    marked = encoding in {"utf-8", "utf-8-sig", "utf-16"}
    sections = "" if marked else "".join(f'[{name}]\nencoding = "{encoding}"\n' for name in ("orders", "clients"))
    (folder / "mapping.toml").write_text(sections, encoding="utf-8")
    assert_same(load(folder), plain)


def test_a_workbook_with_several_sheets(plain, tmp_path):
    path = tmp_path / "export.xlsx"
    typed = ORDERS.assign(order_date=pd.to_datetime(ORDERS["order_date"]))
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        typed.to_excel(book, sheet_name="Orders", index=False)
        CLIENTS.to_excel(book, sheet_name="clients", index=False)
        CLIENTS.to_excel(book, sheet_name="notes", index=False)
    book = openpyxl.load_workbook(path)
    book["clients"]["B2"].data_type = "s"  # pandas writes a live formula
    book.save(path)
    tables = load(path)
    assert_same(tables, plain)
    assert "Ignored: export.xlsx, sheet notes" in tables.notices


def test_title_rows_totals_gaps_and_typed_cells_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Продажи"
    lines = [
        ["Отчёт по продажам"],
        [],
        ["Контрагент", "Дата", "Сумма"],
        ["ООО Берёза", datetime(2025, 1, 31), 1200.5],
        [None, date(2025, 2, 1), "1\u00a0300,25"],
        [],
        ["Итого ООО Берёза", None, 2500.75],
        [7, "03.02.2025", -3],
        ["Ива", 45691, 5],
        ["Итого", None, 2502.75],
    ]
    for line in lines:
        sheet.append(line)
    book.save(tmp_path / "export.xlsx")
    (tmp_path / "mapping.toml").write_text(
        '[orders]\nfile = "export.xlsx"\nheader_row = 3\ndecimal = ","\ndate_format = ["%d.%m.%Y", "excel"]\n'
        'fill_down = ["Контрагент"]\n'
        '[orders.columns]\nclient_id = "Контрагент"\norder_date = "Дата"\namount = "Сумма"\n',
        encoding="utf-8",
    )
    tables = load(tmp_path)
    told = tables.orders.astype("str")[["client_id", "order_date", "amount"]].to_numpy().tolist()
    assert told == [
        ["7", "2025-02-03", "-3.0"],
        ["Ива", "2025-02-03", "5.0"],
        ["ООО Берёза", "2025-01-31", "1200.5"],
        ["ООО Берёза", "2025-02-01", "1300.25"],
    ]
    places = [(f.sheet, f.row, f.rule) for f in tables.findings if f.rule == "total row"]
    assert places == [("Продажи", 7, "total row"), ("Продажи", 10, "total row")]
    assert not tables.forbids_model


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_database_file(plain, tmp_path, kind):
    path = tmp_path / f"data.{kind}"
    if kind == "sqlite":
        with sqlite3.connect(path) as connection:
            ORDERS.to_sql("orders", connection, index=False)
            CLIENTS.to_sql("Clients", connection, index=False)
        connection.close()
    else:
        with duckdb.connect(path) as connection:
            connection.execute("create table orders as select * replace (order_date::date as order_date) from ORDERS")
            connection.execute('create table "Clients" as select * from CLIENTS')
    before = path.read_bytes()
    tables = load(path)
    assert_same(tables, plain)
    assert path.read_bytes() == before
    assert [place.name for place in tmp_path.iterdir() if place.name.startswith("data")] == [path.name]


@pytest.mark.parametrize("name", ["'; DROP TABLE orders; --", 'say "orders"', "sales.order lines"])
def test_a_table_of_any_name_is_read_and_nothing_else_happens(plain, tmp_path, name):
    path = tmp_path / "data.duckdb"
    quoted = '"' + name.split(".")[-1].replace('"', '""') + '"'
    with duckdb.connect(path) as connection:
        connection.execute("create schema sales")
        connection.execute(f"create table {'sales.' if '.' in name else ''}{quoted} as select * from ORDERS")  # noqa: S608
        connection.execute("create table clients as select * from CLIENTS")
    mapping = tmp_path / "m.toml"
    mapping.write_text(f"[orders]\ntable = '''{name}'''\n", encoding="utf-8")
    assert_same(load(path, mapping), plain)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_dot_may_stand_in_the_name_of_a_table(plain, tmp_path, kind):
    path = tmp_path / f"data.{kind}"
    if kind == "sqlite":
        with sqlite3.connect(path) as connection:
            ORDERS.to_sql("orders.v2", connection, index=False)
            CLIENTS.to_sql("clients", connection, index=False)
        connection.close()
    else:
        with duckdb.connect(path) as connection:
            connection.execute('create table "orders.v2" as select * from ORDERS')
            connection.execute("create table clients as select * from CLIENTS")
            connection.execute('create schema "orders"')
            connection.execute('create table "orders"."v2" as select 1 as one')
    mapping = tmp_path / "m.toml"
    mapping.write_text('[orders]\ntable = "orders.v2"\n', encoding="utf-8")
    assert_same(load(path, mapping), plain)


def test_columns_of_odd_types_become_text_and_far_days_unreadable(tmp_path):
    path = tmp_path / "data.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create table orders as select * from (values ('a', '2025-01-31'::timestamp, 5, union_value(num := 3), "
            "interval 3 day, [1, 2]), ('b', 'infinity', 6, null, null, null), ('c', '-infinity', 7, null, null, null)) "
            "as t(client_id, order_date, amount, odd, span, list)"
        )
    tables = load(path)
    assert tables.orders["amount"].tolist() == [5.0]
    assert [(f.row, f.rule) for f in tables.findings if f.rule.endswith("date")] == [
        (2, "unreadable date"),
        (3, "unreadable date"),
    ]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Helsinki", "+03:00"])
@pytest.mark.parametrize(("unit", "far"), [("ms", 2**62), ("us", 2**63 - 1), ("us", -(2**63) + 1)])
def test_times_of_any_zone_and_far_ones_are_read_or_told(tmp_path, zone, unit, far):
    near = 1_738_281_600 * {"ms": 1_000, "us": 1_000_000}[unit]  # 2025-01-31
    times = pa.array([near, far, None], pa.int64()).cast(pa.timestamp(unit, zone))
    table = pa.table({"client_id": ["a", "b", "c"], "order_date": times, "amount": [1, 2, 3]})
    pq.write_table(table, tmp_path / "orders.parquet")
    tables = load(tmp_path)
    assert tables.orders["order_date"].tolist() == [pd.Timestamp(2025, 1, 31)]
    told = {finding.row: finding.rule for finding in tables.findings if finding.row}
    assert told == {3: "unreadable date", 4: "empty date"}


def test_long_whole_decimals_keep_every_digit(tmp_path):
    ids = ["12345678901234567890", "12345678901234567891", "9007199254740993", "9007199254740992"]
    typed = [Decimal(number) for number in ids]
    days, amounts = ["2025-01-31"] * 4, [Decimal("1.50")] * 4
    for precision, there in ((20, slice(None)), (16, slice(2, None))):
        table = pa.table(
            {
                "client_id": pa.array(typed[there], pa.decimal128(precision, 0)),
                "order_date": days[there],
                "amount": pa.array(amounts[there], pa.decimal128(20, 2)),
            }
        )
        pq.write_table(table, tmp_path / "orders.parquet")
        orders = load(tmp_path).orders
        assert sorted(orders["client_id"]) == sorted(ids[there])
        assert orders["amount"].tolist() == [1.5] * len(ids[there])
    assert to_text(typed_column([*typed, None])).tolist() == [*ids, ""]
    assert typed_column([Decimal("7.00"), Decimal("1.5"), Decimal("NaN")]).dtype == "float64"


def test_a_file_that_the_system_refuses_is_told(tmp_path, monkeypatch):
    path = tmp_path / "orders.csv"
    ORDERS.to_csv(path, index=False)

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"orders\.csv cannot be read: Permission denied"):
        load(path)


def test_rows_of_a_database_are_counted_from_1(tmp_path):
    path = tmp_path / "data.db"
    with sqlite3.connect(path) as connection:
        ORDERS.assign(amount=[1, None, 2, 3]).to_sql("orders", connection, index=False)
    connection.close()
    finding = next(f for f in load(path).findings if f.rule == "empty amount")
    assert (finding.file, finding.sheet, finding.row) == ("data.db", "orders", 2)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start a PostgreSQL of our own; give its address."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if initdb is None:
        pytest.skip("no PostgreSQL is installed: on Debian, apt-get install postgresql")
    binaries = Path(initdb).parent
    owner = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        password = folder / "password"
        password.write_text("top secret", encoding="utf-8")
        if owner:
            shutil.chown(folder, **owner)
            shutil.chown(password, **owner)
        arguments = [initdb, "-D", f"{name}/data", "-U", "analyst", "-A", "scram-sha-256", f"--pwfile={password}"]
        subprocess.run(
            [*arguments, "-E", "UTF8", "--locale=C", "-N"], check=True, capture_output=True, cwd=name, **owner
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = ["-F", "-p", str(port), "-k", name, "-c", "listen_addresses=127.0.0.1"]
        command = [str(binaries / "postgres"), "-D", f"{name}/data", *settings]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=name, **owner)
        try:
            for _ in range(100):
                time.sleep(0.1)
                if subprocess.run([binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(port)], check=False,
                                  capture_output=True).returncode == 0:  # fmt: skip
                    break
            yield f"postgresql+pg8000://analyst:top secret@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_a_postgresql_server(plain, server, monkeypatch, tmp_path):
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.text("create schema erp"))
        ORDERS.assign(order_date=pd.to_datetime(ORDERS["order_date"])).to_sql(
            "Order Lines",
            connection,
            schema="erp",
            index=False,
            dtype={"amount": sa.Numeric(12, 2), "order_date": sa.Date},
        )
        CLIENTS.to_sql("clients", connection, index=False)
    engine.dispose()
    monkeypatch.setenv("PLANT", server)
    mapping = tmp_path / "m.toml"
    mapping.write_text('[orders]\ntable = "erp.Order Lines"\n', encoding="utf-8")
    tables = load("env:PLANT", mapping)
    assert_same(tables, plain)
    assert tables.fingerprint == load("env:PLANT", mapping).fingerprint
    assert "env:PLANT" in str(tables.reconciliation["file"].tolist())
    with pytest.raises(
        DataError, match=r"env:PLANT has no table of that name; it has clients, erp\.Order Lines"
    ) as caught:
        load("env:PLANT")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "the environment variable PLANT is not set"),
        ("no address", "holds no address that can be used"),
        ("postgresql+nothing://a:top-secret@h/d", "holds no address that can be used"),
        ("postgresql+pg8000://a:top-secret@127.0.0.1:1/d", "cannot be read"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(monkeypatch, address, said):
    monkeypatch.setenv("PLANT", address)
    with pytest.raises(DataError, match=said) as caught:
        load("env:PLANT")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("orders.xlsx", b"PK not really", "cannot be read as a workbook"),
        ("orders.parquet", b"PAR1", "cannot be read"),
        ("data.duckdb", b"12345678DUCK and no more", "cannot be read"),
        ("data.sqlite", b"SQLite format 3\0 and no more", "cannot be read"),
        ("data.doc", b"", "is no file that churnlab reads"),
    ],
)
def test_a_damaged_file_is_told(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=said):
        load(path)


def test_a_missing_sheet_is_told_with_those_that_are_there(tmp_path):
    with pd.ExcelWriter(tmp_path / "export.xlsx") as book:
        ORDERS.to_excel(book, sheet_name="Sheet A", index=False)
        CLIENTS.to_excel(book, sheet_name="Sheet B", index=False)
    with pytest.raises(DataError, match="has no sheet of that name; it has Sheet A, Sheet B"):
        load(tmp_path / "export.xlsx")
    (tmp_path / "mapping.toml").write_text('[orders]\nfile = "export.xlsx"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"has no sheet 'orders'; it has Sheet A, Sheet B(.|\n)*sheet ="):
        load(tmp_path)
