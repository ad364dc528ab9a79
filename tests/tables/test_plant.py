"""The sample plant: the same bytes for a seed, and what is planted is there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnlab.tables.plant import Plant, make_plant, write_plant

SHIPPED = Path(__file__).parents[2] / "data" / "sample"
END = pd.Timestamp("2026-01-01")


def written(plant: Plant, folder: Path) -> dict[str, bytes]:
    write_plant(plant, folder)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def plant() -> Plant:
    return make_plant()


@pytest.fixture(scope="module")
def sales(plant: Plant) -> pd.DataFrame:
    return plant.orders[plant.orders["kind"] == "sale"]


@pytest.fixture(scope="module")
def active(plant: Plant) -> pd.Index:
    truth = plant.truth_clients
    return pd.Index(truth.loc[truth["left_on"].isna(), "client_id"])


@pytest.fixture(scope="module")
def regulars(plant: Plant, active: pd.Index) -> pd.Index:
    start = plant.clients.set_index("client_id")["start_date"].loc[active]
    return start.index[start < END - pd.Timedelta(days=365)]


def test_shipped_sample_is_a_fresh_make(plant: Plant, tmp_path: Path) -> None:
    assert written(plant, tmp_path) == contents(SHIPPED)


def test_same_seed_same_bytes_and_another_seed_differs(tmp_path: Path) -> None:
    first = written(make_plant(seed=3), tmp_path / "first")
    again = written(make_plant(seed=3), tmp_path / "again")
    other = written(make_plant(seed=4), tmp_path / "other")
    assert first == again
    assert not [name for name in first if name.endswith(".csv") and first[name] == other[name]]


def test_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 up, came -1"):
        make_plant(seed=-1)


def test_files_stay_small_and_plain() -> None:
    files = contents(SHIPPED)
    assert sum(map(len, files.values())) < 4_000_000
    assert not any(b"\r" in content for content in files.values())


def test_numbers_have_fixed_decimals() -> None:
    orders = pd.read_csv(SHIPPED / "orders.csv", dtype=str)
    surveys = pd.read_csv(SHIPPED / "surveys.csv", dtype=str)
    assert orders["amount"].str.fullmatch(r"-?\d+\.\d\d").all()
    assert orders["quantity"].str.fullmatch(r"-?\d+\.\d").all()
    assert surveys["quality"].dropna().str.fullmatch(r"\d+").all()


def test_tables_hang_together(plant: Plant) -> None:
    known = plant.clients["client_id"]
    assert known.is_unique
    assert plant.clients["name"].is_unique
    assert set(plant.orders["client_id"]) == set(known)
    for table in (plant.surveys, plant.truth_departures, plant.truth_lines, plant.truth_satisfaction):
        assert set(table["client_id"]) <= set(known)
    assert plant.orders["order_date"].between("2017-01-01", "2025-12-31").all()
    assert plant.orders.groupby("order_id")[["client_id", "order_date"]].nunique().eq(1).all(axis=None)
    start = plant.orders["client_id"].map(plant.clients.set_index("client_id")["start_date"])
    assert (plant.orders["order_date"] >= start).all()


def test_size_of_the_plant(plant: Plant, active: pd.Index) -> None:
    assert 320 <= len(plant.clients) <= 345
    assert 190 <= len(active) <= 210
    assert 140 <= len(plant.truth_departures) <= 180
    assert 80 <= (plant.clients["start_date"] < "2017").sum() <= 100
    assert 7 <= plant.truth_departures["returned_on"].notna().sum() <= 13
    assert len(plant.orders) <= 30_000
    assert len(plant.surveys) <= 15_000


@pytest.mark.parametrize(
    ("line", "least_share", "most_share", "years"),
    [
        ("particleboard", 0.93, 0.97, (9, 15)),
        ("cement-bonded", 0.55, 0.65, (3, 4)),
        ("house-building", 0.07, 0.13, (1, 2.1)),
    ],
)
def test_lines(
    plant: Plant,
    regulars: pd.Index,
    *,
    line: str,
    least_share: float,
    most_share: float,
    years: tuple[float, float],
) -> None:
    truth = plant.truth_lines[plant.truth_lines["product_line"] == line]
    assert least_share <= regulars.isin(truth["client_id"]).mean() <= most_share
    begins = truth["begins_on"].clip(lower=pd.Timestamp("2017-01-01"))
    exposure = (truth["ends_on"].fillna(END) - begins).dt.days.sum() / 365.25
    assert years[0] <= exposure / truth["ends_on"].notna().sum() <= years[1]


def test_lines_are_not_sold_before_their_launch(sales: pd.DataFrame) -> None:
    first = sales.groupby("product_line")["order_date"].min()
    assert pd.Timestamp("2017-04-01") <= first["cement-bonded"] < pd.Timestamp("2017-07-01")
    assert pd.Timestamp("2024-01-01") <= first["house-building"] < pd.Timestamp("2024-04-01")


def test_active_clients_ordered_lately_for_their_rhythm(sales: pd.DataFrame, active: pd.Index) -> None:
    days = sales.drop_duplicates("order_id").groupby("client_id")["order_date"]
    rhythm = days.apply(lambda dates: dates.diff().dt.days.median())
    silence = ((END - days.max()).dt.days / rhythm)[active].dropna()
    assert silence.quantile(0.95) < 3
    assert silence.max() < 8


def test_rhythm_is_regular_but_not_clockwork(sales: pd.DataFrame) -> None:
    gaps = sales.drop_duplicates("order_id").groupby("client_id")["order_date"].diff().dt.days
    by_client = gaps.dropna().groupby(sales["client_id"]).agg(["count", "mean", "std"])
    variation = (by_client["std"] / by_client["mean"])[by_client["count"] >= 20]
    assert 0.4 < variation.median() < 0.8  # 1 for a Poisson rhythm


def test_one_client_makes_a_fifth_of_the_last_year(sales: pd.DataFrame) -> None:
    last = sales[sales["order_date"] >= END - pd.Timedelta(days=365)]
    share = (last.groupby("client_id")["amount"].sum() / last["amount"].sum()).sort_values()
    assert 0.2 < share.iloc[-1] < 0.26
    assert share.iloc[-2] < 0.1


def test_money_adds_up(plant: Plant) -> None:
    orders = plant.orders
    assert (np.sign(orders["amount"]) == np.where(orders["kind"] == "return", -1, 1)).all()
    assert (np.sign(orders["quantity"]) == np.sign(orders["amount"])).all()
    assert (orders["amount"].abs() <= orders["list_amount"].abs()).all()
    assert 0.005 < (orders["kind"] == "return").mean() < 0.015


def test_no_order_while_a_client_is_away(plant: Plant, sales: pd.DataFrame) -> None:
    away = sales[["client_id", "order_date"]].merge(plant.truth_departures, on="client_id")
    inside = (away["order_date"] >= away["left_on"]) & (away["order_date"] < away["returned_on"].fillna(END))
    assert not inside.any()


def test_leavings_fall_in_no_particular_month(plant: Plant) -> None:
    left = plant.truth_departures["left_on"]
    assert left.dt.month.value_counts().max() < 0.2 * len(left)
    assert left.value_counts().max() <= 3


def test_true_hazard_matches_the_leavings_and_falls_with_satisfaction(plant: Plant) -> None:
    truth = plant.truth_satisfaction
    leavings = len(plant.truth_departures)
    assert abs(truth["hazard"].sum() - leavings) < 3.3 * np.sqrt(leavings)
    slope = np.polyfit(truth["satisfaction"], np.log(truth["hazard"]), 1)[0]
    assert 1.15 < np.exp(-slope) < 1.6


def test_surveys_look_like_surveys(plant: Plant) -> None:
    surveys = plant.surveys
    assert surveys["survey_date"].min() >= pd.Timestamp("2019-01-01")
    scores = surveys[["recommend", "quality", "timing", "attention", "price"]].to_numpy()
    assert np.isin(scores[~np.isnan(scores)], np.arange(11)).all()
    recommend = surveys["recommend"].dropna()
    assert 0.55 <= len(recommend) / len(surveys) <= 0.65
    assert 0 <= 100 * ((recommend >= 9).mean() - (recommend <= 6).mean()) <= 40
    assert surveys.loc[surveys["wave"] == "monthly", "quality"].isna().all()
    assert (surveys.loc[surveys["recommend"].isna(), "reason"] == "").all()


def test_the_dissatisfied_answer_less(plant: Plant) -> None:
    truth = plant.truth_satisfaction[["client_id", "month", "satisfaction"]]
    asked = plant.surveys.assign(month=plant.surveys["survey_date"].dt.strftime("%Y-%m")).merge(truth)
    answered = asked["recommend"].notna()
    assert answered[asked["satisfaction"] < 7].mean() < answered[asked["satisfaction"] > 8].mean() - 0.1


def test_invitations_do_not_give_leavings_away(plant: Plant) -> None:
    left = plant.truth_departures.query("returned_on.isna() and '2019-06' < left_on < '2025-06'")
    asked = left.merge(plant.surveys, on="client_id").query("survey_date > left_on")
    assert asked["client_id"].nunique() > 0.9 * len(left)


def test_late_deliveries_follow_latent_timing(plant: Plant, sales: pd.DataFrame) -> None:
    done = sales.dropna(subset=["delivered_date"])
    done = done.assign(month=done["order_date"].dt.strftime("%Y-%m"))
    done = done.merge(plant.truth_satisfaction, on=["client_id", "month"])
    late = done["delivered_date"] > done["promised_date"]
    assert late[done["timing"] < 6.5].mean() > late[done["timing"] > 8.5].mean() + 0.1
    assert (done["delivered_date"] > done["order_date"]).all()
