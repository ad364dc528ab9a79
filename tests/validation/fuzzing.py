"""Fuzzing: a small dataset, bent out of shape in a way that a seed decides, must load or be refused in words."""

import sqlite3
import tempfile
import warnings
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from churnlab.tables import DataError, MappingError, Tables, findings_frame, load
from churnlab.tables.names import pseudonymised

CELLS = [
    *("", " ", "NA", "nan", "None", "0", "-0", "1e400", "-1e308", "inf", "1,234", "1.234", "1 234,5", "155,22-", "(5)"),
    *("\u22127", "today", "now", "2024-02-30", "0000-00-00", "00000000", "9999-12-31", "0001-01-01", "99999999999999"),
    *("03/04/2025", "2024-01-01T25:00", "=1+1", "<script>", "'; DROP TABLE orders; --", "\u202eevil", "\x00", "\x1a"),
    *('"', "''", "\ufeff", "x" * 5000, "Итого", "Total", "\U0001f4a3", "\ud7ff", "true", "-1", "11", "2999-01-01"),
    *("{{7*7}}", "\\", "\t"),
]
MAPPINGS = [
    "",
    'preset = "1c"\n',
    'preset = "sap"\n',
    'preset = "salesforce"\n',
    '[orders]\ndecimal = ","\nthousands = "."\n',
    '[orders]\ndate_format = ["%d/%m/%Y", "%m/%d/%Y", "excel"]\n',
    "[orders]\nheader_row = 3\n",
    '[orders]\nencoding = "utf-16"\n',
    '[orders]\nencoding = "cp1251"\nseparator = ";"\n',
    '[orders]\nidentical_rows = "drop"\nreturns = "positive"\nfill_down = ["client_id"]\n',
    '[orders.keep_only]\nkind = ["sale"]\n',
    "[surveys]\nscore_scale = [1, 5]\n",
]


def base(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make a small dataset in which nothing is wrong, all of it text."""
    clients = [f"{number:03d}" for number in range(8)]
    n = 60
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 360, n), unit="D")
    orders = pd.DataFrame(
        {
            "client_id": rng.choice(clients, n),
            "order_date": days.strftime("%Y-%m-%d"),
            "amount": np.round(rng.gamma(2, 300, n), 2).astype(str),
            "order_id": [f"o{number}" for number in range(n)],
            "kind": "sale",
            "quantity": rng.integers(1, 9, n).astype(str),
            "currency": "EUR",
        }
    )
    surveys = pd.DataFrame(
        {
            "client_id": rng.choice(clients, 20),
            "survey_date": "2024-05-05",
            "wave": "annual",
            "invited": "true",
            "recommend": rng.integers(0, 11, 20).astype(str),
            "price": rng.integers(0, 11, 20).astype(str),
        }
    )
    firms = pd.DataFrame({"client_id": clients, "name": [f"Firm {c}" for c in clients], "parent_id": ""})
    return {"orders": orders, "clients": firms, "surveys": surveys}


def _bend(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Change cells, rows and columns."""
    frame = frame.copy()
    for _ in range(rng.integers(0, 12)):
        frame.iloc[int(rng.integers(len(frame))), int(rng.integers(frame.shape[1]))] = str(rng.choice(CELLS))
    if rng.random() < 0.2:
        frame = frame.sample(frac=1, axis=1, random_state=int(rng.integers(1 << 30)))
    if rng.random() < 0.1:
        frame = frame.drop(columns=str(rng.choice(frame.columns)))
    if rng.random() < 0.1:
        frame = frame.rename(columns={str(rng.choice(frame.columns)): str(rng.choice(CELLS))})
    if rng.random() < 0.2:
        frame = pd.concat([frame, frame.sample(min(25, len(frame)), random_state=int(rng.integers(1 << 30)))])
    if rng.random() < 0.05:
        frame = frame.head(0)
    return frame.reset_index(drop=True)


def _distinct(headers: pd.Index) -> list[str]:
    """Give the headers names that a database takes."""
    again = headers.str.lower().duplicated()
    pairs = zip(headers, again, strict=True)
    return [
        f"{header or 'c'}{number if twice else ''}".replace("\x00", "") for number, (header, twice) in enumerate(pairs)
    ]


def _write(frames: dict[str, pd.DataFrame], folder: Path, rng: np.random.Generator) -> Path:
    """Write the tables in one of the forms that are read; return what to load."""
    form = rng.choice(["csv", "csv", "csv", "parquet", "xlsx", "sqlite", "duckdb"])
    if form in {"sqlite", "duckdb"}:
        path = folder / f"data.{form}"
        for name, frame in frames.items():
            frame.columns = _distinct(frame.columns)
            if form == "sqlite":
                with sqlite3.connect(path) as connection:
                    frame.to_sql(name, connection, index=False)
                connection.close()
            else:
                with duckdb.connect(path) as connection:
                    connection.execute(f"create table {name} as select * from frame")  # noqa: S608 -- our own name
        return path
    for name, frame in frames.items():
        path = folder / f"{name}.{form}"
        if form == "csv":
            encoding = str(rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1251"]))
            text = frame.to_csv(index=False, sep=str(rng.choice([",", ",", ",", ";", "\t"])))
            path.write_bytes(text.encode(encoding, errors="replace"))
        elif form == "parquet":
            if rng.random() < 0.5 and "amount" in frame:
                frame["amount"] = pd.to_numeric(frame["amount"], errors="coerce")
            frame.to_parquet(path, index=False)
        else:
            frame.to_excel(path, index=False, engine="xlsxwriter")
    return folder


def _damage(folder: Path, rng: np.random.Generator) -> None:
    """Cut a file off, overwrite bytes of it, or put noise in its place."""
    files = sorted(folder.iterdir())
    path = files[int(rng.integers(len(files)))]
    content = bytearray(path.read_bytes())
    how = rng.integers(3)
    if how == 0:
        content = content[: int(rng.integers(len(content) + 1))]
    elif how == 1 and content:
        for place in rng.integers(0, len(content), int(rng.integers(1, 20))):
            content[place] = int(rng.integers(256))
    else:
        content = bytearray(rng.bytes(int(rng.integers(0, 400))))
    path.write_bytes(content)


def reconciles(tables: Tables) -> bool:
    """Tell whether all rows and money read are kept, left out or dropped, and each loss has a finding."""
    for line in tables.reconciliation.to_dict("records"):
        if line["rows_read"] != line["rows_kept"] + line["rows_left_out"] + line["rows_dropped"]:
            return False
        found = tables.finding_counts
        mine = found[(found["table"] == line["table"]) & found["action"].isin(["dropped", "left out"])]
        if line["rows_dropped"] + line["rows_left_out"] > mine["count"].sum():
            return False
        if len(getattr(tables, line["table"]) if line["rows_kept"] else ()) != line["rows_kept"]:
            return False
        if line["table"] == "orders":
            kept, read = line["amount_kept"], line["amount_read"] + line["amount_converted"]
            if not np.isclose(read, kept + line["amount_left_out"] + line["amount_dropped"], rtol=1e-9, atol=1e-6):
                return False
    return True


def ends_well(seed: int) -> bool:
    """Bend a dataset out of shape and load it: a clean load that reconciles, or a refusal in words."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = Path(name)
        frames = {table: _bend(frame, rng) if rng.random() < 0.7 else frame for table, frame in base(rng).items()}
        data = _write(frames, folder, rng)
        if rng.random() < 0.3:
            _damage(folder, rng)
        mapping = None
        if rng.random() < 0.4:
            mapping = folder / "mapping.toml"
            mapping.write_text(str(rng.choice(MAPPINGS)), encoding="utf-8")
        try:
            tables = load(data, mapping)
        except (DataError, MappingError) as error:
            return bool(str(error).strip())
        findings_frame(pseudonymised(tables)[0])
        return reconciles(tables)
