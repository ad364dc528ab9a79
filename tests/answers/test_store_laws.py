"""What the store keeps comes back equal, and what it cannot keep it refuses."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.answers import store
from churnlab.history import FixedDays
from churnlab.lifetime import Estimate, HazardFit, SurvivalCurve
from churnlab.risk import Effect

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


def same(one, other):
    """Compare two results in depth; NaN equals NaN."""
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            same(one[key], other[key])
    elif isinstance(one, tuple | list):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            same(*pair)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    else:
        assert one == other or (one != one and other != other)  # noqa: PLR0124 -- NaN


def kept(result, folder):
    store.save(result, folder)
    return store.load(folder)


@settings(max_examples=25, deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS)
def test_property_estimates_come_back_bit_for_bit(tmp_path_factory, value, low, high):
    estimate = Estimate(value, low, high)
    same(kept(estimate, tmp_path_factory.mktemp("store") / "estimate"), estimate)


def test_property_nested_results_with_arrays_frames_and_dates_come_back_equal(tmp_path):
    fit = HazardFit(np.array([-4.0, 0.1]), np.diag([0.5, np.nan]), -12.5, 7, 90)
    curve = SurvivalCurve(12, np.array([13, 14]), *(np.array([0.9, 0.1 + 0.2]),) * 3, np.array([], dtype=np.int64))
    frame = pd.DataFrame(
        {
            "day": [pd.Timestamp("2024-02-29"), pd.NaT],
            "share": [np.nan, 1 / 3],
            "count": pd.array([1, None], dtype="Int64"),
            "name": pd.array(["Käyttö €", None], dtype="str"),
            "left": [True, False],
        }
    )
    effect = Effect(("tenure",), fit, {"service": 7.1}, (), 30)
    result = (effect, curve, {"frame": frame, "none": None}, [1, "two", pd.Timestamp("2024-01-01 13:00")], FixedDays())
    same(kept(result, tmp_path / "nested"), result)


def test_property_an_empty_frame_keeps_its_columns(tmp_path):
    frame = pd.DataFrame({"a": [1.0], "b": ["x"]}).iloc[:0]
    same(kept(frame, tmp_path / "empty"), frame)


@pytest.mark.parametrize(
    "value",
    [{1, 2}, b"bytes", object(), np.array([object()], dtype=object), {1: "one"}, pd.Series([1.0])],
    ids=["set", "bytes", "object", "objects in an array", "numbers as keys", "series"],
)
def test_what_would_not_come_back_equal_is_refused_and_leaves_nothing(tmp_path, value):
    with pytest.raises(store.StoreError, match="cannot keep"):
        store.save((1.0, value), tmp_path / "kept")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "tree",
    [
        {"dataclass": ["subprocess", "Popen"], "fields": {"args": "true"}},
        {"dataclass": ["churnlabx.lifetime", "Estimate"], "fields": {}},
        {"dataclass": ["churnlab.answers.store", "json"], "fields": {}},
        {"pickle": "0.pkl"},
        {"tuple": [{"code": "1"}]},
    ],
)
def test_foreign_or_unknown_trees_are_refused(tmp_path, tree):
    (tmp_path / "result.json").write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(store.StoreError, match=r"refused|cannot read"):
        store.load(tmp_path)


def test_arrays_of_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "0.npy", np.array([Path("x")], dtype=object), allow_pickle=True)
    (tmp_path / "result.json").write_text('{"array": "0.npy"}', encoding="utf-8")
    with pytest.raises(ValueError, match="pickle"):
        store.load(tmp_path)


@pytest.mark.parametrize("text", [None, "", "{"])
def test_what_is_no_stored_result_is_said(tmp_path, text):
    if text is not None:
        (tmp_path / "result.json").write_text(text, encoding="utf-8")
    with pytest.raises(store.StoreError, match="expected a stored result"):
        store.load(tmp_path)


def test_the_first_to_write_wins(tmp_path):
    store.save(Estimate(1.0, 0.0, 2.0), tmp_path / "kept")
    store.save(Estimate(9.0, 9.0, 9.0), tmp_path / "kept")
    assert store.load(tmp_path / "kept") == Estimate(1.0, 0.0, 2.0)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
