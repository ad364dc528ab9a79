"""Valued clients as frames: their parts, and what they brought."""

import numpy as np
import pandas as pd

from churnlab.answers.valuing import ValuedBook

PARTS = {
    "gross": "margin, sales as they were",
    "growth": "growth and fading",
    "serve": "serving them",
    "terms": "waiting for their money",
}
"""Columns that sum to a client's value, and how pages call them."""

_COLUMNS = (
    "client_id", "amount_12m", "new", "months", "carried", *PARTS, "value", "mean_low", "mean_high", "low", "high",
    "sales", "brought", "brought_value",
)  # fmt: skip


def nobody_valued() -> pd.DataFrame:
    """An empty frame of valued clients."""
    frame = pd.DataFrame({name: pd.Series(dtype=np.float64) for name in _COLUMNS})
    return frame.astype({"client_id": "str", "new": bool, "carried": bool})


def valued_clients(book: ValuedBook, clients: pd.DataFrame | None) -> pd.DataFrame:
    """Valued clients by falling value, then the new ones."""
    parts, found = book.worth.parts, book.worth.client
    grows = np.exp(book.growth.level + book.growth.carry * book.money.change)
    frame = book.frame[["client_id", "amount_12m", "carried"]].assign(
        new=False,
        months=parts.months,
        **{name: getattr(parts, name) for name in PARTS},
        value=found.value,
        mean_low=found.mean_low,
        mean_high=found.mean_high,
        low=found.low,
        high=found.high,
        sales=book.money.sales * parts.months * grows,
    )
    frame = _with_referrals(frame, clients)
    new = book.new.assign(new=True, carried=False)
    joined = pd.concat([frame, new], ignore_index=True) if len(new) else frame
    joined = joined.sort_values(["value", "client_id"], ascending=[False, True]).reset_index(drop=True)
    return joined[list(_COLUMNS)]


def names_referrers(clients: pd.DataFrame | None) -> bool:
    """Whether any client is known to have been recommended by another."""
    return clients is not None and "referred_by" in clients and bool(clients["referred_by"].notna().any())


def _with_referrals(frame: pd.DataFrame, clients: pd.DataFrame | None) -> pd.DataFrame:
    """Count the valued clients that each one brought, and their value."""
    if clients is None or not names_referrers(clients):
        return frame.assign(brought=0.0, brought_value=0.0)
    by = clients.dropna(subset="referred_by").set_index("client_id")["referred_by"].astype("str")
    value = frame.set_index("client_id")["value"]
    brought = by[by.index.isin(value.index) & (by != by.index)]
    worth = pd.Series(value.reindex(brought.index).to_numpy(), index=brought.index)
    of = frame["client_id"]
    return frame.assign(
        brought=of.map(brought.value_counts()).fillna(0.0).astype(np.float64),
        brought_value=of.map(worth.groupby(brought.to_numpy()).sum()).fillna(0.0).astype(np.float64),
    )
