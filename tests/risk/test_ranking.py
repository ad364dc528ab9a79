"""Lists at the managers' capacity, how stable they are, how early they flag."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.risk import Capacity, lead_times, listed, ranking_stability

DAYS = pd.DatetimeIndex(["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"])


@dataclass
class Known:
    frame: pd.DataFrame


def forecasts(risk, outcome=None):
    """One row a client (row of `risk`) and day (column)."""
    clients, days = np.array(risk).shape
    return pd.DataFrame(
        {
            "client_id": np.repeat([f"c{number:03d}" for number in range(clients)], days),
            "cut_off": np.tile(DAYS[:days], clients),
            "risk": np.ravel(risk).astype(float),
            "outcome": 0.0 if outcome is None else np.ravel(outcome).astype(float),
        }
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=12), st.integers(0, 15))
def test_property_a_list_is_filled_from_the_top_and_ties_share_what_is_left(risks, contacts):
    frame = forecasts([[risk] for risk in risks])
    share = listed(frame, contacts=contacts)
    assert share.sum() == pytest.approx(min(contacts, len(risks)))
    order = np.argsort(-frame["risk"].to_numpy(), kind="stable")
    assert (np.diff(share[order]) <= 1e-12).all()
    assert all(len(set(share[frame["risk"] == risk])) == 1 for risk in set(risks))


def test_reduction_without_a_number_a_tenth_of_each_day_is_listed():
    frame = forecasts(np.random.default_rng(1).random((25, 2)))
    assert frame.assign(share=listed(frame)).groupby("cut_off")["share"].sum().tolist() == [3.0, 3.0]


def test_reduction_the_same_ranking_is_stable_and_a_new_one_is_not():
    rng = np.random.default_rng(2)
    same = np.repeat(rng.random((200, 1)), 4, axis=1)
    stable = ranking_stability(forecasts(same), rng=1, contacts=20)
    assert stable.correlation.value == pytest.approx(1)
    assert (stable.kept.value, stable.kept.low) == (1, 1)
    assert stable.months == pytest.approx(3, abs=0.05)
    new = ranking_stability(forecasts(rng.random((200, 4))), rng=1, contacts=20)
    assert new.correlation.low < 0 < new.correlation.high
    assert new.kept.low < 0.1 < new.kept.high


def test_direction_noise_between_days_lowers_stability():
    rng = np.random.default_rng(3)
    steady = rng.normal(size=(200, 1))
    found = [
        ranking_stability(forecasts(steady + noise * rng.normal(size=(200, 4))), rng=1, contacts=20)
        for noise in (0.1, 0.5, 2.0)
    ]
    assert (np.diff([each.correlation.value for each in found]) < 0).all()
    assert (np.diff([each.kept.value for each in found]) < 0).all()


def test_reduction_clients_on_one_day_only_have_no_stability():
    alone = ranking_stability(forecasts(np.random.default_rng(4).random((20, 1))), rng=1)
    assert np.isnan([alone.months, alone.correlation.value, alone.kept.value]).all()


def test_reference_leads_counted_by_hand():
    # Two places a day. c000 is on the list from January, left in June: five months. c001 from July, left in June: a
    # month too late. c002 never. c003 stays.
    risk = [[0.9, 0.9, 0.9], [0.1, 0.1, 0.8], [0.2, 0.2, 0.2], [0.8, 0.8, 0.1]]
    outcome = [[1, 1, 1], [1, 1, 1], [1, 1, 1], [0, 0, 0]]
    left_on = pd.to_datetime(["2024-06-01", "2024-06-01", "2024-06-01", None])
    lives = pd.DataFrame({"client_id": ["c000", "c001", "c002", "c003"], "first_order": pd.Timestamp("2020-01-01")})
    found = lead_times(forecasts(risk, outcome), Known(lives.assign(left_on=left_on)), rng=1, contacts=2)
    assert found.departures == 3
    assert found.flagged.value == pytest.approx(2 / 3)
    assert {months: share.value for months, share in found.by.items()} == pytest.approx({0: 1 / 3, 3: 1 / 3, 6: 0})
    assert found.median == pytest.approx((5 - 1) / 2, abs=0.05)
    assert found.flagged.low <= found.flagged.value <= found.flagged.high


def test_reduction_where_nobody_left_nothing_was_flagged():
    lives = pd.DataFrame({"client_id": ["c000"], "first_order": DAYS[:1], "left_on": pd.to_datetime([None])})
    found = lead_times(forecasts([[0.2, 0.3]]), Known(lives), rng=1)
    assert found.departures == 0
    assert np.isnan(found.flagged.value)


def test_capacity_follows_the_managers_hours_and_refuses_what_cannot_be():
    managers = pd.DataFrame({"manager_id": ["a", "b"], "hours_per_month": [100.0, None]})
    assert Capacity().contacts(managers, months=3) == int(260 * 0.1 * 3 / 4)
    assert Capacity().contacts(managers.drop(columns="hours_per_month"), months=1) == 8
    assert Capacity(hours_share=0.2).contacts(managers, months=1) == 13
    with pytest.raises(TypeError, match="hours"):
        Capacity(hours=3)
    with pytest.raises(ValueError, match=r"hours_per_contact = 0.*hours_share = 2"):
        Capacity(hours_share=2, hours_per_contact=0)
    with pytest.raises(ValueError, match="at least 0"):
        listed(forecasts([[0.1]]), contacts=-1)
