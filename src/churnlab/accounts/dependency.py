"""What is lost if clients leave by their own risks: a distribution, with those of a line leaving together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

Floats = npt.NDArray[np.float64]

DRAWS = 20_000
"""Draws of a year; one in a thousand is the twentieth from above."""

_CHUNK = 1_000
_CELLS = 2_000_000
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class LossDistribution:
    """Yearly sales of those who leave within a horizon.

    Attributes
    ----------
    expected : float
        Sum of sales times risk: exact, whatever hangs together.
    losses : ndarray of float, shape (draws,)
        Drawn losses, rising.
    """

    expected: float
    losses: Floats

    @property
    def spread(self) -> float:
        """Standard deviation of the drawn losses."""
        return float(self.losses.std())

    def quantile(self, share: float) -> float:
        """Loss that is not passed in so large a share of draws."""
        return float(np.quantile(self.losses, share))


def independent_spread(sales: npt.ArrayLike, risk: npt.ArrayLike) -> float:
    """Standard deviation of the loss if clients leave independently: closed form.

    With one risk p for all it is the total times sqrt(p (1 - p) H), H the Herfindahl index.

    Examples
    --------
    >>> independent_spread([50.0, 50.0], [0.5, 0.5])  # 100 sqrt(.25 * .5)
    35.35533905932738
    """
    money, chance = _checked(sales, risk)
    return float(np.sqrt((money**2 * chance * (1 - chance)).sum()))


def error_of(risk: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> Floats:
    """Standard error of risks on the scale log(-log(1 - risk)), from 95 % intervals; 0 where none is known."""
    ends = [np.clip(np.asarray(one, dtype=np.float64), 1e-9, 1 - 1e-9) for one in (low, high)]
    below, above = (np.log(-np.log1p(-one)) for one in ends)
    width = (above - below) / (2 * _Z)
    known = np.isfinite(np.asarray(risk, dtype=np.float64)) & np.isfinite(width)
    return np.where(known, np.maximum(width, 0.0), 0.0)


def loss_distribution(
    sales: npt.ArrayLike,
    risk: npt.ArrayLike,
    *,
    line: npt.ArrayLike,
    correlation: float,
    rng: np.random.Generator | int,
    error: npt.ArrayLike | None = None,
    draws: int = DRAWS,
) -> LossDistribution:
    """Draw the yearly sales of those who leave.

    Parameters
    ----------
    sales : array_like of float, shape (n,)
        Yearly sales of each client or group, money, 0 or more.
    risk : array_like of float, shape (n,)
        Its risk of leaving within the horizon.
    line : array_like, shape (n,)
        Clients with the same value share what moves them.
    correlation : float
        Of what moves two clients of a line, from 0 to under 1; each client's own risk is the same at any value.
    rng : Generator or int
        Draws; the same seed draws the same chances whatever the correlation.
    error : array_like of float, shape (n,), optional
        Standard errors of the risks (:func:`error_of`). A model's risks err together, so one draw moves all: the widest
        case.
    draws : int
        How many years.

    Returns
    -------
    LossDistribution

    Raises
    ------
    ValueError
        If shapes do not agree, sales are negative, or risk or correlation lie outside their range.

    Notes
    -----
    A Gaussian copula with one factor a line: a client leaves if sqrt(c) F + sqrt(1 - c) e is under the normal quantile
    of its risk.

    References
    ----------
    Vasicek (2002), Loan portfolio value, Risk 15 (12), 160-162. Li (2000), On default correlation: a copula function
    approach, Journal of Fixed Income 9 (4), 43-54.

    Examples
    --------
    >>> found = loss_distribution([60.0, 40.0], [0.1, 0.2], line=[0, 0], correlation=0.0, rng=1)
    >>> found.expected, found.quantile(0.95), found.quantile(0.9999)
    (14.0, 60.0, 100.0)
    """
    money, chance = _checked(sales, risk)
    if not 0 <= correlation < 1:
        raise ValueError(f"expected a correlation from 0 to under 1, got {correlation}")
    _, code = np.unique(np.asarray(line), return_inverse=True)
    wide = np.zeros(len(money)) if error is None else np.asarray(error, dtype=np.float64)
    if len(code) != len(money) or len(wide) != len(money):
        raise ValueError(f"expected a line and an error for each of {len(money)} clients, got {len(code)}, {len(wide)}")
    generator = np.random.default_rng(rng)
    parts, chunk = [], min(_CHUNK, max(1, _CELLS // len(money)))
    for size in [min(chunk, draws - begin) for begin in range(0, draws, chunk)]:
        model, factor = generator.standard_normal((size, 1)), generator.standard_normal((size, int(code.max()) + 1))
        own = generator.standard_normal((size, len(money)))
        latent = np.sqrt(correlation) * factor[:, code] + np.sqrt(1 - correlation) * own
        parts.append(((latent < _thresholds(chance, wide, model)) * money).sum(axis=1))
    return LossDistribution(float((money * chance).sum()), np.sort(np.concatenate(parts)))


def large_book_quantile(risk: float, correlation: float, share: float) -> float:
    """Quantile of the share lost in a book of very many small clients of one line and one risk: closed form.

    References
    ----------
    Vasicek (2002), Loan portfolio value, Risk 15 (12), 160-162.

    Examples
    --------
    >>> round(large_book_quantile(0.1, 0.2, 0.95), 4)
    0.2708
    """
    return float(ndtr((ndtri(risk) + np.sqrt(correlation) * ndtri(share)) / np.sqrt(1 - correlation)))


def _thresholds(chance: Floats, error: Floats, model: Floats) -> Floats:
    """Normal quantiles of the risks, moved together by the error of the model; shape (1 or draws, n)."""
    if not error.any():
        return np.asarray(ndtri(chance), dtype=np.float64)[None, :]
    inside = np.clip(chance, 1e-12, 1 - 1e-12)
    moved = np.log(-np.log1p(-inside)) + model * error
    return np.asarray(ndtri(-np.expm1(-np.exp(moved))), dtype=np.float64)


def _checked(sales: npt.ArrayLike, risk: npt.ArrayLike) -> tuple[Floats, Floats]:
    money, chance = np.asarray(sales, dtype=np.float64), np.asarray(risk, dtype=np.float64)
    if money.shape != chance.shape or money.ndim != 1 or not money.size:
        raise ValueError(f"expected sales and risks, one a client, got shapes {money.shape} and {chance.shape}")
    if not (money >= 0).all() or not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError("expected sales of 0 or more and risks from 0 to 1: leave out clients without them")
    return money, chance
