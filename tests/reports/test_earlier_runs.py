"""Forecasts of a run are kept beside its report, and the next run compares and grades them."""

import numpy as np
import pandas as pd
import pytest

from churnlab.answers import prepare, what_became_of_earlier_risks, who_is_at_risk
from churnlab.reports import suite
from churnlab.reports.folder import UsageError
from churnlab.reports.kept import left_out, read_earlier, read_kept
from churnlab.reports.lookup import lookup_file, read_lookup, write_lookup
from churnlab.reports.suite import report
from churnlab.risk import HAZARD

DAY = pd.Timestamp("2024-01-01")


def forecasts_of(clients: list[str], *, day: pd.Timestamp = DAY, model: str = "own gap") -> pd.DataFrame:
    risk = np.linspace(0.05, 0.6, len(clients))
    return pd.DataFrame(
        {
            "client_id": clients,
            "as_of": day,
            "horizon_months": 3,
            "risk": risk,
            "low": risk / 2,
            "high": np.minimum(1, risk * 1.5),
            "model": model,
        }
    )


def keep(out, frame: pd.DataFrame) -> None:
    (out / "results").mkdir(parents=True, exist_ok=True)
    (out / "run.json").write_text('{"made_by": "churnlab"}')
    frame.to_parquet(out / "results/forecasts.parquet", index=False)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Sixty clients over four years; every third one leaves at some time."""
    rng, rows = np.random.default_rng(9), []
    for number in range(60):
        end = rng.integers(400, 1400) if number % 3 == 0 else 1460
        days = np.cumsum(rng.gamma(4, 6, 80))
        rows += [(f"k{number:02d}", day, 100.0) for day in days[days < end].astype(int)]
    frame = pd.DataFrame(rows, columns=["client_id", "order_date", "amount"])
    frame["order_date"] = pd.Timestamp("2021-01-01") + pd.to_timedelta(frame["order_date"], unit="D")
    folder = tmp_path_factory.mktemp("book")
    frame.to_csv(folder / "orders.csv", index=False)
    return folder


@pytest.fixture(autouse=True)
def use_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def test_what_is_kept_comes_back_under_the_clients_own_ids(tmp_path):
    out = tmp_path / "out"
    keep(out, forecasts_of(["C-0001", "C-0002"]))
    assert read_kept(out)["client_id"].tolist() == ["C-0001", "C-0002"]  # without a look-up they stay as they are
    codes = pd.DataFrame({"code": ["C-0001", "C-0002"], "client_id": ["=1+1", "b"], "name": ["'x", ""]}, dtype="str")
    write_lookup(codes, lookup_file(out))
    pd.testing.assert_frame_equal(read_lookup(lookup_file(out)), codes)
    assert read_kept(out)["client_id"].tolist() == ["=1+1", "b"]


def test_who_was_on_a_call_list_comes_back_and_of_older_runs_nobody(tmp_path):
    given = forecasts_of(["a", "b", "c"])
    keep(tmp_path / "old", given)
    assert not read_kept(tmp_path / "old")[["listed", "held_out"]].any(axis=None)
    keep(tmp_path / "new", given.assign(listed=[True, True, False], held_out=[False, True, False]))
    kept = read_kept(tmp_path / "new")
    assert kept["listed"].tolist() == [True, True, False]
    assert kept["held_out"].tolist() == [False, True, False]
    keep(tmp_path / "odd", given.assign(listed="yes", held_out=2))
    assert not read_kept(tmp_path / "odd")[["listed", "held_out"]].any(axis=None)


def test_what_is_no_forecast_is_not_read(tmp_path):
    good = forecasts_of(["a", "b"])
    assert read_kept(tmp_path / "nowhere") is None
    bad = {
        "doubled": pd.concat([good, good]),
        "no risk": good.drop(columns="risk"),
        "not a share": good.assign(risk=7.0),
        "text": good.assign(risk="high"),
        "no day": good.assign(as_of="2024-01-01"),
        "missing": good.assign(risk=np.nan),
    }
    for name, frame in bad.items():
        keep(tmp_path / name, frame)
        assert read_kept(tmp_path / name) is None, name
    keep(tmp_path / "broken", good)
    (tmp_path / "broken/results/forecasts.parquet").write_bytes(b"no parquet")
    assert read_kept(tmp_path / "broken") is None
    keep(tmp_path / "foreign", good)
    (tmp_path / "foreign/run.json").write_text("{}")
    assert read_kept(tmp_path / "foreign") is None


def test_a_study_takes_earlier_days_only_under_its_own_codes(book):
    early, same = forecasts_of(["k01", "gone", "k02"]), forecasts_of(["k01"], day=pd.Timestamp("2024-12-01"))
    study = prepare(book, as_of="2024-12-01", earlier=pd.concat([early, same]))
    codes = study.lookup.set_index("client_id")["code"]
    assert study.earlier["client_id"].tolist() == [codes["k01"], codes["k02"]]
    assert set(study.earlier["as_of"]) == {DAY}
    without = prepare(book, as_of="2024-12-01")
    assert prepare(book, as_of="2024-12-01", earlier=same).folder == without.folder != study.folder
    assert without.ask(what_became_of_earlier_risks).grading is None
    assert "From the next report" in without.ask(what_became_of_earlier_risks).sentences[0]


def test_what_is_left_out_of_earlier_runs_is_counted_with_its_cause(book, tmp_path):
    early, same = forecasts_of(["k01", "gone", "k02"]), forecasts_of(["k01"], day=pd.Timestamp("2024-12-01"))
    given = pd.concat([early, same], ignore_index=True)
    unknown, late = "1 earlier forecasts are of clients", "1 earlier forecasts are of this day"
    said = left_out(tmp_path / "nowhere", given, prepare(book, as_of="2024-12-01", earlier=given))
    assert [one.startswith(start) for one, start in zip(said, (late, unknown), strict=True)] == [True, True]
    keep(tmp_path / "broken", early)
    (tmp_path / "broken/results/forecasts.parquet").write_bytes(b"no parquet")
    assert "cannot be read" in left_out(tmp_path / "broken", None, prepare(book, as_of="2024-12-01"))[0]


def test_a_run_grades_the_latest_one_that_is_due(book):
    clients = sorted(pd.read_csv(book / "orders.csv").query("order_date < '2023-03-01'")["client_id"].unique())
    old = forecasts_of(clients, day=pd.Timestamp("2023-03-01"))
    fresh = forecasts_of(clients, day=pd.Timestamp("2024-11-01"))
    both = prepare(book, as_of="2024-12-01", names=True, earlier=pd.concat([fresh, old])).ask(
        what_became_of_earlier_risks
    )
    assert (both.runs, both.due) == (2, True)
    assert both.grading.as_of == pd.Timestamp("2023-03-01")
    assert both.grading.expected == pytest.approx(both.grading.forecasts["risk"].sum())
    assert f"{both.grading.seen:.0f} did" in " ".join(both.sentences)
    waiting = prepare(book, as_of="2024-12-01", names=True, earlier=fresh).ask(what_became_of_earlier_risks)
    assert not waiting.due
    assert f"{waiting.grading.due_on:%Y-%m-%d}" in waiting.sentences[0]
    assert waiting.grading.forecasts.empty


def test_what_changed_is_told_since_the_last_run(book):
    then = prepare(book, as_of="2024-06-01", names=True)
    told = then.ask(who_is_at_risk).clients[["client_id", "risk", "low", "high"]]
    earlier = told.assign(as_of=then.as_of, horizon_months=then.ask(who_is_at_risk).horizon_months, model=HAZARD.name)
    why = prepare(book, as_of="2024-12-01", names=True, earlier=earlier).ask(who_is_at_risk).why
    assert (why.since, why.earlier_run) == (pd.Timestamp("2024-06-01"), True)
    assert "the last run" in why.changed_sentence
    given = why.changed["client_id"].map(told.set_index("client_id")["risk"])
    assert why.changed["risk_before"].to_numpy() == pytest.approx(given.to_numpy())
    assert "model" in why.changed  # what learning anew added


@pytest.fixture
def quick_run(build, suite_of, book, monkeypatch):
    """Make a report of one short page that keeps forecasts as the whole suite does."""
    suite_of({"10_summary": build()})

    def results(study, _):
        now = forecasts_of(sorted(study.tables.orders["client_id"].unique()), day=study.as_of)
        return (), {"forecasts": now if study.earlier is None else pd.concat([study.earlier, now])}

    monkeypatch.setattr(suite, "_results", results)

    def run(out, day: str, **options) -> list[str]:
        report(book, out, as_of=day, **options)
        frame = pd.read_parquet(out / "results/forecasts.parquet")
        assert not frame.duplicated(["client_id", "as_of"]).any()
        assert set(frame["client_id"].str[:2]) == {"C-"}
        return [f"{day:%Y-%m-%d}" for day in sorted(frame["as_of"].unique())]

    return run


def test_runs_into_one_folder_keep_their_forecasts(quick_run, tmp_path):
    days, kept = ("2024-03-01", "2024-06-01", "2024-06-01"), []
    for day in days:
        found = quick_run(tmp_path / "out", day)
        kept.append((tmp_path / "out/results/forecasts.parquet").read_bytes())
    assert found == sorted(set(days))
    assert kept[1] == kept[2]  # made again, a run gives the same


def test_a_run_that_writes_no_results_keeps_what_earlier_ones_forecast(quick_run, tmp_path, monkeypatch):
    quick_run(tmp_path / "out", "2024-03-01")
    before = read_kept(tmp_path / "out")
    assert quick_run(tmp_path / "out", "2024-06-01", only="10") == ["2024-03-01"]
    pd.testing.assert_frame_equal(read_kept(tmp_path / "out"), before)

    def fails(study, _):
        message = f"no results of {study.folder}"
        raise ValueError(message)

    monkeypatch.setattr(suite, "_results", fails)
    assert quick_run(tmp_path / "out", "2024-06-01") == ["2024-03-01"]
    pd.testing.assert_frame_equal(read_kept(tmp_path / "out"), before)


def test_a_run_elsewhere_is_read_too_if_asked(quick_run, tmp_path):
    march, june = "2024-03-01", "2024-06-01"
    assert quick_run(tmp_path / "march", march) == [march]
    assert quick_run(tmp_path / "alone", june) == [june]
    assert quick_run(tmp_path / "june", june, since=tmp_path / "march") == [march, june]
    quick_run(tmp_path / "out", "2024-04-01")
    both = quick_run(tmp_path / "out", june, since=tmp_path / "march")  # what lay in --out is not lost
    assert both == [march, "2024-04-01", june]
    assert quick_run(tmp_path / "march", june, since=tmp_path / "march") == [march, june]


def test_the_named_run_counts_where_both_gave_risks_for_a_day(tmp_path):
    keep(tmp_path / "out", forecasts_of(["a", "b"]))
    keep(tmp_path / "named", forecasts_of(["a", "b"], model="hazard"))
    assert set(read_earlier(tmp_path / "out", since=None)["model"]) == {"own gap"}
    assert set(read_earlier(tmp_path / "out", since=tmp_path / "named")["model"]) == {"hazard"}
    keep(tmp_path / "empty", forecasts_of(["a"]).iloc[:0])  # a run that could not speak of risk
    assert set(read_earlier(tmp_path / "out", since=tmp_path / "empty")["model"]) == {"own gap"}
    assert read_earlier(tmp_path / "nowhere", since=tmp_path / "empty") is None


def test_an_earlier_run_that_cannot_be_used_is_wrong_use(quick_run, tmp_path):
    def refused(why: str) -> None:
        with pytest.raises(UsageError, match=why):
            quick_run(tmp_path / "out", "2024-06-01", since=tmp_path / "named")
        assert not (tmp_path / "out").exists()

    refused("holds no run.json")
    (tmp_path / "named").mkdir()
    refused("holds no run.json")
    (tmp_path / "named/run.json").write_text('{"made_by": "churnlab"}')
    refused("--only keeps none")
    keep(tmp_path / "named", forecasts_of(["k01"], day=pd.Timestamp("2024-06-01")))
    refused("2024-06-01, which is not before 2024-06-01")
    keep(tmp_path / "named", forecasts_of(["C-0001"]))
    refused("named.codes.csv must lie beside it")
