"""What the difference of two policies goes through, whose variance it is, and which policy is regretted least."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from churnlab.answers.scenario_offers import Heard, with_offers
from churnlab.answers.words import interval, listed, money, percent
from churnlab.lifetime import Estimate
from churnlab.scenarios import (
    EVIDENCE,
    Book,
    ForcedLoss,
    Policy,
    VarianceSplit,
    calibrate,
    draw_assumptions,
    forced_loss,
    regrets,
    run,
    sobol_of,
    variance_split,
    waterfall,
    worlds,
)

_ROWS: Final = 128
_POINTS: Final = 64
_OWNED: Final = 0.8
_GRADES: Final = {"D": "data", "R": "literature", "C": "contested", "A": "assumed"}


@dataclass(frozen=True, slots=True)
class Drivers:
    """Parts and drivers of the difference of two policies.

    Attributes
    ----------
    policy, against : str
        What is set against what.
    steps : DataFrame
        ``channel``, ``mean``, ``low``, ``high``: parts of the difference, money; they sum to it.
    groups : DataFrame
        ``group``, ``first``, ``total``, ``low``, ``high``: Sobol' indices of groups of assumptions, the largest total
        first, with the 95 % interval of the total. Over all draws: indices want unknowns that are independent, and
        what the data allow makes them hang together.
    regrets : DataFrame
        ``policy``, ``world``, ``mean``, ``error``, ``most``: what is lost against the best policy, money; the standard
        error of the mean; the 90 % point.
    least : str
        The policy whose largest mean regret is smallest.
    split : VarianceSplit
        How much of the variance of the difference is parameters, and how much chance.
    loss : ForcedLoss
        What losing the largest client at once costs under today's policy.
    """

    policy: str
    against: str
    steps: pd.DataFrame
    groups: pd.DataFrame
    regrets: pd.DataFrame
    least: str
    split: VarianceSplit
    loss: ForcedLoss

    @property
    def split_sentence(self) -> str:
        """How much more data or more replications could help."""
        return (
            f"Of the variance of what '{self.policy}' brings against '{self.against}', "
            f"{interval(Estimate(self.split.share, self.split.low, self.split.high), percent)} is what we do not know; "
            "the rest is chance."
        )

    @property
    def step_sentence(self) -> str:
        """The channel through which the largest part of the difference goes."""
        most = self.steps.iloc[int(self.steps["mean"].abs().to_numpy().argmax())]
        told = interval(Estimate(most["mean"], most["low"], most["high"]), money)
        return (
            f"The largest part of what sets '{self.policy}' and '{self.against}' apart goes through {most['channel']}: "
            f"{told} for '{self.policy}', on the average over draws."
        )

    @property
    def group_sentence(self) -> str:
        """Groups that own most of the variance, and how many of their figures are assumed."""
        share = self.groups["total"] / self.groups["total"].sum()
        owners = list(self.groups["group"][: int((share.cumsum() < _OWNED).sum()) + 1])
        rows = [known for known in EVIDENCE.values() if known.group in owners]
        counted = {told: sum(known.grade == grade for known in rows) for grade, told in _GRADES.items()}
        graded = [f"{number} {'is' if number == 1 else 'are'} {told}" for told, number in counted.items() if number]
        return (
            f"Most of the spread of this difference, over all draws and not only those that the data allow, is owned "
            f"by assumptions on {listed(owners)}; of their {len(rows)} figures {listed(graded)}."
        )

    @property
    def regret_sentence(self) -> str:
        """The policy that is regretted least whatever comes."""
        mine = self.regrets[self.regrets["policy"] == self.least]
        worst = mine.iloc[int(mine["mean"].to_numpy().argmax())]
        half = 1.96 * worst["error"]
        told = interval(Estimate(worst["mean"], worst["mean"] - half, worst["mean"] + half), money)
        return (
            f"'{self.least}' is regretted least whatever comes: at worst, in '{worst['world']}', the best policy of a "
            f"draw is worth {told} more on the average over draws."
        )

    @property
    def loss_sentence(self) -> str:
        """What losing the largest client would cost, and whether it draws others along."""
        told = interval(Estimate(self.loss.drop, self.loss.low, self.loss.high), money)
        times = Estimate(self.loss.multiplier, self.loss.multiplier_low, self.loss.multiplier_high)
        return (
            f"Losing the largest client at once would cost {told} on the average over draws: "
            f"{interval(times)} times what it costs without lost purchase discounts and the prices that follow."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them."""
        return (
            self.split_sentence, self.step_sentence, self.group_sentence, self.regret_sentence, self.loss_sentence,
        )  # fmt: skip


def drivers(
    book: Book,
    policies: tuple[Policy, ...],
    pair: tuple[Policy, Policy],
    *,
    months: int,
    seed: int,
    offers: Heard | None = None,
) -> Drivers | None:
    """Find parts and drivers of the difference of two policies.

    Parameters
    ----------
    book : Book
        Today's clients under draws of the fitted hazard, 128 at least.
    policies : tuple of Policy
        Policies for the table of regrets.
    pair : tuple of Policy
        What is set against what.
    months, seed : int
        Horizon, and key of the random streams.
    offers : Heard, optional
        Offers that were heard of; Sobol' indices go over all that is assumed of offers all the same.

    Returns
    -------
    Drivers or None
        None where no draw is feasible.
    """
    part = book.take(slice(0, _ROWS))
    drawn = with_offers(draw_assumptions(part.rows, rng=seed), offers, seed=seed)
    solved = calibrate(part, drawn, months=months, seed=seed)
    if solved.feasible.sum() < 2:
        return None
    ready, known = solved.book.take(solved.feasible), solved.assumptions.take(np.flatnonzero(solved.feasible))
    once, again = (run(ready, pair, known, months=months, seed=each, prospects=0) for each in (seed, seed + 1))
    split = variance_split(once, again, pair[0].name, pair[1].name)
    halves = (book.take(slice(0, _POINTS)), book.take(slice(_POINTS, 2 * _POINTS)))
    found = sobol_of(halves, *pair, months=months, seed=seed)
    groups = pd.DataFrame(
        {
            "group": found.names, "first": found.first, "total": found.total, "low": found.total_low,
            "high": found.total_high,
        }
    )  # fmt: skip
    largest = int(book.monthly_sales.argmax())
    lost = regrets(solved, policies, worlds(largest), months=months, seed=seed)
    return Drivers(
        policy=pair[0].name,
        against=pair[1].name,
        steps=pd.DataFrame(waterfall(solved, *pair, months=months, seed=seed)),
        groups=groups.sort_values("total", ascending=False, ignore_index=True),
        regrets=pd.DataFrame(
            [
                (policy, world, lost.mean[row, column], lost.error[row, column], lost.most[row, column])
                for row, policy in enumerate(lost.policies)
                for column, world in enumerate(lost.worlds)
            ],
            columns=["policy", "world", "mean", "error", "most"],
        ),
        least=lost.least,
        split=split,
        loss=forced_loss(solved, policies[0], largest, months=months, seed=seed),
    )
