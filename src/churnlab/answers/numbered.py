"""How many of what, in words."""

from churnlab.answers.words import count


def numbered(number: float, one: str, several: str = "") -> str:
    """Say how many there are of something.

    Examples
    --------
    >>> numbered(1, "client"), numbered(12, "client"), numbered(1, "is", "are")
    ('1 client', '12 clients', '1 is')
    """
    return f"{count(number)} {one if round(number) == 1 else several or one + 's'}"
