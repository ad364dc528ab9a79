"""Checks: what a table's values must agree with, within a row, within a table and between tables."""

import numpy as np
import pandas as pd

from churnlab.tables.parsing import Draft, Mask

DROPPED_SHARE_LIMIT = 0.05
"""Share of a table's rows that may be dropped before models are forbidden."""


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


def check_clients(draft: Draft) -> None:
    """Drop all but the first row of a client.

    Parameters
    ----------
    draft
        The parsed clients.
    """
    live = draft.live
    repeated = np.zeros(live.size, dtype=bool)
    repeated[live] = draft.frame["client_id"][live].duplicated().to_numpy()
    draft.report("repeated client", repeated, column="client_id")


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
    """Forbid models if too many rows were dropped.

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
    rules = {rule: n for (rule, _, action), n in draft.register.counts.items() if action == "dropped"}
    reasons = ", ".join(f"{rule} {n}" for rule, n in sorted(rules.items(), key=lambda item: -item[1]))
    draft.register.add_one("too many rows dropped", count=1, value=f"{dropped} of {considered} rows: {reasons}")


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
