"""The same snapshots, bit for bit, from pandas, DuckDB and Spark."""

import importlib.util
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnlab.history import departures, snapshots
from churnlab.history.purchases import purchases
from churnlab.tables import load
from churnlab.tables.plant import make_plant, write_tables

CUT_OFFS = [pd.Timestamp(day) for day in ("2019-06-01", "2021-01-31", "2024-02-29", "2025-11-15")]


@pytest.fixture(scope="module")
def sample():
    return load("data/sample")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    write_tables(make_plant(clients=20_000, seed=3), folder)
    return load(folder)


def in_duckdb(orders):
    import duckdb  # noqa: PLC0415 -- an extra

    connection = duckdb.connect()
    connection.register("orders", orders)
    return connection.table("orders")


@pytest.mark.parametrize("size", ["sample", "large"])
def test_reduction_duckdb_gives_what_pandas_gives(size, request):
    pytest.importorskip("duckdb", reason="DuckDB is an extra")
    tables = request.getfixturevalue(size)
    beyond = replace(tables, orders=in_duckdb(tables.orders))
    pd.testing.assert_frame_equal(snapshots(beyond, CUT_OFFS), snapshots(tables, CUT_OFFS), check_exact=True)


def test_reduction_days_that_are_not_there_and_fractions_of_cents_come_out_alike(sample):
    pytest.importorskip("duckdb", reason="DuckDB is an extra")
    orders = sample.orders.copy()
    every_third = np.arange(len(orders)) % 3 == 0
    orders["amount"] = orders["amount"] + 0.00005
    orders["promised_date"] = orders["promised_date"].mask(every_third)
    orders["delivered_date"] = orders["delivered_date"].mask(np.roll(every_third, 1))
    orders["known_on"] = (orders["order_date"] + pd.Timedelta(days=3)).where(every_third)
    here, there = (snapshots(replace(sample, orders=each), CUT_OFFS) for each in (orders, in_duckdb(orders)))
    pd.testing.assert_frame_equal(there, here, check_exact=True)
    empty = orders.assign(known_on=pd.Series(pd.NaT, index=orders.index, dtype="datetime64[us]"))
    assert len(departures(empty, as_of=CUT_OFFS[-1]).frame)


def test_reduction_lives_and_purchases_come_out_of_duckdb_alike(sample):
    pytest.importorskip("duckdb", reason="DuckDB is an extra")
    relation = in_duckdb(sample.orders)
    pd.testing.assert_frame_equal(purchases(relation), purchases(sample.orders))
    by = ("client_id", "product_line")
    lives = [departures(orders, as_of=CUT_OFFS[-1], by=by).frame for orders in (relation, sample.orders)]
    pd.testing.assert_frame_equal(*lives)


@pytest.mark.parametrize("engine", ["pandas", "DuckDB"])
def test_reduction_an_empty_order_number_is_none(sample, engine):
    """Reduction: lines without a number make one purchase a day, whether the number is missing or empty."""
    if engine == "DuckDB":
        pytest.importorskip("duckdb", reason="DuckDB is an extra")
    here = (lambda orders: orders) if engine == "pandas" else in_duckdb
    every_third = np.arange(len(sample.orders)) % 3 == 0
    missing, empty = (
        sample.orders.assign(order_id=sample.orders["order_id"].mask(every_third, to)) for to in (None, "")
    )
    found = purchases(here(empty))
    pd.testing.assert_frame_equal(found, purchases(here(missing)))
    days = sample.orders.loc[sample.orders["kind"] == "sale"].drop_duplicates(["client_id", "order_date"])
    assert len(found) == len(days)


def test_reduction_no_orders_in_duckdb_are_no_purchases(sample):
    pytest.importorskip("duckdb", reason="DuckDB is an extra")
    assert purchases(in_duckdb(sample.orders).filter("client_id = 'nobody'")).empty


def test_property_categories_of_an_order_of_their_own_change_nothing(sample):
    names = sample.orders["client_id"].unique()[::-1]
    orders = sample.orders.assign(client_id=pd.Categorical(sample.orders["client_id"], names, ordered=True))
    pd.testing.assert_frame_equal(purchases(orders), purchases(sample.orders))
    found = snapshots(replace(sample, orders=orders), CUT_OFFS)
    pd.testing.assert_frame_equal(found, snapshots(sample, CUT_OFFS), check_exact=True)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("size", ["sample", "large"])
def test_reduction_spark_gives_what_pandas_gives(size, request):
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("Spark needs the extra `spark` and Java: make test-spark")
    import pyarrow as pa  # noqa: PLC0415 -- for Spark alone
    from pyspark.sql import SparkSession  # noqa: PLC0415 -- an extra

    tables = request.getfixturevalue(size)
    settings = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "4"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    try:
        frame = session.createDataFrame(pa.Table.from_pandas(tables.orders, preserve_index=False))
        found = snapshots(replace(tables, orders=frame), CUT_OFFS)
    finally:
        session.stop()
    pd.testing.assert_frame_equal(found, snapshots(tables, CUT_OFFS), check_exact=True)
