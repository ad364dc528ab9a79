"""Would values have been right? As they would have been given once, against what came."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.lifetime import NEXT_MONTHS
from churnlab.answers.numbered import numbered
from churnlab.answers.risk import RiskAnswer
from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.answers.valuing import realised, value_book
from churnlab.answers.words import day, interval, money, percent
from churnlab.history import propose_rule
from churnlab.lifetime import Estimate
from churnlab.value import Range


@dataclass(frozen=True, slots=True)
class PastWorth:
    """Values as they would have been given once, against what came.

    Attributes
    ----------
    cut_off : Timestamp
        The day on which they would have been given: the horizon before the study's.
    clients : int
        Clients that were valued.
    forecast : Estimate
        Value of all together, with its interval of parameters and chance.
    seen : float
        What they then brought, counted and discounted alike; money.
    held : Estimate
        Share of clients' intervals of parameters and chance that held what came.
    mean_held : Estimate
        The same of the intervals of parameters alone.
    parameters : float
        How wide those are of the clients' intervals, in the middle of clients; NaN where there are none.
    """

    cut_off: pd.Timestamp
    clients: int
    forecast: Estimate
    seen: float
    held: Estimate
    mean_held: Estimate
    parameters: float

    @property
    def sentences(self) -> tuple[str, ...]:
        """The comparison in words."""
        said = (
            f"Given so on {day(self.cut_off)}, {numbered(self.clients, 'client')} would have been worth "
            f"{interval(self.forecast, money)}; what they brought since, discounted alike, came to {money(self.seen)}"
        )
        if np.isnan(self.forecast.low):
            return (
                f"{said}.",
                "How far single clients may fall off it could not be told then: the records were short.",
            )
        inside = "inside" if self.forecast.low <= self.seen <= self.forecast.high else "outside"
        return (
            f"{said}, {inside} that interval.",
            f"The intervals of single clients held what came for {interval(self.held, percent)} of them; those of the "
            f"parameters alone, {percent(self.parameters)} as wide in the middle of clients, for "
            f"{interval(self.mean_held, percent)}.",
        )


def past_worth(study: Study, risk: RiskAnswer) -> PastWorth | None:
    """Give the values as of the horizon before, and see what came.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    risk : RiskAnswer
        Of the study: the form of the model that speaks today is fitted anew to what was known then.

    Returns
    -------
    PastWorth or None
        None where nobody could be valued then.
    """
    cut_off = study.as_of - pd.DateOffset(months=NEXT_MONTHS)
    orders = study.tables.orders
    known = orders[orders["order_date"] < cut_off]
    if not (known["kind"] == "sale").any():
        return None
    book = value_book(
        study.tables,
        cut_off,
        rule=propose_rule(known),
        spec=risk.hazard,
        horizon=NEXT_MONTHS,
        seed=study.seed,
    )
    if book is None:
        return None
    came = realised(study.tables, cut_off, book.frame["client_id"], horizon=NEXT_MONTHS, costs=book.costs)
    found, whole = book.worth.client, book.worth.book
    told = not np.isnan(whole.low)
    held, mean_held = (
        (low <= came) & (came <= high) for low, high in ((found.low, found.high), (found.mean_low, found.mean_high))
    )
    return PastWorth(
        cut_off=cut_off,
        clients=len(came),
        forecast=Estimate(float(whole.value), float(whole.low), float(whole.high)),
        seen=float(came.sum()),
        held=share(int(held.sum()), len(came) if told else 0),
        mean_held=share(int(mean_held.sum()), len(came)),
        parameters=_narrower(book.worth.client),
    )


def _narrower(found: Range) -> float:
    """Width of the parameters' intervals over that of all, in the middle of clients."""
    wide = found.high - found.low
    told = np.isfinite(wide) & (wide > 0)
    return float(np.median((found.mean_high - found.mean_low)[told] / wide[told])) if told.any() else np.nan
