"""Do groups of clients leave at different rates? The log-rank test, with late entry and clients in several groups."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from churnlab.lifetime.counting import Floats, Ints, Spans


@dataclass(frozen=True, slots=True)
class LogRank:
    """Test that groups leave at one hazard in every month of tenure.

    Attributes
    ----------
    groups : tuple of str
        Names of the groups, sorted.
    lives : ndarray of int, shape (k,)
        Lives in each.
    observed, expected : ndarray of float, shape (k,)
        Departures seen, and those expected if all left at one hazard.
    statistic : float
        Chi squared; NaN where nothing can be compared.
    degrees : int
        Its degrees of freedom.
    p_value : float
        Chance of as large a statistic if the groups do not differ; NaN where nothing can be compared.
    """

    groups: tuple[str, ...]
    lives: Ints
    observed: Floats
    expected: Floats
    statistic: float
    degrees: int
    p_value: float


def log_rank(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,  # noqa: A002 -- as everywhere
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike | None = None,
    client: npt.ArrayLike | None = None,
) -> LogRank:
    """Compare departures of groups with those expected under one hazard, month by month.

    Parameters
    ----------
    entry, exit, event
        Lives, as for :func:`churnlab.lifetime.hazard_table`.
    group : array_like, shape (n,)
        Group of each life.
    stratum : array_like, shape (n,), optional
        Lives are compared within strata only.
    client : array_like, shape (n,), optional
        Whose life it is. A client may stand in several groups, such as lines; the variance is then taken over
        clients. Without it, lives are independent and the variance is hypergeometric.

    Returns
    -------
    LogRank

    Raises
    ------
    ValueError
        As :func:`churnlab.lifetime.hazard_table`, and if a group or stratum is missing for a life.

    References
    ----------
    Mantel (1966), Cancer Chemotherapy Reports 50, 163-170; over clients: Lee, Wei and Amato (1992), in Survival
    Analysis: State of the Art, 237-247.

    Examples
    --------
    >>> found = log_rank([0] * 8, [1, 2, 3, 4, 5, 6, 7, 8], [True] * 8, list("aaaabbbb"))
    >>> round(found.statistic, 3), round(found.p_value, 4)
    (7.344, 0.0067)
    """
    named = np.asarray(group)
    spans = Spans.of(entry, exit, event, client)
    layers = np.zeros(spans.exit.size, dtype=np.int64) if stratum is None else np.asarray(stratum)
    if not named.shape == layers.shape == spans.exit.shape:
        message = f"expected a group and a stratum for each of {spans.exit.size} lives, got {named.shape}"
        raise ValueError(message)
    names, place = np.unique(named, return_inverse=True)
    observed, expected = np.zeros(len(names)), np.zeros(len(names))
    variance = np.zeros((len(names), len(names)))
    beyond = np.zeros((int(spans.client.max()) + 1, len(names)))
    for layer in np.unique(layers):
        chosen = layers == layer
        part = Spans(spans.entry[chosen], spans.exit[chosen], spans.event[chosen], spans.client[chosen])
        at_risk, gone = _counts(part, place[chosen], len(names))
        observed += gone.sum(axis=1)
        expected += _expected(at_risk, gone)
        variance += _hypergeometric(at_risk, gone)
        if client is not None:
            _add_moves(beyond, part, place[chosen], at_risk, gone)
    if client is not None:
        variance = beyond.T @ beyond
    statistic, degrees = _quadratic(observed - expected, variance)
    return LogRank(
        groups=tuple(str(name) for name in names),
        lives=np.bincount(place, minlength=len(names)),
        observed=observed,
        expected=expected,
        statistic=statistic,
        degrees=degrees,
        p_value=float(chi2.sf(statistic, degrees)) if degrees else float("nan"),
    )


def _counts(spans: Spans, place: Ints, groups: int) -> tuple[Ints, Ints]:
    """Lives at risk and departures by group and month, shape (k, m)."""
    last = int(spans.exit.max())
    at_risk, gone = np.zeros((groups, last), dtype=np.int64), np.zeros((groups, last), dtype=np.int64)
    for one in range(groups):
        chosen = place == one
        part = Spans(spans.entry[chosen], spans.exit[chosen], spans.event[chosen], spans.client[chosen])
        at_risk[one] = part.at_risk(last)
        gone[one] = np.bincount(part.exit[part.event], minlength=last + 1)[1:]
    return at_risk, gone


def _expected(at_risk: Ints, gone: Ints) -> Floats:
    return (at_risk * (gone.sum(axis=0) / np.maximum(at_risk.sum(axis=0), 1))).sum(axis=1)


def _hypergeometric(at_risk: Ints, gone: Ints) -> Floats:
    """Covariance of departures by group, given departures and lives at risk in each month."""
    total, left = at_risk.sum(axis=0), gone.sum(axis=0)
    share = at_risk / np.maximum(total, 1)
    weight = left * (total - left) / np.maximum(total - 1, 1)
    return np.diag((share * weight).sum(axis=1)) - np.einsum("im,jm,m->ij", share, share, weight)


def _add_moves(beyond: Floats, spans: Spans, place: Ints, at_risk: Ints, gone: Ints) -> None:
    """Add what each client's lives add to departures beyond those expected, by group."""
    total = np.maximum(at_risk.sum(axis=0), 1)
    hazard, share = gone.sum(axis=0) / total, at_risk / total
    summed = np.concatenate(([0.0], np.cumsum(hazard)))
    own = spans.event - (summed[spans.exit] - summed[spans.entry])
    for one in range(len(at_risk)):
        shared = np.concatenate(([0.0], np.cumsum(share[one] * hazard)))
        seen = np.where(spans.event, share[one][spans.exit - 1], 0.0)
        moves = (place == one) * own - (seen - (shared[spans.exit] - shared[spans.entry]))
        np.add.at(beyond[:, one], spans.client, moves)


def _quadratic(apart: Floats, variance: Floats) -> tuple[float, int]:
    """Chi squared over all groups but one, and its degrees of freedom; groups never at risk do not count."""
    free = np.flatnonzero(np.diag(variance) > 1e-12)[:-1]
    if not free.size:
        return float("nan"), 0
    inner = variance[np.ix_(free, free)]
    rank = int(np.linalg.matrix_rank(inner, hermitian=True))
    return float(apart[free] @ np.linalg.pinv(inner, hermitian=True) @ apart[free]), rank
