"""How much of what ratings explain falls to each factor: of one target, with what may be said of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from churnlab.answers.rated import Rated
from churnlab.answers.words import count, decimal, interval, listed, percent, shortened
from churnlab.lifetime import Estimate
from churnlab.surveys import Against, Drivers, Order, PerformanceMap, against, clustered_rank_correlation, drivers
from churnlab.surveys import order as place_in_order
from churnlab.surveys import performance_map as map_of
from churnlab.surveys.drivers import LEAST_CLIENTS, LEAST_CLIENTS_A_FACTOR

SERVICE = ("quality", "timing", "attention")
"""What is said to weigh more than price."""

PRICE = "price"

_DRAWS = (200, 1000)
_DRAWN_CLIENTS = 400_000
_SHARES = ["factor", "share", "low", "high", "check", "correlation", "correlation_low", "correlation_high", "mean"]
_NOT_SHOWN = "of no factor can it be shown that it goes with it at all"
_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What falls to each factor of what they explain of a target together.

    Attributes
    ----------
    target : str
        What is explained, in words.
    clients, answers : int
        Clients and answers that are used.
    left : int
        Clients with a target of 0, where that is 0 or 1; else 0.
    problem : str
        Why shares cannot be given; empty where they can.
    shown : bool
        Whether any factor can be shown to go with the target at all; nothing is said of an order otherwise.
    explained : Estimate
        R squared of all factors, 0 to 1.
    shares : DataFrame
        ``factor``, ``share``, ``low``, ``high`` (LMG), ``check`` (by relative weights), ``correlation``,
        ``correlation_low``, ``correlation_high`` (Spearman's with the target, within wave and mode), ``mean`` (answer,
        0 to 10); the largest share first. Empty where there is a problem.
    placed : Order or None
        Which factor weighs more than which.
    claim : Against or None
        Mean share of quality, timing and attention, as far as they are rated, less that of price; None where none of
        them is, or price is not.
    map : PerformanceMap or None
        Importance against performance.
    """

    target: str
    clients: int
    answers: int
    left: int
    problem: str
    shown: bool
    explained: Estimate
    shares: pd.DataFrame
    placed: Order | None
    claim: Against | None
    map: PerformanceMap | None

    @property
    def first(self) -> tuple[str, ...]:
        """Factors of which one weighs most; all that are rated, where no order can be told."""
        if self.placed is None or not self.shown:
            return tuple(self.shares["factor"])
        return tuple(name for name in self.shares["factor"] if name in self.placed.first)

    @property
    def sentence(self) -> str:
        """Which factor weighs most, if that can be told."""
        if self.problem or self.placed is None:
            return f"Which factor goes with {self.target} we cannot say: {self.problem}."
        if not self.shown:
            return f"Which factor weighs most in {self.target} we cannot tell: {_NOT_SHOWN} ({self._counts})."
        first = self.first
        if len(first) == 1:
            said = f"In {self.target} {self._figures(first)} weighs most of what the factors explain together"
        else:
            said = f"Which factor weighs most in {self.target} we cannot tell: it may be {self._figures(first, 'or')}"
        return f"{said}{self._lesser(first)} ({self._counts})."

    @property
    def explained_sentence(self) -> str:
        """How much the factors explain at all, and by whom it is checked."""
        if self.problem:
            return self.sentence
        gap = float((self.shares["share"] - self.shares["check"]).abs().max())
        inside = self.shares["check"].between(self.shares["low"], self.shares["high"]).all()
        check = "agree" if inside else "do not agree"
        return (
            f"The factors together go with {interval(self.explained, percent)} of the differences in {self.target}. "
            f"Relative weights, another way to share this out, {check}: the largest gap is {percent(gap)} of it."
        )

    @property
    def against_sentence(self) -> str:
        """Factors that go the other way: shares have no sign."""
        if self.problem or not self.shown:
            return ""
        other = self.shares.loc[self.shares["correlation_high"] < 0, "factor"]
        if other.empty:
            return ""
        names = listed([shortened(name) for name in other])
        return f"Shares have no sign: a better rating of {names} goes with less {self.target}, not more."

    @property
    def verdict(self) -> str:
        """Whether service weighs more than price: yes, no, cannot tell, or cannot say where it was not asked."""
        if self.problem or self.claim is None or np.isnan(self.claim.low):
            return "cannot say"
        return self.claim.verdict if self.shown else "cannot tell"

    @property
    def claim_sentence(self) -> str:
        """Whether quality, timing and attention weigh more than price."""
        if self.verdict == "cannot say" or self.claim is None or self.placed is None:
            why = self.problem or ("no interval is to be had" if self.claim else "they are not rated beside price")
            return (
                f"For {self.target} we cannot say whether quality, timing and attention weigh more than price: {why}."
            )
        if not self.shown:
            return (
                f"For {self.target} we cannot tell{self._part}: {_NOT_SHOWN} ({count(self.clients)} clients). "
                f"{self._shown_by}"
            )
        found, named = Estimate(self.claim.value, self.claim.low, self.claim.high), self.claim.named
        share = "mean share" if len(named) > 1 else "share"
        side = f"the {share} of {listed(list(named))} less that of price is {interval(found)}"
        return {
            "yes": f"Yes for {self.target}{self._part}: {side}. {self._single()}",
            "no": f"No for {self.target}{self._part}: {side}. {self._single()}",
            "cannot tell": f"For {self.target} we cannot tell{self._part}: {side}. {self._single()} "
            f"{self._needed(found)}",
        }[self.verdict]

    @property
    def _part(self) -> str:
        """Which of quality, timing and attention are rated, where not all of them are."""
        if self.claim is None or len(self.claim.named) == len(SERVICE):
            return ""
        verb = "is" if len(self.claim.named) == 1 else "are"
        return (
            f", as far as that can be asked (of {listed(SERVICE)} only {listed(list(self.claim.named))} {verb} rated)"
        )

    @property
    def map_sentence(self) -> str:
        """Which factors the map of importance against performance can tell apart."""
        if self.map is None or not self.shown:
            return f"There is no map of importance against performance: {self.problem or _NOT_SHOWN}."
        names, apart = self.map.names, self.map.apart
        pairs = [
            f"{shortened(names[row])} from {shortened(names[column])}" for row, column in np.argwhere(np.triu(apart))
        ]
        every = len(names) * (len(names) - 1) // 2
        if not pairs:
            return "The map is not separable: no two factors can be told apart by importance and performance together."
        if len(pairs) == every:
            return "By importance and performance together every factor can be told from every other."
        rest = f"the other {count(every - len(pairs))} of {count(every)} pairs are not separable"
        return f"By importance and performance together the map tells {listed(pairs)}; {rest}."

    @property
    def map_alt(self) -> str:
        """The map in words, with its numbers."""
        if self.map is None or not self.shown:
            return self.map_sentence
        rows = self.shares.to_dict("records")
        said = [f"{shortened(row['factor'])} {percent(row['share'])} and {decimal(row['mean'])}" for row in rows]
        return f"{self.map_sentence} Importance and mean answer: {'; '.join(said)}."

    def _figures(self, names: tuple[str, ...], last: str = "and") -> str:
        """Factors with their shares."""
        rows = self.shares[self.shares["factor"].isin(names)].to_dict("records")
        said = [
            f"{shortened(row['factor'])} {interval(Estimate(row['share'], row['low'], row['high']), percent)}"
            for row in rows
        ]
        return f" {last} ".join(filter(None, (", ".join(said[:-1]), said[-1])))

    def _lesser(self, first: tuple[str, ...]) -> str:
        """Factors that weigh less, and than which."""
        if self.placed is None:
            return ""
        said = []
        for name in self.shares["factor"]:
            if name not in first:
                over = self.placed.above[:, self.placed.names.index(name)]
                above = [shortened(one) for one in self.shares["factor"] if over[self.placed.names.index(one)]]
                said.append(f"{self._figures((name,))} weighs less than {listed(above)}")
        return f"; {'; '.join(said)}" if said else ""

    def _single(self) -> str:
        """Which of the named factors and price can be told apart one by one."""
        if self.claim is None or self.placed is None:
            return ""
        names, above, price = self.placed.names, self.placed.above, self.placed.names.index(PRICE)
        more = [name for name in self.claim.named if above[names.index(name), price]]
        less = [name for name in self.claim.named if above[price, names.index(name)]]
        said = [f"{listed(more).capitalize()} {_verb(more)} more than price{_one_by_one(more)}."] if more else []
        said += [f"Price weighs more than {listed(less)}{_one_by_one(less)}."] if less else []
        return " ".join(said) or "Of no one of them alone can it be told on which side of price it stands."

    def _needed(self, found: Estimate) -> str:
        """How many clients would settle a difference as large as the one seen."""
        needed = _needed(self.clients, found)
        if not needed:
            return "A difference so close to none would not be settled by a hundred times as many clients."
        return (
            f"If the true difference is what is seen here, it takes some {count(needed)} clients in place of "
            f"{count(self.clients)} to tell; nobody knows that it is."
        )

    @property
    def _counts(self) -> str:
        """Answers and clients."""
        left = f", {count(self.left)} of whom left within a year of one" if self.left else ""
        return f"{count(self.answers)} answers of {count(self.clients)} clients{left}"

    @property
    def _shown_by(self) -> str:
        """How many clients would show the closest of the correlations."""
        row = self.shares.iloc[int(self.shares["correlation"].abs().argmax())]
        seen = Estimate(row["correlation"], row["correlation_low"], row["correlation_high"])
        said = f"The closest, {shortened(row['factor'])}, has a rank correlation of {interval(seen)} with it"
        strict = float(norm.ppf(1 - 0.025 / len(self.shares)) / norm.ppf(0.975))
        needed = _needed(self.clients, seen, stricter=strict)
        return f"{said}; if that were true, it would take some {count(needed)} clients." if needed else f"{said}."


def _verb(names: list[str]) -> str:
    return "weighs" if len(names) == 1 else "weigh"


def _one_by_one(names: list[str]) -> str:
    return ", one by one" if len(names) > 1 else ""


def _needed(clients: int, found: Estimate, *, stricter: float = 1.0) -> float:
    """Clients with whom an interval about the same figure would leave out zero; 0 if over a hundred times as many."""
    half = stricter * (found.high - found.low) / 2
    if not abs(found.value) > half / 10:
        return 0.0
    needed = clients * (half / abs(found.value)) ** 2
    unit = 10.0 ** max(1, int(np.log10(needed)) - 1)
    return float(np.ceil(max(needed, clients) / unit) * unit)


def weigh(rated: Rated, target: npt.NDArray[np.float64], *, words: str, seed: int, both_sides: bool = False) -> Weighed:
    """Share out what the factors explain of a target, on the ordinal scale, with intervals over clients.

    Parameters
    ----------
    rated : Rated
        Answers.
    target : ndarray of float, shape (n,)
        What is explained; NaN where it is not known.
    words : str
        What to call it.
    seed : int
        Seed of the draws.
    both_sides : bool
        Whether the target is 0 or 1, and needs as many clients with either as there have to be at all.

    Returns
    -------
    Weighed
    """
    known = ~np.isnan(target)
    client = rated.client[known]
    left = int(pd.unique(client[target[known] == 0]).size) if both_sides else 0
    counts = (int(pd.unique(client).size), int(known.sum()), left)
    problem = _problem(rated, target[known], client, both_sides=both_sides)
    if problem:
        return _unweighed(words, counts, problem)
    names, scores = list(rated.factors), rated.freed[list(rated.factors)].to_numpy()[known]
    draws = int(np.clip(_DRAWN_CLIENTS // counts[0], *_DRAWS))
    found = drivers(scores, target[known], client, names=names, draws=draws, rng=seed)
    if np.isnan(found.share).any():
        return _unweighed(words, counts, "nothing is explained")
    shares, shown = _shares(found, scores, target[known], client, rated.place[known])
    return Weighed(
        target=words,
        clients=counts[0],
        answers=counts[1],
        left=counts[2],
        problem="",
        shown=shown,
        explained=Estimate(found.r2, found.r2_low, found.r2_high),
        shares=shares,
        placed=place_in_order(found),
        claim=_claim(found),
        map=map_of(found),
    )


def _unweighed(words: str, counts: tuple[int, int, int], problem: str) -> Weighed:
    """What is given where there are no shares."""
    nothing = pd.DataFrame({name: [] for name in _SHARES})
    return Weighed(
        words, *counts, problem, shown=False, explained=_UNKNOWN, shares=nothing, placed=None, claim=None, map=None
    )


def _problem(rated: Rated, target: npt.NDArray[np.float64], client: npt.NDArray[np.int64], *, both_sides: bool) -> str:
    """Why no share can be given; empty where it can."""
    if len(rated.factors) < 2:
        return "fewer than two factors are rated beside recommendation"
    least = max(LEAST_CLIENTS, LEAST_CLIENTS_A_FACTOR * len(rated.factors))
    clients = pd.unique(client).size
    if clients < least:
        return f"too few clients, {count(clients)} where {count(least)} are needed"
    if both_sides:
        left = pd.unique(client[target == 0]).size
        fewest = min(left, pd.unique(client[target == 1]).size)
        if fewest < least:
            who = "left" if left == fewest else "stayed"
            return f"too few clients {who} within a year of an answer, {count(fewest)} where {count(least)} are needed"
    if np.ptp(target) == 0 or (np.ptp(rated.freed[list(rated.factors)].to_numpy(), axis=0) == 0).any():
        return "all answers are the same"
    return ""


def _shares(
    found: Drivers,
    scores: npt.NDArray[np.float64],
    target: npt.NDArray[np.float64],
    client: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
) -> tuple[pd.DataFrame, bool]:
    """Shares with their correlations, and whether any correlation is there, all looked at together."""
    rows, shown = [], False
    for at, name in enumerate(found.names):
        beside = clustered_rank_correlation(scores[:, at], target, client, stratum=place)
        strict = clustered_rank_correlation(
            scores[:, at], target, client, stratum=place, level=1 - 0.05 / len(found.names)
        )
        shown |= strict.low > 0 or strict.high < 0
        share = (float(each[at]) for each in (found.share, found.low, found.high, found.weight))
        rows.append((name, *share, beside.value, beside.low, beside.high, float(found.performance[at])))
    frame = pd.DataFrame(rows, columns=_SHARES)
    return frame.sort_values(["share", "factor"], ascending=[False, True], ignore_index=True), bool(shown)


def _claim(found: Drivers) -> Against | None:
    """Quality, timing and attention, as far as they are rated, against price."""
    named = [name for name in SERVICE if name in found.names]
    return against(found, named, PRICE) if named and PRICE in found.names else None
