"""Merged clients stand under one id, and amounts in one currency."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.tables import DataError, load

ORDERS = """client_id,order_date,amount,order_id
7,2025-01-03,100,1
7b,2025-02-03,50,2
8,2025-02-04,70,3
7c,2025-03-03,30,4
"""
CLIENTS = "client_id,name,parent_id\n7,Old,\n7c,New,8\n8,Other,7b\n"
SURVEYS = "client_id,survey_date,wave,recommend\n7,2025-01-05,annual,9\n8,2025-01-05,annual,3\n"
MERGES = "old_id,new_id,date\n7,7b,2025-02-01\n7b,7c,2025-03-01\n"


def folder_of(folder: Path, **tables: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def rules(tables) -> dict[str, int]:
    return tables.finding_counts.groupby("rule")["count"].sum().to_dict()


def test_merged_is_as_if_written_under_the_present_id(tmp_path):
    """Reduction: loading with merges equals loading tables in which the present id stood from the beginning."""
    merged = load(folder_of(tmp_path / "a", orders=ORDERS, clients=CLIENTS, surveys=SURVEYS, merges=MERGES))
    orders = ORDERS.replace("7b,", "7c,").replace("7,2025", "7c,2025")
    clients = "client_id,name,parent_id\n7c,New,8\n8,Other,7c\n"
    written = load(folder_of(tmp_path / "b", orders=orders, clients=clients, surveys=SURVEYS.replace("7,", "7c,")))
    pd.testing.assert_frame_equal(merged.orders, written.orders)
    pd.testing.assert_frame_equal(merged.clients, written.clients)
    pd.testing.assert_frame_equal(merged.surveys, written.surveys)
    assert rules(merged) == {"merged client": 1, "parents in a circle": 1}
    assert merged.clients["group_id"].tolist() == ["7c", "7c"]
    assert "orders.csv: rows of 1 merged client that now stand under the present id: 2" in merged.notices


def test_a_client_known_under_its_old_id_only_is_kept(tmp_path):
    tables = load(folder_of(tmp_path, orders=ORDERS, clients="client_id,name\n7,Old\n8,Other\n", merges=MERGES))
    assert tables.clients["client_id"].tolist() == ["7c", "8"]
    assert tables.clients["name"].tolist() == ["Old", "Other"]
    assert rules(tables) == {}


TOUCHES = "client_id,date,kind\n7,2025-01-02,call\n7b,2025-02-10,visit\n8,2025-02-11,call\n"
LOSSES = "client_id,date,reason\n7b,2025-02-20,price\n"
CONTACTS = "client_id,name\n7,Ann Example\n8,Bo Example\n"


def test_every_table_with_clients_follows_a_merge(tmp_path):
    """Reduction: touches, losses, contacts and who referred whom, as if the present id had always stood there."""
    clients = "client_id,name,referred_by\n7c,New,\n8,Other,7\n"
    further = {"touches": TOUCHES, "losses": LOSSES, "contacts": CONTACTS, "clients": clients}
    merged = load(folder_of(tmp_path / "a", orders=ORDERS, merges=MERGES, **further))
    now = {
        "orders": ORDERS.replace("7b,", "7c,").replace("7,2025", "7c,2025"),
        "touches": TOUCHES.replace("7b,", "7c,").replace("7,2025", "7c,2025"),
        "losses": LOSSES.replace("7b,", "7c,"),
        "contacts": CONTACTS.replace("7,", "7c,"),
        "clients": clients.replace("Other,7", "Other,7c"),
    }
    written = load(folder_of(tmp_path / "b", **now))
    for name in now:
        pd.testing.assert_frame_equal(getattr(merged, name), getattr(written, name))
    assert rules(merged) == rules(written) == {}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 3), st.booleans())
def test_reconciliation_adds_up_whatever_is_merged(length, left_out):
    """Property: read is kept, left out and dropped, in rows and in money, with merges and without."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 -- hypothesis refuses a fixture of the function

    merges = "old_id,new_id\n" + "".join(["7,7b\n", "7b,7c\n", "7c,8\n"][:length])
    mapping = '[orders.leave_out]\norder_id = ["2"]\n' if left_out else ""
    with TemporaryDirectory() as folder:
        Path(folder, "mapping.toml").write_text(mapping, encoding="utf-8")
        tables = load(folder_of(Path(folder), orders=ORDERS, clients=CLIENTS, merges=merges))
    for what in ("rows", "amount"):
        parts = tables.reconciliation[[f"{what}_kept", f"{what}_left_out", f"{what}_dropped"]].sum(axis=1)
        read = tables.reconciliation[f"{what}_read"].fillna(0.0)
        assert parts.tolist() == pytest.approx(read.tolist())
    assert tables.reconciliation.set_index("table").loc["orders", "amount_kept"] == (200 if left_out else 250)
    assert len(tables.clients) == [3, 3, 2, 1][length]


@pytest.mark.parametrize(
    ("merges", "rule", "count"),
    [
        ("old_id,new_id\n7,8\n8,7\n", "merged in a circle", 2),
        ("old_id,new_id\n7,8\n7,7b\n", "merged into two clients", 2),
        ("old_id,new_id\n7,\n", "empty client id", 1),
    ],
)
def test_contradicting_merges_forbid_a_model_and_change_nothing(tmp_path, merges, rule, count):
    tables = load(folder_of(tmp_path, orders=ORDERS, merges=merges))
    assert rules(tables)[rule] == count
    assert tables.forbids_model
    assert sorted(tables.orders["client_id"].unique()) == ["7", "7b", "7c", "8"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30), st.permutations("abcdef"), st.integers(1, 5))
def test_merging_keeps_every_row_and_total(ids, chain, length):
    """Property: whatever is merged, no row of the orders and no amount is lost."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 -- hypothesis refuses a fixture of the function

    orders = "client_id,order_date,amount\n" + "".join(f"{one},2025-01-01,{k + 1}\n" for k, one in enumerate(ids))
    merges = "old_id,new_id\n" + "".join(f"{chain[k]},{chain[k + 1]}\n" for k in range(length))
    with TemporaryDirectory() as folder:
        tables = load(folder_of(Path(folder), orders=orders, merges=merges))
    assert len(tables.orders) == len(ids)
    assert tables.orders["amount"].sum() == sum(range(1, len(ids) + 1))
    assert not set(chain[:length]) & set(tables.orders["client_id"])


MONEY = """client_id,order_date,amount,list_amount,currency
1,2025-01-15,100,110,EUR
1,2025-01-20,1000,1100,SEK
1,2025-02-20,1000,1100,SEK
1,2024-12-31,1000,1100,SEK
"""
RATES = "currency,date,rate\nSEK,2025-02-01,0.08\nSEK,2025-01-01,0.1\nUSD,2024-01-01,0.9\n"


def test_amounts_take_the_latest_rate_on_or_before_the_day(tmp_path):
    (tmp_path / "mapping.toml").write_text('base_currency = "EUR"\n', encoding="utf-8")
    tables = load(folder_of(tmp_path, orders=MONEY, rates=RATES))
    assert tables.orders["amount"].tolist() == [1000.0, 100.0, 100.0, 80.0]
    assert tables.orders["list_amount"].tolist() == pytest.approx([1100.0, 110.0, 110.0, 88.0])
    assert tables.orders["currency"].tolist() == ["SEK", "EUR", "EUR", "EUR"]
    assert rules(tables) == {"converted currency": 2, "other currency": 1}
    assert tables.forbids_model  # the row of 2024 has no rate


def test_several_currencies_with_rates_and_no_base_are_not_guessed(tmp_path):
    with pytest.raises(DataError, match=r'several currencies \(rows: SEK 3, EUR 1\)(.|\n)*base_currency = "SEK"'):
        load(folder_of(tmp_path, orders=MONEY, rates=RATES))


def test_a_rate_of_the_base_itself_is_refused(tmp_path):
    (tmp_path / "mapping.toml").write_text('base_currency = "SEK"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"so that of SEK is 1, and 0\.08 came"):
        load(folder_of(tmp_path, orders=MONEY, rates=RATES))


def test_the_total_that_was_read_is_that_of_the_file(tmp_path):
    (tmp_path / "mapping.toml").write_text('base_currency = "EUR"\n', encoding="utf-8")
    line = load(folder_of(tmp_path, orders=MONEY, rates=RATES)).reconciliation.set_index("table").loc["orders"]
    assert line["amount_read"] == 3100
    assert line["amount_converted"] == pytest.approx(-900 - 920)
    assert line["amount_read"] + line["amount_converted"] == pytest.approx(line["amount_kept"])


def test_without_rates_another_currency_still_forbids_a_model(tmp_path):
    tables = load(folder_of(tmp_path, orders=MONEY))
    assert rules(tables) == {"other currency": 1}
    assert tables.forbids_model


def test_one_currency_is_left_as_it_is(tmp_path):
    """Reduction: rates change nothing where every row has the base currency."""
    orders = MONEY.replace("SEK", "EUR")
    with_rates = load(folder_of(tmp_path / "a", orders=orders, rates=RATES))
    without = load(folder_of(tmp_path / "b", orders=orders))
    pd.testing.assert_frame_equal(with_rates.orders, without.orders)
    assert np.isclose(with_rates.orders["amount"].sum(), 3100)
