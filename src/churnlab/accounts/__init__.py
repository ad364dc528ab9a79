"""On whom we depend: groups of clients and how sales lie among them. NumPy only.

Reading order: :mod:`concentration` (shares of the largest).
"""

from churnlab.accounts.concentration import Concentration, concentration

__all__ = ["Concentration", "concentration"]
