"""Charts of the plan. Each draws on the Axes that it is given and returns it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from churnlab.answers.words import count, shortened
from churnlab.plots.style import GREY, LIGHT, PALETTE

_LABEL_LETTERS = 34
_MOST_MONTHS = 36
_GOLDEN = 0.618034


def plan_history(ax: Axes, past: pd.DataFrame, coming: pd.DataFrame, *, unit: str) -> Axes:
    """Draw what came month by month over the band that had been said, and the month to come.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    past : DataFrame
        ``begin``, ``low``, ``high``, ``seen`` of past months, in order; the last three years are drawn.
    coming : DataFrame
        ``begin``, ``value``, ``low``, ``high``: the month to come, or none.
    unit : str
        What is counted.
    """
    shown = past.tail(_MOST_MONTHS)
    missed = shown[(shown["seen"] < shown["low"]) | (shown["seen"] > shown["high"])]
    ax.fill_between(shown["begin"], shown["low"], shown["high"], color=LIGHT, linewidth=0)
    ax.plot(shown["begin"], shown["seen"], "-o", color=PALETTE[0], markersize=3.5, linewidth=1.4)
    ax.plot(missed["begin"], missed["seen"], "o", color=PALETTE[3], markersize=7, fillstyle="none", markeredgewidth=1.6)
    ax.vlines(coming["begin"], coming["low"], coming["high"], color=PALETTE[2], linewidth=3)
    ax.plot(coming["begin"], coming["value"], "D", color=PALETTE[2], markersize=6)
    highest = float(np.nanmax([shown["high"].max(), shown["seen"].max(), coming["high"].max()]))
    ax.set_ylim(0, 1.25 * highest)
    notes = (
        ("grey: interval said before", GREY),
        ("\N{BLACK CIRCLE} what came", PALETTE[0]),
        ("\N{WHITE CIRCLE} outside it", PALETTE[3]),
        ("\N{BLACK DIAMOND} to come", PALETTE[2]),
    )
    for place, (text, colour) in enumerate(notes):
        ax.text(0.01 + 0.26 * place, 0.98, text, color=colour, transform=ax.transAxes, va="top", fontsize=9)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda number, _: count(number)))
    ax.set_ylabel(unit)
    return ax


def errors_corrected(ax: Axes, corrections: pd.DataFrame) -> Axes:
    """Draw errors of months as planned on their first day and as corrected, a row a line, the first on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    corrections : DataFrame
        ``line``, ``first_error``, ``corrected_error`` of one measure.
    """
    height = np.arange(len(corrections))[::-1]
    ax.hlines(height, corrections["corrected_error"], corrections["first_error"], color=LIGHT, linewidth=3)
    ax.plot(corrections["first_error"], height, "o", color=PALETTE[0], markersize=7)
    ax.plot(corrections["corrected_error"], height, "D", color=PALETTE[2], markersize=7)
    ax.set_yticks(height, [shortened(line, _LABEL_LETTERS) for line in corrections["line"]])
    ax.set_ylim(-0.6, len(corrections) - 0.1)
    ax.set_xlim(0, 1.15 * float(corrections[["first_error", "corrected_error"]].max().max()))
    ax.text(
        0.01,
        0.98,
        "\N{BLACK CIRCLE} as planned on the first",
        color=PALETTE[0],
        transform=ax.transAxes,
        va="top",
        fontsize=9,
    )
    ax.text(
        0.40, 0.98, "\N{BLACK DIAMOND} as corrected", color=PALETTE[2], transform=ax.transAxes, va="top", fontsize=9
    )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("mean absolute error of a month, as a share of what came")
    return ax


def expected_and_seen(ax: Axes, clients: pd.DataFrame) -> Axes:
    """Draw each client's orders of the last month against what was expected; marked are those that surprise.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    clients : DataFrame
        ``last_expected``, ``last_came``, ``surprise``; clients who were none then are left out.
    """
    known = clients.dropna(subset=["last_expected"])
    least = 0.05
    said = known["last_expected"].clip(lower=least).to_numpy(dtype=float)
    came = known["last_came"].to_numpy(dtype=float)
    # clients with as many orders lie beside one another, the same way on every run
    spread = 0.5 * (np.arange(len(known)) * _GOLDEN % 1 - 0.5)
    kinds = (("", GREY, "o"), ("less than expected", PALETTE[3], "v"), ("more than expected", PALETTE[1], "^"))
    for word, colour, marker in kinds:
        mine = (known["surprise"] == word).to_numpy()
        ax.plot(said[mine], (came + spread)[mine], marker, color=colour, markersize=5 if word else 3)
    line = np.geomspace(float(said.min()), max(float(said.max()), 1.0), 50)
    ax.plot(line, line, color=PALETTE[0], linewidth=1)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(bottom=-0.5)
    notes = (
        ("\N{BLACK DOWN-POINTING TRIANGLE} less than expected", PALETTE[3]),
        ("\N{BLACK UP-POINTING TRIANGLE} more than expected", PALETTE[1]),
        ("line: as expected", PALETTE[0]),
    )
    for place, (text, colour) in enumerate(notes):
        ax.text(0.01, 0.98 - 0.07 * place, text, color=colour, transform=ax.transAxes, va="top", fontsize=9)
    ax.set_xlabel("orders expected of the client last month")
    ax.set_ylabel("orders that came")
    return ax
