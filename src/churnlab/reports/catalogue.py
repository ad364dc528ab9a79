"""The catalogue of messages: which there are, and how the files of translations are brought up to date.

``python -m churnlab.reports.catalogue`` writes every language's file anew, translations kept; with a code, such as
``sv``, it begins a new language.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

import churnlab
from churnlab.answers.terms import terms
from churnlab.answers.wording import filled
from churnlab.reports.notebooks import SUMMARY, choose, read, title
from churnlab.reports.prose import messages_of

KEYWORDS = {"say": None, "say_many": (1, 2), "say_of": ((1, "c"), 2), "mark": None}
"""Functions whose literal arguments are messages."""

_FLOORS = ("answers", "plots", "reports")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # no file changes because a day has passed
_PACKAGE = Path(churnlab.__file__).parent
FOLDER = _PACKAGE / "answers" / "languages"
"""Where the files of translations lie, one a language."""


def catalogue() -> Catalog:
    """Collect every message of the summary and the workbook.

    Returns
    -------
    Catalog
        Without translations: what Python modules and templates say, what the summary's notebook says between its cells,
        titles of pages, and the words that the answers hold.
    """
    found = Catalog(project="churnlab", version=churnlab.__version__, creation_date=_LONG_AGO, revision_date=_LONG_AGO)
    for place, message, context in (*_in_modules(), *_in_templates(), *_in_notebooks()):
        found.add(message, locations=[(place, 0)], context=context)
    for message in terms():
        found.add(message, locations=[("churnlab.answers.terms", 0)])
    return found


def update(code: str) -> Path:
    """Bring a language's file up to date, or begin it.

    Parameters
    ----------
    code
        Such as ``"sv"``; one that Babel knows.

    Returns
    -------
    Path
        The file: messages that are new stand in it without translation, those that are no longer said are gone.

    Raises
    ------
    babel.UnknownLocaleError
        If there is no such language.
    """
    file, locale = FOLDER / f"{code}.po", Locale.parse(code)
    kept = Catalog(locale=locale)
    if file.is_file():
        with file.open("rb") as opened:
            kept = read_po(opened, locale=code)
    made = Catalog(
        locale=locale, project="churnlab", version=churnlab.__version__, creation_date=_LONG_AGO,
        revision_date=_LONG_AGO, last_translator="churnlab", language_team="churnlab", msgid_bugs_address="churnlab",
        header_comment="# Messages of the summary and the workbook of churnlab.", fuzzy=False,
    )  # fmt: skip
    for message in catalogue():
        if message.id:
            old = kept.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            string = old.string if old and old.pluralizable == message.pluralizable else ""
            added = made.add(message.id, string, locations=message.locations, context=message.context)
            added.flags.discard("python-format")  # "95 % interval" is none
    FOLDER.mkdir(exist_ok=True)
    with file.open("wb") as opened:
        write_po(opened, made, width=100, include_lineno=False, sort_by_file=True)
    return file


def _in_modules() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for floor in _FLOORS:
        for file in sorted((_PACKAGE / floor).glob("*.py")):
            for _, message, _, context in extract_from_file("python", file, keywords=KEYWORDS):
                yield _place(file), message, context
            for _, message, _, context in extract_from_file("python", file, keywords={"fill": None}):
                yield from ((_place(file), one, context) for one in filled(str(message)))


def _in_templates() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for file in sorted((_PACKAGE / "reports" / "template").glob("*.j2")):
        for _, message, _, context in extract_from_file("jinja2.ext:babel_extract", file, keywords=KEYWORDS):
            yield _place(file), message, context


def _in_notebooks() -> Iterator[tuple[str, str, None]]:
    for path in choose():
        notebook = read(path)
        if path.stem != SUMMARY:
            yield f"notebooks/{path.name}", title(notebook) or "", None
            continue
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                for _, message in messages_of(cell.source):
                    yield f"notebooks/{path.name}", message, None


def _place(file: Path) -> str:
    return file.relative_to(_PACKAGE.parent).as_posix()


def main() -> None:
    """Bring all files up to date, and begin those of languages that are named."""
    codes = {file.stem for file in FOLDER.glob("*.po")} | set(sys.argv[1:])
    for code in sorted(codes):
        print(update(code))


if __name__ == "__main__":
    main()
