"""Charts of dependence. Each draws on the Axes that it is given and returns it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator, PercentFormatter

from churnlab.accounts import Concentration
from churnlab.answers.words import shortened
from churnlab.plots.style import GREY, LIGHT, PALETTE, brief, interval_rows

_NAME_LETTERS = 24


def largest_shares(ax: Axes, groups: pd.DataFrame, *, bands: pd.DataFrame, label: Callable[[str], str]) -> Axes:
    """Draw the shares of the largest clients in sales and margin beside the usual lines, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    groups : DataFrame
        ``group``, ``share``, ``margin_share`` (not drawn where NaN).
    bands : DataFrame
        ``share``, ``words``: what a share from there on is called.
    label : callable
        What to call a group.
    """
    height = np.arange(len(groups))[::-1]
    ax.hlines(height, 0, groups["share"], color=PALETTE[0], linewidth=7)
    ax.plot(groups["margin_share"], height, "D", color=PALETTE[3], markersize=5)
    if groups["margin_share"].notna().any():
        ax.annotate(
            "share of margin", (groups["margin_share"].iloc[0], height[0]), (0, 8), textcoords="offset points",
            color=PALETTE[3], fontsize=8.5, ha="center",
        )  # fmt: skip
    ax.set_yticks(height, brief([label(group) for group in groups["group"]]))
    reach = max(0.22, 1.15 * float(np.nanmax(groups[["share", "margin_share"]].to_numpy())))
    for share, words in zip(bands["share"], bands["words"], strict=True):
        if share <= reach:
            ax.axvline(share, color=GREY, linewidth=1, linestyle="--")
            ax.text(share, -0.6, f" {words}", color=GREY, fontsize=8.5, rotation=90, va="bottom", ha="right")
    ax.set_xlim(0, reach)
    ax.set_ylim(-0.7, len(groups) - 0.2)
    ax.xaxis.set_major_locator(MultipleLocator(0.05 if reach < 0.6 else 0.1))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("share of sales, 12 months; dashed: conventions")
    return ax


def lorenz(ax: Axes, now: Concentration) -> Axes:
    """Draw the Lorenz curve beside the diagonal of equal clients.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    now : Concentration
        Of at least one client.
    """
    clients, held = now.lorenz
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    ax.text(0.5, 0.54, "all clients equal", color=GREY, fontsize=9, ha="right")
    ax.fill_between(clients, held, clients, color=PALETTE[0], alpha=0.12, linewidth=0)
    ax.plot(clients, held, color=PALETTE[0])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_xlabel("share of clients, the smallest first")
    ax.set_ylabel("share of sales that they have")
    return ax


def shares_over_time(ax: Axes, windows: pd.DataFrame, *, bands: pd.DataFrame) -> Axes:
    """Draw the largest share and that of the five largest over past windows.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    windows : DataFrame
        ``end``, ``largest``, ``top5``.
    bands : DataFrame
        ``share``: lines between bands.
    """
    for place, (column, words) in enumerate((("largest", "the largest"), ("top5", "the five largest"))):
        colour = PALETTE[place]
        ax.plot(windows["end"], windows[column], "-" if len(windows) > 1 else "o", color=colour)
        ax.annotate(
            words, (windows["end"].iloc[-1], windows[column].iloc[-1]), xytext=(6, 0), textcoords="offset points",
            color=colour, va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
    ax.margins(x=0)
    for share in bands["share"]:
        ax.axhline(share, color=GREY, linewidth=1, linestyle="--")
    ax.set_ylim(0, min(1.0, 1.2 * float(max(windows["top5"].max(), bands["share"].min()))))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_ylabel("share of sales, 12 months")
    ax.set_xlabel("end of the 12 months; dashed: conventional lines for one client")
    return ax


def loss_distribution(ax: Axes, curve: pd.DataFrame, *, expected: float, bad: float, worst: float) -> Axes:
    """Draw the loss that is not passed in so many years of a hundred, with expectation, bad and worst year.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : DataFrame
        ``share`` (of years), ``loss``.
    expected, bad, worst : float
        Marked losses, money.
    """
    ax.fill_between(curve["loss"], 1 - curve["share"], step="pre", color=PALETTE[0], alpha=0.12, linewidth=0)
    ax.step(curve["loss"], 1 - curve["share"], where="pre", color=PALETTE[0])
    marked = ((expected, "expected", 1), (bad, "one year in twenty", 2), (worst, "one in a thousand", 3))
    for loss, words, colour in marked:
        ax.axvline(loss, color=PALETTE[colour], linewidth=1.2, linestyle="--")
        ax.text(loss, 0.98, f" {words}", color=PALETTE[colour], fontsize=9, rotation=90, va="top", ha="right")
    ax.set_xlim(left=0)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: f"{amount / 1e6:g}"))
    ax.set_xlabel("yearly sales of those who leave within the horizon, millions")
    ax.set_ylabel("share of years that lose more")
    return ax


def shrunk_scores(ax: Axes, scores: pd.DataFrame, *, common: float, words: str) -> Axes:
    """Draw managers' figures drawn together, with intervals, and hollow what each book alone says.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    scores : DataFrame
        ``manager_id``, ``clients``, ``own``, ``value``, ``low``, ``high``, the first row on top.
    common : float
        What figures are drawn towards.
    words : str
        What the figure is, with its unit.
    """
    ax.axvline(common, color=LIGHT, linewidth=3)
    named = zip(scores["manager_id"], scores["clients"], strict=True)
    labels = [f"{shortened(name, _NAME_LETTERS)} (n {clients})" for name, clients in named]
    interval_rows(ax, scores, "value", labels=labels)
    ax.plot(scores["own"], np.arange(len(scores))[::-1], "o", color=PALETTE[3], markersize=7, markerfacecolor="none")
    ax.set_xlabel(f"{words}; hollow: the book alone; grey line: in common")
    return ax
