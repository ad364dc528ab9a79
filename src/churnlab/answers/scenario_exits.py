"""Which departures would a policy avoid: those over price, or those over service?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.shares import wilson
from churnlab.answers.words import interval, listed, percent
from churnlab.lifetime import Estimate
from churnlab.scenarios import COUNTS, DO_NOTHING, Simulation

_LOST: Final = "lost: "


@dataclass(frozen=True, slots=True)
class Exits:
    """Departures that policies would avoid, by reason.

    Attributes
    ----------
    months : int
        Horizon.
    avoided : DataFrame
        ``policy``, ``reason``, ``mean``, ``low``, ``high``: departures fewer than by doing nothing, to every 100
        clients of today, with the central 95 % over draws. All departures count: newcomers' and second ones too.
    over_price : Estimate
        Share of departures over price among those over price or service by doing nothing: mean and central 95 %.
    noted : Estimate
        The same among departures whose reason was noted, with Wilson's interval; NaN where none was.
    notes : int
        How many these are.
    """

    months: int
    avoided: pd.DataFrame
    over_price: Estimate
    noted: Estimate
    notes: int

    @property
    def sentence(self) -> str:
        """What each policy avoids over price and over service."""
        told = []
        for policy in dict.fromkeys(self.avoided["policy"]):
            mine = self.avoided[self.avoided["policy"] == policy].set_index("reason")
            parts = [
                f"{interval(Estimate(*mine.loc[reason, ['mean', 'low', 'high']].astype(float)), _tenths)} over {reason}"
                for reason in ("price", "service")
            ]
            told.append(f"'{policy}' {listed(parts)}")
        return (
            f"To every 100 clients of today, departures avoided over {self.months} months, newcomers' and second ones "
            f"among them (below 0: more of them): {'; '.join(told)}."
        )

    @property
    def noted_sentence(self) -> str:
        """Whether noted reasons agree with what was assumed."""
        drawn = f"{percent(self.over_price.low)} to {percent(self.over_price.high)} in the central 95 % of draws"
        if not self.notes:
            return f"No reason of leaving is noted; of departures over price or service, {drawn} are over price."
        return (
            f"Of {self.notes} departures noted as over price or service, {interval(self.noted, percent)} were over "
            f"price; of those simulated under '{DO_NOTHING.name}' it is {drawn}."
        )


def exits(simulation: Simulation, reasons: "pd.Series[str]") -> Exits:
    """Count departures that policies would avoid, by reason.

    Parameters
    ----------
    simulation : Simulation
        Doing nothing and other policies.
    reasons : Series of str
        Group of the noted reason of each past departure, for example ``price`` or ``service``.

    Returns
    -------
    Exits
    """
    names = {name.removeprefix(_LOST): place for place, name in enumerate(COUNTS) if name.startswith(_LOST)}
    lost = {reason: simulation.counts[..., place].sum(axis=2) for reason, place in names.items()}
    nothing = simulation.place(DO_NOTHING.name)
    rows = [
        (policy, reason, *_central(100 / simulation.clients * (left[nothing] - left[place])))
        for place, policy in enumerate(simulation.policies)
        if place != nothing
        for reason, left in lost.items()
    ]
    price, service = lost["price"][nothing], lost["service"][nothing]
    noted = reasons[reasons.isin(["price", "service"])]
    over = float((noted == "price").mean()) if len(noted) else np.nan
    return Exits(
        months=simulation.months,
        avoided=pd.DataFrame(rows, columns=["policy", "reason", "mean", "low", "high"]),
        over_price=Estimate(*_central(price / np.maximum(price + service, 1))),
        noted=wilson(over, len(noted)),
        notes=len(noted),
    )


def _tenths(number: float) -> str:
    return f"{number:.1f}"


def _central(values: npt.NDArray[np.floating]) -> tuple[float, float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)
