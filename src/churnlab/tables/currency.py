"""Currencies: amounts of other currencies brought into the base currency, by dated rates."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.tables.findings import DataError
from churnlab.tables.parsing import Draft, Mask
from churnlab.tables.sources import MAPPING_NAME

Converted: TypeAlias = Mapping[str, npt.NDArray[np.float64]]
"""What conversion added to each row of a column of amounts."""

_AMOUNTS = ("amount", "list_amount", "cost")


def convert(orders: Draft, rates: Draft | None, *, base_currency: str | None) -> Converted:
    """Bring every amount of the orders into one currency; report what was converted and what cannot be.

    An amount takes the latest rate of its currency from on or before the day of the order.

    Parameters
    ----------
    orders
        The parsed orders; amounts and currency are changed in place.
    rates
        The parsed rates, base currency for one unit; None if there are none.
    base_currency
        The currency to convert to; None means that there is one only, or nothing is converted.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        What was added to each row of each column of amounts.

    Raises
    ------
    DataError
        If something could be converted and nobody says into which currency, or if the rate of the base is not 1.
    """
    if "currency" not in orders.frame:
        return {}
    base_currency = None if base_currency is None else base_currency.strip().upper()
    currency = orders.frame["currency"]
    counts = currency[orders.live].value_counts()
    if counts.empty:
        return {}
    if rates is not None:
        _refuse_guesses(orders, counts, rates, base_currency)
    base = base_currency or str(counts.index[0])
    other = orders.live & ((currency != base) & currency.notna()).to_numpy(dtype=bool)
    empty = orders.live & currency.isna().to_numpy(dtype=bool)
    several = bool((counts.index != base).any())
    orders.report("empty currency among several" if several else "empty currency", empty, column="currency")
    rate = _rates_on(orders.frame, other, None if rates is None else rates.frame[rates.live])
    found = other & ~np.isnan(rate)
    orders.report("converted currency", found, column="currency")
    orders.report("other currency", other & ~found, column="currency")
    added = {}
    for name in _AMOUNTS:
        if name in orders.frame:
            values = orders.frame[name].to_numpy(dtype=np.float64)
            added[name] = np.where(found, values * (np.where(found, rate, 1.0) - 1), 0.0)
            orders.frame[name] = values + added[name]
    orders.frame["currency"] = currency.mask(found, base)
    return added


def _refuse_guesses(orders: Draft, counts: "pd.Series[int]", rates: Draft, base: str | None) -> None:
    """Ask which currency the totals are in, where there are several; refuse a rate of the base other than 1."""
    if base is None and len(counts) > 1:
        came = ", ".join(f"{name} {count}" for name, count in counts.items())
        message = (
            f"{orders.raw.file}: amounts are in several currencies (rows: {came}), and nobody says which the totals "
            f'are in. Write it in {MAPPING_NAME}, such as:\n  base_currency = "{counts.index[0]}"'
        )
        raise DataError([message])
    own = rates.frame.loc[rates.live & (rates.frame["currency"] == base).to_numpy(dtype=bool), "rate"]
    if (own != 1).any():
        message = (
            f"{rates.raw.file}: a rate is the worth of one unit in {base}, the base currency; so that of {base} is 1, "
            f"and {own[own != 1].iloc[0]:g} came. Delete its rows, or change base_currency in {MAPPING_NAME}."
        )
        raise DataError([message])


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
