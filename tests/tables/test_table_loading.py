"""Loading: the canonical form, whatever the source looks like, and errors that say what to do."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnlab.tables import DataError, load

ORDERS = "client_id,order_date,amount,order_id\nB,2025-02-01,10.50,o2\n007,2025-03-01,-4,o3\nNA,2025-01-05,7,o1\n"


def write(folder: Path, **files: str) -> Path:
    """Write each file as `name.csv`, or `mapping.toml` for the mapping."""
    for name, content in files.items():
        path = folder / ("mapping.toml" if name == "mapping" else f"{name}.csv")
        path.write_text(content, encoding="utf-8")
    return folder


def test_orders_come_out_in_canonical_form(tmp_path):
    orders = load(write(tmp_path, orders=ORDERS)).orders
    assert orders["client_id"].tolist() == ["007", "B", "NA"]
    assert orders["amount"].tolist() == [-4.0, 10.5, 7.0]
    assert orders["kind"].tolist() == ["return", "sale", "sale"]
    assert orders["order_date"].dtype == np.dtype("datetime64[us]")
    assert orders["client_id"].dtype == orders["kind"].dtype == orders["order_id"].dtype == "str"
    assert list(orders.columns) == ["client_id", "order_date", "amount", "order_id", "kind"]
    pd.testing.assert_index_equal(orders.index, pd.RangeIndex(3))


def test_rows_sort_by_client_and_day_and_then_as_in_the_source(tmp_path):
    lines = "b,2025-01-02,1\na,2025-01-02,2\na,2025-01-01,3\na,2025-01-02,4\n"
    orders = load(write(tmp_path, orders="client_id,order_date,amount\n" + lines)).orders
    assert orders["amount"].tolist() == [3.0, 2.0, 4.0, 1.0]


def test_parquet_gives_the_same_tables_as_csv(tmp_path):
    surveys = "client_id,survey_date,wave,invited,recommend\nB,2025-02-02,annual,true,9\nB,2025-01-02,monthly,false,\n"
    text, typed = tmp_path / "text", tmp_path / "typed"
    text.mkdir()
    typed.mkdir()
    write(text, orders=ORDERS, surveys=surveys)
    orders = pd.read_csv(text / "orders.csv", dtype={"client_id": "category"}, keep_default_na=False)
    orders["order_date"] = pd.to_datetime(orders["order_date"]).dt.date
    orders.to_parquet(typed / "orders.parquet")
    answers = pd.read_csv(text / "surveys.csv", parse_dates=["survey_date"])
    answers["survey_date"] = pd.to_datetime(answers["survey_date"], utc=True) + pd.Timedelta(hours=9)
    answers.to_parquet(typed / "surveys.parquet")
    one, other = load(text), load(typed)
    pd.testing.assert_frame_equal(one.orders, other.orders)
    pd.testing.assert_frame_equal(one.surveys, other.surveys)
    assert one.surveys["invited"].tolist() == [False, True]


def test_parquet_ids_written_as_numbers_lose_no_digit_and_gain_none(tmp_path):
    frame = pd.DataFrame(
        {"client_id": [7.0, np.nan], "order_date": ["2025-01-01"] * 2, "amount": [1, 2]},
    )
    frame.to_parquet(tmp_path / "orders.parquet")
    tables = load(tmp_path)
    assert tables.orders["client_id"].tolist() == ["7"]
    assert tables.finding_counts["rule"].tolist()[0] == "empty client id"


def test_long_ids_in_parquet_survive_beside_a_missing_one(tmp_path):
    ids = pd.array([2**60 + 1, None, 3], dtype="Int64")
    frame = pd.DataFrame({"client_id": ids, "order_date": ["2025-01-01"] * 3, "amount": [1, 2, 3]})
    frame.to_parquet(tmp_path / "orders.parquet")
    assert load(tmp_path).orders["client_id"].tolist() == ["1152921504606846977", "3"]


def test_types_that_the_contract_has_no_use_for_do_not_stop_a_load(tmp_path):
    frame = pd.DataFrame({"client_id": ["A"], "order_date": ["2025-01-01"], "amount": [Decimal("1.50")]})
    frame["tags"] = [["a", "b"]]
    frame["claim"] = [{"late": True}]
    frame.to_parquet(tmp_path / "orders.parquet")
    assert load(tmp_path).orders["amount"].tolist() == [1.5]


def test_a_row_with_too_many_fields_is_dropped_and_the_others_stay_in_place(tmp_path):
    lines = ["client_id,order_date,amount", "A,2025-01-01,1,234", "A,2025-01-02,5,", "A,never,5"]
    tables = load(write(tmp_path, orders="\n".join(lines)))
    assert tables.orders["amount"].tolist() == [5.0]
    assert [(f.row, f.rule) for f in tables.findings][:2] == [
        (2, "wrong number of fields"),
        (4, "unreadable date"),
    ]


@pytest.mark.parametrize("more", [[], ["C4,2025-01-04,4,note,one more"]])
def test_rows_that_a_stray_quotation_mark_swallows_are_an_error(tmp_path, more):
    lines = [
        "client_id,order_date,amount,note",
        'C1,2025-01-01,100,"a note, of\ntwo lines"',
        'C1,2025-01-01,100,"Pipe 5',
        'C2,2025-01-02,99999,"Pipe 6',
        'C3,2025-01-03,3,""',
        *more,
    ]
    (tmp_path / "orders.csv").write_text("\n".join(lines), encoding="utf-8")
    tables = load(tmp_path)
    told = [(f.row, f.severity) for f in tables.findings if f.rule == "rows inside a quotation"]
    assert told == [(3, "error")]
    assert tables.forbids_model


@pytest.mark.parametrize("more", [[], ["C4,2025-01-04,4,one more"]])
def test_the_row_of_the_header_counts_rows_and_not_lines(tmp_path, more):
    lines = ['"A title\nof two lines"', "", "client_id,order_date,amount", "C1,2025-01-01,5", *more]
    (tmp_path / "orders.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "mapping.toml").write_text("[orders]\nheader_row = 3\n", encoding="utf-8")
    tables = load(tmp_path)
    assert tables.orders["amount"].tolist() == [5.0]
    assert [f.row for f in tables.findings if f.rule == "wrong number of fields"] == [5] * len(more)


@pytest.mark.parametrize("more", [[], ["C4,2025-01-04,4,one more"]])
def test_rows_of_spaces_alone_are_no_rows(tmp_path, more):
    lines = ["client_id,order_date,amount", "C1,2025-01-01,5", " , ,\u00a0", "  ,,, ", *more]
    lines = lines if more else lines[:-1]
    (tmp_path / "orders.csv").write_text("\n".join(lines), encoding="utf-8")
    tables = load(tmp_path)
    assert tables.reconciliation.loc[0, "rows_read"] == 1 + len(more)


def test_byte_order_mark_blank_lines_and_quoted_lines_do_not_shift_rows(tmp_path):
    text = '\ufeffclient_id,order_date,amount,product_line\nA,2025-01-01,1,"one\ntwo"\n\nA,2025-01-02,x,\n'
    text += "".join(f"A,2025-02-{day:02d},1,\n" for day in range(1, 25))
    tables = load(write(tmp_path, orders=text))
    assert [finding.row for finding in tables.findings] == [4]
    assert tables.reconciliation.loc[0, "rows_read"] == 26


def test_optional_columns_that_the_source_lacks_stay_absent_but_invited_is_there(tmp_path):
    surveys = "client_id,survey_date,wave,recommend\nB,2025-02-02,Annual,9\n"
    tables = load(write(tmp_path, orders=ORDERS, surveys=surveys))
    assert list(tables.surveys.columns) == ["client_id", "survey_date", "wave", "invited", "recommend"]
    assert tables.surveys["invited"].dtype == bool
    assert tables.surveys["wave"].tolist() == ["annual"]
    assert tables.clients is None


def test_flags_of_clients_stay_unknown_where_nothing_stands(tmp_path):
    clients = "client_id,name,is_reference,closed_date\nB,,yes,\n007,Pine & Co,,2025-04-01\nNA,Oak,0,\n"
    frame = load(write(tmp_path, orders=ORDERS, clients=clients)).clients
    assert frame["client_id"].tolist() == ["007", "B", "NA"]
    assert frame["is_reference"].tolist() == [pd.NA, True, False]
    assert frame["name"].isna().tolist() == [False, True, False]
    assert frame["closed_date"].notna().tolist() == [True, False, False]


def test_other_files_and_folders_are_named_but_never_read(tmp_path):
    plain = load(write(tmp_path, orders=ORDERS))
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "orders.csv").write_bytes(b"\xff")
    (tmp_path / "notes.csv").write_bytes(b"\xff")
    tables = load(tmp_path)
    assert {"Ignored: truth/", "Ignored: notes.csv"} <= set(tables.notices)
    assert [notice for notice in tables.notices if notice.startswith("No clients, surveys, touches")]
    assert sum(notice.startswith("No ") for notice in tables.notices) == 1
    assert tables.fingerprint == plain.fingerprint


def test_the_fingerprint_follows_contents_and_mapping(tmp_path):
    marks = {load(write(tmp_path, orders=ORDERS)).fingerprint}
    marks.add(load(write(tmp_path, orders=ORDERS + "B,2025-05-05,3,o4\n")).fingerprint)
    marks.add(load(write(tmp_path, mapping="show_names = true\n")).fingerprint)
    (tmp_path / "mapping.toml").rename(tmp_path / "other.toml")
    marks.add(load(tmp_path, tmp_path / "other.toml").fingerprint)
    assert len(marks) == 3


def test_columns_beyond_the_contract_are_named(tmp_path):
    tables = load(write(tmp_path, orders=ORDERS.replace("order_id", "orderid")))
    assert "orders.csv: not used: orderid" in tables.notices


def test_a_survey_table_without_usable_rows_counts_as_missing(tmp_path):
    tables = load(write(tmp_path, orders=ORDERS, surveys="client_id,survey_date,wave\n"))
    assert tables.surveys is None
    assert "No surveys: surveys.csv has no usable row." in tables.notices
    assert not tables.forbids_model


def test_missing_columns_are_told_with_what_came_and_a_line_for_the_mapping(tmp_path):
    folder = write(tmp_path, orders="cust,day,amount\n1,2025-01-01,2\n", surveys="client_id,wave\n1,annual\n")
    with pytest.raises(DataError) as caught:
        load(folder)
    message = str(caught.value)
    assert "orders.csv has no column client_id, order_date. Its columns: cust, day, amount." in message
    assert '[orders.columns]\n  client_id = "..."' in message
    assert 'survey_date = "..."  # day of the answer' in message
    assert "surveys.csv has no column survey_date" in message
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has nothing in its first line"),
        (b"client_id,order_date,amount\n", "has a header and no rows"),
        (b"client_id,order_date,amount\n\xe4,2025-01-01,1\n", 'set `encoding`, for instance to "cp1252"'),
        (b"client_id,order_date,amount,amount\n1,2025-01-01,1,1\n", "more than one column named amount"),
        (b'client_id,order_date,amount\n1,2025-01-01,1\n"2,2025-01-01,1\n', "opened and never closed"),
        (b"client_id,order_date,amount\n1,03/04/2025,1\n", 'date_format = "%d/%m/%Y"'),
        (b"client_id;order_date;amount\n1;2025-01-01;1\n", "Its columns: client_id;order_date;amount"),
    ],
)
def test_orders_that_cannot_be_had_are_an_error_with_a_remedy(tmp_path, content, said):
    (tmp_path / "orders.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert said in str(caught.value)


def test_a_damaged_parquet_file_is_an_error_that_names_it(tmp_path):
    (tmp_path / "orders.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=r"orders: orders\.parquet cannot be read"):
        load(tmp_path)


def test_a_folder_without_orders_or_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"neither orders\.csv nor orders\.tsv, .*orders\.xlsx, .*is there"):
        load(tmp_path)
    with pytest.raises(DataError, match="does not exist; give the folder, workbook or database"):
        load(tmp_path / "nowhere")


def test_one_file_of_orders_is_enough(tmp_path):
    write(tmp_path, orders=ORDERS)
    pd.testing.assert_frame_equal(load(tmp_path / "orders.csv").orders, load(tmp_path).orders)


def test_one_file_given_where_the_mapping_names_another_is_an_error(tmp_path):
    (tmp_path / "sales.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text('[orders]\nfile = "other.csv"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"sales\.csv was given, and the mapping takes orders from 'other\.csv'"):
        load(tmp_path / "sales.csv")
    (tmp_path / "mapping.toml").write_text(
        '[orders]\nfile = "Sales.csv"\n[clients]\nfile = "c.csv"\n', encoding="utf-8"
    )
    assert (
        "Ignored: clients, which the mapping takes from 'c.csv'; give the folder"
        in load(tmp_path / "sales.csv").notices
    )


def test_a_table_is_found_by_its_name_whatever_its_ending(tmp_path):
    (tmp_path / "orders.txt").write_text(ORDERS, encoding="utf-8")
    assert len(load(tmp_path).orders) == 3
    for ending in ("xls", "xlsb", "ods"):
        folder = tmp_path / ending
        folder.mkdir()
        (folder / f"orders.{ending}").write_bytes(b"no workbook")
        with pytest.raises(DataError, match=rf"orders\.{ending} cannot be read as a workbook"):
            load(folder)


def test_two_files_for_one_table_are_an_error(tmp_path):
    write(tmp_path, orders=ORDERS)
    pd.read_csv(tmp_path / "orders.csv").to_parquet(tmp_path / "orders.parquet")
    with pytest.raises(DataError, match=r"both orders\.csv and orders\.parquet"):
        load(tmp_path)
