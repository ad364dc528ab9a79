"""What if the policies or the competitor were otherwise? A verdict for any setting of the levers, in half a second."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.words import compact, interval, money, percent
from churnlab.lifetime import Estimate
from churnlab.scenarios import (
    DEFAULTS,
    DO_NOTHING,
    PRICE_ONLY,
    SERVICE,
    Book,
    InfeasibleError,
    PairedDifference,
    Policy,
    Solved,
    calibrate,
    draw_assumptions,
    paired_difference,
    simulate,
)

DRAWS: Final = 48
"""Draws of a redraw: as many as half a second allows."""

TRIED: Final = 128
"""Draws among which these are sought."""

_LEAST_DRAWS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """What the sliders set; the other levers of both policies, and all other assumptions, stay as they are.

    Attributes
    ----------
    price_cut : float
        Standing cut of 'price only', share of price.
    service_points : float
        Points that 'service' aims at in quality, timing and attention.
    service_cost : float
        What 'service' costs, share of sales.
    offers_per_year : float
        Offers of competitors to a client and year.
    offer_depth : float
        Their mean depth, share of price.
    """

    price_cut: float = PRICE_ONLY.price_cut
    service_points: float = SERVICE.service_points
    service_cost: float = SERVICE.service_cost
    offers_per_year: float = DEFAULTS["offers_per_year"]
    offer_depth: float = DEFAULTS["offer_depth"]

    @property
    def competitor(self) -> dict[str, float]:
        """Assumptions that are held."""
        return {"offers_per_year": self.offers_per_year, "offer_depth": self.offer_depth}

    def policies(self, *, scored: bool) -> tuple[Policy, ...]:
        """Policies to simulate; service only where surveys tell what a point does."""
        price = replace(PRICE_ONLY, price_cut=self.price_cut)
        service = replace(SERVICE, service_points=self.service_points, service_cost=self.service_cost)
        return (DO_NOTHING, price, service) if scored else (DO_NOTHING, price)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a redraw starts from.

    Attributes
    ----------
    book : Book
        Today's clients in draws of the fitted hazard that the data allow under the usual competitor. A draw's chance
        is that of its place, which is another one here: a few may no longer be allowed, and are left out of verdicts.
    rows : ndarray of int, shape (draws,)
        Which of the drawn sets of assumptions these are.
    months, seed : int
        Horizon, and key of all random streams.
    scored : bool
        Whether service can be simulated.
    """

    book: Book
    rows: npt.NDArray[np.intp]
    months: int
    seed: int
    scored: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies bring at one setting of the levers.

    Attributes
    ----------
    levers : Levers
        The setting.
    draws : int
        Draws that the data allow at it.
    months : int
        Horizon.
    differences : tuple of PairedDifference
        Policies against one another; empty where too few draws are left.
    """

    levers: Levers
    draws: int
    months: int
    differences: tuple[PairedDifference, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a comparison."""
        rows = [
            (
                f"{one.policy} against {one.against}",
                compact(Estimate(one.mean, one.low, one.high), money),
                percent(one.better),
                one.verdict,
            )
            for one in self.differences
        ]
        return pd.DataFrame(rows, columns=["difference", "worth", "ahead in draws", "worth more"])

    @property
    def sentence(self) -> str:
        """What pays against doing nothing at this setting, and which of the two is worth more."""
        if not self.differences:
            return (
                f"At {self.setting} we cannot say what pays: of {DRAWS} draws the leaving that was seen allows "
                f"{self.draws}."
            )
        told = [_told(one) for one in self.differences if one.against == DO_NOTHING.name]
        said = f"At {self.setting}, over {self.months} months against doing nothing: {'; '.join(told)}."
        return " ".join([said, *(_between(one) for one in self.differences if one.against != DO_NOTHING.name)])

    @property
    def setting(self) -> str:
        """The levers in words."""
        at = self.levers
        return (
            f"a price cut of {_exact(at.price_cut)}, service points {at.service_points:g} at a cost of "
            f"{_exact(at.service_cost)} of sales, {at.offers_per_year:g} offers a year, {_exact(at.offer_depth)} deep"
        )


SETTINGS: Final[dict[str, Levers]] = {
    "as usual": Levers(),
    "half the price cut": Levers(price_cut=0.02),
    "service at half its cost": Levers(service_cost=0.015),
    "twice the points of service": Levers(service_points=2.0),
    "a competitor who seldom offers": Levers(offers_per_year=0.12),
    "a competitor who offers often": Levers(offers_per_year=0.6),
}
"""Settings that stand in the table beside the sliders."""


def make_bench(book: Book, *, months: int, seed: int, scored: bool) -> Bench | None:
    """Choose draws that the data allow under the usual competitor.

    Parameters
    ----------
    book : Book
        Today's clients under draws of the fitted hazard.
    months, seed : int
        Horizon, and key of all random streams.
    scored : bool
        Whether service can be simulated.

    Returns
    -------
    Bench or None
        None where the data allow none of the draws.
    """
    part = book.take(slice(0, TRIED))
    drawn = draw_assumptions(TRIED, rng=seed, fixed=Levers().competitor).take(slice(0, part.rows))
    rows = np.flatnonzero(calibrate(part, drawn, months=months, seed=seed).feasible)[:DRAWS]
    return Bench(part.take(rows), rows, months, seed, scored) if rows.size else None


def held(bench: Bench, levers: Levers) -> Solved:
    """Take a competitor out of the leaving that was seen; the same for all settings with that competitor.

    Parameters
    ----------
    bench : Bench
        What :func:`make_bench` gave.
    levers : Levers
        Whose competitor is meant.

    Returns
    -------
    Solved

    Raises
    ------
    ValueError
        If an assumption is out of its range.
    """
    drawn = draw_assumptions(TRIED, rng=bench.seed, fixed=levers.competitor).take(bench.rows)
    return calibrate(bench.book, drawn, months=bench.months, seed=bench.seed)


def verdict_at(bench: Bench, levers: Levers, solved: Solved | None = None) -> Verdict:
    """Run the policies at one setting of the levers, on the draws and random numbers of all others.

    Parameters
    ----------
    bench : Bench
        What :func:`make_bench` gave.
    levers : Levers
        The setting.
    solved : Solved, optional
        What :func:`held` gave for this competitor; found anew if not given, which takes as long as the run.

    Returns
    -------
    Verdict
        The same for the same setting, whatever was asked before.

    Raises
    ------
    ValueError
        If a lever or an assumption is out of its range.

    Notes
    -----
    The leaving that was seen is held at every setting: a competitor who offers more often takes his share of it, and
    draws in which he alone would take more are left out.
    """
    policies = levers.policies(scored=bench.scored)
    ready = solved or held(bench, levers)
    try:
        found = simulate(ready.book, policies, ready.assumptions, months=bench.months, seed=bench.seed, solved=ready)
    except InfeasibleError:
        return Verdict(levers, 0, bench.months, ())
    if found.rows < _LEAST_DRAWS:
        return Verdict(levers, found.rows, bench.months, ())
    pairs = [(PRICE_ONLY.name, DO_NOTHING.name)]
    if bench.scored:
        pairs += [(SERVICE.name, DO_NOTHING.name), (SERVICE.name, PRICE_ONLY.name)]
    return Verdict(levers, found.rows, bench.months, tuple(paired_difference(found, *pair) for pair in pairs))


def verdicts_at(bench: Bench) -> dict[str, Verdict]:
    """Verdicts at :data:`SETTINGS`; without scores at those alone that move something else than service.

    Parameters
    ----------
    bench : Bench
        What :func:`make_bench` gave.

    Returns
    -------
    dict of str to Verdict
        By name of the setting, the usual one first.
    """
    usual = held(bench, Levers())
    told: list[tuple[tuple[Policy, ...], dict[str, float]]] = []
    found = {}
    for name, levers in SETTINGS.items():
        moved = levers.policies(scored=bench.scored), levers.competitor
        if moved not in told:
            told.append(moved)
            found[name] = verdict_at(bench, levers, usual if levers.competitor == Levers().competitor else None)
    return found


def _exact(share: float) -> str:
    return f"{100 * share:.3g} %"


def _between(one: PairedDifference) -> str:
    which = "which is worth more we cannot tell" if one.verdict == "cannot tell" else f"'{one.verdict}' is worth more"
    gap = interval(Estimate(one.mean, one.low, one.high), money)
    return f"Of '{one.policy}' and '{one.against}' {which}: the first less the second is {gap}."


def _told(one: PairedDifference) -> str:
    what = {one.policy: "pays", "cannot tell": "may pay or not, we cannot tell"}.get(one.verdict, "loses")
    return f"'{one.policy}' {what}, {interval(Estimate(one.mean, one.low, one.high), money)}"
