"""Charts of demand and worth. Each draws on the Axes that it is given and returns it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from churnlab.answers.words import money, shortened
from churnlab.demand import Forecast
from churnlab.plots.style import GREY, PALETTE

_LABEL_LETTERS = 34


def demand_record(ax: Axes, history: pd.DataFrame, *, coming: pd.Timestamp, forecast: Forecast, unit: str) -> Axes:
    """Draw what came against what was forecast, and the forecast to come with its interval.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    history : DataFrame
        ``start``, ``forecast``, ``seen`` of past periods.
    coming : Timestamp
        First day of the period to come.
    forecast : Forecast
        Its forecast.
    unit : str
        What is counted.
    """
    seen, past, next_ = PALETTE[0], PALETTE[3], PALETTE[2]
    begin = np.array([coming], dtype="datetime64[us]")
    ax.plot(history["start"], history["seen"], "-o", color=seen, markersize=3.5, linewidth=1.4)
    ax.plot(history["start"], history["forecast"], "s", color=past, markersize=4, fillstyle="none")
    ax.vlines(begin, forecast.low, forecast.high, color=next_, linewidth=3)
    ax.plot(begin, [forecast.value], "D", color=next_, markersize=6)
    ax.set_ylim(0, 1.3 * max(forecast.high, float(history[["forecast", "seen"]].max().max())))
    for place, (text, colour) in enumerate(
        (("\N{BLACK CIRCLE} what came", seen), ("\N{WHITE SQUARE} what the rule had said", past),
         ("\N{BLACK DIAMOND} to come, with its interval", next_))
    ):  # fmt: skip
        ax.text(0.01 + 0.29 * place, 0.98, text, color=colour, transform=ax.transAxes, va="top", fontsize=9)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda amount, _: money(amount) if amount else "0"))
    ax.set_ylabel(unit)
    return ax


def client_values(ax: Axes, clients: pd.DataFrame, *, label: Callable[[str], str]) -> Axes:
    """Draw clients' values with both intervals, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    clients : DataFrame
        ``client_id``, ``value``, ``life_low``, ``life_high``, ``low``, ``high``.
    label : callable
        What to call a client.
    """
    height = np.arange(len(clients))[::-1]
    ax.hlines(height, clients["low"], clients["high"], color=GREY, linewidth=1.2)
    ax.hlines(height, clients["life_low"], clients["life_high"], color=PALETTE[0], linewidth=4)
    ax.plot(clients["value"], height, "o", color=PALETTE[0], markersize=6)
    ax.set_yticks(height, [shortened(label(client), _LABEL_LETTERS) for client in clients["client_id"]])
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: money(amount) if amount else "0"))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("value in sales, with 95 % intervals\nthick: by lifetime alone; thin: from past outcomes")
    return ax
