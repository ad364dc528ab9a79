"""The deal's economics for the client: what a competitor's lower price costs it elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from churnlab.lifetime import Estimate
from churnlab.lifetime.assumed import Assumed

SHARE: Final = "share of our price"
"""Unit of what buying from the competitor costs beside its price, against buying from us; negative where it is less."""

IMPLICIT: Final = (
    Assumed("transport", SHARE, 0.008, 0.0, 0.02, "A", "freight quotations for both plants"),
    Assumed("defects", SHARE, 0.008, 0.002, 0.015, "A", "the client's own share of rejected boards"),
    Assumed("delay", SHARE, 0.008, 0.002, 0.015, "A", "what a day of standing machines costs the client"),
    Assumed("storage", SHARE, 0.005, 0.002, 0.01, "A", "a larger stock where deliveries are less sure"),
    Assumed(
        "payment terms", SHARE, 0.006, 0.0, 0.012, "A", "interest on days of deferred payment that the other lacks"
    ),
    Assumed("handling", SHARE, 0.005, 0.004, 0.008, "A", "unloading, papers, one more supplier to look after"),
    Assumed("switching", SHARE, 0.0, 0.0, 0.01, "A", "trial lots and set-up at a new supplier"),
)
"""Ranges where nobody has asked the client: together about 4 % of the price, 1 to 9 %.

Switching is paid once, so its middle is 0: over many orders little of it is left by each. Its upper end is that of a
client that buys little from the new supplier.
"""

COUNTED: Final = Estimate(0.3, 0.0, 1.0)
"""Share of the implicit costs that a buyer counts: assumed, grade A."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A competitor's offer against what it costs the client elsewhere; shares of our price.

    Attributes
    ----------
    discount : float
        How far the offer lies under our price.
    implicit : Estimate
        Implicit costs together, with the ends of their range.
    """

    discount: float
    implicit: Estimate

    @property
    def break_even(self) -> Estimate:
        """Share of the implicit costs that the buyer has to count for the offer to be worth nothing.

        Above 1 the offer stays cheaper whatever is counted; an end is infinite where there are no implicit costs. An
        offer that is no cheaper is worth nothing whatever is counted: 0.
        """
        if not self.discount:
            return Estimate(0.0, 0.0, 0.0)
        ends = (self.implicit.value, self.implicit.high, self.implicit.low)
        with np.errstate(divide="ignore"):
            return Estimate(*(float(np.divide(self.discount, max(end, 0.0))) for end in ends))

    def left(self, counted: float) -> Estimate:
        """What is left of the discount if the buyer counts so large a share of the implicit costs."""
        return Estimate(
            *(self.discount - counted * end for end in (self.implicit.value, self.implicit.high, self.implicit.low))
        )

    @property
    def verdict(self) -> str:
        """``"nothing is left"``, ``"cheaper all the same"`` whatever is counted, or ``"depends"`` on the range."""
        if self.break_even.high <= 1:
            return "nothing is left"
        return "cheaper all the same" if self.break_even.low > 1 else "depends"


def deal(discount: float, costs: Sequence[Assumed] = IMPLICIT) -> Deal:
    """Set a competitor's offer against the client's implicit costs.

    Parameters
    ----------
    discount : float
        How far the offer lies under our price, share of it, 0 or more.
    costs : sequence of Assumed
        With ranges; their ends are added up, which is the widest case.

    Returns
    -------
    Deal

    Raises
    ------
    ValueError
        If the discount is negative or not under 1.

    References
    ----------
    Ellram (1995), Total cost of ownership: an analysis approach for purchasing, International Journal of Physical
    Distribution and Logistics Management 25 (8), 4-23.

    Examples
    --------
    >>> found = deal(0.03)
    >>> [round(figure, 3) for figure in (found.implicit.value, found.break_even.value, found.left(1.0).value)]
    [0.04, 0.75, -0.01]
    >>> deal(0.1).verdict
    'cheaper all the same'
    """
    if not 0 <= discount < 1:
        raise ValueError(f"expected a discount from 0 to under 1, got {discount}: a share of our price")
    ends = (sum(getattr(cost, name) for cost in costs) for name in ("value", "low", "high"))
    return Deal(discount, Estimate(*map(float, ends)))


def payment_terms(days: float, *, yearly_rate: float) -> Assumed:
    """Cost of days of deferred payment that a competitor does not give: from none of them to all, half in the middle.

    Examples
    --------
    >>> found = payment_terms(45, yearly_rate=0.15)
    >>> round(found.high, 4)
    0.0185
    """
    most = yearly_rate * days / 365
    source = f"{days:.0f} days of our terms at {100 * yearly_rate:.0f} % a year; what the competitor gives is assumed"
    return Assumed("payment terms", SHARE, most / 2, 0.0, most, "D, A", source)
