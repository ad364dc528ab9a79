"""How clients use the scale: straight-lining, kindness, spread, extremes; and scores freed of kindness."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEAST_RATED = 3
"""With fewer rated factors an answer shows no style."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ResponseStyle:
    """How each answer uses the scale. Arrays of shape (n,); NaN with fewer than ``LEAST_RATED`` rated factors.

    Attributes
    ----------
    rated : ndarray of int
        Factors that were rated.
    mean : ndarray
        Mean over factors: high if everything is rated kindly (acquiescence), or if everything is good.
    spread : ndarray
        Standard deviation over factors, with n - 1.
    extreme : ndarray
        Share of factors rated at either end of the scale.
    longest : ndarray
        Share of factors within the longest run of equal scores, in the order of the columns (long string).
    same : ndarray
        1 if every rated factor got the same score (straight-lining), else 0.
    """

    rated: npt.NDArray[np.int64]
    mean: Floats
    spread: Floats
    extreme: Floats
    longest: Floats
    same: Floats


def response_style(scores: npt.ArrayLike, *, lowest: float = 0.0, highest: float = 10.0) -> ResponseStyle:
    """How each answer uses the scale, whatever its content.

    Parameters
    ----------
    scores : array_like of float, shape (n, factors)
        One row an answer, columns in the order of the questionnaire; NaN where a factor was not rated.
    lowest, highest : float
        Ends of the scale.

    Returns
    -------
    ResponseStyle
        A style is not a fault: an answer may be the same throughout because everything is equally good. Means of
        ``same`` or ``extreme`` with an interval come from :func:`~churnlab.surveys.weighted_mean`.

    Raises
    ------
    ValueError
        If scores are not two-dimensional or a score lies off the scale.

    References
    ----------
    Van Vaerenbergh and Thomas (2013), Response styles in survey research, International Journal of Public Opinion
    Research 25, 195-217. Johnson (2005), Ascertaining the validity of individual protocols from web-based personality
    inventories, Journal of Research in Personality 39, 103-129.

    Examples
    --------
    >>> style = response_style([[7, 7, 7, 7], [10, 10, 6, 0]])
    >>> style.same.tolist(), style.longest.tolist(), style.extreme.tolist()
    ([1.0, 0.0], [1.0, 0.5], [0.0, 0.75])
    """
    given = _matrix(scores)
    seen = ~np.isnan(given)
    if (given[seen] < lowest).any() or (given[seen] > highest).any():
        message = f"expected scores from {lowest:g} to {highest:g}, got {given[seen].min():g} to {given[seen].max():g}"
        raise ValueError(message)
    rated = seen.sum(axis=1)
    enough = rated >= LEAST_RATED
    over = np.where(enough, rated, 1)
    mean = np.where(seen, given, 0.0).sum(axis=1) / over
    apart = np.where(seen, given - mean[:, None], 0.0)
    low = np.where(seen, given, np.inf).min(axis=1, initial=np.inf)
    high = np.where(seen, given, -np.inf).max(axis=1, initial=-np.inf)
    figures = (
        mean,
        np.sqrt((apart**2).sum(axis=1) / np.maximum(over - 1, 1)),
        ((given == lowest) | (given == highest)).sum(axis=1) / over,
        _longest_run(given) / over,
        (low == high).astype(np.float64),
    )
    return ResponseStyle(rated, *(np.where(enough, figure, np.nan) for figure in figures))


def centred(scores: npt.ArrayLike) -> Floats:
    """Scores less the mean of their own answer over its rated factors.

    What an answer adds to all factors alike goes: kindness, a mood, and with them how content the client is overall.
    What stays is which factors stand above or below the others, so centred scores speak of relative importance only.
    They sum to zero in every answer: they lean against one another, and one of them must stay out of a regression.

    Parameters
    ----------
    scores : array_like of float, shape (n, factors)
        One row an answer; NaN where a factor was not rated. Compare answers that rate the same factors.

    Returns
    -------
    ndarray, shape (n, factors)
        NaN where the score is, and for an answer with fewer than two rated factors.

    Raises
    ------
    ValueError
        If scores are not two-dimensional.

    References
    ----------
    Cattell (1944), Psychological measurement: normative, ipsative, interactive, Psychological Review 51, 292-303.

    Examples
    --------
    >>> centred([[9.0, 8.0, 7.0], [6.0, 5.0, 4.0]]).tolist()
    [[1.0, 0.0, -1.0], [1.0, 0.0, -1.0]]
    """
    given = _matrix(scores)
    seen = ~np.isnan(given)
    rated = seen.sum(axis=1, keepdims=True)
    mean = np.where(seen, given, 0.0).sum(axis=1, keepdims=True) / np.maximum(rated, 1)
    return np.where(seen & (rated > 1), given - mean, np.nan)


def _matrix(scores: npt.ArrayLike) -> Floats:
    """Scores as a matrix, one row an answer."""
    given = np.asarray(scores, dtype=np.float64)
    if given.ndim != 2:
        message = f"expected scores of shape (n, factors), got {given.shape}"
        raise ValueError(message)
    return given


def _longest_run(given: Floats) -> npt.NDArray[np.int64]:
    """Length of the longest run of equal scores in each row, over those that are not NaN."""
    last = np.full(len(given), np.nan)
    run = np.zeros(len(given), dtype=np.int64)
    longest = run.copy()
    for column in given.T:
        seen = ~np.isnan(column)
        run = np.where(seen, np.where(column == last, run + 1, 1), run)
        last = np.where(seen, column, last)
        longest = np.maximum(longest, run)
    return longest
