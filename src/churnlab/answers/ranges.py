"""Ranges in words: two ends that share their unit, and what is less or more than nothing."""

from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.words import Form, money


def span(low: float, high: float, form: Form = money, language: Language = ENGLISH) -> str:
    """Format the ends of a range; a unit that both bear stands once.

    Examples
    --------
    >>> span(188_417, 344_126), span(18, 900)
    ('188 to 344 thousand', '18.0 to 900')
    """
    return language.span(form(low), form(high), unit_once=True)


def less_or_more(low: float, high: float, form: Form = money, language: Language = ENGLISH) -> str:
    """Format the range of a difference without signs.

    Examples
    --------
    >>> less_or_more(-12.2e6, -1.68e6)
    '1.68 to 12.2 million less'
    >>> less_or_more(-13.7e6, 2.58e6)
    'from 13.7 million less to 2.58 million more'
    """
    if low < 0 < high:
        return language.say("from {low} less to {high} more", low=form(-low), high=form(high))
    if high <= 0:
        return language.say("{span} less", span=span(-high, -low, form, language))
    return language.say("{span} more", span=span(low, high, form, language))
