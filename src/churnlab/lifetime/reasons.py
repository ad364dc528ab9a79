"""Leaving by reason: the share that has left for each, where others leave for other reasons (Aalen-Johansen)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from churnlab.lifetime.counting import MINIMUM_AT_RISK, Floats, Ints, Spans, enough_at_risk


@dataclass(frozen=True, slots=True)
class Incidence:
    """Cumulative incidence by reason, given survival to `start`.

    Attributes
    ----------
    start : int
        Month of tenure at which all are still there.
    month : ndarray of int, shape (m,)
        Months of tenure after `start` that enough lives reached.
    at_risk : ndarray of int, shape (m,)
        Lives at risk during each month.
    events : ndarray of int, shape (k,)
        Departures for each reason in these months.
    share, low, high : ndarray of float, shape (k, m)
        Share that has left for each reason by the end of each month, with a pointwise interval.
    """

    start: int
    month: Ints
    at_risk: Ints
    events: Ints
    share: Floats
    low: Floats
    high: Floats


def cumulative_incidence(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,  # noqa: A002 -- as everywhere
    reason: npt.ArrayLike,
    *,
    reasons: int,
    client: npt.ArrayLike | None = None,
    start: int = 0,
    minimum_at_risk: int = MINIMUM_AT_RISK,
    level: float = 0.95,
) -> Incidence:
    """Share that has left for each of several reasons, with late entry.

    Parameters
    ----------
    entry, exit : array_like of int, shape (n,)
        Whole months of tenure: a life is at risk in the months ``entry + 1`` to ``exit``.
    reason : array_like of int, shape (n,)
        1 to `reasons` for lives that ended in month ``exit``, 0 for those that did not.
    reasons : int
        How many reasons there are.
    client : array_like, shape (n,), optional
        Whose life it is; each life is one of its own if not given.
    start, minimum_at_risk, level
        As for :func:`churnlab.lifetime.kaplan_meier`.

    Returns
    -------
    Incidence
        The shares and the survival of all lives add up to 1.

    Raises
    ------
    ValueError
        As :func:`churnlab.lifetime.hazard_table`, and if a reason is out of range.

    Notes
    -----
    Those who left for another reason are not at risk of this one: 1 less the Kaplan-Meier estimate that censors them
    is too much. The variance is the infinitesimal jackknife over clients; the interval is symmetric in
    log(-log(1 - share)). Where nobody left for a reason, it is Wilson's of the fewest at risk so far.

    References
    ----------
    Aalen and Johansen (1978), An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations, Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> found = cumulative_incidence([0] * 20, [2] * 4 + [3] * 8 + [5] * 8, [1] * 4 + [2] * 8 + [0] * 8, reasons=2)
    >>> found.share.round(2).tolist()  # from month 4 on fewer than ten are at risk
    [[0.0, 0.2, 0.2], [0.0, 0.0, 0.4]]
    """
    why = np.asarray(reason, dtype=np.int64)
    spans = Spans.of(entry, exit, why > 0, client)
    if why.min() < 0 or why.max() > reasons:
        message = f"expected reasons 0 to {reasons}, got {why.min()} to {why.max()}"
        raise ValueError(message)
    last = int(spans.exit.max())
    at_risk = spans.at_risk(last)
    begin, stop = enough_at_risk(at_risk, start=start, minimum=minimum_at_risk)
    risk = at_risk[begin:stop]
    gone = np.array([np.bincount(spans.exit[why == one], minlength=last + 1)[1:] for one in range(1, reasons + 1)])
    gone = gone.reshape(reasons, last)[:, begin:stop]
    share, variance = _follow(spans, why, gone / np.maximum(risk, 1), risk, begin=begin)
    low, high = _limits(share, variance, risk, level=level)
    return Incidence(begin, np.arange(begin + 1, stop + 1), risk, gone.sum(axis=1), share, low, high)


def _follow(spans: Spans, why: Ints, hazard: Floats, risk: Ints, *, begin: int) -> tuple[Floats, Floats]:
    """Shares and their variances by reason and month, each client's part in them carried from month to month."""
    reasons, months = hazard.shape
    clients = int(spans.client.max()) + 1
    staying, staying_moves = 1.0, np.zeros(clients)
    left, left_moves = np.zeros(reasons), np.zeros((reasons, clients))
    share, variance = np.zeros((reasons, months)), np.zeros((reasons, months))
    for place in range(months):
        month, chances = begin + place + 1, hazard[:, place]
        here = np.flatnonzero((spans.entry < month) & (month <= spans.exit))
        owner, ends = spans.client[here], np.where(spans.exit[here] == month, why[here], 0)
        present = np.bincount(owner, minlength=clients) / risk[place]
        moves = np.array(
            [
                np.bincount(owner, ends == one + 1, minlength=clients) / risk[place] - chances[one] * present
                for one in range(reasons)
            ]
        )
        left_moves += staying_moves * chances[:, None] + staying * moves
        left = left + staying * chances
        staying_moves = staying_moves * (1 - chances.sum()) - staying * moves.sum(axis=0)
        staying *= 1 - chances.sum()
        share[:, place], variance[:, place] = left, np.einsum("kc,kc->k", left_moves, left_moves)
    return share, variance


def _limits(share: Floats, variance: Floats, risk: Ints, *, level: float) -> tuple[Floats, Floats]:
    quantile = float(norm.ppf(0.5 + level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = quantile * np.sqrt(variance) / ((1 - share) * np.abs(np.log1p(-share)))
        low, high = -np.expm1(np.log1p(-share) * np.exp(-spread)), -np.expm1(np.log1p(-share) * np.exp(spread))
    fewest = np.minimum.accumulate(risk) if len(risk) else risk
    none, all_left = share <= 0.0, share >= 1.0
    wilson = quantile**2 / (fewest + quantile**2)
    low = np.where(none, 0.0, np.where(all_left, 1 - wilson, low))
    return low, np.where(none, wilson, np.where(all_left, 1.0, high))
