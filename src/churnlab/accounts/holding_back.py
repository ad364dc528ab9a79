"""Are orders held back over the end of the month: a dip, then a jump, beyond what other managers' clients show?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_CLIENTS = 5
"""A manager with fewer clients that ordered around ends of months is not tested."""

_LEVEL = 0.95
_POWER = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class HeldBack:
    """How far each manager's orders lie after the end of months rather than before it, against the others'.

    Attributes
    ----------
    manager : ndarray, shape (g,)
        Managers, sorted.
    clients, orders : ndarray of int, shape (g,)
        Clients and orders around ends of months.
    shift, low, high : ndarray of float, shape (g,)
        Share of them after the end, less the share that other managers' orders have around the same ends, with a 95 %
        interval over clients; NaN where not tested.
    chance : ndarray of float, shape (g,)
        One-sided p value of a shift above 0, raised for the number of managers (Holm); NaN where not tested.
    """

    manager: npt.NDArray[np.generic]
    clients: Ints
    orders: Ints
    shift: Floats
    low: Floats
    high: Floats
    chance: Floats

    @property
    def visible(self) -> Floats:
        """Shift that would be named in four of five books, shape (g,); NaN where not tested."""
        tested = np.isfinite(self.chance)
        freedom = np.maximum(self.clients - 1, 1)
        error = (self.high - self.shift) / t.ppf(0.5 + _LEVEL / 2, freedom)
        asked = t.ppf(1 - (1 - _LEVEL) / max(int(tested.sum()), 1), freedom) + t.ppf(_POWER, freedom)
        return np.asarray(np.where(tested, asked * error, np.nan), dtype=np.float64)

    @property
    def named(self) -> npt.NDArray[np.bool_]:
        """Which managers' orders move over the end of the month beyond chance."""
        return self.chance <= 1 - _LEVEL


def held_back(manager: npt.ArrayLike, client: npt.ArrayLike, end: npt.ArrayLike, after: npt.ArrayLike) -> HeldBack:
    """Test every manager against all others.

    Parameters
    ----------
    manager, client : array_like, shape (n,)
        Whose order it is.
    end : array_like of int, shape (n,)
        The end of a month that the order lies around.
    after : array_like of bool, shape (n,)
        Whether it lies in the first days of the next month rather than in the last ones of the month.

    Returns
    -------
    HeldBack

    Raises
    ------
    ValueError
        If shapes do not agree.

    Notes
    -----
    The sum over a manager's orders of `after` less the other managers' share around the same end, as Mantel and
    Haenszel stratify, so that holidays and weekends drop out. Its variance is a sum of squares over clients, those of
    the other managers included, since a client's habits are no independent orders; Student's t with the manager's
    clients less one. Habits that all managers share are not seen.

    References
    ----------
    Mantel and Haenszel (1959), Journal of the National Cancer Institute 22, 719-748. Liang and Zeger (1986), Biometrika
    73, 13-22. Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    who, g = np.unique(np.asarray(manager), return_inverse=True)
    _, c = np.unique(np.asarray(client), return_inverse=True)
    _, b = np.unique(np.asarray(end), return_inverse=True)
    late = np.asarray(after, dtype=np.float64)
    if not len(g) == len(c) == len(b) == len(late):
        raise ValueError(f"expected a manager, client and end an order, got {len(g)}, {len(c)}, {len(b)}, {len(late)}")
    rows = [_against_others(g == one, c, b, late) for one in range(len(who))]
    table = np.array(rows, dtype=np.float64).reshape(len(who), 6)
    clients, orders, shift, low, high, chance = table.T
    return HeldBack(who, clients.astype(np.int64), orders.astype(np.int64), shift, low, high, _holm(chance))


def _against_others(
    mine: npt.NDArray[np.bool_], client: Ints, end: Ints, late: Floats
) -> tuple[float, float, float, float, float, float]:
    """Clients, orders, shift, its ends, and the one-sided p value of a manager."""
    ends = int(end.max()) + 1
    others = np.bincount(end[~mine], minlength=ends)
    usable = others[end] > 0
    share = np.bincount(end[~mine], late[~mine], minlength=ends) / np.maximum(others, 1)
    own = np.bincount(end[mine], minlength=ends)
    residual = np.where(usable, late - share[end], 0.0)
    weight = np.where(mine, 1.0, -(own / np.maximum(others, 1))[end])
    counted = int((mine & usable).sum())
    clients = len(np.unique(client[mine & usable]))
    if clients < LEAST_CLIENTS:
        return float(clients), float(counted), np.nan, np.nan, np.nan, np.nan
    parts = np.bincount(client, weight * residual)
    spread = np.sqrt((parts**2).sum() * clients / (clients - 1)) / counted
    shift = float(residual[mine].sum()) / counted
    if spread == 0:
        return float(clients), float(counted), shift, shift, shift, 1.0
    half = float(t.ppf(0.5 + _LEVEL / 2, clients - 1)) * spread
    chance = float(t.sf(shift / spread, clients - 1))
    return float(clients), float(counted), shift, shift - half, shift + half, chance


def _holm(chance: Floats) -> Floats:
    """Raise p values for how many there are; NaN stay."""
    raised = np.full(len(chance), np.nan)
    order = [place for place in np.argsort(chance) if np.isfinite(chance[place])]
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * float(chance[place])))
        raised[place] = highest
    return raised
