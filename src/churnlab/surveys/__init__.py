"""What the surveys say, and how sure that is. NumPy and SciPy only.

Reading order: :mod:`nps` (the net promoter index and its interval).
"""

from churnlab.surveys.nps import NetPromoter, nps, promoter_classes

__all__ = ["NetPromoter", "nps", "promoter_classes"]
