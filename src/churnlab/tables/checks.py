"""Checks: what a table's values must agree with, within a row, within a table and between tables."""

import numpy as np
import pandas as pd

from churnlab.tables.parsing import Draft, Mask

DROPPED_SHARE_LIMIT = 0.05
"""Share of a table's rows that may be dropped before models are forbidden."""

MODELLED = ("orders", "clients", "surveys", "merges", "rates")
"""Tables on which models rest; rows lost from any other are told, and forbid nothing."""

_ONE_ROW_EACH = {
    "clients": ("repeated client", ["client_id"]),
    "managers": ("repeated manager", ["manager_id"]),
    "rates": ("repeated rate", ["currency", "date"]),
}


def check_orders(draft: Draft) -> None:
    """Settle each line's kind; report zero amounts, signs and identical rows.

    Parameters
    ----------
    draft
        The parsed orders; ``kind`` is filled in place.
    """
    _settle_kind(draft)
    amount = draft.frame["amount"].to_numpy()
    draft.report("zero amount", draft.live & (amount == 0.0), column="amount")
    draft.report("identical row", draft.live & draft.raw.cells.duplicated().to_numpy())


def check_repeated(draft: Draft) -> None:
    """Drop all but the first row of a client, a manager, or a currency's day.

    Parameters
    ----------
    draft
        Any parsed table; one that may name a thing many times is passed over.
    """
    if draft.table.name not in _ONE_ROW_EACH:
        return
    rule, key = _ONE_ROW_EACH[draft.table.name]
    live = draft.live
    repeated = np.zeros(live.size, dtype=bool)
    repeated[live] = draft.frame.loc[live, key].duplicated().to_numpy()
    draft.report(rule, repeated, column=key[-1])


def check_rates(draft: Draft) -> None:
    """Drop rates that would wipe out an amount or turn its sign.

    Parameters
    ----------
    draft
        The parsed rates.
    """
    draft.report("rate not above zero", draft.live & (draft.frame["rate"].to_numpy() <= 0.0), column="rate")


def check_clients_known(draft: Draft, *, clients: Draft) -> None:
    """Report clients of another table that the clients table lacks, each at its first row.

    Parameters
    ----------
    draft
        Any other parsed table; one without clients is passed over.
    clients
        The parsed and checked clients.
    """
    if "client_id" not in draft.frame:
        return
    ids = draft.frame["client_id"]
    unknown = draft.live & ~ids.isin(clients.frame["client_id"][clients.live]).to_numpy()
    first = np.zeros(unknown.size, dtype=bool)
    first[unknown] = ~ids[unknown].duplicated().to_numpy()
    draft.report("client not in clients", first, column="client_id")


def check_losses(draft: Draft) -> None:
    """Forbid models if too many rows were dropped of a table on which they rest; else tell it.

    Parameters
    ----------
    draft
        Any parsed and checked table.
    """
    considered = int((~draft.left_out).sum())
    superseded = draft.register.counts.get(("merged client", "info", "dropped"), 0)  # nothing is lost with these
    dropped = int(draft.dropped.sum()) - superseded
    if not considered or dropped <= DROPPED_SHARE_LIMIT * considered:
        return
    met = {name: n for (name, _, action), n in draft.register.counts.items() if action == "dropped"}
    reasons = ", ".join(f"{name} {n}" for name, n in sorted(met.items(), key=lambda item: -item[1]))
    rule = "too many rows dropped" if draft.table.name in MODELLED else "many rows dropped"
    draft.register.add_one(rule, count=1, value=f"{dropped} of {considered} rows: {reasons}")


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
