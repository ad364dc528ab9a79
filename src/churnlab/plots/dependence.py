"""Charts of dependence. Each draws on the Axes that it is given and returns it."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, PercentFormatter

from churnlab.answers.words import shortened
from churnlab.plots.style import GREY, PALETTE, interval_rows

_LABEL_LETTERS = 34
_NAME_LETTERS = 24


def largest_shares(ax: Axes, groups: pd.DataFrame, *, bands: Mapping[float, str], label: Callable[[str], str]) -> Axes:
    """Draw the shares of the largest clients beside the conventional bands, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    groups : DataFrame
        ``group``, ``share``.
    bands : mapping of float to str
        What a share above is called.
    label : callable
        What to call a group.
    """
    height = np.arange(len(groups))[::-1]
    ax.hlines(height, 0, groups["share"], color=PALETTE[0], linewidth=7)
    ax.set_yticks(height, [shortened(label(group), _LABEL_LETTERS) for group in groups["group"]])
    reach = max(0.22, 1.15 * float(groups["share"].max()))
    for share, words in bands.items():
        if share <= reach:
            ax.axvline(share, color=GREY, linewidth=1, linestyle="--")
            ax.text(share, -0.6, f" {words}", color=GREY, fontsize=8.5, rotation=90, va="bottom", ha="right")
    ax.set_xlim(0, reach)
    ax.set_ylim(-0.7, len(groups) - 0.4)
    ax.xaxis.set_major_locator(MultipleLocator(0.05 if reach < 0.6 else 0.1))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("share of sales, 12 months; bands are conventions")
    return ax


def shares_over_time(ax: Axes, windows: pd.DataFrame, *, bands: Mapping[float, str]) -> Axes:
    """Draw the largest share and that of the five largest over past windows.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    windows : DataFrame
        ``end``, ``largest``, ``top5``.
    bands : mapping of float to str
        Conventional bands.
    """
    for place, (column, words) in enumerate((("largest", "the largest"), ("top5", "the five largest"))):
        colour = PALETTE[place]
        ax.plot(windows["end"], windows[column], "-" if len(windows) > 1 else "o", color=colour)
        ax.annotate(
            words, (windows["end"].iloc[-1], windows[column].iloc[-1]), xytext=(6, 0), textcoords="offset points",
            color=colour, va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
    ax.margins(x=0)
    for share in bands:
        ax.axhline(share, color=GREY, linewidth=1, linestyle="--")
    ax.set_ylim(0, min(1.0, 1.2 * float(max(windows["top5"].max(), min(bands)))))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_ylabel("share of sales, 12 months")
    ax.set_xlabel("end of the 12 months; dashed: conventional bands for one client")
    return ax


def attention_scores(ax: Axes, scores: pd.DataFrame) -> Axes:
    """Draw managers' mean attention scores with intervals, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    scores : DataFrame
        ``manager_id``, ``clients``, ``score``, ``low``, ``high``.
    """
    named = zip(scores["manager_id"], scores["clients"], strict=True)
    labels = [f"{shortened(name, _NAME_LETTERS)} (n {clients})" for name, clients in named]
    interval_rows(ax, scores, "score", labels=labels)
    ax.set_xlabel("mean attention score, 0 to 10, with 95 % interval over clients")
    return ax
