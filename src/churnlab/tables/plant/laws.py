"""The laws by which plants are drawn, and the policies under which they can be run again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from types import MappingProxyType

import numpy as np

from churnlab.tables.plant.clock import Texts

SEGMENTS: Texts = np.array(["furniture", "construction", "trade", "packaging", "retail"])
"""Kinds of clients; the last is the collective account of private house builders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What drives leaving in a plant, and how its clients order.

    Attributes
    ----------
    name : str
        As on the command line.
    service_rate : float
        Rate of leaving over service at satisfaction 7.5, a month, for a client of frailty 1.
    service_slope : float
        Fall of its logarithm for each point of satisfaction more.
    offer_rate : float
        Competitors' offers to a client, a month outside campaigns.
    offer_odds : float
        Log-odds that a client takes an offer of 5 % at satisfaction 7.5, if not won on price.
    offer_slope : float
        Fall of those log-odds for each point of satisfaction more.
    personal_slope : float
        Fall of the logarithm of the rate of leaving over a person for each point of attention more.
    frailty_sd : float
        Standard deviation of the logarithm of frailty, a factor on the rates of service and offers taken.
    rhythm_shape : float
        Shape of the gamma gaps between the middling client's orders: 1 is a Poisson process, more is more regular.
    fading_share : float
        Share of leavers who order less and less before they stop.
    seasonal : bool
        Whether orders follow the building season and volumes wander.
    """

    name: str
    service_rate: float = 0.0045
    service_slope: float = 0.55
    offer_rate: float = 0.03
    offer_odds: float = -3.6
    offer_slope: float = 0.2
    personal_slope: float = 0.4
    frailty_sd: float = 0.5
    rhythm_shape: float = 3.5
    fading_share: float = 0.7
    seasonal: bool = True


def _indifferent(name: str, *, service_rate: float) -> Law:
    """Give a law in which neither satisfaction nor attention moves leaving."""
    return Law(name=name, service_rate=service_rate, service_slope=0.0, offer_slope=0.0, personal_slope=0.0)


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        law.name: law
        for law in (
            Law(name="service"),
            replace(_indifferent("price", service_rate=0.0012), offer_rate=0.08, offer_odds=-2.5),
            replace(_indifferent("neither", service_rate=0.0085), offer_rate=0.0),
            Law(name="poisson", rhythm_shape=1.0, fading_share=0.0, seasonal=False),
            Law(name="no-frailty", frailty_sd=0.0),
        )
    }
)
"""The five laws by name. In the first satisfaction moves leaving, in the second offers do, in the third
neither does; the last two are the first with a Poisson rhythm and with clients who are all as frail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the plant does to keep its clients, from a day on.

    Attributes
    ----------
    name : str
        For tables.
    price_cut : float
        Standing cut of every price, share of the list price.
    grant : float
        Chance that a client who asks for a lower price gets one.
    match : float
        Chance that the plant meets half of a competitor's offer that it sees.
    service_gain : float
        Points that timing and attention gain, reached over about a year.
    failure_factor : float
        Factor on the rate of failures.
    openness : float
        Points added to the log-odds that a failure is told openly and covered.
    service_cost : float
        What it costs, share of sales.
    segment : str
        The segment that it is for; empty is every client.
    """

    name: str
    price_cut: float = 0.0
    grant: float = 0.3
    match: float = 0.25
    service_gain: float = 0.0
    failure_factor: float = 1.0
    openness: float = 0.0
    service_cost: float = 0.0
    segment: str = ""

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        for name in ("price_cut", "grant", "match", "service_cost"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected a share from 0 to 1, came {getattr(self, name)}")
        for name in ("service_gain", "failure_factor", "openness"):
            if not isfinite(getattr(self, name)):
                raise ValueError(f"{name}: expected a number, came {getattr(self, name)}")
        if self.segment and self.segment not in SEGMENTS:
            raise ValueError(f"segment: expected one of {', '.join(SEGMENTS)}, or nothing, came {self.segment!r}")
        if self.failure_factor < 0:
            raise ValueError(f"failure_factor: expected 0 or more, came {self.failure_factor}")


AS_IS = Policy(name="as_is")
"""What the plant does in its records."""
PRICE_ONLY = Policy(name="price_only", price_cut=0.04, grant=0.7, openness=-3.0)
"""A standing cut and easy discounts; failures are mostly passed over."""
SERVICE = Policy(name="service", grant=0.2, service_gain=0.6, failure_factor=0.7, openness=3.0, service_cost=0.03)
"""Attention and delivery on the day, fewer failures, told openly; it costs 3 % of sales."""
