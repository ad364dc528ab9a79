"""Files: text, Parquet and workbooks, read cell by cell.

What comes out of a text file is text; Parquet and workbooks keep their own types.
"""

import codecs
import csv
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook

from churnlab.tables.cells import to_text
from churnlab.tables.mapping import TableMapping
from churnlab.tables.mapping_rules import WORKBOOK_ENDINGS
from churnlab.tables.raw import RawTable, SourceError, from_arrow, raw_table, typed_column

Mask = npt.NDArray[np.bool_]

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def read_file(path: Path, *, sheet: str = "", mapping: TableMapping) -> RawTable:
    """Read a text file, a Parquet file, or a sheet of a workbook.

    Parameters
    ----------
    path
        The file; its ending tells what it is.
    sheet
        The sheet, if it is a workbook.
    mapping
        Encoding and separator of a text file, and the row of the header.

    Returns
    -------
    RawTable
        The table as it stands there.

    Raises
    ------
    SourceError
        If the file is empty, wrongly encoded, damaged, or has two columns of one name.
    """
    encoding = mapping.encoding or "UTF-8"
    try:
        if path.suffix.lower() == ".parquet":
            return raw_table(from_arrow(pq.ParquetFile(path).read()), file=path.name, first_row=2)
        if path.suffix.lower() in WORKBOOK_ENDINGS:
            return _read_sheet(path, sheet, header_row=mapping.header_row)
        return _read_text(path, mapping)
    except (UnicodeDecodeError, UnicodeError) as error:
        message = f'is not {encoding} ({error}); set `encoding`, for instance to "cp1252", "cp1251" or "utf-16"'
        raise SourceError(f"{path.name} {message}") from error
    except pd.errors.EmptyDataError as error:
        where = "its first line" if mapping.header_row == 1 else f"row {mapping.header_row}"
        raise SourceError(f"{path.name} has nothing in {where}; it needs a header, then rows") from error
    except (pd.errors.ParserError, csv.Error, pa.ArrowException, OSError, MemoryError, OverflowError) as error:
        raise SourceError(f"{path.name} cannot be read: {str(error).strip()}") from error


def sheet_names(path: Path) -> list[str]:
    """Name the sheets of a workbook.

    Parameters
    ----------
    path
        The workbook.

    Returns
    -------
    list of str
        In their order.

    Raises
    ------
    SourceError
        If the file is no workbook, is damaged, or is locked by a password.
    """
    return list(_workbook(path).sheet_names)


def grid_of_sheet(path: Path, sheet: str) -> list[list[object]]:
    """Read every cell of a sheet.

    Parameters
    ----------
    path, sheet
        A workbook, and the name of one of its sheets.

    Returns
    -------
    list of list
        Row by row, from the first row of the sheet on: texts, numbers, truth values and days; an empty text where
        nothing stands.

    Raises
    ------
    SourceError
        If the file is no workbook, is damaged, or is locked by a password.
    """
    book = _workbook(path)
    try:
        return [list(row) for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]
    except BaseException as error:
        raise _damaged(path, error) from error


def has_mark(start: bytes) -> bool:
    """Tell whether a file begins with a byte order mark."""
    return any(start.startswith(mark) for mark in _MARKS)


def separator_of(path: Path, mapping: TableMapping) -> str:
    """Say what parts the fields of a text file.

    Parameters
    ----------
    path
        The file.
    mapping
        What has been declared.

    Returns
    -------
    str
        The declared mark, else a tabulator in a ``.tsv`` and a comma elsewhere.
    """
    return mapping.separator or ("\t" if path.suffix.lower() == ".tsv" else ",")


def encoding_of(path: Path, mapping: TableMapping) -> str:
    """Say how a text file is encoded.

    Parameters
    ----------
    path
        The file.
    mapping
        What has been declared.

    Returns
    -------
    str
        What the byte order mark says, if there is one; else the declared encoding, else UTF-8.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    return marked or mapping.encoding or "utf-8"


def _read_text(path: Path, mapping: TableMapping) -> RawTable:
    """Read a text file; a file with rows longer than the header is read again, slower, to tell which."""
    separator = separator_of(path, mapping)
    broken = None
    try:
        with warnings.catch_warnings(), _below_titles(path, mapping) as stream:
            warnings.simplefilter("error", pd.errors.ParserWarning)
            cells = pd.read_csv(
                stream,
                sep=separator,
                header=None,
                index_col=False,
                dtype=str,
                na_filter=False,
                skip_blank_lines=False,
            )
        cells.columns = pd.Index(cells.iloc[0].tolist())
        cells = cells.iloc[1:]
        swallowing = _swallowing(cells, separator)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        if "EOF inside string" in str(error):
            message = "a quotation mark is opened and never closed"
            raise pd.errors.ParserError(message) from error
        cells, broken, swallowing = _read_broken_text(path, mapping)
    first_row = mapping.header_row + 1
    return raw_table(cells, file=path.name, first_row=first_row, broken=broken, swallowing=swallowing)


def _read_broken_text(path: Path, mapping: TableMapping) -> tuple[pd.DataFrame, Mask, Mask]:
    """Read row by row; tell which have more fields than the header, and which hold others in a quotation."""
    separator = separator_of(path, mapping)
    with _below_titles(path, mapping) as stream:
        lines = list(csv.reader(stream, delimiter=separator))
    if not lines:
        raise pd.errors.EmptyDataError
    header, *lines = lines
    width = len(header)
    broken = np.array([any(cell.strip() for cell in line[width:]) for line in lines], dtype=bool)
    swallowing = np.array([_swallows(line, separator, width) for line in lines], dtype=bool)
    padding = [""] * width
    cells = [padding if bad else (line + padding)[:width] for bad, line in zip(broken, lines, strict=True)]
    return pd.DataFrame(cells, columns=pd.Index(header), dtype="str"), broken, swallowing


@contextmanager
def _below_titles(path: Path, mapping: TableMapping) -> Iterator[TextIO]:
    """Open a text file at its header: past as many rows, not lines, as stand above it."""
    with path.open(encoding=encoding_of(path, mapping), newline="") as stream:
        above = csv.reader(stream, delimiter=separator_of(path, mapping))
        for _ in range(mapping.header_row - 1):
            next(above, None)
        yield stream


def _swallowing(cells: pd.DataFrame, separator: str) -> Mask:
    """Tell which rows hold a cell that seems to hold other rows, shape (n,)."""
    found = np.zeros(len(cells), dtype=bool)
    for position in range(cells.shape[1]):
        column = cells.iloc[:, position]
        rows = np.flatnonzero(column.str.contains("\n", regex=False) | column.str.contains("\r", regex=False))
        found[rows] |= np.array(
            [_swallows([cell], separator, cells.shape[1]) for cell in column.iloc[rows]], dtype=bool
        )
    return found


def _swallows(line: Sequence[str], separator: str, width: int) -> bool:
    """Tell whether a cell goes over a line break and has separators enough for a row of that width."""
    enough = max(width - 1, 1)
    return any(("\n" in cell or "\r" in cell) and cell.count(separator) >= enough for cell in line)


def _read_sheet(path: Path, sheet: str, *, header_row: int) -> RawTable:
    grid = grid_of_sheet(path, sheet)
    if len(grid) < header_row or not any(str(cell).strip() for cell in grid[header_row - 1]):
        raise pd.errors.EmptyDataError
    header = to_text(typed_column(grid[header_row - 1]))
    body = grid[header_row:]
    columns = [typed_column([row[i] for row in body]) for i in range(len(header))]
    cells = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    cells.columns = pd.Index(header.tolist())
    return raw_table(cells, file=path.name, sheet=sheet, first_row=header_row + 1)


def _workbook(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(path)
    except BaseException as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: BaseException) -> BaseException:
    """Tell of a damaged workbook; a parser that gives up in Rust raises no ordinary exception."""
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return error
    said = str(error).strip() or type(error).__name__
    return SourceError(f"{path.name} cannot be read as a workbook: {said}; save it again, without a password")
