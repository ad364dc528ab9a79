"""Features from surveys, touches, failures and offers: what clients said, and how they were cared for."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history.dated import Dated, take
from churnlab.history.features import FACTORS
from churnlab.history.grid import Grid
from churnlab.history.order_features import Columns, log_ratio
from churnlab.history.purchases import Integers
from churnlab.history.reduction import to_days

Floats = npt.NDArray[np.float64]

_SCORE_AGE_DAYS = 730
"""Survey answers older than this are no longer the client's last word."""

_SCORE_UNIT = 1_000_000
_SERVICE = ("quality", "timing", "attention")


def survey_features(surveys: pd.DataFrame, grid: Grid, *, factors: tuple[str, ...]) -> Columns:
    """Levels, changes and gaps of scores, and who keeps silent.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys.
    grid : Grid
        Rows asked for.
    factors : tuple of str
        Columns that hold scores.

    Returns
    -------
    dict of str to ndarray of float, shape (k,)
        By feature; NaN where nothing is known.
    """
    surveys = _of_buyers(surveys, grid)
    day = known_days(surveys, "survey_date")
    unit = grid.units_of(surveys["client_id"])
    answered = surveys[list(factors)].notna().any(axis=1).to_numpy(dtype=bool)
    invited = _invited(surveys, answered)
    asked_now = Dated.of(unit[invited], day[invited]).count(grid.unit, grid.back(12), grid.day)
    answers = Dated.of(unit[answered], day[answered])
    answered_now = answers.count(grid.unit, grid.back(12), grid.day)
    last_answer = answers.last(grid.unit, grid.day)
    levels = {name: _last_scores(surveys[name], unit, day, grid) for name in factors}
    columns = {"asked_12m": asked_now.astype(np.float64), "answered_12m": answered_now.astype(np.float64)}
    columns |= {name: now for name, (now, _) in levels.items()}
    if "recommend" in levels:
        columns["recommend_change"] = levels["recommend"][0] - levels["recommend"][1]
    rated = [levels[name][0] for name in factors if name != "recommend"]
    if len(rated) > 1:
        columns["factor_spread"] = np.fmax.reduce(rated) - np.fmin.reduce(rated)
    if "price" in levels and set(_SERVICE) <= set(levels):
        columns["price_gap"] = levels["price"][0] - np.mean([levels[name][0] for name in _SERVICE], axis=0)
    columns["answer_age_days"] = grid.day - take(day[answered], last_answer)
    fell_silent = (last_answer >= 0) & (asked_now > 0) & (answered_now == 0)
    columns["fell_silent"] = fell_silent.astype(np.float64)
    return columns


def touch_features(touches: pd.DataFrame, grid: Grid) -> Columns:
    """Touches, how long ago the last was, and whether they lapse."""
    touches = _of_buyers(touches, grid)
    day = known_days(touches, "date")
    rows = Dated.of(grid.units_of(touches["client_id"]), day)
    halves = (rows.count(grid.unit, grid.back(6), grid.day), rows.count(grid.unit, grid.back(12), grid.back(6)))
    return {
        "touches_12m": (halves[0] + halves[1]).astype(np.float64),
        "touch_age_days": grid.day - take(day, rows.last(grid.unit, grid.day)),
        "touch_trend": log_ratio(*halves, usual=np.ones(len(grid.unit))),
    }


def failure_features(failures: pd.DataFrame, grid: Grid) -> Columns:
    """Failures, how many were passed over in silence, and how long ago the last was."""
    failures = _of_buyers(failures, grid)
    day = known_days(failures, "date")
    rows = Dated.of(grid.units_of(failures["client_id"]), day)
    columns = {
        "failures_12m": rows.count(grid.unit, grid.back(12), grid.day).astype(np.float64),
        "failure_age_days": grid.day - take(day, rows.last(grid.unit, grid.day)),
    }
    if "handling" in failures:
        silent = rows.sums((failures["handling"] == "silent").to_numpy(dtype=np.int64, na_value=0))
        columns["silent_failures_12m"] = rows.between(silent, grid.unit, grid.back(12), grid.day).astype(np.float64)
    return columns


def offer_features(offers: pd.DataFrame, grid: Grid) -> Columns:
    """Offers of competitors that were seen."""
    offers = _of_buyers(offers, grid)
    rows = Dated.of(grid.units_of(offers["client_id"]), known_days(offers, "date"))
    return {"offers_12m": rows.count(grid.unit, grid.back(12), grid.day).astype(np.float64)}


def attribute_features(clients: pd.DataFrame, grid: Grid) -> Columns:
    """Attributes of clients, from the day on which they were known; none where that day is not given."""
    if "known_on" not in clients or "payment_days" not in clients:
        return {}
    one = clients.set_index("client_id").reindex(grid.clients)
    known = one["known_on"].notna().to_numpy()
    since = np.full(len(one), np.iinfo(np.int64).max)
    since[known] = to_days(one["known_on"].to_numpy()[known])
    days = one["payment_days"].to_numpy(dtype=np.float64, na_value=np.nan)
    return {"payment_days": np.where(since[grid.unit] < grid.day, days[grid.unit], np.nan)}


def known_days(frame: pd.DataFrame, dated: str) -> Integers:
    """Days from which rows count: their own, or the later one on which they were known, shape (n,)."""
    day = to_days(frame[dated])
    if "known_on" not in frame:
        return day
    known = frame["known_on"].notna().to_numpy()
    later = day.copy()
    later[known] = np.maximum(day[known], to_days(frame["known_on"].to_numpy()[known]))
    return later


def score_columns(surveys: pd.DataFrame) -> tuple[str, ...]:
    """Columns of surveys that hold scores: those of the contract, then further factors of a mapping."""
    other = {"client_id", "survey_date", "wave", "mode", "invited", "reason", "comment", "asked_by", "known_on"}
    further = sorted(str(name) for name in surveys if name not in other and name not in FACTORS)
    return (*(name for name in FACTORS if name in surveys), *further)


def _invited(surveys: pd.DataFrame, answered: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Rows of clients that were asked: all but those that say no, and that hold no answer either."""
    if "invited" not in surveys:
        return np.ones(len(surveys), dtype=bool)
    return answered | surveys["invited"].fillna(value=True).to_numpy(dtype=bool)


def _of_buyers(frame: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    return frame[grid.units_of(frame["client_id"]) >= 0].reset_index(drop=True)


def _last_scores(scores: "pd.Series[float]", unit: Integers, day: Integers, grid: Grid) -> tuple[Floats, Floats]:
    """Last score and the one before, each at most two years old; the mean where a day has several."""
    known = scores.notna().to_numpy()
    unit, day = unit[known], day[known]
    fixed = np.round(scores[known].to_numpy(dtype=np.float64) * _SCORE_UNIT).astype(np.int64)
    rows = Dated.of(unit, day)
    sums, oldest = rows.sums(fixed), grid.day - _SCORE_AGE_DAYS
    found, before = [], grid.day
    for _ in range(2):
        place = rows.last(grid.unit, before)
        on = np.where(place >= 0, np.append(day, 0)[place], 0)
        times = np.maximum(rows.count(grid.unit, on, on + 1), 1)
        level = rows.between(sums, grid.unit, on, on + 1) / (times * _SCORE_UNIT)
        found.append(np.where((place >= 0) & (on >= oldest), level, np.nan))
        before = on
    return found[0], found[1]
