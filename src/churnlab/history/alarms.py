"""Rules of leaving against what happened: how often an alarm was false."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from churnlab.history.purchases import PurchaseDays, read_purchases
from churnlab.history.reduction import to_days
from churnlab.history.rhythm import FixedDays, OwnRhythm, Rule, rhythm

FALSE_ALARMS_A_YEAR: Final = 0.05
"""Rate that a proposal may reach: one false alarm in twenty years of a client."""

_DAYS_PER_YEAR = 365.25


def alarm_rates(orders: IntoFrame, rules: Sequence[Rule], *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Count how often silences went past a rule's limit, and how often an order came after all.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    rules : sequence of OwnRhythm or FixedDays
        What may count as leaving.
    as_of : Timestamp
        Orders on or after this day are not used.

    Returns
    -------
    DataFrame
        One row a rule: ``rule`` (in words), ``alarms``, ``returned`` (alarms after which the client ordered again
        before `as_of`), ``client_years`` (watched before an alarm), ``false_a_year`` (returned by client-years) and
        ``return_share`` (returned by alarms; NaN without any). Returns still to come are not in it, so both are low
        for limits that are long against the records.
    """
    bought = read_purchases(orders).before(as_of)
    return pd.DataFrame([_rate(bought, rule, int(to_days(as_of))) for rule in rules])


def own_rhythms(rule: OwnRhythm, multiples: Sequence[float]) -> list[Rule]:
    """Give a rule with other multiples of the typical gap, the quickest first."""
    return [replace(rule, multiple=multiple) for multiple in multiples]


def fixed_days(days: Sequence[float]) -> list[Rule]:
    """Give rules of fixed days, the quickest first."""
    return [FixedDays(days=each) for each in days]


def _rate(bought: PurchaseDays, rule: Rule, today: int) -> dict[str, object]:
    limit = rhythm(bought, rule=rule).limit
    last = np.append(bought.is_first[1:], True) if len(bought.day) else bought.is_first
    following = np.where(last, today, np.append(bought.day[1:], today)[: len(bought.day)])
    silence = following - bought.day
    alarm = silence > limit
    returned = int((alarm & ~last).sum())
    years = float(np.minimum(silence, limit).sum()) / _DAYS_PER_YEAR
    alarms = int(alarm.sum())
    return {
        "rule": str(rule),
        "alarms": alarms,
        "returned": returned,
        "client_years": years,
        "false_a_year": returned / years if years else np.nan,
        "return_share": returned / alarms if alarms else np.nan,
    }
