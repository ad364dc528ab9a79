"""Three simple rules for the demand of all clients together, graded on past months that none of them had seen."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RULES: Final = (
    "last year's same period",
    "mean of the last 12 months",
    "last year's same period times growth",
)
"""From the simplest; growth is the last twelve months over the twelve before."""

LEAST_PAST = 12
"""With fewer past forecasts nothing is forecast."""

_ENOUGH_PAST = 24
"""The rule that needs two years is tried where so many past forecasts of it can be made."""

_YEAR = 12


@dataclass(frozen=True, slots=True)
class PastForecasts:
    """What each rule would have said in the past, beside what came.

    Attributes
    ----------
    ahead : int
        Months of the period that is forecast.
    rules : tuple of str
        Rules that could be tried; empty where none could.
    origin : ndarray of int, shape (n,)
        Months that were known when a forecast was made; forecast periods do not overlap.
    made : ndarray of float, shape (rules, n)
        Forecasts.
    seen : ndarray of float, shape (n,)
        What came.
    coming : ndarray of float, shape (rules,)
        Forecasts of the period that is to come.
    """

    ahead: int
    rules: tuple[str, ...]
    origin: Ints
    made: Floats
    seen: Floats
    coming: Floats

    @property
    def absolute_error(self) -> Floats:
        """Mean absolute error of each rule, as a share of the mean that was seen, shape (rules,)."""
        return np.abs(self.made - self.seen).mean(axis=1) / self.seen.mean()

    @property
    def leaning(self) -> Floats:
        """Median of what was seen over what was forecast, less 1, of each rule, shape (rules,)."""
        return np.median(self.seen / self.made, axis=1) - 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast with an interval from its own past errors.

    Attributes
    ----------
    rule : str
        Rule with the smallest past absolute error; empty where there are too few past forecasts.
    value, low, high : float
        Forecast, moved by the median of the rule's own past errors, and the ends of its interval; NaN where there is
        none.
    past : int
        Past forecasts that the choice and the interval rest on.
    covered, tested : int
        Of so many intervals made in the past by the same steps (choice included), so many held what came.
    """

    rule: str
    value: float
    low: float
    high: float
    past: int
    covered: int
    tested: int


def past_forecasts(monthly: npt.ArrayLike, *, ahead: int) -> PastForecasts:
    """Forecast past periods from the months before them alone.

    Parameters
    ----------
    monthly : array_like of float, shape (months,)
        Totals of whole months, the last one ending today.
    ahead : int
        Months of the period that is forecast, 1 to 12.

    Returns
    -------
    PastForecasts
        Rules that would have to divide by, or forecast, nothing are left out; a period of net returns counts as
        nothing sold.

    Raises
    ------
    ValueError
        If `ahead` is out of range or totals are not one row of known figures.
    """
    totals = np.asarray(monthly, dtype=np.float64)
    if not 1 <= ahead <= _YEAR:
        raise ValueError(f"expected 1 to {_YEAR} months ahead, got {ahead}")
    if totals.ndim != 1 or not np.isfinite(totals).all():
        raise ValueError(f"expected one row of finite totals, got shape {totals.shape}")
    last = len(totals)
    origins = np.arange(last - ahead, _YEAR - 1, -ahead, dtype=np.int64)[::-1]
    with_growth = origins[origins >= 2 * _YEAR]
    rules = RULES if len(with_growth) >= _ENOUGH_PAST else RULES[:2]
    origins = with_growth if rules == RULES else origins
    if not len(origins):
        nothing = np.zeros(0)
        return PastForecasts(ahead, (), origins, np.zeros((0, 0)), nothing, nothing)
    made = np.array([[_say(rule, totals[:known], ahead) for known in (*origins, last)] for rule in rules])
    seen = np.array([totals[known : known + ahead].sum() for known in origins]).clip(min=0.0)
    possible = np.isfinite(made).all(axis=1) & (made > 0).all(axis=1) & (seen.sum() > 0)
    return PastForecasts(
        ahead=ahead,
        rules=tuple(rule for rule, kept in zip(rules, possible, strict=True) if kept),
        origin=origins,
        made=made[possible, :-1],
        seen=seen,
        coming=made[possible, -1],
    )


def forecast(past: PastForecasts, *, level: float = 0.8) -> Forecast:
    """Let the rule with the smallest past absolute error speak, with an interval from its own past errors.

    Parameters
    ----------
    past : PastForecasts
        Result of :func:`past_forecasts`.
    level : float
        Coverage of the interval, at least, if the next error is one like the past ones.

    Returns
    -------
    Forecast
        NaN throughout with fewer than ``LEAST_PAST`` past forecasts.

    Raises
    ------
    ValueError
        If so few past forecasts cannot give the level.

    Notes
    -----
    The ends are the k-th smallest and the k-th largest ratio of what was seen to what was forecast, with the
    largest k for which ``1 - 2 k / (n + 1)`` is still at least the level: a prediction interval without an assumed law
    (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2nd ed., chapter 2).
    """
    count = len(past.seen)
    if _rank(LEAST_PAST, level) < 1:
        raise ValueError(f"expected a level that {LEAST_PAST} past forecasts can give, got {level}")
    if count < LEAST_PAST or not past.rules:
        return Forecast("", np.nan, np.nan, np.nan, count, 0, 0)
    chosen, middle, low, high = _interval(past, count, level)
    tried = [_interval(past, known, level) for known in range(LEAST_PAST, count)]
    held = [
        past.made[rule, place] * below <= past.seen[place] <= past.made[rule, place] * above
        for place, (rule, _, below, above) in enumerate(tried, start=LEAST_PAST)
    ]
    value = float(past.coming[chosen])
    return Forecast(past.rules[chosen], value * middle, value * low, value * high, count, int(sum(held)), len(held))


def _say(rule: str, known: Floats, ahead: int) -> float:
    """One forecast from the months known; infinite or NaN where the rule has nothing to stand on."""
    year = known[-_YEAR:]
    if rule == RULES[1]:
        return float(year.mean() * ahead)
    same = float(year[:ahead].sum())
    if rule == RULES[0]:
        return same
    before = float(known[-2 * _YEAR : -_YEAR].sum())
    return same * float(year.sum()) / before if before > 0 else np.nan


def _rank(count: int, level: float) -> int:
    """How many past errors lie beyond each end, the end's own included."""
    return int(np.floor((count + 1) * (1 - level) / 2 + 1e-9))


def _interval(past: PastForecasts, count: int, level: float) -> tuple[int, float, float, float]:
    """Rule chosen on the first so many past forecasts, its median ratio, and the ratios at its interval's ends."""
    made, seen = past.made[:, :count], past.seen[:count]
    chosen = int(np.abs(made - seen).mean(axis=1).argmin())
    ratios = np.sort(seen / made[chosen])
    rank = _rank(count, level)
    return chosen, float(np.median(ratios)), float(ratios[rank - 1]), float(ratios[-rank])
