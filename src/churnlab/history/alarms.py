"""Rules of leaving against what happened: how often an alarm was false, and which threshold that proposes."""

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
"""Rate that is proposed: one false alarm in twenty years of a client."""

MULTIPLES: Final = (2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0)
FIXED: Final = (45, 60, 75, 90, 105, 120, 135, 150, 180, 210, 240, 270, 300, 365, 450, 540, 730)
_DAYS_PER_YEAR = 365.25


def alarm_rates(orders: IntoFrame, rules: Sequence[Rule], *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Count how often silences reached a rule's limit, and how often an order came after all.

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


def propose_threshold(
    orders: IntoFrame, family: Sequence[Rule], *, as_of: pd.Timestamp, false_a_year: float = FALSE_ALARMS_A_YEAR
) -> Rule | None:
    """Choose the quickest rule of a family whose false alarms are rare enough.

    Parameters
    ----------
    orders : DataFrame, DuckDB relation or Spark frame
        Canonical orders.
    family : sequence of OwnRhythm or FixedDays
        Rules from the quickest to the slowest (:func:`own_rhythms`, :func:`fixed_days`).
    as_of : Timestamp
        Orders on or after this day are not used.
    false_a_year : float
        False alarms that are accepted in a year of a client.

    Returns
    -------
    OwnRhythm or FixedDays or None
        None where even the slowest gives more.
    """
    rates = alarm_rates(orders, family, as_of=as_of)
    rare = np.flatnonzero(rates["false_a_year"] <= false_a_year)
    return family[rare[0]] if rare.size else None


def own_rhythms(rule: OwnRhythm, multiples: Sequence[float] = MULTIPLES) -> list[Rule]:
    """Give a rule with other multiples of the typical gap, the quickest first."""
    return [replace(rule, multiple=multiple) for multiple in multiples]


def fixed_days(days: Sequence[float] = FIXED) -> list[Rule]:
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
