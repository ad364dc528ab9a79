"""Drawings of what drives a difference of policies."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from churnlab.plots.style import GREY, LIGHT, PALETTE


def waterfall(ax: Axes, steps: pd.DataFrame) -> Axes:
    """Draw parts of a difference one under the other, each from where the last ended, and their sum.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    steps : DataFrame
        ``channel``, ``mean``, ``low``, ``high``, money.
    """
    ends = steps["mean"].cumsum().to_numpy()
    starts = ends - steps["mean"].to_numpy()
    height = np.arange(len(steps) + 1)[::-1]
    for place, (row, start) in enumerate(zip(steps.to_dict("records"), starts, strict=True)):
        colour = PALETTE[1] if row["mean"] >= 0 else PALETTE[3]
        ax.barh(height[place], row["mean"], left=start, color=colour, height=0.6)
        half = (row["high"] - row["low"]) / 2
        ax.hlines(height[place], start + row["mean"] - half, start + row["mean"] + half, color="#3D3D3D", linewidth=1.5)
    ax.barh(height[-1], ends[-1], color=PALETTE[0], height=0.6)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set_yticks(height, [*steps["channel"], "all"])
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: f"{amount / 1e6:g}"))
    ax.set_xlabel("part of the difference, millions, with 95 % interval of the mean")
    return ax


def variance_owners(ax: Axes, groups: pd.DataFrame) -> Axes:
    """Draw total Sobol' indices of groups of assumptions with their 95 % intervals, the largest on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    groups : DataFrame
        ``group``, ``first``, ``total``, ``low``, ``high``.
    """
    height = np.arange(len(groups))[::-1]
    ax.hlines(height, groups["low"], groups["high"], color=PALETTE[0], linewidth=2)
    ax.plot(groups["total"], height, "o", color=PALETTE[0], markersize=7, label="with all others")
    first = groups["first"].clip(lower=0)
    ax.plot(first, height, "s", color=PALETTE[3], markersize=6, label="alone", clip_on=False, zorder=3)
    ax.set_yticks(height, list(groups["group"]))
    ax.set_xlim(0, None)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("share of the variance of the difference")
    ax.legend(frameon=False, loc="lower right")
    return ax


def tornado(ax: Axes, swings: pd.DataFrame) -> Axes:
    """Draw the mean difference from the 10 % to the 90 % point of each unknown, the widest swing on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    swings : DataFrame
        ``name``, ``at_from``, ``at_to``, ``low``, ``high``, money; pale where the interval of the swing, ``low`` to
        ``high``, holds 0.
    """
    height = np.arange(len(swings))[::-1]
    clear = ((swings["low"] > 0) | (swings["high"] < 0)).to_numpy()
    colours = [PALETTE[0] if known else LIGHT for known in clear]
    ax.barh(height, swings["at_to"] - swings["at_from"], left=swings["at_from"], color=colours, height=0.6)
    for end, mark, label in (("at_from", "o", "at its 10 % point"), ("at_to", "D", "at its 90 % point")):
        ax.plot(swings[end], height, mark, color=PALETTE[3], markeredgecolor="white", markersize=7, label=label)
    ax.axvline(0, color=GREY, linewidth=1)
    ends = swings[["at_from", "at_to"]].to_numpy()
    room = 0.04 * np.ptp([*ends.ravel(), 0.0])
    ax.set_xlim(min(ends.min(), 0.0) - room, max(ends.max(), 0.0) + room)
    ax.set_yticks(height, list(swings["name"]))
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: f"{amount / 1e6:g}"))
    ax.set_xlabel("mean difference, millions; pale: not told from chance")
    ax.legend(frameon=False, loc="lower right")
    return ax
