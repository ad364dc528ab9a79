"""What goes with a risk, in the words of who looks after clients."""

import re
from typing import Final

FACTORS: Final = {"timing": "delivery time", "quality": "product quality", "recommendation": "recommending us"}
"""Rated factors that their column does not name plainly."""

MOVED: Final = {
    "rhythm": "orders came later or sooner than usual",
    "volume": "orders or sales rose or fell",
    "relation": "the time with us went on",
    "recommendation": "scores for recommendation moved",
    "answering": "surveys were answered more or less often",
    "season": "of the time of the year",
    "model": "the method learnt anew",
}
"""Why a risk moved, by the group of features that moved it most; other groups are factors that clients rate."""

_LOW = re.compile(r"^(?:low (?P<factor>\w+) scores|a low (?P<one>\w+) score)$")


def factor(name: str) -> str:
    """Name a rated factor plainly.

    Examples
    --------
    >>> factor("timing"), factor("attention")
    ('delivery time', 'attention')
    """
    return FACTORS.get(name, name)


def plainer(reasons: str) -> str:
    """Say plainly what is seen with a higher risk.

    Examples
    --------
    >>> plainer("falling sales; low timing scores")
    'falling sales; rated us low on delivery time'
    """
    return "; ".join(_plain(reason) for reason in reasons.split("; "))


def moved_by(group: str) -> str:
    """Say why a risk moved, to follow "because".

    Examples
    --------
    >>> moved_by("rhythm"), moved_by("timing")
    ('orders came later or sooner than usual', 'scores for delivery time moved')
    """
    return MOVED.get(group, f"scores for {factor(group)} moved")


def _plain(reason: str) -> str:
    found = _LOW.match(reason)
    return f"rated us low on {factor(found['factor'] or found['one'])}" if found else reason
