"""The sample plant: a made-up wood-panel plant whose truth is known.

It shares no code with the models and is none of their laws. Read in this order: `clock` (days and months),
`laws` (what drives leaving; policies), `streams` (chances), `traits` (the clients), `month` (what happens in
one), `course` (all of them), `purchases` and `orders`, `surveys`, `people` (what the sales department writes
down), `truth`, `make` (everything in turn), `again` (the same plant under two policies), `facts` (what it is
like), `package` (its files and their description).
"""

from churnlab.tables.plant.again import true_difference, true_lifetimes, true_outlook
from churnlab.tables.plant.facts import Fact, facts
from churnlab.tables.plant.laws import AS_IS, LAWS, PRICE_ONLY, SERVICE, Law, Policy
from churnlab.tables.plant.make import SEED, Plant, make_plant
from churnlab.tables.plant.package import descriptor, is_replaceable, write_plant, write_tables
from churnlab.tables.plant.truth import read_truth

__all__ = [
    "AS_IS",
    "LAWS",
    "PRICE_ONLY",
    "SEED",
    "SERVICE",
    "Fact",
    "Law",
    "Plant",
    "Policy",
    "descriptor",
    "facts",
    "is_replaceable",
    "make_plant",
    "read_truth",
    "true_difference",
    "true_lifetimes",
    "true_outlook",
    "write_plant",
    "write_tables",
]
