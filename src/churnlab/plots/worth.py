"""Charts of worth. Each draws on the Axes that it is given and returns it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator

from churnlab.answers.words import money
from churnlab.lifetime import Estimate
from churnlab.plots.style import GREY, PALETTE, brief


def client_values(ax: Axes, clients: pd.DataFrame, *, label: Callable[[str], str], unit: str) -> Axes:
    """Draw clients' values with both intervals, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    clients : DataFrame
        ``client_id``, ``value``, ``mean_low``, ``mean_high``, ``low``, ``high``.
    label : callable
        What to call a client.
    unit : str
        What value counts.
    """
    height = np.arange(len(clients))[::-1]
    ax.hlines(height, clients["low"], clients["high"], color=GREY, linewidth=1.2)
    ax.hlines(height, clients["mean_low"], clients["mean_high"], color=PALETTE[0], linewidth=4)
    ax.plot(clients["value"], height, "o", color=PALETTE[0], markersize=6)
    ax.set_yticks(height, brief([label(client) for client in clients["client_id"]]))
    ax.axvline(0, color=GREY, linewidth=1)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    _money_along(ax.xaxis)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(f"value in {unit}, with 95 % intervals\nthick: of the expectation; thin: of what comes")
    return ax


def value_parts(ax: Axes, sums: dict[str, float], *, total: Estimate) -> Axes:
    """Draw what a value is made of: each part begins where the one above ends, and their sum stands last.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    sums : dict of str to float
        Money by part, in the order in which they are drawn.
    total : Estimate
        Their sum with its interval, which is drawn where it is known.
    """
    names = [*sums, "value"]
    size = np.array([*sums.values(), sum(sums.values())])
    begin = np.append(np.cumsum(size[:-1]) - size[:-1], 0.0)
    height = np.arange(len(names))[::-1]
    colours = [PALETTE[0] if part >= 0 else PALETTE[3] for part in size[:-1]] + [PALETTE[1]]
    ax.barh(height, size, left=begin, color=colours, height=0.6)
    ends = np.maximum(begin, begin + size)
    if not np.isnan(total.low):
        ax.hlines(0, total.low, total.high, color=GREY, linewidth=1.6)
        ends[-1] = max(ends[-1], total.high)
    top = float(max(ends.max(), 1e-9))
    for level, part, end in zip(height, size, ends, strict=True):
        ax.text(end + 0.01 * top, level, money(part), va="center", fontsize=9)
    ax.set_yticks(height, names)
    ax.set_xlim(min(0.0, float(np.minimum(begin, begin + size).min())), 1.22 * top)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.axvline(0, color=GREY, linewidth=1)
    ax.grid(visible=False, axis="y")
    _money_along(ax.xaxis)
    ax.set_xlabel("money of today; grey line: 95 % interval of what comes")
    return ax


def two_values(ax: Axes, clients: pd.DataFrame, *, named: int, label: Callable[[str], str]) -> Axes:
    """Draw clients' values by orders alone against those by the hazard, both on log scales.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    clients : DataFrame
        ``client_id``, ``hazard``, ``orders``, the farthest apart first; clients that are worth nothing by either are
        left out.
    named : int
        How many of the first to name.
    label : callable
        What to call a client.
    """
    drawn = clients[(clients["hazard"] > 0) & (clients["orders"] > 0)]
    ax.plot(drawn["hazard"], drawn["orders"], "o", color=PALETTE[0], markersize=4, alpha=0.6)
    ends = (float(drawn[["hazard", "orders"]].min().min()), float(drawn[["hazard", "orders"]].max().max()))
    ax.plot(ends, ends, color=GREY, linewidth=1, linestyle="--")
    ax.set_xscale("log")
    ax.set_yscale("log")
    for place, row in enumerate(drawn.head(named).to_dict("records")):
        ax.plot([row["hazard"]], [row["orders"]], "D", color=PALETTE[2], markersize=6)
        ax.annotate(
            f"{place + 1}",
            (row["hazard"], row["orders"]),
            xytext=(6, -10) if place % 2 == 0 else (-12, 5),
            textcoords="offset points",
            fontsize=9,
        )
    names = brief([label(client) for client in drawn["client_id"].head(named)])
    key = [f"{place + 1}  {name}" for place, name in enumerate(names)]
    ax.text(0.02, 0.98, "\n".join(key), transform=ax.transAxes, va="top", fontsize=9, parse_math=False)
    for axis in (ax.xaxis, ax.yaxis):
        _money_along(axis)
    ax.set_xlabel("by the hazard, net sales")
    ax.set_ylabel("by orders alone, net sales")
    return ax


def _money_along(axis: Axis) -> None:
    axis.set_major_formatter(FuncFormatter(lambda amount, _: money(amount) if amount else "0"))
