"""The public entry: hold what the data fix, then run all policies on the same random numbers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from churnlab.scenarios.book import Book
from churnlab.scenarios.calibration import Solved, calibrate
from churnlab.scenarios.engine import Shock, Simulation, run
from churnlab.scenarios.parameters import AssumptionDraws
from churnlab.scenarios.policies import Policy


class InfeasibleError(ValueError):
    """Assumptions that no draw of the fitted hazard allows."""


def simulate(
    book: Book,
    policies: Sequence[Policy],
    assumptions: AssumptionDraws,
    *,
    months: int = 60,
    seed: int,
    prospects: int | None = None,
    shocks: Sequence[Shock] = (),
    solved: Solved | None = None,
) -> Simulation:
    """Run all policies on the same clients, draws and random numbers.

    Parameters
    ----------
    book : Book
        Today's clients.
    policies : sequence of Policy
        Policies; their names must differ.
    assumptions : AssumptionDraws
        One set a row.
    months : int
        Horizon.
    seed : int
        Keys the random streams.
    prospects : int, optional
        Slots for clients to come; half as many as clients if not given.
    shocks : sequence of Shock
        What is forced on all arms alike.
    solved : Solved, optional
        What :func:`calibrate` found, where the assumptions to run on are not those that it was found for.

    Returns
    -------
    Simulation

    Raises
    ------
    ValueError
        If names repeat or shapes do not agree.
    InfeasibleError
        If the assumed ways out exceed the leaving that was seen in every draw.

    Notes
    -----
    Under no policy leaving is the fitted one, in level and in slope, whatever is assumed of offers: assumptions change
    what leaving consists of and how it responds, not what the data fix. The equations stand in ``docs/odd.md``.

    Examples
    --------
    >>> from churnlab.scenarios import PRICE_ONLY, SERVICE, draw_assumptions, made_book, paired_difference
    >>> assumed = draw_assumptions(128, rng=1)
    >>> found = simulate(made_book(assumed, 50), (PRICE_ONLY, SERVICE), assumed, months=24, seed=1)
    >>> found.value.shape, found.retention.shape
    ((2, 128), (2, 128, 25))
    """
    ready = solved or calibrate(book, assumptions, months=months, seed=seed)
    if not ready.feasible.any():
        raise InfeasibleError("the assumed offers alone exceed the leaving that was seen in every draw: assume fewer")
    assumed = assumptions if solved else ready.assumptions
    found = run(ready.book, policies, assumed, months=months, seed=seed, prospects=prospects, shocks=shocks)
    return found if ready.feasible.all() else kept(found, ready.feasible)


def kept(found: Simulation, rows: np.ndarray) -> Simulation:
    """Some of the rows of a simulation, the share of the others told as infeasible.

    Parameters
    ----------
    found : Simulation
        All rows.
    rows : ndarray of bool, shape (rows,)
        Which to keep.

    Returns
    -------
    Simulation
    """
    return replace(
        found,
        counts=found.counts[:, rows],
        profit=found.profit[:, rows],
        ledger=found.ledger[:, :, rows],
        discounted_sales=found.discounted_sales[:, rows],
        turned_away=found.turned_away[:, rows],
        infeasible=float(1 - np.mean(rows)),
    )
