"""What if loyalty is bought with price, or earned with service? NumPy and SciPy only.

Reading order: :mod:`parameters` (what is assumed, with its evidence), :mod:`policies` (the levers),
:mod:`engine` (all policies in one month loop on the same random numbers), :mod:`experiments`
(paired differences, break-even cost).
"""

from churnlab.scenarios.engine import Book, InfeasibleError, Simulation, simulate
from churnlab.scenarios.experiments import BreakEven, PairedDifference, break_even_cost, paired_difference
from churnlab.scenarios.parameters import EVIDENCE, Assumptions, Evidence, draw_assumptions
from churnlab.scenarios.policies import DO_NOTHING, PRICE_ONLY, SERVICE, Policy

__all__ = [
    "DO_NOTHING",
    "EVIDENCE",
    "PRICE_ONLY",
    "SERVICE",
    "Assumptions",
    "Book",
    "BreakEven",
    "Evidence",
    "InfeasibleError",
    "PairedDifference",
    "Policy",
    "Simulation",
    "break_even_cost",
    "draw_assumptions",
    "paired_difference",
    "simulate",
]
