"""The levers: what each policy does to price and service, and what it costs."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A way to keep clients.

    Attributes
    ----------
    name : str
        As pages and results call it.
    price_cut : float
        Standing cut, as a share of price.
    service_points : float
        Points by which quality, timing and attention scores rise, on their 0-10 scale.
    service_cost : float
        What that costs, as a share of sales at today's prices.
    """

    name: str
    price_cut: float = 0.0
    service_points: float = 0.0
    service_cost: float = 0.0

    def __post_init__(self) -> None:
        """Refuse levers that mean nothing."""
        if not 0 <= self.price_cut < 1 or not 0 <= self.service_cost < 1 or abs(self.service_points) > 10:
            message = f"expected price_cut and service_cost from 0 to below 1 and at most 10 points, got {self}"
            raise ValueError(message)


DO_NOTHING: Final = Policy(name="do nothing")
PRICE_ONLY: Final = Policy(name="price only", price_cut=0.04)
SERVICE: Final = Policy(name="service", service_points=1.0, service_cost=0.03)
