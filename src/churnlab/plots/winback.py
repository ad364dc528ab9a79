"""Silences and lost clients: how many end with an order, how many are still away."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, PercentFormatter

from churnlab.lifetime import SurvivalCurve
from churnlab.plots.style import GREY, PALETTE
from churnlab.winback import Deal


def return_rates(ax: Axes, curve: pd.DataFrame, *, follow_up_days: int) -> Axes:
    """Draw how often silences that reached a length ended with an order, with 95 % intervals and n.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : DataFrame
        ``days``, ``reached``, ``returned``, ``low``, ``high``; rows without a share are left out.
    follow_up_days : int
        Days within which a return counted.
    """
    known = curve.dropna(subset="low")
    ax.fill_between(known["days"], known["low"], known["high"], color=PALETTE[0], alpha=0.15, linewidth=0)
    ax.plot(known["days"], known["returned"], "-" if len(known) > 1 else "o", color=PALETTE[0])
    for row in known.iloc[:: max(1, len(known) // 6)].itertuples():
        ax.annotate(
            f"n {row.reached}", (row.days, 1.02), fontsize=8, color=PALETTE[4], ha="center", annotation_clip=False
        )
    ax.axhline(0.5, color=GREY, linewidth=1, linestyle="--")
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("days of silence so far")
    ax.set_ylabel(f"ended with an order\nwithin {follow_up_days} more days")
    return ax


def limits(ax: Axes, table: pd.DataFrame) -> Axes:
    """Draw what became of departures against how soon they were known, one line a kind of limit, with 95 % intervals.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    table : DataFrame
        ``family``, ``threshold``, ``departures``, ``days`` (until a departure was known), ``came_back``, ``low``,
        ``high`` and ``proposed``; rows without an interval are left out.
    """
    known = table.dropna(subset=["low", "days"])
    for place, (family, rows) in enumerate(known.groupby("family", sort=False)):
        colour = PALETTE[place]
        ax.vlines(rows["days"], rows["low"], rows["high"], color=colour, alpha=0.35, linewidth=4)
        ax.plot(rows["days"], rows["came_back"], "o-", color=colour, markersize=5, linewidth=1.5)
        chosen = rows[rows["proposed"]]
        ax.plot(chosen["days"], chosen["came_back"], "o", color=colour, markersize=12, markerfacecolor="none")
        names = [f"{family}: ", *[""] * (len(rows) - 1)]
        aside, side = ((-7, -4), "right") if place == 0 else ((6, 3), "left")
        for name, row in zip(names, rows.itertuples(), strict=True):
            label, at = f"{name}{row.threshold:g}, n {row.departures}", (row.days, row.came_back)
            ax.annotate(label, at, aside, textcoords="offset points", fontsize=8, ha=side, color=colour)
    ax.set_ylim(0, 1)
    ax.set_xlim(0, None)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("days until a departure was known (median)")
    ax.set_ylabel("ordered again so far")
    return ax


def still_away(ax: Axes, curve: SurvivalCurve) -> Axes:
    """Draw the share of lost clients that is still away, as steps with a pointwise 95 % band and n.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : SurvivalCurve
        By months since counting as lost; not empty.
    """
    time = np.concatenate(([curve.start], curve.month))
    ax.fill_between(time, np.r_[1, curve.low], np.r_[1, curve.high], step="post", color=PALETTE[0], alpha=0.15)
    ax.step(time, np.r_[1, curve.survival], where="post", color=PALETTE[0])
    for month in range(0, len(curve.month), 12):
        ax.annotate(f"n {curve.at_risk[month]}", (curve.month[month], 0.03), fontsize=8, color=PALETTE[4], ha="left")
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.xaxis.set_major_locator(MultipleLocator(12))
    ax.set_xlabel("months since counting as lost")
    ax.set_ylabel("still away")
    return ax


def deal_swings(ax: Axes, sheet: pd.DataFrame) -> Axes:
    """Draw how far each item moves the other supplier's total over its range, the widest on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    sheet : DataFrame
        ``item``, ``total_low``, ``total_high``, by 100 of our price; rows without a range are left out. The row
        ``all together`` holds the total in the middle, ``theirs``.
    """
    middle = float(sheet.loc[sheet["item"] == "all together", "theirs"].iloc[0])
    known = sheet.dropna(subset=["total_low", "total_high"])
    order = np.argsort(-(known["total_high"] - known["total_low"]).to_numpy(), kind="stable")
    rows, height = known.iloc[order], np.arange(len(known))[::-1]
    ax.barh(
        height, middle - rows["total_low"], left=rows["total_low"], color=PALETTE[1], height=0.6, label="at its lowest"
    )
    ax.barh(height, rows["total_high"] - middle, left=middle, color=PALETTE[0], height=0.6, label="at its highest")
    ax.axvline(100, color=PALETTE[3], linewidth=1.5, linestyle="--")
    ax.text(100, len(known) - 0.45, "our price ", color=PALETTE[3], fontsize=9, ha="right", va="bottom")
    ax.axvline(middle, color=GREY, linewidth=1)
    ends = [rows["total_low"].min(), rows["total_high"].max(), 100.0]
    room = 0.05 * (max(ends) - min(ends))
    ax.set_xlim(min(ends) - room, max(ends) + room)
    ax.set_yticks(height, list(rows["item"]))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("the other's total by 100 of our price, all counted")
    ax.legend(frameon=False, loc="lower left")
    return ax


def offers_left(ax: Axes, offers: Sequence[Deal], *, counted: float) -> Axes:
    """Draw what is left of offers against the share of implicit costs that the buyer counts, with the range of costs.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    offers : sequence of Deal
        At several depths.
    counted : float
        Share that buyers are assumed to count.
    """
    across = np.array([0.0, 1.0])
    for place, one in enumerate(sorted(offers, key=lambda one: one.discount)):
        colour = PALETTE[place % len(PALETTE)]
        ends = [one.left(share) for share in across]
        ax.fill_between(across, [end.low for end in ends], [end.high for end in ends], color=colour, alpha=0.15)
        ax.plot(across, [end.value for end in ends], color=colour)
        ax.annotate(
            f"{100 * one.discount:.0f} % cheaper", (1.0, ends[1].value), (6, 0), textcoords="offset points",
            color=colour, va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
    ax.axhline(0, color=GREY, linewidth=1)
    ax.axvline(counted, color=GREY, linewidth=1, linestyle="--")
    ax.text(counted, ax.get_ylim()[1], " assumed of buyers", color=GREY, fontsize=9, va="top")
    ax.margins(x=0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("share of the implicit costs that the buyer counts")
    ax.set_ylabel("left of the discount, share of price")
    return ax
