"""Clients that are not called, drawn by lot, so that what calling does can be seen: the design, and its measurement.

Whoever is called because of its risk leaves more often than others, called or not. Only among clients of one list, some
of whom were held out by lot, is the difference that of the calls.
"""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import binomtest, norm

from churnlab.lifetime import Estimate

POWER = 0.8
LEVEL = 0.95

_PARTS = 2.0**64


def held_out(clients: Sequence[str], *, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Draw who is not called, by client: the same for a client in every list, whoever else is there.

    Parameters
    ----------
    clients : sequence of str, shape (n,)
        Ids that stay the same from list to list.
    share : float
        Of the clients, in expectation, 0 to below 1.
    seed : int
        Another seed draws others.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        If the share is out of range.

    Examples
    --------
    >>> held_out(["a", "b", "c", "d"], share=0.5, seed=1).tolist()
    [True, True, True, False]
    """
    if not 0 <= share < 1:
        message = f"expected a share to hold out of 0 to below 1, got {share:g}"
        raise ValueError(message)
    digests = (sha256(f"{seed}\0{client}".encode()).digest() for client in clients)
    return np.array([int.from_bytes(digest[:8], "big") / _PARTS for digest in digests], dtype=np.float64) < share


def detectable(called: float, held: float, *, rate: float, power: float = POWER, level: float = LEVEL) -> float:
    """Fall of the share that leaves which a comparison of so many clients would see with this power.

    Parameters
    ----------
    called, held : float
        Clients called and held out.
    rate : float
        Share that leaves without a call, 0 to 1.
    power : float
        Chance of seeing it.
    level : float
        1 less the chance of seeing something where nothing is.

    Returns
    -------
    float
        As a share of all clients, at most `rate`; NaN where even keeping everybody would not be seen so often.

    Raises
    ------
    ValueError
        If values are out of range.

    References
    ----------
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, third edition, chapter 4: the normal
    approximation of two proportions, without correction for continuity.

    Examples
    --------
    >>> round(detectable(400, 100, rate=0.3), 3)
    0.129
    """
    if called < 0 or held < 0 or not 0 <= rate <= 1 or not 0 < power < 1 or not 0 < level < 1:
        message = f"expected numbers of 0 or more and shares, got {called}, {held}, {rate}, {power} and {level}"
        raise ValueError(message)
    if not called or not held or not rate:
        return np.nan
    whole = called + held

    def spare(fall: float) -> float:
        return fall - _needed(rate, fall, held=held / whole, power=power, level=level) / np.sqrt(whole)

    return float(brentq(spare, 0.0, rate)) if spare(rate) >= 0 else np.nan


def clients_needed(fall: float, *, rate: float, share: float, power: float = POWER, level: float = LEVEL) -> float:
    """Clients, held out and called together, that it takes to see a fall of the share that leaves.

    Parameters
    ----------
    fall : float
        Of the share that leaves, above 0 and at most `rate`.
    rate : float
        Share that leaves without a call.
    share : float
        Held out, between 0 and 1.
    power, level : float
        As for :func:`detectable`, whose inverse this is.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If values are out of range.

    Examples
    --------
    >>> round(clients_needed(0.25, rate=0.75, share=0.5, power=0.9) / 2, 1)
    76.7
    """
    if not 0 < fall <= rate <= 1 or not 0 < share < 1:
        message = f"expected a fall above 0 of at most the rate, got {fall} of {rate}, and a share held out of {share}"
        raise ValueError(message)
    return float((_needed(rate, fall, held=share, power=power, level=level) / fall) ** 2)


def kept_by_calls(called: int, called_left: int, held: int, held_left: int) -> Estimate:
    """Share that left among those held out less the share that left among those called, with its 95 % interval.

    Parameters
    ----------
    called, held : int
        Clients called, and held out by lot.
    called_left, held_left : int
        How many of them left.

    Returns
    -------
    Estimate
        Above 0 where calls kept clients; NaN where one of the two is empty.

    Raises
    ------
    ValueError
        If more left than there were.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics in Medicine 17,
    873-890, method 10: from Wilson's intervals of both.

    Examples
    --------
    >>> found = kept_by_calls(80, 48, 70, 56)
    >>> [round(figure, 4) for figure in (found.value, found.low, found.high)]
    [0.2, 0.0524, 0.3339]
    """
    if not 0 <= called_left <= called or not 0 <= held_left <= held:
        message = (
            f"expected at most as many to leave as there are, got {called_left} of {called}, {held_left} of {held}"
        )
        raise ValueError(message)
    if not called or not held:
        return Estimate(np.nan, np.nan, np.nan)
    (went, low, high), (stays, least, most) = (_wilson(*each) for each in ((held_left, held), (called_left, called)))
    value = went - stays
    down, up = np.hypot(went - low, most - stays), np.hypot(high - went, stays - least)
    return Estimate(value, float(value - down), float(value + up))


def _needed(rate: float, fall: float, *, held: float, power: float, level: float) -> float:
    """Fall that one client in all would show so often; of n clients it is this over the root of n."""
    less = rate - fall
    middle = held * rate + (1 - held) * less
    nothing = np.sqrt(middle * (1 - middle) * (1 / held + 1 / (1 - held)))
    something = np.sqrt(rate * (1 - rate) / held + less * (1 - less) / (1 - held))
    return float(norm.ppf(0.5 + level / 2) * nothing + norm.ppf(power) * something)


def _wilson(part: int, whole: int) -> tuple[float, float, float]:
    ends = binomtest(part, whole).proportion_ci(LEVEL, method="wilson")
    return part / whole, float(ends.low), float(ends.high)
