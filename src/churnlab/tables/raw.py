"""Raw tables: cells as a source holds them, whatever the source is. Nothing is interpreted here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from churnlab.tables.cells import is_blank

# pandas would turn whole numbers and truth values into other types as soon as one is missing.
_WITH_MISSING = {
    pa.bool_(): pd.BooleanDtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int32Dtype(),
}
_LONGEST = 2**63


class SourceError(Exception):
    """A source that cannot be read as a table; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as its source holds it.

    Attributes
    ----------
    file, sheet
        Name of the file, and of the workbook's sheet or the database's table, if it is one.
    cells
        The cells by source header, of any type; rows without any content are not in it.
    rows
        Row numbers as a spreadsheet shows them, or the place of a row in a database's table, shape (n_rows,).
    broken
        Whether a row had more fields than the header, shape (n_rows,); its cells are empty.
    swallowing
        Whether a cell of a row seems to hold other rows, because a quotation mark was opened and closed later,
        shape (n_rows,).
    """

    file: str
    sheet: str
    cells: pd.DataFrame
    rows: npt.NDArray[np.int64]
    broken: npt.NDArray[np.bool_]
    swallowing: npt.NDArray[np.bool_]

    @property
    def name(self) -> str:
        """What messages call it: the file, and the sheet if there are several."""
        return f"{self.file}, {self.sheet}" if self.sheet else self.file


def raw_table(
    cells: pd.DataFrame,
    *,
    file: str,
    sheet: str = "",
    first_row: int,
    broken: npt.NDArray[np.bool_] | None = None,
    swallowing: npt.NDArray[np.bool_] | None = None,
) -> RawTable:
    """Number the rows and take out the empty ones.

    Parameters
    ----------
    cells
        All rows below the header, by header.
    file, sheet
        Where they come from.
    first_row
        Number of the first row of `cells`.
    broken
        Whether a row had too many fields; None if that cannot be.
    swallowing
        Whether a row seems to hold others; None if that cannot be.

    Returns
    -------
    RawTable

    Raises
    ------
    SourceError
        If two columns have one name.
    """
    headers = [str(header).strip() for header in cells.columns]
    twice = sorted({header for header in headers if headers.count(header) > 1 and header})
    if twice:
        message = f"{sheet or file} has more than one column named {', '.join(twice)}; rename one"
        raise SourceError(message)
    cells.columns = pd.Index(headers, dtype="str")
    file, rows = shown(file), np.arange(len(cells), dtype=np.int64) + first_row
    bad, full = (np.zeros(len(cells), dtype=bool) if mask is None else mask for mask in (broken, swallowing))
    filled = ~_blank(cells) | bad
    if filled.all():
        return RawTable(file, sheet, cells.reset_index(drop=True), rows, bad, full)
    return RawTable(file, sheet, cells.loc[filled].reset_index(drop=True), rows[filled], bad[filled], full[filled])


def shown(name: str) -> str:
    r"""Write a file's name so that it can be printed, even if the system took it for no text.

    Parameters
    ----------
    name
        The name.

    Returns
    -------
    str
        The same, but for signs that are none.

    Examples
    --------
    >>> shown("b\udce4d.csv")
    'b\\udce4d.csv'
    """
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table into a frame whose integers and truth values stay what they are.

    Parameters
    ----------
    table
        Any Arrow table.

    Returns
    -------
    DataFrame
        One column each; what the contract has no use for (lists, structures, durations) as text. Decimals without
        a fraction stay whole numbers, or become text if they are too long for one; times lose their zone.
    """
    columns = [_simple(column) for column in table.columns]
    frame = pa.table(columns, names=[str(i) for i in range(len(columns))]).to_pandas(
        date_as_object=False, ignore_metadata=True, types_mapper=_WITH_MISSING.get
    )
    for i, kind in enumerate(frame.dtypes):
        if isinstance(kind, pd.DatetimeTZDtype):
            frame.isetitem(i, _without_zone(frame.iloc[:, i]))
    frame.columns = pd.Index(table.column_names)
    return frame


def typed_column(values: Sequence[object]) -> pd.Series:
    """Lay out cells that each have a type of their own, as in workbooks and some databases.

    Parameters
    ----------
    values
        The cells, shape (n,): texts, numbers, truth values, days; None or an empty text where nothing stands.

    Returns
    -------
    Series
        Of one type if all cells that hold something are of it, else of objects: texts, floats, truth values and
        ``datetime``.
    """
    plain = [_plain(value) for value in values]
    kinds = {type(value) for value in plain if value is not None}
    if kinds <= {str}:
        return pd.Series(plain, dtype="str")
    if kinds == {bool}:
        return pd.Series(plain, dtype="boolean")
    if kinds == {int}:
        return pd.Series(plain, dtype="Int64")
    if kinds <= {int, float}:
        return pd.Series(plain, dtype="float64")
    if kinds == {datetime}:
        days = np.array([np.datetime64("NaT") if day is None else day for day in plain], dtype="datetime64[us]")
        return pd.Series(days)
    return pd.Series(plain, dtype=object)


def _plain(value: object) -> object:
    """Take one of a few types, or text."""
    plain: object
    match value:
        case None | "":
            plain = None
        case str() | bool() | float():
            plain = value
        case int() if -_LONGEST <= value < _LONGEST:
            plain = value
        case Decimal():
            plain = _plain(int(value)) if value.is_finite() and value == value.to_integral_value() else float(value)
        case datetime():
            plain = value.replace(tzinfo=None)
        case date():
            plain = datetime(value.year, value.month, value.day)  # noqa: DTZ001 -- a day has no time zone
        case _:
            plain = str(value)
    return plain


def _simple(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Turn a column into numbers, truth values, days or text."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_decimal(column.type):
        return _without_decimals(column) if column.type.scale == 0 else column.cast(pa.float64())
    if isinstance(column.type, pa.BaseExtensionType) or pa.types.is_nested(column.type) or _is_bytes(column.type):
        return pa.array([None if cell is None else str(cell) for cell in column.to_pylist()], pa.string())
    return column


def _without_zone(times: pd.Series) -> pd.Series:
    """Take the time zone off; days beyond the years that a zone knows stay as they are in UTC."""
    utc = times.dt.tz_convert("UTC").dt.tz_localize(None)
    known = utc.between(pd.Timestamp(2, 1, 1), pd.Timestamp(9999, 1, 1))
    return times.where(known).dt.tz_localize(None).where(known, utc)


def _without_decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Turn decimals of scale 0 into whole numbers; into text if one of them is too long."""
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def _is_bytes(kind: pa.DataType) -> bool:
    odd = (
        pa.types.is_binary,
        pa.types.is_large_binary,
        pa.types.is_binary_view,
        pa.types.is_fixed_size_binary,
        pa.types.is_duration,
        pa.types.is_interval,
    )
    return any(is_odd(kind) for is_odd in odd) or pa.types.is_time(kind)


def _blank(cells: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether a row holds nothing at all, or nothing but spaces."""
    blank = np.ones(len(cells), dtype=bool)
    for position in range(cells.shape[1]):
        left = np.flatnonzero(blank)
        if not left.size:
            break
        blank[left] = is_blank(cells.iloc[left, position])
    return blank
