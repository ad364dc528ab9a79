"""A figure that data cannot tell: a range with a grade and a source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumed:
    """A figure that is assumed.

    Attributes
    ----------
    name, unit : str
        What it is.
    value, low, high : float
        Middle and ends of its range.
    grade : str
        A assumption, C contested, R sign robust in the literature, D to be had from data.
    source : str
        Where it comes from.

    Raises
    ------
    ValueError
        If the range is not in order.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    grade: str
    source: str

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"expected low <= value <= high, got {self}: put them in order")
