"""The findings of a check as a workbook or as JSON."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from churnlab.reports.folder import UsageError
from churnlab.tables import Tables, counts_by_rule, findings_frame

_WIDEST = 60
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


def _write(path: str, sheets: dict[str, pd.DataFrame]) -> None:
    """Write each frame to a sheet with a filter and a header that stays."""
    with xlsxwriter.Workbook(path, _TEXT_ONLY) as book:
        book.set_properties({"created": _CREATED})
        header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(frame.columns):
                sheet.write_string(0, column, str(title).replace("_", " "), header)
                _write_column(sheet, column, frame.iloc[:, column], style=wrapped)
            sheet.autofilter(0, 0, max(len(frame), 1), max(frame.shape[1] - 1, 0))


def _write_column(sheet: Worksheet, column: int, values: pd.Series, *, style: object) -> None:
    """Write one column: numbers as numbers, missing as empty, all else as text."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype)
    missing = values.isna().to_numpy()
    width = len(str(values.name))
    for row, value in enumerate(values, start=1):
        if missing[row - 1]:
            continue
        if numeric:
            sheet.write_number(row, column, float(value), style)
        else:
            sheet.write_string(row, column, str(value), style)
        width = max(width, len(str(value)))
    sheet.set_column(column, column, min(width + 2, _WIDEST))
