"""Charts of what the surveys say. Each draws on the Axes that it is given and returns it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from churnlab.answers.invitations import series_name
from churnlab.answers.words import count, shortened
from churnlab.plots.style import GREY, PALETTE, interval_rows

_LABEL_LETTERS = 34
_HALF = 0.15


def index_rows(ax: Axes, frame: pd.DataFrame, *, name: str) -> Axes:
    """Draw net promoter indices with 95 % intervals, the first row on top; grey where votes are few.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        The column `name`, ``n`` (votes), ``nps``, ``low``, ``high`` (NaN where too few, which is said in place of a
        point), ``faint``; of one wave, mode and year. A gap in its index is said to be one.
    name : str
        What to call a row by.
    """
    height = np.arange(len(frame))[::-1]
    known = frame["nps"].notna().to_numpy()
    for faint, colour in ((False, PALETTE[0]), (True, GREY)):
        here = known & (frame["faint"].to_numpy(dtype=bool) == faint)
        ax.hlines(height[here], frame["low"][here], frame["high"][here], color=colour, linewidth=2)
        ax.plot(frame["nps"][here], height[here], "o", color=colour, markersize=6)
    for place in height[~known]:
        ax.text(0, place, "too few", color=GREY, fontsize=9, ha="center", va="center", backgroundcolor="white")
    ax.axvline(0, color=GREY, linewidth=1)
    _gaps(ax, frame.index.to_numpy(dtype=np.int64), height)
    _rows(ax, height, [f"{row[name]} (n {count(row['n'])})" for row in frame.to_dict("records")])
    ax.set_xlim(-100, 100)
    ax.set_xlabel("net promoter index, with 95 % interval; grey: few votes")
    return ax


def response_shares(ax: Axes, rates: pd.DataFrame) -> Axes:
    """Draw the shares of invitations answered with 95 % intervals, one row a wave and mode.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    rates : DataFrame
        ``wave``, ``mode``, ``invited``, ``share``, ``low``, ``high``.
    """
    labels = [f"{series_name(row)} (n {count(float(row['invited']))})" for _, row in rates.iterrows()]
    interval_rows(ax, rates, "share", labels=labels)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("share of invitations answered, with 95 % interval over clients")
    return ax


def weighted_rows(ax: Axes, weighted: pd.DataFrame) -> Axes:
    """Draw the index of those who voted above that weighted to all who were asked, one pair a wave and mode.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    weighted : DataFrame
        ``wave``, ``mode``, ``asked``, ``n``, ``nps``, ``low``, ``high``, ``weighted``, ``weighted_low``,
        ``weighted_high``, ``faint``; without NaN in what is weighted.
    """
    height = np.arange(len(weighted))[::-1]
    pairs = (
        ("nps", "low", "high", _HALF, "o", PALETTE[0], "those who voted"),
        ("weighted", "weighted_low", "weighted_high", -_HALF, "s", PALETTE[3], "weighted to all asked"),
    )
    for value, low, high, shift, marker, colour, words in pairs:
        ax.hlines(height + shift, weighted[low], weighted[high], color=colour, linewidth=2)
        ax.plot(weighted[value], height + shift, marker, color=colour, markersize=6)
        ax.annotate(
            words, (float(weighted[high].iloc[0]), height[0] + shift), xytext=(6, 0), textcoords="offset points",
            color=colour, va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
    ax.axvline(0, color=GREY, linewidth=1)
    named = [
        f"{series_name(row)} (n {count(row['n'])} of {count(row['asked'])}{', few' if row['faint'] else ''})"
        for _, row in weighted.iterrows()
    ]
    _rows(ax, height, named)
    ax.set_xlabel("net promoter index, with 95 % interval")
    return ax


def _gaps(
    ax: Axes, index: "np.ndarray[tuple[int], np.dtype[np.int64]]", height: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> None:
    """Draw a line where rows are left out in between, and say how many."""
    for at in np.flatnonzero(np.diff(index) > 1):
        ax.axhline(height[at] - 0.5, color=GREY, linewidth=1, linestyle=":")
        ax.text(
            -98, height[at] - 0.5, f"{count(float(index[at + 1] - index[at] - 1))} in between not drawn", color=GREY,
            fontsize=8.5, va="center", backgroundcolor="white",
        )  # fmt: skip


def _rows(ax: Axes, height: "np.ndarray[tuple[int], np.dtype[np.int64]]", labels: Sequence[str]) -> None:
    """Name rows."""
    ax.set_yticks(height, [shortened(label, _LABEL_LETTERS) for label in labels])
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.grid(visible=False, axis="y")


def answers_over_time(ax: Axes, track: pd.DataFrame, changes: pd.DataFrame) -> Axes:
    """Draw the mean answer by quarter with 95 % intervals, and the days of changes.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    track : DataFrame
        Of one factor, wave and mode: ``quarter``, ``n``, ``mean``, ``low``, ``high``.
    changes : DataFrame
        ``what``, ``date``.
    """
    ax.fill_between(track["quarter"], track["low"], track["high"], color=PALETTE[0], alpha=0.18, linewidth=0)
    ax.plot(track["quarter"], track["mean"], "o-", color=PALETTE[0], markersize=4)
    for place, row in enumerate(changes.to_dict("records")):
        ax.axvline(row["date"], color=PALETTE[2], linewidth=1.5, linestyle="--")
        ax.annotate(
            shortened(row["what"], 30),
            (row["date"], 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -12 - 14 * place),
            textcoords="offset points",
            color=PALETTE[2],
        )
    ax.set_ylabel(f"mean answer\nn {track['n'].min()} to {track['n'].max()} a quarter")
    return ax
