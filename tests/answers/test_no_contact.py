"""Who has asked not to be contacted is neither called, nor asked back, nor asked for an introduction."""

import pandas as pd
from books_by_hand import END, orders_of, write
from test_winback import lost_book

from churnlab.answers import prepare, promoters_to_ask, what_is_an_offer_worth, whom_to_call, worth_asking


def marked(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"client_id": names, "do_not_contact": "yes", "referred_by": ""})


def test_reference_nobody_is_asked_back_who_has_asked_not_to_be_contacted(tmp_path):
    study = prepare(
        write(tmp_path / "b", clients=marked(["quality20"]), **lost_book(back_over_price=24, back_over_service=3)),
        names=True,
    )
    asked = study.ask(what_is_an_offer_worth).asked.set_index("client_id")
    assert asked.loc["quality20", "ask"] == "no: asked us not to"
    assert "no: asked us not to 1" in study.ask(what_is_an_offer_worth).ask_sentence
    assert "quality20" not in set(worth_asking(study).frame["client_id"])
    assert len(worth_asking(study).frame) == 32


def test_reference_nobody_is_asked_for_an_introduction_or_called_who_has_asked_not_to(tmp_path):
    orders = orders_of(70)
    there = sorted(orders.loc[orders["order_date"] > END - pd.Timedelta(days=40), "client_id"].unique())
    surveys = pd.DataFrame({"client_id": there, "survey_date": END - pd.Timedelta(days=9), "recommend": 10})
    free = prepare(
        write(tmp_path / "free", orders=orders, surveys=surveys, clients=marked(there).assign(do_not_contact="no")),
        names=True,
    )
    called, fond = set(whom_to_call(free).clients["client_id"]), set(promoters_to_ask(free)["client_id"])
    assert fond
    one = sorted(called & fond or fond)[0]
    bound = prepare(
        write(
            tmp_path / "bound",
            orders=orders,
            surveys=surveys,
            clients=marked(there).assign(do_not_contact=["yes" if name == one else "no" for name in there]),
        ),
        names=True,
    )
    assert set(promoters_to_ask(bound)["client_id"]) == fond - {one}
    assert set(whom_to_call(bound).clients["client_id"]) == called - {one}
