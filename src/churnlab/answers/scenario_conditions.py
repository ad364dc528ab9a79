"""What a difference of policies hangs on: unknowns, conditions under which one loses, ways out, levers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.scenario_boxes import MARKET, Boxes, find_boxes
from churnlab.answers.scenario_exits import Exits, exits
from churnlab.answers.scenario_levers import Bench, Verdict, make_bench, verdicts_at
from churnlab.answers.scenario_unknowns import Unknowns, drawn_unknowns, unknowns
from churnlab.scenarios import Book, Policy, Simulation, Solved


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a difference of policies hangs on.

    Attributes
    ----------
    unknowns : Unknowns or None
        What moves it, and what is worth learning; None where too few draws are left.
    boxes : tuple of Boxes
        Where the first policy loses: of competitors and the market, and of all that is unknown.
    exits : Exits
        Departures that policies would avoid, by reason.
    bench : Bench or None
        What other settings of the levers are run from.
    verdicts : dict of str to Verdict
        At some of these settings, by their names, the usual one first.
    """

    unknowns: Unknowns | None
    boxes: tuple[Boxes, ...]
    exits: Exits
    bench: Bench | None
    verdicts: dict[str, Verdict]

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them."""
        known = self.unknowns
        told = (known.swing_sentence, known.worth_sentence, known.pair_sentence) if known else ()
        return (
            self.exits.sentence, self.exits.noted_sentence, *told, *(one.sentence for one in self.boxes),
        )  # fmt: skip


def conditions(
    book: Book,
    solved: Solved,
    simulation: Simulation,
    pair: tuple[Policy, Policy],
    *,
    reasons: "pd.Series[str]",
    seed: int,
) -> Conditions:
    """Find what a difference of policies hangs on, from one run and a few short ones.

    Parameters
    ----------
    book : Book
        Today's clients under draws of the fitted hazard.
    solved : Solved
        What :func:`churnlab.scenarios.calibrate` found for them.
    simulation : Simulation
        The policies run on what was solved, rows that the data do not allow left out.
    pair : tuple of Policy
        What is set against what.
    reasons : Series of str
        Group of the noted reason of each past departure.
    seed : int
        Key of the random streams.

    Returns
    -------
    Conditions
    """
    kept = np.flatnonzero(solved.feasible)
    known = drawn_unknowns(book.take(kept), solved.assumptions.take(kept))
    policy, against = (one.name for one in pair)
    lost = simulation.value[simulation.place(policy)] < simulation.value[simulation.place(against)]
    among: dict[str, Mapping[str, np.ndarray]] = {
        "competitors and the market": {name: known[name] for name in MARKET},
        "all that is unknown": known,
    }
    bench = make_bench(book, months=simulation.months, seed=seed, scored=len(simulation.policies) > 2)
    return Conditions(
        unknowns=unknowns(simulation, known, policy=policy, against=against, seed=seed),
        boxes=tuple(
            find_boxes(lost, part, among=name, policy=policy, against=against, seed=seed)
            for name, part in among.items()
        ),
        exits=exits(simulation, reasons),
        bench=bench,
        verdicts=verdicts_at(bench) if bench else {},
    )
