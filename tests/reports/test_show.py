"""What notebooks put on a page stays harmless whatever a client is called."""

from xml.etree.ElementTree import fromstring

import pandas as pd
import pytest

from churnlab import plots
from churnlab.reports import show

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://x","y")',
    "Cash $$ Co",
    "$x^2$ and \\frac{1}{2}",
    '"quo\'te" & Co',
    "\N{RIGHT-TO-LEFT OVERRIDE}evil",
    "\N{GRINNING FACE} Co",
    "x" * 200,
    "Древплит",
    "bell\x07\x00",
    "[x](javascript:alert(1))",
    "'; DROP TABLE clients; --",
    "{{7*7}}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_a_figure_is_text(name):
    clients = pd.DataFrame({"client_id": [name], "risk": [0.2], "low": [0.1], "high": [0.4]})
    drawn = show.figure(plots.client_risks(plots.blank_axes(), clients, label=str), title=name, alt=f"About {name}")
    tree = fromstring(drawn.svg)  # not well-formed XML would raise
    words = "".join(tree.itertext())
    assert not [element for element in tree.iter() if element.tag.endswith(("script", "img"))]
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in words
    if "$" in name:
        assert "$" in words


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_a_table_or_sentence_is_text(name):
    frame = pd.DataFrame({"client": [name], "<b>column</b>": [1]})
    for piece in (
        show.table(frame, caption=name),
        show.answer([name, name]),
        show.cannot_say([name]),
        show.points([name]),
        show.paragraphs([name]),
        show.heading(name),
    ):
        for tag in ("<script", "<img", "<b>"):
            assert tag not in piece.html


def test_a_caption_takes_the_place_of_the_sentence_below_a_figure_only():
    drawn = show.figure(plots.blank_axes(), title="t", alt="What it finds.", caption="How to read it.")
    assert drawn._repr_mimebundle_()[1] == {"image/svg+xml": {"alt": "What it finds.", "caption": "How to read it."}}
    assert "caption" not in show.figure(plots.blank_axes(), title="t", alt="a")._repr_mimebundle_()[1]["image/svg+xml"]


def test_a_figure_without_a_sentence_is_refused():
    with pytest.raises(ValueError, match="sentence"):
        show.figure(plots.blank_axes(), title="finding", alt="  ")


def test_property_the_same_figure_is_the_same_to_the_byte():
    clients = pd.DataFrame({"client_id": ["a"], "risk": [0.2], "low": [0.1], "high": [0.4]})
    drawn = [
        show.figure(plots.client_risks(plots.blank_axes(), clients, label=str), title="t", alt="a").svg for _ in "12"
    ]
    assert drawn[0] == drawn[1]
