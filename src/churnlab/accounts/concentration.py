"""How sales lie among clients: the shares of the largest, and the Herfindahl index."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Concentration:
    """How sales lie among clients, counted; a count of all sales has no sampling error.

    Attributes
    ----------
    clients : int
        Clients with sales above 0.
    total : float
        Their sales, money.
    largest, top5, top10 : float
        Shares of the largest client, the five and the ten largest; NaN where nothing was sold.
    herfindahl : float
        Sum of squared shares: 1 for a single client, 1/n for n equal ones; NaN where nothing was sold.
    """

    clients: int
    total: float
    largest: float
    top5: float
    top10: float
    herfindahl: float

    @property
    def effective(self) -> float:
        """How many equal clients would give the same index."""
        return 1.0 / self.herfindahl


def concentration(sales: npt.ArrayLike) -> Concentration:
    """Count how concentrated sales are.

    Parameters
    ----------
    sales : array_like of float, shape (n,)
        Net sales of each client or group, money; those that bought nothing, or returned more than they bought, are
        left out.

    Returns
    -------
    Concentration

    Raises
    ------
    ValueError
        If sales are not one row of known figures.

    Examples
    --------
    >>> found = concentration([50.0, 30.0, 20.0, -5.0])
    >>> found.clients, found.largest, round(found.herfindahl, 2), round(found.effective, 2)
    (3, 0.5, 0.38, 2.63)
    """
    given = np.asarray(sales, dtype=np.float64)
    if given.ndim != 1 or not np.isfinite(given).all():
        raise ValueError(f"expected one row of finite sales, got shape {given.shape}")
    bought = np.sort(given[given > 0])[::-1]
    total = float(bought.sum())
    if not bought.size:
        return Concentration(0, 0.0, np.nan, np.nan, np.nan, np.nan)
    shares = bought / total
    return Concentration(
        clients=len(shares),
        total=total,
        largest=float(shares[0]),
        top5=float(shares[:5].sum()),
        top10=float(shares[:10].sum()),
        herfindahl=float((shares**2).sum()),
    )
