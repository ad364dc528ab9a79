"""The call list: within the hours, with what at hand, the same again from its inputs, and measured later."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, even_orders, orders_of, write
from scipy.stats import binom

from churnlab import plots
from churnlab.answers import (
    Calling,
    list_again,
    prepare,
    summarise,
    tabulate_calls,
    what_are_they_worth,
    who_is_at_risk,
    whom_to_call,
)
from churnlab.answers.calls_frames import ALL_MANAGERS, RESULTS
from churnlab.answers.calls_measured import Design, measured, what_calling_did
from churnlab.answers.occasions import coming_days, last_contacts, next_anniversary, unspoken_failures, weakest_factor
from churnlab.answers.words import money
from churnlab.lifetime import Estimate
from churnlab.reports import show


@pytest.fixture(scope="module")
def book():
    return orders_of(150)


@pytest.fixture(scope="module")
def clients(book):
    frame = pd.DataFrame({"client_id": sorted(book["client_id"].unique())})
    return frame.assign(manager_id=[f"M{number % 3}" if number % 11 else "" for number in range(len(frame))])


MANAGERS = pd.DataFrame({"manager_id": ["M0", "M1"], "name": ["A", "B"], "hours_per_month": [50.0, 0.0]})


@pytest.fixture
def study(book, clients, tmp_path):
    return prepare(write(tmp_path / "book", orders=book, clients=clients, managers=MANAGERS))


@pytest.fixture
def found(study):
    return study.ask(whom_to_call)


def test_reference_at_risk_is_risk_times_what_leaving_takes(study, found):
    row = found.clients.iloc[2]
    risk = study.ask(who_is_at_risk).clients.set_index("client_id").loc[row["client_id"]]
    worth = study.ask(what_are_they_worth).valued.set_index("client_id").loc[row["client_id"]]
    assert row["risk"] == risk["risk"]
    assert row["value"] == worth["value"]
    assert row["at_risk"] == pytest.approx(row["risk"] * row["lost"])
    assert row["low"] == pytest.approx(risk["low"] * row["lost"] * worth["mean_low"] / worth["value"])
    assert found.clients["at_risk"].is_monotonic_decreasing
    assert (found.clients["low"] <= found.clients["at_risk"]).all()
    assert (found.clients["at_risk"] <= found.clients["high"]).all()


def test_property_no_manager_has_more_than_its_hours_and_places(found):
    known = found.managers.set_index("manager_id")
    assert known["hours"].to_dict() == {"M0": 5.0, "M1": 0.0, "M2": 16.0}
    assert known["known"].to_dict() == {"M0": True, "M1": True, "M2": False}
    assert (known["used"] <= known["hours"]).all()
    assert (known["visits"] <= known["places"]).all()
    assert known.loc["M1", "used"] == 0
    assert known.loc["M0", "used"] > 0
    chosen = found.chosen
    assert set(chosen["manager_id"]) == {"M0", "M2"}  # nobody without a manager
    assert known["used"].sum() == pytest.approx(chosen["minutes"].sum() / 60)
    said = " ".join(found.missing)
    assert "M2" in said
    assert "have no manager" in said


def test_the_list_reproduces_from_what_is_written_beside_it(study, tmp_path):
    path = tmp_path / "calls.parquet"
    study.ask(summarise).results["calls"].to_parquet(path, index=False)
    written = pd.read_parquet(path)
    assert list(written) == list(RESULTS)
    assert written["listed"].sum() > 5
    shuffled = written.sample(frac=1, random_state=1)
    assert list_again(shuffled).equals(shuffled["listed"])
    assert (written["listed"] | ~written["held_out"]).all()
    twice = written.assign(manager_minutes=2 * written["manager_minutes"])
    assert list_again(twice).sum() > written["listed"].sum()


def test_direction_more_hours_never_save_less(study):
    shares = (0.02, 0.05, 0.1, 0.3, 1.0)
    saved = [whom_to_call(study, calling=Calling(hours_share=share)).chosen["at_risk"].sum() for share in shares]
    assert saved == sorted(saved)
    assert saved[0] < saved[-1]


def test_reduction_a_contact_that_does_nothing_or_no_time_makes_no_list(study):
    for calling in (Calling(helps_low=0.0, helps=0.0, helps_high=0.0), Calling(hours_share=0.0)):
        none = whom_to_call(study, calling=calling)
        assert none.chosen.empty
        assert "Nobody is on the call list" in none.headline(study.label)
        assert all("nan" not in sentence for sentence in none.sentences)


def test_the_chance_that_a_contact_helps_moves_no_place(study, found):
    less = whom_to_call(study, calling=Calling(helps_low=-0.1, helps=0.05, helps_high=0.1))
    assert less.chosen["client_id"].tolist() == found.chosen["client_id"].tolist()
    assert "-10 %" in less.saved_sentence


def test_no_other_order_within_the_same_limits_has_more_at_risk(found):
    assert found.beside["at_risk"].idxmax() == 0
    assert found.beside["at_risk"].iloc[0] == pytest.approx(found.chosen["at_risk"].sum())
    assert found.beside["shared"].iloc[0] == len(found.chosen)
    number = len(found.chosen)
    riskiest = found.clients.nlargest(number, "risk")
    assert f"{riskiest['listed'].sum()} are on the list" in found.beside_sentence


def test_who_is_held_out_goes_by_the_clients_own_id(book, clients, tmp_path):
    folder = write(tmp_path / "book", orders=book, clients=clients)
    calling = Calling(held_out_share=0.5, hours_share=1.0)
    coded, named = prepare(folder), prepare(folder, names=True)
    back = coded.lookup.set_index("code")["client_id"]
    one, other = (whom_to_call(each, calling=calling).chosen for each in (coded, named))
    held = set(one.loc[one["held_out"], "client_id"].map(back))
    assert held == set(other.loc[other["held_out"], "client_id"])
    low, high = binom.interval(0.999, len(one), 0.5)
    assert low <= len(held) <= high


def test_sentences_give_every_figure_its_range(study, found):
    said = " ".join(found.sentences)
    assert "nan" not in said
    assert "assumption" in said
    assert "may do nothing" in said
    assert "(0 to " in found.saved_sentence
    assert "80 % power" in said
    assert "no earlier list is kept" in said
    first = found.to_call.iloc[0]["client_id"]
    assert study.label(first) in found.headline(study.label)


def test_charts_and_tables_show_what_they_are_given(study, found):
    ax = plots.risk_and_loss(plots.blank_axes(), found.clients)
    drawn = [line.get_xydata() for line in ax.lines[:3]]
    assert sum(map(len, drawn)) == len(found.clients)
    held = found.clients[found.clients["held_out"]]
    np.testing.assert_allclose(drawn[2], held[["lost", "risk"]])
    table = tabulate_calls.call_list(found, study.label)
    assert len(table) == min(len(found.chosen), tabulate_calls.LIST_ROWS)
    assert (table["contact"] == "held out").sum() == found.chosen["held_out"].head(len(table)).sum()
    assert len(tabulate_calls.call_notes(found, study.label)) == min(len(found.to_call), tabulate_calls.LIST_ROWS)
    assert len(tabulate_calls.call_hours(found)) == 3
    assert len(tabulate_calls.call_orders(found)) == 3
    assert set(tabulate_calls.inputs(found.calling)["grade"]) <= set("DRCA")


def test_the_summary_names_the_first_of_the_list(study, found):
    summary = study.ask(summarise)
    first = found.to_call["client_id"].head(len(summary.calls)).tolist()
    assert summary.calls["client_id"].tolist() == first
    assert f"of {len(found.to_call)} clients to call this month" in summary.calls_caption
    kept = summary.results["forecasts"].set_index("client_id")
    assert set(kept.index[kept["listed"]]) == set(found.chosen["client_id"])
    assert set(kept.index[kept["held_out"]]) == set(found.chosen.loc[found.chosen["held_out"], "client_id"])


def test_where_nothing_but_orders_is_known_one_list_is_made_and_it_is_said(book, tmp_path):
    study = prepare(write(tmp_path / "bare", orders=book))
    found = study.ask(whom_to_call)
    assert found.managers["manager_id"].tolist() == [ALL_MANAGERS]
    assert found.managers["hours"].tolist() == [16.0]
    assert found.managers["used"].iloc[0] <= 16
    assert len(found.chosen)
    said = " ".join(found.list_sentences)
    for words in ("who looks after whom", "touches are not", "failures are not", "no surveys", "no table of contacts"):
        assert words in said
    assert found.clients[["last_contact", "topic"]].isna().all(axis=None)


def test_the_hours_of_all_are_one_where_nobody_knows_whose_clients_they_are(book, tmp_path):
    found = prepare(write(tmp_path / "book", orders=book, managers=MANAGERS)).ask(whom_to_call)
    assert found.managers[["hours", "known", "places"]].to_numpy().tolist() == [[5.0, True, 6]]


@pytest.mark.parametrize("clients", [1, 3])
def test_a_few_clients_make_no_list_and_no_crash(tmp_path, clients):
    study = prepare(write(tmp_path / "few", orders=even_orders(clients)))
    found = study.ask(whom_to_call)
    assert "cannot say" in found.headline(study.label)
    assert found.sentences
    assert list(found.results) == list(RESULTS)
    assert len(tabulate_calls.call_orders(found)) <= 3
    assert tabulate_calls.call_notes(found, study.label).empty


def test_everybody_alike_is_called_by_what_leaving_takes(tmp_path):
    study = prepare(write(tmp_path / "calm", orders=even_orders(40)))
    found = study.ask(whom_to_call)
    assert all("nan" not in sentence for sentence in found.sentences)


def test_anniversaries_come_round_on_the_day_and_on_leap_days():
    dates = pd.Series(pd.to_datetime(["1964-02-29", "2024-02-29", "1990-12-31", "2024-12-31", "2025-01-05", None]))
    plain = next_anniversary(dates, as_of=pd.Timestamp("2025-01-01"))
    assert plain.astype("str").tolist()[:4] == ["2025-02-28", "2025-02-28", "2025-12-31", "2025-12-31"]
    assert plain.iloc[4:].isna().all()  # the day itself, and no day at all, come round no more this year
    leap = next_anniversary(dates, as_of=pd.Timestamp("2028-02-29"))
    assert leap.astype("str").tolist()[:2] == ["2028-02-29", "2028-02-29"]
    after = next_anniversary(dates, as_of=pd.Timestamp("2027-03-01"))
    assert after.iloc[0] == pd.Timestamp("2028-02-29")
    assert pd.isna(
        next_anniversary(pd.Series(pd.to_datetime(["2026-05-01"])), as_of=pd.Timestamp("2025-01-01")).iloc[0]
    )


def test_what_is_at_hand_is_read_from_the_tables_and_escaped(book, tmp_path):
    name = "<script>alert(1)</script> \N{RIGHT-TO-LEFT OVERRIDE}=1+1"
    tables = {
        "clients": pd.DataFrame(
            {
                "client_id": ["k00", "k04", "k08"],
                "start_date": ["2011-01-20", "2010-06-06", "2024-12-20"],
                "contract_date": ["2012-02-29", "2015-01-02", "2024-01-30"],
            }
        ),
        "contacts": pd.DataFrame({"client_id": ["k00"], "name": [name], "birthday": ["1980-01-03"]}),
        "touches": pd.DataFrame(
            {"client_id": ["k00", "k00", "k04"], "date": ["2024-11-01", "2024-12-01", "2024-10-01"]}
        ).assign(kind=["call", "greeting", "visit"]),
        "failures": pd.DataFrame(
            {
                "client_id": ["k00", "k00", "k00", "k04", "k04"],
                "date": ["2024-11-01", "2024-11-02", "2023-06-01", "2024-09-30", "2024-10-02"],
            }
        ).assign(kind="late"),
        "surveys": pd.DataFrame(
            {
                "client_id": ["k00", "k00", "k04", "k08"],
                "survey_date": ["2024-05-01", "2024-06-01", "2023-06-01", "2024-06-01"],
                "quality": [2, 8, 1, 9],
                "price": [1, 5, 1, 10],
            }
        ).assign(wave="annual"),
    }
    folder = write(tmp_path / "book", orders=book, **tables)
    study = prepare(folder, names=True, as_of="2025-01-01")
    days = coming_days(study)
    assert days["k00"].startswith("birthday of <script>alert(1)</script> =1+1 on 2025-01-03; first deal on 2025-01-20")
    assert days["k04"] == "contract on 2025-01-02 (10 years)"
    assert days["k08"] == "contract on 2025-01-30 (1 year)"  # of last month's start no year is over
    assert last_contacts(study).loc["k00"].tolist() == [pd.Timestamp("2024-11-01"), "call"]
    assert unspoken_failures(study).to_dict() == {"k00": 1, "k04": 1}
    topics = weakest_factor(study)
    assert topics.loc["k00"].tolist() == ["price", 5.0]
    assert list(topics.index) == ["k00"]  # too old, and nothing but praise
    notes = tabulate_calls.call_notes(study.ask(whom_to_call), study.label)
    html = show.table(notes.assign(occasions=days["k00"]), caption="x").html
    assert "<script>" not in html
    coded = coming_days(prepare(folder, as_of="2025-01-01"))
    assert not coded.str.contains("birthday").any()


def test_reduction_design_and_measurement_in_words():
    rate, helps = Estimate(0.3, 0.2, 0.4), Estimate(0.15, 0.0, 0.3)
    small, large = (Design(4 * held, held, rate, helps, 0.2, 12, 5000) for held in (3, 300))
    assert "Even if calls kept everybody" in " ".join(small.sentences)
    assert "this list alone shows an effect if calls keep" in " ".join(large.sentences)
    assert large.kept(0.4) < large.kept(0.3) < large.kept(0.2)
    assert "beyond any number" in large.sentences[-1]
    assert large.needed(0.15, 0.3) < 5000
    assert "these clients alone will not show it" not in large.sentences[-1]
    assert "could hold 170 today: these clients alone will not show it" in replace(large, there=170).sentences[-1]
    assert len(Design(12, 3, rate, Estimate(0.0, 0.0, 0.0), 0.2, 12, 15).sentences) == 2
    nothing = measured(0, pd.DataFrame({"held_out": [], "outcome": []}))
    assert "cannot say yet" in nothing.sentences[0]
    counts = {(False, 1.0): 48, (False, 0.0): 32, (True, 1.0): 56, (True, 0.0): 14}
    rows = pd.DataFrame([each for each, times in counts.items() for _ in range(times)], columns=["held_out", "outcome"])
    told = measured(2, pd.concat([rows, rows.iloc[:3].assign(outcome=np.nan)]))
    assert (told.called, told.called_left, told.held, told.held_left, told.waiting) == (80, 48, 70, 56, 3)
    assert (told.effect.low, told.effect.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert "those called left less often" in told.sentences[0]
    worse = measured(1, rows.assign(held_out=~rows["held_out"]))
    assert "those called left more often" in worse.sentences[0]


def test_lists_of_earlier_runs_are_measured_once_their_outcome_is_known(book, tmp_path):
    folder = write(tmp_path / "book", orders=book)
    days = pd.to_datetime(["2021-01-01", "2021-04-01"])
    there = sorted(book.loc[book["order_date"] < days[0], "client_id"].unique())
    runs = [
        pd.DataFrame({"client_id": there, "as_of": day, "horizon_months": 12, "risk": 0.2, "low": 0.1, "high": 0.3})
        for day in days
    ]
    earlier = pd.concat(runs).assign(model="own gap", listed=True)
    held = earlier["client_id"].isin(there[::3])
    study = prepare(folder, names=True, as_of=f"{END:%Y-%m-%d}", earlier=earlier.assign(held_out=held))
    found = study.ask(whom_to_call).measured
    assert found.runs == 2
    assert found.called + found.held + found.waiting == len(there)  # each from its first list on
    assert 0 < found.held < found.called
    assert found.effect.low < found.effect.value < found.effect.high
    assert "as they were drawn" in found.sentences[0]
    fresh = earlier.assign(as_of=pd.Timestamp("2024-11-01"), held_out=held).drop_duplicates("client_id")
    waiting = what_calling_did(prepare(folder, names=True, as_of=f"{END:%Y-%m-%d}", earlier=fresh))
    assert waiting.called == 0
    assert "the outcome is open" in waiting.sentences[0]
    without = prepare(folder, names=True, as_of=f"{END:%Y-%m-%d}", earlier=earlier.drop(columns="listed"))
    assert what_calling_did(without).runs == 0


@pytest.mark.parametrize(("least", "most"), [(0.1, 0.3), (-0.2, 0.3)])
def test_reference_what_is_saved_and_what_holding_out_costs_have_the_ends_of_the_chance(study, least, most):
    given = Calling(helps_low=least, helps=0.2, helps_high=most)
    found = whom_to_call(study, calling=given)
    held = found.chosen.loc[found.chosen["held_out"], ["at_risk", "low", "high"]].sum()
    low = least * held["low" if least > 0 else "high"]
    said = f"costs {money(0.2 * held['at_risk'])} ({money(low)} to {money(most * held['high'])})"
    assert said in found.held_sentences[0]
    assert given.saved(Estimate(100.0, 50.0, 200.0)) == Estimate(
        20.0, least * (50.0 if least > 0 else 200.0), most * 200
    )


def test_where_the_first_by_risk_is_not_the_first_of_the_list_the_highest_risk_is_not_the_best_call(found):
    one, other = found.clients.iloc[0], found.clients.iloc[1]
    pair = pd.DataFrame([one, other]).assign(listed=True, at_risk=[9.0, 5.0])
    apart, alike = (replace(found, clients=pair.assign(risk=risk)) for risk in ([0.1, 0.2], [0.2, 0.1]))
    assert "stands at place 2 by" in apart.beside_sentence
    assert "The highest risk is not always the best call" in apart.beside_sentence
    assert "The highest risk is here the best call" in alike.beside_sentence


def test_where_every_client_costs_more_than_it_brings_nobody_is_called_and_it_is_said(book, tmp_path):
    study = prepare(write(tmp_path / "dear", orders=book.assign(cost=1.2 * book["amount"])))
    found = study.ask(whom_to_call)
    assert (study.ask(what_are_they_worth).valued["value"] < 0).all()
    assert "above nothing" in found.headline(study.label)


def test_inputs_out_of_range_are_refused_all_at_once():
    with pytest.raises(ValueError, match=r"hours_share = 2, expected 0 to 1; helps = 0.5, expected within"):
        Calling(hours_share=2.0, helps=0.5)
