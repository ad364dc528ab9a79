"""How long it takes to replace what is lost, at the past rate of new business."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, t

from churnlab.lifetime import Estimate

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class NewBusiness:
    """New clients of the past, and what they brought.

    Attributes
    ----------
    won, months : int
        Clients won, and the months in which they were.
    first_year : Estimate
        Mean sales of a new client's first twelve months, money, with Student's interval; NaN where none was won.
    a_month : Estimate
        Yearly sales that the clients won in one month bring, money.
    """

    won: int
    months: int
    first_year: Estimate
    a_month: Estimate

    def months_to_replace(self, lost: float) -> Estimate:
        """Months of new business that bring yearly sales of `lost`; the upper end is NaN where it is not bounded."""
        return _over(lost, self.a_month)

    def contracts(self, lost: float) -> Estimate:
        """New clients of the usual size that bring yearly sales of `lost`."""
        return _over(lost, self.first_year)


def new_business(first_year_sales: npt.ArrayLike, *, months: int) -> NewBusiness:
    """Count what new clients brought.

    Parameters
    ----------
    first_year_sales : array_like of float, shape (k,)
        Net sales of the first twelve months of each client that was won in the months watched; negative ones count
        as 0.
    months : int
        Months in which they were won.

    Returns
    -------
    NewBusiness

    Raises
    ------
    ValueError
        If no month was watched.

    Notes
    -----
    Clients are taken to come as a Poisson process, each with sales of its own: the interval of their sum a month is the
    gamma interval for a weighted sum of Poisson counts, the largest client giving the upper end its reserve.

    References
    ----------
    Fay and Feuer (1997), Confidence intervals for directly standardized rates, Statistics in Medicine 16, 791-801.

    Examples
    --------
    >>> found = new_business([100.0] * 24, months=48)
    >>> found.a_month.value, [round(end) for end in (found.a_month.low, found.a_month.high)]
    (50.0, [32, 74])
    >>> found.months_to_replace(600.0).value, found.contracts(600.0).value
    (12.0, 6.0)
    """
    if months < 1:
        raise ValueError(f"expected one month or more, got {months}: without time there is no rate")
    sales = np.maximum(np.asarray(first_year_sales, dtype=np.float64), 0.0)
    total, squares = float(sales.sum()), float((sales**2).sum())
    if not total > 0:
        return NewBusiness(len(sales), months, *[Estimate(np.nan, np.nan, np.nan)] * 2)
    tail, most = (1 - _LEVEL) / 2, float(sales.max())
    low = squares / (2 * total) * chi2.ppf(tail, 2 * total**2 / squares)
    wide, far = squares + most**2, total + most
    high = wide / (2 * far) * chi2.ppf(1 - tail, 2 * far**2 / wide)
    mean = total / len(sales)
    half = t.ppf(1 - tail, len(sales) - 1) * sales.std(ddof=1) / np.sqrt(len(sales)) if len(sales) > 1 else np.nan
    return NewBusiness(
        won=len(sales),
        months=months,
        first_year=Estimate(mean, float(max(mean - half, 0.0)), float(mean + half)),
        a_month=Estimate(total / months, float(low) / months, float(high) / months),
    )


def _over(lost: float, rate: Estimate) -> Estimate:
    """Lost money over a rate; without an upper end where the rate may be 0."""
    if not rate.value > 0:
        return Estimate(np.nan, np.nan, np.nan)
    return Estimate(lost / rate.value, lost / rate.high, lost / rate.low if rate.low > 0 else np.nan)
