"""Forecasts of orders held against what came: one call, any forecast, ours or the user's.

Every measure has its weak side (a forecast of 0 may win the absolute error, silence alone the ranking): they are
given beside one another, for models and naive rules alike, with intervals over clients.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from churnlab.lifetime.purchase.fitting import Floats
from churnlab.lifetime.purchase.records import PurchaseHistory, purchase_history
from churnlab.lifetime.purchase.result import Clients, PurchaseFit

Rule = Callable[[PurchaseHistory, Floats], Floats]
"""Takes clients and times from now, shape (k,); gives orders to expect by each, shape (n, k)."""

MEASURES = ("bias", "mae", "wmape", "rmse", "spearman", "auc")
"""Total expected over total that came, less 1; mean absolute error; absolute errors over all orders; root mean squared
error; rank correlation; chance that a client who orders again stands above one who does not."""

_GROUPS = 10


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Forecasts at one origin or more, and what came.

    Attributes
    ----------
    client : ndarray, shape (n,)
        A client stands once for each origin at which it had ordered.
    actual : ndarray, shape (n, k)
        Orders that came by the end of each of k periods, running totals.
    expected : dict of str to ndarray, shape (n, k)
        The same by each rule.
    """

    client: npt.NDArray[np.generic]
    actual: Floats
    expected: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Score:
    """A forecast held against what came.

    Attributes
    ----------
    values, low, high : dict of str to float
        By ``MEASURES``, with intervals over clients; NaN for those that a ranking does not have.
    deciles : ndarray, shape (g, 2)
        Mean orders expected and mean that came, by tenths of clients from the lowest forecast up; fewer with few
        clients.
    tracking : ndarray, shape (k, 2)
        Orders of all expected and come by the end of each period.
    """

    values: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    deciles: Floats
    tracking: Floats


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Forecasts beside one another.

    Attributes
    ----------
    clients, rows : int
        Clients, and clients times origins.
    orders : float
        Orders that came.
    scores : dict of str to Score
        By forecast.
    best : dict of str to str
        By measure, the forecast that does best.
    beaten : dict of str to tuple of str
        By measure, the forecasts that do worse than the best beyond chance: the interval of the difference lies on
        one side of 0.
    """

    clients: int
    rows: int
    orders: float
    scores: dict[str, Score]
    best: dict[str, str]
    beaten: dict[str, tuple[str, ...]]


def own_rate(history: PurchaseHistory, ends: Floats) -> Floats:
    """Each client goes on as before: orders after the first over age."""
    return (history.frequency / np.maximum(history.age, 1e-9))[:, None] * ends


def mean_rate(history: PurchaseHistory, ends: Floats) -> Floats:
    """All clients go on as all did."""
    rate = history.frequency.sum() / max(float(history.age.sum()), 1e-9)
    return np.full(history.age.shape, rate)[:, None] * ends


def nothing(history: PurchaseHistory, ends: Floats) -> Floats:
    """Nobody orders again."""
    return np.zeros((len(history.age), len(ends)))


def recency(history: PurchaseHistory, ends: Floats) -> Floats:
    """Who ordered last stands highest: a ranking, no forecast."""
    return (history.recency - history.age)[:, None] * np.ones(len(ends))


NAIVE: dict[str, Rule] = {"own rate": own_rate, "mean": mean_rate, "zero": nothing, "recency": recency}
"""Rules that any model has to beat."""

RANKINGS = frozenset({"recency"})
"""Those of which only the order counts."""


def by_model(fit: Callable[[PurchaseHistory], PurchaseFit]) -> Rule:
    """Make a rule of a model: it is fitted to the clients that it forecasts.

    Parameters
    ----------
    fit : callable
        Takes a history, gives a fit.

    Returns
    -------
    Rule
    """

    def rule(history: PurchaseHistory, ends: Floats) -> Floats:
        found = fit(history)
        clients = Clients(history.frequency, history.recency, history.age)
        given = tuple(found.parameters)
        return np.column_stack([found.law.orders(given, clients, float(end)) for end in ends])

    return rule


def hold_out(
    client: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    origins: npt.ArrayLike,
    horizon: float,
    rules: Mapping[str, Rule],
    periods: int = 4,
) -> HeldOut:
    """Forecast orders from origins in the past, each from what was known by then.

    Parameters
    ----------
    client, time : array_like, shape (n,)
        Orders, as :func:`purchase_history` reads them.
    origins : array_like of float
        Ends of the records that are forecast from; several roll over the past.
    horizon : float
        Time after each.
    rules : mapping of str to Rule
        What is held against one another; see ``NAIVE`` and :func:`by_model`.
    periods : int
        Equal parts of the horizon for which running totals are kept.

    Returns
    -------
    HeldOut

    Raises
    ------
    ValueError
        If an origin and the horizon end after the last order, or no origin is given.
    """
    who, when = np.asarray(client), np.asarray(time, dtype=np.float64)
    starts = np.atleast_1d(np.asarray(origins, dtype=np.float64))
    if not starts.size or periods < 1 or not horizon > 0:
        raise ValueError("expected an origin, a horizon above 0 and a period or more")
    if starts.max() + horizon > when.max() + horizon / 10:
        end = starts.max() + horizon
        raise ValueError(f"the horizon ends at {end:g}, the orders at {when.max():g}: take an earlier origin")
    ends = horizon * np.arange(1, periods + 1) / periods
    clients, actual, expected = [], [], {name: [] for name in rules}  # type: ignore[var-annotated]
    for start in starts:
        known = purchase_history(who, when, until=float(start))
        clients.append(known.client)
        later = [purchase_history(who, when, until=float(start + end)) for end in ends]
        actual.append(
            np.column_stack(
                [each.frequency[np.searchsorted(each.client, known.client)] - known.frequency for each in later]
            )
        )
        for name, rule in rules.items():
            expected[name].append(rule(known, ends))
    return HeldOut(
        np.concatenate(clients), np.concatenate(actual), {name: np.concatenate(each) for name, each in expected.items()}
    )


def scorecard(
    expected: Mapping[str, npt.ArrayLike],
    actual: npt.ArrayLike,
    *,
    client: npt.ArrayLike | None = None,
    rankings: frozenset[str] = RANKINGS,
    draws: int = 400,
    level: float = 0.95,
    rng: np.random.Generator | int = 0,
) -> Scorecard:
    """Hold forecasts of orders against what came.

    Parameters
    ----------
    expected : mapping of str to array_like, shape (n,) or (n, k)
        Forecasts by name; with k columns, running totals by the end of each period.
    actual : array_like of float, shape (n,) or (n, k)
        Orders that came.
    client : array_like, shape (n,), optional
        Whose they are, where clients stand in several rows; intervals draw clients.
    rankings : frozenset of str
        Forecasts of which only the order counts.
    draws : int
        Bootstrap draws.
    level : float
        Coverage of the intervals.
    rng : Generator or int
        Source of chance, or its seed.

    Returns
    -------
    Scorecard

    Raises
    ------
    ValueError
        If shapes differ, nothing is given, or a figure is not finite.

    Examples
    --------
    >>> found = scorecard({"mine": [0.1, 2.0, 0.4], "zero": [0.0, 0.0, 0.0]}, [0, 3, 1], draws=50)
    >>> found.best["rmse"], round(found.scores["mine"].values["bias"], 3)
    ('mine', -0.375)
    """
    came = _table(actual)
    told = {name: _table(each) for name, each in expected.items()}
    for name, each in told.items():
        if each.shape != came.shape or not len(came):
            raise ValueError(f"expected a forecast of shape {came.shape} by {name}, got {each.shape}")
        if not (np.isfinite(each).all() and np.isfinite(came).all()):
            raise ValueError(f"expected finite forecasts and orders, got others by {name}")
    who = np.arange(len(came)) if client is None else np.unique(np.asarray(client), return_inverse=True)[1]
    order = np.argsort(who, kind="stable")
    begin = np.flatnonzero(np.diff(who[order], prepend=-1))
    of_client = np.split(order, begin[1:])
    generator = np.random.default_rng(rng)
    last = {name: each[:, -1] for name, each in told.items()}
    values = _all(last, came[:, -1], rankings)
    drawn = np.empty((draws, *values.shape))
    for draw in range(draws):
        chosen = generator.integers(0, len(of_client), len(of_client))
        rows = chosen if len(of_client) == len(came) else np.concatenate([of_client[each] for each in chosen])
        drawn[draw] = _all({name: each[rows] for name, each in last.items()}, came[rows, -1], rankings)
    ends = (0.5 - level / 2, 0.5 + level / 2)
    low, high = _quantiles(drawn, ends)
    by_measure = [[dict(zip(MEASURES, row.tolist(), strict=True)) for row in each] for each in (values, low, high)]
    scores = {
        name: Score(
            values=by_measure[0][place],
            low=by_measure[1][place],
            high=by_measure[2][place],
            deciles=_deciles(last[name], came[:, -1]),
            tracking=np.column_stack((told[name].sum(axis=0), came.sum(axis=0))),
        )
        for place, name in enumerate(told)
    }
    best, beaten = _winners(list(told), values, drawn, ends)
    return Scorecard(len(of_client), len(came), float(came[:, -1].sum()), scores, best, beaten)


def _table(given: npt.ArrayLike) -> Floats:
    found = np.asarray(given, dtype=np.float64)
    return found[:, None] if found.ndim == 1 else found


def _all(told: Mapping[str, Floats], came: Floats, rankings: frozenset[str]) -> Floats:
    """Measures (forecasts, measures)."""
    ranks, again = rankdata(came), came > 0
    return np.array([_measures(each, came, ranks, again, ranks_only=name in rankings) for name, each in told.items()])


def _measures(told: Floats, came: Floats, ranks: Floats, again: npt.NDArray[np.bool_], *, ranks_only: bool) -> Floats:
    found = np.full(len(MEASURES), np.nan)
    total, missed = float(came.sum()), np.abs(told - came)
    if not ranks_only:
        found[1], found[3] = missed.mean(), np.sqrt((missed**2).mean())
        if total > 0:
            found[0], found[2] = told.sum() / total - 1, missed.sum() / total
    own = rankdata(told)
    if np.ptp(own) > 0 and np.ptp(ranks) > 0:
        found[4] = np.corrcoef(own, ranks)[0, 1]
    hits = int(again.sum())
    if 0 < hits < len(came):
        found[5] = (own[again].sum() - hits * (hits + 1) / 2) / (hits * (len(came) - hits))
    return found


def _quantiles(drawn: Floats, ends: tuple[float, float]) -> tuple[Floats, Floats]:
    """Ends over draws in which the measure exists; NaN where it exists in none."""
    missing = np.isnan(drawn).all(axis=0)
    low, high = np.nanquantile(np.where(missing, 0.0, drawn), ends, axis=0)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def _deciles(told: Floats, came: Floats) -> Floats:
    parts = np.array_split(np.argsort(told, kind="stable"), min(_GROUPS, len(told)))
    return np.array([[told[part].mean(), came[part].mean()] for part in parts])


def _winners(
    names: list[str], values: Floats, drawn: Floats, ends: tuple[float, float]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Best by measure, and who is beaten beyond chance."""
    best, beaten = {}, {}
    for place, measure in enumerate(MEASURES):
        # losses: away from 0 for the bias, large for errors, small for rankings
        sign = -1.0 if measure in ("spearman", "auc") else 1.0
        cost, costs = (
            np.abs(each) if measure == "bias" else sign * each for each in (values[:, place], drawn[..., place])
        )
        if np.isnan(cost).all():
            continue
        first = int(np.nanargmin(cost))
        low, _ = _quantiles(costs - costs[:, [first]], ends)
        best[measure] = names[first]
        beaten[measure] = tuple(name for name, gap in zip(names, low, strict=True) if gap > 0)
    return best, beaten
