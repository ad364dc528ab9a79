"""How many months of a horizon clients are there, each discounted: from monthly hazards, at the estimate and drawn.

The months to come are spoken of by two hazards in turn: that of a regression, with columns frozen today, for as long as
it was held against data; then that of line and tenure alone, and beyond what was counted the rate of the last months
that were.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from churnlab.lifetime import MINIMUM_AT_RISK, HazardTable
from churnlab.lifetime.hazard import cloglog_hazard
from churnlab.value.discounting import discount_factor

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TAIL_MONTHS = 24
"""Beyond the months of tenure that can be told, the hazard is that of so many months before."""


@dataclass(frozen=True, slots=True)
class Staying:
    """Monthly hazards of clients, held small: draws are those of coefficients, not of clients.

    Attributes
    ----------
    first, rest : ndarray of float, shape (n, k)
        Columns of the regression, intercept included, for the first month and for the others; k may be 0.
    coefficients : ndarray of float, shape (1 + draws, k)
        Log hazards a unit; the first row is the estimate.
    near : int
        Months for which the regression speaks; 0 where there is none.
    by_tenure : ndarray of float, shape (groups, 1 + draws, m)
        Monthly hazards by month of tenure, 1 to m, of each group, such as a product line; the last one goes on. The
        first row of each is the estimate.
    tenure, group : ndarray of int, shape (n,)
        Whole months of tenure reached, and the group.
    """

    first: Floats
    rest: Floats
    coefficients: Floats
    near: int
    by_tenure: Floats
    tenure: Ints
    group: Ints

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        clients, columns = self.first.shape
        if self.rest.shape != (clients, columns) or not self.tenure.shape == self.group.shape == (clients,):
            shapes = f"{self.first.shape}, {self.rest.shape}, {self.tenure.shape}, {self.group.shape}"
            raise ValueError(f"expected one row of each a client, got {shapes}")
        if self.by_tenure.ndim != 3 or not self.by_tenure.shape[2]:
            raise ValueError(f"expected hazards by group, draw and month, got {self.by_tenure.shape}")
        if self.coefficients.shape != (self.by_tenure.shape[1], columns):
            shapes = f"{self.coefficients.shape} and {self.by_tenure.shape}"
            raise ValueError(f"expected one row of each a draw, got {shapes}")
        if not ((self.by_tenure >= 0) & (self.by_tenure <= 1)).all() or self.near < 0 or (self.tenure < 0).any():
            raise ValueError("expected hazards from 0 to 1, months and tenures of 0 or more")
        if clients and not 0 <= self.group.min() <= self.group.max() < len(self.by_tenure):
            raise ValueError(f"expected groups from 0 to {len(self.by_tenure) - 1}")

    @property
    def draws(self) -> int:
        """Draws of the parameters."""
        return self.by_tenure.shape[1] - 1

    @property
    def clients(self) -> int:
        """How many clients."""
        return len(self.tenure)

    @property
    def estimate(self) -> "Staying":
        """The same without draws."""
        return replace(self, coefficients=self.coefficients[:1], by_tenure=self.by_tenure[:, :1])


def by_tenure(
    table: HazardTable,
    *,
    draws: int,
    rng: np.random.Generator | int,
    minimum_at_risk: int = MINIMUM_AT_RISK,
) -> tuple[Floats, int]:
    """Hazards by month of tenure, at the estimate and drawn, with a tail at the rate of the last months told.

    Parameters
    ----------
    table : HazardTable
        Counted lives.
    draws : int
        Draws of the hazards.
    rng : Generator or int
        Source of chance, or its seed.
    minimum_at_risk : int
        Lives that must have been at risk in a month for it to be told.

    Returns
    -------
    ndarray of float, shape (1 + draws, m)
        The estimate, then the draws; the last month is the tail.
    int
        Months of tenure that are told, from the first one on that can be; 0 where none is, and the hazard is that of
        all months together.

    Notes
    -----
    Departures of a month are drawn by a gamma law with what was counted as mean and variance, and half a departure
    spread over all lives at risk, so that nobody leaving is not certain either.

    Examples
    --------
    >>> from churnlab.lifetime import hazard_table
    >>> table = hazard_table([0] * 40, [12] * 20 + [30] * 20, [True] * 20 + [False] * 20)
    >>> hazard, told = by_tenure(table, draws=0, rng=0)
    >>> told, round(float(hazard[0, 11]), 2), round(float(hazard[0, -1]), 3)
    (30, 0.5, 0.033)
    """
    generator = np.random.default_rng(rng)
    risk, gone = table.at_risk.astype(np.float64), table.events.astype(np.float64)
    all_risk = max(float(risk.sum()), 1.0)
    enough = np.flatnonzero(risk >= minimum_at_risk)
    told = int(enough[-1]) + 1 if enough.size else 0
    shape = np.vstack((gone[:told], np.zeros((draws, told))))
    extra = 0.5 * risk / all_risk
    shape[1:] = generator.gamma(np.broadcast_to(gone[:told] + extra[:told], (draws, told)))
    hazard = np.minimum(shape / np.maximum(risk[:told], 1.0), 1.0)
    begin = max(told - TAIL_MONTHS, 0)
    last = slice(begin, told) if told else slice(0, len(risk))
    exposure = max(float(risk[last].sum()), 1.0)
    tail = np.empty((draws + 1, 1))
    tail[0] = gone[last].sum() / exposure
    drawn = shape[1:, begin:told].sum(axis=1) if told else generator.gamma(gone.sum() + 0.5, size=draws)
    tail[1:, 0] = drawn / exposure
    return np.hstack((hazard, np.minimum(tail, 1.0))), told


def side_by_side(tables: Sequence[Floats]) -> Floats:
    """Put hazards by tenure of several groups into one array, the last month of each going on.

    Parameters
    ----------
    tables : sequence of ndarray of float, shape (1 + draws, m)
        As :func:`by_tenure` gives them, of any length.

    Returns
    -------
    ndarray of float, shape (groups, 1 + draws, longest)

    Examples
    --------
    >>> side_by_side([np.array([[0.1]]), np.array([[0.2, 0.3]])]).tolist()
    [[[0.1, 0.1]], [[0.2, 0.3]]]
    """
    longest = max(table.shape[1] for table in tables)
    return np.stack([np.pad(table, ((0, 0), (0, longest - table.shape[1])), mode="edge") for table in tables])


def discounted_stay(
    staying: Staying,
    *,
    horizon: int,
    yearly_rate: float,
    rows: npt.NDArray[np.intp] | None = None,
    chance: Floats | None = None,
) -> Floats:
    """Months that clients are there within a horizon, each at what its end's money counts today.

    Parameters
    ----------
    staying : Staying
        Hazards.
    horizon : int
        Months to come.
    yearly_rate : float
        Cost of waiting a year, as a share.
    rows : ndarray of int, optional
        Clients wanted; all if not given.
    chance : ndarray of float, shape (len(rows), draws), optional
        Uniform numbers: each draw then leaves in a month of its own. Without it, the mean.

    Returns
    -------
    ndarray of float
        Shape (len(rows), 1 + draws), the estimate first; (len(rows), draws) with `chance`.

    Raises
    ------
    ValueError
        If the horizon has no month or the rate is negative.

    Notes
    -----
    A client that leaves in a month is counted for half of it. By what the regression's first month has more of leaving
    than the others, clients have left already: their last order lies behind, and nothing is counted.

    Examples
    --------
    >>> nobody = np.zeros((2, 0))
    >>> stays = Staying(nobody, nobody, np.zeros((1, 0)), 0, np.zeros((1, 1, 1)), np.array([5, 40]), np.array([0, 0]))
    >>> discounted_stay(stays, horizon=12, yearly_rate=0.0)[:, 0].tolist()
    [12.0, 12.0]
    """
    if horizon < 1 or yearly_rate < 0:
        raise ValueError(f"expected a horizon of 1 or more and a rate of 0 or more, got {horizon} and {yearly_rate}")
    chosen = np.arange(staying.clients) if rows is None else rows
    used = slice(1, None) if chance is not None else slice(None)
    coefficients, tables = staying.coefficients[used], staying.by_tenure[:, used]
    tenure, group, last = staying.tenure[chosen], staying.group[chosen], tables.shape[2] - 1
    first, rest = (_hazard(each[chosen], coefficients) for each in (staying.first, staying.rest))
    factors = discount_factor(yearly_rate, np.arange(1, horizon + 1))
    total = np.zeros((len(chosen), tables.shape[1]))
    there = np.ones_like(total)
    if staying.near:
        there = np.minimum((1.0 - first) / np.maximum(1.0 - rest, 1e-300), 1.0)
    for month in range(1, horizon + 1):
        if month > staying.near:
            leaves = tables[group, :, np.minimum(tenure + month - 1, last)]
        else:
            leaves = first if month == 1 else rest
        after = 1.0 - first if month == 1 and staying.near else there * (1.0 - leaves)
        if chance is None:
            total += 0.5 * factors[month - 1] * (there + after)
        else:
            total += 0.5 * factors[month - 1] * ((there > chance) * 1.0 + (after > chance))
        there = after
    return total


def _hazard(columns: Floats, coefficients: Floats) -> Floats:
    return cloglog_hazard(np.einsum("ck,dk->cd", columns, coefficients))
