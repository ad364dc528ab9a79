"""What the call list takes as given: hours, what a contact takes, how often it helps, and who is held out."""

from dataclasses import dataclass, fields
from typing import Final

from churnlab.answers.key_clients import MOST_KEY
from churnlab.answers.words import percent
from churnlab.lifetime import Estimate
from churnlab.risk import Acting, Capacity

_USUAL: Final = Capacity()
_BOUNDS: Final = {
    "hours_share": (0.0, 1.0),
    "hours_per_month": (0.0, 744.0),
    "call_minutes": (1, 44_640),
    "visit_minutes": (1, 44_640),
    "key_places": (0, 1_000_000),
    "helps_low": (-1.0, 1.0),
    "helps": (-1.0, 1.0),
    "helps_high": (-1.0, 1.0),
    "held_out_share": (0.0, 0.9),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """Inputs of the call list; a name that is not here, or a value out of range, is refused.

    Attributes
    ----------
    hours_share : float
        Share of a manager's hours that goes into keeping clients that may leave.
    hours_per_month : float
        Hours a month of a manager for whom the records say none.
    call_minutes, visit_minutes : int
        What a call and a visit take, preparing and travelling included.
    key_places : int
        Key clients that a manager may have on one list.
    helps_low, helps, helps_high : float
        Chance that a contact keeps a client that would have left: assumed, with its range. Below 0, contacts drive
        clients away.
    held_out_share : float
        Share of the list that is not called, drawn by lot.

    Raises
    ------
    ValueError
        If values are out of range; all of them at once.

    Notes
    -----
    The upper end of the chance is what is usual for contacts by telephone with an offer
    (:class:`churnlab.risk.Acting`); the lower one is that a contact does nothing.

    Examples
    --------
    >>> Calling().helps
    0.15
    """

    hours_share: float = _USUAL.hours_share
    hours_per_month: float = _USUAL.hours_per_month
    call_minutes: int = 60
    visit_minutes: int = round(60 * _USUAL.hours_per_contact)
    key_places: int = MOST_KEY
    helps_low: float = 0.0
    helps: float = Acting().kept / 2
    helps_high: float = Acting().kept
    held_out_share: float = 0.2

    def __post_init__(self) -> None:
        """Refuse values out of range, all at once."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        wrong = [
            f"{name} = {value:g}, expected {_BOUNDS[name][0]:g} to {_BOUNDS[name][1]:g}"
            for name, value in given.items()
            if not _BOUNDS[name][0] <= value <= _BOUNDS[name][1]
        ]
        if not self.helps_low <= self.helps <= self.helps_high:
            wrong.append(f"helps = {self.helps:g}, expected within {self.helps_low:g} to {self.helps_high:g}")
        if wrong:
            raise ValueError("inputs of the call list are out of range: " + "; ".join(wrong))

    def saved(self, at_risk: Estimate) -> Estimate:
        """What contacts save of the value at risk; the ends are over those of both, the value and the chance."""
        ends = [chance * end for chance in (self.helps_low, self.helps_high) for end in (at_risk.low, at_risk.high)]
        return Estimate(self.helps * at_risk.value, min(ends), max(ends))

    @property
    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """Input, value, evidence grade (D data, R literature, C contested, A assumption) and source, for a table."""
        chance = f"{percent(self.helps)} ({percent(self.helps_low)} to {percent(self.helps_high)})"
        return (
            ("of those who would leave, a contact keeps", chance, "A", "assumed: not in the records; see below"),
            ("managers' time for it", percent(self.hours_share), "A", "ask the sales team"),
            ("a manager's hours a month", f"{self.hours_per_month:g}", "D", "where the table of managers says none"),
            ("a call takes, minutes", f"{self.call_minutes}", "A", "preparing included; ask the sales team"),
            ("a visit takes, minutes", f"{self.visit_minutes}", "A", "travelling included; ask the sales team"),
            ("key clients of a manager on the list, at most", f"{self.key_places}", "A", "the trade's rule of thumb"),
            ("of the list held out by lot", percent(self.held_out_share), "A", "our choice"),
        )
