"""Lost clients: does the reason go with coming back, and what is a competitor's offer worth? NumPy and SciPy only.

Reading order: :mod:`reason` (a test, and what it can see), :mod:`deal` (the deal's economics).
"""

from churnlab.winback.deal import COUNTED, IMPLICIT, Deal, deal, payment_terms
from churnlab.winback.reason import ReasonTest, does_reason_matter, power

__all__ = [
    "COUNTED",
    "IMPLICIT",
    "Deal",
    "ReasonTest",
    "deal",
    "does_reason_matter",
    "payment_terms",
    "power",
]
