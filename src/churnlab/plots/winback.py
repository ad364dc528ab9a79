"""Lost clients: how many are still away."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from churnlab.lifetime import SurvivalCurve
from churnlab.plots.style import PALETTE


def still_away(ax: Axes, curve: SurvivalCurve) -> Axes:
    """Draw the share of lost clients that is still away, as steps with a pointwise 95 % band and n.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : SurvivalCurve
        By months since the last order; not empty.
    """
    time = np.concatenate(([curve.start], curve.month))
    ax.fill_between(time, np.r_[1, curve.low], np.r_[1, curve.high], step="post", color=PALETTE[0], alpha=0.15)
    ax.step(time, np.r_[1, curve.survival], where="post", color=PALETTE[0])
    for month in range(0, len(curve.month), 12):
        ax.annotate(f"n {curve.at_risk[month]}", (curve.month[month], 0.03), fontsize=8, color=PALETTE[4], ha="left")
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("months since the last order")
    ax.set_ylabel("still away")
    return ax
