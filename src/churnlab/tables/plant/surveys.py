"""What clients say when they are asked, and who does not answer."""

import numpy as np
import pandas as pd

from churnlab.tables.plant.clock import END, FIRST, RECORDS, SURVEYS, Bools, Floats, Ints, Texts, month_of, working_day
from churnlab.tables.plant.course import Course
from churnlab.tables.plant.purchases import Purchases
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import RETAIL, Traits

FACTORS: Texts = np.array(["quality", "timing", "attention", "price"])
REASONS: Texts = np.array([*FACTORS, "assortment", "logistics", "documents", ""])
"""What an answer may name as its main reason; the last is none."""
WAVES: Texts = np.array(["monthly", "quarterly", "annual"])
PHONE_BONUS = 0.3
"""Points that a phone call adds to every score."""
MANAGER_BONUS = 0.6
"""Points that being asked by the account's own manager adds to every score."""

_NO_REASON = REASONS.size - 1
USUAL: Floats = np.array([7.8, 7.4, 7.6, 6.8])  # what a reason is judged against
_FIRST_DAY, _WITHIN = (15, 1, 5), (3, 6, 10)  # of the month, and working days, by wave
_BY_PHONE = (1.0, 0.5, 0.0)
_BY_MANAGER = (0.0, 0.65, 0.0)
_NOISE, _TAIL = 1.0, 5  # points, and degrees of freedom of their law: now and then somebody is furious


def draw_surveys(streams: Streams, traits: Traits, *, course: Course, purchases: Purchases) -> pd.DataFrame:
    """Draw all invitations with their answers.

    Whoever bought within half a year is asked. The dissatisfied answer less, and those who have silently left
    much less. A score is the latent one with noise of 1 point, the client's own bias, and what phone and
    manager add, rounded.

    Parameters
    ----------
    streams : Streams
        Of the plant.
    traits : Traits
        The clients.
    course : Course
        What they feel.
    purchases : Purchases
        When they ordered.

    Returns
    -------
    pandas.DataFrame
        client (position), day, wave (code), phone, asked_by (code of a manager; -1 for none), recommend and
        the factors (NaN if not asked or not answered), reason (code), in order of day.
    """
    asked = _asked(traits, purchases)
    waves = [
        _wave(streams, wave, t, who=asked[t - SURVEYS], traits=traits, course=course)
        for t in range(SURVEYS, END)
        for wave in range(WAVES.size)
        if (True, t % 3 == 0, t % 12 == 11)[wave]
    ]
    frame = pd.concat(waves, ignore_index=True)
    return frame.iloc[np.lexsort((frame["wave"], frame["client"], frame["day"]))].reset_index(drop=True)


def _asked(traits: Traits, purchases: Purchases) -> Bools:
    """Mark who bought in the six months before each month of the surveys, (months, n)."""
    bought = np.zeros((END - RECORDS + 7, traits.start.size), dtype=bool)
    month = month_of(purchases.day) - RECORDS
    for later in range(1, 7):
        bought[month + later, purchases.client] = True
    return bought[SURVEYS - RECORDS : END - RECORDS] & (traits.segment != RETAIL)


def _wave(streams: Streams, wave: int, t: int, *, who: Bools, traits: Traits, course: Course) -> pd.DataFrame:
    """Draw one wave of a month; chances are drawn for every client."""
    rng, n = streams(f"survey {WAVES[wave]}"), who.size
    if wave == 0:
        who = who & ((np.arange(n) + t) % 3 == 0)  # a third of the clients each month
    day = working_day(np.full(n, FIRST[t] + _FIRST_DAY[wave]), later=rng.integers(0, _WITHIN[wave], n))
    phone, by_manager = rng.random(n) < _BY_PHONE[wave], rng.random(n) < _BY_MANAGER[wave]
    other = rng.integers(0, traits.managers, n)
    u, missing = rng.random(n), rng.random((n, 5)) < 0.04
    noise = rng.standard_t(_TAIL, (n, 5)) * np.sqrt((_TAIL - 2) / _TAIL)
    felt, draw = 0.7 * rng.standard_normal((n, 4)), rng.random((2, n))
    at = np.flatnonzero(who)
    state, satisfaction = course.score[t - RECORDS, at], course.satisfaction[t - RECORDS, at]
    manager = traits.manager_at(at, np.full(at.size, t))
    own = by_manager[at] & (wave == 1)
    day = day[at]
    gone = course.lives.at(at, day) < 0
    readiness = 0.25 + 0.4 * (satisfaction - 7.5) + 0.4 * phone[at] + traits.answers[at]
    answers = u[at] < 1 / (1 + np.exp(1.8 * gone - readiness))
    points = np.column_stack([0.9 * satisfaction + 0.1 * state[:, 3] + 0.1, state]) + _NOISE * noise[at]
    points += (traits.bias[at] + PHONE_BONUS * phone[at] + MANAGER_BONUS * own)[:, None]
    scores = np.clip(np.round(points), 0, 10)
    only_first = (np.arange(5) > 0) & ((wave == 0) | missing[at])
    scores[~answers[:, None] | only_first] = np.nan
    reason = np.where(answers, _reasons(scores[:, 0], state - USUAL + felt[at], draw[:, at]), _NO_REASON)
    asked_by = np.where(own, manager, np.where(other[at] == manager, (manager + 1) % traits.managers, other[at]))
    frame = pd.DataFrame(
        {
            "client": at.astype(np.int32),
            "day": day.astype(np.int32),
            "wave": np.full(at.size, wave, dtype=np.int8),
            "phone": phone[at],
            "asked_by": np.where(wave == 1, asked_by, -1).astype(np.int32),
            "reason": reason.astype(np.int8),
        }
    )
    frame[["recommend", *FACTORS]] = scores.astype(np.float32)
    return frame[day < FIRST[END]]


def _reasons(recommend: Floats, felt: Floats, draw: Floats) -> Ints:
    """Name the main reason for the score: a critic what is worst, a promoter what is best, some another or none."""
    sign = np.where(recommend >= 8, 1.0, -1.0)[:, None]
    named = (sign * (felt - [0, 0, 0, 0.3])).argmax(axis=1)
    other = FACTORS.size + (draw[1] * 3).astype(np.int64)
    return np.where(draw[0] < 0.25, _NO_REASON, np.where(draw[0] < 0.37, other, named))
