"""How long clients stay: a tail beyond what was seen, leaving by reason, the hazard by tenure, grades of forecasts."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from churnlab.answers.words import shortened
from churnlab.lifetime import BrierScore, Incidence, SurvivalCurve, Tail, TenureBands
from churnlab.plots.charts import spread_apart, survival
from churnlab.plots.style import GREY, PALETTE

_STYLES = ("-", "--", "-.", ":")


def survival_and_tail(ax: Axes, curve: SurvivalCurve, tail: Tail, *, label: str) -> Axes:
    """Draw a survival curve, and its extrapolation dashed and named as such.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : SurvivalCurve
        What was seen.
    tail : Tail
        What a law would make of it; nothing is drawn where it has no months.
    label : str
        What to call the curve.
    """
    survival(ax, [(label, curve)])
    if not len(tail.month):
        return ax
    for text in list(ax.texts):
        text.remove()  # the tail's own label stands there
    month = np.concatenate(([curve.month[-1]], tail.month))
    low, middle, high = (
        np.concatenate(([start[-1]], end))
        for start, end in ((curve.low, tail.low), (curve.survival, tail.survival), (curve.high, tail.high))
    )
    ax.fill_between(month, low, high, color=GREY, alpha=0.12, linewidth=0)
    ax.plot(month, middle, color=GREY, linestyle="--")
    ax.axvline(curve.month[-1], color=GREY, linewidth=1, linestyle=":")
    ax.annotate(
        "extrapolation: nobody\nwas seen here", (month[-1], middle[-1]), xytext=(6, 0), textcoords="offset points",
        color=GREY, va="center", fontsize=9, annotation_clip=False,
    )  # fmt: skip
    return ax


def leaving_by_reason(ax: Axes, incidence: Incidence, reasons: Sequence[str]) -> Axes:
    """Draw the share that has left for each reason, by tenure, with pointwise 95 % bands.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    incidence : Incidence
        Shares by reason.
    reasons : sequence of str
        Names of the reasons, in the same order.
    """
    time = np.concatenate(([incidence.start], incidence.month))
    ends = [float(row[-1]) for row in incidence.share]
    heights = spread_apart(ends, 0.06 * float(incidence.high[:, -1].max()))
    for place, (name, height) in enumerate(zip(reasons, heights, strict=True)):
        colour = PALETTE[place % len(PALETTE)]
        low, middle, high = (np.r_[0, part[place]] for part in (incidence.low, incidence.share, incidence.high))
        ax.fill_between(time, low, high, step="post", color=colour, alpha=0.10, linewidth=0)
        ax.step(time, middle, where="post", color=colour, linestyle=_STYLES[place % len(_STYLES)])
        ax.annotate(
            f"{shortened(name)} (n {incidence.events[place]})", (time[-1], height), xytext=(6, 0),
            textcoords="offset points", color=colour, va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("months of tenure")
    ax.set_ylabel("have left for this reason")
    return ax


def tenure_bands(ax: Axes, bands: TenureBands) -> Axes:
    """Draw the monthly hazard by bands of tenure with 95 % intervals and departures; bands with too few are left out.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    bands : TenureBands
        Hazards.
    """
    known = np.flatnonzero(~np.isnan(bands.hazard))
    middle = (bands.first[known] - 1 + bands.last[known]) / 2
    ax.hlines(bands.hazard[known], bands.first[known] - 1, bands.last[known], color=PALETTE[0], linewidth=3)
    ax.vlines(middle, bands.low[known], bands.high[known], color=PALETTE[0], linewidth=1.6)
    for across, place in zip(middle, known, strict=True):
        ax.annotate(
            f"n {bands.events[place]}", (across, bands.high[place]), xytext=(0, 3), textcoords="offset points",
            ha="center", va="bottom", fontsize=8, color=PALETTE[4],
        )  # fmt: skip
    ax.set_ylim(0, 1.15 * float(bands.high[known].max()))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
    ax.set_xlabel("months of tenure (n departures)")
    ax.set_ylabel("leave a month")
    return ax


def brier_by_month(ax: Axes, score: BrierScore) -> Axes:
    """Draw Brier scores of forecasts and of one curve for all, by months since the forecast.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    score : BrierScore
        Scores.
    """
    rows = (("by tenure", score.score, "-"), ("one curve for all", score.baseline, "--"))
    heights = spread_apart([float(values[-1]) for _, values, _ in rows], 0.08 * float(score.baseline.max()))
    for place, ((name, values, style), height) in enumerate(zip(rows, heights, strict=True)):
        colour = PALETTE[2 * place]
        ax.plot(score.month, values, color=colour, linestyle=style)
        ax.annotate(
            name, (score.month[-1], height), xytext=(6, 0), textcoords="offset points", color=colour, va="center",
            fontsize=9, annotation_clip=False,
        )  # fmt: skip
    ax.set_ylim(0, 1.05 * max(*heights, float(score.score.max()), float(score.baseline.max())))
    ax.set_xlabel("months after the forecast")
    ax.set_ylabel("Brier score (lower is better)")
    return ax
