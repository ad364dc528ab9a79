"""Laws of reading: whatever comes in, rows and money are accounted for."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.tables import DataError, MappingError, Tables, load

IDS = st.sampled_from(["C1", "C2", "007", "NA", "", " C1", "nan"])
DATES = st.sampled_from(["2024-01-05", "2024-02-29", "2023-02-29", "05.01.2024", "", "today", "0000-00-00"])
AMOUNTS = st.one_of(
    st.integers(-50, 500).map(str),
    st.decimals(-1000, 1000, places=2).map(str),
    st.sampled_from(["", "1,234", "x", "nan", "inf", "-0", "1e400", "12.", "1 000"]),
)
KINDS = st.sampled_from(["sale", "return", "credit", "", "gift", "SALE"])
STATUS = st.sampled_from(["ok", "void", "ok", ""])
ROWS = st.lists(st.tuples(IDS, DATES, AMOUNTS, KINDS, AMOUNTS, STATUS).map(list), max_size=25)
MESSY = st.lists(st.text(alphabet='C1,"\n;. -\r\t', max_size=30), max_size=6).map("\n".join)
MAPPING = '[orders.leave_out]\nstatus = ["void"]\n'


def loaded(orders: str, mapping: str) -> Tables | None:
    """Load orders, or give None where they cannot be had."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "orders.csv").write_text(orders, encoding="utf-8", newline="")
        (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
        try:
            return load(folder)
        except (DataError, MappingError):
            return None


@settings(max_examples=60, deadline=None)
@given(ROWS, st.booleans())
def test_rows_money_and_quantities_read_are_kept_left_out_or_dropped(rows, leave_out):
    lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
    header = "client_id,order_date,amount,kind,quantity,status"
    tables = loaded("\n".join([header, *lines]), MAPPING if leave_out else "")
    if tables is None:
        return
    line = tables.reconciliation.set_index("table").loc["orders"]
    for what in ("rows", "amount", "quantity"):
        parts = line[[f"{what}_kept", f"{what}_left_out", f"{what}_dropped"]].sum()
        assert parts == pytest.approx(line[f"{what}_read"], abs=1e-6)
    assert line["rows_read"] == sum(any(row) for row in rows)
    assert line["rows_kept"] == len(tables.orders)
    assert line["amount_kept"] == pytest.approx(tables.orders["amount"].sum(), abs=1e-6)
    assert line["quantity_kept"] == pytest.approx(tables.orders["quantity"].sum(), abs=1e-6)
    assert np.isfinite(tables.orders["amount"]).all()
    assert (tables.orders["client_id"] != "").all()
    assert tables.orders[["client_id", "order_date", "kind"]].notna().all(axis=None)


@settings(max_examples=60, deadline=None)
@given(MESSY)
def test_no_text_whatever_raises_anything_but_a_data_error(text):
    loaded(f"client_id,order_date,amount\nC1,2024-01-01,1\n{text}", "")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="[]orders.client_id=\"'\n, 1#", max_size=60))
def test_no_mapping_whatever_raises_anything_but_a_mapping_or_data_error(text):
    loaded("client_id,order_date,amount\nC1,2024-01-01,1\n", text)


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_in_the_source_does_not_matter(rows, random):
    header = "client_id,order_date,amount,kind,quantity,status"
    shuffled = list(rows)
    random.shuffle(shuffled)
    results = []
    for given_rows in (rows, shuffled):
        lines = [",".join(f'"{cell}"' for cell in row) for row in given_rows]
        results.append(loaded("\n".join([header, *lines]), ""))
    one, other = results
    assert (one is None) == (other is None)
    if one is None or other is None:
        return
    counted = [set(t.finding_counts[["rule", "action", "count"]].itertuples(index=False)) for t in (one, other)]
    assert counted[0] == counted[1]
    columns = ["client_id", "order_date", "amount", "kind"]
    frames = [t.orders[columns].sort_values(columns, ignore_index=True) for t in (one, other)]
    assert frames[0].equals(frames[1])
