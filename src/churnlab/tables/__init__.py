"""Tables: what a dataset is, how it is read, and what the checks met.

Reading order: `contract` (tables and columns), `findings` (rules), `mapping` (how a source differs from the
contract), `files` (cells as they stand), `parsing` (values), `identity` (one id a client), `currency` (one
currency), `checks` (agreement), `reading` (all of it, in `load`), `dataset` (what comes out), `names` (codes for
clients). `plant` makes up a dataset.
"""

from churnlab.tables.contract import CONTRACT
from churnlab.tables.dataset import Tables, counts_by_rule, findings_frame
from churnlab.tables.findings import RULES, DataError, Finding, in_words
from churnlab.tables.mapping import MappingError
from churnlab.tables.names import codes, pseudonymised
from churnlab.tables.reading import load

__all__ = [
    "CONTRACT",
    "RULES",
    "DataError",
    "Finding",
    "MappingError",
    "Tables",
    "codes",
    "counts_by_rule",
    "findings_frame",
    "in_words",
    "load",
    "pseudonymised",
]
