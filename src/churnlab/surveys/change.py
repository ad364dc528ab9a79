"""Answers before and after a day on which something was changed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from churnlab.surveys.comparison import Comparison, compare
from churnlab.surveys.figure import UNKNOWN, Figure
from churnlab.surveys.within import codes


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """How much higher answers are after a day than before it.

    Attributes
    ----------
    concerned : Comparison
        Answers after less answers before, of the same clients in the same strata; of the clients concerned, or of all.
    others : Comparison or None
        The same for clients not concerned; None if not told apart.
    apart : Figure or None
        The first less the second, with its interval; None if not told apart.
    """

    concerned: Comparison
    others: Comparison | None
    apart: Figure | None

    @property
    def verdict(self) -> Literal["higher after", "lower after", "cannot tell"]:
        """Whether answers are higher after; beyond those of clients not concerned, if these are told apart.

        What came after did not for that come from it.
        """
        ends = (self.concerned.low, self.concerned.high) if self.apart is None else (self.apart.low, self.apart.high)
        return "higher after" if ends[0] > 0 else "lower after" if ends[1] < 0 else "cannot tell"


def before_after(
    scores: npt.ArrayLike,
    day: npt.ArrayLike,
    changed_on: float,
    client: npt.ArrayLike,
    *,
    window: float,
    stratum: npt.ArrayLike | None = None,
    concerned: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> BeforeAfter:
    """Answers in a window after a day less those in a window before it, within client and stratum.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Answers; NaN are left out.
    day : array_like of float, shape (n,)
        When they were given, in days.
    changed_on : float
        The day of the change, the first of those after.
    client : array_like, shape (n,)
        Who gave them.
    window : float
        Days looked at on either side.
    stratum : array_like, shape (n,), optional
        Wave and mode; answers are compared within them only.
    concerned : array_like of bool, shape (n,), optional
        Whether the client is one whom the change concerns, the same for all its answers; without it all are.
    level : float
        Coverage of the intervals.

    Returns
    -------
    BeforeAfter
        Figures are NaN where a side has fewer than ten clients with answers before and after.

    Raises
    ------
    ValueError
        If shapes differ, the window is not above zero, or a client is both concerned and not.

    Notes
    -----
    A difference after is not a difference because: other things change too. With clients not concerned, what moved all
    alike drops out (difference in differences); what else moved the concerned alone does not. A change made since
    scores were low is followed by higher ones without it. The two groups share no client, so that their variances add
    (Welch).

    Examples
    --------
    >>> client, day = np.tile(np.arange(40), 2), np.repeat([100.0, 200.0], 40)
    >>> concerned = client < 20
    >>> noise = np.random.default_rng(1).normal(0, 0.5, 80)
    >>> found = before_after(7 + concerned * (day > 150) + noise, day, 150, client, window=90, concerned=concerned)
    >>> round(found.concerned.value, 1), round(found.others.value, 1), found.verdict
    (0.9, -0.1, 'higher after')
    """
    given, when, who = np.asarray(scores, dtype=np.float64), np.asarray(day, dtype=np.float64), np.asarray(client)
    place = np.zeros(given.shape, dtype=np.int64) if stratum is None else np.asarray(stratum)
    flag = np.ones(given.shape, dtype=bool) if concerned is None else np.asarray(concerned, dtype=bool)
    if not given.shape == when.shape == who.shape == place.shape == flag.shape or given.ndim != 1:
        shapes = ", ".join(str(each.shape) for each in (given, when, who, place, flag))
        message = f"expected arrays of one length, got {shapes}"
        raise ValueError(message)
    if not window > 0:
        message = f"expected a window above 0 days, got {window}"
        raise ValueError(message)
    here = ~np.isnan(given) & (when >= changed_on - window) & (when < changed_on + window)
    person = codes(who)
    if np.intersect1d(person[flag], person[~flag]).size:
        message = "expected every client to be concerned in all its answers or in none, got some in both"
        raise ValueError(message)
    cell = person * (len(place) + 1) + codes(place)

    def moved(side: npt.NDArray[np.bool_]) -> Comparison:
        return compare(given[side], when[side] >= changed_on, person[side], stratum=cell[side], level=level)

    first = moved(here & flag)
    if concerned is None:
        return BeforeAfter(first, None, None)
    second = moved(here & ~flag)
    return BeforeAfter(first, second, _apart(first, second, level=level))


def _apart(first: Comparison, second: Comparison, *, level: float) -> Figure:
    """Difference of two independent comparisons, with Welch's degrees of freedom."""
    if np.isnan([first.low, second.low]).any():
        return UNKNOWN
    free = np.array([first.clients - 1, second.clients - 1])
    spread = np.array([first.high - first.value, second.high - second.value])
    variance = (spread / t.ppf(0.5 + level / 2, free)) ** 2
    error = float(np.sqrt(variance.sum()))
    half = float(t.ppf(0.5 + level / 2, variance.sum() ** 2 / (variance**2 / free).sum())) * error
    value = first.value - second.value
    return Figure(value, value - half, value + half, error)
