"""Claims about the scenario simulator: what a survey of its clients tells of it, and what its intervals promise."""

from functools import cache

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.lifetime import HazardFit, fit_hazard
from churnlab.risk.calibration import SCORES, answers_of, believed, read_together
from churnlab.scenarios import (
    DO_NOTHING,
    PRICE_ONLY,
    SERVICE,
    Book,
    Computing,
    Simulation,
    draw_assumptions,
    held_at,
    made_book,
    run,
)

SLOPE = -0.35
CLIENTS, MONTHS, WARM = 200, 60, 6
_Z = 1.96
_DAY = 30
_QUIET = {
    "offers_per_year": 0.0, "exogenous_hazard": 0.0, "follow": 0.0, "price_points": 0.0, "attention_gain": 0.0,
    "return_price": 0.0, "return_service": 0.0, "return_personal": 0.0, "newcomers": 0.0, "referrals": 0.0,
}  # fmt: skip


def _panel(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Satisfaction with service, shape (months, clients), and the month in which each client left, or 0."""
    rng = np.random.default_rng([seed, 1])
    level = np.clip(8 + 0.7 * rng.normal(size=CLIENTS), 5, 9.7)
    book = Book(
        predictor=np.log(0.0065) + SLOPE * (level[None] - 8),
        tenure_effect=np.zeros(1),
        service_effect=np.full(1, SLOPE),
        price_effect=np.zeros(1),
        tenure_months=np.full(CLIENTS, 24.0),
        monthly_sales=np.ones(CLIENTS),
        satisfaction=level,
        whole=False,
    )
    seen: list[np.ndarray] = []
    left = np.zeros(CLIENTS, dtype=np.intp)

    def watch(state, given, month):  # noqa: ARG001
        seen.append(state.room["served"][0, 0, :CLIENTS].astype(np.float64))
        left[:] = state.lost_in[0, 0, :CLIENTS]

    run(
        book, (DO_NOTHING,), held_at(1, _QUIET), months=MONTHS, seed=seed, prospects=0, computing=Computing(watch=watch)
    )
    return np.array(seen), left


def _surveys(satisfaction: np.ndarray, left: np.ndarray, seed: int, *, bias: float) -> pd.DataFrame:
    """Answers each quarter of those who are clients still: 60 % of them, noise of a point, whole numbers."""
    rng = np.random.default_rng([seed, 2])
    own = bias * rng.normal(size=CLIENTS)
    frames = []
    for month in range(0, MONTHS, 3):
        answers = (rng.random(CLIENTS) < 0.6) & ((left == 0) | (left > month + 1))
        given = np.clip(np.round(satisfaction[month] + own + rng.normal(size=CLIENTS)), 0, 10)
        who = np.flatnonzero(answers)
        frames.append(pd.DataFrame({"client": who, "month": month, "given": given[who]}))
    rows = pd.concat(frames, ignore_index=True)
    scores = dict.fromkeys(SCORES["service"], rows["given"])
    day = pd.Timestamp("2000-01-01") + pd.to_timedelta(rows["month"] * _DAY, unit="D")
    who = rows["client"].map("{:03d}".format)
    return pd.DataFrame({"client_id": who, "survey_date": day.astype("datetime64[us]")} | scores)


def _fit(seed: int, *, corrected: bool, bias: float = 0.0) -> tuple[float, float]:
    """Estimated slope and its standard error."""
    satisfaction, left = _panel(seed)
    answers = answers_of(_surveys(satisfaction, left, seed, bias=bias), ("service",))
    client, month = np.meshgrid(np.arange(CLIENTS), np.arange(WARM, MONTHS), indexing="ij")
    risk = (left[client] == 0) | (left[client] > month)
    client, month = client[risk], month[risk]
    event = left[client] == month + 1
    ids = pd.Series(client).map("{:03d}".format).astype("str")
    day = 10957 + month * _DAY  # 2000-01-01 in days since 1970
    reading = read_together(answers)

    def fit(told: np.ndarray) -> HazardFit:
        return fit_hazard(told[:, None], event, client=client)

    if not corrected:
        frame = pd.DataFrame({"client": answers.client, "day": answers.day, "points": answers.points[:, 0]})
        known = dict(iter(frame.groupby("client")))
        last = np.zeros(len(client))
        for unit, name in enumerate(answers.clients):
            rows = np.flatnonzero(client == int(name))
            place = np.searchsorted(known[unit]["day"].to_numpy(), day[rows]) - 1
            last[rows] = np.where(place >= 0, known[unit]["points"].to_numpy()[place] - reading.parts[0].mean, 0.0)
        found = fit(last)
        return float(found.coefficients[1]), float(found.standard_errors[1])
    found = fit(believed(answers, reading, ids, day)[:, 0])
    ends = [fit(believed(answers, reading.shifted("service", e), ids, day)[:, 0]).coefficients[1] for e in (-1, 1)]
    return float(found.coefficients[1]), float(np.hypot(found.standard_errors[1], (ends[1] - ends[0]) / 2))


def _slope_is_covered(seed: int) -> bool:
    slope, error = _fit(seed, corrected=True)
    return bool(abs(slope - SLOPE) <= _Z * error)


def _slopes(seed: int) -> dict[str, float]:
    told = {}
    for name, corrected, bias in (
        ("as given", False, 0.0),
        ("corrected", True, 0.0),
        ("with a bias of 0.7", True, 0.7),
    ):
        slope, error = _fit(seed, corrected=corrected, bias=bias)
        told |= {f"slope {name}": slope, f"covered {name}": float(abs(slope - SLOPE) <= _Z * error)}
    return told


_ROWS, _TRUTH_ROWS = 200, 100_000


def _simulated(rows: int, seed: int) -> Simulation:
    drawn = draw_assumptions(rows, rng=seed)
    large = Computing(chunk=1024)
    return run(made_book(drawn, 15), (PRICE_ONLY, SERVICE), drawn, months=12, seed=seed, prospects=4, computing=large)


@cache
def _truth() -> float:
    """The mean difference, by a hundred thousand replications."""
    value = _simulated(_TRUTH_ROWS, 0).value
    return float((value[1] - value[0]).mean())


def _mean_is_covered(seed: int) -> bool:
    value = _simulated(_ROWS, seed).value
    gap = value[1] - value[0]
    return bool(abs(gap.mean() - _truth()) <= _Z * gap.std(ddof=1) / np.sqrt(_ROWS))


_MODULES = ("churnlab.scenarios.engine", "churnlab.scenarios.book")

CLAIMS = (
    Claim(
        "The simulator's slope is recovered from a survey of its clients.",
        "200 clients, 60 months, some 60 departures; a survey each quarter that 60 % answer, with noise of a point; "
        "answers corrected for noise: the 95 % interval of the effect of a point (0.35) covers it.",
        "coverage",
        0.95,
        _slope_is_covered,
        (*_MODULES, "churnlab.risk.calibration", "churnlab.lifetime.hazard"),
    ),
    Claim(
        "The interval of a mean difference of policies covers it.",
        "200 draws of all assumptions, service against price-only: the 95 % interval of the mean covers that of "
        "100,000.",
        "coverage",
        0.95,
        _mean_is_covered,
        _MODULES,
    ),
)

MEASUREMENTS = (
    Measurement(
        "Slopes by how answers are read.",
        "The same clients: last answers as they were given, corrected, and corrected where each has a standing bias.",
        _slopes,
        (*_MODULES, "churnlab.risk.calibration", "churnlab.lifetime.hazard"),
    ),
)
