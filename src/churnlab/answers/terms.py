"""Words that answers hold as data and readers see as words: they are in the catalogue because they are listed here."""

from collections.abc import Iterator
from typing import Final, get_args

from churnlab.answers.actions import Kind
from churnlab.answers.call_sheet import LESS, MORE
from churnlab.answers.calls_frames import ALL_MANAGERS, CALL, VISIT
from churnlab.answers.deals import ARGUMENTS, CLOSED
from churnlab.answers.key_clients import BY_VOLUME, FLAGS
from churnlab.answers.language import mark
from churnlab.answers.no_contact import NO_CONTACT
from churnlab.answers.plain import LOW
from churnlab.answers.said import FACTORS
from churnlab.risk import BOOSTING, MODELS, OWN_GAP
from churnlab.risk.columns import COLUMNS
from churnlab.scenarios import DO_NOTHING, PRICE_ONLY, SERVICE
from churnlab.tables import CONTRACT, SEVERITIES
from churnlab.tables.contract import Kind as ColumnKind
from churnlab.tables.findings import RULES, Action
from churnlab.winback import IMPLICIT

_ELSEWHERE: Final = (
    mark("quantity"), mark("sales"), mark("margin"), mark("margin after costs"), mark("net sales"),
    mark("all clients"), mark("potential"),
    mark("a line that more clients leave"),
    mark("monthly"), mark("quarterly"), mark("annual"), mark("other"), mark("phone"), mark("web"),
)  # fmt: skip
"""Words that no list of the package holds."""


def terms() -> Iterator[str]:
    """Yield the words."""
    yield from _ELSEWHERE
    yield from (*FACTORS, *BY_VOLUME, *FLAGS.values(), CALL, VISIT, ALL_MANAGERS, LESS, MORE)
    for coded, advice in ARGUMENTS.items():
        yield from (coded, *advice)
    yield from CLOSED
    yield from NO_CONTACT
    yield from (column.warning for column in COLUMNS if column.warning not in LOW)
    yield from (one.name for one in (*MODELS, OWN_GAP, BOOSTING, DO_NOTHING, PRICE_ONLY, SERVICE))
    for cost in IMPLICIT:
        yield from (cost.name, cost.source)
    yield from (*RULES, *SEVERITIES, *get_args(Action), *get_args(Kind), *get_args(ColumnKind))
    for table in CONTRACT.values():
        yield from (column.meaning for column in table.columns)
