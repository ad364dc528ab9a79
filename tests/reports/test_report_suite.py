"""The whole report: what is written, what survives, what is said when something fails."""

import csv
import json
import stat

import pandas as pd
import pytest
from nbformat import v4

from churnlab.reports import suite
from churnlab.reports.folder import UsageError, check_replaceable, replacing
from churnlab.reports.suite import report

OPEN = "from churnlab.answers import open_study\nstudy = open_study(data, as_of=as_of, seed=seed)"
PARAMETERS = v4.new_code_cell("data = 1\nas_of = 1\nseed = 1", metadata={"tags": ["parameters"]})
HOSTILE = "from IPython.display import HTML\nHTML('<script>alert(1)</script>')"


def _bytes(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def earlier(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text('{"made_by": "churnlab"}')
    (out / "index.html").write_text("earlier")
    return out


def test_a_report_is_written_and_a_second_run_gives_the_same(build, suite_of, dataset, tmp_path):
    shows = f"{OPEN}\nprint(study.as_of.date(), len(study.tables.orders), study.seed)"
    suite_of({"04_who_is_at_risk": build(shows), "10_summary": build("1 + 1", question="What is the matter?")})
    told = []
    result = report(dataset, tmp_path / "out", seed=3, progress=lambda *step: told.append(step))
    assert (result.status, result.exit_code, result.failures) == ("fine", 0, ())
    assert result.pages == ("index.html", "04_who_is_at_risk.html")
    assert result.sentences == ("One client in four may leave.",)
    assert sorted({done for _, done, _ in told}) == [0, 1, 2, 3, 4]
    assert {total for _, _, total in told} == {4}
    written = _bytes(tmp_path / "out")
    assert set(written) == {*result.pages, "words/words.html", "results/risk.parquet", "run.json"}
    page = written["04_who_is_at_risk.html"].decode()
    assert f"{result.as_of} 432 3</pre>" in page
    assert "'plant'" in page
    assert str(tmp_path) not in page
    record = json.loads(written["run.json"])
    assert (record["status"], record["seed"], record["counts"]["orders"]) == ("fine", 3, 432)
    assert record["packages"]["pandas"] == pd.__version__
    report(dataset, tmp_path / "out", seed=3)
    again = _bytes(tmp_path / "out")
    assert {name for name in again if again[name] != written[name]} <= {"run.json"}
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".")} == set()


def test_the_look_up_of_codes_lies_beside_the_report(build, suite_of, dataset, tmp_path):
    suite_of({"10_summary": build()})
    result = report(dataset, tmp_path / "out")
    codes = tmp_path / "out.codes.csv"
    assert "../out.codes.csv" in result.files
    assert stat.S_IMODE(codes.stat().st_mode) == 0o600
    with codes.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    assert rows[1] == ["C-0001", "k00", "Firm 0"]
    assert rows[-1] == ["C-0012", "k11", "'=1+1 & <script>alert(1)</script>"]


def test_failures_are_named_and_the_rest_comes_out(build, suite_of, dataset, tmp_path):
    figure = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.show()"
    unknown = build("1")
    unknown.cells[1].source = "data = 'x'\nas_of = None\nseeds = 1"
    suite_of(
        {
            "01_broken": build(f"{OPEN}\nraise ValueError(data)"),
            "02_figure": build(figure),
            "03_script": build(HOSTILE),
            "04_parameters": unknown,
            "10_summary": build("1 + 1"),
        }
    )
    result = report(dataset, tmp_path / "out")
    assert (result.status, result.exit_code) == ("failed", 1)
    failed = {failure.where: failure for failure in result.failures}
    assert (failed["01_broken"].cell, failed["01_broken"].error) == (3, "ValueError")
    assert str(tmp_path) not in failed["01_broken"].message + failed["01_broken"].traceback
    assert (failed["02_figure"].cell, failed["02_figure"].error) == (3, "RenderError")
    assert "alt text" in failed["02_figure"].message
    assert "<script>" in failed["03_script"].message
    assert "'seed'" in failed["04_parameters"].message
    assert len(result.pages) == 5
    assert "stopped at cell 3" in (tmp_path / "out" / "01_broken.html").read_text()
    assert 'href="01_broken.html"' in (tmp_path / "out" / "index.html").read_text()
    assert "could not be made" not in (tmp_path / "out" / "index.html").read_text()


def test_an_answer_that_fails_is_named(build, suite_of, dataset, monkeypatch):
    def how_many(_):
        raise ArithmeticError("no clients")

    suite_of({"10_summary": build()})
    monkeypatch.setattr(suite.answers, "QUESTIONS", (how_many,))
    result = report(dataset, dataset.parent / "out")
    assert result.exit_code == 1
    assert str(result.failures[0]) == "answer how_many: ArithmeticError: no clients"
    assert (dataset.parent / "out" / "index.html").exists()


def test_one_notebook_alone(build, suite_of, dataset, tmp_path):
    suite_of({"04_who_is_at_risk": build("1"), "10_summary": build("1 / 0")})
    result = report(dataset, tmp_path / "out", only="04", names=True)
    assert (result.pages, result.exit_code) == (("04_who_is_at_risk.html",), 0)
    assert set(_bytes(tmp_path / "out")) == {"04_who_is_at_risk.html", "run.json"}
    assert not (tmp_path / "out.codes.csv").exists()
    assert "--names" in (tmp_path / "out" / "04_who_is_at_risk.html").read_text()


def test_an_interrupted_run_keeps_the_earlier_report(suite_of, dataset, earlier, monkeypatch):
    suite_of({"10_summary": v4.new_notebook(cells=[v4.new_markdown_cell("# A"), PARAMETERS])})

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    for step in ("execute_all", "render", "record"):
        kept = getattr(suite, step)
        monkeypatch.setattr(suite, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            report(dataset, earlier)
        monkeypatch.setattr(suite, step, kept)
        assert (earlier / "index.html").read_text() == "earlier"
        assert {path.name for path in earlier.parent.iterdir() if path.name.startswith(".")} == set()


def test_findings_that_forbid_a_model_leave_everything_as_it_was(build, suite_of, dataset, earlier):
    orders = dataset / "orders.csv"
    orders.write_text(orders.read_text() + "k00,2024-01-01,\n" * 60)
    suite_of({"10_summary": build("1")})
    result = report(dataset, earlier)
    assert (result.status, result.exit_code, result.pages) == ("no model", 3, ())
    assert result.findings["empty amount"] == 60
    assert (earlier / "index.html").read_text() == "earlier"


@pytest.mark.parametrize("as_of", ["2025-13-01", "tomorrow", "2001-01-01"])
def test_a_day_that_cannot_be_used(suite_of, dataset, as_of):
    suite_of({})
    with pytest.raises(UsageError):
        report(dataset, dataset.parent / "out", as_of=as_of)
    assert not (dataset.parent / "out").exists()


def test_a_foreign_folder_is_left_alone(tmp_path):
    foreign = tmp_path / "letters"
    foreign.mkdir()
    check_replaceable(foreign)
    (foreign / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="not empty"):
        check_replaceable(foreign)
    (foreign / "run.json").write_text('{"made_by": "somebody else"}')
    with pytest.raises(UsageError, match="left alone"):
        check_replaceable(foreign)
    with pytest.raises(UsageError, match="is a file"):
        check_replaceable(foreign / "letter.txt")


def test_data_inside_the_report_are_not_replaced(earlier):
    (earlier / "data").mkdir()
    with pytest.raises(UsageError, match="lies inside"):
        check_replaceable(earlier, inputs=(earlier / "data",))


def test_an_earlier_report_set_aside_comes_back(earlier):
    earlier.rename(earlier.with_name(".out.earlier"))
    with pytest.raises(RuntimeError), replacing(earlier):
        raise RuntimeError
    assert (earlier / "index.html").read_text() == "earlier"


def test_a_swap_that_fails_puts_the_earlier_report_back(earlier, monkeypatch):
    real = type(earlier).rename

    def rename(path, target):
        if path.parent.name.endswith(".unfinished"):
            raise OSError("disk full")
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(earlier), "rename", rename)
        with pytest.raises(OSError, match="disk full"), replacing(earlier) as folder:
            (folder / "index.html").write_text("new")
    assert (earlier / "index.html").read_text() == "earlier"
