"""Languages: every message is translated, figures are written as the reader writes them, and values stay values."""

import re
import shutil
from dataclasses import replace
from string import Formatter

import pandas as pd
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from churnlab.answers import words
from churnlab.answers.language import ENGLISH, LanguageError, known_languages, open_language
from churnlab.lifetime import Estimate
from churnlab.reports import catalogue, suite
from churnlab.reports.execution import Failure
from churnlab.reports.folder import UsageError
from churnlab.reports.prose import in_language, messages_of
from churnlab.reports.render import render, render_failure

TRANSLATED = known_languages()[1:]
FINNISH = open_language("fi")
NO_BREAK = "\N{NO-BREAK SPACE}"


def _read(code):
    with (catalogue.FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def _keys(messages):
    return {(message.context, message.id) for message in messages if message.id}


def _places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_that_is_said_is_missing_from_a_language_and_nothing_in_it_is_stale(code):
    said, translated = _keys(catalogue.catalogue()), _keys(_read(code))
    assert len(said) > 100
    assert said - translated == set()
    assert translated - said == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_has_a_translation_with_the_same_places(code):
    for message in _read(code):
        if not message.id:
            continue
        said, told = ([part] if isinstance(part, str) else list(part) for part in (message.id, message.string))
        assert all(told), f"not translated: {message.id}"
        assert not message.fuzzy, f"not sure: {message.id}"
        for text in told:
            assert _places(text) in [_places(one) for one in said], f"other places: {message.id}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_bringing_a_file_up_to_date_changes_nothing_in_it(code, tmp_path, monkeypatch):
    before = (catalogue.FOLDER / f"{code}.po").read_bytes()
    shutil.copy(catalogue.FOLDER / f"{code}.po", tmp_path)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    assert catalogue.update(code).read_bytes() == before


def test_a_language_can_be_begun(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    with catalogue.update("sv").open("rb") as file:
        begun = read_po(file, locale="sv")
    assert _keys(begun) == _keys(catalogue.catalogue())
    assert not any(message.string for message in begun if message.id and isinstance(message.id, str))


def test_an_unknown_language_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(LanguageError, match="expected a language of en, fi, got 'xx'"):
        open_language("xx")
    with pytest.raises(UsageError, match="en, fi"):
        suite.report(tmp_path, tmp_path / "out", lang="xx")
    assert not (tmp_path / "out").exists()


def test_finnish_figures_are_written_as_finns_write_them():
    """Reference: the Finnish standard SFS 4175 on numbers and marks."""
    assert FINNISH.percent(0.1234) == f"12{NO_BREAK}%"
    assert FINNISH.percent(0.004) == f"0,4{NO_BREAK}%"
    assert FINNISH.count(12345) == f"12{NO_BREAK}345"
    assert FINNISH.decimal(-0.6638) == "\N{MINUS SIGN}0,66"
    assert FINNISH.points(12.3) == "+12"
    assert FINNISH.money(1_234_567) == "1,23 miljoonaa"
    assert FINNISH.day(pd.Timestamp("2025-03-31")) == "31.3.2025"
    assert FINNISH.short(-7.5) == "\N{MINUS SIGN}7,5"
    assert FINNISH.interval(Estimate(26, 22, 31), FINNISH.months) == f"26 (95{NO_BREAK}%:n väli 22–31)"
    assert FINNISH.tag == FINNISH.code == "fi"


def _value(text):
    units = {"million": 1e6, "miljoonaa": 1e6, "thousand": 1e3, "tuhatta": 1e3, "%": 0.01}
    number = re.sub(r"[^\d.+-]", "", text.replace("\N{MINUS SIGN}", "-").replace(",", "."))
    return float(number) * next((times for unit, times in units.items() if unit in text), 1.0)


@given(st.floats(-1e9, 1e9, allow_subnormal=False), st.sampled_from(["money", "count", "decimal", "points", "months"]))
def test_a_figure_is_the_same_number_in_every_language(number, form):
    """Property: languages differ in writing alone, never in rounding."""
    assert _value(getattr(FINNISH, form)(number)) == _value(getattr(ENGLISH, form)(number))


@given(st.floats(-1, 1, allow_subnormal=False))
def test_a_share_is_the_same_number_in_every_language(share):
    assert _value(FINNISH.percent(share)) == _value(ENGLISH.percent(share))


@given(st.floats(-1e9, 1e9, allow_subnormal=False))
def test_english_figures_are_those_of_the_other_pages(number):
    """Reduction: in the language of the source a figure is written as on the pages that know no languages."""
    for name in ("percent", "count", "money", "decimal", "points", "months"):
        assert getattr(ENGLISH, name)(number) == getattr(words, name)(number)
    found = Estimate(number, number - 1, number + 1)
    assert ENGLISH.interval(found, ENGLISH.money) == words.interval(found, words.money)
    assert ENGLISH.compact(found, ENGLISH.decimal) == words.compact(found, words.decimal)


@pytest.mark.parametrize("name", ["{0}", "{client.__class__}", "%s %(x)s", "<b>", "}{", "{{7*7}}"])
def test_a_value_is_put_in_as_it_is(name):
    """Property: what a value says is never taken for a place or a message."""
    assert FINNISH.say("birthday of {name}", name=name) == f"syntymäpäivä: {name}"
    assert ENGLISH.say(name) == FINNISH.say(name) == name


def test_an_empty_message_is_empty():
    """A catalogue keeps its own description under the empty message."""
    assert FINNISH.say("") == ""


def test_text_cells_keep_their_shape():
    source = "## Next\n\nOne\ntwo.\n\n- first\n  item\n- second"
    assert [text for _, text in messages_of(source)] == ["Next", "One two.", "first item", "second"]
    assert in_language("## Next\n\nOne.\n\n- first\n- second", FINNISH) == "## Seuraava\n\nOne.\n\n- first\n- second"
    assert in_language(source, ENGLISH) == source


@pytest.mark.parametrize(
    ("name", "lang", "notice"), [("04_who_is_at_risk", "en-GB", True), ("10_summary", "fi", False)]
)
def test_other_pages_stay_english_and_say_so_in_the_readers_language(site, shown, name, lang, notice):
    page = render(shown({"text/html": "<p>12</p>"}), name=name, site=replace(site, language=FINNISH))
    assert f'<html lang="{lang}">' in page
    assert ('<p class="notice" lang="fi">Tämä sivu on englanniksi' in page) == notice
    assert ("Kaikki sivut" in page) != notice
    assert "--lang fi" in page


def test_a_page_that_failed_says_so_in_the_readers_language(site):
    failure = Failure("10_summary", 7, "KeyError", "'<b>{x}'", "Traceback")
    page = render_failure(failure, name="10_summary", site=replace(site, language=FINNISH))
    assert "pysähtyi solussa 7 virheeseen <code>KeyError</code>:" in page
    assert "&lt;b&gt;{x}" in page


def test_in_english_nothing_is_said_of_languages(site, shown):
    page = render(shown({"text/html": "<p>12</p>"}), name="10_summary", site=site)
    assert "hreflang" not in page
    assert "--lang" not in page
