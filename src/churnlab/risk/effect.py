"""The hazard's effect specification: what goes with leaving, other things equal; what scenarios inherit.

Never recency, trend or volume of late: they stand between satisfaction and leaving. Nor calls and discounts: managers
give them to clients whom they fear to lose (:mod:`churnlab.risk.care`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history import Rule
from churnlab.history.reduction import to_days
from churnlab.lifetime import HazardFit, fit_firth, fit_hazard
from churnlab.risk.calibration import (
    LEAST_ANSWERS,
    SCORES,
    Answers,
    Calibration,
    Grade,
    Reading,
    answers_of,
    believed,
    known_on,
    read_together,
)
from churnlab.risk.panel import Panel, is_scored, panel
from churnlab.tables import Tables

Floats = npt.NDArray[np.float64]

LEAST_EVENTS = 30
"""With fewer departures no effect is estimated: three terms need about ten events each."""

EVENTS_PER_TERM = 10
"""Terms are taken in order, tenure and scores first, as long as there are so many departures for each."""

FEW_EVENTS_PER_TERM = 20
"""With fewer departures a term the fit is Firth's."""

_LEAST_LINE_EVENTS = 5
_WHOLE_MONTHS = 24
"""Sales of the year before the last are known to be whole after so many months of tenure, and of records."""

_ALWAYS = ("tenure", *SCORES)

_CONSTANT = 1e-9
"""A column that varies less than this, in its own unit, tells nothing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A hazard on tenure, scores, line and size, few terms, with client-clustered covariance.

    Attributes
    ----------
    terms : tuple of str
        Columns, without the intercept; ``tenure`` is log(1 + months), ``service`` and ``price`` are points that a
        client thinks, against their mean, ``size`` is the logarithm of sales in the year before the last.
    fit : HazardFit
        Coefficients: intercept first, then one a term. The covariance holds the doubt about the noise of scores.
    centre : dict of str to float
        Mean of the ``service`` and ``price`` scores, points, and of ``size``; without scores where there are none.
    sized_from : Timestamp
        Day from which sales of the year before the last lie wholly within the records.
    clients : int
        Clients that were observed.
    reading : Reading or None
        How answers were read; None without scores.
    unscored : str
        Why there are no effects of scores; empty where there are.
    uncorrected : HazardFit or None
        The same terms with last scores as they were given: what would be understated.
    few : bool
        Whether departures were so few that the fit is Firth's.
    """

    terms: tuple[str, ...]
    fit: HazardFit
    centre: dict[str, float]
    sized_from: pd.Timestamp
    clients: int
    reading: Reading | None = None
    unscored: str = ""
    uncorrected: HazardFit | None = None
    few: bool = False

    @property
    def has_scores(self) -> bool:
        """Whether effects of service and price were estimated."""
        return set(SCORES) <= set(self.terms)

    @property
    def calibrations(self) -> tuple[Calibration, ...]:
        """How the answers of each score were read."""
        return self.reading.parts if self.reading else ()

    def grade(self, score: str = "service") -> Grade | None:
        """How far the effect of a score is freed of noise; None without it."""
        return next((each.grade for each in self.calibrations if each.score == score), None)

    def design(self, snapshot: pd.DataFrame, surveys: pd.DataFrame | None = None) -> Floats:
        """Columns of the terms for snapshot rows, shape (rows, terms); scores from the surveys before each cut-off."""
        scores: dict[str, Floats] = {}
        if self.grade() == "cannot tell":
            scores = _last(snapshot, self.centre)
        elif surveys is not None and self.reading is not None:
            early = surveys[known_on(surveys) < snapshot["cut_off"].max()]
            answers = answers_of(early, tuple(each.score for each in self.calibrations))
            scores = _believed(snapshot, answers, self.reading)
        return _design(snapshot, self.terms, self.centre, scores, self.sized_from)


def fit_effect(tables: Tables, *, as_of: pd.Timestamp, rule: Rule | None = None) -> Effect | None:
    """Fit leaving on tenure, what clients think, line and size, over quarters of observed time.

    What a client thinks at the start of a quarter is told from its answers up to then, with the noise of an answer, how
    many there are and how old they are allowed for.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    as_of : Timestamp
        Rows on or after this day are not used.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.

    Returns
    -------
    Effect or None
        None with fewer than ``LEAST_EVENTS`` departures, or columns that cannot be told apart.

    Notes
    -----
    Regression calibration (Carroll, Ruppert, Stefanski and Crainiceanu 2006, Measurement Error in Nonlinear Models,
    chapter 4): the conditional mean of what a client thinks stands in place of the scores, of service and price
    together, since each tells of the other. The covariance adds, for each score, the square of what the coefficients
    move when its noise moves by a standard error; that the correlation of noises is estimated is not in it. Effects are
    associations, and a standing kindness of a client's own, which no answer tells from what it thinks, is not
    corrected.
    """
    answers, unscored = _answers(tables.surveys, as_of)
    found = panel(tables, as_of=as_of, rule=rule) if answers else None
    if found is None or found.departures < LEAST_EVENTS:
        if answers:
            answers, unscored = None, "too few clients have left since surveys began"
        found = panel(tables, as_of=as_of, rule=rule, scored=False)
    if found is None or found.departures < LEAST_EVENTS:
        return None
    return _fitted(found, answers, unscored)


def _answers(surveys: pd.DataFrame | None, as_of: pd.Timestamp) -> tuple[Answers | None, str]:
    """Answers known before a day, or why there is nothing to be made of them."""
    if surveys is None or not is_scored(surveys):
        return None, "there are no scores of quality, timing, attention and price"
    early = surveys[known_on(surveys) < as_of]
    answers = answers_of(early)
    known = ~np.isnan(answers.given)
    if known.sum(axis=0).min() < LEAST_ANSWERS:
        return None, f"fewer than {LEAST_ANSWERS} answers give scores of service and of price"
    if min(np.ptp(answers.points[known[:, place], place]) for place in range(known.shape[1])) < _CONSTANT:
        return None, "all answers give the same score of service, or of price"
    return answers, ""


def _fitted(found: Panel, answers: Answers | None, unscored: str) -> Effect | None:
    """Choose terms and fit them."""
    sized_from = found.records_start + pd.DateOffset(months=_WHOLE_MONTHS)
    reading = read_together(answers) if answers else None
    centre = {each.score: each.mean for each in reading.parts} if reading else {}
    sized = _sized(found.quarters, sized_from)
    if sized.any():
        centre["size"] = _mean_size(found.quarters[sized])
    terms = _chosen(found, scored=reading is not None, sized=bool(sized.any()))
    last = _last(found.quarters, centre) if reading else {}
    spread = np.ptp(_design(found.quarters, terms, centre, last, sized_from)[found.row], axis=0)
    terms = tuple(term for term, wide in zip(terms, spread, strict=True) if wide > _CONSTANT or term in _ALWAYS)
    few = found.departures < FEW_EVENTS_PER_TERM * len(terms)
    client = found.client

    def fitted(scores: dict[str, Floats]) -> HazardFit:
        columns = _design(found.quarters, terms, centre, scores, sized_from)[found.row]
        return (fit_firth if few else fit_hazard)(columns, found.event, client=client)

    try:
        raw = fitted(last) if reading else None
        fit = raw or fitted({})
        if answers and reading and not _untold(reading):
            fit = _corrected(fitted, found, answers, reading)
    except (ValueError, np.linalg.LinAlgError):
        return None
    clients = found.quarters["client_id"].nunique()
    return Effect(terms, fit, centre, sized_from, clients, reading, unscored, raw, few)


def _untold(reading: Reading) -> bool:
    """Whether it cannot be told what of a service score is more than noise."""
    return any(each.score == "service" and each.grade == "cannot tell" for each in reading.parts)


def _corrected(
    fitted: Callable[[dict[str, Floats]], HazardFit], found: Panel, answers: Answers, reading: Reading
) -> HazardFit:
    """Fit on what clients think, and add the doubt about the noise of each score to the covariance."""
    fit = fitted(_believed(found.quarters, answers, reading))
    covariance = fit.covariance
    for each in reading.parts:
        ends = [
            fitted(_believed(found.quarters, answers, reading.shifted(each.score, errors))).coefficients
            for errors in (-1.0, 1.0)
        ]
        move = (ends[1] - ends[0]) / 2
        covariance = covariance + np.outer(move, move)
    return replace(fit, covariance=covariance)


def _believed(snapshot: pd.DataFrame, answers: Answers, reading: Reading) -> dict[str, Floats]:
    """What clients think at each row's cut-off, points against the mean, by score."""
    told = believed(answers, reading, snapshot["client_id"], to_days(snapshot["cut_off"]))
    return {score: told[:, place] for place, score in enumerate(answers.scores)}


def _last(snapshot: pd.DataFrame, centre: dict[str, float]) -> dict[str, Floats]:
    """Last scores against their mean as they were given; the mean where none is known."""
    means = {score: snapshot[list(factors)].mean(axis=1) for score, factors in SCORES.items()}
    return {score: (mean - centre[score]).fillna(0.0).to_numpy(dtype=np.float64) for score, mean in means.items()}


def _chosen(found: Panel, *, scored: bool, sized: bool) -> tuple[str, ...]:
    """Terms in order, as many as the departures carry."""
    wanted = ["tenure", *(SCORES if scored else ()), *(f"line {line}" for line in _lines(found))]
    if sized:
        wanted.append("size")
    return tuple(wanted[: max(1, found.departures // EVENTS_PER_TERM)])


def _lines(found: Panel) -> tuple[str, ...]:
    """Lines that may have a term, the commoner first: all but the commonest and those that too few left."""
    if "line" not in found.quarters:
        return ()
    of_months = found.quarters["line"].iloc[found.row]
    left = of_months[found.event].value_counts()
    common = of_months.value_counts()
    return tuple(str(line) for line in common.index[1:] if left.get(line, 0) >= _LEAST_LINE_EVENTS)


def _sized(snapshot: pd.DataFrame, sized_from: pd.Timestamp) -> "pd.Series[bool]":
    """Rows with sales in the year before the last, of clients and of records that were there throughout."""
    before = snapshot["amount_24m"] - snapshot["amount_12m"]
    whole = (snapshot["tenure_months"] >= _WHOLE_MONTHS) & (snapshot["cut_off"] >= sized_from)
    return whole & (before > 0)


def _mean_size(snapshot: pd.DataFrame) -> float:
    return float(np.log(snapshot["amount_24m"] - snapshot["amount_12m"]).mean())


def _size(snapshot: pd.DataFrame, mean: float, sized_from: pd.Timestamp) -> Floats:
    """Log sales of the year before the last against the mean, 0 where not known."""
    known = _sized(snapshot, sized_from).to_numpy()
    sales = (snapshot["amount_24m"] - snapshot["amount_12m"]).to_numpy(dtype=np.float64)
    return np.where(known, np.log(np.where(known, sales, 1.0)) - mean, 0.0)


def _design(
    snapshot: pd.DataFrame,
    terms: tuple[str, ...],
    centre: dict[str, float],
    scores: dict[str, Floats],
    sized_from: pd.Timestamp,
) -> Floats:
    """Columns of the terms, shape (rows, terms); a score that is not given is at its mean."""
    columns = []
    for term in terms:
        if term == "tenure":
            columns.append(np.log1p(snapshot["tenure_months"].to_numpy(dtype=np.float64)))
        elif term == "size":
            columns.append(_size(snapshot, centre["size"], sized_from))
        elif term in SCORES:
            columns.append(scores.get(term, np.zeros(len(snapshot))))
        else:
            columns.append((snapshot["line"] == term.removeprefix("line ")).to_numpy(dtype=np.float64))
    return np.column_stack(columns)
