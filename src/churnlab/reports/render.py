"""One executed notebook as one self-contained page.

The page needs no script and asks the network for nothing, which its Content-Security-Policy also says. Code
is folded away, figures carry their words, tables have scopes and their own box to scroll in. HTML put out by
a notebook may use these classes: ``answer`` (the finding of the page, its ``first`` sentence large),
``cannot-tell`` (too little data to say), ``tiles`` around several ``tile`` (a ``strong`` number between
a paragraph that names it and one with its interval).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from churnlab.answers.language import ENGLISH, Language, mark
from churnlab.reports.drawings import framed, inline
from churnlab.reports.execution import Failure, plain
from churnlab.reports.fragments import (
    RenderError,
    dress_tables,
    link_clients,
    parse,
    refuse_links_out,
    settle_links,
    text_of,
    write,
)
from churnlab.reports.notebooks import SUMMARY, WIDGET
from churnlab.reports.prose import in_language

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PREFERRED = ("text/html", "image/svg+xml", "image/png", "text/markdown", "text/plain")
_IN_ENGLISH = Markup(' hreflang="en-GB"')
_NOT_TRANSLATED = mark("This page is in English; the summary and the workbook are in your language.")
HIDDEN_TAG = "remove-input"
"""A cell so tagged shows on a page without its code; the name is Jupyter Book's."""

DOSSIERS = "clients"
"""Folder of the pages of single clients."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the report, as the other pages link to it.

    Attributes
    ----------
    name
        Name of its notebook, without ending.
    file
        Name of the page's file.
    title
        Its question.
    """

    name: str
    file: str
    title: str


@dataclass(frozen=True, slots=True)
class _Block:
    """A stretch of a page: code, folded, and what stands below it."""

    cells: str
    code: tuple[str, ...]
    html: str
    opens_section: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What every page of a report shares.

    Attributes
    ----------
    entries
        The pages, in the order in which they are listed.
    source
        What the data are called.
    fingerprint
        Hash of the data.
    as_of
        Cut-off date in ISO form.
    seed
        Seed of every draw.
    version
        Version of churnlab.
    names
        Whether the pages show clients' names.
    dossiers
        File, in the folder of dossiers, by what pages call the client.
    workbook
        File of the workbook of actions; empty where there is none.
    words
        File of the page of words; empty where there is none.
    language
        In which the summary is written; all other pages are in English.
    """

    entries: tuple[Entry, ...]
    source: str
    fingerprint: str
    as_of: str
    seed: int
    version: str
    names: bool = False
    dossiers: Mapping[str, str] = field(default_factory=dict)
    workbook: str = ""
    words: str = ""
    language: Language = ENGLISH

    @property
    def command(self) -> str:
        """Return the command that makes the report again, with DATA and OUT to fill in."""
        names = " --names" if self.names else ""
        lang = "" if self.language.is_source else f" --lang {self.language.code}"
        return f"churnlab report DATA --out OUT --as-of {self.as_of} --seed {self.seed}{names}{lang}"

    def language_of(self, name: str) -> Language:
        """Return the language of a page, by the name of its notebook."""
        return self.language if name == SUMMARY else ENGLISH


def render(notebook: NotebookNode, *, name: str, site: Site) -> str:
    """Make a page of an executed notebook.

    Parameters
    ----------
    notebook
        An executed notebook; it is not changed.
    name
        Name of the notebook, without ending; one of the site's entries.
    site
        What the pages share.

    Returns
    -------
    str
        A whole HTML document, the same for the same notebook and site.

    Raises
    ------
    RenderError
        If a figure has no alt text, an output holds a script or takes something from the network, or the
        headings are not in order; it names the notebook and the cell.
    """
    page = _Page(site, site.language_of(name))
    for number, cell in enumerate(notebook.cells, start=1):
        try:
            page.add(cell, number=number)
        except RenderError as error:
            named = RenderError(f"notebook {name}, cell {number}: {error}")
            named.cell = number
            raise named from error
    try:
        contents = page.settle()
    except RenderError as error:
        message = f"notebook {name}: {error}"
        raise RenderError(message) from error
    entry, steps = _entry(name, site)
    return _document("page.html.j2", entry=entry, steps=steps, site=site, blocks=page.blocks(), contents=contents)


def render_failure(failure: Failure, *, name: str, site: Site) -> str:
    """Make the page of a notebook that could not be shown.

    Parameters
    ----------
    failure
        Why.
    name
        Name of the notebook, without ending; one of the site's entries.
    site
        What the pages share.

    Returns
    -------
    str
        A whole HTML document, which says what happened and links to the other pages.
    """
    entry, steps = _entry(name, site)
    return _document("failure.html.j2", entry=entry, steps=steps, site=site, failure=failure)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page of a single client.

    Attributes
    ----------
    title
        Its heading; empty for none.
    html
        What stands there, as it has passed the gate.
    """

    title: str
    html: str


def render_client(
    entry: Entry, sections: Sequence[Section], *, site: Site, steps: tuple[Entry | None, Entry | None]
) -> str:
    """Make the page of a single client, which lies in the folder of dossiers.

    Parameters
    ----------
    entry
        The page.
    sections
        What stands on it.
    site
        What the pages share.
    steps
        Pages before and after it in the same folder.

    Returns
    -------
    str
        A whole HTML document.
    """
    return _document("client.html.j2", entry=entry, steps=steps, site=site, root="../", sections=sections)


class _Page:
    """The cells of one page as trees, with the counts that run through it."""

    def __init__(self, site: Site, language: Language) -> None:
        self._language = language
        self._cells: list[tuple[int, str, Element]] = []
        self._files = {entry.file for entry in site.entries} | ({site.workbook} if site.workbook else set())
        self._dossiers = {label: f"{DOSSIERS}/{file}" for label, file in site.dossiers.items()}
        self._aliases = {f"{entry.name}.ipynb": entry.file for entry in site.entries}
        self._figures = 0
        self._tables = 0
        self._outputs = 0

    def add(self, cell: NotebookNode, *, number: int) -> None:
        """Take in a cell, refusing what must not stand on a page."""
        if cell.cell_type == "markdown":
            tree = parse(_markdown(in_language(cell.source, self._language), escape=False))
            code = ""
        elif cell.cell_type == "code" and cell.source.strip():
            tree = Element("div")
            code = "" if HIDDEN_TAG in cell.metadata.get("tags", []) else cell.source.strip("\n")
            for output in cell.get("outputs", []):
                tree.append(self._output(output))
        else:
            return
        self._tables = dress_tables(tree, number=self._tables, language=self._language)
        settle_links(tree, pages=self._files, aliases=self._aliases)
        link_clients(tree, files=self._dossiers, language=self._language)
        self._cells.append((number, code, tree))

    def settle(self) -> tuple[dict[str, str], ...]:
        """Check the headings, give them ids, and return the list of contents."""
        depth = 0
        contents: list[dict[str, str]] = []
        taken: set[str] = {element.get("id", "") for _, _, tree in self._cells for element in tree.iter()}
        for number, _, tree in self._cells:
            for heading in (element for element in tree.iter() if element.tag in _HEADINGS):
                level = int(heading.tag[1])
                if level > depth + 1 or (level == 1 and depth):
                    message = (
                        f"cell {number}: the heading {text_of(heading)!r} is of level {level} and "
                        f"follows level {depth}: a page has one heading of level 1, at its top, and skips no level"
                    )
                    raise RenderError(message)
                depth = level
                mark = heading.get("id") or _free(_slug(text_of(heading)), taken)
                heading.set("id", mark)
                if level == 2:
                    contents.append({"mark": mark, "text": text_of(heading)})
        if not depth:
            message = "no heading: a notebook begins with '# ' and its question"
            raise RenderError(message)
        return tuple(contents)

    def blocks(self) -> list[_Block]:
        """Return the blocks of the page; code that put nothing out is folded together with what follows it."""
        made: list[_Block] = []
        waiting: list[tuple[int, str]] = []
        for number, code, tree in self._cells:
            if code:
                waiting.append((number, code))
            if len(tree) or (tree.text or "").strip():
                after_code = bool(waiting) and not code
                if after_code:
                    made.append(_block(waiting, Element("div")))
                made.append(_block([] if after_code else waiting, tree))
                waiting = []
        return [*made, _block(waiting, Element("div"))] if waiting else made

    def _output(self, output: NotebookNode) -> Element:
        """Turn one output of a code cell into a tree."""
        self._outputs += 1
        if output.output_type == "stream":
            return _stream(output, self._language)
        if output.output_type == "error":
            message = f"the cell ended with {output.ename}"
            raise RenderError(message)
        data: Mapping[str, Any] = output.data
        if WIDGET in data:
            return Element("div")
        kind = next((kind for kind in _PREFERRED if kind in data), None)
        if kind is None:
            message = f"a page cannot show an output of the kinds {', '.join(sorted(data))}"
            raise RenderError(message)
        if kind.startswith("image/"):
            return self._figure(kind, str(data[kind]), output.get("metadata", {}))
        if kind == "text/plain":
            return _preformatted(str(data[kind]), kind="result")
        html = str(data[kind]) if kind == "text/html" else _markdown(str(data[kind]), escape=True)
        tree = parse(html, prefix=f"o{self._outputs}-")
        refuse_links_out(tree)
        return tree

    def _figure(self, kind: str, content: str, metadata: Mapping[str, Any]) -> Element:
        """Turn a drawing into a figure with its words."""
        self._figures += 1
        told = metadata.get(kind, {})
        alt, caption = (str(told.get(name, "")).strip() for name in ("alt", "caption"))
        if not alt:
            message = f"a figure ({kind}) has no alt text: display it with metadata {{{kind!r}: {{'alt': ...}}}}"
            raise RenderError(message)
        words = self._language.say("Figure {number}. {words}", number=self._figures, words=caption or alt)
        if kind == "image/svg+xml":
            return framed(inline(content, prefix=f"f{self._figures}-"), alt=alt, words=words)
        source = "data:image/png;base64," + "".join(content.split())
        return framed(Element("img", {"alt": alt, "src": source}), alt=alt, words=words)


def _stream(output: NotebookNode, language: Language) -> Element:
    """Turn what a cell printed into a tree; what it wrote to the error stream becomes a notice."""
    if output.name != "stderr":
        return _preformatted(output.text, kind="said")
    notice = Element("div", {"class": "notice"})
    SubElement(notice, "p").text = language.say("This step gave a warning:")
    notice.append(_preformatted(output.text, kind="said"))
    return notice


def _preformatted(text: str, *, kind: str) -> Element:
    """Return a text as it was printed, in a box that scrolls."""
    box = Element("pre", {"class": kind, "tabindex": "0"})
    box.text = plain(text).rstrip("\n")
    return box


@cache
def _renderer(*, escape: bool) -> MarkdownWithMath:
    """Return nbconvert's Markdown renderer, without anchors."""
    return MarkdownWithMath(renderer=IPythonRenderer(escape=escape, exclude_anchor_links=True))


def _markdown(source: str, *, escape: bool) -> str:
    """Turn Markdown into HTML; with `escape`, markup inside it is shown as text."""
    return str(_renderer(escape=escape).render(source))


@cache
def _highlighter() -> Highlight2HTML:
    """Return nbconvert's highlighter of Python."""
    return Highlight2HTML(pygments_lexer="python")  # type: ignore[no-untyped-call]


def _block(code: Sequence[tuple[int, str]], tree: Element) -> _Block:
    """Make a block of numbered code and a tree."""
    return _Block(
        cells=", ".join(str(number) for number, _ in code),
        code=tuple(_highlighter()(source).replace("<pre>", '<pre tabindex="0">', 1) for _, source in code),
        html=write(tree),
        opens_section=any(element.tag == "h2" for element in tree.iter()),
    )


def _slug(text: str) -> str:
    """Return a mark for a heading: its letters and digits, joined by hyphens."""
    words = "".join(character.lower() if character.isalnum() else " " for character in text).split()
    return "-".join(words) or "section"


def _free(mark: str, taken: set[str]) -> str:
    """Return a mark that is not taken yet, and take it."""
    number, free = 1, mark
    while free in taken:
        number += 1
        free = f"{mark}-{number}"
    taken.add(free)
    return free


@cache
def _templates() -> Environment:
    """Return the templates, which escape everything and know no missing names."""
    return Environment(
        loader=PackageLoader("churnlab.reports", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _entry(name: str, site: Site) -> tuple[Entry, tuple[Entry | None, Entry | None]]:
    """Return the entry of a notebook, and those before and after it."""
    position = next(place for place, entry in enumerate(site.entries) if entry.name == name)
    around = (None, *site.entries, None)
    return site.entries[position], (around[position], around[position + 2])


def _said(language: Language, message: str, **values: object) -> Markup:
    """Say a message on a page; values are escaped unless they are markup of ours."""
    said = Markup(escape(language.say(message)))  # noqa: S704 -- escaped here
    return said.format(**values) if values else said


def _document(
    template: str,
    *,
    entry: Entry,
    steps: tuple[Entry | None, Entry | None],
    site: Site,
    root: str = "",
    contents: Sequence[Mapping[str, str]] = (),
    **parts: object,
) -> str:
    """Fill in a template; `root` leads from the page's folder to that of the report."""
    templates, language = _templates(), site.language_of(entry.name)
    return templates.get_template(template).render(
        site=site,
        language=language,
        say=partial(_said, language),
        as_of=language.day(pd.Timestamp(site.as_of)),
        notice="" if language == site.language else site.language.say(_NOT_TRANSLATED),
        in_english=_IN_ENGLISH if not language.is_source else "",
        entry=entry,
        previous=steps[0],
        following=steps[1],
        root=root,
        dossiers=f"{root}{DOSSIERS}/index.html" if site.dossiers else "",
        contents=contents,
        style=templates.get_template("style.css").render(),
        **parts,
    )
