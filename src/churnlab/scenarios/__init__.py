"""What if loyalty is bought with price, or earned with service? NumPy and SciPy only.

Reading order: :mod:`parameters` (what is assumed, with its evidence), :mod:`policies` (the levers), :mod:`book`
(today's clients), :mod:`streams` (random numbers), :mod:`state`, :mod:`month`, :mod:`leaving` and :mod:`money` (a
month's steps), :mod:`engine` (all policies in one month loop on the same random numbers), :mod:`calibration` (what
the data fix is held), :mod:`simulation` (the public entry), :mod:`experiments` (paired differences, break-even cost).
"""

from churnlab.scenarios.book import Book, made_book
from churnlab.scenarios.calibration import Solved, calibrate
from churnlab.scenarios.engine import COUNTS, Computing, Shock, Simulation, run
from churnlab.scenarios.experiments import BreakEven, PairedDifference, break_even_cost, paired_difference
from churnlab.scenarios.money import LINES
from churnlab.scenarios.parameters import (
    DEFAULTS,
    EVIDENCE,
    GROUPS,
    AssumptionDraws,
    Evidence,
    check_assumptions,
    draw_assumptions,
    held_at,
    spread,
)
from churnlab.scenarios.policies import DO_NOTHING, MIXED, PRICE_ONLY, SERVICE, Policy
from churnlab.scenarios.simulation import InfeasibleError, simulate

__all__ = [
    "COUNTS",
    "DEFAULTS",
    "DO_NOTHING",
    "EVIDENCE",
    "GROUPS",
    "LINES",
    "MIXED",
    "PRICE_ONLY",
    "SERVICE",
    "AssumptionDraws",
    "Book",
    "BreakEven",
    "Computing",
    "Evidence",
    "InfeasibleError",
    "PairedDifference",
    "Policy",
    "Shock",
    "Simulation",
    "Solved",
    "break_even_cost",
    "calibrate",
    "check_assumptions",
    "draw_assumptions",
    "held_at",
    "made_book",
    "paired_difference",
    "run",
    "simulate",
    "spread",
]
