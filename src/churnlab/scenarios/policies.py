"""The levers: what each policy does to price and service, and what it costs."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A way to keep clients; every lever left out is as the plant does today.

    Attributes
    ----------
    name : str
        As pages and results call it.
    price_cut : float
        Standing cut, as a share of price.
    grant : float
        Chance that a client who asks for a lower price gets one.
    matching : float
        Share of competitors' offers that are matched by half, of those that are seen in time.
    service_points : float
        Points aimed at in quality, timing and attention, each on its 0-10 scale.
    attention_points : float
        Points aimed at in attention beyond that, as far as managers have the time.
    managers : int
        Managers more than today, who share all clients' load.
    failures : float
        Failures, times those of today.
    recovery : float
        Share of failures that are told openly and made good.
    service_cost : float
        What service costs, as a share of sales at today's prices.
    winning_back : float
        Effort to win clients back, times today's.
    return_discount : float
        Discount of those who come back, share of price.
    newcomer_discount : float
        Discount of newcomers who are won with one, share of price.
    newcomers_on_discount : float
        Share of newcomers who are won with one.
    """

    name: str
    price_cut: float = 0.0
    grant: float = 0.3
    matching: float = 0.25
    service_points: float = 0.0
    attention_points: float = 0.0
    managers: int = 0
    failures: float = 1.0
    recovery: float = 0.3
    service_cost: float = 0.0
    winning_back: float = 1.0
    return_discount: float = 0.03
    newcomer_discount: float = 0.05
    newcomers_on_discount: float = 0.3

    def __post_init__(self) -> None:
        """Refuse levers that mean nothing, all at once."""
        wrong = [
            f"{lever} = {getattr(self, lever)}, expected {least:g} to {told}{most:g}"
            for levers, least, most, told in _BOUNDS
            for lever in levers
            if not (least <= getattr(self, lever) <= most and (not told or getattr(self, lever) < most))
        ]
        if wrong:
            raise ValueError(f"policy {self.name}: {'; '.join(wrong)}")


_BOUNDS: Final = (
    (("price_cut", "service_cost", "return_discount", "newcomer_discount"), 0, 1, "below "),
    (("grant", "matching", "recovery", "newcomers_on_discount"), 0, 1, ""),
    (("service_points", "attention_points"), -10, 10, ""),
    (("failures", "winning_back", "managers"), 0, 100, ""),
)

DO_NOTHING: Final = Policy(name="do nothing")
PRICE_ONLY: Final = Policy(
    name="price only", price_cut=0.04, grant=0.7, recovery=0.05, newcomers_on_discount=0.7, newcomer_discount=0.08
)
SERVICE: Final = Policy(
    name="service", service_points=1.0, attention_points=0.5, failures=0.7, recovery=0.9, grant=0.2, matching=0.1,
    service_cost=0.03, newcomers_on_discount=0.1,
)  # fmt: skip
MIXED: Final = Policy(
    name="mixed", price_cut=0.02, grant=0.4, service_points=0.5, failures=0.85, recovery=0.6, service_cost=0.015
)
"""A plant's own policy is one more :class:`Policy`."""
