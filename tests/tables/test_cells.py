"""Cells: numbers, days and words as people and systems write them."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.tables.cells import (
    EXCEL_SERIAL,
    ISO,
    day_and_month_order,
    no_day,
    to_dates,
    to_flags,
    to_numbers,
    to_text,
    to_words,
)


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1 234 567,89", ",", 1_234_567.89),
        ("1\u00a0234\u00a0567,89", ",", 1_234_567.89),
        ("1\u202f234,5", ",", 1234.5),
        ("155,22-", ",", -155.22),
        ("(1 200,50)", ",", -1200.5),
        ("\u221212,5", ",", -12.5),
        ("1'234.50", ".", 1234.5),
        ("1\u2019234.50", ".", 1234.5),
        ("- 5", ".", -5.0),
        ("+5", ".", 5.0),
        ("1e3", ".", 1000.0),
    ],
)
def test_numbers_as_they_are_written(text, decimal, number):
    assert to_numbers(pd.Series([text]), decimal=decimal, thousands="").tolist() == [number]


@pytest.mark.parametrize(
    "text",
    ["1,234", "1.234,5", "12 34", "1 23,5", "--5", "(-5)", "5-5", "(5", "5)", "()", "-", "1e16", "inf", "\u0664"],
)
def test_what_is_no_number_is_not_read(text):
    assert np.isnan(to_numbers(pd.Series([text]), decimal=".", thousands="")).all()


@given(
    st.integers(-(10**13), 10**13),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (",", "\u00a0"), (".", "'")]),
    st.sampled_from(["{}-", "({})", "\u2212{}", "-{}"]),
)
def test_a_number_written_in_any_style_is_read_back(cents, marks, negative):
    """Property: what is written by any of the styles is read as the same number of cents."""
    decimal, thousands = marks
    whole = f"{abs(cents) // 100:,}".replace(",", thousands)
    text = f"{whole}{decimal}{abs(cents) % 100:02d}"
    text = negative.format(text) if cents < 0 else text
    declared = thousands if thousands in ",." else ""
    read = to_numbers(pd.Series([text]), decimal=decimal, thousands=declared)
    assert round(read[0] * 100) == cents


def test_excel_serials_are_days_and_its_29_february_1900_is_none():
    """Reference: 45292 is 2024-01-01, 61 is 1900-03-01, and 60 stands for a day that never was."""
    read = to_dates(pd.Series(["45292", "61", "60", "59", "1", "45292.75", "0", "x"]), formats=[EXCEL_SERIAL])
    days = ["2024-01-01", "1900-03-01", "NaT", "1900-02-28", "1900-01-01", "2024-01-01", "NaT", "NaT"]
    assert [str(day)[:10] for day in read] == days


def test_days_in_cells_of_several_types_are_read_together():
    cells = pd.Series(
        [datetime(2025, 1, 2, 3, 4), date(2024, 5, 6), "07.08.2023", 20250102, 45292.0, None], dtype=object
    )
    read = to_dates(cells, formats=["%d.%m.%Y", "%Y%m%d"])
    assert [str(day)[:10] for day in read] == ["2025-01-02", "2024-05-06", "2023-08-07", "2025-01-02", "NaT", "NaT"]


def test_a_day_that_two_formats_read_differently_is_not_read():
    read = to_dates(pd.Series(["03/04/2025", "13/04/2025", "05/05/2025"]), formats=["%d/%m/%Y", "%m/%d/%Y"])
    assert [str(day)[:10] for day in read] == ["NaT", "2025-04-13", "2025-05-05"]


@pytest.mark.parametrize(
    "text", ["2025-01-31", "2025-01-31 23:59:59", "2025-01-31T00:00:00.000Z", "2025-01-31 10:00+02:00"]
)
def test_iso_days_are_read_with_whatever_time_follows(text):
    assert to_dates(pd.Series([text]), formats=[ISO]).tolist() == [pd.Timestamp(2025, 1, 31)]


def test_zeros_stand_for_no_day():
    texts = pd.Series(["00000000", "0000-00-00", "00.00.0000", "00.00.0000 0:00:00", "10.00.2000", ""])
    assert no_day(texts).tolist() == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2025", "31/01/2025"], "day"),
        (["03/04/2025", "01/31/25 10:00"], "month"),
        (["03/04/2025", "12.12.2025"], "either"),
        (["31/01/2025", "01/31/2025"], "both"),
        (["2025-01-31", "soon"], "neither"),
    ],
)
def test_the_order_of_day_and_month_is_told_by_the_column(texts, order):
    assert day_and_month_order(pd.Series(texts)) == order


def test_ids_stay_text():
    assert to_text(pd.Series(["007", "NA", "1e5", "nan", " x "])).tolist() == ["007", "NA", "1e5", "nan", "x"]
    assert to_text(pd.Series([7.0, "007", None, True], dtype=object)).tolist() == ["7", "007", "", "True"]


def test_words_and_flags_follow_what_the_source_writes():
    words = to_words(
        pd.Series(["ВОЗВРАТ ", "sale", "gift"]), choices=("sale", "return"), synonyms={"return": ["Возврат"]}
    )
    assert words.fillna("").tolist() == ["return", "sale", ""]
    flags = to_flags(pd.Series(["Да", "нет", "yes", "?"]), synonyms={"true": ["да"], "false": ["нет"]})
    assert flags.tolist() == [True, False, True, pd.NA]


@pytest.mark.parametrize(
    ("text", "written", "day"),
    [
        ("20250131", "%Y%m%d", "2025-01-31"),
        ("202511", "%Y%m%d", "NaT"),
        ("1012025", "%d%m%Y", "NaT"),
        ("250131", "%y%m%d", "2025-01-31"),
        ("25131", "%y%m%d", "NaT"),
        ("20250131 9:05", "%Y%m%d %H:%M", "2025-01-31"),
        ("202511 10:00", "%Y%m%d %H:%M", "NaT"),
        ("20250131T100000", "%Y%m%dT%H%M%S", "2025-01-31"),
        ("20250131100000", "%Y%m%d%H%M%S", "2025-01-31"),
        ("1.2.2025 930", "%d.%m.%Y %H%M", "2025-02-01"),
        ("1Feb2025", "%d%b%Y", "2025-02-01"),
    ],
)
def test_days_without_marks_between_their_parts_need_every_digit(text, written, day):
    assert str(to_dates(pd.Series([text]), formats=[written])[0])[:10] == day


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_days_beyond_the_years_1_to_9999_are_not_read(unit, zone):
    days = ["0001-01-01", "9999-12-31T23:59", "10000-01-01", "0000-12-31"]
    values = np.array([*days, "NaT", 2**63 - 1, -(2**63) + 1], dtype=f"datetime64[{unit}]")
    cells = pd.Series(values) if zone is None else pd.Series(values).dt.tz_localize(zone)
    read = to_dates(cells, formats=[ISO])
    assert read.dtype == "datetime64[us]"
    assert [str(day)[:10] for day in read] == ["0001-01-01", "9999-12-31", *["NaT"] * 5]
