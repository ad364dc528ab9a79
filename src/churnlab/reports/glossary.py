"""The page of words: what pages mean by them, from one file."""

from __future__ import annotations

import tomllib
from importlib import resources

import pandas as pd

from churnlab.reports import show
from churnlab.reports.fragments import dress_tables, parse, write
from churnlab.reports.render import Entry, Section, Site, render_client

WORDS = "words/words.html"
"""File of the page in a report."""


def glossary() -> dict[str, str]:
    """Read the words and what they mean, in the order of the page."""
    text = resources.files("churnlab.reports").joinpath("glossary.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["words"])


def glossary_page(site: Site) -> str:
    """Make the page of words.

    Parameters
    ----------
    site : Site
        What the pages of the report share.

    Returns
    -------
    str
        A whole HTML document.
    """
    words = glossary()
    frame = pd.DataFrame({"word": list(words), "what it means here": list(words.values())})
    table = parse(show.table(frame, caption=f"{len(words)} words that the pages use").html)
    dress_tables(table)
    entry = Entry("words", "words.html", "What do the words mean?")
    return render_client(entry, (Section("", write(table)),), site=site, steps=(None, None))
