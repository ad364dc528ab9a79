"""Words that one of two stands for throughout a report, put into a message before it is said.

Other languages inflect them, so that the catalogue holds each message once for either word, as a whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import product
from typing import Final

from churnlab.answers.called import LEAVING, SILENCE, Called
from churnlab.scenarios import PRICE_ONLY, SERVICE

MARGIN: Final = {"kind": "margin", "Kind": "Margin", "unit": "margin after costs"}
SALES: Final = {"kind": "sales", "Kind": "Sales", "unit": "net sales"}
"""What values count: margin, or sales where costs are not known."""

FIRST_DEAL: Final = {"start": "first deal"}
FIRST_ORDER: Final = {"start": "first order"}
"""From when tenure counts."""

POLICIES: Final = {
    PRICE_ONLY.name: {"what": "cutting prices alone", "What": "Cutting prices alone"},
    SERVICE.name: {"what": "better service", "What": "Better service"},
}
"""What policies do."""

_EITHER: Final[tuple[tuple[Mapping[str, str], ...], ...]] = (
    (asdict(LEAVING), asdict(SILENCE)),
    (MARGIN, SALES),
    (FIRST_DEAL, FIRST_ORDER),
    tuple(POLICIES.values()),
)


def fill(message: str, *chosen: Called | Mapping[str, str]) -> str:
    """Put words into a message.

    Parameters
    ----------
    message : str
        With places in braces.
    *chosen : Called or Mapping
        Words; places that they do not name stay.

    Returns
    -------
    str
        A message as the catalogue holds it.

    Examples
    --------
    >>> fill("risk of {doing} within {months} months", LEAVING)
    'risk of leaving within {months} months'
    """
    for words in chosen:
        for name, word in (asdict(words) if isinstance(words, Called) else words).items():
            message = message.replace(f"{{{name}}}", word)
    return message


def filled(message: str) -> Iterator[str]:
    """Yield every message that filling a message may give.

    Examples
    --------
    >>> list(filled("loss of {kind}"))
    ['loss of margin', 'loss of sales']
    """
    yield from dict.fromkeys(fill(message, *chosen) for chosen in product(*_EITHER))
