"""What counts as leaving: definitions beside one another, the curve of returns, the leak."""

import numpy as np
import pandas as pd
import pytest
from books_by_hand import END, orders_of, write

from churnlab import plots
from churnlab.answers import prepare, what_counts_as_leaving
from churnlab.answers.definitions import FIXED_DAYS, leaked_recency
from churnlab.history import FixedDays, departures, snapshots


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield prepare(write(tmp_path_factory.mktemp("books") / "book", orders=orders_of()))


@pytest.fixture(scope="module")
def found(study):
    return study.ask(what_counts_as_leaving)


def book(gaps: dict[str, list[int]], *, end: int) -> pd.DataFrame:
    """Orders with the given gaps, all clients from the same first day; an order on the last day sets the study's."""
    start = END - pd.Timedelta(days=end)
    rows = [
        (client, start + pd.Timedelta(days=int(day)), 10.0) for client, days in gaps.items() for day in np.cumsum(days)
    ]
    return pd.DataFrame(
        [*rows, ("zz", END - pd.Timedelta(days=1), 10.0)], columns=["client_id", "order_date", "amount"]
    )


def test_reduction_counts_are_those_of_each_rule_alone(study, found):
    for days in FIXED_DAYS:
        lives = departures(study.tables.orders, as_of=study.as_of, rule=FixedDays(days=days)).frame
        row = found.rules.set_index("rule").loc[f"{days} days"]
        assert row["departures"] == lives["left_on"].notna().sum()
        assert row["days"] == days
        latest = lives.groupby("client_id").tail(1)
        assert row["gone"] == latest["left_on"].notna().sum()
    assert found.rules["rule"].iloc[0] == "own rhythm"


def test_direction_longer_limits_find_fewer_departures_and_fewer_returns(found):
    fixed = found.rules.set_index("rule").loc[[f"{days} days" for days in FIXED_DAYS]]
    assert fixed["departures"].is_monotonic_decreasing
    assert fixed["gone"].is_monotonic_decreasing


def test_reference_the_curve_by_hand(tmp_path, monkeypatch):
    """Of 20 clients with a silence of 100 days six order again after 50 more days; the rest stay away."""
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    gaps = {f"s{number:02d}": [0, 150] if number < 6 else [0] for number in range(20)}
    curve = prepare(write(tmp_path / "book", orders=book(gaps, end=2500))).ask(what_counts_as_leaving).curve
    row = curve.set_index("days").loc[90]
    assert row["reached"] == 26  # six of them fall silent for good a second time
    assert row["returned"] == pytest.approx(6 / 26)
    assert curve.set_index("days").loc[180, "returned"] == 0


def test_property_the_curve_holds_its_interval_and_counts_fall(found):
    known = found.curve.dropna(subset="low")
    assert len(known) > 3
    assert (known["low"] <= known["returned"]).all()
    assert (known["returned"] <= known["high"]).all()
    assert found.curve["reached"].is_monotonic_decreasing


def test_recovery_the_curve_finds_the_share_that_comes_back(tmp_path, monkeypatch):
    """Clients order every 20 days; a silence of 200 days ends so with chance one half, else for good."""
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(6)
    gaps = {}
    for number in range(300):
        back = rng.random() < 0.5
        gaps[f"r{number:03d}"] = [int(rng.integers(0, 600)), *[20] * 10, *([200, *[20] * 10] if back else [])]
    curve = prepare(write(tmp_path / "book", orders=book(gaps, end=2500))).ask(what_counts_as_leaving).curve
    row = curve.set_index("days").loc[90]
    returned = sum(len(one) > 12 for one in gaps.values())
    assert row["returned"] == pytest.approx(returned / (300 + returned), abs=1e-3)
    assert row["low"] < 1 / 3 < row["high"]


def test_direction_the_leak_ranks_better_than_what_was_known(found, tmp_path, monkeypatch):
    assert "we cannot show" in found.leak.sentences[0]  # too few of these clients left
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    leak = prepare(write(tmp_path / "book", orders=orders_of(400))).ask(what_counts_as_leaving).leak
    assert leak.cut_off is not None
    assert leak.gain.low > 0
    assert leak.cheat.value > leak.honest.value
    assert leak.gain.value == pytest.approx(leak.cheat.value - leak.honest.value)
    assert "a cheat" in leak.sentences[1]


def test_no_model_sees_the_leak(study):
    """The leaked days move with orders after the cut-off; no column of what was known on the day has their values."""
    cut_off = study.as_of - pd.DateOffset(months=18)
    known = snapshots(study.tables, [cut_off], rule=study.rule)
    leaked = leaked_recency(study.tables.orders, known["client_id"], study.as_of)
    assert leaked.min() < 545 < leaked.max()  # most ordered after the cut-off, some never did
    numbers = known.select_dtypes("number").loc[:, lambda frame: frame.std() > 0]
    assert "recency_days" in numbers
    assert not [name for name in numbers if numbers[name].corr(leaked, method="spearman") > 0.9]


def test_few_data_are_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    one = pd.DataFrame({"client_id": ["a"], "order_date": ["2024-01-05"], "amount": [10]})
    few = prepare(write(tmp_path / "one", orders=one)).ask(what_counts_as_leaving)
    assert few.silences == 0
    assert few.leak.cut_off is None
    assert "cannot say" in few.return_sentences[0]
    assert all("nan" not in sentence for sentence in few.sentences)
    short = orders_of(12)
    few = prepare(write(tmp_path / "short", orders=short)).ask(what_counts_as_leaving)
    assert all("nan" not in sentence for sentence in few.sentences)


def test_the_chart_draws_what_it_is_given(found):
    ax = plots.return_rates(plots.blank_axes(), found.curve, follow_up_days=found.follow_up_days)
    known = found.curve.dropna(subset="low")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), known["days"])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), known["returned"])
    assert str(found.follow_up_days) in ax.get_ylabel()
