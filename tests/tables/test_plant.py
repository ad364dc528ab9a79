"""The sample plant: the same bytes for a seed, what is planted is there, and the truth is the truth."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from churnlab.tables import plant as sample
from churnlab.tables.plant import AS_IS, LAWS, PRICE_ONLY, SERVICE, Plant, Policy, make_plant
from churnlab.tables.plant.clock import ORIGIN, dates, working_day
from churnlab.tables.plant.facts import regulars

SHIPPED = Path(__file__).parents[2] / "data" / "sample"
END = pd.Timestamp("2026-01-01")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def written(plant: Plant, folder: Path) -> dict[str, bytes]:
    sample.write_plant(plant, folder)
    return contents(folder)


@pytest.fixture(scope="module")
def plant() -> Plant:
    return make_plant()


@pytest.fixture(scope="module")
def large() -> Plant:
    return make_plant(clients=2000, seed=3)


def test_shipped_sample_is_a_fresh_make(plant: Plant, tmp_path: Path) -> None:
    assert written(plant, tmp_path) == contents(SHIPPED)


def test_shipped_sample_is_small_and_plain() -> None:
    files = contents(SHIPPED)
    assert sum(map(len, files.values())) < 6_000_000
    assert not any(b"\r" in content for content in files.values())


def test_same_seed_same_bytes_and_another_seed_differs(tmp_path: Path) -> None:
    first = written(make_plant(seed=3, clients=40), tmp_path / "first")
    again = written(make_plant(seed=3, clients=40), tmp_path / "again")
    other = written(make_plant(seed=4, clients=40), tmp_path / "other")
    assert first == again
    assert [name for name in first if name.endswith(".csv") and first[name] == other[name]] == ["changes.csv"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"seed": -1}, "from 0 up, came -1"),
        ({"law": "gravity"}, "expected one of service, price, neither, poisson, no-frailty, came 'gravity'"),
        ({"clients": 19}, "expected 20 or more, came 19"),
    ],
)
def test_wrong_use_is_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_plant(**asked)


def test_policies_refuse_what_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="price_cut: expected a share from 0 to 1, came 4"):
        Policy(name="cut", price_cut=4)
    with pytest.raises(ValueError, match="months: expected 1 to 600, came 0"):
        sample.true_difference(AS_IS, SERVICE, months=0)


@pytest.mark.parametrize("fact", sample.facts(make_plant()), ids=lambda fact: fact.name)
def test_facts_asked_for_are_there(fact: sample.Fact) -> None:
    assert fact.low <= fact.value <= fact.high


def test_seed_is_the_first_for_which_every_fact_holds() -> None:
    """The seed was not chosen for what any model makes of it."""
    for seed in range(1, sample.SEED):
        assert not all(fact.holds for fact in sample.facts(make_plant(seed=seed)))


def test_facts_are_of_the_law_not_of_the_seed() -> None:
    """Recovery: over ten plants the mean of each of the article's figures lies in its range."""
    told = [sample.facts(make_plant(seed=seed))[:9] for seed in range(100, 110)]
    for same in zip(*told, strict=True):
        assert same[0].low <= np.mean([fact.value for fact in same]) <= same[0].high, same[0].name


def test_data_package_is_valid() -> None:
    """Reference: Frictionless finds types, keys and references as described."""
    command = [Path(sys.executable).with_name("frictionless"), "validate", "--json", SHIPPED / "datapackage.json"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(found.stdout)
    assert report["valid"], report
    assert report["stats"]["tasks"] == len([name for name in contents(SHIPPED) if name.endswith(".csv")])


def test_data_package_describes_every_column_with_unit_and_licence(plant: Plant) -> None:
    described = sample.descriptor(plant)
    assert described["licenses"][0]["name"] == "CC0-1.0"
    for resource in described["resources"]:
        for field in resource["schema"]["fields"]:
            assert field["description"]
            assert field["type"] != "number" or field["unit"], (resource["name"], field["name"])


def test_order_lines_hang_together(plant: Plant) -> None:
    orders = plant.tables["orders"]
    ids = orders["client_id"].astype("str").replace({"0417": plant.tables["merges"]["new_id"].item()})
    start = ids.map(plant.tables["clients"].set_index("client_id")["start_date"])
    assert (orders["order_date"] >= start).all()
    assert orders["order_date"].between("2017-01-01", "2025-12-31").all()
    assert orders.groupby("order_id")[["client_id", "order_date"]].nunique().eq(1).all(axis=None)
    sales = orders[orders["kind"] == "sale"]
    assert (sales["amount"] <= sales["list_amount"] + 0.01).all()
    assert (orders.loc[orders["kind"] == "return", "amount"] < 0).all()


def test_orders_lie_within_the_true_times_with_the_plant(plant: Plant) -> None:
    departures = plant.truth["departures"]
    sales = plant.tables["orders"].query("kind == 'sale'").astype({"client_id": "str"})
    both = sales.merge(departures.astype({"client_id": "str"}), on="client_id")
    away = (both["order_date"] >= both["left_on"]) & ~(both["order_date"] >= both["returned_on"])
    assert not away.any()


@pytest.mark.parametrize("law", LAWS)
def test_leavings_are_as_many_as_the_true_hazard_says(law: str) -> None:
    """Recovery: the sum of the chances is the expected number, with the variance of independent trials."""
    truth = make_plant(law=law, clients=2000, seed=11).truth
    h = truth["satisfaction"]["hazard"].to_numpy(dtype=np.float64)
    # leavings in a client's first month, or before it has begun a month in the records, are in no row
    assert abs(len(truth["departures"]) - h.sum()) < 4 * np.sqrt((h * (1 - h)).sum())


@pytest.mark.parametrize(("law", "slope"), [("service", 0.55), ("no-frailty", 0.55), ("price", 0.0), ("neither", 0.0)])
def test_satisfaction_moves_leaving_by_the_law(law: str, slope: float) -> None:
    """Recovery: a score test of the hazard over service against the law's slope, within clients of one kind."""
    assert LAWS[law].service_slope == slope
    monthly = make_plant(law=law, clients=500, seed=5).truth["satisfaction"]
    change = monthly.groupby("client_id", observed=True)[["hazard_service", "satisfaction"]].agg(["first", "last"])
    rate = -np.log1p(-change["hazard_service"])
    moved = (rate["first"] > 0) & (rate["last"] > 0)
    logs = np.log(rate["last"][moved] / rate["first"][moved])
    points = (change["satisfaction", "last"] - change["satisfaction", "first"])[moved]
    steep = np.polyfit(points, logs, 1)[0]
    assert steep == pytest.approx(-slope, abs=0.02)


def test_rhythm_is_regular_but_for_the_poisson_law() -> None:
    """Reduction: gaps of a Poisson process have a standard deviation as large as their mean."""
    spreads = {}
    for law in ("service", "poisson"):
        orders = make_plant(law=law, clients=300, seed=2).tables["orders"]
        days = orders[orders["kind"] == "sale"].drop_duplicates("order_id").sort_values("order_date", kind="stable")
        gaps = days.groupby("client_id", observed=True)["order_date"].diff().dt.days.dropna()
        mean = gaps.groupby(days["client_id"].loc[gaps.index], observed=True).agg(["mean", "std", "size"])
        spreads[law] = (mean["std"] / mean["mean"])[mean["size"] > 30].median()
    assert 0.5 < spreads["service"] < 0.75
    assert 0.9 < spreads["poisson"] < 1.1


def test_frailty_is_one_without_it() -> None:
    """Reduction: no spread of frailty leaves every client with the factor 1."""
    assert make_plant(law="no-frailty", clients=40).truth["clients"]["frailty"].eq(1).all()
    assert make_plant(clients=40).truth["clients"]["frailty"].std() > 0.2


def test_same_lives_whatever_the_rhythm(plant: Plant) -> None:
    """Reduction: the Poisson law changes when clients order, and nothing else of the truth."""
    both = [p.truth["clients"].set_index("client_id") for p in (plant, make_plant(law="poisson"))]
    known = both[0].index.astype("str").intersection(both[1].index.astype("str"))
    assert len(known) > 0.95 * len(both[0])
    pd.testing.assert_frame_equal(*(frame.set_axis(frame.index.astype("str")).loc[known] for frame in both))


def test_reasons_drive_the_laws() -> None:
    """Direction: more leave over price under the price law, none without offers."""
    share = {law: make_plant(law=law, clients=1000).truth["departures"]["reason"].eq("price").mean() for law in LAWS}
    assert share["price"] > 2 * share["service"] > 0
    assert share["neither"] == 0


def _answers(plant: Plant) -> pd.DataFrame:
    """Join quarterly answers to the latent scores of their month."""
    surveys = plant.tables["surveys"].query("wave == 'quarterly'").dropna(subset=["quality"])
    surveys = surveys.astype({"client_id": "str"}).assign(month=surveys["survey_date"].dt.strftime("%Y-%m"))
    truth = plant.truth["satisfaction"].astype({"client_id": "str", "month": "str"})
    surveys = surveys.merge(truth, on=["client_id", "month"], suffixes=("", "_true"))
    bias = plant.truth["clients"].astype({"client_id": "str"}).set_index("client_id")["bias"]
    clients = plant.tables["clients"].astype({"client_id": "str", "manager_id": "str"}).set_index("client_id")
    surveys["own"] = surveys["asked_by"].astype("str") == surveys["client_id"].map(clients["manager_id"])
    surveys["excess"] = surveys["quality"] - surveys["quality_true"] - surveys["client_id"].map(bias)
    inside = surveys["quality_true"].between(4, 7)  # away from the end of the scale
    return surveys[inside]


def test_phone_and_manager_raise_scores_by_what_is_planted(large: Plant) -> None:
    """Recovery: least squares of the excess on both finds 0.3 and 0.6 points within four standard errors."""
    answers = _answers(large)
    x = np.column_stack([np.ones(len(answers)), answers["mode"] == "phone", answers["own"]]).astype(np.float64)
    found, rest, *_ = np.linalg.lstsq(x, answers["excess"].to_numpy(), rcond=None)
    errors = np.sqrt(rest / (len(x) - 3) * np.diag(np.linalg.inv(x.T @ x)))
    assert abs(found[1] - 0.3) < 4 * errors[1]
    assert abs(found[2] - 0.6) < 4 * errors[2]


def test_the_dissatisfied_answer_less(large: Plant) -> None:
    """Direction: the rate of answers rises with true satisfaction."""
    surveys = large.tables["surveys"].astype({"client_id": "str"})
    surveys = surveys.assign(month=surveys["survey_date"].dt.strftime("%Y-%m"))
    truth = large.truth["satisfaction"].astype({"client_id": "str", "month": "str"})
    both = surveys.merge(truth[["client_id", "month", "satisfaction"]], on=["client_id", "month"])
    rate = both["recommend"].notna().groupby(pd.qcut(both["satisfaction"], 4, labels=False)).mean()
    assert rate.is_monotonic_increasing
    assert rate.iloc[-1] - rate.iloc[0] > 0.1


def test_failures_told_openly_harm_less_and_earn_no_bonus(large: Plant) -> None:
    """Direction: timing falls after a failure, by less if told openly, and never rises."""
    failures = large.tables["failures"].astype({"client_id": "str"}).query("severity > 1")
    monthly = large.truth["satisfaction"].astype({"client_id": "str", "month": "str"})
    timing = monthly.set_index(["client_id", "month"])["timing"]
    change = {}
    for how, rows in failures.groupby("handling"):
        before = [(c, f"{d:%Y-%m}") for c, d in zip(rows["client_id"], rows["date"], strict=True)]
        after = [
            (c, f"{d + pd.offsets.MonthBegin():%Y-%m}") for c, d in zip(rows["client_id"], rows["date"], strict=True)
        ]
        moves = timing.reindex(after).to_numpy() - timing.reindex(before).to_numpy()
        change[how] = np.nanmean(moves)
    assert change["silent"] < -1
    assert -1 < change["open"] < 0


def test_calls_and_discounts_target_who_is_at_risk(large: Plant) -> None:
    """Direction: confounding as planted: months with a call, and clients given discounts, have the higher hazard."""
    calls = large.tables["touches"].query("kind == 'call'").astype({"client_id": "str"})
    called = set(zip(calls["client_id"], calls["date"].dt.strftime("%Y-%m"), strict=True))
    months = large.truth["satisfaction"].astype({"client_id": "str", "month": "str"})
    with_call = np.array([key in called for key in zip(months["client_id"], months["month"], strict=True)])
    hazard = months["hazard_service"].groupby(with_call).mean()
    assert hazard[True] > 1.1 * hazard[False]
    orders = large.tables["orders"].query("kind == 'sale' and order_date >= '2025'").astype({"client_id": "str"})
    sums = orders.groupby("client_id")[["amount", "list_amount"]].sum()
    first = large.tables["clients"].set_index("client_id")["acquisition_discount"].reindex(sums.index)
    extra = 1 - sums["amount"] / sums["list_amount"] - first
    last = months[months["month"] >= "2025"].groupby("client_id")["hazard_service"].mean().reindex(sums.index)
    assert stats.spearmanr(extra, last, nan_policy="omit").statistic > 0.15


def test_win_backs_follow_the_reason(large: Plant) -> None:
    """Direction: who left over price comes back more often than who left over service, the needless never."""
    departures = large.truth["departures"]
    back = departures["returned_on"].notna().groupby(departures["reason"]).mean()
    assert back["price"] > back["service"] > back["personal"]
    assert back["need"] == back["closed"] == 0


def test_coded_reasons_are_mostly_right_and_lean_towards_price(large: Plant) -> None:
    """Direction: a part of the losses over service is put down to price."""
    coded = large.tables["losses"].astype({"client_id": "str"}).rename(columns={"date": "left_on", "reason": "coded"})
    left = large.truth["departures"].astype({"client_id": "str"})
    noted_on = working_day((left["left_on"].to_numpy().astype("datetime64[D]") - ORIGIN).astype(np.int64))
    both = coded.merge(left.assign(left_on=dates(noted_on)), on=["client_id", "left_on"])
    assert len(both) == len(coded)
    known = both[both["coded"] != "unknown"]
    as_price = (known["coded"] == "price").groupby(known["reason"]).mean()
    assert as_price["price"] == 1
    assert 0.1 < as_price["service"] < 0.2
    assert (coded["known_on"] > coded["left_on"]).all()


def test_overloaded_manager_gives_less_attention(plant: Plant) -> None:
    clients = plant.tables["clients"].astype({"client_id": "str"})
    attention = plant.truth["satisfaction"].astype({"client_id": "str"}).groupby("client_id")["attention"].mean()
    manager = clients.set_index("client_id")["manager_id"].astype("str").reindex(attention.index)
    assert attention.groupby(manager).mean().idxmin() == "M3"


def test_group_is_a_chain_and_the_merged_client_changes_its_number(plant: Plant) -> None:
    clients = plant.tables["clients"].set_index("client_id")
    parents = clients["parent_id"][clients["parent_id"] != ""]
    assert len(parents) == 3
    assert parents.isin(parents.index).sum() == 1  # one hangs below another
    merge = plant.tables["merges"].iloc[0]
    orders = plant.tables["orders"].astype({"client_id": "str"})
    assert orders.loc[orders["client_id"] == merge["old_id"], "order_date"].max() < merge["date"]
    assert orders.loc[orders["client_id"] == merge["new_id"], "order_date"].min() >= merge["date"]


def test_same_policy_twice_differs_by_nothing() -> None:
    """Reduction: a paired difference of a policy with itself is exactly 0."""
    both = sample.true_difference(SERVICE, SERVICE, months=24)
    assert (both["months_first"] == both["months_second"]).all()
    assert (both["value_first"] == both["value_second"]).all()


def test_swapped_policies_change_the_sign() -> None:
    """Property: first and second change places exactly."""
    one, other = sample.true_difference(AS_IS, SERVICE, months=24), sample.true_difference(SERVICE, AS_IS, months=24)
    assert (one["value_first"] == other["value_second"]).all()
    assert (one["months_second"] == other["months_first"]).all()


@pytest.mark.parametrize("policy", [SERVICE, PRICE_ONLY], ids=lambda policy: policy.name)
def test_unaffected_clients_live_the_same_life(policy: Policy) -> None:
    """Property: a policy for one segment moves no client of another, and does move some of its own."""
    only = Policy(**{name: getattr(policy, name) for name in Policy.__slots__} | {"segment": "trade"})
    both = sample.true_difference(AS_IS, only, months=60)
    same = (both["months_first"] == both["months_second"]) & (both["value_first"] == both["value_second"])
    assert same[both["segment"] != "trade"].all()
    assert not same[both["segment"] == "trade"].all()


def test_tables_of_unaffected_clients_are_the_same_rows() -> None:
    """Property: a policy within the records leaves every order and answer of other clients as it was."""
    only = Policy(name="service for one segment", service_gain=1.0, openness=3.0, failure_factor=0.5, segment="trade")
    one, other = make_plant(clients=60, seed=1), make_plant(clients=60, seed=1, policy=only, policy_from=216)
    clients = one.tables["clients"]
    trade = set(clients.loc[clients["segment"] == "trade", "client_id"])
    changed = set()
    for name in ("orders", "surveys", "touches", "failures", "offers_seen", "losses"):
        first, second = (p.tables[name].astype({"client_id": "str"}) for p in (one, other))
        rows = [frame[~frame["client_id"].isin(trade)].reset_index(drop=True) for frame in (first, second)]
        pd.testing.assert_frame_equal(*rows, check_categorical=False)
        own = [frame[frame["client_id"].isin(trade)].reset_index(drop=True) for frame in (first, second)]
        changed |= {name} if not own[0].equals(own[1]) else set()
    assert {"orders", "surveys"} <= changed


def test_service_pays_where_service_drives_leaving_and_price_where_price_does() -> None:
    """Direction: months kept by each policy, over law and policy."""
    gain = {}
    for law in ("service", "price", "neither"):
        for policy in (SERVICE, PRICE_ONLY):
            both = sample.true_difference(AS_IS, policy, law=law, clients=1000, seed=1)
            gain[law, policy.name] = (both["months_second"] - both["months_first"]).mean()
    assert gain["service", "service"] > 0.5
    assert gain["price", "price_only"] > 1
    assert gain["price", "service"] < 0.1  # it grants fewer discounts, and no satisfaction makes up for it
    assert gain["neither", "price_only"] == gain["neither", "service"] == 0


def test_outlook_is_the_share_of_futures_in_which_a_client_has_stayed() -> None:
    """Recovery: over thirty plants as many leave within a year of futures of their own as the shares say."""
    gap, variance = 0.0, 0.0
    for seed in range(200, 230):
        made = {"plant": pd.DataFrame({"law": ["service"], "clients": [200], "seed": [seed]})}
        stays = sample.true_outlook(made, months=12, futures=40)
        assert (stays.diff(axis=1).iloc[:, 1:] <= 0).all().all()
        same = sample.true_difference(AS_IS, AS_IS, clients=200, seed=seed, months=13).set_index("client_id")
        assert stays.index.tolist() == same.index.tolist()
        left = 1 - stays[12]
        gap += (same["months_first"] < 13).sum() - left.sum()
        variance += (left * (1 - left)).sum() * (1 + 1 / 40)
    assert abs(gap) < 3.3 * np.sqrt(variance)


def test_settled_clients_are_at_risk_after_the_records(plant: Plant) -> None:
    """Direction: the key client leaves in none of its records' months, and in some futures."""
    stays = sample.true_outlook(plant.truth)
    largest = plant.tables["orders"].groupby("client_id", observed=True)["amount"].sum().idxmax()
    assert 0 < stays.loc[largest, 12] < 1
    with pytest.raises(ValueError, match="months: expected 1 to 600"):
        sample.true_outlook(plant.truth, months=0)
    with pytest.raises(ValueError, match="futures"):
        sample.true_outlook(plant.truth, futures=0)


def test_the_overloaded_manager_is_the_one_with_the_accounts(plant: Plant) -> None:
    told = {fact.name: fact for fact in sample.facts(plant)}
    over = told["accounts above a tenth of their manager's sales, at the overloaded manager"]
    assert over.holds
    assert over.value > told["such accounts, most at any other manager"].value
    recent = plant.tables["orders"].query("order_date >= '2025-01-01'").astype({"client_id": "str"})
    clients = plant.tables["clients"].astype({"client_id": "str", "manager_id": "str"}).set_index("client_id")
    sales = recent.groupby("client_id")["amount"].sum()
    large = sales[sales / sales.groupby(clients["manager_id"]).transform("sum") > 0.1]
    assert (clients["manager_id"].reindex(large.index) == "M3").sum() == over.value


@pytest.mark.parametrize(
    ("wrong", "said"), [({"segment": "trad"}, "segment: expected one of"), ({"openness": np.nan}, "openness: expected")]
)
def test_a_policy_without_a_meaning_is_refused(wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sample.Policy(name="x", **wrong)


def test_a_year_in_place_of_a_month_is_refused() -> None:
    with pytest.raises(ValueError, match="policy_from: expected a month from 180 to 288, came 2020"):
        make_plant(policy=SERVICE, policy_from=2020)


def test_truth_is_read_back_and_nothing_is_read_where_there_is_none(plant: Plant, tmp_path: Path) -> None:
    assert sample.read_truth(tmp_path) is None
    sample.write_plant(plant, tmp_path)
    truth = sample.read_truth(tmp_path)
    assert {name: len(frame) for name, frame in truth.items()} == {name: len(f) for name, f in plant.truth.items()}
    assert truth["departures"]["left_on"].dtype.kind == "M"
    assert truth["clients"]["client_id"].map(type).eq(str).all()


def test_a_folder_with_something_else_is_not_replaceable(plant: Plant, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    assert not sample.is_replaceable(tmp_path)
    sample.write_plant(plant, tmp_path / "plant")
    assert sample.is_replaceable(tmp_path / "plant")
    assert sample.is_replaceable(tmp_path / "not there")


def test_regulars_are_with_the_plant_for_more_than_a_year(plant: Plant) -> None:
    start = plant.tables["clients"].set_index("client_id")["start_date"]
    assert (start[regulars(plant)] < END - pd.Timedelta(days=365)).all()
