"""Which unknown moves the difference of two policies most, and which is worth learning before one is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from churnlab.answers.words import interval, money
from churnlab.lifetime import Estimate
from churnlab.scenarios import EVIDENCE, GROUPS, AssumptionDraws, Book, Simulation, worth_of_knowing

Floats = npt.NDArray[np.float64]

MOST_SHOWN: Final = 8
_FITTED: Final = {
    "effect of a service point": "service_effect", "effect of a price point": "price_effect",
    "effect of tenure": "tenure_effect",
}  # fmt: skip
_NOT_USED: Final = ("base_log_hazard", "satisfaction_effect", "frailty_spread", "tenure_effect")
_STARTS: Final = ("start_quality", "start_timing", "start_attention")
_ENDS: Final = (0.1, 0.9)
_MOST_WORTH: Final = 5
_RESAMPLES: Final = 200
_SHUFFLES: Final = 40
_ROUNDING: Final = 1e-9
_LEAST_DRAWS: Final = 40


@dataclass(frozen=True, slots=True)
class Unknowns:
    """What single unknowns do to a difference of policies, and what knowing them would be worth.

    Attributes
    ----------
    policy, against : str
        What is set against what.
    chosen : str
        The policy that is worth most on the average over draws.
    draws : int
        Draws that the data allow.
    swings : DataFrame
        ``name``, ``grade``, ``from``, ``to``, ``at_from``, ``at_to``, ``swing``, ``low``, ``high``: mean difference,
        money, where an unknown stands at its 10 % and at its 90 % point, the second less the first, and an interval
        that holds for all unknowns together with 95 %; the widest first.
    worth : DataFrame
        ``name``, ``grade``, ``worth``, ``low``, ``high``: expected gain, money, from knowing an unknown before one of
        all policies is chosen, with its 95 % bootstrap interval; the largest first, with those of `pair`.
    pair : DataFrame
        The same where only the two policies may be chosen.
    floor, pair_floor : float
        What the largest of all these gains exceeds in one shuffle of twenty in which no unknown tells anything, money.
    everything : Estimate
        Expected gain from knowing all before one of all policies is chosen, chance included, money.
    """

    policy: str
    against: str
    chosen: str
    draws: int
    swings: pd.DataFrame
    worth: pd.DataFrame
    pair: pd.DataFrame
    floor: float
    pair_floor: float
    everything: Estimate

    @property
    def swing_sentence(self) -> str:
        """Which unknown moves the difference most of those that are told from chance, or that none is."""
        clear = self.swings[(self.swings["low"] > 0) | (self.swings["high"] < 0)]
        widest = (self.swings if clear.empty else clear).iloc[0]
        told = interval(Estimate(widest["swing"], widest["low"], widest["high"]), money)
        if clear.empty:
            return (
                f"No single unknown is told from chance in what it does to '{self.policy}' against '{self.against}'; "
                f"the widest swing is that of {widest['name']}: {told}."
            )
        return (
            f"What '{self.policy}' brings against '{self.against}' hangs most on {widest['name']} (grade "
            f"{widest['grade']}): from its 10 % to its 90 % point the difference moves by {told}."
        )

    @property
    def worth_sentence(self) -> str:
        """Which unknown is worth learning before one of all policies is chosen, or that none is told from chance."""
        first = self.worth.iloc[0]
        bound = f"Knowing everything, chance included, would be worth {interval(self.everything, money)}."
        if first["worth"] == 0:
            return (
                f"No single unknown is worth learning first: whatever one of them turned out to be, '{self.chosen}' "
                f"would still be chosen, as far as {self.draws} draws show. {bound}"
            )
        return f"{_first(first, self.floor, f'before one of all policies is chosen ({self.chosen!r} today)')} {bound}"

    @property
    def pair_sentence(self) -> str:
        """The same where only the two policies may be chosen."""
        first = self.pair.iloc[0]
        if first["worth"] == 0:
            return f"Between '{self.policy}' and '{self.against}' alone no single unknown would change the choice."
        return _first(first, self.pair_floor, f"where only '{self.policy}' and '{self.against}' may be chosen")


def unknowns(
    simulation: Simulation, known: Mapping[str, Floats], *, policy: str, against: str, seed: int
) -> Unknowns | None:
    """Tell what each unknown does to a difference of policies, by regression on the draws of one run.

    Parameters
    ----------
    simulation : Simulation
        Policies run on draws of all unknowns.
    known : mapping of str to ndarray of float, shape (draws,)
        Each unknown's value in each draw that was kept, for example from :func:`drawn_unknowns`.
    policy, against : str
        Names of the policies that are set against one another.
    seed : int
        Of resamples and shuffles.

    Returns
    -------
    Unknowns or None
        None where fewer than forty draws were kept.

    Notes
    -----
    The difference is regressed on each unknown and its square; the interval of the swing is White's (1980), with
    Bonferroni's quantile for all unknowns together. An engine run at both ends of every unknown would tell the same at
    other unknowns' usual values, of which many ends are impossible beside the data; here all others vary as they may.
    The worth of knowing is :func:`churnlab.scenarios.worth_of_knowing`, a regression too. It is never below 0 and
    so leans upward: what it reaches where draws of the values are shuffled says how far.
    """
    if simulation.rows < _LEAST_DRAWS:
        return None
    value = simulation.value
    two = value[[simulation.place(policy), simulation.place(against)]]
    gap = two[0] - two[1]
    generator = np.random.default_rng([seed, simulation.rows])
    names = [name for name, drawn in known.items() if np.ptp(drawn) > 0]
    rows = np.array([known[name] for name in names])
    z = float(norm.ppf(1 - 0.025 / len(names)))
    swings = pd.DataFrame([_swing(gap, drawn, z) for drawn in rows], columns=_SWING)
    swings.insert(0, "name", names)
    swings.insert(1, "grade", [_grade(name) for name in names])
    order = swings["swing"].abs().sort_values(ascending=False, kind="stable").index
    best = value.mean(axis=1).argmax()
    lost = value.max(axis=0) - value[best]
    half = 1.96 * lost.std(ddof=1) / np.sqrt(lost.size)
    return Unknowns(
        policy=policy,
        against=against,
        chosen=simulation.policies[int(best)],
        draws=simulation.rows,
        swings=swings.loc[order[:MOST_SHOWN]].reset_index(drop=True),
        worth=_worth(value, rows, names, generator),
        pair=_worth(two, rows, names, generator),
        floor=_floor(value, rows, generator),
        pair_floor=_floor(two, rows, generator),
        everything=Estimate(float(lost.mean()), float(max(lost.mean() - half, 0.0)), float(lost.mean() + half)),
    )


def drawn_unknowns(book: Book, assumptions: AssumptionDraws) -> dict[str, Floats]:
    """All that varies from draw to draw: assumptions, and the fitted effects of scores.

    Parameters
    ----------
    book : Book
        Clients under draws of the fitted hazard, as fitted: the effects before other ways out were taken from them.
    assumptions : AssumptionDraws
        One set a draw.

    Returns
    -------
    dict of str to ndarray of float, shape (draws,)
        By names as readers call them, without assumptions in whose place clients' own figures stand.
    """
    replaced = {*_NOT_USED, *(_STARTS if book.satisfaction is not None else ())}
    names = [name for name, row in EVIDENCE.items() if row.group in GROUPS and name not in replaced]
    assumed = {name.replace("_", " "): assumptions[name] for name in names}
    return assumed | {name: getattr(book, effect) for name, effect in _FITTED.items()}


_SWING: Final = ["from", "to", "at_from", "at_to", "swing", "low", "high"]


def _grade(name: str) -> str:
    known = EVIDENCE.get(name.replace(" ", "_"))
    return known.grade if known else "D"


def _swing(gap: Floats, drawn: Floats, z: float) -> tuple[float, ...]:
    """Ends of an unknown, the difference there, and the swing with its interval."""
    ends = np.quantile(drawn, _ENDS)
    middle, spread = drawn.mean(), drawn.std()
    design, at = (_curve((values - middle) / spread) for values in (drawn, ends))
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ gap
    rest = gap - design @ fitted
    covariance = inverse @ (design.T * rest**2) @ design @ inverse
    step = at[1] - at[0]
    swing, half = float(step @ fitted), z * float(np.sqrt(step @ covariance @ step))
    low, high = (at @ fitted).tolist()
    return float(ends[0]), float(ends[1]), low, high, swing, swing - half, swing + half


def _curve(scaled: Floats) -> Floats:
    return np.stack((np.ones_like(scaled), scaled, scaled**2), axis=1)


def _first(first: "pd.Series[Any]", floor: float, when: str) -> str:
    """Say which unknown is worth learning first, or that chance alone reaches as much."""
    told = interval(Estimate(first["worth"], first["low"], first["high"]), money)
    if first["worth"] <= floor:
        return (
            f"Which unknown is worth learning first {when} we cannot tell: the largest gain, from knowing "
            f"{first['name']}, is {told}, and chance alone reaches {money(floor)}."
        )
    return (
        f"Worth learning first {when} is {first['name']}: to know it would be worth {told} on the average over draws."
    )


def _worth(value: Floats, rows: Floats, names: list[str], generator: np.random.Generator) -> pd.DataFrame:
    """Worth of knowing each unknown, the largest with bootstrap intervals."""
    found = np.array([_known(value, row) for row in rows])
    places = generator.integers(0, value.shape[1], size=(_RESAMPLES, value.shape[1]))
    told = []
    for first in np.argsort(-found, kind="stable")[:_MOST_WORTH]:
        again = [_known(value[:, place], rows[first, place]) for place in places]
        low, high = np.quantile(again, [0.025, 0.975])
        told.append((names[first], _grade(names[first]), float(found[first]), float(low), float(high)))
    return pd.DataFrame(told, columns=["name", "grade", "worth", "low", "high"])


def _known(value: Floats, row: Floats) -> float:
    """Worth of knowing one unknown, without what rounding leaves."""
    found = worth_of_knowing(value, row[None])
    return found if found > _ROUNDING * np.abs(value).mean() else 0.0


def _floor(value: Floats, rows: Floats, generator: np.random.Generator) -> float:
    """95 % point of the largest worth where no unknown tells anything."""
    largest = []
    for _ in range(_SHUFFLES):
        shuffled = value[:, generator.permutation(value.shape[1])]
        largest.append(max(_known(shuffled, row) for row in rows))
    return float(np.quantile(largest, 0.95))
