"""When clients left, and what was known of them on a day.

Reading order: :mod:`purchases` (what counts as one), :mod:`rhythm` (how long a silence may last),
:mod:`departures` (lives of clients and what is known of their ends), :mod:`snapshots` (features
strictly before a cut-off), :mod:`folds` (rolling origins and labels that time allows).
"""

from churnlab.history.departures import Lives, departures, lifetimes
from churnlab.history.features import FEATURES, feature_table
from churnlab.history.folds import month_ends, outcomes, person_months
from churnlab.history.purchases import purchases
from churnlab.history.rhythm import FixedDays, OwnRhythm, Rule, propose_rule
from churnlab.history.snapshots import snapshots

__all__ = [
    "FEATURES",
    "FixedDays",
    "Lives",
    "OwnRhythm",
    "Rule",
    "departures",
    "feature_table",
    "lifetimes",
    "month_ends",
    "outcomes",
    "person_months",
    "propose_rule",
    "purchases",
    "snapshots",
]
