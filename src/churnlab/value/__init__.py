"""What a client is worth. NumPy and SciPy only.

Reading order: :mod:`discounting` (what a later month's money counts today), :mod:`staying` (months that clients are
there, from hazards), :mod:`growth` (how sales of those who stay go on), :mod:`worth` (the parts of value, and what
parameters and chance leave open, of each client and of the book).
"""

from churnlab.value.discounting import discount_factor
from churnlab.value.growth import NO_GROWTH, NORMAL, Growth, fit_growth, last_change
from churnlab.value.staying import Staying, by_tenure, discounted_stay, side_by_side
from churnlab.value.worth import Money, Parts, Range, Worth, terms_cost, value_parts, worth

__all__ = [
    "NORMAL",
    "NO_GROWTH",
    "Growth",
    "Money",
    "Parts",
    "Range",
    "Staying",
    "Worth",
    "by_tenure",
    "discount_factor",
    "discounted_stay",
    "fit_growth",
    "last_change",
    "side_by_side",
    "terms_cost",
    "value_parts",
    "worth",
]
