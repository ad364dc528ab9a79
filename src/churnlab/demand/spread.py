"""Intervals of totals: a law with the mean and the variance of the sum, widened as past forecasts were surprised."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from scipy.stats import gamma, t

Floats = npt.NDArray[np.float64]

PRIOR_FORECASTS = 4.0
"""So many past forecasts count as if they had been as surprising as the law says."""

_FADE = 0.5 ** (1 / 24)
_LEVEL_FADE = 0.5 ** (1 / 12)
"""What a surprise counts less for each later one, and what a miss of the level does: half after so many."""


COMMON = 0.03
"""By so much all clients' orders are taken to move together, beside chance; past surprises then say how much it is."""

_DOUBT = 0.1
_MOST = 4.0
_LEVEL_PRIOR = 3.0
_SHIFT_PRIOR = 12.0
_LEAST_VARIANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Surprise:
    """How past forecasts came out, in standard deviations of their law.

    Attributes
    ----------
    shift : float
        Their mean, drawn towards 0.
    scale : float
        Their spread about it, drawn towards 1.
    weight : float
        So many forecasts without overlap were they, with those of the prior.
    """

    shift: float
    scale: float
    weight: float

    def places(self, level: float) -> tuple[float, float]:
        """Shares of the law below an interval's ends, so that it covers as much as is asked."""
        reach = self.scale * float(t.ppf(0.5 + level / 2, self.weight))
        low, high = ndtr([self.shift - reach, self.shift + reach])
        return float(low), float(high)


def surprise(scores: npt.ArrayLike, *, overlap: float = 1.0) -> Surprise:
    """Learn from past surprises.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Normal scores of what came, under the law of each forecast, in order of time; the later count more.
    overlap : float
        How many forecasts are about one piece of news.

    Returns
    -------
    Surprise
    """
    seen = np.clip(np.asarray(scores, dtype=np.float64), -_MOST, _MOST)
    counts = _FADE ** np.arange(len(seen))[::-1] / overlap
    number = float(counts.sum())
    shift = float(counts @ seen) / (number + _SHIFT_PRIOR)
    squares = float(counts @ (seen - shift) ** 2)
    weight = PRIOR_FORECASTS + number
    return Surprise(shift, float(np.sqrt((PRIOR_FORECASTS + squares) / weight)), weight)


def common(forecasts: float) -> float:
    """Give the share of the mean by which all clients may move together, given how many forecasts were graded.

    Parameters
    ----------
    forecasts : float
        Without overlap.

    Returns
    -------
    float
        At first the level of all is in doubt too.
    """
    return float(np.hypot(COMMON, _DOUBT * _LEVEL_PRIOR / (_LEVEL_PRIOR + forecasts)))


def leaning(seen: npt.ArrayLike, said: npt.ArrayLike, *, overlap: float = 1.0) -> float:
    """Give what came over what was said in the past, drawn towards 1.

    Parameters
    ----------
    seen, said : array_like of float, shape (n,)
        In order of time; the later count more.
    overlap : float
        How many forecasts are about one piece of news.

    Returns
    -------
    float
        1 where nothing had been said.
    """
    came, told = np.asarray(seen, dtype=np.float64), np.asarray(said, dtype=np.float64)
    if not len(told) or told.sum() <= 0:
        return 1.0
    counts = _LEVEL_FADE ** np.arange(len(told))[::-1] / overlap
    prior = _LEVEL_PRIOR * float(told.mean())
    return (float(counts @ came) + prior) / (float(counts @ told) + prior)


def count_score(seen: npt.ArrayLike, *, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """Normal score of the middle of a whole number's place under a gamma law cut to whole numbers.

    Parameters
    ----------
    seen : array_like of float
        What came.
    mean, variance : array_like of float
        Of the law, mean above 0.

    Returns
    -------
    ndarray of float
    """
    number = np.asarray(seen, dtype=np.float64)
    law = _cut(mean, variance)
    return _score(0.5 * law.cdf(number) + 0.5 * law.cdf(number + 1))


def count_ends(mean: float, variance: float, places: tuple[float, float]) -> tuple[float, float]:
    """Whole numbers at two places of a gamma law cut to whole numbers.

    Parameters
    ----------
    mean, variance : float
        Of the law, mean above 0.
    places : tuple of float
        Shares of the law below.

    Returns
    -------
    low, high : float
    """
    low, high = _cut(mean, variance).ppf(places)
    return float(np.floor(low)), float(np.floor(high))


def amount_score(seen: float, *, mean: float, variance: float, nothing: float) -> float:
    """Normal score of an amount under a gamma law with a chance of nothing.

    Parameters
    ----------
    seen : float
        What came.
    mean, variance : float
        Of the amount, nothing included; mean above 0.
    nothing : float
        Chance of nothing.

    Returns
    -------
    float
    """
    law = _positive(mean, variance, nothing)
    place = nothing + (1 - nothing) * law.cdf(seen) if seen > 0 else nothing / 2
    return float(_score(place))


def amount_ends(mean: float, variance: float, nothing: float, places: tuple[float, float]) -> tuple[float, float]:
    """Amounts at two places of a gamma law with a chance of nothing.

    Parameters
    ----------
    mean, variance : float
        Of the amount, nothing included; mean above 0.
    nothing : float
        Chance of nothing.
    places : tuple of float
        Shares of the law below.

    Returns
    -------
    low, high : float
    """
    law = _positive(mean, variance, nothing)
    low, high = (float(law.ppf(max(0.0, (place - nothing) / (1 - nothing)))) for place in places)
    return low, high


def _cut(mean: npt.ArrayLike, variance: npt.ArrayLike) -> "gamma":
    middle = np.asarray(mean, dtype=np.float64) + 0.5
    wide = np.asarray(variance, dtype=np.float64) + 1 / 12
    return gamma(middle**2 / wide, scale=wide / middle)


def _positive(mean: float, variance: float, nothing: float) -> "gamma":
    middle = mean / (1 - nothing)
    wide = max((variance + mean**2) / (1 - nothing) - middle**2, _LEAST_VARIANCE * middle**2)
    return gamma(middle**2 / wide, scale=wide / middle)


def _score(place: npt.ArrayLike) -> Floats:
    found = ndtri(np.clip(place, 1e-6, 1 - 1e-6))
    return np.asarray(found, dtype=np.float64)
