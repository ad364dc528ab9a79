"""Charts of what falls to each factor, and of how far answers repeat. Each draws on the Axes that it is given."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from churnlab.answers.words import shortened
from churnlab.plots.style import GREY, LIGHT, PALETTE, interval_rows
from churnlab.surveys import PerformanceMap

_NAME_LETTERS = 24


def factor_shares(ax: Axes, shares: pd.DataFrame, *, target: str) -> Axes:
    """Draw what falls to each factor of what they explain together, with 95 % intervals, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    shares : DataFrame
        ``factor``, ``share``, ``low``, ``high`` and ``check``, the share by relative weights.
    target : str
        What is explained, in words.
    """
    interval_rows(ax, shares, "share", labels=shares["factor"].tolist())
    height = np.arange(len(shares))[::-1]
    ax.plot(shares["check"], height, "|", color=PALETTE[3], markersize=15, markeredgewidth=2.5)
    top = shares.iloc[0]
    ax.annotate(
        "by relative weights", (top["check"], height[0]), (0, 11), textcoords="offset points", fontsize=8.5,
        color=PALETTE[3], ha="center", annotation_clip=False,
    )  # fmt: skip
    ax.set_ylim(-0.6, len(shares) - 0.25)
    ax.set_xlim(0, min(1.0, 1.15 * float(shares[["high", "share"]].max().max())))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel(f"share of what all factors explain of {target}")
    return ax


def importance_map(ax: Axes, placed: PerformanceMap) -> Axes:
    """Draw importance against performance with an ellipse a factor; grey where not every other can be told from it.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    placed : PerformanceMap
        Factors on both scales.
    """
    size = len(placed.names)
    apart = placed.apart.sum(axis=1) == size - 1
    for name, outline, x, y, told in zip(
        placed.names, placed.outline(), placed.performance, placed.importance, apart, strict=True
    ):
        edge, fill = (PALETTE[0], PALETTE[0]) if told else (GREY, LIGHT)
        ax.fill(outline[:, 1], outline[:, 0], facecolor=fill, alpha=0.15 if told else 0.45, edgecolor="none")
        ax.plot(outline[:, 1], outline[:, 0], color=edge, linewidth=1)
        ax.plot([x], [y], "o", color=edge, markersize=5)
        ax.annotate(shortened(name, _NAME_LETTERS), (x, y), (7, 5), textcoords="offset points", fontsize=9, color=edge)
    if not apart.all():
        what = "not separable" if not placed.apart.any() else "grey: not separable from every other"
        ax.text(0.01, 0.99, what, transform=ax.transAxes, color=GREY, fontsize=9, va="top")
    ax.margins(0.08)
    ax.set_ylim(0, min(1.0, ax.get_ylim()[1]))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("performance: mean answer, 0 to 10")
    ax.set_ylabel("importance: share of what\nall factors explain")
    return ax


def reliabilities(ax: Axes, retest: pd.DataFrame) -> Axes:
    """Draw which part of one answer is not noise, with 95 % intervals over clients, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    retest : DataFrame
        ``factor``, ``clients``, ``reliability``, ``reliability_low``, ``reliability_high``; rows without an interval
        are left out.
    """
    known = retest.dropna(subset="reliability_low")
    known = known.rename(columns={"reliability_low": "low", "reliability_high": "high"})
    labels = [f"{row.factor} (n {row.clients})" for row in known.itertuples()]
    interval_rows(ax, known, "reliability", labels=labels)
    ax.set_xlim(min(0.0, float(known["low"].min())), 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("part of the differences between single answers that is not noise")
    return ax
