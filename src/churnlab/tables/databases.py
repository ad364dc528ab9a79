"""Databases: tables of DuckDB and SQLite files, and of any database that SQLAlchemy reaches.

Nothing is ever written to them. Names are quoted by the library; no text of the data becomes part of a query.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd
import pyarrow as pa

from churnlab.tables.raw import RawTable, SourceError, from_arrow, raw_table, typed_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Engine

ADDRESS_PREFIX = "env:"
"""What a dataset is called whose address stands in an environment variable: ``env:NAME``."""

_ROWS_AT_ONCE = 50_000


def is_duckdb(path: Path) -> bool:
    """Tell whether a file is a DuckDB database, by its first bytes."""
    return _first_bytes(path, 12)[8:] == b"DUCK"


def is_sqlite(path: Path) -> bool:
    """Tell whether a file is a SQLite database, by its first bytes."""
    return _first_bytes(path, 16) == b"SQLite format 3\0"


def table_names(data: str | Path) -> list[str]:
    """Name the tables and views of a database.

    Parameters
    ----------
    data
        A DuckDB or SQLite file, or ``env:NAME``.

    Returns
    -------
    list of str
        Sorted; with their schema where it is not the default one.

    Raises
    ------
    SourceError
        If the database cannot be reached, or what reads it is not installed.
    """
    return sorted(_tables(data))


def read_table(data: str | Path, name: str, *, file: str, limit: int | None = None) -> RawTable:
    """Read a table or view.

    Parameters
    ----------
    data
        A DuckDB or SQLite file, or ``env:NAME``.
    name
        As `table_names` gives it.
    file
        What findings call the database.
    limit
        How many rows to read; None reads all.

    Returns
    -------
    RawTable
        The rows in the order in which the database gives them, counted from 1.

    Raises
    ------
    SourceError
        If the database cannot be reached or read.
    """
    schema, plain = _tables(data).get(name, ("", name)) if "." in name else ("", name)
    if isinstance(data, Path) and is_duckdb(data):
        quoted = ".".join('"' + part.replace('"', '""') + '"' for part in ([schema] if schema else []) + [plain])
        most = "" if limit is None else f" limit {int(limit)}"
        with _duckdb(data) as connection:
            cells = from_arrow(connection.sql(f"select * from {quoted}{most}").to_arrow_table())  # noqa: S608
        return raw_table(cells, file=file, sheet=name, first_row=1)
    with _sqlalchemy(data) as engine:
        import sqlalchemy as sa  # noqa: PLC0415 -- an extra

        query = sa.select(sa.text("*")).select_from(sa.table(plain, schema=schema or None)).limit(limit)
        with engine.connect().execution_options(stream_results=True, max_row_buffer=_ROWS_AT_ONCE) as connection:
            result = connection.execute(query)
            headers = list(result.keys())
            rows = [tuple(row) for part in result.partitions(_ROWS_AT_ONCE) for row in part]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headers)
    cells = pd.concat([typed_column(column) for column in columns], axis=1) if headers else pd.DataFrame()
    cells.columns = pd.Index(headers)
    return raw_table(cells, file=file, sheet=name, first_row=1)


def _tables(data: str | Path) -> dict[str, tuple[str, str]]:
    """Find the schema, empty for the default one, and the name of each table and view, by what it is called here."""
    found: dict[str, tuple[str, str]] = {}
    if isinstance(data, Path) and is_duckdb(data):
        with _duckdb(data) as connection:
            rows = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
        pairs = [("" if schema == "main" else schema, name) for schema, name in rows]
    else:
        with _sqlalchemy(data) as engine:
            from sqlalchemy import inspect  # noqa: PLC0415 -- an extra

            looker = inspect(engine)
            passed_over = {looker.default_schema_name, "main", "information_schema"}
            schemas = [None, *(schema for schema in looker.get_schema_names() if schema not in passed_over)]
            pairs = [
                (schema or "", name)
                for schema in schemas
                for name in (*looker.get_table_names(schema=schema), *looker.get_view_names(schema=schema))
            ]
    for schema, name in sorted(pairs):  # where two are called the same, the default schema goes before
        found.setdefault(f"{schema}.{name}" if schema else name, (schema, name))
    return found


def _first_bytes(path: Path, count: int) -> bytes:
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror or error}") from error


@contextmanager
def _duckdb(path: Path) -> Iterator["DuckDBPyConnection"]:
    """Open a DuckDB file, to read only, without any way out of it."""
    try:
        import duckdb  # noqa: PLC0415 -- an extra
    except ImportError as error:
        raise SourceError(_not_installed("DuckDB files", "duckdb")) from error
    closed: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
    }
    try:
        with duckdb.connect(path, read_only=True, config=closed) as connection:
            yield connection
    except (duckdb.Error, pa.ArrowException, OverflowError, ValueError) as error:
        raise SourceError(f"{path.name} cannot be read: {str(error).strip()}") from error


@contextmanager
def _sqlalchemy(data: str | Path) -> Iterator["Engine"]:
    """Open a database by its address; no message shows the password."""
    try:
        import sqlalchemy as sa  # noqa: PLC0415 -- an extra
    except ImportError as error:
        raise SourceError(_not_installed("SQLite files and database addresses", "sql")) from error
    if isinstance(data, Path):
        address, name = f"sqlite:///file:{quote(str(data.resolve()))}?mode=ro&uri=true", data.name
    else:
        variable = data.removeprefix(ADDRESS_PREFIX)
        address, name = os.environ.get(variable, ""), data
        if not address:
            message = (
                f"the environment variable {variable} is not set; set it to the database's address, such as "
                "postgresql+pg8000://user:password@host/database"
            )
            raise SourceError(message)
    try:
        url = sa.make_url(address)
        engine = sa.create_engine(url)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError) as error:
        message = f"{name} holds no address that can be used ({type(error).__name__}); such an address looks like "
        raise SourceError(f"{message}postgresql+pg8000://user:password@host/database") from None
    try:
        yield engine
    except (sa.exc.SQLAlchemyError, UnicodeError, ValueError, OSError) as error:
        said = str(getattr(error, "orig", None) or error).strip()
        if url.password:
            said = said.replace(str(url.password), "***")
        raise SourceError(f"{name} cannot be read: {said}") from None
    finally:
        engine.dispose()


def _not_installed(what: str, extra: str) -> str:
    return f'to read {what}, install what reads them: pip install "churnlab[{extra}]"'
