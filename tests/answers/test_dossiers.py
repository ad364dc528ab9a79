"""Dossiers: whose, what waits, who of the lost is like whom, and what is said when tables are missing."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab.answers import dossiers, prepare
from churnlab.answers.dossier_frames import LEAST_LEFT, similar_who_left
from churnlab.answers.dossiers import client_dossiers


def back(days: int) -> pd.Timestamp:
    return END - pd.Timedelta(days=days)


def active(orders: pd.DataFrame) -> list[str]:
    last = orders.groupby("client_id")["order_date"].max()
    return last.index[last >= back(21)].tolist()


ORDERS = orders_of()
CLIENTS = sorted(ORDERS["client_id"].unique())
FIRST, SECOND, THIRD = active(ORDERS)[:3]
ATTRIBUTES = pd.DataFrame(
    {
        "client_id": CLIENTS,
        "name": [f"Firm {client}" for client in CLIENTS],
        "parent_id": [SECOND if client == FIRST else "" for client in CLIENTS],
        "start_date": [back(3650).date()] * len(CLIENTS),
    }
)
TABLES = {
    "clients": ATTRIBUTES,
    "surveys": pd.DataFrame(
        [(FIRST, back(30), "quarterly", 4)], columns=["client_id", "survey_date", "wave", "recommend"]
    ),
    "touches": pd.DataFrame(
        [(FIRST, back(90), "call"), (THIRD, back(3), "visit")], columns=["client_id", "date", "kind"]
    ),
    "failures": pd.DataFrame(
        [(FIRST, back(60), "late", "silent"), (SECOND, back(60), "late", "open"), (THIRD, back(60), "late", "silent")],
        columns=["client_id", "date", "kind", "handling"],
    ),
    "contacts": pd.DataFrame(
        [(FIRST, "Birk Sand", "buyer", (END + pd.Timedelta(days=5) - pd.DateOffset(years=40)).date())],
        columns=["client_id", "name", "role", "birthday"],
    ),
}


@pytest.fixture(scope="module")
def named(cache, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CHURNLAB_CACHE", str(cache))
        study = prepare(write(tmp_path_factory.mktemp("named") / "book", orders=ORDERS, **TABLES), names=True)
        return study, {one.client_id: one for one in study.ask(client_dossiers).each()}


def test_reference_what_waits_is_a_poor_score_and_a_failure_that_nobody_spoke_about(named):
    _, found = named
    assert len(found[FIRST].matters_said) == 3
    assert any("birthday of Birk Sand" in said for said in found[FIRST].matters_said if said.startswith("Coming up: "))
    assert f"Gave 4 of 10 on {back(30):%Y-%m-%d}; no call or visit since." in found[FIRST].matters_said
    assert any("was not spoken about; no call or visit since" in said for said in found[FIRST].matters_said)
    assert not any("failure" in said for one in (SECOND, THIRD) for said in found[one].matters_said)


def test_reference_facts_dates_and_events_are_those_of_the_tables(named):
    study, found = named
    one = found[FIRST]
    assert one.facts(study.label)["group"] == f"Firm {SECOND}"
    assert one.facts(study.label)["clients of its group that buy"] == "2"
    dates = one.dates_table()
    assert dates.iloc[1].tolist() == ["birthday: Birk Sand (buyer)", f"{END + pd.Timedelta(days=5):%Y-%m-%d}", "5", "–"]
    assert dates["date"].tolist().count("anniversary: first deal") == 1
    assert one.failures_sentence == "1 recorded, 1 of them in the last 365 days; handled: 1 not told."
    assert one.touches_table().to_numpy().tolist() == [[f"{back(90):%Y-%m-%d}", "call", "–"]]
    assert one.touches_sentence.startswith("1 in the last 365 days (1 call)")
    own = ORDERS[(ORDERS["client_id"] == FIRST) & (ORDERS["order_date"] < END)]
    assert one.months["amount"].sum() == pytest.approx(own["amount"].sum())
    assert one.row["sales"] == pytest.approx(own.loc[own["order_date"] >= back(365), "amount"].sum())


def test_property_pushes_and_the_usual_risk_give_the_risk_of_the_hazard(named):
    _, found = named
    some = [one for one in found.values() if not one.pushes.empty]
    assert some
    for one in some:
        score = np.log(-np.log1p(-one.source.usual)) + one.pushes["part"].sum()
        assert -np.expm1(-np.exp(score)) == pytest.approx(one.row["hazard_risk"])


def test_property_a_file_is_called_by_code_in_the_order_of_ids(named):
    study, found = named
    codes = pd.Series({client: one.code for client, one in found.items()}).sort_index()
    assert codes.is_monotonic_increasing
    assert codes.str.fullmatch(r"C-\d{4}").all()
    assert study.lookup is None


def test_reduction_missing_tables_are_said_and_codes_hide_people(tmp_path):
    study = prepare(write(tmp_path / "bare", orders=ORDERS))
    one = next(study.ask(client_dossiers).each())
    assert set(one.source.missing) == {"clients", "surveys", "touches", "failures", "contacts"}
    assert one.failures_sentence == "Failures are not known: there is no failures table."
    assert one.contacts_sentence == "Contacts are not known: there is no contacts table."
    assert "no recommendation score is known" in one.history_sentence
    assert one.facts(study.label).keys() - {"marks of a key client"} == {
        "share of all sales, a group as one",
        "stands today",
        "orders",
    }
    coded = prepare(write(tmp_path / "coded", orders=ORDERS, **TABLES))
    code = coded.lookup.set_index("client_id")["code"][FIRST]
    hidden = next(one for one in coded.ask(client_dossiers).each() if one.client_id == code)
    assert hidden.contacts_sentence == "1 contact: buyer. Names and birthdays are not shown beside codes."
    assert hidden.code == code
    assert not hidden.dates_table()["date"].str.startswith("birthday").any()


def test_reduction_the_largest_and_the_riskiest_are_chosen(monkeypatch):
    monkeypatch.setattr(dossiers, "MOST", 4)
    frame = pd.DataFrame({"client_id": list("abcdefg"), "size": [9, 8, 7, 6, 5, 4, 3.0]})
    frame["risk"] = [0.1, np.nan, 0.2, 0.1, 0.2, 0.8, 0.9]
    assert dossiers._chosen(frame)["client_id"].tolist() == ["a", "b", "f", "g"]


def _lives(size, gap, stayed, line="mdf"):
    return {"size": size, "gap_days": gap, "stayed": stayed, "line": line}


def test_reduction_the_most_alike_of_its_line_who_left_stands_first():
    rng = np.random.default_rng(3)
    rows = [_lives(*rng.uniform(10, 1000, 3)) for _ in range(LEAST_LEFT)]
    rows += [_lives(500.0, 20.0, 30.0), _lives(500.0, 20.0, 30.0, line="osb"), _lives(501.0, 20.0, 30.0)]
    everyone = pd.DataFrame(rows).assign(client_id=[f"k{place:02d}" for place in range(len(rows))])
    gone = everyone.iloc[:-1]
    lost = pd.DataFrame({"client_id": gone["client_id"], "left_on": END, "reason": "price", "amount": gone["size"]})
    found = similar_who_left(everyone, everyone.tail(1), lost)
    assert found["other"].iloc[0] == f"k{LEAST_LEFT:02d}"
    assert len(found) == 3
    assert "osb" not in everyone.set_index("client_id").loc[found["other"], "line"].tolist()
    itself = similar_who_left(everyone, gone.tail(1), lost)
    assert itself.empty  # the only one of its line
    few = similar_who_left(everyone, everyone.tail(1), lost.head(LEAST_LEFT - 1))
    assert few.empty
    assert few.columns.tolist() == found.columns.tolist()
