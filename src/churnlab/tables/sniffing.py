"""Sniffing: how data seem to be written, to be proposed to a person; nothing is ever read by it unconfirmed."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from charset_normalizer import from_bytes

from churnlab.tables.cells import EXCEL_SERIAL, ISO, day_and_month_order, is_blank, no_day, to_dates, to_text
from churnlab.tables.files import encoding_of, grid_of_sheet, has_mark
from churnlab.tables.mapping import TableMapping
from churnlab.tables.mapping_rules import WORKBOOK_ENDINGS

_TITLES = 40
_START = 1_000_000
_SEPARATORS = (",", ";", "\t", "|")
_DAYS = ("%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%Y/%m/%d")
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
_MOST = 0.9
_SERIALS = (20_000, 80_000)  # 1954 to 2119


def bare(header: str) -> str:
    """Strip a header of capitals, spaces and marks, for comparing.

    Parameters
    ----------
    header
        A column's name.

    Returns
    -------
    str
        Letters and digits alone.

    Examples
    --------
    >>> bare("Net amount, EUR")
    'netamounteur'
    """
    return re.sub(r"[\W_]+", "", header.casefold())


def how_written(path: Path, sheet: str, *, words: set[str]) -> TableMapping:
    """Find encoding, separator and row of the header.

    Parameters
    ----------
    path, sheet
        A text file, or a sheet of a workbook.
    words
        Headers that are known, bare.

    Returns
    -------
    TableMapping
        What is needed to read the file.

    Raises
    ------
    churnlab.tables.raw.SourceError
        If it cannot be opened.
    """
    if path.suffix.lower() == ".parquet":
        return TableMapping()
    if path.suffix.lower() in WORKBOOK_ENDINGS:
        lines = [[str(cell) for cell in line] for line in grid_of_sheet(path, sheet)[:_TITLES]]
        return TableMapping(header_row=_header(lines, words))
    with path.open("rb") as stream:
        start = stream.read(_START)
    encoding = encoding_of(path, TableMapping())
    if not has_mark(start):
        try:
            codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < _START)
        except UnicodeDecodeError:
            found = from_bytes(start).best()
            encoding = "cp1252" if found is None else found.encoding
    text = start.decode(encoding, errors="replace")
    by_mark = {mark: _rows(text, mark) for mark in _SEPARATORS}
    separator = max(_SEPARATORS, key=lambda mark: sorted(map(len, by_mark[mark]))[len(by_mark[mark]) // 2])
    declared = None if encoding in {"utf-8", "utf-8-sig"} else encoding
    return TableMapping(encoding=declared, separator=separator, header_row=_header(by_mark[separator], words))


def date_formats(columns: Iterable[pd.Series]) -> tuple[list[str], list[str]]:
    """Find how days are written.

    Parameters
    ----------
    columns
        The columns that hold days.

    Returns
    -------
    formats : list of str
        What reads them, for ``date_format``; empty if they are ISO days or typed.
    doubts : list of str
        Formats of which only a person can tell the right one.
    """
    formats: dict[str, None] = {}
    doubts: dict[str, None] = {}
    for cells in columns:
        filled = cells[~is_blank(cells)]
        texts = to_text(filled)
        texts = texts[~no_day(texts)]
        untyped = texts[~texts.str.contains("[A-Za-z]{4,}|^$", regex=True)]
        if pd.api.types.is_datetime64_any_dtype(cells.dtype) or untyped.empty:
            continue
        if cells.dtype == object:
            untyped = untyped[[isinstance(cell, str | float | int) for cell in filled[untyped.index]]]
        if untyped.empty or _reads(untyped, ISO) >= _MOST:
            continue
        found = [f"{day}{time}" for day in _DAYS for time in _TIMES if _reads(untyped, f"{day}{time}") > 0]
        best = max((_reads(untyped, written) for written in found), default=0.0)
        if best < _MOST / 2:
            numbers = pd.to_numeric(untyped, errors="coerce")
            if numbers.between(*_SERIALS).mean() >= _MOST:
                formats[EXCEL_SERIAL] = None
            continue
        order = day_and_month_order(untyped)
        if order == "either":
            doubts |= dict.fromkeys(found)
        else:
            wrong = {"day": "%m", "month": "%d"}.get(order, "-")
            fitting = [written for written in found if not written.startswith(wrong) or order == "neither"]
            formats |= dict.fromkeys(written for written in fitting if _reads(untyped, written) >= 0.01)
    return list(formats), list(doubts)


def number_marks(columns: Iterable[pd.Series]) -> tuple[str | None, str | None, bool]:
    """Find the marks of numbers.

    Parameters
    ----------
    columns
        The columns that hold numbers.

    Returns
    -------
    decimal, thousands : str or None
        What some cell proves; None if none does.
    doubt : bool
        Whether a mark stands in the cells that may be either.
    """
    texts = [to_text(cells) for cells in columns if cells.dtype == object or isinstance(cells.dtype, pd.StringDtype)]
    text = pd.concat(texts, ignore_index=True) if texts else pd.Series([], dtype="str")
    text = text.str.replace(r"[ \u00a0\u202f\u2009'\u2019]", "", regex=True)
    text = text[text.str.fullmatch(r"[-+(\u2212]?[0-9][0-9.,]*[-)]?")].str.strip("-+()\u2212")
    proofs = {
        mark: text.str.contains(
            rf"{re.escape(mark)}(?:[0-9]{{1,2}}|[0-9]{{4,}})$|^0{re.escape(mark)}|{other}[0-9]{{3}}{re.escape(mark)}"
        ).any()
        for mark, other in ((".", ","), (",", "[.]"))
    }
    grouped = {
        mark: text.str.contains(rf"^[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+(?:$|[.,])").any() for mark in ".,"
    }
    if proofs["."] != proofs[","]:
        decimal, other = (".", ",") if proofs["."] else (",", ".")
        return decimal, other if grouped[other] else None, False
    return None, None, bool(grouped["."] or grouped[","])


def _reads(texts: pd.Series, written: str) -> float:
    """Return the share of texts that a format reads."""
    return float(np.mean(to_dates(texts, formats=[written]).notna()))


def _rows(text: str, separator: str) -> list[list[str]]:
    """Take the first rows of a text file apart, at least one."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append([cell.strip('" ') for cell in row])
            if len(rows) == _TITLES:
                break
    except csv.Error:  # a quotation mark is opened and never closed
        pass
    return rows or [[]]


def _header(lines: Sequence[Sequence[str]], words: set[str]) -> int:
    """Find the row of the header, counted from 1: most known words, then most cells of text."""

    def weight(line: Sequence[str]) -> tuple[int, int]:
        filled = [cell for cell in line if cell.strip()]
        return sum(bare(cell) in words for cell in filled), sum(not re.search(r"\d", cell) for cell in filled)

    return max(range(len(lines)), key=lambda row: weight(lines[row])) + 1 if lines else 1
