"""How often and how deep competitors offer, from the offers that were heard of."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from churnlab.answers.words import count, decimal, interval, percent
from churnlab.history import Rule, departures
from churnlab.lifetime import Estimate
from churnlab.scenarios import EVIDENCE, AssumptionDraws
from churnlab.tables import Tables

LEAST_HEARD: Final = 10
"""Of fewer offers nothing is learnt."""

MONTHS: Final = 36
"""Offers of so many months back are counted."""

_YEAR_DAYS: Final = 365.25
_LEAST_RATE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Heard:
    """Offers of competitors that the supplier heard of.

    Attributes
    ----------
    offers : int
        How many.
    rate, rate_error : float
        A client and year at risk, and its standard error over clients.
    depth, depth_error : float
        Mean share below the supplier's price, and its standard error; NaN where too few depths are noted.
    """

    offers: int
    rate: float
    rate_error: float
    depth: float
    depth_error: float

    @property
    def sentence(self) -> str:
        """What was heard, and what is assumed of the rest."""
        often = interval(_ends(self.rate, self.rate_error), decimal)
        seen = EVIDENCE["match_chance"]
        said = (
            f"Of {count(self.offers)} offers of competitors the supplier heard in {MONTHS} months: {often} a client "
            "and year"
        )
        if not np.isnan(self.depth):
            said += f", {interval(_ends(self.depth, self.depth_error), percent)} deep on the average"
        return (
            f"{said}. Draws follow this; that {percent(seen.low)} to {percent(seen.high)} of all offers are heard of "
            "is assumed."
        )


def _ends(value: float, error: float) -> Estimate:
    return Estimate(value, max(value - 1.96 * error, 0.0), value + 1.96 * error)


def heard(tables: Tables, *, as_of: pd.Timestamp, rule: Rule) -> Heard | None:
    """Count offers that were heard of, by client and year at risk.

    Parameters
    ----------
    tables : Tables
        A dataset.
    as_of : Timestamp
        The day; rows on or after it are not used.
    rule : OwnRhythm or FixedDays
        What counts as leaving.

    Returns
    -------
    Heard or None
        None where fewer than ``LEAST_HEARD`` were noted.
    """
    seen = tables.offers_seen
    if seen is None:
        return None
    lives = departures(tables.orders, as_of=as_of, rule=rule, clients=tables.clients)
    start = max(as_of - pd.DateOffset(months=MONTHS), lives.records_start)
    seen = seen[(seen["date"] >= start) & (seen["date"] < as_of)]
    if len(seen) < LEAST_HEARD:
        return None
    begun = np.maximum(lives.frame["first_order"].to_numpy("datetime64[D]"), np.datetime64(start, "D"))
    ended = lives.frame["left_on"].fillna(as_of).to_numpy("datetime64[D]")
    years = float(np.maximum((ended - begun).astype(np.int64), 0).sum()) / _YEAR_DAYS
    if not years:
        return None
    by_client = seen.groupby("client_id").size().to_numpy(dtype=np.float64)
    rate, error = len(seen) / years, float(np.sqrt((by_client**2).sum())) / years
    depths = seen["depth"].dropna().to_numpy(dtype=np.float64) if "depth" in seen else np.zeros(0)
    if len(depths) < LEAST_HEARD:
        return Heard(len(seen), rate, error, np.nan, np.nan)
    return Heard(len(seen), rate, error, float(depths.mean()), float(depths.std(ddof=1) / np.sqrt(len(depths))))


def with_offers(drawn: AssumptionDraws, found: Heard | None, *, seed: int) -> AssumptionDraws:
    """Draw rate and depth of offers around what was heard in place of all over their ranges.

    Parameters
    ----------
    drawn : AssumptionDraws
        All assumptions; the chance that an offer is heard of, and campaigns, stay as they are drawn.
    found : Heard or None
        None leaves all as it is.
    seed : int
        Seed of the draws.

    Returns
    -------
    AssumptionDraws
        Within the ranges of both.

    Notes
    -----
    An offer is heard of with the drawn ``match_chance``, and campaigns raise the rate by their drawn share of the time:
    the rate outside of them is what was heard over both.
    """
    if found is None:
        return drawn
    generator = np.random.default_rng([seed, 2])
    often, deep = generator.normal(size=(2, drawn.rows))
    on, off = drawn["campaign_start"], drawn["campaign_end"]
    campaigns = 1 + (drawn["campaign_offers"] - 1) * on / (on + off)
    rate = np.maximum(found.rate + found.rate_error * often, _LEAST_RATE) / (drawn["match_chance"] * campaigns)
    values = {"offers_per_year": rate}
    if not np.isnan(found.depth):
        values["offer_depth"] = found.depth + found.depth_error * deep
    within = {name: np.clip(value, EVIDENCE[name].low, EVIDENCE[name].high) for name, value in values.items()}
    return AssumptionDraws({name: within.get(name, drawn[name]) for name in EVIDENCE})
