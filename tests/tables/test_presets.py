"""Presets: exports that look like those of common systems read with one line of mapping."""

from pathlib import Path

import pytest

from churnlab.tables import DataError, Tables, load
from churnlab.tables.mapping import preset_names

ONE_C = """\
Контрагент;Код контрагента;Дата;Номер;Вид операции;Номенклатурная группа;Количество;Сумма без НДС;Сумма;Менеджер
ООО "Берёза";000000017;31.01.2025 10:15:00;РТ-1;Реализация;Фанера;1\u00a0200,5;1\u00a0234\u00a0567,89;1481481,47;Иванова
ООО "Берёза";000000017;03.02.2025 0:00:00;ВТ-1;Возврат товаров от клиента;Фанера;-1;-155,22;-186,26;Иванова
ИП Сосна;000000018;03.02.2025 12:00:00;РТ-2;Реализация;ДСП;2;10,00;12,00;Петров
Итого;;;;;;1201,5;1234422,67;1481307,21;
"""
SAP = """\
KUNAG;FKDAT;VBELN;FKART;MATKL;FKIMG;NETWR;WAERK;WADAT_IST
0000100017;20250131;0090000001;F2;PLY;1.200,500;1.234.567,89;EUR;20250207
0000100017;20250203;0090000002;RE;PLY;1,000;155,22;EUR;00000000
0000100018;20250203;0090000003;F2;MDF;2,000;10,00;EUR;20250210
"""
HUBSPOT = """\
Record ID,Deal Name,Deal Stage,Close Date,Amount,Currency,Associated Company IDs,Deal owner
501,Plywood for Birch,Closed Won,2025-01-31 10:15,1234567.89,EUR,17,Ann
502,Return of Birch,Closed Won,2025-02-03 09:00,-155.22,EUR,17,Ann
503,MDF for Pine,Closed Won,2025-02-03 12:00,10,EUR,18,Bo
504,Maybe,Contract Sent,2025-03-03 12:00,9999,EUR,18,Bo
"""
SALESFORCE = """\
Id,AccountId,StageName,CloseDate,Amount,CurrencyIsoCode,OwnerId
0061,17,Closed Won,2025-01-31,1234567.89,EUR,A
0062,17,Closed Won,2025-02-03,-155.22,EUR,A
0063,18,Closed Won,2025-02-03,10,EUR,B
0064,18,Closed Lost,2025-03-03,9999,EUR,B
"""
KINDS = ("L2", "S2", "G2", "S1", "F5", "F8")
EXPORTS = {
    "1c": (ONE_C, "cp1251", "", ["000000017", "000000018"]),
    "sap": (SAP, "utf-8", 'separator = ";"\n', ["0000100017", "0000100018"]),
    "hubspot": (HUBSPOT, "utf-8-sig", "", ["17", "18"]),
    "salesforce": (SALESFORCE, "utf-8", "", ["17", "18"]),
}


def loaded(folder: Path, name: str, *, more: str = "", text: str | None = None) -> Tables:
    export, encoding, settings, _ = EXPORTS[name]
    (folder / "export.csv").write_bytes((text or export).encode(encoding))
    mapping = f'preset = "{name}"\n[orders]\nfile = "export.csv"\n{settings}{more}'
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return load(folder)


def test_every_preset_has_an_export():
    assert preset_names() == sorted(EXPORTS)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_reads_with_its_preset(tmp_path, name):
    """Reduction: the same three orders, whatever the system writes."""
    tables = loaded(tmp_path, name)
    orders = tables.orders
    first, second = EXPORTS[name][3]
    assert orders["client_id"].tolist() == [first, first, second]
    assert orders["order_date"].astype("str").tolist() == ["2025-01-31", "2025-02-03", "2025-02-03"]
    assert orders["amount"].tolist() == [1_234_567.89, -155.22, 10.0]
    assert orders["kind"].tolist() == ["sale", "return", "sale"]
    assert orders["order_id"].is_unique
    assert not tables.forbids_model
    line = tables.reconciliation.iloc[0]
    lost = {"1c": ("rows_dropped", "total row"), "sap": (None, None)}.get(
        name, ("rows_left_out", "left out by the mapping")
    )
    rules = set(tables.finding_counts["rule"]) - {"negative amount without kind"}
    assert rules == ({lost[1]} if lost[0] else set())
    assert line["rows_read"] - line["rows_kept"] == (line[lost[0]] if lost[0] else 0)


def test_returns_that_sap_writes_without_a_minus_are_negative(tmp_path):
    orders = loaded(tmp_path, "sap").orders
    assert orders.loc[orders["kind"] == "return", ["amount", "quantity"]].to_numpy().tolist() == [[-155.22, -1.0]]
    assert orders["delivered_date"].isna().tolist() == [False, True, False]


def test_billing_types_of_sap_add_take_away_or_are_no_revenue(tmp_path):
    """A debit memo and a cancelled credit memo add; a pro forma invoice is nobody's revenue."""
    lines = [f"0000100019;20250301;009000001{n};{kind};PLY;1,000;{10**n},00;EUR;" for n, kind in enumerate(KINDS)]
    tables = loaded(tmp_path, "sap", text=SAP + "\n".join(lines) + "\n")
    orders = tables.orders[tables.orders["client_id"] == "0000100019"]
    kinds = dict(zip(orders["amount"].astype(int), orders["kind"], strict=True))
    assert kinds == {1: "sale", 10: "sale", -100: "credit", -1000: "credit"}
    assert [(f.value, f.action) for f in tables.findings if f.rule == "unknown value"] == [
        ("F5", "dropped"),
        ("F8", "dropped"),
    ]


def test_ones_own_mapping_goes_before_the_preset(tmp_path):
    tables = loaded(tmp_path, "1c", more='[orders.columns]\namount = "Сумма"\nclient_id = "Контрагент"\n')
    assert tables.orders["amount"].tolist()[0] == 12.0
    assert tables.orders["client_id"].tolist()[0] == "ИП Сосна"


def test_a_preset_that_keeps_only_some_rows_asks_for_the_column(tmp_path):
    text = HUBSPOT.replace("Deal Stage", "Phase")
    with pytest.raises(DataError, match=r"keeps only rows whose Deal Stage is Closed Won, and export\.csv has no such"):
        loaded(tmp_path, "hubspot", text=text)
    tables = loaded(tmp_path, "hubspot", text=text, more='[orders.keep_only]\nPhase = ["Closed Won"]\n')
    assert len(tables.orders) == 3


def test_what_a_preset_does_not_find_is_asked_for(tmp_path):
    with pytest.raises(DataError, match="has no column amount"):
        loaded(tmp_path, "salesforce", text=SALESFORCE.replace("Amount", "Umsatz"))
