"""Mapping files: what they can say, and how they are told wrong."""

from pathlib import Path

import pytest

from churnlab.tables import DataError, MappingError, load
from churnlab.tables.mapping import read_mapping

NORDIC = """
show_names = true
[orders]
file = "myynti.csv"
encoding = "cp1252"
separator = ";"
decimal = ","
thousands = " "
date_format = "%d.%m.%Y"
[orders.columns]
client_id = "Asiakas"
order_date = "Päivä"
amount = "Summa"
[orders.leave_out]
Tila = ["Peruttu", "Luonnos"]
[surveys]
score_scale = [1, 5]
[surveys.columns]
recommend = "suositus"
[surveys.factors]
unloading = "purku"
"""


@pytest.fixture
def nordic(tmp_path: Path) -> Path:
    lines = ["Asiakas;Päivä;Summa;Tila", "001;3.4.2025;1\u00a0200,50;Valmis", "Äijä;04.04.2025;-15,5;Valmis"]
    lines += ["001;05.04.2025;99,00;Peruttu"]
    (tmp_path / "myynti.csv").write_bytes("\r\n".join(lines).encode("cp1252"))
    answers = "client_id,survey_date,wave,suositus,purku\n001,2025-05-05,annual,5,2\n001,2025-05-06,annual,1,6\n"
    (tmp_path / "surveys.csv").write_text(answers, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(NORDIC, encoding="utf-8")
    return tmp_path


def test_marks_dates_encoding_and_headers_follow_the_mapping(nordic):
    tables = load(nordic)
    assert tables.orders["client_id"].tolist() == ["001", "Äijä"]
    assert tables.orders["amount"].tolist() == [1200.5, -15.5]
    assert tables.orders["order_date"].astype(str).tolist() == ["2025-04-03", "2025-04-04"]
    assert tables.show_names


def test_scores_are_rescaled_and_further_factors_read(nordic):
    surveys = load(nordic).surveys
    assert surveys["recommend"].tolist() == [10.0, 0.0]
    assert surveys["unloading"].iloc[0] == 2.5
    assert surveys["unloading"].isna().tolist() == [False, True]


def test_rows_left_out_are_counted_and_unmet_values_noticed(nordic):
    tables = load(nordic)
    line = tables.reconciliation.set_index("table").loc["orders"]
    assert (line["rows_read"], line["rows_kept"], line["rows_left_out"]) == (3, 2, 1)
    assert line["amount_read"] == pytest.approx(1284.0)
    assert line["amount_left_out"] == pytest.approx(99.0)
    found = [(f.column, f.value, f.severity, f.action) for f in tables.findings if f.file == "myynti.csv"]
    assert ("Tila", "Peruttu (1 row)", "info", "left out") in found
    assert "myynti.csv: no row has Tila Luonnos, which the mapping leaves out" in tables.notices


def test_a_row_left_out_has_no_other_finding(tmp_path):
    lines = "client_id,order_date,amount,status\nA,2025-01-01,1,ok\n,never,x,void\n"
    (tmp_path / "orders.csv").write_text(lines, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text('[orders.leave_out]\nstatus = ["void"]\n', encoding="utf-8")
    tables = load(tmp_path)
    assert tables.finding_counts["rule"].tolist() == ["left out by the mapping"]
    assert not tables.forbids_model


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "number"),
    [
        (".", "", "1234.50", 1234.5),
        (".", ",", "1,234", 1234.0),
        (".", ",", "1,234.50", 1234.5),
        (",", "", "1,234", 1.234),
        (",", ".", "1.234.567,8", 1234567.8),
        (",", " ", "1 234,5", 1234.5),
        (".", "'", "-1'234.5", -1234.5),
        (".", ",", "1234.5", 1234.5),
        (".", "", "1e3", 1000.0),
    ],
)
def test_numbers_follow_the_marks(tmp_path, *, decimal, thousands, text, number):
    (tmp_path / "orders.csv").write_text(f'client_id,order_date,amount\nA,2025-01-01,"{text}"\n', encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(
        f'[orders]\ndecimal = "{decimal}"\nthousands = "{thousands}"\n', encoding="utf-8"
    )
    assert load(tmp_path).orders["amount"].tolist() == [pytest.approx(number)]


@pytest.mark.parametrize(("thousands", "text"), [(",", "1,23"), (",", "12,3456"), (" ", "1,234"), ("", "1 23")])
def test_marks_in_the_wrong_place_are_unreadable(tmp_path, thousands, text):
    (tmp_path / "orders.csv").write_text(f'client_id,order_date,amount\nA,2025-01-01,"{text}"\n', encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(f'[orders]\nthousands = "{thousands}"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"set `decimal`|say what the mark is"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("show_name = true", "unknown key 'show_name'; did you mean 'show_names'?"),
        ('show_names = "yes"', "show_names is true or false, not 'yes'"),
        ("base_currency = 3", "base_currency is a currency's code"),
        ("[order]\nfile = 'x.csv'", "unknown key 'order'; did you mean 'orders'?"),
        ("orders = 3", "[orders] is a table, not 3"),
        ("[orders]\ndecimals = ','", "[orders] unknown key 'decimals'; did you mean 'decimal'?"),
        ("[orders]\nscore_scale = [1, 5]", "[orders] unknown key 'score_scale'"),
        ("[orders]\nfile = '../orders.csv'", "file is the name of a file inside the data folder"),
        ("[orders]\nfile = 'orders.doc'", "file ends in .csv, .txt"),
        ("[orders]\nencoding = 'utf-9'", "encoding is an encoding such as"),
        ("[orders]\nseparator = ', '", "separator is one character, not ', '"),
        ("[orders]\ndecimal = ';'", 'decimal is "." or ","'),
        ("[orders]\nthousands = '_'", "thousands is"),
        ("[orders]\nthousands = '.'", "decimal and thousands are the same mark"),
        ("[orders]\ndate_format = '%d.%m.'", "date_format names year, month and day"),
        ("[orders]\ndate_format = '%Y-%m-%dT%H:%M:%S%z'", "without time zone"),
        ("[orders]\ndate_format = 3", "date_format is a text, not 3"),
        ("[orders.columns]\nclientid = 'a'", "unknown column 'clientid'; did you mean 'client_id'?"),
        ("[orders.columns]\namount = 3", "amount is a header in quotation marks"),
        ("[orders]\ncolumns = 'a'", "[orders.columns] holds lines such as"),
        ("[orders.leave_out]\nstatus = 'void'", "status is a list of texts"),
        ("[orders]\nleave_out = ['void']", "[orders.leave_out] holds lines such as"),
        ("[surveys]\nscore_scale = [5, 5]", "two different numbers such as [1, 5]"),
        ("[surveys]\nscore_scale = [nan, 5]", "two different numbers such as [1, 5]"),
        ("[surveys]\nscore_scale = [1, inf]", "two different numbers such as [1, 5]"),
        ("[orders]\nheader_row = 10_000_000", "header_row is the number of a row, from 1 to 1,048,576"),
        ("[surveys.factors]\nprice = 'a'", "'price' is a column of the contract"),
        ("[orders", "is not TOML in UTF-8"),
    ],
)
def test_a_mistake_is_told_with_the_remedy(tmp_path, text, said):
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        read_mapping(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith("mapping.toml: ")


def test_the_marks_of_a_preset_give_way_to_ones_own(tmp_path):
    path = tmp_path / "mapping.toml"
    for own, marks in {'thousands = ","': (None, ","), 'decimal = "."': (".", None)}.items():
        path.write_text(f'preset = "sap"\n[orders]\n{own}\n', encoding="utf-8")
        orders = read_mapping(path).tables["orders"]
        assert (orders.decimal, orders.thousands) == marks
    path.write_text('preset = "hubspot"\n[orders]\nthousands = "."\n', encoding="utf-8")
    with pytest.raises(MappingError, match="decimal and thousands are the same mark"):
        read_mapping(path)


def test_values_to_leave_out_or_keep_are_met_in_capitals_or_not(tmp_path):
    lines = "client_id,order_date,amount,status,stage\n"
    lines += "A,2025-01-01,1,VOID,won\nB,2025-01-01,2,ok,WON\nC,2025-01-01,3,ok,x\n"
    (tmp_path / "orders.csv").write_text(lines, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(
        '[orders.leave_out]\nstatus = ["void"]\n[orders.keep_only]\nstage = ["Won"]\n', encoding="utf-8"
    )
    tables = load(tmp_path)
    assert tables.orders["client_id"].tolist() == ["B"]
    assert not any("no row has" in notice for notice in tables.notices)


def test_all_mistakes_are_told_at_once(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text("show_name = 1\n[orders]\nfiles = 'a'\n[surveys.columns]\nwaves = 'b'\n", encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        read_mapping(path)
    assert len(caught.value.problems) == 3


def test_a_mapping_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(MappingError, match="cannot be read"):
        load(tmp_path, tmp_path / "none.toml")


def test_headers_and_files_that_the_source_lacks_are_told(tmp_path):
    (tmp_path / "orders.csv").write_text("client_id,order_date,Total\nA,2025-01-01,1\n", encoding="utf-8")
    text = "[orders.columns]\namount = 'total'\n[orders.leave_out]\nstatus = ['x']\n[clients]\nfile = 'client.csv'\n"
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    message = str(caught.value)
    assert "names the column 'total' for amount, which orders.csv does not have; did you mean 'Total'?" in message
    assert "names the column 'status' for leave_out.status" in message
    assert "clients: the mapping names 'client.csv', which is not there" in message
