"""What notebooks put on a page: answers, tables and figures, escaped and with words for who cannot see them."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from textwrap import fill

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text

from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.summary import Figure as Tile
from churnlab.answers.words import printable

_TITLE_LETTERS_PER_INCH = 9
_CELL = Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of a page.

    Attributes
    ----------
    html : str
        Markup in which everything that came from data is escaped.
    text : str
        The same in words, where no markup can be shown.
    """

    html: str
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Hand markup and words to Jupyter."""
        del include, exclude
        return {"text/html": self.html, "text/plain": self.text}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with the sentence that says what it shows.

    Attributes
    ----------
    svg : str
        The drawing.
    alt : str
        The sentence.
    caption : str
        What stands below it where that is not the sentence; empty otherwise.
    """

    svg: str
    alt: str
    caption: str = ""

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Hand drawing and sentence to Jupyter."""
        del include, exclude
        words = {"alt": self.alt} | ({"caption": self.caption} if self.caption else {})
        return {"image/svg+xml": self.svg, "text/plain": self.alt}, {"image/svg+xml": words}


def figure(ax: Axes, *, title: str, alt: str, caption: str = "") -> Drawing:
    """Finish a chart: a title above it, and the same to the byte on every run.

    Parameters
    ----------
    ax : Axes
        The chart.
    title : str
        The finding, or what the chart shows.
    alt : str
        What the chart shows, with its numbers.
    caption : str
        What stands below it in place of `alt`, where the page tells the numbers beside it.

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("expected a sentence that says what the figure shows, got nothing")
    title, alt = printable(title), printable(alt)
    drawn = ax.get_figure(root=True)
    if drawn is None:
        raise ValueError("expected axes that belong to a figure")
    letters = int(drawn.get_size_inches()[0] * _TITLE_LETTERS_PER_INCH)
    drawn.suptitle(fill(title, letters), x=0.01, ha="left", fontsize=10.5, fontweight="bold", color="#3D3D3D")
    for text in drawn.findobj(Text):
        text.set_parse_math(False)  # a name with $ is not a formula
    out = StringIO()
    with mpl.rc_context({"svg.hashsalt": "churnlab", "svg.fonttype": "none"}):
        drawn.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return Drawing(out.getvalue(), alt, printable(caption))


def answer(sentences: Sequence[str], language: Language = ENGLISH) -> Markup:
    """Set the answer off: the first sentence large, the others below.

    Sentences in which we cannot say or tell something are marked.
    """
    first, *others = sentences
    rows = "".join(f"<p{_doubt(sentence, language)}>{html.escape(sentence)}</p>" for sentence in others)
    return Markup(f'<div class="answer"><p class="first">{html.escape(first)}</p>{rows}</div>', "\n".join(sentences))


def heading(text: str) -> Markup:
    """Set a heading of a section that follows from the data."""
    return Markup(f"<h2>{html.escape(text)}</h2>", text)


def paragraphs(sentences: Sequence[str], language: Language = ENGLISH) -> Markup:
    """Set each sentence as a paragraph; those in which we cannot say or tell something are marked."""
    rows = "".join(f"<p{_doubt(sentence, language)}>{html.escape(sentence)}</p>" for sentence in sentences)
    return Markup(rows, "\n".join(sentences))


def points(sentences: Sequence[str]) -> Markup:
    """Number sentences."""
    rows = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    return Markup(f'<ol class="points">{rows}</ol>', "\n".join(sentences))


def cannot_say(sentences: Sequence[str]) -> Markup:
    """List what the data do not let us say."""
    rows = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    return Markup(f'<div class="cannot-tell"><ul>{rows}</ul></div>', "\n".join(sentences))


def tiles(figures: Sequence[Tile]) -> Markup:
    """Set figures side by side, each with its interval."""
    rows = "".join(
        f'<div class="tile"><p>{html.escape(tile.label)}</p><p><strong>{html.escape(tile.value)}</strong></p>'
        f"<p>{html.escape(tile.note)}</p></div>"
        for tile in figures
    )
    words = "\n".join(f"{tile.label}: {tile.value} ({tile.note})" for tile in figures)
    return Markup(f'<div class="tiles">{rows}</div>', words)


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[str, _CELL] | None = None,
    folded: bool = False,
    cards: bool = False,
) -> Markup:
    """Set a frame as a table with a caption, every cell escaped.

    Parameters
    ----------
    frame : DataFrame
        Columns in the order in which they are read, named as readers call them.
    caption : str
        What the table shows, with units and n.
    formats : mapping of str to callable, optional
        How to write a column's values.
    folded : bool
        Whether only the caption shows until it is clicked: for long tables to look things up in.
    cards : bool
        Whether each row becomes a card on a narrow screen: for short tables with many columns.

    Returns
    -------
    Markup
    """
    ways = formats or {}
    shown = pd.DataFrame({name: [_cell(value, ways.get(str(name), str)) for value in frame[name]] for name in frame})
    body = shown.to_html(index=False, border=0, escape=True)
    body = body.replace(">\n", f">\n<caption>{html.escape(caption)}</caption>\n", 1)
    if cards:
        body = body.replace('class="dataframe"', 'class="dataframe cards"', 1)
    if folded:
        body = f'<details class="more"><summary>{html.escape(caption)}</summary>\n{body}\n</details>'
    return Markup(body, caption)


def _cell(value: object, way: _CELL) -> str:
    return "\N{EN DASH}" if pd.isna(value) else way(value)  # type: ignore[call-overload]


def _doubt(sentence: str, language: Language) -> str:
    said = language.say_of("in every sentence in which we cannot say or tell something", "cannot")
    return ' class="cannot-tell"' if said in sentence else ""
