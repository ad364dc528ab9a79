"""A part of a large dataset: all rows of some clients."""

import numpy as np
import pandas as pd
import pytest

from churnlab.tables import load, part


@pytest.fixture(scope="module")
def tables():
    return load("data/sample")


@pytest.mark.parametrize("most", [1, 7, 40, 250])
def test_property_a_part_holds_all_rows_of_few_enough_clients_and_none_of_others(tables, most):
    some = part(tables, most=most)
    kept = set(some.orders["client_id"])
    assert most / 2 <= len(kept) <= most
    for name in ("orders", "clients", "surveys", "touches", "failures", "losses"):
        before, after = getattr(tables, name), getattr(some, name)
        own = before[before["client_id"].isin(kept)].reset_index(drop=True)
        pd.testing.assert_frame_equal(after, own)
    assert some.managers is tables.managers


def test_property_clients_are_taken_from_all_over_the_book(tables):
    clients = np.sort(tables.orders["client_id"].unique())
    places = np.searchsorted(clients, part(tables, most=20).orders["client_id"].unique())
    assert np.diff(np.sort(places)).max() == np.diff(np.sort(places)).min()


def test_reduction_a_book_that_is_small_enough_is_the_part(tables):
    assert part(tables, most=10_000) is tables


def test_no_clients_are_refused(tables):
    with pytest.raises(ValueError, match="at least one client"):
        part(tables, most=0)
