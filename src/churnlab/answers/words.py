"""Numbers in words: one form for figures and intervals on every page."""

import math
from collections.abc import Callable

import pandas as pd

from churnlab.lifetime import Estimate

Form = Callable[[float], str]


def percent(share: float) -> str:
    """Format a share as a percentage.

    Examples
    --------
    >>> percent(0.1234), percent(0.004)
    ('12 %', '0.4 %')
    """
    points = 100 * share
    return f"{points:.1f} %" if 0.05 <= abs(points) < 0.95 else f"{points + 0.0:.0f} %".replace("-0 ", "0 ")


def count(number: float) -> str:
    """Format a whole number, thousands apart by a no-break space.

    Examples
    --------
    >>> count(12345).replace(chr(160), "_")
    '12_345'
    """
    return f"{number:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def money(amount: float) -> str:
    """Format an amount to three significant digits, in thousands or millions where it is large.

    Examples
    --------
    >>> money(1234567), money(-45600), money(98.7)
    ('1.23 million', '-45.6 thousand', '98.7')
    """
    size = abs(amount)
    for unit, name in ((1e6, " million"), (1e3, " thousand")):
        if size >= 0.9995 * unit:  # what rounds to a unit is written in it
            return f"{_three(amount / unit)}{name}"
    return _three(amount)


def decimal(number: float) -> str:
    """Format a score or a slope to two decimals.

    Examples
    --------
    >>> decimal(0.6638), decimal(-0.001)
    ('0.66', '0.00')
    """
    text = f"{number:.2f}"
    return "0.00" if text == "-0.00" else text


def nats(loss: float) -> str:
    """Format a log loss to three decimals.

    Examples
    --------
    >>> nats(0.38431), nats(-0.0002)
    ('0.384', '0.000')
    """
    text = f"{loss:.3f}"
    return "0.000" if text == "-0.000" else text


def points(index: float) -> str:
    """Format a net promoter index with its sign.

    Examples
    --------
    >>> points(12.3), points(-0.2)
    ('+12', '0')
    """
    return f"{index:+.0f}" if abs(index) >= 0.5 else "0"


def months(number: float) -> str:
    """Format a number of months.

    Examples
    --------
    >>> months(44.69)
    '45'
    """
    return f"{number:.0f}"


def day(date: pd.Timestamp) -> str:
    """Format a day.

    Examples
    --------
    >>> day(pd.Timestamp("2025-03-31 14:00"))
    '2025-03-31'
    """
    return f"{date:%Y-%m-%d}"


def interval(estimate: Estimate, form: Form = decimal) -> str:
    """Format an estimate with its 95 % interval.

    Examples
    --------
    >>> interval(Estimate(0.664, 0.624, 0.706))
    '0.66 (95 % interval 0.62 to 0.71)'
    >>> interval(Estimate(26.0, 22.0, float("nan")), months)
    '26 (95 % interval from 22, upper end not reached)'
    """
    if math.isnan(estimate.value):
        return "not known"
    if math.isnan(estimate.low):
        return f"{form(estimate.value)} (no interval to be had)"
    if math.isnan(estimate.high):
        return f"{form(estimate.value)} (95 % interval from {form(estimate.low)}, upper end not reached)"
    return f"{form(estimate.value)} (95 % interval {form(estimate.low)} to {form(estimate.high)})"


def compact(estimate: Estimate, form: Form = decimal) -> str:
    """Format an estimate with its interval for a table whose caption says what the interval is.

    Examples
    --------
    >>> compact(Estimate(0.664, 0.624, 0.706))
    '0.66 (0.62 to 0.71)'
    """
    if math.isnan(estimate.value):
        return "\N{EN DASH}"
    ends = [form(end) if not math.isnan(end) else "?" for end in (estimate.low, estimate.high)]
    return f"{form(estimate.value)} ({ends[0]} to {ends[1]})"


def printable(text: str) -> str:
    """Drop what cannot be printed, such as control characters and marks that turn the direction of writing."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())


def shortened(text: str, most: int = 60) -> str:
    """Keep what can be printed of a name, and no more of it than fits.

    Examples
    --------
    >>> shortened("Wood" + chr(7) + " & Company", 8)
    'Wood & …'
    """
    clean = printable(text)
    return clean if len(clean) <= most else f"{clean[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def listed(items: tuple[str, ...] | list[str]) -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> listed(["orders", "clients", "surveys"])
    'orders, clients and surveys'
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _three(number: float) -> str:
    digits = max(0, 2 - math.floor(math.log10(abs(number)))) if number else 0
    return f"{number:.{digits}f}"
