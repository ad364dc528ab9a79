"""Suspicions: told where there is reason, and silent where there is none."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.tables import Tables, load
from churnlab.tables.suspicions import _id_key, _name_key


def loaded(folder: Path, mapping: str = "", **files: list[str]) -> Tables:
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return load(folder)


def rules(tables: Tables) -> dict[str, int]:
    return dict(tables.finding_counts[["rule", "count"]].to_numpy().tolist())


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("ООО «Берёза»", "Береза, ООО", True),
        ("Koivu Oy", "KOIVU OY AB", True),
        ("Müller & Söhne GmbH", "Söhne & Müller", True),
        ("Сосна", "Cocнa", True),  # Latin letters in the second
        ("Birch Panels", "Birch Boards", False),
        ("Oy", "Ab", False),
    ],
)
def test_names_that_differ_in_nothing_that_matters(one, other, alike):
    assert (bool(_name_key(one)) and _name_key(one) == _name_key(other)) == alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("007", "7", True), ("C 12", "c12", True), ("С-1", "C-1", True), ("10", "1", False), ("000", "0", False)],
)
def test_ids_that_differ_in_nothing_that_matters(one, other, alike):
    assert (_id_key(one) == _id_key(other)) == alike


@settings(max_examples=100)
@given(st.text(max_size=30))
def test_any_text_has_a_key_and_keeps_it(text):
    """Property: the key of a key is the key, and nothing raises."""
    assert _name_key(_name_key(text)) == _name_key(text)
    _id_key(text)


def test_clients_that_look_alike_are_told_once_and_not_within_a_group(tmp_path):
    orders = ["client_id,order_date,amount", *(f"{c},2024-01-01,{n}" for n, c in enumerate(["a", "b", "c", "d"], 1))]
    clients = ["client_id,name,parent_id", "a,Birch Ltd,", "b,BIRCH,", "c,Pine North,a", "d,Pine (North),a"]
    tables = loaded(tmp_path, orders=orders, clients=clients)
    assert [(f.row, f.value) for f in tables.findings] == [(3, "a ~ b")]


def test_a_merge_settles_a_look_alike(tmp_path):
    orders = ["client_id,order_date,amount", "007,2024-01-01,1", "7,2024-01-02,2"]
    assert rules(loaded(tmp_path, orders=orders)) == {"clients that look alike": 1}
    assert rules(loaded(tmp_path, orders=orders, merges=["old_id,new_id", "7,007"])) == {}


def test_a_month_that_was_loaded_twice_is_an_error_until_it_is_settled(tmp_path):
    lines = [f"C{n},2024-{m:02d}-{n + 1:02d},{100 * m + n}" for m in range(1, 13) for n in range(25)]
    doubled = ["client_id,order_date,amount", *lines, *(line for line in lines if "-05-" in line)]
    tables = loaded(tmp_path, orders=doubled)
    assert rules(tables) == {"identical row": 25, "doubled load": 1}
    assert tables.forbids_model
    dropped = loaded(tmp_path, '[orders]\nidentical_rows = "drop"\n', orders=doubled)
    assert rules(dropped) == {"identical row": 25}
    assert (len(dropped.orders), dropped.forbids_model) == (300, False)
    kept = loaded(tmp_path, '[orders]\nidentical_rows = "keep"\n', orders=doubled)
    assert (rules(kept), len(kept.orders)) == ({}, 325)


def test_a_quiet_supplier_is_not_suspected_of_missing_months(tmp_path):
    lines = ["client_id,order_date,amount", *(f"C{m},2024-{m:02d}-03,{m}" for m in (1, 2, 3, 5, 6, 7, 8, 11, 12))]
    assert rules(loaded(tmp_path, orders=lines)) == {}


def test_a_declared_scale_is_believed(tmp_path):
    orders = ["client_id,order_date,amount", "a,2024-01-01,1"]
    surveys = ["client_id,survey_date,wave,recommend", *(f"a,2024-02-{d:02d},other,{1 + d % 5}" for d in range(1, 26))]
    assert rules(loaded(tmp_path, orders=orders, surveys=surveys)) == {"scores from 1 to 5 only": 1}
    five = loaded(tmp_path, "[surveys]\nscore_scale = [1, 5]\n", orders=orders, surveys=surveys)
    assert (rules(five), five.surveys["recommend"].max()) == ({}, 10.0)
    ten = loaded(tmp_path, "[surveys]\nscore_scale = [0, 10]\n", orders=orders, surveys=surveys)
    assert (rules(ten), ten.surveys["recommend"].max()) == ({}, 5.0)


def test_a_return_may_be_as_large_as_its_sale_and_no_larger(tmp_path):
    head = "client_id,order_date,amount,order_id,kind"
    sale = ["a,2024-01-01,100,o1,sale", "a,2024-02-01,50,o2,sale"]
    assert rules(loaded(tmp_path, orders=[head, *sale, "a,2024-01-05,-100,o1,return"])) == {}
    above = loaded(tmp_path, orders=[head, *sale, "a,2024-01-05,-100.5,o1,return"])
    assert [(f.row, f.rule) for f in above.findings] == [(4, "return larger than its sale")]
    other = loaded(tmp_path, orders=[head, *sale, "a,2024-03-05,-140,r9,return"])
    assert rules(other) == {}
    early = loaded(tmp_path, orders=[head, *sale, "a,2024-01-15,-140,r9,return"])
    assert rules(early) == {"return larger than its sale": 1}
