"""Risk: what models save, what surveys add, and what a client's score is made of."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from churnlab.answers.words import shortened
from churnlab.plots.style import GREY, PALETTE, interval_rows

_LABEL_LETTERS = 30


def model_skills(ax: Axes, frame: pd.DataFrame, *, n: int) -> Axes:
    """Draw the part of the Brier score that each model saves, with intervals around a line at nothing.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        ``model``, ``skill``, ``low``, ``high``.
    n : int
        Graded forecasts of each model.
    """
    interval_rows(ax, frame, "skill", labels=[str(name) for name in frame["model"]])
    ax.axvline(0, color=GREY, linewidth=1)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel(f"saved of the Brier score of the same risk for everyone, with 95 % interval (n {n})")
    return ax


def survey_gains(ax: Axes, parts: pd.DataFrame, *, worth: float, n: int) -> Axes:
    """Draw what surveys save, with intervals, around a line at nothing and one at what is worth asking for.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    parts : DataFrame
        ``name``, ``value``, ``low``, ``high``, thousandths of a nat a forecast.
    worth : float
        Least gain on top of orders that is worth asking for, thousandths of a nat.
    n : int
        Forecasts.
    """
    interval_rows(ax, parts, "value", labels=[str(name) for name in parts["name"]])
    ax.axvline(0, color=GREY, linewidth=1)
    ax.axvline(worth, color=GREY, linewidth=1, linestyle="--")
    ax.annotate(
        "worth asking for", (worth, len(parts) - 0.45), xytext=(0, 2), textcoords="offset points", fontsize=8,
        color=GREY, ha="center", annotation_clip=False,
    )  # fmt: skip
    ax.set_xlabel(f"log loss saved a forecast, thousandths of a nat, with 95 % interval (n {n})")
    return ax


def score_parts(ax: Axes, parts: pd.DataFrame) -> Axes:
    """Draw what each group adds to clients' scores as stacked bars, those that lower it to the left; a dot is the sum.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    parts : DataFrame
        ``name``, then a column a group, log hazard; the first row on top.
    """
    groups = [name for name in parts.columns if name != "name"]
    height = np.arange(len(parts))[::-1]
    ends = {1: np.zeros(len(parts)), -1: np.zeros(len(parts))}
    patterns = ("", "///", "...")
    for place, (group, colour) in enumerate(zip(groups, cycle(PALETTE), strict=False)):
        added = parts[group].to_numpy(dtype=np.float64)
        pattern = patterns[place // len(PALETTE) % len(patterns)]
        start = np.where(added > 0, ends[1], ends[-1])
        ax.barh(
            height, added, left=start, height=0.7, color=colour, label=group, hatch=pattern, edgecolor="white",
            linewidth=0.5,
        )  # fmt: skip
        ends[1], ends[-1] = ends[1] + np.maximum(added, 0), ends[-1] + np.minimum(added, 0)
    ax.plot(parts[groups].sum(axis=1), height, "o", color="white", markeredgecolor="#1A1A1A", markersize=6)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set_yticks(height, [shortened(str(name), _LABEL_LETTERS) for name in parts["name"]])
    ax.set_ylim(-0.6, len(parts) - 0.4)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("added to the log of the hazard, against the usual client; dot: sum")
    ax.legend(ncols=1, fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
