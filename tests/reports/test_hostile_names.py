"""Property: a client's name is text in every sink, whatever it says."""

import csv
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from browsing import Look, chromium, needs_chromium

from churnlab.reports import suite
from churnlab.reports.lookup import write_lookup
from churnlab.reports.workbook import write_findings
from churnlab.tables import findings_frame, load

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
NAMES = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '=HYPERLINK("http://e.org","x")',
    "@SUM(A1)",
    "+1",
    "-1",
    "Cash $$ Co",
    "A $x_1$ \\frac B",
    "Quote \" and ' Co",
    "\u202eoc live",
    "Bomb \U0001f4a3 Co",
    "x" * 200,
    "ООО «Берёза»",
    "Bell \x07 \x1b[31m Co",
    "[x](javascript:alert(1))",
    "'; DROP TABLE orders; --",
    "{{7*7}} {% raw %} ${7*7}",
    "%s %d {0}",
    "| a | b |",
    "&lt;b&gt;",
]
TELLING = ("alert(1)", "DROP TABLE", "{{7*7}}", "Cash $$ Co", "ООО «Берёза»")


class _Reader(HTMLParser):
    """Collect tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """The sample, with names of clients, managers, product lines and competitors that mean harm."""
    folder = tmp_path_factory.mktemp("hostile") / "data"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("truth"))
    for table, columns in {"clients": ["name", "segment"], "managers": ["name"], "orders": ["product_line"]}.items():
        frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
        for column in columns:
            codes = pd.factorize(frame[column])[0]
            frame[column] = [f"{NAMES[code % len(NAMES)]}{'' if code < len(NAMES) else code}" for code in codes]
        frame.to_csv(folder / f"{table}.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def pages(hostile) -> dict[str, str]:
    out = hostile.parent / "out"
    result = suite.report(hostile, out, names=True)
    assert result.failures == ()
    return {page.relative_to(out).as_posix(): page.read_text(encoding="utf-8") for page in sorted(out.rglob("*.html"))}


def test_no_page_holds_a_tag_a_handler_or_a_link_that_a_name_made(pages):
    assert len([name for name in pages if "/" not in name]) == 10
    assert len(pages) > 100
    for page in pages.values():
        reader = _Reader()
        reader.feed(page)
        assert not {"script", "iframe", "object"} & reader.tags
        assert not [name for name, _ in reader.attributes if name.startswith("on")]
        links = [value for name, value in reader.attributes if name in {"href", "src", "xlink:href"}]
        assert not [link for link in links if link.strip().lower().startswith(("javascript", "http", "//"))]


def test_no_page_holds_what_turns_text_around_or_rings_a_bell(pages):
    for page in pages.values():
        assert not {"\u202e", "\x07", "\x1b"} & set(page)


def test_names_are_there_as_they_are(pages):
    """The test would prove nothing if no page showed a name."""
    seen = set()
    for page in pages.values():
        reader = _Reader()
        reader.feed(page)
        text = "".join(reader.text)
        seen |= {word for word in TELLING if word in text}
        assert "49 {%" not in text
    assert {"alert(1)", "ООО «Берёза»", "Cash $$ Co"} <= seen


def test_no_page_is_named_by_what_a_name_says(pages):
    assert [
        name for name in pages if not re.fullmatch(r"(\d\d_\w+|index|clients/(C-\d{4}|index)|words/words)\.html", name)
    ] == []


def test_no_name_runs_in_a_browser(hostile, pages):
    """A policy that stops a script says so on the console, so that a tag would be seen even where nothing runs."""
    needs_chromium()
    noted = []
    with chromium() as browser, Look(browser) as look:
        for name in pages:
            found = look.open(hostile.parent / "out" / name)
            noted += [*found.requests, *found.messages, *found.alerts]
    assert noted == []


def test_planted_script_and_picture_are_seen_in_a_browser(tmp_path):
    needs_chromium()
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
    page = tmp_path / "page.html"
    seen = []
    with chromium() as browser, Look(browser) as look:
        for head in ("", policy):
            page.write_text(f"<!DOCTYPE html>{head}<link rel=icon href='data:,'>{NAMES[0]}{NAMES[1]}", encoding="utf-8")
            noted = look.open(page)
            seen.append((len(noted.alerts) > 0, len(noted.messages) > 0))
    assert seen == [(True, True), (False, True)]


def test_parquet_gives_back_what_was_read(hostile, tmp_path):
    clients = load(hostile).clients
    clients.to_parquet(tmp_path / "clients.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "clients.parquet"), clients)


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(hostile, tmp_path):
    dirty = tmp_path / "data"
    shutil.copytree(hostile, dirty)
    orders = dirty / "orders.csv"
    first = orders.read_text(encoding="utf-8").splitlines()[1]
    lines = [",".join([f'"{name.replace(chr(34), chr(34) * 2)}"', *first.split(",")[1:]]) for name in NAMES]
    with orders.open("a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    tables = load(dirty)
    values = findings_frame(tables)["value"].tolist()
    assert '=HYPERLINK("http://e.org","x")' in values
    write_findings(tmp_path / "found.xlsx", tables)
    book = openpyxl.load_workbook(tmp_path / "found.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "=HYPERLINK" in "".join(str(cell.value) for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink is not None]


def test_no_cell_of_the_workbook_of_actions_is_a_formula_or_a_link(hostile, pages):  # noqa: ARG001 -- makes it
    book = openpyxl.load_workbook(hostile.parent / "out" / "actions.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink is not None]
    text = "\n".join(str(cell.value) for cell in cells)
    assert [name for name in ("=HYPERLINK", "<script>alert(1)</script>", "@SUM(A1)") if name not in text] == []


def test_the_workbook_opens_in_libreoffice_and_what_looks_like_a_formula_stays_text(hostile, pages, tmp_path):  # noqa: ARG001
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    ways = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", ways]
    given = hostile.parent / "out" / "actions.xlsx"
    ended = subprocess.run([*command, "--outdir", tmp_path, given], capture_output=True, text=True, check=True)
    said = [line for line in f"{ended.stdout}\n{ended.stderr}".lower().splitlines() if "javaldx" not in line]
    assert not [line for line in said if "warn" in line or "error" in line]  # that Java is missing is not of the file
    sheets = sorted(tmp_path.glob("actions-*.csv"))
    assert len(sheets) == 11
    text = "".join(path.read_text(encoding="utf-8") for path in sheets)
    assert '=HYPERLINK(""http://e.org"",""x"")' in text
    assert "#NAME?" not in text


def test_no_cell_of_a_csv_begins_a_formula(tmp_path):
    write_lookup(pd.DataFrame({"code": range(len(NAMES)), "name": NAMES}).astype("str"), tmp_path / "lookup.csv")
    with (tmp_path / "lookup.csv").open(encoding="utf-8", newline="") as stream:
        cells = [row[1] for row in csv.reader(stream)][1:]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell.removeprefix("'") for cell in cells if cell[0] != "'" or cell[1] in "=+-@"] == [
        name for name in NAMES if not name.startswith("'")
    ]


def test_a_look_up_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "lookup.csv").mkdir()
    with pytest.raises(OSError, match=r"lookup\.csv"):
        write_lookup(pd.DataFrame({"code": ["K1"], "name": ["Birke"]}, dtype="str"), tmp_path / "lookup.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["lookup.csv"]
