"""What a client is worth. NumPy only.

Reading order: :mod:`discounting` (what a later month's money counts today, and months stayed, discounted).
"""

from churnlab.value.discounting import discount_factor, discounted_months

__all__ = ["discount_factor", "discounted_months"]
