"""How sales lie among clients: shares of the largest, the Herfindahl index, Lorenz curve and Gini coefficient."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Concentration:
    """How sales lie among clients, counted; a count of all sales has no sampling error.

    Attributes
    ----------
    total : float
        Sales of clients with sales above 0, money.
    shares : ndarray of float, shape (n,)
        Their shares, the largest first; empty where nothing was sold.
    """

    total: float
    shares: Floats

    @property
    def clients(self) -> int:
        """Clients with sales above 0."""
        return len(self.shares)

    @property
    def largest(self) -> float:
        """Share of the largest; NaN where nothing was sold."""
        return self.top(1)

    @property
    def top5(self) -> float:
        """Share of the five largest."""
        return self.top(5)

    @property
    def top10(self) -> float:
        """Share of the ten largest."""
        return self.top(10)

    @property
    def herfindahl(self) -> float:
        """Sum of squared shares: 1 for a single client, 1/n for n equal ones; NaN where nothing was sold."""
        return float((self.shares**2).sum()) if self.clients else np.nan

    @property
    def effective(self) -> float:
        """How many equal clients would give the same index."""
        return 1.0 / self.herfindahl

    @property
    def gini(self) -> float:
        """Gini coefficient: 0 for equal clients, near 1 where one has nearly everything; NaN where nothing was sold.

        Without the correction for small n, so that a single client has 0.
        """
        if not self.clients:
            return np.nan
        rank = np.arange(self.clients, 0, -1)  # the largest has rank n
        return float(((2 * rank - self.clients - 1) * self.shares).sum() / self.clients)

    @property
    def lorenz(self) -> tuple[Floats, Floats]:
        """Share of clients, the smallest first, and the share of sales that they have; both from 0 to 1."""
        held = np.concatenate(([0.0], np.cumsum(self.shares[::-1])))
        return np.linspace(0.0, 1.0, len(held)), held

    def top(self, number: int) -> float:
        """Share of so many of the largest; NaN where nothing was sold."""
        return float(self.shares[:number].sum()) if self.clients else np.nan


def concentration(sales: npt.ArrayLike) -> Concentration:
    """Count how concentrated sales are.

    Parameters
    ----------
    sales : array_like of float, shape (n,)
        Net sales, or margin, of each client or group, money; those that bought nothing, or returned more than they
        bought, are left out.

    Returns
    -------
    Concentration

    Raises
    ------
    ValueError
        If sales are not one row of known figures.

    References
    ----------
    Adelman (1969), Comment on the "H" concentration measure as a numbers-equivalent, Review of Economics and Statistics
    51, 99-101. Gini (1912), Variabilita e mutabilita.

    Examples
    --------
    >>> found = concentration([40.0, 30.0, 20.0, 10.0, -5.0])
    >>> found.clients, found.largest, round(found.herfindahl, 2), round(found.effective, 3), round(found.gini, 2)
    (4, 0.4, 0.3, 3.333, 0.25)
    """
    given = np.asarray(sales, dtype=np.float64)
    if given.ndim != 1 or not np.isfinite(given).all():
        raise ValueError(f"expected one row of finite sales, got shape {given.shape}")
    bought = np.sort(given[given > 0])[::-1]
    total = float(bought.sum())
    return Concentration(total, bought / total if bought.size else bought)
