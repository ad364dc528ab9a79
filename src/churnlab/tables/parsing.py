"""Parsing: from cells as a file holds them to the contract's types, without a guess.

The functions at the top turn one column into values and leave missing what they cannot read. `Draft` and
`parse` apply them to a whole table and register what was met.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.tables.contract import Column, Table, factor
from churnlab.tables.files import RawTable
from churnlab.tables.findings import RULES, Action, Register
from churnlab.tables.mapping import TableMapping

Mask = npt.NDArray[np.bool_]

TRUE_WORDS = ("true", "1", "yes", "y", "t")
FALSE_WORDS = ("false", "0", "no", "n", "f")
_CLIENT_IDS = ("client_id", "old_id", "new_id")
_PERSONAL = (*_CLIENT_IDS, "name", "parent_id", "referred_by", "birthday", "comment", "counter_offer")
_AMBIGUOUS = r"[+-]?[0-9]{1,3}[.,][0-9]{3}"


def to_text(cells: pd.Series) -> pd.Series:
    """Turn cells of any type into text.

    Parameters
    ----------
    cells
        One column, shape (n,).

    Returns
    -------
    Series
        Text without spaces at the ends, shape (n,); empty where nothing stood. Whole numbers lose a ``.0``.

    Examples
    --------
    >>> to_text(pd.Series(["007", " NA ", None])).tolist()
    ['007', 'NA', '']
    >>> to_text(pd.Series([7.0, None])).tolist()
    ['7', '']
    """
    if pd.api.types.is_float_dtype(cells.dtype):
        whole = cells.dropna()
        if (whole == np.floor(whole)).all() and np.isfinite(whole).all():
            cells = cells.astype("Int64")
    return cells.astype("str").fillna("").str.strip()


def to_dates(cells: pd.Series, *, date_format: str) -> pd.Series:
    """Read days.

    Parameters
    ----------
    cells
        One column, shape (n,): text, or already dates.
    date_format
        How text is written, in the words of ``strptime``.

    Returns
    -------
    Series
        Midnights of dtype ``datetime64[us]``, shape (n,); missing where nothing could be read.

    Examples
    --------
    >>> to_dates(pd.Series(["3.4.2025", "today"]), date_format="%d.%m.%Y").astype(str).tolist()
    ['2025-04-03', nan]
    """
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        cells = cells.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        days: pd.Series = cells.dt.floor("D").dt.as_unit("us")
        return days
    codes, words = pd.factorize(to_text(cells))
    texts = pd.Series(words, dtype="str")
    texts = texts.where(texts.str.contains("[0-9]"))  # pandas would read "today" and "now" by the clock
    parsed = pd.to_datetime(texts, format=date_format, errors="coerce").dt.as_unit("us").dt.floor("D")
    return pd.Series(parsed.to_numpy()[codes], index=cells.index)


def to_numbers(cells: pd.Series, *, decimal: str, thousands: str) -> npt.NDArray[np.float64]:
    """Read numbers.

    Parameters
    ----------
    cells
        One column, shape (n,): text, or already numbers.
    decimal, thousands
        The marks in text. A mark that is not expected makes a number unreadable.

    Returns
    -------
    ndarray of float64, shape (n,)
        The numbers; NaN where nothing finite could be read.

    Examples
    --------
    >>> to_numbers(pd.Series(["1 200,50", "1.5"]), decimal=",", thousands=" ").tolist()
    [1200.5, nan]
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        texts = to_text(cells)
        whole = "[0-9]+"
        if thousands == " ":
            texts = texts.str.replace("[\u00a0\u202f]", " ", regex=True)
        if thousands:
            mark = "[.]" if thousands == "." else thousands
            whole = f"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]+)"
        point = f"[{decimal}]"
        pattern = f"[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
        texts = texts.where(texts.str.fullmatch(pattern))
        if thousands:
            texts = texts.str.replace(thousands, "", regex=False)
        if decimal != ".":
            texts = texts.str.replace(decimal, ".", regex=False)
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def to_words(cells: pd.Series, *, choices: tuple[str, ...]) -> pd.Series:
    """Read one of a few words, in upper or lower case.

    Parameters
    ----------
    cells
        One column, shape (n,).
    choices
        The words, in lower case.

    Returns
    -------
    Series
        The words, shape (n,); missing where it is none of them.

    Examples
    --------
    >>> to_words(pd.Series(["Sale", "gift"]), choices=("sale", "return")).tolist()
    ['sale', nan]
    """
    codes, words = pd.factorize(to_text(cells))
    lower = pd.Series(words, dtype="str").str.lower()
    return pd.Series(lower.where(lower.isin(choices)).to_numpy()[codes], index=cells.index, dtype="str")


def to_flags(cells: pd.Series) -> pd.Series:
    """Read truth values.

    Parameters
    ----------
    cells
        One column, shape (n,): truth values, or words such as true, no, 1.

    Returns
    -------
    Series
        Dtype ``boolean``, shape (n,); missing where nothing could be read.

    Examples
    --------
    >>> to_flags(pd.Series(["yes", "False", "?"])).tolist()
    [True, False, <NA>]
    """
    words = to_words(cells, choices=TRUE_WORDS + FALSE_WORDS)
    return words.isin(TRUE_WORDS).astype("boolean").mask(words.isna())


@dataclass(slots=True)
class Draft:
    """A table while it is being read; every array and column has one entry for each row read.

    Attributes
    ----------
    table
        Its entry in the contract.
    raw
        The cells as the file holds them.
    headers
        Source header by canonical column, for the columns that are there.
    frame
        What was read so far, by canonical column.
    register
        The findings so far.
    left_out, dropped
        Rows that the mapping leaves out, and rows that cannot be used.
    """

    table: Table
    raw: RawTable
    headers: dict[str, str]
    frame: pd.DataFrame
    register: Register
    left_out: Mask
    dropped: Mask

    @property
    def live(self) -> Mask:
        """Rows that are neither left out nor dropped."""
        return ~(self.left_out | self.dropped)

    def names_client(self, header: str) -> bool:
        """Whether a source column says who a client is, so that its values must not be passed on."""
        return header in {self.headers.get(name) for name in _PERSONAL}

    def text(self, column: str) -> pd.Series:
        """Give a canonical column as the file holds it, as text of shape (n,)."""
        return to_text(self.raw.cells[self.headers[column]])

    def report(self, rule: str, at: Mask, *, column: str | None = None, action: Action | None = None) -> None:
        """Register a rule at the rows of a mask, and drop them if the rule says so.

        Parameters
        ----------
        rule
            A key of `churnlab.tables.findings.RULES`.
        at
            Where it was met; rows left out or broken are passed over.
        column
            The canonical column concerned; None for the whole row.
        action
            What is done, if not what the rule does by default.
        """
        at = at & ~(self.left_out | self.raw.broken)
        if not at.any():
            return
        header = "" if column is None else self.headers[column]
        values = None if column is None else self.raw.cells[header].astype("str").fillna("")
        self.register.add(rule, at, column=header, values=values, action=action)
        if (action or RULES[rule].action) == "dropped":
            self.dropped |= at


def parse(table: Table, raw: RawTable, *, headers: dict[str, str], mapping: TableMapping) -> Draft:
    """Read every column of a table.

    Parameters
    ----------
    table
        The table's entry in the contract.
    raw
        Its cells.
    headers
        Source header by canonical column.
    mapping
        How text is written, and which rows are left out.

    Returns
    -------
    Draft
        The values and findings. Rows are all still there, marked where left out or dropped.
    """
    n_rows = len(raw.cells)
    register = Register(table.name, raw.file, raw.rows)
    left_out = np.zeros(n_rows, dtype=bool)
    draft = Draft(table, raw, headers, pd.DataFrame(index=raw.cells.index), register, left_out, raw.broken.copy())
    register.add("wrong number of fields", raw.broken)
    _leave_out(draft, mapping)
    columns = {column.name: column for column in table.columns} | {f: factor(f) for f in mapping.factors}
    for name, column in columns.items():
        if name in headers:
            draft.frame[name] = _column(draft, column, mapping)
        elif column.always:
            draft.frame[name] = column.default
    return draft


def _leave_out(draft: Draft, mapping: TableMapping) -> None:
    """Mark the rows that the mapping leaves out, one finding for each value."""
    for header, values in mapping.leave_out.items():
        texts = to_text(draft.raw.cells[header])
        personal = draft.names_client(header)
        rule = "client left out by the mapping" if personal else "left out by the mapping"
        for value in values:
            rows = np.flatnonzero((texts == value.strip()).to_numpy(dtype=bool) & ~draft.left_out)
            draft.left_out[rows] = True
            if rows.size:
                first = int(draft.raw.rows[rows[0]])
                told = f"{value} ({rows.size} rows)" if rows.size > 1 else f"{value} (1 row)"
                draft.register.add_one(rule, count=rows.size, value=told, column=header, row=first)


def _column(draft: Draft, column: Column, mapping: TableMapping) -> Any:
    cells = draft.raw.cells[draft.headers[column.name]]
    match column.kind:
        case "id" | "text":
            return _texts(draft, column)
        case "date":
            days = to_dates(cells, date_format=mapping.date_format)
            _report_unread(draft, column, days.isna(), "date")
            return days
        case "number":
            return _numbers(draft, column, mapping)
        case "score":
            return _scores(draft, column, mapping)
        case "flag":
            flags = to_flags(cells)
            _report_unread(draft, column, flags.isna(), "flag")
            return flags if column.default is None else flags.fillna(bool(column.default)).astype(bool)
        case "choice":
            words = to_words(cells, choices=column.choices)
            asked = column.required or column.default is not None
            unknown = words.isna() & ((draft.text(column.name) != "") | asked)
            action: Action | None = "dropped" if column.required and column.default is None else None
            draft.report("unknown value", unknown.to_numpy(dtype=bool), column=column.name, action=action)
            return words if column.default is None else words.fillna(str(column.default))


def _texts(draft: Draft, column: Column) -> pd.Series:
    texts = draft.text(column.name)
    empty = texts == ""
    if column.required:
        rule = "empty client id" if column.name in _CLIENT_IDS else "empty value"
        draft.report(rule, empty.to_numpy(dtype=bool), column=column.name)
    if column.name == "client_id":
        cells = draft.raw.cells[draft.headers["client_id"]]
        if isinstance(cells.dtype, pd.StringDtype):
            spaced = (cells.fillna("") != texts) & ~empty
            draft.report("spaces around client id", spaced.to_numpy(dtype=bool), column="client_id")
        return texts
    return texts.mask(empty)


def _numbers(draft: Draft, column: Column, mapping: TableMapping) -> npt.NDArray[np.float64]:
    cells = draft.raw.cells[draft.headers[column.name]]
    numbers = to_numbers(cells, decimal=mapping.decimal, thousands=mapping.thousands)
    missing = np.isnan(numbers)
    if not column.required:
        _report_unread(draft, column, pd.Series(missing), "number")
        return numbers
    texts = draft.text(column.name)
    ambiguous = missing & texts.str.fullmatch(_AMBIGUOUS).to_numpy(dtype=bool)
    empty = (texts == "").to_numpy(dtype=bool)
    draft.report("ambiguous amount", ambiguous, column=column.name)
    draft.report("empty amount", empty, column=column.name)
    draft.report("unreadable amount", missing & ~ambiguous & ~empty, column=column.name)
    return numbers


def _scores(draft: Draft, column: Column, mapping: TableMapping) -> npt.NDArray[np.float64]:
    cells = draft.raw.cells[draft.headers[column.name]]
    numbers = to_numbers(cells, decimal=mapping.decimal, thousands=mapping.thousands)
    _report_unread(draft, column, pd.Series(np.isnan(numbers)), "score")
    worst, best = mapping.score_scale
    scores = (numbers - worst) / (best - worst) * 10.0
    outside = (scores < 0.0) | (scores > 10.0)
    draft.report("score out of range", outside, column=column.name)
    return np.where(outside, np.nan, scores)


def _report_unread(draft: Draft, column: Column, missing: pd.Series, what: str) -> None:
    """Report cells that hold something unreadable, and empty ones where something is required."""
    empty = (draft.text(column.name) == "").to_numpy(dtype=bool)
    unread = missing.to_numpy(dtype=bool) & ~empty
    draft.report(f"unreadable {what}", unread, column=column.name, action=None if column.required else "fixed")
    if column.required:
        draft.report(f"empty {what}", empty, column=column.name)
