"""Price or service: two ways to buy loyalty, which pays, and where is the break-even?"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.language import mark
from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.losses import lost_clients
from churnlab.answers.scenario_compared import compare_policies
from churnlab.answers.scenario_conditions import Conditions, conditions
from churnlab.answers.scenario_drivers import Drivers, drivers
from churnlab.answers.scenario_frames import retention_frame, value_frame
from churnlab.answers.study import Study
from churnlab.answers.words import decimal, interval, listed, money, percent
from churnlab.lifetime import Estimate
from churnlab.risk import Calibration, CareEffect, Effect, care_effects
from churnlab.scenarios import (
    DO_NOTHING,
    EVIDENCE,
    GROUPS,
    PRICE_ONLY,
    SERVICE,
    Book,
    BreakEven,
    InfeasibleError,
    PairedDifference,
    Policy,
    Simulation,
    break_even_cost,
    draw_assumptions,
    simulate,
)

Floats = npt.NDArray[np.float64]

OFFERS_PER_YEAR: Final = (0.06, 0.15, 0.4, 1.0)
OFFER_DEPTHS: Final = (0.02, 0.04, 0.07, 0.10)
SOFT: Final = "Grades A and C: assumed or contested."
"""What captions say of figures that rest on such assumptions."""

_MAP_ROWS = 128
_LEAST_ROWS = 20
"""Fewer draws than this have no central 95 %."""


@dataclass(frozen=True, slots=True)
class ScenarioAnswer:
    """What price-only and service bring beside doing nothing.

    Attributes
    ----------
    horizon_months : int
        Months simulated; 0 where nothing could be.
    scored : bool
        Whether surveys let an effect of service be estimated; without it service is not simulated.
    effects : DataFrame
        ``term``, ``hazard_ratio``, ``low``, ``high`` a unit of the effect specification; empty where none was fitted.
    departures : int
        Departures that the effects rest on.
    policies : tuple of Policy
        What was simulated.
    retention : DataFrame
        ``policy``, ``month``, ``mean``, ``low``, ``high``: share of today's clients still there.
    draws : DataFrame
        ``policy``, ``row``, ``npv``: discounted profit over the horizon of each draw (``results/scenarios.parquet``).
    differences : tuple of PairedDifference
        Policies against one another, on the same random numbers.
    break_even : BreakEven or None
        Service cost at which service is worth no more than price-only.
    break_even_map : DataFrame
        ``offers_per_year``, ``offer_depth``, ``cost``, ``low``, ``high``, ``infeasible``; empty without scores.
    reading : str
        How the noise of scores was allowed for; without their effects, why there are none.
    care : tuple of CareEffect
        What calls and discounts are seen to go with, and whether that is told from an effect.
    drivers : Drivers or None
        What the difference of service and price-only (without scores: of price-only and doing nothing) goes through,
        and what it rests on; None where nothing could be simulated.
    conditions : Conditions or None
        What that difference hangs on: unknowns, conditions, ways out, levers; None where nothing could be simulated.
    infeasible : float
        Share of draws left out because assumed offers alone exceed the leaving that was seen.
    sentences : tuple of str
        The answer in words.
    """

    horizon_months: int
    scored: bool
    effects: pd.DataFrame
    departures: int
    policies: tuple[Policy, ...]
    retention: pd.DataFrame
    draws: pd.DataFrame
    differences: tuple[PairedDifference, ...]
    break_even: BreakEven | None
    break_even_map: pd.DataFrame
    reading: str
    care: tuple[CareEffect, ...]
    drivers: Drivers | None
    conditions: Conditions | None
    infeasible: float
    sentences: tuple[str, ...]

    @property
    def headline(self) -> str:
        """One sentence: what each policy does against doing nothing, and below which cost service would pay."""
        against = [one for one in self.differences if one.against == DO_NOTHING.name]
        if not against:
            return self.sentences[0]
        said = " ".join(_in_short(one) for one in against)
        said = f"Set against doing nothing over {self.horizon_months} months: {said}"
        if self.break_even is None:
            return f"{said} What service would bring we cannot say."
        if self.break_even.cost <= 0:
            return f"{said} {_never_pays(self.break_even)}."
        return f"{said} Service would pay for itself below a cost of {_break_even_cost(self.break_even)} of sales."

    @property
    def soft(self) -> str:
        """What captions say of figures that rest on assumptions."""
        return SOFT

    @property
    def service_cost(self) -> float:
        """What service was taken to cost, share of sales."""
        return SERVICE.service_cost

    @property
    def difference_sentences(self) -> tuple[str, ...]:
        """One sentence a difference."""
        return tuple(_verdict(one, self.horizon_months) for one in self.differences)

    @property
    def verdicts(self) -> str:
        """Who wins each comparison, in a few words."""
        said = [
            f"'{one.policy}' against '{one.against}': "
            + ("we cannot tell" if one.verdict == "cannot tell" else f"'{one.verdict}' is worth more")
            for one in self.differences
        ]
        return f"{'; '.join(said)} (grades A and C: assumed or contested)."

    @property
    def retention_sentence(self) -> str:
        """Who is still there at the end, by policy."""
        if self.retention.empty:
            return self.sentences[0]
        ends = self.retention[self.retention["month"] == self.horizon_months].to_dict("records")
        said = [
            f"{interval(Estimate(end['mean'], end['low'], end['high']), percent)} under '{end['policy']}'"
            for end in ends
        ]
        return f"Of clients still buying today, still there after {self.horizon_months} months: {listed(said)}."

    @property
    def map_sentence(self) -> str:
        """In how many cells of the map service wins, price-only wins, we cannot tell, or the data allow no answer."""
        if self.break_even_map.empty:
            return self.sentences[0]
        wins = int((self.break_even_map["low"] > self.service_cost).sum())
        loses = int((self.break_even_map["high"] < self.service_cost).sum())
        beyond = int(self.break_even_map["cost"].isna().sum())
        cells = len(self.break_even_map)
        left_out = f"; in {beyond} offers would take more clients than were seen to leave" if beyond else ""
        return (
            f"At a cost of {percent(self.service_cost)} of sales, service wins over price-only in {wins} of {cells} "
            f"combinations of offer rate and depth, price-only wins in {loses}, and in {cells - wins - loses - beyond} "
            f"we cannot tell{left_out} (grades A and C: assumed or contested)."
        )

    def difference(self, policy: str, against: str) -> PairedDifference | None:
        """Difference of two policies, None where they were not both simulated."""
        return next((one for one in self.differences if (one.policy, one.against) == (policy, against)), None)


def price_or_service(study: Study) -> ScenarioAnswer:
    """Simulate the policies on today's clients, with effects from the data and ranges for the rest.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ScenarioAnswer
    """
    nothing = ScenarioAnswer(
        horizon_months=0, scored=False, effects=pd.DataFrame(), departures=0, policies=(),
        retention=pd.DataFrame(), draws=pd.DataFrame({"policy": [], "row": [], "npv": []}), differences=(),
        break_even=None, break_even_map=pd.DataFrame(), reading="", care=(), drivers=None, conditions=None,
        infeasible=0.0,
        sentences=(mark("We cannot say what price or service would bring: too few departures to tell effects apart."),),
    )  # fmt: skip
    leaving = study.ask(when_has_a_client_left)
    if leaving.verdict == "pauses":
        said = mark(
            "We cannot say what price or service would bring: most silences that looked like leaving were pauses."
        )
        return replace(nothing, sentences=(said,))
    try:
        found = compare_policies(study.tables, as_of=study.as_of, rule=study.rule, seed=study.seed)
    except InfeasibleError:
        said = mark(
            "We cannot say what price or service would bring: fewer leave than the assumed offers alone would take."
        )
        return replace(nothing, sentences=(said,))
    if found is None:
        return nothing
    if found.simulation.rows < _LEAST_ROWS:
        return replace(nothing, infeasible=found.simulation.infeasible, sentences=(_too_few(found.simulation),))
    effect, book, horizon, policies = found.effect, found.book, found.horizon_months, found.policies
    solved, simulation = found.solved, found.simulation
    pair = (SERVICE, PRICE_ONLY) if effect.has_scores else (PRICE_ONLY, DO_NOTHING)
    answer = replace(
        nothing,
        horizon_months=horizon,
        scored=effect.has_scores,
        effects=_effects(effect),
        departures=effect.fit.events,
        policies=policies,
        retention=retention_frame(simulation),
        draws=value_frame(simulation),
        differences=found.differences,
        break_even=_break_even(simulation) if effect.has_scores else None,
        break_even_map=_map(book, horizon, seed=study.seed) if effect.has_scores else pd.DataFrame(),
        reading=_reading(effect),
        care=care_effects(study.tables, as_of=study.as_of, rule=study.rule),
        drivers=drivers(book, policies, pair, months=horizon, seed=study.seed, offers=found.offers),
        conditions=conditions(book, solved, simulation, pair, reasons=lost_clients(study)["reason"], seed=study.seed),
        infeasible=simulation.infeasible,
    )
    told = () if found.offers is None else (found.offers.sentence,)
    return replace(answer, sentences=(*_sentences(answer), *told, *leaving.sentences[2:]))


def _too_few(simulation: Simulation) -> str:
    """Why a handful of draws tells nothing: their ends are no interval."""
    return (
        "We cannot say what price or service would bring: the leaving that was seen allows only "
        f"{simulation.rows} of {simulation.rows / (1 - simulation.infeasible):.0f} draws of what is assumed."
    )


def _in_short(one: PairedDifference) -> str:
    gain = f"{money(one.mean)}, 95 % interval {money(one.low)} to {money(one.high)}"
    if one.verdict == "cannot tell":
        return f"Whether '{one.policy}' pays we cannot tell ({gain})."
    return f"'{one.policy}' {'pays' if one.verdict == one.policy else 'loses'} ({gain})."


def _reading(effect: Effect) -> str:
    """How the noise of scores was allowed for, and whether departures were few; why there are no effects of scores."""
    if not effect.has_scores:
        return effect.unscored or "too few clients have left for so many terms"
    said = [_read(each) for each in effect.calibrations]
    if effect.grade() == "cannot tell" and effect.grade("price") != "cannot tell":
        said[-1] = "Price is not corrected either."
    if effect.few:
        said.append(f"With {effect.fit.events} departures for {len(effect.terms)} terms the fit is penalised (Firth).")
    return " ".join(said)


def _read(found: Calibration) -> str:
    """How the noise of one score was allowed for."""
    told = interval(Estimate(found.reliability, found.low, found.high), percent)
    name = found.score.capitalize()
    if found.grade == "corrected":
        kind = " A kindness of a client's own that never changes would be taken for satisfaction."
        return (
            f"{name} is corrected for the noise of scores: one answer tells {told} of what sets clients apart, by "
            f"answers of {found.clients} clients at different times.{kind if found.score == 'service' else ''}"
        )
    assumed = f"{percent(found.reliability)} (range {percent(found.low)} to {percent(found.high)})"
    if found.grade == "assumed":
        return (
            f"{name}: too few clients answered twice to tell how noisy scores are; that one answer tells {assumed} of "
            "what sets clients apart is assumed (grade A), and the interval holds this range."
        )
    if found.score == "service":
        return (
            f"{name}: the data cannot tell how noisy answers are; one may tell {told} of what sets clients apart. The "
            "effect is not corrected, and is understated."
        )
    return (
        f"{name}: the data cannot tell how noisy answers are; one may tell {told} of what sets clients apart. Its "
        "effect is corrected as if it were the middle of this, and may be far off."
    )


def _effects(effect: Effect) -> pd.DataFrame:
    """Hazard ratios with intervals."""
    estimate, error = effect.fit.coefficients[1:], effect.fit.standard_errors[1:]
    return pd.DataFrame(
        {
            "term": effect.terms,
            "hazard_ratio": np.exp(estimate),
            "low": np.exp(estimate - 1.96 * error),
            "high": np.exp(estimate + 1.96 * error),
        }
    )


def _break_even(simulation: Simulation) -> BreakEven:
    return break_even_cost(simulation, SERVICE.name, DO_NOTHING.name)


def _map(book: Book, horizon: int, *, seed: int) -> pd.DataFrame:
    """Break-even service cost against price-only over what the data cannot say: how often and how deep they offer."""
    part = book.take(slice(0, _MAP_ROWS))
    rows = []
    for offers in OFFERS_PER_YEAR:
        for depth in OFFER_DEPTHS:
            held = {"offers_per_year": offers, "offer_depth": depth}
            drawn = draw_assumptions(_MAP_ROWS, rng=seed, fixed=held)
            try:
                found = simulate(part, (PRICE_ONLY, SERVICE), drawn, months=horizon, seed=seed, prospects=0)
            except InfeasibleError:
                rows.append((offers, depth, np.nan, np.nan, np.nan, 1.0))
                continue
            cost = break_even_cost(found, SERVICE.name, PRICE_ONLY.name)
            told = (cost.cost, cost.low, cost.high) if found.rows >= _LEAST_ROWS else (np.nan,) * 3
            rows.append((offers, depth, *told, found.infeasible))
    return pd.DataFrame(rows, columns=["offers_per_year", "offer_depth", "cost", "low", "high", "infeasible"])


def _sentences(answer: ScenarioAnswer) -> tuple[str, ...]:
    sentences = list(answer.difference_sentences)
    if answer.break_even is not None:
        cost = _break_even_cost(answer.break_even)
        pays = f"Service would pay for itself against doing nothing if it cost no more than {cost} of sales"
        said = pays if answer.break_even.cost > 0 else _never_pays(answer.break_even)
        times = EVIDENCE["service_costs"]
        sentences.append(
            f"{said}; assumed are {percent(SERVICE.service_cost)}, and in draws {times.low:g} to {times.high:g} times "
            "that."
        )
        service = next(row for row in answer.effects.to_dict("records") if row["term"] == "service")
        ratio = Estimate(service["hazard_ratio"], service["low"], service["high"])
        sentences.append(
            f"A service score one point higher goes with a hazard of leaving of {interval(ratio, decimal)} times; "
            f"this is an association on {answer.departures} departures. {answer.reading}"
        )
    else:
        sentences.append(
            f"We cannot say what service would bring: {answer.reading}, so its effect cannot be estimated and only "
            "price-only is set against doing nothing."
        )
    if answer.infeasible > 0:
        sentences.append(
            f"{percent(answer.infeasible)} of the drawn assumptions were left out: their offers, closures and "
            "managers alone would take more clients than were seen to leave, or leave no room for what satisfaction "
            "does."
        )
    for part in (answer.drivers, answer.conditions):
        sentences += part.sentences if part else ()
    sentences += [each.sentence for each in answer.care]
    soft = [known for known in EVIDENCE.values() if known.grade in "AC"]
    groups = listed(sorted({known.group for known in soft if known.group in GROUPS}))
    return (
        *sentences,
        f"These results rest on assumed or contested figures, {len(soft)} of {len(EVIDENCE)} in the evidence ledger: "
        f"they concern {groups}.",
    )


def _break_even_cost(found: BreakEven) -> str:
    return interval(Estimate(found.cost, found.low, found.high), percent)


def _never_pays(found: BreakEven) -> str:
    """Say that no cost is low enough; nobody is paid for giving service."""
    return (
        "On the average over draws service would not pay for itself against doing nothing even if it cost nothing: it "
        f"breaks even at a cost of {_break_even_cost(found)} of sales"
    )


def _verdict(one: PairedDifference, horizon: int) -> str:
    """Say who wins, or that we cannot tell."""
    side = "more" if one.mean > 0 else "less"
    what = (
        f"Over {horizon} months '{one.policy}' is worth {money(abs(one.mean))} {side} than '{one.against}' "
        f"(95 % interval of the difference {money(one.low)} to {money(one.high)})"
    )
    if one.verdict == "cannot tell":
        return f"{what}: which is worth more we cannot tell; '{one.policy}' is ahead in {percent(one.better)} of draws."
    return f"{what}: '{one.verdict}' is worth more."
