"""Cells: one column as a source holds it, turned into values of the contract without a guess.

What cannot be read comes out missing; `parsing` says so, row by row.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

EXCEL_SERIAL = "excel"
"""In the place of a date format: days are numbers as Excel counts them (45292 is 2024-01-01)."""

ISO = "iso"
"""In the place of a date format: ``2024-01-31``, with or without a time after it."""

TRUE_WORDS = ("true", "1", "yes", "y", "t")
FALSE_WORDS = ("false", "0", "no", "n", "f")

LARGEST = 1e15
"""Numbers from here on are not read: beyond it a float no longer holds cents."""

_EXCEL_DAY_0 = pd.Timestamp(1899, 12, 30)
_EXCEL_LAST = 2_958_465  # 9999-12-31
_LEAP_BUG = 60  # Excel counts a 29 February 1900, which never was
_SPACES = "[ \u00a0\u2009\u202f]"
_MINUS = "\u2212"
_ISO_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}.*)?"
_NO_DAY = r"0+(?:[-./ ]0+)*(?: 0+:0+(?::0+)?)?"
_FIRST_DAY, _END = (pd.Timestamp(np.datetime64(day, "us")) for day in ("0001-01-01", "10000-01-01"))
_RUN = re.compile(r"((?:%[YymdHMSI])+)")
_DAY_AND_MONTH = re.compile(r"([0-9]{1,2})[-./]([0-9]{1,2})[-./](?:[0-9]{4}|[0-9]{2})(?:[^0-9].*)?")


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
        if (whole == np.floor(whole)).all() and (whole.abs() < 2.0**63).all():
            cells = cells.astype("Int64")
    elif cells.dtype == object:
        cells = cells.map(_plain, na_action="ignore")
    return cells.astype("str").fillna("").str.strip()


def is_blank(cells: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell where nothing stands.

    Parameters
    ----------
    cells
        One column, shape (n,).

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether a cell is missing, or text of spaces alone.
    """
    missing = cells.isna().to_numpy(dtype=bool)
    if cells.dtype == object or isinstance(cells.dtype, pd.StringDtype):
        return np.asarray(missing | (to_text(cells) == "").to_numpy(dtype=bool))
    return missing


def to_dates(cells: pd.Series, *, formats: Sequence[str]) -> pd.Series:
    """Read days.

    Parameters
    ----------
    cells
        One column, shape (n,): text, already dates, or both.
    formats
        How text is written, in the words of ``strptime``, or `ISO`, or `EXCEL_SERIAL`. A cell that two formats read as
        two days is not read; nor is one that lacks a digit where nothing parts year, month and day.

    Returns
    -------
    Series
        Midnights of dtype ``datetime64[us]``, shape (n,); missing where no one day of the years 1 to 9999 could be
        read.

    Examples
    --------
    >>> to_dates(pd.Series(["3.4.2025", "today", "13.4.2025 9:30"]), formats=["%d.%m.%Y"]).astype(str).tolist()
    ['2025-04-03', nan, nan]
    >>> to_dates(pd.Series(["3/4/2025", "13/4/2025"]), formats=["%d/%m/%Y", "%m/%d/%Y"]).astype(str).tolist()
    [nan, '2025-04-13']
    """
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        cells = cells.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        days: pd.Series = cells.where((cells >= _FIRST_DAY) & (cells < _END)).dt.as_unit("us").dt.floor("D")
        return days
    if cells.dtype == object:
        typed = cells.map(lambda cell: isinstance(cell, date)).to_numpy(dtype=bool)
        days = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
        days[typed] = [_day(cell) for cell in cells[typed]]
        days[~typed] = _read_days(to_text(cells[~typed]), formats)
        return days
    return _read_days(to_text(cells), formats)


def no_day(cells: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell where zeros stand for a day that is not there, such as ``00000000`` or ``00.00.0000``.

    Parameters
    ----------
    cells
        One column of text, shape (n,).

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether a cell holds nothing but zeros and the marks between them.
    """
    return cells.str.fullmatch(_NO_DAY).to_numpy(dtype=bool)


def day_and_month_order(texts: pd.Series) -> str:
    """Tell whether days such as ``03/04/2025`` begin with the day or the month.

    Parameters
    ----------
    texts
        Any cells as text.

    Returns
    -------
    str
        ``"day"`` or ``"month"`` if some cell fits one order only; ``"either"`` if every one fits both; ``"both"``
        if some fit one only and others the other; ``"neither"`` if no cell is written so.

    Examples
    --------
    >>> day_and_month_order(pd.Series(["03/04/2025", "31/01/2025"]))
    'day'
    >>> day_and_month_order(pd.Series(["03/04/2025", "05/06/2025"]))
    'either'
    """
    met = set()
    for text in texts.unique():
        if match := _DAY_AND_MONTH.fullmatch(text):
            first, second = int(match[1]), int(match[2])
            day_first, month_first = first <= 31 and second <= 12, first <= 12 and second <= 31
            met |= {"day"} if day_first and not month_first else set()
            met |= {"month"} if month_first and not day_first else set()
            met |= {"either"} if day_first and month_first else set()
    settled = met - {"either"}
    if len(settled) == 2:
        return "both"
    return settled.pop() if settled else ("either" if met else "neither")


def has_day_and_month(texts: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell which texts hold a day and a month as numbers, in whatever order, before a year.

    Parameters
    ----------
    texts
        Any cells as text, shape (n,).

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether a cell is written like ``03/04/2025``.
    """
    return texts.str.fullmatch(_DAY_AND_MONTH.pattern.replace("([0-9]{1,2})", "[0-9]{1,2}")).to_numpy(dtype=bool)


def to_numbers(cells: pd.Series, *, decimal: str, thousands: str) -> npt.NDArray[np.float64]:
    """Read numbers, however a minus is written.

    Parameters
    ----------
    cells
        One column, shape (n,): text, or already numbers.
    decimal, thousands
        The marks in text. A point or comma that is not expected makes a number unreadable; spaces and apostrophes
        between groups of three digits can mean nothing else and are always read.

    Returns
    -------
    ndarray of float64, shape (n,)
        The numbers; NaN where none below `LARGEST` could be read.

    Examples
    --------
    >>> to_numbers(pd.Series(["1 200,50", "155,22-", "(3,5)", "1.5"]), decimal=",", thousands="").tolist()
    [1200.5, -155.22, -3.5, nan]
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    elif cells.dtype == object:
        typed = cells.map(lambda cell: isinstance(cell, int | float) and not isinstance(cell, bool)).to_numpy(
            dtype=bool
        )
        numbers = np.full(len(cells), np.nan)
        numbers[typed] = cells[typed].to_numpy(dtype=np.float64)
        numbers[~typed] = to_numbers(to_text(cells[~typed]), decimal=decimal, thousands=thousands)
    else:
        texts = _sign_first(to_text(cells))
        marks = {" ", "'", thousands} - {"", decimal}
        groups = "|".join(f"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+" for mark in sorted(marks))
        point = re.escape(decimal)
        number = f"[+-]?(?:(?:{groups}|[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
        texts = texts.where(texts.str.fullmatch(number))
        texts = texts.str.replace(f"[{re.escape(''.join(sorted(marks)))}]", "", regex=True)
        if decimal != ".":
            texts = texts.str.replace(decimal, ".", regex=False)
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.abs(numbers) < LARGEST, numbers, np.nan)


def could_be_thousands(cells: pd.Series, *, mark: str) -> npt.NDArray[np.bool_]:
    """Tell where a point or comma may part thousands as well as decimals, as in ``1,234``.

    Parameters
    ----------
    cells
        One column, shape (n,).
    mark
        The mark asked about, ``.`` or ``,``.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether a cell is one to three digits, the mark, and three digits.
    """
    return _sign_first(to_text(cells)).str.fullmatch(f"[+-]?[1-9][0-9]{{0,2}}[{mark}][0-9]{{3}}").to_numpy(dtype=bool)


def to_words(
    cells: pd.Series, *, choices: Sequence[str], synonyms: Mapping[str, Sequence[str]] | None = None
) -> pd.Series:
    """Read one of a few words, in upper or lower case.

    Parameters
    ----------
    cells
        One column, shape (n,).
    choices
        The words, in lower case.
    synonyms
        What else the source writes for a choice.

    Returns
    -------
    Series
        The choices, shape (n,); missing where it is none of them.

    Examples
    --------
    >>> words = pd.Series(["Sale", "Refund", "gift"])
    >>> to_words(words, choices=("sale", "return"), synonyms={"return": ["refund"]}).tolist()
    ['sale', 'return', nan]
    """
    meant = {choice: choice for choice in choices}
    meant |= {word.strip().casefold(): choice for choice, words in (synonyms or {}).items() for word in words}
    codes, words = pd.factorize(to_text(cells))
    read = pd.Series(words, dtype="str").str.casefold().map(meant)
    return pd.Series(read.astype("str").to_numpy()[codes], index=cells.index, dtype="str")


def to_flags(cells: pd.Series, *, synonyms: Mapping[str, Sequence[str]] | None = None) -> pd.Series:
    """Read truth values.

    Parameters
    ----------
    cells
        One column, shape (n,): truth values, or words such as true, no, 1.
    synonyms
        What else the source writes for ``"true"`` and ``"false"``.

    Returns
    -------
    Series
        Dtype ``boolean``, shape (n,); missing where nothing could be read.

    Examples
    --------
    >>> to_flags(pd.Series(["yes", "False", "?"])).tolist()
    [True, False, <NA>]
    """
    known = {"true": [*TRUE_WORDS], "false": [*FALSE_WORDS]}
    for meaning, words in (synonyms or {}).items():
        known[meaning] += words
    read = to_words(cells, choices=(), synonyms=known)
    return (read == "true").astype("boolean").mask(read.isna())


def _plain(cell: object) -> object:
    """Write a whole number without a point, and a day without its midnight."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return str(cell.date())
    return str(cell)


def _day(cell: date) -> np.datetime64:
    return np.datetime64(cell.date() if isinstance(cell, datetime) else cell, "us")


def _read_days(texts: pd.Series, formats: Sequence[str]) -> pd.Series:
    """Read each text by the formats; leave missing what two of them read as two days."""
    codes, found = pd.factorize(texts)
    words = pd.Series(found, dtype="str")
    words = words.where(words.str.contains("[0-9]"))  # pandas would read "today" and "now" by the clock
    days = pd.Series(pd.NaT, index=words.index, dtype="datetime64[us]")
    torn = np.zeros(len(words), dtype=bool)
    for written in formats:
        if written == EXCEL_SERIAL:
            read = _from_serials(words)
        elif written == ISO:
            iso = words.where(words.str.fullmatch(_ISO_DAY)).str.slice(0, 10)
            read = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").dt.as_unit("us")
        else:
            whole = words.where(words.str.match(_full_width(written)))
            read = pd.to_datetime(whole, format=written, errors="coerce").dt.as_unit("us").dt.floor("D")
        torn |= (days.notna() & read.notna() & (days != read)).to_numpy()
        days = days.fillna(read)
    return pd.Series(days.mask(torn).to_numpy()[codes], index=texts.index)


def _full_width(written: str) -> str:
    """Write as a pattern how many digits a format needs where nothing parts year, month and day."""
    parts = []
    for part in _RUN.split(written):
        letters = part.split("%")[1:]
        if not _RUN.fullmatch(part):
            parts.append(".*" if part else "")
        elif len(letters) > 1 and {*letters} & {*"Yymd"}:
            parts.append(f"[0-9]{{{sum(4 if letter == 'Y' else 2 for letter in letters)}}}(?![0-9])")
        else:
            parts.append("[0-9]+")
    return "".join(parts) if any("{" in part for part in parts) else ""


def _from_serials(words: pd.Series) -> pd.Series:
    """Read days as Excel counts them, shape (n,)."""
    serials = pd.to_numeric(words.where(words.str.fullmatch(r"[0-9]{1,7}(?:\.[0-9]+)?")), errors="coerce")
    serials = np.floor(serials.where((serials >= 1) & (serials <= _EXCEL_LAST) & (np.floor(serials) != _LEAP_BUG)))
    serials = serials + (serials < _LEAP_BUG)
    days = np.where(np.isnan(serials), 0, serials).astype("timedelta64[D]")
    read = pd.Series(_EXCEL_DAY_0.to_datetime64().astype("datetime64[us]") + days, index=words.index)
    return read.dt.as_unit("us").mask(serials.isna())


def _sign_first(texts: pd.Series) -> pd.Series:
    """Write every minus as a hyphen in front, and every space or apostrophe between digits as one kind."""
    odd = texts.str.contains(f"[{_MINUS}()\u2019]|-$|{_SPACES}", regex=True).to_numpy(dtype=bool)
    if not odd.any():
        return texts
    part = texts[odd].str.replace(_MINUS, "-", regex=False).str.replace("\u2019", "'", regex=False)
    part = part.str.replace(_SPACES, " ", regex=True)
    part = part.str.replace(r"^\(([^-+()]*)\)$", r"-\1", regex=True).str.replace(r"^([^-+()]+)-$", r"-\1", regex=True)
    return texts.where(~odd, part.str.replace(r"^- ", "-", regex=True).reindex(texts.index))
