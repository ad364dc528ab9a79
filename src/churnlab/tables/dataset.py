"""The loaded dataset: tables in canonical form, with everything that was met on the way."""

from dataclasses import asdict, dataclass, fields

import pandas as pd

from churnlab.tables.findings import RULES, Finding

SEVERITIES = ("error", "warning", "info")
"""From the gravest on."""

_KINDS = {"sale": "order", "return": "return", "credit": "credit"}


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """A dataset as `churnlab.tables.load` returns it.

    Attributes
    ----------
    orders
        Order lines sorted by client and day: client_id (text), order_date (``datetime64[us]``, midnight),
        amount (``float64``, currency of the source, returns negative), kind (sale, return, credit), and each
        other column of the contract that the source has.
    clients
        One row a client, sorted by client_id; None if there is no such table.
    surveys
        One row an answer or invitation, sorted by client and day, scores from 0 to 10; None if there is none.
    findings
        What the checks met, at most 100 a rule and table.
    finding_counts
        How often, in full: columns table, file, rule, severity, action, count.
    reconciliation
        One row a table: table, file, rows_read, rows_kept, rows_left_out, rows_dropped, where read is the
        sum of the others; likewise amount and quantity in the source's units, with what conversion into the base
        currency added (``amount_converted``: read and converted is the sum of the others), NaN for tables without;
        ``amount_unread`` counts the rows whose amount could not be read, and is in no sum. Sums are rounded to cents.
    notices
        Files ignored, tables missing, columns not used.
    show_names
        Whether pages may show the clients' names.
    fingerprint
        SHA-256 of the files and mapping that were read, in hexadecimal.
    touches, failures, offers_seen, losses, contacts, managers, merges, rates, changes
        The further tables of the contract, sorted; None for each that is not there. Merges are applied to the
        ids of every table already.
    """

    orders: pd.DataFrame
    clients: pd.DataFrame | None
    surveys: pd.DataFrame | None
    findings: tuple[Finding, ...]
    finding_counts: pd.DataFrame
    reconciliation: pd.DataFrame
    notices: tuple[str, ...]
    show_names: bool
    fingerprint: str
    touches: pd.DataFrame | None = None
    failures: pd.DataFrame | None = None
    offers_seen: pd.DataFrame | None = None
    losses: pd.DataFrame | None = None
    contacts: pd.DataFrame | None = None
    managers: pd.DataFrame | None = None
    merges: pd.DataFrame | None = None
    rates: pd.DataFrame | None = None
    changes: pd.DataFrame | None = None

    @property
    def forbids_model(self) -> bool:
        """Whether a finding is an error, so that no model should be fitted."""
        return bool((self.finding_counts["severity"] == "error").any())


def count_orders(lines: pd.DataFrame) -> int:
    """Count the orders to which lines belong.

    Parameters
    ----------
    lines
        Rows of the canonical orders.

    Returns
    -------
    int
        How many order numbers of a client, and days of a client for lines without a number, there are.
    """
    numbered = lines["order_id"].notna() if "order_id" in lines else pd.Series(data=False, index=lines.index)
    by_day = lines.loc[~numbered, ["client_id", "order_date"]].drop_duplicates()
    if not numbered.any():
        return len(by_day)
    return len(by_day) + len(lines.loc[numbered, ["client_id", "order_id"]].drop_duplicates())


def in_short(tables: Tables) -> str:
    """Say in one line whose orders and which days came out.

    Parameters
    ----------
    tables
        A loaded dataset.

    Returns
    -------
    str
        Clients, orders, returns and credits, first and last day, and the net amount.
    """
    orders = tables.orders
    counts = [(what, count_orders(orders[orders["kind"] == kind])) for kind, what in _KINDS.items()]
    words = [_counted(orders["client_id"].nunique(), "client")]
    words.append(" and ".join(_counted(count, what) for what, count in counts if count or what == "order"))
    days, net = orders["order_date"], orders["amount"].sum()
    return f"orders: {', '.join(words)}, {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}, net {net:,.2f}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def findings_frame(tables: Tables) -> pd.DataFrame:
    """Lay out the findings as a table.

    Parameters
    ----------
    tables
        A loaded dataset.

    Returns
    -------
    DataFrame
        Columns file, sheet, row (missing where a finding concerns the whole table), column, value, rule,
        severity, action; one row a stored finding.
    """
    names = [field.name for field in fields(Finding)]
    frame = pd.DataFrame([asdict(finding) for finding in tables.findings], columns=names)
    return frame.astype({name: "Int64" if name == "row" else "str" for name in names})


def counts_by_rule(tables: Tables) -> pd.DataFrame:
    """Count the findings of each rule, with the remedy.

    Parameters
    ----------
    tables
        A loaded dataset.

    Returns
    -------
    DataFrame
        Columns table, rule, severity, action, count, remedy; errors first, then by falling count. The counts
        are full, whatever number of findings is stored.
    """
    counts = tables.finding_counts.drop(columns="file")
    remedies = pd.Series([RULES[rule].remedy for rule in counts["rule"]], index=counts.index, dtype="str")
    order = counts["severity"].map(SEVERITIES.index)
    counts = counts.assign(remedy=remedies, order=order)
    counts = counts.sort_values(["order", "count", "table", "rule"], ascending=[True, False, True, True])
    return counts.drop(columns="order").reset_index(drop=True)
