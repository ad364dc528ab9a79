"""Claims about the hazard of leaving and what satisfaction does to it, nothing being hidden."""

import numpy as np
from validation_frame import Claim

from churnlab.lifetime import HazardFit, fit_hazard
from churnlab.tables.plant import LAWS
from churnlab.tables.plant.clock import END_DAY, RECORDS, RECORDS_DAY, month_of
from churnlab.tables.plant.course import Course, run_course
from churnlab.tables.plant.month import SERVICE
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import BY_REFERRAL, Traits, draw_traits

_PLANT = ("churnlab.tables.plant.course",)
_Z = 1.96


def _course(law: str, seed: int) -> tuple[Traits, Course]:
    streams = Streams(seed)
    traits = draw_traits(streams, law=LAWS[law], clients=200)
    return traits, run_course(streams, traits, law=LAWS[law])


def _leavings_match(seed: int) -> bool:
    law = list(LAWS)[seed % len(LAWS)]
    _, course = _course(law, seed)
    h = course.hazards["any"].astype(np.float64)
    left = ((course.lives.end >= RECORDS_DAY) & (course.lives.end < END_DAY)).sum()
    return bool(abs(left - h.sum()) <= _Z * np.sqrt((h * (1 - h)).sum()))


def _service_fit(law: str, seed: int) -> HazardFit:
    """Fit leaving over service on true satisfaction, month by month of first lives, as if nothing were hidden."""
    traits, course = _course(law, seed)
    at_risk = (course.hazards["any"] > 0) & ~traits.settled
    first_life = np.unique(course.lives.client, return_index=True)[1]
    for row in np.setdiff1d(np.arange(course.lives.client.size), first_life):  # second lives leave more easily
        at_risk[max(0, month_of(course.lives.begin[row]) - RECORDS) :, course.lives.client[row]] = False
    month, client = np.nonzero(at_risk)
    event = np.zeros(at_risk.shape, dtype=bool)
    over = (course.lives.reason == SERVICE) & (course.lives.end >= RECORDS_DAY) & (course.lives.end < END_DAY)
    event[month_of(course.lives.end[over]) - RECORDS, course.lives.client[over]] = True
    referred = traits.acquired[client] == BY_REFERRAL
    columns = np.column_stack([course.satisfaction[month, client] - 7.5, referred]).astype(np.float64)
    return fit_hazard(columns, event[month, client], client=client)


def _slope_is_covered(seed: int) -> bool:
    fit = _service_fit("no-frailty", seed)
    true = -LAWS["no-frailty"].service_slope
    return bool(abs(fit.coefficients[1] - true) <= _Z * fit.standard_errors[1])


def _slope_is_seen(law: str, seed: int) -> bool:
    fit = _service_fit(law, seed)
    return bool(abs(fit.coefficients[1]) > _Z * fit.standard_errors[1])


def _seen_without_cause(seed: int) -> bool:
    return _slope_is_seen("neither", seed)


def _seen_with_cause(seed: int) -> bool:
    return _slope_is_seen("service", seed)


CLAIMS = (
    Claim(
        "Leavings are by the truth's hazard.",
        "Leavings in the records lie within 1.96 standard deviations of the summed chances; the five laws in turn.",
        "coverage",
        0.95,
        _leavings_match,
        _PLANT,
    ),
    Claim(
        "The hazard's slope is recovered.",
        "Law no-frailty, true satisfaction known: the 95 % interval of its effect on leaving over service covers it.",
        "coverage",
        0.95,
        _slope_is_covered,
        (*_PLANT, "churnlab.lifetime.hazard"),
    ),
    Claim(
        "No effect is seen where there is none.",
        "Law neither, true satisfaction known: its effect on leaving over service is called different from 0.",
        "size",
        0.05,
        _seen_without_cause,
        (*_PLANT, "churnlab.lifetime.hazard"),
    ),
    Claim(
        "An effect is seen where there is one.",
        "Law service, true satisfaction known: its effect (0.55 a point) is called different from 0.",
        "power",
        0.95,
        _seen_with_cause,
        (*_PLANT, "churnlab.lifetime.hazard"),
    ),
)
