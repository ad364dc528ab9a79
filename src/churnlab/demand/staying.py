"""What has been learnt from periods that ended: how many of the silent went on, what new clients brought."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from churnlab.demand.log import Floats, Ints
from churnlab.demand.paces import Paces

_ENDS: Final = np.array([0.25, 0.75, 1.5, 2.5, 4.0, 6.0, 9.0])
_MIDDLES: Final = np.array([0.1, 0.5, 1.1, 2.0, 3.2, 5.0, 7.5, 11.0])
_LEAVE: Final = (0.15, 0.03)
"""Prior share that leaves after an order: of those with one order, and of those with more."""

_PRIOR_ORDERS = 6.0
_PRIOR_SIZES = 20.0
_PRIOR_SQUARES = 30.0
_FADE = 0.5 ** (1 / 24)
"""What a period counts less for each later one: half after two years."""

_NEW_FADE = 0.5 ** (1 / 4)


@dataclass(slots=True)
class Learnt:
    """Sums over past periods of one kind.

    Attributes
    ----------
    came, expected : ndarray of float, shape (cells,)
        Orders that came and that rates alone had said, by how silent clients were and whether they had ordered again.
    size_came, size_expected : float
        Volume that came of clients who had ordered before, and that was said.
    squares, variance : float
        Squared misses of single clients' orders, and what their laws had said of them.
    new_orders, new_volume : list of float
        What clients brought who had not ordered before, a mean month, one figure a period.
    periods : int
        How many were learnt from.
    """

    came: Floats = field(default_factory=lambda: np.zeros(2 * len(_MIDDLES)))
    expected: Floats = field(default_factory=lambda: np.zeros(2 * len(_MIDDLES)))
    size_came: float = 0.0
    size_expected: float = 0.0
    squares: float = 0.0
    variance: float = 0.0
    new_orders: list[float] = field(default_factory=list)
    new_volume: list[float] = field(default_factory=list)
    periods: int = 0

    def add(self, state: Paces, *, orders: Floats, volume: Floats, months: float) -> None:
        """Take in a period that has ended.

        Parameters
        ----------
        state : Paces
            Clients as known when it was forecast.
        orders, volume : ndarray of float, shape (all clients,)
            What came of each client.
        months : float
            Mean months that the period was worth, above 0.
        """
        cell, mine = _cells(state), orders[state.client]
        stays = self.stays(state)
        mean, variance = orders_of_clients(state, stays=stays, months=months)
        self.squares = _FADE * self.squares + float(((mine - mean) ** 2).sum())
        self.variance = _FADE * self.variance + float(variance.sum())
        held = float(volume[state.client].sum())
        self.came = _FADE * self.came + np.bincount(cell, weights=mine, minlength=len(self.came))
        said = np.bincount(cell, weights=state.rate * months, minlength=len(self.came))
        self.expected = _FADE * self.expected + said
        self.size_came = _FADE * self.size_came + held
        self.size_expected = _FADE * self.size_expected + float((mean * state.size).sum())
        self.new_orders.append(float(orders.sum() - mine.sum()) / months)
        self.new_volume.append(max(0.0, float(volume.sum()) - held) / months)
        self.periods += 1

    def stays(self, state: Paces) -> Floats:
        """Give orders that came over those that rates had said, of clients as silent, drawn towards a prior.

        Parameters
        ----------
        state : Paces
            Clients.

        Returns
        -------
        ndarray of float, shape (n,)

        Notes
        -----
        The prior is the chance of being there of a client that orders at random and after each order leaves with a
        chance p: 1 / (1 + p / (1 - p) exp(silence)), silence in its own expected orders (Batislam, Denizel and
        Filiztekin 2007, International Journal of Research in Marketing 24, 201-209).
        """
        odds = np.array([leave / (1 - leave) for leave in _LEAVE])[:, None]
        prior = (1 / (1 + odds * np.exp(_MIDDLES))).ravel()
        share = (self.came + _PRIOR_ORDERS * prior) / (self.expected + _PRIOR_ORDERS)
        return np.asarray(share[_cells(state)])

    def evenness(self) -> float:
        """Give squared misses of single clients' orders over their variances, drawn to 1; evenly they are below."""
        return (self.squares + _PRIOR_SQUARES) / (self.variance + _PRIOR_SQUARES)

    def sizes(self, mean: float) -> float:
        """Give the volume that came over that was said, drawn towards 1: larger clients may stay longer.

        Parameters
        ----------
        mean : float
            Mean volume of an order.

        Returns
        -------
        float
        """
        prior = _PRIOR_SIZES * mean
        return (self.size_came + prior) / (self.size_expected + prior) if prior > 0 else 1.0

    def unknown(self, months: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Give mean and variance of orders, and of volume, of clients that have not ordered yet.

        Parameters
        ----------
        months : float
            Mean months that the period to come is worth.

        Returns
        -------
        tuple of tuple of float
            Zeros where nothing was learnt.
        """
        orders, volume = (_mean_and_variance(rows, months) for rows in (self.new_orders, self.new_volume))
        return (orders[0], orders[1] + orders[0]), volume


def orders_of_clients(state: Paces, *, stays: Floats, months: float) -> tuple[Floats, Floats]:
    """Give mean and variance of each client's orders, if those of a client that is there come at random.

    Parameters
    ----------
    state : Paces
        Clients.
    stays : ndarray of float, shape (n,)
        Result of :meth:`Learnt.stays`.
    months : float
        Mean months that the period is worth.

    Returns
    -------
    mean, variance : ndarray of float, shape (n,)
    """
    mean, there = state.rate * months * stays, np.minimum(stays, 1.0)
    if_there = mean / there
    return mean, there * (if_there + if_there**2 / state.shape) + there * (1 - there) * if_there**2


def _cells(state: Paces) -> Ints:
    """Number the cell of each client."""
    again = (state.repeats > 0).astype(np.int64)
    return again * len(_MIDDLES) + np.searchsorted(_ENDS, state.silence)


def _mean_and_variance(rows: list[float], months: float) -> tuple[float, float]:
    """Mean and variance of the next period, from past ones of which the later weigh more."""
    if not rows:
        return 0.0, 0.0
    weight = _NEW_FADE ** np.arange(len(rows))[::-1]
    weight /= weight.sum()
    mean, doubled = float(weight @ rows), float(weight @ weight)
    spread = float(weight @ (np.asarray(rows) - mean) ** 2) / (1 - doubled) if len(rows) > 1 else mean**2
    return mean * months, spread * (1 + min(1.0, doubled * max(months, 1.0))) * months**2
