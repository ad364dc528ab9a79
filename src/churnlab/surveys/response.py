"""Means of answers, weighted so that those who answered stand for all who were asked."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.surveys.figure import UNKNOWN, Figure, linearised
from churnlab.surveys.within import Floats, Ints, codes

LEAST_CLIENTS = 10
"""With fewer clients that answered no mean is given."""

LEAST_IN_GROUP = 5
"""A group with fewer answers is merged with a neighbour."""

_ROUNDS = 1000
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Merged:
    """A group with too few answers, put together with another.

    Attributes
    ----------
    margin : int
        Column of the groups.
    codes : tuple of int
        The codes that are now one group.
    """

    margin: int
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WeightedMean:
    """A mean of those who answered, and one that stands for all who were asked.

    Attributes
    ----------
    asked, answered, clients : int
        Invitations, answers, and clients that answered.
    plain : Figure
        Mean of the answers, in their unit.
    weighted : Figure
        Mean with weights by which the answers have the groups of those asked.
    moved : Figure
        Weighted less plain.
    effective : float
        Answers that would be as sure without weights (Kish).
    largest : float
        Largest weight, over the mean weight.
    merged : tuple of Merged
        Groups put together.
    weights : ndarray, shape (asked,)
        How many of those asked each answer stands for; zero where there is none. They sum to ``asked``; NaN where no
        weights fit all margins.
    """

    asked: int
    answered: int
    clients: int
    plain: Figure
    weighted: Figure
    moved: Figure
    effective: float
    largest: float
    merged: tuple[Merged, ...]
    weights: Floats


def weighted_mean(
    scores: npt.ArrayLike, client: npt.ArrayLike, *, groups: npt.ArrayLike | None = None, level: float = 0.95
) -> WeightedMean:
    """Mean of answers, weighted to the groups of all who were asked.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        One row an invitation; NaN where it was not answered. Scores, shares (0 and 1), or votes of the net promoter
        index (-100, 0, 100).
    client : array_like, shape (n,)
        Who was asked.
    groups : array_like of int, shape (n,) or (n, margins), optional
        Codes of groups known for all, such as line, size and tenure, one column a margin; codes of a column lie in
        their order, since a group with too few answers joins the neighbour with fewer. One margin post-stratifies,
        several are raked; none gives the plain mean.
    level : float
        Coverage of the intervals.

    Returns
    -------
    WeightedMean
        Figures are NaN with fewer than ``LEAST_CLIENTS`` clients that answered, or where raking finds no weights.

    Raises
    ------
    ValueError
        If shapes differ or codes are not whole.

    Notes
    -----
    Right if within groups those who answer are like those who do not; nothing here can show that they are. Raking is
    iterative proportional fitting (Deming and Stephan 1940). The interval takes the answers as a draw from what such
    clients would answer, not as a part of a fixed list: the weighted residuals about a regression on the groups, and
    the groups of those asked, both move it (Deville and Särndal 1992, with clients as clusters).

    References
    ----------
    Deming and Stephan (1940), On a least squares adjustment of a sampled frequency table when the expected marginal
    totals are known, Annals of Mathematical Statistics 11, 427-444. Deville and Särndal (1992), Calibration estimators
    in survey sampling, Journal of the American Statistical Association 87, 376-382. Kish (1965), Survey Sampling,
    Wiley, section 11.7.

    Examples
    --------
    >>> scores = [9.0, 9, 9, 8, 8, 8, 9, 8] + [6.0, 5, 6, 5, 6] + [np.nan] * 3
    >>> group = [1] * 8 + [0] * 8
    >>> found = weighted_mean(scores, range(16), groups=group)
    >>> round(found.plain.value, 2), round(found.weighted.value, 2), round(float(found.weights[8]), 2)
    (7.38, 7.05, 1.6)
    """
    given, who = np.asarray(scores, dtype=np.float64), np.asarray(client)
    margins = _margins(groups, len(given))
    if given.ndim != 1 or given.shape != who.shape or len(margins) != len(given):
        message = f"expected arrays of one length, got {given.shape}, {who.shape}, {margins.shape}"
        raise ValueError(message)
    here = ~np.isnan(given)
    clients = len(np.unique(who[here]))
    counts = (len(given), int(here.sum()), clients)
    if clients < LEAST_CLIENTS:
        return WeightedMean(*counts, UNKNOWN, UNKNOWN, UNKNOWN, np.nan, np.nan, (), np.where(here, np.nan, 0.0))
    joined, merged = _merged(margins, here)
    weights = _raked(joined, here)
    y = given[here]
    at_plain = np.zeros(len(given))
    at_plain[here] = (y - y.mean()) / len(y)
    plain = linearised(y.mean(), at_plain, who, level=level, clients=clients)
    if np.isnan(weights[here]).any():
        return WeightedMean(*counts, plain, UNKNOWN, UNKNOWN, np.nan, np.nan, merged, weights)
    w = weights[here]
    value = float(w @ y / w.sum())
    at_weighted = _moves(given, here, joined, weights=weights)
    return WeightedMean(
        *counts,
        plain=plain,
        weighted=linearised(value, at_weighted, who, level=level, clients=clients),
        moved=linearised(value - y.mean(), at_weighted - at_plain, who, level=level, clients=clients),
        effective=float(w.sum() ** 2 / (w @ w)),
        largest=float(w.max() / w.mean()),
        merged=merged,
        weights=weights,
    )


def _margins(groups: npt.ArrayLike | None, n: int) -> Ints:
    """Codes of groups, shape (n, margins)."""
    if groups is None:
        return np.zeros((n, 1), dtype=np.int64)
    given = np.asarray(groups)
    if given.ndim not in {1, 2} or given.dtype.kind not in "iub":
        message = f"expected whole codes of shape (n,) or (n, margins), got {given.dtype} of shape {given.shape}"
        raise ValueError(message)
    return (given[:, None] if given.ndim == 1 else given).astype(np.int64)


def _merged(margins: Ints, here: npt.NDArray[np.bool_]) -> tuple[Ints, tuple[Merged, ...]]:
    """Groups numbered from 0, those with too few answers joined with a neighbour; and which were."""
    joined, notes = np.zeros_like(margins), []
    for column in range(margins.shape[1]):
        names = np.unique(margins[:, column])
        at = codes(margins[:, column])
        parts = _parts(np.bincount(at[here], minlength=len(names)))
        joined[:, column] = np.repeat(np.arange(len(parts)), [len(part) for part in parts])[at]
        notes += [Merged(column, tuple(names[part].tolist())) for part in parts if len(part) > 1]
    return joined, tuple(notes)


def _parts(answers: Ints) -> list[list[int]]:
    """Neighbouring groups put together until each has enough answers."""
    parts, sizes = [[group] for group in range(len(answers))], answers.tolist()
    while len(parts) > 1 and min(sizes) < LEAST_IN_GROUP:
        small = sizes.index(min(sizes))
        beside = [place for place in (small - 1, small + 1) if 0 <= place < len(parts)]
        other = min(beside, key=lambda place: sizes[place])
        first, second = sorted((small, other))
        parts[first : second + 1] = [parts[first] + parts[second]]
        sizes[first : second + 1] = [sizes[first] + sizes[second]]
    return parts


def _raked(margins: Ints, here: npt.NDArray[np.bool_]) -> Floats:
    """Weights of answers by which every margin has the totals of all asked; NaN if there are none."""
    wanted = [np.bincount(column).astype(np.float64) for column in margins.T]
    columns = margins[here].T
    weights = np.full(int(here.sum()), len(here) / here.sum())
    for _ in range(_ROUNDS):
        for column, total in zip(columns, wanted, strict=True):
            weights = weights * (total / np.bincount(column, weights=weights, minlength=len(total)))[column]
        gaps = [
            np.abs(np.bincount(column, weights=weights, minlength=len(total)) - total).max()
            for column, total in zip(columns, wanted, strict=True)
        ]
        if max(gaps) < _CLOSE * len(here):
            break
    else:
        weights = np.full_like(weights, np.nan)
    found = np.zeros(len(here))
    found[here] = weights
    return found


def _moves(given: Floats, here: npt.NDArray[np.bool_], margins: Ints, *, weights: Floats) -> Floats:
    """How far each of those asked moves the weighted mean."""
    design = np.column_stack([column[:, None] == np.arange(column.max() + 1) for column in margins.T]).astype(float)
    root = np.sqrt(weights[here])
    slopes = np.linalg.lstsq(design[here] * root[:, None], given[here] * root)[0]
    expected = design @ slopes
    rest = np.zeros(len(given))
    rest[here] = weights[here] * (given[here] - expected[here])
    return (expected - expected.mean() + rest) / len(given)
