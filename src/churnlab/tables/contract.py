"""The data contract: which tables and columns churnlab understands, and what each column means.

A table is one entry in `CONTRACT`; a column is one line of it. Everything that reads, checks or
explains data asks here, so adding a column or a table is a matter of adding lines.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "date", "number", "score", "flag", "choice"]
"""How a column is read.

``id`` and ``text`` stay text as they stand, ``date`` becomes ``datetime64[us]`` at midnight, ``number``
``float64``, ``score`` ``float64`` between 0 and 10, ``flag`` a truth value, ``choice`` one of a few words.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    Attributes
    ----------
    name
        Canonical name, as it stands in the frames that `churnlab.tables.load` returns.
    kind
        How the values are read.
    meaning
        What the column holds, with its unit.
    required
        Whether the source must have the column; a row without a readable value is dropped, unless there is a
        `default`.
    choices
        The words that a ``choice`` may hold.
    default
        What stands for a missing or unknown value of a ``choice`` or ``flag``; None leaves it missing.
    always
        Whether the column exists after loading even if the source lacks it, filled with `default`.
    summed
        Whether the reconciliation follows the column's total.
    personal
        Whether it may say who someone is; pseudonymised tables go without it.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str | bool | None = None
    always: bool = False
    summed: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract.

    Attributes
    ----------
    name
        The table's name, which is also its default file name without suffix.
    columns
        The columns, in the order in which they come out.
    sort_by
        Canonical columns by which rows are sorted; ties keep the order of the source.
    needed
        Whether nothing can be answered without this table.
    """

    name: str
    columns: tuple[Column, ...]
    sort_by: tuple[str, ...]
    needed: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """The canonical names, in order."""
        return tuple(column.name for column in self.columns)


def factor(name: str) -> Column:
    """Describe a factor that clients rate from 0 to 10.

    Parameters
    ----------
    name
        Canonical name of the factor.

    Returns
    -------
    Column
        An optional column of kind ``score``.

    Examples
    --------
    >>> factor("unloading").kind
    'score'
    """
    return Column(name, "score", f"rating of {name}, 0 (worst) to 10 (best)")


CLIENT_IDS = ("client_id", "parent_id", "referred_by", "old_id", "new_id")
"""Columns, of whatever source table, that hold ids of clients."""

_CLIENT = Column("client_id", "id", "the client's code in the source", required=True)
_KNOWN_ON = Column("known_on", "date", "day on which the row became known, if not its own date")

ORDERS = Table(
    "orders",
    needed=True,
    sort_by=("client_id", "order_date"),
    columns=(
        _CLIENT,
        Column("order_date", "date", "day of the order", required=True),
        Column("amount", "number", "line total net of tax; returns negative", required=True, summed=True),
        Column("order_id", "id", "the order that the line belongs to"),
        Column("kind", "choice", "what the line is", choices=("sale", "return", "credit")),
        Column("product_line", "text", "the line of products"),
        Column("quantity", "number", "quantity, in the source's unit", summed=True),
        Column("list_amount", "number", "line total at list prices"),
        Column("cost", "number", "what the line cost the supplier"),
        Column("currency", "text", "currency of the amounts"),
        Column("promised_date", "date", "day on which delivery was promised"),
        Column("delivered_date", "date", "day of delivery"),
        Column("claim", "text", "the claim that the line gave rise to, if any", personal=True),
        Column("manager_id", "id", "the manager who took the order"),
        _KNOWN_ON,
    ),
)

CLIENTS = Table(
    "clients",
    sort_by=("client_id",),
    columns=(
        _CLIENT,
        Column("name", "text", "the client's name", personal=True),
        Column("parent_id", "id", "client_id of the group that the client belongs to"),
        Column("segment", "text", "trade of the client"),
        Column("region", "text", "where the client is"),
        Column("manager_id", "id", "the manager who looks after the client"),
        Column("start_date", "date", "day of the first deal, which may be older than the orders"),
        Column("contract_date", "date", "day of the contract"),
        Column("acquired_by", "text", "what won the client"),
        Column("acquisition_discount", "number", "discount at the first deal, share of the list price"),
        Column("payment_days", "number", "days of deferred payment"),
        Column("potential_amount", "number", "what the client buys a year from anyone"),
        Column("referred_by", "id", "client_id of the client who recommended the plant"),
        Column("is_reference", "flag", "whether the client is a name to refer to"),
        Column("is_innovator", "flag", "whether the client tries new things first"),
        Column("is_demanding", "flag", "whether the client holds the supplier to its standards"),
        Column("do_not_contact", "flag", "whether the client has asked not to be contacted"),
        Column("closed_date", "date", "day on which the account was closed"),
        Column("closed_reason", "text", "why the account was closed", personal=True),
        _KNOWN_ON,
    ),
)

SURVEYS = Table(
    "surveys",
    sort_by=("client_id", "survey_date"),
    columns=(
        _CLIENT,
        Column("survey_date", "date", "day of the answer, or of the invitation", required=True),
        Column(
            "wave",
            "choice",
            "which survey it was",
            required=True,
            choices=("monthly", "quarterly", "annual", "other"),
            default="other",
        ),
        Column("mode", "choice", "how it was asked", choices=("phone", "web", "visit")),
        Column("invited", "flag", "whether the client was asked", default=True, always=True),
        Column("recommend", "score", "how likely the client is to recommend the plant, 0 to 10"),
        factor("quality"),
        factor("timing"),
        factor("attention"),
        factor("price"),
        Column("reason", "text", "main reason for the score", personal=True),
        Column("comment", "text", "what the client said", personal=True),
        Column("asked_by", "id", "who asked"),
        _KNOWN_ON,
    ),
)

TOUCHES = Table(
    "touches",
    sort_by=("client_id", "date"),
    columns=(
        _CLIENT,
        Column("date", "date", "day of the contact", required=True),
        Column("kind", "choice", "what it was", required=True, choices=("call", "visit", "event", "greeting")),
        Column("manager_id", "id", "the manager who made it"),
        _KNOWN_ON,
    ),
)

FAILURES = Table(
    "failures",
    sort_by=("client_id", "date"),
    columns=(
        _CLIENT,
        Column("date", "date", "day of the failure", required=True),
        Column("kind", "text", "what went wrong", required=True),
        Column("severity", "number", "how bad it was, on the source's own scale"),
        Column("handling", "choice", "whether the client was told openly", choices=("open", "silent")),
        Column("cost", "number", "what covering it cost the supplier"),
        _KNOWN_ON,
    ),
)

OFFERS_SEEN = Table(
    "offers_seen",
    sort_by=("client_id", "date"),
    columns=(
        _CLIENT,
        Column("date", "date", "day of the competitor's offer", required=True),
        Column("competitor", "text", "who made it"),
        Column("depth", "number", "how far below the supplier's price, share of the price"),
        Column("outcome", "text", "what came of it", personal=True),
        _KNOWN_ON,
    ),
)

LOSSES = Table(
    "losses",
    sort_by=("client_id", "date"),
    columns=(
        _CLIENT,
        Column("date", "date", "day on which the client was lost", required=True),
        Column(
            "reason",
            "choice",
            "why, as the sales department coded it",
            required=True,
            choices=(
                "price",
                "quality",
                "timing",
                "attention",
                "personal",
                "assortment",
                "no_need",
                "closed",
                "ours",
                "unknown",
            ),
            default="unknown",
        ),
        Column("competitor", "text", "who has the client now"),
        Column("won_back_date", "date", "day on which the client came back"),
        Column("counter_offer", "text", "what the client was offered", personal=True),
        _KNOWN_ON,
    ),
)

CONTACTS = Table(
    "contacts",
    sort_by=("client_id", "name"),
    columns=(
        _CLIENT,
        Column("name", "text", "the person's name", required=True, personal=True),
        Column("role", "text", "what the person does at the client"),
        Column("birthday", "date", "the person's birthday", personal=True),
        _KNOWN_ON,
    ),
)

MANAGERS = Table(
    "managers",
    sort_by=("manager_id",),
    columns=(
        Column("manager_id", "id", "the manager's code in the source", required=True),
        Column("name", "text", "the manager's name", required=True, personal=True),
        Column("monthly_cost", "number", "what the manager costs a month"),
        Column("start_date", "date", "first day of work"),
        Column("hours_per_month", "number", "hours a month for clients"),
        _KNOWN_ON,
    ),
)

MERGES = Table(
    "merges",
    sort_by=("old_id",),
    columns=(
        Column("old_id", "id", "client_id that is no longer used", required=True),
        Column("new_id", "id", "client_id that stands in its place", required=True),
        Column("date", "date", "day of the change"),
        _KNOWN_ON,
    ),
)

RATES = Table(
    "rates",
    sort_by=("currency", "date"),
    columns=(
        Column("currency", "text", "currency that is converted", required=True),
        Column("date", "date", "first day for which the rate holds", required=True),
        Column("rate", "number", "base currency for one unit of it", required=True),
        _KNOWN_ON,
    ),
)

CHANGES = Table(
    "changes",
    sort_by=("date", "what"),
    columns=(
        Column("what", "text", "what the supplier changed, such as a new unloading routine", required=True),
        Column("date", "date", "first day on which it was so", required=True),
        Column("product_line", "text", "the line whose clients it concerns; empty if all"),
        Column("factor", "text", "the rated factor that it was to mend; empty if the recommendation"),
        _KNOWN_ON,
    ),
)

CONTRACT: dict[str, Table] = {
    table.name: table
    for table in (
        ORDERS,
        CLIENTS,
        SURVEYS,
        TOUCHES,
        FAILURES,
        OFFERS_SEEN,
        LOSSES,
        CONTACTS,
        MANAGERS,
        MERGES,
        RATES,
        CHANGES,
    )
}
"""Every table that churnlab reads, by name."""
