"""Proposals: a mapping to start from, for data whose columns have names of their own.

What is written here is a guess, and says so: nobody reads data by it until somebody has read it and set
``confirmed = true``.
"""

import tomllib
from collections.abc import Mapping as Entries
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

import pandas as pd

from churnlab.tables.cells import is_blank, to_flags, to_text, to_words
from churnlab.tables.contract import CONTRACT, Column, Table
from churnlab.tables.databases import read_table
from churnlab.tables.files import read_file
from churnlab.tables.findings import DataError
from churnlab.tables.mapping import TableMapping, preset_names
from churnlab.tables.mapping_rules import quoted
from churnlab.tables.raw import RawTable, SourceError
from churnlab.tables.sniffing import bare, date_formats, how_written, number_marks
from churnlab.tables.sources import MAPPING_NAME, Place, as_data, everything, home, is_database

_ROWS = 20_000
_EXAMPLE = 40
_VALUES = 12
_GAPS = 0.2
_NEAR = 0.85
_PREFIX = 4

_WHO = frozenset(
    {
        *("account", "accountname", "asiakas", "buyer", "client", "customer", "debitor", "debtor", "kund", "kunde"),
        *("ostaja", "заказчик", "клиент", "контрагент", "наименование", "партнер", "покупатель"),
    }
)
"""Headers of an id under which a name often stands; a header that says number or code goes before."""

_HEAD = """\
# A proposal, made from the names and contents of the columns. Nothing is read by it until you have looked at every
# line, mended what is wrong, and set this to true:
confirmed = false

# base_currency = "EUR"  # needed if amounts come in several currencies
# show_names = true      # pages show clients' names in place of codes
"""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What could be a table: where it is, how it is written, its first rows, and which columns fit which table."""

    place: Place
    written: TableMapping
    raw: RawTable
    matches: Entries[str, Entries[str, str]]


def propose(data: Path | str) -> str:
    """Write a mapping to start from.

    Parameters
    ----------
    data
        A folder, a file, or ``env:NAME``.

    Returns
    -------
    str
        A mapping file in TOML, with ``confirmed = false`` at its top and an example from the data on each line.
        What could not be told stands there as a comment, with what it could be. Empty if nothing was found that could
        hold orders.
    """
    known = _known_headers()
    candidates = [found for place in everything(data) if (found := _candidate(place, known)) is not None]
    chosen: dict[str, _Candidate] = {}
    for name, table in sorted(CONTRACT.items(), key=lambda item: not item[1].needed):
        free = [candidate for candidate in candidates if candidate not in chosen.values()]
        fitting = free if table.needed else [candidate for candidate in free if _best_table(candidate) == name]
        best = max(fitting, key=lambda candidate: _fit(candidate, table), default=None)
        if best is not None and (table.needed or _fit(best, table)[0] == len(_asked(table))):
            chosen[name] = best
    if "orders" not in chosen:
        return ""
    sections = [_section(CONTRACT[name], chosen[name], data) for name in CONTRACT if name in chosen]
    if "clients" not in chosen:
        sections += _clients_of(chosen["orders"], known["clients"]["name"], data)
    return "\n".join([_HEAD, *sections])


def write_proposal(data: str | Path, mapping: str | Path | None = None) -> Path | None:
    """Write a proposal beside the data, unless there is a mapping.

    Parameters
    ----------
    data
        What holds the orders, as `churnlab.tables.load` takes it.
    mapping
        The mapping that the user asked for, if any.

    Returns
    -------
    Path or None
        The file written; None if there is a mapping, if nothing could be proposed, or if the folder cannot be
        written to.

    Raises
    ------
    DataError
        If a file has a name that no mapping can hold.
    """
    try:
        source = as_data(data)
        path = home(source) / MAPPING_NAME
        if mapping is not None or path.exists():
            return None
        text = propose(source)
        if text:
            _write_whole(path, text.encode("utf-8"))
    except UnicodeEncodeError as error:
        shown = error.object.encode("ascii", "replace").decode("ascii")
        line = next((line for line in shown.splitlines() if "file = " in line and "?" in line), "file")
        message = f"No mapping can be proposed: it is written in UTF-8, and a file's name is not ({line}); rename it."
        raise DataError([message]) from error
    except (SourceError, OSError):
        return None
    return path if text else None


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file, or leave nothing behind."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _known_headers() -> dict[str, dict[str, list[str]]]:
    """Collect what each column of each table may be called, bare; what is most telling comes first."""
    known = {name: {c.name: [bare(c.name)] for c in table.columns} for name, table in CONTRACT.items()}
    folder = files("churnlab.tables")
    for text in (*(folder / "presets" / f"{name}.toml" for name in preset_names()), folder / "headers.toml"):
        for table, content in tomllib.loads(text.read_text(encoding="utf-8")).items():
            for column, headers in content.get("columns", content).items():
                known[table][column] += [bare(header) for header in headers]
    return known


def _known_words() -> dict[tuple[str, str, str], str]:
    """Collect what presets know of the words in a column: the choice by table, column and word."""
    known: dict[tuple[str, str, str], str] = {}
    for name in preset_names():
        preset = tomllib.loads((files("churnlab.tables") / "presets" / f"{name}.toml").read_text(encoding="utf-8"))
        for table in CONTRACT:
            for column, choices in preset.get(table, {}).get("words", {}).items():
                known |= {(table, column, word.casefold()): choice for choice in choices for word in choices[choice]}
    return known


def _candidate(place: Place, known: dict[str, dict[str, list[str]]]) -> _Candidate | None:
    """Read the first rows of what could be a table; None if it cannot be read."""
    words = {word for table in known.values() for column in table.values() for word in column}
    try:
        if is_database(place.data):
            written, raw = TableMapping(), read_table(place.data, place.sheet, file=place.file, limit=_ROWS)
        else:
            assert isinstance(place.data, Path)  # noqa: S101 -- an address is a database
            written = how_written(place.data, place.sheet, words=words)
            raw = read_file(place.data, sheet=place.sheet, mapping=written)
    except (SourceError, UnicodeError):
        return None
    raw = replace(raw, cells=raw.cells.head(_ROWS))
    came = [header for header in raw.cells.columns if header]
    return _Candidate(place, written, raw, {name: _match(came, columns) for name, columns in known.items()})


def _match(came: list[str], columns: dict[str, list[str]]) -> dict[str, str]:
    """Give each column the header that fits best; no header serves twice."""
    by_bare = {bare(header): header for header in reversed(came)}
    found: dict[str, str] = {}
    exact = {
        column: [by_bare[word] for word in sorted(words, key=_WHO.__contains__) if word in by_bare]
        for column, words in columns.items()
    }
    for column, headers in exact.items():
        free = [header for header in headers if header not in found.values()]
        if free:
            found[column] = free[0]
    for column, words in columns.items():
        left = [word for word in by_bare if by_bare[word] not in found.values()]
        near = [word for word in left if any(word.startswith(w) for w in words if len(w) >= _PREFIX)]
        near += [hit for word in words for hit in get_close_matches(word, left, n=1, cutoff=_NEAR)]
        if column not in found and near:
            found[column] = by_bare[near[0]]
    return found


def _asked(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.required and column.default is None]


def _fit(candidate: _Candidate, table: Table) -> tuple[int, int]:
    """Count the needed and all columns that were found."""
    matched = candidate.matches[table.name]
    return sum(name in matched for name in _asked(table)), len(matched)


def _best_table(candidate: _Candidate) -> str:
    """Name the table of which it has all that is needed and most columns: a survey has clients' numbers too."""
    whole = [name for name, table in CONTRACT.items() if _fit(candidate, table)[0] == len(_asked(table))]
    return max(whole, key=lambda name: _fit(candidate, CONTRACT[name])[1], default="")


def _section(table: Table, candidate: _Candidate, data: Path | str) -> str:
    """Write the section of one table."""
    matched, cells = candidate.matches[table.name], candidate.raw.cells
    lines = [f"[{table.name}]"]
    lines += _place(candidate, data)
    lines += _writing(table, candidate)
    named = dict.fromkeys(matched.values())
    other = [header for header in cells.columns if header and header not in named]
    lines += ["", f"[{table.name}.columns]"]
    for column in table.columns:
        if column.name in matched:
            header = matched[column.name]
            lines.append(f"{column.name} = {quoted(header)}  # {column.meaning}{_example(cells, header)}")
        elif column.required and column.default is None:
            could = ", ".join(quoted(header) for header in other) or "no other column is there"
            lines.append(f'# {column.name} = "..."  # NOT FOUND, and needed: {column.meaning}. It could be: {could}')
    if other:
        lines.append(f"# not used: {', '.join(quoted(header) for header in other)}")
        lines += _few_words(table, cells, other)
        if table.name == "surveys":
            lines.append(f"# Is one rated? Name it so:  [surveys.factors]  our_name = {quoted(other[0])}")
    for column in table.columns:
        if column.name in matched:
            lines += _words(table, column, cells, matched[column.name])
    return "\n".join(lines) + "\n"


def _clients_of(candidate: _Candidate, names: list[str], data: Path | str) -> list[str]:
    """Write a section, as a comment, that takes clients' names from the orders, if they seem to stand there."""
    matched = candidate.matches["orders"]
    free = [header for header in candidate.raw.cells.columns if header and header not in matched.values()]
    name = next((header for header in free if bare(header) in _WHO.union(names)), None)
    if name is None or "client_id" not in matched:
        return []
    lines = ["[clients]", *_place(candidate, data)]
    if not is_database(candidate.place.data) and not candidate.place.sheet and not _in_a_folder(data):
        lines.append(f"file = {quoted(candidate.place.file)}")
    lines += [*_layout(candidate), *_repeated(candidate, "orders"), "", "[clients.columns]"]
    lines += [f"client_id = {quoted(matched['client_id'])}", f"name = {quoted(name)}"]
    told = f"# Clients' names seem to stand in {quoted(name)}. To read them, take the # off the lines below:"
    return ["\n".join([told, *(f"# {line}".rstrip() for line in lines)]) + "\n"]


def _place(candidate: _Candidate, data: Path | str) -> list[str]:
    """Say in which file, sheet or table it lies."""
    place, lines = candidate.place, []
    if _in_a_folder(data):
        lines.append(f"file = {quoted(place.file)}")
    if place.sheet:
        key = "table" if is_database(place.data) else "sheet"
        lines.append(f"{key} = {quoted(place.sheet)}")
    return lines


def _in_a_folder(data: Path | str) -> bool:
    return isinstance(data, Path) and data.is_dir()


def _layout(candidate: _Candidate) -> list[str]:
    """Say how the file is written, and where its header stands."""
    written, lines = candidate.written, []
    if written.encoding:
        lines.append(f"encoding = {quoted(written.encoding)}  # a guess: look at the examples for wrong letters")
    if written.separator and written.separator != ",":
        lines.append(f"separator = {quoted(written.separator)}")
    if written.header_row != 1:
        lines.append(f"header_row = {written.header_row}")
    return lines


def _repeated(candidate: _Candidate, name: str) -> list[str]:
    """Say that empty cells of a table repeat the client above, if many are empty."""
    client = candidate.matches[name].get("client_id")
    if client is None or is_blank(candidate.raw.cells[client]).mean() <= _GAPS:
        return []
    return [f"fill_down = [{quoted(client)}]  # empty cells repeat the client above"]


def _identical(cells: pd.DataFrame) -> list[str]:
    """Count the rows that are alike in every cell, and say how to drop them."""
    count = int(cells.duplicated().sum())
    where = "the file" if len(cells) < _ROWS else f"its first {_ROWS:,} rows"
    return (
        [f'# identical_rows = "drop"  # identical rows in {where}: {count}; "keep" if each is a line'] if count else []
    )


def _writing(table: Table, candidate: _Candidate) -> list[str]:
    """Say how text, numbers and days are written; what only a person can tell stands as a comment."""
    cells, matched = candidate.raw.cells, candidate.matches[table.name]
    lines = _layout(candidate)
    kinds = {column.name: column.kind for column in table.columns}
    days = [cells[header] for name, header in matched.items() if kinds[name] == "date"]
    numbers = [cells[header] for name, header in matched.items() if kinds[name] in {"number", "score"}]
    formats, doubts = date_formats(days)
    if doubts:
        lines.append("# DAYS CAN BE READ IN MORE THAN ONE WAY. Take the # off the one that is right:")
        lines += [f"# date_format = {quoted(doubt)}" for doubt in doubts]
    elif formats:
        told = quoted(formats[0]) if len(formats) == 1 else f"[{', '.join(map(quoted, formats))}]"
        lines.append(f"date_format = {told}")
    decimal, thousands, doubt = number_marks(numbers)
    if doubt:
        lines.append("# 1,234 OR 1.234 MAY BE ABOUT ONE OR ABOUT A THOUSAND. Take the # off what is right:")
        lines += ['# decimal = ","', '# decimal = "."', '# thousands = ","', '# thousands = "."']
    lines += [f"decimal = {quoted(decimal)}"] if decimal == "," or (decimal and thousands) else []
    lines += [f"thousands = {quoted(thousands)}"] if thousands else []
    lines += _repeated(candidate, table.name)
    return lines + (_identical(cells) if table.name == "orders" else [])


def _words(table: Table, column: Column, cells: pd.DataFrame, header: str) -> list[str]:
    """List what a column of few words holds that the contract does not know."""
    if column.kind not in {"choice", "flag"}:
        return []
    given = cells[header]
    unread = to_flags(given).isna() if column.kind == "flag" else to_words(given, choices=column.choices).isna()
    values = to_text(given[unread & ~is_blank(given)]).unique().tolist()
    if not values:
        return []
    choices = ("true", "false") if column.kind == "flag" else column.choices
    known = _known_words()
    lines = ["", f"[{table.name}.words.{column.name}]", f"# What means what? In the column: {_listed(values)}"]
    for choice in choices:
        meant = [value for value in values if known.get((table.name, column.name, value.casefold())) == choice]
        lines.append(f"{choice} = [{', '.join(map(quoted, meant))}]" if meant else f'# {choice} = ["..."]')
    return lines


def _few_words(table: Table, cells: pd.DataFrame, headers: list[str]) -> list[str]:
    """Show the columns that are not used and hold a few words, by which rows may have to be left out."""
    lines = []
    for header in headers:
        values = to_text(cells[header])
        found = values[values != ""].unique().tolist()
        if 2 <= len(found) <= _VALUES and not any(any(sign.isdigit() for sign in value) for value in found):
            lines.append(f"# {quoted(header)} holds {_listed(found)}")
    if lines:
        told = f"# Rows that are no orders can be left out, such as:  [{table.name}.leave_out]"
        lines.append(f'{told}  "Status" = ["Cancelled"]')
    return lines


def _listed(values: list[str]) -> str:
    more = f" and {len(values) - _VALUES} more" if len(values) > _VALUES else ""
    return ", ".join(quoted(value[:_EXAMPLE]) for value in values[:_VALUES]) + more


def _example(cells: pd.DataFrame, header: str) -> str:
    filled = to_text(cells[header])
    filled = filled[filled != ""]
    return f"; e.g. {quoted(filled.iloc[0][:_EXAMPLE])}" if len(filled) else "; EMPTY"
