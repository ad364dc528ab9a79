"""What a month brings and costs, and the cascade from volume to purchase cost to prices."""

from typing import Final

import numpy as np
import numpy.typing as npt

from churnlab.scenarios.state import Given, State

Floats = npt.NDArray[np.float64]

LINES: Final = (
    "sales", "purchase", "service", "managers", "recovery", "newcomers", "returning", "financing", "credit",
)  # fmt: skip
"""Lines of the ledger: sales less all others is profit."""

_NEW_MONTHS: Final = 12
_MONTH_DAYS: Final = 365 / 12


def month_ledger(
    state: State, given: Given, spent: tuple[Floats, Floats, Floats], today: Floats, month: int
) -> tuple[Floats, Floats]:
    """(12) Lines of a month, shape (lines, K, R), and volume at today's prices, shape (K, R); money.

    `spent` is what recovery, newcomers and returning clients cost; `today` is sales a month today, shape (R,).
    """
    p = given.money
    lever = {name: given.lever[name][:, :, 0].astype(np.float64) for name in ("price_cut", "service_cost", "managers")}
    price = state.index * (1 - lever["price_cut"])
    volume, net = state.volume.sum(axis=-1), state.net.sum(axis=-1)
    sales = price * net
    young = price * _young(state, given, month)
    owed = p["days_outstanding"] / _MONTH_DAYS
    defaults = p["default_regular"] * (sales - young) + p["default_new"] * young
    lines = (
        sales,
        state.unit_cost * volume,
        lever["service_cost"] * p["service_costs"] * volume,
        np.broadcast_to(lever["managers"] * p["manager_cost"] * today, sales.shape),
        *spent,
        p["financing_rate"] / 12 * owed * sales,
        defaults / 12 * p["loss_given_default"] * owed,
    )
    return np.stack(lines), volume


def _young(state: State, given: Given, month: int) -> Floats:
    """Own prices times volume of clients of less than a year, shape (K, R)."""
    first = 0 if month < _NEW_MONTHS else given.clients
    region = np.s_[:, :, first : given.clients + int(state.entered.max())]
    young = state.since[region] > month - _NEW_MONTHS
    return (state.net[region] * young).sum(axis=-1)


def pass_on(state: State, given: Given, volume: Floats, today: Floats) -> None:
    """(11) Volume below the tier loses the purchase discount; a part of the rise in cost goes into next month's prices.

    Notes
    -----
    Cost and price are both told against today's list price, 1: what is passed on is a share of the rise in cost.
    """
    p = given.money
    held = volume >= p["tier_at"] * today
    full = (1 - p["margin"]) / (1 - p["tier_discount"])
    cost = full * (1 - p["tier_discount"] * held)
    risen = p["pass_through"] * (cost - state.unit_cost)
    state.rise = risen / state.index
    state.index = state.index + risen
    state.unit_cost = cost
