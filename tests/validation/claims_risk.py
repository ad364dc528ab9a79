"""Claims about forecasts of leaving: whether surveys add to orders, and whether intervals of scores hold."""

from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.history import Fold, Lives, outcomes
from churnlab.risk import SURVEY_MODELS, SurveyGain, fit_model, scorecard, survey_gain
from churnlab.risk.statistics import auc, calibration_slope

Floats = npt.NDArray[np.float64]

CLIENTS, MONTHS = 300, 66
FIRST, LAST = 36, 60
HORIZON, BETWEEN, LIMIT_DAYS = 3, 3, 90
START = pd.Timestamp("2018-01-01")
_BASE_HAZARD = 0.02
_BY_ORDERS = 0.7
_ANSWERS = 0.6


def _day(month: npt.NDArray[np.int64] | int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(START + pd.to_timedelta(np.atleast_1d(month) * 30.4375, unit="D")).as_unit("us").normalize()


def _forecasts(seed: int, *, knows: float, answering: float = 0.0) -> pd.DataFrame:
    """Clients whose monthly log hazard follows their rhythm, and their satisfaction by `knows` a standard deviation.

    A score holds satisfaction and as much noise again; who is asked answers more often, by `answering` on the log odds,
    the less it is going to leave. Forecasts are made anew every five quarters.
    """
    rng = np.random.default_rng([8, seed])
    satisfied = rng.normal(size=CLIENTS)
    faithful = rng.normal(size=CLIENTS)
    rhythm = rng.normal(size=(MONTHS, CLIENTS)) * 0.6 + rng.normal(size=CLIENTS) * 0.8
    hazard = _BASE_HAZARD * np.exp(_BY_ORDERS * rhythm - knows * satisfied - 0.5 * (answering > 0) * faithful)
    begins = np.where(rng.random(CLIENTS) < 0.5, 0, rng.integers(0, FIRST, CLIENTS))
    leaves = (rng.random((MONTHS, CLIENTS)) < 1 - np.exp(-hazard)) & (np.arange(MONTHS)[:, None] >= begins)
    ends = np.where(leaves.any(axis=0), leaves.argmax(axis=0), MONTHS + 12)
    answers = rng.random((MONTHS, CLIENTS)) < 1 / (
        1 + np.exp(-np.log(_ANSWERS / (1 - _ANSWERS)) - answering * faithful)
    )
    scores = 7 + satisfied + rng.normal(size=(5, MONTHS, CLIENTS)) * np.array([1.0, 1.7, 1.7, 1.7, 1.7])[:, None, None]
    parts = []
    for month in range(9, LAST + 1, BETWEEN):
        here = np.flatnonzero((begins < month) & (ends >= month - 2))  # for two months nobody knows that it has left
        told = answers[month, here]
        parts.append(
            pd.DataFrame(
                {
                    "client_id": here,
                    "cut_off": _day(month)[0],
                    "last_order": _day(np.minimum(ends[here], month) - 1),
                    "limit_days": float(LIMIT_DAYS),
                    "recency_days": np.where(ends[here] < month, 45.0, 15.0) * np.exp(0.3 * rng.normal(size=here.size)),
                    "overdue": np.exp(rhythm[month - 1, here]),
                    "orders_12m": 12.0,
                    "tenure_months": (month - begins[here]).astype(float),
                    "asked_12m": 4.0,
                    "answered_12m": 2.0 * told,
                    **{
                        name: np.where(told, scores[place, month, here], np.nan)
                        for place, name in enumerate(("recommend", "quality", "timing", "attention", "price"))
                    },
                    "month": month,
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    return _graded(rows, begins, ends)


def _lives(begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], month: int) -> Lives:
    """What is known of all lives at the start of a month."""
    known = ends <= month - 4
    last = _day(np.minimum(ends, month) - 1)
    frame = pd.DataFrame(
        {
            "client_id": np.arange(len(begins)),
            "first_order": _day(begins - 1),
            "last_order": last,
            "left_on": last.where(known),
            "limit_days": float(LIMIT_DAYS),
        }
    )
    return Lives(frame[begins < month], ("client_id",), _day(month)[0], START)


def _graded(rows: pd.DataFrame, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Forecasts of all models, graded by what became of everyone."""
    made = []
    months = rows["month"].to_numpy()
    nothing = np.zeros(0, dtype=np.intp)
    for first in range(FIRST, LAST + 1, 5 * BETWEEN):
        lives = _lives(begins, ends, first)
        earlier = np.flatnonzero(months < first)
        testing = rows[(months >= first) & (months < first + 5 * BETWEEN)]
        fold = Fold(_day(first)[0], lives, earlier, nothing, np.zeros(0), nothing)
        for spec in SURVEY_MODELS:
            fitted = fit_model(rows, fold, spec=spec, horizon_months=HORIZON, months_between=BETWEEN)
            if fitted is not None:
                made.append(
                    testing[["client_id", "cut_off", "last_order"]].assign(model=spec.name, risk=fitted.risk(testing))
                )
    joined = pd.concat(made, ignore_index=True)
    joined["outcome"] = outcomes(joined, _lives(begins, ends, MONTHS + 12), horizon_months=HORIZON)
    return joined[joined["outcome"].notna()].reset_index(drop=True)


def _gain(seed: int, *, knows: float, answering: float = 0.0) -> SurveyGain:
    return survey_gain(_forecasts(seed, knows=knows, answering=answering), rng=seed, draws=400)


def _said(seed: int, *, verdict: str, knows: float) -> bool:
    return _gain(seed, knows=knows).verdict == verdict


def _scores_are_praised(seed: int) -> bool:
    return bool(_gain(seed, knows=0.0, answering=1.0).by_scores.low > 0)


def _powers(seed: int) -> dict[str, float]:
    found = {}
    for knows in (0.5, 1.0, 1.5):
        gain = _gain(seed, knows=knows)
        found[f"yes at {knows:g}"] = float(gain.verdict == "yes")
        found[f"gain at {knows:g}"] = gain.share.value
        found[f"clients left at {knows:g}"] = float(gain.clients_left)
    return found


_TRAITS = 400_000


def _fixed(rng: np.random.Generator, clients: int) -> tuple[Floats, Floats, Floats]:
    """Clients on four days each: outcome, a forecast that is too sure, and whose it is."""
    trait = np.repeat(rng.normal(size=clients), 4)
    odds = -2.0 + trait + 0.5 * rng.normal(size=4 * clients)
    left = (rng.random(4 * clients) < 1 / (1 + np.exp(-odds))).astype(float)
    return left, 1 / (1 + np.exp(-(-2.0 + 1.4 * trait))), np.repeat(np.arange(clients), 4)


@cache
def _true_scores() -> dict[str, float]:
    left, risk, _ = _fixed(np.random.default_rng(0), _TRAITS)
    scores = {"auc": auc, "slope": calibration_slope}
    return {name: float(each(left, risk, np.ones(len(left)))) for name, each in scores.items()}


def _score_is_covered(seed: int, *, score: str) -> bool:
    left, risk, client = _fixed(np.random.default_rng([9, seed]), 200)
    frame = pd.DataFrame({"client_id": client, "cut_off": np.tile(np.arange(4), 200), "outcome": left, "risk": risk})
    card = scorecard(frame.assign(model="fixed"), rng=seed, draws=400)[0]
    found = getattr(card, score)
    return bool(found.low <= _true_scores()[score] <= found.high)


_MODULES = ("churnlab.risk.survey_gain",)
_LAW = "300 clients ever, some 60 seen to leave behind a forecast; the log hazard follows rhythm"

CLAIMS = (
    Claim(
        "Surveys that are noise are not said to add.",
        f"{_LAW} alone: surveys are said to add to orders.",
        "size",
        0.05,
        partial(_said, verdict="yes", knows=0.0),
        _MODULES,
    ),
    Claim(
        "Scores are not praised for what answering tells.",
        f"{_LAW} and faithfulness, on which answering hangs; scores are noise: their own part is said to be above 0.",
        "size",
        0.05,
        _scores_are_praised,
        _MODULES,
    ),
    Claim(
        "Surveys that know much are not said to add nothing.",
        f"{_LAW}, and satisfaction by 1 a standard deviation: surveys are said not to add.",
        "size",
        0.05,
        partial(_said, verdict="no", knows=1.0),
        _MODULES,
    ),
    Claim(
        "Surveys that are noise are said not to add.",
        f"{_LAW} alone: surveys are said not to add to orders.",
        "power",
        0.8,
        partial(_said, verdict="no", knows=0.0),
        _MODULES,
    ),
    Claim(
        "Surveys that know very much are said to add.",
        f"{_LAW}, and satisfaction by 1.5 a standard deviation: surveys are said to add to orders.",
        "power",
        0.4,
        partial(_said, verdict="yes", knows=1.5),
        _MODULES,
    ),
    *(
        Claim(
            f"The interval of the {told} of forecasts covers.",
            "200 clients on four days each, a fifth of forecasts end in leaving: against the figure of a large base.",
            "coverage",
            0.95,
            partial(_score_is_covered, score=score),
            ("churnlab.risk.scores",),
        )
        for score, told in (("auc", "AUC"), ("slope", "calibration slope"))
    ),
)

MEASUREMENTS = (
    Measurement(
        "Whether surveys are said to add, by how much they know.",
        f"{_LAW} and satisfaction, by so much a standard deviation; scores hold as much noise again or more: share of "
        "books on which surveys are said to add, gain as a share of the log loss from orders, clients seen to leave.",
        _powers,
        _MODULES,
    ),
)
