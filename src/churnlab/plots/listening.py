"""Charts of what the surveys say. Each draws on the Axes that it is given and returns it."""

import pandas as pd
from matplotlib.axes import Axes

from churnlab.plots.style import GREY, interval_rows


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
