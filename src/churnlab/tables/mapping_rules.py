"""What may stand in a section of a mapping, and how a mistake is told."""

import codecs
import json
from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Any

from churnlab.tables.cells import EXCEL_SERIAL
from churnlab.tables.contract import Table

DECIMAL_MARKS = (".", ",")
THOUSANDS_MARKS = ("", " ", ".", ",", "'")
TEXT_ENDINGS = (".csv", ".txt", ".tsv")
WORKBOOK_ENDINGS = (".xlsx", ".xls", ".xlsb", ".ods")
FILE_ENDINGS = (*TEXT_ENDINGS, ".parquet", *WORKBOOK_ENDINGS)

_LAST_ROW = 1_048_576  # a sheet has no more


def table_problems(given: dict[str, Any], *, table: Table) -> list[str]:
    """List every value of the wrong kind in a section.

    Parameters
    ----------
    given
        The section as it stands in the file.
    table
        The table that it is about.

    Returns
    -------
    list of str
        What is wrong, each with what was expected and what came; empty if nothing is.
    """
    place = f"[{table.name}]"
    problems = [
        f"{place} {key} {complaint}, not {given[key]!r}"
        for key, complain in _SINGLE.items()
        if key in given and (complaint := complain(given[key]))
    ]
    if given.get("decimal") in DECIMAL_MARKS and given["decimal"] == given.get("thousands"):
        problems.append(f"{place} decimal and thousands are the same mark; they have to differ")
    for key, check in _SECTIONS.items():
        if key in given:
            problems += check(given[key], table, f"[{table.name}.{key}]")
    return problems


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value.strip() else "is a text"


def _file(value: Any) -> str:
    if not isinstance(value, str):
        return "is a text"
    if value in {"", ".", ".."} or "/" in value or "\\" in value:
        return "is the name of a file inside the data folder"
    return "" if value.lower().endswith(FILE_ENDINGS) else f"ends in {', '.join(FILE_ENDINGS)}"


def _encoding(value: Any) -> str:
    if not isinstance(value, str):
        return "is a text"
    try:
        known = codecs.lookup(value)._is_text_encoding  # noqa: SLF001 -- "hex" and the like turn bytes into bytes
        "a".encode(value)
    except (LookupError, ValueError):
        known = False
    return "" if known else 'is an encoding such as "utf-8" or "cp1252"'


def _separator(value: Any) -> str:
    return "" if isinstance(value, str) and len(value) == 1 and value not in '"\r\n' else "is one character"


def _header_row(value: Any) -> str:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _LAST_ROW
    return "" if good else f"is the number of a row, from 1 to {_LAST_ROW:,}"


def _one_of(*values: str) -> Callable[[Any], str]:
    def complain(value: Any) -> str:
        return "" if isinstance(value, str) and value in values else f"is {' or '.join(map(quoted, values))}"

    return complain


def quoted(text: str) -> str:
    """Write a text as TOML does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _date_format(value: Any) -> str:
    formats = value if isinstance(value, list) else [value]
    if not formats:
        return 'is a text such as "%d.%m.%Y", or several'
    return next((complaint for written in formats if (complaint := _one_date_format(written))), "")


def _one_date_format(value: Any) -> str:
    if not isinstance(value, str):
        return "is a text"
    complaint = f'names year, month and day such as "%d.%m.%Y", without time zone, or is "{EXCEL_SERIAL}"'
    if value == EXCEL_SERIAL:
        return ""
    example = datetime(2001, 2, 13)  # noqa: DTZ001 (a calendar day has no time zone)
    if "%z" in value or "%Z" in value:
        return complaint
    try:
        back = datetime.strptime(example.strftime(value), value)  # noqa: DTZ007 (likewise)
    except ValueError:
        return complaint
    return "" if back == example else complaint


def _scale(value: Any) -> str:
    match value:
        case [int() | float() as low, int() | float() as high] if bool not in {type(low), type(high)}:
            if low != high and isfinite(low) and isfinite(high):
                return ""
    return "is the worst and the best score, two different numbers such as [1, 5]"


def _headers(value: Any) -> str:
    good = isinstance(value, list) and value and all(isinstance(header, str) and header for header in value)
    return "" if good else 'is a list of headers such as ["Client"]'


def _columns(given: Any, table: Table, place: str) -> list[str]:
    del table
    if not isinstance(given, dict):
        return [f'{place} holds lines such as amount = "header in the file", not {given!r}']
    return [
        f'{place} {name} is a header in quotation marks such as "Net amount", or several, not {header!r}'
        for name, header in given.items()
        if not (isinstance(header, str) and header) and _headers(header)
    ]


def _factors(given: Any, table: Table, place: str) -> list[str]:
    if not isinstance(given, dict):
        return [f'{place} holds lines such as unloading = "header in the file", not {given!r}']
    problems = [
        f'{place} {name} is a header in quotation marks such as "Unloading", not {header!r}'
        for name, header in given.items()
        if not isinstance(header, str) or not header
    ]
    return problems + [
        f"{place} {name!r} is a column of the contract; give it under [{table.name}.columns]"
        for name in given
        if name in table.column_names
    ]


def _values(given: Any, table: Table, place: str) -> list[str]:
    del table
    if not isinstance(given, dict):
        return [f'{place} holds lines such as status = ["Cancelled"], not {given!r}']
    return [
        f'{place} {header} is a list of texts such as ["Cancelled"], not {values!r}'
        for header, values in given.items()
        if not _texts(values)
    ]


def _words(given: Any, table: Table, place: str) -> list[str]:
    if not isinstance(given, dict):
        return [f'{place} holds lines such as kind.return = ["Refund"], not {given!r}']
    problems = []
    columns = {column.name: column for column in table.columns}
    for name, meanings in given.items():
        if name not in columns:
            continue  # told elsewhere, with the nearest name
        choices = ("true", "false") if columns[name].kind == "flag" else columns[name].choices
        if not choices:
            problems.append(f"{place} {name} holds any text; words are for columns that hold one of a few")
        elif not isinstance(meanings, dict):
            problems.append(f'{place} {name} holds lines such as {choices[0]} = ["..."], not {meanings!r}')
        else:
            problems += [
                f"{place} {name} knows {', '.join(choices)}; each with a list of texts, not {choice} = {words!r}"
                for choice, words in meanings.items()
                if choice not in choices or not _texts(words)
            ]
    return problems


def _texts(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, str) for value in values)


_SINGLE: dict[str, Callable[[Any], str]] = {
    "file": _file,
    "sheet": _text,
    "table": _text,
    "encoding": _encoding,
    "separator": _separator,
    "header_row": _header_row,
    "decimal": _one_of(*DECIMAL_MARKS),
    "thousands": _one_of(*THOUSANDS_MARKS),
    "date_format": _date_format,
    "returns": _one_of("negative", "positive"),
    "identical_rows": _one_of("keep", "drop"),
    "fill_down": _headers,
    "score_scale": _scale,
}
_SECTIONS: dict[str, Callable[[Any, Table, str], list[str]]] = {
    "columns": _columns,
    "words": _words,
    "leave_out": _values,
    "keep_only": _values,
    "factors": _factors,
}
SURVEY_KEYS = ("score_scale", "factors")
"""Keys that only a section on surveys may hold."""

KEYS = tuple(key for key in (*_SINGLE, *_SECTIONS) if key not in SURVEY_KEYS)
"""Keys that any section may hold."""
