"""Pages of single clients: what they draw, how they are named and linked, and what a failure leaves."""

import re
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pandas as pd
import pytest

from churnlab import answers
from churnlab.answers import client_dossiers, prepare
from churnlab.plots import client_history
from churnlab.reports import suite
from churnlab.reports.dossiers import files_by_label

SPAN = (pd.Timestamp("2024-01-01"), pd.Timestamp("2025-01-01"))
NOTHING = pd.DataFrame({"date": pd.to_datetime([]), "score": []})
SVG = "{http://www.w3.org/2000/svg}"


def _drawn(months, scores=NOTHING, failures=NOTHING, title="t"):
    return fromstring(client_history(months, scores, failures, span=SPAN, orders=3, title=title))


def _months(**amounts):
    return pd.DataFrame(
        {"month": pd.to_datetime([f"2024-{month[1:]}-01" for month in amounts]), "amount": amounts.values()}
    )


def _bars(root):
    path = next(path.get("d") for path in root.iter(f"{SVG}path") if path.get("fill", "none") != "none")
    numbers = [re.findall(r"-?\d+\.\d", bar) for bar in path.split("z") if bar]
    return [tuple(map(float, bar)) for bar in numbers]


def test_a_bar_a_month_that_is_longer_for_more_and_goes_down_for_returns():
    bars = _bars(_drawn(_months(m01=100.0, m03=50.0, m12=-20.0)))
    lengths = [zero - top for _, zero, top, _, _ in bars]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=0.2)
    assert lengths[2] == pytest.approx(-0.2 * lengths[0], abs=0.2)
    assert [left for left, *_ in bars] == sorted(left for left, *_ in bars)


def test_scores_and_failures_stand_on_the_time_axis_of_the_bars():
    day = pd.to_datetime(["2024-03-01", "2024-07-01"])
    scores = pd.DataFrame({"date": day, "score": [0.0, 10.0]})
    root = _drawn(_months(m03=50.0), scores, pd.DataFrame({"date": day[:1]}), title="<b> & co")
    low, high = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in root.iter(f"{SVG}circle")]
    assert low[0] == pytest.approx(_bars(root)[0][0] - 0.5, abs=0.11)
    assert high[0] > low[0]
    assert high[1] < low[1]
    cross = next(path.get("d") for path in root.iter(f"{SVG}path") if "l7 7" in path.get("d"))
    assert float(cross[1:].split()[0]) + 3.5 == pytest.approx(low[0], abs=0.11)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert words[0] == "<b> & co"
    assert "failures (n 1)" in words
    assert "2024" in words


def test_a_client_without_orders_scores_or_failures_can_be_drawn():
    root = _drawn(_months())
    assert not list(root.iter(f"{SVG}circle"))
    assert "failures (n 0)" in [text.text for text in root.iter(f"{SVG}text")]


@pytest.fixture
def clients_too(build, suite_of, dataset, monkeypatch) -> Path:
    """The small dataset; its report has one notebook with a table of clients, and pages of clients."""
    shows = (
        "from churnlab import answers\nfrom churnlab.reports import show\nimport pandas as pd\n"
        "study = answers.open_study(data)\nclients = map(study.label, study.tables.clients['client_id'])\n"
        "show.table(pd.DataFrame({'client': list(clients)}), caption='c')"
    )
    suite_of({"04_who_is_at_risk": build(shows), "10_summary": build("1", question="What is the matter?")})
    monkeypatch.setattr(suite.answers, "QUESTIONS", (client_dossiers,))
    return dataset


def test_every_client_has_a_page_named_by_its_code_that_tables_and_the_list_link_to(clients_too, tmp_path):
    result = suite.report(clients_too, tmp_path / "out", names=True)
    assert result.failures == ()
    assert result.pages == ("index.html", "04_who_is_at_risk.html")
    written = sorted(path.name for path in (tmp_path / "out" / "clients").iterdir())
    assert written == [*(f"C-{number:04d}.html" for number in range(1, 13)), "index.html"]
    page = (tmp_path / "out" / "04_who_is_at_risk.html").read_text(encoding="utf-8")
    assert '<a href="clients/C-0012.html">=1+1 &amp; &lt;script&gt;alert(1)&lt;/script&gt;</a>' in page
    assert page.count('<a href="clients/C-') == 12
    assert '<a href="clients/index.html">Clients one by one</a>' in page
    listed = (tmp_path / "out" / "clients" / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<td[^>]*><a href="C-', listed)) == 12
    assert 'href="../04_who_is_at_risk.html"' in listed
    own = (tmp_path / "out" / "clients" / "C-0012.html").read_text(encoding="utf-8")
    assert "<h1>=1+1 &amp; &lt;script&gt;alert(1)&lt;/script&gt;</h1>" in own
    assert "<script" not in own
    assert "there is no failures table" in own
    suite.report(clients_too, tmp_path / "again", names=True)
    for path in (tmp_path / "out" / "clients").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / "clients" / path.name).read_bytes()


def test_codes_name_files_and_no_page_holds_a_name(clients_too, tmp_path):
    suite.report(clients_too, tmp_path / "out")
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "clients").iterdir()]
    assert len(pages) == 13
    assert not [page for page in pages if "Firm" in page]
    assert "<h1>C-0003</h1>" in (tmp_path / "out" / "clients" / "C-0003.html").read_text(encoding="utf-8")


def test_one_notebook_alone_has_no_pages_of_clients(clients_too, tmp_path):
    suite.report(clients_too, tmp_path / "out", only="04")
    assert not (tmp_path / "out" / "clients").exists()
    assert "clients/" not in (tmp_path / "out" / "04_who_is_at_risk.html").read_text(encoding="utf-8")


def test_a_failure_is_named_and_leaves_no_dead_link(clients_too, tmp_path, monkeypatch):
    def broken(*_):
        raise ArithmeticError("no clients")

    monkeypatch.setattr(suite, "dossier_pages", broken)
    result = suite.report(clients_too, tmp_path / "out")
    assert [str(failure) for failure in result.failures] == ["clients: ArithmeticError: no clients"]
    assert result.exit_code == 1
    assert "clients/" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_a_name_that_two_clients_bear_leads_nowhere(dataset):
    clients = pd.read_csv(dataset / "clients.csv")
    clients.loc[1, "name"] = "Firm 0"
    clients.to_csv(dataset / "clients.csv", index=False)
    study = prepare(dataset, names=True)
    files = files_by_label(study.ask(answers.client_dossiers), study.label, study.tables.orders["client_id"])
    assert "Firm 0" not in files
    assert files["Firm 2"] == "C-0003.html"
    assert len(files) == 10
