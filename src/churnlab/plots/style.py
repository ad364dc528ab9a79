"""The house style: colours, type and blank axes."""

from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from churnlab.answers.words import shortened

PALETTE: Final = ("#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1")
"""Government Analysis Function palette: 3:1 on white and between neighbours."""

GREY: Final = "#6F6F6F"
LIGHT: Final = "#D5D5D5"

_STYLE: Final[dict[Any, Any]] = {
    "font.family": "sans-serif",
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": "#3D3D3D",
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.color": "#3D3D3D",
    "ytick.color": "#3D3D3D",
    "lines.linewidth": 2.0,
    "figure.dpi": 96.0,
}


_LABEL_LETTERS = 34


def interval_rows(ax: Axes, frame: pd.DataFrame, value: str, *, labels: Sequence[str]) -> Axes:
    """Draw one interval a row with its point, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        ``low``, ``high`` and the column `value`.
    value : str
        Column of the points.
    labels : sequence of str
        What to call the rows.
    """
    height = np.arange(len(frame))[::-1]
    ax.hlines(height, frame["low"], frame["high"], color=PALETTE[0], linewidth=2)
    ax.plot(frame[value], height, "o", color=PALETTE[0], markersize=6)
    ax.set_yticks(height, brief(labels))
    ax.set_ylim(-0.6, len(frame) - 0.4)
    ax.grid(visible=False, axis="y")
    return ax


def brief(labels: Sequence[str], *, most: int = _LABEL_LETTERS) -> list[str]:
    """Shorten labels that are too long: without what stands in brackets at their end, where that tells them apart.

    Examples
    --------
    >>> brief(["Torlund House Building (retail counter)", "Kelborg Building"], most=24)
    ['Torlund House Building', 'Kelborg Building']
    """
    bare = [label.partition(" (")[0] if len(label) > most else label for label in labels]
    return [
        shortened(short if bare.count(short) == 1 and short else label, most)
        for label, short in zip(labels, bare, strict=True)
    ]


def row_axes(rows: int) -> Axes:
    """Axes of a new figure with room for so many rows."""
    return blank_axes(height=1.9 + 0.28 * rows)


def blank_axes(*, width: float = 7.2, height: float = 3.6) -> Axes:
    """Axes of a new figure in the house style.

    Parameters
    ----------
    width, height : float
        Size in inches.

    Returns
    -------
    Axes
        Of a figure that no global state knows.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        return figure.add_subplot()
