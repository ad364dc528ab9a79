"""No order within a horizon, from orders alone: the hazard of the next order, a week at a time, as silence grows.

For logs of orders without a limit of silence, beside the purchase models of :mod:`churnlab.lifetime.purchase`. A
client that has not ordered yet is known to have been silent until then, so its columns move on with the weeks of the
horizon, and the chance of no order is the product of the weeks without one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from churnlab.lifetime.hazard import HazardFit, cloglog_hazard, fit_hazard
from churnlab.lifetime.purchase import PurchaseHistory, purchase_history
from churnlab.risk.models import ModelSpec

Floats = npt.NDArray[np.float64]

_PRIOR_SPREAD = 1.0
"""A column's effect per standard deviation is taken to lie within about +-2 on the log hazard of ordering."""

_MOST_AT_ONCE = 4_000_000
"""Chances held at once (32 MB) while intervals are drawn."""


@dataclass(frozen=True, slots=True)
class _Weeks:
    """Weeks of clients: orders after the first, silence and age at the week's start, week since the cut-off from 1."""

    frequency: Floats
    silence: Floats
    age: Floats
    week: Floats


def _silence_at_cut_off(weeks: _Weeks) -> Floats:
    return np.log1p(weeks.silence - (weeks.week - 1))


def _surprise(weeks: _Weeks, gap: float) -> Floats:
    """Orders that a client would have placed in its silence at the pace before it, were paces gamma (log)."""
    spoken = weeks.age - weeks.silence
    return np.asarray(np.log1p((weeks.frequency + 0.5) * np.log((gap + weeks.age) / (gap + spoken))))


def _in_own_gaps(weeks: _Weeks, gap: float) -> Floats:
    """Silence in the client's own gaps, drawn to everyone's by one gap (log)."""
    own = (weeks.age - weeks.silence + gap) / (weeks.frequency + 1)
    return np.asarray(np.log1p(weeks.silence / own))


_COLUMNS: Final[Mapping[str, Callable[[_Weeks, float], Floats]]] = MappingProxyType(
    {
        "silence": lambda weeks, _: np.log1p(weeks.silence),
        "frequency": lambda weeks, _: np.log1p(weeks.frequency),
        "pace": lambda weeks, gap: np.log((weeks.frequency + 0.5) / (weeks.age + gap)),
        "surprise": _surprise,
        "own gap": _in_own_gaps,
        "week": lambda weeks, _: np.log(weeks.week),
        "week x silence": lambda weeks, _: np.log(weeks.week) * _silence_at_cut_off(weeks),
    }
)

ORDERS_BASE_RATE: Final = ModelSpec("base rate", "every client has the same chance", ("week",))
ORDERS_RECENCY: Final = ModelSpec(
    "recency", "the weeks since the last order alone", ("silence", "week", "week x silence")
)
ORDERS_OWN_GAP: Final = ModelSpec(
    "own gap", "the weeks since the last order in the client's own gaps", ("own gap", "week", "week x silence")
)
NEXT_ORDER: Final = ModelSpec(
    "next order",
    "silence, order count, pace, and silence against that pace",
    ("silence", "frequency", "pace", "surprise"),
)
ORDER_MODELS: Final = (ORDERS_BASE_RATE, ORDERS_RECENCY, ORDERS_OWN_GAP, NEXT_ORDER)
"""From the simplest to the richest; :func:`churnlab.risk.choose` decides which speaks."""


@dataclass(frozen=True, slots=True)
class OrderHazard:
    """A fitted hazard of the next order.

    Attributes
    ----------
    spec : ModelSpec
        Which columns.
    fit : HazardFit
        Coefficients, of standardised columns.
    centre, spread : ndarray of float, shape (k,)
        Mean and standard deviation of the columns in the weeks learnt from.
    gap : float
        Mean time between orders of all clients.
    """

    spec: ModelSpec
    fit: HazardFit
    centre: Floats
    spread: Floats
    gap: float

    def silent(self, known: PurchaseHistory, *, horizon: int) -> Floats:
        """Chance of each client not to order within so many weeks.

        Parameters
        ----------
        known : PurchaseHistory
            Clients up to the day of forecasting.
        horizon : int
            Weeks, or whichever unit the fit has.

        Returns
        -------
        ndarray of float, shape (n,)
        """
        return self._silent(known, horizon, self.fit.coefficients[None, :])[:, 0]

    def silent_interval(
        self,
        known: PurchaseHistory,
        *,
        horizon: int,
        rng: np.random.Generator | int,
        draws: int = 500,
        level: float = 0.95,
    ) -> tuple[Floats, Floats]:
        """Give the interval of each chance from the uncertainty of the coefficients.

        Parameters
        ----------
        known : PurchaseHistory
            Clients up to the day of forecasting.
        horizon : int
            Weeks.
        rng : Generator or int
            For the draws.
        draws : int
            Draws of the coefficients.
        level : float
            Coverage.

        Returns
        -------
        low, high : ndarray of float, shape (n,)
        """
        generator = np.random.default_rng(rng)
        drawn = generator.multivariate_normal(self.fit.coefficients, self.fit.covariance, size=draws, method="eigh")
        at_once = max(1, _MOST_AT_ONCE // draws)
        parts = []
        for start in range(0, len(known.age), at_once):
            chances = self._silent(_part(known, slice(start, start + at_once)), horizon, drawn)
            parts.append(np.quantile(chances, [0.5 - level / 2, 0.5 + level / 2], axis=1))
        low, high = np.concatenate(parts, axis=1)
        return low, high

    def _silent(self, known: PurchaseHistory, horizon: int, coefficients: Floats) -> Floats:
        """Product of the weeks without an order, shape (n, draws)."""
        silence = known.age - known.recency
        logs = np.zeros((len(known.age), len(coefficients)))
        for week in range(1, horizon + 1):
            on = week - 1
            weeks = _Weeks(known.frequency, silence + on, known.age + on, np.full(len(silence), float(week)))
            columns = (_columns(weeks, self.spec, self.gap) - self.centre) / self.spread
            logs += np.log1p(-cloglog_hazard(coefficients[:, 0] + columns @ coefficients[:, 1:].T))
        return np.exp(logs)


def fit_next_order(
    client: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    until: float,
    horizon: int,
    spec: ModelSpec = NEXT_ORDER,
    cut_offs: int = 12,
) -> OrderHazard:
    """Learn when the next order comes, from cut-offs pooled over the records.

    Parameters
    ----------
    client : array_like, shape (n,)
        Who ordered.
    time : array_like of float, shape (n,)
        When, in weeks or whichever unit a step of 1 suits.
    until : float
        Day of forecasting: orders after it are not read.
    horizon : int
        Weeks behind a cut-off that are learnt from, at most.
    spec : ModelSpec
        Which columns.
    cut_offs : int
        Days in the past, evenly spread over the records and a week apart or more, from which weeks are counted: until
        the client ordered or `until` came, so that nothing counts as silence that was not seen.

    Returns
    -------
    OrderHazard

    Raises
    ------
    ValueError
        If the horizon is under 1, or there are no weeks with, or none without, an order to learn from.
    """
    if horizon < 1:
        raise ValueError(f"expected a horizon of 1 or more, got {horizon}")
    who, when = np.asarray(client), np.asarray(time, dtype=np.float64)
    everything = purchase_history(who, when, until=until)
    gap = max(float(everything.recency.sum() / max(everything.frequency.sum(), 1.0)), 1e-9)
    step = max(1.0, float(everything.age.max()) / (cut_offs + 1))
    starts = [
        start for back in range(1, cut_offs + 1) if (start := until - back * step) >= until - everything.age.max()
    ]
    parts = [_weeks_behind(who, when, start, until, horizon) for start in starts]
    if not parts:
        raise ValueError("expected records of more than a week")
    weeks = _Weeks(*(np.concatenate([getattr(part, name) for part, _, _ in parts]) for name in _Weeks.__slots__))
    ordered, whose = (np.concatenate([part[place] for part in parts]) for place in (1, 2))
    raw = _columns(weeks, spec, gap)
    centre, spread = raw.mean(axis=0), raw.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    penalty = np.full(raw.shape[1], len(starts) / _PRIOR_SPREAD**2)
    fit = fit_hazard((raw - centre) / spread, ordered, client=whose, penalty=penalty)
    return OrderHazard(spec, fit, centre, spread, gap)


def _columns(weeks: _Weeks, spec: ModelSpec, gap: float) -> Floats:
    return np.column_stack([_COLUMNS[name](weeks, gap) for name in spec.columns])


def _part(known: PurchaseHistory, chosen: slice) -> PurchaseHistory:
    return PurchaseHistory(*(getattr(known, name)[chosen] for name in PurchaseHistory.__slots__))


def _weeks_behind(
    who: npt.NDArray[np.generic], when: Floats, start: float, until: float, horizon: int
) -> tuple[_Weeks, npt.NDArray[np.bool_], npt.NDArray[np.generic]]:
    """Weeks after a cut-off up to the next order or the end of what is known, whether it came in them, and whose."""
    known = purchase_history(who, when, until=start)
    later = (when > start) & (when <= until) & np.isin(who, known.client)
    following = np.full(len(known.client), np.inf)
    np.minimum.at(following, np.searchsorted(known.client, who[later]), when[later])
    came = np.ceil(following - start)
    count = np.minimum(came, min(np.floor(until - start), float(horizon))).astype(np.int64)
    row = np.repeat(np.arange(len(count)), count)
    week = (np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + 1).astype(np.float64)
    silence = (known.age - known.recency)[row] + week - 1
    weeks = _Weeks(known.frequency[row], silence, known.age[row] + week - 1, week)
    return weeks, week == came[row], known.client[row]
