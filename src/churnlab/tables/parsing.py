"""Parsing: a whole table from cells to the contract's types, registering what was met.

`cells` reads one column; here it is said what could not be read, and why.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.tables.cells import (
    ISO,
    could_be_thousands,
    day_and_month_order,
    has_day_and_month,
    is_blank,
    no_day,
    to_dates,
    to_flags,
    to_numbers,
    to_text,
    to_words,
)
from churnlab.tables.contract import Column, Table, factor
from churnlab.tables.findings import RULES, Action, Register
from churnlab.tables.mapping import TableMapping
from churnlab.tables.raw import RawTable

Mask = npt.NDArray[np.bool_]

_CLIENT_IDS = ("client_id", "old_id", "new_id")
_REFERENCES = (*_CLIENT_IDS, "parent_id", "referred_by")
_MOST_VALUES = 50
_MONEY = ("amount", "quantity", "list_amount", "cost")

PLACEHOLDERS = np.array(
    ["0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "9999-12-31"],
    dtype="datetime64[us]",
)
"""Days that systems write where they know none."""

_TOTAL = (
    r"(?:grand |sub-?)?total\b|sum\b|gesamt(?:summe)?\b|(?:zwischen)?summe\b|(?:väli)?summa\b|yhteensä\b|totalt\b"
    r"|всего\b|итог[ои]?\b"
)


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
    closed
        Rows of which nothing more is said: broken, left out, or totals.
    """

    table: Table
    raw: RawTable
    headers: dict[str, str]
    frame: pd.DataFrame
    register: Register
    left_out: Mask
    dropped: Mask
    closed: Mask

    @property
    def live(self) -> Mask:
        """Rows that are neither left out nor dropped."""
        return ~(self.left_out | self.dropped)

    def names_client(self, header: str) -> bool:
        """Whether a source column says who a client is, so that its values must not be passed on."""
        personal = {column.name for column in self.table.columns if column.personal}
        return header in {self.headers.get(name) for name in {*_REFERENCES, *personal}}

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
            Where it was met; closed rows are passed over.
        column
            The canonical column concerned; None for the whole row.
        action
            What is done, if not what the rule does by default.
        """
        at = at & ~self.closed
        if not at.any():
            return
        header = "" if column is None else self.headers.get(column, column)
        values = None
        if header in self.raw.cells:
            values = self.raw.cells[header].iloc[np.flatnonzero(at)].astype("str").fillna("")
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
    register = Register(table.name, raw.file, raw.sheet, raw.rows)
    nothing = np.zeros(len(raw.cells), dtype=bool)
    frame = pd.DataFrame(index=raw.cells.index)
    draft = Draft(table, raw, headers, frame, register, nothing, raw.broken.copy(), raw.broken.copy())
    register.add("wrong number of fields", raw.broken)
    register.add("rows inside a quotation", raw.swallowing)
    _leave_out(draft, mapping)
    _drop_totals(draft, mapping)
    columns = {column.name: column for column in table.columns} | {f: factor(f) for f in mapping.factors}
    for name, column in columns.items():
        if name in headers:
            draft.frame[name] = _column(draft, column, mapping)
        elif column.always or (column.required and column.default is not None):
            draft.frame[name] = column.default
    if mapping.returns == "positive" and "kind" in draft.frame:
        back = draft.frame["kind"].isin(["return", "credit"]).to_numpy(dtype=bool)
        for name in set(_MONEY) & set(draft.frame):
            draft.frame[name] = np.where(back, -draft.frame[name], draft.frame[name])
    return draft


def _leave_out(draft: Draft, mapping: TableMapping) -> None:
    """Mark the rows that the mapping leaves out, one finding for each value."""
    for header, values in mapping.leave_out.items():
        texts = to_text(draft.raw.cells[header])
        for value in values:
            _leave_out_rows(draft, header, value, (texts == value.strip()).to_numpy(dtype=bool))
    for header, values in mapping.keep_only.items():
        texts = to_text(draft.raw.cells[header])
        other = texts[~texts.isin([value.strip() for value in values])]
        for value in other.unique()[:_MOST_VALUES]:
            _leave_out_rows(draft, header, str(value), (texts == value).to_numpy(dtype=bool))
        _leave_out_rows(draft, header, "other values", texts.index.isin(other.index))
    draft.closed |= draft.left_out


def _leave_out_rows(draft: Draft, header: str, value: str, at: Mask) -> None:
    """Mark the rows of one value that are not left out yet, with one finding."""
    rows = np.flatnonzero(at & ~draft.left_out)
    draft.left_out[rows] = True
    if rows.size:
        rule = "client left out by the mapping" if draft.names_client(header) else "left out by the mapping"
        told = f"{value} ({rows.size} rows)" if rows.size > 1 else f"{value} (1 row)"
        draft.register.add_one(rule, count=rows.size, value=told, column=header, row=int(draft.raw.rows[rows[0]]))


def _drop_totals(draft: Draft, mapping: TableMapping) -> None:
    """Drop the rows that add up others: no day stands in them, and a text begins with a word for it."""
    day = next((c.name for c in draft.table.columns if c.kind == "date" and c.required), None)
    if day is None or day not in draft.headers:
        return
    cells = draft.raw.cells[draft.headers[day]]
    undated = ~draft.closed & to_dates(cells, formats=mapping.date_format or (ISO,)).isna().to_numpy(dtype=bool)
    if not undated.any():
        return
    part = draft.raw.cells[undated]
    total = np.zeros(len(part), dtype=bool)
    for header in part:
        total |= _is_total(part[header])
    at = undated.copy()
    at[undated] = total & (is_blank(part[draft.headers[day]]) | _is_total(part[draft.headers[day]]))
    draft.report("total row", at)
    draft.closed |= at


def _is_total(cells: pd.Series) -> Mask:
    """Tell which cells begin with a word for a total, shape (n,)."""
    if not (cells.dtype == object or isinstance(cells.dtype, pd.StringDtype)):
        return np.zeros(len(cells), dtype=bool)
    return to_text(cells).str.casefold().str.match(_TOTAL).to_numpy(dtype=bool)


def _column(draft: Draft, column: Column, mapping: TableMapping) -> Any:
    cells = draft.raw.cells[draft.headers[column.name]]
    synonyms = mapping.words.get(column.name, {})
    match column.kind:
        case "id" | "text":
            return _texts(draft, column)
        case "date":
            return _dates(draft, column, mapping)
        case "number":
            return _numbers(draft, column, mapping)
        case "score":
            return _scores(draft, column, mapping)
        case "flag":
            flags = to_flags(cells, synonyms=synonyms)
            _report_unread(draft, column, flags.isna(), "flag")
            return flags if column.default is None else flags.fillna(bool(column.default)).astype(bool)
        case "choice":
            words = to_words(cells, choices=column.choices, synonyms=synonyms)
            unknown = words.isna().to_numpy(dtype=bool)
            if not (column.required or column.default is not None):
                unknown = unknown & ~is_blank(cells)
            action: Action | None = "dropped" if column.required and column.default is None else None
            draft.report("unknown value", unknown, column=column.name, action=action)
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


def _dates(draft: Draft, column: Column, mapping: TableMapping) -> pd.Series:
    """Read days; tell zeros and placeholders from days, and days that could be two from those that cannot be read."""
    cells = draft.raw.cells[draft.headers[column.name]]
    days = to_dates(cells, formats=mapping.date_format or (ISO,))
    action: Action = "dropped" if column.required else "fixed"
    stand_in = days.isin(PLACEHOLDERS).to_numpy(dtype=bool) & (column.name != "birthday")
    if stand_in.any():
        draft.report("placeholder date", stand_in, column=column.name, action=action)
        days = days.mask(stand_in)
    missing = days.isna().to_numpy(dtype=bool) & ~stand_in
    if not missing.any():
        return days
    texts = to_text(cells[missing])
    empty, torn = missing.copy(), missing.copy()
    empty[missing] = (texts == "").to_numpy(dtype=bool) | no_day(texts)
    torn[missing] = _torn(texts, mapping.date_format)
    draft.report("ambiguous date", torn, column=column.name, action=action)
    draft.report("unreadable date", missing & ~empty & ~torn, column=column.name, action=action)
    if column.required:
        draft.report("empty date", empty, column=column.name)
    return days


def _torn(texts: pd.Series, formats: tuple[str, ...]) -> Mask:
    """Tell which unread texts fit two orders of day and month, and nothing in the column settles it."""
    if formats:
        readings = [to_dates(texts, formats=[written]).notna().to_numpy(dtype=bool) for written in formats]
        return np.any(readings, axis=0)
    if day_and_month_order(texts) != "either":
        return np.zeros(len(texts), dtype=bool)
    return has_day_and_month(texts)


def _numbers(draft: Draft, column: Column, mapping: TableMapping) -> npt.NDArray[np.float64]:
    cells = draft.raw.cells[draft.headers[column.name]]
    numbers = _read_numbers(cells, mapping)
    what = "amount" if column.name == "amount" else "number"
    torn = _unsettled(cells, numbers, mapping)
    numbers = np.where(torn, np.nan, numbers)
    missing = np.isnan(numbers)
    if not missing.any():
        return numbers
    empty = missing & is_blank(cells)
    draft.report(f"ambiguous {what}", torn, column=column.name)
    draft.report(f"unreadable {what}", missing & ~torn & ~empty, column=column.name, action=_unless(column))
    if column.required:
        draft.report(f"empty {what}", empty, column=column.name)
    return numbers


def _unless(column: Column) -> Action:
    return "dropped" if column.required else "fixed"


def _read_numbers(cells: pd.Series, mapping: TableMapping) -> npt.NDArray[np.float64]:
    return to_numbers(cells, decimal=mapping.decimal or ".", thousands=mapping.thousands or "")


def _unsettled(cells: pd.Series, numbers: npt.NDArray[np.float64], mapping: TableMapping) -> Mask:
    """Tell where a point or comma may part thousands or decimals, and neither mapping nor column says which.

    A mark that was not declared makes ``1,234`` unreadable and is asked about. A point that nobody declared is asked
    about where every point in the column stands before three digits, as in a column of whole thousands.
    """
    none = np.zeros(len(cells), dtype=bool)
    if not (cells.dtype == object or isinstance(cells.dtype, pd.StringDtype)):
        return none
    decimal = mapping.decimal or "."
    other = "," if decimal == "." else "."
    torn = none if mapping.thousands == other else np.isnan(numbers) & could_be_thousands(cells, mark=other)
    if mapping.decimal is None:
        dotted = to_text(cells).str.contains(".", regex=False).to_numpy(dtype=bool) & ~np.isnan(numbers)
        lone = could_be_thousands(cells, mark=".")
        if dotted.any() and lone[dotted].all():
            torn = torn | lone
    return torn


def _scores(draft: Draft, column: Column, mapping: TableMapping) -> npt.NDArray[np.float64]:
    cells = draft.raw.cells[draft.headers[column.name]]
    numbers = _read_numbers(cells, mapping)
    _report_unread(draft, column, pd.Series(np.isnan(numbers)), "score")
    worst, best = mapping.score_scale or (0.0, 10.0)
    with np.errstate(over="ignore"):  # what is beyond all bounds is out of range
        scores = (numbers - worst) / (best - worst) * 10.0
    outside = (scores < 0.0) | (scores > 10.0)
    draft.report("score out of range", outside, column=column.name)
    return np.where(outside, np.nan, scores)


def _report_unread(draft: Draft, column: Column, missing: pd.Series, what: str) -> None:
    """Report cells that hold something unreadable, and empty ones where something is required."""
    unread = missing.to_numpy(dtype=bool)
    if unread.any():
        empty = is_blank(draft.raw.cells[draft.headers[column.name]])
        draft.report(f"unreadable {what}", unread & ~empty, column=column.name, action=_unless(column))
