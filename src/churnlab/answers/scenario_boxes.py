"""Under which conditions does a policy lose? A shallow tree on half of the draws, measured on the other half."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import hypergeom
from sklearn.tree import DecisionTreeClassifier

from churnlab.answers.shares import wilson
from churnlab.answers.words import decimal, interval, listed, percent
from churnlab.lifetime import Estimate
from churnlab.scenarios import EVIDENCE

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MARKET: Final = tuple(name.replace("_", " ") for name, row in EVIDENCE.items() if row.group in {"price", "cascade"})
"""What competitors and the market decide rather than the supplier."""

_COLUMNS: Final = ["conditions", "draws", "of_all", "losing", "low", "high", "coverage", "stands_out"]
_DEPTH: Final = 3
_LEAST_LEAF: Final = 12
_GAIN: Final = 0.02
_SIZE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Boxes:
    """Conditions under which one policy is worth less than another.

    Attributes
    ----------
    among : str
        What the conditions are of.
    policy, against : str
        Which policy loses, and against which.
    grown, measured : int
        Draws on which the conditions were found, 0 where they are too few, and on which all figures were measured.
    share : float
        Share of measured draws in which the policy loses.
    boxes : DataFrame
        ``conditions``, ``draws``, ``of_all``, ``losing``, ``low``, ``high``, ``coverage``, ``stands_out``: conditions
        in words; measured draws in the box and their share of all; share of them in which the policy loses, with its
        95 % interval; share of all losses that lie in the box; whether so many would lie there by chance in less than
        one case of twenty, over all boxes together. The densest first.
    """

    among: str
    policy: str
    against: str
    grown: int
    measured: int
    share: float
    boxes: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The box that stands out, or that none does."""
        base = f"it does in {interval(wilson(self.share, self.measured), percent)} of {self.measured} draws"
        if not self.grown:
            return (
                f"Of {self.among} no box was sought in which '{self.policy}' loses against '{self.against}': {base}, "
                "and too few are lost or won to halve them."
            )
        found = self.boxes[self.boxes["stands_out"].astype(bool)]
        if found.empty:
            return (
                f"Of {self.among} no box stands out in which '{self.policy}' loses against '{self.against}': {base}, "
                f"and what was found on {self.grown} others did not hold on them."
            )
        first = found.iloc[0]
        told = interval(Estimate(first["losing"], first["low"], first["high"]), percent)
        return (
            f"Of {self.among}, '{self.policy}' loses against '{self.against}' most at {first['conditions']}: in "
            f"{told} of the {first['draws']} draws there, which hold {percent(first['coverage'])} of all such losses; "
            f"in all, {base}."
        )


def find_boxes(lost: Bools, known: Mapping[str, Floats], *, among: str, policy: str, against: str, seed: int) -> Boxes:
    """Find boxes of conditions under which a policy loses.

    Parameters
    ----------
    lost : ndarray of bool, shape (draws,)
        Whether the policy is worth less than the other in a draw.
    known : mapping of str to ndarray of float, shape (draws,)
        Conditions in each draw, by names as readers call them.
    among : str
        What the conditions are of, for sentences.
    policy, against : str
        Which policy loses, and against which.
    seed : int
        Of the halves.

    Returns
    -------
    Boxes
        Of no box where a half has fewer than four of the smallest ones, or less than one of draws that are lost or won.

    Notes
    -----
    Scenario discovery (Bryant and Lempert 2010, Technol. Forecast. Soc. Change 77, 34-49) with a tree in place of PRIM.
    No figure is measured on draws that found the box. By chance the losses in a box follow the hypergeometric law;
    Bonferroni's bound covers the boxes.
    """
    order = np.random.default_rng([seed, lost.size]).permutation(lost.size)
    half, other = np.sort(order[: lost.size // 2]), np.sort(order[lost.size // 2 :])
    few = min(lost[half].sum(), (~lost[half]).sum()) < _LEAST_LEAF
    if half.size < 4 * _LEAST_LEAF or few:
        return Boxes(among, policy, against, 0, lost.size, float(lost.mean()), pd.DataFrame(columns=_COLUMNS))
    names = list(known)
    values = np.stack([known[name] for name in names], axis=1)
    tree = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=_LEAST_LEAF, ccp_alpha=_GAIN, random_state=0)
    tree.fit(values[half], lost[half])
    leaves = tree.apply(values[other])
    conditions = _conditions(tree, names)
    losses = int(lost[other].sum())
    rows = []
    for leaf, told in conditions.items():
        inside = lost[other][leaves == leaf]
        if not inside.size:
            continue
        losing = wilson(float(inside.mean()), inside.size)
        chance = float(hypergeom.sf(inside.sum() - 1, other.size, losses, inside.size)) * len(conditions)
        rows.append(
            (
                told, inside.size, inside.size / other.size, losing.value, losing.low, losing.high,
                inside.sum() / max(losses, 1), bool(told) and chance < _SIZE,
            )
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame = frame.sort_values("losing", ascending=False, kind="stable", ignore_index=True)
    return Boxes(among, policy, against, half.size, other.size, float(lost[other].mean()), frame)


def _conditions(tree: DecisionTreeClassifier, names: list[str]) -> dict[int, str]:
    """Conditions of every leaf in words, by its number."""
    grown = tree.tree_
    found: dict[int, str] = {}
    waiting: list[tuple[int, dict[str, tuple[float, float]]]] = [(0, {})]
    while waiting:
        node, ranges = waiting.pop()
        if grown.children_left[node] < 0:
            found[node] = listed([_range(name, *ends) for name, ends in ranges.items()])
            continue
        name, cut = names[grown.feature[node]], float(grown.threshold[node])
        low, high = ranges.get(name, (-np.inf, np.inf))
        waiting.append((int(grown.children_left[node]), ranges | {name: (low, min(high, cut))}))
        waiting.append((int(grown.children_right[node]), ranges | {name: (max(low, cut), high)}))
    return found


def _range(name: str, low: float, high: float) -> str:
    if np.isinf(low):
        return f"{name} up to {_figure(high)}"
    if np.isinf(high):
        return f"{name} above {_figure(low)}"
    return f"{name} from {_figure(low)} to {_figure(high)}"


def _figure(number: float) -> str:
    return decimal(number) if abs(number) >= 0.1 else f"{number:.2g}"
