"""Charts, one function a result. Each draws on the Axes that it is given and returns it."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator, PercentFormatter

from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.words import shortened
from churnlab.lifetime import SurvivalCurve
from churnlab.plots.style import GREY, LIGHT, PALETTE, interval_rows
from churnlab.scenarios import PairedDifference
from churnlab.surveys.nps import LEAST_SURE_ANSWERS

_LABEL_LETTERS = 34
_MARKERS = ("o", "s", "D", "^", "v", "P")


def purchases_by_month(ax: Axes, counts: pd.DataFrame) -> Axes:
    """Draw purchases a month, one line a product line.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    counts : DataFrame
        ``month`` (Timestamp), ``line``, ``purchases``.
    """
    groups = list(counts.groupby("line", sort=True))
    ends = [float(group["purchases"].iloc[-6:].mean()) for _, group in groups]
    heights = spread_apart(ends, 0.06 * float(counts["purchases"].max()))
    for place, ((line, group), height) in enumerate(zip(groups, heights, strict=True)):
        colour = PALETTE[place % len(PALETTE)]
        ax.plot(group["month"], group["purchases"], color=colour, linewidth=1.6)
        _label(ax, group["month"].iloc[-1], height, str(line), colour)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("purchases a month")
    return ax


def net_promoter(ax: Axes, frame: pd.DataFrame) -> Axes:
    """Draw the net promoter index by year, one series a wave and mode, with intervals; grey under 30 votes.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        ``wave``, ``mode``, ``period``, ``n``, ``nps``, ``low``, ``high``.
    """
    known = frame.dropna(subset="nps")
    groups = list(known.groupby(["wave", "mode"]))
    span = float(known["high"].max() - known["low"].min())
    heights = spread_apart([float(group["nps"].iloc[-1]) for _, group in groups], 0.07 * span)
    for place, (((wave, mode), group), height) in enumerate(zip(groups, heights, strict=True)):
        colour, shift = PALETTE[place % len(PALETTE)], 0.12 * (place - 1.5)
        few = group["n"] < LEAST_SURE_ANSWERS
        for some, shade in ((group[~few], colour), (group[few], GREY)):
            _points(ax, some["period"] + shift, some["nps"], some["low"], some["high"], colour=shade, place=place)
        last = group.iloc[-1]
        _label(ax, last["period"] + 0.35, height, f"{wave}, {mode} (n {last['n']})", colour)
    ax.axhline(0, color=GREY, linewidth=1)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel("net promoter index")
    return ax


def survival(
    ax: Axes,
    curves: Sequence[tuple[str, SurvivalCurve]],
    *,
    there: str = "still a client",
    language: Language = ENGLISH,
) -> Axes:
    """Draw survival curves as steps with pointwise 95 % bands.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curves : sequence of (str, SurvivalCurve)
        Label and curve; curves without months are left out.
    there : str
        What those are who have not left, in the reader's language.
    language : Language
        Of the axes.
    """
    drawn = [pair for pair in curves if len(pair[1].month)]
    heights = spread_apart([float(curve.survival[-1]) for _, curve in drawn], 0.06)
    for place, ((label, curve), height) in enumerate(zip(drawn, heights, strict=True)):
        colour = PALETTE[place % len(PALETTE)]
        time = np.concatenate(([curve.start], curve.month))
        ax.fill_between(
            time, np.r_[1, curve.low], np.r_[1, curve.high], step="post", color=colour, alpha=0.15, linewidth=0
        )
        ax.step(time, np.r_[1, curve.survival], where="post", color=colour)
        _label(ax, time[-1], height, label, colour)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(_share_ticks(language))
    ax.set_xlabel(language.say("months of tenure"))
    ax.set_ylabel(there)
    return ax


def calibration(ax: Axes, bins: pd.DataFrame) -> Axes:
    """Draw forecast against seen risk, with n at every point.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    bins : DataFrame
        ``forecast``, ``seen``, ``low``, ``high``, ``n``.
    """
    top = float(max(bins["high"].max(), bins["forecast"].max())) * 1.1
    ax.plot([0, top], [0, top], color=GREY, linewidth=1, linestyle="--")
    ax.text(top * 0.93, top * 0.95, "right on average", color=GREY, ha="right", va="bottom", fontsize=9)
    _points(ax, bins["forecast"], bins["seen"], bins["low"], bins["high"], colour=PALETTE[0], place=0)
    for row in bins.itertuples():
        ax.annotate(
            f"n {row.n}", (row.forecast, row.low), xytext=(0, -4), textcoords="offset points",
            ha="center", va="top", fontsize=8, color=GREY,
        )  # fmt: skip
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    _shares(ax)
    ax.set_xlabel("forecast risk")
    ax.set_ylabel("share that left")
    return ax


def client_risks(
    ax: Axes,
    clients: pd.DataFrame,
    *,
    label: Callable[[str], str],
    says: str = "risk of leaving, with 95 % interval",
    language: Language = ENGLISH,
) -> Axes:
    """Draw clients' risks with intervals, the first row on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    clients : DataFrame
        ``client_id``, ``risk``, ``low``, ``high``.
    label : callable
        What to call a client.
    says : str
        What is drawn, in the reader's language.
    language : Language
        Of the axes.
    """
    interval_rows(ax, clients, "risk", labels=[label(client) for client in clients["client_id"]])
    ax.set_xlim(0, min(1.0, float(clients["high"].max()) * 1.1))
    ax.xaxis.set_major_formatter(_share_ticks(language, decimals=0))
    ax.set_xlabel(says)
    return ax


def retention(ax: Axes, frame: pd.DataFrame) -> Axes:
    """Draw the share of today's clients still there, one line a policy, with 95 % bands.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        ``policy``, ``month``, ``mean``, ``low``, ``high``.
    """
    styles = ("-", "--", "-.")
    ends = []
    for place, (policy, group) in enumerate(frame.groupby("policy", sort=False)):
        colour = PALETTE[place % len(PALETTE)]
        ax.fill_between(group["month"], group["low"], group["high"], color=colour, alpha=0.10, linewidth=0)
        ax.plot(group["month"], group["mean"], color=colour, linestyle=styles[place % len(styles)])
        ends.append((float(group["mean"].iloc[-1]), str(policy), colour))
    for height, (_, policy, colour) in zip(spread_apart([end[0] for end in ends], 0.06), ends, strict=True):
        _label(ax, frame["month"].max(), height, policy, colour)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("months from now")
    ax.set_ylabel("still a client")
    return ax


def differences(
    ax: Axes,
    pairs: Sequence[PairedDifference],
    *,
    says: str = "difference in discounted profit, millions, with 95 % interval",
    language: Language = ENGLISH,
) -> Axes:
    """Draw paired differences of value with 95 % intervals around a line at zero.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    pairs : sequence of PairedDifference
        Differences, the first on top.
    says : str
        What is drawn, in the reader's language.
    language : Language
        Of the axes.
    """
    height = np.arange(len(pairs))[::-1]
    for place, (level, one) in enumerate(zip(height, pairs, strict=True)):
        ax.hlines(level, one.low, one.high, color=PALETTE[place], linewidth=3)
        ax.plot(one.mean, level, _MARKERS[place], color=PALETTE[place], markersize=8)
    ax.axvline(0, color=GREY, linewidth=1)
    say = language.say
    named = [{"policy": say(one.policy), "other": say(one.against)} for one in pairs]
    ax.set_yticks(height, [say("{policy}\nagainst {other}", **both) for both in named])
    ax.set_ylim(-0.6, len(pairs) - 0.4)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: language.short(amount / 1e6)))
    ax.set_xlabel(says)
    return ax


def break_even_map(ax: Axes, frame: pd.DataFrame, *, paid: float) -> Axes:
    """Draw the break-even service cost over offer rate and depth; grey where we cannot tell.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        ``offers_per_year``, ``offer_depth``, ``cost``, ``low``, ``high``.
    paid : float
        Actual service cost, share of sales.
    """
    across = {value: place for place, value in enumerate(sorted(frame["offer_depth"].unique()))}
    up = {value: place for place, value in enumerate(sorted(frame["offers_per_year"].unique()))}
    for row in frame.to_dict("records"):
        place = (across[row["offer_depth"]], up[row["offers_per_year"]])
        known = not np.isnan(row["cost"])
        colour = PALETTE[1] if row["low"] > paid else PALETTE[3] if row["high"] < paid else LIGHT
        ax.add_patch(Rectangle((place[0] - 0.48, place[1] - 0.48), 0.96, 0.96, color=colour, linewidth=0))
        text = f"{100 * row['cost']:.1f} %" if known else "more than\nwas seen"
        ax.text(*place, text, ha="center", va="center", fontsize=9, color="#1A1A1A")
    ax.set_xticks(list(across.values()), [f"{100 * value:g} %" for value in across])
    ax.set_yticks(list(up.values()), [f"{value:g}" for value in up])
    ax.set_xlim(-0.5, len(across) - 0.5)
    ax.set_ylim(-0.5, len(up) - 0.5)
    ax.grid(visible=False)
    ax.set_xlabel("mean depth of a competitor's offer, share of price")
    ax.set_ylabel("offers a client and year")
    return ax


def _points(
    ax: Axes,
    across: "pd.Series[float]",
    up: "pd.Series[float]",
    low: "pd.Series[float]",
    high: "pd.Series[float]",
    *,
    colour: str,
    place: int,
) -> None:
    ax.vlines(across, low, high, color=colour, linewidth=1.6)
    ax.plot(across, up, _MARKERS[place % len(_MARKERS)], color=colour, markersize=6)


def _label(ax: Axes, across: object, up: float, text: str, colour: str) -> None:
    """Write a direct label right of a point."""
    ax.annotate(
        shortened(text, _LABEL_LETTERS), (across, up), xytext=(6, 0), textcoords="offset points", color=colour,
        va="center", fontsize=9, annotation_clip=False,
    )  # fmt: skip


def spread_apart(heights: Sequence[float], gap: float) -> list[float]:
    """Move labels apart so that none hides another; order is kept.

    Parameters
    ----------
    heights : sequence of float
        Where they would stand.
    gap : float
        How far they have to stand apart.
    """
    order = np.argsort(heights)
    moved = np.array(heights, dtype=float)
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return [float(height) for height in moved]


def _share_ticks(language: Language, *, decimals: int | None = None) -> Formatter:
    """Write shares on an axis as the reader does."""
    if language.is_source:
        return PercentFormatter(1.0, decimals=decimals)
    return FuncFormatter(lambda share, _: language.percent(share))


def _shares(ax: Axes) -> None:
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
