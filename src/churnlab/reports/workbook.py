"""Workbooks: what a check found (or as JSON), and what is to be done."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from churnlab.answers.actions import Sheet
from churnlab.answers.language import ENGLISH, Language
from churnlab.reports.folder import UsageError
from churnlab.tables import Tables, counts_by_rule, findings_frame

ACTIONS = "actions.xlsx"
"""File of the workbook in a report."""

_WIDEST = 60
_MOST_ROWS = 1_048_575 - 30
_LONGEST = 32_767
_FORMATS = {
    "text": "@", "plain": "General", "day": "yyyy-mm-dd", "money": "#,##0", "share": "0.0%", "whole": "#,##0",
    "figure": "0.00",
}  # fmt: skip
_TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def write_findings(path: Path, tables: Tables) -> None:
    """Write what the checks found: to a workbook of three sheets, or as JSON with the same three parts.

    Parameters
    ----------
    path
        File to write, ending in ``.xlsx`` or ``.json``; an earlier one is replaced when the new one is complete.
    tables
        A loaded dataset.

    Raises
    ------
    UsageError
        If `path` ends otherwise or its folder is not there.

    Notes
    -----
    Every text is written as text: a cell that begins with ``=`` in the data is no formula here.
    """
    ending = path.suffix.lower()
    if ending not in {".xlsx", ".json"}:
        message = f"expected a file that ends in .xlsx or .json, got {path.name!r}"
        raise UsageError(message)
    if not path.parent.is_dir():
        message = f"the folder {path.parent} is not there: make it first, or give another --out"
        raise UsageError(message)
    sheets = {
        "Findings": findings_frame(tables),
        "Counts by rule": counts_by_rule(tables),
        "Reconciliation": tables.reconciliation,
    }
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        if ending == ".json":
            parts = {
                name.lower().replace(" ", "_"): json.loads(frame.to_json(orient="records"))
                for name, frame in sheets.items()
            }
            Path(unfinished).write_text(json.dumps(parts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        else:
            _write(unfinished, sheets)
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def write_actions(path: Path, sheets: Sequence[Sheet], *, about: Sequence[str], language: Language = ENGLISH) -> None:
    """Write the workbook of what is to be done: first a sheet that says what each is, then the sheets.

    Parameters
    ----------
    path
        File to write.
    sheets
        From :func:`churnlab.answers.action_sheets`.
    about
        Lines for the first sheet: of which data, as of when, how to make it again.
    language
        Of the first sheet; the others come in the reader's language.

    Notes
    -----
    Every text is written as text. A sheet longer than Excel bears is cut, and the first sheet says so; one without
    rows says why in the place of the first.
    """
    say = language.say
    rows = [
        (sheet.name, len(sheet.frame), sheet.says, _cut(sheet, language) if len(sheet.frame) else sheet.empty)
        for sheet in sheets
    ]
    listed = pd.DataFrame(rows, columns=[say("sheet"), say("rows"), say("what it is for"), say("note")])
    with _workbook(str(path)) as book:
        styles = _styles(book)
        first = book.add_worksheet(say("Read me"))
        for row, line in enumerate(about):
            first.write_string(row, 0, _clipped(line))
        _fill(first, listed, listed.columns.tolist(), ["text", "whole", "text", "text"], styles, top=len(about) + 1)
        for sheet in sheets:
            titles, kinds = [field.title for field in sheet.fields], [field.kind for field in sheet.fields]
            page = book.add_worksheet(sheet.name)
            _fill(page, sheet.frame.head(_MOST_ROWS), titles, kinds, styles)
            if sheet.frame.empty:
                page.write_string(1, 0, _clipped(sheet.empty))


def _write(path: str, sheets: dict[str, pd.DataFrame]) -> None:
    """Write each frame to a sheet: numbers as numbers, all else as text."""
    with _workbook(path) as book:
        styles = _styles(book)
        for name, frame in sheets.items():
            numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
            titles = [str(title).replace("_", " ") for title in frame.columns]
            kinds = ["plain" if is_number else "text" for is_number in numeric]
            _fill(book.add_worksheet(name), frame.head(_MOST_ROWS), titles, kinds, styles)


def _workbook(path: str) -> xlsxwriter.Workbook:
    """Open a workbook that holds no time of writing, and no text that is taken for something else."""
    book = xlsxwriter.Workbook(path, _TEXT_ONLY)
    book.set_properties({"created": _CREATED})
    return book


def _styles(book: xlsxwriter.Workbook) -> dict[str, Format]:
    """Make a style for the header and one for each kind of column."""
    look = {"text_wrap": True, "valign": "top"}
    styles = {kind: book.add_format({**look, "num_format": form}) for kind, form in _FORMATS.items()}
    return {**styles, "header": book.add_format({**look, "bold": True, "bottom": 1})}


def _fill(
    sheet: Worksheet,
    frame: pd.DataFrame,
    titles: Sequence[str],
    kinds: Sequence[str],
    styles: dict[str, Format],
    *,
    top: int = 0,
) -> None:
    """Write a frame below a header that stays, with a filter over it."""
    sheet.freeze_panes(top + 1, 0)
    for column, (title, kind) in enumerate(zip(titles, kinds, strict=True)):
        sheet.write_string(top, column, title, styles["header"])
        width = _write_column(sheet, column, frame.iloc[:, column], kind=kind, style=styles[kind], top=top)
        sheet.set_column(column, column, min(max(width, *map(len, title.split())) + 2, _WIDEST))
    sheet.autofilter(top, 0, top + max(len(frame), 1), max(frame.shape[1] - 1, 0))


def _write_column(sheet: Worksheet, column: int, values: pd.Series, *, kind: str, style: Format, top: int) -> int:
    """Write one column, missing values as empty cells; return the width of its widest value."""
    missing = values.isna().to_numpy()
    if kind == "day":
        values = pd.to_datetime(values)
    width = 10 if len(values) and kind in _FORMATS and kind != "text" else 0
    for row, value in enumerate(values):
        if missing[row] or value == "":
            continue
        if kind == "text":
            text = _clipped(str(value))
            sheet.write_string(top + 1 + row, column, text, style)
            width = max(width, len(text))
        elif kind == "day":
            sheet.write_datetime(top + 1 + row, column, value.to_pydatetime(warn=False), style)
        elif np.isfinite(number := float(value)):
            sheet.write_number(top + 1 + row, column, number, style)
    return width


def _clipped(text: str) -> str:
    """Cut what is longer than a cell bears."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _cut(sheet: Sheet, language: Language) -> str:
    if len(sheet.frame) <= _MOST_ROWS:
        return ""
    return language.say("only the first {number} rows: more than a sheet bears", number=language.count(_MOST_ROWS))
