"""Which factor goes with recommendation, or with staying: how much of what is explained falls to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from churnlab.surveys.importance import MOST_FACTORS, relative_weights
from churnlab.surveys.resampling import ClientSums, Figures, bootstrap, client_sums, correlations
from churnlab.surveys.studentised import SHARE, distances, ends, reach

Floats = npt.NDArray[np.float64]
Scale = Literal["ordinal", "interval"]

LEAST_CLIENTS = 20
"""With fewer clients, or fewer than ``LEAST_CLIENTS_A_FACTOR`` for each factor, no share is given."""

LEAST_CLIENTS_A_FACTOR = 5


@dataclass(frozen=True, slots=True)
class Drivers:
    """How much of what the factors explain of the target falls to each of them.

    Attributes
    ----------
    names : tuple of str
        The p factors.
    clients, answers : int
        Clients and answers that are used: those to all factors and the target.
    left_out : int
        Answers with a gap.
    scale : str
        "ordinal" or "interval".
    level : float
        Coverage of the intervals.
    r2, r2_low, r2_high : float
        What the factors explain together, 0 to 1.
    share, low, high : ndarray of float, shape (p,)
        LMG share of each factor, 0 to 1; they sum to 1.
    weight : ndarray of float, shape (p,)
        Share by Johnson's relative weights, as a second opinion.
    correlation : ndarray of float, shape (p,)
        Of each factor with the target, -1 to 1: shares have no sign, this has.
    figures : Figures
        What the intervals come from: estimates, covariances and draws.
    """

    names: tuple[str, ...]
    clients: int
    answers: int
    left_out: int
    scale: Scale
    level: float
    r2: float
    r2_low: float
    r2_high: float
    share: Floats
    low: Floats
    high: Floats
    weight: Floats
    correlation: Floats
    figures: Figures

    @property
    def performance(self) -> Floats:
        """Mean answer to each factor, shape (p,), in the unit of the answers."""
        return self.figures.value[-len(self.names) :]


def drivers(
    factors: npt.ArrayLike,
    target: npt.ArrayLike,
    client: npt.ArrayLike,
    *,
    names: Sequence[str],
    scale: Scale = "ordinal",
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int,
) -> Drivers:
    """Share out what the factors explain of the target, with intervals over clients.

    Parameters
    ----------
    factors : array_like of float, shape (n, p)
        Answers to 2 to 10 factors; rows with a NaN are left out.
    target : array_like of float, shape (n,)
        What is to be explained: a recommendation from 0 to 10, 0 or 1 for having left within the next year, the number
        of later orders. NaN are left out.
    client : array_like, shape (n,)
        Who gave the answers; a client may give several.
    names : sequence of str
        Names of the factors, all different.
    scale : {"ordinal", "interval"}
        Whether answers are steps of something that cannot be seen, of which only the order counts, or figures whose
        distances count.
    level : float
        Coverage of the intervals.
    draws : int
        Draws of clients, 100 or more.
    rng : Generator or int
        For the draws.

    Returns
    -------
    Drivers
        All NaN with too few clients, or where a factor or the target does not vary; ends NaN where they cannot be had.

    Raises
    ------
    ValueError
        If shapes or names do not fit, or an option is out of its range.

    Notes
    -----
    A share is what a factor adds to R squared, averaged over all orders in which the factors can enter, divided by R
    squared. Factors that go together share what they explain together. A share says how much of the differences
    between answers goes with a factor; it does not say what mending the factor would change, nor in which direction
    it works: for that see ``correlation``. Who rates everything kindly raises all correlations.

    On the ordinal scale every variable is taken as a normal one that is cut into steps, so that a ceiling, where many
    clients give a 10, costs a factor nothing. Target 0 or 1 is then the propensity behind it, as in a probit model;
    on the interval scale it is a linear model of the share. Many zeros among later orders are a step like any other.

    Clients are drawn with replacement, with all of their answers. In each draw the figure's distance from the estimate
    is measured by the standard error that this draw would give, on the scale of the log odds; the interval is
    symmetric there (bootstrap-t). Percentiles of shares cover less than they promise with few clients.

    References
    ----------
    Lindeman, Merenda and Gold (1980), Introduction to Bivariate and Multivariate Analysis, Scott Foresman.
    Groemping (2007), Estimators of relative importance in linear regression based on variance decomposition, The
    American Statistician 61, 139-147. Johnson (2000), Multivariate Behav. Res. 35, 1-19. Efron and Tibshirani
    (1993), An Introduction to the Bootstrap, chapter 12.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> client = np.repeat(np.arange(200), 3)
    >>> quality, price = rng.normal(size=(2, 600))
    >>> recommend = np.clip(np.round(8 + 1.5 * quality + 0.5 * price + rng.normal(size=600)), 0, 10)
    >>> found = drivers(np.column_stack([quality, price]), recommend, client, names=["quality", "price"], rng=2)
    >>> found.share.round(2), found.low.round(2), found.high.round(2)
    (array([0.91, 0.09]), array([0.85, 0.06]), array([0.94, 0.15]))
    """
    values, who = _checked(factors, target, client)
    given = _names(names, values.shape[1] - 1)
    if scale not in ("ordinal", "interval") or not 0 < level < 1 or draws < 100:
        message = (
            "expected scale 'ordinal' or 'interval', level between 0 and 1, 100 draws or more, "
            f"got {scale!r}, {level}, {draws}"
        )
        raise ValueError(message)
    kept = ~np.isnan(values).any(axis=1)
    used, of = values[kept], who[kept]
    clients = len(np.unique(of))
    size = 2 * len(given) + 1
    figures = Figures(*(np.full(shape, np.nan) for shape in ((size,), (size, size), (1, size), (1, size, size))))
    together = np.full((len(given) + 1, len(given) + 1), np.nan)
    if clients >= max(LEAST_CLIENTS, LEAST_CLIENTS_A_FACTOR * len(given)) and (np.ptp(used, axis=0) > 0).all():
        sums = client_sums(used, of, ordinal=scale == "ordinal")
        figures = bootstrap(sums, draws=draws, rng=np.random.default_rng(rng))
        together = _correlations(sums)
    counts = (clients, int(kept.sum()), int((~kept).sum()))
    return _result(given, counts, figures, together, scale=scale, level=level)


def _result(
    names: tuple[str, ...],
    counts: tuple[int, int, int],
    figures: Figures,
    together: Floats,
    *,
    scale: Scale,
    level: float,
) -> Drivers:
    """Put intervals to shares and R squared."""
    size = len(names)
    value, error = figures.value[: size + 1], np.sqrt(np.diag(figures.covariance))[: size + 1]
    drawn = figures.drawn[:, : size + 1]
    drawn_error = np.sqrt(np.einsum("bii->bi", figures.drawn_covariance))[:, : size + 1]
    far = reach(distances(value, drawn, drawn_error, link=SHARE), level=level)
    low, high = ends(value, error, far, link=SHARE)
    weights = relative_weights(np.nan_to_num(together))
    return Drivers(
        names=names,
        clients=counts[0],
        answers=counts[1],
        left_out=counts[2],
        scale=scale,
        level=level,
        r2=float(value[-1]),
        r2_low=float(low[-1]),
        r2_high=float(high[-1]),
        share=value[:-1],
        low=low[:-1],
        high=high[:-1],
        weight=weights / (weights.sum() if weights.sum() > 0 else np.nan),
        correlation=together[:-1, -1],
        figures=figures,
    )


def _checked(
    factors: npt.ArrayLike, target: npt.ArrayLike, client: npt.ArrayLike
) -> tuple[Floats, npt.NDArray[np.generic]]:
    """Take arrays of one length; factors and, last, the target, shape (n, p + 1)."""
    asked, goal, who = np.asarray(factors, dtype=np.float64), np.asarray(target, dtype=np.float64), np.asarray(client)
    if asked.ndim != 2 or not goal.shape == who.shape == asked.shape[:1] or not 2 <= asked.shape[1] <= MOST_FACTORS:
        message = (
            f"expected factors of shape (n, 2 to {MOST_FACTORS}), target and client of shape (n,), "
            f"got {asked.shape}, {goal.shape}, {who.shape}"
        )
        raise ValueError(message)
    if np.isinf(asked).any() or np.isinf(goal).any():
        message = "expected finite answers or NaN, got an infinite one"
        raise ValueError(message)
    return np.column_stack([asked, goal]), who


def _names(names: Sequence[str], factors: int) -> tuple[str, ...]:
    """Take as many different names as there are factors."""
    given = tuple(names)
    if len(given) != factors or len(set(given)) != factors:
        message = f"expected {factors} different names of factors, got {given}"
        raise ValueError(message)
    return given


def _correlations(sums: ClientSums) -> Floats:
    """Correlations of all clients' answers, shape (p + 1, p + 1)."""
    return correlations(sums, np.ones((1, len(sums.answers)))).behind[0]
