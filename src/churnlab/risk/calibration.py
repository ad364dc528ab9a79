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

_MOST_CLIENTS = 4000
"""Noise is told from so many clients at most: it is then known to a few hundredths."""

_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of one score, by client and day.

    Attributes
    ----------
    clients : Index
        Names, sorted.
    client, day : ndarray of int64, shape (n,)
        Who answered, as position in `clients`, and when, in days since 1970-01-01; sorted by client and day.
    points : ndarray of float, shape (n,)
        The score, freed of what wave and mode add.
    """

    clients: pd.Index
    client: Ints
    day: Ints
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


def answers_of(surveys: pd.DataFrame, score: str) -> Answers:
    """Answers of a score, one a row that has any of its factors.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys.
    score : str
        A key of :data:`SCORES`.

    Returns
    -------
    Answers
    """
    points = surveys[list(SCORES[score])].mean(axis=1).to_numpy(dtype=np.float64)
    there = ~np.isnan(points)
    rows, points = surveys[there], points[there]
    names = pd.Index(np.sort(rows["client_id"].unique()))
    client = np.asarray(names.get_indexer(pd.Index(rows["client_id"])), dtype=np.int64)
    day = to_days(_known_on(rows))
    order = np.lexsort((day, client))
    client, day, points = client[order], day[order], points[order]
    return Answers(names, client, day, points - _strata(rows.iloc[order], points, client))


def calibrate(answers: Answers, *, score: str) -> Calibration:
    """Tell the noise of an answer from answers of the same client at different times.

    Parameters
    ----------
    answers : Answers
        Of one score.
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
    chosen = answers.client % max(1, len(answers.clients) // _MOST_CLIENTS) == 0
    client, day, points = answers.client[chosen], answers.day[chosen], answers.points[chosen]
    found = retest(points, client, day)
    middle = (float(answers.points.mean()), float(points.var()))
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


def believed(answers: Answers, found: Calibration, client_id: "pd.Series[str]", day: Ints) -> Floats:
    """What clients think on days, in points against the mean, as far as their earlier answers tell.

    Parameters
    ----------
    answers : Answers
        Of one score.
    found : Calibration
        How they are read.
    client_id : Series of str, shape (k,)
        Whose opinion.
    day : ndarray of int64, shape (k,)
        Days; answers strictly before them count.

    Returns
    -------
    ndarray of float, shape (k,)
        The conditional mean: 0 for who never answered, nearer 0 the noisier, fewer and older the answers.
    """
    after = _filtered(answers, found)
    unit = np.asarray(answers.clients.get_indexer(pd.Index(client_id)), dtype=np.int64)
    place = Dated(None, Dated.of(answers.client, answers.day).key).last(np.maximum(unit, 0), day)
    seen = (unit >= 0) & (place >= 0)
    years = np.where(seen, day - np.append(answers.day, 0)[place], 0) / _DAYS_A_YEAR
    return np.where(seen, np.append(after, 0.0)[place] * np.exp(-found.forgetting * years), 0.0)


def _filtered(answers: Answers, found: Calibration) -> Floats:
    """Conditional mean right after each answer, given it and the client's earlier ones, shape (n,)."""
    prior = found.total * found.reliability
    noise = max(found.total - prior, 1e-9 * found.total)
    first = np.searchsorted(answers.client, np.arange(len(answers.clients)))
    count = np.diff(np.append(first, len(answers.client)))
    level, doubt, last = (
        np.zeros(len(first)),
        np.full(len(first), prior),
        answers.day[np.minimum(first, len(answers.day) - 1)],
    )
    after = np.zeros(len(answers.client))
    for turn in range(int(count.max(initial=0))):
        who = np.flatnonzero(count > turn)
        at = first[who] + turn
        kept = np.exp(-found.forgetting * (answers.day[at] - last[who]) / _DAYS_A_YEAR)
        doubt_now = kept**2 * doubt[who] + prior * (1 - kept**2)
        gain = doubt_now / (doubt_now + noise)
        level[who] = kept * level[who] + gain * (answers.points[at] - found.mean - kept * level[who])
        doubt[who], last[who] = doubt_now * (1 - gain), answers.day[at]
        after[at] = level[who]
    return after


def _strata(rows: pd.DataFrame, points: Floats, client: Ints) -> Floats:
    """What wave and mode add within clients, against their mean, shape (n,)."""
    named = [rows[name].astype("str").fillna("") for name in ("wave", "mode") if name in rows]
    if not named or len(rows) == 0:
        return np.zeros(len(rows))
    joined = named[0] if len(named) == 1 else named[0] + "/" + named[1]
    stratum = np.unique(joined.to_numpy(dtype=object).astype(str), return_inverse=True)[1].astype(np.int64)
    if stratum.max() == 0:
        return np.zeros(len(rows))
    chosen = client % max(1, int(client.max() + 1) // _MOST_CLIENTS) == 0
    within = np.unique(client[chosen], return_inverse=True)[1].astype(np.int64)
    added = levels(points[chosen], within, stratum[chosen])[1]
    by_stratum = np.zeros(int(stratum.max()) + 1)
    by_stratum[stratum[chosen]] = added
    shift = by_stratum[stratum]
    return shift - shift.mean()


def _known_on(rows: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    if "known_on" not in rows:
        return rows["survey_date"]
    return rows["survey_date"].where(~(rows["known_on"] > rows["survey_date"]), rows["known_on"])
