"""What clients think, told from noisy answers: regression calibration with the noise of an answer by test-retest."""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history.dated import Dated
from churnlab.history.reduction import to_days
from churnlab.surveys import Figure, retest
from churnlab.surveys.within import levels

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Grade = Literal["corrected", "assumed", "cannot tell"]

SCORES: Final = {"service": ("quality", "timing", "attention"), "price": ("price",)}
"""Scores of the effect specification, each the mean of the factors that were answered."""

ASSUMED_RELIABILITY: Final = (0.45, 0.65, 0.85)
"""Lowest, middle and highest reliability of one answer, taken where clients answered too seldom to tell it."""

LEAST_ANSWERS = 50
"""With fewer answers there is no score to speak of."""

LEAST_RELIABILITY = 0.2
"""An answer that tells less than this of what clients think cannot be corrected: the noise is all that is seen."""

_NOISELESS = 0.98
"""No answer is taken to tell more than this of what a client thinks: it is given in whole points."""

_MOST_CORRELATED = 0.95
"""Two scores are not taken to be nearer to one another than this."""

_LEAST_OF_STRATUM = 10
"""The level of a wave or mode with fewer answers would be mostly their noise."""

_UNHEARD = 1e12
"""Noise of a score that was not answered, squared points."""

_MOST_CLIENTS = 4000
"""Noise is told from so many clients at most: it is then known to a few hundredths."""

_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers by client and day.

    Attributes
    ----------
    scores : tuple of str
        Keys of :data:`SCORES`, k of them.
    clients : Index
        Names, sorted.
    client, day : ndarray of int64, shape (n,)
        Who answered, as position in `clients`, and when, in days since 1970-01-01; sorted by client and day.
    stratum : ndarray of int64, shape (n,)
        Wave and mode, those with few answers together.
    given : ndarray of float, shape (n, k)
        The scores as given, NaN where not answered; one of them is there in every row.
    points : ndarray of float, shape (n, k)
        The same, freed of what wave and mode add.
    """

    scores: tuple[str, ...]
    clients: pd.Index
    client: Ints
    day: Ints
    stratum: Ints
    given: Floats
    points: Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """How an answer is read.

    Attributes
    ----------
    score : str
        "service" or "price".
    mean : float
        Mean of the answers, points.
    total : float
        Variance of one answer, squared points.
    reliability, low, high : float
        Part of it that is what the client thinks, and its 95 % interval, or the range that is assumed.
    error : float
        Standard error of log(1 - reliability); half the assumed range likewise.
    forgetting : float
        Rate a year at which what a client thinks comes back to the mean.
    grade : str
        "corrected", "assumed" or "cannot tell".
    clients : int
        Clients with repeated answers.
    """

    score: str
    mean: float
    total: float
    reliability: float
    low: float
    high: float
    error: float
    forgetting: float
    grade: Grade
    clients: int

    def shifted(self, errors: float) -> "Calibration":
        """The same with so many standard errors more noise."""
        noise = (1 - self.reliability) * np.exp(errors * self.error)
        return replace(self, reliability=float(np.clip(1 - noise, 0.05, 1.0)))


@dataclass(frozen=True, slots=True)
class Reading:
    """How answers of several scores are read together: what a client thinks of price also tells of service.

    Attributes
    ----------
    parts : tuple of Calibration
        One a score, k of them.
    opinions : ndarray of float, shape (k, k)
        Correlations of what clients think of them.
    noises : ndarray of float, shape (k, k)
        Correlations of the noises of one answer.
    """

    parts: tuple[Calibration, ...]
    opinions: Floats
    noises: Floats

    def shifted(self, score: str, errors: float) -> "Reading":
        """The same with so many standard errors more noise in one score."""
        parts = tuple(each.shifted(errors) if each.score == score else each for each in self.parts)
        return replace(self, parts=parts)

    @property
    def covariances(self) -> tuple[Floats, Floats]:
        """Covariance of what clients think, and of noise, in squared points, shape (k, k) each."""
        total = np.array([each.total for each in self.parts])
        told = np.sqrt(total * np.array([each.reliability for each in self.parts]))
        noise = np.sqrt(np.maximum(total - told**2, 1e-9 * total))
        return self.opinions * np.outer(told, told), self.noises * np.outer(noise, noise)


def answers_of(surveys: pd.DataFrame, scores: tuple[str, ...] = tuple(SCORES)) -> Answers:
    """Answers of some scores, one a row that has any of their factors.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys.
    scores : tuple of str
        Keys of :data:`SCORES`.

    Returns
    -------
    Answers
    """
    given = np.column_stack([surveys[list(SCORES[score])].mean(axis=1).to_numpy(dtype=np.float64) for score in scores])
    there = ~np.isnan(given).all(axis=1)
    rows, given = surveys[there], given[there]
    names = pd.Index(np.sort(rows["client_id"].unique()))
    client = np.asarray(names.get_indexer(pd.Index(rows["client_id"])), dtype=np.int64)
    day = to_days(known_on(rows))
    order = np.lexsort((day, client))
    client, day, given = client[order], day[order], given[order]
    stratum = _strata(rows.iloc[order])
    points = given.copy()
    for place in range(len(scores)):
        known = ~np.isnan(given[:, place])
        points[known, place] -= _added(given[known, place], client[known], stratum[known])
    return Answers(scores, names, client, day, stratum, given, points)


def read_together(answers: Answers) -> Reading:
    """Tell the noise of each score, and how scores hang together in what clients think and in noise.

    Parameters
    ----------
    answers : Answers
        Of one score or more.

    Returns
    -------
    Reading

    Notes
    -----
    The noise of a sum of two scores is that of each and twice their covariance, so three runs of
    :func:`churnlab.surveys.retest` on rows that have both tell it; where one of them cannot be told, opinions and
    noises are both taken to hang together as answers do.
    """
    parts = tuple(calibrate(answers, score=score) for score in answers.scores)
    opinions, noises = np.eye(len(parts)), np.eye(len(parts))
    for one in range(len(parts)):
        for two in range(one):
            pair = _hang_together(answers, one, two)
            opinions[one, two] = opinions[two, one] = pair[0]
            noises[one, two] = noises[two, one] = pair[1]
    return Reading(parts, opinions, noises)


def _hang_together(answers: Answers, one: int, two: int) -> tuple[float, float]:
    """Correlation of what clients think of two scores, and of their noises."""
    both = ~np.isnan(answers.given[:, [one, two]]).any(axis=1) & _sampled(answers)
    if both.sum() < LEAST_ANSWERS:
        return 0.0, 0.0
    first, second = answers.points[both, one], answers.points[both, two]
    seen = float(np.corrcoef(first, second)[0, 1]) if first.std() > 0 and second.std() > 0 else 0.0
    first, second = answers.given[both, one], answers.given[both, two]
    client, day, stratum = answers.client[both], answers.day[both], answers.stratum[both]
    apart = [retest(each, client, day, stratum=stratum) for each in (first, second, first + second)]
    if not all(each.known for each in apart):
        return _correlation(seen), _correlation(seen)
    total, noise = (
        np.array([getattr(each, name).value for each in apart], dtype=np.float64) for name in ("total", "noise")
    )
    shared_total, shared_noise = (total[2] - total[0] - total[1]) / 2, (noise[2] - noise[0] - noise[1]) / 2
    told = total - noise
    if min(told[0], told[1], noise[0], noise[1]) <= 0:
        return _correlation(seen), _correlation(seen)
    opinion = (shared_total - shared_noise) / np.sqrt(told[0] * told[1])
    return _correlation(opinion), _correlation(shared_noise / np.sqrt(noise[0] * noise[1]))


def _correlation(value: float) -> float:
    return float(np.clip(value, -_MOST_CORRELATED, _MOST_CORRELATED))


def _sampled(answers: Answers) -> npt.NDArray[np.bool_]:
    """Answers of the clients from which noise is told."""
    chosen: npt.NDArray[np.bool_] = answers.client % max(1, len(answers.clients) // _MOST_CLIENTS) == 0
    return chosen


def calibrate(answers: Answers, *, score: str) -> Calibration:
    """Tell the noise of an answer from answers of the same client at different times.

    Parameters
    ----------
    answers : Answers
        Of this score, and maybe others.
    score : str
        Its name.

    Returns
    -------
    Calibration
        Graded "corrected" where the noise could be told, "assumed" with :data:`ASSUMED_RELIABILITY` where too few
        clients answered twice, and "cannot tell" where all that is seen may be noise.

    Notes
    -----
    What a client thinks is taken to move about its mean as an Ornstein-Uhlenbeck process, whose variance is what the
    noise leaves of the total, and whose moves in a year are those that :func:`churnlab.surveys.retest` finds. A
    kindness of a client's own that never changes cannot be told from what it thinks.
    """
    place = answers.scores.index(score)
    known = ~np.isnan(answers.given[:, place])
    chosen = known & _sampled(answers)
    found = retest(
        answers.given[chosen, place], answers.client[chosen], answers.day[chosen], stratum=answers.stratum[chosen]
    )
    points = answers.points[known, place]
    middle = (float(points.mean()), float(points.var()))
    told = found.reliability
    if not found.known and not told.value > _NOISELESS:
        low, reliability, high = ASSUMED_RELIABILITY
        error = float(np.log((1 - low) / (1 - high)) / (2 * 1.96))
        return Calibration(score, *middle, reliability, low, high, error, 0.0, "assumed", found.clients)
    if not found.known:  # no noise is seen, or less than none: an interval in its logarithm there is not
        low = max(_NOISELESS - 1.96 * told.error, LEAST_RELIABILITY)
        told = Figure(_NOISELESS, low, 1.0, told.error)
    error = float(np.log((1 - told.low) / max(1 - told.high, 1 - _NOISELESS)) / (2 * 1.96))
    moves = max(found.drift.value, 0.0) if found.drift.known else 0.0
    opinion = max(told.value, LEAST_RELIABILITY) * found.total.value
    grade: Grade = "corrected" if told.low > LEAST_RELIABILITY else "cannot tell"
    return Calibration(
        score=score,
        mean=middle[0],
        total=found.total.value,
        reliability=float(np.clip(told.value, LEAST_RELIABILITY, 1.0)),
        low=told.low,
        high=told.high,
        error=error,
        forgetting=moves / (2 * opinion),
        grade=grade,
        clients=found.clients,
    )


def believed(answers: Answers, found: Reading, client_id: "pd.Series[str]", day: Ints) -> Floats:
    """What clients think on days, in points against the mean, as far as their earlier answers tell.

    Parameters
    ----------
    answers : Answers
        Of k scores.
    found : Reading
        How they are read.
    client_id : Series of str, shape (m,)
        Whose opinion.
    day : ndarray of int64, shape (m,)
        Days; answers strictly before them count.

    Returns
    -------
    ndarray of float, shape (m, k)
        The conditional mean: 0 for who never answered, nearer 0 the noisier, fewer and older the answers.
    """
    after = _filtered(answers, found)
    unit = np.asarray(answers.clients.get_indexer(pd.Index(client_id)), dtype=np.int64)
    place = Dated(None, Dated.of(answers.client, answers.day).key).last(np.maximum(unit, 0), day)
    seen = (unit >= 0) & (place >= 0)
    years = np.where(seen, day - np.append(answers.day, 0)[place], 0) / _DAYS_A_YEAR
    told = np.vstack((after, np.zeros((1, len(found.parts)))))[place] * _kept(found, years)
    return np.where(seen[:, None], told, 0.0)


def _kept(found: Reading, years: Floats) -> Floats:
    """What is left after years of what a client thought, shape (m, k)."""
    kept: Floats = np.exp(-np.outer(years, [each.forgetting for each in found.parts]))
    return kept


def _filtered(answers: Answers, found: Reading) -> Floats:
    """Conditional mean right after each answer, given it and the client's earlier ones, shape (n, k)."""
    prior, noise = found.covariances
    first = np.searchsorted(answers.client, np.arange(len(answers.clients)))
    count = np.diff(np.append(first, len(answers.client)))
    mean = np.array([each.mean for each in found.parts])
    level, doubt = np.zeros((len(first), len(mean))), np.tile(prior, (len(first), 1, 1))
    last = answers.day[np.minimum(first, len(answers.day) - 1)]
    after = np.zeros(answers.points.shape)
    for turn in range(int(count.max(initial=0))):
        who = np.flatnonzero(count > turn)
        at = first[who] + turn
        kept = _kept(found, (answers.day[at] - last[who]) / _DAYS_A_YEAR)
        both = kept[:, :, None] * kept[:, None, :]
        doubt_now, level_now = both * doubt[who] + prior * (1 - both), kept * level[who]
        unsaid = np.isnan(answers.points[at])
        surprise = np.where(unsaid, 0.0, answers.points[at] - mean - level_now)
        heard = np.where(unsaid[:, :, None] | unsaid[:, None, :], 0.0, noise)
        heard = heard + np.where(unsaid, _UNHEARD, 0.0)[:, :, None] * np.eye(len(mean))
        gain = np.swapaxes(np.linalg.solve(doubt_now + heard, doubt_now), 1, 2)
        level[who] = level_now + np.einsum("nij,nj->ni", gain, surprise)
        doubt[who], last[who] = doubt_now - gain @ doubt_now, answers.day[at]
        after[at] = level[who]
    return after


def _strata(rows: pd.DataFrame) -> Ints:
    """Wave and mode of each answer, shape (n,); those with few answers, from which no level can be told, together."""
    named = [rows[name].astype("str").fillna("") for name in ("wave", "mode") if name in rows]
    if not named or len(rows) == 0:
        return np.zeros(len(rows), dtype=np.int64)
    joined = named[0] if len(named) == 1 else named[0] + "/" + named[1]
    code = pd.factorize(joined, sort=True)[0].astype(np.int64)
    code = np.where(np.bincount(code)[code] < _LEAST_OF_STRATUM, -1, code)
    return np.unique(code, return_inverse=True)[1].astype(np.int64)


def _added(points: Floats, client: Ints, stratum: Ints) -> Floats:
    """What wave and mode add within clients, against their mean, shape (n,)."""
    if len(points) == 0 or stratum.max() == stratum.min():
        return np.zeros(len(points))
    chosen = client % max(1, int(client.max() + 1) // _MOST_CLIENTS) == 0
    within = np.unique(client[chosen], return_inverse=True)[1].astype(np.int64)
    by_stratum = np.zeros(int(stratum.max()) + 1)
    by_stratum[stratum[chosen]] = levels(points[chosen], within, stratum[chosen])[1]
    shift = by_stratum[stratum]
    return shift - shift.mean()


def known_on(rows: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """Day on which each answer was known: its own, or a later one where the table says so."""
    if "known_on" not in rows:
        return rows["survey_date"]
    return rows["survey_date"].where(~(rows["known_on"] > rows["survey_date"]), rows["known_on"])
