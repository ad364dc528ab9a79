"""Passing data on: keyed codes, nothing that tells who someone is, and the look-up apart."""

import hashlib
import hmac
import json
import stat
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from churnlab.cli import app
from churnlab.tables import CONTRACT, load

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
KEY = b"a key of more than sixteen bytes"


def passed_on(folder: Path, *, key: bytes = KEY, data: Path = SAMPLE) -> tuple[Path, int, str]:
    """Run the command; return where it wrote, its exit code and what it said."""
    (folder / "key").write_bytes(key)
    arguments = ["pseudonymise", str(data), "--out", str(folder / "out"), "--key-file", str(folder / "key")]
    ended = CliRunner().invoke(app, arguments)
    return folder / "out", ended.exit_code, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder, code, said = passed_on(tmp_path_factory.mktemp("pseudonyms"))
    assert code == 0, said
    return folder


def test_what_comes_out_loads_as_the_same_dataset(out):
    """Reduction: sums, days and counts by client are those of the original."""
    one, other = load(SAMPLE), load(out)
    assert not [f for f in other.findings if f.severity != "info"]
    for column in ("amount", "quantity", "cost"):
        assert other.orders[column].sum() == pytest.approx(one.orders[column].sum())
    sums = [sorted(tables.orders.groupby("client_id")["amount"].sum().round(2)) for tables in (one, other)]
    assert sums[0] == sums[1]
    assert len(other.surveys) == len(one.surveys)
    assert other.clients["group_id"].nunique() == one.clients["group_id"].nunique()


def test_no_id_no_name_and_nothing_that_was_written_is_left(out):
    original = load(SAMPLE)
    held = {
        str(value)
        for path in out.glob("*.parquet")
        for _, column in pd.read_parquet(path).select_dtypes("str").items()
        for value in column.dropna().unique()
    }
    ids = set(original.clients["client_id"]) | set(original.managers["manager_id"]) | set(original.orders["order_id"])
    names = {*original.clients["name"], *original.contacts["name"], *original.managers["name"]}
    assert not held & (ids | names)
    for path in out.glob("*.parquet"):
        personal = {column.name for column in CONTRACT[path.stem].columns if column.personal}
        assert not (personal - {"name"}) & set(pd.read_parquet(path))
    assert not (out / "contacts.parquet").exists()
    assert KEY.decode() not in "".join(path.read_text(errors="replace") for path in out.iterdir())


def test_codes_are_hmac_sha256_of_the_key(out):
    """Reference: RFC 2104 as the standard library has it."""
    lookup = pd.read_csv(out.parent / "out.lookup.csv", dtype=str)
    row = lookup[lookup["kind"] == "client"].iloc[0]
    digest = hmac.new(KEY, f"client\0{row['id']}".encode(), hashlib.sha256).hexdigest()
    assert row["code"] == f"c{digest[:20]}"
    assert lookup["code"].is_unique


def test_the_look_up_is_apart_and_for_its_owner_only(out):
    beside = out.parent / "out.lookup.csv"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert not list(out.glob("*lookup*"))
    assert json.loads((out / "run.json").read_text())["made_by"] == "churnlab"


def test_the_same_key_gives_the_same_codes_and_another_others(out, tmp_path):
    again, _, _ = passed_on(tmp_path, key=KEY + b"\r\n")
    assert (again / "orders.parquet").read_bytes() == (out / "orders.parquet").read_bytes()
    other, code, _ = passed_on(tmp_path, key=KEY[::-1])
    assert code == 0
    assert not set(pd.read_parquet(other / "orders.parquet")["client_id"]) & set(
        pd.read_parquet(out / "orders.parquet")["client_id"]
    )


def test_further_factors_stay_readable(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "orders.csv").write_text("client_id,order_date,amount\na,2025-01-01,1\n", encoding="utf-8")
    (data / "surveys.csv").write_text("client_id,survey_date,wave,unl\na,2025-01-01,annual,7\n", encoding="utf-8")
    (data / "mapping.toml").write_text('[surveys.factors]\nunloading = "unl"\n', encoding="utf-8")
    out, code, said = passed_on(tmp_path, data=data)
    assert code == 0, said
    assert load(out).surveys["unloading"].tolist() == [7.0]


def test_a_short_key_or_none_is_wrong_use(tmp_path, monkeypatch):
    out, code, said = passed_on(tmp_path, key=b"short")
    assert (code, out.exists()) == (2, False)
    assert "at least 16 bytes in key, got 5" in said
    monkeypatch.delenv("CHURNLAB_KEY", raising=False)
    ended = CliRunner().invoke(app, ["pseudonymise", str(SAMPLE), "--out", str(out)])
    assert ended.exit_code == 2
    assert "the variable CHURNLAB_KEY" in ended.stderr


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work", encoding="utf-8")
    out, code, said = passed_on(tmp_path)
    assert code == 2
    assert "left alone" in said
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
