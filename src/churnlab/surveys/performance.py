"""Importance against performance: where each factor stands on both, and how sure that is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.surveys.drivers import Drivers
from churnlab.surveys.studentised import reach

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PerformanceMap:
    """Importance and performance of each factor, with a region for both at once.

    Attributes
    ----------
    names : tuple of str
        The p factors.
    importance : ndarray of float, shape (p,)
        Share of what is explained, 0 to 1.
    performance : ndarray of float, shape (p,)
        Mean answer, in the unit of the answers.
    covariance : ndarray of float, shape (p, 2, 2)
        Of importance and performance, over clients.
    radius : ndarray of float, shape (p,)
        How many standard deviations the ellipse reaches in each direction.
    apart : ndarray of bool, shape (p, p)
        Whether two factors can be told apart by importance and performance together.
    """

    names: tuple[str, ...]
    importance: Floats
    performance: Floats
    covariance: Floats
    radius: Floats
    apart: npt.NDArray[np.bool_]

    @property
    def axes(self) -> Floats:
        """Half axes of each ellipse as vectors (importance, performance), shape (p, 2, 2): the shorter first."""
        values, vectors = np.linalg.eigh(np.nan_to_num(self.covariance))
        lengths = self.radius[:, None] * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(vectors.swapaxes(-1, -2) * lengths[..., None])

    def outline(self, points: int = 60) -> Floats:
        """Points on each ellipse.

        Parameters
        ----------
        points : int
            How many.

        Returns
        -------
        ndarray of float, shape (p, points, 2)
            Importance and performance.
        """
        turn = np.linspace(0, 2 * np.pi, points)
        centre = np.stack([self.importance, self.performance], axis=1)[:, None]
        return np.asarray(centre + np.stack([np.cos(turn), np.sin(turn)], axis=1) @ self.axes)


def performance_map(found: Drivers, *, level: float = 0.95) -> PerformanceMap:
    """Place each factor by importance and performance, with an ellipse that covers both at once.

    Parameters
    ----------
    found : Drivers
        Shares.
    level : float
        Coverage of each ellipse. If no two factors differed, no pair would be told apart with this probability.

    Returns
    -------
    PerformanceMap
        NaN, and nothing apart, where shares are not known.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.

    Notes
    -----
    Hotelling's distance, with the radius from the draws of clients, each measured by its own covariance. Two factors
    are apart by the distance of their difference, not by whether ellipses overlap: answers of the same clients go
    together, and ellipses that overlap can still belong to factors that differ.

    Examples
    --------
    >>> from churnlab.surveys import drivers
    >>> rng = np.random.default_rng(1)
    >>> answers = 7 + rng.normal(size=(300, 2))
    >>> target = answers @ [1.0, 0.2] + rng.normal(size=300)
    >>> found = performance_map(drivers(answers, target, np.arange(300), names=["quality", "price"], rng=2))
    >>> found.importance.round(2), found.performance.round(1), bool(found.apart[0, 1])
    (array([0.98, 0.02]), array([6.9, 7. ]), True)
    """
    if not 0 < level < 1:
        message = f"expected level between 0 and 1, got {level}"
        raise ValueError(message)
    size = len(found.names)
    left, right = np.triu_indices(size, 1)
    ones = np.eye(size)
    own = _planes(ones)
    radius = np.sqrt(reach(_drawn(found, own), level=level))
    pairs = _planes(ones[left] - ones[right])
    limit = reach(_drawn(found, pairs).max(axis=1), level=level)
    figures = found.figures
    value, spread = pairs @ figures.value, pairs @ figures.covariance @ pairs.swapaxes(-1, -2)
    apart = np.zeros((size, size), dtype=bool)
    apart[left, right] = apart[right, left] = _hotelling(value, spread) > limit
    return PerformanceMap(
        found.names,
        found.share,
        found.performance,
        covariance=own @ figures.covariance @ own.swapaxes(-1, -2),
        radius=radius,
        apart=apart,
    )


def _planes(contrasts: Floats) -> Floats:
    """Matrices that take the same contrast of shares and of means from the figures, shape (c, 2, 2 p + 1)."""
    nothing = np.zeros((len(contrasts), 1))
    importance = np.hstack([contrasts, nothing, np.zeros_like(contrasts)])
    performance = np.hstack([np.zeros_like(contrasts), nothing, contrasts])
    return np.stack([importance, performance], axis=1)


def _drawn(found: Drivers, planes: Floats) -> Floats:
    """Squared distance of each draw from the estimate in each plane, shape (b, c)."""
    figures = found.figures
    away = np.einsum("cdq,bq->bcd", planes, figures.drawn - figures.value)
    spread = planes @ figures.drawn_covariance[:, None] @ planes.swapaxes(-1, -2)
    return _hotelling(away, spread)


def _hotelling(away: Floats, covariance: Floats) -> Floats:
    """Squared distance in units of a 2 x 2 covariance; NaN where that has no inverse."""
    first, both, second = covariance[..., 0, 0], covariance[..., 0, 1], covariance[..., 1, 1]
    area = first * second - both**2
    x, y = away[..., 0], away[..., 1]
    usable = area > 1e-12 * first * second
    return np.asarray((second * x**2 - 2 * both * x * y + first * y**2) / np.where(usable, area, np.nan))
