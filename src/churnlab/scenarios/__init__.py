"""What if loyalty is bought with price, or earned with service? NumPy and SciPy only.

Reading order: :mod:`parameters` (what is assumed, with its evidence), :mod:`policies` (the levers), :mod:`book`
(today's clients), :mod:`streams` (random numbers), :mod:`state`, :mod:`month`, :mod:`leaving` and :mod:`money` (a
month's steps), :mod:`engine` (all policies in one month loop on the same random numbers), :mod:`calibration` (what
the data fix is held), :mod:`simulation` (the public entry), :mod:`experiments` (paired differences, break-even cost,
waterfall), :mod:`worlds` (regrets, a key client lost), :mod:`sensitivity`, :mod:`files`.
"""

from churnlab.scenarios.book import Book, made_book
from churnlab.scenarios.calibration import Solved, calibrate
from churnlab.scenarios.engine import COUNTS, Computing, Shock, Simulation, run
from churnlab.scenarios.experiments import (
    BreakEven,
    PairedDifference,
    Step,
    VarianceSplit,
    break_even_cost,
    paired_difference,
    variance_split,
    waterfall,
)
from churnlab.scenarios.files import Scenario, load_scenario, save_scenario
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
from churnlab.scenarios.sensitivity import (
    SobolIndices,
    Swing,
    sobol_indices,
    sobol_of,
    tornado,
    worth_of_knowing,
)
from churnlab.scenarios.simulation import InfeasibleError, simulate
from churnlab.scenarios.worlds import ForcedLoss, Regrets, World, forced_loss, handled, regrets, worlds

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
    "ForcedLoss",
    "InfeasibleError",
    "PairedDifference",
    "Policy",
    "Regrets",
    "Scenario",
    "Shock",
    "Simulation",
    "SobolIndices",
    "Solved",
    "Step",
    "Swing",
    "VarianceSplit",
    "World",
    "break_even_cost",
    "calibrate",
    "check_assumptions",
    "draw_assumptions",
    "forced_loss",
    "handled",
    "held_at",
    "load_scenario",
    "made_book",
    "paired_difference",
    "regrets",
    "run",
    "save_scenario",
    "simulate",
    "sobol_indices",
    "sobol_of",
    "spread",
    "tornado",
    "variance_split",
    "waterfall",
    "worlds",
    "worth_of_knowing",
]
