"""The policies simulated on today's clients: effects from the data, ranges for the rest, the same random numbers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.scenario_offers import Heard, heard, with_offers
from churnlab.history import snapshots
from churnlab.history.rhythm import Rule
from churnlab.risk import Effect, fit_effect
from churnlab.scenarios import (
    DO_NOTHING,
    PRICE_ONLY,
    SERVICE,
    Book,
    PairedDifference,
    Policy,
    Simulation,
    Solved,
    calibrate,
    draw_assumptions,
    paired_difference,
    simulate,
)
from churnlab.tables import Tables

Floats = npt.NDArray[np.float64]

ROWS = 512
"""Draws of parameters, one replication each."""

MOST_CLIENTS = 200
"""A larger base is represented by a sample of so many clients, its sales scaled up."""

_LONGEST_MONTHS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Policies simulated on today's clients.

    Attributes
    ----------
    effect : Effect
        Fitted effects on leaving.
    book : Book
        Today's clients under draws of the effects.
    horizon_months : int
        Months simulated.
    policies : tuple of Policy
        What was simulated; service only where scores have an effect.
    solved : Solved
        Assumptions under which doing nothing leaves as was seen.
    simulation : Simulation
        What came of it.
    offers : Heard or None
        Offers of competitors that were heard of, around which draws lie; None where these are too few.
    """

    effect: Effect
    book: Book
    horizon_months: int
    policies: tuple[Policy, ...]
    solved: Solved
    simulation: Simulation
    offers: Heard | None

    @property
    def differences(self) -> tuple[PairedDifference, ...]:
        """Policies against one another, on the same random numbers."""
        return _differences(self.simulation)


def compare_policies(
    tables: Tables, *, as_of: pd.Timestamp, rule: Rule, seed: int, rows: int = ROWS, more: tuple[Policy, ...] = ()
) -> Compared | None:
    """Simulate doing nothing, price-only and service on the clients of a day.

    Parameters
    ----------
    tables : Tables
        A dataset.
    as_of : Timestamp
        The day; rows on or after it are not used.
    rule : OwnRhythm or FixedDays
        What counts as leaving.
    seed : int
        Seed of the draws.
    rows : int
        Draws of effects and assumptions.
    more : tuple of Policy
        Further policies to simulate beside these.

    Returns
    -------
    Compared or None
        None where too few clients have left to tell effects apart, or nobody is there.

    Raises
    ------
    InfeasibleError
        If fewer leave than the assumed offers alone would take.
    """
    effect = fit_effect(tables, as_of=as_of, rule=rule)
    today = snapshots(tables, [as_of], rule=rule)
    if effect is None or today.empty:
        return None
    wanted = (DO_NOTHING, PRICE_ONLY, SERVICE, *more)
    policies = tuple(one for one in wanted if effect.has_scores or not one.service_points)
    book = _book(effect, today, tables.surveys, rows=rows, seed=seed)
    horizon = _horizon(tables, as_of)
    offers = heard(tables, as_of=as_of, rule=rule)
    drawn = with_offers(draw_assumptions(rows, rng=seed), offers, seed=seed)
    solved = calibrate(book, drawn, months=horizon, seed=seed)
    simulation = simulate(book, policies, solved.assumptions, months=horizon, seed=seed, solved=solved)
    return Compared(effect, book, horizon, policies, solved, simulation, offers)


def _horizon(tables: Tables, as_of: pd.Timestamp) -> int:
    """At most five years, and never longer than the records."""
    start = tables.orders["order_date"].min()
    span = (as_of.year - start.year) * 12 + as_of.month - start.month
    return max(6, min(_LONGEST_MONTHS, span))


def _book(effect: Effect, today: pd.DataFrame, surveys: pd.DataFrame | None, *, rows: int, seed: int) -> Book:
    """Today's clients under draws of the fitted coefficients."""
    generator = np.random.default_rng([seed, 1])
    whole = today["amount_12m"].clip(lower=0.0).sum()
    if len(today) > MOST_CLIENTS:
        chosen = np.sort(generator.choice(len(today), MOST_CLIENTS, replace=False))
        today = today.iloc[chosen].reset_index(drop=True)
    sales = today["amount_12m"].clip(lower=0.0).to_numpy(dtype=np.float64)
    scale = whole / sales.sum() if sales.sum() > 0 else 1.0
    drawn = generator.multivariate_normal(effect.fit.coefficients, effect.fit.covariance, size=rows, method="eigh")
    place = {term: number + 1 for number, term in enumerate(effect.terms)}
    design = effect.design(today, surveys)
    design[:, place["tenure"] - 1] = 0.0
    predictor = drawn[:, [0]] + drawn[:, 1:] @ design.T
    nothing = np.zeros(rows)
    return Book(
        predictor=predictor,
        tenure_effect=drawn[:, place["tenure"]],
        service_effect=drawn[:, place["service"]] if effect.has_scores else nothing,
        price_effect=drawn[:, place["price"]] if effect.has_scores else nothing,
        tenure_months=today["tenure_months"].to_numpy(dtype=np.float64),
        monthly_sales=sales * scale / 12,
        satisfaction=_thought(effect, design, place) if effect.has_scores else None,
    )


def _thought(effect: Effect, design: Floats, place: dict[str, int]) -> Floats:
    """What clients think of service today, points."""
    return np.clip(effect.centre["service"] + design[:, place["service"] - 1], 0.5, 9.5)


def _differences(simulation: Simulation) -> tuple[PairedDifference, ...]:
    pairs = [(PRICE_ONLY, DO_NOTHING), (SERVICE, DO_NOTHING), (SERVICE, PRICE_ONLY)]
    return tuple(
        paired_difference(simulation, one.name, other.name)
        for one, other in pairs
        if {one.name, other.name} <= set(simulation.policies)
    )
