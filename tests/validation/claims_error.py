"""Claims about effects on leaving: noisy scores, care that is targeted, frailty, few departures, few clients."""

from dataclasses import replace
from functools import cache, partial
from unittest import mock

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.history import propose_rule
from churnlab.lifetime import fit_firth, fit_hazard, gamma_frailty, hazard_table, profile_interval, remaining_lifetime
from churnlab.risk import CareEffect, care_effect, care_effects, fit_effect
from churnlab.risk.effect import Effect
from churnlab.risk.panel import Panel, panel
from churnlab.tables import Tables
from churnlab.tables.plant import Plant, make, make_plant
from churnlab.tables.plant.clock import RECORDS
from churnlab.tables.plant.course import run_course

_Z = 1.96
_LARGE, _LARGE_SEED = 8000, 900_001
_SCORES = ("service", "price")


def _plant(law: str, seed: int, *, clients: int = 200, kind: bool = False) -> Plant:
    """A plant whose clients have no standing kindness of their own, unless asked for."""
    if kind:
        return make_plant(law=law, clients=clients, seed=seed)
    real = make.draw_traits

    def unbiased(*given, **named):
        traits = real(*given, **named)
        return replace(traits, bias=np.zeros_like(traits.bias))

    with mock.patch.object(make, "draw_traits", unbiased):
        return make_plant(law=law, clients=clients, seed=seed)


def _tables(plant: Plant) -> Tables:
    """Tables as loaded; merged numbers stay two clients, one of some three hundred."""
    nothing = pd.DataFrame()
    frames = {
        name: table.assign(
            **{column: table[column].astype("str") for column in table if table[column].dtype == "category"}
        )
        for name, table in plant.tables.items()
        if name in ("orders", "clients", "surveys", "touches", "failures")
    }
    return Tables(
        **frames,
        findings=(),
        finding_counts=nothing,
        reconciliation=nothing,
        notices=(),
        show_names=False,
        fingerprint="",
    )


def _day_after(tables: Tables) -> pd.Timestamp:
    return tables.orders["order_date"].max() + pd.Timedelta(days=1)


@cache
def _large() -> tuple[Panel, Effect, np.ndarray]:
    """A very large plant, its effect as analysts find it, and what clients truly think, service and price."""
    drawn = []

    def kept(streams, traits, **named):
        drawn.append((traits, run_course(streams, traits, **named)))
        return drawn[0][1]

    with mock.patch.object(make, "run_course", kept):
        tables = _tables(_plant("service", _LARGE_SEED, clients=_LARGE))
    as_of, rule = _day_after(tables), propose_rule(tables.orders)
    found, effect = panel(tables, as_of=as_of, rule=rule), fit_effect(tables, as_of=as_of, rule=rule)
    (traits, course), quarters = drawn[0], found.quarters
    names = pd.Index(np.asarray(traits.labels(np.arange(course.score.shape[1])), dtype=object).astype(str))
    month = (quarters["cut_off"].dt.year - 2002) * 12 + quarters["cut_off"].dt.month - 1 - RECORDS
    score = course.score[month.to_numpy(), names.get_indexer(quarters["client_id"])].astype(np.float64)
    return found, effect, np.column_stack((score[:, :3].mean(axis=1), score[:, 3]))


@cache
def true_effects(terms: tuple[str, ...]) -> dict[str, float]:
    """Effects of true satisfaction in a very large plant, same specification: its scores are what clients think."""
    found, effect, true = _large()
    design = replace(effect, terms=terms).design(found.quarters)
    for place, score in enumerate(_SCORES):
        design[:, terms.index(score)] = true[:, place] - true[:, place].mean()
    fit = fit_hazard(design[found.row], found.event)
    return {score: float(fit.coefficients[1 + terms.index(score)]) for score in _SCORES}


@cache
def _effect(law: str, seed: int, *, kind: bool = False) -> Effect | None:
    tables = _tables(_plant(law, seed, kind=kind))
    return fit_effect(tables, as_of=_day_after(tables), rule=propose_rule(tables.orders))


def _covers(effect: Effect, *, corrected: bool, score: str = "service") -> bool:
    fit = effect.fit if corrected else effect.uncorrected
    place = 1 + effect.terms.index(score)
    return bool(abs(fit.coefficients[place] - true_effects(effect.terms)[score]) <= _Z * fit.standard_errors[place])


def _satisfaction_is_covered(seed: int, *, score: str) -> bool:
    effect = _effect("service", seed)
    return effect is not None and effect.has_scores and _covers(effect, corrected=True, score=score)


def _scores_speak(seed: int, *, law: str) -> bool:
    """Ask what an analyst has, orders and surveys, whether good service scores go with less leaving."""
    effect = _effect(law, seed, kind=True)
    if effect is None or not effect.has_scores:
        return False
    place = 1 + effect.terms.index("service")
    return bool(effect.fit.coefficients[place] < -_Z * effect.fit.standard_errors[place])


def _with_and_without(seed: int) -> dict[str, float]:
    plain, kindly = (_effect("service", seed, kind=kind) for kind in (False, True))
    place = 1 + plain.terms.index("service")
    return {
        "true": true_effects(plain.terms)["service"],
        "corrected": float(plain.fit.coefficients[place]),
        "covers": float(_covers(plain, corrected=True)),
        "uncorrected": float(plain.uncorrected.coefficients[place]),
        "uncorrected covers": float(_covers(plain, corrected=False)),
        "corrected, with a kindness of 0.6": float(kindly.fit.coefficients[1 + kindly.terms.index("service")]),
        "covers, with a kindness of 0.6": float(_covers(kindly, corrected=True)),
    }


def _care(law: str, seed: int) -> dict[str, object]:
    tables = _tables(make_plant(law=law, seed=seed))
    found = care_effects(tables, as_of=_day_after(tables), rule=propose_rule(tables.orders))
    return {each.care: each for each in found}


def _targeted(seed: int) -> CareEffect:
    """Managers call the discontent, of whose discontent a score tells half, and calls do nothing."""
    rng = np.random.default_rng([70, seed])
    content = rng.normal(size=400)
    care, score = -0.5 * content + rng.normal(size=400), content + rng.normal(size=400)
    return _held_against_leaving(rng, content, care, score)


def _held_against_leaving(rng: np.random.Generator, content, care, score) -> CareEffect:
    stayed, left = _lives(rng, np.exp(-3.7 - 0.6 * content), months=40)
    who, event = _months(stayed, left)
    return care_effect(care[who], np.zeros((len(who), 0)), score[who][:, None], event, who, name="touches")


def _naive_is_fooled(seed: int) -> bool:
    return _targeted(seed).naive_low > 1


def _targeting_is_seen(seed: int) -> bool:
    return _targeted(seed).targeted


def _targeting_is_seen_falsely(seed: int) -> bool:
    rng = np.random.default_rng([71, seed])
    content = rng.normal(size=400)
    return _held_against_leaving(rng, content, rng.normal(size=400), content + rng.normal(size=400)).targeted


def _care_fools(seed: int) -> dict[str, float]:
    figures = {}
    for name, each in _care("service", seed).items():
        figures[f"{name}, naive ratio"] = each.naive
        figures[f"{name}, naive said to drive away"] = float(each.naive_low > 1)
        figures[f"{name}, adjusted ratio"] = each.adjusted
        figures[f"{name}, adjusted said to drive away"] = float(each.low > 1)
        figures[f"{name}, seen to be targeted"] = float(each.targeted)
    return figures


def _lives(rng: np.random.Generator, rate: np.ndarray, *, months: int) -> tuple[np.ndarray, np.ndarray]:
    """Months stayed at a constant rate, and whether they ended by leaving."""
    left_in = np.ceil(rng.exponential(1 / rate))
    return np.minimum(left_in, months).astype(np.int64), left_in <= months


def _months(stayed: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Person-months: whose, and whether it was the last one."""
    who = np.repeat(np.arange(len(stayed)), stayed)
    last = np.cumsum(stayed) - 1
    event = np.zeros(len(who), dtype=bool)
    event[last[left]] = True
    return who, event


def _frailty(seed: int, *, variance: float):
    """Three hundred lives, a third of which enter late, two columns."""
    rng = np.random.default_rng([72, seed])
    columns = rng.normal(size=(300, 2))
    factor = rng.gamma(1 / variance, variance, 300) if variance else np.ones(300)
    left_in = np.ceil(rng.exponential(1 / (factor * np.exp(-3.6 + columns @ [0.6, 0.3]))))
    entry = np.where(rng.random(300) < 0.3, rng.integers(0, 36, 300), 0)
    watched = rng.integers(40, 100, 300)
    there = left_in > entry
    stayed, left = np.minimum(left_in, watched)[there], (left_in <= watched)[there]
    return gamma_frailty(entry[there], stayed, left, columns[there], bands=(12, 36))


def _frailty_falsely(seed: int) -> bool:
    return _frailty(seed, variance=0.0).seen


def _frailty_truly(seed: int) -> bool:
    return _frailty(seed, variance=1.5).seen


def _frailty_is_covered(seed: int) -> bool:
    found = _frailty(seed, variance=1.0)
    return bool(found.low <= 1.0 <= found.high)


def _frailty_shrinks(seed: int) -> dict[str, float]:
    found = _frailty(seed, variance=1.0)
    return {"true": 0.6, "given the frailty": float(found.coefficients[0]), "ignoring it": float(found.without[0])}


def _few(seed: int, *, clients: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Fifteen or so departures of sixty clients, two columns."""
    rng = np.random.default_rng([73, seed])
    columns = np.column_stack((rng.normal(size=clients), rng.random(clients) < 0.3))
    stayed, left = _lives(rng, np.exp(-4.6 + columns @ [0.5, -0.5]), months=24)
    who, event = _months(stayed, left)
    return columns[who], event


def _few_is_covered(seed: int) -> bool:
    columns, event = _few(seed)
    if event.sum() < 1:
        return True  # nobody left: no interval, and nothing claimed
    low, high = profile_interval(columns, event, place=1)
    return low <= 0.5 <= high


def _few_is_biased(seed: int) -> dict[str, float]:
    columns, event = _few(seed)
    firth = fit_firth(columns, event).coefficients[2]
    try:
        plain = fit_hazard(columns, event).coefficients[2]
    except ValueError:
        plain = np.nan
    return {
        "true": -0.5,
        "Firth": float(firth),
        "without, where it has one": float(plain if np.isfinite(plain) else firth),
        "without, none at all": float(np.isnan(plain)),
    }


def _few_terms_are_covered(seed: int) -> bool:
    """Thirty or so departures, a third column that does nothing."""
    columns, event = _few(seed, clients=130)
    fit = fit_firth(np.column_stack((columns, np.sin(np.arange(len(event))))), event)
    return bool(abs(fit.coefficients[1] - 0.5) <= _Z * fit.standard_errors[1])


def _few_clients_are_covered(seed: int) -> bool:
    """Forty clients of several lives and a frailty of their own: months of a client hang together."""
    rng = np.random.default_rng([74, seed])
    column, factor = rng.normal(size=40), np.exp(0.5 * rng.normal(size=40))
    client = np.repeat(np.arange(40), 4)
    stayed, left = _lives(rng, (factor * np.exp(-3.5 + 0.4 * column))[client], months=30)
    who, event = _months(stayed, left)
    fit = fit_hazard(column[client[who]][:, None], event, client=client[who])
    return bool(abs(fit.coefficients[1] - 0.4) <= 2.02 * fit.standard_errors[1])  # Student's t, 38 degrees


def _remaining_is_covered(seed: int) -> bool:
    """A client's next year by its own hazard, then by tenure: the interval covers what such clients stay on average."""
    rng = np.random.default_rng([75, seed])
    tenure, own, later, horizon = 20, 0.03, 0.02, 60
    error = 0.3
    left_in = np.ceil(rng.exponential(1 / -np.log1p(-later), 400)).astype(np.int64)
    entry = rng.integers(0, 60, 400)
    there = left_in > entry
    entry, left_in = entry[there], left_in[there]
    watched = entry + rng.integers(20, 70, len(entry))
    table = hazard_table(entry, np.minimum(left_in, watched), left_in <= watched)
    near = np.full((1, 12), -np.expm1(np.log1p(-own) * np.exp(error * rng.normal())))
    found = remaining_lifetime(near, [error], [tenure], [0], [table], longest=horizon)
    span = int(found.horizon[0])
    stays = np.cumprod(np.concatenate(([1.0], np.full(12, 1 - own), np.full(horizon, 1 - later))))[:span]
    return bool(found.low[0] <= stays.sum() <= found.high[0])


_PLANT = ("churnlab.tables.plant", "churnlab.risk.effect", "churnlab.risk.panel", "churnlab.risk.calibration")
_CARE = ("churnlab.tables.plant", "churnlab.risk.care")
_FRAILTY = ("churnlab.lifetime.frailty",)
_FIRTH = ("churnlab.lifetime.firth",)

CLAIMS = (
    Claim(
        "Surveys do not speak where satisfaction is silent.",
        "Law neither, orders and surveys as analysts get them: good service scores are said to go with less leaving.",
        "size",
        0.025,
        partial(_scores_speak, law="neither"),
        _PLANT,
    ),
    Claim(
        "Surveys speak where satisfaction does.",
        "Law service, orders and surveys as analysts get them: good service scores are said to go with less leaving.",
        "power",
        0.3,
        partial(_scores_speak, law="service"),
        _PLANT,
    ),
    *(
        Claim(
            f"The corrected effect of {told} covers the true one.",
            "Law service, scores as analysts get them, no standing kindness: the 95 % interval covers what the same "
            "specification says of what clients truly think in a plant of 8,000.",
            "coverage",
            0.95,
            partial(_satisfaction_is_covered, score=score),
            _PLANT,
        )
        for score, told in (("service", "satisfaction with service"), ("price", "satisfaction with price"))
    ),
    Claim(
        "Calls that go to clients at risk look as if they drove them away.",
        "Four hundred clients, the discontent called more, calls do nothing: the naive interval lies above 1.",
        "power",
        0.9,
        _naive_is_fooled,
        _CARE,
    ),
    Claim(
        "Calls that go to clients at risk are seen to.",
        "The same clients: what a score tells of them predicts calls.",
        "power",
        0.95,
        _targeting_is_seen,
        _CARE,
    ),
    Claim(
        "Care given by lot is not said to go to clients at risk.",
        "Four hundred clients, care drawn without regard to them.",
        "size",
        0.1,
        _targeting_is_seen_falsely,
        _CARE,
    ),
    Claim(
        "No frailty is seen where there is none.",
        "Three hundred lives, some two hundred departures, hazards by two columns alone.",
        "size",
        0.05,
        _frailty_falsely,
        _FRAILTY,
    ),
    Claim(
        "Frailty is seen where there is much.",
        "The same lives with a gamma frailty of variance 1.5.",
        "power",
        0.65,
        _frailty_truly,
        _FRAILTY,
    ),
    Claim(
        "The interval of the frailty's variance covers it.",
        "The same lives with a gamma frailty of variance 1.",
        "coverage",
        0.95,
        _frailty_is_covered,
        _FRAILTY,
    ),
    Claim(
        "The interval of an effect covers it with few departures.",
        "Sixty clients, some fifteen departures: Firth's fit and its profile.",
        "coverage",
        0.95,
        _few_is_covered,
        _FIRTH,
    ),
    Claim(
        "The interval of a penalised effect covers it where terms are few as scenarios have them.",
        "A hundred and thirty clients, some thirty departures, three terms: Firth's fit and its standard error.",
        "coverage",
        0.95,
        _few_terms_are_covered,
        _FIRTH,
    ),
    Claim(
        "The interval of an effect covers it with few clients whose months hang together.",
        "Forty clients with four lives each and a frailty of their own, covariance by client.",
        "coverage",
        0.95,
        _few_clients_are_covered,
        ("churnlab.lifetime.hazard",),
    ),
    Claim(
        "The interval of remaining lifetime behind a fit covers it.",
        "A year by a client's own hazard, known to a third, then by some three hundred lives that enter late.",
        "coverage",
        0.95,
        _remaining_is_covered,
        ("churnlab.lifetime.remaining", "churnlab.lifetime.survival"),
    ),
)

MEASUREMENTS = (
    Measurement(
        "Satisfaction, corrected and not.",
        "Law service: log hazard a point and the share of intervals that cover the true one, without and with a "
        "standing kindness of clients that no answer tells from satisfaction.",
        _with_and_without,
        _PLANT,
        runs=100,
    ),
    Measurement(
        "Calls and discounts fool.",
        "Law service, where they drive nobody away: hazard ratio for a standard deviation more, and share of plants in "
        "which an interval lies above 1, given tenure alone and given what the tables hold of the manager's reasons.",
        _care_fools,
        _CARE,
        runs=100,
    ),
    Measurement(
        "What ignoring frailty does.",
        "Three hundred lives with a gamma frailty of variance 1: log hazard a unit of a column.",
        _frailty_shrinks,
        _FRAILTY,
    ),
    Measurement(
        "What Firth's penalty does with few departures.",
        "Sixty clients, some fifteen departures: log hazard of a group of a third.",
        _few_is_biased,
        _FIRTH,
    ),
)
