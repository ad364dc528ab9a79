"""A share with its interval. The one place where it is computed."""

import numpy as np
from scipy.stats import binomtest

from churnlab.lifetime import Estimate


def share(part: int, whole: int) -> Estimate:
    """Share with a 95 % Wilson interval; NaN of nothing.

    Examples
    --------
    >>> found = share(8, 10)
    >>> [round(figure, 4) for figure in (found.value, found.low, found.high)]
    [0.8, 0.4902, 0.9433]
    """
    if not whole:
        return Estimate(np.nan, np.nan, np.nan)
    found = binomtest(part, whole)
    wilson = found.proportion_ci(method="wilson")
    return Estimate(float(found.statistic), float(wilson.low), float(wilson.high))
