"""The net promoter index where answers come in clients, or count by revenue."""

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

from churnlab.surveys.limits import Floats, Method, index_limits
from churnlab.surveys.nps import NetPromoter, votes

_CLASSES = np.array([-1.0, 0.0, 1.0])


def clustered_nps(
    recommend: npt.ArrayLike, client: npt.ArrayLike, *, level: float = 0.95, method: Method = "auto"
) -> NetPromoter:
    """Net promoter index over answers, where a client may give several.

    Every answer counts once, so a client with many counts more. Where each client is to have one vote, choose one
    answer of each and use :func:`nps`.

    Parameters
    ----------
    recommend : array_like of float, shape (n,)
        Answers from 0 to 10; NaN are not answers.
    client : array_like, shape (n,)
        Who gave them.
    level : float
        Coverage of the interval.
    method : {"auto", "adjusted", "score"}
        As in :func:`nps`.

    Returns
    -------
    NetPromoter
        Its ``effective`` says how many independent answers would be as sure; too few below ten of them.

    Raises
    ------
    ValueError
        If shapes differ, or the level or method cannot be.

    Notes
    -----
    The variance of the index comes by linearisation: residuals summed within clients, times k / (k - 1) for k clients
    (Liang and Zeger 1986). The answers' own variance over it is the effective number of answers, at most n, and is
    made smaller by the ratio of the squared quantiles of the normal law and of Student's t (Korn and Graubard 1998).
    Degrees of freedom are the number of equally large clients that would be as unequal (Kish 1965) less one. The
    interval is then that of so many answers. Where clients do not differ, each counts as one answer of its weight.

    References
    ----------
    Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, Survey Methodology 24, 193-201.
    Liang and Zeger (1986), Biometrika 73, 13-22.

    Examples
    --------
    >>> found = clustered_nps([9, 9, 3, 3, 8, 8] * 10, [client for client in range(30) for _ in range(2)])
    >>> found.n, round(found.effective, 1), [round(figure, 1) for figure in (found.value, found.low, found.high)]
    (60, 26.6, [0.0, -29.0, 29.0])
    """
    cast, who = votes(recommend), np.asarray(client)
    _check_shapes(cast, who, "clients")
    cast, who = cast[~np.isnan(cast)], who[~np.isnan(cast)]
    equal = np.ones_like(cast)
    code = np.unique(who, return_inverse=True)[1]
    alike, varied = _effective(cast, code, equal)
    effective = alike
    if np.isfinite(varied) and alike < len(cast):
        clients = int(code.max()) + 1
        ratio = float(norm.ppf(0.5 + level / 2) / t.ppf(0.5 + level / 2, max(alike - 1, 1.0)))
        effective = min(varied * (clients - 1) / clients * ratio**2, float(len(cast)))
    return _index(cast, equal, effective, level=level, method=method)


def weighted_nps(
    recommend: npt.ArrayLike, weight: npt.ArrayLike, *, level: float = 0.95, method: Method = "auto"
) -> NetPromoter:
    """Net promoter index of clients that count by a weight, such as their revenue.

    Parameters
    ----------
    recommend : array_like of float, shape (n,)
        One answer a client, from 0 to 10; NaN are not answers.
    weight : array_like of float, shape (n,)
        How much each counts, at least 0; only their ratios matter.
    level : float
        Coverage of the interval.
    method : {"auto", "adjusted", "score"}
        As in :func:`nps`.

    Returns
    -------
    NetPromoter
        Its ``effective`` says how many clients of equal weight would be as sure; too few below ten of them.

    Raises
    ------
    ValueError
        If shapes differ, a weight is negative or not finite, or the level or method cannot be.

    Notes
    -----
    The effective number of answers is the smaller of two: the squared sum of weights over the sum of their squares
    (Kish 1965), which holds if answers do not go with weights; and the answers' own variance over the linearised
    variance of the weighted index. Linearisation alone covers too little where few clients carry most of the weight:
    about 90 % with weights whose logarithms have a standard deviation of 1.5. The interval is that of so many answers.

    References
    ----------
    Kish (1965), Survey Sampling, Wiley, section 11.7.

    Examples
    --------
    >>> found = weighted_nps([9, 9, 3, 8, 10] * 8, [5.0, 1.0, 1.0, 1.0, 2.0] * 8)
    >>> found.n, round(found.effective, 1), [round(figure, 1) for figure in (found.value, found.low, found.high)]
    (40, 25.0, [70.0, 37.2, 87.8])
    """
    cast, given = votes(recommend), np.asarray(weight, dtype=np.float64)
    _check_shapes(cast, given, "weights")
    if not (np.isfinite(given) & (given >= 0)).all():
        wrong = given[~(np.isfinite(given) & (given >= 0))][0]
        message = f"expected weights that are finite and at least 0, got {wrong:g}"
        raise ValueError(message)
    counted = ~np.isnan(cast) & (given > 0)
    cast, given = cast[counted], given[counted] / max(given.max(initial=0.0), np.finfo(np.float64).tiny)
    effective = min(_effective(cast, np.arange(len(cast)), given))
    return _index(cast, given, effective, level=level, method=method)


def _check_shapes(cast: Floats, beside: npt.NDArray[np.generic], name: str) -> None:
    if cast.shape != beside.shape or cast.ndim != 1:
        message = f"expected answers and {name} of one length, got {cast.shape} and {beside.shape}"
        raise ValueError(message)


def _effective(cast: Floats, code: npt.NDArray[np.int64], weight: Floats) -> tuple[float, float]:
    """Effective answers if all of a client's agree and weights say nothing, and by linearisation; infinite if none."""
    if not len(cast):
        return 0.0, 0.0
    total = weight.sum()
    alike = float(total**2 / (np.bincount(code, weights=weight) ** 2).sum())
    index = (weight * cast).sum() / total
    residual = np.bincount(code, weights=weight * (cast - index))
    if not (residual**2).sum() > 1e-12 * total**2:
        return alike, np.inf
    spread = (weight * cast**2).sum() / total - index**2
    return alike, float(spread * total**2 / (residual**2).sum())


def _index(cast: Floats, weight: Floats, effective: float, *, level: float, method: Method) -> NetPromoter:
    """Index whose interval is that of so many equal answers."""
    total = weight.sum()
    counts = np.array([weight[cast == vote].sum() for vote in _CLASSES])
    shares = counts / total if total > 0 else counts
    limits = index_limits(effective * shares, level=level, method=method)
    if not total > 0:
        return NetPromoter(0, np.nan, np.nan, np.nan, np.nan, 0.0, "")
    value = float(shares @ _CLASSES)
    return NetPromoter(
        n=len(cast),
        value=100 * value,
        low=float(limits.low),
        high=float(limits.high),
        variance=float(shares @ _CLASSES**2 - value**2),
        effective=effective,
        method="score" if limits.by_score else "adjusted",
    )
