"""Ranges in words: two ends that share their unit, and what is less or more than nothing."""

from churnlab.answers.words import Form, money


def span(low: float, high: float, form: Form = money) -> str:
    """Format the ends of a range; a unit that both bear stands once.

    Examples
    --------
    >>> span(188_417, 344_126), span(18, 900)
    ('188 to 344 thousand', '18.0 to 900')
    """
    first, last = form(low), form(high)
    number, _, unit = first.partition(" ")
    return f"{number} to {last}" if unit and last.endswith(f" {unit}") else f"{first} to {last}"


def less_or_more(low: float, high: float, form: Form = money) -> str:
    """Format the range of a difference without signs.

    Examples
    --------
    >>> less_or_more(-12.2e6, -1.68e6)
    '1.68 to 12.2 million less'
    >>> less_or_more(-13.7e6, 2.58e6)
    'from 13.7 million less to 2.58 million more'
    """
    if low < 0 < high:
        return f"from {form(-low)} less to {form(high)} more"
    return f"{span(-high, -low, form)} less" if high <= 0 else f"{span(low, high, form)} more"
