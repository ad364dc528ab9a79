"""Charts of what the surveys say. Each draws on the Axes that it is given and returns it."""

import pandas as pd
from matplotlib.axes import Axes

from churnlab.answers.words import shortened
from churnlab.plots.style import GREY, PALETTE, interval_rows


def factor_correlations(ax: Axes, factors: pd.DataFrame) -> Axes:
    """Draw rank correlations of factors with recommendation, with 95 % intervals, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    factors : DataFrame
        ``factor``, ``n`` (clients), ``correlation``, ``low``, ``high``.
    """
    labels = [f"{row.factor} (n {row.n})" for row in factors.itertuples()]
    interval_rows(ax, factors, "correlation", labels=labels)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set_xlim(min(0.0, 1.1 * float(factors["low"].min())), 1)
    ax.set_xlabel("rank correlation with recommendation, over clients")
    return ax


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
    ax.set_ylabel(f"mean answer, n {track['n'].min()} to {track['n'].max()} a quarter")
    return ax
