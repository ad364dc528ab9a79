"""Mappings: which file and column of a source is which table and column of the contract.

A mapping is TOML. Every mistake in it is collected and told at once, a misspelt key with the nearest
right one; nothing in a mapping is ever ignored. A preset is a mapping for a common kind of export: what it names
may be absent, what the user's own mapping names may not.
"""

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Entries
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from churnlab.tables.contract import CONTRACT, Table
from churnlab.tables.mapping_rules import KEYS, SURVEY_KEYS, table_problems

Headers = tuple[str, ...]
"""What a column may be called in the source; the first that is there is taken."""

_PRESETS = files("churnlab.tables") / "presets"
_UNCONFIRMED = (
    "is a proposal that nobody has confirmed yet: read every line of it, mend what is wrong, and then set "
    "`confirmed = true` at its top"
)


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
        File name inside the data folder; None means the table's own name with a known ending.
    sheet, table
        Sheet of a workbook, table of a database; None means one of the table's own name.
    encoding, separator
        How a text file is written; None means UTF-8 (or what its byte order mark says), and a comma or, in a
        ``.tsv``, a tabulator.
    header_row
        Row of the column names, as a spreadsheet counts; what stands above it is passed over.
    decimal, thousands
        Marks of numbers; None means a point, and that nobody has said so.
    date_format
        How days are written, in the words of ``strptime`` or ``excel``; none means ISO.
    score_scale
        Score that stands for 0 and score that stands for 10; None means 0 to 10, and that nobody has said so.
    returns
        Whether amounts of returns and credits are ``negative`` in the source, or ``positive``; None means negative,
        and that nobody has said so.
    identical_rows
        Whether to ``keep`` or ``drop`` all but the first of identical rows; None keeps them, and asks where a
        whole month seems to be there twice.
    columns
        Source headers by canonical column.
    optional_columns, optional_keep_only
        Columns and filters from a preset: used where they are there.
    factors
        Source header by name of a further rated factor (surveys only).
    words
        By canonical column, what the source writes for each choice.
    leave_out, keep_only
        Values by source header; rows that hold one of them, or none of them, are left out.
    fill_down
        Source headers whose empty cells repeat the one above.
    """

    file: str | None = None
    sheet: str | None = None
    table: str | None = None
    encoding: str | None = None
    separator: str | None = None
    header_row: int = 1
    decimal: str | None = None
    thousands: str | None = None
    date_format: tuple[str, ...] = ()
    score_scale: tuple[float, float] | None = None
    returns: str | None = None
    identical_rows: str | None = None
    columns: Entries[str, Headers] = field(default_factory=dict)
    optional_columns: Entries[str, Headers] = field(default_factory=dict)
    optional_keep_only: Entries[str, tuple[str, ...]] = field(default_factory=dict)
    factors: Entries[str, str] = field(default_factory=dict)
    words: Entries[str, Entries[str, tuple[str, ...]]] = field(default_factory=dict)
    leave_out: Entries[str, tuple[str, ...]] = field(default_factory=dict)
    keep_only: Entries[str, tuple[str, ...]] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()


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
        The mapping, on top of the preset that it names; tables that neither mentions keep the contract's defaults.

    Raises
    ------
    MappingError
        If the file is missing, is no TOML, holds unknown keys or values of the wrong kind, or is a proposal that
        nobody has confirmed.
    """
    try:
        entries = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        message = f"cannot be read ({error.strerror}); give the path of a mapping file"
        raise MappingError(path.name, [message]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(path.name, [f"is not TOML in UTF-8: {error}"]) from error
    problems = _problems(entries)
    if problems:
        raise MappingError(path.name, problems)
    preset = entries.get("preset")
    below = Mapping() if preset is None else _preset(str(preset))
    laid = _mapping(entries, below=below)
    problems = [
        f"[{name}] decimal and thousands are the same mark, {table.thousands!r}; they have to differ"
        for name, table in laid.tables.items()
        if (table.decimal or ".") == table.thousands
    ]
    if problems:
        raise MappingError(path.name, problems)
    return laid


def preset_names() -> list[str]:
    """Name the presets that there are.

    Returns
    -------
    list of str
        What ``preset`` in a mapping may say, sorted.

    Examples
    --------
    >>> preset_names()
    ['1c', 'hubspot', 'salesforce', 'sap']
    """
    return sorted(entry.name.removesuffix(".toml") for entry in _PRESETS.iterdir() if entry.name.endswith(".toml"))


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


def _preset(name: str) -> Mapping:
    """Read a preset; its columns are wishes, not claims."""
    entries = tomllib.loads((_PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
    read = _mapping(entries, below=Mapping())
    tables = {
        table: replace(
            given, columns={}, keep_only={}, optional_columns=given.columns, optional_keep_only=given.keep_only
        )
        for table, given in read.tables.items()
    }
    return replace(read, tables=tables)


def _problems(entries: dict[str, Any]) -> list[str]:
    """List every mistake in a mapping."""
    known = ["confirmed", "preset", "show_names", "base_currency", *CONTRACT]
    problems = [f"unknown key {key!r}{nearest(key, known)}" for key in entries if key not in known]
    flags = [key for key in ("confirmed", "show_names") if not isinstance(entries.get(key, True), bool)]
    problems += [f"{key} is true or false, not {entries[key]!r}" for key in flags]
    if entries.get("confirmed") is False:
        problems.append(_UNCONFIRMED)
    currency = entries.get("base_currency")
    if currency is not None and not (isinstance(currency, str) and currency.strip()):
        problems.append(f'base_currency is a currency\'s code such as "EUR", not {currency!r}')
    preset = entries.get("preset")
    if preset is not None and preset not in preset_names():
        problems.append(f"preset is one of {', '.join(preset_names())}, not {preset!r}")
    for name, table in CONTRACT.items():
        given = entries.get(name, {})
        if not isinstance(given, dict):
            problems.append(f"[{name}] is a table, not {given!r}")
            continue
        keys = (*KEYS, *SURVEY_KEYS) if name == "surveys" else KEYS
        problems += [f"[{name}] unknown key {key!r}{nearest(key, keys)}" for key in given if key not in keys]
        problems += table_problems(given, table=table)
        problems += _unknown_columns(given, table)
    return problems


def _unknown_columns(given: dict[str, Any], table: Table) -> list[str]:
    """List columns that the contract does not have."""
    problems = []
    for section in ("columns", "words"):
        if isinstance(given.get(section), dict):
            problems += [
                f"[{table.name}.{section}] unknown column {name!r}{nearest(name, table.column_names)}"
                for name in given[section]
                if name not in table.column_names
            ]
    return problems


def _mapping(entries: dict[str, Any], *, below: Mapping) -> Mapping:
    """Lay checked entries over a mapping."""
    tables = {name: _table(entries.get(name, {}), below=below.tables[name]) for name in CONTRACT}
    return Mapping(
        tables,
        show_names=entries.get("show_names", below.show_names),
        base_currency=entries.get("base_currency", below.base_currency),
    )


def _table(given: dict[str, Any], *, below: TableMapping) -> TableMapping:
    """Lay one checked section over another: single settings replace, lists by name add to what is below."""
    changes = {}
    for setting in fields(TableMapping):
        if setting.name not in given:
            continue
        value = _frozen(given[setting.name])
        if setting.name == "columns":
            value = {name: _several(headers) for name, headers in value.items()}
        elif setting.name == "date_format":
            value = _several(value)
        elif setting.name == "score_scale":
            value = tuple(float(score) for score in value)
        elif isinstance(value, dict):
            value = {**getattr(below, setting.name), **value}
        changes[setting.name] = value
    if "decimal" in changes and "thousands" not in changes and below.thousands == changes["decimal"]:
        changes["thousands"] = None
    if "thousands" in changes and "decimal" not in changes and below.decimal == changes["thousands"]:
        changes["decimal"] = None
    return replace(below, **changes)


def _frozen(value: Any) -> Any:
    """Turn lists into tuples, however deep."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


def _several(value: Any) -> tuple[str, ...]:
    """Take one text as a list of one."""
    return (value,) if isinstance(value, str) else value
