"""Whether those who do not answer leave more, and whether being asked often makes silent."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from churnlab.surveys.comparison import compare
from churnlab.surveys.figure import UNKNOWN, Figure, linearised
from churnlab.surveys.within import Floats, codes, left_over

LEAST_CLIENTS = 10
"""With fewer clients asked at different counts no slope is given."""

LEAST_LEAVERS = 10
"""With fewer clients that left, or that did not, no difference is given."""


@dataclass(frozen=True, slots=True)
class SilenceAndLeaving:
    """How much more often those leave who did not answer.

    Attributes
    ----------
    clients, leavers : int
        Clients asked in strata with silence and answers, and those of them that left.
    silent, answered : int
        Their invitations without and with an answer.
    left_if_silent, left_if_answered : float
        Shares of those invitations after which the client left.
    value, low, high : float
        Difference of the shares within strata, silent less answered, with its interval over clients; NaN where it
        cannot be had.
    """

    clients: int
    leavers: int
    silent: int
    answered: int
    left_if_silent: float
    left_if_answered: float
    value: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["more", "less", "cannot tell"]:
        """Whether those who did not answer leave more."""
        return "more" if self.low > 0 else "less" if self.high < 0 else "cannot tell"


def silence_and_leaving(
    left: npt.ArrayLike,
    answered: npt.ArrayLike,
    client: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> SilenceAndLeaving:
    """Compare how many leave after silence and after an answer.

    Parameters
    ----------
    left : array_like of bool, shape (n,)
        One row an invitation of a client that was with us then: whether it left within the time looked at. Leave out
        invitations too late to be followed for so long.
    answered : array_like of bool, shape (n,)
        Whether it answered.
    client : array_like, shape (n,)
        Who was asked.
    stratum : array_like, shape (n,), optional
        Invitations that may be compared, such as those of one wave and year; all if not given.
    level : float
        Coverage of the interval.

    Returns
    -------
    SilenceAndLeaving
        The difference is NaN with fewer than ``LEAST_LEAVERS`` clients that left or that did not leave.

    Raises
    ------
    ValueError
        If shapes differ.

    Notes
    -----
    :func:`~churnlab.surveys.compare` of the two sides. Silence may go before leaving without being its cause, and a
    client that has left in all but name does not answer either.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answered = rng.random(400) < 0.5
    >>> left = rng.random(400) < np.where(answered, 0.1, 0.3)
    >>> found = silence_and_leaving(left, answered, range(400))
    >>> round(found.left_if_silent, 2), round(found.left_if_answered, 2), found.verdict
    (0.34, 0.07, 'more')
    """
    gone, said, who = np.asarray(left, dtype=bool), np.asarray(answered, dtype=bool), np.asarray(client)
    found = compare(gone.astype(np.float64), ~said, who, stratum=stratum, level=level)
    place = np.zeros(gone.shape, dtype=np.int64) if stratum is None else codes(stratum)
    asked, spoke = np.bincount(place), np.bincount(place, weights=said)
    both = ((spoke > 0) & (spoke < asked))[place] if place.size else np.zeros(0, dtype=bool)
    leavers = len(np.unique(who[both & gone]))
    silent, spoken = (float(gone[side].mean()) if side.any() else np.nan for side in (both & ~said, both & said))
    few = min(leavers, found.clients - leavers) < LEAST_LEAVERS
    figures = (np.nan, np.nan, np.nan) if few else (found.value, found.low, found.high)
    return SilenceAndLeaving(found.clients, leavers, found.chosen, found.others, silent, spoken, *figures)


@dataclass(frozen=True, slots=True)
class Fatigue:
    """How the share that answers changes with being asked.

    Attributes
    ----------
    invitations, clients : int
        Invitations, and clients for which the count of earlier ones varies within strata.
    share : float
        Share of invitations that were answered.
    slope : Figure
        Change of the share with each earlier invitation more, within clients.
    """

    invitations: int
    clients: int
    share: float
    slope: Figure

    @property
    def verdict(self) -> Literal["tires", "grows", "cannot tell"]:
        """Whether being asked more goes with answering less."""
        return "tires" if self.slope.sign < 0 else "grows" if self.slope.sign > 0 else "cannot tell"


def fatigue(
    answered: npt.ArrayLike,
    asked_before: npt.ArrayLike,
    client: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Fatigue:
    """Whether a client answers less the more it has been asked.

    Parameters
    ----------
    answered : array_like of bool, shape (n,)
        One row an invitation: whether it was answered.
    asked_before : array_like of float, shape (n,)
        Invitations that the client had before it, all or those of the last 12 months.
    client : array_like, shape (n,)
        Who was asked.
    stratum : array_like, shape (n,), optional
        Wave, mode or period, whose levels of response are taken out.
    level : float
        Coverage of the interval.

    Returns
    -------
    Fatigue
        The slope is NaN with fewer than ``LEAST_CLIENTS`` clients whose counts vary within strata: where all clients
        are asked at the same times, periods as strata leave nothing to see.

    Raises
    ------
    ValueError
        If shapes differ.

    Notes
    -----
    Least squares on the count with a level for every client, so that it is not who is asked more, and one for every
    stratum. The count of all earlier invitations rises with time, and so does whatever else changes: the count of the
    last 12 months, with periods as strata, tells the two apart where clients are asked at different times.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> client, before = np.repeat(np.arange(100), 10), np.tile(np.arange(10), 100)
    >>> found = fatigue(rng.random(1000) < 0.9 - 0.05 * before, before, client)
    >>> round(found.slope.value, 2), found.verdict
    (-0.04, 'tires')
    """
    said, who = np.asarray(answered, dtype=bool).astype(np.float64), np.asarray(client)
    count = np.asarray(asked_before, dtype=np.float64)
    place = who if stratum is None else np.asarray(stratum)
    if not said.shape == count.shape == who.shape == place.shape or said.ndim != 1:
        message = f"expected arrays of one length, got {said.shape}, {count.shape}, {who.shape}, {place.shape}"
        raise ValueError(message)
    share = float(said.mean()) if said.size else np.nan
    if not said.size:
        return Fatigue(0, 0, share, UNKNOWN)
    groups = (codes(who),) if stratum is None else (codes(who), codes(place))
    tilt, rest = left_over(count, *groups), left_over(said, *groups)
    varies = np.bincount(groups[0], weights=tilt**2) > 1e-8 * max(1.0, float(count.var()))
    clients = int(varies.sum())
    slope = _slope(tilt, rest, groups[0], level=level, clients=clients) if clients >= LEAST_CLIENTS else UNKNOWN
    return Fatigue(len(said), clients, share, slope)


def _slope(tilt: Floats, rest: Floats, who: npt.NDArray[np.int64], *, level: float, clients: int) -> Figure:
    """Slope of one deviation on another, with its interval over clients."""
    weight = float(tilt @ tilt)
    value = float(tilt @ rest) / weight
    return linearised(value, tilt * (rest - value * tilt) / weight, who, level=level, clients=clients)
