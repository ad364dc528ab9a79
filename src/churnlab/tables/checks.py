"""Checks: what a table's values must agree with, within a row, within a table and between tables."""

from typing import Any

import numpy as np
import pandas as pd

from churnlab.tables.parsing import Draft, Mask, called_like_a_total

DROPPED_SHARE_LIMIT = 0.05
"""Share of a table's rows that may be dropped before models are forbidden."""

MODELLED = ("orders", "clients", "surveys", "merges", "rates")
"""Tables on which models rest; rows lost from any other are told, and forbid nothing."""

HAPPENED = ("orders", "surveys", "touches", "failures", "offers_seen", "losses")
"""Tables of what has happened, which cannot be of a day to come."""

HARMLESS = (
    *("merged client", "total row", "group heading", "identical row"),
    *("repeated client", "repeated manager", "repeated rate"),
)
"""Rules that drop a row and lose nothing by it."""

_ONE_ROW_EACH = {
    "clients": ("client", ["client_id"]),
    "managers": ("manager", ["manager_id"]),
    "rates": ("rate", ["currency", "date"]),
}
_CENT = 0.01
_LEAST_RETURNS = 3


def check_days(draft: Draft, *, today: pd.Timestamp) -> None:
    """Drop what is dated after today, where a table tells of what has happened.

    Parameters
    ----------
    draft
        Any parsed table.
    today
        The last day that can have happened.
    """
    if draft.table.name in HAPPENED:
        day = "order_date" if draft.table.name == "orders" else _first_day(draft)
        draft.report("future date", draft.live & (draft.frame[day] > today).to_numpy(dtype=bool), column=day)
    for earlier, later, rule in (
        ("order_date", "delivered_date", "delivered before ordered"),
        ("date", "won_back_date", "won back before lost"),
    ):
        if earlier in draft.frame and later in draft.frame:
            turned = (draft.frame[later] < draft.frame[earlier]).to_numpy(dtype=bool)
            draft.report(rule, draft.live & turned, column=later)


def check_orders(draft: Draft, *, identical: str | None, returns_declared: bool) -> None:
    """Settle each line's kind; report amounts, orders and rows that contradict one another.

    Parameters
    ----------
    draft
        The parsed orders; ``kind`` is filled in place.
    identical
        What the mapping says of identical rows: ``keep``, ``drop``, or None.
    returns_declared
        Whether the mapping says which sign returns and credits have.
    """
    _settle_kind(draft)
    if not returns_declared:
        _check_signs(draft)
    called = np.zeros(draft.live.size, dtype=bool)
    called[draft.live] = called_like_a_total(draft.frame.loc[draft.live, "client_id"])
    draft.report("client called like a total", called, column="client_id")
    amount = draft.frame["amount"].to_numpy()
    draft.report("zero amount", draft.live & (amount == 0.0), column="amount")
    again = identical_rows(draft)
    if identical != "keep":
        draft.report("identical row", again, action="dropped" if identical == "drop" else None)
    client, _ = pd.factorize(draft.frame["client_id"])
    order = _order_codes(draft)
    if order is not None:
        _check_order_ids(draft, client, order)
    _check_returns(draft, client, order)


def identical_rows(draft: Draft) -> Mask:
    """Tell which live rows repeat an earlier one in every cell.

    Parameters
    ----------
    draft
        The parsed orders.

    Returns
    -------
    ndarray of bool, shape (n,)
        True for all but the first of each set.
    """
    again = draft.live & draft.frame.duplicated(["order_date", "amount"], keep=False).to_numpy()
    again[again] = draft.raw.cells[again].duplicated().to_numpy()
    return again


def check_repeated(draft: Draft) -> None:
    """Drop all but the first row of a client, a manager, or a currency's day; tell where they differ.

    Parameters
    ----------
    draft
        Any parsed table; one that may name a thing many times is passed over.
    """
    if draft.table.name not in _ONE_ROW_EACH:
        return
    what, key = _ONE_ROW_EACH[draft.table.name]
    live = draft.live
    repeated, same = np.zeros(live.size, dtype=bool), np.zeros(live.size, dtype=bool)
    repeated[live] = draft.frame.loc[live, key].duplicated().to_numpy()
    same[live] = draft.frame[live].astype("str").duplicated().to_numpy()
    draft.report(f"conflicting {what}", repeated & ~same, column=key[-1])
    draft.report(f"repeated {what}", repeated & same, column=key[-1])


def check_rates(draft: Draft) -> None:
    """Drop rates that would wipe out an amount or turn its sign.

    Parameters
    ----------
    draft
        The parsed rates.
    """
    draft.report("rate not above zero", draft.live & (draft.frame["rate"].to_numpy() <= 0.0), column="rate")


def check_known(draft: Draft, column: str, *, there: Draft) -> None:
    """Report ids that the table of such ids lacks, each at its first row.

    Parameters
    ----------
    draft
        A parsed table; one without the column is passed over.
    column
        ``client_id`` or ``manager_id``.
    there
        The parsed and checked clients or managers.
    """
    if column not in draft.frame:
        return
    ids = draft.frame[column]
    codes, found = pd.factorize(ids)  # a missing id gets -1
    known = np.append(pd.Index(found).isin(there.frame[column][there.live]), True)
    unknown = draft.live & ~known[codes]
    first = np.zeros(unknown.size, dtype=bool)
    first[unknown] = ~pd.Series(codes[unknown]).duplicated().to_numpy()
    draft.report(f"{column.removesuffix('_id')} not in {there.table.name}", first, column=column)


def check_starts(orders: Draft, *, clients: Draft) -> None:
    """Report orders from before the client's start.

    Parameters
    ----------
    orders
        The parsed orders.
    clients
        The parsed and checked clients.
    """
    if "start_date" not in clients.frame:
        return
    began = clients.frame[clients.live].set_index("client_id")["start_date"]
    codes, ids = pd.factorize(orders.frame["client_id"])
    start = began.reindex(ids).to_numpy()[codes]
    early = (orders.frame["order_date"].to_numpy() < start) & orders.live
    orders.report("order before start", early, column="order_date")


def check_losses(draft: Draft) -> None:
    """Forbid models if too many rows were dropped of a table on which they rest; else tell it.

    Parameters
    ----------
    draft
        Any parsed and checked table.
    """
    considered = int((~draft.left_out).sum())
    met = {name: n for (name, _, action), n in draft.register.counts.items() if action == "dropped"}
    dropped = int(draft.dropped.sum()) - sum(met.pop(rule, 0) for rule in HARMLESS)
    if not considered or dropped <= DROPPED_SHARE_LIMIT * considered:
        return
    reasons = ", ".join(f"{name} {n:,}" for name, n in sorted(met.items(), key=lambda item: -item[1]))
    rule = "too many rows dropped" if draft.table.name in MODELLED else "many rows dropped"
    draft.register.add_one(rule, count=1, value=f"{dropped:,} of {considered:,} ({reasons})")


def _first_day(draft: Draft) -> str:
    return next(column.name for column in draft.table.columns if column.kind == "date" and column.required)


def _settle_kind(draft: Draft) -> None:
    """Take the kind from the sign where the source has none, and report disagreement."""
    amount = draft.frame["amount"].to_numpy()
    negative = amount < 0.0
    from_sign = pd.Series(np.where(negative, "return", "sale"), index=draft.frame.index, dtype="str")
    if "kind" not in draft.frame:
        draft.frame["kind"] = from_sign
        draft.report("negative amount without kind", draft.live & negative, column="amount")
        return
    kind = draft.frame["kind"]
    given = kind.notna().to_numpy(dtype=bool)
    draft.report("negative amount without kind", draft.live & negative & ~given, column="amount")
    sale = (kind == "sale").to_numpy(dtype=bool)
    against: Mask = given & np.where(sale, negative, amount > 0.0)
    draft.report("sign against kind", draft.live & against, column="amount")
    draft.frame["kind"] = kind.where(given, from_sign)


def _check_signs(draft: Draft) -> None:
    """Ask about the sign of returns and credits if most of them are positive."""
    back = draft.live & draft.frame["kind"].isin(["return", "credit"]).to_numpy(dtype=bool)
    positive = int((draft.frame["amount"].to_numpy()[back] > 0.0).sum())
    if back.sum() >= _LEAST_RETURNS and 2 * positive > back.sum():
        told = f"{positive:,} of {back.sum():,}"
        draft.register.add_one("returns are positive", count=1, value=told, column=draft.headers["amount"])


def _order_codes(draft: Draft) -> "np.ndarray[Any, np.dtype[np.intp]] | None":
    """Number the orders, -1 where a line belongs to none; None if the source has no order numbers."""
    return pd.factorize(draft.frame["order_id"])[0] if "order_id" in draft.frame else None


def _check_order_ids(draft: Draft, client: Any, order: Any) -> None:
    """Report sales whose order number stood before under another client or on another day."""
    sale = draft.live & (draft.frame["kind"] == "sale").to_numpy(dtype=bool) & (order >= 0)
    rows = np.flatnonzero(sale)
    first = np.full(order.max(initial=-1) + 1, -1, dtype=np.intp)
    first[order[rows[::-1]]] = rows[::-1]
    day = draft.frame["order_date"].to_numpy()
    begun = first[order[rows]]
    other = (client[rows] != client[begun]) | (day[rows] != day[begun])
    at = np.zeros(sale.size, dtype=bool)
    at[rows[other]] = True
    draft.report("conflicting order", at, column="order_id")


def _check_returns(draft: Draft, client: Any, order: Any) -> None:
    """Report returns above the sales of their order or, failing these, above all that the client bought so far."""
    kind, amount = draft.frame["kind"], draft.frame["amount"].to_numpy()
    live = draft.live
    back = live & (kind == "return").to_numpy(dtype=bool) & (amount < 0)
    if not back.any():
        return
    sale = live & (kind == "sale").to_numpy(dtype=bool)
    too_much = np.zeros(live.size, dtype=bool)
    alone = back.copy()
    if order is not None:
        numbered = order >= 0
        size = order.max(initial=-1) + 1
        sold = np.bincount(order[sale & numbered], amount[sale & numbered], minlength=size)
        returned = np.bincount(order[back & numbered], -amount[back & numbered], minlength=size)
        own = back & numbered
        own[own] = sold[order[own]] > 0
        too_much[own] = returned[order[own]] > sold[order[own]] + _CENT
        alone &= ~own
    part = np.flatnonzero(live & np.isin(client, client[alone]) & (sale | back))
    if part.size:
        day = draft.frame["order_date"].to_numpy()[part]
        part = part[np.lexsort((part, back[part], day, client[part]))]  # a day's sales come before its returns
        net = pd.Series(amount[part]).groupby(client[part]).cumsum().to_numpy()
        too_much[part] |= (net < -_CENT) & alone[part]
    draft.report("return larger than its sale", too_much, column="amount")
