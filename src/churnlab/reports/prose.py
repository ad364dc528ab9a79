"""Text cells of a notebook, message by message: headings, paragraphs and items of lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from churnlab.answers.language import Language

_OPENS = re.compile(r"#+ |- |")


def messages_of(source: str) -> Iterator[tuple[str, str]]:
    """Yield the messages of a text cell.

    Parameters
    ----------
    source
        Markdown of headings, paragraphs and lists without lists inside.

    Yields
    ------
    tuple of str
        What opens the line in Markdown, and the message, on one line.

    Examples
    --------
    >>> list(messages_of("## Next" + chr(10) * 2 + "One" + chr(10) + "two."))
    [('## ', 'Next'), ('', 'One two.')]
    """
    for block in re.split(r"\n\s*\n", source.strip()):
        lines: list[tuple[str, str]] = []
        for line in map(str.strip, block.splitlines()):
            found = _OPENS.match(line)
            opening = found[0] if found else ""
            text = line.removeprefix(opening)
            if opening or not lines:
                lines.append((opening, text))
            else:
                lines[-1] = (lines[-1][0], f"{lines[-1][1]} {text}")
        yield from lines


def in_language(source: str, language: Language) -> str:
    """Return a text cell in a language.

    Parameters
    ----------
    source
        As :func:`messages_of` takes it.
    language
        Of the reader; messages that it lacks stay as they are.

    Returns
    -------
    str
        Markdown; in the language of the source as it came.
    """
    if language.is_source:
        return source
    said = [(opening, f"{opening}{language.say(text)}") for opening, text in messages_of(source)]
    parts = [text if opening == "- " else f"{text}\n" for opening, text in said]
    return "\n".join(parts).strip()
