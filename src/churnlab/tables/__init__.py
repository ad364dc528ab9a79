"""Tables: what a dataset is, how it is read, and what the checks met.

Reading order: `contract` (tables and columns), `findings` (rules), `mapping` and `mapping_rules` (how a source differs
from the contract), `sources` (where each table lies), `files`, `databases` and `raw` (cells as they stand), `cells`
(values of a column), `parsing` (a whole table), `identity` (one id a client, one group), `currency` (one currency),
`checks` (agreement), `suspicions` (what no single row shows), `reading` (all of it, in `load`), `dataset` (what comes
out). `proposal` and `sniffing` write a mapping to start from; `names` gives codes for clients on pages, `pseudonyms`
keyed codes for passing data on; `part` keeps some clients of many. `plant` makes up a dataset.
"""

from churnlab.tables.contract import CONTRACT
from churnlab.tables.dataset import SEVERITIES, Tables, counts_by_rule, findings_frame, in_short
from churnlab.tables.findings import RULES, DataError, Finding, in_words
from churnlab.tables.mapping import MappingError
from churnlab.tables.names import codes, pseudonymised
from churnlab.tables.part import part
from churnlab.tables.proposal import write_proposal
from churnlab.tables.pseudonyms import read_key, with_pseudonyms
from churnlab.tables.reading import load

__all__ = [
    "CONTRACT",
    "RULES",
    "SEVERITIES",
    "DataError",
    "Finding",
    "MappingError",
    "Tables",
    "codes",
    "counts_by_rule",
    "findings_frame",
    "in_short",
    "in_words",
    "load",
    "part",
    "pseudonymised",
    "read_key",
    "with_pseudonyms",
    "write_proposal",
]
