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
from churnlab.tables.contract import CLIENT_IDS, Column, Table, factor
from churnlab.tables.findings import RULES, Action, Register
from churnlab.tables.mapping import TableMapping
from churnlab.tables.raw import RawTable

Mask = npt.NDArray[np.bool_]

_MOST_VALUES = 50
_MONEY = ("amount", "quantity", "list_amount", "cost")

PLACEHOLDERS = np.array(
    ["0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "9999-12-31"],
    dtype="datetime64[us]",
)
"""Days that systems write where they know none."""

_TOTAL = (
    r"(?:(?:(?:grand |sub-?)?total|sum|gesamt(?:summe)?|(?:zwischen)?summe|(?:väli)?summa|yhteensä|totalt"
    r"|всего|итог[ои]?)\b)"
)
_ANY_TOTAL = rf"{_TOTAL}|(?:\S+\s+){{1,3}}{_TOTAL}[\s.:]*$"
_BARE_TOTAL = rf"[\d\s.:]*{_TOTAL}[\d\s.:]*"


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
        Rows of which nothing more is said: broken, left out, totals, or headings of groups.
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
        return header in {self.headers.get(name) for name in {*CLIENT_IDS, *personal}}

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
    _drop_totals(draft, mapping)
    _fill_down(draft, mapping)
    _leave_out(draft, mapping)
    columns = {column.name: column for column in table.columns} | {f: factor(f) for f in mapping.factors}
    for name, column in columns.items():
        if name in headers:
            draft.frame[name] = _column(draft, column, mapping)
        elif column.always or (column.required and column.default is not None):
            draft.frame[name] = column.default
    if _signs_by_kind(table, mapping):
        _turn_returns(draft)
    return draft


def called_like_a_total(texts: pd.Series) -> Mask:
    """Tell which texts are a word for a total and nothing else but digits, points and colons.

    Parameters
    ----------
    texts
        Any text, shape (n,).

    Returns
    -------
    ndarray of bool, shape (n,)
        True for ``Total``, ``Total 2023:`` or ``2023 total``.
    """
    return texts.str.casefold().str.fullmatch(_BARE_TOTAL).to_numpy(dtype=bool)


def _signs_by_kind(table: Table, mapping: TableMapping) -> bool:
    """Whether it is the kind of a line that says whether its amounts are negative."""
    return table.name == "orders" and mapping.returns == "positive"


def _turn_returns(draft: Draft) -> None:
    """Make what returns and credits hold negative, and report those that came with a minus."""
    back = draft.frame["kind"].isin(["return", "credit"]).to_numpy(dtype=bool)
    draft.report("sign against kind", draft.live & back & (draft.frame["amount"] < 0).to_numpy(), column="amount")
    for name in set(_MONEY) & set(draft.frame):
        draft.frame[name] = np.where(back, -np.abs(draft.frame[name]), draft.frame[name])


def _leave_out(draft: Draft, mapping: TableMapping) -> None:
    """Mark the rows that the mapping leaves out, in capitals or not, one finding for each value."""
    for header, values in mapping.leave_out.items():
        texts = to_text(draft.raw.cells[header]).str.casefold()
        for value in values:
            _leave_out_rows(draft, header, value, (texts == value.strip().casefold()).to_numpy(dtype=bool))
    for header, values in mapping.keep_only.items():
        texts = to_text(draft.raw.cells[header])
        other = texts[~texts.str.casefold().isin([value.strip().casefold() for value in values])]
        for value in other.unique()[:_MOST_VALUES]:
            _leave_out_rows(draft, header, str(value), (texts == value).to_numpy(dtype=bool))
        _leave_out_rows(draft, header, "other values", texts.index.isin(other.index))
    draft.closed |= draft.left_out


def _leave_out_rows(draft: Draft, header: str, value: str, at: Mask) -> None:
    """Mark the rows of one value that are not left out yet, with one finding."""
    rows = np.flatnonzero(at & ~draft.left_out & ~draft.closed)
    draft.left_out[rows] = True
    if rows.size:
        rule = "client left out by the mapping" if draft.names_client(header) else "left out by the mapping"
        told = f"{value} ({rows.size} rows)" if rows.size > 1 else f"{value} (1 row)"
        draft.register.add_one(rule, count=rows.size, value=told, column=header, row=int(draft.raw.rows[rows[0]]))


def _drop_totals(draft: Draft, mapping: TableMapping) -> None:
    """Drop the rows that add up others: neither day nor client nor order stands in them, and a text says total."""
    day = _day_header(draft)
    if day is None:
        return
    cells = draft.raw.cells[day]
    undated = ~draft.closed & to_dates(cells, formats=mapping.date_format or (ISO,)).isna().to_numpy(dtype=bool)
    if not undated.any():
        return
    part = draft.raw.cells[undated]
    total = np.zeros(len(part), dtype=bool)
    for header in part:
        total |= _is_total(part[header])
    for header in {day, draft.headers.get("client_id"), draft.headers.get("order_id")} - {None}:
        total &= is_blank(part[header]) | _is_total(part[header])
    at = undated.copy()
    at[undated] = total
    draft.report("total row", at)
    draft.closed |= at


def _day_header(draft: Draft) -> str | None:
    """Give the source's header of the day that every row has to have; None for tables without."""
    names = (column.name for column in draft.table.columns if column.kind == "date" and column.required)
    return next((draft.headers[name] for name in names if name in draft.headers), None)


def _is_total(cells: pd.Series) -> Mask:
    """Tell which cells begin with a word for a total, or are a few words that end in one, shape (n,)."""
    if not (cells.dtype == object or isinstance(cells.dtype, pd.StringDtype)):
        return np.zeros(len(cells), dtype=bool)
    return to_text(cells).str.casefold().str.match(_ANY_TOTAL).to_numpy(dtype=bool)


def _fill_down(draft: Draft, mapping: TableMapping) -> None:
    """Repeat the cell above where the mapping says so, as far as the next total or broken row; drop the headings."""
    if not mapping.fill_down:
        return
    cells, stop = draft.raw.cells, draft.closed.copy()
    blank = {header: is_blank(cells[header]) for header in mapping.fill_down}
    heading = _headings(draft, blank)
    for header, empty in blank.items():
        above = cells[header].mask(empty | stop).groupby(np.cumsum(stop)).ffill()
        cells[header] = cells[header].mask(empty & ~stop, above)
    draft.report("group heading", heading)
    draft.closed |= heading


def _headings(draft: Draft, blank: dict[str, Mask]) -> Mask:
    """Tell which rows name a group and are none of its rows: no day, no order, and below it the name is blank."""
    day, order = _day_header(draft), draft.headers.get("order_id")
    if day is None or day in blank:
        return np.zeros(len(draft.raw.cells), dtype=bool)
    names: Mask = np.any([~empty & np.append(empty[1:], False) for empty in blank.values()], axis=0)
    undated = is_blank(draft.raw.cells[day])
    unnumbered = True if order is None or order in blank else is_blank(draft.raw.cells[order])
    return names & undated & unnumbered & ~draft.closed


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
            needed = column.name == "kind" and _signs_by_kind(draft.table, mapping)
            if not (column.required or column.default is not None or needed):
                unknown = unknown & ~is_blank(cells)
            action: Action | None = "dropped" if needed or (column.required and column.default is None) else None
            draft.report("unknown value", unknown, column=column.name, action=action)
            return words if column.default is None else words.fillna(str(column.default))


def _texts(draft: Draft, column: Column) -> pd.Series:
    texts = draft.text(column.name)
    empty = texts == ""
    if column.required:
        rule = "empty client id" if column.name in CLIENT_IDS else "empty value"
        draft.report(rule, empty.to_numpy(dtype=bool), column=column.name)
    if column.name == "client_id":
        cells = draft.raw.cells[draft.headers["client_id"]]
        if isinstance(cells.dtype, pd.StringDtype):
            spaced = (cells.fillna("") != texts) & ~empty
            draft.report("spaces around client id", spaced.to_numpy(dtype=bool), column="client_id")
        return texts
    if column.name == "currency":
        texts = texts.str.upper()
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
    written = ~none if cells.dtype != object else cells.map(lambda cell: isinstance(cell, str)).to_numpy(dtype=bool)
    decimal = mapping.decimal or "."
    other = "," if decimal == "." else "."
    torn = none if mapping.thousands == other else np.isnan(numbers) & written & could_be_thousands(cells, mark=other)
    if mapping.decimal is None:
        dotted = written & to_text(cells).str.contains(".", regex=False).to_numpy(dtype=bool) & ~np.isnan(numbers)
        lone = written & could_be_thousands(cells, mark=".")
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
