"""What data on accounts cannot tell: ranges with a grade and a source each."""

from typing import Final

from churnlab.lifetime.assumed import Assumed

TURN: Final = Assumed(
    "a manager leaves within a year", "chance", 0.15, 0.05, 0.30, "A", "sales staff; no figure of the plant's own"
)
FOLLOW: Final = Assumed(
    "a client follows a manager who leaves",
    "share of the book",
    0.10,
    0.0,
    0.30,
    "A, sign R",
    "Palmatier, Scheer & Steenkamp 2007 (JMR): loyalty owned by the salesperson leaves with the salesperson",
)
TOGETHER: Final = Assumed(
    "clients of a line are moved together", "correlation", 0.10, 0.0, 0.30, "A", "too few bad years to measure it"
)
FUNNEL: Final = Assumed("prospects to one contract", "prospects", 10, 5, 20, "A", "the trade's rule of thumb")
RAMP: Final = Assumed("a new manager is of full use after", "months", 6, 3, 12, "A", "the trade's rule of thumb")
HOURS: Final = {
    "call": Assumed("a call with what goes with it", "hours", 0.5, 0.25, 1.0, "A", "ask the managers"),
    "visit": Assumed("a visit with the way there", "hours", 4.0, 2.0, 8.0, "A", "ask the managers"),
    "event": Assumed("a guest at an event", "hours", 4.0, 2.0, 8.0, "A", "ask the managers"),
    "greeting": Assumed("a greeting", "hours", 0.25, 0.1, 0.5, "A", "ask the managers"),
}
ORDER_HOURS: Final = Assumed("an order from request to papers", "hours", 1.0, 0.5, 2.0, "A", "ask the managers")
PASSED_ON: Final = Assumed("dearer goods passed on by prices", "share", 0.7, 0.3, 1.0, "A", "no study was found")

LEDGER: Final = (TOGETHER, FUNNEL, TURN, FOLLOW, RAMP, ORDER_HOURS, *HOURS.values(), PASSED_ON)
"""All of them, for the page."""
