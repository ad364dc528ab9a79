"""What acting on a ranking earns: expected maximum profit, and the profit of a list of a given length.

Whoever is contacted costs a contact. One who would have left accepts an offer with some chance, stays, and is worth its
value less the offer; one who would have stayed takes the offer for nothing.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """What acting costs and how often it helps; a name that is not here, or a value out of range, is refused.

    None of these is known from orders or surveys: whether a contact helps is seen only where contacts are drawn by lot.

    Attributes
    ----------
    value : float
        Money that a client which stays is worth, where all are taken as alike.
    offer_cost : float
        Money that the offer costs, where all are taken as alike.
    offer_share : float
        Offer as a share of a client's own value, 0 to 1.
    contact_cost : float
        Money that a contact costs, accepted or not.
    accepting, refusing : float
        Shape of the beta distribution of the chance that one who would leave is kept; its mean is
        ``accepting / (accepting + refusing)``.

    Raises
    ------
    ValueError
        If values are out of range; all of them at once.

    Notes
    -----
    Defaults are those of Verbraken, Verbeke and Baesens (2013), in whose field, telephone contracts, they were chosen.

    Examples
    --------
    >>> Acting(value=500.0).kept
    0.3
    """

    value: float = 200.0
    offer_cost: float = 10.0
    offer_share: float = 0.05
    contact_cost: float = 1.0
    accepting: float = 6.0
    refusing: float = 14.0

    def __post_init__(self) -> None:
        """Refuse values out of range, all at once."""
        most = {"offer_share": 1.0, "offer_cost": self.value}
        least = {"value": 0.0, "accepting": 0.0, "refusing": 0.0}
        wrong = []
        for field in fields(self):
            given = getattr(self, field.name)
            if field.name in least and not 0 < given < np.inf:
                wrong.append(f"{field.name} = {given:g}, expected more than 0")
            elif field.name not in least and not 0 <= given < np.inf:
                wrong.append(f"{field.name} = {given:g}, expected at least 0")
            elif given >= most.get(field.name, np.inf):
                wrong.append(f"{field.name} = {given:g}, expected less than {most[field.name]:g}")
        if wrong:
            raise ValueError("what acting costs is out of range: " + "; ".join(wrong))

    @property
    def kept(self) -> float:
        """Mean chance that one who would leave is kept by a contact."""
        return self.accepting / (self.accepting + self.refusing)


@dataclass(frozen=True, slots=True)
class MaximumProfit:
    """The most that acting on a ranking earns.

    Attributes
    ----------
    profit : float
        Money a client of the base, against contacting nobody.
    contacted : float
        Share of the base that is contacted for it, 0 to 1.
    """

    profit: float
    contacted: float


def expected_maximum_profit(
    outcome: npt.ArrayLike, risk: npt.ArrayLike, *, acting: Acting, weight: npt.ArrayLike | None = None
) -> MaximumProfit:
    """Profit of contacting the best share of a ranking, over the chances that a contact helps; all clients worth alike.

    Parameters
    ----------
    outcome : array_like of bool or float, shape (n,)
        1 left, 0 stayed.
    risk : array_like of float, shape (n,)
        What clients are ranked by; clients of one risk are contacted together or not at all.
    acting : Acting
        Costs; `value`, `offer_cost`, `contact_cost` and the beta distribution count here.
    weight : array_like of float, shape (n,), optional
        How many clients a row stands for.

    Returns
    -------
    MaximumProfit

    Raises
    ------
    ValueError
        If shapes differ, something is not finite, or all left or all stayed.

    Notes
    -----
    For a chance c of being kept, the best corner of the convex hull of the ROC curve moves at finitely many c, between
    which profit is linear in c. So the expectation over a beta distribution is a finite sum of its incomplete moments:
    exact, without a grid.

    References
    ----------
    Verbraken, Verbeke and Baesens (2013), A novel profit maximizing metric for measuring classification performance of
    customer churn prediction models, IEEE Transactions on Knowledge and Data Engineering 25, 961-973.

    Examples
    --------
    >>> left, risk = [0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
    >>> best = expected_maximum_profit(left, risk, acting=Acting())
    >>> round(best.profit, 6), round(best.contacted, 6)
    (23.875593, 0.87437)
    """
    left, ranked, times = _checked(outcome, risk, weight)
    if not 0 < (left * times).sum() < times.sum():
        message = "expected some who left and some who stayed, got one kind only: grade more forecasts"
        raise ValueError(message)
    leavers, stayers = _hull(*_curve(left, ranked, times)) / times.sum()
    return _over_chances(leavers, stayers, acting)


def expected_maximum_profit_by_value(
    outcome: npt.ArrayLike,
    risk: npt.ArrayLike,
    value: npt.ArrayLike,
    *,
    acting: Acting,
    weight: npt.ArrayLike | None = None,
) -> MaximumProfit:
    """Profit of contacting the best share of a ranking, every client at its own value.

    Parameters
    ----------
    outcome, risk : array_like, shape (n,)
        As for :func:`expected_maximum_profit`.
    value : array_like of float, shape (n,)
        Money that each client is worth if it stays.
    acting : Acting
        Costs; `offer_share`, `contact_cost` and the mean of the beta distribution count here.
    weight : array_like of float, shape (n,), optional
        How many clients a row stands for.

    Returns
    -------
    MaximumProfit

    Raises
    ------
    ValueError
        If shapes differ or something is not finite.

    References
    ----------
    Janssens, Bogaert, Bague and Van den Poel (2024), B2Boost: instance-dependent profit-driven modelling of B2B churn,
    Annals of Operations Research 341, 267-293.

    Examples
    --------
    >>> left, risk = [0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
    >>> value = [100, 200, 150, 300, 120, 250, 180, 220]
    >>> best = expected_maximum_profit_by_value(left, risk, value, acting=Acting(contact_cost=15))
    >>> round(best.profit, 5), best.contacted
    (18.61875, 0.875)
    """
    left, ranked, times = _checked(outcome, risk, weight)
    worth = np.asarray(value, dtype=np.float64)
    earned = profit_of_contact(left, worth, acting=acting)
    reached, profit = _by_rank(ranked, times, earned * times)
    best = int(np.argmax(profit))
    return MaximumProfit(float(profit[best] / times.sum()), float(reached[best] / times.sum()))


def profit_of_contact(outcome: npt.ArrayLike, value: npt.ArrayLike, *, acting: Acting) -> Floats:
    """Money that contacting each client earns, given what it would have done.

    Parameters
    ----------
    outcome : array_like of float, shape (n,)
        1 left, 0 stayed; a risk in place of an outcome gives the profit to expect.
    value : array_like of float, shape (n,)
        Money that each client is worth if it stays.
    acting : Acting
        Costs; `offer_share`, `contact_cost` and the mean chance of being kept count here.

    Returns
    -------
    ndarray of float, shape (n,)
        Negative where the contact costs more than it is worth.

    Raises
    ------
    ValueError
        If shapes differ, or something is not finite.

    Examples
    --------
    >>> profit_of_contact([1.0, 0.0], [1000.0, 1000.0], acting=Acting(contact_cost=15)).tolist()
    [270.0, -65.0]
    """
    chance, worth = np.asarray(outcome, dtype=np.float64), np.asarray(value, dtype=np.float64)
    if chance.shape != worth.shape or not (np.isfinite(chance).all() and np.isfinite(worth).all()):
        message = f"expected a finite value for each outcome, got shapes {chance.shape} and {worth.shape}"
        raise ValueError(message)
    kept = acting.kept * (1 - acting.offer_share)
    return np.asarray(worth * (chance * kept - (1 - chance) * acting.offer_share) - acting.contact_cost)


def _checked(
    outcome: npt.ArrayLike, risk: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    left, ranked = np.asarray(outcome, dtype=np.float64), np.asarray(risk, dtype=np.float64)
    times = np.ones_like(left) if weight is None else np.asarray(weight, dtype=np.float64)
    if left.ndim != 1 or not left.shape == ranked.shape == times.shape or not len(left):
        message = f"expected arrays of one length above 0, got {left.shape}, {ranked.shape} and {times.shape}"
        raise ValueError(message)
    if not np.isin(left, (0.0, 1.0)).all():
        message = "expected outcomes of 1 (left) and 0 (stayed): leave out those that are not known yet"
        raise ValueError(message)
    if not (np.isfinite(ranked).all() and np.isfinite(times).all() and (times >= 0).all() and times.any()):
        message = "expected finite risks, and weights of at least 0 that are not all 0"
        raise ValueError(message)
    return left, ranked, times


def _by_rank(ranked: Floats, times: Floats, *summed: Floats) -> tuple[Floats, ...]:
    """Running sums down the ranking where it can be cut: weights first, then what is given; each begins with 0."""
    order = np.argsort(-ranked, kind="stable")
    lasts = np.flatnonzero(np.append(np.diff(ranked[order]) != 0, True))
    return tuple(np.concatenate(([0.0], np.cumsum(each[order])[lasts])) for each in (times, *summed))


def _curve(left: Floats, ranked: Floats, times: Floats) -> tuple[Floats, Floats]:
    """Those who left and those who stayed down the ranking."""
    reached, leavers = _by_rank(ranked, times, left * times)
    return leavers, reached - leavers


def _hull(leavers: Floats, stayers: Floats) -> Floats:
    """Corners of the upper convex hull of the ROC curve, from nobody to everybody, shape (2, corners)."""
    kept: list[int] = []
    for place in range(len(leavers)):
        while len(kept) > 1 and not _turns_down(leavers, stayers, kept[-2], kept[-1], place):
            kept.pop()
        kept.append(place)
    return np.stack((leavers[kept], stayers[kept]))


def _turns_down(leavers: Floats, stayers: Floats, first: int, middle: int, last: int) -> bool:
    """Whether the path over three points turns to the right, so that the middle one is a corner."""
    rise = (leavers[middle] - leavers[first]) * (stayers[last] - stayers[middle])
    return bool(rise > (leavers[last] - leavers[middle]) * (stayers[middle] - stayers[first]))


def _over_chances(leavers: Floats, stayers: Floats, acting: Acting) -> MaximumProfit:
    """Sum profit and contacts over the stretches of chance on which one corner is best."""
    gain = acting.value - acting.offer_cost
    wasted = acting.offer_cost + acting.contact_cost
    more_left, more_stayed = np.diff(leavers), np.diff(stayers)
    with np.errstate(divide="ignore"):
        cost = acting.contact_cost * more_left + wasted * more_stayed
        moves = np.where(more_left > 0, cost / (gain * np.where(more_left > 0, more_left, 1.0)), np.inf)
    ends = np.clip(np.concatenate(([0.0], moves, [1.0])), 0.0, 1.0)
    a, b = acting.accepting, acting.refusing
    chance = np.diff(betainc(a, b, ends))
    moment = acting.kept * np.diff(betainc(a + 1, b, ends))
    paid = acting.contact_cost * leavers + wasted * stayers
    profit = (gain * leavers * moment - paid * chance).sum()
    return MaximumProfit(float(profit), float(((leavers + stayers) * chance).sum()))
