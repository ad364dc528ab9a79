"""Mapping files: which file and column of a source is which table and column of the contract.

A mapping is TOML. Every mistake in it is collected and told at once, a misspelt key with the nearest
right one; nothing in a mapping is ever ignored.
"""

import codecs
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Entries
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from churnlab.tables.contract import CONTRACT, Table

DECIMAL_MARKS = (".", ",")
THOUSANDS_MARKS = ("", " ", ".", ",", "'")


class MappingError(ValueError):
    """A mapping file that cannot be used.

    Parameters
    ----------
    file
        Name of the mapping file.
    problems
        Every mistake in it, one sentence each.

    Attributes
    ----------
    problems : tuple of str
        The same.
    """

    def __init__(self, file: str, problems: list[str]) -> None:
        super().__init__(file, problems)
        self.file = file
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(f"{self.file}: {problem}" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How one table is written in the source.

    Attributes
    ----------
    file
        File name inside the data folder; None means the table's own name with ``.csv`` or ``.parquet``.
    encoding, separator, decimal, thousands, date_format
        How text is written; `date_format` in the words of ``strptime``.
    score_scale
        Score that stands for 0 and score that stands for 10.
    columns
        Source header by canonical column.
    factors
        Source header by name of a further rated factor (surveys only).
    leave_out
        Values by source header; rows that hold one of them are left out.
    """

    file: str | None = None
    encoding: str = "utf-8"
    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    date_format: str = "%Y-%m-%d"
    score_scale: tuple[float, float] = (0.0, 10.0)
    columns: Entries[str, str] = field(default_factory=dict)
    factors: Entries[str, str] = field(default_factory=dict)
    leave_out: Entries[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping.

    Attributes
    ----------
    tables
        How each table of the contract is written.
    show_names
        Whether pages show the clients' names; codes otherwise.
    base_currency
        Currency in which all amounts are expected; None means any one.
    """

    tables: Entries[str, TableMapping] = field(default_factory=lambda: {name: TableMapping() for name in CONTRACT})
    show_names: bool = False
    base_currency: str | None = None


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file.

    Parameters
    ----------
    path
        The TOML file.

    Returns
    -------
    Mapping
        The mapping; tables that it does not mention keep the contract's defaults.

    Raises
    ------
    MappingError
        If the file is missing, is no TOML, or holds unknown keys or values of the wrong kind.
    """
    try:
        entries = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        message = f"cannot be read ({error.strerror}); give the path of a mapping file"
        raise MappingError(path.name, [message]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(path.name, [f"is not TOML in UTF-8: {error}"]) from error
    return _mapping(entries, file=path.name)


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word comes nearest to one that was not found.

    Parameters
    ----------
    word
        What was given.
    known
        What could have been given.

    Returns
    -------
    str
        ``"; did you mean 'x'?"``, or the list of known words if none is near.

    Examples
    --------
    >>> nearest("decimals", ["separator", "decimal"])
    "; did you mean 'decimal'?"
    """
    found = nearest_word(word, known)
    return f"; did you mean {found!r}?" if found else f"; known here: {', '.join(known)}"


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that comes nearest to another, capitals apart, or None if none is near.

    Parameters
    ----------
    word
        What was given.
    known
        What could have been given.

    Returns
    -------
    str or None
        One of `known`.

    Examples
    --------
    >>> nearest_word("client_id", ["Client ID", "Date"])
    'Client ID'
    """
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), list(by_lower), n=1)
    return by_lower[found[0]] if found else None


def _mapping(entries: dict[str, object], *, file: str) -> Mapping:
    problems: list[str] = []
    known = ["show_names", "base_currency", *CONTRACT]
    problems += [f"unknown key {key!r}{nearest(key, known)}" for key in entries if key not in known]
    show_names = entries.get("show_names", False)
    if not isinstance(show_names, bool):
        problems.append(f"show_names is true or false, not {show_names!r}")
    currency = entries.get("base_currency")
    if currency is not None and not (isinstance(currency, str) and currency.strip()):
        problems.append(f'base_currency is a currency\'s code such as "EUR", not {currency!r}')
    tables = {}
    for name, table in CONTRACT.items():
        given = entries.get(name, {})
        if isinstance(given, dict):
            tables[name] = _table_mapping(given, table=table, problems=problems)
        else:
            problems.append(f"[{name}] is a table, not {given!r}")
    if problems:
        raise MappingError(file, problems)
    return Mapping(tables, bool(show_names), currency if isinstance(currency, str) else None)


def _table_mapping(given: dict[str, object], *, table: Table, problems: list[str]) -> TableMapping:
    """Check one section; add what is wrong to `problems`."""
    known = {**_TEXTS, "columns": None, "leave_out": None}
    if table.name == "surveys":
        known |= {"score_scale": None, "factors": None}
    place = f"[{table.name}]"
    problems += [f"{place} unknown key {key!r}{nearest(key, known)}" for key in given if key not in known]
    texts = {key: given[key] for key in _TEXTS if key in given}
    for key, value in texts.items():
        complaint = _TEXTS[key](value) if isinstance(value, str) else "is a text"
        if complaint:
            problems.append(f"{place} {key} {complaint}, not {value!r}")
    default = TableMapping()
    if texts.get("decimal", default.decimal) == texts.get("thousands", default.thousands):
        problems.append(f"{place} decimal and thousands are the same mark; they have to differ")
    columns = _headers(given.get("columns", {}), place=f"[{table.name}.columns]", problems=problems)
    known_columns = table.column_names
    problems += [
        f"[{table.name}.columns] unknown column {name!r}{nearest(name, known_columns)}"
        for name in columns
        if name not in known_columns
    ]
    factors = _headers(given.get("factors", {}), place=f"[{table.name}.factors]", problems=problems)
    problems += [
        f"[{table.name}.factors] {name!r} is a column of the contract; give it under [{table.name}.columns]"
        for name in factors
        if name in known_columns
    ]
    return TableMapping(
        **{key: value for key, value in texts.items() if isinstance(value, str)},
        score_scale=_scale(given.get("score_scale", [0, 10]), place=place, problems=problems),
        columns=columns,
        factors=factors,
        leave_out=_leave_out(given.get("leave_out", {}), place=f"[{table.name}.leave_out]", problems=problems),
    )


def _headers(given: object, *, place: str, problems: list[str]) -> dict[str, str]:
    if not isinstance(given, dict):
        problems.append(f'{place} holds lines such as amount = "header in the file", not {given!r}')
        return {}
    problems += [
        f'{place} {name} is a header in quotation marks such as "Net amount", not {header!r}'
        for name, header in given.items()
        if not isinstance(header, str) or not header
    ]
    return {name: header for name, header in given.items() if isinstance(header, str)}


def _leave_out(given: object, *, place: str, problems: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        problems.append(f'{place} holds lines such as status = ["Cancelled"], not {given!r}')
        return {}
    kept = {}
    for header, values in given.items():
        if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
            kept[header] = tuple(values)
        else:
            problems.append(f'{place} {header} is a list of texts such as ["Cancelled"], not {values!r}')
    return kept


def _scale(given: object, *, place: str, problems: list[str]) -> tuple[float, float]:
    match given:
        case [int() | float() as low, int() | float() as high] if low != high and not (
            isinstance(low, bool) or isinstance(high, bool)
        ):
            return float(low), float(high)
    problems.append(
        f"{place} score_scale is the worst and the best score, two different numbers such as [1, 5], not {given!r}"
    )
    return 0.0, 10.0


def _file_problem(value: str) -> str:
    plain = value not in {"", ".", ".."} and "/" not in value and "\\" not in value
    if not plain:
        return "is the name of a file inside the data folder"
    return "" if value.lower().endswith((".csv", ".txt", ".tsv", ".parquet")) else "ends in .csv or .parquet"


def _encoding_problem(value: str) -> str:
    try:
        codecs.lookup(value)
    except (LookupError, ValueError):
        return 'is an encoding such as "utf-8" or "cp1252"'
    return ""


def _date_format_problem(value: str) -> str:
    complaint = 'names year, month and day such as "%d.%m.%Y", without time zone'
    example = datetime(2001, 2, 13)  # noqa: DTZ001 (a calendar day has no time zone)
    if "%z" in value or "%Z" in value:
        return complaint
    try:
        back = datetime.strptime(example.strftime(value), value)  # noqa: DTZ007 (likewise)
    except ValueError:
        return complaint
    return "" if back == example else complaint


_TEXTS = {
    "file": _file_problem,
    "encoding": _encoding_problem,
    "separator": lambda value: "" if len(value) == 1 and value not in '"\r\n' else "is one character",
    "decimal": lambda value: "" if value in DECIMAL_MARKS else 'is "." or ","',
    "thousands": lambda value: "" if value in THOUSANDS_MARKS else 'is "", " ", ".", "," or "\'"',
    "date_format": _date_format_problem,
}
