"""When clients left, and what was known of them on a day.

Reading order: :mod:`reduction` (order lines reduced where they lie), :mod:`purchases` (what counts as one),
:mod:`rhythm` (how long a silence may last), :mod:`departures` (lives of clients and what is known of their ends),
:mod:`features` (every feature, listed), :mod:`snapshots` (features strictly before a cut-off), :mod:`folds` (rolling
origins and labels that time allows), :mod:`guard` (has a feature seen the future?).
"""

from churnlab.history.departures import Lives, departures, lifetimes
from churnlab.history.features import FEATURES, feature_table
from churnlab.history.folds import (
    Fold,
    client_folds,
    label_known_on,
    month_ends,
    outcomes,
    person_months,
    rolling_origins,
)
from churnlab.history.guard import check_folds, check_labels, find_leaks, scrambled
from churnlab.history.purchases import purchases
from churnlab.history.rhythm import FixedDays, OwnRhythm, Rule, propose_rule
from churnlab.history.snapshots import snapshots
from churnlab.history.standing import standing

__all__ = [
    "FEATURES",
    "FixedDays",
    "Fold",
    "Lives",
    "OwnRhythm",
    "Rule",
    "check_folds",
    "check_labels",
    "client_folds",
    "departures",
    "feature_table",
    "find_leaks",
    "label_known_on",
    "lifetimes",
    "month_ends",
    "outcomes",
    "person_months",
    "propose_rule",
    "purchases",
    "rolling_origins",
    "scrambled",
    "snapshots",
    "standing",
]
