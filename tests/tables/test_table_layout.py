"""Layout: reports whose rows are not all rows of a table, and signs that only the kind of a row tells."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from churnlab.tables import DataError, Tables, in_short, load

HEADER = "client_id,order_date,amount,kind"


def loaded(folder: Path, lines: list[str], mapping: str = "") -> Tables:
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return load(folder)


def told(tables: Tables) -> list[tuple[int, str]]:
    return sorted((finding.row or 0, finding.rule) for finding in tables.findings)


def sales(number: int) -> list[str]:
    return [f"C{n % 3},2024-01-{n % 28 + 1:02d},{n + 10},sale" for n in range(number)]


@pytest.mark.parametrize(
    "text", ["Total", "Total 2023", "Kaikki yhteensä", "2023 yhteensä", "Vuosi 2023 yhteensä:", "Итого по складу"]
)
def test_a_row_that_says_total_is_one(tmp_path, text):
    tables = loaded(tmp_path, [HEADER, *sales(20), f"{text},,999,"])
    assert told(tables) == [(22, "total row")]


@pytest.mark.parametrize(
    ("client", "order", "text"),
    [("C1", "", "Total station"), ("", "o1", "Total station"), ("Ten of us in total agree", "", "")],
)
def test_a_row_with_a_client_or_an_order_is_no_total(tmp_path, client, order, text):
    lines = [
        "client_id,order_date,amount,order_id,product_line",
        *(f"C1,2024-01-{n:02d},{n},o,x" for n in range(1, 25)),
    ]
    tables = loaded(tmp_path, [*lines, f"{client},,999,{order},{text}"])
    assert "total row" not in {rule for _, rule in told(tables)}
    assert tables.reconciliation.loc[0, "rows_dropped"] == 1


def test_filling_down_stops_at_totals_and_at_broken_rows_and_headings_are_no_loss(tmp_path):
    lines = ["client_id,order_date,amount", "birch,,", *(f",2024-01-{n:02d},1" for n in range(1, 25))]
    lines += ["Total birch,,24", ",2024-02-01,50", "pine,,7", ",2024-02-02,7", "a,b,c,d", ",2024-02-03,60"]
    tables = loaded(tmp_path, lines, '[orders]\nfill_down = ["client_id"]\n')
    assert tables.orders.groupby("client_id")["amount"].sum().to_dict() == {"birch": 24, "pine": 7}
    assert told(tables) == sorted(
        [
            (2, "group heading"),
            (27, "total row"),
            (28, "empty client id"),
            (29, "group heading"),
            (31, "wrong number of fields"),
            (32, "empty client id"),
            (0, "too many rows dropped"),
        ]
    )
    errors = [finding.value for finding in tables.findings if finding.severity == "error"]
    assert errors == ["3 of 31 (empty client id 2, wrong number of fields 1)"]
    assert tables.reconciliation.loc[0, "amount_unread"] == 1


def test_a_row_without_a_day_in_a_report_that_is_not_grouped_is_a_loss(tmp_path):
    lines = [HEADER, *sales(20), "C1,,5,sale", "C2,2024-03-01,5,sale"]
    assert told(loaded(tmp_path, lines, '[orders]\nfill_down = ["client_id"]\n')) == [(22, "empty date")]


POSITIVE = '[orders]\nreturns = "positive"\n'


def test_signs_by_kind_need_the_kind(tmp_path):
    lines = ["client_id,order_date,amount", "C1,2024-01-01,5"]
    with pytest.raises(DataError, match=r'kind = "\.\.\."(.|\n)*returns = "negative"'):
        loaded(tmp_path, lines, POSITIVE)
    assert loaded(tmp_path, lines, '[orders]\nreturns = "negative"\n').orders["kind"].tolist() == ["sale"]


def test_with_signs_by_kind_an_unknown_kind_is_dropped_and_a_minus_kept(tmp_path):
    lines = [
        HEADER,
        *sales(40),
        "Z,2024-05-01,7,return",
        "Z,2024-05-02,-8,return",
        "Z,2024-05-03,9,gift",
        "Z,2024-05-04,9,",
    ]
    tables = loaded(tmp_path, lines, POSITIVE)
    assert tables.orders.loc[tables.orders["client_id"] == "Z", "amount"].tolist() == [-7, -8]
    found = [(f.row, f.rule, f.action) for f in tables.findings if "return" not in f.rule and f.row is not None]
    assert found == [
        (44, "unknown value", "dropped"),
        (45, "unknown value", "dropped"),
        (43, "sign against kind", "kept"),
    ]


def test_returns_that_are_mostly_positive_are_asked_about_until_somebody_says(tmp_path):
    lines = [HEADER, *sales(20), *(f"Z,2024-05-0{n},{n - 2},return" for n in range(1, 6))]
    tables = loaded(tmp_path, lines)
    assert tables.forbids_model
    assert [f.value for f in tables.findings if f.rule == "returns are positive"] == ["3 of 5"]
    assert not loaded(tmp_path, lines, '[orders]\nreturns = "negative"\n').forbids_model


def test_numbers_of_a_workbook_neither_are_asked_about_nor_settle_what_text_means(tmp_path):
    """1.234 as a text may be a thousand, whatever numbers stand beside it."""
    for beside, rules in ((1.5, ["ambiguous amount"]), (1.234, ["ambiguous amount"])):
        book = openpyxl.Workbook()
        book.active.append(["client_id", "order_date", "amount"])
        for day, amount in enumerate([beside, 2.5, "1.234"], start=1):
            book.active.append(["C1", datetime(2024, 1, day), amount])
        book.save(tmp_path / "orders.xlsx")
        tables = load(tmp_path)
        assert tables.orders["amount"].tolist() == [beside, 2.5]
        assert [finding.rule for finding in tables.findings if finding.row == 4] == rules


@pytest.mark.parametrize(
    ("currencies", "rules"),
    [
        (["EUR", "eur", "Eur"], []),
        (["EUR", "EUR", ""], ["empty currency"]),
        (["EUR", "USD", ""], ["other currency", "empty currency among several"]),
    ],
)
def test_currencies_are_compared_in_capitals_and_empty_ones_told(tmp_path, currencies, rules):
    lines = ["client_id,order_date,amount,currency"]
    lines += [f"C{n},2024-01-0{n},{n},{currency}" for n, currency in enumerate(currencies, start=1)]
    tables = loaded(tmp_path, lines, 'base_currency = "eur"\n')
    assert sorted(finding.rule for finding in tables.findings) == sorted(rules)
    assert set(tables.orders["currency"].dropna()) == set(map(str.upper, currencies)) - {""}


def test_a_document_in_the_place_of_the_client_is_an_error(tmp_path):
    lines = ["client_id,order_date,amount", *(f"Document {n},2024-01-{n % 28 + 1:02d},{n}" for n in range(1, 41))]
    tables = loaded(tmp_path, lines)
    assert [(f.rule, f.value) for f in tables.findings] == [("one order a client", "40 clients, 40 orders")]
    assert tables.forbids_model


@pytest.mark.parametrize(("client", "met"), [("Yhteensä 2023", True), ("Итого:", True), ("Total Energies", False)])
def test_a_client_called_like_a_total_is_an_error(tmp_path, client, met):
    tables = loaded(tmp_path, [HEADER, *sales(20), f"{client},2024-03-01,999,sale"])
    assert told(tables) == ([(22, "client called like a total")] if met else [])


def test_what_came_out_is_told_in_short_and_sums_are_cents(tmp_path):
    lines = ["client_id,order_date,amount,order_id,kind", "a,2024-01-01,0.1,1,sale", "a,2024-01-01,0.2,1,sale"]
    tables = loaded(tmp_path, [*lines, "b,2024-01-02,5,,sale", "b,2024-02-02,-5,,return"])
    assert in_short(tables) == "orders: 2 clients, 2 orders and 1 return, 2024-01-01 to 2024-02-02, net 0.30"
    assert tables.reconciliation.loc[0, "amount_kept"] == 0.3
