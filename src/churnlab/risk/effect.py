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
    answers_of,
    believed,
    calibrate,
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
_TOTAL_TENURE = 24
"""Sales of the year before the last are known to be whole from this many months on."""


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
    lines : tuple of str
        Lines with a term of their own.
    clients : int
        Clients that were observed.
    calibrations : tuple of Calibration
        How answers were read, a score each; empty without scores.
    uncorrected : HazardFit or None
        The same terms with last scores as they were given: what would be understated.
    few : bool
        Whether departures were so few that the fit is Firth's.
    """

    terms: tuple[str, ...]
    fit: HazardFit
    centre: dict[str, float]
    lines: tuple[str, ...]
    clients: int
    calibrations: tuple[Calibration, ...] = ()
    uncorrected: HazardFit | None = None
    few: bool = False

    @property
    def has_scores(self) -> bool:
        """Whether effects of scores were estimated."""
        return "service" in self.terms

    @property
    def grade(self) -> Grade | None:
        """How far the effect of service is freed of noise; None without scores."""
        return next((each.grade for each in self.calibrations if each.score == "service"), None)

    def design(self, snapshot: pd.DataFrame, surveys: pd.DataFrame | None = None) -> Floats:
        """Columns of the terms for snapshot rows, shape (rows, terms); scores from the surveys before each cut-off."""
        scores = {}
        if self.grade == "cannot tell":
            scores = _last(snapshot, self.centre)
        elif surveys is not None and self.has_scores:
            answers = {each.score: answers_of(surveys, each.score) for each in self.calibrations}
            scores = _believed(snapshot, answers, self.calibrations)
        return _design(snapshot, self.terms, self.centre, scores)


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
    chapter 4): the conditional mean of what a client thinks stands in place of the score. The covariance adds, for each
    score, the square of what the coefficients move when its noise moves by a standard error. Effects are associations,
    and a standing kindness of a client's own, which no answer tells from what it thinks, is not corrected.
    """
    found = panel(tables, as_of=as_of, rule=rule)
    if found is None or found.departures < LEAST_EVENTS:
        return None
    answers, calibrations = _calibrated(tables.surveys, as_of)
    centre = {each.score: each.mean for each in calibrations}
    lines = _lines(found)
    terms = _chosen(found, lines, scored=bool(calibrations))
    if "size" in terms:
        centre["size"] = _mean_size(found.quarters)
    lines = tuple(line for line in lines if f"line {line}" in terms)
    few = found.departures < FEW_EVENTS_PER_TERM * len(terms)
    client = found.client

    def fitted(scores: dict[str, Floats]) -> HazardFit:
        columns = _design(found.quarters, terms, centre, scores)[found.row]
        return (fit_firth if few else fit_hazard)(columns, found.event, client=client)

    try:
        raw = fitted(_last(found.quarters, centre)) if calibrations else None
        fit = raw if raw is not None and _untold(calibrations) else _corrected(fitted, found, answers, calibrations)
    except (ValueError, np.linalg.LinAlgError):
        return None
    clients = found.quarters["client_id"].nunique()
    return Effect(terms, fit, centre, lines, clients, calibrations, raw, few)


def _calibrated(
    surveys: pd.DataFrame | None, as_of: pd.Timestamp
) -> tuple[dict[str, Answers], tuple[Calibration, ...]]:
    """Answers before a day and how they are read; none without scores, or with too few."""
    if surveys is None or not is_scored(surveys):
        return {}, ()
    early = surveys[surveys["survey_date"] < as_of]
    answers = {score: answers_of(early, score) for score in SCORES}
    if min(len(each.points) for each in answers.values()) < LEAST_ANSWERS:
        return {}, ()
    return answers, tuple(calibrate(each, score=score) for score, each in answers.items())


def _untold(calibrations: tuple[Calibration, ...]) -> bool:
    """Whether it cannot be told what of a service score is more than noise."""
    return any(each.score == "service" and each.grade == "cannot tell" for each in calibrations)


def _corrected(
    fitted: Callable[[dict[str, Floats]], HazardFit],
    found: Panel,
    answers: dict[str, Answers],
    calibrations: tuple[Calibration, ...],
) -> HazardFit:
    """Fit on what clients think, and add the doubt about the noise of each score to the covariance."""
    scores = _believed(found.quarters, answers, calibrations)
    fit = fitted(scores)
    covariance = fit.covariance
    for each in calibrations:
        ends = [
            fitted({**scores, **_believed(found.quarters, answers, (each.shifted(errors),))}).coefficients
            for errors in (-1.0, 1.0)
        ]
        move = (ends[1] - ends[0]) / 2
        covariance = covariance + np.outer(move, move)
    return replace(fit, covariance=covariance)


def _believed(
    snapshot: pd.DataFrame, answers: dict[str, Answers], calibrations: tuple[Calibration, ...]
) -> dict[str, Floats]:
    """What clients think at each row's cut-off, points against the mean, by score."""
    day = to_days(snapshot["cut_off"])
    return {each.score: believed(answers[each.score], each, snapshot["client_id"], day) for each in calibrations}


def _last(snapshot: pd.DataFrame, centre: dict[str, float]) -> dict[str, Floats]:
    """Last scores against their mean as they were given; the mean where none is known."""
    means = {score: snapshot[list(factors)].mean(axis=1) for score, factors in SCORES.items()}
    return {score: (mean - centre[score]).fillna(0.0).to_numpy(dtype=np.float64) for score, mean in means.items()}


def _chosen(found: Panel, lines: tuple[str, ...], *, scored: bool) -> tuple[str, ...]:
    """Terms in order, as many as the departures carry."""
    wanted = ["tenure", *(SCORES if scored else ()), *(f"line {line}" for line in lines)]
    if _sized(found.quarters).any():
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


def _sized(snapshot: pd.DataFrame) -> "pd.Series[bool]":
    """Rows with sales in the year before the last, of clients who were there throughout."""
    before = snapshot["amount_24m"] - snapshot["amount_12m"]
    return (snapshot["tenure_months"] >= _TOTAL_TENURE) & (before > 0)


def _mean_size(snapshot: pd.DataFrame) -> float:
    return float(np.log((snapshot["amount_24m"] - snapshot["amount_12m"])[_sized(snapshot)]).mean())


def _size(snapshot: pd.DataFrame, mean: float) -> Floats:
    """Log sales of the year before the last against the mean, 0 where not known."""
    known = _sized(snapshot).to_numpy()
    sales = (snapshot["amount_24m"] - snapshot["amount_12m"]).to_numpy(dtype=np.float64)
    return np.where(known, np.log(np.where(known, sales, 1.0)) - mean, 0.0)


def _design(
    snapshot: pd.DataFrame, terms: tuple[str, ...], centre: dict[str, float], scores: dict[str, Floats]
) -> Floats:
    """Columns of the terms, shape (rows, terms); a score that is not given is at its mean."""
    columns = []
    for term in terms:
        if term == "tenure":
            columns.append(np.log1p(snapshot["tenure_months"].to_numpy(dtype=np.float64)))
        elif term == "size":
            columns.append(_size(snapshot, centre["size"]))
        elif term in SCORES:
            columns.append(scores.get(term, np.zeros(len(snapshot))))
        else:
            columns.append((snapshot["line"] == term.removeprefix("line ")).to_numpy(dtype=np.float64))
    return np.column_stack(columns)
