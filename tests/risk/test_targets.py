"""Targets beside leaving within months: labels by hand, the day on which they are told, and nothing learnt before."""

import numpy as np
import pandas as pd
import pytest
from planted_book import AS_OF, RULE, book, tables_of

from churnlab.history import snapshots, standing
from churnlab.risk import (
    BASE_RATE,
    BOOSTING,
    HAZARD,
    MODELS,
    RECENCY,
    Quiet,
    Shrinking,
    backtest,
    backtest_target,
    fit_labelled,
)

CUT = pd.Timestamp("2024-03-01")


def orders(days: dict[str, list[str]]) -> pd.DataFrame:
    rows = [(client, day, 100.0, "sale") for client, given in days.items() for day in given]
    frame = pd.DataFrame(rows, columns=["client_id", "order_date", "amount", "kind"])
    frame["order_date"] = pd.to_datetime(frame["order_date"]).astype("datetime64[us]")
    return frame


def snapshot(limits: dict[str, float], gap: float = 10.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "client_id": pd.Series(list(limits), dtype="str"),
            "cut_off": pd.Series([CUT] * len(limits)).astype("datetime64[us]"),
            "limit_days": list(limits.values()),
            "typical_gap_days": gap,
        }
    )


def test_quiet_until_the_own_limit_by_hand() -> None:
    tables = tables_of(
        orders(
            {
                "a": ["2024-02-20", "2024-03-30"],  # orders on day 29 of 30: not quiet
                "b": ["2024-02-20", "2024-03-31"],  # on day 30, when the horizon has ended: quiet
                "c": ["2024-02-20"],  # never again
                "d": ["2024-02-20", "2024-03-01"],  # on the cut-off itself, which is not known that day: not quiet
            }
        )
    )
    rows = snapshot({"d": 30.0, "a": 30.0, "b": 30.0, "c": 30.0})
    assert Quiet().outcome(rows, tables, horizon_months=3).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert set(Quiet().told_on(rows, horizon_months=3)) == {pd.Timestamp("2024-03-31")}


def test_quiet_for_own_gaps_by_hand() -> None:
    tables = tables_of(orders({"a": ["2024-02-20", "2024-03-21"], "b": ["2024-02-28", "2024-03-20"]}))
    rows = snapshot({"a": 90.0, "b": 90.0})
    assert Quiet(2.0).outcome(rows, tables, horizon_months=3).tolist() == [1.0, 0.0]  # 20 days: until 2024-03-20
    assert Quiet(2.1).outcome(rows, tables, horizon_months=3).tolist() == [0.0, 0.0]  # 21 days
    assert set(Quiet(2.0).told_on(rows, horizon_months=3)) == {pd.Timestamp("2024-03-21")}
    assert Quiet(2.0).label == "no order within 2 of its own gaps"


def test_quiet_labels_stand_once_they_are_told() -> None:
    tables = book(clients=60, seed=5)
    rows = backtest_rows(tables)
    told = Quiet().told_on(rows, horizon_months=3)
    label = Quiet().outcome(rows, tables, horizon_months=3)
    for day in pd.to_datetime(sorted(rows["cut_off"].unique())[::6]):
        cut = tables_of(tables.orders[tables.orders["order_date"] < day])
        known = (told <= day).to_numpy()
        assert (Quiet().outcome(rows[known], cut, horizon_months=3) == label[known]).all()


def backtest_rows(tables) -> pd.DataFrame:
    return snapshots(tables, [AS_OF - pd.DateOffset(months=back) for back in range(24, 2, -3)], rule=RULE)


def yearly(per_half: list[int], *, start: str = "2020-01-01") -> list[str]:
    """Order days, so many in each half-year, evenly."""
    days = []
    for half, count in enumerate(per_half):
        first = pd.Timestamp(start) + pd.DateOffset(months=6 * half)
        last = first + pd.DateOffset(months=6)
        days += [f"{first + (last - first) * (place + 0.5) / count:%Y-%m-%d}" for place in range(count)]
    return days


def test_shrinking_by_hand() -> None:
    """From 24 orders a half-year to 8, at the end of the horizon; not at the cut-off, and not who has left."""
    tables = tables_of(
        orders(
            {
                "faller": yearly([24, 24, 24, 24, 8, 8]),
                "steady": yearly([24] * 6),
                "leaver": yearly([24, 24, 24, 24]),
                "before": yearly([24, 24, 24, 8, 8, 8]),
            }
        )
    )
    cut = pd.Timestamp("2022-01-01")
    rows = snapshot(dict.fromkeys(["steady", "faller", "leaver", "before"], 60.0)).assign(cut_off=cut)
    target = Shrinking()
    assert set(target.told_on(rows, horizon_months=6)) == {pd.Timestamp("2022-07-01")}
    states = standing(tables, as_of=cut).set_index("client_id")["standing"]
    assert states["before"] == "shrinking"
    found = target.outcome(rows, tables, horizon_months=6)
    assert found[:3].tolist() == [0.0, 1.0, 0.0]
    assert np.isnan(found[3])  # it shrank at the cut-off already


@pytest.mark.parametrize("target", [Quiet(), Quiet(2.0), Shrinking(RULE)], ids=lambda target: target.label)
def test_same_folds_same_models_and_every_forecast_graded(target) -> None:
    tables = book(clients=90, seed=7)
    usual = backtest(tables, as_of=AS_OF, rule=RULE, models=(BASE_RATE, RECENCY))
    found = backtest_target(tables, target, as_of=AS_OF, rule=RULE, models=(BASE_RATE, RECENCY))
    assert found.plan == usual.plan
    assert set(found.forecasts["cut_off"]) <= set(usual.plan.testing)
    assert list(found.forecasts) == list(usual.forecasts)
    assert set(found.forecasts["outcome"]) <= {0.0, 1.0}
    if not found.forecasts.empty:
        assert (found.forecasts.groupby(["client_id", "cut_off"]).size() == 2).all()
        assert found.forecasts["risk"].between(0, 1).all()


def test_nothing_told_on_or_after_a_day_is_learnt_from() -> None:
    """Orders after the last day of forecasting change outcomes, not risks."""
    tables = book(clients=90, seed=7)
    found = backtest_target(tables, Quiet(), as_of=AS_OF, rule=RULE, models=(RECENCY, BOOSTING))
    last = found.forecasts["cut_off"].max()
    earlier = tables.orders["order_date"] < last
    # everyone falls silent on the last day, so that outcomes there differ
    cut = tables_of(pd.concat([tables.orders[earlier], tables.orders[-1:]], ignore_index=True))
    again = backtest_target(cut, Quiet(), as_of=AS_OF, rule=RULE, models=(RECENCY, BOOSTING))
    keys = ["client_id", "cut_off", "model"]
    both = found.forecasts.merge(again.forecasts, on=keys, suffixes=("", "_again"))
    shared = both[both["cut_off"].isin(again.forecasts["cut_off"])]
    assert len(shared) > 100
    assert shared["risk_again"].to_numpy() == pytest.approx(shared["risk"].to_numpy(), abs=1e-12)


def test_order_of_rows_and_names_do_not_matter() -> None:
    tables = book(clients=80, seed=3)
    usual = backtest_target(tables, Quiet(), as_of=AS_OF, rule=RULE).forecasts
    renamed = tables.orders.assign(client_id=tables.orders["client_id"].str[::-1] + "<b>")
    renamed = renamed.sample(frac=1.0, random_state=1).reset_index(drop=True)
    other = backtest_target(tables_of(renamed), Quiet(), as_of=AS_OF, rule=RULE).forecasts
    other = other.assign(client_id=other["client_id"].str.removesuffix("<b>").str[::-1])
    both = usual.merge(other, on=["client_id", "cut_off", "model"], suffixes=("", "_other"))
    assert len(both) == len(usual) == len(other)
    assert both["risk_other"].to_numpy() == pytest.approx(both["risk"].to_numpy(), rel=1e-8)
    assert (both["outcome"] == both["outcome_other"]).all()


def test_recovery_quiet_risks_are_calibrated() -> None:
    found = backtest_target(book(clients=300, seed=11), Quiet(), as_of=AS_OF, rule=RULE, models=MODELS).forecasts
    of_hazard = found[found["model"] == HAZARD.name]
    assert of_hazard["risk"].mean() == pytest.approx(of_hazard["outcome"].mean(), abs=0.05)


def test_reduction_labelled_base_rate_is_the_share() -> None:
    rows = pd.DataFrame({"client_id": [f"c{number}" for number in range(100)]})
    labels = (np.arange(100) < 30).astype(float)
    fitted = fit_labelled(rows, labels, spec=BASE_RATE)
    assert fitted is not None
    assert fitted.risk(rows) == pytest.approx(0.3, abs=1e-4)
    assert fit_labelled(rows, (np.arange(100) < 9).astype(float), spec=BASE_RATE) is None
