"""Names: codes in place of clients, everywhere."""

from pathlib import Path

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
def folder(tmp_path) -> Path:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (tmp_path / "surveys.csv").write_text(SURVEYS, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(
        'show_names = true\n[orders.leave_out]\nclient_id = ["elm", "alder tree"]\n', encoding="utf-8"
    )
    return tmp_path


@pytest.fixture
def tables(folder) -> Tables:
    return load(folder)


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
    assert {"conflicting client", "spaces around client id", "client left out by the mapping"} <= rules


def test_the_lookup_gives_code_id_and_name(tables):
    _, lookup = pseudonymised(tables)
    assert list(lookup.columns) == ["code", "client_id", "name"]
    assert lookup["client_id"].tolist() == ["alder", "elm", "holding", "oak"]
    assert lookup["name"].fillna("-").tolist() == ["Alder Panels", "-", "-", "Oak Houses"]


FURTHER = {
    "losses": "client_id,date,reason,counter_offer\noak,2025-03-01,price,a year of credit for Oak Houses\n",
    "offers_seen": "client_id,date,competitor,outcome\n"
    "oak,2025-02-01,Ligna,told by OAK HOUSES.\noak,2025-02-02,Ligna,declined\n",
    "contacts": "client_id,name,role,birthday\noak,Zoe Birchall,buyer,1980-02-03\n",
    "managers": "manager_id,name\nM1,Yan Elder\n",
    "touches": "client_id,date,kind,manager_id\nalder,2025-02-03,call,M1\noak,2025-02-04,Zoe Birchall,M1\n",
    "failures": "client_id,date,kind\noak,2025-01-20,late\n",
    "merges": "old_id,new_id\nacorn,oak\n",
}


@pytest.fixture
def further(folder) -> Tables:
    """The same dataset with every further table that knows a client."""
    for name, text in FURTHER.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load(folder)


def test_further_tables_have_codes_for_ids_and_no_names(further):
    coded, lookup = pseudonymised(further)
    code = lookup.set_index("client_id")["code"]
    for name in ("losses", "offers_seen", "contacts", "failures"):
        assert set(getattr(coded, name)["client_id"]) == {code["oak"]}
    assert coded.touches["client_id"].tolist() == [code["alder"]]
    assert coded.merges[["old_id", "new_id"]].to_numpy().tolist() == [[code["acorn"], code["oak"]]]
    assert coded.managers["manager_id"].tolist() == ["M1"]
    frames = [getattr(coded, name) for name in FURTHER]
    text = "".join([findings_frame(coded).to_csv(), *coded.notices, *(frame.to_csv(index=False) for frame in frames)])
    told = ("alder", "oak", "acorn", "Oak", "OAK", "Birchall", "Elder", "1980")
    assert not [word for word in told if word in text.replace("(withheld)", "")]
    assert "Zoe Birchall" in findings_frame(further).to_csv()


def test_only_remarks_that_hold_a_name_are_withheld(further):
    coded, _ = pseudonymised(further)
    assert coded.offers_seen["outcome"].tolist() == ["(withheld)", "declined"]
    assert coded.offers_seen["competitor"].tolist() == ["Ligna", "Ligna"]
    assert coded.surveys["reason"].tolist() == ["price"]


def test_codes_are_given_without_a_clients_table_too(tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    coded, lookup = pseudonymised(load(tmp_path))
    assert coded.clients is None
    assert coded.surveys is None
    assert lookup["name"].isna().all()
