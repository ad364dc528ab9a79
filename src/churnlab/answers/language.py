"""Languages in which the summary and the workbook can be had: one catalogue each, and the reader's form of figures.

English is the language of the source, and each message there is the key of its translation. Figures are rounded by the
same rules in every language, so that only their writing differs.
"""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO

import pandas as pd
from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, get_minus_sign_symbol

from churnlab.answers import words
from churnlab.answers.words import Form
from churnlab.lifetime import Estimate

SOURCE = "en"
_FOLDER = "languages"
_NO_BREAK = "\N{NO-BREAK SPACE}"


class LanguageError(ValueError):
    """A language was asked for that there is no catalogue of."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language of readers.

    Attributes
    ----------
    code : str
        Such as ``"fi"``.
    translations : NullTranslations
        Its catalogue; an empty one for the language of the source.
    """

    code: str
    translations: NullTranslations = field(default_factory=NullTranslations, repr=False, compare=False)

    @property
    def is_source(self) -> bool:
        """Whether the source is written in it."""
        return self.code == SOURCE

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return "en-GB" if self.is_source else self.code

    @property
    def name(self) -> str:
        """What its speakers call it."""
        return str(Locale.parse(self.code).get_display_name() or self.code)

    def say(self, message: str, /, **values: object) -> str:
        """Say a message.

        Parameters
        ----------
        message : str
            As it stands in the source, with named places in braces.
        **values : object
            What is put into them, once: braces inside of a value stay as they are.

        Returns
        -------
        str
            In English where the catalogue lacks it.
        """
        said = self.translations.gettext(message) if message else ""
        return said.format(**values) if values else said

    def say_of(self, context: str, message: str, /, **values: object) -> str:
        """Say a message that has different translations in different places.

        Parameters
        ----------
        context : str
            Which place, as in the catalogue.
        message : str
            As it stands in the source.
        **values : object
            What is put into its places.
        """
        return self.translations.pgettext(context, message).format(**values)

    def say_many(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Say a message that depends on a number.

        Parameters
        ----------
        one, many : str
            As they stand in the source; ``{number}`` is put in as the reader writes it.
        number : int
            Of what.
        **values : object
            What is put into further places.
        """
        return self.translations.ngettext(one, many, number).format(number=self.count(number), **values)

    def percent(self, share: float) -> str:
        """Write a share as a percentage, as :func:`churnlab.answers.words.percent` rounds it."""
        if self.is_source:
            return words.percent(share)
        points = 100 * share
        digits = 1 if 0.05 <= abs(points) < 0.95 else 0
        return self._signed(format_percent(_rounded(points, digits) / 100, _pattern(digits, "%"), locale=self.code))

    def count(self, number: float) -> str:
        """Write a whole number."""
        return words.count(number) if self.is_source else self._number(number, 0)

    def money(self, amount: float) -> str:
        """Write an amount to three significant digits, as :func:`churnlab.answers.words.money` rounds it."""
        if self.is_source:
            return words.money(amount)
        size = abs(amount)
        if size >= 0.9995e6:
            return self.say("{number} million", number=self._three(amount / 1e6))
        if size >= 0.9995e3:
            return self.say("{number} thousand", number=self._three(amount / 1e3))
        return self._three(amount)

    def decimal(self, number: float) -> str:
        """Write a score or a slope to two decimals."""
        return words.decimal(number) if self.is_source else self._number(number, 2)

    def one_decimal(self, number: float) -> str:
        """Write a number to one decimal."""
        return f"{number:.1f}" if self.is_source else self._number(number, 1)

    def points(self, index: float) -> str:
        """Write a net promoter index with its sign."""
        if self.is_source:
            return words.points(index)
        return f"{'+' if index >= 0.5 else ''}{self._number(index, 0)}"

    def months(self, number: float) -> str:
        """Write a number of months."""
        return words.months(number) if self.is_source else self._number(number, 0)

    def day(self, date: pd.Timestamp) -> str:
        """Write a day."""
        return words.day(date) if self.is_source else str(format_date(date, "short", locale=self.code))

    def short(self, number: float) -> str:
        """Write a number on an axis, without decimals that are nothing."""
        text = f"{number:g}"
        return text if self.is_source else self._number(number, len(text.partition(".")[2]))

    def span(self, low: str, high: str, *, unit_once: bool | None = None) -> str:
        """Write a range from its ends as they are written.

        Parameters
        ----------
        low, high : str
            Ends, by one of this language's forms.
        unit_once : bool, optional
            Whether a unit that both bear stands once; as the language has it in intervals if not given.
        """
        first, last, unit = low, high, ""
        once = not self.is_source if unit_once is None else unit_once
        if once and _unit(low) == _unit(high):
            unit = _unit(low)
            first, last = low.removesuffix(unit), high.removesuffix(unit)
        if first[:1].isdecimal() and last[:1].isdecimal() and not _unit(first) and not _unit(last):
            return self.say_of("numbers without signs or units", "{low} to {high}", low=first, high=last) + unit
        return self.say("{low} to {high}", low=first, high=last) + unit

    def interval(self, estimate: Estimate, form: Form) -> str:
        """Write an estimate with its 95 % interval.

        Parameters
        ----------
        estimate : Estimate
            Ends that are NaN are not known.
        form : callable
            One of this language's forms.
        """
        if math.isnan(estimate.value):
            return self.say("not known")
        value = form(estimate.value)
        if math.isnan(estimate.low):
            return self.say("{value} (no interval to be had)", value=value)
        if math.isnan(estimate.high):
            low = form(estimate.low)
            return self.say("{value} (95 % interval from {low}, upper end not reached)", value=value, low=low)
        span = self.span(form(estimate.low), form(estimate.high))
        return self.say("{value} (95 % interval {span})", value=value, span=span)

    def compact(self, estimate: Estimate, form: Form) -> str:
        """Write an estimate with its interval for a table whose caption says what the interval is."""
        if math.isnan(estimate.value):
            return "\N{EN DASH}"
        low, high = (form(end) if not math.isnan(end) else "?" for end in (estimate.low, estimate.high))
        return f"{form(estimate.value)} ({self.span(low, high)})"

    def listed(self, items: list[str]) -> str:
        """Join words as a sentence does."""
        if len(items) < 2:
            return "".join(items)
        return self.say("{first} and {last}", first=", ".join(items[:-1]), last=items[-1])

    def _number(self, value: float, digits: int) -> str:
        return self._signed(format_decimal(_rounded(value, digits), _pattern(digits), locale=self.code))

    def _signed(self, number: str) -> str:
        """Write the locale's minus, which a pattern of our own does not bring."""
        return number.replace("-", get_minus_sign_symbol(self.code))

    def _three(self, number: float) -> str:
        digits = max(0, 2 - math.floor(math.log10(abs(number)))) if number else 0
        return self._number(number, digits)


def mark(message: str) -> str:
    """Mark a message for the catalogue where it stands apart from the place that says it."""
    return message


def known_languages() -> tuple[str, ...]:
    """Codes of the languages that can be asked for, that of the source first."""
    files = (file.name for file in resources.files("churnlab.answers").joinpath(_FOLDER).iterdir())
    return (SOURCE, *sorted(name.removesuffix(".po") for name in files if name.endswith(".po")))


@cache
def open_language(code: str) -> Language:
    """Open a language.

    Parameters
    ----------
    code : str
        One of :func:`known_languages`.

    Returns
    -------
    Language

    Raises
    ------
    LanguageError
        If there is no catalogue of it.
    """
    if code not in known_languages():
        raise LanguageError(f"expected a language of {', '.join(known_languages())}, got {code!r}")
    if code == SOURCE:
        return ENGLISH
    file = resources.files("churnlab.answers").joinpath(_FOLDER, f"{code}.po")
    compiled = BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=code))
    compiled.seek(0)
    return Language(code, GNUTranslations(compiled))


ENGLISH = Language(SOURCE)


def _rounded(value: float, digits: int) -> Decimal:
    """Round as formatting does, and without a minus before nothing."""
    return Decimal(f"{value:.{digits}f}") + 0


def _unit(text: str) -> str:
    """What follows the number, with the space before it; empty where nothing does."""
    place = max(text.rfind(" "), text.rfind(_NO_BREAK))
    return text[place:] if place >= 0 and not any(map(str.isdecimal, text[place:])) else ""


def _pattern(digits: int, unit: str = "") -> str:
    """Pattern of a number of so many decimals, by the standard of locales."""
    decimals = f".{'0' * digits}" if digits else ""
    return f"#,##0{decimals}{_NO_BREAK + unit if unit else ''}"
