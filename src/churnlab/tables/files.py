"""Files: finding the tables in a folder and reading them without guessing anything.

What comes out of a CSV file is text, cell by cell; a Parquet file keeps its own types. Either way nothing is
interpreted here.
"""

import csv
import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churnlab.tables.contract import CONTRACT
from churnlab.tables.mapping import Mapping, TableMapping, nearest

MAPPING_NAME = "mapping.toml"

# pandas would turn whole numbers and truth values into other types as soon as one is missing.
_WITH_MISSING = {
    pa.bool_(): pd.BooleanDtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int32Dtype(),
}


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as its file holds it.

    Attributes
    ----------
    file
        Name of the file.
    cells
        The cells by source header; text if the file was text. Rows without any content are not in it.
    rows
        Row numbers as a spreadsheet shows them (the header is row 1), shape (n_rows,).
    broken
        Whether a row had more fields than the header, shape (n_rows,); its cells are empty.
    """

    file: str
    cells: pd.DataFrame
    rows: npt.NDArray[np.int64]
    broken: npt.NDArray[np.bool_]


class FileError(Exception):
    """A file that cannot be read as a table; the message says why and what to do."""


def find_files(folder: Path, *, mapping: Mapping) -> tuple[dict[str, Path], list[str], list[str]]:
    """Find each table's file.

    Parameters
    ----------
    folder
        The data folder.
    mapping
        The mapping, which may name files.

    Returns
    -------
    files : dict
        Path by table, for the tables that are there.
    notices : list of str
        What is missing or ignored.
    problems : list of str
        What stands in the way: named files that are absent, or two files for one table.
    """
    present = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    files: dict[str, Path] = {}
    notices: list[str] = []
    problems: list[str] = []
    absent: list[str] = []
    for name, table in CONTRACT.items():
        named = mapping.tables[name].file
        wanted = [named] if named else [f"{name}.csv", f"{name}.parquet"]
        found = [present[file] for file in wanted if file in present]
        if len(found) > 1:
            problems.append(f"{name}: both {wanted[0]} and {wanted[1]} are there; take one away.")
        elif found:
            files[name] = found[0]
        elif named:
            problems.append(f"{name}: the mapping names {named!r}, which is not there{nearest(named, present)}")
        elif table.needed:
            problems.append(
                f"{name}: neither {wanted[0]} nor {wanted[1]} is there; put one in, or say in {MAPPING_NAME} "
                f'which file it is:\n  [{name}]\n  file = "..."'
            )
        else:
            absent.append(name)
    if absent:
        notices.append(f"No {', '.join(absent)}: such a table would be a .csv or .parquet file of that name.")
    return files, notices + _ignored(folder, files=files), problems


def read_file(path: Path, *, mapping: TableMapping) -> RawTable:
    """Read a CSV or Parquet file.

    Parameters
    ----------
    path
        The file; its suffix tells what it is.
    mapping
        Encoding and separator of a CSV file.

    Returns
    -------
    RawTable
        The table as it stands there.

    Raises
    ------
    FileError
        If the file is empty, wrongly encoded, damaged, or has two columns of one name.
    """
    try:
        cells, broken = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path, mapping)
    except (UnicodeDecodeError, UnicodeError) as error:
        message = f'is not {mapping.encoding} ({error}); set `encoding`, for instance to "cp1252" or "utf-16"'
        raise FileError(f"{path.name} {message}") from error
    except pd.errors.EmptyDataError as error:
        raise FileError(f"{path.name} has nothing in its first line; it needs a header, then rows") from error
    except (pd.errors.ParserError, csv.Error, pa.ArrowException, OSError) as error:
        raise FileError(f"{path.name} cannot be read: {str(error).strip()}") from error
    headers = [str(header).strip() for header in cells.columns]
    twice = sorted({header for header in headers if headers.count(header) > 1 and header})
    if twice:
        raise FileError(f"{path.name} has more than one column named {', '.join(twice)}; rename one")
    cells.columns = pd.Index(headers)
    rows = np.arange(len(cells), dtype=np.int64) + 2
    filled = ~_blank(cells) | broken
    return RawTable(path.name, cells.loc[filled].reset_index(drop=True), rows[filled], broken[filled])


def fingerprint(files: dict[str, Path], *, mapping_file: Path | None) -> str:
    """Hash what was read.

    Parameters
    ----------
    files
        Path by table.
    mapping_file
        The mapping used, if one was.

    Returns
    -------
    str
        SHA-256 over the tables' names, file names and contents and the mapping's content, in hexadecimal.
    """
    whole = hashlib.sha256()
    for name, path in sorted(files.items()):
        whole.update(f"{name}\0{path.name}\0{_digest(path)}\0".encode())
    if mapping_file is not None:
        whole.update(f"mapping\0{_digest(mapping_file)}\0".encode())
    return whole.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _ignored(folder: Path, *, files: dict[str, Path]) -> list[str]:
    read = {path.name for path in files.values()} | {MAPPING_NAME}
    others = [path for path in sorted(folder.iterdir()) if path.name not in read]
    return [f"Ignored: {path.name}{'/' if path.is_dir() else ''}" for path in others if not path.name.startswith(".")]


def _blank(cells: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether a row holds nothing at all."""
    blank = np.ones(len(cells), dtype=bool)
    for position in range(cells.shape[1]):
        if not blank.any():
            break
        column = cells.iloc[:, position]
        is_text = isinstance(column.dtype, pd.StringDtype)
        empty = column.isna() | column.eq("") if is_text else column.isna()
        blank &= empty.to_numpy(dtype=bool)
    return blank


def _read_csv(path: Path, mapping: TableMapping) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    encoding = _with_bom(mapping.encoding)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            cells = pd.read_csv(
                path,
                sep=mapping.separator,
                encoding=encoding,
                header=None,
                index_col=False,
                dtype=str,
                na_filter=False,
                skip_blank_lines=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        if "EOF inside string" in str(error):
            message = "a quotation mark is opened and never closed"
            raise pd.errors.ParserError(message) from error
        return _read_broken_csv(path, mapping.separator, encoding)
    cells.columns = pd.Index(cells.iloc[0].tolist())
    return cells.iloc[1:], np.zeros(len(cells) - 1, dtype=bool)


def _read_broken_csv(path: Path, separator: str, encoding: str) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Read a file in which some rows have more fields than the header; slower, and tells which."""
    with path.open(encoding=encoding, newline="") as stream:
        header, *lines = csv.reader(stream, delimiter=separator)
    width = len(header)
    broken = np.array([any(line[width:]) for line in lines], dtype=bool)
    padding = [""] * width
    cells = [padding if bad else (line + padding)[:width] for bad, line in zip(broken, lines, strict=True)]
    return pd.DataFrame(cells, columns=pd.Index(header), dtype="str"), broken


def _with_bom(encoding: str) -> str:
    return "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding


def _read_parquet(path: Path) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    table = pq.ParquetFile(path).read()
    fields = []
    for column in table.schema:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        fields.append(pa.field(column.name, pa.float64() if pa.types.is_decimal(kind) else kind))
    table = table.cast(pa.schema(fields))
    frame = table.to_pandas(date_as_object=False, ignore_metadata=True, types_mapper=_WITH_MISSING.get)
    nested = [str(field.name) for field in fields if pa.types.is_nested(field.type)]
    return frame.astype(dict.fromkeys(nested, "str")), np.zeros(len(frame), dtype=bool)
