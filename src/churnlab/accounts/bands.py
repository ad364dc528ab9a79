"""Bands of a client's share: conventions with a source each, the money to the next one, and flicker kept out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Band:
    """What a share is called from a line on.

    Attributes
    ----------
    share : float
        Lowest share that counts: a share of exactly this lies in the band.
    words : str
        What it is called.
    source : str
        Who draws the line there.

    Raises
    ------
    ValueError
        If the share does not lie between 0 and 1, or words or source are missing.
    """

    share: float
    words: str
    source: str

    def __post_init__(self) -> None:
        if not 0 < self.share < 1 or not self.words or not self.source:
            raise ValueError(f"expected a share between 0 and 1, words and a source, got {self}: correct the band")


BANDS: Final = (
    Band(
        0.1,
        "key",
        "IFRS 8.34 and ASC 280-10-50-42: a customer, or group under common control, of 10 % or more is disclosed",
    ),
    Band(0.2, "to be watched", "French practice of supplier dependency alerts at 22 to 30 %; the trade widens from 20"),
    Band(0.3, "high", "upper end of the same practice; the trade's own 'worse above 40 %' lies inside"),
    Band(0.5, "critical", "the trade's word; no authority was found (half alone makes an index of 2,500 of 10,000)"),
)
"""Lines between bands, each with its source: conventions, not findings."""


def reached(shares: npt.ArrayLike, bands: Sequence[Band] = BANDS) -> npt.NDArray[np.int64]:
    """Count how many lines each share has reached; a share of exactly a line has reached it.

    Parameters
    ----------
    shares : array_like of float
        Shares.
    bands : sequence of Band
        By rising share.

    Returns
    -------
    ndarray of int
        0 under the first line.

    Raises
    ------
    ValueError
        If bands do not rise.

    Examples
    --------
    >>> reached([0.099, 0.1, 0.35, 0.5]).tolist()
    [0, 1, 3, 4]
    """
    lines = np.array([band.share for band in bands])
    if (np.diff(lines) <= 0).any():
        raise ValueError(f"expected bands by rising share, got {lines.tolist()}: put them in order")
    found = np.searchsorted(lines, np.asarray(shares, dtype=np.float64) + _ROUNDING, side="right")
    return np.asarray(found, dtype=np.int64)


def to_reach(own: float, total: float, share: float) -> float:
    """Money that a client would have to buy more, the others unchanged, to have a share of all sales.

    Negative where it has more already: what it would have to buy less.

    Examples
    --------
    >>> to_reach(20.0, 100.0, 0.5)  # (20 + 60) / (100 + 60)
    60.0
    """
    return (share * total - own) / (1 - share)


def to_widen(own: float, total: float, share: float) -> float:
    """Money that all others would have to buy more, the client unchanged, to bring it down to a share of all sales.

    Examples
    --------
    >>> to_widen(50.0, 100.0, 0.25)  # 50 / (100 + 100)
    100.0
    """
    return own / share - total


def confirmed(levels: npt.ArrayLike, *, periods: int = 2) -> npt.NDArray[np.int64]:
    """Follow a level over time, changing only once it has lain above, or below, for so many periods in a row.

    A share that flickers around a line changes its band once it stays: upwards to the lowest level of the last
    periods, downwards to the highest.

    Parameters
    ----------
    levels : array_like of int, shape (n,)
        Level of each period, the oldest first, such as `reached` gives.
    periods : int
        Periods in a row; 1 confirms at once.

    Returns
    -------
    ndarray of int, shape (n,)

    Raises
    ------
    ValueError
        If `periods` is under 1.

    Examples
    --------
    >>> confirmed([1, 1, 2, 1, 2, 2, 3, 1, 1]).tolist()
    [1, 1, 1, 1, 1, 2, 2, 2, 1]
    """
    if periods < 1:
        raise ValueError(f"expected one period or more, got {periods}: a level cannot be confirmed by none")
    given = np.asarray(levels, dtype=np.int64)
    held = given.copy()
    for place in range(1, len(given)):
        last = given[max(0, place - periods + 1) : place + 1]
        enough = len(last) == periods
        held[place] = np.clip(held[place - 1], last.min(), last.max()) if enough else held[place - 1]
    return held
