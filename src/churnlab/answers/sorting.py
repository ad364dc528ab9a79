"""Is a hazard that falls with tenure sorting: do clients differ in leaving by what no table tells?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.study import Study
from churnlab.answers.words import count, decimal, interval
from churnlab.lifetime import Estimate, gamma_frailty
from churnlab.lifetime.frailty import LEAST_EVENTS

BAND_ENDS = (12, 36)
"""The hazard has a level of its own up to each of these months of tenure, and one afterwards."""

MOST_CLIENTS = 3000
"""Of more clients so many are drawn."""

LEAST_IN_A_BAND = 5
"""Bands with fewer departures are joined with the one that follows."""

_LEAST_SPREAD = 1e-6
_FAR = 3.0  # sizes further off, in units of their spread, count as this far
_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Sorting:
    """Unseen differences between clients, as a factor on their hazard whose mean is 1.

    Attributes
    ----------
    variance : Estimate
        Of the factor; the upper end is infinite where the data set no bound, all NaN where nothing can be said.
    clients, departures : int
        Clients whose first life was looked at, and how many of these ended.
    drawn_from : int
        Clients of whom they were drawn; as many as `clients` where none were left out.
    band_ends : tuple of int
        Months of tenure at which the level of the hazard was free to change.
    by_size : bool
        Whether the size of the first order was held to be known.
    """

    variance: Estimate
    clients: int
    departures: int
    drawn_from: int
    band_ends: tuple[int, ...]
    by_size: bool

    @property
    def known(self) -> bool:
        """Whether enough departures were seen to ask."""
        return not np.isnan(self.variance.value)

    @property
    def seen(self) -> bool:
        """Whether no difference at all lies outside the interval."""
        return bool(self.variance.low > 0)

    @property
    def sentence(self) -> str:
        """What is known of the difference, and what that makes of a hazard that falls with tenure."""
        if not self.known:
            ended = f"of {count(self.clients)} first lives {count(self.departures)} were seen to end"
            few = self.departures < LEAST_EVENTS
            why = (
                f"{ended}, and it takes {LEAST_EVENTS} to ask" if few else f"{ended}, in no pattern that can be fitted"
            )
            return (
                f"Whether clients differ in leaving by what no table tells we cannot say: {why}. "
                "A hazard that falls with tenure may be sorting."
            )
        beyond = " beyond the size of their first order" if self.by_size else ""
        drawn = f", drawn from {count(self.drawn_from)}" if self.drawn_from > self.clients else ""
        size = (
            f"the factor on the hazard by which they differ{beyond} has a variance of {_spread(self.variance)} "
            f"({count(self.clients)} first lives{drawn}, {count(self.departures)} ended; at a "
            "variance of 0 all are alike, at 1 one in ten has more than twice the mean hazard)"
        )
        if not self.seen:
            return (
                f"Whether clients differ in leaving by what no table tells we cannot tell: {size}. So we cannot tell "
                "whether a hazard that falls with tenure is sorting."
            )
        return (
            f"Clients seem to differ in leaving by what no table tells: {size}. So a hazard that falls with tenure may "
            f"be sorting; one that falls for everybody between {_between(self.band_ends)} would look the same."
        )


def is_it_sorting(study: Study, observed: pd.DataFrame) -> Sorting:
    """Ask the first lives of all clients whether they differ in ways that nothing recorded tells.

    The one thing told of a client is the size of its first order, which is known as its life begins.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    observed : DataFrame
        Lives of all its clients, as of :func:`churnlab.history.lifetimes`.

    Returns
    -------
    Sorting
    """
    first = observed[observed["life"] == 1].sort_values("client_id").reset_index(drop=True)
    drawn = first
    if len(first) > MOST_CLIENTS:
        kept = np.random.default_rng(study.seed).choice(len(first), MOST_CLIENTS, replace=False)
        drawn = first.iloc[np.sort(kept)]
    ends, departures = _bands(drawn), int(drawn["event"].sum())
    by_size, variance = False, None
    if departures >= LEAST_EVENTS:
        size = _first_size(study, drawn)
        variance = _variance(drawn, size, ends)
        by_size = variance is not None and size.shape[1] > 0
        if variance is None:  # where one order towers above all others its size has no coefficient
            variance = _variance(drawn, size[:, :0], ends)
    return Sorting(variance or _UNKNOWN, len(drawn), departures, len(first), ends, by_size)


def _variance(lives: pd.DataFrame, size: npt.NDArray[np.float64], ends: tuple[int, ...]) -> Estimate | None:
    """Variance of the frailty; None where the fit has no maximum."""
    try:
        with np.errstate(over="ignore"):  # on the way to no maximum
            found = gamma_frailty(lives["entry"], lives["exit"], lives["event"], size, bands=ends)
    except ValueError:
        return None
    return Estimate(found.variance, found.low, found.high)


def _bands(lives: pd.DataFrame) -> tuple[int, ...]:
    """Ends of bands such that each, and what follows the last, has departures enough."""
    months, kept, begin = lives.loc[lives["event"], "exit"].to_numpy(), [], 0
    for end in BAND_ENDS:
        if ((begin < months) & (months <= end)).sum() >= LEAST_IN_A_BAND <= (months > end).sum():
            kept.append(end)
            begin = end
    return tuple(kept)


def _first_size(study: Study, lives: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Logarithm of each client's first sales, standardised; no column where all are alike."""
    orders = study.tables.orders
    sold = orders[orders["client_id"].isin(lives["client_id"]) & (orders["kind"] == "sale") & (orders["amount"] > 0)]
    days = sold.groupby(["client_id", "order_date"], sort=True)["amount"].sum()
    size = np.log(lives["client_id"].map(days.groupby("client_id").first()).to_numpy(dtype=np.float64))
    known = ~np.isnan(size)
    spread = float(np.std(size[known])) if known.any() else 0.0
    if spread < _LEAST_SPREAD:
        return np.zeros((len(lives), 0))
    return np.clip(np.where(known, (size - size[known].mean()) / spread, 0.0), -_FAR, _FAR)[:, None]


def _spread(variance: Estimate) -> str:
    if np.isinf(variance.high):
        return f"{decimal(variance.value)} (95 % interval from {decimal(variance.low)}, without an upper end)"
    return interval(variance)


def _between(ends: tuple[int, ...]) -> str:
    edges = [0, *ends]
    spans = [f"months {begin + 1} and {end}" for begin, end in zip(edges, ends, strict=False)]
    return ", ".join([*spans, f"month {edges[-1] + 1} and the last"])
