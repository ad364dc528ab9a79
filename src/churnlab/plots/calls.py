"""Charts of the call list. Each draws on the Axes that it is given and returns it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from churnlab.answers.words import money, percent
from churnlab.plots.style import GREY, PALETTE

_RISKS = (0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def risk_and_loss(ax: Axes, clients: pd.DataFrame) -> Axes:
    """Draw each client's risk against what its leaving takes; along a dashed line as much is at risk.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    clients : DataFrame
        ``risk``, ``lost`` (money above 0), ``listed``, ``held_out``.
    """
    held = clients["listed"] & clients["held_out"]
    groups = (
        ("\N{WHITE CIRCLE} not on the list", ~clients["listed"], GREY, "o", 4.0),
        ("\N{BLACK CIRCLE} to be contacted", clients["listed"] & ~held, PALETTE[0], "o", 5.5),
        ("\N{BLACK DIAMOND} held out by lot", held, PALETTE[2], "D", 5.5),
    )
    for place, (name, chosen, colour, marker, size) in enumerate(groups):
        rows = clients[chosen]
        fill = "full" if place else "none"
        ax.plot(rows["lost"], rows["risk"], marker, color=colour, markersize=size, fillstyle=fill)
        ax.text(0.01 + 0.3 * place, 1.02, f"{name} ({len(rows)})", color=colour, transform=ax.transAxes, fontsize=9)
    ax.set_xscale("log")
    ax.set_yscale("log")
    _lines_of_equal_stake(ax)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: money(amount)))
    ax.yaxis.set_major_locator(FixedLocator(_RISKS))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda risk, _: percent(risk)))
    ax.set_xlabel("what leaving takes, money of today; along a dashed line as much is at risk")
    ax.set_ylabel("risk of leaving")
    return ax


def _lines_of_equal_stake(ax: Axes) -> None:
    edges, sides = ax.get_xlim(), ax.get_ylim()
    first, last = (np.log10(edge * side) for edge, side in zip(edges, sides, strict=True))
    for level in 10.0 ** np.arange(np.ceil(first), last):
        ax.plot(edges, level / np.array(edges), color=GREY, linewidth=0.7, linestyle="--", zorder=0)
    ax.set_xlim(edges)
    ax.set_ylim(sides)
