"""The gate that every piece of HTML and every drawing passes."""

from html.parser import HTMLParser
from xml.etree.ElementTree import Element

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from churnlab.reports.drawings import inline
from churnlab.reports.fragments import (
    ATTRIBUTES,
    ELEMENTS,
    RenderError,
    dress_tables,
    link_clients,
    parse,
    refuse_links_out,
    settle_links,
    write,
)

SPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<SCRIPT src=x>",
        "<p onclick='alert(1)'>x</p>",
        "<img alt=x src=x onerror=alert(1)>",
        "<img alt=x src='https://example.org/x.png'>",
        "<img alt=x src='//example.org/x.png'>",
        "<img alt=x src='data:image/svg+xml;base64,AA=='>",
        "<img alt=x src=local.png>",
        "<img src='data:image/png;base64,AA=='>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' JaVaScRiPt:alert(1)'>x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<iframe></iframe>",
        "<svg></svg>",
        "<form><button>x</button></form>",
        "<link rel=stylesheet href=x>",
        "<meta http-equiv=refresh>",
        "<base href=x>",
        "<p style='background:url(x)'>x</p>",
        "<p style='width:expression(1)'>x</p>",
        r"<p style='background:\75rl(x)'>x</p>",
    ],
)
def test_refuses(html):
    with pytest.raises(RenderError):
        parse(html)


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("<style>p{margin:0}</style><p>a</p>", "<p>a</p>"),
        ("<div class=answer><b>1 < 2", '<div class="answer"><b>1 &lt; 2</b></div>'),
        ("</div></div><p data-x=1 title='\"&amp;'>a</p>", '<p title="&quot;&amp;">a</p>'),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("a\u202eb<!-- c -->", "ab"),
        ("<p>a<br>b</p>", "<p>a<br>b</p>"),
    ],
)
def test_writes_again(html, written):
    assert write(parse(html)) == written


def test_ids_of_two_pieces_do_not_clash():
    html = '<p id="a" aria-labelledby="a b"><a href="#a">x</a></p>'
    expected = '<p id="o1-a" aria-labelledby="o1-a o1-b"><a href="#o1-a">x</a></p>'
    assert write(parse(html, prefix="o1-")) == expected


class _Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))


_PIECES = st.sampled_from(
    "<p> </p> <b > < script / ' \" &lt; &#60; onload= <a~href= x = <!-- --> <td> </td> <table> <style> </style> "
    "<![CDATA[ ]]> \x00 <svg <img~alt=x~src=".replace("~", "\t").split(" ")
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
@example("<style><script>alert(1)</script>")
@example("<b x='<script>alert(1)</script>'>")
def test_whatever_comes_in_only_what_is_listed_comes_out(html):
    try:
        written = write(parse(html))
    except RenderError:
        return
    seen = _Seen()
    seen.feed(written)
    seen.close()
    assert all(tag in ELEMENTS and all(name in ATTRIBUTES for name, _ in attrs) for tag, attrs in seen.tags)
    assert write(parse(written)) == written


def test_tables_get_scopes_numbers_and_a_box():
    frame = pd.DataFrame({"client": ["<b>A</b>", "C"], "risk": ["0.31 to 0.52", ""], "day": ["2025-01-01", "x"]})
    tree = parse(frame.to_html(border=1))
    assert dress_tables(tree, number=2) == 3
    written = write(tree)
    assert 'role="region" aria-label="Table 3" tabindex="0"' in written
    assert '<th scope="col" class="number">risk</th>' in written
    assert '<th scope="row"' in written
    assert "<td>&lt;b&gt;A&lt;/b&gt;</td>" in written
    assert "<td>2025-01-01</td>" in written
    assert "border" not in written


def test_cards_name_each_cell_by_its_column():
    frame = pd.DataFrame({"client": ["A"], "risk": ["31 %"]})
    tree = parse(frame.to_html(index=False, classes="cards"))
    dress_tables(tree)
    written = write(tree)
    assert 'data-label="risk">31 %</td>' in written.replace(' class="number"', "")
    assert 'role="columnheader"' in written
    assert written.count('role="row"') == 2


def test_a_caption_names_the_box():
    tree = parse("<table><caption>Whom to <b>call</b></caption><tr><th>a</th></tr></table>")
    dress_tables(tree)
    assert 'aria-label="Whom to call"' in write(tree)


def test_links_stay_inside_the_report():
    tree = parse(
        '<a href="05_x.ipynb#a">n</a> <a href="9.html">gone</a> <a href="#h">h</a> <a href="https://e.org/">s</a>'
    )
    settle_links(tree, pages={"05_x.html"}, aliases={"05_x.ipynb": "05_x.html"})
    expected = '<a href="05_x.html#a">n</a> <span>gone</span> <a href="#h">h</a> <span>s<small> (e.org/)</small></span>'
    assert write(tree) == expected


def test_outputs_may_not_link_out():
    refuse_links_out(parse('<a href="#a">x</a>'))
    with pytest.raises(RenderError, match=r"e\.org"):
        refuse_links_out(parse('<a href="https://e.org">x</a>'))


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<rect onclick="alert(1)"/>',
        '<image href="https://example.org/x.png"/>',
        '<image xlink:href="file.png"/>',
        '<rect fill="url(https://example.org/#a)"/>',
        '<rect style="fill: url(x.svg#a)"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<a href="https://example.org"><rect/></a>',
        "<style>@import 'x'</style>",
        '<use href="other.svg#a"/>',
        '<animate attributeName="href"/>',
    ],
)
def test_refuses_in_a_drawing(inside):
    with pytest.raises(RenderError):
        inline(f"<svg {SPACE}>{inside}</svg>", prefix="f1-")


@pytest.mark.parametrize("text", ["<svg", "<p/>", "<svg/>", ""])
def test_wants_svg(text):
    with pytest.raises(RenderError):
        inline(text, prefix="f1-")


def test_ids_in_a_drawing_are_its_own(drawing):
    page = Element("div")
    page.append(inline(drawing, prefix="f2-"))
    written = write(page)
    assert 'clip-path="url(#f2-clip)"' in written
    assert 'id="f2-clip"' in written
    assert '<use href="#f2-dot"' in written or 'href="#f2-dot"' in written
    assert "figure_1" not in written
    assert "n = 12 &lt; 20" in written
    assert "xmlns" not in written
    assert "<style" not in written
    assert 'viewBox="0 0 90 40"' in written


CLIENTS = "<table><tr><th>client or group</th><th>client ids</th><th>reason</th></tr>{}</table>"


def test_clients_in_tables_are_linked_to_their_pages():
    tree = parse(CLIENTS.format("<tr><td>A &lt; B</td><td>7</td><td>7</td></tr><tr><td>price</td><td>1</td></tr>"))
    link_clients(tree, files={"A < B": "clients/C-0001.html", "7": "clients/C-0007.html"})
    links = [(link.get("href"), link.text) for link in tree.iter("a")]
    assert links == [("clients/C-0001.html", "A < B")]
    assert "<td><a href" in write(tree)
    assert "A &lt; B</a></td>" in write(tree)


def test_a_cell_that_says_more_than_a_client_is_left_alone():
    tree = parse(CLIENTS.format("<tr><td>Alder (group)</td></tr><tr><td><b>Alder</b></td></tr>"))
    link_clients(tree, files={"Alder": "clients/C-0001.html"})
    assert not list(tree.iter("a"))
