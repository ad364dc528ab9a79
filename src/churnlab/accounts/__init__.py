"""On whom we depend: groups of clients and how sales lie among them. NumPy only.

Reading order: :mod:`groups` (a client's group), :mod:`concentration` (shares of the largest).
"""

from churnlab.accounts.concentration import Concentration, concentration
from churnlab.accounts.groups import tops

__all__ = ["Concentration", "concentration", "tops"]
