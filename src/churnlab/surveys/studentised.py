"""Intervals from draws of clients, each draw measured by its own standard error."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

Floats = npt.NDArray[np.float64]

MOST_UNDEFINED = 0.1
"""No interval is given where a figure cannot be had in a larger share of the draws."""

_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Link:
    """A scale on which a figure's error is about the same everywhere.

    Attributes
    ----------
    there, back : callable
        To the scale and from it.
    slope : callable
        Derivative of `there`.
    least, most : float
        Ends of the figure's own range.
    """

    there: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    least: float
    most: float


SHARE = Link(logit, expit, lambda share: 1 / (share * (1 - share)), 0.0, 1.0)
"""For what lies between 0 and 1."""

DIFFERENCE = Link(np.arctanh, np.tanh, lambda difference: 1 / (1 - difference**2), -1.0, 1.0)
"""For what lies between -1 and 1."""

PLAIN = Link(lambda value: value, lambda value: value, np.ones_like, -np.inf, np.inf)
"""For what has about the same error everywhere as it is."""


def distances(value: Floats, drawn: Floats, drawn_error: Floats, *, link: Link) -> Floats:
    """How far each draw lies from the estimate, in standard errors of its own.

    Parameters
    ----------
    value : ndarray of float, shape (c,)
        The figures.
    drawn, drawn_error : ndarray of float, shape (b, c)
        The figures in each draw, and their standard errors there.
    link : Link
        Scale.

    Returns
    -------
    ndarray of float, shape (b, c)
        None negative; NaN where a draw has no such figure or no error.
    """
    error = np.where(drawn_error > 0, drawn_error, np.nan) * link.slope(_inside(drawn, link))
    return np.asarray(np.abs(link.there(_inside(drawn, link)) - link.there(_inside(value, link))) / error)


def reach(distance: Floats, *, level: float) -> Floats:
    """The distance that so many of the draws do not exceed.

    Parameters
    ----------
    distance : ndarray of float, shape (b, ...)
        NaN where a draw has none.
    level : float
        Share of the draws.

    Returns
    -------
    ndarray of float, shape (...)
        NaN where more than ``MOST_UNDEFINED`` of the draws have no distance.
    """
    undefined = np.isnan(distance)
    found = np.quantile(np.where(undefined, np.inf, distance), level, axis=0, method="higher")
    usable = (undefined.mean(axis=0) <= MOST_UNDEFINED) & np.isfinite(found)
    return np.where(usable, found, np.nan)


def ends(value: Floats, error: Floats, far: Floats, *, link: Link) -> tuple[Floats, Floats]:
    """Lower and upper end so many standard errors away.

    Parameters
    ----------
    value, error : ndarray of float, shape (c,)
        The figures and their standard errors.
    far : ndarray of float
        From :func:`reach`; one for all or one each.
    link : Link
        Scale.

    Returns
    -------
    low, high : ndarray of float, shape (c,)
        NaN where the error is 0 or not known.
    """
    inside = _inside(value, link)
    apart = far * np.where(error > 0, error, np.nan) * link.slope(inside)
    return link.back(link.there(inside) - apart), link.back(link.there(inside) + apart)


def _inside(value: Floats, link: Link) -> Floats:
    """Keep off the ends, where the scale has none."""
    return np.clip(value, link.least + _EDGE, link.most - _EDGE)
