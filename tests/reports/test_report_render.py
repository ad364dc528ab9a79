"""A page: self-contained, in order, with words for every figure."""

import re
from dataclasses import replace

import pytest
from nbformat import v4

from churnlab.reports.execution import Failure
from churnlab.reports.fragments import RenderError
from churnlab.reports.render import render, render_failure

NAME = "04_who_is_at_risk"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LOADS = re.compile(
    r"""(src|href|action|data)\s*=\s*["']?\s*(https?:)?//|url\(|@import|<script|\son\w+=""", re.IGNORECASE
)


def _svg(drawing, alt="Risk rises with silence, n = 12"):
    return {"image/svg+xml": drawing, "text/plain": alt}, {"image/svg+xml": {"alt": alt}}


def test_a_page_is_whole_and_loads_nothing(shown, drawing, site):
    page = render(shown(*_svg(drawing)), name=NAME, site=site)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert page.count("<h1") == 1
    assert not LOADS.search(page.replace("url(#f1-clip)", ""))
    assert "churnlab report DATA --out OUT --as-of 2025-04-01 --seed 1" in page
    assert '<a href="index.html">What is the matter?</a>' in page
    assert 'aria-current="page">Who is at risk?' in page
    assert page.count("Show the code") == 1


def test_a_figure_carries_its_words(shown, drawing, site):
    page = render(shown(*_svg(drawing, alt='Of 12, "3" < 5')), name=NAME, site=site)
    assert '<figure role="img" aria-label="Of 12, &quot;3&quot; < 5" tabindex="0" class="narrow"><svg' in page
    assert '<figcaption>Figure 1. Of 12, "3" &lt; 5</figcaption>' in page


def test_a_caption_stands_below_a_figure_whose_words_are_told_beside_it(shown, drawing, site):
    words = {"image/svg+xml": {"alt": "It rises.", "caption": "How to read it."}}
    page = render(shown({"image/svg+xml": drawing}, words), name=NAME, site=site)
    assert 'aria-label="It rises."' in page
    assert 'class="narrow"' in page
    assert "<figcaption>Figure 1. How to read it.</figcaption>" in page


def test_a_cell_without_its_code_shows_what_it_puts_out(shown, site):
    notebook = shown({"text/html": "<h2>Since then</h2>"})
    notebook.cells[1].metadata["tags"] = ["remove-input"]
    page = render(notebook, name=NAME, site=site)
    assert '<h2 id="since-then">Since then</h2>' in page
    assert "Show the code" not in page


def test_a_page_links_to_the_workbook_only_where_there_is_one(shown, site):
    notebook = shown({"text/plain": "1"})
    notebook.cells[0].source = "# Title\n\n[the workbook](actions.xlsx)"
    link = '<a href="actions.xlsx">the workbook</a>'
    assert link in render(notebook, name=NAME, site=replace(site, workbook="actions.xlsx"))
    assert link not in render(notebook, name=NAME, site=site)


@pytest.mark.parametrize("kind", ["image/svg+xml", "image/png"])
def test_a_figure_without_words_is_an_error(shown, drawing, site, kind):
    data = {kind: drawing if "svg" in kind else PIXEL, "text/plain": "<Figure>"}
    for metadata in ({}, {kind: {"alt": ""}}, {kind: {"alt": "  "}}):
        with pytest.raises(RenderError, match=rf"notebook {NAME}, cell 2: .*alt text") as caught:
            render(shown(data, metadata), name=NAME, site=site)
        assert caught.value.cell == 2


def test_a_picture_is_embedded(shown, site):
    page = render(shown({"image/png": PIXEL}, {"image/png": {"alt": "A point"}}), name=NAME, site=site)
    assert f'<img alt="A point" src="data:image/png;base64,{PIXEL}">' in page


def test_two_figures_do_not_share_ids(shown, drawing, site):
    notebook = shown(*_svg(drawing))
    notebook.cells[1].outputs *= 2
    page = render(notebook, name=NAME, site=site)
    marks = re.findall(r'\sid="([^"]+)"', page)
    assert len(marks) == len(set(marks))
    assert {"f1-clip", "f2-clip"} <= set(marks)


@pytest.mark.parametrize("html", ["<script>1</script>", "<p onclick=x>", "<img alt=a src=https://e.org/a.png>"])
def test_a_script_in_an_output_is_an_error(shown, site, html):
    with pytest.raises(RenderError, match=f"notebook {NAME}, cell 2"):
        render(shown({"text/html": html}), name=NAME, site=site)


def test_a_link_out_of_an_output_is_an_error(shown, site):
    with pytest.raises(RenderError, match=f"notebook {NAME}, cell 2"):
        render(shown({"text/html": "<a href='https://e.org'>x</a>"}), name=NAME, site=site)


def test_computed_markdown_shows_markup_as_text(shown, site):
    page = render(shown({"text/markdown": "**Firm** <script>alert(1)</script>"}), name=NAME, site=site)
    assert "<strong>Firm</strong> &lt;script&gt;" in page


def test_plain_text_is_escaped(shown, site):
    page = render(shown({"text/plain": "<script>\x1b[31mred\x1b[0m"}), name=NAME, site=site)
    assert '<pre class="result" tabindex="0">&lt;script&gt;red</pre>' in page


def test_only_javascript_cannot_be_shown(shown, site):
    with pytest.raises(RenderError, match="application/javascript"):
        render(shown({"application/javascript": "alert(1)"}), name=NAME, site=site)


def test_a_widget_is_left_out(shown, site):
    data = {"application/vnd.jupyter.widget-view+json": "{}", "text/plain": "IntSlider(value=3)"}
    assert "IntSlider" not in render(shown(data), name=NAME, site=site)


def test_a_warning_is_shown_as_a_notice(shown, site):
    notebook = shown({"text/plain": "1"})
    notebook.cells[1].outputs = [v4.new_output("stream", name="stderr", text="few events\n")]
    assert "This step gave a warning:</p><pre" in render(notebook, name=NAME, site=site)


def test_contents_come_from_headings(site):
    cells = [v4.new_markdown_cell("# Title")]
    cells += [v4.new_markdown_cell(f"## {text}\n### Detail") for text in ("Recap", "Recap", "*Next* <b>x</b>")]
    page = render(v4.new_notebook(cells=cells), name=NAME, site=site)
    assert re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', page) == [
        ("recap", "Recap"),
        ("recap-2", "Recap"),
        ("next-x", "Next x"),
    ]
    assert '<h2 id="recap-2">' in page


@pytest.mark.parametrize("sources", [["text"], ["## Second"], ["# A", "# B"], ["# A", "### C"], ["# A\n\n# B"]])
def test_headings_are_in_order(site, sources):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(source) for source in sources])
    with pytest.raises(RenderError, match=f"notebook {NAME}.*heading"):
        render(notebook, name=NAME, site=site)


def test_remote_pictures_in_markdown_are_refused(site):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# A\n\n![x](https://e.org/x.png)")])
    with pytest.raises(RenderError, match="cell 1"):
        render(notebook, name=NAME, site=site)


def test_rendering_twice_gives_the_same_bytes(shown, drawing, site):
    notebook = shown(*_svg(drawing))
    assert render(notebook, name=NAME, site=site) == render(notebook, name=NAME, site=site)


def test_a_failure_page_says_what_happened_and_links_on(site):
    failure = Failure(NAME, 7, "KeyError", "'<b>'", "Traceback\n<b>")
    page = render_failure(failure, name=NAME, site=site)
    assert "stopped at cell 7 with <code>KeyError</code>" in page
    assert "&#39;&lt;b&gt;&#39;" in page
    assert 'href="index.html"' in page
    assert page.count("<h1") == 1
    assert not LOADS.search(page)
