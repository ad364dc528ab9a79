"""Names: codes in place of clients, everywhere."""

import pandas as pd
import pytest

from churnlab.tables import Tables, codes, findings_frame, load, pseudonymised

ORDERS = """client_id,order_date,amount
oak,2025-01-01,5
alder ,2025-01-02,7
elm,2025-01-03,9
"""
CLIENTS = """client_id,name,parent_id,referred_by
alder,Alder Panels,holding,
oak,Oak Houses,,elm
oak,Oak Again,,
"""
SURVEYS = """client_id,survey_date,wave,recommend,reason,comment,asked_by
oak,2025-02-01,annual,9,price,Oak Houses likes it,M1
"""


@pytest.fixture
def tables(tmp_path) -> Tables:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (tmp_path / "surveys.csv").write_text(SURVEYS, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(
        'show_names = true\n[orders.leave_out]\nclient_id = ["elm", "alder tree"]\n', encoding="utf-8"
    )
    return load(tmp_path)


def test_codes_follow_sorted_ids_and_widen():
    assert codes(["b", "a", "b", "10"]) == {"10": "C-0001", "a": "C-0002", "b": "C-0003"}
    many = codes(str(number) for number in range(10_000))
    assert many["0"] == "C-00001"
    assert list(many.values()) == sorted(many.values())
    assert codes([]) == {}


def test_every_reference_to_a_client_becomes_its_code(tables):
    coded, lookup = pseudonymised(tables)
    code = lookup.set_index("client_id")["code"]
    assert coded.orders["client_id"].tolist() == [code["alder"], code["oak"]]
    assert coded.clients["client_id"].tolist() == [code["alder"], code["oak"]]
    assert coded.clients["parent_id"].iloc[0] == code["holding"]
    assert coded.clients["referred_by"].iloc[1] == code["elm"]
    assert coded.clients["parent_id"].isna().tolist() == [False, True]
    assert coded.surveys["client_id"].tolist() == [code["oak"]]
    assert not coded.show_names


def test_names_and_comments_go_and_the_rest_stays(tables):
    coded, _ = pseudonymised(tables)
    assert "name" not in coded.clients
    assert "comment" not in coded.surveys
    pd.testing.assert_frame_equal(coded.orders.drop(columns="client_id"), tables.orders.drop(columns="client_id"))
    assert coded.fingerprint == tables.fingerprint


def test_nothing_that_comes_out_holds_an_id_or_a_name(tables):
    coded, _ = pseudonymised(tables)
    frames = [coded.orders, coded.clients, coded.surveys, findings_frame(coded)]
    text = "".join([*coded.notices, *(frame.to_csv(index=False) for frame in frames)])
    assert not [word for word in ("alder", "oak", "elm", "holding", "Alder", "Oak") if word in text]
    rules = {finding.rule for finding in coded.findings}
    assert {"repeated client", "spaces around client id", "client left out by the mapping"} <= rules


def test_the_lookup_gives_code_id_and_name(tables):
    _, lookup = pseudonymised(tables)
    assert list(lookup.columns) == ["code", "client_id", "name"]
    assert lookup["client_id"].tolist() == ["alder", "elm", "holding", "oak"]
    assert lookup["name"].fillna("-").tolist() == ["Alder Panels", "-", "-", "Oak Houses"]


def test_codes_are_given_without_a_clients_table_too(tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    coded, lookup = pseudonymised(load(tmp_path))
    assert coded.clients is None
    assert coded.surveys is None
    assert lookup["name"].isna().all()
