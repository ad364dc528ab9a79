"""The sample's report as a browser shows it: nothing loaded, nothing wrong, readable everywhere, links that lead on."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browsing import CONTRAST, PAPER, PHONE, Look, chromium, needs_chromium

from churnlab.reports import suite

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
pytestmark = pytest.mark.xdist_group("sample")
GIVEN = "CHURNLAB_REPORT"  # a folder with a finished report of the sample to look at, in place of making one
PLANTED = [
    ("document.querySelector('p').style.color = '#ddd'", "color-contrast"),
    ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
    ("document.querySelector('figure').removeAttribute('aria-label')", "role-img-alt"),
]


class _Links(HTMLParser):
    """Marks of a page, where it links to, and the words of its figures."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.marks: set[str] = set()
        self.links: list[str] = []
        self.figures: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.marks |= {given["id"]} if "id" in given else set()
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        self.figures += [given.get("aria-label", "")] if tag == "figure" else []


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    needs_chromium()
    if given := os.environ.get(GIVEN):
        return Path(given).resolve()
    out = tmp_path_factory.mktemp("look") / "out"
    result = suite.report(SAMPLE, out)
    assert result.failures == ()
    return out


@pytest.fixture(scope="module")
def pages(report) -> list[Path]:
    """Every page, those of clients last."""
    found = sorted(report.rglob("*.html"), key=lambda path: (path.parent != report, path.name))
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def browser(report):  # noqa: ARG001
    """After the report, since no notebook can be executed while a browser is driven."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def of_each_kind(report, pages) -> list[Path]:
    """Pages of notebooks, the list of clients, and of clients each mix of tiles, matters, scores and doubts once."""
    kinds: dict[tuple[bool, ...], Path] = {}
    for path in pages:
        text = path.read_text(encoding="utf-8")
        kinds.setdefault(tuple(mark in text for mark in ('class="tiles"', 'class="points"', "<circle")), path)
    shown = [path for path in pages if path.parent == report]
    return [*shown, *(path for path in kinds.values() if path not in shown)]


def test_pages_load_nothing_run_nothing_and_fit_a_phone(browser, pages):
    wrong = []
    with Look(browser, width=PHONE) as look:
        for path in pages:
            noted = look.open(path)
            sideways = ["scrolls sideways"] if look.scrolls_sideways() else []
            wrong += [(path.name, found) for found in (*noted.requests, *noted.messages, *noted.alerts, *sideways)]
    assert wrong == []


def test_axe_finds_nothing_against_wcag_aa_in_light_with_all_code_unfolded(browser, of_each_kind):
    wrong = []
    with Look(browser) as look:
        for path in of_each_kind:
            look.open(path)
            look.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            wrong += [(path.name, found) for found in look.violations()]
    assert wrong == []


def test_axe_finds_enough_contrast_in_the_dark(browser, of_each_kind):
    wrong = []
    with Look(browser, dark=True) as look:
        for path in of_each_kind:
            look.open(path)
            wrong += [(path.name, found) for found in look.violations(CONTRAST)]
    assert wrong == []


@pytest.mark.parametrize(("script", "rule"), PLANTED)
def test_planted_violation_is_seen(browser, report, script, rule):
    with Look(browser) as look:
        look.open(report / "index.html")
        look.page.evaluate(script)
        assert [found.split(":")[0] for found in look.violations()] == [rule]


def test_dark_is_dark(browser, report):
    grounds = []
    for dark in (False, True):
        with Look(browser, dark=dark) as look:
            look.open(report / "index.html")
            ground = look.page.evaluate("getComputedStyle(document.body).backgroundColor")
            grounds.append(sum(map(int, re.findall(r"\d+", ground)[:3])))
    assert grounds[0] > 3 * 200
    assert grounds[1] < 3 * 55


def test_without_scripts_a_page_says_the_same_and_code_unfolds(browser, report, pages):
    assert not [path.name for path in pages if "<script" in path.read_text(encoding="utf-8")]
    said = []
    for scripts in (True, False):
        with Look(browser, scripts=scripts) as look:
            look.open(report / "04_who_is_at_risk.html")
            said.append(look.page.inner_text("main"))
            code = look.page.locator("details.code pre").first
            assert not code.is_visible()
            look.page.locator("summary").first.click()
            assert code.is_visible()
    assert said[0] == said[1]


def test_a_whole_page_stands_on_paper(browser, of_each_kind):
    wrong = []
    with Look(browser, width=PAPER) as look:
        look.page.emulate_media(media="print")
        for path in of_each_kind:
            look.open(path)
            wrong += [(path.name, found) for found in look.beyond(PAPER)]
            assert not look.page.locator(".pages").is_visible()
        assert look.page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    assert wrong == []


def test_links_lead_to_pages_and_marks_that_are_there(pages):
    known = {path.resolve(): _Links(path) for path in pages}
    dead = []
    for path, page in known.items():
        for link in page.links:
            file, _, mark = link.partition("#")
            place = (path.parent / file).resolve() if file else path
            target = known.get(place)
            leads = place.is_file() and not mark if target is None else not mark or mark in target.marks
            if not leads:
                dead.append((path.name, link))
    assert dead == []
    reached = {(path.parent / link).resolve() for path, page in known.items() for link in page.links}
    assert {path.resolve() for path in pages} - reached == set()


def test_every_figure_is_told_in_sentences(pages):
    told = [(path.name, words) for path in pages for words in _Links(path).figures]
    assert len(told) > 200
    assert [one for one in told if not re.match(r"^['\w].{30,}[.?!]$", one[1], re.DOTALL)] == []
    assert [one for one in told if len(one[1].split()) < 6] == []


def test_pages_and_the_whole_are_small(report, pages):
    size = {path: path.stat().st_size for path in pages}
    assert max(size[path] for path in pages if path.parent == report) < 400_000
    assert max(size[path] for path in pages if path.parent != report) < 100_000
    assert sum(path.stat().st_size for path in report.rglob("*") if path.is_file()) < 15_000_000
