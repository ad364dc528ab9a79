"""Currencies: amounts of other currencies brought into the base currency, by dated rates."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.tables.parsing import Draft, Mask

_AMOUNTS = ("amount", "list_amount", "cost")


def convert(orders: Draft, rates: Draft | None, *, base_currency: str | None) -> None:
    """Bring every amount of the orders into one currency; report what was converted and what cannot be.

    An amount takes the latest rate of its currency from on or before the day of the order.

    Parameters
    ----------
    orders
        The parsed orders; amounts and currency are changed in place.
    rates
        The parsed rates, base currency for one unit; None if there are none.
    base_currency
        The currency to convert to; None means whichever is most frequent.
    """
    if "currency" not in orders.frame:
        return
    currency = orders.frame["currency"]
    known = currency[orders.live].dropna()
    if known.empty:
        return
    base = base_currency or str(known.mode().iloc[0])
    other = orders.live & ((currency != base) & currency.notna()).to_numpy(dtype=bool)
    rate = _rates_on(orders.frame, other, None if rates is None else rates.frame[rates.live])
    found = other & ~np.isnan(rate)
    orders.report("converted currency", found, column="currency")
    orders.report("other currency", other & ~found, column="currency")
    for name in _AMOUNTS:
        if name in orders.frame:
            values = orders.frame[name].to_numpy(dtype=np.float64)
            orders.frame[name] = np.where(found, values * np.where(found, rate, 1.0), values)
    orders.frame["currency"] = currency.mask(found, base)


def _rates_on(orders: pd.DataFrame, at: Mask, rates: pd.DataFrame | None) -> npt.NDArray[np.float64]:
    """Look up the rate of each row marked; NaN where there is none, shape (n,)."""
    rate = np.full(len(orders), np.nan)
    if rates is None or not at.any():
        return rate
    asked = orders.loc[at, ["currency", "order_date"]].dropna().sort_values("order_date", kind="stable")
    listed = rates.dropna(subset=["currency", "rate"]).sort_values("date", kind="stable")
    met = pd.merge_asof(
        asked, listed[["currency", "date", "rate"]], left_on="order_date", right_on="date", by="currency"
    )
    rate[asked.index.to_numpy()] = met["rate"].to_numpy()
    return rate
