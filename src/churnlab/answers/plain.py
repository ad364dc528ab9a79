"""What goes with a risk, in the words of who looks after clients."""

from typing import Final

from churnlab.answers.language import ENGLISH, Language, mark

FACTORS: Final = {
    "timing": mark("delivery time"),
    "quality": mark("product quality"),
    "recommendation": mark("recommending us"),
}
"""Rated factors that their column does not name plainly."""

MOVED: Final = {
    "rhythm": mark("orders came later or sooner than usual"),
    "volume": mark("orders or sales rose or fell"),
    "relation": mark("the time with us went on"),
    "recommendation": mark("scores for recommendation moved"),
    "answering": mark("surveys were answered more or less often"),
    "season": mark("of the time of the year"),
    "model": mark("the method learnt anew"),
}
"""Why a risk moved, by the group of features that moved it most; other groups are factors that clients rate."""

LOW: Final = {f"low {name} scores": name for name in ("quality", "timing", "attention", "service")} | {
    f"a low {name} score": name for name in ("recommendation", "price")
}
"""Factor that a reason of the model speaks of."""


def factor(name: str) -> str:
    """Name a rated factor plainly.

    Examples
    --------
    >>> factor("timing"), factor("attention")
    ('delivery time', 'attention')
    """
    return FACTORS.get(name, name)


def plainer(reasons: str, language: Language = ENGLISH) -> str:
    """Say plainly what is seen with a higher risk.

    Examples
    --------
    >>> plainer("falling sales; low timing scores")
    'falling sales; rated us low on delivery time'
    """
    return "; ".join(_plain(reason, language) for reason in reasons.split("; "))


def moved_by(group: str, language: Language = ENGLISH) -> str:
    """Say why a risk moved, to follow "because".

    Examples
    --------
    >>> moved_by("rhythm"), moved_by("timing")
    ('orders came later or sooner than usual', 'scores for delivery time moved')
    """
    if group in MOVED:
        return language.say(MOVED[group])
    return language.say("scores for {factor} moved", factor=language.say(factor(group)))


def _plain(reason: str, language: Language) -> str:
    if reason in LOW:
        return language.say("rated us low on {factor}", factor=language.say(factor(LOW[reason])))
    return language.say(reason)
