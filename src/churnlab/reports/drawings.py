"""SVG drawings as they stand in a page: checked, without what a page does not need, ids of their own."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring

from churnlab.reports.fragments import RenderError

_NAME = re.compile(r"^\{(?P<space>[^}]*)\}(?P<local>.*)$")
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)['\"]?\s*\)")
_ANYWHERE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression", re.IGNORECASE)
_PICTURE = re.compile(r"^data:image/png;base64,[A-Za-z0-9+/=\s]+$")
_REFUSED = frozenset({"script", "foreignObject", "a", "iframe", "animate", "animateTransform", "set", "handler"})
_NARROW = 400.0
"""Points; a drawing that is no wider can be read on a phone as a whole."""

_PLAIN_STYLE = re.compile(r"^\*\s*\{\s*stroke-linejoin:\s*round;\s*stroke-linecap:\s*butt;?\s*\}$")


def inline(svg: str, *, prefix: str) -> Element:
    """Read an SVG drawing into a tree that can stand inside an HTML page.

    Parameters
    ----------
    svg
        Text of an SVG file.
    prefix
        Put before every id, so that two drawings on a page do not clash.

    Returns
    -------
    Element
        The ``svg`` element, hidden from screen readers (the figure around it carries the words), with its
        size as drawn, ids only where something refers to them, and nothing that runs or loads.

    Raises
    ------
    RenderError
        If it is not SVG, or holds a script, an attribute that runs code, or an address.
    """
    try:
        root = fromstring(svg)  # noqa: S314 -- drawn by our own plots; expat limits the growth of entities
    except ParseError as error:
        message = f"a figure is not readable SVG: {error}"
        raise RenderError(message) from error
    if root.tag != f"{{{_SVG}}}svg":
        message = f"a figure begins with <{root.tag}>, expected <svg>"
        raise RenderError(message)
    _simplify(root)
    _rename(root, prefix=prefix)
    root.attrib.pop("version", None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return root


def framed(picture: Element, *, alt: str, words: str) -> Element:
    """Put a picture into a figure with its words.

    Parameters
    ----------
    picture
        An ``svg`` or ``img`` element.
    alt
        The sentence that says what it shows.
    words
        What stands below it, with the number of the figure.

    Returns
    -------
    Element
        The ``figure`` element.
    """
    figure = Element("figure", {"role": "img", "aria-label": alt, "tabindex": "0"})
    width = re.match(r"([\d.]+)pt$", picture.get("width", ""))
    if width and float(width[1]) <= _NARROW:
        figure.set("class", "narrow")
    figure.append(picture)
    SubElement(figure, "figcaption").text = words
    return figure


def _simplify(root: Element) -> None:
    """Strip name spaces and what is not drawn; refuse what runs or loads."""
    for element in list(root.iter()):
        for child in list(element):
            if not _is_drawn(child):
                element.remove(child)
        element.tag = _local(element.tag)
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            local = _local(name)
            if local != name and not name.startswith(f"{{{_XLINK}}}"):
                continue
            _check(element.tag, local, value)
            if local in ("href", "clip-path") or not name.startswith("{"):
                element.set(local, value)


def _is_drawn(element: Element) -> bool:
    """Tell whether an element belongs to the drawing; refuse one that runs code or has rules for the page."""
    match = _NAME.match(element.tag)
    local = match["local"] if match else element.tag
    if local in _REFUSED or (local == "style" and not _PLAIN_STYLE.match((element.text or "").strip())):
        message = f"a drawing may not hold the element <{local}>"
        raise RenderError(message)
    return bool(match and match["space"] == _SVG and local not in ("metadata", "style"))


def _check(tag: str, name: str, value: str) -> None:
    """Refuse an attribute that runs code or loads something."""
    loads = name == "href" and not value.startswith("#") and not _PICTURE.match(value)
    if name.lower().startswith("on") or loads or _ANYWHERE.search(value):
        message = f"a drawing may not hold the attribute {name}={value[:60]!r} of <{tag}>"
        raise RenderError(message)


def _rename(root: Element, *, prefix: str) -> None:
    """Prefix the ids that are referred to, and drop the others."""
    wanted: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            wanted.update(_REFERENCE.findall(value))
            if name == "href" and value.startswith("#"):
                wanted.add(value[1:])
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name == "id" and value not in wanted:
                del element.attrib[name]
            elif name == "id":
                element.set(name, prefix + value)
            elif name == "href" and value.startswith("#"):
                element.set(name, f"#{prefix}{value[1:]}")
            elif "url(" in value:
                element.set(name, _REFERENCE.sub(rf"url(#{prefix}\1)", value))


def _local(name: str) -> str:
    """Return a name without its name space."""
    match = _NAME.match(name)
    return match["local"] if match else name
