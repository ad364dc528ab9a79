"""Pieces of HTML: parsed, checked against a list of what a page may hold, and written again.

Markdown cells and the HTML that cells put out pass through the same gate. Only listed elements and attributes
reach a page, each written by us, so that nothing a data file holds can become markup; a page asks the
network for nothing. What would be dangerous is an error, what is merely useless here is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, tostring

from churnlab.answers.language import ENGLISH, Language

ELEMENTS = frozenset(
    {
        *(
            "a",
            "abbr",
            "b",
            "br",
            "cite",
            "code",
            "del",
            "dfn",
            "em",
            "i",
            "img",
            "ins",
            "kbd",
            "mark",
            "q",
            "s",
        ),
        *("samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"),
        *(
            "blockquote",
            "details",
            "div",
            "dd",
            "dl",
            "dt",
            "figcaption",
            "figure",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
        ),
        *("section", "summary", "ul", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
"""Elements that a page may hold."""

ATTRIBUTES = frozenset(
    {
        *("alt", "aria-describedby", "aria-hidden", "aria-label", "aria-labelledby", "class", "colspan"),
        *("datetime", "dir", "headers", "href", "id", "lang", "open", "role", "rowspan", "scope", "src"),
        *("start", "style", "tabindex", "title", "value"),
    }
)
"""Attributes that a page may hold; others are dropped, those that run code are an error."""

_VOID = frozenset({"br", "hr", "img", "wbr"})
_DROPPED = frozenset({"style", "input", "colgroup", "col"})
_REFERENCES = ("aria-labelledby", "aria-describedby", "headers")
_ADDRESS = re.compile(r"^\s*([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_PICTURE = re.compile(r"^data:image/png;base64,[A-Za-z0-9+/=\s]+$")
_STYLE = re.compile(r"^[\w\s.,:;%#()+*/'\"-]*$")
_NUMBER = re.compile(r"^(?!\d{4}-\d\d)[^A-Za-z]*\d[^A-Za-z]*( to [^A-Za-z]*\d[^A-Za-z]*)?%?$")
_UNITS = re.compile(r" (thousand|million)\b")
_LONG = 24
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
_NO_NUMBER = ("", "NaN", "-", "\N{EN DASH}")
_CLIENT_HEADER = r"\b{client}\b(?! ids?\b)"
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class RenderError(Exception):
    """An output that must not, or cannot, stand on a page.

    Attributes
    ----------
    cell
        Number of the cell that put it out, from 1; None as long as that is not known.
    """

    cell: int | None = None


def parse(html: str, *, prefix: str = "") -> Element:
    """Read a piece of HTML into a tree that holds only what a page may hold.

    Parameters
    ----------
    html
        A piece of HTML, well formed or not.
    prefix
        Put before every id and every reference to one, so that ids of two pieces do not clash.

    Returns
    -------
    Element
        A ``div`` with the piece inside; elements left open are closed.

    Raises
    ------
    RenderError
        If it holds a script, an attribute that runs code, an element that is not on the list, or takes
        anything from the network.
    """
    reader = _Reader(prefix)
    reader.feed(html)
    reader.close()
    return reader.tree()


def write(element: Element) -> str:
    """Write what is inside a tree as HTML.

    Parameters
    ----------
    element
        A tree as `parse` returns it.

    Returns
    -------
    str
        HTML in which every text and attribute is escaped; the outermost element itself is left out.
    """
    whole = tostring(element, encoding="unicode", method="html", short_empty_elements=False)
    return whole[whole.index(">") + 1 : whole.rindex("<")]


def text_of(element: Element) -> str:
    """Return the text inside a tree, white space reduced.

    Parameters
    ----------
    element
        Any tree.

    Returns
    -------
    str
        The text.
    """
    return " ".join("".join(element.itertext()).split())


def dress_tables(element: Element, *, number: int = 0, language: Language = ENGLISH) -> int:
    """Give the tables of a tree scopes, aligned numbers and a box to scroll in, in place.

    Parameters
    ----------
    element
        A tree as `parse` returns it.
    number
        How many tables the page already holds.
    language
        Of the page.

    Returns
    -------
    int
        How many it holds now.
    """
    for parent in list(element.iter()):
        for position, child in enumerate(list(parent)):
            if child.tag == "table" and parent.get("class") != "scroll":
                number += 1
                _dress(child)
                caption = child.find("caption")
                label = language.say("Table {number}", number=number) if caption is None else text_of(caption)
                box = Element("div", {"class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"})
                box.tail, child.tail = child.tail, None
                box.append(child)
                parent[position] = box
    return number


def settle_links(element: Element, *, pages: Collection[str], aliases: dict[str, str]) -> None:
    """Point links between notebooks at their pages, and turn links out of the report into text, in place.

    Parameters
    ----------
    element
        A tree as `parse` returns it.
    pages
        Files of the report.
    aliases
        File of the page of each notebook's file.
    """
    for link in element.iter("a"):
        target = link.get("href", "")
        file, mark, fragment = target.partition("#")
        file = aliases.get(file, file)
        if not target or (not file and mark) or file in pages:
            link.set("href", file + mark + fragment)
            continue
        link.tag = "span"
        del link.attrib["href"]
        shown = re.sub(r"^(https?:)?//", "", target)
        if _ADDRESS.match(target) and shown not in text_of(link) and target not in text_of(link):
            SubElement(link, "small").text = f" ({shown})"


def link_clients(element: Element, *, files: Mapping[str, str], language: Language = ENGLISH) -> None:
    """Link clients that tables name to the pages that tell more of them, in place.

    Parameters
    ----------
    element
        A tree as `parse` returns it.
    files
        File by what tables call the client. Only cells that say nothing else are linked, in columns whose header
        speaks of a client.
    language
        Of the page.
    """
    header = re.compile(_CLIENT_HEADER.format(client=re.escape(language.say("client"))), re.IGNORECASE)
    for table in element.iter("table") if files else ():
        rows = [list(row) for row in table.iter("tr")]
        named = [place for place, cell in enumerate(rows[0]) if header.search(text_of(cell))] if rows else []
        for cell in (row[place] for row in rows[1:] for place in named if place < len(row)):
            if len(cell) == 0 and (file := files.get(text_of(cell))):
                link = SubElement(cell, "a", {"href": file})
                link.text, cell.text = cell.text, None


def refuse_links_out(element: Element) -> None:
    """Refuse a link to anything outside the report.

    Parameters
    ----------
    element
        A tree as `parse` returns it, made from what a cell put out.

    Raises
    ------
    RenderError
        If a link has an address with a scheme or a host.
    """
    for link in element.iter("a"):
        if _ADDRESS.match(link.get("href", "")):
            message = f"what a cell puts out may not link to {link.get('href', '')[:60]!r}: give it as text"
            raise RenderError(message)


class _Reader(HTMLParser):
    """Builds a tree out of HTML, refusing what must not stand on a page."""

    def __init__(self, prefix: str) -> None:
        super().__init__(convert_charrefs=True)
        self._prefix = prefix
        self._builder = TreeBuilder()
        self._builder.start("div", {})
        self._open: list[str] = []
        self._dropping = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropping or tag in _DROPPED:
            self._dropping = self._dropping or (tag if tag == "style" else "")
            return
        if tag not in ELEMENTS:
            message = f"a page may not hold the element <{tag}>"
            raise RenderError(message)
        self._builder.start(tag, _attributes(tag, attrs, prefix=self._prefix))
        if tag in _VOID:
            self._builder.end(tag)
        else:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping == tag:
            self._dropping = ""
        elif tag in self._open and not self._dropping:
            while self._open:
                last = self._open.pop()
                self._builder.end(last)
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._builder.data(_HIDDEN.sub("", data))

    def tree(self) -> Element:
        """Close what is open and return the tree."""
        while self._open:
            self._builder.end(self._open.pop())
        self._builder.end("div")
        root: Element = self._builder.close()
        return root


def _attributes(tag: str, attrs: list[tuple[str, str | None]], *, prefix: str) -> dict[str, str]:
    """Keep the attributes that a page may hold."""
    kept: dict[str, str] = {}
    for name, given in attrs:
        value = given or ""
        if name.startswith("on") or name in ("srcset", "srcdoc", "formaction", "ping"):
            message = f"a page may not hold the attribute {name!r} of <{tag}>"
            raise RenderError(message)
        _check_address(tag, name, value)
        if name not in ATTRIBUTES:
            continue
        if name == "id":
            value = prefix + value
        elif name in _REFERENCES:
            value = " ".join(prefix + reference for reference in value.split())
        elif name == "href" and value.startswith("#"):
            value = f"#{prefix}{value[1:]}"
        kept[name] = value
    if tag == "img" and not kept.get("alt", "").strip():
        message = "a picture has no text in its place: give it an alt text"
        raise RenderError(message)
    return kept


def _check_address(tag: str, name: str, value: str) -> None:
    """Refuse whatever would load something or run code."""
    if name == "src" and not _PICTURE.match(value):
        message = f"a page takes nothing from elsewhere, and <{tag} src={value[:60]!r}> would: embed it as PNG"
        raise RenderError(message)
    bare = re.sub(r"[\x00-\x20]", "", value)  # a browser reads an address without them
    if name == "href" and _ADDRESS.match(bare) and not re.match(r"^(https?:)?//", bare, re.IGNORECASE):
        message = f"a page may not hold the address {value[:60]!r}"
        raise RenderError(message)
    if name == "style" and (not _STYLE.match(value) or re.search(r"url|expression|import", value, re.IGNORECASE)):
        message = f"a page may not hold the style {value[:60]!r}"
        raise RenderError(message)


def _dress(table: Element) -> None:
    """Give header cells a scope, and each column a class that says what it holds."""
    rows = [(row, part.tag) for part in (table, *table) for row in part.findall("tr")]
    for row, part in rows:
        for cell in row.findall("th"):
            cell.attrib.setdefault("scope", "col" if part == "thead" or row.find("td") is None else "row")
        row.attrib.pop("style", None)
    columns: dict[int, list[Element]] = {}
    for position, cell in _cells(row for row, _ in rows):
        columns.setdefault(position, []).append(cell)
    if "cards" in table.get("class", "").split():
        _name_cells(table, rows, columns)
    for cells in columns.values():
        kind = _kind([text_of(cell) for cell in cells if cell.tag == "td"])
        for cell in cells if kind else []:
            cell.set("class", f"{cell.get('class', '')} {kind}".strip())


def _name_cells(table: Element, rows: list[tuple[Element, str]], columns: dict[int, list[Element]]) -> None:
    """Write beside each cell what its column is called, and what is what where a table is not shown as one."""
    table.set("role", "table")
    for part in (*table.findall("thead"), *table.findall("tbody")):
        part.set("role", "rowgroup")
    for row, _ in rows:
        row.set("role", "row")
    for cells in columns.values():
        for cell in cells:
            cell.set("role", "columnheader" if cell.tag == "th" else "cell")
            if cell.tag == "td" and cells[0].tag == "th":
                cell.set("data-label", text_of(cells[0]))


def _kind(texts: list[str]) -> str:
    """Tell what a column holds: numbers, dates, long texts, or none of these."""
    some = [text for text in texts if text not in _NO_NUMBER]
    if some and all(_NUMBER.match(_UNITS.sub("", text)) for text in some):
        return "number words" if any(len(text) > _LONG for text in some) else "number"
    if some and all(_DATE.match(text) for text in some):
        return "date"
    return "words" if any(len(text) > _LONG for text in some) else ""


def _cells(rows: Iterator[Element]) -> Iterator[tuple[int, Element]]:
    """Yield the position and the cell, for rows without spanning cells; a cell that spans is passed over."""
    for row in rows:
        position = 0
        for cell in row:
            span = cell.get("colspan", "1")
            if span == "1":
                yield position, cell
            position += int(span) if span.isdigit() else 1
