"""Real data, where they are at hand: the mapping files read them without loss."""

import os
from pathlib import Path

import pytest

from churnlab.tables import Tables, counts_by_rule, load

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("CHURNLAB_REAL_DATA", ROOT.parent / "shared" / "data"))
MAPPINGS = ROOT / "tests" / "mappings"


def real(name: str, file: str) -> Tables:
    """Load a real dataset with its mapping, or skip."""
    if not (REAL / file).is_file():
        pytest.skip(f"the real data are not here: set CHURNLAB_REAL_DATA to the folder that holds {file}")
    return load(REAL, MAPPINGS / f"{name}.toml")


def test_cdnow_reads_in_full():
    tables = real("cdnow", "cdnow_sample_orders.csv")
    orders = tables.orders
    assert len(orders) == 6919
    assert orders["client_id"].nunique() == 2357
    assert orders["amount"].sum() == pytest.approx(244_091.94)
    assert orders["quantity"].sum() == 16_479
    assert "order_id" not in orders
    assert len(orders[["client_id", "order_date"]].drop_duplicates()) == 6696
    assert dict(counts_by_rule(tables)[["rule", "count"]].to_numpy()) == {
        "identical row": 21,
        "zero amount": 8,
    }


def test_classicmodels_leaves_cancelled_orders_out():
    tables = real("classicmodels", "classicmodels_orders.csv")
    line = tables.reconciliation.iloc[0]
    assert (line["rows_read"], line["rows_kept"], line["rows_left_out"]) == (326, 320, 6)
    assert line["amount_kept"] + line["amount_left_out"] == pytest.approx(line["amount_read"])
    assert tables.orders["order_id"].is_unique
    assert tables.orders["client_id"].nunique() == 98
    assert tables.orders["promised_date"].notna().all()
    assert tables.finding_counts["rule"].tolist() == ["left out by the mapping"]
    assert not tables.forbids_model
