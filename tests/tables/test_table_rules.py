"""Rules: each is planted once and must be found, in the right row, with the right consequence."""

from pathlib import Path

import pytest

from churnlab.tables import RULES, Tables, counts_by_rule, findings_frame, in_words, load
from churnlab.tables.findings import STORED_PER_RULE

HEADER = "client_id,order_date,amount"
GOOD = [f"C{number % 3},2024-{number % 12 + 1:02d}-{number % 28 + 1:02d},{number + 10}" for number in range(40)]
SURVEY_HEADER = "client_id,survey_date,wave,mode,invited,recommend"
GOOD_ANSWERS = [f"C{number % 3},2024-05-{number % 28 + 1:02d},annual,web,true,{number % 11}" for number in range(40)]


def loaded(folder: Path, **files: list[str]) -> Tables:
    """Load tables from lines; orders are good ones unless given."""
    for name, lines in ({"orders": [HEADER, *GOOD]} | files).items():
        path = folder / ("mapping.toml" if name == "mapping" else f"{name}.csv")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load(folder)


def test_good_orders_have_no_finding(tmp_path):
    tables = loaded(tmp_path)
    assert tables.findings == ()
    assert not tables.forbids_model
    assert len(findings_frame(tables)) == len(counts_by_rule(tables)) == 0


@pytest.mark.parametrize(
    ("line", "rule", "column", "value", "action"),
    [
        ("C1,2024-13-01,5", "unreadable date", "order_date", "2024-13-01", "dropped"),
        ("C1,today,5", "unreadable date", "order_date", "today", "dropped"),
        ("C1,,5", "empty date", "order_date", "", "dropped"),
        ("C1,2024-01-01,five", "unreadable amount", "amount", "five", "dropped"),
        ("C1,2024-01-01,nan", "unreadable amount", "amount", "nan", "dropped"),
        ("C1,2024-01-01,1e999", "unreadable amount", "amount", "1e999", "dropped"),
        ('C1,2024-01-01,"1,234"', "ambiguous amount", "amount", "1,234", "dropped"),
        ("C1,2024-01-01", "empty amount", "amount", "", "dropped"),
        (" ,2024-01-01,5", "empty client id", "client_id", " ", "dropped"),
        (" C1,2024-01-01,5", "spaces around client id", "client_id", " C1", "fixed"),
        ("C1,2024-12-31,-5", "negative amount without kind", "amount", "-5", "fixed"),
        ("C1,2024-01-01,0", "zero amount", "amount", "0", "kept"),
        (GOOD[0], "identical row", "", "", "kept"),
        ("C1,2024-01-01,5,6", "wrong number of fields", "", "", "dropped"),
    ],
)
def test_a_planted_order_is_found(tmp_path, *, line, rule, column, value, action):
    tables = loaded(tmp_path, orders=[HEADER, *GOOD, line])
    found = [(f.row, f.column, f.value, f.rule, f.action, f.severity) for f in tables.findings]
    assert found == [(42, column, value, rule, action, RULES[rule].severity)]
    kept = tables.reconciliation.loc[0, "rows_kept"]
    assert kept == len(tables.orders) == (40 if action == "dropped" else 41)
    assert tables.forbids_model == (rule == "ambiguous amount")


@pytest.mark.parametrize(
    ("given", "amount", "rule", "kind"),
    [
        ("Return", "-5", None, "return"),
        ("credit", "-5", None, "credit"),
        ("", "-5", "negative amount without kind", "return"),
        ("gift", "5", "unknown value", "sale"),
        ("sale", "-5", "sign against kind", "sale"),
        ("return", "5", "sign against kind", "return"),
    ],
)
def test_the_kind_is_settled(tmp_path, *, given, amount, rule, kind):
    lines = [
        f"{HEADER},kind",
        *[f"{good},sale" for good in GOOD],
        "ZZ,2023-12-31,9,sale",
        f"ZZ,2024-01-01,{amount},{given}",
    ]
    tables = loaded(tmp_path, orders=lines)
    assert tables.orders["kind"].iloc[-1] == kind
    assert [finding.rule for finding in tables.findings] == ([] if rule is None else [rule])


@pytest.mark.parametrize(
    ("line", "rule", "column", "action"),
    [
        ("C1,,annual,web,true,5", "empty date", "survey_date", "dropped"),
        ("C1,2024-06-01,weekly,web,true,5", "unknown value", "wave", "fixed"),
        ("C1,2024-06-01,,web,true,5", "unknown value", "wave", "fixed"),
        ("C1,2024-06-01,annual,fax,true,5", "unknown value", "mode", "fixed"),
        ("C1,2024-06-01,annual,web,perhaps,5", "unreadable flag", "invited", "fixed"),
        ("C1,2024-06-01,annual,web,true,11", "score out of range", "recommend", "fixed"),
        ("C1,2024-06-01,annual,web,true,-1", "score out of range", "recommend", "fixed"),
        ("C1,2024-06-01,annual,web,true,good", "unreadable score", "recommend", "fixed"),
    ],
)
def test_a_planted_answer_is_found(tmp_path, *, line, rule, column, action):
    tables = loaded(tmp_path, surveys=[SURVEY_HEADER, *GOOD_ANSWERS, line])
    assert [(f.row, f.column, f.rule, f.action) for f in tables.findings] == [(42, column, rule, action)]
    assert len(tables.surveys) == (40 if action == "dropped" else 41)
    assert tables.surveys["recommend"].dropna().between(0, 10).all()
    if column == "wave":
        assert "other" in set(tables.surveys["wave"])


def test_an_empty_score_is_an_invitation_without_answer_and_no_finding(tmp_path):
    tables = loaded(tmp_path, surveys=[SURVEY_HEADER, *GOOD_ANSWERS, "C1,2024-06-01,annual,web,true,"])
    assert tables.findings == ()
    assert tables.surveys["recommend"].isna().sum() == 1


def test_the_first_row_of_a_repeated_client_is_kept(tmp_path):
    clients = ["client_id,name", *[f"C{number},Firm {number}" for number in range(30)], "C1,Another"]
    tables = loaded(tmp_path, clients=clients)
    assert [(f.row, f.value, f.rule) for f in tables.findings] == [(32, "C1", "conflicting client")]
    assert tables.clients.set_index("client_id").loc["C1", "name"] == "Firm 1"


def test_clients_that_the_clients_table_lacks_are_told_once_each(tmp_path):
    answers = [SURVEY_HEADER, *GOOD_ANSWERS, "C9,2024-05-01,annual,web,true,5"]
    tables = loaded(tmp_path, clients=["client_id", "C0", "C1"], surveys=answers)
    found = [(f.file, f.row, f.value) for f in tables.findings if f.rule == "client not in clients"]
    assert found == [("orders.csv", 4, "C2"), ("surveys.csv", 4, "C2"), ("surveys.csv", 42, "C9")]
    assert len(tables.orders) == 40


def test_amounts_in_another_currency_forbid_models(tmp_path):
    lines = [f"{HEADER},currency", *[f"{good},EUR" for good in GOOD], "C1,2024-01-01,5,USD"]
    tables = loaded(tmp_path, orders=lines)
    assert [(f.row, f.value, f.rule) for f in tables.findings] == [(42, "USD", "other currency")]
    assert tables.forbids_model


def test_losing_more_than_one_row_in_twenty_forbids_models_and_says_why(tmp_path):
    bad = ["C1,2024-13-01,5", "C1,2024-14-01,5", ",2024-01-01,5"]
    assert not loaded(tmp_path, orders=[HEADER, *GOOD, *bad[:2]]).forbids_model
    tables = loaded(tmp_path, orders=[HEADER, *GOOD, *bad])
    errors = [finding for finding in tables.findings if finding.severity == "error"]
    assert [finding.value for finding in errors] == ["3 of 43 (unreadable date 2, empty client id 1)"]
    assert errors[0].row is None
    assert tables.forbids_model
    assert counts_by_rule(tables)["rule"].tolist()[:2] == ["too many rows dropped", "unreadable date"]


def test_findings_are_capped_and_counts_are_full(tmp_path):
    lines = [f"C{number},2024-01-01,0" for number in range(250)]
    tables = loaded(tmp_path, orders=[HEADER, *GOOD, *lines])
    assert len(tables.findings) == STORED_PER_RULE
    assert tables.finding_counts["count"].tolist() == [250]


def test_the_frame_of_findings_has_the_fixed_columns(tmp_path):
    frame = findings_frame(loaded(tmp_path, orders=[HEADER, *GOOD, "C1,2024-01-01,0"]))
    assert list(frame.columns) == ["file", "sheet", "row", "column", "value", "rule", "severity", "action"]
    assert frame.iloc[0].tolist() == ["orders.csv", "", 42, "amount", "0", "zero amount", "info", "kept"]


def test_a_finding_in_words_names_place_and_remedy(tmp_path):
    tables = loaded(tmp_path, orders=[HEADER, *GOOD, 'C1,2024-01-01,"1,234"'])
    said = in_words(tables.findings[0])
    assert "orders.csv, row 42, column amount: ambiguous amount '1,234' (dropped)" in said
    assert 'thousands = ","' in said


def test_unreadable_optional_values_are_blanked_and_the_row_stays(tmp_path):
    lines = [
        f"{HEADER},quantity,promised_date",
        *[f"{good},1,2024-02-02" for good in GOOD],
        "C1,2024-01-01,5,2x,soon",
    ]
    tables = loaded(tmp_path, orders=lines)
    assert [(f.rule, f.action) for f in tables.findings] == [
        ("unreadable number", "fixed"),
        ("unreadable date", "fixed"),
    ]
    assert tables.orders[["quantity", "promised_date"]].isna().sum().tolist() == [1, 1]
    assert len(tables.orders) == 41
