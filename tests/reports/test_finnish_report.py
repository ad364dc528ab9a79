"""The summary and the workbook of the sample in Finnish: nothing English is left, and the figures are the same."""

import ast
import re
from collections import Counter
from gettext import NullTranslations
from html import unescape
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from churnlab import answers
from churnlab.answers import tabulate_calls
from churnlab.answers.language import ENGLISH, Language, open_language
from churnlab.reports import catalogue, show
from churnlab.reports.execution import execute
from churnlab.reports.notebooks import SUMMARY, choose, read, title, with_parameters, with_truth, without_truth_source
from churnlab.reports.prose import in_language
from churnlab.reports.render import Entry, Site, render
from churnlab.reports.workbook import write_actions

pytestmark = pytest.mark.xdist_group("sample")

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data/sample"
FINNISH = open_language("fi")
ENGLISH_WORDS = re.compile(
    r"\b(the|of|and|with|that|which|within|clients?|is|are|was|were|we|not|for|from|this|these|those|has|have|had|what|who|"
    r"whom|how|when|where|their|there|they|can|cannot|could|would|will|be|been|more|less|than|least|most|last|first|by|"
    r"at|to|in|as|or|if|its?|days?|months?|years?|risk|sales|value|orders?|calls?|pages?|sheet|column|said|asked|"
    r"answered|never|nobody|leaving|silent|interval|range)\b"
)
UNITS = {"million": 1e6, "miljoonaa": 1e6, "thousand": 1e3, "tuhatta": 1e3}


@pytest.fixture(scope="module")
def study():
    return answers.open_study(SAMPLE)


@pytest.fixture(scope="module")
def page(study, tmp_path_factory):
    """The page of the summary in Finnish, with what was true."""
    path = choose(SUMMARY)[0]
    notebook = with_truth(read(path), SAMPLE)
    given = {"data": str(study.folder), "lang": "fi"}
    ended = execute(with_parameters(notebook, given), folder=tmp_path_factory.mktemp("kernel"), name=SUMMARY)
    assert ended.failure is None, ended.failure
    without_truth_source(ended.notebook)
    others = [Entry(one.stem, f"{one.stem}.html", title(read(one))) for one in choose() if one != path]
    site = Site(
        entries=(Entry(SUMMARY, "index.html", title(notebook)), *others),
        source="sample",
        fingerprint=study.tables.fingerprint,
        as_of=study.as_of.date().isoformat(),
        seed=1,
        version="0",
        workbook="actions.xlsx",
        words="words/words.html",
        language=FINNISH,
    )
    return render(ended.notebook, name=SUMMARY, site=site)


@pytest.fixture(scope="module")
def books(study, tmp_path_factory):
    """The workbook in English and in Finnish."""
    made = {}
    for language in (ENGLISH, FINNISH):
        path = tmp_path_factory.mktemp("book") / "actions.xlsx"
        notes = answers.action_notes(study, language)
        write_actions(path, answers.action_sheets(study, language), about=notes, language=language)
        made[language.code] = openpyxl.load_workbook(path)
    return made


def _english(text, names):
    """English words in a text, apart from names."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return sorted(set(ENGLISH_WORDS.findall(text.lower())))


def _names(study):
    lines = study.tables.orders["product_line"].dropna().unique()
    return {*(study.label(one) for one in study.tables.orders["client_id"].unique()), *map(str, lines)}


def _shown(html):
    """Text of a page without its head and the command in its foot."""
    body = re.sub(r"<svg.*?</svg>|<code>.*?</code>", " ", html[html.index("<body>") :], flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body))


def _drawn(html):
    return " ".join(re.findall(r"<text[^>]*>(.*?)</text>", html))


def _numbers(text):
    """Figures of a text, whatever the language writes them like: times their units, days apart."""
    text = text.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", "_")
    days = re.findall(r"\d{4}-\d\d-\d\d", text)
    days += [
        f"{year}-{int(month):02d}-{int(day):02d}" for day, month, year in re.findall(r"(\d+)\.(\d+)\.(\d{4})", text)
    ]
    text = re.sub(r"\d{4}-\d\d-\d\d|\d+\.\d+\.\d{4}", " ", text)
    text = re.sub(r"(?<=\d)_(?=\d{3})", "", text)
    figures = [float(found.replace(",", ".")) for found in re.findall(r"(?<![\w-])-?\d+(?:[.,]\d+)?", text)]
    units = Counter(UNITS[word] for word in re.findall("|".join(UNITS), text))
    return Counter(days), Counter(map(abs, figures)), units


def test_nothing_english_is_left_on_the_page(page, study):
    assert '<html lang="fi">' in page
    for text in (_shown(page), _drawn(page)):
        assert _english(text, _names(study)) == []
    assert "emme osaa" in page.lower()
    assert _english("The risk of leaving", set()) == ["leaving", "of", "risk", "the"]


def test_the_page_says_that_the_others_are_english(page):
    links = re.findall(r'<a href="0\d_\w+\.html"([^>]*)>', page)
    assert len(links) >= 9
    assert page.count('hreflang="en-GB"') >= 9


def test_the_summary_tells_the_same_figures_in_both_languages(study):
    """Property: sentence by sentence, cell by cell."""
    said, told = (answers.summarise(study, language) for language in (ENGLISH, FINNISH))
    pairs = [
        (said.headline, told.headline), (said.calls_caption, told.calls_caption), (said.calls_lead, told.calls_lead),
        (said.money, told.money), (said.riskiest_caption, told.riskiest_caption), (said.policies, told.policies),
        (said.changed_title, told.changed_title),
    ]  # fmt: skip
    for name in ("sentences", "sure", "changed", "cannot_say"):
        pairs += zip(getattr(said, name), getattr(told, name), strict=True)
    for one, other in zip(said.figures, told.figures, strict=True):
        pairs += [(one.label, other.label), (one.value, other.value), (one.note, other.note)]
    for name, picture in said.pictures.items():
        pairs += zip(
            (picture.title, picture.caption, picture.alt),
            (told.pictures[name].title, told.pictures[name].caption, told.pictures[name].alt),
            strict=True,
        )
    for lay_out in (tabulate_calls.first_calls, tabulate_calls.riskiest):
        frames = (lay_out(said, study.label, ENGLISH), lay_out(told, study.label, FINNISH))
        pairs += zip(*(frame.to_numpy().ravel() for frame in frames), strict=True)
    assert len(pairs) > 100
    for english, finnish in pairs:
        (days, figures, units), (other_days, other_figures, other_units) = _numbers(english), _numbers(finnish)
        assert days == other_days, finnish
        assert set(figures) ^ set(other_figures) <= {10.0, 0.0}, finnish  # "0 to 10" may be "of 10"
        assert set(units) == set(other_units), finnish


def test_nothing_english_is_left_in_the_workbook(books, study):
    names = _names(study) | {column.name for table in answers_contract() for column in table.columns}
    names |= {table.name for table in answers_contract()}
    for sheet in books["fi"]:
        assert len(sheet.title) <= 31
        texts = {str(cell.value) for row in sheet for cell in row if isinstance(cell.value, str)}
        left = {text: _english(text, names) for text in texts}
        assert {text: words for text, words in left.items() if words and not text.endswith(".csv")} == {}


def answers_contract():
    from churnlab.tables import CONTRACT  # noqa: PLC0415 -- beside its one use

    return CONTRACT.values()


def test_the_workbook_holds_the_same_figures_in_both_languages(books):
    english, finnish = books["en"], books["fi"]
    assert len(english.sheetnames) == len(finnish.sheetnames) == len(set(finnish.sheetnames))
    for one, other in zip(english, finnish, strict=True):
        assert one.dimensions == other.dimensions
        for rows in zip(one.iter_rows(), other.iter_rows(), strict=True):
            for cell, told in zip(*rows, strict=True):
                assert cell.data_type == told.data_type
                if not isinstance(cell.value, str):
                    assert (cell.value, cell.number_format) == (told.value, told.number_format)


class _Noting(NullTranslations):
    """Says English, and notes what was said."""

    def __init__(self):
        super().__init__()
        self.said = set()

    def gettext(self, message):
        self.said.add(message)
        return message

    def ngettext(self, msgid1, msgid2, n):
        self.said.add((msgid1, msgid2))
        return msgid1 if n == 1 else msgid2


def test_whatever_is_said_is_in_the_catalogue(study):
    """Property: also what no extractor sees, such as words that are said from a variable."""
    noting = _Noting()
    language = Language("sv", noting)
    answers.summarise(study, language)
    answers.action_sheets(study, language)
    answers.action_notes(study, language)
    for cell in read(choose(SUMMARY)[0]).cells:
        if cell.cell_type == "markdown":
            in_language(cell.source, language)
    known = {message.id for message in catalogue.catalogue()}
    names = {str(one) for one in study.tables.orders["product_line"].dropna().unique()}
    assert len(noting.said) > 200
    assert {said for said in noting.said if said not in known and said not in names} == set()


def test_no_message_hides_from_the_extractor():
    """Reduction: every literal that is said, by the syntax tree, is a message of the catalogue."""
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue.catalogue()}
    said = []
    for floor in ("answers", "plots", "reports"):
        for file in (ROOT / "src/churnlab" / floor).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                called = getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", ""))
                if called in catalogue.KEYWORDS and node.args:
                    message = node.args[1 if called == "say_of" else 0]
                    if isinstance(message, ast.Constant):
                        said.append(message.value)
    assert len(said) > 200
    assert [message for message in said if message and message not in known] == []


def test_names_stay_text_in_finnish(study):
    """Property: a name that looks like markup, a place or a message is put in as it is."""
    hostile = "<script>{0}</script> {client.x} %s"
    summary = answers.summarise(study, FINNISH)
    table = tabulate_calls.first_calls(summary, lambda _: hostile, FINNISH)
    assert set(table["asiakas"]) == {hostile}
    html = show.table(table, caption=summary.calls_caption).html
    assert "<script" not in html
    assert "{client.x} %s" in html
    assert pd.Series(FINNISH.say("{risk} at {client}", risk="1", client=hostile)).str.endswith(hostile).all()
