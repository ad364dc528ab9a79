"""Sources: where each table of a dataset lies, whether it is a folder, a file or a database."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from churnlab.tables.contract import CONTRACT
from churnlab.tables.databases import ADDRESS_PREFIX, is_duckdb, is_sqlite, read_table, table_names
from churnlab.tables.files import read_file, sheet_names
from churnlab.tables.mapping import Mapping, TableMapping, nearest
from churnlab.tables.mapping_rules import FILE_ENDINGS, WORKBOOK_ENDINGS
from churnlab.tables.raw import RawTable, SourceError, shown

MAPPING_NAME = "mapping.toml"

_MOST_NAMED = 20
_BY_NAME = (".csv", ".tsv", ".txt", ".parquet", *WORKBOOK_ENDINGS)
"""Endings under which a table is found by its own name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one table lies.

    Attributes
    ----------
    data
        The file, or ``env:NAME`` of a database's address.
    sheet
        The sheet of a workbook or the table of a database; empty for other files.
    """

    data: Path | str
    sheet: str = ""

    @property
    def file(self) -> str:
        """What findings call the file."""
        return self.data if isinstance(self.data, str) else self.data.name


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset before it is read.

    Attributes
    ----------
    places
        Where each table lies, for the tables that are there.
    notices
        What is missing or ignored.
    problems
        What stands in the way.
    """

    places: dict[str, Place]
    notices: list[str]
    problems: list[str]


def is_database(data: Path | str) -> bool:
    """Tell whether data lie in a database.

    Parameters
    ----------
    data
        A path, or ``env:NAME``.

    Returns
    -------
    bool
        True for a DuckDB or SQLite file and for an address.
    """
    return isinstance(data, str) or is_duckdb(data) or is_sqlite(data)


def as_data(given: str | Path) -> Path | str:
    """Tell a path from the address of a database.

    Parameters
    ----------
    given
        What the user said.

    Returns
    -------
    Path or str
        ``env:NAME`` as it stands, else a path.

    Raises
    ------
    SourceError
        If there is no such file or folder.
    """
    if str(given).startswith(ADDRESS_PREFIX):
        return str(given)
    path = Path(given)
    if not path.exists():
        message = f"{path} does not exist; give the folder, workbook or database that holds the orders"
        raise SourceError(message)
    return path


def home(data: Path | str) -> Path:
    """Name the folder in which a dataset's mapping lies: its own, or the present one for an address."""
    if isinstance(data, str):
        return Path()
    return data if data.is_dir() else data.parent


def locate(data: Path | str, *, mapping: Mapping) -> Source:
    """Find each table.

    Parameters
    ----------
    data
        A folder, a file, or ``env:NAME``.
    mapping
        The mapping, which may name files, sheets and tables.

    Returns
    -------
    Source
        What was found; problems are told, never raised.
    """
    try:
        if isinstance(data, Path) and data.is_dir():
            return _in_folder(data, mapping)
        if is_database(data):
            return _alone(_among(data, table_names(data), mapping, what="table", key="table"), data, mapping)
        assert isinstance(data, Path)  # noqa: S101 -- an address is a database
        if data.suffix.lower() in WORKBOOK_ENDINGS:
            return _alone(_among(data, sheet_names(data), mapping, what="sheet", key="sheet"), data, mapping)
        if data.suffix.lower() in FILE_ENDINGS:
            here = ["orders", *(name for name in CONTRACT if _named(mapping, name) == data.name.lower())]
            return _alone(Source(dict.fromkeys(here, Place(data)), [], []), data, mapping)
    except SourceError as error:
        return Source({}, [], [f"{error}."])
    known = ", ".join((*FILE_ENDINGS, ".duckdb", ".sqlite"))
    return Source({}, [], [f"{data.name} is no file that churnlab reads; it reads {known}, and folders of them."])


def read(place: Place, *, mapping: TableMapping) -> RawTable:
    """Read the cells of a table.

    Parameters
    ----------
    place
        Where it lies.
    mapping
        How it is written.

    Returns
    -------
    RawTable

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    if is_database(place.data):
        return read_table(place.data, place.sheet, file=place.file)
    assert isinstance(place.data, Path)  # noqa: S101 -- an address is a database
    return read_file(place.data, sheet=place.sheet, mapping=mapping)


def everything(data: Path | str) -> list[Place]:
    """List all that could be a table.

    Parameters
    ----------
    data
        A folder, a file, or ``env:NAME``.

    Returns
    -------
    list of Place
        Each file, sheet and table that can be read; files that cannot be opened are left out.
    """
    files: Iterable[Path | str] = [data]
    if isinstance(data, Path) and data.is_dir():
        files = [path for path in sorted(data.iterdir()) if path.suffix.lower() in FILE_ENDINGS]
    places = []
    for file in files:
        try:
            if is_database(file):
                places += [Place(file, name) for name in table_names(file)]
            elif isinstance(file, Path) and file.suffix.lower() in WORKBOOK_ENDINGS:
                places += [Place(file, name) for name in sheet_names(file)]
            elif isinstance(file, Path) and file.suffix.lower() in FILE_ENDINGS:
                places.append(Place(file))
        except SourceError:
            continue
    return places


def fingerprint(places: dict[str, Place], cells: Callable[[str], pd.DataFrame], *, mapping_file: Path | None) -> str:
    """Hash what was read.

    Parameters
    ----------
    places
        Where each table lies.
    cells
        Gives the cells of a table; asked for what lies behind an address.
    mapping_file
        The mapping used, if one was.

    Returns
    -------
    str
        SHA-256 over the tables' names, places and contents and the mapping's content, in hexadecimal.
    """
    whole = hashlib.sha256()
    digests: dict[Path, str] = {}
    for name, place in sorted(places.items()):
        if isinstance(place.data, str):
            digest = hashlib.sha256(
                pd.util.hash_pandas_object(cells(name).astype("str"), index=False).to_numpy().tobytes()
            )
            content = digest.hexdigest()
        else:
            content = digests.setdefault(place.data, "") or _digest(place.data)
            digests[place.data] = content
        whole.update(f"{name}\0{place.file}\0{place.sheet}\0{content}\0".encode("utf-8", "surrogatepass"))
    if mapping_file is not None:
        whole.update(f"mapping\0{_digest(mapping_file)}\0".encode())
    return whole.hexdigest()


def _in_folder(folder: Path, mapping: Mapping) -> Source:
    """Find the file of each table, by the name that the mapping gives, or by the table's own."""
    present = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    by_lower: dict[str, list[str]] = {}
    for name in present:
        by_lower.setdefault(name.lower(), []).append(name)
    source = Source({}, [], [])
    absent = []
    for name, table in CONTRACT.items():
        named = mapping.tables[name].file
        wanted = [named] if named else [f"{name}{ending}" for ending in _BY_NAME]
        found = [file for want in wanted for file in ([want] if want in present else by_lower.get(want.lower(), []))]
        if len(found) > 1:
            source.problems.append(f"{name}: both {found[0]} and {found[1]} are there; take one away.")
        elif found:
            _choose_sheet(source, name, present[found[0]], mapping.tables[name])
        elif named:
            source.problems.append(f"{name}: the mapping names {named!r}, which is not there{nearest(named, present)}")
        elif table.needed:
            source.problems.append(
                f"{name}: neither {wanted[0]} nor {', '.join(wanted[1:])} is there; put one in, or say in "
                f'{MAPPING_NAME} which file it is:\n  [{name}]\n  file = "..."'
            )
        else:
            absent.append(name)
    if absent:
        source.notices.append(f"No {', '.join(absent)}: such a table would be a .csv or .parquet file of that name.")
    source.notices.extend(_ignored(folder, places=source.places))
    return source


def _choose_sheet(source: Source, name: str, path: Path, mapping: TableMapping) -> None:
    """Place a table in a file; of a workbook, in its only sheet, or the one named."""
    if path.suffix.lower() not in WORKBOOK_ENDINGS:
        source.places[name] = Place(path)
        return
    try:
        sheets = sheet_names(path)
    except SourceError as error:
        source.problems.append(f"{name}: {error}.")
        return
    wanted = mapping.sheet or name
    match = [sheet for sheet in sheets if sheet == wanted or (sheet.lower() == wanted.lower() and wanted not in sheets)]
    if not match and mapping.sheet is None and len(sheets) == 1:
        match = sheets
    if match:
        source.places[name] = Place(path, match[0])
    else:
        source.problems.append(
            f"{name}: {path.name} has no sheet {wanted!r}; it has {', '.join(sheets)}. Say in {MAPPING_NAME} which "
            f'it is:\n  [{name}]\n  sheet = "..."'
        )


def _among(data: Path | str, present: list[str], mapping: Mapping, *, what: str, key: str) -> Source:
    """Find the sheet or database table of each table of the contract."""
    source = Source({}, [], [])
    file = data if isinstance(data, str) else data.name
    by_lower = {name.lower(): name for name in present}
    absent = []
    for name, table in CONTRACT.items():
        named = getattr(mapping.tables[name], key)
        found = by_lower.get((named or name).lower()) if (named or name) not in present else (named or name)
        if found is not None:
            source.places[name] = Place(data, found)
        elif named:
            source.problems.append(
                f"{name}: the mapping names the {what} {named!r}, which {file} does not have{nearest(named, present)}"
            )
        elif table.needed:
            source.problems.append(
                f"{name}: {file} has no {what} of that name; it has {', '.join(present) or 'none'}. Say in "
                f'{MAPPING_NAME} which it is:\n  [{name}]\n  {key} = "..."'
            )
        else:
            absent.append(name)
    if absent:
        source.notices.append(f"No {', '.join(absent)}: such a table would be a {what} of that name.")
    used = {place.sheet for place in source.places.values()}
    others = [name for name in present if name not in used]
    source.notices.extend(f"Ignored: {file}, {what} {name}" for name in others[:_MOST_NAMED])
    if len(others) > _MOST_NAMED:
        source.notices.append(f"Ignored: {file}, {len(others) - _MOST_NAMED} more")
    return source


def _alone(source: Source, data: Path | str, mapping: Mapping) -> Source:
    """Tell of the tables that the mapping takes from another file than the one that was given."""
    file = data if isinstance(data, str) else data.name
    for name in CONTRACT:
        named = mapping.tables[name].file
        if _named(mapping, name) in {"", file.lower()}:
            continue
        source.places.pop(name, None)
        if name == "orders":
            message = f"orders: {file} was given, and the mapping takes orders from {named!r}; give the folder, or"
            source.problems.append(f"{message} take `file` out of [orders].")
        else:
            source.notices.append(f"Ignored: {name}, which the mapping takes from {named!r}; give the folder")
    return source


def _named(mapping: Mapping, name: str) -> str:
    """Give the file from which the mapping takes a table, in small letters; an empty text if it names none."""
    return (mapping.tables[name].file or "").lower()


def _ignored(folder: Path, *, places: dict[str, Place]) -> list[str]:
    read_files = {place.file for place in places.values()} | {MAPPING_NAME}
    others = [path for path in sorted(folder.iterdir()) if path.name not in read_files]
    return [
        f"Ignored: {shown(path.name)}{'/' if path.is_dir() else ''}" for path in others if not path.name.startswith(".")
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
